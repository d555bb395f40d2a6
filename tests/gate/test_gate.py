"""The static gate: what it says, on which line, and that it never falls over."""

import ast
from pathlib import Path

import backtrader as bt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.domain.annotation import AnnotationCode
from core.domain.talib_equivalents import EQUIVALENTS
from core.gate.api_names import INDICATORS, OTHER_IN_INDICATORS
from core.gate.inspection import MAX_CHARACTERS, GateReport, inspect_code

HEAD = "import backtrader as bt\n"
GOOD = (
    HEAD
    + "class S(bt.Strategy):\n    def __init__(self):\n        self.sma = bt.ind.SMA(period=5)\n    def next(self):\n        self.buy()\n"
)


def strategy(line: str = "pass", *, init: str = "self.sma = bt.ind.SMA(period=5)", before: str = "", method: str = "next") -> str:
    """Eight lines and more; `line` stands on line 6 (plus those of `before`) and `init` on line 4."""
    return (
        f"{HEAD}{before}class S(bt.Strategy):\n    def __init__(self):\n        {init}\n    def {method}(self):\n        {line}\n"
        "    def notify_trade(self, trade):\n        self.buy(size=1)\n        self.close()\n"
    )


def said(code: str) -> list[tuple[int, str, str]]:
    return [(remark.line, remark.severity, remark.message) for remark in inspect_code(code).annotations]


ERRORS = {
    "no Python": ("import backtrader as bt\nclass S(bt.Strategy)\n    pass\n", 2, "This is not Python: expected ':'"),
    "indentation": (HEAD + "class S(bt.Strategy):\npass\n", 3, "This is not Python: expected an indented block"),
    "cut off": (GOOD + "    def stop(self):\n        print('x", 8, "This is not Python: unterminated string"),
    "null character": (GOOD + "\0x", 7, "null character"),
    "surrogate": (GOOD + "x = '\ud800'", 7, "lone surrogate"),
    "no strategy": (HEAD + "print(1)\n", 0, "There is no strategy class"),
    "empty": ("", 0, "There is no strategy class"),
    "absent module in use": (strategy("requests.get('x')", before="import requests\n"), 2, "requests cannot be imported here"),
    "absent module inside": (strategy("import scipy.stats"), 6, "scipy.stats cannot be imported here"),
    "absent module from": (strategy("norm.pdf(0)", before="from scipy.stats import norm\n"), 2, "scipy.stats cannot be imported here"),
    "relative import": (strategy("from . import other"), 6, "A relative import"),
    "open": (strategy("open('x.csv')"), 6, "open() has nothing to work with"),
    "os.system": (strategy("os.system('ls')", before="import os\n"), 7, "os.system() has nothing to work with"),
    "read_csv": (strategy("pd.read_csv('x')", before="import pandas as pd\n"), 7, "pandas.read_csv() has nothing to work with"),
    "sys.exit": (strategy("sys.exit()", before="import sys\n"), 7, "sys.exit() has nothing to work with"),
    "invented indicator": (strategy(init="self.v = bt.ind.VWAP()"), 4, "Backtrader has no indicator VWAP"),
    "invented by alias": (strategy(init="self.v = ta.Zigzag()", before="import backtrader.indicators as ta\n"), 5, "no indicator Zigzag"),
    "invented by name": (strategy(init="self.v = OBV()", before="from backtrader.indicators import OBV\n"), 2, "no indicator OBV"),
    "talib": (strategy(init="self.v = bt.talib.RSI()"), 4, "bt.talib is not there"),
    "pandas on a line": (strategy("self.data.close.rolling(5).mean()"), 6, "it has no rolling"),
    "pandas on an indicator": (strategy("self.sma.iloc[-1]"), 6, "it has no iloc"),
    "unknown timeframe": (strategy().replace("Strategy):\n", "Strategy):\n    timeframes = ('7d',)\n"), 3, "Unknown timeframe"),
    "own data needed": (strategy("print(prices)", before="import pandas as pd\nprices = pd.read_csv('x.csv')\n"), 3, "uses prices"),
    "return outside": (GOOD + "return\n", 7, "'return' outside function"),
    "async next": (strategy().replace("    def next", "    async def next"), 5, "next() is async"),
}  # fmt: skip


@pytest.mark.parametrize(("code", "line", "words"), ERRORS.values(), ids=ERRORS)
def test_what_is_bound_to_fail_is_an_error_on_its_line(code: str, line: int, words: str) -> None:
    report = inspect_code(code)
    assert [(remark.line, words in remark.message) for remark in report.errors][:1] == [(line, True)], report.annotations
    assert report.fault is not None
    assert report.fault.kind == "Gate"


WARNINGS = {
    "tomorrow": (strategy("self.data.close[1]"), 6, "has not happened yet"),
    "tomorrow by feed": (strategy("self.data[2]"), 6, "has not happened yet"),
    "tomorrow by list": (strategy("self.datas[0].close[1]"), 6, "has not happened yet"),
    "tomorrow by shortcut": (strategy("self.data_close[1]"), 6, "has not happened yet"),
    "tomorrow by attribute": (strategy("self.c[1]", init="self.c = self.data.close"), 6, "has not happened yet"),
    "tomorrow by indicator": (strategy("self.sma[1]"), 6, "has not happened yet"),
    "tomorrow by local": (strategy("c = self.data.close; c[1]"), 6, "has not happened yet"),
    "tomorrow by get": (strategy("self.data.close.get(ago=1, size=1)"), 6, "positive ago"),
    "tomorrow by delay": (strategy(init="self.x = bt.ind.SMA(self.data.close(1))"), 4, "delayed by a positive number"),
    "array": (strategy("self.data.close.array"), 6, "holds the whole data"),
    "getzero": (strategy("self.data.close.getzero(3)"), 6, "counts from the first bar"),
    "plot of a line": (strategy("self.data.close.plot()"), 6, "whole data"),
    "buflen": (strategy("self.data.buflen()"), 6, "knowledge of the end"),
    "chikou": (strategy("self.i.chikou_span[0]", init="self.i = bt.ind.Ichimoku()"), 6, "26 bars later"),
    "value in __init__": (strategy(init="self.first = bt.ind.SMA()[0] + self.data.close[0]"), 4, "no bar yet in __init__"),
    "cash": (strategy("self.broker.setcash(1e9)"), 6, "no effect on the reported figures"),
    "commission": (strategy("self.broker.setcommission(0)"), 6, "no effect on the reported figures"),
    "account attribute": (strategy("self.broker.cash = 1"), 6, "no effect on the reported figures"),
    "account attribute raised": (strategy("self.broker.cash += 1"), 6, "no effect on the reported figures"),
    "bars written over": (strategy("self.data.close[0] = 1"), 6, "no effect on the reported figures"),
    "engine": (strategy("self.cerebro.broker"), 6, "engine belongs to the platform"),
    "the end of the run": (strategy("self.env.runstop()"), 6, "ends the strategy, not the account"),
    "invented argument": (strategy("self.buy(stop_loss=3)"), 6, "no argument stop_loss"),
    "real clock": (strategy("datetime.datetime.now()", before="import datetime\n"), 7, "real clock"),
    "eval": (strategy("eval('1')"), 6, "eval() runs text as code"),
    "exec": (strategy("exec('x = 1')"), 6, "exec() runs text as code"),
    "a file under a condition": (strategy("if self.p.x: open('x.csv')"), 6, "If it is reached, the run ends: open()"),
    "a file in another method": (strategy().replace("notify_trade(self, trade):\n", "log(self):\n        open('x')\n"), 8, "If it"),
    "a file after a way out": (strategy("if len(self) > 3: return\n        open('x')"), 7, "If it is reached"),
    "the end under a condition": (strategy("if 0: sys.exit()", before="import sys\n"), 7, "If it is reached, the run ends: sys.exit()"),
    "cheat on open": (strategy(method="next_open"), 5, "next_open() is only called with cheat_on_open"),
    "cash paid in": (strategy("self.broker.add_cash(5)"), 6, "cash cannot be added here"),
    "date of tomorrow": (strategy(init="self.d = self.data.datetime.date(1)"), 4, "date() of a later bar"),
    "second feed": (strategy("self.data1.close[0]"), 6, "a second instrument"),
    "no orders": (HEAD + "class S(bt.Strategy):\n    def next(self):\n        pass\n", 2, "places no order"),
    "__init__ without underscores": (strategy().replace("def __init__", "def init"), 3, "Backtrader calls __init__()"),
    "__init__ with two of four": (strategy().replace("def __init__", "def _init_"), 3, "Backtrader calls __init__()"),
    "next with an underscore": (strategy().replace("def next(", "def next_("), 5, "Nothing calls next_(): Backtrader calls next()"),
    "next in capitals": (strategy().replace("def next(", "def Next("), 5, "Backtrader calls next()"),
    "orders where no bar comes": (HEAD + "class S(bt.Strategy):\n    def on_bar(self):\n        self.buy()\n", 3, "in on_bar() alone"),
    "bare sell": (HEAD + "class S(bt.Strategy):\n    def next(self):\n        self.buy(size=9)\n        self.sell()\n", 5, "bare sell()"),
    "before the first bar": (
        HEAD + "class S(bt.Strategy):\n    def next(self):\n        if self.data.close[-1]:\n            self.buy()\n", 4, "no earlier bar",
    ),
}  # fmt: skip


@pytest.mark.parametrize(("code", "line", "words"), WARNINGS.values(), ids=WARNINGS)
def test_what_is_probably_wrong_is_a_warning_on_its_line(code: str, line: int, words: str) -> None:
    report = inspect_code(code)
    assert (line, True) in [(remark.line, words in remark.message) for remark in report.annotations if remark.severity == "warning"]
    assert report.errors == ()


SILENT = {
    "good": GOOD,
    "a list, not a line": strategy("self.levels[1]", init="self.levels = [1, 2]; self.sma = bt.ind.SMA()"),
    "a dict of indicators": strategy("self.inds['a'][0]", init="self.inds = {'a': bt.ind.SMA()}"),
    "an array of numpy": strategy("np.array(self.data.close.get(size=3))[1]", before="import numpy as np\n"),
    "own function called open": strategy("open(3)", before="def open(value):\n    return value\n"),
    "own method called exit": strategy("self.exit()").replace(
        "    def notify_trade", "    def exit(self):\n        pass\n    def notify_trade"
    ),
    "guarded import": strategy("talib", before="try:\n    import talib\nexcept ImportError:\n    talib = None\n"),
    "guarded negative index": strategy("x = 3 if len(self) < 3 else self.data.close[-2]", init="pass"),
    "once() of an indicator": strategy(
        init="self.i = I()",
        before="class I(bt.Indicator):\n    lines = ('a',)\n    def once(self, start, end):\n        self.l.a.array[0] = 1\n",
    ),
    "a line of its own called diff": strategy(
        "self.i.diff[0]",
        init="self.i = I()",
        before="class I(bt.Indicator):\n    lines = ('diff',)\n    def next(self): self.l.diff[0] = 1\n",
    ),
    "a log that is written to": strategy("open('log.txt', 'a').write('x')"),
    "an order under another name": HEAD + "class S(bt.Strategy):\n    def next(self):\n        go = self.buy\n        go(size=1)\n",
    "a text read as a table": strategy("print(T)", before="import io\nimport pandas as pd\nT = pd.read_csv(io.StringIO('a,b'))\n"),
    "writes of an indicator": strategy(
        init="self.i = I()", before="class I(bt.Indicator):\n    lines = ('a',)\n    def next(self):\n        self.l.a[0] = 1\n"
    ),
    "asserted timeframe": strategy("self.data1.close[0]").replace(
        "class S(bt.Strategy):", "class S(bt.Strategy):\n    timeframes = ('1w',)"
    ),
    "strategy through an alias": "from backtrader import Strategy as Base, ind\nclass S(Base):\n    def next(self):\n        self.buy()\n",
    "strategy through a base": HEAD
    + "class A(bt.Strategy):\n    def next(self):\n        self.go()\nclass B(A):\n    def go(self):\n        self.buy()\n",
    "star import": "from backtrader import *\nimport backtrader as bt\nclass S(bt.Strategy):\n    def next(self):\n        self.buy()\n",
    "orders in a method that next() calls": strategy("self.go()").replace(
        "    def notify_trade", "    def go(self):\n        self.sell()\n    def notify_trade"
    ),
    "orders in a method under another name": HEAD + "class S(bt.Strategy):\n    def go(self):\n        self.buy()\n    next = go\n",
    "orders in a method out of a table": HEAD
    + "class S(bt.Strategy):\n    def go(self):\n        self.buy()\n    def start(self):\n        self.on = {1: self.go}\n"
    + "    def next(self):\n        self.on[1]()\n",
    "names by getattr": strategy("getattr(self, 'buy')(size=1)", init="self.m = getattr(bt.ind, 'SMA')(period=3)"),
    "annotations and match": strategy(
        "match len(self):\n            case 1:\n                pass", before="from __future__ import annotations\n"
    ).replace(HEAD + "from __future__ import annotations\n", "from __future__ import annotations\n" + HEAD),
    "bt.And and bt.If": strategy(init="self.x = bt.And(bt.ind.SMA() > 1, self.data.close > 2); self.y = bt.ind.If(self.x, 1, 2)"),
}


@pytest.mark.parametrize("code", SILENT.values(), ids=SILENT)
def test_honest_code_passes_without_a_word(code: str) -> None:
    assert said(code) == []
    assert inspect_code(code).code == code


TRIES = "try:\n    import talib\n    HAVE = True\nexcept ImportError:\n    HAVE = False\n"


def test_talib_behind_a_tried_import_is_only_mentioned() -> None:
    code = strategy(before=TRIES, init="self.r = bt.talib.RSI(self.data, timeperiod=9) if HAVE else bt.ind.RSI(period=9)")
    assert [(line, severity) for line, severity, _ in said(code)] == [(9, "info")]
    assert inspect_code(code).code == code


@pytest.mark.parametrize(
    ("code", "hint"),
    [
        (strategy(init="self.v = bt.talib.BBANDS(self.data)"), "Use bt.ind.BollingerBands instead of BBANDS."),
        (strategy("talib.SAR(1); talib.SMA(2)", before="import talib\n"), "Use bt.ind.PSAR instead of SAR. Use bt.ind.SMA instead of SMA."),
        (strategy("ATR(1)", before="from talib import ATR, OBV\n"), "Use bt.ind.ATR instead of ATR."),
        (strategy("talib.OBV(1)", before="import talib\n"), "TA-Lib is not there; use the indicators of bt.ind instead."),
    ],
)
def test_talib_without_a_try_is_an_error_that_names_the_native_indicator(code: str, hint: str) -> None:
    (error,) = inspect_code(code).errors
    assert error.hint == hint


def test_what_stands_in_for_talib_is_there() -> None:
    assert set(EQUIVALENTS.values()) <= INDICATORS


def test_byte_order_marks_before_the_code_are_no_part_of_it() -> None:
    report = inspect_code("\ufeff\ufeff" + GOOD)
    assert (report.code, report.annotations) == (GOOD, ())


@pytest.mark.parametrize("code", [GOOD.replace("    def", "\ufeff    def", 1), GOOD.replace("buy()", "buy\ufeff()")])
def test_a_byte_order_mark_inside_the_code_is_undone_and_named_with_its_line(code: str) -> None:
    report = inspect_code(code)
    (remark,) = report.annotations
    assert report.code == GOOD
    assert "characters that nobody sees" in remark.message
    assert remark.line == code[: code.index("\ufeff")].count("\n") + 1


def test_guarded_trouble_is_only_mentioned() -> None:
    code = strategy("try:\n            open('x')\n        except OSError:\n            pass")
    assert [severity for _, severity, _ in said(code)] == ["info"]
    assert inspect_code(code).fault is None


def test_names_are_those_of_the_installed_backtrader() -> None:
    public = {name for name in vars(bt.ind) if not name.startswith("_")}
    assert public == INDICATORS | OTHER_IN_INDICATORS
    assert {name for name in INDICATORS if issubclass(getattr(bt.ind, name), bt.Indicator)} == INDICATORS


NASTY = {
    "nested lists": "x = " + "[" * 5_000 + "]" * 5_000,
    "nested parentheses": "x = " + "(" * 190 + "1" + ")" * 190,
    "long sum": "x = " + "+".join(["1"] * 60_000),
    "long chain": "x" + ".y" * 60_000,
    "deep functions": "\n".join(" " * depth + "def f():" for depth in range(90)) + "\n" + " " * 90 + "pass",
    "deep unary": "x = " + "-" * 50_000 + "1",
    "huge number": "x = " + "9" * 10_000,
    "control characters": "x = 1\x0c\ny = '\x1b[31m'\r\nz = 2\r",
    "byte order mark": "\ufeff" + GOOD,
    "other line ends": GOOD.replace("\n", "\r\n"),
    "separators": GOOD + "# a\u2028b\x0bc\nimport matplotlib\n",
    "tabs": GOOD.replace("    ", "\t"),
    "very long": "x" * (MAX_CHARACTERS + 1),
    "encoding": "# -*- coding: no-such-codec -*-\n" + GOOD,
    "recursive bases": HEAD + "class A(B):\n    pass\nclass B(A):\n    pass\n",
    "type statement": "type X = int\n",
    "walrus and lambda": HEAD + "f = lambda: (y := 3)\n" + GOOD,
}


def require_sendable(report: GateReport) -> None:
    """Fails when the code or a remark cannot be written as text for another process."""
    report.code.encode()
    for remark in report.annotations:
        remark.model_dump_json()


@pytest.mark.parametrize("code", NASTY.values(), ids=NASTY)
def test_nothing_makes_the_gate_fall_over(code: str) -> None:
    report = inspect_code(code)
    require_sendable(report)
    assert isinstance(report.errors, tuple)


@settings(max_examples=300, deadline=None, derandomize=True)
@given(st.text(st.characters(), max_size=300))
def test_any_text_gets_an_answer(text: str) -> None:
    require_sendable(inspect_code(text))


PIECES = """
import backtrader as bt
import os, yfinance as yf, math
from matplotlib import pyplot as plt
class S(bt.Strategy):
    def next(self):
        self.buy(size=1)
        return
    params = (('n', 5),)
if __name__ == '__main__':
    cerebro = bt.Cerebro()
cerebro = bt.Cerebro(); x = 1
cerebro.run()
plt.show()
def run():
    return cerebro.run()
run()
try:
except Exception:
    pass
data = bt.feeds.PandasData(
    dataname=yf.download('A'))
@staticmethod
x = 3
# comment
'''
y = [data
]
with open('f') as f:
    z = f.read()
for k in range(3): cerebro.addstrategy(S)
"""
LINES = st.sampled_from(PIECES.split("\n"))


@settings(max_examples=400, deadline=None, derandomize=True)
@given(st.lists(LINES, max_size=25))
def test_whatever_is_taken_out_the_rest_stays_on_its_lines(lines: list[str]) -> None:
    code = "\n".join(lines)
    report = inspect_code(code)
    assert report.code.count("\n") == code.count("\n")
    for before, after in zip(code.split("\n"), report.code.split("\n"), strict=True):
        assert after.strip() in before or after.replace("0", "").strip(" ;") in before or after.startswith(("import", before[:1]))
    try:
        ast.parse(code)
    except (SyntaxError, ValueError):
        return
    ast.parse(report.code)


def test_what_real_strategies_use_is_accepted() -> None:
    samples = (Path(__file__).parents[1] / "backtest" / "benign").glob("*.py")
    refused = {path.stem for path in samples if path.name != "conftest.py" and inspect_code(path.read_text()).errors}
    assert refused == set()


@pytest.mark.parametrize(
    ("line", "code"),
    [
        ("self.data.close.array[-1]", AnnotationCode.LOOKAHEAD),
        ("self.data.close.plotrange(0, 9)", AnnotationCode.LOOKAHEAD),
        ("self.data.close(1)", AnnotationCode.LOOKAHEAD),
        ("self.data.close.plot()", AnnotationCode.LOOKAHEAD),
        ("self.data.close.buflen()", AnnotationCode.OTHER),
        ("self.broker.add_cash(5)", AnnotationCode.FIGURES),
        ("self.broker.setcash(5)", AnnotationCode.OTHER),
    ],
)
def test_a_remark_says_by_code_what_depends_on_it(line: str, code: AnnotationCode) -> None:
    (remark,) = (remark for remark in inspect_code(strategy(line)).annotations if remark.line == 6)

    assert (remark.severity, remark.code) == ("warning", code)


def test_good_code_comes_back_as_it_was_without_a_remark() -> None:
    assert inspect_code(GOOD) == GateReport(code=GOOD)


@pytest.mark.parametrize(
    ("condition", "severity"),
    [("hasattr(bt.ind, 'Odd')", "info"), ("not hasattr(bt.ind, 'Odd')", "error"), ("hasattr(bt.ind, 'SMA')", "error")],
)
def test_an_indicator_behind_a_look_whether_it_is_there_is_no_error(condition: str, severity: str) -> None:
    code = f"import backtrader as bt\nclass A(bt.Strategy):\n    def next(self):\n        if {condition}: self.o = bt.ind.Odd()\n"
    assert [remark.severity for remark in inspect_code(code).annotations if "no indicator" in remark.message] == [severity]
