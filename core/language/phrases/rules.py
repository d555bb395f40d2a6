"""Phrases that name a size, a stop, a target or a limit, and the rule row that each means."""

import re
from collections.abc import Callable

from core.domain.workflow import Measure, Section
from core.language.phrases.terms import COUNT, TERM, read_count, read_term

RuleText = tuple[Section, str, Measure, tuple[str, ...]]
Builder = Callable[[re.Match[str]], RuleText | None]
AMOUNT = r"(\d+(?:\.\d+)?)"
UNIT = (
    r"(%|percent|atrs?(?: ?\(\d+\))?|n\b|times (?:the )?atr|[x*] ?(?:the )?atrs?(?: ?\(\d+\))?|average true ranges?"
    r"|pips?|points?|r\b|times (?:the )?risk)"
)
REACH = rf"{AMOUNT} ?{UNIT}"


def _measure(unit: str) -> Measure:
    unit = unit.lower()
    if unit in ("%", "percent"):
        return Measure.PERCENT
    if "atr" in unit or "range" in unit or unit == "n":
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
        turtles = ("20",) if found[1].lower() == "n" and rule in ("stop_loss", "trailing_stop", "take_profit") else ()
        return Section.RISK, rule, measure, (found[0], *turtles)

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


def _stop_at_extreme(match: re.Match[str]) -> RuleText:
    name = "lowest(low" if match.group(1).lower().startswith("low") else "highest(high"
    return Section.RISK, "stop_loss", Measure.PRICE, (f"{name}, {read_count(match.group(2))})",)


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


def _level(rule: str) -> Builder:
    """`Stop below yesterday's low`: a level that is named."""

    def build(match: re.Match[str]) -> RuleText | None:
        level = read_term(match.group(1), match.string)
        known = level and not re.fullmatch(r"-?[\d.]+|close|volume|(?:rsi|cci|adx|mfi|stoch|roc|macd|atr|obv|ibs|williams_r)\b.*", level)
        return (Section.RISK, rule, Measure.PRICE, (level,)) if known else None

    return build


def _rebalance(match: re.Match[str]) -> RuleText:
    word = match.group(1).lower()
    if word.startswith("da"):
        return Section.SIZING, "rebalance", Measure.BARS, ("1",)
    quarter = "first_trading_day_of_month and month in (1, 4, 7, 10)"
    when = "first_bar_of_week" if "week" in word else quarter if "quarter" in word else "first_trading_day_of_month"
    return Section.SIZING, "rebalance", Measure.WHEN, (when,)


def _instalments(match: re.Match[str]) -> RuleText | None:
    """`Every month invest $500`: each signal buys again."""
    again = re.search(r"\b(?:every|each)\b[^.;]*$", match.string[: match.start()], re.IGNORECASE)
    return (Section.SIZING, "pyramiding", Measure.COUNT, ("100",)) if again else None


LENGTHS = {"day": 1, "week": 5, "month": 21, "quarter": 63, "year": 252}
"""Bars of a period, on daily bars."""


def _next_day(match: re.Match[str]) -> RuleText | None:
    """`Exit at the next open`: after one bar; an entry at the next open is what happens anyway."""
    return (Section.RISK, "time_stop", Measure.BARS, ("1",)) if re.match("sell|exit|cover|close|out|get", match.group(), re.I) else None


def _time_stop(match: re.Match[str]) -> RuleText:
    count, unit = (match.group(1), match.group(2)) if match.group(1) else (match.group(3), match.group(4))
    bars = read_count(count) * {"week": 5, "month": 21}.get(unit.lower().rstrip("s"), 1)
    return Section.RISK, "time_stop", Measure.BARS, (str(bars),)


def _adding(match: re.Match[str]) -> RuleText | None:
    """`Add every 1 ATR up to 4 units`: further entries by the way that the price has gone."""
    amount, measure, entries = match.group(1), _measure(match.group(2)), str(max(2, read_count(match.group(3))))
    if measure is Measure.PERCENT:
        return Section.SIZING, "pyramiding", measure, (entries, amount)
    turtles = ("20",) if match.group(2).lower() == "n" else ()
    return (Section.SIZING, "pyramiding", measure, (entries, amount, *turtles)) if measure is Measure.ATR else None


def _multiple_of_risk(match: re.Match[str]) -> RuleText:
    word = match.group(1).lower()
    number = {"twice": "2", "double": "2", "two times": "2", "three times": "3", "triple": "3"}.get(word) or match.group(2)
    return Section.RISK, "take_profit", Measure.R, (number,)


def _ratio(match: re.Match[str]) -> RuleText:
    return Section.RISK, "take_profit", Measure.R, (match.group(1) or match.group(2),)


def _range_stop(match: re.Match[str]) -> RuleText | None:
    """`Stop at the low of the range`: of the opening range where the text speaks of one."""
    if not re.search(r"opening[- ]range|first (?:half )?hour|first \d+ minutes|\d+[- ]minute", match.string, re.IGNORECASE):
        return None
    found = re.search(r"(\d+)[- ]min(?:ute)?s?", match.string, re.IGNORECASE)
    minutes = found.group(1) if found else "60" if re.search(r"first hour", match.string, re.IGNORECASE) else "30"
    where, down = (match.group(1) or match.group(2)).lower(), re.search(r"\bshort\b", match.string, re.IGNORECASE)
    if where.startswith("mid"):
        level = f"(opening_range({minutes}).high + opening_range({minutes}).low) / 2"
    else:
        high = where in ("high", "top") or (("side" in where or "end" in where) and bool(down))
        level = f"opening_range({minutes}).{'high' if high else 'low'}"
    return Section.RISK, "stop_loss", Measure.PRICE, (level,)


def _resting_exit(match: re.Match[str]) -> RuleText:
    level = f"{'last_week' if 'week' in match.group(2).lower() else 'yesterday'}.{match.group(3).lower()}"
    return Section.EXIT_LONG if match.group(1).lower() == "sell" else Section.EXIT_SHORT, "limit_order", Measure.PRICE, (level,)


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
        rf"trail(?:ing)?(?: the| a)?(?: stop(?: loss)?)?(?: of| at| by| it| with)?(?: an?)? {REACH}|{REACH} trail(?:ing)?(?: stop)?",
        _reach("trailing_stop"),
    ),
    (
        rf"(?:move (?:the )?stop to (?:the )?(?:entry|break[- ]?even)|stop to (?:the )?(?:entry|break[- ]?even)"
        rf"|break[- ]?even)(?: stop)?(?: after| at| once| when| when it is| once it is)?(?: up| ahead)?"
        rf"(?: by| an?| the)?(?: gain| profit)?(?: of| is| reaches)? {REACH}(?: gain| profit)?",
        _reach("break_even"),
    ),
    (
        rf"(?:sell |take |close )?(half|a third|a quarter)(?: of (?:it|the position))?(?: off)?(?: at| after)(?: an?)?(?:"
        rf" (?:gain|profit) of)?"
        rf" {REACH}(?: profit| gain)?",
        _partial,
    ),
    (
        rf"(?:add(?:ing)?|pyramid|scale in|another unit|one more unit)(?: a| another| one| one more)?"
        rf"(?: unit| entry| lot)?(?: at| each| for| time"
        rf"| it| the price| moves)*(?: every| each)?(?: another| further)? {REACH}(?: move| gain| up|"
        rf" higher| in favou?r| in my favou?r| advance)*,?"
        rf"(?: up to| to| with| for)?(?: a)?(?: max(?:imum)?)?(?: of| at most)? {COUNT}(?: units| entries"
        rf"| times| lots)?(?: in all| in total)?",
        _adding,
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
        r"stop(?:[- ]loss)? (?:just )?(?:(?:at|below|above|under|on) )?(?:the )?(?:(low|high|bottom|top|middle|mid-?point|other side"
        r"|opposite side|opposite end|other end) of (?:the|that) (?:opening )?range|range (low|high))",
        _range_stop,
    ),
    (
        r"stop(?:[- ]loss)? (?:just )?(?:above|below|under|at|beyond) (?:the )?(low|high|lowest low|highest high|lowest|highest)"
        rf"(?: point)? (?:of|in|over) (?:the )?(?:last |past |previous |prior )?{COUNT} (?:bars|days|candles|sessions)",
        _stop_at_extreme,
    ),
    (
        rf"(?:it |price |the (?:price|stock|market) )?(?:rises|falls|drops|moves|goes|runs|turns) (?:by )?(?:more than )?{REACH}"
        r" against (?:me|us|you|the (?:position|trade)|my position)",
        _reach("stop_loss"),
    ),
    (
        r"stop(?:[- ]loss)? (?:just )?(?:above|below|under|at) (?:the |its )?(?:(?:most recent|recent"
        r"|last|latest|nearest|prior|previous) )?(swing high|swing"
        r" low|low of (?:the )?day"
        r"|high of (?:the )?day|day'?s low|day'?s high|low|high)",
        _stop_at,
    ),
    (
        rf"(?:(?:protective|hard|initial|fixed|disaster|catastrophic|emergency|tight|wide) )?(?:stop[- ]?"
        rf"(?:loss)?|stopped out|sl|(?:cut|limit)(?:ting)?"
        rf" (?:the |my |any )?loss(?:es)?|max(?:imum)? loss)(?: of| at| to| is|:| =)? {REACH}(?: (?:below|under|from|away)(?: (?:the"
        rf" )?entry(?: price)?)?)?|{REACH} stop(?:[- ]?loss)?",
        _reach("stop_loss"),
    ),
    (
        rf"(?:take[- ]profits?|profit target|target|tp|reward)(?: is| of| at| for|:)? (?:an? )?(twice|double|two times|three times|triple"
        rf"|{AMOUNT} ?(?:x|times)) (?:the |my |your |initial )*(?:risk|stop(?: distance)?)",
        _multiple_of_risk,
    ),
    (
        rf"(?:(?:take[- ]profits?|target|tp|aim)(?: is| of| at| for|:)? )?(?:an? )?{AMOUNT} ?(?:to|:) ?1 (?:risk[- /]?reward"
        rf"|reward(?:[- /:]?(?:to[- ])?risk)?|rr?\b)(?: ratio)?|(?:risk[- /]?reward|reward[- /]?(?:to[- ])?risk)(?: ratio)?(?: of)?"
        rf" (?:1 ?: ?)?{AMOUNT}(?: ?: ?1)?",
        _ratio,
    ),
    (
        rf"(?:take[- ]profits?|profit target|target|tp|book profits?)(?: of| at| is|:| =)? {REACH}|{REACH}"
        rf" (?:take[- ]profit|profit target|target)",
        _reach("take_profit"),
    ),
    (
        r"(?:(?:sell|exit|cover|close|out|get out)(?: it)?,? (?:it )?)?(?:at|on) the next (?:day'?s?"
        r" )?(?:open|day|close|bar)(?: after(?: entry)?)?"
        r"|(?:sell|exit|cover)(?: it)? the (?:next|following) day",
        _next_day,
    ),
    (
        r"(?:after|(?:hold|keep|stay)(?:ing)?(?: it| them)?(?: for)?) (?:an?|one) (day|week|month|quarter|year)(?: in the trade)?",
        lambda match: (Section.RISK, "time_stop", Measure.BARS, (str(LENGTHS[match.group(1).lower()]),)),
    ),
    (
        rf"(?:(?:protective|hard|initial) )?(?:stop[- ]?(?:loss)?|sl)(?: goes| is| placed| set)?(?: just)?"
        rf" (?:above|below|under|at|on|beyond) ({TERM})",
        _level("stop_loss"),
    ),
    (
        rf"(?:take[- ]profits?|profit target|target|tp)(?: is| placed| set)?(?: at| on|:)? ({TERM})(?!"
        rf" ?(?:%|percent|atr|r\b|x\b|times|points|pips))",
        _level("take_profit"),
    ),
    (r"rebalanced? (?:every |each |once a )?(monthly|month|weekly|week|quarterly|quarter|daily|day)", _rebalance),
    (r"\b(?:invest|put in|buy)(?= [$€£])", _instalments),
    (
        rf"time[- ]?(?:stop|exit|limit)(?: of| is| after| at|:)? {COUNT}[- ]?(bars?|days?|candles?|hours?|weeks?|months?)"
        rf"|{COUNT}[- ](bar|day|week|month)[- ](?:time[- ]?(?:stop|exit|limit)|holding period|hold)",
        _time_stop,
    ),
    (
        rf"(?:after|for|within|exit after|(?:max(?:imum)? )?hold(?:ing)?(?: period| time)?(?: it)?(?:"
        rf" for| of|:)?|at most|max(?:imum)?(?: of)?|no more than|no longer than)"
        rf" {COUNT} (?:trading |business )?"
        r"(bars?|days?|candles?|hours?|weeks?|months?)(?: at most)?(?: in the trade)?",
        _bars,
    ),
    (
        r"(sell|cover) at (?:the |a limit at )?(yesterday|previous day|prior day|last week|previous week)(?:'?s)? (close|high|low|open)",
        _resting_exit,
    ),
    (
        r"or (?:at|by|before) (?:the )?(?:close(?! (?:above|below|over|under))|end of (?:the )?(?:day"
        r"|session))(?: of (?:the )?(?:day|session))?",
        lambda match: (Section.RISK, "flat_at_close", Measure.BARS, ("1",)),
    ),
    (
        r"(?:flat|out|close(?:d)?|exit|cover|sell)(?: everything| it| out| all(?: positions| trades)?| (?:the|any) (?:open )?positions?)? "
        r"(?:at|by|before|into) (?:the )?(?:close(?! (?:above|below|over|under))|end of (?:the )?(?:day"
        r"|session)|eod|session end|bell)|no(?:thing)? over ?night|never over ?night",
        lambda match: (Section.RISK, "flat_at_close", Measure.BARS, ("1",)),
    ),
    (
        rf"(?:flat|out|close(?:d)?|exit)(?: everything| all positions| it| out)? (?:at|by|before) {TIME}",
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
        rf"(?:(?:it |price |the price )?(?:drops|falls|is down|loses|declines)(?: by)?|down) {AMOUNT}"
        rf" ?(?:%|percent) (?:from|below|under) (?:the |my |our )?"
        r"(?:entry(?: price)?|purchase price|buy(?:ing)? price)",
        _risk("stop_loss", Measure.PERCENT),
    ),
    (
        rf"(?:(?:it |price |the price )?(?:gains|rises|rallies|is up)(?: by)?|up) {AMOUNT} ?(?:%|percent)"
        rf" (?:from|above|over) (?:the |my |our )?"
        r"(?:entry(?: price)?|purchase price|buy(?:ing)? price)",
        _risk("take_profit", Measure.PERCENT),
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
        rf"(?:position size|size|sizing)?:? ?{AMOUNT} ?(?:%|percent)(?: account| equity| of (?:the |my"
        rf" )?(?:account|equity|capital))? risk(?:ed)?"
        rf"(?: (?:per|a|each|on each) trade)?(?! ?[-/:]?reward)|risk per trade(?: is| of|:)? {AMOUNT} ?(?:%|percent)",
        _size("risk_per_trade", Measure.PERCENT),
    ),
    (
        rf"(?:(?:size|sized|sizing)(?: it| the position| each trade| positions)? (?:so that|such that"
        rf"|so) )?(?:only |at most |no more than |i (?:only )?)?"
        rf"(?:lose |losing )?{AMOUNT} ?(?:%|percent)(?: of (?:the |my )?(?:equity|capital|account))? "
        rf"(?:is |are )?(?:at risk|at stake|if (?:it is |i am |i'm )?"
        r"stopped(?: out)?)",
        _size("risk_per_trade", Measure.PERCENT),
    ),
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
