"""Phrases of forums and books that state a condition: streaks, shares of days, gaps, parts of a position, words that say nothing here."""

import re

from core.language.phrases.conditions import SKIP, Builder, find_side
from core.language.phrases.levels import COLORS
from core.language.phrases.sayings import BACK, PART
from core.language.phrases.shorthand import SAID
from core.language.phrases.terms import CLOSES, COUNT, IT, OVER, TERM, UNDER, UNITS, read_count, read_term

STREAK = re.compile(r"\b(?:days?|bars) in a row|\b(?:consecutive|straight) (?:down|lower)", re.IGNORECASE)
"""Words for an entry that each further day of its kind repeats."""
ALL_RULES = (
    r"(?:when|if|once)(?: both| all)?(?: of)? (?:rules?|conditions?|criteria) [a-d1-4](?:,? (?:and )?(?:(?:rule|condition) )?[a-d1-4])*"
    r",? and (?:(?:rule|condition) )?[a-d1-4](?: are| is)?(?: both| all)? (?:true|met|fulfilled|holds?|satisfied)"
)
"""`When rule A and rule B are true`: rules that were told before under a name, all of them together."""


def _between(match: re.Match[str]) -> str:
    term = read_term(match.group(1), match.string)
    low, high = sorted((float(match.group(3)), float(match.group(4))))
    if not term or re.fullmatch(r"-?[\d.]+|close", term):
        return ""
    return f"{'outside' if match.group(2) else 'between'}({term}, {low:g}, {high:g})"


def _on_the_day(match: re.Match[str]) -> str:
    """`Up more than 1% on the day`: against the close of the day before."""
    up = match.group(1).lower() in ("up", "gains", "gained", "rises", "higher")
    return f"100 * (close / yesterday.close - 1) {'>' if up else '<'} {'' if up else '-'}{match.group(2)}"


def _closes(match: re.Match[str]) -> str:
    """`Three consecutive closes above the 20 EMA`."""
    count, side = read_count(match.group(1)), find_side(match.group(2))
    if match.group(3).lower() in ("it", "that"):
        return f"{CLOSES}{side}|{count}"
    level = read_term(match.group(3), match.string)
    beyond = f"{level}[1]" if re.match(r"(?:highest|lowest)\(|all_time_", level) else level
    return f"count(close {side} {beyond}, {count}) == {count}" if level and level != "close" else ""


def _color_of_day(match: re.Match[str]) -> str:
    return COLORS[match.group(1).lower()]


def _cross_of(match: re.Match[str]) -> str:
    """`A cross of the 10-day above the 40-day average`."""
    right = read_term(match.group(3), match.string)
    bare = re.fullmatch(r"(\d+)[- ]day", match.group(1))
    left = f"{right.split('(')[0]}({bare[1]})" if bare and "(" in right else read_term(match.group(1), match.string)
    side = "below" if re.fullmatch(UNDER, match.group(2), re.IGNORECASE) else "above"
    return f"crosses_{side}({left}, {right})" if left and right and left != right else ""


HISTOGRAM = "macd(12, 26, 9).histogram"


def _divergence(match: re.Match[str]) -> str:
    """`Bullish divergence on the MFI`; without a name it is of the one oscillator that its sentence speaks of."""
    sentence = (
        re.split(r"[.;!?](?:\s|$)", match.string[: match.start()])[-1] + re.split(r"[.;!?](?:\s|$)", match.string[match.start() :])[0]
    )
    spoken = {name.lower() for name in re.findall(r"\b(?:rsi|macd|cci|mfi|obv)\b", sentence, re.IGNORECASE)}
    told = match["of"] or (spoken.pop() if len(spoken) == 1 else "")
    of = {"rsi": "rsi(14)", "macd": "macd(12, 26, 9).macd", "histogram": HISTOGRAM, "cci": "cci(20)", "mfi": "mfi(14)", "obv": "obv"}.get(
        told.lower().removeprefix("macd "), ""
    )
    of = re.sub(r"\(\d+\)", f"({match['length']})", of) if match["length"] else of
    return f"{match['side'].lower()}_divergence{f'({of})' if of else ''}"


def _share_of_days(match: re.Match[str]) -> str:
    """`At least four down days out of the last five`."""
    return f"count({COLORS[match['way'].lower()]}, {read_count(match['all'])}) >= {read_count(match.group(1))}"


def _named_break_out(match: re.Match[str]) -> str:
    return f"close > highest(high, {min(500, int(match['count']) * UNITS.get(match['unit'].lower(), 1))})[1]"


SHARES = {"half": "50", "a third": "33", "one third": "33", "a quarter": "25", "one quarter": "25", "two thirds": "67"}
PATTERNS: tuple[tuple[str, Builder], ...] = (
    (
        r"(?:when|once|if|as soon as|until) (?:it|that|they) (?:reach(?:es)?|hits?|gets? to|is (?:back )?at|are (?:back )?at|returns? to)"
        r" (-?\d+(?:\.\d+)?)(?! ?(?:%|percent|r\b|x\b|times|atr|points|pips|days?|bars?)|[\d.:]*\d)",
        lambda match: f"reach({match[1]}",
    ),
    (
        r"(?:when|once|if|as soon as|until) (?:it|that|they)"
        r" (?:normalizes?|recovers?|returns?|(?:comes?|gets?|goes|moves?|is) back) (?P<way>above|over|below|under)"
        r" (?P<number>zero|-?\d+(?:\.\d+)?)(?! ?(?:%|percent)|[\d.:]*\d)",
        lambda match: f"{IT}{'above' if re.match('above|over', match['way'], re.I) else 'below'}|{match['number'].replace('zero', '0')}",
    ),
    (ALL_RULES, lambda match: SKIP),
    (
        r"(?:(?:on|with|at|for) )?(?:each|every) (?:new|additional|further|subsequent|fresh) (?:entry )?(?:signal|(?P<day>down day"
        r"|lower close)),?"
        r" (?:i |we )?(?:adds?|buys?)(?: another| one| more| unit| position)*|(?:adding|add)(?: another| one| more| a| unit| position)*"
        r" (?:on|with|at) (?:each|every) (?:new|additional|further|subsequent|fresh) signal",
        lambda match: SKIP if not match["day"] or STREAK.search(match.string) else "",
    ),
    (SAID, lambda match: SKIP),
    (r"(?<![\w])(?:rule|condition|criterion) [a-d1-4](?=:)", lambda match: SKIP),
    (
        r"(?P<side>bullish|bearish) divergence(?: (?:between|of|in|on)(?: (?:the )?(?:price|close) (?:and|with"
        r"|vs\.?))? ?(?:the )?(?P<of>rsi|(?:macd )?histogram|macd|cci|mfi|obv)(?: ?\((?P<length>\d+)\))?(?: and (?:the )?price)?)?"
        r"(?: (?:confirmed|seen|appears|appeared|shows))?",
        _divergence,
    ),
    (
        rf"(?:at least )?{COUNT} (?P<way>up|down|green|red|higher|lower|losing|winning) (?:days|bars|closes|candles) (?:out"
        rf" )?(?:of|in) the (?:last|past|previous) {COUNT.replace('(', '(?P<all>', 1)}"
        r"(?: (?:days|bars|sessions))?",
        _share_of_days,
    ),
    (r"(?:an? |the )?(?:new )?(?P<count>\d+)[- ](?P<unit>day|bar|week|month)s?[- ]break ?outs?", _named_break_out),
    (
        r"(?:if |when |after )?(?:i am |i'm |we are |i was |we were |having been |being )?stopped out(?= (?:while|and|when|but)|,)",
        lambda match: "last_profit < 0",
    ),
    (r"(?:and )?the (?:day|bar|candle) (?:was|is|closed|ended) (up|down|green|red)(?! (?:by|more|at least|over|less|\d))", _color_of_day),
    (
        rf"(?:on )?(?:an? |the )?cross(?:over|ing)? of (?:the )?({TERM}|\d+[- ]day) ({OVER}|{UNDER}) (?:the )?({TERM})",
        _cross_of,
    ),
    (r"(?:on )?the (?:opposite|reverse) cross(?:over|ing)?", lambda match: BACK),
    (r"(?:dips|breakouts?|pull-?backs|not (?:overbought|oversold))(?= ?[(:])", lambda match: SKIP),
    (r"(?<=on )(?:the )?daily(?: chart| bars?| timeframe)?(?=[:,.]| buy| sell| enter| i )", lambda match: SKIP),
    (
        r"^(?:on|using|with|trading) (?:the |a )?(?:\d+[- ]?(?:min(?:ute)?s?|hours?|h|m)|hourly|daily) (?:bars?|charts?"
        r"|candles?|time ?frame)",
        lambda match: SKIP,
    ),
    (
        r"(?<=exit )at (-?\d+(?:\.\d+)?)(?=[.,;]|$| or| and)|(?<=up )at (-?\d+(?:\.\d+)?)(?=[.,;]|$| or| and)|(?<=out )at"
        r" (-?\d+(?:\.\d+)?)(?=[.,;]|$| or| and)"
        r"|(?<=sell )at (-?\d+(?:\.\d+)?)(?=[.,;]|$| or| and)|(?<=cover )at (-?\d+(?:\.\d+)?)(?=[.,;]|$| or| and)",
        lambda match: f"reach({next(one for one in match.groups() if one)}",
    ),
    (r"(?:otherwise|else),? (?:use )?(?:the )?full (?:size|position)|full (?:size|position) otherwise", lambda match: SKIP),
    (
        r"(?:sell|take|close|cover|exit|scale out)(?: of)?(?: off)? (half|a third|one third|a quarter"
        r"|one quarter|two thirds)(?: of (?:it|the position|my position))?"
        r"(?: off)?(?= (?:when|if|once|as soon as|on a|on the))",
        lambda match: f"{PART}{SHARES[match.group(1).lower()]}",
    ),
    (
        r"sell in may(?:,? (?:and )?(?:then )?go away)?(?=[:;,.]? (?:hold|own|buy(?! (?:it |them )?back)|be|stay|remain|go))",
        lambda match: SKIP,
    ),
    (r"(?:(?:with|use|using) )?no (?:hard |fixed )?(?:stops?(?:[- ]loss)?|targets?|profit targets?)", lambda match: SKIP),
    (
        r"(?:in )?(?:an? |the )?(?:clear |strong |confirmed )?(?:up|down)[- ]?trend (?=\()|(?:the )?"
        r"(?:daily |weekly )?trend is (?:up|down) (?=\()",
        lambda match: SKIP,
    ),
    (
        rf"({TERM}) (?:is |stays |lies |remains )?(?:(not |out ?side (?:of )?)?(?:in )?between) (-?\d+(?:\.\d+)?)"
        r" and (-?\d+(?:\.\d+)?)",
        _between,
    ),
    (
        r"(up|down|gains|gained|rises|higher|lower|loses) (?:by )?(?:more than |over |at least )?(\d+(?:\.\d+)?) ?(?:%|percent)"
        r"(?: or more)? (?:on the day|so far today|today|for the day|since yesterday'?s close|from yesterday'?s close)",
        _on_the_day,
    ),
    (
        rf"(?:on |after )?(?:at least )?{COUNT} (?:consecutive |straight )?(?:daily )?closes (?:in a row )?({OVER}|{UNDER})"
        rf" ({TERM}|it|that)(?: in a row)?",
        _closes,
    ),
    (
        r"(?:after )?(?:an? )?gap (up|down) of (?:more than |over |at least )?(\d+(?:\.\d+)?) ?(?:%|percent)(?: or more)?",
        lambda match: f"gap > {match.group(2)}" if match.group(1).lower() == "up" else f"gap < -{match.group(2)}",
    ),
)
"""Phrases that state a condition, in order."""
