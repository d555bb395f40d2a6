"""A proposed workflow: rows found in a text, the words that each came from, and the words that were not understood."""

import re
from dataclasses import dataclass, replace

from core.domain.workflow import Direction, Measure, Operator, Row, Section, Workflow
from core.language.phrases import calendar_days, conditions, habits, moves, references, rules, sayings, terms
from core.language.phrases.arguments import set_arguments_aside
from core.language.syntax.expression import find_meaning
from core.language.syntax.nodes import is_condition

SIDES: tuple[tuple[str, Section], ...] = (
    (
        r"\b(?:sell short|short[- ]sell|go(?:es)? short|(?:enter|open)(?: a)? short(?: position)?|short when"
        r"|short(?: it| the (?:stock|market))?(?= when| if| on| once| after| at\b| as\b| with\b| every| each| a\b| the\b|:))\b"
        r"|(?:^|(?<=[.;,:] ))short\b(?![- ](?:term|s?ma|ema|average|moving|period|interest))",
        Section.ENTRY_SHORT,
    ),
    (r"\b(?:buy back|cover(?: shorts?| it)?|close (?:the )?shorts?|exit shorts?)\b", Section.EXIT_SHORT),
    (
        r"\b(?:only (?:when|if|while|in|on|above|below)|but only|as long as|provided(?: that)?|while|filter|unless"
        r"|never|not (?=in |on ))\b",
        Section.FILTER,
    ),
    (
        r"\b(?:buy|go long|long(?: when| if| on)?|enter(?: long)?|purchase|get in|entry|invest|(?:open"
        r"|take|initiate|establish) (?:a )?longs?(?: position)?)\b",
        Section.ENTRY_LONG,
    ),
    (
        r"\b(?:sell|exit|close (?:the )?(?:position|trade|longs?)|get out|leave|(?:go|get|be|turn) flat|flatten|flat (?=when|if|on|once)"
        r"|(?:and )?(?:the )?(?:rest|remainder|other half)|close out|bail(?: out)?|liquidate|dump(?:"
        r" it)?|unload|out(?= when| on| if| at| under|"
        r" below| above| over)|take (?:it )?off)\b",
        Section.EXIT_LONG,
    ),
)
"""Words that say which section what follows belongs to."""
FILLERS = frozenset(
    [
        "a",
        "an",
        "the",
        "and",
        "or",
        "then",
        "when",
        "if",
        "with",
        "of",
        "is",
        "are",
        "it",
        "its",
        "to",
        "on",
        "at",
        "in",
        "for",
        "as",
        "that",
        "this",
        "by",
        "be",
        "will",
        "i",
        "we",
        "my",
        "our",
        "you",
        "your",
        "use",
        "using",
        "only",
        "trade",
        "trades",
        "position",
        "stock",
        "price",
        "market",
        "day",
        "days",
        "makes",
        "today",
        "candle",
        "candles",
        "bar",
        "bars",
        "each",
        "every",
        "once",
        "soon",
        "time",
        "times",
        "otherwise",
        "whichever",
        "comes",
        "first",
        "after",
        "before",
        "but",
        "so",
        "also",
        "just",
        "out",
        "from",
        "let",
        "me",
        "want",
        "would",
        "like",
        "please",
        "strategy",
        "buy",
        "sell",
        "go",
        "long",
        "short",
        "enter",
        "exit",
        "position's",
        "until",
        "while",
    ]
)
"""Words whose loss changes nothing."""
CALENDAR = r"^(?:month|weekday|minute_of_day)\b"


@dataclass(frozen=True, slots=True)
class ProposedRow:
    """One proposed row."""

    row: Row
    words: str
    """The words of the text that it came from."""
    guessed: bool = False
    """True when its numbers are not in these words: they are assumed."""

    @property
    def source(self) -> str:
        """Words to show beside the row: those of the text, marked where something is assumed."""
        if not self.words:
            return "not in the text: assumed"
        return f"“{self.words}”, lengths assumed" if self.guessed else f"“{self.words}”"


@dataclass(frozen=True, slots=True)
class WorkflowProposal:
    """Rows that were understood from a text, to be looked at before anything of it is taken over."""

    workflow: Workflow
    rows: tuple[ProposedRow, ...]
    unread: tuple[str, ...]
    """Pieces of the text from which no row came."""
    assumed: tuple[str, ...] = ()
    """Ids of rows that the text does not mention."""


@dataclass(frozen=True, slots=True)
class _Found:
    """A phrase in the text: a side word, a condition, or a rule."""

    start: int
    end: int
    section: Section | None = None
    expression: str = ""
    rule: rules.RuleText | None = None
    within: int = 1
    """Bars on one of which the condition may have been true."""
    filters: bool = False
    """True for a condition that is a filter wherever it stands."""


def propose_workflow(text: str, name: str = "") -> WorkflowProposal:
    """Propose a workflow for a description in plain English, by patterns alone; what no pattern knows is listed, never guessed."""
    plain = re.sub(r"(?<= )[-=]>(?= )", ": ", " ".join(text.split()).replace(" → ", " : "))
    found = _find_phrases(plain)
    rows = _build_rows(plain, found)
    sizes = [each for each in rows if each.row.section is Section.SIZING and each.row.indicators[0] != "pyramiding"]
    assumed: tuple[str, ...] = ()
    if rows and not sizes:
        row = Row(id="size", section=Section.SIZING, indicators=("position_size",), operator=Measure.PERCENT, thresholds=("95",))
        rows, assumed = [*rows, ProposedRow(row, "")], (row.id,)
    sections = {each.row.section for each in rows}
    longs, shorts = Section.ENTRY_LONG in sections, Section.ENTRY_SHORT in sections
    direction = Direction.LONG_SHORT if longs and shorts else Direction.SHORT_ONLY if shorts else Direction.LONG_ONLY
    workflow = Workflow(name=name or _make_name(plain), description=plain[:500], direction=direction, rows=tuple(each.row for each in rows))
    return WorkflowProposal(workflow, tuple(rows), _find_unread(plain, found), assumed)


def _make_name(text: str) -> str:
    words = re.findall(r"[A-Za-z0-9()/%-]+", text)[:6]
    return " ".join(words)[:60].strip() or "My strategy"


def _find_phrases(text: str) -> list[_Found]:
    """Every phrase that a pattern knows, in reading order, with the numbers that stand in parentheses behind its names."""
    plain = set_arguments_aside(text)
    found = []
    for each in _find_without_arguments(plain.text):
        start, end, expression = plain.restore(each.start, each.end, each.expression)
        if expression is not None:
            found.append(replace(each, start=start, end=end, expression=expression))
    return found


def _find_without_arguments(text: str) -> list[_Found]:
    """Every phrase that a pattern knows, in reading order; of overlapping ones that which the earlier list names."""
    found = [part for match in moves.HOLD_SEASON.finditer(text) for part in _hold_season(match)]
    for pattern, build_rule in rules.PATTERNS:
        for match in re.finditer(pattern, text, re.IGNORECASE):
            rule = build_rule(match)
            if rule is not None:
                _add(found, _Found(match.start(), match.end(), rule=rule))
    lists = (
        calendar_days.FILTERS,
        conditions.FILTERS,
        calendar_days.PATTERNS,
        moves.PATTERNS,
        habits.PATTERNS,
        sayings.PATTERNS,
        conditions.PATTERNS,
    )
    for patterns in lists:
        always, bare = patterns in lists[:2], patterns in (conditions.FILTERS, conditions.PATTERNS)
        for pattern, build in patterns:
            for match in re.finditer(pattern if bare else rf"(?<!\w)(?:{pattern})(?![a-z])", text, re.IGNORECASE):
                expression = build(match)
                if terms.is_about_another(match, expression):
                    continue
                if expression.startswith(sayings.MARKS) or find_meaning(expression) is not None:
                    _add(found, _Found(match.start(), match.end(), expression=expression, filters=always))
    for pattern, section in SIDES:
        for match in re.finditer(pattern, text, re.IGNORECASE):
            _add(found, _Found(match.start(), match.end(), section=section))
    _add_typed(text, found)
    unsaid = [match.span() for match in moves.UNSAYABLE.finditer(text)]
    found = [each for each in found if each.rule or not any(start <= each.start < end for start, end in unsaid)]
    found = [_read_within(text, each) if each.expression else each for each in found]
    return _turn_sides(text, sorted(found, key=lambda each: each.start))


def _hold_season(match: re.Match[str]) -> list[_Found]:
    """`Hold from November to April`: a way in and a way out in one phrase."""
    start, end = match.span()
    inside, outside = moves.split_season(match)
    places = ((Section.ENTRY_LONG, inside), (Section.EXIT_LONG, outside))
    return [part for side, told in places for part in (_Found(start, end, section=side), _Found(start, end, expression=told))]


def _read_within(text: str, phrase: _Found) -> _Found:
    """`RSI was below 30 within the last five bars`."""
    match = terms.WITHIN.match(text, phrase.end)
    return replace(phrase, end=match.end(), within=terms.read_count(match[1])) if match else phrase


def _add_typed(text: str, found: list[_Found]) -> None:
    """Find what is written in the language itself among the pieces that no pattern knows."""
    for start, end in _find_gaps(text, found):
        for match in re.finditer(r"(?:\([^()]*\)|[^,;:])+", text[start:end]):
            for part in _split_joined(match.group()):
                place = text.index(part, start + match.start())
                node = find_meaning(part)
                if node is not None and is_condition(node):
                    _add(found, _Found(place, place + len(part), expression=part))


def _split_joined(piece: str) -> list[str]:
    """A piece without the words around it; in parts where it is joined by `and` or `or` and makes no sense as a whole."""
    bare = re.sub(r"^(?:\s|and\b|or\b|when\b|if\b|the\b|on\b|then\b|once\b)+", "", piece, flags=re.IGNORECASE).strip(" .")
    bare = re.sub(r"\s+(?:and|or|then)$", "", bare, flags=re.IGNORECASE)
    if find_meaning(bare) is not None:
        return [bare]
    parts = [part.strip(" .") for part in re.split(r"\b(?:and|or|if|when)\b", bare, flags=re.IGNORECASE)]
    return [part for part in parts if part]


def _find_gaps(text: str, found: list[_Found]) -> list[tuple[int, int]]:
    """The stretches of the text between phrases."""
    gaps, start = [], 0
    for each in sorted(found, key=lambda one: one.start):
        gaps.append((start, each.start))
        start = each.end
    return [*gaps, (start, len(text))]


def _turn_sides(text: str, found: list[_Found]) -> list[_Found]:
    """`Golden cross: buy` and `If RSI is below 30, buy`: the side that follows its condition is put before it."""
    ends = [match.end() for match in re.finditer(r"[.;!?](?:\s|$)", text)] + [len(text)]
    turned: list[_Found] = []
    for start, end in zip([0, *ends], ends, strict=False):
        inside = [each for each in found if start <= each.start < end]
        told = {each.start for each in inside if each.expression}
        sides = [place for place, each in enumerate(inside) if each.section not in (None, Section.FILTER) and each.start not in told]
        led = [place for place in sides if re.search(r":\s*$", text[start : inside[place].start])]
        asked = re.match(r"\s*(?:if|when|whenever|once|on)\b", text[start:end], re.IGNORECASE)
        if led or (asked and sides and any(each.expression for each in inside[: sides[0]])):
            before = 0
            for place in led or sides[:1]:
                turned += [inside[place], *inside[before:place]]
                before = place + 1
            turned += inside[before:]
        else:
            turned += inside
    return turned


def _add(found: list[_Found], new: _Found) -> None:
    if new.end > new.start and all(new.end <= each.start or new.start >= each.end for each in found):
        found.append(new)


def _build_rows(text: str, found: list[_Found]) -> list[ProposedRow]:
    rows: list[ProposedRow] = []
    section, group, last_end = Section.ENTRY_LONG, "A", 0
    lengths: dict[str, str] = {}
    part = ""
    for each in found:
        between = text[last_end : each.start] if last_end <= each.start else ""
        if re.search(r"[.;!?]\s", between + " ") and section is Section.FILTER:
            section = Section.ENTRY_LONG
        last_end = each.end
        words = text[each.start : each.end].strip(" ,.")
        if each.expression.startswith(sayings.PART):
            part = each.expression.removeprefix(sayings.PART)
            continue
        if each.section is not None:
            part = ""
            section, group = _choose_exit(each.section, words, rows), "A"
            continue
        if each.expression == sayings.OTHERWISE:
            section = Section.EXIT_SHORT if section is Section.ENTRY_SHORT else Section.EXIT_LONG
        expression = references.resolve(each.expression, [one.row for one in rows], section)
        if each.rule is None and not expression:
            continue
        identity = f"r{len(rows) + 1}"
        if each.rule is not None:
            place, rule, measure, cells = each.rule
            rows.append(ProposedRow(Row(id=identity, section=place, indicators=(rule,), operator=measure, thresholds=cells), words))
            continue
        expression = references.take_over_lengths(expression, words, lengths)
        if part:
            row = Row(id=identity, section=Section.RISK, indicators=("partial_exit",), operator=Measure.WHEN, thresholds=(expression, part))
            rows.append(ProposedRow(row, words))
            part = ""
            continue
        mine = [row for row in rows if row.row.section is section]
        if mine and re.fullmatch(r"\s*after\s*", between, re.IGNORECASE):
            expression = re.sub(r"^(falling|rising)\(close,", r"\1(close[1],", expression)  # the streak ended before this bar
        if mine and re.search(r"\bor\b", between, re.IGNORECASE) and section is not Section.FILTER:
            group = chr(ord(max(row.row.group for row in mine)) + 1)
        exclusion = each.filters or (re.match(CALENDAR, expression) and "!=" in expression)
        place = Section.FILTER if exclusion else section
        row = Row(
            id=identity,
            section=place,
            group="A" if place is Section.FILTER else group,
            indicators=(expression,),
            operator=Operator.IS_TRUE,
            within=each.within,
        )
        guessed = (sayings.FAST in expression or sayings.SLOW in expression) and not re.search(r"\d", words)
        guessed |= expression.startswith("near(") and "%" not in words and "percent" not in words
        rows.append(ProposedRow(row, words, guessed=guessed))
    return _drop_repeated(rows)


def _choose_exit(section: Section, words: str, rows: list[ProposedRow]) -> Section:
    """An exit that names no side belongs to what was entered last; `sell` ends a long position whatever came before."""
    entered = [each.row.section for each in rows if each.row.section in (Section.ENTRY_LONG, Section.ENTRY_SHORT)]
    open_to_both = section is Section.EXIT_LONG and not re.search(r"sell|long", words, re.IGNORECASE)
    return Section.EXIT_SHORT if open_to_both and entered[-1:] == [Section.ENTRY_SHORT] else section


def _drop_repeated(rows: list[ProposedRow]) -> list[ProposedRow]:
    """The rows without those that say what an earlier one says, with ids in a row."""
    kept: list[ProposedRow] = []
    seen: set[tuple[object, ...]] = set()
    for each in rows:
        row = each.row
        single = (row.section, *row.indicators) if isinstance(row.operator, Measure) else (row.section, row.group, *row.indicators)
        if single not in seen:
            seen.add(single)
            kept.append(replace(each, row=row.changed(id=f"r{len(kept) + 1}")))
    return kept


def _find_unread(text: str, found: list[_Found]) -> tuple[str, ...]:
    """Pieces between the phrases that hold a word with a meaning of its own."""
    places = sorted((each.start, each.end) for each in found)
    pieces, start = [], 0
    for begin, end in [*places, (len(text), len(text))]:
        pieces += re.split(r"[.;,:!?]+(?:\s|$)", text[start:begin])
        start = max(start, end)
    left = [piece.strip(" ,.;:-") for piece in pieces]
    return tuple(piece for piece in left if any(word.lower() not in FILLERS for word in re.findall(r"[\w%$']+", piece)))
