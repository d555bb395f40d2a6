"""A whole program as a user runs it, in the untrusted process: plain Backtrader, one file of bars, and the value that it prints last.

The file of bars is in memory: where a program opens the one name that it is told, it reads from there. Nothing that leaves is believed.
"""

import builtins
import io
import linecache
import math
import re
import sys
from types import ModuleType
from typing import Any

from core.domain.backtest import CodeFault
from core.sandbox import stand_ins, stock_library

MAIN = "__main__"
_FINAL = re.compile(r"final value (-?[\d.]+(?:e[+-]?\d+)?|nan|-?inf)\b")
_LONGEST_LINE = 400


class _LastLines(io.TextIOBase):
    """Keeps the last value that was printed and forgets the rest."""

    def __init__(self) -> None:
        self.final: float | None = None
        self._line = ""

    def writable(self) -> bool:
        """Take text."""
        return True

    def write(self, text: str) -> int:
        """Take text, line by line."""
        for part in str(text).splitlines(keepends=True):
            self._line = (self._line + part)[-_LONGEST_LINE:]
            if part.endswith("\n"):
                self._end_line()
        return len(text)

    def _end_line(self) -> None:
        if said := _FINAL.match(self._line):
            self.final = float(said.group(1))
        self._line = ""


def run_plain(code: str, bars: str, file: str) -> dict[str, Any]:
    """Run a program on the text of its file of bars; gives `final`, what it printed last, or `fault`."""
    printed = _LastLines()
    stand_ins.install()
    _serve_file(f"{file}.csv", bars)
    stock_library.install_stock()
    for name in [name for name in sys.modules if name.partition(".")[0] == "core"]:
        del sys.modules[name]  # the program finds nothing of the platform
    sys.argv = [f"{file}.py", f"{file}.csv"]
    sys.stdout = sys.stderr = printed
    module = ModuleType(MAIN)
    module.__file__ = f"{file}.py"
    sys.modules[MAIN] = module
    linecache.cache[module.__file__] = (len(code), None, code.splitlines(keepends=True), module.__file__)
    try:
        exec(compile(code, module.__file__, "exec"), vars(module))
    except BaseException as error:  # noqa: BLE001 - whatever a program raises, or how it leaves, is how it ended
        return {"final": None, "fault": _describe(error, module.__file__).model_dump(mode="json")}
    final = printed.final
    if final is None or not math.isfinite(final):
        return {"final": None, "fault": CodeFault(message="It printed no final value.").model_dump(mode="json")}
    return {"final": final, "fault": None}


def _serve_file(name: str, text: str) -> None:
    """Let the program read its bars under their name; every other file is what it is in the sandbox."""
    original = builtins.open

    def open_bars(file: Any, mode: str = "r", *args: Any, **kwargs: Any) -> Any:
        return io.StringIO(text) if file == name and mode in ("r", "rt") else original(file, mode, *args, **kwargs)

    builtins.open = io.open = open_bars


def _describe(error: BaseException, file: str) -> CodeFault:
    line, trace = None, error.__traceback__
    while trace is not None:
        line = trace.tb_lineno if trace.tb_frame.f_code.co_filename == file else line
        trace = trace.tb_next
    try:
        words = str(error)
    except BaseException:  # noqa: BLE001 - the exception's own text raises, and may raise anything
        words = "an exception that cannot be described"
    return CodeFault(message=f"{type(error).__name__}: {words}"[:_LONGEST_LINE], line=line, kind=type(error).__name__)
