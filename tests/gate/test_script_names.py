"""Values of a script's names where it adds its strategy: through branches, loops, changed tables, functions and classes."""

import pytest

from core.gate import inspect_code
from core.gate.parsed_source import SCRIPT_RUN

CLASSES = "import os\nfrom dataclasses import dataclass\nimport backtrader as bt\nclass Box: n = 1\n" + "".join(
    f"class {name}(bt.Strategy):\n    params = dict(n=1, k=1)\n    def next(self): self.buy()\n" for name in "AB"
)
ADD = "bt.Cerebro().addstrategy"
JOB = f"class J:\n    def __init__(self, c, **p): self.c, self.p = c, p\n    def go(self): {ADD}(self.c, **self.p)\n"


def read_run(script: str) -> tuple[str, dict[str, int]]:
    """Class and parameters that the written statement comes to."""
    code = inspect_code(f"{CLASSES}{script}\n").code
    line = next((line for line in code.split("\n") if f"{SCRIPT_RUN} = " in line), f"{SCRIPT_RUN} = {{}}")
    names = {"A": "A", "B": "B"}
    others = [row for row in code.split("\n") if row != line]
    exec("\n".join(row for row in others if row.startswith(("import os", "X =", "N =", "class Box", "BOX =", "def get"))), names)
    exec(line, names)
    said: dict = names[SCRIPT_RUN]  # type: ignore[assignment,type-arg]
    return said.get("strategy", "B"), said.get("parameters", {})


@pytest.mark.parametrize(
    ("body", "given"),
    [
        ("n = 2\n    if os.environ.get('NO'): n = 3\n    {}(A, n=n)", {"n": 2}),
        ("n = 2\n    if not os.environ.get('NO'): n = 3\n    {}(A, n=n)", {"n": 3}),
        ("if os.environ.get('NO'): n = 2\n    else: n = 3\n    {}(A, n=n)", {"n": 3}),
        ("n = None\n    if n is None: n = 4\n    {}(A, n=n)", {"n": 4}),
        ("n = None\n    {}(A, n=n or 5)", {"n": 5}),
        ("n = 2\n    n += 4\n    {}(A, n=n)", {"n": 6}),
        ("n = 2\n    for n in (7, 8): n = n\n    {}(A, n=n, k=2)", {"n": 8, "k": 2}),
        ("n = 2\n    for n in range(99): n = n\n    {}(A, n=n, k=2)", {"n": 98, "k": 2}),
        ("n = 2\n    while n < 9: n += 3\n    {}(A, n=n, k=2)", {"n": 11, "k": 2}),
        ("p = dict(n=2)\n    p['n'] = 8\n    {}(A, **p)", {"n": 8}),
        ("p = {{'n': 2}}\n    p.update(k=3)\n    {}(A, **p)", {"n": 2, "k": 3}),
        ("p = {{'n': 2}}\n    p.update({{'n': 5}})\n    {}(A, **p)", {"n": 5}),
        ("p = {{'n': 2}}\n    p.setdefault('n', 5)\n    p.setdefault('k', 6)\n    {}(A, **p)", {"n": 2, "k": 6}),
        ("p = {{'n': 2}}\n    if os.environ.get('NO'): p['n'] = 9\n    {}(A, **p)", {"n": 2}),
        ("p = {{'n': 2}}\n    p.pop('n')\n    {}(A, **p)", {}),
        ("p = []\n    p.append((A, 9))\n    for c, n in p: {}(c, n=n)", {"n": 9}),
        ("p = {{}}\n    for k, v in [('n', 7), ('k', 8)]: p[k] = v\n    {}(A, **p)", {"n": 7, "k": 8}),
        ("p = {{}}\n    q = dict(n=1)\n    for k in {{'n': 1, 'k': 2}}: p[k] = 9\n    {}(A, **p)", {"n": 9, "k": 9}),
        ("p = {{'s': {{'n': 1}}}}\n    p['s']['n'] = 35\n    {}(A, **p['s'])", {"n": 35}),
        ("v = [1, 2]\n    v[0] = 36\n    {}(A, n=v[0], k=v[1])", {"n": 36, "k": 2}),
        ("n, k = map(int, '37,2'.split(','))\n    {}(A, n=n, k=k)", {"n": 37, "k": 2}),
        ("n, k = {{'n': 38, 'k': 3}}.values()\n    {}(A, n=n, k=k)", {"n": 38, "k": 3}),
        ("n, *r = (39, 1, 2)\n    {}(A, n=n, k=r)", {"n": 39, "k": [1, 2]}),
        ("c = Box()\n    if os.environ.get('NO'): c.n = 40\n    {}(A, n=c.n)", {"n": 1}),
        ("X['n'] = 10\n    {}(A, **X)", {"n": 10}),
        ("X.update(n=11)\n    {}(A, **X)", {"n": 11}),
        ("def inner(n): {}(A, n=n)\n    inner(12)", {"n": 12}),
        ("try:\n        import nobody_has_this\n        n = 1\n    except ImportError: n = 13\n    {}(A, n=n)", {"n": 13}),
        ("if os.environ.get('NO'):\n        {}(B, n=1)\n        return\n    {}(A, n=14)", {"n": 14}),
        ("if os.environ.get('NO'): {}(B, n=1)\n    {}(A, n=15)", {"n": 15}),
        ("c = Box()\n    c.n = 16\n    {}(A, n=c.n)", {"n": 16}),
        ("p = {{'c': A, 'n': 17}}\n    {}(p.pop('c'), **p)", {"n": 17}),
        ("{}(A, n=18) if not X else {}(A, n=19)", {"n": 19}),
        ("if (n := 20) > 5: k = n // 4\n    {}(A, n=n, k=k)", {"n": 20, "k": 5}),
        ("n = 1\n    def up():\n        nonlocal n\n        n = 21\n    up()\n    {}(A, n=n)", {"n": 21}),
        ("def fill(p): p['n'] = 22\n    p = {{}}\n    fill(p)\n    {}(A, **p)", {"n": 22}),
        ("p = {{'n': 23, 'k': 2}}\n    del p['k']\n    {}(A, **p)", {"n": 23}),
        ("for n in (5, 29):\n        if n > 9: {}(A, n=n)", {"n": 29}),
        ("for n in range(3, 60):\n        if n < 30: continue\n        {}(A, n=n)", {"n": 30}),
        ("for n, k in zip((1, 31), (1, 2)):\n        if n > k: {}(A, n=n, k=k)", {"n": 31, "k": 2}),
        ("for name, p in {{'a': {{'n': 1}}, 'b': {{'n': 32}}}}.items():\n        if name == 'b': {}(A, **p)", {"n": 32}),
        ("for p in (dict(on=0, n=1), dict(on=1, n=33)):\n        if p['on']: {}(A, n=p['n'])", {"n": 33}),
        ("if True:\n        {}(A, n=34)\n        return\n    {}(B)", {"n": 34}),
        ("p = {{}}\n    put(p)\n    {}(A, **p)", {"n": 24}),
        ("setattr(BOX, 'n', 25)\n    {}(A, n=BOX.n)", {"n": 25}),
        ("X['n'] = 26\n    {}(A, n=get())", {"n": 26}),
        ("global N\n    N += 1\n    {}(A, n=N)", {"n": 28}),
        ("run = inner = lambda: 0\n    {}(A, **X)", {"n": 3}),
    ],
)
def test_a_name_stands_for_what_it_is_where_the_strategy_is_added(body: str, given: dict[str, int]) -> None:
    before = "BOX = Box()\nN = 27\ndef put(p): p['n'] = 24\ndef get(): return X['n']\n"
    assert read_run(f"{before}X = {{'n': 3}}\ndef main():\n    {body.format(ADD, ADD)}\nmain()") == ("A", given)


@pytest.mark.parametrize(
    ("script", "given"),
    [
        ("class R:\n    @classmethod\n    def go(cls, n): cls.add(n)\n    @staticmethod\n    def add(n): {}(A, n=n)\nR.go(5)", {"n": 5}),
        ("class R:\n    D = {{'n': 6}}\n    @classmethod\n    def go(cls): {}(A, **cls.D)\nR.go()", {"n": 6}),
        ("class R:\n    @classmethod\n    def make(cls): return cls()\n    def go(self, n): {}(A, n=n)\nR.make().go(7)", {"n": 7}),
        ("@dataclass\nclass R:\n    s: type\n    n: int = 5\n    def go(self): {}(self.s, n=self.n)\nR(A, n=14).go()", {"n": 14}),
        ("def _go(n): {}(A, n=n)\ngo = _go\ngo(15)", {"n": 15}),
        ("class R:\n    @property\n    def n(self): return 8\n    def go(self): {}(A, n=self.n)\nR().go()", {"n": 8}),
        ("class R:\n    def __init__(self, q=0):\n        self.n = 9\n        if q: self.n = 1\n        {}(A, n=self.n)\nR()", {"n": 9}),
        ("def go(c=A, /, *, n=1, **rest): {}(c, n=n, **rest)\ngo(n=10, k=2)", {"n": 10, "k": 2}),
        ("{J}a = b = J(B, n=1)\nb = J(A, n=16)\nb.go()\na.go()", {"n": 16}),
        ("{J}a = J(B, n=1)\nb = J(A, n=1)\nb.p['n'] = 17\nb.go()", {"n": 17}),
        ("{J}a = J(B, n=1)\nb = J(A, n=1)\nb.p.update(k=3)\nb.go()", {"n": 1, "k": 3}),
        ("{J}b = J(B, n=1)\nb.c = A\nb.go()", {"n": 1}),
        ("{J}def main():\n    a = J(B)\n    b = J(A, n=18)\n    b.go()\nmain()", {"n": 18}),
        ("{J}for c, n in ((A, 19), (B, 1)): J(c, n=n).go()", {"n": 19}),
        ("def a(): {}(A, n=11)\ndef b(): {}(B)\n{{'a': a, 'b': b}}['a']()", {"n": 11}),
        ("T = {{'a': lambda: {}(A, n=12), 'b': lambda: {}(B)}}\nT.get('a', T['b'])()", {"n": 12}),
        ("{}([c for c in bt.Strategy.__subclasses__() if c.__name__ == 'A'] and A, n=13)", {"n": 13}),
    ],
)
def test_the_scripts_own_classes_and_tables_are_followed(script: str, given: dict[str, int]) -> None:
    code = inspect_code(f"{CLASSES}{script.format(ADD, ADD, J=JOB)}\n").code
    line = next(line for line in code.split("\n") if line.startswith(SCRIPT_RUN))
    if "__subclasses__" in script:
        assert "{'n': 13}" in line
        return
    names: dict = {"A": "A", "B": "B"}  # type: ignore[type-arg]
    exec(line, names)
    assert (names[SCRIPT_RUN]["strategy"], names[SCRIPT_RUN]["parameters"]) == ("A", given)


@pytest.mark.parametrize(
    ("script", "written"),
    [
        ("def main():\n    global E\n    E = 9\n    {}\nmain()", "E = 9"),
        ("def main():\n    E2['n'] = 9\n    {}\nmain()", "E2.update({'n': 9})"),
        ("def main():\n    C.size = 9\n    {}\nmain()", "C.size = 9"),
        ("def main():\n    BOX.n = 9\n    {}\nmain()", "BOX.n = 9"),
        ("if __name__ == '__main__':\n    E2['n'] = 9\n    {}", "E2.update({'n': 9})"),
        ("for E in (9, 11):\n    {}", "E = 9"),
        (
            "def put(c, **kw):\n    for k, v in kw.items(): setattr(c, k, v)\ndef main():\n    put(C, size=9, n=1)\n    {}\nmain()",
            "C.size = 9; C.n = 1",
        ),
        ("def main():\n    {}\n    E2.clear()\nmain()", ""),
        ("def main():\n    E = 9\n    {}\nmain()", ""),
        ("def main():\n    OTHER['n'] = 9\n    {}\nmain()", ""),
    ],
)
def test_what_the_script_sets_before_its_run_and_the_strategy_reads_is_set(script: str, written: str) -> None:
    reads = (
        "E, E2, OTHER = 5, {}, {}\nBOX = Box()\n"
        "class C(bt.Strategy):\n    size = 1\n    def next(self): self.buy(size=E + E2['n'] + BOX.n + self.size)\n"
    )
    engine = "c = bt.Cerebro(); c.addstrategy(C); c.run()"
    report = inspect_code(f"{CLASSES}{reads}{script.format(engine)}\n")
    line = next(line for line in report.code.split("\n")[::-1] if line.strip())
    assert line.partition(f"; {SCRIPT_RUN}")[0] == written or (not written and "9" not in line)
    assert [note.message for note in report.annotations if note.severity != "info"] == []


def test_what_cannot_be_followed_and_the_strategy_reads_is_warned_of() -> None:
    reads = "E = [5]\nclass C(bt.Strategy):\n    def next(self): self.buy(size=E[0])\n"
    script = "def main():\n    E[0] = 9\n    c = bt.Cerebro(); c.addstrategy(C); c.run()\nmain()\n"
    assert any(
        "The strategy reads E, which the script sets" in note.message for note in inspect_code(f"{CLASSES}{reads}{script}").annotations
    )


def test_a_feed_for_each_round_of_a_loop_is_said_to_be_several() -> None:
    loop = "c = bt.Cerebro()\nfor name in ('KO', 'PEP'): c.adddata(bt.feeds.GenericCSVData(dataname=name))\nc.addstrategy(A)\n"
    assert any("for each round of a loop" in note for note in inspect_code(f"{CLASSES}{loop}").notes)
    own = "for n in (1, 2):\n    c = bt.Cerebro()\n    c.adddata(bt.feeds.GenericCSVData(dataname='x'))\n    c.addstrategy(A)\n"
    assert not any("for each round of a loop" in note for note in inspect_code(f"{CLASSES}{own}").notes)


def test_an_attribute_whose_name_cannot_be_had_is_warned_of() -> None:
    script = "class C(bt.Strategy):\n    def next(self): self.buy()\ndef main(k):\n    setattr(C, k, 1)\n"
    engine = "    c = bt.Cerebro(); c.addstrategy(C); c.run()\nmain(open('x').read())\n"
    told = inspect_code(f"{CLASSES}{script}{engine}").annotations
    assert any("The strategy reads C.k, which the script sets" in note.message for note in told)


@pytest.mark.parametrize(
    ("imports", "seed", "draw"),
    [
        ("import random", "random.seed(4)", "random.random()"),
        ("from random import random, seed", "seed(4)", "random()"),
        ("import numpy as np", "np.random.seed(4)", "np.random.rand()"),
        ("from numpy import random", "random.seed(4)", "random.rand()"),
    ],
)
def test_random_numbers_that_the_strategy_draws_are_seeded_as_the_script_says(imports: str, seed: str, draw: str) -> None:
    script = f"class C(bt.Strategy):\n    def next(self): self.buy(size={draw})\n"
    engine = f"def main():\n    {seed}\n    c = bt.Cerebro(); c.addstrategy(C); c.run()\nmain()\n"
    assert seed in inspect_code(f"{CLASSES}{imports}\n{script}{engine}").code
    assert seed not in inspect_code(f"{CLASSES}{imports}\n{script.replace(draw, '1')}{engine}").code


@pytest.mark.parametrize(
    ("imports", "change", "use"),
    [
        ("import decimal", "decimal.getcontext().prec = 3", "int(decimal.Decimal(9))"),
        ("from decimal import Decimal, getcontext", "getcontext().prec = 3", "int(Decimal(9))"),
        ("import backtrader as bt", "bt.ind.SMA = bt.ind.EMA", "bt.ind.SMA"),
        ("import os", "os.environ['N'] = '7'", "int(os.getenv('N', '2'))"),
        ("import os", "os.environ['N'] = os.environ.get('N', '7')", "int(os.environ['N'])"),
        ("from os import environ", "environ['N'] = '7'", "int(environ['N'])"),
    ],
)
def test_what_a_library_keeps_for_everybody_is_set_as_the_script_says(imports: str, change: str, use: str) -> None:
    script = f"class C(bt.Strategy):\n    def next(self): self.buy(size={use})\n"
    engine = f"def main():\n    {change}\n    c = bt.Cerebro(); c.addstrategy(C); c.run()\nmain()\n"
    assert f"\n{change}\n" in inspect_code(f"{CLASSES}{imports}\n{script}{engine}").code.replace(";", "\n")


@pytest.mark.parametrize(
    ("change", "statements"),
    [
        ("os.environ.setdefault('N', '7')", ["os.environ['N'] = os.environ.get('N', '7')"]),
        ("os.environ.update({'N': '7'}, M='8')", ["os.environ['N'] = '7'", "os.environ['M'] = '8'"]),
    ],
)
def test_what_a_method_changes_of_the_environment_is_set_as_the_script_says(change: str, statements: list[str]) -> None:
    script = "import os\nclass C(bt.Strategy):\n    def next(self): self.buy(size=int(os.environ['N']))\n"
    engine = f"def main():\n    {change}\n    c = bt.Cerebro(); c.addstrategy(C); c.run()\nmain()\n"
    assert all(line in inspect_code(f"{CLASSES}{script}{engine}").code for line in statements)
    unknown = engine.replace(change, "os.environ['N'] = open('n').read()")
    told = inspect_code(f"{CLASSES}{script}{unknown}").annotations
    assert any("The strategy reads os.environ['N'], which the script sets" in note.message for note in told)


def test_variables_that_are_set_at_the_top_level_are_set_here_too() -> None:
    script = "import os\nos.environ['N'] = '7'\nclass C(bt.Strategy):\n    def next(self): self.buy(size={})\n"
    assert "os.environ['N'] = '7'" in inspect_code(f"{CLASSES}{script.format('int(os.environ.get(chr(78)))')}").code
    assert "os.environ" not in inspect_code(f"{CLASSES}{script.format('1')}").code


def test_a_method_of_the_command_lines_table_is_no_option() -> None:
    script = "import argparse\np = argparse.ArgumentParser()\np.add_argument('--n', type=int)\n"
    script += "c = bt.Cerebro(); c.addstrategy(A, n=dict(open('x'), **{k: v for k, v in vars(p.parse_args()).items() if v}))\nc.run()\n"
    assert not any("--items" in note for note in inspect_code(f"{CLASSES}{script}").notes)


def test_a_class_that_cannot_be_told_is_named_even_where_there_is_one_alone() -> None:
    script = "import backtrader as bt\nclass C(bt.Strategy):\n    def next(self): self.buy()\nc = bt.Cerebro()\nc.addstrategy(find(1))\n"
    assert any("Which class the script adds here cannot be told" in note for note in inspect_code(script).notes)


@pytest.mark.parametrize(
    "script",
    [
        "def make(c): return J(c)\na = make(A)\nb = make(B)\na.go()\n",
        "jobs = {'a': J(A), 'b': J(B)}\njobs['b'].go()\n",
        "jobs = []\njobs.append(J(A))\njobs.append(J(B))\nfor j in jobs: j.go()\n",
    ],
)
def test_where_it_is_not_plain_which_of_several_objects_is_asked_nothing_is_known_of_it(script: str) -> None:
    assert any("Which class the script adds here cannot be told" in note for note in inspect_code(f"{CLASSES}{JOB}{script}").notes)


def test_a_script_that_sets_entries_again_and_again_keeps_nobody_waiting() -> None:
    lines = "".join(f"    p['a']['b{number}']['c'] = {number}\n" for number in range(200))
    assert inspect_code(f"{CLASSES}def main():\n    p = {{}}\n{lines}    {ADD}(A, n=p['a'])\nmain()\n").errors == ()
