"""A comparison says which is best by how much, what cannot be told apart, and what was not looked at."""

from dataclasses import replace
from datetime import UTC, datetime

import numpy as np
import pytest

from core.domain.backtest import CodeFault, OutcomeStatus, Stage
from core.domain.bars_request import BarsRequest
from core.domain.hold_out import HoldOut, HoldOutFigure
from core.domain.instrument_result import InstrumentResult
from core.domain.iteration import Iteration, IterationDetail
from core.domain.metrics import Metrics
from core.domain.run import Objective, Run, RunPlan, Status
from core.domain.workflow import Workflow
from core.report.build_comparison import build_comparison
from core.report.comparison import Badge, Cell, CellState, Comparison, ComparisonRow, NumberPlace, Participant, ParticipantKind
from core.report.series_colors import assign_colors
from tests.driving.fakes import walk

NOW = datetime(2026, 1, 1, tzinfo=UTC)
BARS = walk(600)
MARKET = np.random.default_rng(7).normal(0.0003, 0.01, 600)


def metrics(**changes: object) -> Metrics:
    return Metrics.model_validate({"total_return": 0.2, "sharpe": 1.0, "max_drawdown": -0.2, "bars": 600, "trades": 12} | changes)


def build_run(identity: str = "aaaa", **changes: object) -> Run:
    plan = RunPlan(workflow=Workflow(name="w"), bars=BarsRequest(symbol="WALK"), objective=changes.pop("objective", Objective.SHARPE))
    facts = {"id": identity, "plan": plan, "status": Status.COMPLETE, "best": 2, "created": NOW, "data_hash": "h"}
    return Run.model_validate(facts | changes)


def column(number: int, score: float | None, returns: np.ndarray, run: Run | None = None, **changes: object) -> Participant:
    found = run or build_run()
    facts = {
        "run_id": found.id,
        "number": number,
        "parent": None,
        "status": OutcomeStatus.OK,
        "stage": Stage.DONE,
        "model": "m" if number else "compiler",
        "score": score,
        "metrics": metrics(sharpe=score, **changes.pop("figures", {})),
        "created": NOW,
        "data_hash": changes.pop("data_hash", "h"),
    }
    numbers = changes.pop("numbers", ())
    iteration = Iteration.model_validate(facts | changes)
    equity = 100_000 * np.cumprod(1 + returns)
    return Participant(
        id=f"{found.id}:{number}",
        kind=ParticipantKind.ITERATION if number else ParticipantKind.WRITTEN,
        name=f"Iteration {number}" if number else "As written",
        run=found,
        metrics=iteration.metrics,
        detail=IterationDetail(iteration=iteration, equity=equity, position=np.zeros(600), fills=(), trades=()),
        numbers=numbers,
        bars=BARS,
        equity=equity,
        start_value=100_000,
        daily=returns,
    )


def market(run: Run | None = None) -> Participant:
    figures = metrics(total_return=3.0, sharpe=0.5, max_drawdown=-0.5, trades=0)
    return Participant(
        id="hold:aaaa", kind=ParticipantKind.MARKET, name="Buy and hold", run=run or build_run(), metrics=figures, daily=MARKET
    )


def find_row(found: Comparison, name: str) -> ComparisonRow:
    return next(row for group in found.groups for row in group.rows if row.name == name)


def read_cells(found: Comparison, name: str) -> list[str]:
    return [cell.text for cell in find_row(found, name).cells]


def test_distances_are_taken_from_the_workflow_as_written_and_the_best_cell_is_marked() -> None:
    found = build_comparison([column(2, 1.5, MARKET), column(0, 1.2, MARKET, figures={"max_drawdown": -0.1}), market()])

    assert found.baseline == "aaaa:0"
    assert [(cell.text, cell.delta, cell.better, cell.best) for cell in find_row(found, "sharpe").cells] == [
        ("1.50", "+0.30", True, True),
        ("1.20", "", None, False),
        ("0.50", "−0.70", False, False),
    ]
    assert [cell.best for cell in find_row(found, "max_drawdown").cells] == [False, True, False], "the smallest fall is the best"


def test_values_that_read_the_same_are_all_the_best_or_none() -> None:
    found = build_comparison([column(1, 1.501, MARKET), column(2, 1.499, MARKET), column(0, 1.2, MARKET)])

    assert [cell.best for cell in find_row(found, "sharpe").cells] == [True, True, False]
    assert not any(cell.best for cell in find_row(found, "total_return").cells), "all of them have 20 percent"
    assert find_row(found, "total_return").same


def test_what_moves_alike_cannot_be_told_apart_and_that_is_said_first() -> None:
    noise = np.random.default_rng(1).normal(0, 0.004, 600)

    found = build_comparison([column(2, 1.5, MARKET + noise), column(0, 1.4, MARKET)])

    assert found.sentences[0] == "As written cannot be told from Iteration 2, the highest: the distance is within noise on these days."
    assert found.columns[0].badges == (Badge.HIGHEST,)
    assert found.columns[1].badges == (Badge.BASELINE, Badge.WITHIN_NOISE)


def test_a_steady_advantage_stands_above_the_workflow() -> None:
    found = build_comparison([column(2, 3.0, MARKET + 0.001), column(1, 2.9, MARKET + 0.0009), column(0, 0.5, MARKET)])

    assert found.columns[1].badges == (Badge.ABOVE,)
    assert "better than As written" in found.sentences[1]
    assert found.differences[0].sharpe.low > 0


def test_the_hold_out_is_locked_for_everything_that_was_not_looked_at() -> None:
    figures = {
        "best": HoldOutFigure(name="best", iteration=2, metrics=metrics(sharpe=0.9)),
        "baseline": HoldOutFigure(name="baseline", iteration=0),
    }
    held = HoldOut(
        bars=100, first=NOW, last=NOW, benchmark=HoldOutFigure(name="benchmark", metrics=metrics(sharpe=0.4)), looks=1, **figures
    )
    run = build_run(hold_out=held)

    found = build_comparison([column(2, 1.5, MARKET, run), column(1, 1.4, MARKET, run), column(0, 1.2, MARKET, run), market(run)])

    cells = find_row(found, "hold_out_sharpe").cells
    assert [cell.state for cell in cells] == [CellState.VALUE, CellState.LOCKED, CellState.FAILED, CellState.VALUE]
    assert cells[1].note == "A look would be number 2 at these bars: it is tested at 0.83%, not 2.50%."
    assert "0.90" not in [cell.text for cell in find_row(found, "sharpe").cells]


def test_a_run_that_goes_on_has_no_hold_out_yet() -> None:
    run = build_run(status=Status.RUNNING)

    found = build_comparison([column(2, 1.5, MARKET, run), column(0, 1.2, MARKET, run)])

    assert {cell.state for cell in find_row(found, "hold_out_sharpe").cells} == {CellState.GOING_ON}
    assert found.warnings == ("1 run is still going on: aaaa.",)


def test_one_that_failed_has_dashes_with_its_reason() -> None:
    fault = CodeFault(message="name 'x' is not defined\nmore", line=3)
    failed = column(1, None, MARKET, error=fault, status=OutcomeStatus.ERROR)

    found = build_comparison([column(2, 1.5, MARKET), failed, column(0, 1.2, MARKET)])

    cell = find_row(found, "sharpe").cells[1]
    assert (cell.state, cell.note) == (CellState.FAILED, "name 'x' is not defined")
    assert (found.columns[1].badges, found.columns[1].error) == ((Badge.FAILED,), "name 'x' is not defined")


def test_an_instrument_of_a_basket_stands_beside_a_run_on_it_alone() -> None:
    alone = build_run("bbbb", benchmark=metrics(total_return=2.0))
    basket = build_run()
    plan = basket.plan.changed(bars=basket.plan.bars.changed(basket=({"symbol": "OTHER"},)))
    members = [InstrumentResult(symbol=name, metrics=metrics(total_return=made)) for name, made in (("WALK", 0.3), ("OTHER", 0.1))]
    both = column(2, 1.5, MARKET, basket.changed(plan=plan), instruments=members)

    found = build_comparison([both, column(2, 1.9, MARKET, alone), market(alone)])

    assert read_cells(found, "total_return WALK") == ["30.0%", "20.0%", "200.0%"]
    assert read_cells(found, "total_return OTHER") == ["10.0%", "—", "—"]


def test_on_different_bars_nothing_is_set_against_anything() -> None:
    found = build_comparison([column(2, 1.5, MARKET), column(1, 1.9, MARKET, build_run("bbbb"), data_hash="other")])

    cells = [cell for group in found.groups for row in group.rows for cell in row.cells]
    assert not found.same_bars
    assert (found.baseline, found.sentences, found.differences) == ("", (), ())
    assert not any(cell.best or cell.delta for cell in cells)
    assert not any(Badge.HIGHEST in each.badges for each in found.columns)
    assert "different bars" in found.warnings[0]


def test_workflows_and_markets_of_several_runs_have_colors_of_their_own() -> None:
    other = build_run("bbbb")
    everyone = [
        column(2, 1.5, MARKET),
        column(0, 1.0, MARKET),
        column(0, 0.9, MARKET, other),
        market(),
        replace(market(other), id="hold:b"),
    ]

    colors = assign_colors(everyone, ("#1", "#2", "#3"), written="text", market="gray")

    assert list(colors.values()) == ["#1", "text", "#2", "gray", "#3"]


def test_scores_of_different_objectives_name_no_highest() -> None:
    other = build_run("bbbb", objective=Objective.CALMAR)

    found = build_comparison([column(2, 1.5, MARKET), column(1, 1.9, MARKET, other)])

    assert not any(Badge.HIGHEST in one.badges for one in found.columns)
    assert any("different objectives" in words for words in found.warnings)


def test_a_parameter_at_the_edge_of_its_range_is_marked() -> None:
    def number(value: float) -> tuple[NumberPlace, ...]:
        return (NumberPlace("fast", "r1", value, written=20, low=10, high=40),)

    found = build_comparison([column(2, 1.5, MARKET, numbers=number(10)), column(0, 1.2, MARKET, numbers=number(20)), market()])

    first, second, third = find_row(found, "parameter_fast").cells
    assert (first.text, first.delta, first.place, first.at_edge) == ("10", "−10", 0.0, True)
    assert (second.text, second.at_edge, second.place) == ("20", False, pytest.approx(1 / 3))
    assert third == Cell(text="—", state=CellState.UNDEFINED)


def test_the_same_orders_are_one_strategy_and_that_is_said() -> None:
    found = build_comparison([column(2, 1.5, MARKET, orders_hash="o"), column(1, 1.5, MARKET, orders_hash="o"), column(0, 1.2, MARKET)])

    assert found.warnings == ("Iteration 2 and Iteration 1 place exactly the same orders: for the account they are one strategy.",)


def test_a_baseline_of_ones_own_is_taken_where_it_takes_part() -> None:
    columns = [column(2, 1.5, MARKET), column(1, 1.4, MARKET), column(0, 1.2, MARKET)]

    assert build_comparison(columns, baseline="aaaa:1").baseline == "aaaa:1"
    assert build_comparison(columns, baseline="gone:9").baseline == "aaaa:0"


def test_a_comparison_is_json_and_comes_back_from_it() -> None:
    found = build_comparison([column(2, 1.5, MARKET), column(0, 1.2, MARKET), market()])

    assert Comparison.model_validate_json(found.model_dump_json()) == found
    assert read_cells(found, "trades") == ["12", "12", "0"]


def test_sums_of_money_of_accounts_that_were_paid_differently_are_set_against_nothing() -> None:
    saving = {"final_value": 30_000.0, "paid_in": 12_000.0, "profit": 8_000.0, "money_weighted": 0.05}
    lump = column(1, 1.1, MARKET, figures={"final_value": 13_000.0})
    found = build_comparison([column(0, 1.0, MARKET, figures=saving), lump])

    assert read_cells(found, "paid_in") == ["$12,000", "—"]
    assert [(cell.delta, cell.best) for cell in find_row(found, "final_value").cells] == [("", False), ("", False)]
    assert [cell.best for cell in find_row(found, "sharpe").cells] == [False, True]
    plain = build_comparison([lump, column(0, 1.0, MARKET, figures={"final_value": 12_000.0})])
    assert "paid_in" not in {row.name for group in plain.groups for row in group.rows}
    assert [cell.best for cell in find_row(plain, "final_value").cells] == [True, False]
