"""Sentences that are read as a whole: what is done, on which conditions, joined by which words, with nothing left over.

Conditions and rules are those that the phrases and clauses found; here they are put together. A sentence in which a single word of a
meaning is left is not read at all, and the phrases keep what they found in it.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from core.domain.workflow import Section
from core.language.phrases import conditions, sayings
from core.language.phrases.fillers import FILLERS
from core.language.phrases.found import Found
from core.language.phrases.sides import Opening
from core.language.spoken.orders import Order, read_orders

SENTENCE = re.compile(r"[.;!?]+(?:\s+|$)")
FILLER = re.compile(
    r"(?:,|:|\b(?:the|an?|then|so|also|just|now|please|simply|basically|again|either|both|i|we|use|using|there|is|are|here|it's|my|well"
    r"|ok(?:ay)?)\b(?!['’]))",
    re.IGNORECASE,
)
"""Words between the parts of a sentence that say nothing there."""
OPENER = re.compile(
    r"(?:hi|hello|hey|dear)\b[^,.;:]{0,20}[,:] ?|(?:please |can you |could you )*(?:code|test|backtest|write|make|build|create)"
    r"(?: (?:me|up))?(?: (?:a|an"
    r"|the|this))?(?: (?:trading|simple|new))*(?: (?:strategy|system|bot|algorithm|rule))?(?: (?:for|on) (?:[A-Z]{2,6}|the \w+"
    r"|gold|bitcoin))?"
    r"(?: on the \d+[- ]?(?:hours?|min(?:ute)?s?|h|m) (?:time ?frame|chart))?(?: (?:that|which|where|in which it|to))?:?|(?:in "
    r"(?:his|her|the|this) (?:book"
    r"|article|paper|chapter) )?(?:he|she|the (?:author|book|article|paper)) (?:describes|recommends|suggests|advises|says"
    r"|proposes)(?: that)?"
    r"|(?:my|the|our|his|her|this|basic|main|whole|author's) ?(?:rule|plan|idea|strategy|system|approach|setup|method|signal)s? "
    r"(?:is|was)(?: (?:simple|this"
    r"|simply|basically|easy))?(?: to)?:?|what i do is:?|the way i trade (?:it|this) is:?|i (?:run|trade|use) this on [\w ]+? "
    r"(?:daily|hourly|weekly)\b",
    re.IGNORECASE,
)
"""Words that a description begins with."""
SUBORDINATE = re.compile(
    r"(?:(?:but|and|or) )?(?:(?:only|again|exactly|right|but|too|just|even) )*(?:if|when(?:ever)?|once|as soon as|(?:every|each"
    r"|any) time(?: that)?"
    r"|the (?:first |next )?(?:moment|instant|time)(?: that| when)?|upon|in case|provided(?: that)?|as long as|so long as|while"
    r"|with|given that"
    r"|where|on|at|whereas|until|till|for|in|by)\b",
    re.IGNORECASE,
)
FIRST = re.compile(r"(?:on )?the first (?:day|bar|time|close)(?: that| on which| when)? (?=it|the|price|rsi)", re.IGNORECASE)
"""Words that open the conditions of a way out alone: the first day on which they hold is the one on which it is left."""
WHILE = re.compile(r"(?:but )?(?:only )?(?:as long as|so long as|while|provided(?: that)?)\b", re.IGNORECASE)
JOIN = re.compile(
    r"(?:,? ?(?:and|but|plus|&)(?: (?:also|at the same time|then only|simultaneously|in addition))?|,? ?or(?: (?:else|also))?|,)(?= |\b)",
    re.IGNORECASE,
)
AGAIN = re.compile(r"(?:if|when|once|that|while|with|also|both|either|has|the)\b", re.IGNORECASE)
HEADING = re.compile(r"\s*(?:long|short|buy|sell)[- ](?:entry|entries|exits?)\b", re.IGNORECASE)
"""Headings whose two words are a side each for the phrases."""
DONE = frozenset(
    ["buy", "sell", "long", "short", "enter", "exit", "trade", "trades", "position", "setup", "first", "each", "every", "time"]
)
"""Words of the fillers that may say what is done, or when."""
BARE = re.compile(r"(?:above|below|over|under|closes (?:green|red|higher|lower))\b", re.IGNORECASE)
PRICE = re.compile(r"\b(?:the )?(?:price|it|candle|bar|market)(?: (?:closes|trades|is|breaks|gets|goes|comes)(?: back)?)? $", re.IGNORECASE)
"""Words for the price before a phrase that begins with the side on which it is."""
NAMED = re.compile(r"\s*(?:(?:at|on) )?(?:the|that|this|today's) close\b(?! (?:is|of|above|below))", re.IGNORECASE)
"""Words that are understood, but that no row can say: they stay named."""
MORE = re.compile(
    r"\s*(?:,? ?while|,? ?on(?= [^.,;]{0,25}volume)|,? ?with|,? ?provided(?: that)?|,? ?as long as|,? ?but only (?:if|when|while))\b",
    re.IGNORECASE,
)
BOTH = re.compile(r"\bshorts?\b", re.IGNORECASE)
LONGS = re.compile(r"\b(?:longs?|buy(?:s|ing)?|bought)\b", re.IGNORECASE)
NAME = re.compile(r"\s*[^:.;,]{3,60}: ")
"""Words before a colon: where nothing is said in them, the sentence behind them is read."""
SAID = re.compile(
    r"\b(?:if|when|once|unless|until|above|below|under|over|crosses|buys?|sells?|exits?|enters?|entry|entries|long|short|stop"
    r"|target|filter|at|on)\b|[<>%]",
    re.I,
)
TAIL = re.compile(
    r",? (?:if (?:it|that|this|neither|none of (?:it|that|these)|nothing)(?: has| of (?:that|the kind))?"
    r" (?:never |does not |doesn't |hasn't )?(?:does|do|happens?|happened|occurs?|hit)?(?: (?:first|before|by then))?|whichever "
    r"(?:comes|is|happens|occurs) (?:first|earlier"
    r"|sooner)|(?:and )?not before|no matter what)(?=\s*[.,;]|\s*$)",
    re.IGNORECASE,
)
"""Words behind two ways out that say nothing new."""
UNLESS = re.compile(r"\bunless$", re.IGNORECASE)
LEADS = re.compile(r"(?:at|on|after|above|below|(?:stock|share|etf|name|market|index)s? (?:that|which)) ", re.IGNORECASE)
"""Beginnings of conditions that follow an order without a word between."""
TOO = re.compile(r",? (?:and|&)(?: then)? ", re.IGNORECASE)
"""Words between two things that are done at once."""
BETWEEN = re.compile(r"\s*(?:,|;|:|-)?\s*(?:and then|and|but|then|or|otherwise)?\b", re.IGNORECASE)
"""Words between two things that a sentence says one after the other."""
LIMIT = 4_000
"""Steps after which a sentence is given up: none that is a sentence needs them."""


@dataclass(frozen=True, slots=True)
class _Part:
    """Something that was read: phrases in the order in which they say it, and the place behind them."""

    end: int
    told: tuple[Found, ...] = ()


def read_sentences(text: str, found: list[Found], atoms: list[Found]) -> list[Found]:
    """Put what is read from whole sentences in place of what the phrases found in them; `atoms` are further conditions to choose from."""
    told: list[Found] = []
    start = 0
    for end in [*(match.end() for match in SENTENCE.finditer(text)), len(text)]:
        inside = [each for each in found if start <= each.start < end]
        twice = {each.start for each in inside if each.side is not None} & {each.start for each in inside if each.side is None}
        whole = all(each.end <= end for each in inside) and not twice and not any(_is_special(each) for each in inside)
        read = (
            SentenceReader(text, start, end, inside, atoms).read()
            if whole and (HEADING.match(text, start) or _leaves_words(text, start, end, inside))
            else None
        )
        told += inside if read is None else read
        start = end
    return told


def _leaves_words(text: str, start: int, end: int, inside: list[Found]) -> bool:
    """Tell whether the phrases leave words of a sentence that say something."""
    left = ""
    for each in sorted(inside, key=lambda one: one.start):
        left += f" {text[start : each.start]}"
        start = max(start, each.end)
    left += f" {text[start:end]}"
    return any(word not in FILLERS or word in DONE for word in re.findall(r"[\w%$'’]+", left.lower()))


def _is_special(found: Found) -> bool:
    """Tell whether a phrase changes what stands around it, so that the order of the sentence is not all."""
    side = found.side
    return side is not None and (bool(side.share) or bool(side.setup) or side.behind or side.held)


class SentenceReader:
    """Reads one sentence, from left to right; the first way of reading all of it counts."""

    def __init__(self, text: str, start: int, end: int, found: list[Found], atoms: list[Found]) -> None:
        stop = SENTENCE.search(text, start)
        self.text, self.start = text, start
        self.end = min(end, stop.start() if stop else end)
        self.behind = end
        self.first = start
        self.steps = 0
        self.atoms: dict[int, list[Found]] = {}
        grown = [replace(each, start=self._grow(each.start)) for each in found if each.expression and BARE.match(text, each.start)]
        for each in [*grown, *found, *(one for one in atoms if start <= one.start and one.end <= end)]:
            if (each.expression or each.rule) and each not in self.atoms.setdefault(each.start, []):
                self.atoms[each.start].append(each)
        self.sides = {each.start: each for each in found if each.side is not None}

    def read(self) -> list[Found] | None:
        """The phrases of the sentence, in the order in which they say it; None where a word is left."""
        for start, covered in self._find_starts():
            self.first = self._skip(start)
            for part in self._read_units(self.first, None):
                if not any(each.side is not None for each in part.told):
                    return None  # the phrases know such sentences
                return [*covered, *part.told]
        return None

    def _find_starts(self) -> Iterator[tuple[int, tuple[Found, ...]]]:
        """The places at which the sentence may begin: behind greetings and names, and where it does."""
        place = self.start
        covered: tuple[Found, ...] = ()
        while True:
            opener = OPENER.match(self.text, self._blank(place))
            name = NAME.match(self.text, place)
            if opener is not None and opener.end() > self._blank(place):
                covered = (*covered, Found(*opener.span(), expression=conditions.SKIP))
                place = opener.end()
            elif name is not None and name.end() < self.end and not self._says(name):
                place = name.end()
            else:
                break
            yield place, covered
        yield self.start, ()

    def _says(self, name: re.Match[str]) -> bool:
        """Tell whether something is said in what looks like a name: `Friday close: sell`."""
        told = any(name.start() <= place < name.end() for place in (*self.atoms, *self.sides))
        return told or SAID.search(name.group()) is not None

    def _grow(self, at: int) -> int:
        match = PRICE.search(self.text[self.start : at])
        return self.start + match.start() if match else at

    def _skip(self, at: int) -> int:
        """The place behind words that say nothing."""
        while True:
            while at < self.end and self.text[at].isspace():
                at += 1
            match = FILLER.match(self.text, at)
            if match is None or match.end() > self.end or at in self.atoms or read_orders(self.text, at):
                return at
            at = match.end()

    def _is_done(self, at: int) -> bool:
        return not self.text[at : self.end].strip(" ,:.;!?)") or at >= self.end

    def _read_units(self, at: int, section: Section | None) -> Iterator[_Part]:
        """Read units up to the end of the sentence."""
        self.steps += 1
        if self._is_done(at):
            yield _Part(at)
            return
        if self.steps > LIMIT:
            return
        for unit, now in self._read_unit(at, section):
            tail = TAIL.match(self.text, unit.end)
            said = (Found(*tail.span(), expression=conditions.SKIP),) if tail else ()
            for place in self._after(tail.end() if tail else unit.end):
                for rest in self._read_units(place, now):
                    yield _Part(rest.end, (*unit.told, *said, *rest.told))

    def _after(self, at: int) -> Iterator[int]:
        """The places at which another unit may begin."""
        if self._is_done(at):
            yield at
            return
        match = BETWEEN.match(self.text, at)
        if match and match.group().strip():
            yield self._skip(match.end())
            yield self._blank(at + 1 if self.text[at : at + 1] == "," else at)

    def _read_unit(self, at: int, section: Section | None) -> Iterator[tuple[_Part, Section | None]]:
        """`If A, buy`, `buy if A`, `A: buy`, `Long entry: A`, a rule, or a statement."""
        for order, said, end in self._read_order(at):
            for conds in self._read_orders_conditions(order, end):
                yield _Part(conds.end, (*said, *conds.told)), order
            if at == self.first and self._is_done(end):
                yield _Part(end, said), order  # on the conditions that were told before
            if at == self.first and (named := NAMED.match(self.text, end)) and self._is_done(named.end()):
                yield _Part(named.end(), said), order
        if match := SUBORDINATE.match(self.text, at):
            for conds in self._read_conditions(match.end(), held=True):
                for unit, order in self._read_orders_behind(conds, self._skip(conds.end)):
                    if WHILE.match(match.group()) and len(unit.told) > len(conds.told) + 1:
                        unit = replace(
                            unit, told=(*self._open_filter(at, match.end()), *conds.told, unit.told[0], *unit.told[len(conds.told) + 1 :])
                        )
                    yield unit, order
        for rule in self._read_rules(at):
            yield rule, section
        for conds in self._read_conditions(at):
            yield from self._read_orders_behind(conds, self._skip(conds.end))

    def _read_orders_behind(self, conds: _Part, at: int) -> Iterator[tuple[_Part, Section]]:
        """Read what is done where conditions stand before it, which may be two things: `exit and go short`."""
        for order, said, end in self._read_order(at):
            opened = (*(replace(each, words=self._say(each)) for each in said), *conds.told)
            yield _Part(end, opened), order
            for more in self._read_orders_conditions(order, end):
                yield _Part(more.end, (*opened, *more.told)), order
            if match := TOO.match(self.text, end):
                for second, also, last in self._read_order(match.end()):
                    if second is not order:
                        yield _Part(last, (*opened, *(replace(each, words=self._say(each)) for each in also), *conds.told)), second

    def _say(self, found: Found) -> str:
        return found.words or self.text[found.start : found.end].strip(" ,.")

    def _read_order(self, at: int) -> Iterator[tuple[Section, tuple[Found, ...], int]]:
        """Read what is done at a place: by the words of orders, or by those that the phrases know."""
        orders = read_orders(self.text, at)
        if (known := self.sides.get(at)) is not None and known.side is not None and (not orders or known.side.section is Section.FILTER):
            yield known.side.section, (known,), known.end
            return
        for order in orders:
            if order.end <= self.end and order.refused:
                yield Section.FILTER, (Found(order.start, order.end, side=Opening(Section.FILTER, negated=True)),), order.end
            elif order.end <= self.end:
                section = _choose_section(order, self.text)
                yield section, self._write_order(order, section), order.end

    def _write_order(self, order: Order, section: Section) -> tuple[Found, ...]:
        side = Found(order.start, order.end, side=Opening(section))
        if order.part:
            return side, Found(order.start, order.end, expression=f"{sayings.PART}{order.part}")
        return (side,)

    def _read_orders_conditions(self, section: Section, at: int) -> Iterator[_Part]:
        """The conditions behind an order."""
        place = self._skip(at)
        leaves = section in (Section.EXIT_LONG, Section.EXIT_SHORT)
        match = FIRST.match(self.text, self._blank(at)) if leaves else None
        match = match or SUBORDINATE.match(self.text, self._blank(at)) or SUBORDINATE.match(self.text, place)
        begun = (
            match.end()
            if match
            else place
            if UNLESS.search(self.text, self.start, at) or self.text[at : at + 1] in ":=" or self.text[at : at + 2] == " :"
            else None
        )
        if begun is not None:
            for conds in self._read_conditions(begun, leaves=leaves):
                yield conds
                again = self._skip(conds.end)
                if not leaves and (more := WHILE.match(self.text, again)):
                    for behind in self._read_conditions(more.end()):
                        yield _Part(behind.end, (*conds.told, *self._open_filter(again, more.end()), *behind.told))
        yield from self._read_rules(place)
        if LEADS.match(self.text, place):
            yield from self._read_conditions(place, leaves=leaves)
        if match:
            yield from self._read_rules(self._skip(match.end()))

    def _read_rules(self, at: int) -> Iterator[_Part]:
        """The rules that begin at a place."""
        for each in self.atoms.get(at, ()):
            if each.rule:
                yield _Part(each.end, (each,))

    def _read_conditions(self, at: int, *, leaves: bool = False, joined: str = "", held: bool = False) -> Iterator[_Part]:
        """Conditions that are joined by one word: all of them, or one of them."""
        self.steps += 1
        if self.steps > LIMIT:
            return
        place = self._skip(at)
        for each in self.atoms.get(place, ()):
            if each.rule and not leaves:
                continue
            if each.expression.startswith(sayings.MARKS) and each.expression.startswith(conditions.SKIP):
                continue
            behind = each.end
            match = JOIN.match(self.text, self._blank(behind))
            if match is not None:
                word = "or" if re.search(r"\bor\b", match.group(), re.IGNORECASE) else "and" if match.group().strip() != "," else ","
                kind = joined if word == "," else word
                if not joined or kind == joined or joined == ",":
                    again = self._skip(match.end())
                    once = AGAIN.match(self.text, again)
                    for start in [again] if once is None else [again, self._skip(once.end())]:
                        for rest in self._read_conditions(start, leaves=leaves, joined=kind or ",", held=held):
                            yield _Part(rest.end, (each, *rest.told))
            more = MORE.match(self.text, behind) if joined != "or" else None
            more = None if more is not None and leaves and "only" in more.group() else more
            if more is not None:
                for rest in self._read_conditions(more.end(), leaves=leaves, joined="and"):
                    yield _Part(rest.end, (each, *(() if leaves or held else self._open_filter(more.start(), more.end())), *rest.told))
            yield _Part(behind, (each,))

    def _open_filter(self, start: int, end: int) -> tuple[Found, ...]:
        """`While B`, behind an entry: a filter, unless there is another side which it would keep out as well."""
        if BOTH.search(self.text) or re.search(r"\b(?:with|on)$", self.text[start:end], re.IGNORECASE):
            return ()
        return (Found(start, end, side=Opening(Section.FILTER)),)

    def _blank(self, at: int) -> int:
        while at < self.end and self.text[at].isspace():
            at += 1
        return at


def _choose_section(order: Order, text: str) -> Section:
    """The section of an order; one that enters without a side is taken for a long one, unless the text has nothing but shorts."""
    if order.enters:
        shorts = order.side == "short" or (not order.side and BOTH.search(text) and not LONGS.search(text))
        return Section.ENTRY_SHORT if shorts else Section.ENTRY_LONG
    return Section.EXIT_SHORT if order.side == "short" else Section.EXIT_LONG
