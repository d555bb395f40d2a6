"""Rows counted against each other, on ten bars by hand."""

import numpy as np

from core.domain.funnel import compute_funnels
from core.domain.workflow import Measure, Operator, Row, Section, Workflow


def row(name: str, section: Section, group: str = "A") -> Row:
    return Row(id=name, section=section, group=group, indicators=("close",), operator=Operator.ABOVE, thresholds=("1",))


def flags(*bars: int) -> np.ndarray:
    return np.isin(np.arange(10), bars).astype(np.uint8)


TOLD = Workflow(
    name="x",
    rows=(
        row("a1", Section.ENTRY_LONG),
        row("a2", Section.ENTRY_LONG),
        row("b1", Section.ENTRY_LONG, "B"),
        row("f1", Section.FILTER),
        row("x1", Section.EXIT_LONG),
        row("x2", Section.EXIT_LONG),
    ),
)
SIGNALS = {"a1": flags(1, 2, 3), "a2": flags(3, 4), "b1": flags(8, 9), "f1": flags(3, 8), "x1": flags(5, 6), "x2": flags(6, 7)}


def test_each_row_is_counted_alone_with_its_group_and_left_out() -> None:
    (found,) = compute_funnels(TOLD, SIGNALS, 10)

    assert found.passed == 2
    assert [(one.row, one.true, one.joint, one.blocked, one.without) for one in found.rows] == [
        ("a1", 3, 3, 1, 2),
        ("a2", 2, 1, 2, 2),
        ("b1", 2, 2, 8, 1),
        ("f1", 2, 2, 8, 3),
    ]
    assert found.blocking is not None
    assert found.blocking.row == "f1"


def test_exits_are_counted_without_filters() -> None:
    (found,) = compute_funnels(TOLD, SIGNALS, 10, exits=True)

    assert (found.section, found.passed) == (Section.EXIT_LONG, 1)
    assert [(one.row, one.joint, one.blocked, one.without) for one in found.rows] == [("x1", 2, 1, 2), ("x2", 1, 1, 2)]


def test_filters_of_an_entry_that_is_a_price_order_alone_are_counted() -> None:
    order = Row(id="o1", section=Section.ENTRY_LONG, indicators=("stop_order",), operator=Measure.PRICE, thresholds=("high",))
    told = Workflow(name="x", rows=(order, row("f1", Section.FILTER)))

    (found,) = compute_funnels(told, SIGNALS, 10)

    assert (found.passed, [(one.row, one.without) for one in found.rows]) == (2, [("f1", 10)])
