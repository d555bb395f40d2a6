"""A run over a basket, with real stores and scripted neighbors: who is in it, what counts, and that one never stops the others."""

import threading
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from core.domain.backtest import BacktestPlan, CodeFault, Outcome, OutcomeStatus
from core.domain.bars import Bars
from core.domain.bars_request import BarsRequest, FurtherInstrument
from core.domain.basket import build_basket
from core.domain.errors import InputError, MarketDataError
from core.domain.events import EventKind, ProgressEvent, select_bodies
from core.domain.instrument_result import Across
from core.domain.run import ModelChoice, Run, RunPlan, Status
from core.driving.choose_basket import choose_basket
from core.driving.drive import drive
from core.driving.evaluate import evaluate_hold_out
from core.driving.run_context import Ports
from core.store import Store
from tests.driving.drive_harness import WORKFLOW
from tests.driving.fakes import RuleSandbox, ScriptedAnswers, program, walk


class NamedMarket:
    """A walk for each symbol; one that it does not have cannot be loaded."""

    def __init__(self, bars: Mapping[str, Bars]) -> None:
        self._bars = {name: replace(one, instrument=one.instrument.changed(symbol=name)) for name, one in bars.items()}

    def bars(self, request: BarsRequest) -> Bars:
        """The bars of one symbol, or the basket of several."""
        if request.basket:
            return build_basket([self.bars(one) for one in request.members])
        if request.symbol not in self._bars:
            raise MarketDataError(f"The symbol '{request.symbol}' is not known.")
        return self._bars[request.symbol]


class OneFails(RuleSandbox):
    """Runs everywhere but on walks that close above 130 at their first bar."""

    def run(self, code: str, plan: BacktestPlan, bars: Bars, **words: object) -> Outcome:  # type: ignore[override]
        """As the rule says; a failure on the marked instrument."""
        outcome = super().run(code, plan, bars, **words)  # type: ignore[arg-type]
        if bars.instrument.symbol != "BAD":
            return outcome
        return replace(outcome, status=OutcomeStatus.ERROR, error=CodeFault(message="division by zero", line=7))


WALKS = {"A": walk(seed=1), "B": walk(seed=2), "C": walk(seed=3)}


def ask(*symbols: str, **words: object) -> RunPlan:
    first, *rest = symbols
    bars = BarsRequest(symbol=first, basket=tuple(FurtherInstrument(symbol=name) for name in rest), adjusted=False)
    return RunPlan(workflow=WORKFLOW, bars=bars, model=ModelChoice(id="test/model"), search="climb", **words)  # type: ignore[arg-type]


def go(folder: Path, plan: RunPlan, bars: Mapping[str, Bars], sandbox: RuleSandbox | None = None) -> tuple[Run, Store]:
    store, model = Store.in_folder(folder), ScriptedAnswers([program(0.9), program(0.1)])
    ports = Ports(model, sandbox or RuleSandbox(), NamedMarket(bars), store, outage_pauses=())
    return drive(store.create_run(plan).id, ports, cancel=threading.Event()), store


def test_every_iteration_is_run_on_each_instrument_and_its_figures_are_those_of_a_run_on_it_alone(tmp_path: Path) -> None:
    run, store = go(tmp_path / "all", ask("A", "B", "C", loops=1), WALKS)
    alone, other = go(tmp_path / "one", ask("B", loops=1), WALKS)

    found, single = store.list_iterations(run.id)[1], other.list_iterations(alone.id)[1]

    assert run.status is Status.COMPLETE
    assert [one.symbol for one in found.instruments] == ["A", "B", "C"]
    assert found.instruments[1].metrics == single.metrics


@pytest.mark.parametrize(
    ("across", "choose"), [("mean", lambda each: sum(each) / 3), ("median", lambda each: sorted(each)[1]), ("worst", min)]
)
def test_the_score_is_taken_over_the_instruments_as_the_plan_says(tmp_path: Path, across: str, choose: object) -> None:
    run, store = go(tmp_path, ask("A", "B", "C", loops=1, across=Across(across)), WALKS)
    found = store.list_iterations(run.id)[1]
    each = [one.metrics.sharpe for one in found.instruments if one.metrics]
    assert found.score == pytest.approx(choose(each))  # type: ignore[operator]


def test_the_curve_is_the_equal_weight_account_and_buy_and_hold_is_that_of_all(tmp_path: Path) -> None:
    run, store = go(tmp_path, ask("A", "B", loops=0, hold_out=0.0), WALKS)
    detail = store.read_detail(run.id, 0)
    finals = [one.metrics.final_value for one in detail.iteration.instruments if one.metrics]
    assert detail.equity[-1] == pytest.approx(sum(finals) / 2)
    assert run.benchmark is not None
    assert run.benchmark.total_return == pytest.approx(sum(one.benchmark.total_return for one in run.instruments) / 2)


def test_code_that_fails_on_one_instrument_is_that_instruments_error_and_no_gain(tmp_path: Path) -> None:
    run, store = go(tmp_path, ask("A", "BAD", loops=1), {"A": walk(seed=1), "BAD": walk(seed=2)}, OneFails())
    found = store.list_iterations(run.id)[1]
    good, bad = found.instruments
    assert (run.status, found.error) == (Status.COMPLETE, None)
    assert bad.error is not None
    assert good.metrics is not None
    assert found.score == pytest.approx((good.metrics.sharpe + min(0.0, good.metrics.sharpe)) / 2)  # type: ignore[operator,type-var]
    assert found.findings[0].code == "instrument_failed"


def test_a_basket_tells_each_instrument_as_it_is_done_and_its_last_word_is_the_account_of_all(tmp_path: Path) -> None:
    run, store = go(tmp_path, ask("A", "BAD", "C", loops=1), {"A": walk(seed=1), "BAD": walk(seed=2), "C": walk(seed=3)}, OneFails())
    told = [one for one in select_bodies(store.list_events(run.id, kind=EventKind.PROGRESS), ProgressEvent) if one.number == 1]

    assert [len(one.instruments) for one in told] == [1, 2, 3]
    last, detail = {one.symbol: one for one in told[-1].instruments}, store.read_detail(run.id, 1)
    assert last["BAD"].total_return is None
    for one in detail.iteration.instruments:
        assert one.metrics is None or last[one.symbol].total_return == pytest.approx(one.metrics.total_return)
    assert told[-1].equity == pytest.approx([detail.equity[bar] for bar in told[-1].bars])


def test_the_hold_out_is_measured_per_instrument_and_together(tmp_path: Path) -> None:
    run, _ = go(tmp_path, ask("A", "B", loops=1, hold_out=0.25), WALKS)
    held = run.hold_out
    assert held is not None
    assert [one.symbol for one in held.best.instruments] == ["A", "B"]
    assert held.best.metrics is not None
    assert all(one.metrics is not None and one.metrics.bars == 100 for one in (*held.best.instruments, *held.benchmark.instruments))


def test_an_unknown_and_a_short_instrument_are_named_and_left_out() -> None:
    plan = ask("GONE", "A", "SHORT", "B", loops=1)
    chosen = choose_basket(plan, NamedMarket(WALKS | {"SHORT": walk(seed=5).slice(380, 400)}))
    assert [one.symbol for one in chosen.bars.members] == ["A", "B"]
    assert [one.symbol for one in chosen.left_out] == ["GONE", "SHORT"]
    assert "0 training bars" in chosen.left_out[1].reason


def test_what_is_left_of_a_basket_may_be_one_instrument_but_not_none() -> None:
    assert choose_basket(ask("A", "GONE"), NamedMarket(WALKS)).bars.basket == ()
    with pytest.raises(MarketDataError, match="None of the basket's instruments"):
        choose_basket(ask("GONE", "LOST"), NamedMarket(WALKS))


def test_one_symbol_twice_is_refused_before_anything_is_loaded() -> None:
    with pytest.raises(InputError, match="A is in the basket twice"):
        choose_basket(ask("A", "B", "a"), NamedMarket({}))


def test_tries_on_one_instrument_count_for_a_basket_that_holds_it_and_the_other_way_round(tmp_path: Path) -> None:
    store, market = Store.in_folder(tmp_path), NamedMarket(WALKS)
    answers = [[program(0.9)], [program(0.7)], [program(0.5)]]
    runs = []
    for plan, said in zip((ask("A", loops=1), ask("B", "A", loops=1), ask("B", loops=1)), answers, strict=True):
        ports = Ports(ScriptedAnswers(said), RuleSandbox(), market, store, outage_pauses=())
        runs.append(drive(store.create_run(plan).id, ports, cancel=threading.Event()))
    assert [run.earlier_tries for run in runs] == [0, 1, 1]
    assert [run.hold_out.looks for run in runs if run.hold_out] == [1, 2, 2]


def test_the_same_program_again_has_the_figures_of_the_first_time(tmp_path: Path) -> None:
    store, model = Store.in_folder(tmp_path), ScriptedAnswers([program(0.9), program(0.9)])
    ports = Ports(model, RuleSandbox(), NamedMarket(WALKS), store, outage_pauses=())
    run = drive(store.create_run(ask("A", "B", loops=2)).id, ports, cancel=threading.Event())
    first, again = store.list_iterations(run.id)[1:]
    assert (again.metrics, again.instruments, again.score) == (first.metrics, first.instruments, first.score)
    assert (again.timing is None) is (first.timing is None)


def test_a_hold_out_that_begins_on_a_day_of_a_further_instrument_alone_is_measured() -> None:
    """An instrument around the clock has days on which the basket has none: its members' part begins with their own next bar."""
    daily = {name: replace(one, instrument=one.instrument.changed(symbol=name)) for name, one in WALKS.items()}
    workdays = np.arange(len(daily["A"])) % 7 < 5
    members = [replace(daily[name], present=workdays).drop_repeated() for name in ("A", "B")]
    basket = build_basket(members, [daily["C"]])
    cut = 7 * 20 + 5

    found, _ = evaluate_hold_out(
        program(0.9), BacktestPlan(), basket.slice(cut - 14, cut + 70), 14, sandbox=RuleSandbox(), cancel=threading.Event()
    )

    assert found.evaluation is not None
    assert [one.metrics is not None for one in found.evaluation.instruments] == [True, True]
    mean = np.mean([one.metrics.final_value for one in found.evaluation.instruments if one.metrics])
    assert found.evaluation.metrics.final_value == pytest.approx(mean)
