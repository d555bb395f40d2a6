"""What is taken out around a strategy, what stays, and what is said about it."""

import pytest

from core.driving.export import RUNNER
from core.driving.export_feeds import render_feeds
from core.gate import inspect_code
from tests.evidence.evidence_samples import walk

STRATEGY = "class S(bt.Strategy):\n    def next(self):\n        self.buy()\n"
SCRIPT = f"""import backtrader as bt
import yfinance as yf
import matplotlib.pyplot as plt
from datetime import datetime
FAST = 10
{STRATEGY}
def run_backtest(symbol):
    frame = yf.download(symbol)
    cerebro = bt.Cerebro()
    cerebro.adddata(bt.feeds.PandasData(dataname=frame))
    cerebro.addstrategy(S, fast=5)
    cerebro.addsizer(bt.sizers.PercentSizer, percents=95)
    cerebro.broker.setcash(1000)
    return cerebro.run()
def helper(value):
    return value * 2
if __name__ == "__main__":
    results = run_backtest("AAPL")
    plt.show()
"""
SIZER = "'sizer': bt.sizers.PercentSizer, 'sizer_parameters': {'percents': 95}"


def test_a_whole_script_keeps_its_strategy_and_its_line_numbers() -> None:
    report = inspect_code(SCRIPT)
    kept = [(number, line) for number, line in enumerate(report.code.split("\n"), 1) if line]
    assert kept == [
        (1, "import backtrader as bt"),
        (4, "from datetime import datetime"),
        (5, "FAST = 10"),
        (6, "class S(bt.Strategy):"),
        (7, "    def next(self):"),
        (8, "        self.buy()"),
        (18, "def helper(value):"),
        (19, "    return value * 2"),
        (23, f"SCRIPT_RUN = {{'strategy': S, 'parameters': {{'fast': 5}}, {SIZER}}}"),
    ]
    assert report.errors == ()


def test_each_piece_is_noted_with_what_the_script_said() -> None:
    report = inspect_code(SCRIPT)
    assert [remark.line for remark in report.annotations] == [2, 3, 10, 14, 15, 20]
    assert all(remark.severity == "info" for remark in report.annotations)
    assert report.notes[2].startswith("line 10: Taken out up to line 17 (run_backtest)")
    assert report.notes[3] == "line 14: Run as the script says: S(fast=5)."
    assert report.notes[4] == "line 15: Orders without a size are sized as the script says: bt.sizers.PercentSizer(percents=95)."
    assert report.account.said == {"cash": 1000.0}


def around(script: str) -> str:
    return f"import backtrader as bt\n{script}\n{STRATEGY}"


@pytest.mark.parametrize(
    ("script", "left"),
    [
        ("cerebro = bt.Cerebro()", ""),
        ("x = 1; cerebro = bt.Cerebro()", "x = 1; 0"),
        ("cerebro = bt.Cerebro(); x = 1", "0; x = 1"),
        ("cerebro = bt.Cerebro(\n)\nx = 1", "\n\nx = 1"),
        ("cerebro = bt.Cerebro(\n); x = 1", "0\nx = 1"),
        ("cerebro = bt.Cerebro()  # engine", ""),
        ("import yfinance, math", "import math"),
        ("from yfinance import download", ""),
        ("import os", "import os"),
        ("import sys\nsys.path.append('x')", "import sys\n"),
        ("import sys\nsys.exit()", "import sys\n"),
        ("print('hello')", ""),
        ("data = open('x').read()", ""),
        ("import pandas as pd\nframe = pd.read_csv('x')\nframe = frame.dropna()\nprint(frame)", "import pandas as pd\n\n\n"),
        ("import logging\nlogging.basicConfig(filename='x')", "import logging\n"),
        ("import logging\nlogging.basicConfig(level=10)", "import logging\n"),
        ("try:\n    import talib\nexcept ImportError:\n    talib = None", "\n\n\n"),
        ("if __name__ == '__main__':\n    print(1)\nelse:\n    print(2)", "\n\n\n"),
        ("if '__main__' == __name__: print(1)", ""),
        ("for n in range(3):\n    bt.Cerebro().run()", "\n"),
        ("with open('x') as file:\n    text = file.read()", "\n"),
        ("@decorated\ndef show():\n    bt.Cerebro().plot()", "\n\n"),
        ("class Feed(bt.feeds.PandasData):\n    lines = ('x',)", "\n"),
        ("import matplotlib\nclass Chart(matplotlib.Figure):\n    pass", "\n\n"),
        ("üñí = 'ä'; cerebro = bt.Cerebro()", "üñí = 'ä'; 0"),
        ("'ä'; cerebro = bt.Cerebro(); 'ö'", "'ä'; 0; 'ö'"),
    ],
)
def test_pieces_of_scripts(script: str, left: str) -> None:
    report = inspect_code(around(script))
    assert report.code == around(left)
    assert report.errors == ()


def test_a_local_name_that_a_script_uses_too_is_no_reason_to_complain() -> None:
    body = "class S(bt.Strategy):\n    def next(self):\n        data = self.data\n        self.buy(data=data)\n"
    report = inspect_code(f"import backtrader as bt\n{body}data = bt.feeds.GenericCSVData(dataname='x')\n")
    assert (report.errors, report.code) == ((), f"import backtrader as bt\n{body}\n")


def test_what_the_strategy_needs_is_not_taken_out_but_named() -> None:
    code = around("import pandas as pd\nlevels = pd.read_csv('x')").replace("self.buy()", "self.buy(size=levels[0])")
    report = inspect_code(code)
    assert report.code == code
    assert (report.errors[0].line, "levels" in report.errors[0].message) == (3, True)


def test_without_a_strategy_nothing_is_taken_out() -> None:
    code = "import backtrader as bt\ncerebro = bt.Cerebro()\n"
    assert inspect_code(code).code == code


def test_several_files_pasted_below_each_other_are_one() -> None:
    code = (
        "# base.py\nimport backtrader as bt\nclass Base(bt.Strategy):\n    def next(self): self.buy(size=SIZE)\n"
        "# mine.py\nfrom base import Base\nfrom .settings import SIZE\nSIZE = 3\nclass S(Base):\n    pass\n"
    )
    report = inspect_code(code)
    assert report.errors == ()
    assert [note[:7] for note in report.notes if "stands in this text" in note] == ["line 6:", "line 7:"]
    assert inspect_code(code.replace("from base", "from talib")).errors != ()


def test_what_a_script_reads_of_a_module_that_was_pasted_above_it_is_what_stands_there() -> None:
    code = (
        "import backtrader as bt\nclass First(bt.Strategy):\n    params = dict(n=1)\nclass Second(First):\n    pass\n"
        "import mine as m\nc = bt.Cerebro()\nc.addstrategy(m.First, n=3)\n"
    )
    report = inspect_code(code)
    assert "SCRIPT_RUN = {'strategy': First, 'parameters': {'n': 3}}" in report.code
    assert "SCRIPT_RUN" not in inspect_code(code.replace("m.First", "m.Third")).code


def test_inspecting_twice_changes_nothing_more() -> None:
    once = inspect_code(SCRIPT).code
    assert inspect_code(once).code == once
    assert inspect_code(once).annotations == ()


@pytest.mark.parametrize(
    "script",
    [
        "c.addstrategy(bt.Strategy.__subclasses__()[0])",
        "def main():\n    S.size = 5\n    c.addstrategy(S, n=2)\n    c.run()\nmain()",
        "c.addstrategy(S, n=2)\nc.addindicator(bt.ind.SMA, period=9)",
    ],
)
def test_what_is_written_in_the_scripts_place_stays_when_it_is_read_again(script: str) -> None:
    classes = "import backtrader as bt\n" + "".join(
        f"class {name}(bt.Strategy):\n    size = 1\n    params = dict(n=1)\n    def next(self): self.buy(size=self.size)\n" for name in "ST"
    )
    once = inspect_code(f"{classes}c = bt.Cerebro()\n{script}\n").code
    assert "SCRIPT_RUN = " in once
    assert inspect_code(once).code == once


@pytest.mark.parametrize("written", ["", "SCRIPT_RUN = {'strategy': S, 'parameters': {'fast': 5}}\n"])
def test_an_exported_program_that_comes_back_is_what_it_was_and_its_account_is_told(written: str) -> None:
    words = dict.fromkeys(("hashes", "seeds", "costs", "leverage", "runonce", "final"), "")
    words |= {"title": "'S'", "strategy": "S", "feeds": render_feeds(walk(9), "S")}
    code = f"import backtrader as bt\n{STRATEGY}{written}"
    report = inspect_code(code + RUNNER.substitute(words, cash="5000.0", commission="0.002", slippage="0.0"))
    assert report.errors == ()
    assert report.code.strip() == code.strip()
    assert report.account.said == {"cash": 5000.0, "commission": 0.002}
