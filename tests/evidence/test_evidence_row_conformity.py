"""Code against rows on bars counted by hand: entries, exits, late orders, risk exits, shorts, groups and filters."""

import numpy as np
import pytest

from core.domain.backtest import Fill
from core.domain.workflow import Direction, Operator, Row, Section, Workflow
from core.evidence import compute_conformity, compute_entry_funnels
from tests.evidence.evidence_samples import walk

BARS = walk(30)


def row(name: str, section: Section, group: str = "A", **changes: object) -> Row:
    return Row(id=name, section=section, group=group, indicators=("close",), operator=Operator.ABOVE, **changes)


def workflow(*rows: Row, direction: Direction = Direction.LONG_ONLY) -> Workflow:
    return Workflow(name="test", rows=rows, direction=direction)


def flags(*places: int) -> np.ndarray:
    found = np.zeros(30, dtype=np.uint8)
    found[list(places)] = 1
    return found


def fills(*moves: tuple[int, float]) -> tuple[Fill, ...]:
    return tuple(Fill(order=number, bar=bar, size=size, price=100.0, commission=0.0) for number, (bar, size) in enumerate(moves))


LONG = workflow(row("e1", Section.ENTRY_LONG), row("x1", Section.EXIT_LONG))


def test_code_that_does_what_the_rows_say_agrees_completely():
    signals = {"e1": flags(4, 5, 6, 14), "x1": flags(9, 19)}
    found = compute_conformity(LONG, signals, fills((5, 1.0), (10, -1.0), (15, 1.0), (20, -1.0)), BARS)
    assert (found.share, found.entries.both, found.exits.both) == (1.0, 2, 2)
    assert [(each.row, each.fired, each.acted, each.agreed) for each in found.rows] == [("e1", 4, 2, 2), ("x1", 2, 2, 2)]


def test_an_entry_nobody_asked_for_and_one_that_was_missed_both_count_against_it():
    signals = {"e1": flags(4, 14), "x1": flags(9, 24)}
    found = compute_conformity(LONG, signals, fills((5, 1.0), (10, -1.0), (21, 1.0), (25, -1.0)), BARS)
    assert (found.entries.wanted, found.entries.made, found.entries.both) == (2, 2, 1)
    assert found.entries.share == pytest.approx(1 / 3)
    assert found.rows[0].share == 0.5


def test_an_entry_later_in_the_same_stretch_is_late_and_not_missing():
    found = compute_conformity(LONG, {"e1": flags(4, 5, 6, 7), "x1": flags(9)}, fills((7, 1.0), (10, -1.0)), BARS)
    assert (found.entries.wanted, found.entries.both, found.entries.late) == (1, 0, 1)
    assert found.entries.share == 0.0


def test_a_condition_that_stays_true_asks_again_after_the_code_has_left():
    signals = {"e1": flags(*range(4, 12)), "x1": flags(7)}
    found = compute_conformity(LONG, signals, fills((5, 1.0), (8, -1.0), (9, 1.0)), BARS)
    assert (found.entries.wanted, found.entries.both) == (2, 2)


def test_an_entry_that_was_stopped_on_its_own_bar_is_seen():
    found = compute_conformity(LONG, {"e1": flags(4, 5), "x1": flags()}, fills((5, 1.0), (5, -1.0), (6, 1.0)), BARS)
    assert (found.entries.made, found.entries.both) == (2, 2)


def test_exits_that_no_row_explains_are_put_down_to_the_risk_rows():
    risky = workflow(*LONG.rows, row("r1", Section.RISK))
    signals = {"e1": flags(4, 14), "x1": flags(9)}
    moves = fills((5, 1.0), (10, -1.0), (15, 1.0), (18, -1.0))
    with_risk, without = compute_conformity(risky, signals, moves, BARS), compute_conformity(LONG, signals, moves, BARS)
    assert (with_risk.exits.by_risk, with_risk.exits.made, with_risk.exits.share) == (1, 1, 1.0)
    assert (without.exits.by_risk, without.exits.made, without.exits.share) == (0, 2, 0.5)


def test_what_is_asked_on_the_last_bar_cannot_be_done_and_does_not_count():
    found = compute_conformity(LONG, {"e1": flags(29), "x1": flags()}, (), BARS)
    assert (found.entries.wanted, found.share) == (0, None)


def test_shorts_are_judged_on_their_own_side():
    both = workflow(row("e1", Section.ENTRY_LONG), row("s1", Section.ENTRY_SHORT), direction=Direction.LONG_SHORT)
    found = compute_conformity(both, {"e1": flags(4), "s1": flags(9)}, fills((5, 1.0), (10, -2.0)), BARS)
    assert (found.entries.both, found.entries.made) == (2, 2)
    assert [each.agreed for each in found.rows] == [1, 1]


def test_a_short_row_under_long_only_is_not_asked():
    rows = (row("e1", Section.ENTRY_LONG), row("s1", Section.ENTRY_SHORT))
    found = compute_conformity(workflow(*rows), {"e1": flags(4), "s1": flags(9)}, fills((5, 1.0)), BARS)
    assert found.entries.wanted == 1


def test_rows_of_a_group_are_joined_by_and_groups_by_or_and_filters_always_hold():
    flow = workflow(
        row("a1", Section.ENTRY_LONG), row("a2", Section.ENTRY_LONG), row("b1", Section.ENTRY_LONG, "B"), row("f1", Section.FILTER)
    )
    signals = {"a1": flags(3, 5), "a2": flags(5, 8), "b1": flags(8, 12), "f1": flags(5, 8)}
    found = compute_entry_funnels(flow, signals, 30)[0]
    assert found.passed == 2  # 5 by group A, 8 by group B; 12 fails the filter
    assert {each.row: (each.true, each.without) for each in found.rows} == {"a1": (2, 2), "a2": (2, 2), "b1": (2, 1), "f1": (2, 3)}
    assert found.blocking.row == "f1"


def test_a_disabled_row_changes_nothing():
    off = workflow(*LONG.rows, row("e2", Section.ENTRY_LONG, enabled=False))
    signals = {"e1": flags(4), "x1": flags(9)}
    assert compute_conformity(off, signals, fills((5, 1.0), (10, -1.0)), BARS).share == 1.0
    assert compute_entry_funnels(off, signals, 30)[0].passed == 1


def test_without_the_signals_of_an_entry_row_there_is_no_judgment():
    assert compute_conformity(LONG, {"x1": flags(3)}, (), BARS) is None
    assert compute_entry_funnels(LONG, {"x1": flags(3)}, 30) == ()


def test_no_bars_and_no_fills_raise_nothing():
    empty = {"e1": np.zeros(0, dtype=np.uint8), "x1": np.zeros(0, dtype=np.uint8)}
    assert compute_conformity(LONG, empty, (), BARS.slice(0, 0)).share is None


def test_a_position_left_over_by_rounding_is_no_position():
    found = compute_conformity(LONG, {"e1": flags(4, 14), "x1": flags(9)}, fills((5, 0.3), (10, -0.1), (10, -0.2), (15, 1.0)), BARS)
    assert (found.entries.made, found.exits.made) == (2, 1)


def test_a_single_entry_row_that_never_holds_is_named_in_the_funnel():
    assert str(compute_entry_funnels(LONG, {"e1": flags(), "x1": flags()}, 30)[0]) == "of 30 bars: row e1 on 0, all together on 0"
