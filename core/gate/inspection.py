"""The static gate: reads strategy code without running it, takes out what cannot run here, and says early what will fail.

It is feedback for the author, in line numbers, and never the boundary: code that passes is as untrusted as before.
It never repairs a program; what pasting did to its text is undone first, and said. It touches no file, starts nothing, and does not
import Backtrader.
"""

import ast
from collections.abc import Iterable

from core.domain.annotation import Annotation, AnnotationCode
from core.domain.backtest import CodeFault
from core.domain.python_syntax import ignore_warnings, parse_module_tree
from core.domain.script_account import ScriptAccount
from core.domain.value import Value
from core.gate.checks import check_code
from core.gate.nested import move_to_margin
from core.gate.parsed_source import ParsedCode
from core.gate.pasted_files import join_files
from core.gate.pasted_text import undo_pasting
from core.gate.strip import strip_script
from core.gate.syntax_hints import suggest_remedy

MAX_CHARACTERS = 200_000
"""Characters; longer code is refused unread."""
_BYTE_ORDER_MARK = "\ufeff"
"""The byte order mark that some editors put in front of a text; Python allows it at the start of a file only."""

MAX_ANNOTATIONS = 200
"""Remarks that are handed on."""


class GateReport(Value):
    """The gate's findings on a piece of code."""

    code: str
    """The code to run: what cannot run here is blanked out, every remaining line keeps its number."""
    annotations: tuple[Annotation, ...] = ()
    """Remarks in the order of the lines."""
    account: ScriptAccount = ScriptAccount()
    """Cash and costs that a script sets for itself; the plan's count."""
    timeframe: str = ""
    """Length of the bars that a script makes its only feed with `resampledata()`; empty when it does not."""
    doubt: str | None = None
    """The reason why the code might reach a later bar in a run that has all of them; empty when it cannot, None when nobody looked."""

    @property
    def errors(self) -> tuple[Annotation, ...]:
        """Remarks that say that the run will certainly fail."""
        return tuple(remark for remark in self.annotations if remark.severity == "error")

    @property
    def fault(self) -> CodeFault | None:
        """The first error as the reason why the code is not run; None when it may run."""
        if not self.errors:
            return None
        first = self.errors[0]
        return CodeFault(message=first.message, line=first.line or None, hint=first.hint, kind="Gate")

    def describe_bars(self, used: str) -> tuple[str, ...]:
        """One sentence where the script makes longer bars its only feed: the run has them, or its own ones counted."""
        if not self.timeframe:
            return ()
        if self.timeframe == used:
            return (f"Run on bars of {self.timeframe}, which the script makes its only feed (resampledata).",)
        return (f"The script makes bars of {self.timeframe} its only feed (resampledata); the run's own bars of {used} count.",)

    @property
    def notes(self) -> tuple[str, ...]:
        """Everything that was taken out, read or left out, in words; warnings too where they are about the account."""
        told = (remark for remark in self.annotations if remark.severity == "info" or remark.code is AnnotationCode.FIGURES)
        return tuple(f"line {remark.line}: {remark.message}" for remark in told)


def inspect_code(code: str, *, instruments: int = 1) -> GateReport:
    """Look at code before it runs on so many instruments. Never raises, whatever the text is."""
    try:
        return _inspect_text(code, instruments)
    except (RecursionError, MemoryError):
        return _refuse(code, 0, "The code is nested too deeply to be read.", "Write it with fewer levels and shorter expressions.")


def _inspect_text(code: str, instruments: int) -> GateReport:
    code = code.lstrip(_BYTE_ORDER_MARK)
    if len(code) > MAX_CHARACTERS:
        return _refuse(
            code[:MAX_CHARACTERS], 0, f"The code is longer than {MAX_CHARACTERS:,} characters.", "Send the strategy class alone."
        )
    if "\0" in code.rstrip("\0"):
        line = code[: code.index("\0")].count("\n") + 1
        return _refuse(code, line, "The code holds a null character.", "Remove it; code is plain text.")
    try:
        code.encode("utf-8")
    except UnicodeEncodeError as error:
        line = code[: error.start].count("\n") + 1
        return _refuse(code, line, "The code holds a character that is no text (a lone surrogate).", "Remove it; code is plain text.")
    code, left_out = undo_pasting(code)
    try:
        tree = _parse(code)
    except SyntaxError as error:
        return _refuse(code, error.lineno or 0, f"This is not Python: {error.msg}.", suggest_remedy(code, error))
    except (ValueError, OverflowError) as error:
        return _refuse(code, 0, f"This is not Python: {error}.", "")
    joined = join_files(ParsedCode(code, tree))
    moved = move_to_margin(ParsedCode(joined.code, _parse(joined.code) if joined.remarks else tree))
    stripped = strip_script(ParsedCode(moved.code, _parse(moved.code)))
    checked = ParsedCode(stripped.code, _parse(stripped.code))
    remarks = (
        *left_out,
        *joined.remarks,
        *moved.remarks,
        *stripped.remarks,
        *([] if _has_error(moved.remarks) else check_code(checked, instruments=instruments)),
    )
    return GateReport(code=stripped.code, annotations=_select_annotations(remarks), account=stripped.account, timeframe=stripped.timeframe)


def _has_error(remarks: Iterable[Annotation]) -> bool:
    return any(remark.severity == "error" for remark in remarks)


def _select_annotations(remarks: Iterable[Annotation]) -> tuple[Annotation, ...]:
    """Each remark once, by line; of very many the most severe."""
    by_severity = sorted(dict.fromkeys(remarks), key=lambda remark: ("error", "warning", "info").index(remark.severity))
    return tuple(sorted(by_severity[:MAX_ANNOTATIONS], key=lambda remark: remark.line))


def _parse(code: str) -> ast.Module:
    with ignore_warnings():
        tree = parse_module_tree(code)
        compile(tree, "strategy.py", "exec", dont_inherit=True)  # finds what the parser lets pass: `return` outside a function
        return tree


def _refuse(code: str, line: int, message: str, hint: str) -> GateReport:
    text = code.encode("utf-8", "replace").decode("utf-8")
    return GateReport(code=text, annotations=(Annotation(line=line, severity="error", message=message, hint=hint),))
