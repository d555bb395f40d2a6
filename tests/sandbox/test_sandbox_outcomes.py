"""Everything that code can do wrong has a name, words and, where there is one, a line."""

import threading
from collections.abc import Callable

import numpy as np
import pytest

from core.domain.backtest import BacktestPlan, Limits, Method, OutcomeStatus, Progress, Stage, Verdict
from core.sandbox import Sandbox
from tests.attacks.arena import HONEST, Ungated, run, sample_bars
from tests.attacks.payloads.making import strategy

STATUS = OutcomeStatus
SEND = "import os, json\ndef send(d):\n    b = json.dumps(d).encode()\n    os.write(3, len(b).to_bytes(4, 'little') + b)"
FAULTS = {
    "an exception": (strategy(each="1 / 0"), STATUS.ERROR),
    "an exception on loading": ("import backtrader as bt\nraise KeyError('x')\nclass S(bt.Strategy): pass\n", STATUS.ERROR),
    "memory": (strategy(each="x = bytearray(2 ** 40)"), STATUS.MEMORY),
    "printing without end": (strategy(each="while True: print('x' * 10 ** 5)"), STATUS.OUTPUT_LIMIT),
    "too many orders": (strategy(each="for _ in range(10 ** 7): self.buy(size=1)"), STATUS.RESULT_TOO_LARGE),
    "a forged order": (strategy(top=SEND, each="send({'orders': [{'id': 0, 'cycle': 99}]})"), STATUS.REJECTED),
    "an unreadable answer": (strategy(top=SEND, each="os.write(3, b'\\x01\\0\\0\\0{')"), STATUS.MALFORMED),
    "leaving": (strategy(each="import os\nos._exit(0)"), STATUS.DIED),
    "a crash": (strategy(each="import ctypes\nctypes.memset(8, 0, 8)"), STATUS.DIED),
    "an interrupt": (strategy(each="raise KeyboardInterrupt"), STATUS.ERROR),
    "an exit": (strategy(each="raise SystemExit"), STATUS.ERROR),
    "an exception outside the usual tree": (strategy(each="raise type('X', (BaseException,), {})()"), STATUS.ERROR),
    "an exception that cannot be described": (
        strategy(each="raise type('X', (BaseException,), {'__str__': lambda self: 1 / 0})()"),
        STATUS.ERROR,
    ),
    "a NaN size": (strategy(each="self.buy(size=float('nan'))"), STATUS.ERROR),
}
PLAN = BacktestPlan(limits=Limits(wall_seconds=20, orders=2_000, memory_mb=256))


@pytest.fixture(scope="session")
def ungated(isolated: Sandbox):
    with Ungated() as sandbox:
        yield sandbox


@pytest.mark.parametrize(("code", "status"), FAULTS.values(), ids=FAULTS)
@pytest.mark.parametrize("method", [Method.LOCK_STEP, Method.FAST])
def test_a_failure_has_its_status_and_words(code: str, status: OutcomeStatus, method: Method, ungated: Ungated) -> None:
    if status is STATUS.REJECTED and method is Method.FAST:
        code = code.replace("'id': 0", "'id': -1")
    outcome, _ = run(ungated, code, PLAN.changed(method=method))
    assert outcome.status in (status, STATUS.ERROR if "10 ** 7" in code else status)
    assert outcome.error is not None
    assert outcome.error.message
    assert outcome.equity.size == 0
    assert outcome.certificate.verdict is Verdict.NOT_CHECKABLE
    assert outcome.stage is (Stage.LOAD if "KeyError" in code else Stage.RUN)


def test_an_error_names_the_line_and_the_kind(isolated: Sandbox) -> None:
    outcome, _ = run(isolated, "import backtrader as bt\n\n\nclass S(bt.Strategy):\n    def next(self):\n        self.buy(size=1 / 0)\n")
    assert outcome.stage is Stage.RUN
    assert outcome.error is not None
    assert (outcome.error.line, outcome.error.kind) == (6, "ZeroDivisionError")


def test_code_that_cannot_run_here_is_stopped_by_the_gate_with_a_line(isolated: Sandbox) -> None:
    outcome, _ = run(isolated, strategy(top="import subprocess", each="subprocess.run(['ls'])"))
    assert (outcome.status, outcome.stage) == (STATUS.GATE, Stage.GATE)
    assert outcome.error is not None
    assert outcome.error.line == 2


def test_the_wall_clock_and_the_processor_clock_stop_a_loop(isolated: Sandbox) -> None:
    loop = strategy(each="while True: pass")
    wall, _ = run(isolated, loop, BacktestPlan(limits=Limits(wall_seconds=0.5)))
    cpu, _ = run(isolated, loop, BacktestPlan(limits=Limits(wall_seconds=30, cpu_seconds=1)))
    assert (wall.status, cpu.status) == (STATUS.TIMEOUT, STATUS.CPU_LIMIT)


@pytest.mark.parametrize("watch", [None, lambda report: None], ids=["alone", "watched"])
def test_an_order_book_that_cannot_be_replayed_in_time_is_a_timeout_that_says_so(
    watch: Callable[[Progress], None] | None, ungated: Ungated
) -> None:
    trail = "{'id': k, 'cycle': 1, 'size': 1.0, 'side': 'sell', 'kind': 'stop_trail', 'price': 99.0, 'trail_percent': 0.99}"
    code = strategy(top=SEND, each=f"if len(self) == 1: self.broker.written = 5000; send({{'orders': [{trail} for k in range(5000)]}})")
    plan = BacktestPlan(method=Method.FAST, limits=Limits(wall_seconds=6))
    outcome = ungated.run(code, plan, sample_bars(3_000), cancel=threading.Event(), watch=watch)
    assert outcome.status is STATUS.TIMEOUT
    assert outcome.error is not None
    assert "order book was too full, with" in outcome.error.message


def test_a_gigabyte_of_output_is_stopped_and_only_its_beginning_is_kept(isolated: Sandbox) -> None:
    outcome, _ = run(isolated, strategy(each="for _ in range(2 ** 20): print('y' * 1023)"), BacktestPlan(limits=Limits(log_bytes=1_000)))
    assert outcome.status is STATUS.OUTPUT_LIMIT
    assert len(outcome.log) <= 1_000


def test_what_the_code_prints_comes_back_as_plain_text(isolated: Sandbox) -> None:
    outcome, _ = run(isolated, strategy(stop="print('\\x1b[31m# red\\x1b[0m <b>\\u202e')\nraise ValueError('\\x1b[2Jgone')"))
    assert outcome.log == "# red <b>\n"
    assert outcome.error is not None
    assert outcome.error.message.endswith("gone")
    assert "\x1b" not in outcome.error.message


def test_a_cancelled_run_ends_as_cancelled_and_leaves_the_sandbox_usable(isolated: Sandbox) -> None:
    cancel = threading.Event()
    threading.Timer(0.3, cancel.set).start()
    plan = BacktestPlan(limits=Limits(wall_seconds=30))
    outcome = isolated.run(strategy(each="while True: pass"), plan, sample_bars(), cancel=cancel)
    assert outcome.status is STATUS.CANCELLED
    assert outcome.wall_seconds < 30
    assert run(isolated, HONEST)[0].ok


def test_repeated_runs_are_bit_identical_and_carry_everything(isolated: Sandbox) -> None:
    code = strategy(init="import random\nself.r = random.random()", each="if len(self) % 9 == 3: self.buy(size=1 + self.r)")
    one, other = run(isolated, code)[0], run(isolated, code, PLAN.changed(method=Method.FAST))[0]
    assert one.ok
    assert np.array_equal(one.equity, other.equity)
    assert (one.fills, one.orders_hash) == (other.fills, other.orders_hash)
    assert one.equity.shape == one.position.shape == (120,)
    assert one.certificate.fills_checked
    assert not one.certificate.altered
    assert one.isolation_level == isolated.isolation().level
    assert "class Attack" in one.code_ran


def test_signals_of_a_compiled_strategy_come_back_by_row(isolated: Sandbox) -> None:
    code = strategy(init="self.signals = {'r1': bytearray()}", each="self.signals['r1'].append(len(self) % 2)")
    outcome = isolated.run(code, BacktestPlan(), sample_bars(), cancel=threading.Event(), signals=True)
    assert outcome.ok
    assert outcome.signals["r1"].tolist()[:4] == [1, 0, 1, 0]


def test_the_code_does_not_learn_which_instrument_it_trades(ungated: Ungated) -> None:
    look = "import gc\nfor o in gc.get_objects():\n    if isinstance(o, dict) and o.get('symbol') == 'TE' + 'ST': print('KNOWS')"
    for method in (Method.LOCK_STEP, Method.FAST):
        outcome, _ = run(ungated, strategy(init=look, each="if len(self) == 3: self.buy(size=1)"), PLAN.changed(method=method))
        assert outcome.ok
        assert "KNOWS" not in outcome.log


def test_code_that_alters_the_engine_gets_the_platforms_figures_and_is_told_so(isolated: Sandbox) -> None:
    rich = HONEST.replace("self.buy(size=10)", "self.buy(size=10)\n        self.broker.add_cash(1000)")
    outcome, honest = run(isolated, rich)[0], run(isolated, HONEST)[0]
    assert np.array_equal(outcome.equity, honest.equity)
    assert outcome.certificate.altered
    assert any("altered the engine" in note for note in outcome.notes)


@pytest.mark.parametrize("method", [Method.LOCK_STEP, Method.FAST])
def test_code_that_ends_its_run_is_told_what_becomes_of_the_account_and_not_called_a_cheat(method: Method, isolated: Sandbox) -> None:
    ends = strategy(each="if len(self) == 5: self.buy(size=10)\nif len(self) == 40: self.env.runstop()\nif len(self) == 60: self.close()")
    outcome, _ = run(isolated, ends, PLAN.changed(method=method))
    assert (outcome.ok, len(outcome.fills), outcome.certificate.altered) == (True, 1, False)
    assert outcome.certificate.verdict is not Verdict.LEAKED
    assert any("ended its run after 40 of 120 bars" in note for note in outcome.notes)
    assert not any("altered" in note for note in outcome.notes)


def test_each_note_says_once_what_it_is(isolated: Sandbox) -> None:
    outcome, _ = run(isolated, strategy(each="if len(self) == 5: self.buy(size=10 ** 7)\nif len(self) == 9: self.broker.add_cash(1)"))
    assert outcome.notes == (
        "line 9: add_cash(): cash cannot be added here; the figures are without it.",
        "The code altered the engine; these are the platform's figures.",
        "Second check of the fills: 1 order was rejected for lack of cash; that it could not be afforded is the broker's word alone.",
    )


@pytest.mark.parametrize("method", [Method.LOCK_STEP, Method.FAST])
def test_the_length_of_the_data_is_that_of_the_bars_so_far_and_noted(method: Method, isolated: Sandbox) -> None:
    code = strategy(each="if self.data.buflen() == self.data.close.buflen() == len(self) == 30: self.buy(size=1)")
    outcome, _ = run(isolated, code, PLAN.changed(method=method))
    assert len(outcome.fills) == 1
    assert outcome.certificate.verdict is not Verdict.LEAKED
    assert any("asks how many bars the data has (buflen)" in note for note in outcome.notes)
