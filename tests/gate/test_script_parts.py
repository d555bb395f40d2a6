"""What runs beside the strategy as its script says, and what the options of a script's command line come to."""

import pytest

from core.gate import inspect_code
from tests.gate.test_script_run import CODE


@pytest.mark.parametrize(
    ("script", "entry"),
    [
        ("c.add_timer(when=1, strats=True)", "'timers': (((), {'when': 1, 'strats': True}),)"),
        ("c.addindicator(bt.ind.SMA, period=9)", "'indicators': (((bt.ind.SMA,), {'period': 9}),)"),
        ("c.addanalyzer(bt.analyzers.SQN, _name='q')", "'analyzers': (((bt.analyzers.SQN,), {'_name': 'q'}),)"),
        ("c.addobserver(bt.observers.DrawDown)", "'observers': (((bt.observers.DrawDown,), {}),)"),
    ],
)
def test_what_runs_with_the_strategy_is_written_down(script: str, entry: str) -> None:
    reads = "class B(A):\n    def stop(self): print(self.analyzers, self.stats)\n"
    assert entry in inspect_code(f"{CODE}{reads}c = bt.Cerebro()\nc.addstrategy(B)\n{script}\n").code


@pytest.mark.parametrize(
    ("loop", "entry"),
    [
        (
            "for n in (5, 9): c.addindicator(bt.ind.SMA, period=n)",
            "'indicators': (((bt.ind.SMA,), {'period': 5}), ((bt.ind.SMA,), {'period': 9}),)",
        ),
        (
            "for n in (1, 3): c.add_timer(1, weekdays=[n], strats=True)",
            "((1,), {'weekdays': [1], 'strats': True}), ((1,), {'weekdays': [3]",
        ),
        ("n = 4\n    for k in (1, 2): c.add_signal(k, Sig, n=n); n *= 2", "((1, Sig, (), {'n': 4}), (2, Sig, (), {'n': 8}),)"),
        ("T['n'] = 5; c.add_signal(1, Sig, n=T['n']); T['n'] = 7", "'signals': ((1, Sig, (), {'n': 5}),)"),
        ("T['n'] = 5; c.addindicator(Sig, n=T['n']); T['n'] = 7", "'indicators': (((Sig,), {'n': 5}),)"),
    ],
)
def test_signals_and_parts_are_given_as_often_and_with_what_they_are_then(loop: str, entry: str) -> None:
    script = f"T = {{'n': 1}}\nclass Sig(bt.Indicator): pass\ndef main():\n    c = bt.Cerebro()\n    {loop}\n"
    assert entry in inspect_code(f"{CODE}{script}    c.addstrategy(B)\n    c.run()\nmain()\n").code


@pytest.mark.parametrize(
    "lines",
    [
        "if T['n'] > 3: c.add_timer(1, strats=True)\n    c.addstrategy(B)\n    c.run()",
        "c.addstrategy(B)\n    c.run()\n    c.add_timer(1, strats=True)",
        "z = None\n    if z: c.addsizer(z[0], **z[1])\n    c.addstrategy(B)\n    c.run()",
        "c.addstrategy(B)\n    c.run()\n    c.addsizer(bt.sizers.FixedSize, stake=5)",
    ],
)
def test_what_is_not_given_before_the_run_is_left_aside(lines: str) -> None:
    code = inspect_code(f"{CODE}T = {{'n': 1}}\ndef main():\n    c = bt.Cerebro()\n    {lines}\nmain()\n").code
    assert "timers" not in code
    assert "sizer" not in code


def test_a_part_under_a_condition_is_given_where_it_holds() -> None:
    script = "import math\nUSE = math.gcd(4, 6) > 9\nc = bt.Cerebro()\nif USE: c.add_timer(1, strats=True)\nc.addstrategy(B)\nc.run()\n"
    assert "'timers': (*((((1,), {'strats': True}),) if (USE) else ()),)" in inspect_code(f"{CODE}{script}").code


@pytest.mark.parametrize(
    ("condition", "entry"),
    [
        ("USE", "'signals': ((1, Sig, (), {}), *(((2, Sig, (), {}),) if (USE) else ()),)"),
        ("open('x')", "'signals': ((1, Sig, (), {}),)"),
    ],
)
def test_a_signal_under_a_condition_is_given_where_it_holds_or_named(condition: str, entry: str) -> None:
    script = "import math\nUSE = math.gcd(4, 6) > 9\nclass Sig(bt.Indicator): pass\nc = bt.Cerebro()\nc.add_signal(1, Sig)\n"
    report = inspect_code(f"import backtrader as bt\n{script}if {condition}: c.add_signal(2, Sig)\nc.run()\n")
    assert entry in report.code
    assert any("A signal was left out" in one.message for one in report.annotations) is (condition != "USE")


def test_the_sizer_of_a_strategy_counts_before_that_of_all() -> None:
    script = "c = bt.Cerebro()\ni = c.addstrategy(B)\nc.addsizer_byidx(i, bt.sizers.FixedSize, stake=6)\n"
    assert "'stake': 6" in inspect_code(f"{CODE}{script}c.addsizer(bt.sizers.FixedSize, stake=2)\nc.run()\n").code


@pytest.mark.parametrize(
    ("feed", "said"),
    [
        ("bt.feeds.PandasData(dataname=d, filters=[x])", "The feed's filters was left out: the run's bars are taken as they are."),
        ("bt.feeds.PandasData(dataname=d, sessionend=t, tz=z)", "The feed's sessionend, tz was left out: the run's bars are taken"),
        ("c.chaindata(d, e)", "chaindata() was left out"),
        ("c.rolloverdata(d, e)", "rolloverdata() was left out"),
        ("c.broker.set_eosbar(True)", "set_eosbar() was left out"),
        ("c.signal_strategy(B)", "signal_strategy() was left out"),
    ],
)
def test_what_changes_the_bars_of_a_feed_is_named(feed: str, said: str) -> None:
    told = inspect_code(f"{CODE}c = bt.Cerebro()\n{feed}\nc.addstrategy(B)\nc.run()\n").annotations
    assert any(said in one.message for one in told)


@pytest.mark.parametrize(
    "lines",
    [
        "add = c.addsizer; add(bt.sizers.FixedSize, stake=5)",
        "if input(): c.addsizer(bt.sizers.FixedSize, stake=5)",
        "getattr(c, 'addsizer')(bt.sizers.FixedSize, stake=5)",
    ],
)
def test_what_may_be_given_before_the_run_is_kept(lines: str) -> None:
    script = f"{CODE}def main():\n    c = bt.Cerebro()\n    {lines}\n    c.addstrategy(B)\n    c.run()\nmain()\n"
    assert "'sizer': " in inspect_code(script).code


def test_what_a_loop_gives_behind_its_first_round_is_named_where_it_cannot_be_had() -> None:
    script = "def main(rows):\n    c = bt.Cerebro()\n    for n in rows: c.addindicator(bt.ind.SMA, period=5)\n    c.addstrategy(B)\n"
    told = inspect_code(f"{CODE}{script}    c.run()\nmain(open('rows'))\n").annotations
    assert ["addindicator() behind its first round" in one.message for one in told if one.severity == "warning"] == [True]


@pytest.mark.parametrize(
    ("made", "reads"),
    [
        ("p.parse_args().n", "8"),
        ("vars(p.parse_args())['n']", "8"),
        ("p.parse_known_args()[0].n", "8"),
        ("p.parse_args().__dict__['n']", "8"),
        ("7 if p.parse_args().off else 9", "7"),
        ("p.parse_args().m or 6", "6"),
        ("5 if p.parse_args().m is None else 4", "5"),
    ],
)
def test_a_command_line_inside_a_function_has_its_defaults(made: str, reads: str) -> None:
    script = (
        "import argparse\ndef main():\n    p = argparse.ArgumentParser()\n    p.add_argument('--n', default=8)\n"
        "    p.add_argument('--m', type=int)\n"
        f"    p.add_argument('--off', action='store_false')\n    c.addstrategy(B)\n    c.addsizer(A, stake={made})\nmain()\n"
    )
    assert f"'sizer_parameters': {{'stake': {reads}}}" in inspect_code(f"{CODE}c = bt.Cerebro()\n{script}").code


def test_the_history_of_trades_is_kept_where_the_script_asks_for_it() -> None:
    assert "'tradehistory': True" in inspect_code(f"{CODE}c = bt.Cerebro(tradehistory=True)\nc.addstrategy(B)\nc.run()\n").code
    assert "tradehistory" not in inspect_code(f"{CODE}c = bt.Cerebro(tradehistory=False)\nc.addstrategy(A)\nc.run()\n").code


def test_instruments_whose_positions_the_script_sets_off_against_each_other_are_a_warning() -> None:
    found = inspect_code(f"{CODE}c = bt.Cerebro()\nd.compensate(e)\nc.adddata(d)\nc.addstrategy(B)\n").annotations
    assert [one.severity for one in found if "compensate()" in one.message] == ["warning"]


@pytest.mark.parametrize(
    ("read", "lines"),
    [
        ("self.data._dataname['sma']", [4]),
        ("self.data.p.dataname.iloc[0]", [4]),
        ("self.datas[0]._dataname.index", [4]),
        ("print(self.data._dataname)", []),
    ],
)
def test_the_table_of_the_scripts_own_feed_is_an_error_where_it_is_used(read: str, lines: list[int]) -> None:
    errors = inspect_code(f"import backtrader as bt\nclass S(bt.Strategy):\n    def next(self):\n        x = {read}; self.buy()\n").errors
    assert [one.line for one in errors] == lines


def test_a_second_strategy_of_the_same_engine_is_named_as_left_out() -> None:
    notes = inspect_code(f"{CODE}c = bt.Cerebro()\nc.addstrategy(A, n=1)\nc.addstrategy(A, n=2)\nc.run()\n").notes
    assert any("A was left out: one strategy a run" in note for note in notes)
    grid = "def go(n):\n    c = bt.Cerebro()\n    c.addstrategy(A, n=n)\ngo(1)\ngo(2)\n"
    assert not any("left out" in note for note in inspect_code(f"{CODE}{grid}").notes)
