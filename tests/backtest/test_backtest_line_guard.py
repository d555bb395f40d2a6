"""The guard on lines and the faster bookkeeping: nothing past either end of the bars, and everything else as in stock Backtrader."""

import math
import sys
from contextlib import nullcontext
from functools import cache

import backtrader as bt
import numpy as np
import pytest
from backtest_cases import played, run, walk
from backtrader.linebuffer import LineBuffer
from backtrader.lineseries import Lines, LineSeries

from core.backtest.engine import Engine
from core.backtest.line_guard import guard_lines
from core.backtest.method_overrides import install_patches
from core.backtest.replay import is_altered
from core.domain.backtest import BacktestPlan
from core.domain.bars import Bars
from tests.reference_backtrader import run_reference
from tests.stock_backtrader import restore_backtrader
from tests.stock_feed import make_feed

READS = """
import math
import backtrader as bt

class Reads(bt.Strategy):
    def __init__(self):
        {setup}
        self.seen = []

    def next(self):
        self.seen.append({read})

    def stop(self):
        print(repr(self.seen[:3]))
"""


def printed(capsys: pytest.CaptureFixture[str], read: str, *, lock_step: bool, setup: str = "pass") -> tuple[str, tuple[str, ...]]:
    ran = run(READS.format(read=read, setup=setup), walk(6), lock_step=lock_step)
    return capsys.readouterr().out.strip(), ran.report.notes


@pytest.mark.parametrize("lock_step", [False, True])
@pytest.mark.parametrize(
    ("read", "first"),
    [
        ("self.data.close[-1] == self.data.close[0]", "True, False, False"),
        ("math.isnan(self.data[-2])", "True, False, False"),
        ("self.data[-2] == self.data[0]", "False, True, False"),
        ("self.data.lines.close[-1] == self.data.close[0]", "True, False, False"),
        ("len(self.data.close.get(size=2))", "1, 2, 2"),
        ("len(self.data.close.get(ago=-1, size=2))", "0, 0, 2"),
        ("len(self.data.close.get(-len(self) - 1, -1))", "0, 1, 2"),
        ("self.data.datetime.date(-1).year", "2020, 2020, 2020"),
        ("self.data.datetime.datetime(-2).year", "1, 2020, 2020"),
    ],
)
def test_before_the_first_bar_a_read_wraps_round_to_the_bars_so_far(
    read: str, first: str, lock_step: bool, capsys: pytest.CaptureFixture[str]
) -> None:
    text, notes = printed(capsys, read, lock_step=lock_step)
    assert text == f"[{first}]"
    assert notes[0].startswith("line 11 reads a bar before the first one")


@pytest.mark.parametrize("lock_step", [False, True])
def test_in_init_there_is_no_bar_yet(lock_step: bool, capsys: pytest.CaptureFixture[str]) -> None:
    text, notes = printed(capsys, "math.isnan(self.early)", setup="self.early = self.data.close[0]", lock_step=lock_step)
    assert text == "[True, True, True]"
    assert "line 7 reads" in notes[0]


@pytest.mark.parametrize("lock_step", [False, True])
@pytest.mark.parametrize(
    "read",
    [
        "self.data.close[1]",
        "self.data[1]",
        "self.data.close[len(self)]",
        "self.data.close.get(ago=1, size=1)",
        "self.data.datetime.date(1)",
        "self.average[1]",
        "list(self.data.close)",
        "max(self.data.close)",
        "self.data.close(1)",
        "self.data(2)",
    ],
)
def test_a_later_bar_cannot_be_asked_for(read: str, lock_step: bool) -> None:
    code = READS.format(read=read, setup="self.average = bt.ind.SMA(period=2)")
    report, _ = played(code, walk(6), lock_step=lock_step)
    assert report.fault is not None
    assert (report.fault.line, report.fault.message) == (11, "a positive index reads a bar that has not happened yet")


NAMED = """
import backtrader as bt

class Named(bt.Strategy):
    def __init__(self):
        self.bands, self.macd, self.mean = bt.ind.BollingerBands(period=3), bt.ind.MACD(period_me1=2, period_me2=3), bt.ind.SMA(period=2)
        self.own = bt.ind.RSI(period=2, safediv=True)
        self.own.rsi = 5

    def next(self):
        for held in (self.bands, self.macd, self.mean, self.data):
            for name in held.lines._getlines():
                assert getattr(held, name) is getattr(held.lines, name)
        assert self.own.rsi == 5
        assert callable(self.mean.size) and self.mean.p.period == 2 and self.data.datetime.date(0).year == 2020

    def stop(self):
        named = zip(("top", "signal", "sma", "close"), (self.bands, self.macd, self.mean, self.data))
        print(len(self), [name for name, held in named if name in vars(held)])
"""


@pytest.mark.parametrize("lock_step", [False, True])
def test_a_line_is_the_same_under_its_name_and_a_name_that_is_taken_stays(lock_step: bool, capsys: pytest.CaptureFixture[str]) -> None:
    ran = run(NAMED, walk(40), lock_step=lock_step)

    assert ran.report.fault is None
    assert capsys.readouterr().out == "40 ['top', 'signal', 'sma', 'close']\n"


def test_no_remark_when_nothing_was_read_too_early(capsys: pytest.CaptureFixture[str]) -> None:
    assert printed(capsys, "self.data.close[0] > 0", lock_step=False) == ("[True, True, True]", ())


def test_backtrader_is_itself_again_when_asked() -> None:
    owners = (LineBuffer, Lines, LineSeries, bt.LineIterator, bt.linebuffer.LineActions)
    restore_backtrader()
    before = [dict(vars(owner)) for owner in owners]
    install_patches()
    assert vars(LineBuffer)["__getitem__"] is not before[0]["__getitem__"]
    restore_backtrader()
    assert [dict(vars(owner)) for owner in owners] == before


def test_without_a_strategy_the_guard_does_nothing() -> None:
    install_patches()
    line = LineBuffer()
    line.extend(size=3)
    line.array[:] = line.array.__class__("d", (1.0, 2.0, 3.0))
    line.advance()
    assert (line[-1], line[1], list(line.get(ago=1, size=2))) == (3.0, 2.0, [1.0, 2.0])


INDICATORS = sorted(
    kind.__name__ for kind in vars(bt.ind).values() if isinstance(kind, type) and issubclass(kind, bt.Indicator) and not kind.aliased
)
"""Every class once; aliases are left out."""


class Probe(bt.Strategy):
    """Creates one indicator and keeps every value of every line."""

    params = (("name", ""),)

    def __init__(self) -> None:
        kind = getattr(bt.ind, self.p.name)
        two = getattr(kind, "_mindatas", 1) > 1
        self.indicator = kind(self.data.close, self.data.open) if two else kind(self.data)
        self.rows: list[list[float]] = []

    def next(self) -> None:
        self.rows.append([line[0] for line in self.indicator.lines])


def values(name: str, bars: Bars, *, changed: bool, preload: bool) -> np.ndarray | str:
    cerebro = (Engine if changed else bt.Cerebro)(stdstats=False, preload=preload, runonce=preload)
    cerebro.adddata(make_feed(bars))
    cerebro.addstrategy(Probe, name=name)
    if changed:
        install_patches()
    try:
        with guard_lines() if changed else nullcontext():
            return np.array(cerebro.run()[0].rows)
    except Exception as error:  # noqa: BLE001 - abstract bases raise all sorts of things; the same sort must come out
        return type(error).__name__


def encoded(outcome: np.ndarray | str) -> bytes:
    return outcome.encode() if isinstance(outcome, str) else outcome.tobytes()


SLIPS = "DemarkPivotPoint"
"""Stock Backtrader computes it right in bulk alone (ADR 0314)."""


@cache
def read_originals(preload: bool) -> dict[str, np.ndarray | str]:
    """What stock Backtrader says of every indicator."""
    restore_backtrader()
    return {name: values(name, walk(100), changed=False, preload=preload) for name in INDICATORS}


@pytest.mark.slow
@pytest.mark.parametrize("preload", [True, False])
def test_every_indicator_gives_the_same_values_bit_for_bit(preload: bool) -> None:
    bars = walk(100)
    different = []
    for name, original in (read_originals(preload) | {SLIPS: read_originals(True)[SLIPS]}).items():
        ours = encoded(values(name, bars, changed=True, preload=preload))
        too_long = encoded(original) == b"IndexError"  # the warm-up is longer than the data: ours stays silent
        if encoded(original) != ours and not (too_long and ours == b""):
            different.append(name)
    assert len(INDICATORS) > 100
    assert different == []


PROBE = """
import backtrader as bt
ROWS = []

class Probe(bt.Strategy):
    def __init__(self):
        kind = bt.ind.{name}
        two = getattr(kind, "_mindatas", 1) > 1
        self.indicator = kind(self.data.close, self.data.open) if two else kind(self.data)

    def next(self):
        ROWS.append([line[0] for line in self.indicator.lines])
"""


@pytest.mark.slow
def test_every_indicator_has_the_same_values_bit_for_bit_when_they_come_with_the_bar() -> None:
    bars = walk(100)
    different = []
    # pivot points need longer bars beside the own ones
    originals = {name: original for name, original in read_originals(preload=False).items() if "PivotPoint" not in name}
    restore_backtrader()
    for name, original in originals.items():
        fault = played(PROBE.format(name=name), bars, lock_step=True)[0].fault
        ours = fault.kind if fault is not None else np.array(sys.modules["strategy"].ROWS)
        if encoded(original) != encoded(ours) and not (isinstance(original, np.ndarray) and not len(original)):
            different.append(name)
    assert different == []


def test_a_flat_line_of_nan_is_a_number_to_nobody() -> None:
    assert math.isnan(bt.linebuffer.NAN)


LENGTH = """
import backtrader as bt

class Whole(bt.Indicator):
    lines = ("size",)
    def next(self):
        self.lines.size[0] = 0.0
    def once(self, start, end):
        for index in range(start, end):
            self.lines.size.array[index] = float(self.data.buflen())

class Length(bt.Strategy):
    def __init__(self):
        self.whole = Whole(self.data)
        self.at_first = self.data.buflen()

    def next(self):
        if self.at_first == 0 and self.data.buflen() == self.data.close.buflen() == len(self) == 9:
            self.buy(size=1 + self.whole[0])
"""


@pytest.mark.parametrize(("lock_step", "size"), [(True, 1.0), (False, 41.0)])
def test_where_the_data_ends_is_known_to_bulk_computing_alone(lock_step: bool, size: float) -> None:
    ran = run(LENGTH, walk(40), lock_step=lock_step)
    assert [(record.cycle, record.size) for record in ran.records] == [(9, size)]
    assert [note[:23] for note in ran.report.notes] == ["line 15 asks how many b", "line 18 asks how many b"]


ENDS = """
import backtrader as bt

class Ends(bt.Strategy):
    def next(self):
        if len(self) == 3:
            self.buy(size=10)
        if len(self) == 20:
            self.env.runstop()
        if len(self) == 25:
            self.close()
"""


@pytest.mark.parametrize("lock_step", [True, False])
def test_a_run_that_the_code_ends_is_carried_on_and_no_alteration(lock_step: bool) -> None:
    bars = walk(40)
    plain, ran = run_reference(ENDS, BacktestPlan(), bars), run(ENDS, bars, lock_step=lock_step)
    assert (ran.report.bars, len(ran.replayed.equity), len(ran.replayed.fills)) == (20, 40, 1)
    assert ran.replayed.equity[19] == plain.final_value
    assert not is_altered(ran.report, ran.replayed, bars=ran.report.bars)
    assert is_altered(ran.report, ran.replayed)
