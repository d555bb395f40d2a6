"""Texts with values in them: they do nothing when they are made, if their formats take whatever the values may be. No Backtrader here."""

import ast
import math
from collections.abc import Callable, Sequence
from typing import Any

from core.backtest.wake_known import SAMPLES, TEXT, Known, Opaque, Series
from core.backtest.wake_trace import PLAIN, Trace, UnknownError, apply_surely, keep_typed


def read_text(trace: Trace, expression: ast.JoinedStr, evaluate: Callable[[ast.expr], Known]) -> Opaque:
    """A text with braces. Raises UnknownError where it may fail to be made."""
    for part in expression.values:
        if isinstance(part, ast.FormattedValue):
            spec = ast.unparse(part.format_spec)[2:-1] if part.format_spec is not None else ""
            samples = _sample(trace, evaluate(part.value))
            if "{" in spec or (part.conversion >= 0 and spec):
                raise UnknownError
            for sample in samples:
                apply_surely(format, sample, spec) if part.conversion < 0 else None
    return Opaque(TEXT)


def fill_text(trace: Trace, apply: Callable[..., str], values: Sequence[Known]) -> Opaque:
    """A text that is made of values. Raises UnknownError where it may fail to be made."""
    samples = [_sample(trace, one) for one in values]
    for place in range(max(map(len, samples), default=1)):
        apply_surely(apply, *(each[min(place, len(each) - 1)] for each in samples))
    return Opaque(TEXT)


def _sample(trace: Trace, value: Known) -> tuple[Any, ...]:
    """Values such as this one may be, the odd ones among them. Raises UnknownError for what is no plain one."""
    if isinstance(value, Series):
        return (1.5, -math.inf, math.nan)
    if isinstance(value, Opaque):
        return SAMPLES[value.kind]
    if type(value.what) not in PLAIN:
        raise UnknownError
    trace.note(value.origin, keep_typed, keep_typed(value.what))
    return (value.what,)
