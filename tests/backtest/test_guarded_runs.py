"""A run that has all bars says of itself whether it asked for nothing but what it would have got bar by bar."""

import pytest
from backtest_cases import run, walk

from core.backtest.bar_source import AllBars
from core.backtest.strategy_runner import run_strategy
from core.backtest.wide_rows import make_stream
from core.domain.backtest import BacktestPlan
from tests.bench.engine import CODES

CODE = """
import statistics

import backtrader as bt
{top}

class Asks(bt.Strategy):
    def __init__(self):
        self.mean = bt.ind.SMA(period=3)
        {init}

    def next(self):
        {each}
        if len(self) % 5 == 0:
            self.buy(size=1)
"""
OWN = """
class Own(bt.Indicator):
    lines = ("f",)

    def __init__(self):
        self.inside = bt.ind.SMA(self.data, period=4)
        self.lines.f = self.inside - self.data
"""
STEPS = """
class Steps(bt.Indicator):
    lines = ("f",)

    def next(self):
        self.lines.f[0] = self.last = self.data[0]
"""
FAR = "import numpy as np\nFAR = np.array([-128]).astype('int8')[0]"
"""Far before the first bar, which comes round to bar 127."""
KEEPS = """
KEPT = []

class Keeps(bt.Indicator):
    lines = ("kept",)

    def __init__(self):
        KEPT.append(bt.ind.SMA(self.data, period=4))
        self.lines.kept = KEPT[-1] - self.data
"""


def is_guarded(*, top: str = "", init: str = "pass", each: str = "pass") -> bool:
    ran = run(CODE.format(top=top, init=init, each=each), walk(60), lock_step=False)
    assert ran.report.fault is None, ran.report.fault
    return ran.report.guarded


@pytest.mark.parametrize("code", CODES.values(), ids=CODES)
def test_everyday_strategies_are_guarded_and_no_run_bar_by_bar_says_so(code: str) -> None:
    assert run(code, walk(400), lock_step=False).report.guarded
    assert not run(code, walk(400), lock_step=True).report.guarded


@pytest.mark.parametrize(
    ("init", "each"),
    [
        ("pass", "x = self.data.close[0] + self.data.close[-1] + self.mean[-2]"),
        ("pass", "x = self.data.close[-50]"),
        ("x = self.data.close[0]", "x = self.data.close.get(size=20)"),
        ("self.own = Own(self.data)", "x = self.own[0] + self.own.lines.f[-1]"),
        ("self.own = bt.If(self.data.close > self.mean, self.data.high, self.data.low)", "x = self.own[0]"),
    ],
)
def test_reads_of_what_has_happened_are_guarded(init: str, each: str) -> None:
    assert is_guarded(top=OWN, init=init, each=each)


@pytest.mark.parametrize(
    ("top", "init", "each"),
    [
        ("", "pass", "try: x = self.data.close[1]\n        except Exception: pass"),
        ("", "pass", "try: x = self.data.close.get(ago=2, size=1)\n        except Exception: pass"),
        ("", "pass", "try: x = self.data.datetime.date(1)\n        except Exception: pass"),
        ("", "pass", "x = statistics.mean(self.data.close)"),
        ("", "pass", "try: x = list(self.data.close)\n        except Exception: pass"),
        ("", "pass", "try: x = 5.0 in self.data.close\n        except Exception: pass"),
        ("", "self.later = bt.ind.Momentum(period=-2)", "pass"),
        ("", "self.later = bt.ind.ROC(period=-1)", "pass"),
        ("import numpy as np", "try: self.later = self.data.close(np.int64(1))\n        except Exception: pass", "pass"),
        ("", "self.cloud = bt.ind.Ichimoku(tenkan=3, kijun=5, senkou=8, senkou_lead=4, chikou=4)", "x = self.cloud.chikou_span[0]"),
        ("", "self.path = bt.ind.ParabolicSAR()", "pass"),
        (STEPS, "self.own = Steps(self.data)", "x = self.own.last"),
        (OWN, "self.own = Own(self.data)", "x = self.own.inside[0]"),
        (OWN, "self.own = Own(self.data)", "x = self.own.inside.get(size=2)"),
        ("", "pass", "self.late = bt.ind.SMA(period=2)"),
        ("", "pass", "self.late = (lambda self: self(-1))(self.mean)"),
        ("", "pass", "try: self.data.close[5] = 1.0\n        except IndexError: self.buy()"),
        ("", "pass", "self.data.close[0] = 1.0"),
        ("", "pass", "self.mean.lines[0][0] = 1.0"),
        ("", "try: self.data.close[5] = 1.0\n        except IndexError: pass", "pass"),
        ("", "self.data.lines[0] = self.mean", "pass"),
        ("", "self.lines[0] = self.mean", "pass"),
        ("", "self.own = bt.ind.Envelope(self.data.close - self.data.open)", "pass"),
        (OWN, "self.own, self.op = Own(self.data), self.data * 2.0", "self.own.lines[0] = self.op"),
        (KEEPS, "self.own = Keeps(self.data)", "x = len(KEPT[0])"),
        (KEEPS, "self.own = Keeps(self.data)", "x = len(KEPT[0].lines[0])"),
        (KEEPS, "self.own = Keeps(self.data)", "x = KEPT[0].lines[0].get(size=1)"),
        (KEEPS, "self.own = Keeps(self.data)", "x = KEPT[0].lines[0].time(0)"),
        ("W = [1.0, 1.0]", "self.own = bt.ind.WeightedAverage(period=2, weights=W)", "W[0] = 9.0"),
        ("", "self.data.close.extend(5.0, 3)", "pass"),
        (FAR, "try: x = self.data.close[FAR]\n        except Exception: pass", "pass"),
        (FAR, "try: x = self.data.datetime.date(FAR)\n        except Exception: pass", "pass"),
        ("", "pass", "self.mean.extend(5.0, 3)"),
        ("", "pass", "x = bt.ind.EMA(period=2)"),
        ("", "pass", "x = str(self.data)"),
        ("", "pass", "x = repr(self.data.p)"),
        ("", "pass", "x = '%s' % self.data.lines"),
        ("", "pass", "x = f'{self.mean}'"),
        ("", "pass", "x = str(self.buy)"),
        ("", "self.notify_trade = lambda trade: len(str(trade))", "self.close() if len(self) % 5 == 2 else None"),
    ],
)
def test_reads_of_later_bars_and_unknown_computing_are_not(top: str, init: str, each: str) -> None:
    assert not is_guarded(top=top, init=init, each=each)


def test_what_is_held_changes_no_value_that_was_taken_before() -> None:
    code = CODE.format(top="", init="pass", each="self.position.size = len(self); self.sell(size=1 + int(self.broker.getvalue()) % 17)")
    fast, stepped = (run(code, walk(60), lock_step=lock_step) for lock_step in (False, True))
    assert fast.report.guarded
    assert fast.records == stepped.records


@pytest.mark.parametrize("asked", ["len(self.data.p)", "iter(self.broker)", "-self.broker.p"])
def test_no_message_tells_in_which_way_a_run_computes(asked: str) -> None:
    code = CODE.format(top="", init="pass", each=f"try: {asked}\n        except Exception as error: self.buy(size=len(str(error)))")
    found = []
    for source, passed in ((AllBars.from_bars(walk(60)), lambda bars: None), (make_stream(walk(60)), None)):
        records: list[dict[str, object]] = []
        report = run_strategy(code, BacktestPlan(), source, records.append, signals=False, passed=passed)
        assert report.fault is None
        found.append(records)
    assert found[0] == found[1]
