"""Phrases that name a stop away from a level, a trail along one, parts that leave, further entries, and how long a trade is held."""

import re
from collections.abc import Iterator

from core.domain.workflow import Measure, Section
from core.language.phrases.distances import BEHIND_GAIN, NOT_LATER, STATE
from core.language.phrases.rule_words import (
    REACH,
    Builder,
    RuleText,
    build_holding,
    build_resting_limit,
    find_level,
    find_range_bars,
    is_bought,
    read_measure,
)
from core.language.phrases.terms import COUNT, read_count
from core.language.spoken.candles import PATTERN

_NUMBERED = REACH.replace("(\\d+", "(?P<number>\\d+", 1).replace("(%", "(?P<unit>%", 1)
_NUMBERED_ATR = r"(?P<number>\d+(?:\.\d+)?) ?(?P<unit>(?:x )?(?:\d+[- ](?:day|bar) )?atrs?(?: ?\(\d+\))?)"
_LEVEL = r"(?P<level>(?!(?:the |my |our )?(?:entry|fill|purchase|buy))[^.,;:()]{2,60}?)(?=[.,;:()]|$| and\b| or\b| with\b| then\b)"
_OVER = r"(?P<way>above|below|under|over|beneath|beyond)"


def _stop_away(match: re.Match[str]) -> RuleText | None:
    """`Stop 1 ATR above the high`, `stop 2% below the 20-day low`, `stop a tick under the low`."""
    level = find_level(match["level"])
    if not level:
        return None
    way = match["way"].lower()
    up = way in ("above", "over") or (way == "beyond" and re.search(r"high", level) is not None)
    number, unit = match["number"], (match["unit"] or "").lower()
    measure = read_measure(unit)
    if measure is Measure.PERCENT:
        return Section.RISK, "stop_loss", Measure.PRICE, (f"{1 + (1 if up else -1) * float(number) / 100:g} * {level}",)
    if measure not in (Measure.ATR, Measure.POINTS):
        return None
    bars = next(iter(find_range_bars(unit)), "14")
    step = f"{float(number):g} * atr({bars})" if measure is Measure.ATR else f"{float(number):g}"
    return Section.RISK, "stop_loss", Measure.PRICE, (f"{level} {'+' if up else '-'} {step}",)


def _trail_level(match: re.Match[str]) -> RuleText | None:
    """`Trail the stop at the 10-day low`, `the last third trails under the 20 EMA`."""
    level = find_level(match["level"])
    return (Section.RISK, "trailing_stop", Measure.PRICE, (level,)) if level else None


SHARES = {
    "half": "50", "one half": "50", "a half": "50", "a third": "33", "one third": "33", "1/3": "33", "1/2": "50", "a quarter": "25",
    "one quarter": "25", "1/4": "25", "two thirds": "67", "another third": "33", "another half": "50", "another quarter": "25",
}  # fmt: skip
_SHARE = r"(?P<share>half|(?:one|a|another) (?:half|third|quarter)|two thirds|1/[234]|\d+ ?(?:%|percent)(?= of (?:the|my|it)| off| out))"


def _size_by_range(match: re.Match[str]) -> RuleText:
    """`Position size such that 2 ATR equals 1% of equity`: units of which so many ranges are that share."""
    bars = next(iter(find_range_bars(match["unit"])), "14")
    share = float(match["share"]) / 100
    return Section.SIZING, "position_size", Measure.UNITS, (f"equity * {share:g} / ({float(match['number']):g} * atr({bars}))",)


def _trail_from_best(match: re.Match[str]) -> RuleText | None:
    """`Drops 3 ATR below its highest close since I bought`."""
    measure = read_measure(match["unit"])
    return Section.RISK, "trailing_stop", measure, (match["number"], *find_range_bars(match["unit"]))


def _part(match: re.Match[str]) -> RuleText | None:
    """`One third at 1R`, `exit half when the trade has gained 2 ATR`."""
    if is_bought(match):
        return None
    said = " ".join(match["share"].lower().split())
    share = SHARES.get(said) or re.sub(r"[^\d]", "", said)
    return Section.RISK, "partial_exit", read_measure(match["unit"]), (match["number"], share, *find_range_bars(match["unit"]))


_MOVED = re.compile(
    rf"(?:(?:sell|take|close|exit|cover|scale out|bank|book) )?(?:of )?{_SHARE}(?: of (?:it|the position|my position"
    rf"|the trade))?(?: off)?(?: out)?"
    rf" (?:at|after|when|once|if|as soon as) {STATE}{_NUMBERED}{BEHIND_GAIN},? (?:and )?(?:then )?(?:i )?(?:move|bring|raise|put"
    rf"|set) (?:the |my )?"
    rf"stops?(?:[- ]loss)? (?:up )?to (?:the |my )?(?:entry(?: price)?|break[- ]?even){NOT_LATER}",
    re.IGNORECASE,
)


def find_pairs(text: str) -> Iterator[tuple[int, int, tuple[RuleText, ...]]]:
    """Find a part that leaves and the stop that moves with it: `take half at 2 ATR and move the stop to entry`."""
    for match in _HALVES.finditer(text):
        yield *match.span(), _in_halves(match)
    for match in _MOVED.finditer(text):
        part = _part(match)
        if part is not None:
            yield *match.span(), (part, (Section.RISK, "break_even", read_measure(match["unit"]), (match["number"],)))


def _trail_on_close(match: re.Match[str]) -> RuleText | None:
    """`Trail the rest with 21 ema closes`: judged on closes alone."""
    level = find_level(match["level"] or match["level2"])
    return (Section.RISK, "trailing_stop", Measure.PRICE, (level, "on close")) if level else None


def _stop_at_entry_bar(match: re.Match[str]) -> RuleText:
    """`Stop at the low of the entry day`: of the bar on which the order is filled."""
    return Section.RISK, "stop_loss", Measure.PRICE, ((match["line"] or match["line2"]).lower(), "at fill")


def _second_lot(match: re.Match[str]) -> RuleText:
    """`Add a second lot if the price drops another 5% from my entry`."""
    way = "" if re.match("ris|gain|goes up|is up", match["way"], re.IGNORECASE) else "-"
    return Section.SIZING, "pyramiding", Measure.PERCENT, ("2", f"{way}{match['share']}")


_HALVES = re.compile(
    r"(?:(?:i )?scale in:? ?)?\bhalf (?:of it )?(?:now|at once|at first|right away|first|immediately)(?: and|,|;)+ (?:the )?(?:other )?half"
    r" (?:if|when|once) (?:it|price|the price) (?P<way>falls|drops|declines|rises|gains) (?:by )?(?:another |a further )?"
    r"(?P<share>\d+(?:\.\d+)?) ?(?:%|percent)",
    re.IGNORECASE,
)


def _in_halves(match: re.Match[str]) -> tuple[RuleText, ...]:
    """`Half now, half if it falls another 3%`: two entries of half the account."""
    way = "" if re.match("ris|gain", match["way"], re.IGNORECASE) else "-"
    size = (Section.SIZING, "position_size", Measure.PERCENT, ("47.5",))
    return size, (Section.SIZING, "pyramiding", Measure.PERCENT, ("2", f"{way}{match['share']}"))


ADDED_TO = re.compile(
    r"\b(?:add\w*|pyramid\w*|scal(?:e|ing)|another|each (?:new|additional|further)|tranches?|lots?|again)\b", re.IGNORECASE
)


def _positions(match: re.Match[str]) -> RuleText | None:
    """`I can hold up to three positions`: so many entries, one at each new signal."""
    count = read_count(match["count"])
    whole = re.search(r"\b(?:open|simultaneous|concurrent)\b", match.group(), re.IGNORECASE) or re.match(
        "max", match.group(), re.IGNORECASE
    )
    if whole and "position" in match.group().lower() and not ADDED_TO.search(match.string):
        return None  # of several instruments, as it is said of a whole account
    return (Section.SIZING, "pyramiding", Measure.COUNT, (str(count),)) if count > 1 else None


def _add_units(match: re.Match[str]) -> RuleText | None:
    """`Add another unit each time the price moves up 1 ATR, max 3 units`."""
    measure, entries = read_measure(match["unit"]), str(max(2, read_count(match["count"])))
    if measure is Measure.PERCENT:
        return Section.SIZING, "pyramiding", measure, (entries, match["number"])
    cells = (entries, match["number"], *find_range_bars(match["unit"]))
    return (Section.SIZING, "pyramiding", measure, cells) if measure is Measure.ATR else None


def _stop_level(match: re.Match[str]) -> RuleText | None:
    """`Stop at the low of the first hour`: any level that words name."""
    level = find_level(match["level"])
    return (Section.RISK, "stop_loss", Measure.PRICE, (level,)) if level else None


def _target_level(match: re.Match[str]) -> RuleText | None:
    level = find_level(match["level"])
    return (Section.RISK, "take_profit", Measure.PRICE, (level,)) if level else None


def _in_risks(match: re.Match[str]) -> RuleText:
    return Section.RISK, "take_profit", Measure.R, (match["number"],)


def _gain(match: re.Match[str]) -> RuleText:
    """`At 2% profit`, `with a 1.5% gain`."""
    measure, cells = read_measure(match["unit"]), (match["number"], *find_range_bars(match["unit"]))
    return Section.RISK, "take_profit", measure, cells


def _loss(match: re.Match[str]) -> RuleText | None:
    """`A 5% gain, 3% loss`."""
    measure = read_measure(match["unit"])
    return None if measure is Measure.R else (Section.RISK, "stop_loss", measure, (match["number"], *find_range_bars(match["unit"])))


def _held(match: re.Match[str]) -> RuleText | None:
    return build_holding(match, read_count(match["count"]), match["unit"])


_COUNTED = COUNT.replace("(", "(?P<count>", 1)
_BARS = r"(?:trading )?(?P<unit>bars?|days?|candles?|weeks?|months?)"
PATTERNS: tuple[tuple[str, Builder], ...] = (
    (
        r"position size(?: is|:| =)? \(?(?P<share>\d+(?:\.\d+)?) ?% of (?:the |my )?(?:equity|account|capital)\)? ?/"
        r" ?\(?(?P<number>\d+(?:\.\d+)?)"
        r" ?[*x×]? ?(?P<unit>atrs?(?: ?\(\d+\))?)\)?",
        _size_by_range,
    ),
    (
        r"(?:then |and )*(?:i |we )?(?:add|buy)(?: (?:\d+(?:\.\d+)? ?(?:%|percent)|another|one more|a|unit|lot|position|the same amount))*"
        r" (?:each|every) time (?:it|price|the (?:price|stock)) is (?P<number>\d+(?:\.\d+)?) ?(?P<unit>%|percent|atrs?)"
        r" (?:higher|above)(?: than)? (?:my |the )?(?:last|previous) (?:buy|entry|purchase|fill|add)(?: price)?,? (?:and )?"
        rf"(?:up to|max(?:imum)?(?: of)?|at most|no more than) {_COUNTED} (?:times|units|lots|entries|positions|buys)",
        _add_units,
    ),
    (
        r"(?:i |we )?(?:add|buy) (?:a second|another|one more|the second|a further) (?:lot|unit|position|tranche|half|one) (?:if|when|once)"
        r" (?:it|price|the (?:price|stock|market)) (?P<way>drops|falls|declines|goes down|is down|rises|gains|goes up|is up)"
        r" (?:by )?(?:another |a further )?(?P<share>\d+(?:\.\d+)?) ?(?:%|percent) (?:from|below|under|above|over|against)"
        r" (?:my |the )?(?:first |initial |last )?(?:entry|fill|purchase|buy)(?: price)?",
        _second_lot,
    ),
    (
        r"trail(?:s|ing)?(?: (?:the|a|my|it|your))?(?: stops?(?:[- ]loss)?)?(?: (?:the )?(?:rest|remainder|balance|runner))?"
        r" (?:with|by|on|using) (?:an? |the )?(?:(?P<level>[^.,;:()]{2,40}?) closes?|closes? (?:below|under|above|over) "
        r"(?:the )?(?P<level2>[^.,;:()]{2,40}?))"
        r"(?=[.,;:]|$| and\b| or\b)",
        _trail_on_close,
    ),
    (
        r"(?:(?:initial|hard|protective|my|the) )*(?<!buy )(?<!sell )stops?(?:[- ]loss)?(?: is| at| of| goes| sits| placed| set|:| ="
        r"| below| under"
        r"| above| over| just)* (?:the )?(?:(?P<line>low|high) of (?:the )?(?:entry|fill) (?:day|bar|candle)"
        r"|(?:entry|fill) (?:day|bar|candle)(?:'s)? (?P<line2>low|high))",
        _stop_at_entry_bar,
    ),
    (
        rf"(?:if |when )?(?:the trade|the position|it|neither|price) (?:has ?n['’]t|has not|is ?n['’]t|did ?n['’]t|have ?n['’]t)?"
        rf"(?: yet| been)?"
        rf" ?(?:hit|reach(?:ed)?|trigger(?:ed)?|closed|touched|got)(?: to)?(?: anything| either(?: one)?| (?:the |my )?(?:target"
        rf"|stop|tp|sl)"
        rf"(?: (?:or|nor) (?:the |my )?(?:target|stop|tp|sl))?)? (?:after|within|in) {_COUNTED} {_BARS},? (?:then )?(?:i |we )?"
        r"(?:close|exit|sell|leave|get out|cover)(?: of)?(?: it| out| the trade| the position)?",
        _held,
    ),
    (
        r"(?:(?:i |we )?(?:can |may |will )?(?:hold|have|own|keep|carry) )?(?:up to|at most|a max(?:imum)? of|max(?:imum)?(?: of)?"
        r"|no more than) "
        rf"{_COUNTED} (?:open |simultaneous |concurrent )?(?:positions|tranches|layers|adds)"
        r"(?: at (?:once|a time|the same time)| open| in all| in total)?(?! (?:a|per|each|every) day)",
        _positions,
    ),
    (rf"(?:take |hold )?{_COUNTED} (?:open )?positions max(?:imum)?(?=[.,;]|$)", _positions),
    (
        rf"add (?:1|one|another|an?) (?:unit|lot|position|contract) (?:on|at|with) (?:each|every) (?:later|new|further|additional"
        rf"|subsequent)"
        rf" (?:cross|signal|breakout),? (?:up to |max(?:imum)?(?: of)? )?{_COUNTED} (?:units|lots|positions|contracts)"
        r"(?: max(?:imum)?| in all| in total)?",
        _positions,
    ),
    (rf"(?<=[):,] ){_COUNTED} {_BARS} in (?:the |a )?(?:trade|position)", _held),
    (
        r"(?:(?:get|be|go) )?(?:flat|out|closed?|exit|leave|(?:everything|all) (?:is )?(?:off|out|closed|sold))"
        r"(?: everything| it)? (?:at|by|before) (?:noon|midday)",
        lambda match: (Section.RISK, "flat_at_close", Measure.TIME, ("12:00",)),
    ),
    (
        r"(?:everything|all positions|the lot) (?:is )?(?:off|out|closed|sold) (?:at|by|before) (?P<hour>\d{1,2}):(?P<minute>\d\d)",
        lambda match: (Section.RISK, "flat_at_close", Measure.TIME, (f"{int(match['hour']):02d}:{match['minute']}",)),
    ),
    (
        r"(?:at )?(?P<share>\d+(?:\.\d+)?) ?(?:%|percent) (?P<way>below|under|above|over) (?:yesterday's|the (?:previous|prior"
        r"|last)(?: day's)?) "
        r"(?P<line>close|low|high|open) (?:with|by|using|on) (?:an? )?limit(?: order)?",
        build_resting_limit,
    ),
    (
        rf"(?:position )?siz(?:e|ed|ing)(?: each| the| every| it)?(?: positions?| trades?)?,? (?:is )?(?:so"
        rf"|such)? ?that (?:an? (?:move|loss) of )?{_NUMBERED_ATR}"
        rf" (?:equals|is|are|=|costs|represents|corresponds to|risks) (?P<share>\d+(?:\.\d+)?) ?(?:%|percent)(?: of (?:the "
        rf"|my )?(?:equity|account|capital))?",
        _size_by_range,
    ),
    (
        rf"(?:(?:it|price|the price|the stock) )?(?:drops?|falls?|is|closes?|declines?|gives back"
        rf"|retraces)(?: by)? {_NUMBERED} (?:from|below|off|under|of)"
        r" (?:its |the )?(?:highest (?:close|price|point|high)|high|peak|top|maximum)(?: (?:reached|seen|made))?"
        r" since (?:the |my |our )?(?:entry|entering|we bought|i bought|buying|purchase|i entered|we entered)",
        _trail_from_best,
    ),
    (
        rf"(?:or )?(?:if|when) (?:the )?(?P<level>(?:high|low) of (?:the|that) {PATTERN}|{PATTERN}'s (?:high|low)) (?:is"
        rf"|gets) (?:exceeded|broken|taken out|breached"
        r"|violated|hit|undercut)",
        _stop_level,
    ),
    (
        r"(?:(?:initial|hard|protective|my|the|an?) )?(?<!buy )(?<!sell )(?<!buy"
        r" a )(?<!sell a )stops?(?:[- ]loss)?(?: is| at| of| goes| sits| placed"
        rf"| set|:| =)* "
        rf"{_NUMBERED} {_OVER} {_LEVEL}",
        _stop_away,
    ),
    (
        r"(?:(?:initial|hard|protective|my|the|an?) )?(?<!buy )(?<!sell )(?<!buy"
        r" a )(?<!sell a )stops?(?:[- ]loss)?(?: is| at| of| goes| sits| placed|"
        r" set|:| =)* "
        r"(?P<level>\d+(?:\.\d+)? ?(?:cents?|dollars?) (?:above|below|under|over) [^.,;:()]{2,60}?)"
        r"(?=[.,;:()]|$| and\b| or\b| with\b| then\b)",
        _stop_level,
    ),
    (
        rf"(?:(?:the )?(?:last|final|remaining|other) (?:third|half|quarter|part|portion|piece)|(?:the )?(?:rest|remainder))?,? ?"
        rf"trail(?:s|ing|ed)?(?: (?:the|a|my|it|your))?(?: stops?(?:[- ]loss)?)? (?:at|below|under|underneath|using|with|by"
        rf"|behind|along|on) {_LEVEL}",
        _trail_level,
    ),
    (
        rf"(?:(?:sell|take|close|exit|cover|scale out|bank|book) )?(?:of )?{_SHARE}(?:(?: of)? (?:it|(?:the |my )?position"
        rf"|the trade))?(?: is| gets)?(?: off| out| sold| covered| closed| taken off)?"
        rf" (?:at|after|when|once|if|as soon as) {STATE}{_NUMBERED}{BEHIND_GAIN}",
        _part,
    ),
    (
        r"(?:add(?:ing)?|pyramid|scale in|another unit|one more unit)(?: (?:an?|another|one|more|unit|entry|lot|position|at|each"
        r"|every|for|time|whenever"
        rf"|when|it|the|price|stock|market|moves?|goes|rises|gains|up|by|further|additional|after|of))* {_NUMBERED}(?: (?:move"
        rf"|gain|up|higher|in|my|our"
        rf"|the|your|favou?r|profit|advance|rise|above|last|previous|entry))*,?(?: (?:up to|to|with|for|until|a|of|at most"
        rf"|max(?:imum)?|in total))* "
        rf"{_COUNTED}(?: (?:units|entries|times|lots|positions))(?: in (?:all|total))?",
        _add_units,
    ),
    (
        r"(?:or |and )?(?:if |when |once |after )?(?:i['’]?ve|i have|we have|we['’]ve|it has|(?:the|a) (?:trade|position) has) been "
        rf"(?:in|open|held|on)(?: it| the trade| the position| the market)?(?: for)?(?: more than)? {_COUNTED}"
        rf" (?:trading )?(?P<unit>bars?|days?|candles?|weeks?"
        r"|months?)",
        _held,
    ),
)
"""Phrases in order, the more exact first."""
LEVELS: tuple[tuple[str, Builder], ...] = (
    (rf"(?:the )?(?:rest|remainder|balance|other half)(?: is sold| out| sold)? at {_NUMBERED}(?: (?:profit|gain))?", _gain),
    (
        r"(?:take|aim for|out at|exit at|cover at|sell at|close at|book)(?: profits?(?: at)?)?(?: an?)? (?P<number>\d+(?:\.\d+)?) ?r\b",
        _in_risks,
    ),
    (rf"(?:or )?(?:at|with|on|after|for) (?:an? )?{_NUMBERED} (?:profit|gain)(?! target)", _gain),
    (r"or at (?P<number>\d+(?:\.\d+)?) ?r\b", _in_risks),
    (
        rf"(?:or )?(?:when |if |once )?(?:the |my )?(?:open )?(?:profit|gain) (?:reaches|hits|exceeds|is(?: at)?)"
        rf" {_NUMBERED}(?! (?:in|over))",
        _gain,
    ),
    (rf"(?:(?<=gain, )|(?<=profit, )|(?:or )?on |or (?=an? ))(?:an? )?{_NUMBERED} loss(?! limit)", _loss),
    (
        rf"(?:sell|exit|cover|out|close|leave|get out|flat)?,? ?(?:after )?(?<![(\d]){_COUNTED} (?:trading )?(?P<unit>bars|days"
        rf"|candles|weeks) "
        r"(?:max(?:imum)?|at (?:the )?(?:most|latest)|tops)(?! drawdown)",
        _held,
    ),
    (
        r"(?<!buy )(?<!sell )(?<!buy a )(?<!sell a )(?:stops?(?:[- ]loss)?|sl)(?:"
        r" (?:is|goes|sits|placed|set|at|on|below|under|beneath|above|over|just|a"
        r" tick"
        r"|slightly)|:| =)+ "
        rf"{_LEVEL}",
        _stop_level,
    ),
    (
        rf"(?:take[- ]profits?|(?:profit )?targets?|tp)(?: (?:is|at|placed|set|on|of)|:| =)* {_LEVEL}",
        _target_level,
    ),
)
"""Gains, times, stops and targets at any level that words name, where nothing more exact is said."""
