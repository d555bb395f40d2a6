"""Words that say which section what follows belongs to, and whether it is told the other way round: `unless`, `until`, `as long as`."""

import re
from dataclasses import dataclass

from core.domain.workflow import Section

_TRADING = (
    r"(?:buy|enter|trade|go long|go short|open|take|hold|do anything|be (?:long|in)|(?:new )?(?:positions?|trades?|entries|entry"
    r"|longs?|shorts?|buys?|buying|trading))"
)
_FORBID = (
    rf"(?:(?:do not|don['’]?t|never|no|not) {_TRADING}(?: (?:any|a|new|the|it|anything|positions?|trades?|longs?|stock|long|shorts?"
    r"|entries))*|do nothing|stay out|stand aside|skip(?: (?:it|(?:the |any |that )?(?:trades?|signals?|month|entry|day)))?"
    r"|avoid (?:trading|buying|entries)|(?:sit|stand|stay|remain) (?:out|aside|it out|on the sidelines?|in cash)"
    r"|nothing|not)"
)


@dataclass(frozen=True, slots=True)
class Opening:
    """A section that words open."""

    section: Section
    negated: bool = False
    """True where what follows must not hold: `unless`, `do not buy if`."""
    held: bool = False
    """True where a position is held as long as what follows holds."""
    share: str = ""
    """Part of the usual size that is traded where what follows holds: `half size when`."""
    behind: bool = False
    """True where the conditions stand before the words: `if ADX is under 20, do nothing`."""
    setup: str = ""
    """Letter of the setup that what follows belongs to; `*` for all of them."""
    of: Section | None = None
    """The entry that what follows keeps out, where the words name one of two: `do not go short if`."""


_REFUSED = (
    r"\b(?:then )?(?:i |we )?(?:(?:do|buy|invest|put(?: in)?|add) nothing|(?:stand|stay|remain|sit) (?:aside|out|flat"
    r"|away|in cash|on the sidelines?"
    r"|it out)(?: of (?:the market|all positions|everything|it))?"
    r"|no (?:new )?(?:trades?|entries|entry|positions?|longs?|shorts?|buying|trading)(?: (?:that day|today|at all|allowed"
    r"|are taken|is taken))?"
    r"|skip(?: it| (?:the|that|this) (?:trade|signal|day|entry|setup))?|ignore (?:it|(?:the|that|this) (?:signal|setup))"
    r"|(?:do not|don['’]?t|never) (?:trade|buy|enter|act|take (?:it|(?:the|any|that) (?:trade|signal|entry)s?)|open (?:anything"
    r"|a position|a trade))"
    r"(?: anything| it| at all)?)(?!,? (?:if|when|whenever|while|unless|until|before|once|as long)\b)(?=\s*(?:[.,;:!)]|$"
    r"|\botherwise\b|\band\b|\bbut\b))"
)
"""Words for doing nothing that stand behind their condition."""


SIDES: tuple[tuple[str, Opening], ...] = (
    (_REFUSED, Opening(Section.FILTER, negated=True, behind=True)),
    (
        r"\blet (?:the rest|the remainder|it|the position|the trade|(?:the )?(?:profits|winners?)) run (?:until|till)\b",
        Opening(Section.EXIT_LONG),
    ),
    (
        r"\b(?:never|do not|don['’]?t|no) (?:buys?|go long|longs?|go short|shorts?|sell short|enter|trade|hold)(?=(?:"
        r" (?:it|anything|stocks?|shares"
        r"|(?:an?|the) (?:stock|share|market|coin|pair)))? (?:above|below|over|under|in an? |when|if|while)\b)",
        Opening(Section.FILTER, negated=True),
    ),
    (rf"\b{_FORBID} (?:unless|until|before)\b", Opening(Section.FILTER)),
    (rf"(?:\b(?:but|and),? )?\b{_FORBID},? (?:if|when|whenever|while|as long as|once)\b", Opening(Section.FILTER, negated=True)),
    (
        r"\b(?:(?:stay|remain|be|hold|keep|stays|remains)(?: (?:fully ))?(?: (?:it|long|invested|in|in the market|the"
        r" (?:stock|position|market|fund|etf|index)|on to it))?,?"
        r"|(?:be )?invested|in the market|(?<=[:,.;] )(?:go )?long) (?:only )?(?:while|as long as|so long as)\b",
        Opening(Section.EXIT_LONG, held=True),
    ),
    (r"\b(?:unless|except (?:when|if|while))\b", Opening(Section.FILTER, negated=True)),
    (r"\bwait(?:ing)? (?:until|till|for)\b", Opening(Section.ENTRY_LONG)),
    (
        r"\b(?:and |then )?(?:(?:hold(?:ing)?|keep(?:ing)?|stay(?:ing)?)(?: (?:it|on|in|long|invested|the (?:position|trade"
        r"|stock)|in the (?:trade|position|market)))? )?"
        r"(?:until|till)\b(?! (?:the )?(?:end of|\d{1,2}:\d\d))",
        Opening(Section.EXIT_LONG),
    ),
    (
        r"\b(?:sell short|short[- ]sell|go(?:es)? short|(?:enter|open)(?: a)? short(?:"
        r" position)?|(?<!not )be short"
        r"|(?<!exit )(?<!close )(?<!closing )(?<!the )(?<!my )(?<!our )short(?: it| the (?:stock|market))?(?= when| if| on| once|"
        r" after| at\b| as\b| with\b| every| each| a\b| the\b|:))\b"
        r"|(?<=\bi )short\b(?= [a-z])(?! (?:it|the)\b)|(?:^|(?<=[.;,:] ))short\b"
        r"(?![- ](?:squeeze|cover(?:ing)?|float|interest|term|s?ma|ema|average|moving"
        r"|period|interest|(?:set-?up|signal|trigger|rule)s?\b))",
        Opening(Section.ENTRY_SHORT),
    ),
    (
        r"\b(?:short|sell|bearish)(?:[- ]side)? (?:set-?ups?|signals?|triggers?|rules?|entry|entries|side|trades?)(?= ?:| is\b"
        r"| if\b| when\b|,)",
        Opening(Section.ENTRY_SHORT),
    ),
    (
        r"\b(?:long|buy|bullish)(?:[- ]side)? (?:set-?ups?|signals?|triggers?|rules?|entry|entries|side|trades?)(?= ?:| is\b"
        r"| if\b| when\b|,)",
        Opening(Section.ENTRY_LONG),
    ),
    (
        r"\b(?<!short )(?<!sell )(?<!long )(?:entry |buy )?(?:triggers?|entry"
        r" (?:rules?|signals?|conditions?|criteria))(?= ?:| is\b| are\b)",
        Opening(Section.ENTRY_LONG),
    ),
    (r"\bexit (?:rules?|signals?|conditions?|criteria|triggers?)(?= ?:| is\b| are\b)", Opening(Section.EXIT_LONG)),
    (r"\b(?:(?:trend|market|regime|volatility|daily|weekly) )?filters?(?= ?:| is\b)", Opening(Section.FILTER)),
    (r"\bgets? me in\b|\bis (?:my|the|an?) (?:buy|entry) signal\b", Opening(Section.ENTRY_LONG)),
    (r"\bgets? me out\b|\bis (?:my|the|an?) (?:sell|exit) signal\b", Opening(Section.EXIT_LONG)),
    (r"\btake profits?(?= (?:when|if|once|on a|as soon)|[,.;]|$)", Opening(Section.EXIT_LONG)),
    (
        r"\btrail(?:ing stop)?(?: it| the (?:rest|stop|position))? (?:with|on|using|by)(?= an? (?:daily |weekly |hourly )?close\b)",
        Opening(Section.EXIT_LONG),
    ),
    (
        r"\b(?<!vol[- ])(?<!volatility )(?<!time )(?:tp|take[- ]?profits?|(?:profit )?targets?|sl|stop(?:[- ]?loss)?)(?= ?: \D)",
        Opening(Section.EXIT_LONG),
    ),
    (r"\bonly (?:take )?longs?(?= (?:above|over|when|if|while)\b)", Opening(Section.FILTER)),
    (
        r"\b(?:exit|close|sell) (?:the )?longs?(?: positions?| trades?)?(?= (?:on|at|when|if|after|once|below|under)\b)",
        Opening(Section.EXIT_LONG),
    ),
    (
        r"(?:\b(?:exit|close|cover) |(?<=, )|\band )shorts(?= (?:on|at|when|if|after|once) (?:an? |the |price|it )?)",
        Opening(Section.EXIT_SHORT),
    ),
    (r"\b(?:buy back|cover(?: shorts?| it)?|(?:close|exit) (?:the )?shorts?(?: positions?| trades?)?)\b", Opening(Section.EXIT_SHORT)),
    (
        r"\b(?:only (?:trade|buy|take (?:trades|longs|it|them|signals|the (?:trade|signal)s?)|want to be (?:in the market|long"
        r"|invested)|be (?:in the market|long)"
        r"|be invested)(?: it| the stock| longs?)? (?:when|if|while)|(?:use |valid"
        r" |allowed |taken |active )?only (?:when|if|while|in|on|above|below|with"
        r"|for)(?! (?:one|\d))|but only|as"
        r" long as|provided(?: that)?|while|filter"
        r"|never(?! more than))\b",
        Opening(Section.FILTER),
    ),
    (
        r"\b(?:re-?entry(?: is)?(?: allowed| permitted| possible)?|re-?enter|get back in|buying(?= (?:at|when|on|if|the)\b)"
        r"|buy (?:it )?(?:again|back in)|buy|go(?:es|ing)? long|(?<!the )(?<!close"
        r" )(?<!exit )(?<!my )long(?: when| if| on)?|(?:hold|own|be long|stay long)(?:"
        r" (?:it|the"
        r" (?:stock|etf|fund|index|market)|stocks|spy|qqq))?,? (?=when\b|if\b|whenever\b)|own (?:the (?:stock|etf|fund|index)|it"
        r"|shares)(?=[.,;]|$)"
        r"|(?<=account )in(?= when\b| if\b| once\b)|(?<=equity )in(?= when\b| if\b| once\b)|enter(?:"
        r" long)?|enters(?=[.,;]|$)|purchase|get in|entry|entries|invest|(?:open"
        r"|take|initiate|establish) (?:an? )?(?:longs?|positions?)(?: position)?)\b|(?:^|(?<=[.;,] ))in(?=:)",
        Opening(Section.ENTRY_LONG),
    ),
    (
        r"\b(?:sell|exit|close (?:the )?(?:position|trade|longs?)|close (?:it|out)|get out|get rid of (?:it|the (?:position"
        r"|stock))|leave|step aside"
        r"|(?:go|goes|get|be|turn|going|moves?|rotates?|switch(?:es)?|shifts?) (?:flat|to cash|into cash|in cash)"
        r"|flatten|flat (?=when|if|on|once)"
        r"|(?:and )?(?:the )?(?:rest|remainder|other half)|bail(?: out)?|liquidate|exits(?=[.,;]|$| (?:if|when|on|once)\b)|dump(?:"
        r" it)?|unload|out(?= when| on| if| at| under|"
        r" below| above| over)|take (?:it )?off|give up|(?<=[.;,] )close(?= at the (?:middle|mid|mean|average|basis|vwap)\b| (?:when"
        r"|if|once|as soon|after)\b))\b|(?:^|(?<=[.;,] ))out(?=:)|(?<=: )(?:out|flat)(?=[.,;]"
        r"|$)",
        Opening(Section.EXIT_LONG),
    ),
)
"""Words that say which section what follows belongs to, the more exact first."""


SIZED = re.compile(
    r"\b(?:(?:use|trade|take|buy|with|at|only|go)(?: only| in with)? )*(?P<share>half|double|a third of|a quarter of)(?: the"
    r"| my)?(?: usual| normal| full)? (?:size|position(?: size)?|amount|stake|order)\b(?! (?:at|on|after)\b)",
    re.IGNORECASE,
)
HALVED = re.compile(
    r"\b(?:halve|(?:trade|use|take|risk) half|cut|reduce|double)(?: of)?(?: the| my| our)?(?: usual| normal| full)? (?:size"
    r"|position size|amount|stake|risk)"
    r"(?: in half| by half| by 50 ?%)?",
    re.IGNORECASE,
)
MONEY_IF = re.compile(
    r"(?:\b(?:buy|invest|but|and|or|use|put in) )*[$€£] ?(?P<sum>\d[\d,]*)(?: (?:instead|worth))?(?= (?:if|when|whenever|while)\b)"
    r"|(?<=[.;,] )(?P<asked>(?:if|when|whenever|while) [^.;$€£]*?)(?P<words>,?"
    r" ?(?:buy|invest|use|put in) [$€£] ?(?P<sum2>\d[\d,]*)(?: instead| worth)?)(?=[.,;]"
    r"|$)",
    re.IGNORECASE,
)
"""`$100 if the price is below its average`: another amount where a condition holds."""
SETUP = re.compile(
    r"(?:^|(?<=[.;,] ))(?:the )?(?:(?:setup|entry|strategy|signal|system|idea) (?P<letter>[a-d1-4])(?=[:,.)]| is\b)"
    r"|(?P<ordinal>first|second|third) (?:setup|entry|strategy|signal|idea)(?= is\b|:|,))"
    r"|(?:^|(?<=[.;] ))(?P<all>both(?: setups| entries| of them)?|all of them|either way)\b(?= (?:trail|use|have|are|exit|get)|,|:)",
    re.IGNORECASE,
)
ADDED = re.compile(r"\b(?:again|add(?:ing|s)?|another|averag\w+ (?:down|in))\b[^.;]*$", re.IGNORECASE)
"""Words for a further purchase: how much it is of says nothing of the size of the first."""
SHARES = {"half": "0.5", "double": "2", "a third of": "0.33", "a quarter of": "0.25"}


def _find_sizes(text: str) -> list[tuple[int, int, Opening]]:
    """`Use half size when`: what follows, or stands before in its sentence, decides about the size."""
    told = [
        (found.start(), found.end(), Opening(Section.SIZING, share=SHARES[found["share"].lower()]))
        for found in SIZED.finditer(text)
        if not ADDED.search(text, 0, found.start())
    ]
    for found in MONEY_IF.finditer(text):
        if re.search(r"[$€£] ?\d", text[: found.start()]):
            start = found.start("words") if found["words"] else found.start()
            told.append((start, found.end(), Opening(Section.SIZING, share=f"={(found['sum'] or found['sum2']).replace(',', '')}")))
    for found in HALVED.finditer(text):
        if ADDED.search(text, 0, found.start()):
            continue
        if re.match(r"halve|double|\w+ half", found.group(), re.IGNORECASE) or re.search(r"half|50", found.group()):
            share = "2" if found.group().lower().startswith("double") else "0.5"
            told.append((found.start(), found.end(), Opening(Section.SIZING, share=share)))
    return told


def _find_setups(text: str) -> list[tuple[int, int, Opening]]:
    """`Setup A: ... Setup B: ...`: one after the other, whatever they are called."""
    found: list[tuple[int, int, Opening]] = []
    names: list[str] = []
    for match in SETUP.finditer(text):
        name = (match["letter"] or match["ordinal"] or "").lower()
        names += [name] if name and name not in names else []
        letter = chr(ord("A") + names.index(name)) if name else "*"
        if name or names:
            found.append((match.start(), match.end(), Opening(Section.ENTRY_LONG, setup=letter)))
    return found


def find_sides(text: str) -> list[tuple[int, int, Opening]]:
    """Find the words that open a section, the more exact first; they may overlap."""
    return [*_find_setups(text), *_find_sizes(text), *_find_openings(text)]


_LONG, _SHORT = r"\b(?:longs?|buy\w*|bought)\b", r"\b(?:shorts?|sell short|selling short)\b"


def find_refused_side(text: str, words: str) -> Section | None:
    """The entry that words keep out, where a text has both and they name one; None for all of them."""
    if not (re.search(_LONG, text, re.IGNORECASE) and re.search(_SHORT, text, re.IGNORECASE)):
        return None
    long, short = (re.search(side, words, re.IGNORECASE) is not None for side in (_LONG, _SHORT))
    return None if long is short else Section.ENTRY_LONG if long else Section.ENTRY_SHORT


def is_said_of_entry(text: str, words: str, between: str) -> bool:
    """Tell whether `while` goes on with the conditions of an entry: where there is another side, it would keep that out as well."""
    both = re.search(_LONG, text, re.IGNORECASE) and re.search(_SHORT, text, re.IGNORECASE)
    only = re.match(r"only\b", words, re.IGNORECASE) and not between.strip()  # `long only above VWAP`
    goes_on = (only or re.match(r"(?:while|as long as|provided)\b", words, re.IGNORECASE)) and not re.search(r"[.;!?](?:\s|$)", between)
    return bool(both and goes_on)


SOLD = re.compile(r"sell(?:[- ]side)? (?:signals?|triggers?|rules?)$", re.IGNORECASE)


def _find_openings(text: str) -> list[tuple[int, int, Opening]]:
    found = [(match.start(), match.end(), side) for pattern, side in SIDES for match in re.finditer(pattern, text, re.IGNORECASE)]
    if re.search(_SHORT, text, re.IGNORECASE) or not re.search(_LONG, text, re.IGNORECASE):
        return found
    sold = Opening(Section.EXIT_LONG)  # `Buy signal: A. Sell signal: B`, where nothing is ever sold short
    return [(start, end, sold if SOLD.match(text[start:end]) else side) for start, end, side in found]
