"""What holds for any valid workflow: it survives JSON, is said in words, compiles, runs the same both ways, and reads no future."""

import json
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from operand_checks import check_operand
from workflow_runs import run, walk
from workflow_strategies import workflows

from core.domain.errors import Problem, WorkflowError
from core.domain.instrument import Instrument
from core.domain.workflow import Direction, Section, Workflow
from core.gate import inspect_code
from core.language import (
    check,
    compile_workflow,
    completeness,
    dump,
    explain,
    explain_text,
    find_completeness_gaps,
    parameters,
    parse,
    render_dot,
    render_specification,
)
from tests.effort import examples

BARS = walk(160, 21, flat=0.1, scale=0.02)
MINUTES = walk(260, 22, flat=0.1, minutes=15, scale=0.004)
SHARE = Instrument(symbol="S", calendar="XNYS", session_open=600, session_close=945)
ROLLING = Instrument(symbol="R", day_roll=720)
CALM = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much, HealthCheck.data_too_large])


@settings(CALM, max_examples=examples(60))
@given(workflows())
def test_a_workflow_survives_json_and_can_be_said(told: Workflow) -> None:
    assert parse(dump(told)) == told
    assert parse(json.loads(dump(told))) == told
    assert {sentence.row for sentence in explain(told)} >= {row.id for row in told.rows}
    assert render_specification(told) == render_specification(parse(dump(told)))
    assert render_dot(told).count("label=") >= len(told.rows)
    assert 0 <= completeness(told) <= 1
    assert all(find_completeness_gaps(told))
    assert all(item.low <= item.default <= item.high for item in parameters(told))


@settings(CALM, max_examples=examples(80))
@given(workflows(), st.booleans(), st.sampled_from([None, SHARE, ROLLING]))
def test_the_sandboxes_gate_has_nothing_to_say_about_compiled_code(told: Workflow, signals: bool, instrument: Instrument | None) -> None:
    code = compile_workflow(told, signals=signals, instrument=instrument)

    assert code == compile_workflow(told, signals=signals, instrument=instrument)
    assert [remark for remark in inspect_code(code).annotations if remark.severity != "info"] == []
    assert max(map(len, code.splitlines())) < 1_000


@pytest.mark.slow
@settings(CALM, max_examples=examples(40))
@given(workflows())
def test_orders_and_signals_are_the_same_preloaded_and_bar_by_bar(told: Workflow) -> None:
    fast = run(told, BARS, fast=True, signals=True, commission=0.001)
    slow = run(told, BARS, fast=False, signals=True, commission=0.001)
    plain = run(told, BARS, fast=True, signals=False, commission=0.001)

    assert fast.placed == slow.placed == plain.placed
    assert fast.fills == slow.fills == plain.fills
    assert fast.strategy.signals == slow.strategy.signals
    held = np.cumsum([0, *(fill.size for fill in fast.fills)])
    assert told.direction is not Direction.LONG_ONLY or held.min() > -1e-9
    assert told.direction is not Direction.SHORT_ONLY or held.max() < 1e-9
    assert {len(flags) for flags in fast.strategy.signals.values()} == {len(BARS)}


@pytest.mark.slow
@settings(CALM, max_examples=examples(25))
@given(workflows(intraday=True), st.sampled_from([None, SHARE, ROLLING]))
def test_sessions_and_longer_bars_are_the_same_preloaded_and_bar_by_bar(told: Workflow, instrument: Instrument | None) -> None:
    fast = run(told, MINUTES, fast=True, signals=True, commission=0.001, timeframe="15m", instrument=instrument)
    slow = run(told, MINUTES, fast=False, signals=True, commission=0.001, timeframe="15m", instrument=instrument)

    assert fast.placed == slow.placed
    assert fast.fills == slow.fills
    assert fast.strategy.signals == slow.strategy.signals


@pytest.mark.slow
@settings(CALM, max_examples=examples(40))
@given(workflows(), st.integers(80, 140))
def test_orders_do_not_depend_on_bars_that_come_later(told: Workflow, cut: int) -> None:
    other = BARS.copy()
    other.iloc[cut:, :4] *= np.linspace(0.5, 1.5, len(BARS) - cut)[:, None]

    first, second = run(told, BARS), run(told, other)

    assert [order for order in first.placed if order[0] < cut] == [order for order in second.placed if order[0] < cut]


@settings(CALM, max_examples=examples(300))
@given(st.one_of(st.binary(max_size=200), st.text(max_size=200)))
def test_any_soup_of_bytes_is_refused_in_words(soup: bytes | str) -> None:
    with pytest.raises(WorkflowError) as caught:
        parse(soup)

    assert all(problem.message and problem.remedy for problem in caught.value.problems)


JSON = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(allow_nan=False), st.text(max_size=10)),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(st.text(max_size=8), inner, max_size=3)),
    max_leaves=8,
)
FIELDS = ("id", "section", "enabled", "group", "join", "indicators", "operator", "thresholds", "within", "timeframe", "note", "name")


@settings(CALM, max_examples=examples(300))
@given(
    st.dictionaries(st.sampled_from((*FIELDS, "rows", "direction")), JSON, max_size=5),
    st.lists(st.dictionaries(st.sampled_from(FIELDS), JSON), max_size=3),
)
def test_any_json_is_a_workflow_or_refused_in_words(document: dict[str, object], rows: list[dict[str, object]]) -> None:
    for source in (document, document | {"rows": rows}, json.dumps(document | {"name": "x", "rows": rows})):
        assert all(problem.message and problem.remedy for problem in problems_of(source))


def problems_of(source: Any) -> tuple[Problem, ...]:
    """What parser or checker say about a document."""
    try:
        return check(parse(source))
    except WorkflowError as error:
        return error.problems


WORDS = """sma rsi(14) close ( ) [ ] 1 20 , . upper + - * / ** < > == and or not tf "1w" if else crosses_above since entry_price hour
lambda x : bbands(20,2) 0 1e400 % = \\ '"""
PIECES = st.sampled_from((" ", *WORDS.split()))


@settings(CALM, max_examples=examples(400))
@given(st.one_of(st.text(max_size=60), st.lists(PIECES, max_size=14).map("".join), st.lists(PIECES, max_size=14).map(" ".join)))
def test_any_text_in_a_cell_is_read_or_refused_in_words(text: str) -> None:
    for section in Section:
        problems = check_operand(text, section)
        assert all(isinstance(problem, Problem) and problem.message and problem.remedy for problem in problems)


@settings(CALM, max_examples=examples(150))
@given(
    st.lists(PIECES, max_size=10).map(" ".join),
    st.lists(PIECES, max_size=6).map(" ".join),
    st.sampled_from([section.value for section in Section]),
)
def test_any_row_is_checked_and_explained_without_falling_over(indicators: str, thresholds: str, section: str) -> None:
    for operator in (">", "between", "is true", "percent", "price"):
        row = {"id": "r", "section": section, "indicators": [indicators], "operator": operator, "thresholds": [thresholds]}
        told = parse({"name": "any", "rows": [row]})
        assert all(problem.remedy for problem in check(told))
        assert explain_text(told)
        assert render_specification(told)
        assert render_dot(told)
        assert parameters(told) is not None
