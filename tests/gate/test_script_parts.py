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
    ("made", "reads"),
    [
        ("p.parse_args().n", "8"),
        ("vars(p.parse_args())['n']", "8"),
        ("p.parse_known_args()[0].n", "8"),
        ("p.parse_args().__dict__['n']", "8"),
        ("7 if p.parse_args().off else 9", "7"),
    ],
)
def test_a_command_line_inside_a_function_has_its_defaults(made: str, reads: str) -> None:
    script = (
        "import argparse\ndef main():\n    p = argparse.ArgumentParser()\n    p.add_argument('--n', default=8)\n"
        f"    p.add_argument('--off', action='store_false')\n    c.addstrategy(B)\n    c.addsizer(A, stake={made})\nmain()\n"
    )
    assert f"'sizer_parameters': {{'stake': {reads}}}" in inspect_code(f"{CODE}c = bt.Cerebro()\n{script}").code
