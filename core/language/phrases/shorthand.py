"""Abbreviations, symbols and slips of notes and posts, and the words of the phrases for them. How they are put in: `wording`."""

SAID = "¤"
"""Stands for words that were understood and say nothing where they stand."""
_DAY = "monday|tuesday|wednesday|thursday|friday"
SHORTHAND: tuple[tuple[str, str], ...] = (
    (r"(?<=\d) ?pts?\b(?!\.?\w)", " points"),
    (r"(?<=\d) ?pct\b", "%"),
    (r"\bacct\b\.?", "account"),
    (r"(?<=[a-z%])/(?=(?:trade|day|week|position)\b)", " per "),
    (r"(?<=\d%) eq\b", " of equity"),
    (r"\bclose (?:out )?(?:all(?: open)?(?: positions| trades)?|everything) (?=on (?:monday|tuesday|wednesday|thursday|friday))", "exit "),
    (r"\btake profits? (?P<share>\d+ ?%|half)(?: of)?(?: the| my)? position at (?=\d)", r"sell \g<share> at "),
    (r"(?<=from my entry) i (?:cut(?: (?:the |my )?(?:lost|loss(?:es)?))?|exit|sell|get out|am out)\b", ""),
    (r"\bHA(?= (?:candles?|bars?))", "Heikin Ashi"),
    (
        r"(?P<a>\b[a-z\d][\w().]*) ?(?P<s>[<>]) ?(?P<b>(?=\d*[a-z])[a-z\d][\w().]*) ?(?P=s)"
        r" ?(?=[a-z\d])",
        r"\g<a> \g<s> \g<b> and \g<b> \g<s> ",
    ),
    (
        r"(?P<a>\b[a-z\d][\w().]*) ?(?P<s>[<>]) ?(?P<b>(?=\d*[a-z])[a-z\d][\w().]*) ?(?P=s)"
        r" ?(?=[a-z\d])",
        r"\g<a> \g<s> \g<b> and \g<b> \g<s> ",
    ),
    (r"(?<=\bcci )\+(?=\d)|(?<=\babove )\+(?=\d)|(?<=\bbelow )\+(?=\d)", ""),
    (r"\bcross(?:es|ed|ing)? from below (?P<level>-?\d+) to above (?P=level)(?!\d)", r"crosses above \g<level>"),
    (r"\bcross(?:es|ed|ing)? from above (?P<level>-?\d+) to below (?P=level)(?!\d)", r"crosses below \g<level>"),
    (r"(?<=, )(?=at or (?:below|above|under|over) (?:the|its|an?) )", "price is "),
    (r"\b(?:go long|buy) (?:an?|one|1) tick (?=(?:above|over)\b)", "buy a stop "),
    (r"\b(?:go short|sell short|short) (?:an?|one|1) tick (?=(?:below|under)\b)", "sell a stop "),
    (
        r"\bif (?:neither|nothing|none)(?: (?:is|was|has been))?(?: hit| filled| triggered)? by"
        r" (?P<clock>\d{1,2}:\d\d),? (?:then )?(?:exit|close|get"
        r" out)(?: at market)?",
        r"flat by \g<clock>",
    ),
    (
        r"(?:^|(?<=[.;,:] ))(?P<share>\d+(?:\.\d+)? ?%) (?:per|each|every|in each) (?:trade|position|entry)(?=[.;,]|$)",
        r"\g<share> of equity",
    ),
    (r"(?<=[.;,:] )(?P<share>\d+ ?%) of equity each\b", r"\g<share> of equity"),
    (r"\b(?:account|portfolio|total) (?=(?:equity|capital)\b)", ""),
    (r"(?<=of equity) (?:per|on each|in each|for each) (?:trade|position)\b", ""),
    (r"\bmax(?:imum)?(?: (?:open|concurrent|simultaneous))? (?:trades|positions)(?: open)?: ?1\b", "only one position at a time"),
    (r"(?<=[:.;,] )(?P<share>\d+(?:\.\d+)? ?%) equity\b", r"\g<share> of equity"),
    (r"\b100 ?% invested\b", "fully invested"),
    (r"\b(?P<sum>\d+)k(?= (?:per|a|each|every|on each) (?:trade|position|entry))", r"$\g<sum>000"),
    (
        r"\b(?P<far>\d+(?:\.\d+)? ?(?:%|percent|pips?|points?|(?:x )?atr)) (?P<kind>sl|tp)(?=[.,;)]|$| and\b)",
        r"\g<kind> \g<far>",
    ),
    (r"(?<=\bfor )exactly (?=\w)", ""),
    (r"\bnot holding (?=(?:it )?(?:for )?(?:longer|more) than\b)", "never hold "),
    (
        r"\b(?:sell|exit|cover|close)s?(?: it)?(?: on)? (?:the )?next (?:day|morning|session|bar),? (?:at|on) (?:the )?open\b",
        "exit at the next open",
    ),
    (r"\bQ1\b(?! \d)", "January, February and March"),
    (r"\bQ2\b(?! \d)", "April, May and June"),
    (r"\bQ3\b(?! \d)", "July, August and September"),
    (r"\bQ4\b(?! \d)", "October, November and December"),
    (
        rf"(?:^|(?<=[.;,] ))(?P<days>(?:{_DAY})s?(?:(?:, | and | or |, and )(?:{_DAY})s?)*) (?:are |is )?(?:excluded"
        rf"|skipped|avoided|off)\b",
        r"no trades on \g<days>",
    ),
    (r"\btp ?1(?: =|:| is| at)* (?P<far>\d+(?:\.\d+)? ?(?:r\b|%|atr)) \((?P<share>\d+ ?%|half)\)", r"first target \g<far> for \g<share>"),
    (
        r"\btp ?[23](?: =|:| is| at)* (?P<far>\d+(?:\.\d+)? ?(?:r\b|%|atr)) \((?:the )?(?:rest|remainder|remaining)\)",
        r"second target \g<far>",
    ),
    (r"(?:^|(?<=[.;,] ))L (?=(?:if|when)\b)", "long "),
    (r"(?:^|(?<=[.;,] ))X (?=(?:if|when)\b)", "exit "),
    (r"(?:^|(?<=[.;,] ))(?:S|Sh) (?=(?:if|when)\b)", "short "),
    (r"(?:^|(?<=[.;,] ))(?:C|Cv|Cov) (?=(?:if|when)\b)", "cover "),
    (r"(?<![\w.)])c(?= ?[<>])", "close"),
    (r"\bKC(?= ?\()", "Keltner channel"),
    (r"\boutside (?:of )?(?:the )?(?P<side>upper)\b", r"above the \g<side>"),
    (r"\boutside (?:of )?(?:the )?(?P<side>lower)\b", r"below the \g<side>"),
    (
        r"\((?:length|len|period)(?: of| =|:)? ?(?P<length>\d+), ?(?:mult(?:iplier)?|std(?:\.? ?dev)?|stdev"
        r"|deviations?|factor)(?: of| =|:)? ?"
        r"(?P<times>\d+(?:\.\d+)?)\)",
        r"(\g<length>, \g<times>)",
    ),
    (
        r"\b(?:on|with) above[- ]average volume \((?P<length>\d+)[- ]?(?:day|bar|period|d)s?\)",
        r"with volume above its \g<length>-day average",
    ),
    (r"\bcloses (?P<side>higher|lower) than (?:it|the (?:bar|candle|day)) opened\b", r"close \g<side> than the open"),
    (r"\bbasis(?: line)?(?=[.,;)]|$| or\b| and\b)", "middle band"),
    (
        r"\b(?P<kind>exit|sell|cover|stop|target|tp|sl) (?=(?:upper|lower|mid|middle) (?:bb|bollinger|band|keltner|kc)\b)",
        r"\g<kind> at the ",
    ),
    (r"(?:^|(?<=[.;:,] )|(?<=\band ))enters (?=(?:long|short|when|if|on|at|once)\b)", "enter "),
    (r"(?:^|(?<=[.;:,] )|(?<=\band ))exits (?=(?:at|on|when|if|once)\b)", "exit "),
    (r"\bbuys (?=(?:an?|the|any|every|each|when|if|on|at|new|once)\b|[$€£])", "buy "),
    (r"(?<=, )closes (?=(?:when|if|once)\b)|(?<=\band )closes (?=(?:when|if|once)\b)", "exit "),
    (r"\bre-?enter only after (?P<bars>\w+ (?:bars?|days?|candles?))\b", r"wait \g<bars> before re-entering"),
    (
        r"\b(?:sits?|stays?) out (?:for )?(?P<bars>\w+ (?:bars?|days?|candles?)) (?:following|after) (?:an?|any|each"
        r"|every) (?P<what>loss|loser"
        r"|losing trade)\b",
        r"after a \g<what> wait \g<bars>",
    ),
    (
        r"\b(?:done|finished|stop(?: trading)?) for the day (?:after|at) \+ ?[$€£](?P<gain>[\d,]+) or [-–] ?[$€£](?P<lost>[\d,]+)",
        r"daily profit target $\g<gain>, daily loss limit $\g<lost>",
    ),
    (r"\bbetween 12 and (?=\d{1,2}(?::\d\d)? ?pm\b)", "between 12pm and "),
    (r"\b(?P<back>back|returns?|reverts?) to (?=(?:average|mean)\b)", r"\g<back> to the "),
    (r"(?<=\bprice )falling\b", "falls"),
    (r"(?<=\bprice )rising\b", "rises"),
    (
        r"\b(?:sl|stop(?:[- ]loss)?)(?: =|:| is| at)* swing high/low (?:of|over) (?:the )?(?:last )?(?P<bars>\d+) bars",
        r"stop at the lowest low of the last \g<bars> bars, stop at the highest high of the last \g<bars> bars",
    ),
    (
        r"\b(?P<stop>(?:stop(?:[- ]loss)?|sl)(?: is| goes| placed| set| =|:)*) (?:at|below|under) (?P<level>(?:the"
        r" )?[\w ()]{2,30}?) (?:minus|less|-)"
        r" (?P<far>(?:\d+(?:\.\d+)?|half an?) ?(?:x )?(?:atrs?(?:\(\d+\))?|%|percent|points?|pips?))",
        r"\g<stop> \g<far> below \g<level>",
    ),
    (
        r"\b(?P<stop>(?:stop(?:[- ]loss)?|sl)(?: is| goes| placed| set| =|:)*) (?:at|above|over) (?P<level>(?:the"
        r" )?[\w ()]{2,30}?) (?:plus|\+)"
        r" (?P<far>(?:\d+(?:\.\d+)?|half an?) ?(?:x )?(?:atrs?(?:\(\d+\))?|%|percent|points?|pips?))",
        r"\g<stop> \g<far> above \g<level>",
    ),
    (
        r"\b(?P<frame>daily|weekly|monthly|hourly|\d+ ?h) (?P<kind>[esw]ma|hma|ma) ?\(?(?P<length>\d{1,3})\)?(?!\d|\.\d|%)",
        r"\g<frame> \g<length> \g<kind>",
    ),
    (r"(?<!day )(?<!bar )(?<!week )\bslope of (?P<what>(?:the |its )?[\w -]{2,30}?(?:average|ma)) is positive\b", r"\g<what> is rising"),
    (r"(?<!day )(?<!bar )(?<!week )\bslope of (?P<what>(?:the |its )?[\w -]{2,30}?(?:average|ma)) is negative\b", r"\g<what> is falling"),
    (r"\b(?P<count>\w+) consecutive closes are (?=(?:above|below|under|over)\b)", r"\g<count> consecutive closes "),
    (r"(?:(?<=or )|(?<![\w.]))\+(?P<gain>\d+(?:\.\d+)?) ?% ?/ ?-(?P<lost>\d+(?:\.\d+)?) ?%", r"take profit \g<gain>%, stop loss \g<lost>%"),
    (r"\bmove (?:the |my )?sl to\b", "move stop to"),
    (r"\bat (?:the )?next (?:candle|bar)(?=[.,;]|$)", "at the next open"),
    (r"\b(?-i:OR) (?P<side>high|low)\b", r"the opening range \g<side>"),
    (r"\b(?P<out>exit|flat|out) (?=\d{1,2}:\d\d\b)", r"\g<out> at "),
    (r"\bcross(?P<s>es|ed|ing)? up from below (?=-?\d)", r"cross\g<s> above "),
    (r"\bcross(?P<s>es|ed|ing)? down from above (?=-?\d)", r"cross\g<s> below "),
    (r"\b1/2 of (?=(?:the |my )?(?:account|capital|equity)\b)", "half of "),
    (r"\b1/3 of (?:the |my )?(?=(?:account|capital|equity)\b)", "a third of the "),
    (r"\b1/4 of (?:the |my )?(?=(?:account|capital|equity)\b)", "a quarter of the "),
    (r"\b1/5 of (?:the |my )?(?=(?:account|capital|equity)\b)", "a fifth of the "),
    (r"(?:^|(?<=[.;,:] ))(?P<what>buy|sell|short|cover|long|exit|entry) = (?=\S)", r"\g<what>: "),
    (
        r"\b(?P<what>(?:rsi|macd|obv|mfi|cci)(?: ?\(\d+\))?) makes? (?:an? )?higher lows? (?:while|but|and|as) (?:the"
        r" )?price makes? (?:an? )?lower lows?",
        r"bullish divergence on \g<what>",
    ),
    (
        r"\b(?:the )?price makes? (?:an? )?lower lows? (?:while|but|and|as) (?:the )?(?P<what>(?:rsi|macd|obv|mfi"
        r"|cci)(?: ?\(\d+\))?) makes? (?:an? )?higher lows?",
        r"bullish divergence on \g<what>",
    ),
    (
        r"\b(?P<what>(?:rsi|macd|obv|mfi|cci)(?: ?\(\d+\))?) makes? (?:an? )?lower highs? (?:while|but|and|as) (?:the"
        r" )?price makes? (?:an? )?higher highs?",
        r"bearish divergence on \g<what>",
    ),
    (
        r"\b(?:the )?price makes? (?:an? )?higher highs? (?:while|but|and|as) (?:the )?(?P<what>(?:rsi|macd|obv|mfi"
        r"|cci)(?: ?\(\d+\))?) makes? (?:an? )?lower highs?",
        r"bearish divergence on \g<what>",
    ),
    (
        r"\b(?P<when>if|when|while|once) (?:i am|i'm|we are|already) (?:long|invested|in(?: the (?:market|trade|position))?),? and (?=\w)",
        r"\g<when> ",
    ),
    (r"\bon (?P<day>monday|tuesday|wednesday|thursday|friday)s? (?=\d{1,2}:\d\d\b)", r"on \g<day> at "),
    (r"(?<![(,\d.])(?P<head>\b\d{1,3}),(?=\d{3}(?:,\d{3})?(?![\d)]))(?![^()]*\))", r"\g<head>"),
    (r"(?<![(,.])(?P<head>\b\d{4,6}),(?=\d{3}(?![\d)]))(?![^()]*\))", r"\g<head>"),
    (r"(?<![.\d])(?P<head>\d+) million\b", r"\g<head>000000"),
    (
        r"\b(?:has |have )?(?:pulled back|retraced|come down) (?P<far>(?:at least |more than )?\d+(?:\.\d+)? ?(?:%|percent)) (?:from|off) ",
        r"is \g<far> below ",
    ),
    (r"\btrailing[- ]stop(?:[- ]loss)?(?: is| of| at|:| =)+ (?=\d)", "trailing stop "),
    (
        r"\bin (?:an? )?(?:down|bear\w*) ?(?:trend|market)(?: \([^)]*\))?,? (?:i |we )?(?:do|take|trade) the (?:opposite|reverse)\b",
        "vice versa for shorts",
    ),
    (r"\b(?:at|on) (?:the )?open of the (?:next|following) (?:candle|bar|day|session)\b", "at the next open"),
    (r"\b(?P<count>\d+|two|three|four|five) or more (?=consecutive )", r"\g<count> "),
    (r"\bat (?:the )?market close\b", "at the close"),
    (r"(?:^|(?<=[.;,] ))EOD(?: exit)?: (?:flat|yes|close all)\b", "flat at the close"),
    (r"\b(?:quantity|qty)(?: is|:| =)? (?=\d+ (?:shares|contracts|units)\b)", ""),
    (r"\bno leverage\b(?! (?:over|above|beyond))", SAID),
    (r"\bthe closing price\b", "the close"),
    (r"\bis oversold \((?:below |under |<) ?(?P<level>-?\d+)\)", r"is below \g<level>"),
    (r"\bis overbought \((?:above |over |>) ?(?P<level>-?\d+)\)", r"is above \g<level>"),
    (r"\b(?:resistance|support) \((?:the )?(?P<what>(?:highest|lowest) (?:high|low|close)[^()]*)\)", r"the \g<what>"),
    (
        r"\b(?P<what>the \d+[- ](?:day|bar|period) (?:[se]?ma|moving average|average)) slope is (?:up|positive|rising)\b",
        r"\g<what> is rising",
    ),
    (
        r"\b(?P<what>the \d+[- ](?:day|bar|period) (?:[se]?ma|moving average|average)) slope is (?:down|negative|falling)\b",
        r"\g<what> is falling",
    ),
    (r"\bat any (?:point|time) (?=(?:within|in|during|over)\b)", "at some point "),
    (r"(?<=\d%) of (?:the |my |available )?cash\b", " of equity"),
    (r"\b(?P<what>(?:lowest|highest) (?:low|high|close) of the (?:last|past|previous)) month\b", r"\g<what> 21 days"),
    (
        r"\b(?:an? )?atr(?P<bars> ?\(\d+\))?(?:[- ]based)?[- ]stop(?:[- ]loss)?(?: (?:of|at|with|factor|multiplier|an?|x)\b| ?[:=])* ?"
        r"(?P<times>\d+(?:\.\d+)?)(?![\d%.]| ?%| ?x? ?atr)",
        r"stop \g<times> atr\g<bars>",
    ),
    (r"(?<=%D) ?\(\d+\)(?= )", ""),
    (
        r"(?<!%)(?<!% )(?<!atr )(?<!percent )(?<!points )(?<!pips )(?<!ticks )\bstop[- ]?(?:loss )?"
        r"(?=(?:when|if|once)\b(?! (?:the )?(?:day|drawdown|loss)))",
        "exit ",
    ),
    (r"\bsell (?=(?:when|if|once)\b[^.;]*\((?:go |sell )?short\))", "sell short "),
    (r" \((?:go |sell )?short\)(?=\.)", ""),
    (r"(?<=: )close(?=[.,;]|$)", "exit"),
    (r"\b(?P<count>\w+) (?P<unit>days|bars|candles|weeks) after (?:the )?entry\b", r"after \g<count> \g<unit>"),
    (r"\batr(?P<bars>\d{1,2})\b", r"atr(\g<bars>)"),
    (r"\b(?P<count>\d+) ?m (?P<what>return|momentum|performance|roc)\b", r"\g<count>-month \g<what>"),
    (
        r"\b(?P<side>over|under|above|below) (?:the )?(?:oversold|overbought)(?: level| line| zone)? \((?P<level>-?\d+)\)",
        r"\g<side> \g<level>",
    ),
    (r"\bcross(?P<s>es|ed|ing)? over (?=-?\d)", r"cross\g<s> above "),
    (r"\bcrosses (?P<level>-?\d+)(?: line)? (?:up|upwards?)\b", r"crosses above \g<level>"),
    (r"\bcrosses (?P<level>-?\d+)(?: line)? (?:dn|down|downwards?)\b", r"crosses below \g<level>"),
    (r"\b(?P<out>sell) & (?=short\b)", r"\g<out> and go "),
    (r"(?<=[\w)%] )&&?(?= [\w(+-])", "and"),
    (r"(?<=[\w)%] )\|\|(?= [\w(+-])", "or"),
    (r"\bmax dd\b", "max drawdown"),
    (r"\bp\.t\.(?=[ ,;.]|$)", "per trade"),
    (r"> ?(?=(?:the )?(?:ichimoku )?(?:cloud|kumo)\b)", "above "),
    (r"< ?(?=(?:the )?(?:ichimoku )?(?:cloud|kumo)\b)", "below "),
    (r"\b(?P<share>\d+ ?%|half|a third|a quarter) after gaining (?=\w)", r"\g<share> off at "),
    (r"\bhold until (?=\d{1,2}:\d\d\b)", "flat by "),
    (r"\b(?P<kind>stop(?:[- ]loss)?)(?: at| is|:| =)* entry(?: price)? ?- ?(?=\d)", r"\g<kind> "),
    (r"\b(?P<kind>trailing stop)(?: at| is|:| =)* (?:the )?highest (?:close|high) since (?:the )?entry ?- ?(?=\d)", r"\g<kind> "),
    (r"\b(?:take[- ]profit|profit target|tp|stop(?:[- ]loss)?): none\b", SAID),
    (
        r"\btargets?:? (?P<one>\d+(?:\.\d+)? ?(?:r|%|atr)) (?:close|sell|take|exit) (?P<share>half|\d+ ?%),? (?:and"
        r" )?(?P<two>\d+(?:\.\d+)? ?(?:r|%|atr))"
        r" (?:close|sell|take|exit) (?:the )?(?:rest|remainder)",
        r"first target \g<one> for \g<share>, second target \g<two>",
    ),
    (
        r"\b(?:the )?(?:candle|bar|price|it) closes (?:in|within) (?:its|the) (?:upper|top) (?P<part>third|quarter"
        r"|half)(?: of its range)?\b(?! of)",
        r"close is in the top \g<part> of the bar",
    ),
    (
        r"\b(?:the )?(?:candle|bar|price|it) closes (?:in|within) (?:its|the) (?:lower|bottom) (?P<part>third|quarter"
        r"|half)(?: of its range)?\b(?! of)",
        r"close is in the bottom \g<part> of the bar",
    ),
)
"""Words as they are written, and those for them, one after the other."""
