"""Words of ordinary descriptions for orders, stops, pauses and levels, and the words of the phrases for them. Put in by `wording`."""

import re

from core.language.phrases.rewriting import Writer
from core.language.phrases.shorthand import SAID
from core.language.spoken.vocabulary import INTRADAY

_FAR = r"\d+(?:\.\d+)? ?(?:%|percent|r\b|points?\b|pips?\b|(?:x |times (?:the )?)?(?:\d+[- ](?:day|bar) )?atrs?\b(?: ?\(\d+\))?)"
_BAND = r"(?P<name>keltner|bollinger|donchian)(?: channels?| bands?)?(?: ?(?P<cells>\([\d., ]+\)))?"
_LINE = r"(?P<line>upper|lower|middle|mid)(?: band| line| channel| boundary)"
_COLORED = r"(?:inside|outside) (?:bar|day)|hammer|doji|shooting star|(?:bullish|bearish) (?:engulfing(?: (?:bar|candle|day))?|harami)"
_NEARER = r"nearer|closer|tighter|smaller|lower|less|wider|larger|greater|farther|further|bigger|higher"
_SLOPING = r"(?:sloping|pointing|trending|heading|moving|angled|going) (?:up|down)(?:wards?|hill)?|rising|falling"


def _count_ticks(match: re.Match[str]) -> str:
    """`16 ticks` where the text says how much a tick is."""
    told = TICK.findall(match.string)
    return f"{int(match['count']) * float(told[0]):g} points" if len(set(told)) == 1 else match.group()


TICK = re.compile(r"\btick(?: size| value)?(?: is|:| =| of)* [$€£]?(\d*\.\d+|\d+)(?! ?(?:above|below|over|under))", re.IGNORECASE)


def _sell_of_bought(match: re.Match[str]) -> str:
    """`Sell 50 shares` of so many that are bought: that share of the position; others are named."""
    bought = [int(count.replace(",", "")) for count in BOUGHT.findall(match.string)]
    told = re.findall(rf"\d {_UNITS}\b", match.string, re.IGNORECASE)
    count = int(match["count"].replace(",", ""))
    if len(bought) != 1 or len(told) != 2 or count > bought[0] or 100 * count % bought[0]:
        return match.group()
    return match["out"] if count == bought[0] else f"{match['out']} {100 * count // bought[0]}% of the position"


_UNITS = r"(?:shares|units|contracts|coins|lots)"
BOUGHT = re.compile(rf"\b(?:buy|purchase|long|short|trade|use|size:?|of) (\d[\d,]*) {_UNITS}", re.IGNORECASE)
_SOLD = r"\b(?P<out>sell|exit|close|cover)(?: off| out)?(?: of)? (?:(?:the|my|all|other|another|remaining) )*"


def _follow_pattern(match: re.Match[str]) -> str:
    """`An inside bar is followed by a close above its high`: of the bar before, and of this one."""
    before = f"the previous bar was {match['article'] or 'a'} {match['pattern']}"
    return f"{before} and the close is {match['way']} the previous bar's {match['line']}"


def _wait_for_opening(match: re.Match[str]) -> str:
    """`Buy when it gaps down 2% at the open`: an order for that opening, with a limit so far from the close before it."""
    short = "short" in match["lead"].lower()
    if short is not (match["way"].lower() == "up") or INTRADAY.search(match.string):
        return match.group()
    if not match["at"] and SAME_DAY.search(match.string) is None:
        return match.group()
    order = f"{match['lead']} with a limit on open at {match['far']}% {'above' if short else 'below'} yesterday's close"
    return f"{order}, when the close is " if match["state"] or re.search(r"close", match.group()) else order


SAME_DAY = re.compile(
    r"\b(?:sell|exit|cover|close(?: out)?|get out|flat)(?: it)? (?:at|on|by)"
    r" (?:the|that day['’]s|today['’]s) (?:close|end of (?:the|that) day)"
    r"(?=[.;,]|$| of (?:the|that) (?:same )?(?:day|session)\b)",
    re.IGNORECASE,
)
"""A way out on the day of the entry: what opens it is bought at its opening."""


def _ask_for_change(match: re.Match[str]) -> str:
    """`After a 5% decline over 10 days`: the return of so many bars."""
    up = re.match("gain|rise|rally|advance|move", match["way"], re.IGNORECASE)
    return f"and roc({match['length']}) {'>=' if up else '<='} {'' if up else '-'}{match['far']}"


def _drop_per_trade(match: re.Match[str]) -> str:
    """`20% of capital per trade`: a share, and no more than one where the words before it say so."""
    limited = re.search(
        r"\b(?:max\w*|most|more than|up to|exceed\w*|limit\w*|cap\w*)(?: of| at| to)? ?$", match.string[: match.start()], re.IGNORECASE
    )
    return match.group() if limited else match["what"]


def _put_orders_first(match: re.Match[str]) -> str:
    """`When A is above B be long, when it is below be short`: each order with the whole of its condition."""
    if match["side"][0].lower() == match["other"][0].lower():
        return match.group()
    return (
        f"{match['order']} when {match['subject']} is {match['side']} {match['level']}, "
        f"{match['order2']} when {match['subject']} is {match['other']} {match['level']}"
    )


_PLACES = {"second": 2, "third": 3, "fourth": 4, "fifth": 5}


def _count_closes(match: re.Match[str]) -> str:
    """`The second consecutive close above X`: two of them, whose last one is this bar."""
    return f"{_PLACES.get(match['place'].lower()) or re.sub('[a-z]', '', match['place'])} consecutive closes "


DAILY_SHARE = 8
"""Percent from which on a volatility without a period is one of a year: no index moves that much in a bar."""


def _ask_for_volatility(match: re.Match[str]) -> str:
    """`20-day volatility below 15%`: of a year, as it is quoted; on shorter bars it is not known how many of them make one."""
    annual = match["annual"] or match["annual2"] or float(match["share"]) >= DAILY_SHARE
    if not annual:
        return match.group()
    sign = "<" if re.match(r"below|under|less|lower|<", match["side"], re.IGNORECASE) else ">"
    known = INTRADAY.search(match.string) is None
    return f"sqrt(252) * realised_volatility({match['length']}) {sign} {match['share']}" if known else "~"


def _ask_for_slope(match: re.Match[str]) -> str:
    up = re.match("pos|above", match["way"], re.IGNORECASE)
    if match["verb"].lower() == "is":
        return f"slope({match['length']}) {'>' if up else '<'} 0"
    return f"crosses_{'above' if up else 'below'}(slope({match['length']}), 0)"


SHORT_ONLY = re.compile(r"\bshort[- ]only\b|\bonly (?:go |take |trade )?shorts?\b", re.IGNORECASE)


def _enter_short(match: re.Match[str]) -> str:
    """`Short-only strategy. Enter when`: a sale, where nothing is bought."""
    bought = re.search(r"\b(?:buy\w*|longs?)\b", match.string, re.IGNORECASE)
    return "enter short" if SHORT_ONLY.search(match.string) and not bought else match.group()


def _slope_each(match: re.Match[str]) -> str:
    """`Above the 8, 21 and 50 EMA, all sloping up`: each of them moves."""
    way = "falling" if re.search(r"down|fall", match["way"], re.IGNORECASE) else "rising"
    moving = " and ".join(f"the {length} {match['kind']} is {way}" for length in re.findall(r"\d+", match["some"]))
    return f"{match['head']} and {moving}"


PLAIN_ORDERS: tuple[tuple[str, str | Writer], ...] = (
    (r"(?:^|(?<=[.;] ))(?:entry|entries) (?=(?:on|with) )", "buy "),
    (rf"{_SOLD}(?P<count>\d[\d,]*) {_UNITS}\b(?! short)", _sell_of_bought),
    (
        rf"(?P<lead>[,;.] |\band )(?:then )?(?:sell |exit )?(?:the )?(?:other"
        rf"|remaining) \d[\d,]*(?: {_UNITS})? (?=(?:when|if|once|on|at)\b)",
        r"\g<lead>the rest ",
    ),
    (r"\b(?P<count>\d+) ticks?\b(?! size)", _count_ticks),
    (rf"(?:^|(?<=[.;,] ))(?:one |the |a )*{TICK.pattern[2:]}(?=[.;,]|$)", SAID),
    (
        rf"\b(?:add|apply|attach|employ|place|put|set|keep|implement|include|have) (?:an? |the |my "
        rf"|our )(?=(?:{_FAR} )?(?:(?:initial|hard|fixed|protective"
        r"|wide|tight) )*(?:trail|stop|profit|take[- ]profit|target|time[- ]?(?:stop|exit|limit)|break))",
        f"{SAID} ",
    ),
    (
        rf"\b(?:use|with|set|place|take|put)? ?(?:an? )?(?P<far>{_FAR}) (?:as|for) (?:an? |the |my "
        rf"|our )?(?:(?:initial|hard|fixed|protective) )?"
        r"(?P<kind>stop(?:[- ]loss)?|target|profit target|take[- ]profit|trailing stop)\b",
        r"\g<kind> \g<far>",
    ),
    (
        rf"\b(?:get |be |am |is )?stop(?:ped)?(?: me| us| it)? out (?:at|on|after|with|for) (?:an? |the )?(?P<far>{_FAR})(?: loss)?",
        r"stop loss \g<far>",
    ),
    (
        rf"\b(?P<far>{_FAR})[- ](?:catastroph\w+|disaster|emergency|safety|max(?:imum)?|worst[- ]case|wide"
        rf"|tight|money[- ]management) stop\b",
        r"\g<far> stop",
    ),
    (rf"\b(?P<lead>trail(?:ing)? (?:the )?(?:rest|remainder|balance) (?:with|by|using) )an? (?P<far>{_FAR}) trail(?:ing)?[- ]stop",
     r"\g<lead>\g<far>"),
    (r"\b(?:the )?ichimoku(?:['’]s)? (?P<line>(?:conversion|base|leading|lagging) (?:line|span)|(?:tenkan|kijun)\b)", r"\g<line>"),
    (
        r"\bz-?score of (?:the )?(?:close|closing price|price)s? (?:over|for|in|of|within) (?:the )?(?:last "
        r"|past )?(?P<length>\d+) (?:days|bars)\b",
        r"zscore(\g<length>)",
    ),
    (
        r"\bafter an? (?P<far>\d+(?:\.\d+)?) ?(?:%|percent) (?P<way>decline|drop|fall|sell-?off|slide|loss|gain|rise|rally|advance|move up)"
        r" (?:over|in|within|of|during) (?:the )?(?:last |past |previous )?(?P<length>\d+) (?:days|bars|sessions)\b",
        _ask_for_change,
    ),
    (
        r"\b(?P<lead>when|if) (?:the )?(?:volatility|trend|momentum|volume|market|price action) (?:is "
        r"|are )?(?:contracts?|expands?|contracting"
        r"|expanding|low|high|up|down|strong|weak|positive|negative|confirmed|bullish|bearish): (?=\w)",
        rf"\g<lead> {SAID} ",
    ),
    (
        r"\b(?:exit|sell|close|get out)(?: it| the (?:position|trade))? (?:if|when|as soon as|once) (?:either|any|one)(?: one)?"
        r"(?: of (?:them|these|the(?: two)?))?(?: (?:entry )?conditions?| rules?)? (?:fails?|breaks?"
        r"|is violated|no longer holds|turns false"
        r"|stops being true|is (?:no longer|not) (?:true|met|satisfied|fulfilled|valid))",
        "otherwise cash",
    ),
    (r"\bsize (?:the |all |each )?(?:positions?|trades?),? (?:so|such) that (?:each|every|one)(?: (?:trade"
     r"|position|one|of them))? risks? (?=\d)", "risk "),
    (
        r"\b(?:the )?(?P<length>\d+)[- ]?(?:day|bar|d) (?P<annual>annuali[sz]ed )?(?:reali[sz]ed "
        r"|historical )?volatility (?:(?:is|goes|rises|falls|drops|gets) )?"
        r"(?P<side>above|below|over|under|less than|lower than|greater than|higher than|more than"
        r"|[<>]) (?P<share>\d+(?:\.\d+)?) ?(?:%|percent)(?! of\b)"
        r"(?P<annual2> (?:annuali[sz]ed|annually|per year|a year))?",
        _ask_for_volatility,
    ),
    (
        r"\b(?:when|if) (?P<subject>[^.;,]{2,40}?) is (?P<side>above|below|over|under) (?P<level>[^.;,]{2,40}?),? (?:then )?"
        r"(?P<order>(?:be|go) long|buy),? (?:and )?(?:when|if) (?:it is |it['’]s )?(?P<other>above|below|over"
        r"|under)(?: it| that)?,? (?:then )?"
        r"(?P<order2>(?:be|go|sell) short|short|sell|exit|(?:be |go )?flat|(?:be )?in cash)(?=[.;,]|$)",
        _put_orders_first,
    ),
    (r"(?P<what>(?<![\d.])\d+(?:\.\d+)? ?(?:%|percent) of (?:the |my )?(?:equity|capital|account"
     r"|portfolio)) (?:per|on each|in each|for each|on every) (?:trade|position)\b",
     _drop_per_trade),
    (
        r"\baverage down (?:once|one time) (?:if|when) (?:it|price|the price) (?:falls|drops|declines) (?:by )?(?:another |a further )?"
        r"(?P<far>\d+(?:\.\d+)?) ?(?:%|percent)(?: (?:more|further))?",
        r"add a second lot if the price drops another \g<far>% from my entry",
    ),
    (r"\bvol target(?:ing)?\b", "volatility target"),
    (r"(?:^|(?<=[.;] ))flat(?=: )", "exit"),
    (r"\b(?P<place>second|third|fourth|fifth|[2-9](?:nd|rd|th)) (?:consecutive|straight"
     r"|successive) close (?=(?:above|below|over|under)\b)", _count_closes),
    (r"\b(?:allocate|commit|deploy|devote)(?= (?:up to )?\d)", "invest"),
    (r"(?<!sell )(?<!close )(?<!exit )(?<!cover )(?<!take )(?<!off )(?<!on )(?<!of )\b(?P<share>\d+ ?%)"
     r" position(?=[.,;]|$)", r"position size \g<share>"),
    (
        r"\b(?:the )?(?:linear[- ]regression )?slope (?:over|of) (?:the )?(?:last |past )?(?P<length>\d+) (?:days|bars)"
        r" (?P<verb>turns|becomes|is|crosses) (?P<way>positive|negative|(?:above|below) (?:zero|0))",
        _ask_for_slope,
    ),
    (r"\bpercentage price oscillator\b", "PPO"),
    (r"\bhas (?:fallen|dropped|declined|retraced)(?: by)? (?=\d+(?:\.\d+)? ?% (?:from|below|off"
     r"|under) (?:its |the )?(?:highest|high|peak|top)\b)",
     "falls "),
    (r"\b(?:with )?an? max(?:imum)? of (?P<count>\d+|two|three|four|five) (?:open )?(?:entries|units|lots)\b", r"up to \g<count> entries"),
    (r"\b(?:prior|previous|preceding) (?P<length>\d+[- ](?:day|week|bar|month)[- ](?:high|low))\b", r"\g<length>"),
    (r"\b(?:rises|moves|goes|climbs|turns|comes) from below (?P<level>-?\d+) to above (?P=level)(?!\d)", r"crosses above \g<level>"),
    (r"\b(?:falls|moves|goes|drops|turns|comes) from above (?P<level>-?\d+) to below (?P=level)(?!\d)", r"crosses below \g<level>"),
    (r"\bin an? (?:up|down)trend,? (?:defined|measured|identified) (?:as|by) ", f" {SAID} and "),
    (r",? whichever (?:is|comes|happens|occurs) (?:the )?(?:earlier|sooner|earliest)\b", f", {SAID}"),
    (r"(?P<order>\b(?:buy|short|sell short|sell|exit|cover|out)) (?:on )?(?:any|every|each"
     r"|(?:on )?the next) close (?=(?:above|below|over|under)\b)",
     r"\g<order> on a close "),
    (rf"\b(?:following|right after|immediately after) (?:an? |the )(?P<pattern>{_COLORED})\b", r"and the previous bar was a \g<pattern>"),
    (r"\bthe last close (?=(?:is|was) )", "the close "),
    (r"(?P<share>\b\d+ ?%) position size\b", r"position size \g<share>"),
    (r"\b(?P<what>max(?:imum)? drawdown(?: of)? \d+ ?%),? then stop trading\b", r"\g<what>"),
    (
        r"(?P<lead>\bafter \d+ (?:trading )?(?:days|bars|sessions|weeks)),? (?:if|unless) (?:(?:it|i"
        r"|neither|nothing|the (?:trade|position|stop|target)"
        r"(?: (?:or|nor) (?:the )?(?:stop|target))?) )?(?:(?:is|am|has|was|have|been) )*(?:still (?:open"
        r"|in)|(?:not |already )*(?:been |yet )*"
        r"(?:stopped out|hit|reached|triggered|filled|closed))(?=[.;,]|$)",
        rf"\g<lead> {SAID}",
    ),
    (r"\bstop order (?=(?:at )?\d[^.;]{0,12} (?:below|above|under|over|from) (?:the |my )?entry)", "stop "),
    (r"\b(?:enter|entry)(?: a (?:trade|position))?(?= (?:when|if|on|once)\b)", _enter_short),
    (r"\b(?:the )?opening range (?P<line>high|low) ?\(?(?:of )?(?:the )?first (?P<span>\d+)[- ]min(?:ute)?s?\)?",
     r"the \g<line> of the first \g<span> minutes"),
    (
        r"\b(?P<lead>when|if|once) both (?P<what>[\w() ]{2,30} and [\w() ]{2,30}) are (?=(?:above|below"
        r"|under|over|less|greater|higher|lower)\b|[<>])",
        rf"\g<lead> {SAID} \g<what> are both ",
    ),
    (r"(?:^|(?<=[.;,] ))half (?:a )?position(?: size)?(?=[.;,]|$)", "position size 50%"),
    (r"(?<=[\d)] )(?:starts|begins) (?:to )?(?P<way>fall|ris)(?:e|ing)?\b", r"is \g<way>ing"),
    (r"\breverse to (?P<side>long|short) (?=(?:at|on|when|if)\b)", r"go \g<side> "),
    (r"\bsize by (?:an? )?(?=\d+ ?% vol)", f"{SAID} "),
    (
        r"\bafter (?:at least )?(?P<count>\d+) (?P<unit>days|bars|sessions) (?P<side>below|above|under|over) it\b",
        r"after being \g<side> it for at least \g<count> \g<unit>",
    ),
    (r"\bflatten(?= (?:everything|all|it|any|the|at|by|before|into)\b)", "exit"),
    (r"\b(?P<what>supertrend|parabolic sar|psar|sar|vwap|kama)(?P<cells> ?\([\d., ]+\))? (?:indicator |line)\b", r"\g<what>\g<cells>"),
    (r"\b(?P<side>above|below|over|under|through|at|of) (?:the )?(?P<number>-?\d+(?:\.\d+)?) (?:level|mark|threshold)\b",
     r"\g<side> \g<number>"),
    (rf"\b(?:the |an? |its )?{_BAND} {_LINE} break-?out\b", r"a break above the \g<line> \g<name> band \g<cells>"),
    (rf"\b(?:the |an? |its )?{_BAND}(?:['’]s)? {_LINE}\b(?! \()", r"the \g<line> \g<name> band \g<cells>"),
    (
        rf"\b(?P<article>an?) (?P<pattern>{_COLORED}) (?:is |gets |that is )?followed by (?:an? )?close (?P<way>above|below|over|under)"
        r" (?:its|(?:the |that )(?:[a-z]+ ){1,3}?(?:bar|day|candle|hammer|doji|star)['’]s) (?P<line>high|low)",
        _follow_pattern,
    ),
    (
        rf"\b(?P<kind>stops?(?:[- ]loss)?|sl|target|take[- ]profit|tp)(?: is| at|:| =)*,? whichever (?:one )?is (?:the )?"
        rf"(?P<near>{_NEARER})(?: of|:|,)* (?P<one>{_FAR}) or (?P<two>{_FAR})",
        r"\g<kind> at the \g<near> of \g<one> or \g<two>",
    ),
    (r"\b12(?: ?[-–/] ?| minus |, ?)1(?:[- ]months?)? (?=(?:momentum|return)\b)", "12-month momentum skipping the last month "),
    (r"(?<=12-month momentum skipping the last month) +(?:momentum|return)\b", ""),
    (
        rf"(?P<head>\b(?:above|over|below|under) (?:the |its |all of )*(?P<some>\d+(?:, ?\d+)*,? (?:and|&) \d+)[- ](?:day |period )?"
        rf"(?P<kind>[sewh]mas?))(?:,| and|,? which are| with)+ (?:all|each|both)(?: of (?:them|which))?(?: are)? (?P<way>{_SLOPING})\b",
        _slope_each,
    ),
    (
        r"(?:^|(?<=[.;:] ))(?:accumulate|build (?:up )?(?:a )?(?:long )?position)(?= (?:when|if|on|once|whenever)\b"
        r".*\b(?:entries|times|tranches|units|purchases|steps|lots|buys)\b)",
        "buy",
    ),
    (
        r"^(?:(?:this|it) is )?(?:an? |the |my )?(?:(?!weekly|monthly|inverse|short)[a-z/-]+ ){1,4}(?:strategy|system|approach|model)"
        r"(?: (?:on|for|in) (?:the )?[\w/]+(?: (?:(?:hourly|daily|\d+[- ]?(?:min\w*|h\w*)) )?(?:bars|candles"
        r"|charts?|data|shares|futures|stock))?)?(?=[.;]| on (?:the )?(?:daily|hourly|\d))",
        SAID,
    ),
    (
        r"\b(?P<lead>(?:go|enter) long|buy|go short|sell short|short) (?:it )?(?:when|if) (?:the )?(?:price"
        r"|stock|market|it|index|(?-i:[A-Z]{2,5}))? ?gaps (?P<way>up|down)"
        r" (?:by )?(?:(?:more than|at least|over) )?(?P<far>\d+(?:\.\d+)?) ?(?:%|percent)(?: or more)?(?P<at> (?:at|on) the open(?:ing)?)?"
        r"(?:(?=[.;])|(?=,? (?:and |then )*(?:sell|exit|cover)\b)|,? (?:but|and|while) (?:the previous|the prior"
        r"|yesterday['’]s) (?:day['’]s )?close (?:was|is) (?=above|below|over|under)"
        r"|,? (?:but|and|while) (?P<state>(?:it |the price |the stock )?(?:is|trades|closes) )(?=above|below|over|under))",
        _wait_for_opening,
    ),
)  # fmt: skip
"""Words as they are written, and those for them, one after the other."""
