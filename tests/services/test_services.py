"""The parts put together: real bars, real sandbox, real compiler, one process."""

import sys
import threading
import time
from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from core.domain.backtest import BacktestPlan
from core.domain.bars_request import BarsRequest, FurtherInstrument
from core.domain.decision import Selection
from core.domain.errors import BudgetError, InputError, SandboxUnavailableError, WorkflowError
from core.domain.events import SteeringCommand
from core.domain.isolation import Isolation
from core.domain.run import ModelChoice, Run, RunKind, RunPlan, Status, StopReason
from core.domain.usage import LedgerRow, Price
from core.evidence import decide
from core.evidence.row_conformity import compute_conformity
from core.sandbox import Sandbox
from core.services import Services, Settings
from tests.bench.loop_clock import count_calls, time_loop

AAPL = BarsRequest(symbol="AAPL")
HAND_WRITTEN = """import backtrader as bt


class Cross(bt.Strategy):
    params = dict(FAST=7, sma_slow=31, stop_loss_percent=30.0)

    def __init__(self):
        self.cross = bt.ind.CrossOver(bt.ind.SMA(period=self.p.FAST), bt.ind.SMA(period=self.p.sma_slow))

    def next(self):
        if not self.position and self.cross[0] > 0:
            self.order_target_percent(target=0.9)
        elif self.position and self.cross[0] < 0:
            self.close()
"""


def wait_until(condition: Callable[[], bool]) -> None:
    """Wait for something that another thread brings about."""
    until = time.monotonic() + 240
    while not condition():
        assert time.monotonic() < until, "it did not happen"
        time.sleep(0.05)


def test_a_compiled_workflow_agrees_with_its_own_trades_entirely(parts: Services) -> None:
    workflow = parts.workbench.find_workflow("sma_cross")

    bars, outcome = parts.workbench.compute_signals(workflow, AAPL, BacktestPlan())

    found = compute_conformity(workflow, outcome.signals, outcome.fills, bars)
    assert found is not None
    assert found.entries.made > 20
    assert found.entries.both == found.entries.made == found.entries.wanted
    assert found.exits.both == found.exits.made == found.exits.wanted


def test_a_preview_stops_before_the_hold_out_and_opening_it_is_a_look_counted_once(parts: Services) -> None:
    request = AAPL.changed(symbol="GOOG")
    workflow = parts.workbench.find_workflow("sma_cross")

    locked = parts.workbench.preview_signals(workflow, request, BacktestPlan(), hold_out=0.3)
    opened = [parts.workbench.preview_signals(workflow, request, BacktestPlan(), hold_out=0.3, opened=True) for _ in range(2)]
    other = parts.workbench.preview_signals(parts.workbench.find_workflow("macd_trend"), request, BacktestPlan(), hold_out=0.3, opened=True)

    assert (locked.looks, locked.locked_bars + len(locked.bars)) == (0, len(opened[0].bars))
    assert locked.locked_bars > 600
    assert [opened[0].looks, opened[1].looks, other.looks] == [1, 1, 2]


def test_the_workflow_with_other_numbers_is_not_taken_for_another_strategy(parts: Services) -> None:
    plan = RunPlan(workflow=parts.workbench.find_workflow("sma_cross"), bars=AAPL, loops=3, minimum_trades=12)

    run = parts.runs.run_here(plan)

    done = parts.store.list_iterations(run.id)
    assert len(done) == 4
    assert {iteration.conformity for iteration in done} == {1.0}
    assert not any(finding.code == "drift" for iteration in done for finding in iteration.findings)


@pytest.mark.parametrize(("fast", "agrees"), [("sma_fast", True), ("another_name", False)])
def test_code_is_held_against_the_workflow_with_the_codes_own_numbers(parts: Services, fast: str, agrees: bool) -> None:
    workflow = parts.workbench.find_workflow("sma_cross")
    code = HAND_WRITTEN.replace("FAST", fast)
    run, detail = parts.workbench.backtest(code, RunPlan(workflow=workflow, bars=AAPL))

    found = parts.workbench.measure_conformity(run.id, detail.iteration.number)

    assert found is not None
    assert found.share is not None
    assert (found.share > 0.9) is agrees


def test_every_starter_reads_back_and_is_valid(parts: Services) -> None:
    starters = parts.workbench.list_starters()

    assert "sma_cross" in {starter.key for starter in starters}
    for starter in starters:
        assert parts.workbench.find_workflow(starter.key) == starter.workflow


def test_a_persons_edits_of_one_plan_are_iterations_of_one_run(parts: Services) -> None:
    plan = RunPlan(workflow=parts.workbench.find_workflow("sma_cross"), bars=AAPL)
    code = "import backtrader as bt\nclass Hold(bt.Strategy):\n    def next(self):\n        if not self.position: self.buy(size=SIZE)\n"

    run, first = parts.workbench.backtest(code.replace("SIZE", "10"), plan)
    again, second = parts.workbench.backtest(code.replace("SIZE", "20"), plan, run_id=run.id)
    broken, third = parts.workbench.backtest(code, plan, run_id=run.id)

    assert (run.id, again.id, broken.kind) == (broken.id, broken.id, RunKind.EDITOR)
    assert [found.iteration.number for found in (first, second, third)] == [0, 1, 2]
    assert third.iteration.error is not None
    assert (third.iteration.error.line, broken.iterations) == (4, 3)


def test_a_plan_that_cannot_work_is_refused_before_a_run_exists(parts: Services) -> None:
    before = parts.store.count_runs()
    workflow = parts.workbench.find_workflow("sma_cross").changed(rows=())

    with pytest.raises(WorkflowError):
        parts.runs.start(RunPlan(workflow=workflow, bars=AAPL))

    assert parts.store.count_runs() == before


def test_a_started_run_is_worked_on_in_the_background(parts: Services) -> None:
    plan = RunPlan(workflow=parts.workbench.find_workflow("sma_cross"), bars=AAPL, loops=0, hold_out=0.5)

    started = parts.runs.start(plan)
    parts.rooms.run_worker.close()
    del parts.rooms.__dict__["run_worker"]

    found = parts.store.read_run(started.id)
    assert found.status in (Status.RUNNING, Status.QUEUED, Status.COMPLETE), found.message
    resumed = parts.rooms.run_worker.run_here(started.id) if not found.status.finished else found
    assert (resumed.status, resumed.iterations) == (Status.COMPLETE, 1)


def ended(parts: Services, run_id: str) -> Run:
    """The run once its worker has left it."""
    while parts.rooms.run_worker.works_on(run_id):
        threading.Event().wait(0.02)
    return parts.store.read_run(run_id)


def test_a_run_that_has_done_its_loops_goes_on_with_more_of_them(parts: Services) -> None:
    run = parts.runs.run_here(RunPlan(workflow=parts.workbench.find_workflow("sma_cross"), bars=AAPL, loops=1))
    with pytest.raises(InputError, match="has done 1 loops of 1"):
        parts.runs.resume(run.id)

    parts.runs.resume(run.id, loops=2)

    again = ended(parts, run.id)
    assert (again.status, again.stop_reason, again.iterations) == (Status.COMPLETE, StopReason.LOOPS, 3)


def test_the_laps_of_a_loop_can_be_timed_around_its_model(parts: Services) -> None:
    laps = time_loop(parts, RunPlan(workflow=parts.workbench.find_workflow("sma_cross"), bars=AAPL, loops=3))

    assert len(laps) == 2, "the last lap has no answer behind it"
    assert all(lap.answer > 0 and lap.own > 0 and lap.pace > 0 for lap in laps)
    assert all(0 < lap.share < 1 for lap in laps)


def test_the_calls_of_a_loop_are_counted_in_every_thread_that_works_on_it(parts: Services) -> None:
    told: list[bool] = []
    plan = RunPlan(workflow=parts.workbench.find_workflow("sma_cross"), bars=AAPL, loops=3)

    (calls,) = count_calls(parts, plan, [range(2, 3)])

    time_loop(parts, plan, lambda loop: told.append(sys.getprofile() is None))
    assert calls > 20_000
    assert told
    assert all(told), "nothing is counted any more"


def test_a_paused_and_cancelled_run_goes_on_when_it_is_resumed(parts: Services) -> None:
    run = parts.store.create_run(RunPlan(workflow=parts.workbench.find_workflow("sma_cross"), bars=AAPL, loops=1))
    parts.runs.steer(run.id, SteeringCommand.PAUSE)
    parts.runs.cancel(run.id)

    parts.runs.resume(run.id)

    assert ended(parts, run.id).status is Status.COMPLETE


@pytest.mark.parametrize("verb", ["resume", "cancel"])
def test_who_takes_up_or_cancels_a_run_closes_the_calls_of_its_dead_worker(parts: Services, verb: str) -> None:
    run = parts.store.create_run(RunPlan(workflow=parts.workbench.find_workflow("sma_cross"), bars=AAPL, loops=0))
    price = Price(input=1.0, output=2.0, source="user")
    pending = {"reserved_micros": 50_000, "reserved_tokens": 30_000, "prompt_tokens": 4_000, "price": price}
    parts.store.ledger.reserve(LedgerRow(run_id=run.id, provider="p", model="p/m", started=datetime.now(UTC), **pending))

    getattr(parts.runs, verb)(run.id)
    ended(parts, run.id)

    spent = parts.store.ledger.spent(run_id=run.id)
    assert (spent.usd_micros, spent.reserved_micros, spent.estimated) == (4_000, 0, 1)


def test_a_budget_over_a_model_without_a_price_is_refused_before_a_run_exists(parts: Services) -> None:
    before = parts.store.count_runs()
    plan = RunPlan(
        workflow=parts.workbench.find_workflow("sma_cross"), bars=AAPL, model=ModelChoice(id="openai/nobody-knows-it"), budget_usd=1.0
    )

    with pytest.raises(BudgetError, match=r"price of openai/nobody-knows-it is not known.*remove the budget"):
        parts.runs.start(plan)

    assert parts.store.count_runs() == before
    free = plan.changed(model=ModelChoice(), loops=0)
    assert parts.runs.run_here(free).status is Status.COMPLETE


def test_an_export_needs_figures(parts: Services) -> None:
    with pytest.raises(InputError, match="no run"):
        parts.runs.export("nothing")


@pytest.mark.parametrize("value", ["0", "-1", "many"])
def test_a_setting_that_cannot_be_meant_is_refused(value: str) -> None:
    with pytest.raises(InputError, match="STRATLOOP_WORKERS"):
        Settings.from_environment({"STRATLOOP_WORKERS": value})


SHORT = AAPL.changed(start=date(2008, 1, 1), end=date(2009, 12, 31))


def test_a_closer_look_begins_by_itself_after_a_loop_in_the_background(tmp_path: Path) -> None:
    made = Services(Settings(home=tmp_path, look_closer=True))
    try:
        run = made.runs.start(RunPlan(workflow=made.workbench.find_workflow("sma_cross"), bars=SHORT, loops=0, minimum_trades=1))
        wait_until(lambda: made.verifications.find(run.id) is not None)
        look = made.verifications.find(run.id)
        assert look is not None
        made.verifications.stop(run.id)
        wait_until(lambda: not look.running)
    finally:
        made.close()

    assert look.problem == ""


def test_a_closer_look_that_is_asked_for_while_the_process_ends_does_not_begin(parts: Services) -> None:
    run = parts.runs.run_here(RunPlan(workflow=parts.workbench.find_workflow("sma_cross"), bars=SHORT, loops=0, minimum_trades=1))
    parts.verifications.close()

    parts.verifications.begin(run.id)
    parts.verifications.begin_by_itself(run)

    assert parts.verifications.find(run.id) is None


def test_a_run_that_was_stopped_is_verified_too(parts: Services) -> None:
    run = parts.runs.run_here(RunPlan(workflow=parts.workbench.find_workflow("sma_cross"), bars=SHORT, loops=1, minimum_trades=1))
    parts.store.save_run(run.changed(status=Status.CANCELLED, selection=None, half=None, hold_out=None))

    parts.verifications.take(run.id)
    found = parts.verifications.describe(run.id)

    assert (found.verdict, found.hold_out, found.looks) == ("in_sample_only", None, None)
    assert found.warm_up is not None
    assert found.warm_up.indicators


def test_half_and_half_is_handed_out_as_two_programs_also_where_it_was_not_run_at_the_end(parts: Services) -> None:
    run = parts.runs.run_here(RunPlan(workflow=parts.workbench.find_workflow("sma_cross"), bars=SHORT, loops=1, minimum_trades=1))
    judged = Selection(winner=1, decision=decide(0.2, 1))
    parts.store.save_run(run.changed(status=Status.CANCELLED, best=1, selection=judged, half=None))

    made = parts.runs.export_recommended(run.id, name="both")

    assert [(one.iteration, one.name) for one in made] == [(0, "both_0"), (1, "both_1")]
    assert all("half the cash (one of two programs)" in one.code and one.proof is not None for one in made)


def test_a_loop_of_several_instruments_is_repeated_on_bars_shuffled_together(parts: Services) -> None:
    bars = SHORT.changed(others=(FurtherInstrument(symbol="MSFT"),))
    run = parts.runs.run_here(RunPlan(workflow=parts.workbench.find_workflow("sma_cross"), bars=bars, loops=1, minimum_trades=1))

    found = parts.verifications.take(run.id, rounds=1).placebo

    assert found is not None
    assert (found.kind, found.rounds) == ("loop", 1)


def test_what_is_loaded_in_advance_is_loaded_also_where_the_sandbox_does_not_start(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(_: Sandbox) -> Isolation:
        raise SandboxUnavailableError("The sandbox could not be started.")

    loaded = threading.Event()
    monkeypatch.setattr(Sandbox, "isolation", refuse)
    monkeypatch.setattr("core.llm.gateway._preload", loaded.set)
    made = Services(Settings(home=tmp_path))

    made.installation.preload().join()

    assert (loaded.is_set(), made.installation.known_isolation()) == (True, None)
    made.close()
