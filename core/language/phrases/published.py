"""Words of books, reports and script pages that stand for others: orders, channels, ranges, sessions, shares. Put in by `wording`."""

import re

from core.language.phrases.named_averages import NAMED_AVERAGE, put_average
from core.language.phrases.rewriting import Writer
from core.language.phrases.shorthand import SAID

_WORDS = {"one": 1, "two": 2, "three": 3, "four": 4, "five": 5}
_COUNT = rf"(?:\d+|{'|'.join(_WORDS)})"
_FAR = r"\d+(?:\.\d+)? ?(?:%|percent|(?:x )?atr|r\b|points?)"
_GAIN = r"(?P<gain>\d+(?:\.\d+)? ?(?:%|percent|r\b|(?:x )?atr))"
_BEGINS = r"(?:protects?|kicks in|activates|is activated|gets activated|starts|begins|applies|is applied|is used|becomes active)"
_HALF = r"half|a third|a quarter|one third|one half|\d+ ?%"
_FIRST = re.compile(r"\bfirst \d+[- ]?min|\bopening range|\borb\b", re.IGNORECASE)


def _range_line(match: re.Match[str]) -> str:
    """`The 30 min low`: of the first minutes, where the text speaks of them; else of nothing that is known."""
    if _FIRST.search(match.string) is None:
        return "~"
    if re.search(r"\b(?:stop(?:[- ]loss)?|sl)\b[^.;,]{0,15}$", match.string[: match.start()], re.IGNORECASE) is None:
        return match.group()
    return f"the {match['line']} of the first {match['minutes']} minutes"


def _add_units(match: re.Match[str]) -> str:
    count = _WORDS.get(match["count"].lower()) or int(match["count"])
    step = "0.5" if match["step"].lower().startswith(("half", "1/2")) else match["step"].rstrip("x ")
    return f"add a unit every {step} atr up to {count + 1} units"


def _call(name: str) -> str:
    length = re.search(r"\d+", name)
    return f"rsi({length[0] if length else 14})"


def _write_chandelier(match: re.Match[str]) -> str:
    """`The chandelier long stop`, with the lengths that the text gives to it elsewhere."""
    cells = re.search(r"chandelier(?: exit)? ?\((\d+, ?\d+(?:\.\d+)?)\)", match.string, re.IGNORECASE)
    return f"chandelier({cells[1] if cells else '22, 3'}).{match['side'].lower()}"


PUBLISHED: tuple[tuple[str, str | Writer], ...] = (
    (NAMED_AVERAGE, put_average),
    (r"\b(?:is )?up (?P<far>(?:more than |at least |over )?\d+(?:\.\d+)? ?%) (?:from|since|on|above) (?:the |today's |its )open\b",
     r"is \g<far> above today's open"),
    (r"\b(?:is )?down (?P<far>(?:more than |at least |over )?\d+(?:\.\d+)? ?%) (?:from|since|on|below) (?:the |today's |its )open\b",
     r"is \g<far> below today's open"),
    (
        r"\b(?P<if>if|when) (?P<what>[^.;,]{5,120}?) (?:on|at|as of) (?:the )?last (?:trading )?day of (?:the|each|every|a)"
        r" month,? be long, else flat\b",
        r"buy at month end \g<if> \g<what>, else flat",
    ),
    (r"\b(?P<out>sell|exit|close|out|cover)(?: it)?(?: the)? (?:on the )?(?:next|following) (?:morning|day) at (?=\d{1,2}:\d\d)",
     r"\g<out> at "),
    (r"\b(?P<out>(?:sell|exit|close|out|cover)(?: it)? at \d{1,2}:\d\d)(?: on)? (?:the )?(?:next|following) (?:morning|day)\b",
     r"\g<out>"),
    (r"(?<=[a-z)])(?P<sign>[<>]=?)(?=[-\w])", r" \g<sign> "),
    (r"\b(?:exit|sell|cover|close|get out)(?: it| the trade)? (?:at|with|after) (?:an? )?(?P<far>\d+(?:\.\d+)? ?(?:%|percent|atr"
        r"|r\b)) loss\b", r"exit at stop loss \g<far>"),
    (r"\bw/ (?=\w)", "with "),
    (r"\b(?P<at>at|to|touches|reaches|hits|above|below) (?:the )?bb (?P<band>upper|lower|middle|mid)(?: band)?\b(?! ?\()",
     r"\g<at> the \g<band> Bollinger band"),
    (r"\b(?:the )?first (?P<minutes>\d+)[- ]?min(?:ute)?s?['’]? (?P<line>high|low)\b", r"the \g<line> of the first \g<minutes> minutes"),
    (r"\b(?:the )?(?P<minutes>\d+)[- ]min(?:ute)?s? (?P<line>high|low)\b", _range_line),
    (
        r"\b(?P<line>upper|lower|middle) (?P<kind>donchian )?(?:channel|band)(?: line)? \((?P<length>\d+)(?:[- ](?:day|bar|period)s?)?\)",
        lambda match: (
            f"{match['line']} Donchian({match['length']})"
            if match["kind"] or re.search("donchian", match.string, re.IGNORECASE)
            else match.group()
        ),
    ),
    (
        r"\b(?P<line>upper|lower|middle) donchian (?:channel|band)(?: line)? \((?P<length>\d+)(?:[- ](?:day|bar|period)s?)?\)",
        r"\g<line> Donchian(\g<length>)",
    ),
    (
        r"\b(?:initiate|establish|open|take|enter)s? (?:a |new |our )*(?P<side>long|short) (?:position|trade)s?(?= (?:when|if"
        r"|once|on|after"
        r"|following|upon|at|in)\b)",
        r"go \g<side>",
    ),
    (r"\b(?:liquidates?|unwinds?)(?: (?:it|them|the (?:position|trade)|all positions|positions))?(?= (?:when|if|once|on|after|following"
     r"|upon|at)\b)", "exit"),
    (r"\b(?:following|upon|on the back of) (?=an? (?:daily |weekly )?(?:close|break|cross|move|bounce|touch)\w*\b)", "on "),
    (
        rf"\b(?:up to )?(?P<count>{_COUNT}) (?:additional|more|further|extra) units (?:are |is |may be |can be )?(?:added"
        rf" )?(?:at|every|each)"
        r" (?P<step>half(?: an?)?|1/2|\d+(?:\.\d+)?)[- ](?:x )?(?:atr|n)\b(?: (?:increments?|intervals?|steps?|moves?))?",
        _add_units,
    ),
    (
        rf"\btrail(?:ing)?[- ]stop(?:[- ]loss)? (?:of |at )?(?P<far>{_FAR}) {_BEGINS}(?: (?:profits?|gains?|the (?:profit|gain"
        rf"|trade)s?))?"
        rf"(?: only)? (?:once|when|after|at)(?: (?:the |a |an |i |we |price |it |trade |position |gain |profit |has |have |is "
        rf"|am |are |of"
        rf" |in |moved |gained |reached |up |'m )*)?{_GAIN}(?: (?:in )?(?:profit|gain))?",
        r"trailing stop of \g<far> once up \g<gain>",
    ),
    (
        rf"\b(?P<take>take|sell|close|book|scale out)(?: off)? (?P<share>{_HALF})(?: of (?:it|the position|my position))?(?: off)?"
        rf"(?: profits?)? (?:at|after) (?P<at>\+?\d+(?:\.\d+)? ?(?:r\b|%|atr)),? (?:and|then|&)(?: then)?(?: i)? (?:move|bring|put|set)s?"
        r" (?:the |my )?(?:stop(?:[- ]loss)?|sl) to (?:be|b/e|break[- ]?even|(?:the )?entry(?: price)?)\b",
        r"\g<take> \g<share> at \g<at>, move stop to breakeven after \g<at>",
    ),
    (r"(?<=\bto )(?-i:BE)\b(?=[ .,;]|$)", "breakeven"),
    (r"\b(?P<kind>stop(?:[- ]loss)?|sl)(?: is| at|:| =)* [-–](?=\d+(?:\.\d+)? ?(?:%|percent|points?|atr))", r"\g<kind> "),
    (r"\b(?P<kind>tp|target|take[- ]profit)(?: is| at|:| =)* \+(?=\d+(?:\.\d+)? ?(?:%|percent|points?|atr))", r"\g<kind> "),
    (
        r"(?P<before>\b(?:bars|candles|days|hours|weeks|sessions|average|[se]ma|\d)\)?,?) or (?:at )?\+(?P<gain>\d+(?:\.\d+)?"
        r" ?%)(?=[.,;]|$| or\b)",
        r"\g<before> or take profit \g<gain>",
    ),
    (r"(?P<share>\d+(?:\.\d+)? ?%) of (?:the |my |total |available |account |current )*(?:balance|funds)\b", r"\g<share> of equity"),
    (r"(?<=of equity) (?:per|each|on each|in each|for each|every) (?:trade|position|entry)\b", ""),
    (
        r"\b(?:the )?(?P<length>\d+)[- ](?P<unit>day|bar|period)s?[- ](?:average true range|atr)\b",
        r"atr(\g<length>)",
    ),
    (r"\bthe average true range\b", "the atr"),
    (
        r"\b(?:on|with) (?:a )?(?:higher|greater|larger|more|heavier|bigger) volume than (?:the )?(?:day before|previous (?:day"
        r"|bar|candle|session)"
        r"|prior (?:day|bar|candle|session)|yesterday)(?:['’]s)?\b",
        "with volume above yesterday's volume",
    ),
    (
        r"\b(?:on|with) (?:a )?(?:lower|smaller|less|lighter) volume than (?:the )?(?:day before|previous (?:day|bar|candle|session)"
        r"|prior (?:day|bar|candle|session)|yesterday)(?:['’]s)?\b",
        "with volume below yesterday's volume",
    ),
    (
        r"\b(?:in|during) (?:an? )?(?:down|up|bear|bull)[- ]?(?:trend|market) ?\((?P<what>[^()]*(?:\([^()]*\)[^()]*)*)\),? no"
        r" (?P<side>longs|shorts|buys)\b(?: please)?",
        r"no \g<side> when \g<what>",
    ),
    (r"\b(?:and )?0 ?% otherwise\b", "otherwise flat"),
    (
        r"\b(?:the )?(?:system|strategy|model|portfolio)? ?(?:allocates|invests|holds) (?P<share>\d+ ?%)(?: of (?:the )?(?:equity|capital"
        r"|portfolio|account))?(?: (?:to|in) (?:the )?(?:stocks?|equities|market|index|etf|fund))? (?=(?:when|if|while|whenever)\b)",
        r"\g<share> of equity: buy ",
    ),
    (
        r",? (?:checked|evaluated|reviewed|measured|decided)(?: only)?(?: once a month)? (?=(?:at|on) (?:the )?(?:month[- ]?end|end of"
        r" (?:the|each|every) month|last (?:trading )?day of (?:the|each|every) month))",
        " ",
    ),
    (r"\b(?P<set>at|on) the end of each month\b|\b(?P<set2>at|on) each month[- ]end\b", "at month end"),
    (r"\b(?P<side>upper|lower|middle|mid) bollinger\b(?! (?:bands?|line|channel))", r"\g<side> Bollinger band"),
    (
        r"\bcrosses (?:the )?(?P<line>%?D|signal(?: line)?) from below (?P<level>-?\d+)\b",
        r"crosses above \g<line> below \g<level>",
    ),
    (
        r"\bcrosses (?:the )?(?P<line>%?D|signal(?: line)?) from above (?P<level>-?\d+)\b",
        r"crosses below \g<line> above \g<level>",
    ),
    (
        r"(?:^|(?<=[.;:,] ))(?P<what>(?:the )?\d{1,3}[- ]?(?:day |period )?(?:[seh]?ma|moving average)) slop(?:e|ing)(?: is)?"
        r" (?P<way>up|down)\w* ?[=:]"
        r" ?(?:only )?(?P<side>longs|shorts)(?: only)?\b",
        lambda match: f"only {match['side']} when {match['what']} is {'rising' if match['way'].lower() == 'up' else 'falling'}",
    ),
    (
        r"\b(?:go|sell|enter|be)(?: in)?(?: a)? short(?: positions?)? (?:when|if|on|under|in|for)? ?(?:the|its) (?:exact"
        r" )?(?:opposite|reverse|inverse|contrary)"
        r"(?: (?:conditions?|case|signal|situation|setup))?(?: (?:happens|occurs|is true|is the case|applies|holds|is met|are"
        r" met|are true|appears))?(?=[.,;]|$)",
        "vice versa for shorts",
    ),
    (
        r"\b(?:when|if|once|on) the (?:opposite|reverse|inverse)(?: cross(?:over)?)? (?:occurs|happens|is true|takes place),?"
        r" (?:then )?(?:i )?"
        r"(?:get out|exit|sell|close|leave)\b",
        "exit when it crosses back",
    ),
    (
        r"\b(?:get out|exit|sell|close|leave) (?:when|if|once|on) the (?:opposite|reverse|inverse)(?: cross(?:over)?)? (?:occurs"
        r"|happens|takes place)\b",
        "exit when it crosses back",
    ),
    (r"\b(?:if|when|once) it gets to (?P<level>-?\d+(?:\.\d+)?),? (?:then )?(?:i['’]?m|i am|we are|get) out\b",
     r"exit when it reaches \g<level>"),
    (r"\bHA candles? with(?:out| no) (?:an? |any )?(?P<end>lower|upper) (?:wick|shadow|tail)s?(?: in a row)?",
     r"Heikin Ashi candles with no \g<end> wick"),
    (r"\bHeikin[- ]?Ashi candles? without (?:an? |any )?(?P<end>lower|upper) (?:wick|shadow|tail)s?(?: in a row)?",
     r"Heikin Ashi candles with no \g<end> wick"),
    (r"\bred HA candle\b", "red Heikin Ashi candle"),
    (r"\bgreen HA candle\b", "green Heikin Ashi candle"),
    (r"(?:^|(?<=[.;:,] ))(?:at|on) (?:the )?open(?:ing)?, (?=if the gap\b)", ""),
    (r"\b(?:if|when) (?:the|there is a) gap (?:is )?(?:of )?between (?P<one>\d+(?:\.\d+)?) ?%? and (?P<two>\d+(?:\.\d+)?) ?%"
        r" (?P<way>up|down)\b,?",
     r"when it gaps \g<way> between \g<one>% and \g<two>%,"),
    (r"\b(?P<verb>rallies|bounces|pulls back|retraces|rises|falls|drops) (?:back )?into (?=the \d)", r"\g<verb> to "),
    (r"\b(?P<out>cover|exit|sell)(?: at)? (?P<times>\d+(?:\.\d+)?) ?: ?1(?= or\b|[.,;]|$)", r"\g<out> at target \g<times>R"),
    (
        r"\b(?:the |my )?(?:entry |signal )?(?P<line>minimum|maximum) of (?:the )?(?:candle|bar|candlestick)(?: of (?:the"
        r" )?(?:entry|signal|buy))?\b",
        lambda match: f"the {'low' if match['line'].lower() == 'minimum' else 'high'} of the bar",
    ),
    (r"\b(?:i |we )?(?:put|place|set|have)(?: the| my| a)? (?P<kind>stop(?:[- ]loss)?) (?:in|on|at) (?=the (?:low|high)\b)",
     r"\g<kind> at "),
    (
        r"\baverage (?:of |over )?(?:the )?(?:last )?(?P<length>\d{1,3}) (?P<unit>period|day|bar|candle)s? (?P<kind>exponential"
        r"|simple|weighted)\b",
        r"\g<length>-\g<unit> \g<kind> moving average",
    ),
    (r"\baverage (?:of )?(?:the )?volume of (?:the )?(?:last )?(?P<length>\d{1,3})(?: (?:periods|days|bars|candles))?(?=[.,;]|$| and\b)",
     r"\g<length>-day average volume"),
    (r"\baverage exponential\b(?! moving)", "exponential average"),
    (r"(?-i:\b[A-Z]{2,5}['’]s) (?=(?:trailing )?\d+[- ]?(?:month|day|week|year)\b)", "the "),
    (
        r"\b(?:at|on) month end,? (?:if|when) (?P<what>[^.;,]{5,120}?),? (?:then )?(?:i |we )?(?:stay|be|remain|hold|go|get"
        r"|keep)(?: fully)? (?:invested|long|in(?: the"
        r" (?:market|stock|index|fund|etf))?),? (?:(?:and )?if not|otherwise|else)\b",
        r"buy at month end if \g<what>, otherwise",
    ),
    (
        r"\bbuy (?P<when>if|when|while) (?P<what>[^.;,]{5,120}?),? otherwise flat,? at month end\b",
        r"buy at month end \g<when> \g<what>, otherwise flat",
    ),
    (
        r"\b(?:the )?price makes? (?:an? )?(?P<low>lower low|higher high)s? (?:while|but|and|as|when) (?:the )?(?P<what>(?:rsi"
        r"|macd(?: histogram)?|obv|mfi|cci)(?: ?\(\d+\))?)"
        r" (?:makes?|forms?|prints?|shows?) (?:an? )?(?P<other>higher low|lower high)s?",
        lambda match: (
            f"{'bullish' if match['low'].lower() == 'lower low' else 'bearish'} divergence on {match['what']}"
            if {match["low"].lower(), match["other"].lower()} in ({"lower low", "higher low"}, {"higher high", "lower high"})
            else match.group()
        ),
    ),
    (r"\b(?P<side>bullish|bearish) (?P<what>rsi|macd(?: histogram)?|obv|mfi|cci) divergence\b", r"\g<side> divergence on \g<what>"),
    (r"\b(?P<side>bullish|bearish) divergence(?: on \w+)? ?[:(,] ?(?=(?P=side) divergence on\b)", ""),
    (r"\bwhen one (?=closes\b)", "when a candle "),
    (r"\bthat (?=\d+[- ]day (?:high|low)\b)", "the "),
    (r"\b(?P<rel>above|below|over|under) (?:the |its )?(?P<times>\d+(?:\.\d+)?) ?[*x] ?atr ?\((?P<length>\d+)\) trailing[- ]stop\b",
     r"\g<rel> atr_trailing_stop(\g<length>, \g<times>)"),
    (
        r"\b(?:once|when|if|after) (?:the )?(?:price|close|candle|it) closes outside (?:of )?(?:the |its )?(?:bollinger |keltner"
        r" )?bands?,? (?:go|trade|enter|take the trade)(?: in)?"
        r" (?:that|the same|its|the) direction(?: of the (?:break|breakout|close))?",
        "buy when price closes above the upper band, go short when price closes below the lower band",
    ),
    (r"\b(?:this|the) (?:script|strategy|system|indicator) does not (?:open|take|enter|allow|use) (?:any )?short(?: (?:positions"
        r"|trades))?\b", SAID),
    (
        r"\b(?:the )?(?:s&p(?: ?500)?|nasdaq(?:[- ]?100)?|dow(?: jones)?|dax|russell(?: 2000)?|nikkei|ftse(?: 100)?)(?: index)?"
        r"(?= (?:has|is|was|closes|closed|trades|falls|fell|rises|drops|crosses|breaks|stays|holds|makes|moves|gaps|opens)\b)",
        "price",
    ),
    (r"\b(?P<count>\d+)d[- ](?=(?:z[- ]?score|atr|rsi|[se]?ma|average|return|momentum|roc|vol|high|low)\b)", r"\g<count>-day "),
    (r"(?P<or>\bor |\bexit |[,;] )(?P<count>\d+)d(?=[.;,]|$)", r"\g<or>after \g<count> days"),
    (r"\bz-?score of (?:the )?(?:price|close)\b", "z-score"),
    (r"(?<=\d% )(?:nav|equity|account|capital) risk\b", "risk"),
    (r"\b(?P<side>exit|sell|cover|buy|long|short)(?P<when> when| if)? z ?(?=[<>])", r"\g<side>\g<when> z-score "),
    (r"(?<=% )percents\b|(?<=\d )percents\b", "percent"),
    (r"\b(?:curve|line) of the (?P<name>macd|rsi|adx|cci)\b", r"\g<name>"),
    (r"\bpass(?:es)? (?P<side>above|over|below|under) (?=the |its |\d|[sewh]ma|signal)", r"crosses \g<side> "),
    (r"\b(?:is|are) not yet (?=(?:over|above|under|below)\b)", "is not "),
    (r"\bbb (?P<band>upper|lower|middle|mid)(?: band)? ?\((?P<cells>\d+, ?\d+(?:\.\d+)?)\)", r"\g<band> Bollinger band (\g<cells>)"),
    (r"\b(?:kc|keltner(?: channel)?s?) ?\((?P<cells>\d+, ?\d+(?:\.\d+)?)\) (?P<band>upper|lower|middle|mid)(?: (?:band|line))?\b",
     r"\g<band> Keltner channel (\g<cells>)"),
    (r"\b(?:the )?kc (?P<band>upper|lower|middle|mid)(?: (?:band|line))?\b", r"the \g<band> Keltner line"),
    (r"(?P<far>[<>] \d+(?:\.\d+)?)x avg vol(?:ume)?\b", r"\g<far>x average volume"),
    (r"\b(?:reverse|opposite|inverse|mirrored?) (?:logic|rules|conditions|setup) (?:for|on) shorts?\b", "vice versa for shorts"),
    (
        rf"\b(?:once|when|after|if) (?:the )?(?:profit|gain|trade|position|price) (?:reaches|hits|is at|is up|has reached"
        rf"|exceeds|gains) {_GAIN}(?: (?:in )?profit)?,?"
        r" (?:i |we |then )?(?:the |my )?(?:stop (?:is |gets )?(?:then )?(?:trailed|raised|moved|tightened)|trail(?: the| my)?(?: stop)?)"
        r" (?:to |at |under |below |with |by |using |behind )+(?!be\b|b/e|break|(?:the )?entry)(?!\d)[^.;,]*",
        "~",
    ),
    (r"\bthere['’]s\b", "there is"),
    (r"\b(?P<kind>tp|target|take profits?|cover|exit|sell)(?: at| when| once| if)* (?:the )?gap (?:is filled|fills|is closed"
        r"|closes|fill)\b", r"target at yesterday's close"),
    (r"\b(?:sell|exit|cover|out) (?:when|if|once) i(?:'m| am) (?P<gain>\d+(?:\.\d+)? ?%) (?:in profit|up|ahead)\b",
     r"take profit \g<gain>"),
    (r"\b(?:exit|sell|cover|close)(?: also)? (?:if|when|once) (?:the |my )?loss (?:exceeds|reaches|is (?:more|greater) than"
        r"|hits) (?=\d)", "stop loss "),
    (r"\b(?:exit|sell|cover|close)(?: also)? (?:if|when|once) (?:the |my )?(?:profit|gain) (?:exceeds|reaches|is (?:more"
        r"|greater) than|hits) (?=\d)",
     "take profit "),
    (r"\bwith (?P<sum>\d+) (?:usd|dollars|eur|euros)(?= each\b|[.,;]|$| and\b| per\b)", r"with $\g<sum>"),
    (r"\b(?P<rel>under|below|above|at) the (?P<what>hammer|doji|engulfing|pin ?bar|inside bar|nr7) (?P<line>low|high)\b",
     r"\g<rel> the \g<line> of the \g<what>"),
    (r" ?\((?:stop )?order (?:is )?valid (?:for )?(?P<bars>\d+) (?:bars|days)\)", r", valid for \g<bars> bars"),
    (r"\b(?:are|is) built[- ]in(?:to (?:it|the strategy))?\b", SAID),
    (r"\bonly one (?:position|trade) (?:can|may|is allowed to) be (?:open|held)(?: at (?:a|any|the same) time)?",
     "only one position at a time"),
    (
        r"\badd(?: up| together)? the last (?P<count>two|three|four|five|\d+) days['’]? (?P<what>rsi(?: ?\(\d+\))?)(?: readings| values)?"
        r"[.;,:]? (?P<when>if|when) (?:the|this|that) (?:sum|total)\b",
        lambda match: f"{match['when']} sum({_call(match['what'])}, {_WORDS.get(match['count'].lower()) or match['count']})",
    ),
    (
        r"\b(?:the )?sum of the last (?P<count>two|three|four|five|\d+) days['’]?(?: of)? (?P<what>rsi(?: ?\(\d+\))?)(?:"
        r" readings| values)?\b",
        lambda match: f"sum({_call(match['what'])}, {_WORDS.get(match['count'].lower()) or match['count']})",
    ),
    (r"\bcloses? inside (?:of )?the (?:ichimoku )?(?:cloud|kumo)\b", "is inside the cloud"),
    (r"\bskip (?:all )?(?:trades|signals|entries) (?=(?:while|when|if)\b)", "no trades "),
    (r"\b(?:invest|use|buy|with) (?P<share>\d+(?:\.\d+)? ?%) (?:each time|every time|per (?:entry|purchase|buy)|on each (?:entry|buy))\b",
     r"\g<share> of equity"),
    (r"\bmax(?:imum)?(?: of)? (?P<share>\d+(?:\.\d+)? ?%)(?: of (?:the )?(?:equity|capital|account))? (?:in|per|for) (?:one|a"
        r"|each|any)(?: single)? (?:position|trade|stock)\b",
     r"\g<share> of equity"),
    (r"\b(?:a )?max(?:imum)?(?: of)? (?P<count>\d+|two|three|four|five) (?:purchases|buys|entries)\b", r"up to \g<count> entries"),
    (r"\b(?:buy |enter |sell )?at (?:the )?market (?:on|at) (?:the )?(?:next )?open(?=[.;,]|$)", SAID),
    (r"\b(?P<out>exit|sell|close|out)(?: everything| all)? (?=end of (?:the )?(?:day|session)\b)", r"\g<out> at the "),
    (r"\bor (?:an? )?(?P<gain>\d+(?:\.\d+)? ?%) (?:gain|profit)(?=[.;,]|$| or\b)", r"or take profit \g<gain>"),
    (r"\b(?P<stop>stop(?:[- ]loss)? \d+(?:\.\d+)? ?(?:percent|%),? and) gain (?:of )?(?=\d)", r"\g<stop> take profit "),
    (r"\b(?P<kind>target|tp|take[- ]profit)(?: is| at| of|:)* (?:of )?(?P<far>\d+(?:\.\d+)?) dollars?\b", r"\g<kind> \g<far> points"),
    (
        r"\batr ?(?:\((?P<length>\d+)\))? ?/ ?(?:close|price) ?(?P<sign>[<>]=?) ?(?P<share>\d+(?:\.\d+)?) ?%",
        lambda match: f"natr({match['length'] or 14}) {match['sign']} {match['share']}",
    ),
    (r"\b(?:the )?vwap (?P<band>upper|lower) band \((?P<far>\d+(?:\.\d+)?) ?(?:standard deviations?|std\.? ?devs?|sd|sigmas?)\)",
     lambda match: f"{match['far']} standard deviations {'above' if match['band'].lower() == 'upper' else 'below'} vwap"),
    (r"\bbetween (?P<one>\d{1,2}) and (?=\d{1,2}:\d\d\b)", r"between \g<one>:00 and "),
    (
        r"\b(?P<head>(?:range|bar) (?:is |of |that is )*(?:more|greater|larger|wider|bigger|less|smaller) than (?:\d+(?:\.\d+)?"
        r" ?(?:times|x) |twice |half )?)"
        r"(?:the |its )?(?:average (?:daily |bar )?range of the (?:last |past |previous )?(?P<a>\d+) (?:days|bars)"
        r"|(?P<b>\d+)[- ](?:day|bar) average (?:daily |true )?range)\b",
        lambda match: f"{match['head']}its {match['a'] or match['b']}-day average",
    ),
    (r"\b(?:strategy|system|script|it|indicator) (?:uses|is based on) (?:the )?(?P<name>chandelier exit|supertrend|atr trailing"
        r" stop) \([^()]*\)\.",
     SAID),
    (r"\bchandelier (?P<side>long|short) (?:stop|line|exit)\b", _write_chandelier),
    (r"\b(?P<a>the \d+) cuts? (?P<b>the \d+) (?:for|to(?:ward)?|in) (?:up|above)(?:wards?)?\b", r"\g<a> crosses above \g<b>"),
    (r"\b(?P<a>the \d+) cuts? (?P<b>the \d+) (?:for|to(?:ward)?|in) (?:down|below)(?:wards?)?\b", r"\g<a> crosses below \g<b>"),
)  # fmt: skip
"""Words as they are written, and those for them, one after the other."""
