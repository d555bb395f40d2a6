"""Whoever watches a run sees the account grow, in the platform's own figures, and can neither be lied to nor break anything."""

import threading
from collections.abc import Callable, Iterator

import numpy as np
import pytest

from core.domain.backtest import BacktestPlan, Limits, Method, Outcome, OutcomeStatus, Progress
from core.sandbox import Sandbox
from core.sandbox.host_choice import FORCED_LEVEL
from tests.attacks.arena import HONEST, Ungated, run, sample_bars
from tests.attacks.payloads.making import strategy

METHODS = [Method.LOCK_STEP, Method.FAST]
BARS = sample_bars(1_500)
BUSY = strategy(each="self.buy(size=1 + len(self) % 3) if len(self) % 4 == 1 else self.close() if len(self) % 4 == 3 else None")
SLOW = strategy(each="import time; time.sleep(0.0005)\nif len(self) % 7 == 1: self.buy(size=1)")
SEND = "import os, json\ndef send(d):\n    b = json.dumps(d).encode()\n    os.write(3, len(b).to_bytes(4, 'little') + b)"


def plan_for(method: Method) -> BacktestPlan:
    return BacktestPlan(method=method, limits=Limits(wall_seconds=30, cpu_seconds=30))


def watched(sandbox: Sandbox, code: str, method: Method) -> tuple[Outcome, list[Progress]]:
    seen: list[Progress] = []
    return sandbox.run(code, plan_for(method), BARS, cancel=threading.Event(), watch=seen.append), seen


@pytest.fixture(scope="module")
def unisolated() -> Iterator[Sandbox]:
    with Sandbox(allow_unisolated=True) as sandbox:
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv(FORCED_LEVEL, "0")
            sandbox.isolation()
        yield sandbox


@pytest.fixture(scope="module")
def ungated(isolated: Sandbox) -> Iterator[Sandbox]:
    with Ungated() as sandbox:
        yield sandbox


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("code", [BUSY, SLOW, HONEST], ids=["busy", "slow", "one order"])
def test_every_value_is_the_outcomes_own_and_bars_only_ascend(code: str, method: Method, isolated: Sandbox) -> None:
    outcome, seen = watched(isolated, code, method)
    bars = [bar for report in seen for bar in report.bars]
    assert outcome.ok
    assert [value for report in seen for value in report.equity] == outcome.equity[bars].tolist()
    assert bars == sorted(set(bars))
    assert all(report.bars[-1] == report.done - 1 and len(report.bars) <= 200 for report in seen)
    assert (seen[-1].done, seen[-1].total) == (len(BARS), len(BARS))


@pytest.mark.parametrize("method", METHODS)
def test_a_long_run_reports_more_than_once_before_its_end(method: Method, isolated: Sandbox) -> None:
    outcome, seen = watched(isolated, SLOW, method)
    assert outcome.ok
    assert len([report for report in seen if report.done < report.total]) >= 2


@pytest.mark.parametrize("method", METHODS)
def test_figures_are_the_same_with_and_without_a_watcher(method: Method, isolated: Sandbox) -> None:
    outcome, _ = watched(isolated, BUSY, method)
    alone = isolated.run(BUSY, plan_for(method), BARS, cancel=threading.Event())
    assert np.array_equal(outcome.equity, alone.equity)
    assert (outcome.fills, outcome.trades, outcome.orders_hash) == (alone.fills, alone.trades, alone.orders_hash)
    assert (outcome.certificate, outcome.notes) == (alone.certificate, alone.notes)


@pytest.mark.parametrize("method", METHODS)
def test_machines_without_isolation_report_too(method: Method, unisolated: Sandbox) -> None:
    outcome, seen = watched(unisolated, SLOW, method)
    bars = [bar for report in seen for bar in report.bars]
    assert outcome.ok
    assert len(seen) > 1
    assert [value for report in seen for value in report.equity] == outcome.equity[bars].tolist()


@pytest.mark.parametrize("method", METHODS)
def test_a_watcher_can_cancel(method: Method, isolated: Sandbox) -> None:
    cancel = threading.Event()
    endless = strategy(each="while len(self) > 40: pass\nimport time; time.sleep(0.01)")
    outcome = isolated.run(endless, plan_for(method), BARS, cancel=cancel, watch=lambda report: cancel.set())
    assert outcome.status is OutcomeStatus.CANCELLED


@pytest.mark.parametrize("error", [KeyError("mine"), EOFError("mine"), KeyboardInterrupt("mine")])
def test_what_the_watcher_raises_ends_the_run_and_comes_out_unchanged(error: BaseException, isolated: Sandbox) -> None:
    def raising(report: Progress) -> None:
        raise error

    with pytest.raises(type(error), match="mine"):
        isolated.run(BUSY, plan_for(Method.FAST), BARS, cancel=threading.Event(), watch=raising)
    assert run(isolated, HONEST)[0].ok


def test_reports_come_in_the_callers_thread(isolated: Sandbox) -> None:
    threads: set[int] = set()
    isolated.run(HONEST, plan_for(Method.FAST), BARS, cancel=threading.Event(), watch=lambda report: threads.add(threading.get_ident()))
    assert threads == {threading.get_ident()}


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("asking", [True, False], ids=["watched", "alone"])
def test_a_child_cannot_forge_a_report(method: Method, asking: bool, ungated: Sandbox) -> None:
    forged = strategy(top=SEND, each="if len(self) == 9: send({'progress': [3000, 3000, [2999], [1e9]]})")
    seen: list[Progress] = []
    watch: Callable[[Progress], None] | None = seen.append if asking else None
    outcome = ungated.run(forged, plan_for(method), BARS, cancel=threading.Event(), watch=watch)
    assert outcome.status is OutcomeStatus.MALFORMED
    assert all(value == 100_000.0 for report in seen for value in report.equity)


def test_a_child_that_orders_behind_its_own_word_is_refused(ungated: Sandbox) -> None:
    lie = "if len(self) == 5: self.buy(size=10)\nif len(self) == 9: send({'passed': 2000})\nif len(self) == 99: self.close()"
    outcome, _ = watched(ungated, strategy(top=SEND, each=lie), Method.FAST)
    assert outcome.status is OutcomeStatus.REJECTED
    assert outcome.error is not None
    assert "2000 bars had gone by" in outcome.error.message


@pytest.mark.parametrize("bars", [1, 10**15])
def test_what_a_child_says_about_how_far_it_is_changes_no_figure(bars: int, ungated: Sandbox) -> None:
    code = strategy(top=SEND, each=f"if len(self) == 5: self.buy(size=10)\nif len(self) == 9: send({{'passed': {bars}}})")
    outcome, seen = watched(ungated, code, Method.FAST)
    expected = ungated.run(code.replace("send({'p", "({'p"), plan_for(Method.FAST), BARS, cancel=threading.Event())
    assert (outcome.ok, outcome.fills) == (True, expected.fills)
    assert np.array_equal(outcome.equity, expected.equity)
    assert [value for report in seen for value in report.equity] == outcome.equity[[bar for report in seen for bar in report.bars]].tolist()


@pytest.mark.parametrize("word", ["{'passed': True}", "{'passed': 0}", "{'passed': 2.5}", "{'passed': 3, 'more': 1}"])
def test_a_word_that_is_none_is_malformed(word: str, ungated: Sandbox) -> None:
    assert watched(ungated, strategy(top=SEND, each=f"send({word})"), Method.FAST)[0].status is OutcomeStatus.MALFORMED


def test_in_lock_step_a_child_says_nothing_about_how_far_it_is(ungated: Sandbox) -> None:
    told = strategy(top=SEND, each="if len(self) == 9: send({'passed': 9})")
    assert watched(ungated, told, Method.LOCK_STEP)[0].status is OutcomeStatus.MALFORMED


def test_a_refused_order_log_is_refused_as_without_a_watcher(ungated: Sandbox) -> None:
    code = strategy(top=SEND, each="if len(self) == 9: send({'orders': [{'id': 7, 'cycle': 9, 'size': 1.0}]})")
    outcome, _ = watched(ungated, code, Method.FAST)
    alone = ungated.run(code, plan_for(Method.FAST), BARS, cancel=threading.Event())
    assert (outcome.status, outcome.error) == (alone.status, alone.error)
