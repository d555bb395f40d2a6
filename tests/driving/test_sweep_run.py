"""A sweep on a sandbox whose results follow from the first number: every point once, also after a kill, and no look at the hold-out."""

import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from core import language
from core.domain.backtest import BacktestPlan, Outcome, Progress
from core.domain.bars import Bars
from core.domain.bars_request import BarsRequest
from core.domain.errors import InputError, StratloopError
from core.domain.events import EventKind
from core.domain.run import Run, RunPlan, Status, StopReason
from core.domain.sweep import Axis, SweepPlan, SweepSearch, parse_axis
from core.domain.workflow import Parameter
from core.driving import kept_curves
from core.driving.kept_curves import KeptCurves
from core.driving.local_step import Trial
from core.driving.ports import Cancel
from core.driving.run_context import Ports
from core.driving.sweep import check_axes, sweep
from core.prompts import read_parameters
from core.store import Store
from tests.driving.fakes import FixedMarket, RuleSandbox, ScriptedAnswers, walk

WORKFLOW = language.parse((Path(__file__).parents[2] / "data" / "workflows" / "sma_cross.json").read_bytes())
AXES = (Axis(name="sma_fast", start=5, stop=20, step=5), Axis(name="sma_slow", start=40, stop=60, step=10))
PLAN = RunPlan(workflow=WORKFLOW, bars=BarsRequest(symbol="WALK"), loops=0, sweep=SweepPlan(axes=AXES))
HOLD = "import backtrader as bt\n\n\nclass Hold(bt.Strategy):\n    params = dict(hold={})\n"


class NumberSandbox(RuleSandbox):
    """Holds the more the longer the fast average is."""

    def run(
        self,
        code: str,
        plan: BacktestPlan,
        bars: Bars,
        *,
        cancel: Cancel,
        signals: bool = False,
        watch: Callable[[Progress], None] | None = None,
    ) -> Outcome:
        """The rule's outcome for that share."""
        share = read_parameters(code)["sma_fast"] / 50
        return replace(super().run(HOLD.format(share), plan, bars, cancel=cancel), orders_hash=f"{share}")


def climb(parameters: Sequence[Parameter], trials: Sequence[Trial], seed: int, loop: int) -> Mapping[str, float] | None:
    """The first place that was not tried, the highest first."""
    taken = [dict(values) for values, _ in trials]
    places = ({"sma_fast": float(a), "sma_slow": float(b)} for a in range(3, -1, -1) for b in range(2, -1, -1))
    return next((place for place in places if place not in taken), None)


def make_ports(home: Path, sandbox: RuleSandbox | None = None) -> Ports:
    return Ports(ScriptedAnswers(()), sandbox or NumberSandbox(), FixedMarket(walk()), Store.in_folder(home), tune=climb)


def carry(ports: Ports, plan: RunPlan = PLAN, cancel: threading.Event | None = None) -> Run:
    store = ports.history
    assert isinstance(store, Store)
    made = store.create_sweep([plan])[0]
    return sweep(made.id, ports, cancel=cancel or threading.Event())


def test_a_sweep_tries_every_point_of_its_grid_once_after_the_workflow_itself(tmp_path: Path) -> None:
    ports = make_ports(tmp_path)

    run = carry(ports)

    done = ports.history.list_iterations(run.id)
    assert (run.status, run.stop_reason, run.iterations) == (Status.COMPLETE, StopReason.SWEPT, 13)
    assert [one.number for one in done] == list(range(13))
    assert (done[0].is_baseline, done[0].numbers) == (True, {"sma_fast": 20.0, "sma_slow": 50.0})
    assert [one.numbers for one in done[1:]] == list(SweepPlan(axes=AXES).choose_points(0))
    assert run.best == max(done, key=lambda one: (one.score or 0.0, -one.number)).number


def test_accounts_that_are_kept_are_those_of_the_history(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    ports = make_ports(tmp_path)
    run = carry(ports)
    stored = [ports.history.read_detail(run.id, number) for number in range(4)]
    monkeypatch.setattr(kept_curves, "MOST_BYTES", 2 * stored[0].equity.nbytes)

    kept = KeptCurves(ports.history)
    kept.keep(stored[1:])

    assert sorted(number for _, number in kept._kept) == [1, 2]
    for one in stored:
        found = kept.read_detail(run.id, one.iteration.number)
        assert (found.iteration, found.equity.tobytes()) == (one.iteration, one.equity.tobytes())


def test_a_sweep_never_shows_the_hold_out_to_anything_and_spends_no_look(tmp_path: Path) -> None:
    sandbox = NumberSandbox()
    ports = make_ports(tmp_path, sandbox)

    run = carry(ports)

    assert {len(bars) for _, bars in sandbox.ran} == {run.training_bars}
    assert run.training_bars < len(walk())
    assert (run.hold_out, ports.history.list_events(run.id, kind=EventKind.LOOK)) == (None, ())


def test_a_sweep_that_was_cut_short_goes_on_with_what_is_missing(tmp_path: Path) -> None:
    sandbox, cancel = NumberSandbox(), threading.Event()
    ports = make_ports(tmp_path, sandbox)
    wide = PLAN.changed(sweep=SweepPlan(axes=(parse_axis("sma_fast=2:30:1"), parse_axis("sma_slow=40:60:10"))))
    sandbox.before = lambda count: cancel.set() if count == 60 else None
    first = carry(ports, wide, cancel)
    kept = first.iterations

    run = sweep(first.id, ports, cancel=threading.Event())

    assert 0 < kept < 60
    assert (first.status, run.status, run.iterations) == (Status.RUNNING, Status.COMPLETE, 88)
    assert len(sandbox.ran) < 88 + 60 - kept + 16  # some more were under way when it was stopped


def test_a_guided_search_chooses_rounds_from_the_rounds_before_and_ends_when_nothing_is_left(tmp_path: Path) -> None:
    ports = make_ports(tmp_path)
    plan = PLAN.changed(sweep=SweepPlan(axes=AXES, search=SweepSearch.GUIDED, points=12))

    run = carry(ports, plan)

    done = ports.history.list_iterations(run.id)
    assert (run.status, [one.loop for one in done]) == (Status.COMPLETE, [0, *[1] * 10, 2])
    assert done[1].numbers == {"sma_fast": 20.0, "sma_slow": 60.0}
    assert len({tuple(one.numbers.items()) for one in done}) == 12  # the workflow's own numbers are one of the points


def test_points_of_a_sweep_are_earlier_tries_of_the_next_run_on_the_same_bars(tmp_path: Path) -> None:
    ports = make_ports(tmp_path)
    carry(ports)

    again = carry(ports, PLAN.changed(sweep=SweepPlan(axes=(parse_axis("sma_fast=7:9:1"),))))

    assert again.earlier_tries == 11  # twelve points and the workflow itself are twelve programs, of which this run tries one as well


def test_numbers_that_do_not_go_together_are_a_point_without_a_score(tmp_path: Path) -> None:
    ports = make_ports(tmp_path)
    workflow = language.parse((Path(__file__).parents[2] / "data" / "workflows" / "sma_cross.json").read_bytes())
    plan = PLAN.changed(workflow=workflow, sweep=SweepPlan(axes=(Axis(name="sma_fast", start=-5, stop=5, step=5),)))

    run = carry(ports, plan)

    done = ports.history.list_iterations(run.id)
    assert [one.score is None for one in done] == [False, True, True, False]
    assert done[1].error is not None
    assert "sma_fast" in done[1].error.message


@pytest.mark.parametrize(
    ("axes", "said"),
    [
        (["smafast=5:30:5"], "has no number 'smafast'"),
        (["sma_fast=5:30:5", "sma_fast=6:7:1"], "set twice"),
        (["sma_fast=5:30:0.5"], "whole number"),
        (["sma_fast=0:30:5"], "cannot be 0"),
        (["stop_loss_percent=-5:10:5"], "cannot be -5"),
    ],
)
def test_axes_that_the_workflow_cannot_have_are_refused(axes: list[str], said: str) -> None:
    plan = PLAN.changed(sweep=SweepPlan(axes=tuple(map(parse_axis, axes))))

    with pytest.raises(StratloopError, match=said):
        check_axes(plan)


def test_a_name_that_the_workflow_has_not_is_answered_with_those_that_it_has() -> None:
    plan = PLAN.changed(sweep=SweepPlan(axes=(parse_axis("sma_quick=5:30:5"),)))

    with pytest.raises(InputError) as refused:
        check_axes(plan)

    assert refused.value.hint == "It has sma_fast (20), sma_slow (50), position_size_percent (95), stop_loss_percent (8)."
