"""Phrases about lines and levels: signs, breaks, touches, crossings, opening ranges, colors of bars, nearness."""

import re

from core.language.phrases.conditions import CROSSING, PRICE, RELATION, SKIP, Builder, find_side
from core.language.phrases.sayings import OTHERWISE
from core.language.phrases.terms import COUNT, IT, OVER, TERM, UNDER, UNITS, read_count, read_term
from core.language.spoken.places import find_opening_minutes
from core.language.spoken.vocabulary import SWINGS


def _sign(match: re.Match[str]) -> str:
    """`ROC turns positive`: a crossing of zero where something turns, else its sign."""
    moves = re.search(r"turn|goes|becomes|flips|cross", match.group(2), re.IGNORECASE)
    side = "below" if match.group(3).lower() == "negative" else "above"
    if match.group(1).lower() == "it":
        return f"{IT}{'crosses_' if moves else ''}{side}|0"
    term = read_term(match.group(1), match.string)
    if not term or re.fullmatch(r"-?[\d.]+", term) or term == "close":
        return ""
    return f"crosses_{side}({term}, 0)" if moves else f"{term} {'<' if side == 'below' else '>'} 0"


def _near(match: re.Match[str]) -> str:
    level = read_term(match.group(1), match.string)
    if not level or re.fullmatch(r"-?[\d.]+", level) or level in ("close", "volume"):
        return ""
    return f"near(close, {level})"


def _new_extreme(match: re.Match[str]) -> str:
    return f"close {'>' if match.group(1).lower() == 'high' else '<'} all_time_{match.group(1).lower()}[1]"


def _break(match: re.Match[str]) -> str:
    """`A break of last week's high`, `breaks out above the upper band`, `reclaims the 50-day average`."""
    word, level = match.group(1).lower(), read_term(match.group(2), match.string)
    if not level or re.fullmatch(r"-?[\d.]+|open|high|low|close|volume", level):
        return ""
    down = re.search(rf"{UNDER}|breakdown|break down|loses|lost", word) or (
        level.endswith(".low") and not re.search(rf"{OVER}|reclaim|regain", word)
    )
    if re.fullmatch(r"(?:highest|lowest)\(\w+, \d+\)|all_time_(?:high|low)", level):
        return f"close {'<' if level.startswith('lowest') or level == 'all_time_low' or down else '>'} {level}[1]"
    return f"crosses_{'below' if down else 'above'}(close, {level})"


def _is_broken(match: re.Match[str]) -> str:
    """`The upper band is broken`."""
    level = read_term(match.group(1), match.string)
    if not level or re.fullmatch(r"-?[\d.]+|open|high|low|close|volume", level):
        return ""
    down = re.search("low", level) is not None
    if re.match(r"(?:highest|lowest)\(|all_time_", level):  # of the bars before: no close is beyond that of its own bar
        return f"close {'<' if down else '>'} {level}[1]"
    return f"crosses_{'below' if down else 'above'}(close, {level})"


FALLS = ("down", "lower", "falls", "drops", "declines")


def _days_running(match: re.Match[str]) -> str:
    return f"{'falling' if match.group(1).lower() in FALLS else 'rising'}(close, {read_count(match.group(2))})"


def _average_volume(match: re.Match[str]) -> str:
    return f"volume {find_side(match.group(1))} sma(volume, 20)"


def _touch(match: re.Match[str]) -> str:
    level = read_term(match.group(1), match.string)
    return f"low <= {level} <= high" if level.startswith(("sma", "ema", "wma", "hma", "vwap", "ichimoku")) else ""


def _bounce(match: re.Match[str]) -> str:
    level = read_term(match.group(1), match.string)
    return f"low <= {level} and close > {level}" if level and not re.fullmatch(r"-?[\d.]+|close|volume", level) else ""


def _find_minutes(text: str) -> int:
    """Minutes of the opening range that a text speaks of; half an hour where it does not say."""
    return find_opening_minutes(text)


RANGE_SIDE = (
    r"(?:the )?(?:opening )?range(?:'s)? (?:high|low)|(?:the )?(?:high|low|top|bottom) of (?:(?:the"
    r" |that )?(?:opening )?range|the first (?:half )?(?:hour|\d+ minutes))"
)


def _opening_range(match: re.Match[str]) -> str:
    """`15-minute ORB`: the break upwards, unless what follows says which side is traded."""
    if re.search(rf"(?:{OVER}|{UNDER}|break\w*)(?: of| out of)? (?:{RANGE_SIDE})", match.string[match.end() :], re.IGNORECASE):
        return SKIP
    return f"crosses_above(close, opening_range({_find_minutes(match.string)}).high)"


def _range_side(match: re.Match[str]) -> str:
    side = "low" if re.search(r"low|bottom", match.group(1), re.IGNORECASE) else "high"
    return f"crosses_{'above' if side == 'high' else 'below'}(close, opening_range({_find_minutes(match.string)}).{side})"


def _find_kind(length: int, text: str) -> str:
    """The kind of average that a length was given before: `the 5 EMA ... the 5`."""
    told = re.search(
        rf"\b{length}[- ]?(?:day|period|bar)?s?[- ]?(exponential|weighted|hull|ema|wma|hma)\b", text, re.IGNORECASE
    ) or re.search(rf"\b(ema|wma|hma)s?:? \(?(?:\d+ ?(?:/|,|and|-) ?)*{length}\b", text, re.IGNORECASE)
    return {"exponential": "ema", "weighted": "wma", "hull": "hma"}.get(told[1].lower(), told[1].lower()) if told else "sma"


def _bare_averages(match: re.Match[str]) -> str:
    """`The 50-day crosses above the 200-day`: averages without the word."""
    first, second = int(match.group(1)), int(match.group(3))
    one, two = (_find_kind(length, match.string) for length in (first, second))
    if not 2 <= first <= 400 or not 2 <= second <= 400 or first == second:
        return ""
    if re.search(r"cross|break|through", match.group(2), re.IGNORECASE):
        down = re.search(rf"{UNDER}|down", match.group(2), re.IGNORECASE)
        return f"crosses_{'below' if down else 'above'}({one}({first}), {two}({second}))"
    return f"{one}({first}) {find_side(match.group(2))} {two}({second})"


def _pair(match: re.Match[str]) -> str:
    """`A 9/21 EMA crossover`."""
    kind = (match.group(3) or match.group(5) or "sma").lower()
    name = "sma" if kind.startswith(("ma", "moving", "sma", "simple")) else "ema" if kind.startswith(("ema", "exp")) else kind
    first, second = (match.group(1), match.group(2)) if match.group(1) else (match.group(7), match.group(8))
    down = re.search(r"bearish|down|death|below|under", match.group(), re.IGNORECASE)
    return f"crosses_{'below' if down else 'above'}({name}({first}), {name}({second}))"


def _cloud(match: re.Match[str]) -> str:
    top, bottom = ("max(ichimoku.senkou_a, ichimoku.senkou_b)", "min(ichimoku.senkou_a, ichimoku.senkou_b)")
    down = re.search(UNDER, match.group(1), re.IGNORECASE)
    level = bottom if down else top
    if re.search(r"cross|break", match.group(1), re.IGNORECASE):
        return f"crosses_{'below' if down else 'above'}(close, {level})"
    return f"close {'<' if down else '>'} {level}"


COLORS = {"green": "close > open", "red": "close < open", "bullish": "close > open", "bearish": "close < open"}
COLORS |= {
    "up": "close > close[1]",
    "down": "close < close[1]",
    "higher": "close > close[1]",
    "lower": "close < close[1]",
    "losing": "close < close[1]",
    "winning": "close > close[1]",
}


def _after_streak(match: re.Match[str]) -> str:
    """`The first green candle after four red ones`: the bars before this one, and this one."""
    now, before, count = COLORS[match.group(1).lower()], COLORS[match.group(3).lower()], read_count(match.group(2))
    return f"{now} and count({before}, {count})[1] == {count}"


def _macd_cross(match: re.Match[str]) -> str:
    down = re.search(r"bearish|down|negative", match.group(), re.IGNORECASE)
    return f"crosses_{'below' if down else 'above'}(macd(12, 26, 9).macd, macd(12, 26, 9).signal)"


def _signs(match: re.Match[str]) -> str:
    """`20 EMA > 50 EMA`: values by their names, with a sign between; the language itself is read elsewhere."""
    if "(" in match.group() or match.string[: match.start()].endswith((".", ")")):
        return ""
    left, right = read_term(match.group(1), match.string), read_term(match.group(3), match.string)
    if left == "volume" or re.match(r"(?:highest|lowest)\(|all_time_", right):
        return ""  # an average of its own, an extreme of the bars before: clauses say so
    sign = {"≥": ">=", "≤": "<="}.get(match.group(2), match.group(2))
    return f"{left} {sign} {right}" if left and right and left != right and not re.fullmatch(r"-?[\d.]+", left) else ""


def _own_best(match: re.Match[str]) -> str:
    """`The close is the highest in 100 days`: of the value itself, this bar included."""
    term = read_term(match.group(1), match.string)
    bars = min(500, read_count(match.group(3)) * UNITS.get(match.group(4).lower().rstrip("s"), 1))
    if not term or re.fullmatch(r"-?[\d.]+", term):
        return ""
    high = match.group(2).lower() == "highest"
    return f"{term} {'>=' if high else '<='} {'highest' if high else 'lowest'}({term}, {bars})"


def _volume_beyond(match: re.Match[str]) -> str:
    away = float(match.group(1)) / 100 * (1 if re.match(OVER, match.group(2), re.IGNORECASE) else -1)
    return f"volume {'>=' if away > 0 else '<='} {1 + away:g} * sma(volume, 20)"


def _leaves_zone(match: re.Match[str]) -> str:
    """`The stochastic leaves oversold`."""
    term = read_term(match.group(1), match.string)
    name = re.split(r"[(.]", term)[0]
    if name not in SWINGS:
        return ""
    low, high = SWINGS[name]
    return f"crosses_above({term}, {low})" if match.group(2).lower() == "oversold" else f"crosses_below({term}, {high})"


def _color_of_close(match: re.Match[str]) -> str:
    return COLORS[match.group(1).lower()]


def _yesterday(match: re.Match[str]) -> str:
    name = re.sub(r"\s+", "_", match.group(1).lower().replace(" day", " bar"))
    return f"count({name}, 1)[1] == 1"


def _from_below(match: re.Match[str]) -> str:
    term, level = read_term(match.group(1), match.string), read_term(match.group(3), match.string)
    up = match.group(2).lower() in ("below", "under")
    return f"crosses_{'above' if up else 'below'}({term}, {level})" if term and level and term != level else ""


def _in_percent(match: re.Match[str]) -> str:
    """`The 6-month return is above 10%`: of a value that is in percent itself."""
    term = read_term(match.group(1), match.string)
    if not term.startswith(("roc(", "natr(", "gap")):
        return ""
    return f"{term} {find_side(match.group(2))} {match.group(3)}"


def _heikin(match: re.Match[str]) -> str:
    up = match.group(2).lower() in ("green", "bullish", "up", "blue", "white")
    if re.search(r"turn|flip|goes|change", match.group(1), re.IGNORECASE):
        return f"crosses_{'above' if up else 'below'}(heikin_ashi.close, heikin_ashi.open)"
    return f"heikin_ashi.close {'>' if up else '<'} heikin_ashi.open"


PATTERNS: tuple[tuple[str, Builder], ...] = (
    (
        r"(?:(?:makes?|making|hits?|sets?|reaches|at|on|breaks?(?: out)?(?: to)?|closes? at|of)(?: an?| the)? )?(?:an? )?new"
        r" all[- ]time[- ](high|low)s?",
        _new_extreme,
    ),
    (
        rf"({TERM})(?: |(?='s))((?:is|'s|are|stays?|remains?|turns?|turned|goes|becomes|flips|crosses)"
        rf"(?: back)?(?: in)?(?: to)?) (positive|negative)",
        _sign,
    ),
    (
        rf"(?:a |the )?(?:first )?(green|red|bullish|bearish|up|down|higher|lower) (?:candle|bar|day|close) (?:after|following) {COUNT}"
        r" (?:consecutive |straight )?(green|red|bullish|bearish|up|down|higher|lower)(?: (?:candles"
        r"|bars|days|closes|ones))?(?: in a row)?",
        _after_streak,
    ),
    (r"(?:an? )?(?:\d+[- ]?min(?:ute)?s? )?(?:orb|opening range)(?: break[- ]?outs?| strategy| trade)?", _opening_range),
    (
        rf"(?:(?:{OVER}|{UNDER}|breaks?(?: out)?(?: of| {OVER}| {UNDER}| through)?|a break of|takes out|through) )({RANGE_SIDE})",
        _range_side,
    ),
    (
        rf"(?:{PRICE} )?(?:on )?(?:an? )?((?:re)?breaks? ?(?:outs?|downs?)?(?: (?:of|{OVER}|{UNDER}|through"
        rf"|past|from))?|breaking (?:{OVER}|{UNDER}|through)"
        rf"|breakouts? (?:of|{OVER}|through|past)|breakdowns? (?:of|{UNDER})|reclaims?|regains?|loses) ({TERM})",
        _break,
    ),
    (rf"({TERM}) (?:is|has been|gets|was) (?:broken|taken out|breached|penetrated)", _is_broken),
    (
        rf"(?:{PRICE} |it )?(?:is |has been |closes |closed |goes )?(up|down|higher|lower|rallies|rallied|rises|climbs|falls|drops"
        rf"|declines) (?:for )?(?:at least )?{COUNT}"
        rf" (?:straight |consecutive )?(?:days|bars|sessions|closes)(?: in a row| running| straight)?",
        _days_running,
    ),
    (r"(?:on |with )?((?:above|below)[- ](?:the )?average|higher than average|lower than average) volume", _average_volume),
    (
        rf"(?:the )?(\d+)[- ]?(?:day|dma|period|bar)? ({CROSSING}|crosses|crossing) (?:the |its )?(\d+)[- ]?(?:day|dma|period|bar)?"
        r"(?! ?-?(?:high|low|average|moving|s?ma\b|ema|mean|range|rsi|%|percent|\d))(?=[.,;:]|$| and| or| on| with|\)|,)",
        _bare_averages,
    ),
    (
        r"(?:an? |the )?(?:bullish |bearish )?(\d+) ?/ ?(\d+)(?:[- ](?:day|bar|period))? (sma|ema|wma"
        r"|hma|mas?|moving averages?|simple|exponential)?"
        r"( moving average)? ?(?:cross(?:es|over|ing)?(?: up| down)?|golden cross|death cross)"
        r"|(?:an? |the )?(?:bullish |bearish )?(?:(?:cross(?:over)?|crossing) of (?:the )?)?(()sma|ema"
        r"|wma|hma|ma) (?:cross(?:over)? )?(\d+) ?/ ?(\d+)"
        r"(?: cross(?:over)?(?: up| down)?)?",
        _pair,
    ),
    (rf"(?:{PRICE} |on )?(?:an? )?(?:close )?({RELATION}|crosses|breaks (?:{OVER}|{UNDER})) (?:the )?(?:ichimoku )?(?:cloud|kumo)", _cloud),
    (r"(?:an? |the )?(?:bullish|bearish) macd cross(?:over|ing)?|macd (?:bullish|bearish) cross(?:over|ing)?", _macd_cross),
    (r"macd cross(?:over|es|ing)?(?: up| down)?(?=[.,;:]|$| and| with| while)", _macd_cross),
    (rf"(?:a |the )?(?:{PRICE} )?(?:touch(?:es)?|tags?|test(?:s)?)(?: of)? ({TERM})", _touch),
    (rf"(?:{PRICE} )?(?:a )?(?:bounces?|rebounds?|bouncing)(?: up)? (?:off|from)(?: of)? ({TERM})", _bounce),
    (rf"({TERM}) ?(>=|<=|>|<|≥|≤) ?({TERM})", _signs),
    (
        rf"({TERM}) (?:is |at |was |closes at |makes |is at )?(?:the |its |a )?(highest|lowest)(?: close"
        rf"| level| value| reading| point)? (?:in|of|for|over)"
        rf" (?:the )?(?:last |past )?{COUNT} (days|bars|weeks|months|years|sessions)",
        _own_best,
    ),
    (
        rf"volume (?:is |at )?(?:at least )?(\d+(?:\.\d+)?) ?(?:%|percent) ({OVER}|{UNDER}) (?:the )?(?:normal|average|usual)",
        _volume_beyond,
    ),
    (
        rf"({TERM}) (?:leaves?|comes? out of|exits?|gets? out of|emerges? from|climbs? out of) (?:the"
        rf" )?(oversold|overbought)(?: (?:zone|territory|area))?",
        _leaves_zone,
    ),
    (r"(?:and )?(?:it )?closes? (?:in the )?(green|red)", _color_of_close),
    (
        r"(?:an? )?(doji|hammer|shooting star|inside (?:bar|day)|outside (?:bar|day)|bullish engulfing|bearish engulfing) yesterday",
        _yesterday,
    ),
    (
        rf"({TERM}) (?:crosses|cross|moves|rises|comes|climbs|pops|falls|drops)(?: back)?(?: up| down)?"
        rf" from (below|under|above|over) ({TERM})",
        _from_below,
    ),
    (rf"({TERM})\)? ({RELATION}|>|<) (-?\d+(?:\.\d+)?) ?(?:%|percent)", _in_percent),
    (
        r"(?:the )?heikin[- ]?ashi(?: candles?| bars?)? (turns?|flips?|goes|is|are|changes to|stays?)"
        r"(?: to)? (green|red|bullish|bearish|up|down|white|blue)",
        _heikin,
    ),
    (
        r"(?:(?:stay |go |be |or |else |in |move )*(?:in |to )?(?:cash|flat|out(?: of the market)?),?"
        r" (?:otherwise|if not|else))|otherwise(?:,)? (?:i |we )?(?:stay |go |be |hold |move |sit |am |are |remain )?(?:in |to )?(?:cash"
        r"|flat|out)|(?:if not|else),? (?:go |stay |stand |remain )?(?:in |to )?(?:cash|flat|out|aside)",
        lambda match: OTHERWISE,
    ),
    (
        r"(?:and )?otherwise (?:(?:it|the money|the fund|we|i) (?:is|sits?|am|are|goes|go) )?(?:in(?:to)? )(?:cash|bonds"
        r"|t-?bills|treasur(?:y bills|ies|y bonds)|(?:a |the )?money market"
        r"(?: fund)?|short[- ]term bonds)",
        lambda match: OTHERWISE,
    ),
    (
        r"(?:(?:either|one|any|any one) of (?:the|these|those|my)(?: two| three| four)?|(?:the|these|those|both)) (?:entry )?"
        r"(?:conditions?|criteria)"
        r" (?:(?:is|are) no longer (?:met|true|fulfilled|satisfied|valid|given)|no longer holds?|fails?|(?:is|are) broken)",
        lambda match: OTHERWISE,
    ),
    (rf"(?:price |the price |it |close |candle )?(?:is |closes |trades |comes )?(?:near|close to|around|right at) ({TERM})", _near),
)
"""Phrases that state a condition, in order."""
