"""Second names of a script's tables and objects, methods under another name, and what a script does behind its first run."""

import pytest

from core.backtest import strategy_module
from core.domain.annotation import Annotation
from core.gate import inspect_code

CODE = """import backtrader as bt
CFG = {"s": {"n": 10}, "m": 4}
RULES = []
class Conf:
    n = 10
class S(bt.Strategy):
    params = dict(n=1, m=2)
    def next(self):
        if len(self) % (self.p.n + Conf.n + len(RULES)) == 0: self.buy()
"""
RUN = "c = bt.Cerebro()\nc.addstrategy(S, **CFG['s'], m=CFG['m'])\nc.run()\n"


def run_module(script: str) -> tuple[dict[str, object], object]:
    """What the code that the gate gives back says of its run, and its module."""
    report = inspect_code(CODE + script)
    assert report.errors == (), report.errors
    module = strategy_module.load_module(report.code)
    return getattr(module, "SCRIPT_RUN", {}), module


def parameters(script: str) -> object:
    return run_module(script)[0].get("parameters", {})


def inside(lines: str) -> str:
    body = "".join(f"    {line}\n" for line in (lines + RUN).splitlines())
    return f"def main():\n{body}main()\n"


CHANGES = [
    ("s = CFG['s']\ns['n'] = 6\n", {"n": 6, "m": 4}),
    ("s = CFG['s']\ns.update(n=6)\n", {"n": 6, "m": 4}),
    ("CFG['s'].update(n=6)\n", {"n": 6, "m": 4}),
    ("t = CFG\nt['s']['n'] = 6\nt['m'] = 5\n", {"n": 6, "m": 5}),
    ("set_m = CFG.update\nset_m(m=5)\n", {"n": 10, "m": 5}),
    ("s, m = CFG['s'], 3\ns['n'] = m\n", {"n": 3, "m": 4}),
    ("m = CFG['m']\nCFG['m'] = 9\nCFG['s']['n'] = m\n", {"n": 4, "m": 9}),
    ("CFG['s']['n'] = 6\nCFG['s']['k'] = 5\nCFG['s'].pop('k')\n", {"n": 6, "m": 4}),
]


@pytest.mark.parametrize(("lines", "given"), CHANGES)
def test_a_second_name_at_the_top_level_changes_the_same_table(lines: str, given: dict[str, int]) -> None:
    assert parameters(lines + RUN) == given


@pytest.mark.parametrize(("lines", "given"), [change for change in CHANGES if "pop" not in change[0] and ", m =" not in change[0]])
def test_a_second_name_in_a_function_changes_the_same_table(lines: str, given: dict[str, int]) -> None:
    assert parameters(inside(lines)) == given


@pytest.mark.parametrize(
    ("lines", "given"),
    [
        ("cfg = {'s': {'n': 1}}\ns = cfg['s']\ns['n'] = 6\n", {"n": 6}),
        ("cfg = {'s': {'n': 1}}\ns = cfg['s']\ncfg['s']['n'] = 6\ncfg = {'s': s}\n", {"n": 6}),
        ("cfg = {'s': {'n': 1}}\ndef tune(t): t['n'] = 6\ntune(cfg['s'])\n", {"n": 6}),
        ("s = other = {}\nother['n'] = 6\ncfg = {'s': s}\n", {"n": 6}),
        ("cfg = {'s': {'n': 1}}\ns = cfg\ns = {'s': {'n': 3}}\ns['s']['n'] = 4\n", {"n": 1}),
    ],
)
def test_second_names_of_a_functions_own_tables_are_followed(lines: str, given: dict[str, int]) -> None:
    assert parameters(inside(lines).replace("**CFG['s'], m=CFG['m']", "**cfg['s']")) == given


def test_classes_and_lists_with_a_second_name_are_the_same() -> None:
    lines = "conf = Conf\nconf.n = 6\nadd = RULES.append\nadd(1)\nrules = RULES\nrules.append(2)\nrules.extend([3, 4])\n"
    for script in (lines + RUN, inside(lines)):
        module = run_module(script)[1]
        assert (module.Conf.n, module.RULES) == (6, [1, 2, 3, 4])  # type: ignore[attr-defined]


def test_groups_of_a_command_lines_options_are_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.argv", ["script.py"])
    script = "import argparse\np = argparse.ArgumentParser()\ng = p.add_argument_group('a')\ng.add_argument('--n', type=int, default=6)\n"
    assert parameters(f"{script}a = p.parse_args()\nbt.Cerebro().addstrategy(S, n=a.n)\n") == {"n": 6}


@pytest.mark.parametrize(
    "call",
    [
        "add = c.addstrategy\nadd(S, n=7)",
        "getattr(c, 'addstrategy')(S, n=7)",
        "bt.Cerebro.addstrategy(c, S, n=7)",
        "from functools import partial\nadd = partial(c.addstrategy, S)\nadd(n=7)",
        "def give(add, **kw):\n    add(S, **kw)\ngive(c.addstrategy, n=7)",
    ],
)
def test_a_method_under_another_name_is_the_method(call: str) -> None:
    assert parameters(f"c = bt.Cerebro()\n{call}\nc.run()\n") == {"n": 7}


def test_a_method_that_is_only_named_is_said_to_be_unfollowed() -> None:
    made = "class App:\n    def __init__(self):\n        self.add = bt.Cerebro().addstrategy\n"
    script = f"{made}    def go(self):\n        self.add(S, n=7)\nApp().go()\n"
    assert any("cannot be told without running it" in note for note in inspect_code(CODE + script).notes)


def test_a_manager_of_the_script_is_entered_and_left() -> None:
    script = (
        "class Engine:\n    def __enter__(self):\n        self.c = bt.Cerebro()\n        self.c.addsizer(bt.sizers.FixedSize, stake=4)\n"
        "        return self\n    def __exit__(self, *args):\n        self.c.run()\n"
        "with Engine() as engine:\n    engine.c.addstrategy(S, n=7)\n"
    )
    said, _ = run_module(script)
    assert (said["parameters"], said["sizer_parameters"]) == ({"n": 7}, {"stake": 4})


def notes_of(script: str) -> tuple[Annotation, ...]:
    return inspect_code(CODE + script).annotations


@pytest.mark.parametrize("setting", ["c.broker.p.coc = True", "b = c.broker\nb.params.coc = True", "c.p.cheat_on_open = True"])
def test_parameters_of_an_engine_that_are_set_are_wishes_too(setting: str) -> None:
    assert any("was left out" in note.message for note in notes_of(f"c = bt.Cerebro()\nc.addstrategy(S, n=7)\n{setting}\nc.run()\n"))


def test_what_a_notebook_sets_and_makes_behind_its_first_run_is_for_other_runs() -> None:
    again = "class Conf:\n    n = 99\nCFG['m'] = 98\nRULES.append(97)\nc = bt.Cerebro()\nc.addstrategy(S, n=96)\nc.run()\n"
    said, module = run_module(RUN + again)
    assert said["parameters"] == {"n": 10, "m": 4}
    assert (module.Conf.n, module.RULES) == (10, [])  # type: ignore[attr-defined]
    assert any("behind that belongs to other runs" in note.message for note in notes_of(RUN + again))


def test_what_is_set_between_adding_and_running_comes_after_the_parameters() -> None:
    assert parameters("kw = dict(n=7)\nc = bt.Cerebro()\nc.addstrategy(S, **kw)\nkw['n'] = 3\nc.run()\n") == {"n": 7}


def test_a_statement_that_runs_the_script_is_no_part_of_the_strategy() -> None:
    script = (
        "import argparse\ndef go(a):\n    c = bt.Cerebro()\n    c.addstrategy(S, n=a.n)\n    c.run()\np = argparse.ArgumentParser()\n"
        "s = p.add_subparsers()\nr = s.add_parser('run')\nr.add_argument('--n', type=int, default=6)\nr.set_defaults(func=go)\n"
        "a = p.parse_args(['run', '--n', '8'])\na.func(a)\n"
    )
    assert parameters(script) == {"n": 8}


APP = (
    "class App:\n    def __init__(self):\n        self.kw = {{'n': 10}}\n        self.m = 1\n        self.prepare()\n        self.m += 1\n"
)


@pytest.mark.parametrize(
    "body", ["self.kw['n'] = 6; self.m = 4", "kw = self.kw; kw['n'] = 6; self.m = 4", "self.kw.update(n=6); setattr(self, 'm', 4)"]
)
def test_what_a_method_sets_that_another_one_calls_stays(body: str) -> None:
    script = (
        f"{APP.format()}    def prepare(self): {body}\n    def run(self): bt.Cerebro().addstrategy(S, m=self.m, **self.kw)\nApp().run()\n"
    )
    assert parameters(script) == {"n": 6, "m": 5}


@pytest.mark.parametrize("loop", ["for j in jobs: j['n'] += 1", "for j in jobs:\n        j.update(n=j['n'] + 1)"])
def test_the_variable_of_a_loop_is_a_second_name_of_each_element(loop: str) -> None:
    assert parameters(
        f"def main():\n    jobs = [dict(n=8), dict(n=4)]\n    {loop}\n    bt.Cerebro().addstrategy(S, **jobs[1])\nmain()\n"
    ) == {"n": 5}


@pytest.mark.parametrize(
    "call", ["days = RULES\ndays += [1, 2]\n", "for t in CFG.values():\n    if t == 4: RULES.append(t); RULES.append(t)\n"]
)
def test_a_list_that_grows_under_its_second_name_grows(call: str) -> None:
    assert len(run_module(call + RUN)[1].RULES) == 2  # type: ignore[attr-defined]
    assert len(run_module(inside("days = RULES\ndays += [1, 2]\n"))[1].RULES) == 2  # type: ignore[attr-defined]
