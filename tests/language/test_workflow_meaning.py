"""A workflow means the same however its rows are ordered, one expression is one parameter, and a first trade can come."""

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from workflow_runs import closes, is_true, row, run, workflow

from core.domain.errors import Severity
from core.domain.workflow import Workflow
from core.language import check, compile_workflow, explain, explain_text, parameters

STOP = row("risk", "time_stop", "bars", 5)
SIZE = row("sizing", "position_size", "percent", 90)
ROWS = (
    is_true("entry_long", "close > sma(10)", id="a1"),
    is_true("entry_long", "rsi(14) < 30", id="a2"),
    is_true("entry_long", "hammer", id="b1", group="B"),
    is_true("entry_long", "close > open", id="b2", group="B"),
    is_true("exit_long", "close < sma(10)", id="x1"),
    is_true("exit_long", "rsi(14) > 70", id="y1", group="B"),
    is_true("exit_long", "doji", id="x2"),
    is_true("filter", "month != 8", id="f1"),
    STOP | {"id": "s"},
    SIZE | {"id": "z"},
)


def read_meaning(told: Workflow) -> set[tuple[str, frozenset[str]]]:
    """The groups of conditions that a reader of the explanation would put together, from its sentences alone."""
    groups: list[tuple[str, set[str]]] = []
    by_row: dict[str, set[str]] = {}
    for sentence in explain(told):
        if sentence.row is None or sentence.section is None or sentence.section.value in ("risk", "sizing"):
            continue
        words = sentence.text
        condition = words.rstrip(".").split(" when " if " when " in words else " while ", 1)[1]
        if words.startswith("Together with row "):
            by_row[words.split()[3].rstrip(":")].add(condition)
        elif words.startswith("And only "):
            groups[-1][1].add(condition)
        else:
            groups.append((sentence.section.value, {condition}))
            by_row[sentence.row] = groups[-1][1]
    return {(section, frozenset(members)) for section, members in groups}


@settings(deadline=None, max_examples=60)
@given(st.integers(0, 10_000))
def test_the_order_of_rows_never_changes_the_meaning_of_the_text(seed: int) -> None:
    rows = list(ROWS)
    random.Random(seed).shuffle(rows)

    assert read_meaning(workflow(*rows)) == read_meaning(workflow(*ROWS))


def test_sentences_stand_section_by_section_even_where_rows_alternate() -> None:
    told = workflow(ROWS[0], ROWS[4], ROWS[1], ROWS[2], STOP, SIZE)

    assert [sentence.row for sentence in explain(told) if sentence.row] == ["a1", "a2", "b1", "x1", "r6", "r5"]


def test_a_row_apart_from_its_group_says_with_which_it_belongs_together() -> None:
    assert "b2: Together with row b1: only when the close is above the open." in explain_text(
        workflow(*ROWS[:1], ROWS[2], ROWS[1], ROWS[3], STOP)
    )


def test_the_same_expression_is_one_parameter_wherever_it_stands() -> None:
    level = "highest(high, 20)[1] * 1.01"
    told = workflow(
        is_true("entry_long", f"close > {level}"),
        is_true("filter", f"high < {level} * 1.2"),
        row("risk", "stop_loss", "price", f"{level} - 2 * atr(14)"),
        SIZE,
    )

    assert [item.name for item in parameters(told) if "factor" in item.name and item.default == 1.01] == ["entry_highest_factor"]
    assert compile_workflow(told).count("self.p.entry_highest_factor") == 3


NEVER = ("bars_since_exit < 10", "last_profit > 0", "losses_in_row >= 1", "not (bars_since_exit > 5)", "trades_today == 1", "position != 0")


@pytest.mark.parametrize("condition", NEVER)
def test_a_workflow_that_can_never_make_its_first_trade_is_refused(condition: str) -> None:
    found = check(workflow(is_true("entry_long", f"close > open and {condition}"), STOP, SIZE))

    assert [problem.row for problem in found if "there is no first trade" in problem.message] == ["r1"]
    assert found[0].severity is Severity.ERROR


@pytest.mark.parametrize(
    "condition", ["bars_since_exit >= 10", "last_profit > -5", "not (last_profit < 0)", "trades_today < 2", "position == 0"]
)
def test_what_has_not_happened_yet_does_not_keep_the_first_trade_away(condition: str) -> None:
    told = workflow(is_true("entry_long", f"close > 0 and {condition}"), STOP, SIZE)

    assert check(told) == ()
    assert run(told, closes(range(101, 109))).fills[0].bar == 1


def test_another_group_without_the_condition_makes_the_first_trade() -> None:
    told = workflow(is_true("entry_long", "last_profit > 0"), is_true("entry_long", "close > open", group="B"), STOP, SIZE)

    assert not any("first trade" in problem.message for problem in check(told))


def test_a_condition_that_was_never_true_is_infinitely_long_ago() -> None:
    told = workflow(is_true("entry_long", "since(close > 3) > 1", id="asked"), STOP)

    assert list(run(told, closes([1, 2, 3, 4, 1, 1]), signals=True).strategy.signals["asked"]) == [1, 1, 1, 0, 0, 1]


def test_rows_that_read_volume_are_named_where_there_is_none() -> None:
    told = workflow(is_true("entry_long", "close > vwma(20)"), is_true("entry_long", "obv > obv[1]", group="B"), STOP, SIZE)

    assert [problem.row for problem in check(told, without_volume=True) if "reads volume" in problem.message] == ["r2"]


def test_a_size_of_more_than_the_account_is_warned_about() -> None:
    found = check(workflow(is_true("entry_long", "close > open"), STOP, row("sizing", "position_size", "percent", 150)))

    assert [problem.message.split(" is ")[0] for problem in found] == ["150% of equity"]
