"""Turns what Python and Backtrader raise into words, a line of the strategy and a hint with the real names."""

import traceback
from types import TracebackType

from core.backtest.faults import StrategyFaultError
from core.backtest.module import FILENAME
from core.domain.backtest import CodeFault

_MOST = 1_000


def translate(error: BaseException, code: str) -> CodeFault:
    """What went wrong in the code, as its author can act on it: the strategy's own line, a clean message, a hint."""
    line = _line(error)
    if isinstance(error, StrategyFaultError):
        return CodeFault(message=error.message, line=line, hint=error.hint, kind="StrategyFault")
    return CodeFault(message=_words(error), line=line, kind=type(error).__name__)


def _line(error: BaseException) -> int | None:
    if isinstance(error, SyntaxError) and error.filename == FILENAME:
        return error.lineno
    return _innermost(error.__traceback__)


def _innermost(trace: TracebackType | None) -> int | None:
    lines = [number for frame, number in traceback.walk_tb(trace) if frame.f_code.co_filename == FILENAME]
    return lines[-1] if lines else None


def _words(error: BaseException) -> str:
    text = str(error).strip()
    name = type(error).__name__
    return f"{name}: {text}"[:_MOST] if text else name
