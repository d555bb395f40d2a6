"""Errors in words: what each habit of authors and models leads to, on which line, with which real names."""

from array import array
from dataclasses import replace

import numpy as np
import pytest
from backtest_cases import played, walk

from core.backtest.translate import translate
from core.domain.backtest import CodeFault, Stage

HEAD = "import backtrader as bt\nimport math\nclass S(bt.Strategy):\n    params = (('n', 5),)\n"
WALK = walk(60)
OHLC = ("open", "high", "low", "close")
FLAT = replace(WALK, **{name: np.full(60, 10.0) for name in OHLC}, _hash=[])


def in_init(line: str) -> str:
    return f"{HEAD}    def __init__(self):\n        {line}\n    def next(self):\n        pass\n"


def in_next(line: str) -> str:
    return (
        f"{HEAD}    def __init__(self):\n        self.sma = bt.ind.SMA(period=5)\n        self.bands = bt.ind.BollingerBands()\n"
        f"    def next(self):\n        {line}\n"
    )


TABLE = {
    "and on lines": (in_init("self.s = (self.data.close > 1) and (self.data.open > 1)"), 6, "do not work on whole lines", "bt.And"),
    "indicator in next": (in_next("bt.ind.SMA(self.data, period=5)[0]"), 9, "created after the start", "in __init__()"),
    "a line called otherwise": (in_next("self.bands.upper[0]"), 9, "BollingerBands has no line upper", "bot. Probably meant: top"),
    "a line of another class": (in_init("bt.ind.MACD().histo"), 6, "MACD has no line histo", "MACDHisto"),
    "a line of another class, by alias": (in_init("bt.ind.ADX().plusDI"), 6, "ADX has no line plusDI", "DirectionalMovement"),
    "no such line": (in_next("self.sma.average[0]"), 9, "SMA has no line average", "Its lines are: sma"),
    "no such line of the feed": (in_next("self.data.price[0]"), 9, "The feed has no line price", "close, low, high, open"),
    "an invented indicator": (in_init("bt.ind.VWAP()"), 6, "Backtrader has no indicator VWAP", "derived from bt.Indicator"),
    "a mistyped indicator": (in_init("bt.ind.BolingerBands()"), 6, "no indicator BolingerBands", "Nearest names: BollingerBands"),
    "talib": (in_init("bt.talib.RSI()"), 6, "bt.talib is not there", "bt.ind"),
    "pandas on a line": (in_next("self.data.close.rolling(5)"), 9, "no pandas Series: it has no rolling", "get(size=n)"),
    "pandas on an indicator": (in_next("self.sma.iloc[-1]"), 9, "no pandas Series: it has no iloc", "get(size=n)"),
    "invented position": (in_next("self.position.avg_price"), 9, "A position has no avg_price", "It is called price"),
    "invented broker": (in_next("self.broker.get_balance()"), 9, "The broker has no get_balance", "getcash()"),
    "invented broker, near": (in_next("self.broker.getvalu()"), 9, "The broker has no getvalu", "getvalue"),
    "invented order": (in_next("self.buy().fill_price"), 9, "An order has no fill_price", "order.executed"),
    "invented trade": (
        f"{HEAD}    def notify_trade(self, trade):\n        trade.profit\n    def next(self):\n        self.buy()\n",
        6, "A trade has no profit", "pnlcomm",
    ),
    "invented method": (in_next("self.order_target_pct(0.5)"), 9, "no attribute order_target_pct", "order_target_percent"),
    "a mistyped attribute": (in_next("self.smaa[0]"), 9, "no attribute smaa", "Nearest names: sma"),
    "unknown param": (in_next("self.p.period"), 9, "The params have no period", "Defined are: n"),
    "wrong keyword": (in_init("bt.ind.SMA(self.data, window=5)"), 6, "bt.ind.SMA() has no parameter window", "Its parameters are: period"),
    "wrong keyword, near": (in_init("bt.ind.RSI(periods=5)"), 6, "bt.ind.RSI() has no parameter periods", "Nearest names: period"),
    "wrong keyword of MACD": (in_init("bt.ind.MACD(fast=5)"), 6, "no parameter fast", "period_me1, period_me2, period_signal"),
    "one input too few": (in_init("bt.ind.CrossOver(self.data.close)"), 6, "CrossOver needs another input", "bt.ind.CrossOver("),
    "float period": (in_init("bt.ind.SMA(period=2.5)"), None, "A whole number was needed", "int("),
    "warm-up too long": (in_init("bt.ind.SMA(period=500)"), None, "needs 500 bars before next() is called, but", "shorter"),
    "slice": (in_next("self.data.close[-3:]"), 9, "cannot be sliced", "get(size=n)"),
    "line as a number": (in_next("math.sqrt(self.data.close)"), 9, "where a number is needed", "[0]"),
    "line as an int": (in_next("int(self.sma)"), 9, "where a number is needed", "[0]"),
    "None": (in_next("self.buy(size=0).ref"), 9, "nothing (None) to read ref from", "when the size is 0"),
    "None compared": (in_next("None > 3"), 9, "A value is None", "Check for None"),
    "NaN": (in_next("int(self.sma[0] * math.nan)"), 9, "A value is NaN", "isnan"),
    "NaN size": (in_next("self.buy(size=math.nan)"), 9, "the size of an order is nan", "warm-up"),
    "kind of order as text": (in_next("self.buy(exectype='Limit', price=1.0)"), 9, "'Limit' is no kind of order", "bt.Order.Limit"),
    "kind of order by a wrong number": (in_next("self.buy(exectype=-1, price=1.0)"), 9, "-1 is no kind of order", "bt.Order.Limit"),
    "endless size": (in_next("self.buy(size=1e300)"), 9, "the size of an order is above 1e+15", "getcash()"),
    "a whole number beyond floats": (in_next("self.buy(size=10 ** 400)"), 9, "the size of an order is above 1e+15", "getcash()"),
    "line as a price": (in_next("self.sell(exectype=bt.Order.Stop, price=self.sma)"), 9, "where a number is needed", "[0]"),
    "positive index": (in_next("self.data.close[1]"), 9, "has not happened yet", "[-1]"),
    "no second feed": (in_next("self.data1.close[0]"), 9, "no data1", "timeframes"),
    "no second feed in the list": (in_next("self.datas[1].close[0]"), 9, "fewer feeds", "--with"),
    "arguments of __init__": (f"{HEAD}    def __init__(self, period):\n        pass\n", None, "S.__init__() asks for 'period'", "params"),
    "self forgotten": (f"{HEAD}    def next():\n        pass\n", None, "next() lacks its first parameter", "def next(self)"),
    "params": ("import backtrader as bt\nclass S(bt.Strategy):\n    params = (('n', 5))\n", 2, "params are not written as pairs", "dict("),
    "bt": ("import backtrader\nclass S(bt.Strategy):\n    pass\n", 2, "The name bt is not defined", "import backtrader as bt"),
    "a mistyped name": (in_next("pirnt(3)"), 9, "The name pirnt is not defined", "print"),
    "exit": (in_next("exit()"), 9, "ends the interpreter", "last bar"),
    "recursion": (in_next("self.next()"), 9, "without end", "calls itself"),
    "import": ("import no_such_module\n", 1, "no_such_module cannot be imported here", "backtrader"),
    "syntax": ("import backtrader as bt\nclass S(bt.Strategy)\n    pass\n", 2, "This is not Python: expected ':'", ""),
    "return outside": ("x = 1\nreturn x\n", 2, "'return' outside function", ""),
    "no strategy": ("import backtrader as bt\n", None, "no strategy class", "bt.Strategy"),
    "division": (in_next("1 / 0"), 9, "Division by zero", "flat bar"),
    "KeyError keeps its own words": (in_next("{}['a']"), 9, "KeyError: 'a'", ""),
}  # fmt: skip


@pytest.mark.parametrize(("code", "line", "words", "hint"), TABLE.values(), ids=TABLE)
def test_a_habit_gets_line_words_and_hint(code: str, line: int | None, words: str, hint: str) -> None:
    report, _ = played(code, WALK)
    assert report.fault is not None
    assert (report.fault.line, words in report.fault.message, hint in report.fault.hint) == (line, True, True), report.fault


@pytest.mark.parametrize(("code", "line", "words", "hint"), TABLE.values(), ids=TABLE)
def test_both_modes_say_the_same(code: str, line: int | None, words: str, hint: str) -> None:
    fast, stepped = played(code, WALK)[0].fault, played(code, WALK, lock_step=True)[0].fault
    assert fast is not None
    assert stepped is not None
    assert (fast.message, fast.line, fast.hint) == (stepped.message, stepped.line, stepped.hint)


@pytest.mark.parametrize(
    ("indicator", "hint"),
    [
        ("RSI", "RSI_Safe"),
        ("Stochastic", "safediv=True"),
        ("CCI", "behind a check"),
        ("ADX", "behind a check"),
        ("WilliamsR", "behind a check"),
        ("KAMA", "behind a check"),
        ("UltimateOscillator", "behind a check"),
    ],
)
def test_division_by_zero_on_flat_bars_names_indicator_and_line(indicator: str, hint: str) -> None:
    fault = played(in_init(f"self.i = bt.ind.{indicator}()"), FLAT)[0].fault
    assert fault is not None
    assert (fault.line, fault.message) == (6, f"{indicator} divides by zero on a flat stretch of prices.")
    assert hint in fault.hint


@pytest.mark.parametrize("lock_step", [False, True])
def test_division_by_zero_in_the_middle_of_a_run_names_it_too(lock_step: bool) -> None:
    late = replace(WALK, **{name: np.concatenate((getattr(WALK, name)[:40], np.full(20, 50.0))) for name in OHLC}, _hash=[])
    fault = played(in_init("self.i = bt.ind.WilliamsR(period=5)"), late, lock_step=lock_step)[0].fault
    assert fault is not None
    assert (fault.line, fault.message) == (6, "WilliamsR divides by zero on a flat stretch of prices.")


def test_division_between_lines_names_the_safe_operation() -> None:
    fault = played(in_init("self.i = self.data.close / (self.data.high - self.data.low)"), FLAT)[0].fault
    assert fault is not None
    assert "bt.DivByZero" in fault.hint


@pytest.mark.parametrize(("code", "stage"), [("x = 1 / 0\n", Stage.LOAD), (in_next("1 / 0"), Stage.RUN)])
def test_the_stage_tells_loading_from_running(code: str, stage: Stage) -> None:
    assert played(code, WALK)[0].stage is stage


HOSTILE = """
import backtrader as bt
class Nasty(Exception):
    def __str__(self):
        raise RuntimeError("no words for you")
class S(bt.Strategy):
    def next(self):
        raise Nasty()
"""


def test_an_exception_without_words_is_named_by_its_class() -> None:
    fault = played(HOSTILE, WALK)[0].fault
    assert fault == CodeFault(message="Nasty", line=8, kind="Nasty")


def test_a_long_message_is_cut() -> None:
    fault = played(in_next("raise ValueError('x' * 10**6)"), WALK)[0].fault
    assert fault is not None
    assert len(fault.message) <= 1_000


def test_an_error_from_nowhere_has_no_line() -> None:
    assert translate(KeyError("k"), "x = 1") == CodeFault(message="KeyError: 'k'", kind="KeyError")


def test_a_view_of_a_line_that_is_kept_from_bar_to_bar_is_named() -> None:
    column = array("d", [1.0])
    kept = memoryview(column)

    with pytest.raises(BufferError) as caught:
        column.append(2.0)

    assert "keeps a view" in (found := translate(caught.value, "")).message
    assert "np.array(" in found.hint
    kept.release()
