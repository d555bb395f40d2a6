"""A sweep on real bars: from the screen, to its points, to what is carried on from them; the points are those of single backtests."""

import time
from collections.abc import Callable, Iterator
from datetime import date

import pytest
from streamlit.testing.v1 import AppTest

from core.domain.bars_request import BarsRequest
from core.domain.errors import InputError
from core.domain.run import Run, RunKind, RunPlan, Status
from core.domain.sweep import MOST_POINTS, SweepPlan, SweepSearch, parse_axis
from core.driving.evaluate import evaluate_code
from core.driving.run_context import prepare_bars
from core.report.sweep_report import SweepReport
from core.services import Services, Settings
from core.services.sweeps import refuse_too_many
from pages.components.sweep_charts import build_cells, build_lines
from tests.pages.conftest import shown

Open = Callable[..., AppTest]
AXES = (parse_axis("sma_fast=5:20:5"), parse_axis("sma_slow=40:50:10"))


def plan_sweep(parts: Services, symbol: str, **changes: object) -> RunPlan:
    bars = BarsRequest(symbol=symbol, start=date(2006, 1, 1), end=date(2008, 12, 31))
    plan = RunPlan(workflow=parts.workbench.find_workflow("sma_cross"), bars=bars, minimum_trades=1, loops=0, sweep=SweepPlan(axes=AXES))
    return plan.changed(**changes)


@pytest.fixture(scope="module")
def furnished(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Services]:
    """Services with a finished sweep over two instruments."""
    parts = Services(Settings(home=tmp_path_factory.mktemp("home")))
    first = parts.sweeps.start([plan_sweep(parts, "AAPL"), plan_sweep(parts, "MSFT")])[0]
    until = time.monotonic() + 240
    while not parts.sweeps.measure_progress(first.id).status.finished:
        assert time.monotonic() < until, "the sweep did not end"
        time.sleep(0.05)
    yield parts
    parts.close()


@pytest.fixture
def runs(furnished: Services) -> tuple[Run, ...]:
    """The runs of the sweep, one for each instrument."""
    newest = furnished.store.list_runs(kind=RunKind.SWEEP)[-1]
    return furnished.sweeps.list_runs(newest.id)


@pytest.fixture
def report(furnished: Services, runs: tuple[Run, ...]) -> SweepReport:
    """What is said of the sweep."""
    return furnished.sweeps.read_report(runs[1].id)


def test_each_point_has_the_account_of_a_single_backtest_of_its_program_to_the_last_bit(furnished: Services, runs: tuple[Run, ...]) -> None:
    rooms, run = furnished.rooms, runs[0]
    _, training, _ = prepare_bars(run.plan, furnished.market)
    for number in (0, 1, 8):
        kept = furnished.store.read_detail(run.id, number)
        single = evaluate_code(kept.iteration.code, run.plan.backtest, training, sandbox=rooms.sandbox, cancel=rooms.never).evaluation
        assert single is not None
        assert single.metrics == kept.iteration.metrics
        assert single.equity.tobytes() == kept.equity.tobytes()
        assert (single.fills, single.trades) == (kept.fills, kept.trades)


def test_a_sweep_is_a_run_for_each_instrument_under_the_id_of_the_first(runs: tuple[Run, ...], report: SweepReport) -> None:
    assert [(run.plan.bars.symbol, run.status, run.iterations, run.hold_out) for run in runs] == [
        ("AAPL", Status.COMPLETE, 9, None),
        ("MSFT", Status.COMPLETE, 9, None),
    ]
    assert report.group == runs[0].id
    assert report.tries == sum(series.tries for series in report.series) > 10
    assert "and the workflow itself on each of 2 series of bars are" in report.words[0]
    assert "count for luck" in report.words[0]


def test_luck_of_the_best_point_counts_the_points_of_its_bars_and_those_of_all_series(report: SweepReport) -> None:
    series = next(one for one in report.series if one.luck is not None and one.luck_of_all is not None)
    assert series.luck is not None
    assert series.luck_of_all is not None

    assert series.luck.tries == series.tries
    assert series.luck_of_all.tries == report.tries
    assert series.luck_of_all.p > series.luck.p


def test_words_of_a_sweep_are_sentences_that_begin_with_a_capital_or_a_number(report: SweepReport) -> None:
    words = [*report.words, *(word for series in report.series for word in series.words)]
    assert [word for word in words if word[0].islower()] == []


def test_the_screen_shows_the_points_and_carries_one_on(open_screen: Open, furnished: Services, runs: tuple[Run, ...]) -> None:
    app = open_screen("sweep", run=runs[0].id)

    assert "count for luck" in shown(app)
    assert "was not touched" in shown(app)
    assert len(app.dataframe[0].value) == 9
    app.button(key="sweep_carry_on").click().run()
    assert not app.exception
    saved = furnished.store.list_workflows()[0].workflow
    best = furnished.store.read_detail(runs[0].id, runs[0].best or 0).iteration
    assert f"point {best.number} of {runs[0].id}" in saved.name


@pytest.mark.parametrize("screen", ["driving", "library"])
def test_a_sweep_that_is_opened_where_loops_are_is_called_one_and_leads_to_its_screen(
    open_screen: Open, runs: tuple[Run, ...], screen: str
) -> None:
    app = open_screen(screen, run=runs[1].id)
    assert "This is a sweep, not a loop" in shown(app)
    assert "Let the run go on to its end" not in shown(app)
    assert "Open the sweep" in [link.proto.label for link in app.get("page_link")]


def test_the_verdict_on_the_best_point_says_what_a_sweep_never_looks_at(furnished: Services, runs: tuple[Run, ...]) -> None:
    verdict = furnished.runs.assess(runs[0].id).verdict
    assert verdict is not None
    assert verdict.rule == "sweep"


def test_a_sweep_is_started_from_the_form(open_screen: Open, furnished: Services) -> None:
    app = open_screen("sweep")
    app.multiselect(key="sweep_vary").set_value(["sma_fast"]).run()
    for name, value in (("from", 10), ("to", 12), ("by", 2)):
        app.number_input(key=f"sweep_{name}_sma_fast").set_value(value)
    app.run()
    assert "2 points: 2 tries" in shown(app)
    app.button(key="sweep_start_button").click().run()

    newest = furnished.store.list_runs(kind=RunKind.SWEEP)[0]
    assert not app.exception
    assert newest.plan.sweep is not None
    assert newest.plan.sweep.count == 2
    furnished.sweeps.cancel(newest.id)


def test_a_step_of_zero_is_said_at_the_field_and_starts_nothing(open_screen: Open, furnished: Services) -> None:
    before = furnished.store.count_runs()
    app = open_screen("sweep")
    app.multiselect(key="sweep_vary").set_value(["sma_fast"]).run()
    app.number_input(key="sweep_by_sma_fast").set_value(0).run()
    app.button(key="sweep_start_button").click().run()

    assert "has to be above zero" in shown(app)
    assert furnished.store.count_runs() == before


def test_every_point_of_the_grid_is_chosen_before_anybody_chooses(empty: Open) -> None:
    (search,) = [group.value for group in empty("sweep").button_group if group.label == "Search"]
    assert search == "Grid"


def test_a_first_visit_says_what_to_do(empty: Open) -> None:
    assert "No sweep yet" in shown(empty("sweep"))


def test_cells_of_the_heat_map_are_the_points_and_lines_go_over_every_axis(report: SweepReport) -> None:
    series = report.series[0]
    cells = build_cells(series, "sma_fast", "sma_slow", report.objective)
    scored = [point for point in series.points if point.score is not None]

    assert {(cell["across"], cell["down"]) for cell in cells} == {(a, b) for a in AXES[0].values for b in AXES[1].values}
    assert [cell["best"] for cell in cells].count(True) == (1 if series.best else 0)
    assert len(build_lines(scored, AXES, report.objective, series.best)) == 3 * len(scored)


def test_a_point_is_carried_on_as_a_workflow_with_its_numbers_in_the_cells(furnished: Services, runs: tuple[Run, ...]) -> None:
    workflow = furnished.sweeps.build_point(runs[0], 1)

    from core import language

    assert {one.name: one.default for one in language.parameters(workflow)}["sma_fast"] == 5.0


@pytest.mark.parametrize(
    ("axes", "search", "said"),
    [
        (("a=1:10000000:1",), SweepSearch.GRID, "10,000,000 points"),
        (("a=1:1234567:1",), SweepSearch.GRID, "1,234,567 points"),
        (("a=1:200:1", "b=1:200:1"), SweepSearch.GRID, "40,000 points"),
    ],
)
def test_a_grid_that_is_too_large_is_refused_with_its_size_and_steps_that_fit(
    furnished: Services, axes: tuple[str, ...], search: SweepSearch, said: str
) -> None:
    plan = plan_sweep(furnished, "AAPL", sweep=SweepPlan(axes=tuple(map(parse_axis, axes)), search=search))

    with pytest.raises(InputError, match=said) as refused:
        refuse_too_many([plan])

    proposed = [parse_axis(text.strip()) for text in refused.value.hint.split("(")[1].split(")")[0].split(",")]
    assert 1 < SweepPlan(axes=tuple(proposed)).size <= MOST_POINTS
    assert [(one.start, one.stop) for one in proposed] == [(one.start, one.stop) for one in map(parse_axis, axes)]


def test_the_same_instrument_twice_is_refused_and_nothing_is_stored(furnished: Services) -> None:
    before = furnished.store.count_runs()

    with pytest.raises(InputError, match="named twice"):
        furnished.sweeps.start([plan_sweep(furnished, "AAPL"), plan_sweep(furnished, "yahoo:aapl")])

    assert furnished.store.count_runs() == before


def test_a_finished_sweep_has_nothing_to_resume(furnished: Services, runs: tuple[Run, ...]) -> None:
    with pytest.raises(InputError, match="All points of the sweep are done"):
        furnished.sweeps.resume(runs[0].id)
