"""Conditions that `and`, `or`, commas and brackets join: which of them are asked together, and which each alone."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from core.domain.workflow import Operator, Section
from core.language.phrases.fillers import FILLERS
from core.language.phrases.found import ProposedRow

EXITS = (Section.EXIT_LONG, Section.EXIT_SHORT)
SECTIONS = (Section.ENTRY_LONG, Section.ENTRY_SHORT, *EXITS, Section.FILTER)
TOKEN = re.compile(r"[(),&|/+]+?|[\w'’%$<>=.-]+|\S")
JOINERS = {"and": "and", "&": "and", "plus": "and", "with": "and", "but": "and", "while": "and", "or": "or", "|": "or", "/": "or"}
SAYING = ("after", "before", "until", "then", "otherwise", "exit", "sell", "buy", "enter", "long", "short", "out", "go", "once")
SILENT = FILLERS - {*SAYING, "when", "if"}
ASKING = ("when", "if", "once", "whenever")
"""Words that a condition may begin with; they say nothing between two of them."""


@dataclass(frozen=True, slots=True)
class Joined:
    """A condition, or several that one word joins."""

    word: str
    """`and` or `or`; empty for a condition alone."""
    parts: tuple["Joined", ...] = ()
    row: ProposedRow | None = None

    def say(self) -> str:
        """Say in words how conditions belong together, with brackets around those of another word."""
        if self.row is not None:
            return re.sub(r"^(?:and|or|but)\s+", "", self.row.words, flags=re.IGNORECASE)
        told = [(part, part.say()) for part in self.parts]
        return f" {self.word} ".join(
            f"({words})" if part.word or TYPED.search(re.sub(r"\bbetween \S+ and", "", words, flags=re.I)) else words
            for part, words in told
        )

    def write(self) -> str:
        """Write one expression for all of it."""
        if self.row is not None:
            told = self.row.row.indicators[0]
            return f"count({told}, {self.row.row.within}) >= 1" if self.row.row.within > 1 else told
        return f" {self.word} ".join(f"({told})" if _is_joined(told := part.write(), self.word) else told for part in self.parts)

    def list_rows(self) -> list[ProposedRow]:
        """List the conditions in reading order."""
        return [self.row] if self.row is not None else [row for part in self.parts for row in part.list_rows()]


def _is_joined(expression: str, word: str) -> bool:
    return re.search(r" or " if word == "and" else r" (?:or|and) ", expression) is not None


TYPED = re.compile(r"[\w)%] (?P<word>and|or) [\w(]", re.IGNORECASE)
"""A joining word inside what was read as one condition."""


def group_conditions(text: str, rows: Sequence[ProposedRow], sections: Sequence[Section] = SECTIONS) -> tuple[list[ProposedRow], list[str]]:
    """Put conditions into the groups that the words between them ask for, and say it where these words leave a doubt.

    `A, B or C` is any of them. `and` binds more than `or`, except behind a comma: `A or B, and C`. Brackets and `either` count. Of a
    list of entry conditions all must hold; each condition of a list of ways out is one.
    """
    kept, remarks = list(rows), []
    for section in sections:
        mine = [each for each in kept if each.row.section is section]
        for opening in sorted({each.opening for each in mine}):
            listed = [each for each in mine if each.opening == opening]
            runs = _list_runs(text, listed)
            items = [_join(text, run) for run in runs]
            known = [item for item in items if item is not None]
            if len(known) != len(items) or not known:
                continue
            remarks += [f"read as {item.say()}" for item in known if item.word and _mixes(item)]
            whole = known[0] if len(known) == 1 else _join_list(text, known, section)
            if whole is not None and whole.word:
                before = {each.row.group for each in listed}
                kept = _regroup(kept, listed, whole, section)
                if len(known) > 1 and section in EXITS and whole.word == "or" and len(before) < len(whole.parts):
                    remarks.append(f"each of these is a way out: {'; '.join(part.say() for part in whole.parts)}")
    return kept, [*remarks, *(f"read as {told}" for each in rows if (told := _say_typed(each)))]


ALL = re.compile(r"\b(?:all|both|together)\b[^.;]{0,40}$", re.IGNORECASE)
ANY = re.compile(r"\b(?:any(?: one)?|either|at least one)\b[^.;]{0,30}:\W*$", re.IGNORECASE)
ENDS = re.compile(r"[.;:!?](?:\s|$)")
ALSO = re.compile(r"[.;:!?]\s*(?:or|alternatively)\b", re.IGNORECASE)
ASKED = re.compile(r"\b(?:must|has to|have to|needs? to|and|should)\b", re.IGNORECASE)


def _join_list(text: str, items: Sequence[Joined], section: Section) -> Joined | None:
    """Join the conditions of a list, each in a sentence or line of its own; None where something else stands between them."""
    rows = [item.list_rows() for item in items]
    gaps = [text[one[-1].place[1] : other[0].place[0]] for one, other in pairwise(rows)]
    said = [one.row.indicators for listed in rows for one in listed]
    if not all(ENDS.search(gap) for gap in gaps) or any(said.count(one) > 1 for one in said):
        return None
    ahead = text[max(0, rows[0][0].place[0] - 40) : rows[0][0].place[0]]
    leaves = (section in EXITS or (section is not Section.FILTER and ANY.search(ahead) is not None)) and not ALL.search(
        ENDS.split(text[: rows[0][0].place[0]])[-1]
    )
    leaves = leaves and not ALL.search(ahead)
    words = ["or" if ALSO.search(gap) or (leaves and not ASKED.search(gap)) else "and" for gap in gaps]
    return _group(list(items), words)


MIXED = re.compile(r"\band\b.*\bor\b|\bor\b.*\band\b", re.IGNORECASE)


def _say_typed(each: ProposedRow) -> str:
    """Say how a condition that was typed with `and` beside `or` is grouped; empty where it is not, or where brackets say it."""
    plain = re.sub(r"\w\([^()]*\)", "", each.words)
    if each.row.operator is not Operator.IS_TRUE or re.search(r"\bbetween\b|[()]", plain, re.IGNORECASE) or not MIXED.search(plain):
        return ""
    parts = [f"({part})" if re.search(r"\band\b", part, re.IGNORECASE) else part for part in re.split(r" or ", each.words, flags=re.I)]
    return " or ".join(parts) if len(parts) > 1 else ""


def _list_runs(text: str, rows: Sequence[ProposedRow]) -> list[list[ProposedRow]]:
    """List the runs of conditions that follow each other with nothing but joining words between them; none beside any other row."""
    runs: list[list[ProposedRow]] = []
    for each in sorted(rows, key=lambda one: one.place):
        if each.row.operator is not Operator.IS_TRUE or each.place[0] < 0:
            return []
        last = runs[-1][-1] if runs else None
        if last is not None and last.place[1] <= each.place[0] and read_joiners(_read_gap(text, last, each)):
            runs[-1].append(each)
        else:
            runs.append([each])
    return runs


def _read_gap(text: str, one: ProposedRow, other: ProposedRow) -> str:
    """Read the words between two conditions, with the joining word that the second may begin with: `and falling`."""
    led = re.match(r"(?:and|or|but)\b", text[other.place[0] :], re.IGNORECASE)
    return text[one.place[1] : other.place[0] + (led.end() if led else 0)]


def read_joiners(between: str) -> list[str]:
    """Read the words between two conditions; none where they say something else, or nothing of how these are joined."""
    found: list[str] = []
    for token in TOKEN.findall(between.lower()):
        if token in JOINERS:
            found.append(JOINERS[token])
        elif token in ("(", ")", ",", "either"):
            found.append(token)
        elif token not in SILENT and token not in ASKING:
            return []
    return found if any(token in ("and", "or", ",") for token in found) else []


def _join(text: str, run: Sequence[ProposedRow]) -> Joined | None:
    """Join the conditions of a run; None where brackets do not fit, or where only commas stand between."""
    if len(run) == 1:
        return Joined("", row=run[0])
    before = text[: run[0].place[0]]
    tokens: list[str | Joined] = ["("] if re.search(r"\(\s*$", before) else ["either"] if re.search(r"\beither\s*$", before, re.I) else []
    for place, each in enumerate(run):
        tokens += read_joiners(_read_gap(text, run[place - 1], each)) if place else []
        tokens.append(Joined("", row=each))
    tokens += [")"] if "(" in tokens and re.match(r"\s*\)", text[run[-1].place[1] :]) else []
    if tokens.count("(") != tokens.count(")"):
        tokens = [token for token in tokens if token not in ("(", ")")]
    return _Parser(tokens).read() if "and" in tokens or "or" in tokens else None  # commas alone are read as their sentence says


class _Parser:
    """Reads a list of conditions and the words between them."""

    def __init__(self, tokens: Sequence[str | Joined]) -> None:
        self.tokens, self.at = list(tokens), 0

    def read(self) -> Joined | None:
        whole = self._read_list()
        return whole if self.at == len(self.tokens) else None

    def _peek(self) -> str:
        token = self.tokens[self.at] if self.at < len(self.tokens) else ")"
        return token if isinstance(token, str) else ""

    def _read_list(self, *, either: bool = False) -> Joined | None:
        parts, words = [self._read_one()], []
        while self._peek() in ("and", "or", ","):
            if either and self._peek() != "or" and "or" in words:
                break
            word = ""
            while self._peek() in ("and", "or", ","):
                word, self.at = f"{word} {self._peek()}".strip(), self.at + 1
            words.append(word)
            parts.append(self._read_one())
        known = [part for part in parts if part is not None]
        return _group(*_pair_patterns(known, _settle(words))) if len(known) == len(parts) else None

    def _read_one(self) -> Joined | None:
        token = self.tokens[self.at] if self.at < len(self.tokens) else ""
        self.at += 1
        if isinstance(token, Joined):
            return token
        if token == "either":
            return self._read_list(either=True)
        inside = self._read_list() if token == "(" else None
        if inside is not None and self._peek() == ")":
            self.at += 1
            return inside
        return None


def _settle(words: Sequence[str]) -> list[str]:
    """Give each comma the word that its list ends with: `A, B or C` is `A or B or C`; a comma before `and` stays one: `A or B, and C`."""
    told = {word.replace(", ", "") for word in words if word != ","}
    if told == {"or"}:
        return ["or"] * len(words)
    return [word if word != "," else ", and" if "or" in told else "and" for word in words]


PATTERN = re.compile(r"[a-z_]+|count\([a-z_]+, 1\)\[1\] == 1")
"""A pattern of bars, as a condition."""


def _pair_patterns(parts: list[Joined], words: list[str]) -> tuple[list[Joined], list[str]]:
    """`A hammer or a doji and RSI below 40`: two names that `or` joins are one condition, beside which the others hold."""
    place = 0
    while len(set(words)) > 1 and place < len(words):
        one, other = parts[place], parts[place + 1]
        alike = all(part.row is not None and PATTERN.fullmatch(part.row.row.indicators[0]) for part in (one, other))
        if alike and words[place] == "or":
            parts[place : place + 2], words = [Joined("or", (one, other))], [*words[:place], *words[place + 1 :]]
        else:
            place += 1
    return parts, words


def _group(parts: list[Joined], words: list[str]) -> Joined:
    """Group by the words between: the weakest first, a comma before `and` or `or` where both are there, then `or`, then `and`."""
    kinds = {word.removeprefix(", ") for word in words}
    if not words:
        return parts[0]
    if len(kinds) == 1:
        return _flatten(kinds.pop(), parts)
    weakest = next((kind for kind in (", or", ", and") if kind in words), "or")
    places = [place for place, word in enumerate(words) if word == weakest]
    edges = list(zip([0, *(place + 1 for place in places)], [*(place + 1 for place in places), len(parts)], strict=True))
    inner = tuple(_group(parts[start:end], words[start : end - 1]) for start, end in edges)
    return _flatten(weakest.removeprefix(", "), inner)


def _flatten(word: str, parts: Sequence[Joined]) -> Joined:
    return Joined(word, tuple(one for part in parts for one in (part.parts if part.word == word else (part,))))


def _mixes(joined: Joined) -> bool:
    """Tell whether `and` and `or` stand side by side, so that a reader may group them otherwise."""
    told = [part for part in joined.parts if part.word]
    own = [part.row for part in joined.parts if part.row is not None]
    typed = {word.lower() for row in own for word in TYPED.findall(re.sub(r"\bbetween \S+ and", "", row.words, flags=re.I))}
    return bool(typed - {joined.word}) or any(part.word != joined.word or _mixes(part) for part in told)


def _regroup(rows: list[ProposedRow], run: list[ProposedRow], joined: Joined, section: Section) -> list[ProposedRow]:
    """Put the rows of a run into the groups that it asks for; what is an alternative inside a group becomes one row."""
    if section is Section.FILTER:
        wanted = [joined.parts if joined.word == "and" else (joined,)]
    else:
        wanted = [part.parts if part.word == "and" else (part,) for part in (joined.parts if joined.word == "or" else (joined,))]
    letters = sorted({each.row.group for each in run})
    new: list[ProposedRow] = []
    for place, parts in enumerate(wanted):
        letter = chr(ord(letters[0]) + place)
        new += [_write_row(part, letter) for part in parts]
    told = [(each.row.group, each.row.indicators, each.row.within) for each in sorted(run, key=lambda one: one.place)]
    if told == [(each.row.group, each.row.indicators, each.row.within) for each in new]:
        return rows
    moved = len(wanted) - len(letters)
    first = next(place for place, each in enumerate(rows) if each in run)
    kept: list[ProposedRow] = []
    for place, each in enumerate(rows):
        kept += new if place == first else []
        if each not in run:
            later = each.row.section is section and each.row.group > letters[-1] and section is not Section.FILTER
            kept.append(replace(each, row=each.row.changed(group=chr(ord(each.row.group) + moved))) if later else each)
    return kept


def _write_row(part: Joined, letter: str) -> ProposedRow:
    told = part.list_rows()
    if len(told) == 1:
        return replace(told[0], row=told[0].row.changed(group=letter))
    place = (told[0].place[0], told[-1].place[1])
    row = told[0].row.changed(group=letter, indicators=(part.write(),), within=1)
    return replace(told[0], row=row, words=part.say(), place=place)
