"""Names of values, put together from their parts: a length, what it is of, how many bars ago, on which bars, and what is added to it."""

import re
from dataclasses import replace
from functools import lru_cache

from core.language.spoken.bands import read_band
from core.language.spoken.candles import read_of_pattern
from core.language.spoken.instruments import STOCK, read_ticker
from core.language.spoken.noun import Noun, count_bars, find_base, put_back, put_on_frame, read_frame
from core.language.spoken.places import read_opening, read_place
from core.language.spoken.scanner import Scanner
from core.language.spoken.vocabulary import (
    BARS,
    DETERMINER,
    FRAME,
    INTRADAY,
    KIND,
    KINDS,
    LAST,
    LINED,
    MEASURED,
    MOTION,
    NAMED,
    SHORT,
)


def read_value(scan: Scanner) -> Noun | None:
    """Read a value with what is added to it and how many bars ago it is meant; nothing is taken when there is none."""
    start = scan.at
    noun = _read_ratio(scan) or _read_multiple(scan) or _read_away(scan) or _read_plain(scan)
    if noun is None:
        scan.at = start
        return None
    return _read_tail(scan, noun, start)


def _read_ratio(scan: Scanner) -> Noun | None:
    """`The ratio of the 10-day ATR to the 100-day ATR`."""
    start = scan.at
    first = read_value(scan) if scan.take(r"(?:the )?ratio (?:of|between)(?! (?:this stock|the stock|it\b|its price))") else None
    second = read_value(scan) if first is not None and scan.take(r"to|and|over|divided by") else None
    if first is None or second is None or first.number or second.number:
        scan.at = start
        return None
    return Noun(f"({first.expression} / {second.expression})")


def _read_multiple(scan: Scanner) -> Noun | None:
    """`1.5 times X`, `twice X`, `half X`, `90% of X`."""
    start = scan.at
    match = scan.take(
        r"(?P<number>\d+(?:\.\d+)?) ?(?:times|x|\*)|(?P<word>twice|double|triple|half)(?: of)?|(?P<share>\d+(?:\.\d+)?) ?(?:%|percent) of"
    )
    noun = read_value(scan) if match else None
    if match is None or noun is None or noun.number:
        scan.at = start
        return None
    factor = float(match["number"] or 0) or float(match["share"] or 0) / 100
    factor = factor or {"twice": 2, "double": 2, "triple": 3, "half": 0.5}[match["word"].lower()]
    return replace(noun, expression=f"{factor:g} * {noun.expression}")


def _read_away(scan: Scanner) -> Noun | None:
    """`3% above X`, `2 ATR below X`, `50 cents below X`: a level that lies away from another."""
    start = scan.at
    match = scan.take(
        r"(?P<number>\d+(?:\.\d+)?) ?(?:(?P<share>%|percent)|(?P<cents>cents?)|(?P<whole>dollars?|points?)|"
        r"(?P<ranges>atrs?(?:\((?P<length>\d+)\))?|average true ranges?)|"
        r"(?P<deviations>standard deviations?|std\.? devs?|sigmas?|deviations?)) (?P<way>above|over|below|under|beneath)"
    )
    noun = read_value(scan) if match else None
    if match is None or noun is None or noun.number:
        scan.at = start
        return None
    up = match["way"].lower() in ("above", "over")
    number, base = float(match["number"]), noun.expression
    if match["share"]:
        return replace(noun, expression=f"{1 + (1 if up else -1) * number / 100:g} * {base}")
    if match["cents"] or match["whole"]:
        return replace(noun, expression=f"{base} {'+' if up else '-'} {number / 100 if match['cents'] else number:g}")
    if match["ranges"]:
        return replace(noun, expression=f"{base} {'+' if up else '-'} {number:g} * atr({match['length'] or 14})")
    average = re.fullmatch(r"sma\((\d+)\)", base)
    if base == "vwap":
        return Noun(f"vwap({number:g}).{'upper' if up else 'lower'}")
    if average is None:
        scan.at = start
        return None
    return Noun(f"bbands({average[1]}, {number:g}).{'upper' if up else 'lower'}")


HAPPENED = re.compile(
    r"\b(?:was|were|had been|closed|broke|crossed|cross(?:es)?|breaks|fell|rose|dropped|dipped|went|moved|came|traded|touched|hit|reached"
    r"|falls|drops|dips|rises|climbs|goes|moves|comes)"
    r"(?: (?:back|above|below|over|under|down|up|through|out of|outside|inside|beneath|to))*$",
    re.IGNORECASE,
)
"""Words for what was there, or happened, on the bar that is told behind the value: all of it was so many bars ago."""


def _read_tail(scan: Scanner, noun: Noun, start: int) -> Noun:
    """Words behind a value: `3 bars ago`, `plus 2 ATR`, `on the weekly chart` is a clause's."""
    if noun.number:
        return noun
    scan.take(r"\(today's?\)")
    if noun.expression.startswith("supertrend") and (match := scan.take(rf"on (?:the |an? )?(?:{FRAME})(?: chart| bars?| time ?frame)?")):
        noun = replace(noun, expression=put_on_frame(noun.expression, read_frame(match, scan.text)))
    if match := re.compile(r"\[(\d+)\]").match(scan.text, scan.at):
        scan.at = match.end()
        noun = replace(noun, expression=put_back(noun.expression, int(match[1])))
    past = re.fullmatch(r"(?:close|open|high|low)", noun.expression) is None and HAPPENED.search(scan.text[:start].rstrip()) is not None
    if match := scan.take(
        rf"(?:of |from ){'' if past else '?'}(?:(?P<count>\d+) (?P<unit>{BARS}|weeks?|months?)"
        r"|an? (?P<one>week|month|year)) (?:ago|earlier|before(?! ))"
    ):
        bars = count_bars(match["count"], match["unit"] or match["one"])
        noun = replace(noun, expression=put_back(noun.expression, bars))
    if match := scan.take(
        r"(?P<sign>plus|minus|less|\+|-) (?P<number>\d+(?:\.\d+)?) ?(?:x |times (?:the )?|\* ?)?(?:the )?atrs?(?: ?\((?P<length>\d+)\))?"
    ):
        sign = "+" if match["sign"] in ("plus", "+") else "-"
        noun = replace(noun, expression=f"{noun.expression} {sign} {float(match['number']):g} * atr({match['length'] or 14})")
    return noun


def _read_plain(scan: Scanner) -> Noun | None:
    """A value by its name, with the timeframe that stands before it."""
    start = scan.at
    told_later = re.search(r"\b(?:limit|stop)\b[^.;]*yesterday", scan.text, re.IGNORECASE)  # on the day of the order
    if not told_later and scan.take(r"yesterday['’]?s") and (past := _read_indicator(scan) or _read_line(scan)) is not None:
        return replace(past, expression=put_back(past.expression, 1))
    scan.at = start
    own = today = False
    while match := scan.take(DETERMINER):
        own = own or match.group().strip().lower() in ("its", "own", "their")
        today = today or match.group().strip().lower() == "today's"
    scan.take(
        rf"(?:{MOTION})(?= (?:\d+[- ]|[sewh]?ma\b|moving|average|exponential|simple|weekly|monthly|rsi|adx|macd|obv|atr|kijun"
        rf"|tenkan|mean|volume))"
    )
    if (opening := read_opening(scan)) is not None:
        return opening
    frame = ""
    place = scan.at
    if (match := scan.take(rf"(?!\d+[- ]hours?[- ](?:closing )?(?:high|low)|daily pivot)(?:{FRAME})")) is not None:
        frame = read_frame(match, "" if scan.alone else scan.text)
    for reader in READERS:
        noun = reader(scan)
        if noun is not None and today and scan.free and noun.expression in ("open", "high", "low"):
            return Noun(f"today.{noun.expression}")
        if noun is not None:
            return replace(noun, expression=put_on_frame(noun.expression, frame), own=own)
    if frame or scan.at != place:
        scan.at = place
        for reader in READERS:
            noun = reader(scan)
            if noun is not None:
                return replace(noun, own=own)
    scan.at = start
    return None


def _read_number(scan: Scanner) -> Noun | None:
    if money := scan.take(r"[$€£] ?(?P<number>\d+(?:\.\d+)?)(?![\d,.]*\d| ?(?:%|percent|per|a|each)\b)"):
        return Noun(money["number"], money=True)
    match = scan.take(
        r"(?P<number>[-−+]?\d+(?:\.\d+)?)(?P<percent> ?(?:%|percent))?(?![-\d.:]*\d| ?\*|[- ]?(?:day|bar|week|month|year|period"
        r"|minute|hour|atr|standard|times|x\b|r\b))"
    )
    if match is None:
        return None
    return Noun(match["number"].replace("−", "-").lstrip("+"), percent=match["percent"] is not None)


def _read_extreme(scan: Scanner) -> Noun | None:
    """`the highest close of the last 40 days`, `50-day high`, `lowest low in 10 bars`, `the high of the last 10 days`."""
    span = (
        rf"(?:of|in|over|for|from|during)(?: (?:{LAST}|the|those|these))? ?(?P<count>\d+) (?P<unit>{BARS}|weeks?|months?|years?)(?! (?:ago"
        rf"|before|earlier)\b)"
    )
    match = scan.take(
        r"(?P<side>highest|lowest|maximum|minimum|max|min)(?: (?P<of>high|low|close|closing price|price|open|volume|point"
        rf"|value))?(?: price)? {span}"
        rf"|(?P<bare>high|low)s? {span.replace('?P<count>', '?P<count2>').replace('?P<unit>', '?P<unit2>')}"
        rf"|{LAST} (?P<count5>\d+) (?P<unit5>day|bar|candle|week)s?'s? (?P<side5>high|low)s?"
        r"|(?P<count4>\d+)[- ](?P<unit4>day|bar|week|month)s?[- ](?P<side4>highest|lowest) (?P<of4>high|low|close)"
        r"|(?:new )?(?P<count3>\d+)[- ](?P<unit3>day|bar|session|period|hour|week|month|year)s?[- ](?P<closing>closing"
        r" )?(?P<side3>high|low|maximum|minimum)(?: close)?"
    )
    if match is None:
        return None
    high = (match["side"] or match["bare"] or match["side3"] or match["side4"] or match["side5"]).lower() in (
        "highest",
        "maximum",
        "max",
        "high",
    )
    bars = min(
        500, count_bars(*next((match[f"count{place}"], match[f"unit{place}"]) for place in ("", 2, 3, 4, 5) if match[f"count{place}"]))
    )
    if (match["unit3"] or "").lower() == "hour" and find_base(scan.text) not in (0, 60):
        return None  # so many hours are other bars
    of = (match["of"] or match["of4"] or "").lower()
    series = (
        "close"
        if "clos" in of or match["closing"] or of == "price"
        else of
        if of in ("high", "low", "open", "volume")
        else "high"
        if high
        else "low"
    )
    if match["count3"] and not match["closing"] and (inner := _read_of(scan)) is not None and not inner.price:
        series = inner.expression
    return Noun(f"{'highest' if high else 'lowest'}({series}, {bars})")


def _read_average(scan: Scanner) -> Noun | None:
    """`50-day exponential average`, `EMA(20)`, `200 SMA`, `the average volume of the last 20 days`, `20-day average volume`."""
    scan.take(rf"(?:fast|slow|short|long|faster|slower|shorter|longer)(?:[- ]term)?(?= (?:{KIND} )?(?:moving )?(?:average|{SHORT}) ?\(\d)")
    match = scan.take(
        r"(?P<n1>\d+)[- ]?(?P<unit>day|bar|period|session|week|month"
        rf"|d(?!ema))?s?'?[- ]?(?P<kind1>{KIND}[- ])?(?:(?P<volume1>average volume|volume average|average daily volume)"
        rf"|(?:(?:moving[- ]averages?|average|mean|(?P<short1>{SHORT})s?|line)(?P<volume2> (?:of )?(?:the |its )?volume)?|dma))"
        rf"|(?P<kind2>{KIND} )?(?:moving )?(?:average|mean|(?P<short2>{SHORT}))(?: ?\((?P<n2>\d+)\)| (?P<n3>\d+)(?![.%\d]| ?(?:%"
        rf"|percent)))|(?P<short3>{SHORT})(?P<n6>\d{{1,3}})(?!\w)"
        rf"|(?P<n5>\d+|one|1)[- ](?P<unit5>day|week|month|year) (?P<median>median)"
        rf"|(?:(?:simple|moving|exponential|daily) )*(?:average|mean)(?: daily)?(?P<volume3> volume)?(?: price| close)? (?:of"
        rf"|over|for|in)(?: {LAST}"
        rf"|the)? ?(?P<n4>\d+) (?P<unit4>{BARS}|weeks?|months?)"
        r"|(?P<volume4>(?:average|usual|normal|mean|avg\.?) (?:daily )?volume)"
    )
    if match is None:
        return None
    said = match.group().lower()
    name = next((short for word, short in KINDS.items() if re.search(rf"(?<![a-z]){word}", said)), "sma")
    of = "volume, " if any(match[f"volume{place}"] for place in (1, 2, 3, 4)) else ""
    length = next((match[f"n{place}"] for place in (1, 2, 3, 4, 6) if match[f"n{place}"]), "20")
    if match["median"]:
        return Noun(f"median({min(500, count_bars('1' if match['n5'] == 'one' else match['n5'], match['unit5']))})")
    if match["n4"]:
        length = str(count_bars(length, match["unit4"]))
    frame = {"week": "1w", "month": "1mo"}.get((match["unit"] or "").lower(), "")
    if not of and (line := scan.take(r"of (?:the )?(?P<line>high|low|open)s(?! of\b)")):
        of = f"{line['line'].lower()}, "
    if not of and (inner := _read_of(scan)):
        of = f"{inner.expression}, "
    return Noun(put_on_frame(f"{name}({of}{length})", frame)) if 1 <= int(length) <= 500 else None


def _read_of(scan: Scanner) -> Noun | None:
    """`of the RSI` behind an average; not `of the last ten days`."""
    start = scan.at
    noun = _read_plain(scan) if scan.take(r"of") else None
    if noun is None or noun.number or noun.expression == "close":
        scan.at = start if noun is None or noun.number else scan.at
        return None
    return noun


def _read_indicator(scan: Scanner) -> Noun | None:
    """`14-day RSI`, `RSI(2)`, `12-month return`, `ATR as a percentage of price`."""
    if skipped := scan.take(
        r"(?:(?P<count>\d+)[- ](?P<unit>month|week|day)s? (?:momentum|return|performance)"
        r"|(?:the )?(?:momentum|return|performance) (?:over|of|in|for)"
        rf"(?: {LAST}|the)? ?(?P<count2>\d+) (?P<unit2>months?|weeks?|days?)),? (?:excluding|skipping|ignoring|without|leaving out) "
        r"(?:the )?(?:(?:most recent|last|latest|past) )?(?:(?P<less>\d+) )?(?P<unit3>month|week|day)s?"
    ):
        bars = count_bars(skipped["count"] or skipped["count2"], skipped["unit"] or skipped["unit2"])
        less = count_bars(skipped["less"], skipped["unit3"])
        return Noun(f"roc({bars - less})[{less}]") if 0 < less < bars <= 500 else None
    if over := scan.take(
        rf"(?:momentum|returns?|rate of change|performance|roc) (?:over|of|in|for)(?: {LAST}"
        rf"|the)? ?(?P<count>\d+) (?P<unit>{BARS}|weeks?|months?|years?)"
    ):
        return Noun(f"roc({min(500, count_bars(over['count'], over['unit']))})")
    for words, name, usual in NAMED:
        match = scan.take(
            rf"(?:(?P<before>\d+)[- ]?(?P<unit>day|bar|period|week|month|year)?s?'?[- ])?(?:{words})"
            r"(?: of (?:the |its )?(?:close|price|closing price|closes)(?=[ ,.)]))?(?: ?\((?P<after>\d+)\)(?P<rest> (?:as a"
            r" (?:percent|percentage|%) of (?:the )?(?:price|close)))?| ?(?P<bare>\d{1,3})(?=[ ,.;)]|$)(?! ?(?:%|percent))"
            rf"(?! (?:{BARS}|weeks?|months?) (?:ago|earlier|before)))?"
        )
        if match is None:
            continue
        length = match["before"] or match["after"] or match["bare"]
        counted = re.search(r"(?<![\w.(])\d+(?:\.\d+)? $", scan.text[: match.start() + 1]) if name == "atr" else None
        if counted or (match["before"] and not match["unit"] and name in ("atr", "natr") and "-" not in match.group()):
            scan.at = match.start()
            return None  # so many of it
        if match["before"]:
            length = str(min(500, count_bars(match["before"], match["unit"])))
        if name in MEASURED and not usual and not length:
            scan.at = match.start()
            return None
        name = "natr" if match["rest"] and name == "atr" else name
        return Noun(f"{name}({length or usual})" if length or usual else name)
    return None


def _read_line(scan: Scanner) -> Noun | None:
    for words, expression in LINED:
        match = scan.take(rf"(?:{words})(?: ?\((?P<length>\d+)\))?")
        if match:
            return Noun(expression.replace("(25)", f"({match['length']})") if match["length"] else expression)
    return None


def _read_period(scan: Scanner) -> Noun | None:
    """`yesterday's high`, `the previous bar's low`, `the prior week's close`, `the high of the previous bar`, `today's open`."""
    line = r"(?P<line{0}>open|high|low|close|closing price)(?: price)?"
    if scan.take(r"(?:yesterday(?:'?s|')?|(?:the )?(?:previous|prior) (?:day|bar|candle)(?:'?s|')) volume") and not INTRADAY.search(
        scan.text
    ):
        return Noun("volume[1]")
    if (place := read_place(scan)) is not None:
        return place
    period = r"(?P<period{0}>yesterday|(?:previous|prior|preceding|last) (?:day|bar|candle|week|month|session))"
    match = scan.take(
        rf"{period.format(1)}(?:'?s|')? {line.format(1)}|{line.format(2)} of (?:the )?{period.format(2)}(?! \d)"
        rf"|(?P<now>day's|today's|bar's|session's) {line.format(3)}"
        rf"|(?P<before>previous|prior) {line.format(4)}(?! (?:of|since))"
    )
    if match is None:
        return None
    name = next(match[f"line{place}"] for place in (1, 2, 3, 4) if match[f"line{place}"]).lower().split()[0]
    name = "close" if name == "closing" else name
    if match["now"]:
        if scan.free and name in ("open", "high", "low") and "bar" not in match["now"].lower():
            return Noun(f"today.{name}")
        return Noun(f"today.{name}" if INTRADAY.search(scan.text) and name != "close" and "bar" not in match["now"] else name)
    said = (match["period1"] or match["period2"] or "bar").lower()
    if match["before"] and INTRADAY.search(scan.text) is None:
        said = "yesterday"
    unit = said.split()[-1]
    if unit in ("bar", "candle"):
        return Noun(f"{name}[1]")
    return Noun(f"last_{unit}.{name}" if unit in ("week", "month") else f"yesterday.{name}")


def _read_price(scan: Scanner) -> Noun | None:
    if scan.take(
        r"(?:(?:this|that|current|signal|price) )?(?:candle|bar)(?: close)?(?= (?:closes|closed|breaks|crosses|has closed|trades)\b)"
    ):
        return Noun("close")
    if match := scan.take(
        r"(?:next|following) (?:bar|day|candle)(?!'s| (?:open|high|low|close)\b)|today(?= (?:opens|opened|closes|closed|is|was|trades))"
    ):
        return Noun("close")
    match = scan.take(
        r"(?P<side>open|high|low)(?: of (?:the )?(?:day|bar|candle|session|today))?(?: price)?(?! (?:of(?! \d+ \w+ ago)|since"
        r"|volume|volatility))"
        r"|(?:closing price|price|close|stock|market|share price|shares?)(?: price)?(?! (?:of|since|range|lowest|highest))"
        r"|(?P<volume>volume)(?: today| (?:on|of) (?:the|that) (?:last |same |signal |same )?(?:day|bar|candle))?"
    )
    index = (
        scan.take(r"(?:index|etf|asset|instrument|security|pair|coin|currency)(?! fund)")
        if match is None and not STOCK.search(scan.text)
        else None
    )
    if index is not None:
        return Noun("close")
    if match is None or re.search(r"\b(?:entry|limit|stop|purchase)\s*$", scan.text[: match.start()], re.IGNORECASE):
        return None
    side = (match["side"] or "close").lower()
    if scan.free and re.search(r" of (?:the )?(?:day|session|today)", match.group(), re.IGNORECASE):
        return Noun(f"today.{side}")
    return Noun("volume" if match["volume"] else side)


READERS = (
    read_ticker, read_of_pattern, _read_extreme, _read_average, _read_indicator,
    _read_line, read_band, _read_period, _read_price, _read_number,
)  # fmt: skip


def find_value(text: str) -> str:
    """Find the value that a whole text names; empty when it names none.

    >>> find_value("its 20-day average volume"), find_value("the highest close of the last 40 days"), find_value("RSI(3) 2 bars ago")
    ('sma(volume, 20)', 'highest(close, 40)', 'rsi(3)[2]')
    """
    noun = find_noun(text)
    return noun.expression if noun else ""


@lru_cache(maxsize=4_096)
def find_noun(text: str, *, alone: bool = False) -> Noun | None:
    """Find the value that a whole text names, with what is known of it; `alone` where no other text tells of which bars the run is."""
    scan = Scanner(text, free=True, alone=alone)
    noun = read_value(scan)
    return noun if scan.is_done() else None
