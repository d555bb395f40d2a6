"""Phrases of discipline: what is risked, in percent or money, limits of the day, pauses, and what holds anyway."""

import re

from core.domain.workflow import Measure, Section
from core.language.phrases.conditions import SKIP
from core.language.phrases.conditions import Builder as ConditionBuilder
from core.language.phrases.rule_words import AMOUNT, Builder, RuleText, count_bars_of
from core.language.phrases.sides import MONEY_IF
from core.language.phrases.terms import COUNT, read_count
from core.language.spoken.vocabulary import INTRADAY

_COUNTED = COUNT.replace("(", "(?P<count>", 1)
_MONEY = r"(?:[$€£] ?(?P<money>\d[\d,]*(?:\.\d+)?)|(?P<money2>\d[\d,]*(?:\.\d+)?) ?(?:dollars|usd|euros?|eur|pounds|gbp)\b)"
_SHARE = r"(?P<share>\d+(?:\.\d+)?) ?(?:%|percent)"
_OF_ACCOUNT = r"(?: of (?:the |my |our )?(?:total )?(?:equity|account|capital|portfolio|balance|money)(?: value| balance)?)?"
_PER_TRADE = r"(?: (?:per|a|on each|on every|on any|each|in each|for each)(?: (?:single|new))? (?:trade|position|entry|unit|setup))?"
_TRADES = r"(?:loss(?:es)?|losers?|losing (?:trades?|positions?|days)|stop[- ]?outs|losing ones)"
_DAYS = r"(?:trading |business )?(?P<unit>days?|bars?|candles?|sessions?|weeks?|hours?)"
_PAUSE = (
    r"(?:i |we |then )?(?:wait|pause|rest|sit out|stay out|stop(?: trading)?|skip(?: trading)?|no (?:new )?(?:trades?|entries|trading)"
    r"|take (?:a break|a pause|time off)|stand aside|(?:do not|don['’]?t|never) (?:take|open|enter|make)(?: (?:another|a new|any"
    r"|any new|the next))?"
    r" (?:trade|position|signal|entry|setup)s?)(?: for| of)?(?: at least)?(?: the next)?"
)
_STOPPED = (
    r"(?:an? |any |every |each |the |being |getting |having been |i am |i'm )?(?:loss(?:es)?"
    r"|losing trades?|losers?|stop[- ]?outs?|stopped out|stop[- ]?loss(?:es)?(?:"
    r" (?:is|was) hit)?|stop(?: (?:is|was) hit)?)"
)


def _find_money(match: re.Match[str]) -> str:
    return str(match["money"] or match["money2"]).replace(",", "")


def _count_bars(match: re.Match[str]) -> int:
    return read_count(match["count"]) * (5 if match["unit"].lower().startswith("week") else 1)


def _in_money(section: Section, rule: str) -> Builder:
    return lambda match: (section, rule, Measure.CASH, (_find_money(match),))


def _in_percent(section: Section, rule: str) -> Builder:
    return lambda match: (section, rule, Measure.PERCENT, (match["share"],))


def _volatility(match: re.Match[str]) -> RuleText:
    """`Scaled to 12% annualized volatility using a 60-day lookback`."""
    share, bars = match["share"], match["bars"]
    return Section.SIZING, "volatility_target", Measure.PERCENT, (share, bars) if bars else (share,)


def _count_losses(match: re.Match[str]) -> RuleText:
    return Section.RISK, "max_losses_per_day", Measure.COUNT, (str(read_count(match["count"])),)


def _pause_after_loss(match: re.Match[str]) -> RuleText | None:
    told = match.groupdict()
    count, unit = next((told[f"count{n}"], told[f"unit{n}"]) for n in ("", 2, 3, 4) if told.get(f"count{n}"))
    bars = count_bars_of(read_count(count), unit, match.string)
    return (Section.RISK, "cool_down", Measure.BARS, (str(bars),)) if bars else None


def _after_losses(match: re.Match[str]) -> str:
    """`Three losing trades in a row: stop for 10 days`, `after two losers take a week off`."""
    bars = 5 if match["week"] else _count_bars(match)
    return f"losses_in_row < {read_count(match['losses'])} or bars_since_exit >= {bars}"


_ROW = r"(?: (?:in a row|running|in succession|straight))?"
_LOSSES = COUNT.replace("(", "(?P<losses>", 1)
RULES: tuple[tuple[str, Builder], ...] = (
    (
        rf"max(?:imum)? loss(?: of| is|:)? {_SHARE}{_OF_ACCOUNT} (?:per|a|each|in a) day",
        _in_percent(Section.RISK, "daily_loss_limit"),
    ),
    (
        rf"(?:invest|buy|put in)(?: for)? {_MONEY}(?: (?:of|worth of|into) \w+)?(?= (?:on|at|every|each|when|if|of)\b)",
        lambda match: (
            (Section.SIZING, "position_size", Measure.CASH, (_find_money(match),))
            if not any(one.start() <= match.start() < one.end() for one in MONEY_IF.finditer(match.string))
            else None
        ),
    ),
    (
        r"(?:(?:never |do not |don'?t |i )?risk(?:ing)?(?: (?:no more than|at most"
        r"|up to|only|exactly|more than|a fixed|about))?|max(?:imum)? risk(?: of"
        r"| is|:)?"
        rf"|risk(?: per trade)?(?: of| is|:)) {_MONEY}{_PER_TRADE}|{_MONEY.replace('money', 'cash')} (?:risk(?:ed)?|at risk){_PER_TRADE}",
        lambda match: (
            Section.SIZING,
            "risk_per_trade",
            Measure.CASH,
            (next(one for one in (match["money"], match["money2"], match["cash"], match["cash2"]) if one).replace(",", ""),),
        ),
    ),
    (
        r"(?:(?:i |we )?(?:position )?siz(?:e|ed|ing)(?: (?:each|every|the|all|it|my))?(?: (?:positions?|trades?|entry|entries))?,? )?"
        r"(?:is )?(?:so|such)(?: that)? (?:that )?(?:an? |the |each |i |we )?(?:(?:full"
        r" )?(?:stop[- ]?out|stop[- ]?loss|loss at the stop|stop|hit stop"
        r"|losing trade|loss|lose)(?: (?:being hit|is hit))?)"
        r"(?: (?:costs?|is|equals|means|loses|would (?:cost|be|lose)|at most|exactly"
        rf"|only|about|a loss of|no more than))* {_SHARE}{_OF_ACCOUNT}"
        r"(?: (?:if|when) (?:i am |i'm |it is )?stopped(?: out)?)?",
        _in_percent(Section.SIZING, "risk_per_trade"),
    ),
    (
        r"(?:(?:the )?position(?:s)?(?: size)?|size|exposure|it)? ?(?:is |are )?(?:scaled?"
        r"|sized?|adjust(?:ed)?|target(?:ed|ing|s)?|levered)(?: the| my| each)?"
        r"(?: positions?| size| exposure)?(?: up| down)?(?: to| for| at| so that"
        rf" it has| an?)* {_SHARE} (?:of )?(?:annual(?:i[sz]ed)?|yearly)"
        r" vol(?:atility)?(?:(?:,| using| with| over| based on| measured over| from"
        r"| an?| the| last)* (?P<bars>\d+)[- ](?:day|bar)s?(?: look-?back"
        r"(?: period)?| window| period| volatility| estimate)?)?",
        _volatility,
    ),
    (
        r"(?:(?:stop(?: trading)?|no more trad(?:es|ing)|quit|done)(?: for the day"
        rf"| today)? (?:after|when i (?:have|reach)) {_COUNTED} {_TRADES}(?! (?:in a row|running|in succession|straight)\b)"
        r"(?: (?:in|on|of) (?:a|the|one|any|that) day| (?:a|per) day| today)?"
        rf"|(?:max(?:imum)?(?: of)?|no more than|at most|not more than) {_COUNTED.replace('count', 'count2')}"
        rf" {_TRADES} (?:a|per|each|in a|in one) day"
        r"|(?:max(?:imum)? |the )?(?:daily )?(?:number of )?losses per day:? (?P<count3>\d+))(?: (?:for|of) the day)?(?! in a row| \d)",
        lambda match: (
            (
                Section.RISK,
                "max_losses_per_day",
                Measure.COUNT,
                (str(read_count(match["count"] or match["count2"] or match["count3"])),),
            )
            if not re.match(r",? (?:for|and wait|until)\b(?! the day)", match.string[match.end() :])
            else None
        ),
    ),
    (
        rf"(?:(?:max(?:imum)? )?daily loss(?: limit)?(?: of| is| at|:)?|(?:max(?:imum)?|a) loss (?:per|a|for the|of the) day(?: of| is|:)?"
        r"|(?:stop(?: trading)?|quit|done)(?: for the day)? (?:after losing|if (?:i"
        rf" am |i'm |the day is )?down|when down|at a loss of|after a loss of)) {_MONEY}"
        r"(?: (?:a|per|in a|on the|for the|in one) day)?",
        _in_money(Section.RISK, "daily_loss_limit"),
    ),
    (
        r"(?:stop(?: trading)?|quit|done|no more trades)(?: for the day)? (?:after"
        r" losing|if (?:i am |i'm |the day is )?down|when down|at a loss of"
        rf"|after a loss of|once (?:i have |i've )?lost) {_SHARE}{_OF_ACCOUNT}(?: (?:a|per|in a|on the|for the|in one) day)"
        r"|(?:max(?:imum)? )?(?:daily loss(?: limit)?|loss (?:per|a) day)(?: of|"
        rf" is| at|:)? {_SHARE.replace('share', 'share2')}{_OF_ACCOUNT}"
        r"|stop(?: trading)? for the day (?:after losing|at a loss of|after a loss"
        rf" of|if (?:i am )?down) {_SHARE.replace('share', 'share3')}{_OF_ACCOUNT}",
        lambda match: (Section.RISK, "daily_loss_limit", Measure.PERCENT, (match["share"] or match["share2"] or match["share3"],)),
    ),
    (
        rf"(?:daily (?:profit target|target|profit goal|profit)|profit target for the day)(?: of| is| at|:)? {_MONEY}",
        _in_money(Section.RISK, "daily_profit_target"),
    ),
    (
        rf"(?:daily (?:profit target|target|profit goal|profit)|profit target for the day)(?: of| is| at|:)? {_SHARE}{_OF_ACCOUNT}",
        _in_percent(Section.RISK, "daily_profit_target"),
    ),
    (
        rf"(?:max(?:imum)?|total) (?:exposure|position(?: size)?|allocation)(?: of| is| at|:)? {_SHARE}{_OF_ACCOUNT}"
        rf"|(?:(?:never|not?) (?:have |put |invest |use |risk having )?more than|at most|max(?:imum)?(?: of)?|up to)"
        rf" {_SHARE.replace('share', 'share2')} of (?:the |my )?(?:equity|account|capital|portfolio)"
        r"(?: is| are)? (?:in (?:one|the|a(?: single)?|any) (?:position|trade|stock|name)|in it"
        r"|per (?:position|trade|stock|name)|invested)",
        lambda match: (Section.RISK, "max_exposure", Measure.PERCENT, (match["share"] or match["share2"],)),
    ),
    (
        r"(?:(?:do not|don'?t|never|no) re-?ent(?:er|ry)(?: again)?(?: for| within)?(?:"
        rf" (?:the next|at least))? {_COUNTED} {_DAYS} after {_STOPPED}"
        rf"|after {_STOPPED},? (?:do not|don'?t|never|no) re-?ent(?:er|ry)(?: again)?(?: for| within)?(?: (?:the next|at least))?"
        rf" {_COUNTED.replace('count', 'count2')} {_DAYS.replace('unit', 'unit2')}"
        rf"|{_PAUSE} {_COUNTED.replace('count', 'count3')} {_DAYS.replace('unit', 'unit3')} after {_STOPPED}"
        r"(?: before (?:the next (?:trade|entry)|re-?entering|trading again|entering again|entering|buying))?"
        rf"|cool(?:ing)?[- ]?(?:down|off)(?: period)?(?: of|:| is)? {_COUNTED.replace('count', 'count4')} {_DAYS.replace('unit', 'unit4')}"
        rf"(?: after {_STOPPED})?)",
        _pause_after_loss,
    ),
    (
        rf"(?:after|if|when|once) {_STOPPED},? {_PAUSE} {_COUNTED} {_DAYS}(?: (?:before (?:the next"
        r" (?:trade|entry|signal)|re-?entering|trading again|entering again"
        r"|entering|buying)|without trading))?",
        _pause_after_loss,
    ),
    (
        r"(?:always )?(?:use |trade |buy |with )?(?:a fixed )?(?:one|a single|1)"
        r" contract(?: (?:per|a|each|on each) (?:trade|entry|signal))?(?! of the)",
        lambda match: (Section.SIZING, "position_size", Measure.UNITS, ("1",)),
    ),
    (
        rf"(?:cap|limit) (?:the |my )?leverage (?:at|to) {AMOUNT}(?: ?x| times)?(?!\w)",
        lambda match: (Section.SIZING, "max_leverage", Measure.TIMES, (match[1],)),
    ),
    (
        rf"\b(?:qty|quantity|order size|default quantity)(?: is| of|:|=)? ?{AMOUNT} ?(?:%|percent)(?: of equity)?",
        lambda match: (Section.SIZING, "position_size", Measure.PERCENT, (match[1],)),
    ),
)
"""Rules of sizes, limits and pauses."""
FILTERS: tuple[tuple[str, ConditionBuilder], ...] = (
    (
        rf"(?:after |following )?{_LOSSES} (?:consecutive |straight )?{_TRADES}{_ROW}(?:,"
        rf"|:| then| =)* {_PAUSE} (?:(?P<week>a week)|{_COUNTED} {_DAYS})",
        _after_losses,
    ),
    (
        rf"(?:after |following )?{_LOSSES} (?:consecutive |straight )?{_TRADES}{_ROW}(?:,"
        rf"|:| then)* (?:i |we )?take (?:(?P<week>a week)|{_COUNTED} {_DAYS}) off",
        _after_losses,
    ),
    (
        r"(?:(?:do not|don'?t|never|no) (?:re-?ent(?:er|ry)|buy again|new (?:entry"
        r"|trade|position))(?: again)?(?: for| within)?(?: (?:the next|at least))?"
        r" "
        rf"{_COUNTED} {_DAYS}(?: (?:after|of) (?:an? |the |any |every )?(?:exit|exiting"
        r"|sale|selling|closing(?: a trade| the trade)?|last (?:trade|exit)))?"
        rf"|(?:wait|pause)(?: for)?(?: at least)? {_COUNTED.replace('count', 'count2')} {_DAYS.replace('unit', 'unit2')}"
        r"(?: after (?:an? |the |any |every )?(?:exit|exiting|sale|selling|trade))?,?"
        r" before (?:re-?entering|entering again|the next (?:entry|trade)|buying"
        r" again"
        r"|trading again|a new (?:entry|trade)))(?! after)",
        lambda match: (
            "bars_since_exit >= "
            f"{read_count(match['count'] or match['count2']) * (5 if (match['unit'] or match['unit2']).lower().startswith('week') else 1)}"
        ),
    ),
)
"""Pauses that hold for every entry."""
PATTERNS: tuple[tuple[str, ConditionBuilder], ...] = (
    (
        r"(?:tomorrow|(?:on )?the (?:next|following) (?:day|bar|morning|session)),?"
        r" at (?:the |its )?open(?:ing)?(?! (?:if|when|only|price))"
        r"|(?:at|on) (?:the )?(?:open(?:ing)? (?:of|on) the (?:next|following) (?:day"
        r"|bar|session)|(?:next|following) (?:day|bar|morning)'?s? open)(?! (?:if"
        r"|when|only))",
        lambda match: SKIP if INTRADAY.search(match.string) is None else "",
    ),
    (
        r"(?:(?:i |we )?(?:only (?:take|trade|do) |take only |trade only )?(?:long"
        r"|buy)s?(?:[- ]side)? (?:trades? |side |positions? |entries )?only"
        r"|only (?:trade |take |play )?(?:the |on the )?long(?: side|(?: trades?| positions?| entries))|only longs|no shorts?(?: trades"
        r"| selling|ing)?|never short|no short positions)(?=[.,;]|$| and only)",
        lambda match: SKIP,
    ),
    (
        r"(?:and )?(?:(?:only|max(?:imum)?(?: of)?|at most|never more than|no more"
        r" than) (?:one|1) (?:open )?(?:position|trade)(?: (?:open )?at a time| at"
        r" once|"
        r" at the same time| open)?|(?:one|a single) (?:position|trade) (?:open )?at a time|no pyramiding|no adding|do not (?:pyramid|add))"
        r"(?! (?:a|per|each|every) (?:day|week|month))(?=[.,;]|$)",
        lambda match: SKIP,
    ),
    (
        r"(?:always in (?:the market)?|stop[- ]and[- ]reverse|(?:reverse|flip)(?:"
        r" the position| sides?)? (?:on|at|with) (?:the |an? |every )?(?:opposite"
        r"|other|reverse|contrary)"
        r" (?:signal|cross(?:over)?|side))(?=[.,;]|$)",
        lambda match: SKIP,
    ),
    (
        r"(?:no |without an? |we use no |i use no )(?:hard |fixed |protective )?stops?(?:[- ]?loss)?(?:"
        r" (?:is|are|was))?(?: used| needed| here)?(?=[.,;]|$)",
        lambda match: SKIP,
    ),
    (
        r"(?:in|to|stay in|otherwise in) cash (?:for )?(?:the )?rest of the (?:year"
        r"|time|month)|(?:and |otherwise )?(?:flat|in cash|out) the rest of the (?:year"
        r"|time)",
        lambda match: SKIP,
    ),
)
"""Words for rules that hold anyway, and are no rows."""
