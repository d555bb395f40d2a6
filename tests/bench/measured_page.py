"""The measured tables of docs/performance.md: each stands between two marks that name its benchmark, and is written whole or not at all."""

import os
from collections.abc import Iterable, Sequence
from datetime import date
from pathlib import Path

from rich.console import Console
from rich.table import Table
from rich.text import Text

PAGE = Path(__file__).parents[2] / "docs" / "performance.md"


class NotingConsole(Console):
    """A console that keeps what was printed, so that a page can have it too."""

    def __init__(self) -> None:
        super().__init__(width=150)
        self.noted: list[object] = []

    def print(self, *objects: object, **settings: object) -> None:  # type: ignore[override]
        """Print as every console, and keep it."""
        super().print(*objects, **settings)  # type: ignore[arg-type]
        self.noted.extend(objects)


def render_printed(printed: Iterable[object]) -> str:
    """Render tables and lines that were printed as the page's text, a blank line between them."""
    return "\n\n".join(_render_table(one) if isinstance(one, Table) else _plain(one) for one in printed)


def render_rows(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Render rows of cells as a table of the page.

    >>> print(render_rows(("way", "s"), [("plain | fast", "1.0")]))
    | way | s |
    |---|---|
    | plain \\| fast | 1.0 |
    """
    lines = [head, *rows]
    cells = ["| " + " | ".join(cell.replace("|", "\\|").replace("\n", " ") for cell in line) + " |" for line in lines]
    return "\n".join((cells[0], "|---" * len(head) + "|", *cells[1:]))


def describe_circumstances(command: str, load_before: float, *, load_behind: float | None = None) -> str:
    """Say by what a table was written, when, and how much else the machine had to do: without that nobody can read its seconds."""
    processors, load_behind = os.cpu_count() or 1, os.getloadavg()[0] if load_behind is None else load_behind
    shared = max(load_before, load_behind) > processors
    return (
        f"*Written by `{command}` on {date.today()}: {processors} processors, on which {load_before:.1f} processes wanted to run "
        f"when it began and {load_behind:.1f} when it ended."
        f"{' Wall times are those of whoever has to wait there: read the processor times.' if shared else ''}*"
    )


def write_block(page: Path, name: str, body: str) -> bool:
    """Put a text between the marks of that name; False, and the page as it was, where it has no such marks in their order."""
    text = page.read_text(encoding="utf-8")
    begin, end = (f"<!-- measured: {name} {word} -->" for word in ("begin", "end"))
    head, found, rest = text.partition(begin)
    _, closed, tail = rest.partition(end)
    if not found or not closed:
        return False
    part = page.with_name(f".{page.name}.{os.getpid()}.part")
    part.write_text(f"{head}{begin}\n{body.strip()}\n{end}{tail}", encoding="utf-8")
    part.replace(page)
    return True


def write_tables(console: Console, page: Path, name: str, command: str, load_before: float, body: str) -> None:
    """Write what a command of its own has measured, and say so where the page has no block for it."""
    if not write_block(page, name, f"{describe_circumstances(command, load_before)}\n\n{body}"):
        console.print(f"Not written: {page.name} has no block named {name}.")


def _render_table(table: Table) -> str:
    head = [_plain(column.header) for column in table.columns]
    rows = zip(*([_plain(cell) for cell in column.cells] for column in table.columns), strict=True)
    title = f"{_plain(table.title)}:\n\n" if table.title else ""
    return title + render_rows(head, rows)


def _plain(printed: object) -> str:
    """The words alone, without what colors them."""
    return Text.from_markup(printed).plain if isinstance(printed, str) else str(printed)
