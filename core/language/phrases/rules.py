"""Phrases that name a size, a stop, a target or a limit, and the rule row that each means."""

import re
from collections.abc import Callable

from core.domain.workflow import Measure, Section
from core.language.phrases.terms import COUNT, read_count

RuleText = tuple[Section, str, Measure, tuple[str, ...]]
Builder = Callable[[re.Match[str]], RuleText | None]
AMOUNT = r"(\d+(?:\.\d+)?)"
UNIT = r"(%|percent|atrs?|times (?:the )?atr|x atr|average true ranges?|pips?|points?|r\b|times (?:the )?risk)"
REACH = rf"{AMOUNT} ?{UNIT}"


def _measure(unit: str) -> Measure:
    unit = unit.lower()
    if unit in ("%", "percent"):
        return Measure.PERCENT
    if "atr" in unit or "range" in unit:
        return Measure.ATR
    if unit.startswith("pip"):
        return Measure.PIPS
    return Measure.POINTS if unit.startswith("point") else Measure.R


def _reach(rule: str) -> Builder:
    def build(match: re.Match[str]) -> RuleText | None:
        found = [group for group in match.groups() if group]
        measure = _measure(found[1])
        if rule == "stop_loss" and measure is Measure.R:
            return None
        return Section.RISK, rule, measure, (found[0],)

    return build


def _partial(match: re.Match[str]) -> RuleText:
    share = {"half": "50", "a third": "33", "a quarter": "25"}[match.group(1).lower()]
    return Section.RISK, "partial_exit", _measure(match.group(3)), (match.group(2), share)


STOPS = {"swing high": "swing_high(3, 3)", "swing low": "swing_low(3, 3)", "low": "low", "high": "high"}
"""Places at which stops lie; those of the day are read as such."""


def _stop_at(match: re.Match[str]) -> RuleText:
    where = match.group(1).lower()
    level = STOPS.get(where) or f"today.{'low' if 'low' in where else 'high'}"
    return Section.RISK, "stop_loss", Measure.PRICE, (level,)


def _resting_stop(match: re.Match[str]) -> RuleText:
    section = Section.ENTRY_LONG if match.group(1).lower() == "buy" else Section.ENTRY_SHORT
    return section, "stop_order", Measure.PRICE, (match.group(2).lower(),)


def _risk(name: str, measure: Measure) -> Builder:
    return lambda match: (Section.RISK, name, measure, tuple(group for group in match.groups() if group))


def _bars(match: re.Match[str]) -> RuleText | None:
    before = match.string[: match.start()].rstrip().lower()
    if re.search(r"\b(?:rising|falling|rises?|falls?|up|down|above|below|over|under|higher|lower|narrowest|widest)$", before) or (
        match.group().lower().startswith("for")
        and re.search(r"(?:\d|average|mean|ma|band|line|channel|vwap|zero|oversold|overbought)$", before)
    ):
        return None  # it says how long a condition has held
    unit = {"week": 5, "month": 21}.get(match.group(2).lower().rstrip("s"), 1)
    return Section.RISK, "time_stop", Measure.BARS, (str(read_count(match.group(1)) * unit),)


def _size(name: str, measure: Measure, usual: str = "") -> Builder:
    def build(match: re.Match[str]) -> RuleText:
        found = next((group for group in match.groups() if group), usual)
        return Section.SIZING, name, measure, (found.replace(",", ""),)

    return build


def _risk_in_words(match: re.Match[str]) -> RuleText:
    share = {"half a": "0.5", "a half": "0.5", "a quarter of a": "0.25", "one": "1", "two": "2", "three": "3"}[match.group(1).lower()]
    return Section.SIZING, "risk_per_trade", Measure.PERCENT, (share,)


def _share_in_words(match: re.Match[str]) -> RuleText:
    share = {"third": "33", "quarter": "25", "fifth": "20", "tenth": "10"}[match.group(1).lower()]
    return Section.SIZING, "position_size", Measure.PERCENT, (share,)


def _hours(match: re.Match[str]) -> RuleText:
    start, end = (f"{int(match.group(place)):02d}:{match.group(place + 1) or '00'}" for place in (1, 3))
    return Section.RISK, "trading_hours", Measure.TIME, (start, end)


TIME = r"(\d{1,2}):(\d{2})"
PATTERNS: tuple[tuple[str, Builder], ...] = (
    (
        rf"trail(?:ing)?(?: the| a)?(?: stop(?: loss)?)?(?: of| at| by| it)? {REACH}|{REACH} trail(?:ing)?(?: stop)?",
        _reach("trailing_stop"),
    ),
    (
        rf"(?:move (?:the )?stop to (?:the )?(?:entry|break[- ]?even)|stop to (?:the )?(?:entry|break[- ]?even)"
        rf"|break[- ]?even)(?: stop)?(?: after| at| once up| when up)? {REACH}",
        _reach("break_even"),
    ),
    (
        rf"(?:sell |take |close )?(half|a third|a quarter)(?: of (?:it|the position))?(?: off)?(?: at| after)(?: an?)?(?:"
        rf" (?:gain|profit) of)?"
        rf" {REACH}(?: profit| gain)?",
        _partial,
    ),
    (
        rf"(?:add|pyramid|scale in)(?: up to| to)? {COUNT}(?: times| entries| units)?|up to {COUNT} (?:entries|units)",
        lambda match: (Section.SIZING, "pyramiding", Measure.COUNT, (str(max(2, read_count(match.group(1) or match.group(2)))),)),
    ),
    (
        r"(buy|sell)[- ]stop (?:order )?(?:just )?(?:above|below|at|under) (?:the |its )?(?:bar'?s |day'?s )?(high|low)",
        _resting_stop,
    ),
    (
        r"stop(?:[- ]loss)? (?:just )?(?:above|below|under|at) (?:the |its )?(?:(?:recent|last|previous) )?(swing high|swing"
        r" low|low of the day"
        r"|high of the day|day'?s low|day'?s high|low|high)",
        _stop_at,
    ),
    (
        rf"(?:stop[- ]?(?:loss)?|stopped out|sl)(?: of| at| is|:)? {REACH}(?: (?:below|under|from|away)(?: (?:the"
        rf" )?entry(?: price)?)?)?|{REACH} stop(?:[- ]?loss)?",
        _reach("stop_loss"),
    ),
    (
        rf"(?:take[- ]profit|profit target|target|tp)(?: of| at| is|:)? {REACH}|{REACH} (?:take[- ]profit|profit target|target)",
        _reach("take_profit"),
    ),
    (
        rf"(?:after|for|within|exit after|hold(?: it)?(?: for)?|at most|max(?:imum)?(?: of)?|no more than|no longer than)"
        rf" {COUNT} (?:trading |business )?"
        r"(bars?|days?|candles?|hours?|weeks?|months?)(?: at most)?(?: in the trade)?",
        _bars,
    ),
    (
        r"(?:flat|out|close(?:d)?|exit|cover|sell)(?: everything| it)? (?:at|by|before) (?:the )?(?:close|end of (?:the )?day"
        r"|session end)|no(?:thing)? over ?night|never over ?night",
        lambda match: (Section.RISK, "flat_at_close", Measure.BARS, ("1",)),
    ),
    (
        rf"(?:flat|out|close(?:d)?|exit)(?: everything)? (?:at|by) {TIME}",
        lambda match: (Section.RISK, "flat_at_close", Measure.TIME, (f"{int(match.group(1)):02d}:{match.group(2)}",)),
    ),
    (rf"(?:only )?(?:trade |enter )?between {TIME} and {TIME}", _hours),
    (
        rf"(?:at most |max(?:imum)? |only )?{COUNT} trades? (?:a|per) day",
        lambda match: (Section.RISK, "max_trades_per_day", Measure.COUNT, (str(read_count(match.group(1))),)),
    ),
    (
        rf"(?:halt|stop trading|stop for good)(?: at| after)?(?: a)?(?: drawdown of)? {AMOUNT} ?(?:%|percent)(?:"
        rf" drawdown)?|max(?:imum)? drawdown(?: of)? {AMOUNT} ?(?:%|percent)",
        _risk("drawdown_halt", Measure.PERCENT),
    ),
    (
        rf"(?:drops|falls|is down|loses) {AMOUNT} ?(?:%|percent) (?:from|below|off|under) (?:its |the )?(?:highest"
        rf" (?:close|price|point)|high|peak)"
        r" since (?:entry|the entry|we bought|i bought|buying)",
        _risk("trailing_stop", Measure.PERCENT),
    ),
    (
        r"risk(?:ing)? (half a|a half|a quarter of a|one|two|three) percent(?: of (?:the |my )?(?:equity|capital|account))?"
        r"(?: (?:per|a|each|on each) trade)?",
        _risk_in_words,
    ),
    (
        r"(?:with |use |put |invest )?(?:an? )?(third|quarter|fifth|tenth) of (?:the |my )?(?:equity|capital|account|portfolio|money)",
        _share_in_words,
    ),
    (rf"daily loss(?: limit)?(?: of)? {AMOUNT} ?(?:%|percent)", _risk("daily_loss_limit", Measure.PERCENT)),
    (
        rf"risk(?:ing)? {AMOUNT} ?(?:%|percent)(?: of (?:the |my )?(?:equity|capital|account))?(?: (?:per|a|each|on each) trade)?",
        _size("risk_per_trade", Measure.PERCENT),
    ),
    (
        rf"(?:with |use |put |invest )?{AMOUNT} ?(?:%|percent) of (?:the |my )?(?:equity|capital|account|portfolio|money)",
        _size("position_size", Measure.PERCENT),
    ),
    (
        r"all[- ]in|(?:with )?all (?:of )?(?:the |my )?(?:equity|capital|money|account)|fully invested",
        _size("position_size", Measure.PERCENT, "95"),
    ),
    (r"half (?:of )?(?:the |my )?(?:equity|capital|money|account)", _size("position_size", Measure.PERCENT, "50")),
    (r"(\d[\d,]*) (?:shares|units|contracts|coins)", _size("position_size", Measure.UNITS)),
    (r"[$€£] ?(\d[\d,]*)(?: (?:per|a|each|on each) (?:trade|entry))?", _size("position_size", Measure.CASH)),
    (
        r"hold (?:it )?(?:for ever|forever|to the end)|never sell|keep (?:it|everything) for ?ever",
        lambda match: (Section.RISK, "hold_to_end", Measure.SWITCH, ()),
    ),
)
