"""Writers of pandas that need a file or a library which is not here: they forget, and tables for Markdown are made by hand."""

import os
from collections.abc import Callable
from typing import Any

_WRITERS = ("to_excel", "to_parquet", "to_feather", "to_hdf", "to_stata", "to_orc", "to_sql", "to_gbq", "to_clipboard")
"""Methods of a table that need a library, a file or a machine that is not here."""


def install(pandas: Any, remember: Callable[[Any], object]) -> None:
    """Replace them in the process that is about to run a strategy; `remember` is told each file's name."""
    for kind in (pandas.DataFrame, pandas.Series):
        for name in _WRITERS:
            if hasattr(kind, name):
                setattr(kind, name, _write_nowhere(remember))
        kind.to_pickle = _pickle_nowhere(kind.to_pickle, remember)
        kind.to_markdown = to_markdown
    pandas.ExcelWriter = _make_workbook(remember)


def to_markdown(table: Any, buf: Any = None, mode: str = "wt", index: bool = True, **options: Any) -> str | None:
    """A table as Markdown; options of the library that would draw it are left out."""
    frame = table.to_frame() if hasattr(table, "to_frame") and not hasattr(table, "columns") else table
    head = [*([""] if index else []), *map(str, frame.columns)]
    rows = [[*([str(label)] if index else []), *map(str, row)] for label, row in zip(frame.index, frame.to_numpy().tolist(), strict=True)]
    lines = [head, ["---"] * len(head), *rows]
    text = "\n".join(f"| {' | '.join(cells)} |" for cells in lines)
    if hasattr(buf, "write"):
        buf.write(text)
        return None
    return text


def _write_nowhere(remember: Callable[[Any], object]) -> Callable[..., None]:
    def write(table: Any, target: Any = None, *args: Any, **options: Any) -> None:
        if isinstance(target, str | os.PathLike):
            remember(target)

    return write


def _pickle_nowhere(original: Callable[..., Any], remember: Callable[[Any], object]) -> Callable[..., Any]:
    def write(table: Any, path: Any, *args: Any, **options: Any) -> Any:
        if not isinstance(path, str | os.PathLike):
            return original(table, path, *args, **options)
        remember(path)
        return None

    return write


def _make_workbook(remember: Callable[[Any], object]) -> type:
    class Workbook:
        """A workbook whose sheets are forgotten."""

        def __init__(self, path: Any, *args: Any, **options: Any) -> None:
            self.sheets: dict[str, Any] = {}
            remember(path)

        def __enter__(self) -> "Workbook":
            return self

        def __exit__(self, *error: object) -> None:
            return

        def close(self) -> None:
            """Nothing is kept."""

        save = close

    return Workbook
