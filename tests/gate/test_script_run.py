"""A script's word about its run: what is written down, what is offered, what is named as left out."""

import pytest

from core.backtest import strategy_module
from core.gate import inspect_code
from core.gate.parsed_source import SCRIPT_RUN

CLASS = "class {}(bt.Strategy):\n    def next(self): self.buy()\n"

CODE = f"import backtrader as bt\n{CLASS.format('A')}{CLASS.format('B')}"


def written(script: str) -> str:
    lines = [line for line in inspect_code(CODE + script).code.split("\n") if line.startswith(SCRIPT_RUN)]
    return lines[0].partition(" = ")[2] if lines else ""


@pytest.mark.parametrize(
    ("script", "entries"),
    [
        ("c = bt.Cerebro(); c.addstrategy(A)", "{'strategy': A}"),
        ("c = bt.Cerebro(); c.addstrategy(B)", ""),  # the last class is what runs anyway
        ("c = bt.Cerebro(); c.addstrategy(strategy=A)", "{'strategy': A}"),
        ("N = 3\nbt.Cerebro().addstrategy(B, n=N * 2)", "{'strategy': B, 'parameters': {'n': 6}}"),
        ("def run(s, **kw):\n    bt.Cerebro().addstrategy(s, **kw)\nrun(A, n=4)", "{'strategy': A, 'parameters': {'n': 4}}"),
        ("def run(s=A, n=5):\n    bt.Cerebro().addstrategy(s, n=n)\nrun()", "{'strategy': A, 'parameters': {'n': 5}}"),
        ("for s in [A, B]:\n    bt.Cerebro().addstrategy(s)", "{'strategy': A}"),
        ("T = {'a': A, 'b': B}\nbt.Cerebro().addstrategy(T['a'])", "{'strategy': A}"),
        ("T = {'a': A, 'b': B}\nbt.Cerebro().addstrategy(T.get('a'))", "{'strategy': A}"),
        *(
            (
                f"def run(n, m=2):\n    bt.Cerebro().addstrategy(B, n=n, m=m)\n{call}",
                f"{{'strategy': B, 'parameters': {{'n': 7, 'm': {m}}}}}",
            )
            for call, m in [
                ("with Executor() as executor:\n    executor.submit(run, 7)\n    executor.submit(run, 8, 9)", "2"),
                ("def main():\n    return [pool.submit(run, k, m=k) for k in (7, 8)]\nmain()", "7"),
                ("Pool().apply_async(run, (7,), {'m': 3})", "3"),
                ("Pool().starmap(run, [(7, 3), (8, 4)])", "3"),
                ("Pool().map(run, [7, 8], 4)", "2"),
                ("import functools\nPool().map(functools.partial(run, m=3), [7, 8])", "3"),
                ("Executor().map(run, [7, 8], [3, 4])", "3"),
                ("threading.Thread(target=run, args=(7,), kwargs={'m': 3}).start()", "3"),
                ("Parallel(n_jobs=2)(delayed(run)(k, m=3) for k in [7, 8])", "3"),
                ("import asyncio\nasync def main():\n    await asyncio.to_thread(run, 7)\nasyncio.run(main())", "2"),
                ("loop.run_in_executor(None, run, 7, 3)", "3"),
            ]
        ),
        (
            "from dataclasses import dataclass\n@dataclass\nclass Config:\n    n: int = 7\n@hydra.main(config_name='c')\n"
            "def main(cfg: Config):\n    bt.Cerebro().addstrategy(B, n=cfg.n)\nmain()",
            "{'strategy': B, 'parameters': {'n': Config().n}}",
        ),
        (
            "from dataclasses import dataclass\n@dataclass\nclass Config:\n    n: int\n@hydra.main(config_name='c')\n"
            "def main(cfg: Config):\n    bt.Cerebro().addstrategy(B, n=cfg.n)\nmain()",
            "",
        ),
        ("bt.Cerebro().optstrategy(B, n=range(3, 9), m=[1, 2])", "{'strategy': B, 'parameters': {'n': next(iter(range(3, 9))), 'm': 1}}"),
        ("bt.Cerebro().addsizer(bt.sizers.FixedSize, stake=5)", "{'sizer': bt.sizers.FixedSize, 'sizer_parameters': {'stake': 5}}"),
        (
            "import argparse\ndef main():\n    p = argparse.ArgumentParser()\n    p.add_argument('--size', type=int, default=6)\n"
            "    a = p.parse_args()\n    bt.Cerebro().addstrategy(B, n=a.size)\nmain()",
            "{'strategy': B, 'parameters': {'n': 6}}",
        ),
        (
            "import argparse\ndef parse():\n    p = argparse.ArgumentParser()\n    p.add_argument('file')\n"
            "    p.add_argument('--size', type=int, default=6)\n    return p.parse_args()\n"
            "def main():\n    a = parse()\n    bt.Cerebro().addstrategy(B, n=a.size)\nmain()",
            "{'strategy': B, 'parameters': {'n': 6}}",
        ),
        (
            "def go(n):\n    bt.Cerebro().addstrategy(B, n=n)\nbest = max((n, go(n)) for n in (4, 5))",
            "{'strategy': B, 'parameters': {'n': 4}}",
        ),
        ("class E:\n    def go(self, s): bt.Cerebro().addstrategy(A)\nE().go(1)", "{'strategy': A}"),
        ("bt.Cerebro().addstrategy(globals()['A'])", "{'strategy': A}"),
        ("N = chr(65)\nbt.Cerebro().addstrategy(globals()[N])", "{'strategy': globals()[N]}"),
        (
            "c = bt.Cerebro()\nc.addstrategy(A)\nc.addsizer(bt.sizers.FixedSize, stake=5)\nc.run()\n"
            "c = bt.Cerebro()\nc.addstrategy(B)\nc.addsizer(bt.sizers.FixedSize, stake=9)\nc.run()",
            "{'strategy': A, 'sizer': bt.sizers.FixedSize, 'sizer_parameters': {'stake': 5}}",
        ),
        (
            "def make():\n    c = bt.Cerebro()\n    c.addsizer(bt.sizers.FixedSize, stake=5)\n    return c\nc = make()\nc.addstrategy(A)",
            "{'strategy': A, 'sizer': bt.sizers.FixedSize, 'sizer_parameters': {'stake': 5}}",
        ),
        (
            "import typer\napp = typer.Typer()\n@app.command()\ndef go(n: int = 3): bt.Cerebro().addstrategy(A, n=n)\napp()",
            "{'strategy': A, 'parameters': {'n': 3}}",
        ),
        (
            "c = bt.Cerebro(); c.adddata(d); c.resampledata(d, name='long', timeframe=bt.TimeFrame.Weeks)",
            "{'timeframes': ('1w',), 'longer_names': {'1w': 'long'}}",
        ),
        ("run = lambda s, n: bt.Cerebro().addstrategy(s, n=n)\nrun(A, 3)", "{'strategy': A, 'parameters': {'n': 3}}"),
        ("import fire\ndef main(n=3): bt.Cerebro().addstrategy(A, n=n)\nfire.Fire(main)", "{'strategy': A, 'parameters': {'n': 3}}"),
        ("import asyncio\nasync def main(): bt.Cerebro().addstrategy(A)\nasyncio.run(main())", "{'strategy': A}"),
        (
            "import click\n@click.command()\n@click.option('--n', default=3)\ndef main(n): bt.Cerebro().addstrategy(A, n=n)\nmain()",
            "{'strategy': A, 'parameters': {'n': 3}}",
        ),
        ("def go(n): bt.Cerebro().addstrategy(A, n=n)\nPool().map(go, [3, 4])", "{'strategy': A, 'parameters': {'n': 3}}"),
        (
            "C = {'n': 3}\nclass E:\n    def __init__(self, c): self.c, self.engine = c, bt.Cerebro()\n"
            "    def prepare(self):\n        self.engine.addstrategy(A, **self.c)\n        return self\nE(C).prepare()",
            "{'strategy': A, 'parameters': {'n': 3}}",
        ),
        (
            "class E:\n    n = 7\n    def go(self): bt.Cerebro().addstrategy(B, n=self.n)\nE().go()",
            "{'strategy': B, 'parameters': {'n': 7}}",
        ),
        (
            "class R:\n    n = 7\n    def go(self): bt.Cerebro().addstrategy(self.pick(), n=self.n)\n"
            "class Mine(R):\n    n = 9\n    def pick(self): return A\nMine().go()",
            "{'strategy': A, 'parameters': {'n': 9}}",
        ),
        (
            "import functools\ndef run(s, a, b=2): bt.Cerebro().addstrategy(s, a=a, b=b)\n"
            "go = functools.partial(run, B, a=4)\nprint(go(b=5))",
            "{'strategy': B, 'parameters': {'a': 4, 'b': 5}}",
        ),
        ("def go(n, m): bt.Cerebro().addstrategy(B, n=n, m=m)\ngo(*(4, 5))", "{'strategy': B, 'parameters': {'n': 4, 'm': 5}}"),
        ("def go(n): bt.Cerebro().addstrategy(B, n=n)\ngo(**{'n': 8})", "{'strategy': B, 'parameters': {'n': 8}}"),
        (
            "import itertools\nG = {'n': [3, 4]}\ndef go(n): bt.Cerebro().addstrategy(B, n=n)\n"
            "for combo in itertools.product(*G.values()):\n    go(**dict(zip(G.keys(), combo)))",
            "{'strategy': B, 'parameters': {'n': 3}}",
        ),
        (
            "FLAG = os.environ.get('X')\nc = bt.Cerebro()\nif FLAG: c.addstrategy(A)\nelse: c.addstrategy(B)",
            "{'strategy': (A if (FLAG) else (B if (not FLAG) else None))}",
        ),
        (
            "c = bt.Cerebro(); d = bt.feeds.PandasData(); c.adddata(d)\nc.resampledata(d, timeframe=bt.TimeFrame.Weeks)",
            "{'timeframes': ('1w',)}",
        ),
        (
            "def main():\n    c = bt.Cerebro(); d = bt.feeds.PandasData(); c.adddata(d)\n    frames = dict(w=bt.TimeFrame.Weeks)\n"
            "    c.resampledata(d, timeframe=frames['w'])\nmain()",
            "{'timeframes': ('1w',)}",
        ),
        ("def main(): bt.Cerebro().addstrategy(A, n=3)\nraise SystemExit(main())", "{'strategy': A, 'parameters': {'n': 3}}"),
        (
            "N = len(os.environ)\nc = bt.Cerebro()\nif N > 2: c.addstrategy(A)\nelse: c.addstrategy(B, n=4)",
            "{'strategy': (A if (N > 2) else (B if (not N > 2) else None)), "
            "'parameters': ({} if (N > 2) else ({'n': 4} if (not N > 2) else {}))}",
        ),
        ("c = bt.Cerebro()\nif input(): c.addstrategy(A)\nelse: c.addstrategy(B, n=4)", "{'strategy': A}"),
        (
            "def run(n=None):\n    n = n or {'n': 7}\n    bt.Cerebro().addstrategy(B, **n)\nrun()",
            "{'strategy': B, 'parameters': {'n': 7}}",
        ),
        (
            "T = {'n': 7}\nbt.Cerebro().addstrategy(B, **{k: v for k, v in T.items() if k})",
            "{'strategy': B, 'parameters': {'n': 7}}",
        ),
        (
            "U = os.environ.get('X')\nc = bt.Cerebro()\nif U: c.addstrategy(A if U else B)",
            "{'strategy': ((A if U else B) if (U) else None)}",
        ),
        ("for s in A.__subclasses__():\n    bt.Cerebro().addstrategy(s)", "{'strategy': next(iter(A.__subclasses__()))}"),
        ("def main(): bt.Cerebro().addstrategy(A, n=3)\nassert main()", "{'strategy': A, 'parameters': {'n': 3}}"),
        (
            "K = os.environ.get('X')\nmatch K:\n    case 'a' | 'x': bt.Cerebro().addstrategy(A)\n    case _: bt.Cerebro().addstrategy(B)",
            "{'strategy': (A if (K in ('a', 'x')) else (B if (not K in ('a', 'x')) else None))}",
        ),
        (
            "class E(bt.Cerebro):\n    def go(self):\n        self.addstrategy(A, n=3)\nE().go()",
            "{'strategy': A, 'parameters': {'n': 3}}",
        ),
    ],
)
def test_what_can_be_done_as_the_script_says_is_written_down(script: str, entries: str) -> None:
    assert written(script) == entries


@pytest.mark.parametrize(
    ("script", "entries"),
    [
        ("c.adddata(a)\nc.adddata(b)", "{'feeds': ('', '')}"),
        ("c.adddata(a, name='KO')\nc.adddata(b, 'PEP')", "{'feeds': ('KO', 'PEP')}"),
        ("c.adddata(a)\nc.adddata(b)\nc.resampledata(b, timeframe=W)", "{'timeframes': ('1w',), 'feeds': ('', '', ('1w', 1))}"),
        ("c.adddata(a)\nc.resampledata(a, timeframe=W)\nc.adddata(b)", "{'timeframes': ('1w',), 'feeds': ('', ('1w', 0), '')}"),
        ("c.adddata(a)", ""),
    ],
)
def test_feeds_are_written_down_in_the_scripts_order(script: str, entries: str) -> None:
    feeds = "c, a, b = bt.Cerebro(), bt.feeds.PandasData(dataname=1), bt.feeds.PandasData(dataname=2)\n"
    assert written(feeds + script.replace("W", "bt.TimeFrame.Weeks")) == entries


@pytest.mark.parametrize(
    ("script", "words"),
    [
        ("c.broker.set_coc(True)", "set_coc() (cheat on close) was left out"),
        ("c.addobserver(bt.observers.DrawDown)", "The observer bt.observers.DrawDown was left out"),
        ("c.addanalyzer(bt.analyzers.SQN)", "The analyzer bt.analyzers.SQN was left out"),
        ("c.add_timer(when=1)", "The timer was left out: without strats=True"),
        ("d = bt.feeds.PandasData(fromdate=1)", "The feed's fromdate was left out"),
        ("c.adddata(1)\nc.adddata(2)", "Feed 2 of the script is the run's instrument number 2"),
        ("c.addstrategy(B)\nc.addstrategy(A)", "A was left out: one strategy a run"),
        ("c.broker.setcommission(commission=2.0, margin=2000.0, mult=10.0)", "setcommission() with margin"),
        ("c.broker.setcash(money() + wish)", "setcash() was left out: the plan's cash counts"),
        ("c.resampledata(c, timeframe=bt.TimeFrame.Years)", "resampledata() as the only feed was left out"),
        ("c.addstrategy(B, n=open('x').read())", "The parameter n was left out"),
        ("c.run(cheat_on_open=True)", "next_open() is not called"),
        ("c.broker.add_cash(5)", "add_cash() was left out"),
        ("c.broker.set_coc(True)", "exectype=bt.Order.Close"),
        ("c.broker.set_coo(True)", "Move the rules of next_open() into next()"),
        (
            "import argparse\np = argparse.ArgumentParser()\np.add_argument('--n', required=True)\nc.addstrategy(B, n=p.parse_args().n)",
            "The parameter n was left out",
        ),
        (
            "import argparse\ndef main():\n    p = argparse.ArgumentParser()\n    p.add_argument('--n', required=True)\n"
            "    c.addstrategy(B, n=p.parse_args().n)\nmain()",
            "the option --n of the command line has no default",
        ),
    ],
)
def test_what_cannot_be_done_is_named_as_left_out(script: str, words: str) -> None:
    report = inspect_code(f"{CODE}wish = input()\ndef money(): return 5\nc = bt.Cerebro()\n{script}\n")
    assert report.errors == ()
    assert any(words in note for note in report.notes), report.notes


@pytest.mark.parametrize(
    ("script", "said"),
    [
        ("c.broker.setcash(50000)", {"cash": 50_000.0}),
        ("CASH = 10_000 * 2\nc.broker.set_cash(CASH)", {"cash": 20_000.0}),
        ("p.add_argument('--cash', default=500)\nc.broker.setcash(args.cash)", {"cash": 500.0}),
        ("c.broker.setcommission(0.002)", {"commission": 0.002}),
        ("c.broker.setcommission(commission=2 / 1000, leverage=3)", {"commission": 0.002, "leverage": 3.0}),
        ("c.broker.set_slippage_perc(perc=0.01)", {"slippage": 0.01}),
        ("c.broker.setcommission(commission=2.0, margin=2000.0)", {}),
    ],
)
def test_cash_and_costs_are_read_and_offered(script: str, said: dict[str, float]) -> None:
    assert inspect_code(f"{CODE}c = bt.Cerebro()\n{script}\n").account.said == said


def test_the_gate_and_the_runner_mean_the_same_name() -> None:
    assert strategy_module.SCRIPT_RUN == SCRIPT_RUN


@pytest.mark.parametrize("wish", ["set_coc(False)", "set_coo(False)", "set_checksubmit(True)", "set_shortcash(True)"])
def test_what_holds_here_anyway_is_no_wish(wish: str) -> None:
    report = inspect_code(f"{CODE}c = bt.Cerebro()\nc.broker.{wish}\nc.addstrategy(B)\n")
    assert not any("was left out" in note for note in report.notes)


def test_parameters_of_a_table_that_cannot_be_had_are_named_as_left_out() -> None:
    script = "import optuna\nstudy = optuna.create_study()\nbt.Cerebro().addstrategy(B, **study.best_params)"
    assert any("The parameters of **study.best_params were left out" in note for note in inspect_code(CODE + script).notes)


@pytest.mark.parametrize("frame", ["Weeks", "Days"])
def test_longer_bars_as_the_only_feed_are_the_bars_of_the_run(frame: str) -> None:
    report = inspect_code(f"{CODE}c = bt.Cerebro()\nc.resampledata(1, timeframe=bt.TimeFrame.{frame})\n")
    assert report.timeframe == {"Weeks": "1w", "Days": "1d"}[frame]
    assert "its only feed" in report.describe_bars(report.timeframe)[0]
    assert "own bars of 5m count" in report.describe_bars("5m")[0]


NOTEBOOK = """In [1]: import backtrader as bt
%matplotlib inline
!pip install yfinance
In [2]: class A(bt.Strategy):
            def next(self):
                %time x = 1
                self.buy()
bt.Cerebro?
Out[3]: 5
"""


def test_a_notebooks_own_lines_are_left_out_and_named() -> None:
    report = inspect_code(NOTEBOOK)

    assert report.errors == ()
    assert report.code.split("\n")[1:3] == ["", ""]
    assert [remark.line for remark in report.annotations if "notebook" in remark.message] == [1, 2, 3, 4, 6, 8, 9]


@pytest.mark.parametrize("line", ["STORE.close()", "SEEN = sorted(SEEN)", "SEEN.clear()", "for x in SEEN: SEEN.remove(x)"])
def test_what_a_script_does_after_its_run_is_not_done_before_it(line: str) -> None:
    head = "import backtrader as bt\nimport io\nSTORE, SEEN = io.StringIO(), []\n"
    body = "class A(bt.Strategy):\n    def next(self): SEEN.append(1); STORE.write('x'); self.buy()\n"
    report = inspect_code(f"{head}{body}c = bt.Cerebro(); c.addstrategy(A); c.run(); {line if line[0] != 'f' else '0'}\n{line}\n")

    assert report.errors == ()
    assert line not in report.code


def test_a_network_that_may_never_be_called_is_a_warning_and_one_that_is_called_for_certain_an_error() -> None:
    head = "import backtrader as bt\nimport requests as r\nfrom telegram import Bot\n"
    seldom = "class A(bt.Strategy):\n    def next(self):\n        if self.p.live: r.post('x'); Bot()\n        self.buy()\n"
    always = "class A(bt.Strategy):\n    def __init__(self): self.x = r.get('x')\n    def next(self): self.buy()\n"

    report = inspect_code(head + seldom)

    assert report.errors == ()
    assert "from unavailable import requests as r\nfrom unavailable.telegram import Bot\n" in report.code
    assert [remark.line for remark in report.annotations if remark.severity == "warning"] == [2, 3]
    assert inspect_code(head + always).errors[0].line == 2


@pytest.mark.parametrize(("feed", "instruments", "warned"), [("data1", 1, True), ("data1", 2, False), ("data2_close", 2, True)])
def test_a_further_feed_is_missed_only_where_the_run_lacks_it(feed: str, instruments: int, warned: bool) -> None:
    code = f"import backtrader as bt\nclass A(bt.Strategy):\n    def next(self):\n        if self.{feed}[0] > 1: self.buy()\n"
    found = inspect_code(code, instruments=instruments).annotations
    assert any("instrument" in remark.message for remark in found) is warned


def test_a_module_that_is_imported_by_its_name_is_that_module() -> None:
    code = "import importlib\nbt = importlib.import_module('backtrader')\nclass A(bt.Strategy):\n    def next(self): self.buy()\n"
    assert inspect_code(code).errors == ()


def test_settings_of_a_broker_that_the_script_makes_are_read_like_its_methods() -> None:
    report = inspect_code(
        CODE + "c = bt.Cerebro()\nc.broker = bt.brokers.BackBroker(cash=5000, coc=True, slip_perc=0.01)\nc.addstrategy(A)"
    )
    assert report.account.said == {"cash": 5000.0, "slippage": 0.01}
    assert any(note.startswith("line") and "set_coc() (cheat on close) was left out" in note for note in report.notes)
    assert not any("own broker" in note for note in report.notes)


def test_a_feed_of_a_second_engine_is_no_further_feed_of_the_run() -> None:
    script = "c = bt.Cerebro(); c.adddata(d); c.addstrategy(A)\ne = bt.Cerebro(); e.adddata(d, name='X'); e.broker.setcash(7)"
    assert written(script) == "{'strategy': A}"
    assert inspect_code(CODE + script).account.said == {}


def test_longer_bars_that_only_form_are_a_warning() -> None:
    found = inspect_code(CODE + "c = bt.Cerebro(); c.addstrategy(B); c.replaydata(d, timeframe=bt.TimeFrame.Weeks)").annotations
    assert [one.severity for one in found if "replaydata()" in one.message] == ["warning"]


FEED = """
class Own(bt.feeds.GenericCSVData):
    columns = ('pe', 'close')
    lines = tuple(columns)

class Heir(Own): pass

class S(bt.Strategy):
    def next(self):
        if {}: self.buy()
"""


@pytest.mark.parametrize(
    ("read", "line"),
    [("self.data.pe[0] < 9", 11), ("self.datas[0].lines.pe[0]", 11), ("self.data_pe[0]", 11), ("self.p.pe", 0), ("self.data.close[0]", 0)],
)
def test_a_column_of_the_scripts_own_feed_is_an_error_where_it_is_read(read: str, line: int) -> None:
    errors = inspect_code("import backtrader as bt\n" + FEED.format(read)).errors
    assert [(one.line, one.message.partition(" is")[0]) for one in errors] == ([(line, "pe")] if line else [])
