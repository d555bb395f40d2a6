"""Playing a strategy: which class runs, what it may ask for, what it says at the end."""

import contextlib
import random
import sys
from dataclasses import replace

import numpy as np
import pytest
from backtest_cases import played, run, walk

from core.backtest.runner_report import StrategyReport, parse_report
from core.backtest.strategy_module import load_module
from core.domain.backtest import BacktestPlan, CodeFault, Limits, Stage
from core.domain.instrument import Timeframe

BUYS = "import backtrader as bt\n{before}class {name}(bt.Strategy):\n    {body}\n    def next(self):\n        {act}\n"


def code(act: str = "pass", *, body: str = "x = 1", before: str = "", name: str = "S") -> str:
    return BUYS.format(before=before, name=name, body=body, act=act)


def fault_of(text: str, **more: object) -> CodeFault:
    fault = played(text, walk(30), **more)[0].fault  # type: ignore[arg-type]
    assert fault is not None
    return fault


def test_the_last_strategy_defined_here_runs() -> None:
    before = "from backtrader.strategies import MA_CrossOver\nclass First(bt.Strategy):\n    pass\n"
    assert played(code(before=before, name="Second"), walk(5))[0].strategy == "Second"


def test_an_imported_strategy_is_not_the_module_s_own() -> None:
    assert "no strategy class" in fault_of("from backtrader.strategies import MA_CrossOver\n").message


def test_the_code_is_a_real_module_with_fixed_seeds() -> None:
    module = load_module("import random\nvalue = random.random()\nname = __name__\n")
    random.seed(0)
    assert (module.name, module.value, sys.modules["strategy"]) == ("strategy", random.random(), module)


def test_the_report_is_what_the_strategy_claims() -> None:
    ran = run(code("self.buy(size=1) if len(self) == 3 else None"), walk(20))
    assert (ran.report.strategy, ran.report.bars, ran.report.orders, ran.report.stage) == ("S", 20, 1, Stage.DONE)
    assert ran.report.claimed_value == ran.replayed.final_value
    assert ran.report.claimed_cash == ran.replayed.cash[-1]


@pytest.mark.parametrize("lock_step", [False, True])
def test_orders_from_stop_can_never_fill_and_are_left_out(lock_step: bool) -> None:
    ran = run(code(body="def stop(self):\n        self.buy(size=1)"), walk(10), lock_step=lock_step)
    assert ran.records == []
    assert "1 orders were placed after the last bar" in ran.report.notes[0]


@pytest.mark.parametrize("lock_step", [False, True])
@pytest.mark.parametrize("method", ["__init__", "start"])
def test_orders_before_the_first_bar_are_refused(method: str, lock_step: bool) -> None:
    fault = fault_of(code(body=f"def {method}(self):\n        self.buy(size=1)"), lock_step=lock_step)
    assert fault.message == "an order was placed before the first bar"


def test_only_limits_can_be_for_the_opening_and_a_market_order_is_anyway() -> None:
    refused = fault_of(code("self.buy(size=1, exectype=bt.Order.Stop, price=1.0, on_open=True)"))
    assert "on_open is for limit orders" in refused.message
    plain, told = (run(code(f"self.buy(size=1{more}) if len(self) == 3 else None"), walk(9)).records for more in ("", ", on_open=True"))
    assert plain == told


def test_too_many_orders_end_the_run() -> None:
    plan = BacktestPlan(limits=Limits(orders=10))
    assert played(code("self.buy(size=1)"), walk(30), plan)[0].fault == CodeFault(
        message="more than 10 orders",
        line=5,
        hint="Place an order only when the position or the pending orders call for one.",
        kind="StrategyFault",
    )


def test_an_order_on_a_higher_timeframe_is_refused() -> None:
    fault = fault_of(code("self.buy(data=self.data1, size=1)", body='timeframes = ("1w",)'))
    assert "only the run's own bars can be traded" in fault.message


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        ('("1x",)', "unknown timeframe '1x'"),
        ('("1h",)', "not longer than the run's own (1d)"),
        ("7", "must be a tuple"),
        ('("1d",)', "not longer"),
    ],
)
def test_a_timeframe_that_cannot_be_had_is_refused(asked: str, words: str) -> None:
    assert words in fault_of(code(body=f"timeframes = {asked}")).message


@pytest.mark.parametrize("lock_step", [False, True])
def test_only_completed_higher_bars_are_visible(lock_step: bool, capsys: pytest.CaptureFixture[str]) -> None:
    text = code(
        "print(self.data.datetime.date(0), self.data1.datetime.date(0), self.data1.close[0] == self.data.close[-1])",
        body='timeframes = ("1w",)',
    )
    run(text, walk(15, start="2024-01-01"), lock_step=lock_step)  # 2024-01-01 is a Monday; that a week has Sundays is learned in the first
    assert capsys.readouterr().out.splitlines() == [
        "2024-01-08 2024-01-07 True",
        *(f"2024-01-{day:02} 2024-01-07 False" for day in range(9, 14)),
        "2024-01-14 2024-01-14 False",
        "2024-01-15 2024-01-14 True",
    ]


@pytest.mark.parametrize("lock_step", [False, True])
def test_a_higher_timeframe_brings_no_extra_turn_at_the_end(lock_step: bool) -> None:
    bars = walk(100, timeframe=Timeframe.M5)
    assert run(code(body='timeframes = ("1h",)'), bars, lock_step=lock_step).report.bars == 100


def test_signals_of_a_compiled_workflow_come_back_one_flag_a_bar() -> None:
    body = 'def __init__(self):\n        self.signals = {"r1": bytearray()}'
    ran = run(code('self.signals["r1"].append(len(self) % 2)', body=body), walk(5), signals=True)
    assert {name: flags.tolist() for name, flags in ran.report.signals.items()} == {"r1": [1, 0, 1, 0, 1]}
    assert run(code(body=body), walk(5)).report.signals == {}


def test_no_bars_is_said() -> None:
    assert played(code(), walk(5).slice(0, 0))[0].fault == CodeFault(message="there are no bars to run on", kind="StrategyFault")


def test_a_strategy_that_skips_itself_is_said() -> None:
    assert "skipped itself" in fault_of(code(body="def __init__(self):\n        raise bt.errors.StrategySkipError")).message


def test_numbers_of_numpy_are_taken_as_plain_ones() -> None:
    text = code(
        "self.buy(size=np.float32(2.5), price=np.float32(50.1), exectype=bt.Order.Limit) if len(self) == 2 else None",
        before="import numpy as np\n",
    )
    (record,) = run(text, walk(9)).records
    assert (record.size, record.price) == (2.5, float(np.float32(50.1)))


PLAIN = StrategyReport(claimed_value=1.5, strategy="S", timeframes=("1w",), bars=3, orders=1, notes=("n",), early_reads=(4, 9))
GOOD = replace(PLAIN, signals={"r": np.array([0, 1, 1], dtype=np.uint8)})


def test_a_report_survives_the_wire() -> None:
    again = parse_report(GOOD.to_wire())
    assert again.signals.pop("r").tolist() == [0, 1, 1]
    assert again == replace(PLAIN, signals={})


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"claimed_value": "much"}, "claimed_value must be a number"),
        ({"bars": -1}, "bars must be a count"),
        ({"orders": True}, "orders must be a count"),
        ({"signals": {"r": "012"}}, "a number of flags and their text"),
        ({"signals": {"r": [3, "*"]}}, "cannot be read"),
        ({"signals": {"r": [90, "AAAA"]}}, "as many flags as it says"),
        ({"signals": {"r": [-1, ""]}}, "must be a count"),
        ({"signals": []}, "signals must be an object"),
        ({"timeframes": ["1x"]}, "report: "),
        ({"timeframes": "1w"}, "timeframes must be a list"),
        ({"notes": ["n"] * 101}, "notes must be a list of at most 100"),
        ({"early_reads": ["line 8"]}, "early_reads must be a count"),
        ({"fault": {"line": 3}}, "report: "),
        ({"stage": "moon"}, "report: "),
    ],
)
def test_a_report_with_a_wrong_field_is_refused(change: dict[str, object], words: str) -> None:
    with pytest.raises(ValueError, match=words):
        parse_report(GOOD.to_wire() | change)


NESTED: list[object] = []
for _ in range(100_000):
    NESTED = [NESTED]


@pytest.mark.parametrize(
    "field", ["claimed_value", "claimed_cash", "bars", "strategy", "notes", "timeframes", "signals", "early_reads", "fault"]
)
@pytest.mark.parametrize("end", [10**400, -(10**400), NESTED, [NESTED], {"message": NESTED}, {"x": [10**400, ""]}])
def test_the_last_word_of_a_program_can_be_anything_and_breaks_nothing(field: str, end: object) -> None:
    with contextlib.suppress(ValueError):
        parse_report(GOOD.to_wire() | {field: end})


def test_a_claim_that_is_no_number_is_no_claim() -> None:
    assert parse_report(GOOD.to_wire() | {"claimed_value": float("nan")}).claimed_value is None
