"""Values that come with the bar in lock-step are those that the strategy's process would step to, whatever the strategy does meanwhile."""

import sys
from collections.abc import Callable
from typing import Any

import backtrader as bt
import pytest
from backtest_cases import walk

from core.backtest import lean_loop, wide_rows
from core.backtest import leaps as loop_of_leaps
from core.backtest.bar_source import BarStream
from core.backtest.orders import OrderRecord, parse_record
from core.backtest.runner_report import StrategyReport
from core.backtest.strategy_runner import run_strategy
from core.backtest.wide_rows import WideRows, make_stream
from core.domain.backtest import BacktestPlan
from core.domain.bars import Bars

SEEN = """
import backtrader as bt
import functools
LOG = []

class Own(bt.Indicator):
    lines = ("own",)
    params = (("source", None),)
    def next(self):
        self.lines.own[0] = self.data[0] * 2 + (self.lines.own[-1] if len(self) > 1 else 0.0)
{more}

class Seen(bt.Strategy):
    def __init__(self):
        d = self.data
{init}
        self.made = [item for item in vars(self).values() if isinstance(item, (bt.Indicator, bt.linebuffer.LineActions))]

    def next(self):
{each}
        LOG.append([len(self)] + [line[-back] for item in self.made for line in LINES(item) for back in (0, 1)])
        if self.data.close[0] > self.data.open[0]:
            self.buy(size=1)
        elif self.position:
            self.close()

def LINES(item):
    return item.lines if isinstance(item, bt.Indicator) else [item]
"""


def indent(lines: str) -> str:
    return "\n".join(f"        {line}" for line in lines.splitlines()) or "        pass"


def see(code: str, bars: Bars, *, given: bool) -> tuple[StrategyReport, list[OrderRecord], list[Any], list[int]]:
    """Play in lock-step; the log of the strategy, and for each declaration its number of blocks."""
    declared: list[int] = []
    stream = make_stream(bars) if given else BarStream.from_bars(bars)
    assert isinstance(stream, BarStream)
    if (declare := stream.declare) is not None:

        def count(blocks: list[Any]) -> Callable[[], bytes]:
            declared.append(len(blocks))
            return declare(blocks)

        stream = BarStream(stream.timeframe, stream.next_bar, stream.hours, count)
    raw: list[dict[str, object]] = []
    report = run_strategy(code, BacktestPlan(), stream, raw.append, signals=False)
    return report, [parse_record(one) for one in raw], list(sys.modules["strategy"].LOG), declared


def assert_same(init: str, bars: Bars, *, each: str = "", more: str = "") -> tuple[StrategyReport, list[int]]:
    """The report, and for each declaration its number of blocks."""
    code = SEEN.format(init=indent(init), each=indent(each), more=more)
    report, records, log, declared = see(code, bars, given=True)
    stepped_report, stepped_records, stepped_log, _ = see(code, bars, given=False)
    assert [repr(entry) for entry in log] == [repr(entry) for entry in stepped_log]
    assert (report.fault, report.notes, report.claimed_value) == (stepped_report.fault, stepped_report.notes, stepped_report.claimed_value)
    assert records == stepped_records
    return report, declared


KNOWN = """
self.x_a = bt.ind.SMA(d, period=7)
self.x_b = bt.ind.EMA(d, period=9)
self.x_c = bt.ind.RSI(d, period=5, safediv=True)
self.x_e = bt.ind.BollingerBands(d, period=8)
self.x_f = bt.ind.ATR(d, period=6)
self.x_g = bt.ind.MACDHisto(d)
self.x_h = bt.ind.Stochastic(d, safediv=True)
self.x_i = bt.ind.ADX(d, period=5)
self.x_j = bt.ind.CCI(d)
self.x_k = bt.ind.WMA(d, period=5)
self.x_l = bt.ind.HMA(d, period=9)
self.x_m = bt.ind.CrossOver(self.x_a, self.x_b)
self.x_n = bt.ind.Highest(d.high, period=4)
self.x_o = bt.ind.SumN(d.close - d.open, period=3)
self.x_p = bt.ind.Accum(d.close - d.open)
self.x_q = bt.ind.AllN(d.close > d.open, period=2)
self.x_r = bt.ind.AnyN(d.close > d.open, period=2)
self.x_s = bt.ind.SMA(bt.If(d.close > d.open, self.x_a, d.low), period=2)
self.x_t = bt.Max(d.close, d.open(-1), 100.0)
self.x_u = bt.Sum(d.close, d.open, d.low)
self.x_v = bt.Cmp(d.close, d.open(-1))
self.x_w = -(d.high - d.low) ** 2 / 3
self.x_x = bt.And(d.close > self.x_a, d.close(-1) < d.open, self.x_b > 0)
self.x_y = bt.DivByZero(d.close - d.low, d.high - d.low, zero=0.5)
self.x_z = abs(d.close - d.open) <= self.x_f * 0.1
self.x_aa = bt.ind.EMA(bt.Or(d.close < d.open, d.volume > 5e4), period=3)
self.x_ab = bt.ind.UltimateOscillator(d)
self.x_ac = bt.ind.TRIX(d)
"""
LIBRARY = """
AccelerationDecelerationOscillator(d) | AroonUpDown(d) | AroonOscillator(d) | AwesomeOscillator(d) | DEMA(d, period=9) |
DV2(d, period=20) | DetrendedPriceOscillator(d) | DirectionalMovement(d, period=9) | DicksonMovingAverage(d, period=9) |
Envelope(d, perc=2.0) | FindFirstIndexHighest(d.high, period=9) | FindLastIndexLowest(d.low, period=9) | HeikinAshi(d) |
HurstExponent(d, period=40) | Ichimoku(d, senkou=20) | KAMA(d) | KnowSureThing(d) | LaguerreRSI(d) |
MeanDeviation(d, period=9) | Momentum(d) | MomentumOscillator(d) | ParabolicSAR(d) | PercentChange(d) |
PercentRank(d, period=9) | PrettyGoodOscillator(d) | PriceOscillator(d) | ROC100(d) | RMI(d) |
RSI_EMA(d, safediv=True) | SmoothedMovingAverage(d, period=9) | StdDev(d, period=9) | StochasticFull(d) | TEMA(d, period=9) |
TrueStrengthIndicator(d) | UpMove(d) | Vortex(d) | WilliamsAD(d) | WilliamsR(d) | ZeroLagExponentialMovingAverage(d) |
ZeroLagIndicator(d) | CrossUp(d.close, d.open) | CrossDown(d.close, d.open) | NonZeroDifference(d.close, d.open) |
DownDayBool(d) | ApplyN(d, period=4, func=len) | ExponentialSmoothing(d, period=9, alpha=0.2) |
WeightedAverage(d, period=3, coef=0.5, weights=(1, 2.5, 3)) | MovingAverageSimple(d, period=1) |
Lowest(d.low - d.low, period=3)
"""


def test_known_indicators_have_the_values_of_stepping_and_all_of_them_are_given() -> None:
    report, (declared,) = assert_same(KNOWN.strip(), walk(220))
    assert report.fault is None
    assert declared > 100


def test_every_indicator_of_the_library_has_the_values_of_stepping() -> None:
    init = "\n".join(f"self.i{place} = bt.ind.{made.strip()}" for place, made in enumerate(LIBRARY.split("|")))
    report, (declared,) = assert_same(init, walk(260, seed=3))
    assert report.fault is None, report.fault
    assert declared > 100


@pytest.mark.parametrize(
    "made",
    [
        "SMA(1 / (d.close(-1) - d.close), period=2)",
        "EMA(d.close / (d.close - d.open), period=3)",
        "SMA((d.open - d.close) ** 0.5, period=2)",
    ],
)
def test_where_python_raises_it_raises_on_the_same_bar_with_the_same_words(made: str) -> None:
    bars = walk(120)
    close, opened = bars.close.copy(), bars.open.copy()
    close[80:90] = opened[80:90] = close[80]
    bars = Bars(bars.instrument, bars.timeframe, bars.time, opened, bars.high + 50, bars.low - 50, close, bars.volume)
    fault = assert_same(f"self.x = bt.ind.{made}", bars)[0].fault
    assert fault is not None


OWN_ONES = {
    "an own indicator on a known one": "self.a = bt.ind.SMA(d, period=3); self.x = Own(self.a)",
    "a known one on an own one": "self.x = bt.ind.EMA(Own(bt.ind.SMA(d, period=3)), period=4)",
    "an own one in the middle": "self.x = bt.ind.SMA(Own(d) + bt.ind.EMA(d, period=3), period=2); self.y = bt.ind.RSI(d, period=4)",
    "a method that was replaced": "bt.ind.SMA.next = lambda s: s.line.__setitem__(0, 1.0); self.x = bt.ind.SMA(d, period=3)",
    "a method of one indicator": "self.x = bt.ind.SMA(d, period=3); self.x.next = lambda: self.x.line.__setitem__(0, 2.0)",
    "a subclass without a way of its own": "self.x = type('Mine', (bt.ind.SMA,), {'__module__': __name__})(d, period=3)",
    "a function of one's own": "self.x = bt.ind.ApplyN(d, period=3, func=lambda w: w[0] - w[-1]); self.y = bt.ind.SMA(self.x, period=2)",
    "numbers that are none": "self.x = bt.ind.SMA(d.close > 2 ** 70, period=3); self.y = bt.ind.EMA(d, period=3)",
    "a period of a number type": "import numpy as np; self.x = bt.ind.SMA(d, period=int(np.int64(4)))",
    "times of the clock": "self.x = bt.ind.SMA(d.datetime - 7e5, period=3); self.y = d.openinterest + 1",
    "a delayed line": "self.x = d.close(-9) - bt.ind.SMA(d, period=2)(-4)",
}


@pytest.mark.parametrize("init", OWN_ONES.values(), ids=OWN_ONES)
def test_what_is_not_known_is_stepped_beside_what_is(init: str) -> None:
    try:
        assert assert_same(init, walk(90))[0].fault is None
    finally:
        bt.ind.SMA.__dict__.get("next") and delattr(bt.ind.SMA, "next")


MEDDLERS = {
    "writes to a given line": ("", "if len(self) in (50, 61): self.a.lines.sma[0] = 1.0"),
    "writes with set": ("", "if len(self) == 50: self.b.lines.ema.set(3.0)"),
    "writes to the past of a given line": ("", "if len(self) == 50: self.b.lines.ema[-1] = 3.0"),
    "writes to a price": ("", "if len(self) == 50: self.data.close[0] = 3.0"),
    "writes from an own indicator": ("        if len(self) == 50: self.p.source.lines.ema[0] = 9.0", ""),
    "adds an indicator on the way": ("", "if len(self) == 50: self.late = bt.ind.SMA(self.data, period=2)"),
    "stops the run": ("", "if len(self) == 50: self.env.runstop()"),
    "looks into the arrays": (
        "",
        "LOG.append(list(self.a.array[-3:]) + list(self.rsi.lines[0].array)[-2:] + [len(self.b), len(self.data.close.array)])",
    ),
}


@pytest.mark.parametrize(("more", "each"), MEDDLERS.values(), ids=MEDDLERS)
def test_whoever_meddles_with_given_lines_gets_what_stepping_gives(more: str, each: str) -> None:
    own = "self.own = Own(d, source=self.b)\n" if more else ""
    init = "self.a = bt.ind.SMA(d, period=5)\nself.b = bt.ind.EMA(d, period=5)\nself.rsi = bt.ind.RSI(self.b, period=4)\n"
    report, declared = assert_same(init + own + "self.late = bt.ind.EMA(self.a, period=3)", walk(120), each=each, more=more)
    assert report.fault is None
    assert len(declared) == 1


INNER = "self.a = bt.ind.MACD(d)\nself.b = bt.ind.CrossOver(d.close, self.a.macd)\nself.inner = find_inner(self)"
FIND_INNER = """
def find_inner(item):
    found = [line for one in item._lineiterators[0] for line in ([one] if isinstance(one, bt.linebuffer.LineBuffer) else one.lines)]
    return found + [line for one in item._lineiterators[0] for line in getattr(one, "_lineiterators", ()) and find_inner(one)]
"""


@pytest.mark.parametrize("bar", [45, 90, 118, 1_000])
@pytest.mark.parametrize("leaps", [True, False])
def test_lines_inside_of_indicators_are_there_when_somebody_reads_them(bar: int, leaps: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    """On a bar, again on a later one, or when the run is over. What was kept is dropped every 16 bars until then."""
    recalled: list[int] = []
    recall = WideRows.recall

    def note(self: WideRows) -> bytes:
        recalled.append(1)
        return recall(self)

    for module in (lean_loop, loop_of_leaps):
        monkeypatch.setattr(module, "BARS_BETWEEN_FILLS", 16)
    monkeypatch.setattr(wide_rows, "LEAP_BYTES", 2_000)
    monkeypatch.setattr(WideRows, "recall", note)
    look = "LOG.append([list(line.array)[-9:] + [line[0], line[-7], len(line)] for line in self.inner])"
    each = f"if len(self) in ({bar}, {bar} + 20):\n    {look}"
    code = SEEN.format(init=indent(INNER), each=indent(each), more=FIND_INNER).replace("LOG.append([len(self)] + ", "0 and (")
    code = code.replace("def LINES(item):", f"    def stop(self):\n        {look}\n\ndef LINES(item):")
    code = code if leaps else code.replace("def stop(", "def notify_fund(self, *said):\n        pass\n\n    def stop(")
    bars = walk(120)
    report, records, log, declared = see(code, bars, given=True)
    stepped = see(code, bars, given=False)

    assert report.fault is None
    assert len(declared) == 1
    assert repr(log) == repr(stepped[2])
    assert len(log[-1]) > 10
    assert records == stepped[1]
    assert (len(recalled) > 1) is (bar > 48), "before, nothing was dropped"


def test_given_values_are_asked_for_once_and_only_of_what_is_known() -> None:
    assert assert_same("self.a = bt.ind.SMA(d, period=5)", walk(60))[1] == [2]
    assert assert_same("self.a = Own(d)", walk(60))[1] == []
