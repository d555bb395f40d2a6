"""Phrases about what a chart shows: colors and shadows of bars, Heikin-Ashi, the cloud, pivots, the opening range, lists of averages."""

import re

from core.language.phrases.conditions import MEAN, PRICE, SKIP, Builder
from core.language.phrases.moves import HOLD_SEASON
from core.language.phrases.sayings import BACK
from core.language.phrases.terms import COUNT, OVER, TERM, UNDER, read_count, read_term
from core.language.spoken.places import find_opening_minutes
from core.language.spoken.vocabulary import SWINGS

UP = ("green", "bullish", "up", "white", "blue", "rising")
_COLOR = r"(?P<color>green|red|bullish|bearish|up|down|white|black|blue)"
_COUNTED = COUNT.replace("(", "(?P<count>", 1)
_SHADOW = r"(?P<end>lower|upper|bottom|top) (?:wick|shadow|tail)s?"
_CLOUD = ("ichimoku.senkou_a", "ichimoku.senkou_b")
RANGE = re.compile(r"opening[- ]range|\borb\b|first (?:half[- ]?)?(?:hour|\d+[- ]min)", re.IGNORECASE)


def _color(color: str, of: str = "") -> str:
    return f"{of}close {'>' if color.lower() in UP else '<'} {of}open"


def _first_bar(color: str) -> str:
    """`The first candle of the day is green`: of the day's first bar, on every bar of the day."""
    line = "value_when(first_bar_of_day, {})"
    return f"{line.format('close')} {'>' if color.lower() in UP else '<'} {line.format('open')}"


def find_sign(side: str) -> str:
    return ">" if re.match(rf"{OVER}|>", side, re.IGNORECASE) else "<"


def _shade(end: str, of: str = "") -> str:
    low = end.lower() in ("lower", "bottom")
    body = f"min({of}open, {of}close)" if low else f"max({of}open, {of}close)"
    return f"{of}low == {body}" if low else f"{of}high == {body}"


def _heikin(match: re.Match[str]) -> str:
    """`Two green Heikin Ashi candles with no lower wick`."""
    told = _color(match["color"], "heikin_ashi.")
    if match["end"]:
        told += f" and {_shade(match['end'], 'heikin_ashi.')}"
    bars = read_count(match["count"]) if match["count"] else 1
    return f"count({told}, {bars}) == {bars}" if bars > 1 else told


def _followed(match: re.Match[str]) -> str:
    """`Three red candles followed by a green one`."""
    of = "heikin_ashi." if re.search(r"heikin", match.group(), re.IGNORECASE) else ""
    bars = read_count(match["count"])
    return f"{_color(match['color2'], of)} and count({_color(match['color'], of)}, {bars})[1] == {bars}"


def _wick(match: re.Match[str]) -> str:
    """`The lower wick is at least twice the body`."""
    low = match["end"].lower() in ("lower", "bottom")
    length = "min(open, close) - low" if low else "high - max(open, close)"
    word = (match["times"] or "").lower()
    times = {"twice": "2", "double": "2", "three times": "3", "two times": "2"}.get(word) or (match["number"] or "1")
    return f"{length} >= {times} * abs(close - open)" if times != "1" else f"{length} > abs(close - open)"


def _body(match: re.Match[str]) -> str:
    sign = "<=" if re.search(r"less|under|below|most|small", match.group(), re.IGNORECASE) else ">="
    return f"abs(close - open) {sign} {float(match['share']) / 100:g} * (high - low)"


def _cloud(match: re.Match[str]) -> str:
    up = match["color"].lower() in UP
    return f"{_CLOUD[0]} {'>' if up else '<'} {_CLOUD[1]}"


def _range_broken(match: re.Match[str]) -> str:
    """`A 5-minute candle closes above the range`: of the opening range, where the text speaks of one."""
    if RANGE.search(match.string) is None:
        return ""
    up = re.match(rf"{OVER}|out of|outside", match["way"], re.IGNORECASE)
    minutes = find_opening_minutes(match.string)
    return f"crosses_{'above' if up else 'below'}(close, opening_range({minutes}).{'high' if up else 'low'})"


def _range_side_again(match: re.Match[str]) -> str:
    """`Go short when it closes below`: the other side of the opening range."""
    if RANGE.search(match.string) is None or not re.search(r"\bshort\b[^.;]*$", match.string[: match.start()], re.IGNORECASE):
        return BACK if match["way"] else ""
    return f"crosses_below(close, opening_range({find_opening_minutes(match.string)}).low)"


def _gap_between(match: re.Match[str]) -> str:
    low, high = sorted((float(match["one"]), float(match["two"])))
    return f"between(gap, {low:g}, {high:g})" if match["way"].lower() == "up" else f"between(gap, {-high:g}, {-low:g})"


def _pivot(match: re.Match[str]) -> str:
    line = match["line"].lower()
    return f"{'low <=' if line.startswith('s') else 'high >='} pivot_points.{line}"


def _averages(match: re.Match[str]) -> str:
    """`Above the 50, 100 and 200 SMA`: each of them."""
    said = match.group().lower()
    kind = "ema" if re.search(r"\bemas?\b|exponential", said) else "wma" if re.search(r"\bwmas?\b|weighted", said) else "sma"
    sign = ">" if re.search(OVER, match["side"], re.IGNORECASE) else "<"
    parts = re.split(r",? and |, | as well as | & ", match["lengths"])
    bare = [part for part in parts[:-1] if not re.search(r"[a-z]", part.lower().replace("the ", ""))]
    single = re.search(r"(?:average|mean)$", said) is not None
    if bare and (single or (re.match("the|its", parts[-1], re.IGNORECASE) and not re.match("the|its", parts[0], re.IGNORECASE))):
        return ""  # `RSI above 50 and the 20-day average ...`
    lengths = re.findall(r"\d+", match["lengths"])
    return " and ".join(f"close {sign} {kind}({length})" for length in lengths) if all(2 <= int(one) <= 500 for one in lengths) else ""


def _slope(match: re.Match[str]) -> str:
    """`The 200-day rising for at least a month`: higher than it was then."""
    up = re.match(r"ris|up|slop\w* up|trending up|climb", match["motion"], re.IGNORECASE) is not None
    kind = re.search(rf"\b{match['length']}[- ]?(?:day|period)?[- ]?(ema|exponential)", match.string, re.IGNORECASE)
    average = f"{'ema' if kind else 'sma'}({match['length']})"
    unit = (match["unit"] or match["one"] or "").lower().rstrip("s")
    bars = (read_count(match["count"]) if match["count"] else 1) * {"week": 5, "month": 21}.get(unit, 1)
    return f"{average} {'>' if up else '<'} {average}[{bars}]"


def _out_of_zone(match: re.Match[str]) -> str:
    term = read_term(match["term"], match.string) or ("stochrsi(14).k" if "stoch" in match["term"].lower() else "")
    name = re.split(r"[(.]", term)[0]
    if name not in SWINGS:
        return ""
    low, high = SWINGS[name]
    return f"crosses_above({term}, {low})" if match["zone"].lower() == "oversold" else f"crosses_below({term}, {high})"


def _before_month_end(match: re.Match[str]) -> str:
    """`Five trading days before the end of December`."""
    months = ["january", "february", "march", "april", "may", "june", "july", "august", "september", "october", "november", "december"]
    return f"month == {months.index(match['month'].lower()) + 1} and trading_days_left == {read_count(match['count'])}"


def _day_return(match: re.Match[str]) -> str:
    """`The day's return is above 1%`."""
    up = re.match(rf"{OVER}|>|at least", match["side"], re.IGNORECASE)
    return f"100 * (close / yesterday.close - 1) {'>' if up else '<'} {match['share']}"


def _extremes(match: re.Match[str]) -> str:
    """`Buy 50-day highs`."""
    count, unit = match["count"], match["unit"].lower()
    bars = 252 if (count, unit) == ("52", "week") else int(count) * {"week": 5, "month": 21}.get(unit, 1)
    high = match["side"].lower() == "high"
    return f"close {'>' if high else '<'} {'highest(high' if high else 'lowest(low'}, {min(500, bars)})[1]"


_MONTH = "january|february|march|april|may|june|july|august|september|october|november|december"
_UNIT = r"(?:trading )?(?P<unit>days?|bars?|weeks?|months?)"
FILTERS: tuple[tuple[str, Builder], ...] = (
    (
        rf"(?:and )?(?:be |stay |go )?(?:flat|out(?: of the market)?|in cash) from (?:{_MONTH}) (?:to|through|until|till) (?:{_MONTH})",
        lambda match: SKIP if HOLD_SEASON.search(match.string) else "",
    ),
)
"""Words for months that a phrase of the whole year has told already."""
_FIRST = r"(?:the )?(?:day's )?(?:first|opening) (?:candle|bar)(?: of (?:the|each|every) (?:trading )?(?:day|session))?"
PATTERNS: tuple[tuple[str, Builder], ...] = (
    (rf"{_FIRST} (?:is|was|closes|closed|must be|has to be|turns out) (?:an? )?{_COLOR}", lambda match: _first_bar(match["color"])),
    (
        rf"(?:{_FIRST}'s range|(?:the )?range of {_FIRST}) (?:is |was )?(?P<side>{OVER}|{UNDER}|<|>) (?P<share>\d+(?:\.\d+)?) ?(?:%"
        rf"|percent)",
        lambda match: f"value_when(first_bar_of_day, 100 * (high - low) / close) {find_sign(match['side'])} {match['share']}",
    ),
    (
        r"(?:the |today's )?day(?:'s)? (?:return|gain|change|performance) (?:so far"
        rf" )?(?:is )?(?P<side>{OVER}|{UNDER}|>|<|at least|at most) (?P<share>-?\d+(?:\.\d+)?)"
        r" ?(?:%|percent)",
        _day_return,
    ),
    (
        rf"(?:after |on )?(?:an? |the )?{_COUNTED} (?:consecutive |straight )?{_COLOR} (?:heikin[- ]?ashi )?(?:candles?|bars?|days?)"
        rf"(?: in a row)?(?: (?:are|is))? followed by (?:an? |the )?(?:first )?{_COLOR.replace('color', 'color2')}"
        r" (?:heikin[- ]?ashi )?(?:one|candle|bar|day)",
        _followed,
    ),
    (
        rf"(?:after |on )?(?:an? |the )?(?:(?:first|next) )?(?:{_COUNTED} )?(?:consecutive"
        rf" |straight )?{_COLOR} heikin[- ]?ashi (?:candles?|bars?)"
        rf"(?: in a row)?(?:,? (?:with|without|having)(?: no| any| an?)* {_SHADOW})?",
        lambda match: _heikin(match) if not match["end"] or re.search(r"\bno\b|without", match.group(), re.IGNORECASE) else "",
    ),
    (
        rf"(?:an? |the |with (?:an? )?|its )?{_SHADOW}(?: that)?(?: is| of| was)?(?: at least| more than| longer than| over)?"
        r" (?:(?P<times>twice|double|two times|three times)|(?P<number>\d+(?:\.\d+)?)"
        r" ?(?:times|x))(?: as (?:long|big|large) as| the (?:size|length) of| the)?"
        r"(?: (?:the|its))? (?:real )?body",
        _wick,
    ),
    (
        r"(?:an? |the |its )?(?:real )?body(?: is| of| covers| makes up)?(?: at least"
        r"| more than| over| less than| under| at most)? (?P<share>\d+) ?(?:%|percent)"
        r" of (?:the |its )?(?:(?:bar|candle|day)'s |whole |total |full )?(?:range|bar|candle)",
        _body,
    ),
    (
        rf"(?:the )?(?:first|next) {_COLOR} (?:candle|bar)(?! (?:after|following))",
        lambda match: _color(match["color"], "heikin_ashi.") if re.search(r"heikin", match.string, re.IGNORECASE) else "",
    ),
    (
        r"(?:(?:the )?(?:price|close|candle|bar|it) )?(?:is|trades|closes|stays|goes|falls|comes)(?: back)? (?:inside|in|into"
        r"|within) (?:of )?the (?:ichimoku )?(?:cloud|kumo)",
        lambda match: f"between(close, min({_CLOUD[0]}, {_CLOUD[1]}), max({_CLOUD[0]}, {_CLOUD[1]}))",
    ),
    (rf"(?:the )?(?:ichimoku )?(?<!future )(?:cloud|kumo) (?:is|turns|stays) {_COLOR}", _cloud),
    (
        rf"(?:the )?senkou(?: span)? a (?:is )?(?P<side>{OVER}|{UNDER}) (?:the )?senkou(?: span)? b",
        lambda match: f"{_CLOUD[0]} {'>' if re.match(OVER, match['side'], re.IGNORECASE) else '<'} {_CLOUD[1]}",
    ),
    (
        rf"(?:the )?(?:chikou(?: span)?|lagging (?:span|line)) (?:is )?(?P<side>{OVER}|{UNDER}) (?:the )?(?:price|close)s?(?:"
        rf" (?:of|from))?"
        r"(?: 26 (?:periods|bars|days|candles) (?:ago|back|earlier))?",
        lambda match: f"close {'>' if re.match(OVER, match['side'], re.IGNORECASE) else '<'} close[26]",
    ),
    (
        rf"(?:when |if |on )?(?:an? |the )?(?:first )?(?:{PRICE}|(?:\d+[- ]?min(?:ute)?"
        r"|hourly) (?:candle|bar|close))?(?: (?:closes?|breaks?|trades?|moves?))?(?:"
        r" out)?"
        rf" (?P<way>{OVER}|{UNDER}|out of) (?:the |that |this )?(?:opening )?range(?="
        r" and\b|[.,;:]|$| with| on| go| enter| after| before| buy)",
        _range_broken,
    ),
    (
        r"when (?:it|price|the price) (?:closes|breaks|trades|moves|crosses|goes"
        r"|falls) (?:back )?(?P<way>below|under)(?: it| that)?(?=[.,;]|$)",
        _range_side_again,
    ),
    (
        r"(?:(?:the )?open(?:ing)?(?: price)?(?: has)? |an? )?gap(?:s|ped)? (?P<way>up|down) (?:of |by |is |was"
        r" )?(?:between |from )?(?P<one>\d+(?:\.\d+)?)"
        r" ?(?:%|percent)? ?(?:and|to|-|–) ?(?P<two>\d+(?:\.\d+)?) ?(?:%|percent)",
        _gap_between,
    ),
    (
        r"(?:at|on|to|near|touches|hits|reaches) (?:the )?(?:daily )?(?:pivot(?:"
        r" point)? |support |resistance )?(?P<line>[sr][123])(?: (?:pivot|support"
        r"|resistance|level))?(?!\w)",
        _pivot,
    ),
    (
        rf"(?:{PRICE} )?(?:is |closes? |trades |stays |must be |has to be )?(?P<side>{OVER}|{UNDER}) (?:both |all (?:of )?(?:three )?)?"
        r"(?P<lengths>(?:the |its )?\d+(?:[- ](?:day|period|bar))?(?:(?:, | and "
        r"| as well as |, and | & )(?:the |its )?\d+(?:[- ](?:day|period|bar))?)+)[- ]?s?"
        r"(?:day |period )?(?: ?(?:simple|exponential|weighted))?[- ]?(?: ?moving averages?| ?averages?| ?[sew]?mas?)\b",
        _averages,
    ),
    (
        r"(?:and |with )?(?:the )?(?P<length>\d+)[- ](?:day|period|bar|week)(?: (?:[sew]ma"
        r"|(?:simple |exponential )?moving average|line))? (?:is |has been |itself"
        r" |must be )*"
        r"(?P<motion>rising|falling|sloping up|sloping down|trending up|trending"
        r" down|up-?sloping|climbing|declining) (?:for|over)(?: at least| the last"
        r"| the past)*"
        rf" (?:an? (?P<one>week|month)|{_COUNTED} (?P<unit>weeks?|months?))",
        _slope,
    ),
    (
        rf"(?P<term>{TERM}|(?:the )?stochastic rsi|stoch(?:astic)?s?) (?:crosses|turns"
        r"|moves|comes|climbs|rises|breaks|falls|drops|goes|is)(?: back)?(?: up|"
        r" down)? (?:out of|from)"
        r" (?:an? |the )?(?P<zone>oversold|overbought)(?: (?:zone|territory|area|levels?|region))?",
        _out_of_zone,
    ),
    (
        r"(?:the )?supertrend (?:changes (?:its )?(?:direction|colou?rs?|sides?)|flips(?: direction)?)(?! (?:to|up"
        r"|down|back|bull|bear|green|red))",
        lambda match: "supertrend(10, 3).direction != supertrend(10, 3).direction[1]",
    ),
    (
        r"(?:touches|reaches|hits|tags|gets (?:back )?to|returns to|reverts to|is"
        r" back at|comes back to|at) (?:the|its|that) (?:[sew]ma|moving average|average"
        r"|ma|mean)"
        r"(?=[.,;]|$| or\b| and\b| again| then\b)",
        lambda match: MEAN,
    ),
    (r"(?:touches |reaches |hits |back |returns )?(?:at|to) (?:the )?vwap(?=[.,;]|$| or\b| and\b)", lambda match: f"{MEAN}vwap"),
    (
        r"(?:on |at |with )?(?:an? |the )?opposite(?: (?:is (?:the case|true)|happens|occurs|applies|flip|signal"
        r"|cross(?:over|ing)?|turn|break))?(?=[.,;]|$| or\b| and\b)",
        lambda match: BACK,
    ),
    (r"on (?:the |an? )?reverse (?:flip|turn)|on the flip(?: back)?(?=[.,;]|$)", lambda match: BACK),
    (rf"{_COUNTED} (?:trading |business )?days? before (?:the )?end of (?P<month>{_MONTH})", _before_month_end),
    (
        rf"(?:{PRICE} )?(?:makes? |prints? |hits? |at |on |of |buy |short )?(?:an?"
        r" |new )*(?P<count>\d+)[- ](?P<unit>day|bar|week|month)s?[- ](?P<side>high"
        r"|low)s(?=[.,;]|$| and\b| with\b| if\b| when\b| on\b)",
        _extremes,
    ),
    (
        r"(?:when |if |and )?(?:an? )?(?:new )?(?:signal )?(?:it )?(?<!histogram )(?<!line )ticks (?P<way>up|down)",
        lambda match: f"same({'rising' if match['way'].lower() == 'up' else 'falling'}|1",
    ),
)
"""Phrases in order, the more exact first."""
