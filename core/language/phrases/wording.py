"""Other ways to write the same words: abbreviations, slips, passives and names that a text defines, put into the words of the phrases."""

import re

from core.language.phrases.clocks import ZONE
from core.language.phrases.habits import ALL_RULES
from core.language.phrases.left_out import LEFT_OUT
from core.language.phrases.plain_orders import PLAIN_ORDERS
from core.language.phrases.plain_values import PLAIN_VALUES
from core.language.phrases.posts import POSTS
from core.language.phrases.published import PUBLISHED
from core.language.phrases.quantities import QUANTITIES
from core.language.phrases.rewriting import PlainWording, Writer
from core.language.phrases.scripts import NAMED, SCRIPTS, is_script
from core.language.phrases.second_language import SECOND_LANGUAGE
from core.language.phrases.shorthand import SAID, SHORTHAND
from core.language.phrases.signals import SIGNALS
from core.language.spoken.vocabulary import INTRADAY
from core.language.syntax.expression import find_meaning
from core.language.syntax.zones import find_zone

UNKNOWN = "~"
"""Stands for a name whose value was not understood: nothing is read there."""
_WHEN = r"(?= (?:on|when|if|once|as soon as|after|at)\b)"
_ALL = r"(?:all(?: of (?:it|them))?|everything|the (?:whole |entire |full |remaining )?(?:position|thing|lot)|the trade|it)"
_LAST = r"(?:the |my )?(?:(?:last|final|remaining|other) (?:third|half|quarter|part|piece|one)|rest|remainder)(?: of (?:the|my) position)?"
_SPAN = r"(?P<length>\d+)[- ](?P<unit>day|bar|week|month|period|candle)"
_VERB = "go|make|reach|cross|close|break|fall|rise|drop|touch|hit|come|turn|get|open|move|stay|climb|dip|trade"
_THING = r"gold|silver|copper|oil|crude|bitcoin|ethereum|ether|the (?:coin|metal|pair|fund|future|contract|currency)"
"""Names of what is traded: the price, where something is said of it."""


def _name_weeks(match: re.Match[str]) -> str:
    """`30wma` where weeks are spoken of: the average of so many weeks, or a weighted one."""
    return UNKNOWN if re.search(r"\bweek|\bwk\b|weinstein|\bstage [1-4]\b", match.string, re.IGNORECASE) else match.group()


WORDINGS: tuple[tuple[str, str | Writer], ...] = (
    *PLAIN_VALUES,
    *PLAIN_ORDERS,
    *QUANTITIES,
    *SECOND_LANGUAGE,
    *LEFT_OUT,
    *PUBLISHED,
    *SIGNALS,
    *POSTS,
    *SHORTHAND,
    (r"\bpx\b|\bstocks(?= (?:>|above|over) )", "price"),
    (r"\bw/(?=[ \w])", "with "),
    (r"\bstops? (?:(?:is|are) (?:set|placed|put|located)|starts|begins|sits) (?:out )?(?=at \d|at (?:two|three|one) )", "stop "),
    (r"(?:^|(?<=[.;,] ))(?:be |go |always )?flat (?=\d{1,2}:\d\d)", "flat by "),
    (
        rf"(?<=[a-z)]) of (?:{_THING}|(?-i:TLT|GLD|SPY|QQQ|SPX|NDX|AAPL|TSLA|MSFT|NVDA|BTC|ETH|EURUSD|GBPUSD|USDJPY))(?= (?:is|are"
        rf"|was|falls?|rises?|drops?|gets?|goes|closes?|crosses|climbs?|dips?|moves?|has|comes|turns)\b)",
        "",
    ),
    (
        rf"\b(?:{_THING})(?= (?:is|was|closes?|closed|trades?|falls?|rises?|drops?|crosses|breaks|stays?|holds|makes|has|moves?"
        rf"|pulls|goes|gets)\b)",
        "price",
    ),
    (r"\b(?:the |my |any |all )?loss(?:es)? (?:is|are) (?:limited|capped|cut|restricted) (?:to|at) (?=\d)", "stop loss "),
    (
        r"\b(?:(?:i |we )?(?:don['’]?t|do not|never) (?:hold|stay in|keep)(?: (?:it|anything|positions?|trades?))? (?:past|beyond"
        r"|after)|(?:i'm |we're )?done (?:at|by)"
        r"|whatever is (?:still )?open at) (?P<clock>noon|midday|\d{1,2}:\d\d)(?: (?:gets|is) (?:closed|sold))?(?: (?:each|every) day)?",
        r"flat by \g<clock>",
    ),
    (r"\bhist\b", "histogram"),
    (r"\bavg\b\.?", "average"),
    (r"\b(?P<wide>\d+(?:\.\d+)?)[- ]?atr chandelier\b(?! ?\()", r"chandelier(22, \g<wide>)"),
    (r"\bel(?:se )?if\b", "; if"),
    (r"\bbbands\b", "Bollinger bands"),
    (r"\b(?P<sum>\d+)k (?:notional|usd|dollars|euros?)\b", r"$\g<sum>000"),
    (r"\b(?P<name>rsi|macd|adx|cci|mfi|close)(?P<cells> ?\([\d, ]+\))? weekly\b", r"weekly \g<name>\g<cells>"),
    (r"\binvest double\b", "double the amount"),
    (r"\bno selling\b", "never sell"),
    (r"(?:^|(?<=[:.;,] ))(?P<sum>[$€£]\d+) (?=(?:every|each|on the) )", r"invest \g<sum> "),
    (r"\b(?:bb|bollinger(?: bands?)?) (?P<band>upper|lower|middle|mid)(?: band)?\b", r"\g<band> Bollinger band"),
    (r"\b12-1[- ]months? (?:momentum|return)\b", "12-month momentum skipping the last month"),
    (r"(?<= )in an? (?:\w+ ){1,3}(?:etf|index fund)\b", SAID),
    (r"\bexit both\b[^.;]*", UNKNOWN),
    (r"(?<![\w.])\d+wma\b", _name_weeks),
    (r"(?<![\w.])\d+dema\b", UNKNOWN),  # the exponential average of so many days, or the double one
    (r"\brisk(?: per trade)?(?: is|:| =)+ (?=\d)", "risk "),
    (r"\bcut (?:it|them|(?:my |the )?loss(?:es)?|the trade) at -(?=\d)", "stop loss "),
    (
        r"\b(?:on|with) (?P<least>(?:at least|more than|over) )?(?=(?:\d+ ?%|\d+(?:\.\d+)?x|twice|double) (?:of )?(?:its |the )?"
        r"(?:\d+[- ]day )?av(?:era)?ge?\b)",
        r"with volume \g<least>",
    ),
    (r"\b(?P<share>\d+ ?%) size\b", r"position size \g<share>"),
    (r"\bexit (?:the )?next day at (?:the )?open\b", "exit at the next open"),
    (r"\beach (?:position|trade) risks (?=\d)", "risk "),
    (
        r"\b(?:once|when|if) i(?:'m| am) up (?P<gain>\d+(?:\.\d+)? ?(?:%|r\b)),? i (?P<verb>sell|take|close) (?P<share>half|a third"
        r"|a quarter)\b",
        r"\g<verb> \g<share> at \g<gain> profit",
    ),
    (r"\b(?:when |if )?(?:any|either|one) of (?:these|the following|them)(?= ?:)", SAID),
    (r"\b(?P<frame>weekly|monthly) macd: (?=histogram)", r"\g<frame> macd "),
    (r"\bi (?:only |will )*look for shorts(?: only)?(?=:)", "go short"),
    (r"\bi (?:only |will )*look for longs(?: only)?(?=:)", "go long"),
    (r"\b(?P<share>half|a third|a quarter) the position\b", r"\g<share> of the position"),
    (
        r"\b(?P<count>two|three|four|[2-5]) (?:candles|bars|days) (?:in a row )?close (?=(?:under|below|above"
        r"|over)\b)",
        r"\g<count> consecutive closes ",
    ),
    (r"\bnone on (?=\w+days?\b)", "no trades on "),
    (r"\bbuy (?:at )?(?:tomorrow|(?:the )?next day)'s open\b", "buy at the next open"),
    (r"\byesterday's (?:candle|bar) (?=was|is|must)", "yesterday "),
    (r"(?<=: )(?:only (?:take )?(?:longs?|buys)|(?:longs|buys)(?: only)?)(?=[.;,]|$)", "go long"),
    (r"(?<=: )(?:only (?:take )?(?:shorts?|sells)|(?:shorts|sells)(?: only)?)(?=[.;,]|$)", "go short"),
    (r"\bx(?:es)?[- ]?(?:up|over|above)\b", "crosses above"),
    (r"\bx(?:es)?[- ]?(?:dn|down|under|below)\b", "crosses below"),
    (r"(?:^|(?<=[.;,] ))L(?=:)", "long"),
    (r"(?:^|(?<=[.;,] ))S(?=:)", "short"),
    (r"\b(?P<band>upper|lower|middle|mid) bbs?\b", r"\g<band> Bollinger band"),
    (r"\b(?P<count>\d+) ?d[- ](?=(?:high|low)\b)", r"\g<count>-day "),
    (r"\b(?P<count>\d+) ?wk?[- ](?=(?:high|low)\b)", r"\g<count>-week "),
    (r"\bbeneath\b", "below"),
    (r"\b(?P<out>sell|exit) and reverse\b", r"\g<out> and go short"),
    (r"\bstop lost\b", "stop loss"),
    (rf"\baverage volume (?:of |over |for |in )?(?:the )?(?:last |past )?{_SPAN}s?\b", r"\g<length>-\g<unit> average volume"),
    (rf"(?<![\w.]){_SPAN}s (?=(?:high|low|moving|simple|exponential|average|[sewh]?ma|rsi|return)s?\b)", r"\g<length>-\g<unit> "),
    (
        rf"(?<!\ba )(?<!\bon )(?P<who>\b(?:price|close|rsi|macd|it|candle|histogram|profit|stock|market|[+-]di|adx) )(?P<verb>{_VERB})"
        r"(?= (?:above|below|over|under|back|up|down|through|new|out|across|to|an?|the|\d|[+-]))",
        r"\g<who>\g<verb>s",
    ),
    (r"\b(?P<verb>go|cross|reach|touch)s\b", r"\g<verb>es"),
    (r"(?P<days>\b(?:green|red) (?:days|bars|candles)) (?:up|down)\b", r"\g<days>"),
    (rf"\b{_ALL} (?:is|are|gets?) (?:then )?(?:sold|closed|exited|liquidated)(?: out)?{_WHEN}", "exit"),
    (rf"\b(?P<verb>exit|sell|close|cover) (?:all(?: of it)?|everything|it all){_WHEN}", r"\g<verb>"),
    (
        rf"\b{_LAST}(?: (?:is|gets) (?:sold|closed)| exits?| leaves| goes(?: out)?| i (?:close|sell|exit))?(?= (?:when|if|once"
        rf"|as soon as|on an?|on)\b)",
        "the rest",
    ),
    (r"\bwe are (?P<verb>buy|sell)ing\b", r"\g<verb>"),
    (r"\b(?P<name>tp|sl|stop|stop[- ]loss|target|take profit) = (?=\S)", r"\g<name> at "),
    (r"\bi(?:'m| am) (?P<lost>\d+(?:\.\d+)? ?(?:%|percent)) (?:under ?water|in the red|down)\b", r"at a \g<lost> loss"),
    (r"(?<=[ ,;:])i(?:'m| am)(?: going)? (?P<side>long|short)(?=[,.;]| with\b)", r"go \g<side>"),
)
"""Words as they are written, and those for them, one after the other."""
_CALLED = r"(?:\((?:[^()]|\([^()]*\))*\)|[^.;,:()=<>]|\.(?=\w))+"
DEFINED = re.compile(
    rf"(?:^|(?<=[.;:,] ))(?:let |define |where |with )?(?P<lead>[a-z]{{2,15}} )?(?P<name>[a-z]\w{{0,15}}) ?:?= ?(?P<what>{_CALLED})",
    re.IGNORECASE,
)
"""A name that the text gives to a value: `z = (close - sma20) / std20`."""
RULE = re.compile(r"(?:tp|sl|stop|target|size|risk|entry|exit|long|short|buy|sell|filter|setup|timeframe|tf|n|atr)$", re.IGNORECASE)
FIRST = re.compile(r"\b(?:first|opening) (?:candle|bar)\b(?! (?:that|to|which|after|above|below)\b)(?:[^.;]|\.(?=\d))*$", re.IGNORECASE)
OF_FIRST = r"\bits (?P<line>high|low|range|open|close)\b"
FIRST_OF_DAY = re.compile(r"\bfirst (?P<span>\d+[- ]min)(?:ute)?s? (?:candle|bar)\b", re.IGNORECASE)
"""A bar that is told by its length: its high is that of the first minutes, whatever the bars of the run are."""


def write_plainly(text: str) -> PlainWording:
    """Write a text in the words of the phrases.

    >>> write_plainly("All of it is sold when px x-dn the 20 days average").text
    'exit when price crosses below the 20-day average'
    >>> write_plainly("z = close - sma(20). Buy when z < -2").text
    '¤. Buy when (close - sma(20)) < -2'
    """
    wording = PlainWording(text)
    for code, words in SCRIPTS if is_script(text) else ():
        wording = wording.write(code, _expand(words))
    wording = wording.write(BASIS_POINTS, _write_percent).write(AT_THE_OPEN, _put_on_signal)
    wording = _write_out_ranges(_write_out_names(_write_out_letters(_sell_short(wording)), script=is_script(text)))
    for pattern, told in WORDINGS:
        wording = wording.write(pattern, _expand(told))
    if candle := FIRST_OF_DAY.search(wording.text):
        wording = wording.write(OF_FIRST, _put_first(candle.end(), f"the {{}} of the first {candle['span']}utes"))
    return wording.write(
        OF_FIRST, lambda match: f"the first candle's {match['line']}" if FIRST.search(match.string[: match.start()]) else match.group()
    )


BASIS_POINTS = r"(?P<number>\d+(?:\.\d+)?) ?(?:bps?|basis[- ]points?)\b"
AT_THE_OPEN = (
    r"\b(?:(?:at|on|(?<=buy )|(?<=short )) ?(?:the |today's )?(?:market )?open(?:ing)?|(?<=buy )today|(?<=short )today),? (?:when|if)\b"
    r"(?P<what> (?:yesterday|the (?:previous|prior) (?:day|session))\b[^.;]*)"
)
"""Conditions on the day before, at an opening: that day's bar is the one that is read, and the order is filled at this opening."""
_ORDERED = r"\b{} (?:(?:it|a position) )?with (?:an? )?(?:sl|stop|tp|target|take[- ]profit)"


def _write_percent(match: re.Match[str]) -> str:
    return f"{float(match['number']) / 100:g}%"


def _put_on_signal(match: re.Match[str]) -> str:
    told = re.sub(r"\bthe (?:previous|prior) (?:day|session)\b", "yesterday", match["what"], flags=re.IGNORECASE)
    if INTRADAY.search(match.string) or re.search(r"\b(?:gaps?|today|opens)\b|day before yesterday", match["what"], re.IGNORECASE):
        return match.group()
    if re.search(r"\byesterday closed (?:up|down|higher|lower)(?: and|,)+ yesterday", told, re.IGNORECASE):
        return match.group()  # two things of one day: where the words of each end is lost
    told = re.sub(r"\byesterday['’]s (?:candle|bar|day)\b", "the candle", told, flags=re.IGNORECASE)
    told = re.sub(r"\byesterday['’]s\b", "the", told, flags=re.IGNORECASE)
    told = re.sub(r"\byesterday (?:was|is|formed|made) (?=an? |(?:bullish|bearish)\b)", f"{SAID} there is ", told, flags=re.IGNORECASE)
    told = re.sub(r"\byesterday closed (?=(?:up|down) (?:by )?(?:more than |at least |over )?\d)", "price is ", told, flags=re.IGNORECASE)
    told = re.sub(r"\byesterday closed (?:up|higher)(?=[.,;]|$| and\b)", "close > close[1]", told, flags=re.IGNORECASE)
    told = re.sub(r"\byesterday closed (?:down|lower)(?=[.,;]|$| and\b)", "close < close[1]", told, flags=re.IGNORECASE)
    told = re.sub(r"\bthere is an? (?:down|losing) (?:day|bar)\b", "close < close[1]", told, flags=re.IGNORECASE)
    told = re.sub(r"\bthere is an? (?:up|winning) (?:day|bar)\b", "close > close[1]", told, flags=re.IGNORECASE)
    return f"{SAID} when{re.sub('yesterday', 'price', told, flags=re.IGNORECASE)}"


def _sell_short(wording: PlainWording) -> PlainWording:
    """`BUY with SL ... SELL with SL`: a sale with a stop of its own opens a trade where a purchase has one, too."""
    if not re.search(_ORDERED.format("buy"), wording.text, re.IGNORECASE):
        return wording
    return wording.write(rf"{_ORDERED.format('(?P<sale>sell)')}", lambda match: f"sell short{match.group()[4:]}")


_FIRST_MINUTES = r"first (?:\d+[- ]min(?:ute)?s?|half[- ]hour|hour)"
RANGES = (
    re.compile(
        r"(?:^|(?<=[.;] ))(?![^.;]*\b(?:buy|sell|long|short|closes|stop|range|box|session)\b)[^.;]*\bhigh and (?:the |its )?low (?:of"
        r" the (?:bars|candles) |made )?"
        r"(?P<where>(?:between|from) \d{1,2}:\d\d ?(?:and|to|until|-|–) ?\d{1,2}:\d\d)(?! ?(?:utc|gmt|e[sd]?t|cet"
        r"|london|new york)\b)[^.;]*",
        re.IGNORECASE,
    ),
    re.compile(
        rf"(?:^|(?<=[.;] ))(?![^.;]*\b(?:buy|sell|long|short|closes|stop)\b)[^.;]*\b"
        rf"(?:(?P<where>{_FIRST_MINUTES})\b[^.;]*\bhigh and (?:the |its )?low"
        rf"|high and (?:the |its )?low of the (?P<where2>{_FIRST_MINUTES}))\b[^.;]*",
        re.IGNORECASE,
    ),
    re.compile(
        r"(?:^|(?<=[.;:,] ))(?:the )?(?!trading|trade)(?:(?P<name>\w+) )?(?:session (?=range\b))?"
        r"(?:(?:range|box|session)(?: high/low| highs? and lows?)?"
        r"(?: is| are| goes| marked| defined| taken| measured| drawn|:| =)*"
        r"(?: (?:the )?highs? (?:and|to) (?:the )?lows?)? (?=between|from)|(?:range|box)(?: is|:| =)* (?=\d))"
        r"(?P<where>(?:(?:between|from) )?"
        rf"\d{{1,2}}:\d\d ?(?:and|to|until|-|–) ?\d{{1,2}}:\d\d(?: \(?{ZONE}\)?(?!\w))?)",
        re.IGNORECASE,
    ),
)
"""Sentences that only say which range is meant: `mark the high and low of the first 30 minutes`, `Asian range = high and low"
" from ...`."""


def _write_out_ranges(wording: PlainWording) -> PlainWording:
    """Put the range that a text describes once in place of `the high` and `the low` behind it."""
    for pattern in RANGES:
        match = pattern.search(wording.text)
        if match is None:
            continue
        told = match.groupdict()
        clocks = re.findall(r"\d+:\d+", told["where"] or "")
        own = re.findall(rf" \(?({ZONE})\)?$", told["where"] or "", re.IGNORECASE)
        zones = own or list({zone.lower() for zone in re.findall(rf"\d:\d\d(?: ?[ap]m)? \(?({ZONE})\b", wording.text, re.IGNORECASE)})
        zone = find_zone(re.sub(r" time$", "", zones[0].lower())) if len(zones) == 1 else None
        window = "-".join(clocks).replace(":", "h") + (f" {zone}" if zone else "")
        level = f"the {window} {{}}" if clocks else f"the {{}} of the {told['where'] or told.get('where2')}"
        named = told.get("name") if (told.get("name") or "").lower() not in ("open", "opening", "the") else ""
        name = rf"(?:the )?{named} (?:session )?" if named else "the (?:opening )?"
        sides = ("low", "high") if re.search(r"\b(?:short|sell)\b", wording.text, re.IGNORECASE) else ("low",)
        wording = wording.write(
            rf"(?P<all>{re.escape(match.group())})|\b{name}(?:range )?(?P<line>high|low|top|bottom)\b(?: of (?:the|that) (?:range"
            rf"|box))?(?! (?:of|between|from|and)\b(?! an? ))|{OTHER_SIDE}",
            _put_range(level, ", ".join(f"stop at {level.format(side)}" for side in sides)),
        )
    return wording


OTHER_SIDE = (
    r"\b(?P<stop>(?:sl|stop(?:[- ]loss)?)(?: is| goes| at|:| =)* "
    r"(?:on )?(?:the )?(?:other|opposite) (?:side|end)(?: of (?:the|that) (?:opening )?(?:range|box)|(?=[.;,]|$)))"
)


def _put_range(level: str, stops: str) -> Writer:
    return lambda match: (
        SAID
        if match["all"]
        else stops
        if match["stop"]
        else level.format({"top": "high", "bottom": "low"}.get(match["line"].lower(), match["line"]))
    )


def _put_first(at: int, told: str) -> Writer:
    return lambda match: told.format(match["line"]) if match.start() > at and match["line"] in ("high", "low") else match.group()


def _expand(told: str | Writer) -> Writer:
    return (lambda match: match.expand(told)) if isinstance(told, str) else told


LETTERED = (
    r"(?:^|(?<=[.;:,] ))(?:condition|rule|criterion|signal|cond\.?) (?P<letter>[a-d1-4])(?: ?[:=]| is) ?(?P<what>(?:[^.;]|\.(?=\d))+)"
)
LETTERS = r"\b(?:conditions? |rules? )?(?-i:[A-D])(?:(?:,? (?:and|or|&)|,) (?:conditions? |rules? )?(?-i:[A-D]))+\b"
"""Conditions that are called by letters, joined: `buy when A and (B or C)`."""


def _write_out_letters(wording: PlainWording) -> PlainWording:
    """Put conditions in place of the letters that the text calls them by, where each of these letters is told."""
    told = {match["letter"].upper(): match["what"].strip() for match in re.finditer(LETTERED, wording.text, re.IGNORECASE)}
    used = [letter for match in re.finditer(LETTERS, wording.text, re.IGNORECASE) for letter in re.findall(r"\b[A-D]\b", match.group())]
    if not used or not set(used) <= set(told) or re.search(ALL_RULES, wording.text, re.IGNORECASE):
        return wording
    wording = wording.write(LETTERED, lambda match: SAID)
    return wording.write(LETTERS, lambda match: re.sub(r"\b(?:(?:conditions?|rules?) )?([A-D])\b", lambda one: told[one[1]], match.group()))


ALONE = re.compile(r"-?[\d.]+|\w+\((?:[^()]|\([^()]*\))*\)(?:\.\w+)?")
"""A number or a call, which need no brackets around them."""


def _write_out_names(wording: PlainWording, *, script: bool) -> PlainWording:
    """Put the values in place of the names that a text gives to them."""
    at = 0
    while match := (NAMED if script else DEFINED).search(wording.text, at):
        name, what = match["name"], match["what"].strip()
        lead = match.groupdict().get("lead") or ""
        again = rf"(?<![\w.])(?:{lead})?{name}(?![\w(.])"
        at = match.end()
        used = re.search(again, wording.text[at:], re.IGNORECASE) is not None
        if used and not RULE.match(name) and not _is_known(name) and (script or not re.fullmatch(r"[\d.]+ ?%?", what)):
            value = (what if ALONE.fullmatch(what) else f"({what})") if find_meaning(what) is not None else ""
            begin = match.start("lead") if lead else match.start("name")
            at = begin + 1 if value else at
            definition = re.escape(wording.text[begin : match.end()])
            wording = wording.write(f"(?P<definition>{definition})|{again}", _put_value(value))
    return wording


def _put_value(value: str) -> Writer:
    def write(match: re.Match[str]) -> str:
        if match["definition"]:
            return SAID if value else match.group()
        return value or UNKNOWN

    return write


def _is_known(name: str) -> bool:
    return find_meaning(name) is not None or find_meaning(f"{name}(14)") is not None
