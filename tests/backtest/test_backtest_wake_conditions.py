"""Conditions come from untrusted code: they are read strictly, and looking for one reads no bar behind the first that meets it."""

import datetime as dt
import json
import math
from collections.abc import Sequence
from typing import Any

import backtrader as bt
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.backtest.bar_source import to_rows
from core.backtest.wake_conditions import (
    FURTHEST_BACK,
    MOST_EXTREMES,
    MOST_NUMBERS,
    both,
    either,
    find_time_of_day,
    opposite,
    read_bounds,
    read_condition,
    read_numbers,
)
from core.backtest.wide_rows import LEAP_BYTES, WideRows, end_row, take_columns
from tests.backtest.backtest_cases import walk

LINES = 9
CLOSE, FIRST = ["line", 4, 0], ["line", 7, 0]
DEEP: Any = ["never"]
for _ in range(300):
    DEEP = ["not", DEEP]
WRONG = {
    "no text": "",
    "no JSON": "{",
    "a word": '"always"',
    "a number": "3",
    "nothing": "[]",
    "an object": "{}",
    "an unknown kind": ["import", "os"],
    "a kind that is none": [["<"], CLOSE, CLOSE],
    "a value for a truth": CLOSE,
    "a line that is not there": ["<", ["line", 9, 0], FIRST],
    "a line below the first": ["<", ["line", -1, 0], FIRST],
    "a line by a truth": ["<", ["line", True, 0], FIRST],
    "a line by its name": ["<", ["line", "close", 0], FIRST],
    "a line that is always empty": ["<", ["line", 6, 0], FIRST],
    "a later bar": ["<", ["line", 4, -1], FIRST],
    "a bar too long ago": ["<", ["line", 4, FURTHEST_BACK + 1], FIRST],
    "half a bar": ["<", ["line", 4, 0.5], FIRST],
    "too many numbers": ["<", CLOSE, ["number", MOST_NUMBERS]],
    "one side": ["<", CLOSE],
    "three sides": ["<", CLOSE, CLOSE, CLOSE],
    "a power": ["<", ["**", CLOSE, ["number", 0]], FIRST],
    "an empty join": ["and"],
    "one of a choice": ["<", ["max", CLOSE], FIRST],
    "code": ["<", ["line", "0] or __import__('os').system('x') or c0[", 0], FIRST],
    "a deep one": DEEP,
    "a large one": ["or", *[["<", CLOSE, FIRST]] * 70],
    "extremes of none": ["with extremes", [], ["always"]],
    "an extreme of another kind": ["with extremes", [["sum", ["number", 0], CLOSE, False]], ["always"]],
    "an extreme that starts with a line": ["with extremes", [["max", CLOSE, CLOSE, False]], ["always"]],
    "an extreme of a bar before": ["with extremes", [["max", ["number", 0], ["line", 4, 1], False]], ["always"]],
    "an extreme of the count": ["with extremes", [["max", ["number", 0], ["count"], False]], ["always"]],
    "an extreme of itself": ["with extremes", [["max", ["number", 0], ["extreme", 0], False]], ["always"]],
    "an extreme without an order": ["with extremes", [["max", ["number", 0], CLOSE, 1]], ["always"]],
    "too many extremes": ["with extremes", [["max", ["number", 0], CLOSE, False]] * (MOST_EXTREMES + 1), ["always"]],
    "an extreme that is not there": ["<", ["extreme", 0], CLOSE],
    "extremes within": ["not", ["with extremes", [["max", ["number", 0], CLOSE, False]], ["always"]]],
    "a long one": " " * 9_000 + '["always"]',
}


@pytest.mark.parametrize("name", WRONG)
def test_a_condition_that_cannot_be_is_refused(name: str) -> None:
    said = WRONG[name]
    with pytest.raises(ValueError, match=r"condition|value"):
        read_condition(said if isinstance(said, str) else json.dumps(said), LINES)


def test_the_time_of_day_is_the_one_that_backtrader_reads() -> None:
    moments = [
        bt.date2num(dt.datetime(2020, 2, 28) + dt.timedelta(days=day, seconds=second))
        for day in (0, 1, 2)
        for second in range(0, 86_400, 7)
    ]

    for moment in moments:
        time = bt.num2date(moment).time()
        assert find_time_of_day(moment) == ((time.hour * 60 + time.minute) * 60 + time.second) * 1_000_000 + time.microsecond


@pytest.mark.parametrize("said", [None, {}, "1", [1], [True], ["1.0"], [], [1.0] * (MOST_NUMBERS + 1)])
def test_numbers_that_are_none_are_refused(said: object) -> None:
    condition = read_condition(json.dumps(["<", CLOSE, ["number", 0]]), LINES)
    with pytest.raises(ValueError, match="numbers"):
        read_numbers(said, condition)


@pytest.mark.parametrize("said", [0, [], [1.0, 2.0], [1.0, 2.0, 3], [1.0, 2.0, None], "abc", {"rise": 1.0}])
def test_bounds_that_are_none_are_refused(said: object) -> None:
    with pytest.raises(ValueError, match="bounds"):
        read_bounds(said)


NUMBER = st.deferred(
    lambda: st.one_of(
        st.just(CLOSE),
        st.tuples(st.just("line"), st.sampled_from([0, 1, 5, 7, 8]), st.integers(0, 3)).map(list),
        st.just(["number", 0]),
        st.just(["number", 1]),
        st.just(["count"]),
        st.tuples(st.sampled_from(["+", "-", "*", "max", "min"]), NUMBER, NUMBER).map(list),
        st.tuples(st.sampled_from(["negative", "absolute"]), NUMBER).map(list),
        st.tuples(st.just("%"), NUMBER, st.just(["number", 1])).map(list),
        st.tuples(st.just("choose"), TRUTH, NUMBER, NUMBER).map(list),
        TRUTH,
    )
)
TRUTH: Any = st.deferred(
    lambda: st.one_of(
        st.tuples(st.sampled_from(["<", ">", "<=", ">=", "==", "!="]), NUMBER, NUMBER).map(list),
        st.tuples(st.sampled_from(["and", "or"]), TRUTH, TRUTH).map(list),
        st.tuples(st.just("not"), TRUTH).map(list),
        st.tuples(st.just("nonzero"), NUMBER).map(list),
        st.sampled_from([["always"], ["never"]]),
    )
)
VALUES = st.sampled_from([0.0, 1.0, 2.0, 2.5, -1.0, math.nan, math.inf])


def value_of(said: Any, bar: int, columns: Sequence[Sequence[float]], numbers: Sequence[float]) -> Any:
    """What a condition or a value says of a bar, without its text."""
    kind, parts = said[0], said[1:]
    if kind == "line":
        return columns[parts[0]][bar - parts[1]]
    if kind == "number":
        return numbers[parts[0]]
    if kind in ("always", "never", "count"):
        return {"always": True, "never": False, "count": bar + 1}[kind]
    found = [value_of(part, bar, columns, numbers) for part in parts]
    if kind in ("max", "min"):
        return {"max": max, "min": min}[kind](*found)
    one, other = found[0], found[1] if len(found) > 1 else None
    ways = {
        "+": lambda: one + other,
        "-": lambda: one - other,
        "*": lambda: one * other,
        "%": lambda: one % other,
        "negative": lambda: -one,
        "absolute": lambda: abs(one),
        "choose": lambda: found[1] if one else found[2],
        "<": lambda: one < other,
        ">": lambda: one > other,
        "<=": lambda: one <= other,
        ">=": lambda: one >= other,
        "==": lambda: one == other,
        "!=": lambda: one != other,
        "and": lambda: one and other,
        "or": lambda: one or other,
        "not": lambda: not one,
        "nonzero": lambda: one != 0,
    }
    return ways[kind]()


class Shown(list[float]):
    """Values of bars, of which those behind a certain one must not be looked at."""

    last = 0

    def __getitem__(self, place: Any) -> Any:
        assert place <= self.last, "it looks at a later bar"
        return super().__getitem__(place)


@given(
    said=TRUTH,
    rows=st.lists(st.lists(VALUES, min_size=LINES, max_size=LINES), min_size=4, max_size=9),
    numbers=st.tuples(VALUES, st.sampled_from([2.0, -3.0])),
)
def test_the_first_bar_that_meets_a_condition_is_found_without_a_look_behind_it(
    said: Any, rows: list[list[float]], numbers: tuple[float, float]
) -> None:
    try:
        condition = read_condition(json.dumps(said), LINES)
    except ValueError:
        return  # a large one
    columns = [Shown(column) for column in zip(*rows, strict=True)]
    first = condition.furthest
    expected = next(
        (bar for bar in range(first, len(rows)) if value_of(said, bar, [list(column) for column in columns], numbers)), len(rows)
    )
    for column in columns:
        column.last = expected

    assert condition.find(first, len(rows), 1, numbers, (), [columns[line] for line in condition.columns]) == expected


@given(one=TRUTH | st.booleans(), other=TRUTH | st.booleans(), row=st.lists(VALUES, min_size=LINES, max_size=LINES))
def test_truths_are_joined_as_python_joins_them(one: Any, other: Any, row: list[float]) -> None:
    columns = [[value] * 8 for value in row]

    def look(said: Any) -> bool:
        return said if isinstance(said, bool) else bool(value_of(said, 7, columns, (1.0, 2.0)))

    assert look(both(one, other)) == (look(one) and look(other))
    assert look(either(one, other)) == (look(one) or look(other))
    assert look(opposite(one)) == (not look(one))


def make_rows(count: int) -> WideRows:
    bars = walk(count, seed=5)
    return WideRows((), bars.time, (bars.open, bars.high, bars.low, bars.close, bars.volume), 0, lambda: None)


def test_leaps_and_single_bars_together_hand_out_every_bar_once() -> None:
    bars, rows = walk(1_500, seed=5), make_rows(1_500)
    end, pieces, reached = end_row(0), list[bytes](), 0
    text = json.dumps(["and", [">", CLOSE, ["line", 4, 2]], ["<", ["%", ["count"], ["number", 0]], ["number", 1]]])
    while len(b"".join(pieces)) < 1_500 * 56:
        pieces.append(next(rows))
        leap = rows.leap(text, [5.0, 1.0], [1e9, 0.0, 1e9] if len(pieces) % 2 else None, end)
        assert len(leap.data) == 56 * max(1, leap.bars) <= LEAP_BYTES
        reached += leap.reached
        passed = 56 * (leap.bars - leap.reached)
        if leap.bars:
            pieces.append(take_columns(leap.data[:passed], 56).T.tobytes() + leap.data[passed:])
    seen = np.frombuffer(b"".join(pieces), dtype="<f8").reshape(-1, 7)
    assert seen[:, 1:6].tolist() == [list(row[1:]) for row in to_rows(bars)]
    assert reached > 50


def test_bounds_end_a_leap_on_the_bar_that_leaves_them() -> None:
    bars, rows = walk(300, seed=5), make_rows(300)
    top = float(np.sort(bars.high)[-4])
    taken = 0
    while taken < int(np.argmax(bars.high >= top)) + 1:
        leap = rows.leap('["never"]', [], [top, 0.0, 1e9], end_row(0))
        taken += leap.bars

    assert leap.reached
    assert taken == int(np.argmax(bars.high >= top)) + 1


@pytest.mark.parametrize(
    ("text", "numbers", "bounds"),
    [("[]", [], None), ('["never"]', None, None), ('["never"]', [], [1.0]), ('["==",["%",["count"],["number",0]],["count"]]', [0.0], None)],
)
def test_a_leap_that_cannot_be_is_refused(text: str, numbers: object, bounds: object) -> None:
    rows = make_rows(50)
    with pytest.raises(ValueError, match=r"condition|bounds"):
        rows.leap(text, numbers, bounds, end_row(0))
