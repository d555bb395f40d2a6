"""Words for who does what: `he sells`, `a position is opened`, `I'm flat again`, `Short entry:`. Conditions: `clauses`."""

import re
from dataclasses import dataclass, replace
from functools import cache


@dataclass(frozen=True, slots=True)
class Order:
    """Words for what is done."""

    start: int
    end: int
    enters: bool
    side: str
    """`long` or `short`; empty where the words do not say."""
    part: str = ""
    """Percent of the position that leaves; empty for all of it."""
    label: bool = False
    """True for a heading: `Long entry:`."""
    refused: bool = False
    """True where nothing is done: `it doesn't take trades`."""


_ACTOR = r"(?:author|trader|system|model|strategy|algo(?:rithm)?|bot|program|rule|fund|investor|portfolio|method)"
_WHO = rf"(?:(?:i|we|you|he|she|they|one|it|that|which|(?:the|this|my|our|his|her) {_ACTOR})(?:['’](?:m|re|ll|d|ve|s))?\b|(?:i|we)m\b)"
_ADVERB = (
    r"(?:then|now|only|just|always|simply|also|immediately|usually|typically|normally|therefore|again|automatically|first|instead"
    r"|either|myself|still|both|basically)"
)
_AUXILIARY = (
    rf"(?: (?:{_ADVERB}|am|are|is|will|would|can|should|must|shall|do|does|was|were|be|being|gets?|have|has|had|been"
    r"|(?:want|like|look|try|aim|plan|need|choose|prefer|decide|ha[sd]|have|seek|wait)(?:s|ed|ing)? to|going to|looking to|allowed to"
    r"|describes|recommends|suggests|advises))*"
)
_TICKER = r"(?-i:(?!(?:RSI|ADX|EMA|SMA|MACD|VWAP|ATR|CCI|MFI|ROC|VIX)\b)\$?[A-Z]{2,6}\b)"
_NAMED = (
    r"(?:gold|silver|copper|crude(?: oil)?|oil|bitcoin|btc|eth|ether(?:eum)?|the (?:index|fund|etf|market|stock|future|pair|coin|metal"
    r"|currency|instrument)|stocks?|shares|contracts?|futures)"
)
_POSITION = (
    r"(?:(?:the|my|our|his|her|its|a|an|any|these|those|each|all|every|both|either|this|that|new|whole|entire|full|open|of|remaining|other"
    r"|small|single|one|existing|current|market|swing|day) )*(?:positions?|trades?|longs?|shorts?|holdings?|units?|lots?|it|them|everything"
    r"|stocks?|shares?|index|etf|fund|market|contracts?|future|coin|thing|lot)"
)
_OBJECT = rf"(?: (?:{_POSITION}|{_NAMED}|{_TICKER}|all|everything)\b)?"
_OPEN = r"(?:(?:at|on|for) (?:the )?(?:next|following|tomorrow'?s?) ?(?:day|bar|candle|session|morning)?(?:'s)? ?open(?:ing)?(?: price)?)"
_MOMENT = (
    rf"(?: (?:{_OPEN}|(?:on |at )?the (?:next|following) (?:day|morning|bar|candle|session)(?! (?:closes|after))|tomorrow(?: at the open)?"
    r"|(?:next|following) (?:day|morning|bar)(?! (?:closes|after))|at (?:the )?market(?: price)?|right away|immediately|again"
    r"|as well|too|instead|there"
    r"|with a market order))*"
)
_BUY = r"(?:buy(?:s|ing)?|bought|purchas(?:e|es|ing)|accumulat(?:e|es|ing))"
_OPENS = (
    r"(?:enter(?:s|ed|ing)?|open(?:s|ed|ing)?|tak(?:e|es|ing)|initiat(?:e|es|ing)|establish(?:es|ing)?|start(?:s|ing)?|put(?:s|ting)? on)"
)
_CLOSES = (
    rf"(?:exit(?:s|ed|ing)?|(?:close[sd]?|closing)(?: out)?(?= (?:{_POSITION}|{_NAMED}|{_TICKER}|all|everything|when(?:ever)?|if|once"
    r"|as soon|on an?|at an?)\b)|leav(?:e|es|ing)|liquidat(?:e|es|ing)|flatten(?:s|ing)?|dump(?:s|ing)?|unload)"
)
_PART = (
    r"(?P<part>half|a half|one half|a third|one third|a quarter|one quarter|1/2|1/3|1/4|50 ?%|25 ?%|33 ?%|75 ?%|two thirds|three quarters)"
)
_OF_IT = r"(?: (?:of )?(?:it|them|(?:the|my|our|his) (?:position|shares|trade|holding|units?)))?"
_STANDS = r"(?:['’](?:m|re|s|ve been)| am| are| is| will be| be| go(?:es)?| get(?:s)?| stay(?:s)?| turn(?:s)?| remain(?:s)?|m)"
_TAKES_PLACE = (
    r"(?: (?:takes? place|occurs?|happens?|is made|are made|comes?|is taken|are taken"
    r"|is triggered|are triggered))(?: at the (?:next )?open)?"
)
REFUSED = (
    rf"(?:{_WHO}|the (?:system|strategy|model)) ?(?:(?:do|does|will|would|can|should|must)(?:n['’]?t| not| never)|never|won['’]?t"
    rf"|can['’]?t)(?: {_ADVERB})*"
    r" (?:take|open|enter|buy|trade|go|act|do|make|place|short)(?: (?:any|new|a|an|the|long|longs|short|shorts|positions?|trades?"
    r"|signals?|entries|anything|it))*"
    rf"|{_WHO} (?:takes?|opens?|makes?|enters?) no (?:new )?(?:longs?|shorts?|positions?|trades?|entries)"
)
"""Words for nothing being done, before the conditions for it."""
ORDERS: tuple[tuple[str, bool, str], ...] = (
    (rf"(?:(?:the|an|our|my|every) )*(?P<lead>long |short )?(?:entry|entries){_TAKES_PLACE}", True, ""),
    (rf"(?:(?:the|an|our|my|every) )*(?P<lead>long |short )?exits?{_TAKES_PLACE}", False, ""),
    (r"(?:tp|take[- ]profit|(?:the |my )?(?:profit )?target(?: is)?)(?= (?:when|if|once|on an?)\b)", False, ""),
    (rf"(?:{_WHO}{_AUXILIARY} )?buys? to cover{_OBJECT}{_MOMENT}", False, "short"),
    (
        rf"(?:{_WHO}{_AUXILIARY} |and |then )?(?:stay|remain|hold|keep)(?:s|ing)?(?: (?:it|long|in|invested|{_POSITION}|in the "
        rf"(?:trade|market|position)))* unless",
        False,
        "",
    ),
    (
        r"(?:(?:an?|the|new|our|my) )*(?P<lead>long |short )?(?:positions?|trades?) (?:opened|entered|taken)(?= ?:)|(?P<lead2>buy"
        r"|sell|long|short)s? (?:(?:are|is)"
        r" )?(?:triggered|signal(?:l?ed)|given|generated|opened|entered|taken)(?= (?:by|on|when|if|once)\b)",
        True,
        "",
    ),
    (
        r"(?:(?:an?|the|all|our|my) )*(?P<lead>long |short )?(?:positions?|trades?) (?:closed|exited|sold)(?= ?:)|(?:leave|give up"
        r"|get out|way out)(?= ?:)",
        False,
        "",
    ),
    (
        rf"(?:{_WHO}{_AUXILIARY} )?(?:wait(?:s|ing)?(?= (?:until|till|for)\b)|interested(?= (?:in|if|when|once)\b)|watch(?:es|ing)?(?= for)"
        r"|look(?:s|ing)?(?: (?:at|to))?(?= (?:for|stocks that|shares that)\b))",
        True,
        "",
    ),
    (
        rf"(?:{_WHO}{_AUXILIARY} |(?:then |to |so )?(?:{_ADVERB} )*)?(?:sell(?:s|ing)?|clos(?:e|es|ing)|tak(?:e|es|ing)(?: off)?"
        rf"|exit(?:s|ing)?|bank(?:s|ing)?"
        rf"|cover(?:s|ing)?|unload(?:s|ing)?) {_PART}{_OF_IT}(?: off)?{_MOMENT}",
        False,
        "",
    ),
    (rf"(?:{_WHO}{_AUXILIARY} )?(?:sell(?:s|ing)? short|short[- ]sell(?:s|ing)?|sell(?:s|ing)? it short){_OBJECT}{_MOMENT}", True, "short"),
    (
        rf"(?:{_WHO}{_AUXILIARY} |to |(?:then |so )*)?(?:(?:go(?:es|ing)?|get(?:s|ting)?|turn(?:s|ing)?) (?:back )?short|{_OPENS}"
        rf"(?: (?:a|an|the|new|my|our))* (?:short|sell)(?:s| positions?| trades?| side)?){_OBJECT}{_MOMENT}",
        True,
        "short",
    ),
    (rf"(?:{_WHO}{_AUXILIARY} |to )short(?:s|ing)?{_OBJECT}{_MOMENT}", True, "short"),
    (r"(?:then )?(?:be )?short(?=\s*(?:[.,;]|$|(?:when|if|once|on|whenever)\b))", True, "short"),
    (r"(?:then )?(?:be )?long(?=\s*(?:[.,;]|$|(?:when|if|once|on|whenever)\b))", True, "long"),
    (
        rf"(?:{_WHO}{_AUXILIARY} |to |(?:then |so )*)?(?:(?:go(?:es|ing)?|get(?:s|ting)?|turn(?:s|ing)?) (?:back )?long|{_OPENS}"
        rf"(?: (?:a|an|the|new|my|our))* (?:long|buy)(?:s| positions?| trades?| side)?){_OBJECT}{_MOMENT}",
        True,
        "long",
    ),
    (rf"(?:{_WHO}{_AUXILIARY} |to |(?:then |so )*(?:{_ADVERB} )*){_BUY}(?! back| stop| limit){_OBJECT}{_MOMENT}", True, "long"),
    (
        rf"(?:{_WHO}{_AUXILIARY} |to |(?:then |so )*)(?:{_OPENS} {_POSITION}|enter(?:s|ing)?(?! (?:long|short|an? |the ))"
        rf"|get(?:s|ting)? (?:back )?in(?! (?:the|a) )|re-?enter(?:s|ing)?){_MOMENT}",
        True,
        "",
    ),
    (rf"(?:{_WHO}{_AUXILIARY} |to |(?:then |so )*)(?:cover(?:s|ing)?|buy(?:s|ing)? back|bought back){_OBJECT}{_MOMENT}", False, "short"),
    (
        rf"(?:{_WHO}{_AUXILIARY} |to |(?:then |so )*(?:{_ADVERB} )*)(?:sell(?:s|ing)?|sold)(?! short| stop| limit){_OBJECT}{_MOMENT}",
        False,
        "long",
    ),
    (
        rf"(?:{_WHO}{_AUXILIARY} |to |(?:then |so )*)(?:{_CLOSES}(?! (?:above|below|over|under|beyond|at|within|higher|lower|back|inside))"
        rf"{_OBJECT}|get(?:s|ting)? (?:back )?out(?: of (?:it|the (?:trade|position|market)))?|bail(?:s|ing)?(?: out)?|step(?:s"
        rf"|ping)? aside"
        rf"|tak(?:e|es|ing) (?:my |the )?profits?){_MOMENT}",
        False,
        "",
    ),
    (rf"{_WHO}{_STANDS}(?: {_ADVERB})* (?:back )?long{_OBJECT}{_MOMENT}", True, "long"),
    (rf"{_WHO}{_STANDS}(?: {_ADVERB})* (?:back )?short{_OBJECT}{_MOMENT}", True, "short"),
    (
        rf"{_WHO}{_STANDS}(?: {_ADVERB})* (?:back )?(?:flat|out(?: of (?:it|the (?:trade|position|market)))?|in cash|to cash"
        rf"|into cash){_MOMENT}",
        False,
        "",
    ),
    (
        r"(?:(?:an?|the|each|any|every|new|our|my) )*(?P<lead>long |short |buy |sell )?(?:positions?|trades?|orders?|longs?"
        r"|shorts?)(?: (?:is|are|gets?|will"
        rf" be|was|were|be|being|should be|must be))(?: {_ADVERB})* (?:opened|entered|taken|initiated|established|bought|started|triggered)"
        rf"{_MOMENT}",
        True,
        "",
    ),
    (
        r"(?:(?:an?|the|each|any|every|new|our|my|all|open|whole|entire) )*(?P<lead>long |short )?(?:positions?|trades?|longs?"
        r"|shorts?|it|they"
        r"|everything|stocks?|shares)(?: (?:is|are|gets?|will be|was|were|be|should be|must be))"
        rf"(?: {_ADVERB})* (?:closed|exited|sold|covered|liquidated|left|given up|flattened|abandoned)(?: (?:out|again))?{_MOMENT}",
        False,
        "",
    ),
)
"""Words for what is done, the more exact first: the words, whether they enter, and the side."""
LABELS: tuple[tuple[str, bool], ...] = (
    (
        r"(?P<lead>long|short|buy|sell)(?:[- ]side)?[- ](?:entry|entries)(?: (?:rules?|conditions?|signals?|criteria))?(?= ?[:=])"
        r"|(?:entry|entries|enter)[- ]\(?(?P<lead2>long|short|buy|sell)s?\)?(?= ?[:=])",
        True,
    ),
    (
        r"(?P<lead>long|short)(?:[- ]side)?[- ](?:exits?|way out)(?: (?:rules?|conditions?|signals?|criteria))?(?= ?[:=])"
        r"|(?:exits?|close)[- ]\(?(?P<lead2>long|short)s?\)?(?= ?[:=])",
        False,
    ),
)
"""Headings that name both the side and what is done."""
PARTS = {"half": "50", "third": "33", "quarter": "25", "1/2": "50", "1/3": "33", "1/4": "25", "two": "67", "three": "75"}


@cache
def _compile(pattern: str) -> re.Pattern[str]:
    return re.compile(rf"(?:{pattern})(?!['’]?\w)", re.IGNORECASE)


def read_orders(text: str, at: int) -> list[Order]:
    """Read words for what is done at a place of a text, which is the beginning of a word; the longest first."""
    for pattern, enters in LABELS:
        if match := _compile(pattern).match(text, at):
            lead = (match["lead"] or match["lead2"]).lower()
            return [Order(at, match.end(), enters, "short" if lead in ("short", "sell") else "long", label=True)]
    if match := _compile(REFUSED).match(text, at):
        return [Order(at, match.end(), enters=True, side=_find_side(match.group(), enters=True), refused=True)]
    for pattern, enters, side in ORDERS:
        match = _compile(pattern).match(text, at)
        if match is None or not match.group().strip():
            continue
        lead = (match.groupdict().get("lead") or match.groupdict().get("lead2") or "").strip().lower()
        told = {"buy": "long", "sell": "short"}.get(lead, lead) or side or _find_side(match.group(), enters=enters)
        whole = Order(at, match.end(), enters, told, _read_part(match.groupdict().get("part")))
        object_ = OBJECT.search(match.group())
        return [whole, replace(whole, end=at + object_.start())] if object_ and object_.start() else [whole]
    return []


OBJECT = re.compile(rf" (?:{_POSITION}|{_NAMED}|{_TICKER})$", re.IGNORECASE)
"""Something that is bought, which may be the beginning of what is said of it: `buying stocks that have dropped`."""


def _find_side(words: str, *, enters: bool) -> str:
    """The side that the object of an order names: `close the shorts`."""
    named = re.search(r"\b(?P<side>long|short)s?\b", words, re.IGNORECASE)
    if named:
        return named["side"].lower()
    return "long" if not enters and re.search(r"\bs[eo]ll?d?\b", words, re.IGNORECASE) else ""


def _read_part(words: str | None) -> str:
    if not words:
        return ""
    if share := re.match(r"(\d+) ?%", words):
        return share[1]
    return next(share for word, share in reversed(PARTS.items()) if word in words.lower())
