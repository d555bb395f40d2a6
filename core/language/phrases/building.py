"""Phrases in reading order, turned into rows: the section that each belongs to, alternatives, and what points back at earlier words."""

import re
from dataclasses import dataclass, field, replace
from itertools import combinations

from core.domain.workflow import Measure, Operator, Row, Section
from core.language.phrases import conditions, moves, references, savings, sayings
from core.language.phrases.checked_days import CHECKED, ask_on_day
from core.language.phrases.fillers import FILLERS
from core.language.phrases.finishing import (
    CALENDAR,
    drop_repeated,
    enter_by_filters,
    join_alternatives,
    sell_next_morning,
    start_trails,
    stop_both_sides,
    write_prices,
    write_sizes,
)
from core.language.phrases.found import Found, ProposedRow
from core.language.phrases.grouping import SECTIONS, group_conditions, read_joiners
from core.language.phrases.mirrored import MIRRORED, share_with_both, turn_around
from core.language.phrases.one_sided import put_on_sides
from core.language.phrases.otherwise import find_otherwise
from core.language.phrases.repeated_orders import part_repeated_orders
from core.language.phrases.resizing import resize
from core.language.phrases.setups import count_setups, keep_to_setups
from core.language.phrases.shapes import put_back_sentence, shape
from core.language.phrases.short_first import follow_orders, sell_first, sell_the_other_side
from core.language.phrases.sides import Opening, find_refused_side, is_said_of_entry
from core.language.phrases.together import find_opposite, put_together
from core.language.spoken.opposites import negate

ENTRIES = (Section.ENTRY_LONG, Section.ENTRY_SHORT)
EXITS = (Section.EXIT_LONG, Section.EXIT_SHORT)
BY_SETUP = ("position_size", "risk_per_trade", "stop_loss", "take_profit", "trailing_stop", "break_even", "time_stop", "partial_exit")
"""Rules that may differ from setup to setup."""
ANY_OF = re.compile(r"[^.;:]{0,25}\b(?:any|either)\b[^.;:]{0,25}:", re.IGNORECASE)
NEXT_BAR = re.compile(r"(?:the |then the )?(?:next|following) (?:day|bar|candle|session)\b(?!'s)", re.IGNORECASE)
"""A condition of the bar after those that were told before it."""
OF_TRADE = re.compile(r"(?:open_profit|open_r|bars_in_trade|entry_price)\b")
SENTENCE_END = re.compile(r"[.;!?](?:\s|$)|(?:^|\s)[-•*] ")


@dataclass(slots=True)
class RowBuilder:
    """Builds the rows of one text; it is given the phrases one after the other."""

    text: str
    rows: list[ProposedRow] = field(default_factory=list)
    lost: list[str] = field(default_factory=list)
    """Words that were understood but say nothing here: what they point back at is not there, or an earlier row says otherwise."""
    side: Opening = field(default_factory=lambda: Opening(Section.ENTRY_LONG))
    group: str = "A"
    last_end: int = 0
    part: str = ""
    lengths: dict[str, str] = field(default_factory=dict)
    forbidden: list[str] = field(default_factory=list)
    """Conditions under the present `unless`, which together become one row."""
    any_of: bool = False
    """True where each of the conditions that follow is enough."""
    in_setup: bool = False
    told_in: dict[str, str] = field(default_factory=dict)
    """The setup in which the words of each row were told."""
    setup: str = "A"
    """Letter of the setup that is spoken of; entries, sizes, stops and targets of others than the first carry it."""
    resized: str = ""
    """Share of the usual size and the conditions for it, where the usual size was not told before."""
    sized: list[str] = field(default_factory=list)
    """Conditions under which another size is traded."""
    quorum: int = 0
    """Number of the conditions that follow which must hold; 0 for all of them."""
    several: list[str] = field(default_factory=list)
    """The conditions of which so many must hold."""
    otherwise: list[str] = field(default_factory=list)
    """Words for being out otherwise, which say nothing where an exit is told anywhere."""
    opened: set[Section] = field(default_factory=set)
    """Sections that words have opened so far."""
    mirrored: str = ""
    """Words for a side whose rules are those of the other one turned around."""
    checked: tuple[str, str] = ("", "")
    """The day on which the rules are looked at, and the words for it."""
    before: int = 0
    """Number of the rows before any side was named."""
    entered: Section | None = None
    """The entry that words have opened last."""
    entered_at: int = 0
    """The place behind those words."""
    begun: bool = False
    """True right behind the words that open an entry."""
    partly: bool = False
    """True where words of an entry were not understood: conditions that hold for it are not all that is asked."""
    of_both: bool = False
    """True where a way out names no side and both are open: it ends either."""
    place: tuple[int, int] = (-1, -1)
    """The place of the present phrase in the text."""
    one_side: str = ""
    """The side that the present rule is told for; empty for both."""
    openings: int = 0
    """Number of the words for a side so far."""
    remarks: list[str] = field(default_factory=list)
    """The readings that were taken where words have more than one."""
    held_first: bool = False
    """True where nothing was entered before the present `as long as`: it is the way in, too."""

    def add(self, found: Found) -> None:
        """Add what a phrase says."""
        between = self.text[self.last_end : found.start] if self.last_end <= found.start else ""
        if SENTENCE_END.search(between + " ") and self.side.section is Section.FILTER:
            self.side = Opening(Section.ENTRY_LONG if not self._has(Section.ENTRY_SHORT) else Section.ENTRY_SHORT)
        behind = re.split(r"[.;!?](?:\s|$)", between)[0]
        self.partly |= self.begun and any(word not in FILLERS for word in re.findall(r"[a-z']{2,}", behind.lower()))
        self.begun = found.side is not None and found.side.section in ENTRIES
        self.quorum = 0 if re.search(r"[.!?](?:\s|$)", between) else self.quorum
        self.last_end = max(self.last_end, found.end)
        self.place, self.one_side = (found.start, found.end), found.one_side
        self.before = self.before if self.opened else len(self.rows)
        words = self.text[found.start : found.end].strip(" ,.")
        must = re.search(r"\b(?:must|has to|have to|needs? to)\b", words, re.IGNORECASE) if found.expression else None
        if must and SENTENCE_END.search(between + " ") and any(self._has(entry) for entry in ENTRIES):
            self.side = Opening(Section.FILTER)
        if found.expression and (told := re.match(r"(?:buy|short)\b", words, re.IGNORECASE)) and self.side.section in ENTRIES:
            self.side = Opening(Section.ENTRY_LONG if told.group().lower() == "buy" else Section.ENTRY_SHORT)
        if found.expression.startswith(sayings.PART):
            self.part = found.expression.removeprefix(sayings.PART)
        elif found.side is not None:
            self._open(found.side, words, between)
            self.any_of = self.side.section in (*ENTRIES, *EXITS) and ANY_OF.match(self.text, found.end) is not None
        elif found.rule is not None:
            place, rule, measure, cells = found.rule
            row = Row(
                id="r",
                section=place,
                group=self._find_group(place, rule),
                indicators=(rule,),
                operator=measure,
                thresholds=cells,
                within=found.within,
            )
            self._append(row, words)
        elif self.of_both:
            self._leave_both(found, words, between)
        else:
            self._add_condition(found, words, between)

    def _leave_both(self, found: Found, words: str, between: str) -> None:
        """`Long when A. Short when B. Exit when C.`: a way out of either side, read for each of them."""
        side, group = self.side, self.group
        for section in EXITS:
            self.side, self.group = replace(side, section=section), group
            self._add_condition(found, words, between)
        self.side = side

    def _find_group(self, place: Section, rule: str) -> str:
        return self.setup if rule in BY_SETUP or place in ENTRIES else "A"

    def _has(self, section: Section) -> bool:
        return any(each.row.section is section for each in self.rows)

    def _append(self, row: Row, words: str, *, guessed: bool = False) -> None:
        self.told_in[words] = self.setup if self.in_setup else ""
        self.rows.append(
            ProposedRow(
                row.changed(id=f"r{len(self.rows) + 1}"),
                words,
                guessed=guessed,
                place=self.place,
                opening=self.openings,
                one_side=self.one_side,
            )
        )

    def _open(self, side: Opening, words: str, between: str) -> None:
        """Open a section; one that was left before, or an exit in a sentence of its own, is an alternative to what it holds."""
        before = self.side.section
        self.openings += 1
        self.part, self.forbidden, self.sized, self.quorum = "", [], [], 0
        if side.setup:
            self.setup, self.in_setup = "A" if side.setup == "*" else side.setup, side.setup != "*"
            self.side, self.group = Opening(before if side.setup == "*" else Section.ENTRY_LONG), self.setup
            return
        if side.share:
            self.side = side
            return
        if side.section is Section.FILTER and self.opened & {before} & set(ENTRIES) and is_said_of_entry(self.text, words, between):
            return
        section = self._choose_exit(side, words)
        refused = find_opposite(self.rows, section, between, self.openings - 1, self.entered_at) if self.entered is not section else ""
        self.of_both = self._is_of_both(section, side, words)
        self.side = Opening(section, side.negated, side.held, of=find_refused_side(self.text, words) if side.negated else None)
        if section in ENTRIES:
            self.entered, self.entered_at = section, self.last_end
        self.opened |= set() if re.match("wait", words, re.IGNORECASE) else {section}
        self.held_first = side.held and not any(self._has(entry) for entry in ENTRIES)
        mine = [each.row.group for each in self.rows if each.row.section is section]
        again = re.search(r"\b(?<!one )(?<!two )(?<!\d )(?:or|also|alternatively|again)\b", between, re.IGNORECASE) or re.match(
            r"re-?ent(?:er|ry)|get back|buy (?:it )?(?:again|back)", words, re.IGNORECASE
        )
        apart = section in EXITS and not re.search(r"\band\s*$", between, re.IGNORECASE)
        apart = apart or (section in ENTRIES and before in EXITS)
        self.group = chr(ord(max(mine)) + 1) if mine and (again or apart) else max(mine, default="A")
        self.group = self.setup if self.setup != "A" and section in ENTRIES else self.group
        if refused:
            self._append(Row(id="r", section=section, group=self.group, indicators=(refused,), operator=Operator.IS_TRUE), "otherwise")

    def _is_of_both(self, section: Section, side: Opening, words: str) -> bool:
        """Tell whether a way out is one of both sides: it names none, and stands behind two that have none of their own yet."""
        if side.section is not Section.EXIT_LONG or side.held or re.search(r"\b(?:sell|longs?)\b", words, re.IGNORECASE):
            return False
        if not SENTENCE_END.search(self.text[self.entered_at : self.last_end]):
            return False  # told in the sentence of one of them
        order = [each.row.section for each in self.rows if each.row.section in (*ENTRIES, *EXITS)]
        last = next((place for place in range(len(order), 0, -1) if order[place - 1] in ENTRIES), 0)
        outs = set(order[:last]) & set(EXITS)
        return set(ENTRIES) <= {*order, *self.opened} and not outs

    def _choose_exit(self, side: Opening, words: str) -> Section:
        """An exit that names no side belongs to what was entered last; `sell` ends a long position whatever came before."""
        entered = [each.row.section for each in self.rows if each.row.section in ENTRIES]
        entered += [self.entered] if self.entered is not None and self.entered is not Section.ENTRY_LONG else []
        if side.section is Section.EXIT_SHORT and Section.ENTRY_SHORT not in entered:
            if re.match("buy back", words, re.IGNORECASE) and self._has(Section.EXIT_LONG):
                return Section.ENTRY_LONG
            if entered and re.match("cover", words, re.IGNORECASE):
                return Section.EXIT_LONG
        open_to_both = side.section is Section.EXIT_LONG and not re.search(r"sell|long", words, re.IGNORECASE)
        return Section.EXIT_SHORT if open_to_both and entered[-1:] == [Section.ENTRY_SHORT] else side.section

    def _add_condition(self, found: Found, words: str, between: str) -> None:
        if found.expression.startswith(CHECKED):
            self.checked = found.expression.removeprefix(CHECKED), words
            return
        if found.expression == MIRRORED:
            self.mirrored = self.mirrored or words
            return
        if found.expression.startswith(moves.QUORUM):
            self.quorum, self.several = int(found.expression.removeprefix(moves.QUORUM)), []
            return
        if found.expression == moves.INVESTED:
            outs = [each.row.indicators[0] for each in self.rows if each.row.section is Section.EXIT_LONG]
            opposite = references.reverse(outs[0]) if len(outs) == 1 else ""
            self.side = Opening(Section.ENTRY_LONG)
            if opposite:
                self._append(Row(id="r", section=Section.ENTRY_LONG, indicators=(opposite,), operator=Operator.IS_TRUE), words)
            else:
                self.lost.append(words)
            return
        if found.expression == sayings.OTHERWISE:
            self.side = Opening(Section.EXIT_SHORT if self.side.section is Section.ENTRY_SHORT else Section.EXIT_LONG)
            self.place = (-1, -1)  # no condition of a list
        expression = references.resolve(found.expression, [one.row for one in self.rows], self.side.section)
        if not expression:
            if found.expression == sayings.OTHERWISE and self._leave_otherwise(words):
                return
            if found.expression == sayings.OTHERWISE:
                self.otherwise.append(words)
            elif found.expression != conditions.SKIP:
                self.lost.append(words)
            return
        expression = references.take_over_lengths(references.take_over_subject(expression, words, self.rows), words, self.lengths)
        if self.part:
            cells = (expression, self.part)
            self._append(Row(id="r", section=Section.RISK, indicators=("partial_exit",), operator=Measure.WHEN, thresholds=cells), words)
            self.part = ""
        elif self.side.share:
            self._resize(expression, words)
        elif self.side.held:
            self._hold(expression, words)
        else:
            mine = [each for each in self.rows if each.row.section is self.side.section]
            self._place(found, shape(expression, words, between, mine, self.side.section, self.text), words, between)

    def _leave_otherwise(self, words: str) -> bool:
        """`When A and B, otherwise cash`; tells whether that says anything."""
        outs = find_otherwise([each.row for each in self.rows], self.side.section)
        for place, told in enumerate(outs):
            group = chr(ord("A") + place)
            self._append(Row(id="r", section=self.side.section, group=group, indicators=(told,), operator=Operator.IS_TRUE), words)
        return bool(outs)

    def _resize(self, expression: str, words: str) -> None:
        """`Half size when A and B`: one row, a choice of two sizes."""
        if self.sized:
            self.rows.pop()
        self.sized.append(expression)
        resized = resize(self.rows, self.side.share, " and ".join(self.sized))
        if resized is None:
            self.lost.append(words)
            return
        self.rows = [each for each in self.rows if each.row is not resized.whole]
        self.resized = f"{self.side.share}|{' and '.join(self.sized)}" if resized.whole is None else self.resized
        self._append(resized.row, words)

    def _hold(self, expression: str, words: str) -> None:
        """`Stay long as long as A and B`: in while both hold, out as soon as one does not."""
        if self.held_first:
            self._append(Row(id="r", section=Section.ENTRY_LONG, indicators=(expression,), operator=Operator.IS_TRUE), words)
        mine = [each.row.group for each in self.rows if each.row.section is Section.EXIT_LONG]
        group = chr(ord(max(mine)) + 1) if mine else "A"
        row = Row(id="r", section=Section.EXIT_LONG, group=group, indicators=(negate(expression),), operator=Operator.IS_TRUE)
        self._append(row, words)

    def _place(self, found: Found, expression: str, words: str, between: str) -> None:
        section = self.side.section
        if section in ENTRIES and OF_TRADE.match(expression) and not self._has_rule("pyramiding"):
            self.lost.append(words)
            return
        either = self.any_of or re.search(r"\bor\b|/", between, re.IGNORECASE) is not None
        if self.quorum:
            expression, words = self._add_to_several(expression, words, between)
            either = False
        if self.side.negated and self.side.section is Section.FILTER:
            self._forbid(found, expression, words, either=either)
            return
        if section in ENTRIES and NEXT_BAR.match(words):
            self.rows = put_back_sentence(self.rows, section, self.group, self.text, words)
        mine = [each for each in self.rows if each.row.section is section]
        if returned := references.find_return(expression, words, mine):
            self.rows.remove(returned)
            expression = references.cross(expression)
        if mine and either and section is Section.FILTER and not (self.place[0] >= 0 and read_joiners(between)):
            last = self.rows.pop()
            expression, words = f"{last.row.indicators[0]} or {expression}", f"{last.words}{between}{words}"
        elif mine and either:
            self.group = chr(ord(max(each.row.group for each in mine)) + 1)
        exclusion = found.filters or (re.match(CALENDAR, expression) and "!=" in expression)
        place = Section.FILTER if exclusion else section
        group = "A" if place is Section.FILTER else self.group
        row = Row(id="r", section=place, group=group, indicators=(expression,), operator=Operator.IS_TRUE, within=found.within)
        self._append(row, words, guessed=references.is_guessed(expression, words))

    def _add_to_several(self, expression: str, words: str, between: str) -> tuple[str, str]:
        """`At least two of A, B and C`: one row that says which of them must hold together."""
        last = self.rows.pop() if self.several else None
        self.several.append(expression)
        together = [" and ".join(some) for some in combinations(self.several, min(self.quorum, len(self.several)))]
        told = " or ".join(f"({each})" for each in together) if len(together) > 1 else together[0]
        return told, f"{last.words}{between}{words}" if last else words

    def _forbid(self, found: Found, expression: str, words: str, *, either: bool) -> None:
        """`Unless A and B`: both together must not be; `unless A or B`: neither may be."""
        if found.within > 1:
            expression = f"count({expression}, {found.within}) >= 1"
        if self.forbidden and not either:
            self.rows = [each for each in self.rows if each.row.indicators[0] != negate(" and ".join(self.forbidden))]
            self.forbidden.append(expression)
            told = negate(" and ".join(self.forbidden))
        else:
            self.forbidden = [expression]
            told = negate(expression)
        self.place = (-1, -1)  # what joins words that are refused says the opposite of them
        place = self.side.of
        groups = sorted({each.row.group for each in self.rows if each.row.section is place}) if place else []
        for group in groups or ["A"]:
            row = Row(id="r", section=place or Section.FILTER, group=group, indicators=(told,), operator=Operator.IS_TRUE)
            self._append(row, words)

    def finish(self) -> tuple[ProposedRow, ...]:
        """The rows without those that say what an earlier one says; what contradicts an earlier one is lost, and named."""
        setups = self.in_setup or self.setup != "A"
        self.rows, self.remarks = group_conditions(self.text, self.rows, (Section.FILTER,) if setups else SECTIONS)
        self.rows, remarks = part_repeated_orders(self.text, self.rows)
        self.remarks += remarks
        self.rows, lost = put_on_sides(self.text, self.rows)
        self.lost += lost
        if self.mirrored:
            self.rows, lost = turn_around(self.rows, self.mirrored)
            self.lost += lost
        self.rows = share_with_both(self.rows, self.before)
        for read in (sell_the_other_side, start_trails):
            self.rows, remarks = read(self.rows)
            self.remarks += remarks
        short = self.opened.intersection(ENTRIES) == {Section.ENTRY_SHORT}
        self.rows = follow_orders(self.text, sell_first(self.text, self.rows), short=short)
        if not any(self._has(entry) for entry in ENTRIES) and not self.partly:
            self.rows = enter_by_filters(self.text, self.rows)
        self.lost += [] if any(self._has(exit_) for exit_ in EXITS) else self.otherwise
        self.rows = savings.buy_again(savings.save_up(put_together(self.rows)))
        self.rows = write_sizes(join_alternatives(self.text, stop_both_sides(write_prices(sell_next_morning(self.rows)))), self.resized)
        kept, lost = drop_repeated(ask_on_day(self.rows, *self.checked))
        self.lost += lost
        return kept

    def _has_rule(self, name: str) -> bool:
        return any(each.row.indicators == (name,) for each in self.rows)


def build_rows(text: str, found: list[Found]) -> tuple[tuple[ProposedRow, ...], tuple[str, ...], tuple[str, ...]]:
    """Build the rows of a text, name the words that were understood but say nothing here, and say how others were read."""
    builder = RowBuilder(text)
    for each in found:
        builder.add(each)
    if count_setups(found) > 1:
        builder.rows, lost = keep_to_setups(builder.rows, builder.told_in)
        builder.lost += lost
    rows = builder.finish()
    return rows, tuple(builder.lost), tuple(builder.remarks)
