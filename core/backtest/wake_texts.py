"""Texts with values in them: they do nothing when they are made, if their formats take whatever the values may be. No Backtrader here."""

import ast
from collections.abc import Callable, Sequence
from typing import Any

from core.backtest.wake_known import OF_BARS, SAMPLES, TEXT, Known, Opaque, Series, read_spec
from core.backtest.wake_trace import PLAIN, Trace, UnknownError, apply_surely, keep_typed


def read_text(trace: Trace, expression: ast.JoinedStr, evaluate: Callable[[ast.expr], Known]) -> Opaque:
    """A text with braces. Raises UnknownError where it may fail to be made."""
    for part in expression.values:
        if isinstance(part, ast.FormattedValue):
            spec = read_spec(part.format_spec)
            for sample in _sample(trace, evaluate(part.value)):
                apply_surely(format, sample if part.conversion < 0 else repr(sample), spec)
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
        return OF_BARS
    if isinstance(value, Opaque):
        return SAMPLES[value.kind]
    if type(value.what) not in PLAIN:
        raise UnknownError
    trace.note(value.origin, keep_typed, keep_typed(value.what))
    return (value.what,)
