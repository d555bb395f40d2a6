"""A proposed workflow: rows found in a text, the words that each came from, and the words that were not understood."""

import re
from dataclasses import dataclass

from core.domain.workflow import Direction, Measure, Row, Section, Workflow
from core.language.phrases.building import build_rows
from core.language.phrases.conditions import SKIP
from core.language.phrases.doubts import drop_doubtful
from core.language.phrases.exceptions import keep_exceptions
from core.language.phrases.fillers import FILLERS
from core.language.phrases.finding import find_phrases
from core.language.phrases.found import Found, ProposedRow
from core.language.phrases.misspellings import mend_spelling
from core.language.phrases.scripts import is_script, write_lines
from core.language.phrases.tables import write_tables


@dataclass(frozen=True, slots=True)
class WorkflowProposal:
    """Rows that were understood from a text, to be looked at before anything of it is taken over."""

    workflow: Workflow
    rows: tuple[ProposedRow, ...]
    unread: tuple[str, ...]
    """Pieces of the text from which no row came."""
    assumed: tuple[str, ...] = ()
    """Ids of rows that the text does not mention."""
    remarks: tuple[str, ...] = ()
    """The readings that were taken where words have more than one."""


def propose_workflow(text: str, name: str = "") -> WorkflowProposal:
    """Propose a workflow for a description in plain English, by patterns alone; what no pattern knows is listed, never guessed."""
    plain, slips = mend_spelling(_write_in_one_line(text))
    found = drop_doubtful(plain, keep_exceptions(plain, find_phrases(plain)))
    rows, lost, remarks = build_rows(plain, found)
    sizes = [each for each in rows if each.row.section is Section.SIZING and each.row.indicators[0] != "pyramiding"]
    assumed: tuple[str, ...] = ()
    if rows and not sizes:
        row = Row(
            id="size", section=Section.SIZING, indicators=("position_size",), operator=Measure.PERCENT, thresholds=(_share_out(rows),)
        )
        rows, assumed = (*rows, ProposedRow(row, "")), (row.id,)
    sections = {each.row.section for each in rows}
    longs, shorts = Section.ENTRY_LONG in sections, Section.ENTRY_SHORT in sections
    direction = Direction.LONG_SHORT if longs and shorts else Direction.SHORT_ONLY if shorts else Direction.LONG_ONLY
    workflow = Workflow(name=name or _make_name(plain), description=plain[:500], direction=direction, rows=tuple(each.row for each in rows))
    return WorkflowProposal(workflow, rows, (*_find_unread(plain, found), *lost), assumed, (*remarks, *slips))


def _share_out(rows: tuple[ProposedRow, ...]) -> str:
    """The percent of equity of each entry, where the text does not say: all of it, in equal parts where several entries are told."""
    entries = next((each.row.thresholds[0] for each in rows if each.row.indicators == ("pyramiding",)), "1")
    return f"{95 / min(int(entries), 10):.4g}" if entries.isdigit() and int(entries) < 100 else "95"


SIGNS = str.maketrans({"−": "-", "×": "x", "∗": "*", "\u00a0": " "})
"""Signs that stand for others."""


WRAPPED = 50
"""Letters of a line from which on it may have been broken for its length alone."""
GOES_ON = re.compile(
    r"(?:\b(?:and|or|but|then|when|if|once|unless|until|while|the|an?|of|is|are|at|on|to|in|with|for|than|above|below|over|under|by|cross\w*"
    r"|that|which|i|we|my|buy|sell|short|long|enter|exit)|[-,:+*/<>=(&])$",
    re.IGNORECASE,
)
ORDERED = re.compile(r"(?:if|when|once)\b.*\b(?:buy|sell|short|long|enter|exit)$", re.IGNORECASE)
JOINS = re.compile(r"(?:and|or|then|but|with|when|while|on|at|of|than|above|below|over|under|is|are|crosses)\b|[-+*/<>=&)]", re.IGNORECASE)
"""Ends and beginnings of lines that belong together."""
PICTURES = "[\U0001f000-\U0001faff\u2600-\u2793\u23e9-\u23ff\ufe0f]"
EXITS = re.compile(r"exits?(?: (?:rules|conditions|criteria|signals))?:?", re.IGNORECASE)
"""A heading of ways out, below which each side has a line of its own."""


def _write_in_one_line(text: str) -> str:
    """The text in one line; a line that ends without a sign ends a sentence, and an arrow is a colon.

    >>> _write_in_one_line("- Entry: RSI < 30\\n- Stop 5%")
    'Entry: RSI < 30; Stop 5%'
    """
    whole = ""
    text = write_lines(text) if is_script(text) else write_tables(text)
    text = text.translate(SIGNS).replace("↑", "upwards").replace("↓", "downwards")
    text = re.sub(r"\*\*|__|`|^#{1,6} ", "", text, flags=re.MULTILINE)
    leaves, before = False, ""
    for line in re.sub(PICTURES, "", text).strip().splitlines():
        part = re.sub(r"^\s*(?:[-*•–]|\d+(?:[.)-]| -))\s+", "", line).strip()
        leaves = EXITS.fullmatch(part) is not None if part.count(":") == part.endswith(":") and part else leaves
        part = re.sub(r"^(long|short)s?(?: positions?| trades?)?: ?(?=\S)", r"\1 exit: ", part, flags=re.IGNORECASE) if leaves else part
        apart = part != line.strip() or re.match(r"[A-Z]|\w+(?: \w+)?:", part) is not None
        ended = ORDERED.match(before) is not None or GOES_ON.search(before) is None
        apart = apart or (0 < len(before) < WRAPPED and ended and JOINS.match(part) is None)
        before = part
        whole += f"{'' if not whole or not apart or whole.endswith(('.', ',', ';', ':', '!', '?')) else ';'} {part}" if part else ""
    whole = re.sub(r"(?:^|(?<=[:;.] ))\d{1,2}- (?=[A-Z])", "", whole)
    if re.search(r"\brules? \d(?:,| and| or| &|\)|$)", whole, re.IGNORECASE) is None:
        whole = re.sub(r"(?:^ ?|(?<=[:;.] ))rule (?:#|no\.? ?)?\d{1,2} ?[:.)-] ?(?=\S)", "", whole, flags=re.IGNORECASE)
    number = r"(?:\d{1,2}|[a-e]|i{1,3}|iv)\) (?=\S)"
    whole = re.sub(rf"((?:^|[:;.]) |\b(?:and|or) )\(?{number}|(, )\({number}", lambda found: found[1] or found[2] or "", whole)
    sided = r"(?= ?(?:(?:go )?(?:buy|sell|short|long)|exit|cover|enter|out|flat|close(?=[.,;]|$)|(?:only )?(?:longs|shorts|buys|sells))\b)"
    return re.sub(rf"(?<= )(?:[-=]>|[=–—-]{sided})(?= )", ": ", " ".join(whole.split()).replace(" → ", " : ")).replace(":  ", ": ")


def _make_name(text: str) -> str:
    words = re.findall(r"[A-Za-z0-9()/%-]+", text)[:6]
    return " ".join(words)[:60].strip() or "My strategy"


NAMELESS = FILLERS | {"spy", "qqq", "dax", "nq", "es", "nasdaq", "eurusd", "btc", "eth", "bitcoin", "ethereum"}
"""Words whose loss changes nothing where no phrase takes them: what is traded is chosen elsewhere."""
BOUGHT = re.compile(
    r"\b(?:[Bb]uy|[Ss]ell|[Ss]hort|[Cc]over|[Hh]old|[Oo]wn|[Ll]ong) "
    r"(?!(?:Mon|Tues|Wednes|Thurs|Fri|Stop|Limit|Signal|Entry|Exit|Long|Short|When|If)\w*)"
    r"([A-Z][a-z]{2,}) (?:when|if|once|whenever|as soon as|after)\b"
)
"""The name of the one thing that is traded: of one alone nothing is lost."""
TITLE = re.compile(
    r"^(?:(?:strategy|system|name|title|setup|idea)(?: name)?: )?(?:the |my "
    r"|a |classic )*(?P<name>[^.;!?:]{2,70}):(?=\s)(?!\s*(?:buy|sell|short|long"
    r"|exit|cover)[.,;])",
    re.IGNORECASE,
)
SAID = re.compile(
    r"\b(?:is|are|if|when|whenever|once|unless|until|while|not|no|never|only|stop|stops"
    r"|target|sell|trail|risk|filter|after|before|above|below|under"
    r"|crosses|between|max|at least|use)\b|\d ?%|[<>]",
    re.IGNORECASE,
)
"""Words that say more than a name does."""
SHOWN = re.compile(
    r"\b(?:inside|outside|nr\d|hammer|doji|engulf\w*|star|harami|soldiers|crows|pin ?bar|candles?|bars?|divergence)\b|\+", re.IGNORECASE
)
HAPPENS = re.compile(
    r"\b(?:cross\w*|squeeze|spikes?|gaps?|dips?|pull-?backs?|oversold|overbought|up ?trend|down ?trend|break\w*)\b", re.IGNORECASE
)
"""Words for what happens on a chart: before `buy`, they are its condition and no name."""
ACTS = re.compile(r"\s*(?:go )?(?:buy|sell|short|long|enter|exit|cover)\b(?!(?: long| short)? (?:when|if|once|on|at)\b)", re.IGNORECASE)


HEADING = re.compile(
    r"(?:strategy )?name|time ?frames?|(?:position )?siz(?:e|ing)|(?:risk|money|trade) management|risk(?: rules| controls?)?|overview"
    r"|indicators?|title|asset|capital|goal|signals?|system rules"
    r"|markets?|sessions?|instruments?|symbols?|trade [a-z]{2,6} on (?:the )?(?:hourly|daily|\d+[- ]?(?:h|m)\w*) (?:bars|charts?|candles)"
    r"|(?:default )?settings|parameters|conditions(?: for)?|(?:(?:trade|use|using|on) )?(?:(?:the"
    r"|an?) )?\d+[- ]?(?:h(?:ours?)?|m(?:in(?:ute)?s?)?|d(?:ays?)?)(?:"
    r" (?:charts?|bars|candles))?"
    r"|(?:(?:trade|use|using|on) )?(?:(?:the|an?) )?(?:daily|hourly|weekly)(?: (?:charts?|bars|candles))?",
    re.IGNORECASE,
)
"""Headings, and the bars that a run is on, which are chosen elsewhere."""
QUANTIFIED = re.compile(r"(?:(?:conditions?|criteria|rules) ?)?\((?:all|any|either|both)\b[^()]{0,30}\)", re.IGNORECASE)
"""Words for the number of conditions in a list that are asked for, which its reading follows."""


ASKED = re.compile(r"\s*(?:and |but |or )*(?:if|when|whenever|once|unless|until|while|as soon as) ", re.IGNORECASE)
"""Beginnings of a condition: one that ends without a phrase asks for what is not known, however plain its words are."""


def _find_title(text: str, found: list[Found]) -> int:
    """End of a name that a text begins with: `Bollinger squeeze: ...`; 0 where it says something, or nothing behind it is understood."""
    match = TITLE.match(text)
    if match is None or SAID.search(match["name"]) or any(each.start < match.end() and _says(each) for each in found):
        return 0
    if SHOWN.search(match["name"]) or (HAPPENS.search(match["name"]) and ACTS.match(text, match.end())):
        return 0
    behind = re.split(r"[.;!?](?:\s|$)", text[match.end() :])[0]
    end = match.end() + len(behind)
    return match.end() if any(match.end() <= each.start < end and (each.expression or each.rule) for each in found) else 0


def _says(found: Found) -> bool:
    return found.side is None and found.expression != SKIP


def _find_unread(text: str, found: list[Found]) -> tuple[str, ...]:
    """Pieces between the phrases that hold a word with a meaning of its own."""
    places = sorted((each.start, each.end) for each in found)
    pieces, behind, asked, start = [], [], [], _find_title(text, found)
    for begin, end in [*places, (len(text), len(text))]:
        parts = re.split(r"[.;,:!?]+(?:\s|$)", text[start:begin])
        pieces += parts
        asked += [part for part in (parts if begin == len(text) else parts[:-1]) if ASKED.match(part)]
        behind += parts[:1] if start and parts[0].startswith(" ") else []  # `exit 5 days`: no heading
        start = max(start, end)
    names = set(BOUGHT.findall(text))
    nameless = NAMELESS | {names.pop().lower()} if len(names) == 1 else NAMELESS
    asked = [piece.strip(" ,.;:-") for piece in asked]
    told = [piece.strip(" ,.;:-") for piece in pieces if not HEADING.fullmatch(piece.strip(" ,.;:-")) or piece in behind]
    left = [piece for piece in told if not QUANTIFIED.fullmatch(piece)]
    return tuple(piece for piece in left if piece in asked or any(word.lower() not in nameless for word in re.findall(r"[\w%$']+", piece)))
