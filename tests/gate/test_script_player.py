"""Scripts that are played with plain values: what the engine gets after every change, whoever holds the table, and what is not told."""

import time

import pytest

from core.domain.python_syntax import parse_module_tree
from core.gate.parsed_source import ParsedCode
from core.gate.played_values import write_value
from core.gate.script_player import play_script
from tests.gate.test_script_aliases import CODE, run_module

TOP = """import copy, itertools, os, random, sys
from collections import ChainMap
from dataclasses import dataclass, field, replace, asdict
BASE = {"n": 10, "m": 2, "in": {"n": 8}}
N = 10
def half(n): return n // 2
def pick(t): return t["n"] + 1
def count():
    global N
    N += 1
    return N
def add(n, seen=[]):
    seen.append(n)
    return len(seen) + 4
def maker():
    k = 4
    def following():
        nonlocal k
        k += 1
        return k
    return following
@dataclass
class Part:
    n: int = 10
    tags: list = field(default_factory=list)
    def __post_init__(self): self.n += 1
class Low:
    n = 3
    @classmethod
    def table(cls): return {"n": cls.n}
class High(Low):
    n = Low.n * 2
    def __init__(self): super().__init__(); self.m = 1
class Holder:
    def __init__(self, table): self.table = table
"""


def play(lines: str, given: str) -> dict[str, object] | None:
    body = "".join(f"    {line}\n" for line in [*lines.splitlines(), "c = bt.Cerebro()", f"c.addstrategy(S, {given})", "c.run()"])
    code = f"{CODE}{TOP}def main():\n{body}if __name__ == '__main__':\n    main()\n"
    calls = play_script(ParsedCode(code, parse_module_tree(code)))
    return calls[0].keywords if calls else None


@pytest.mark.parametrize(
    ("lines", "given", "expected"),
    [
        ("n = BASE['n'] * 2\nBASE['n'] = 3", "n=n", {"n": 20}),
        ("p = dict(BASE)\nBASE['n'] = 3\np.pop('in')", "**p", {"n": 10, "m": 2}),
        ("p = {**BASE}\np['in']['n'] = 5", "n=BASE['in']['n']", {"n": 5}),
        ("p = copy.copy(BASE)\np['in']['n'] = 5\nq = copy.deepcopy(BASE)\nq['in']['n'] = 6", "n=BASE['in']['n']", {"n": 5}),
        ("p = [BASE][:]\np[0]['n'] = 3", "n=BASE['n']", {"n": 3}),
        ("s = {'n': 4}\nt = {'s': s}\ns['n'] = 7", "**t['s']", {"n": 7}),
        ("a = {'n': 4}; b = {'n': 6}\nfor j in (a, b): j['n'] += 1", "**a", {"n": 5}),
        ("h = Holder(BASE)\nBASE['n'] = 3", "n=h.table['n']", {"n": 3}),
        ("n = half(BASE['n']) + pick(BASE)\nBASE['n'] = 3", "n=n", {"n": 16}),
        ("a = count(); b = count()", "n=a, m=b", {"n": 11, "m": 12}),
        ("add(1); n = add(2)", "n=n", {"n": 6}),
        ("f = maker(); f()", "n=f()", {"n": 6}),
        ("p = Part(4); p.tags.append(1); q = replace(p, n=7)", "n=q.n, m=len(q.tags)", {"n": 8, "m": 1}),
        ("h = High(); h.m += 2", "n=High.table()['n'], m=h.m", {"n": 6, "m": 3}),
        ("it = iter([5, 7]); a = next(it)", "n=a, m=next(it)", {"n": 5, "m": 7}),
        ("p = sorted(itertools.product((3, 1), (2,)))", "n=p[0][0]", {"n": 1}),
        ("n = 1\nwhile n < 9: n += 3\nelse: n *= 2", "n=n", {"n": 20}),
        ("n = 9\nif '--x' in sys.argv: print('x')", "n=n", {"n": 9}),
        ("n = 9\ntry: n -= 1\nexcept ValueError as e: print(e)", "n=n", {"n": 8}),
        ("d = {k: v for k, v in BASE.items() if k != 'in'}", "**d", {"n": 10, "m": 2}),
        ("os.environ['N'] = '7'; n = int(os.environ['N']); os.environ['N'] = '9'", "n=n, m=os.getenv('N')", {"n": 7, "m": "9"}),
        ("os.environ.update({'N': '7'}, M='2'); os.environ.setdefault('N', '3')", "n=os.environ.pop('N')", {"n": "7"}),
    ],
)
def test_every_change_before_the_run_counts(lines: str, given: str, expected: dict[str, int]) -> None:
    assert play(lines, given) == expected


@pytest.mark.parametrize(
    "lines",
    [
        "n = 1\nif input(): BASE['n'] = 2",
        "n = 1\nif input(): return",
        "n = 1\nfor each in open('a'): count()",
        "x = [1, 2, 3]\nrandom.shuffle(x)\nn = x[0]",
        "n = 1\nopen('x', opener=count)",
        "try: n = int(open('a').read())\nexcept OSError: n = 2",
        "n = {}['x']",
        "n = BASE.missing()",
        "def g():\n    BASE['n'] = yield 1\nn = list(g())",
        "def g(): yield 1\nn = 1\nopen(g())",
        "n = ChainMap(BASE, vars(input()))",
        "n = 1\nif input(): os.environ['N'] = '2'",
        "match input():\n    case 'a': BASE['n'] = 2\nn = BASE['n']",
    ],
)
def test_what_only_the_run_can_tell_ends_the_play(lines: str) -> None:
    assert play(lines, "n=n") is None


def test_what_is_unknown_is_told_apart_from_what_is_known() -> None:
    given = play("v = input(); n = 4", "n=n, m=v") or {}

    assert {name: write_value(value) is not None for name, value in given.items()} == {"n": True, "m": False}


@pytest.mark.parametrize(
    "lines",
    [
        "x = [1]\nwhile True: x += x",
        "x = [1]\nwhile True: x.extend(x)",
        "x = 'a'\nwhile True: x = f'{x}{x}'",
        "x = 2\nwhile True: x = x * x",
        "x = ()\nfor i in range(60): x = (x, x)\nx = copy.deepcopy(x) == x",
        "x = []\nfor i in range(60): x = [x, x]\nx = {'k': x}",
        "x = list(range(10 ** 9))",
        "x = 9 ** 9 ** 9",
        "x = list(itertools.product(range(1000), range(1000), range(1000)))",
        "def f(n): return f(n + 1)\nf(0)",
        "def f():\n    while True: yield 1\nx = list(f())",
        "def f(): yield from f()\nx = list(f())",
        "x = map(str, [1])\nfor i in range(5000): x = map(str, x)\nx = list(x)",
    ],
)
def test_scripts_that_never_end_or_grow_are_given_up_at_once(lines: str) -> None:
    begin = time.perf_counter()
    given = play(lines, "n=x") or {}

    assert all(write_value(value) is None for value in given.values())
    assert time.perf_counter() - begin < 60


@pytest.mark.parametrize(
    ("lines", "add", "after", "expected"),
    [
        ("p = [1]", "addstrategy(S, n=p)", "p.append(2)", {"n": [1, 2]}),
        ("p = {'n': [1]}", "addstrategy(S, **p)", "p['n'] = 5", {"n": [1]}),
        ("p = [4, 5]", "optstrategy(S, n=p)", "p[0] = 9", {"n": 4}),
        ("p = Part(1)", "addstrategy(S, n=p.n, m=p)", "p.n = 3", {"n": 2}),
    ],
)
def test_a_value_is_what_it_is_at_the_run_and_an_object_that_changed_is_named(lines: str, add: str, after: str, expected: object) -> None:
    script = f"{TOP}def main():\n    {lines}\n    c = bt.Cerebro()\n    c.{add}\n    {after}\n    c.run()\nmain()\n"
    assert run_module(script)[0]["parameters"] == expected


def test_longer_bars_are_of_the_frames_that_a_table_and_a_loop_give() -> None:
    script = "T = {'k': 1}\ndef main():\n    c = bt.Cerebro()\n    d = feed()\n    c.adddata(d)\n"
    script += "    for f, k in ((bt.TimeFrame.Minutes, 30), (bt.TimeFrame.Weeks, T['k'])): c.resampledata(d, timeframe=f, compression=k)\n"
    said = run_module(script + "    T['k'] = 3\n    c.addstrategy(S)\n    c.run()\nmain()\n")[0]
    assert said["timeframes"] == ("30m", "1w")


def test_a_sizer_and_the_class_of_a_table_are_taken_as_they_are_played() -> None:
    script = "Z = {'stake': 5}\nT = {'a': S}\ndef main():\n    Z['stake'] *= 3; st = Z['stake']; Z['stake'] = 1\n    keys = list(T)\n"
    script += (
        "    c = bt.Cerebro()\n    c.addstrategy(T[keys.pop()], n=4)\n    c.addsizer(bt.sizers.FixedSize, stake=st)\n    c.run()\nmain()\n"
    )
    said, module = run_module(script)

    assert (said["strategy"], said["parameters"], said["sizer_parameters"]) == (module.S, {"n": 4}, {"stake": 15})  # type: ignore[attr-defined]
