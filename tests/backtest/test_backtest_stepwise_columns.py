"""Stepwise indicators come out in bulk as they do bar by bar, to the bit; a class that is not known is stepped."""

import ast
import copy
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from backtest_cases import walk

from core.backtest.indicator_columns import IndicatorComputer
from core.backtest.program_shape import ProgramShape, read_program
from core.backtest.stepwise_columns import BASE
from core.domain.bars import Bars
from core.language import compile_workflow

sys.path.append(str(Path(__file__).parents[1] / "language"))
from causality import BASE as TRADING_ROWS
from causality import list_indicators
from workflow_runs import workflow

INDICATORS = list_indicators()
COUNT = 160
BARS = walk(COUNT, seed=5)
STILL = np.full(COUNT, 10.0)
FLAT = replace(BARS, open=STILL, high=STILL, low=STILL, close=STILL, volume=np.zeros(COUNT))
STEPPED = frozenset(
    (
        *("aroon", "bearish_divergence", "bullish_divergence", "camarilla", "gap", "last_month", "last_week", "opening_range"),
        *("pivot_points", "previous_swing_high", "previous_swing_low", "psar", "retracement", "swing_high_line", "swing_low_line"),
        *("this_month", "this_week", "today", "vwap", "yesterday"),
    )
)
"""Indicators that read a date or hand a line on, and so have to stand on their bar."""


def make_code(rows: list[dict[str, object]]) -> str:
    return compile_workflow(workflow(*TRADING_ROWS, *rows))


def compute(shape: ProgramShape, code: str, bars: Bars) -> tuple[dict[str, dict[str, bytes]], int]:
    """All lines of the program's indicators, and how often one had to be stepped."""
    computer = IndicatorComputer(shape, bars)
    made = computer.compute(shape.text.read_numbers(code) or {})
    return {name: {line: values.tobytes() for line, values in one.lines.items()} for name, one in made.items()}, computer.stepwise.stepped


def hide_base(shape: ProgramShape) -> ProgramShape:
    """The same program, whose base moves its lines in words that are not known."""
    classes = copy.deepcopy(shape.classes)
    for one in classes:
        if isinstance(one, ast.ClassDef) and one.name == BASE:
            next(part for part in one.body if isinstance(part, ast.FunctionDef) and part.name == "replay").body.append(
                ast.Pass(lineno=1, col_offset=0)
            )
    return replace(shape, classes=classes)


@pytest.mark.parametrize("name", INDICATORS)
def test_an_indicator_is_the_same_in_bulk_and_stepped(name: str) -> None:
    code = make_code(INDICATORS[name])
    shape = read_program(code)

    for bars in (BARS, FLAT):
        in_bulk, stepped = compute(shape, code, bars)

        assert in_bulk == compute(hide_base(shape), code, bars)[0]
        assert bool(stepped) == (name in STEPPED)
