"""The text of a program of the compiler's own, as a shape and its numbers: programs that differ in their numbers alone share the shape.

Here: which lines may differ, and what they say. Nothing is run, and nothing of a program is understood.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

_PARAM = re.compile(r"        ([a-z_]\w*)=(-?[0-9][0-9.e+-]*),  # [^\r\f]*")
_COMMENT = re.compile(r" *#[^\r\f]*")
Number = int | float


@dataclass(frozen=True, slots=True)
class ProgramText:
    """A program's lines, and those of them that another program of its shape may have otherwise."""

    lines: tuple[str, ...]
    comments: frozenset[int]
    """Places of lines that are comments and nothing else."""
    entries: Mapping[int, str]
    """By the place of a line: the entry of `params` that it sets."""

    @classmethod
    def read(cls, code: str, entries: Mapping[int, str], commented: Iterable[range]) -> "ProgramText":
        """Read a program whose `entries` stand on these lines, and which has comments among the `commented` ones.

        Raises ValueError when it is not written the compiler's way.
        """
        lines = tuple(code.split("\n"))
        for place, name in entries.items():
            found = _PARAM.fullmatch(lines[place])
            if found is None or found[1] != name:
                raise ValueError(f"the entry {name} of params does not stand on a line of its own")
        return cls(lines, frozenset(_find_comments(lines, commented)), dict(entries))

    def read_numbers(self, code: str) -> dict[str, Number] | None:
        """Read the numbers of a program of this shape; None for a program of another one.

        A comment in place of a comment, and a number in place of a number, change nothing else of what Python reads.
        """
        lines = code.split("\n")
        if len(lines) != len(self.lines):
            return None
        numbers: dict[str, Number] = {}
        for place, (own, other) in enumerate(zip(self.lines, lines, strict=True)):
            if (name := self.entries.get(place)) is not None:
                found = _PARAM.fullmatch(other)
                if found is None or found[1] != name or (number := _read_number(found[2])) is None:
                    return None
                numbers[name] = number
            elif own != other and not (place in self.comments and _COMMENT.fullmatch(other)):
                return None
        return numbers


def _read_number(text: str) -> Number | None:
    try:
        return int(text)
    except ValueError:
        pass
    try:
        return float(text)
    except ValueError:
        return None


def _find_comments(lines: tuple[str, ...], among: Iterable[range]) -> Iterable[int]:
    for places in among:
        for place in places:
            if _COMMENT.fullmatch(lines[place]) and not (place and lines[place - 1].endswith("\\")):
                yield place
