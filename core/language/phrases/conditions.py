"""Phrases that state a condition, and the expression that each means."""

import re
from collections.abc import Callable

from core.language.phrases.terms import (
    COUNT,
    OVER,
    UNDER,
    UNITS,
    read_count,
    read_term,
)

Builder = Callable[[re.Match[str]], str]
MEAN = "mean("
"""Mark of a level in the middle, which is reached from the side that the entry speaks of: it is found where rows are built."""
CHANGED = "changed("
"""Mark of a change whose time is not told: that of the bar for an entry, that since the entry for an exit."""
SKIP = "skip("
"""Mark of words that what stands elsewhere says more exactly."""
NUMBER = r"(-?\d+(?:\.\d+)?)"
LENGTH = r"(\d+)(?:[- ]?(?:day|days|bar|bars|period|periods|d(?!ema)|hour|candle))?"
AVERAGE = (
    rf"(?:the |its |their )?(?:{LENGTH}[- ]?(simple|exponential|weighted|hull)?[- ]?(?:moving[- ]average"
    rf"|average|ma|sma|ema|wma|hma)s?|(sma|ema|wma|hma|ma)[ (]?(\d+)\)?)"
)
PRICE = r"(?:the )?(?:price|close|stock|market|it|day|bar|candle)"
CROSS = r"(?:cross(?:es|ed|ing)?|breaks?|goes|moves|turns|climbs|rises|falls|drops|comes|gets)"
KINDS = {"exponential": "ema", "weighted": "wma", "hull": "hma"}
NAME_BEHIND = re.compile(r"[- ]?(?:days?|bars?|periods?|d(?!ema)|hour|candle)?[- ]?([sewh]ma)", re.IGNORECASE)
"""The kind of an average behind its length: `9ema`, `20-day HMA`."""
MONTHS = ["january", "february", "march", "april", "may", "june", "july", "august", "september", "october", "november", "december"]
DAYS = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]


def _average(match: re.Match[str], first: int) -> str:
    """The average whose groups begin at that place: `sma(50)`."""
    length, kind, short, number = match.group(first), match.group(first + 1), match.group(first + 2), match.group(first + 3)
    if short:
        return f"{'sma' if short.lower() == 'ma' else short.lower()}({number})"
    named = NAME_BEHIND.match(match.string, match.end(first))
    return f"{KINDS.get((kind or '').lower()) or (named[1].lower() if named else 'sma')}({length})"


def find_side(text: str) -> str:
    """The side that words, or a sign, are for."""
    return ">" if ">" in text or re.search(OVER, text, re.IGNORECASE) else "<"


def _cross(text: str) -> str:
    return "crosses_below" if re.search(rf"{UNDER}|\bdown", text, re.IGNORECASE) else "crosses_above"


def _averages(match: re.Match[str]) -> str:
    first, second, word = _average(match, 1), _average(match, 6), match.group(5)
    if re.search(r"cross|break|turn|goes|moves", word, re.IGNORECASE):
        return f"{_cross(word)}({first}, {second})"
    return f"{first} {find_side(word)} {second}"


def _price_and_average(match: re.Match[str]) -> str:
    word, average = match.group(1), _average(match, 2)
    if re.search(r"cross|break", word, re.IGNORECASE):
        return f"{_cross(word)}(close, {average})"
    return f"close {find_side(word)} {average}"


INDICATOR = {
    "rsi": ("rsi", 14),
    "cci": ("cci", 20),
    "adx": ("adx", 14),
    "mfi": ("mfi", 14),
    "williams %r": ("williams_r", 14),
    "ibs": ("ibs", 0),
}


def _oscillator(match: re.Match[str]) -> str:
    name, usual = INDICATOR[re.sub(r"\s+", " ", match.group(1).lower())]
    length = match.group(2) or (str(usual) if usual else "")
    operand = f"{name}({length})" if length else name
    if re.search(r"cross|break|turn|climb|rises|comes|goes|moves", match.group(3), re.IGNORECASE):
        return f"{_cross(match.group(3))}({operand}, {match.group(4)})"
    return f"{operand} {find_side(match.group(3))} {match.group(4)}"


def _extreme(match: re.Match[str]) -> str:
    count, unit, word = read_count(match.group(1)), (match.group(2) or "day").lower(), match.group(3).lower()
    bars = 252 if (count, unit) == (52, "week") else count * UNITS.get(unit.rstrip("s"), 1)
    return f"close > highest(high, {min(bars, 500)})[1]" if word == "high" else f"close < lowest(low, {min(bars, 500)})[1]"


def _streak(match: re.Match[str]) -> str:
    count, word = read_count(match.group(1)), match.group(2).lower()
    if word in ("red", "green", "bearish", "bullish"):
        return f"count(close {'<' if word in ('red', 'bearish') else '>'} open, {count}) == {count}"
    of = {"low": "low", "high": "high"}.get(match.group(3).lower().rstrip("s"), "close")
    return f"{'falling' if word in ('lower', 'down', 'falling', 'losing') else 'rising'}({of}, {count})"


def _band(match: re.Match[str]) -> str:
    word, line = match.group(1), {"upper": "upper", "lower": "lower", "middle": "mid", "mid": "mid"}[match.group(2).lower()]
    if re.search(r"cross|break", word, re.IGNORECASE):
        upward = line == "upper" and not re.search(UNDER, word, re.IGNORECASE)
        return f"{'crosses_above' if upward else _cross(word)}(close, bbands(20, 2).{line})"
    if re.search(r"touch|reach|hits", word, re.IGNORECASE):
        return f"{'low <=' if line == 'lower' else 'high >='} bbands(20, 2).{line}" if line != "mid" else f"{MEAN}bbands(20, 2).mid"
    return f"close {find_side(word)} bbands(20, 2).{line}"


def _volume(match: re.Match[str]) -> str:
    word, length = (match.group(1) or "").lower(), match.group(3) or "20"
    factor = 2 if re.search("twice|double", word) else float(match.group(2)) if match.group(2) else 1
    return f"volume > {f'{factor:g} * ' if factor != 1 else ''}sma(volume, {length})"


def _supertrend(match: re.Match[str]) -> str:
    up = match.group(1).lower() in ("up", "green", "bullish")
    if re.search(r"\b(?:is|stays|points)\b", match.group(), re.IGNORECASE):
        return f"supertrend(10, 3).direction {'>' if up else '<'} 0"
    return f"crosses_{'above' if up else 'below'}(supertrend(10, 3).direction, 0)"


def _times(match: re.Match[str]) -> str:
    factor = 2 if match.group(1).lower() in ("twice", "double") else float(match.group(2))
    return f"volume > {factor:g} * sma(volume, {match.group(3) or 20})"


def _at_band(match: re.Match[str]) -> str:
    line = match.group(1).lower()
    kind = re.search(r"keltner|donchian", match.group(), re.IGNORECASE)
    if kind is None and not re.search(r"bollinger", match.string, re.IGNORECASE):
        kind = re.search(r"keltner|donchian", match.string, re.IGNORECASE)
    level = read_term(f"{line} {kind[0]} band" if kind else f"{line} band", match.string)
    return f"{MEAN}{level}" if line in ("middle", "mid") else f"{'low <=' if line == 'lower' else 'high >='} {level}"


def _quiet(match: re.Match[str]) -> str:
    sign = ">=" if match.group(1).lower() == "before" else "<"
    return f"minute_of_day {sign} time({int(match.group(2))}, {int(match.group(3))})"


def _change(match: re.Match[str]) -> str:
    word, amount, count = match.group(1).lower(), match.group(2), match.group(3)
    up = word in ("up", "gains", "rises", "gained", "rose", "risen")
    if not count:
        return f"{CHANGED}{'up' if up else 'down'}|{amount}"
    return f"roc({read_count(count)}) > {amount}" if up else f"roc({read_count(count)}) < -{amount}"


def _clock(match: re.Match[str]) -> str:
    sign = ">=" if match.group(1).lower() in ("after", "from", "since") else "<"
    return f"minute_of_day {sign} time({int(match.group(2))}, {int(match.group(3) or 0)})"


def _month(match: re.Match[str]) -> str:
    number = MONTHS.index(match.group(2).lower()) + 1
    return f"month {'!=' if match.group(1) else '=='} {number}"


def _month_of_may(match: re.Match[str]) -> str:
    return f"month {'!=' if match['may'] else '=='} 5"


def _weekday(match: re.Match[str]) -> str:
    return f"weekday {'!=' if match.group(1) else '=='} {DAYS.index(match.group(2).lower())}"


def _previous(match: re.Match[str]) -> str:
    line = match.group(3).lower()
    if re.search(r"break|cross", match.group(1), re.IGNORECASE):
        return f"{'crosses_below' if line == 'low' else 'crosses_above'}(close, {_period(match)}.{line})"
    return f"close {find_side(match.group(1))} {_period(match)}.{line}"


def _period(match: re.Match[str]) -> str:
    word = match.group(2).lower()
    return "last_week" if "week" in word else "last_month" if "month" in word else "yesterday"


def _macd_and_zero(match: re.Match[str]) -> str:
    line = f"macd(12, 26, 9).{'histogram' if 'histogram' in match.group().lower() else 'macd'}"
    down = re.search(rf"{UNDER}|negative", match.group(1), re.IGNORECASE)
    if re.search(rf"{CROSS}|flips|becomes", match.group(1), re.IGNORECASE):
        return f"crosses_{'below' if down else 'above'}({line}, 0)"
    return f"{line} {'<' if down else '>'} 0"


def _is_defined(match: re.Match[str], way: str) -> bool:
    """Tell whether a text says itself which trend it means."""
    told = (
        rf"{way} ?trend,? (?:above|over|below|under) |trend is {way}(?: when| if|:)"
        rf"|[:>=] ?{way} ?trend(?=[.,;]|$)|{way} ?trend ?=|{way} ?trend(?:,| is| as)? (?:when|if|means?|meaning(?:"
        r" that)?|defined"
        rf"|being|i\.e\.|that"
        rf" is)|{way} ?trend ?\("
    )
    return re.search(told, match.string, re.IGNORECASE) is not None


STANDS = r"(?:stays?|sits?|holds?|remains?|stands?|closes?|trades?)"
RELATION = rf"(?:(?:is|are|was|{STANDS}|{CROSS})(?: back)? )?(?:{OVER}|{UNDER})"
CROSSING = rf"(?:(?:is|are|{STANDS}|{CROSS})(?: back| still| now)?(?: out)? )?(?:{OVER}|{UNDER}|up through|down through)"
FILTERS: tuple[tuple[str, Builder], ...] = (
    (r"(?:do not|don'?t|no|never)(?: trade| enter| buy| trades| entries| entry)? (before|after) (\d{1,2}):(\d{2})", _quiet),
)
"""Phrases that say when nothing is opened, whatever they follow."""
PATTERNS: tuple[tuple[str, Builder], ...] = (
    (r"(twice|double|(\d+(?:\.\d+)?) ?(?:times|x)) (?:the |its )?(?:(\d+)[- ]?(?:day|bar)? )?(?:average|usual|normal) volume", _times),
    (
        r"\b(?:at|to) the (?:(?:keltner|donchian|bollinger) )?(upper|lower|middle|mid) (?:bollinger |keltner |donchian )?(?:band"
        r"|line|channel)",
        _at_band,
    ),
    (rf"{AVERAGE} ({CROSSING}) {AVERAGE}", _averages),
    (r"golden cross", lambda match: "crosses_above(sma(50), sma(200))"),
    (r"death cross", lambda match: "crosses_below(sma(50), sma(200))"),
    (rf"(?:{PRICE} )?({CROSSING}|crosses|breaks) {AVERAGE}", _price_and_average),
    (rf"\b(rsi|cci|adx|mfi|williams %r|ibs)(?:[ (]*(\d+)\)?)?,? ({CROSSING}) {NUMBER}", _oscillator),
    (
        r"(?:(?:makes?|breaks?(?: out)?(?: to)?|breakouts?(?: to| above| of)?|closes?|at|on|is|of)? ?(?:above|below|under"
        r"|over|at|to)? ?(?:a|the"
        rf"|its)? ?(?:new )?){COUNT}[- ](day|bar|week|month|year)s?[- ](high|low)\b",
        _extreme,
    ),
    (
        rf"{COUNT} (?:consecutive |straight )?(lower|higher|red|green|up|down|rising|falling|bearish|bullish|losing|winning)"
        rf" (closes?|bars?|days?|candles?|lows?|highs?)(?: in a row| running)?",
        _streak,
    ),
    (
        r"macd(?: line)? (crosses(?: back)? (?:above|over|up through|up)|crosses(?: back)? (?:below|under|down"
        r" through|down)) (?:its |the )?signal(?: line)?",
        lambda match: f"{_cross(match.group(1))}(macd(12, 26, 9).macd, macd(12, 26, 9).signal)",
    ),
    (rf"macd(?: line| histogram)? ({RELATION}) zero", _macd_and_zero),
    (
        r"macd(?: line| histogram)? ((?:is|stays|remains|turns|flips|goes|becomes|crosses)(?: (?:to|into))? (?:positive|negative))",
        _macd_and_zero,
    ),
    (
        rf"(?:{PRICE} )?({CROSSING}|crosses|breaks|touches|reaches|hits) (?:the )?(upper|lower|middle|mid) (?:bollinger )?(?:band|line)",
        _band,
    ),
    (
        rf"stochastics?(?: %?k)? ({RELATION}) {NUMBER}",
        lambda match: (
            f"{_cross(match.group(1))}(stoch(14, 3, 3).k, {match.group(2)})"
            if re.search("cross", match.group(1), re.IGNORECASE)
            else f"stoch(14, 3, 3).k {find_side(match.group(1))} {match.group(2)}"
        ),
    ),
    (
        r"supertrend (?:turns|flips|is|goes|points) (up|down|green|red|bullish|bearish)",
        _supertrend,
    ),
    (
        r"volume (?:is )?(?:at least |more than |above |over )?(twice|double|(\d+(?:\.\d+)?) ?(?:times|x))?"
        r" ?(?:above |over )?(?:its |the |of its |of the )?(?:(\d+)[- ]?(?:day|bar)? )?(?:usual|average|mean)(?:"
        r" volume)?",
        _volume,
    ),
    (
        rf"(?:{PRICE} )?({RELATION}|breaks|crosses) (?:the )?vwap",
        lambda match: (
            f"close {find_side(match.group(1))} vwap"
            if not re.search("cross|break", match.group(1), re.IGNORECASE)
            else f"{_cross(match.group(1))}(close, vwap)"
        ),
    ),
    (
        rf"(?:{PRICE} )?({CROSSING}|breaks|crosses) (?:the )?(yesterday'?s?|previous day'?s?|prior day'?s?|last"
        rf" week'?s?|previous week'?s?|last month'?s?) (high|low|close|open)",
        _previous,
    ),
    (
        r"breaks?(?: |out |of |above |over )*(?:the )?(?:first (\d+) minutes?|(\d+)[- ]minute opening range|opening range)",
        lambda match: f"crosses_above(close, opening_range({match.group(1) or match.group(2) or 30}).high)",
    ),
    (
        r"gaps? (up|down)(?: by)?(?: more than| over| at least)? ?(\d+(?:\.\d+)?) ?(?:%|percent)(?: or more)?",
        lambda match: f"gap > {match.group(2)}" if match.group(1).lower() == "up" else f"gap < -{match.group(2)}",
    ),
    (
        r"\b(up|down|gains|loses|falls|drops|rises|fell|dropped|gained|rose|lost|fallen|risen) (?:by )?(?:more than |over "
        r"|at least )?(\d+(?:\.\d+)?) ?(?:%"
        rf"|percent)(?: (?:in|over|within) (?:the last )?{COUNT} (?:days|bars))?",
        _change,
    ),
    (
        r"last trading day of (?:the|each|every|a) month|(?:at|the) (?:the )?(?:month[- ]end|end of (?:the|each|every) month)",
        lambda match: "last_trading_day_of_month",
    ),
    (r"first trading day of (?:the|each|every) month|start of (?:the|each|every) month", lambda match: "first_trading_day_of_month"),
    (r"first (?:bar|day) of (?:the|each|every) week", lambda match: "first_bar_of_week"),
    (r"\b(never in |not in |except in |no trades in )?in (may)\b|\b(?:never|not|except|no trades) in (?P<may>may)\b", _month_of_may),
    (
        r"\b(never in |not in |except in |no trades in )?(?:in )?(january|february|march|april|june|july|august"
        r"|september|october|november|december)\b",
        _month,
    ),
    (
        r"\b(never on |not on |except on )?(?:on )?(?:an? |the |every |each )?(monday"
        r"|tuesday|wednesday|thursday|friday|saturday|sunday)s?\b",
        _weekday,
    ),
    (r"\b(after|before|from|since|until) (\d{1,2}):(\d{2})\b", _clock),
    (r"\b(bullish|bearish) (engulfing|harami|divergence)\b", lambda match: f"{match.group(1).lower()}_{match.group(2).lower()}"),
    (
        r"(?<!of the )(?<!of that )\b(doji|hammer|shooting star|inside (?:bar|day)|outside (?:bar|day)|morning star|evening star|piercing"
        r" (?:line|pattern)|dark cloud cover|three white soldiers|three black crows)\b(?!['’]s)",
        lambda match: match.group(1).lower().replace(" pattern", " line").replace(" day", " bar").replace(" ", "_"),
    ),
    (r"\bz-?score (?:is |falls |drops )?(?:below|under) (-?\d+(?:\.\d+)?)", lambda match: f"zscore(20) < {match.group(1)}"),
    (
        r"pulls? ?back to (?:the )?(\d+)[- ]?(?:day|bar)? ?(?:ema|sma|average|moving average)",
        lambda match: (
            f"low <= {'ema' if 'ema' in match.group().lower() else 'sma'}({match.group(1)}) and close >"
            f" {'ema' if 'ema' in match.group().lower() else 'sma'}({match.group(1)})"
        ),
    ),
    (r"\b(?:the )?trend is (?:up|down)(?= (?:when|if|as long as|while)\b)", lambda match: SKIP),
    (r"not in (?:an? )?up ?trend\b", lambda match: "" if _is_defined(match, "up") else "close <= sma(200)"),
    (r"not in (?:an? )?down ?trend\b", lambda match: "" if _is_defined(match, "down") else "close >= sma(200)"),
    (r"\bup ?trend\b", lambda match: SKIP if _is_defined(match, "up") else "close > sma(200)"),
    (r"\bdown ?trend\b", lambda match: SKIP if _is_defined(match, "down") else "close < sma(200)"),
    (r"(?:first )?higher close|up close|closes? up", lambda match: "close > close[1]"),
    (r"(?:first )?lower close|down close|closes? down", lambda match: "close < close[1]"),
)
