"""Further phrases that state a condition: comparisons of any two values, turns, days of the month, and what refers to the entry."""

import re

from core.language.phrases.conditions import CROSSING, DAYS, MEAN, PRICE, Builder, find_side
from core.language.phrases.terms import (
    COMPARED,
    COMPOSED_TERM,
    COUNT,
    FACTOR,
    ORDINALS,
    OVER,
    SAME,
    TERM,
    UNDER,
    UNITS,
    read_comparison,
    read_count,
    read_factor,
    read_swing,
    read_term,
    read_turn,
    read_turn_beyond,
    take_over,
)
from core.language.spoken.vocabulary import SWINGS


def _times_average(match: re.Match[str]) -> str:
    return f"volume > {read_factor(match.group(1))} * sma(volume, {match.group(2) or 20})"


def _part_of_range(match: re.Match[str]) -> str:
    place, part = match.group(1).lower(), match.group(2).lower()
    share = {"half": 0.5, "third": 0.33, "quarter": 0.25, "fifth": 0.2, "tenth": 0.1}.get(part) or float(re.sub(r"[^\d.]", "", part)) / 100
    return f"ibs > {1 - share:g}" if place in ("top", "upper") else f"ibs < {share:g}"


def _range_rank(match: re.Match[str]) -> str:
    low = match.group(1).lower() in ("narrowest", "smallest", "tightest", "lowest")
    return f"high - low {'<=' if low else '>='} {'lowest' if low else 'highest'}(high - low, {read_count(match.group(2))})"


def _from_extreme(match: re.Match[str]) -> str:
    share, level = float(match.group(1)) / 100, read_term(match.group(2), match.string)
    if not level.startswith(("highest", "lowest", "all_time")):
        return ""
    return f"close <= {1 - share:g} * {level}" if level.startswith(("highest", "all_time_high")) else f"close >= {1 + share:g} * {level}"


def _both_averages(match: re.Match[str]) -> str:
    sign, kind = find_side(match.group(1)), "ema" if "ema" in match.group().lower() else "sma"
    return f"close {sign} {kind}({match.group(2)}) and close {sign} {kind}({match.group(3)})"


def _trading_day(match: re.Match[str]) -> str:
    word = match.group(1).lower()
    number = ORDINALS.get(word) or int(re.sub(r"\D", "", word))
    return f"trading_day_of_month == {number}"


def _day_of_month(match: re.Match[str]) -> str:
    """The first bar on or after the day, as it may be no trading day."""
    number = int(re.sub(r"\D", "", match.group(1)))
    return f"day >= {number} and day[1] < {number}" if 2 <= number <= 31 else "first_trading_day_of_month" if number == 1 else ""


def _color(match: re.Match[str]) -> str:
    return f"close {'>' if match.group(1).lower() in ('green', 'white', 'bullish', 'up') else '<'} open"


def _pull_back(match: re.Match[str]) -> str:
    average = read_term(match.group(1), match.string)
    return (
        f"{average} > {average}[1] and low <= {average} and close > {average}" if average.startswith(("sma", "ema", "wma", "hma")) else ""
    )


def _reach(match: re.Match[str]) -> str:
    level = read_term(match.group(1), match.string)
    if not level or re.fullmatch(r"-?[\d.]+|close", level):
        return ""
    return f"high >= {level}" if re.search(r"rise|climb|up to|rall", match.group(), re.IGNORECASE) else f"low <= {level}"


def _beyond(match: re.Match[str]) -> str:
    """The price, or what is named, at `two deviations below its mean`, or further away."""
    named, beyond = match["subject"] or "", match["beyond"]
    level, subject = read_term(beyond, match.string), read_term(named, match.string) if named else "close"
    if not level or not subject or re.fullmatch(r"-?[\d.]+", subject):
        return ""
    if subject != "close":
        if "bbands" in level or "atr(" in level.removeprefix(subject):
            return ""
        level = take_over(subject, level) if re.search(r"\bits\b|volume", f"{named} {beyond}", re.IGNORECASE) else level
    return f"{subject} {'<=' if re.search(UNDER, beyond, re.IGNORECASE) else '>='} {level}"


def _day_after(match: re.Match[str]) -> str:
    """`On Monday if Friday closed down`: known on Friday's close and filled at Monday's open; empty for days that do not follow."""
    after, before = DAYS.index(match.group(1).lower()), DAYS.index(match.group(2).lower())
    if after != (before + 1) % 5:
        return ""
    up, least = match.group(3).lower() in ("up", "higher"), match.group(4) or "0"
    sign = (">" if up else "<") + ("=" if "at least" in match.group().lower() else "")
    return f"weekday == {before} and roc(1) {sign} {'' if up or least == '0' else '-'}{least}"


def _there_and_back(match: re.Match[str]) -> str:
    left, right = read_term(match.group(1), match.string), read_term(match.group(3), match.string)
    if not left or not right or left == right:
        return ""
    return f"crosses_{'above' if re.match(UNDER, match.group(2), re.IGNORECASE) else 'below'}({left}, {right})"


def _failed_break(match: re.Match[str]) -> str:
    """`Trades above yesterday's high but closes back below it`: beyond within the bar, and back at its close."""
    level = read_term(match.group(2), match.string)
    if not level or re.fullmatch(r"-?[\d.]+|close", level):
        return ""
    beyond = f"{level}[1]" if re.match(r"(?:highest|lowest)\(|all_time_", level) else level
    up = re.match(OVER, match.group(1), re.IGNORECASE)
    return f"high > {beyond} and close < {beyond}" if up else f"low < {beyond} and close > {beyond}"


def _own_extreme(match: re.Match[str]) -> str:
    """`OBV makes a new 20-day high`: of the value itself; the price is read by its highs and lows."""
    term, count, unit, side = read_term(match.group(1), match.string), *match.group(2, 3, 4)
    bars = min(500, 252 if (count, unit.lower()) == ("52", "week") else read_count(count) * UNITS.get(unit.lower(), 1))
    high = side.lower() == "high"
    if not term or re.fullmatch(r"-?[\d.]+", term):
        return ""
    of = ("high" if high else "low") if term == "close" else term
    return f"{term} {'>' if high else '<'} {'highest' if high else 'lowest'}({of}, {bars})[1]"


def _near(match: re.Match[str]) -> str:
    share, level = float(match.group(1)) / 100, read_term(match.group(2), match.string)
    if not level or re.fullmatch(r"-?[\d.]+", level):
        return ""
    if level.startswith(("highest", "all_time_high")):
        return f"close >= {1 - share:g} * {level}"
    return f"close <= {1 + share:g} * {level}" if level.startswith(("lowest", "all_time_low")) else f"near(close, {level}, {share * 100:g})"


def _break_out(match: re.Match[str]) -> str:
    return f"close > highest(high, {min(500, read_count(match.group(1)) * UNITS.get(match.group(2).lower(), 1))})[1]"


def _swing_of(match: re.Match[str]) -> str:
    term, level = read_term(match.group(2), match.string), match.group(3)
    low, high = SWINGS[re.split(r"[(.]", term)[0]]
    return f"{term} < {level or low}" if match.group(1).lower() == "oversold" else f"{term} > {level or high}"


def _level(match: re.Match[str]) -> str:
    term = read_term(match.group(1), match.string)
    return f"{LEVEL}{term}|{match.group(2)}" if term else ""


def _at_average(match: re.Match[str]) -> str:
    return f"{MEAN}{read_term(match.group(1), match.string)}"


def _volume_share(match: re.Match[str]) -> str:
    word = match.group(2).lower()
    share = {"half": 0.5, "a third": 0.33, "twice": 2, "double": 2}.get(word) or float(re.sub(r"[^\d.]", "", word)) / 100
    return f"volume {find_side(match.group(1))} {share:g} * sma(volume, {match.group(3) or 20})"


def _pattern_before(match: re.Match[str]) -> str:
    word = match.group(1).lower()
    if word in ("up day", "green", "down day", "red"):
        first, second = ("close[1]", "close[2]") if "day" in word else ("close[1]", "open[1]")
        return f"{first} {'>' if word in ('up day', 'green') else '<'} {second}"
    return f"count({word.replace(' day', ' bar').replace(' ', '_')}, 1)[1] == 1"


def _read_minutes(word: str | None) -> int:
    return {"hour": 60, "half hour": 30}.get((word or "half hour").lower()) or int(re.sub(r"\D", "", word or ""))


def _fast_and_slow(match: re.Match[str]) -> str:
    down = match.group(2).lower() == "above" if match.group(2) else re.search(UNDER, match.group(1), re.IGNORECASE)
    if re.search(r"cross|break", match.group(1), re.IGNORECASE):
        return f"crosses_{'below' if down else 'above'}({FAST}, {SLOW})"
    return f"{FAST} {'<' if down else '>'} {SLOW}"


FAST, SLOW = "sma(20)", "sma(50)"
"""Averages whose lengths are not told: assumed, and marked as that."""
DAY = "monday|tuesday|wednesday|thursday|friday"
LEVEL = "level("
"""Mark of a value at a number, where the section tells from which side."""
OTHERWISE = "otherwise("
"""Mark of an exit when what was said of the entry no longer holds: `cash otherwise`."""
PART = "part("
"""Mark of a share of the position that is closed when the condition behind it holds: `sell half when RSI is above 70`."""
MARKS = (
    "changed(",
    "checked(",
    "reach(",
    "part(",
    "back(",
    "mean(",
    "same(",
    "level(",
    "it(",
    "skip(",
    "otherwise(",
    "closes(",
    "quorum(",
    "invested(",
    "mirrored(",
    "opposite(",
)
BACK = "back("
"""Mark of a condition that takes back what was said of the other side: the expression is found where rows are built."""
AVERAGE_WORDS = (
    r"(?:the |its )?\d+[- ]?(?:day|bar|period|week)?[- ]?(?:simple |exponential )?(?:moving average|average|mean|ma|sma|ema|wma)\b"
)
RANGE_WORDS = r"(?:the |its |their )?(?:(?:day'?s |daily |bar'?s )?(?:trading )?range|bar|day|candle)"
ORDINAL = rf"((?:{'|'.join(ORDINALS)})|\d+(?:st|nd|rd|th))"
OSCILLATOR = r"(?:rsi|cci|adx|mfi|williams %?r|stochastics?|ibs)(?:[ (]*\d+\)?(?=\)| [ao-]|$))?"
PATTERNS: tuple[tuple[str, Builder], ...] = (
    (
        rf"(?:{PRICE} )?(?:trades|traded|pokes|spikes|pushes) ({OVER}|{UNDER}) ({TERM}),? (?:but|and)(?: then)? closes (?:back )?"
        r"(?:above|over|below|under|inside)(?: it| that)?(?! (?:the|its|an?|[-+]?\d))",
        _failed_break,
    ),
    (
        rf"({TERM}) (?:falls|drops|dips|goes|closes|moves|is) ({UNDER}) ({TERM}),? (?:and|but)(?: then)?"
        rf" (?:closes|comes|crosses|moves|rises|gets|goes|turns)"
        rf"(?: back)? (?:above|over)(?: it| that| \3(?: again)?)?(?! (?:the|its|an?|[-+]?\d|%[kd]))",
        _there_and_back,
    ),
    (
        rf"({TERM}) (?:rises|climbs|jumps|goes|closes|moves|is) ({OVER}) ({TERM}),? (?:and|but)(?: then)?"
        rf" (?:closes|comes|crosses|moves|falls|drops|gets|goes"
        r"|turns)(?: back)? (?:below|under)(?: it| that| \3(?: again)?)?(?! (?:the|its|an?|[-+]?\d|%[kd]))",
        _there_and_back,
    ),
    (
        rf"({TERM}) (?:makes?|hits?|sets?|reaches|is at|at)(?: an?)?(?: new)? {COUNT}[- ](day|bar|week|month|year)s?[- ](high|low)",
        _own_extreme,
    ),
    (rf"(?:{PRICE} )?(?:is )?within (\d+(?:\.\d+)?) ?(?:%|percent) (?:of|from|below|above) ({TERM})", _near),
    (
        rf"(?:{PRICE} )?breaks?[- ]?(?:out|outs)(?: of| above| over| from)? (?:the |its |an? )?{COUNT}[- ]?(day|bar|week|month)s?[- ]"
        r"(?:donchian )?(?:channel|range|high)",
        _break_out,
    ),
    (
        rf"{COUNT}[- ](?:day|bar)s?[- ](losing|winning) streak",
        lambda match: f"{'falling' if match.group(2)[0] in 'lL' else 'rising'}(close, {read_count(match.group(1))})",
    ),
    (
        r"(?:price |the stock |it )?(?:is )?(oversold|overbought) (?:on|by)(?: the)? (rsi|cci|mfi|stochastics?|williams %?r)"
        r"(?: ?\((?:above|below|over|under) (-?\d+)\))?",
        _swing_of,
    ),
    (rf"(?:on|at)(?: an?| the)? ({OSCILLATOR})(?: (?:of|at))? (-?\d+(?:\.\d+)?)(?!\.?\d|[- ]?(?:day|bar))", _level),
    (r"on (?:the |an? )?(?:opposite|reverse)(?: cross(?:over|ing)?| signal)?|when the opposite happens", lambda match: BACK),
    (
        rf"(?:touches|reaches|hits|gets to|is back at|back at|at) ((?:the |its )?(?:mean|(?:moving )?average)(?=[.,;]|$)"
        rf"|(?:the )?(?:middle|mid) of the (?:channel|bands?)|{AVERAGE_WORDS})",
        _at_average,
    ),
    (r"and (?:is |it is )?(rising|falling|turning up|turning down)(?=[.,;]|$| and)", lambda match: f"{SAME}{match.group(1).lower()}|1"),
    (
        rf"volume (?:is )?({OVER}|{UNDER}) (half|a third|(?:\d+(?:\.\d+)?) ?(?:%|percent)|twice|double) (?:of )?(?:the |its )?"
        r"(?:(\d+)[- ]?(?:day|bar)s? )?(?:average|usual|normal)(?: volume)?",
        _volume_share,
    ),
    (
        r"(?:trade |enter |in )?at (\d{1,2}):(\d{2})(?= if| when| and|[.,;]|$)",
        lambda match: f"minute_of_day == time({int(match.group(1))}, {int(match.group(2))})",
    ),
    (
        r"(?:if |when )?(?:yesterday|the (?:previous|prior|last) (?:day|bar)) (?:was|is|must be|must have been|has to be|should be) "
        r"(?:an? )?"
        r"(doji|hammer|shooting star|inside (?:bar|day)|outside (?:bar|day)|up day|down day|green|red)",
        _pattern_before,
    ),
    (
        rf"(?:{PRICE} )?(?:is |has )?(?:drops?|falls?|dropped|fallen|down|pulls? back|declines?|rises?"
        rf"|up) (?:by )?(?:more than |over |at least )?(\d+(?:\.\d+)?) ?(?:%|percent)"
        rf" (?:or more )?(?:from|below|off|under|above) ({TERM})",
        _from_extreme,
    ),
    (rf"volume (?:is )?(?:at least |more than |over )?{FACTOR} times (?:the |its )?(?:(\d+)[- ]?(?:day|bar)s? )?average", _times_average),
    (
        rf"(?:{PRICE} )?(?:is |was |closes |closed |finishes )?(?:in|within) (?:the )?(top|upper|bottom|lower) (half|third|quarter"
        rf"|fifth|tenth|\d+"
        rf" ?%) of {RANGE_WORDS}",
        _part_of_range,
    ),
    (
        rf"{RANGE_WORDS} is (?:the )?(narrowest|smallest|tightest|lowest|widest|largest|biggest)(?: range)? (?:in|of)(?: the"
        rf" last)? {COUNT} (?:days|bars)",
        _range_rank,
    ),
    (
        rf"(?:the )?(narrowest|smallest|tightest|widest|largest|biggest) range (?:of|in|over)(?: the)?(?: last| past)? {COUNT}"
        r" (?:days|bars)(?: \(nr\d\))?",
        _range_rank,
    ),
    (
        rf"(?:{PRICE} )?(?:is |closes |trades )?({OVER}|{UNDER}) both (?:the |its )?(\d+)[- ]?(?:day|bar|period)?s?(?:"
        rf" (?:sma|ema))? and (?:the |its )?"
        r"(\d+)[- ]?(?:day|bar|period)?s?[- ]?(?:simple |exponential )?(?:moving averages|averages|smas?|emas?|mas)",
        _both_averages,
    ),
    (
        rf"({TERM}) is (?:rising|going up|sloping up) and (?:{PRICE} )?pulls? back to (?:it|that average)",
        _pull_back,
    ),
    (
        rf"(?P<term>{TERM}) (?:turns?|ticks?) (?P<motion>up|down) (?:while )?(?:still )?(?:from )?"
        rf"(?P<side>{OVER}|{UNDER}) (?P<right>{TERM})",
        read_turn_beyond,
    ),
    (
        rf"(?P<term>{TERM}) (?:is |gets |becomes |goes )?(?P<state>oversold|overbought)(?P<turn> and (?:it )?(?:starts? to"
        rf" )?turns? (?:up|down))?",
        read_swing,
    ),
    (
        rf"(?P<term>{TERM}) (?:is |has been |starts? )?(?:to )?(?P<motion>rising|falling|rises?|falls?|going up|going"
        rf" down|sloping up|sloping down"
        rf"|turn(?:s|ing|ed)? (?:up|down)|climbing)\b(?: for {COUNT.replace('(', '(?P<bars>', 1)} (?:days|bars))?(?!"
        rf" (?:to|by|more|\d|{OVER}|{UNDER}|back))",
        read_turn,
    ),
    (
        rf"(?:(?:the open )?on )?({DAY})s? (?:if|when|after) (?:an? |the )?(?:previous |prior |last )?({DAY}) (?:closed"
        rf" |closes |was |is |ended )?"
        r"(up|down|higher|lower)(?: (?:by )?(?:more than |over |at least )?(\d+(?:\.\d+)?) ?(?:%|percent))?",
        _day_after,
    ),
    (
        r"(?:the )?(?:first (hour|half hour|\d+ minutes?)(?:'s)?|opening range) break ?out",
        lambda match: f"crosses_above(close, opening_range({_read_minutes(match.group(1))}).high)",
    ),
    (r"(?:at )?the (?:beginning|start) of (?:the|each|every) month", lambda match: "first_trading_day_of_month"),
    (r"(?:rising|increasing) volume", lambda match: "rising(volume, 1)"),
    (
        rf"(?:on )?(?:the |every |each ){ORDINAL} (?:trading|business) day(?: of (?:the|each|every)(?: new| next| following)? month)?",
        _trading_day,
    ),
    (
        r"(?:on )?the (\d{1,2}(?:st|nd|rd|th))(?: (?:day )?of (?:the|each|every)(?:"
        r" next| following| new)? month)?(?![- ](?:day|bar|time|candle|last|to|trading|business|straight|consecutive|session"
        r"|close|test|touch))",
        _day_of_month,
    ),
    (r"(?:the )?(?:first|next) (green|red|bullish|bearish|white|black|up|down) (?:candle|bar|day)", _color),
    (
        r"when it (?:crosses|turns|breaks|comes) back(?: again)?(?: (?:up|down|below|above|under|over))?(?=[.,;]|$| and\b| or\b| then\b)"
        r"|when (?:it|the price|price) (?:closes|crosses|moves|goes|falls|rises|drops) (?:back"
        r" )?(?:below|above|under|over)(?: it| that)?(?=[.,;]|$)"
        r"|on an? (?:weekly |daily )?close (?:back )?(?:below|above|under|over) (?:it|that)(?=[.,;]|$)"
        r"|when (?:it|this|that) is (?:below|above|under|over|no longer so|no longer true|not so any more)(?=[.,;]|$)",
        lambda match: BACK,
    ),
    (
        rf"(?:{PRICE} )?(?:is |has )?(?:falls?|drops?|fallen|comes? down|pulls? back|declines?|rises?"
        rf"|climbs?|comes? up|rall(?:y|ies))(?: back| up)? to ({TERM})",
        _reach,
    ),
    (
        rf"(?:(?P<subject>{TERM}) |{PRICE} )?(?:is |falls |rises |trades |closes )?(?:at least |at |more than )?"
        rf"(?P<beyond>{COMPOSED_TERM})",
        _beyond,
    ),
    (
        r"(?:when |once )?(?:it|(?:the )?price) (?:is|gets|comes|goes|returns|reverts)(?: back)? (?:at|to) (?:its|the)"
        r" (?:mean|average)(?=[.,;]|$)",
        lambda match: MEAN,
    ),
    (
        r"(?:the |its )?(?:fast|faster|short|shorter)(?:[- ]term)? (?:moving )?average"
        rf" ({CROSSING}|crosses) (?:the |its )?(?:slow|slower|long|longer)(?:[- ]term)? (?:moving )?average(?: from (above|below))?",
        _fast_and_slow,
    ),
    (COMPARED, read_comparison),
)
