"""Which classes of a script are kept and run, which are taken out of what they stand in, and what is said where none can be."""

import pytest

from core.gate import inspect_code
from core.gate.parsed_source import SCRIPT_RUN

CLASS = "class {}(bt.Strategy):\n    def next(self): self.buy()\n"
CODE = f"import backtrader as bt\n{CLASS.format('A')}{CLASS.format('B')}"


@pytest.mark.parametrize(
    ("code", "words"),
    [
        (">>> import backtrader as bt\n>>> x = = 1\n", "copied from a Python prompt"),
        ("import backtrader as bt\nprint 'x'\nx = = 1\ny = 2\n", "This is Python 2"),
        ("from lib.base import Base\nclass S(Base):\n    pass\n", "Paste the class Base into this file"),
        ("from backtesting import Strategy\nclass S(Strategy):\n    pass\n", "Write it for Backtrader"),
        ("import vectorbt as vbt\nvbt.MA.run(1, 2)\n", "Write it for Backtrader"),
        (
            "import backtrader as bt\nfrom sklearn.svm import SVC\nclass S(bt.Strategy):\n    x = SVC()\n",
            "Only parts of the standard library",
        ),
        ("import backtrader as bt\nfrom lib import S\nc = bt.Cerebro()\nc.addstrategy(S)\n", "Paste the strategy class into this file"),
        (
            "import backtrader as bt\ndef main(n):\n    class S(bt.Strategy):\n        params = dict(n=n)\n    return 1\n",
            "Write n into its params",
        ),
    ],
)
def test_what_cannot_be_run_says_what_to_write_instead(code: str, words: str) -> None:
    (error,) = inspect_code(code).errors
    assert words in error.hint


def test_a_class_that_a_decorator_enters_into_a_table_is_run_by_its_name() -> None:
    code = (
        "import backtrader as bt\nTABLE = {}\ndef enter(name):\n    def keep(made):\n        TABLE[name] = made\n        return made\n"
        "    return keep\n@enter('a')\nclass A(bt.Strategy):\n    pass\n@enter('b')\nclass B(bt.Strategy):\n    pass\n"
        "c = bt.Cerebro()\nc.addstrategy(TABLE['a'])\nc.run()\n"
    )
    kept = inspect_code(code).code
    assert "class A" in kept
    assert "SCRIPT_RUN = {'strategy': A}" in kept


def test_what_the_scripts_own_function_makes_is_made_with_the_arguments_that_the_script_gives() -> None:
    code = (
        "import backtrader as bt\ndef make(n=10, kind=bt.ind.SMA):\n    class S(bt.Strategy):\n        def next(self): self.buy(size=n)\n"
        "    return S\nbt.Cerebro().addstrategy(make(n=5))\n"
    )
    report = inspect_code(code)
    assert report.errors == ()
    assert "SCRIPT_RUN = {'strategy': make(n=5)}" in report.code


def test_where_a_condition_cannot_be_had_the_class_that_is_run_is_named() -> None:
    script = "c = bt.Cerebro()\nif input(): c.addstrategy(A)\nelse: c.addstrategy(B, n=4)"
    assert any("Which of A or B(n=4) the script adds depends on what cannot be had" in note for note in inspect_code(CODE + script).notes)


def test_what_the_classes_in_a_table_derive_from_stays_too() -> None:
    code = (
        "import backtrader as bt\nTABLE = {}\nN = 3\ndef enter(made):\n    TABLE[made.__name__] = made\n    return made\n"
        "class Base(bt.Strategy):\n    pass\n@enter\nclass A(Base):\n    params = dict(n=N)\n"
        "def main():\n    bt.Cerebro().addstrategy(TABLE['A'])\nmain()\n"
    )
    kept = inspect_code(code).code
    assert "class Base" in kept
    assert "\nN = 3" in kept


def test_names_of_a_star_import_are_backtraders() -> None:
    report = inspect_code("from backtrader import *\nclass S(Strategy):\n    pass\nc = Cerebro()\nc.addstrategy(S)\nc.run()\n")
    assert report.errors == ()
    assert "Cerebro()" not in report.code


def test_where_nothing_tells_which_class_a_script_adds_the_one_that_is_run_is_named() -> None:
    notes = inspect_code(CODE + "import x\nbt.Cerebro().addstrategy(x.pick())").notes
    assert any("cannot be told" in note and "B, the last one, is run with its own parameters" in note for note in notes)


def test_a_sizer_alone_does_not_hide_that_the_base_class_is_missing() -> None:
    code = (
        "import backtrader as bt\nfrom .base import Base\nclass S(Base):\n    pass\nbt.Cerebro().addsizer(bt.sizers.FixedSize, stake=3)\n"
    )
    (error,) = inspect_code(code).errors
    assert "Paste the class Base into this file" in error.hint


NESTED = (
    "import backtrader as bt\nclass Outer:\n    N = 12\n    class Inner(bt.Strategy):\n        params = dict(n=1)\n"
    "        def next(self): self.buy(){reads}\nbt.Cerebro().addstrategy(Outer.Inner, n=Outer.N)\n"
)


def test_a_strategy_inside_a_class_is_taken_out_of_it_with_what_the_script_gives_it() -> None:
    found = inspect_code(NESTED.format(reads=""))

    assert f"{SCRIPT_RUN} = {{'strategy': Inner, 'parameters': {{'n': 12}}}}" in found.code
    assert "The class Inner stands inside the class Outer; it was taken out of it." in [one.message for one in found.annotations]


@pytest.mark.parametrize(
    ("code", "said"),
    [
        (NESTED.format(reads="; print(Outer.__name__)"), "The class Inner stands inside the class Outer and reads Outer itself."),
        ("import backtrader as bt\nclass A:\n  class B:\n    class C(bt.Strategy): pass\n", "The class C stands inside the class B."),
    ],
)
def test_a_strategy_that_cannot_be_taken_out_of_a_class_is_named_with_that_class(code: str, said: str) -> None:
    assert said in [one.message for one in inspect_code(code).annotations if one.severity == "error"]


@pytest.mark.parametrize("name", ["A", "B"])
def test_classes_that_a_text_chooses_in_the_run_all_stay(name: str) -> None:
    code = inspect_code(f"{CODE}N = {name!r}.strip()\nbt.Cerebro().addstrategy(globals()[N])").code
    assert "class A(" in code
    assert "class B(" in code


@pytest.mark.parametrize(
    "script",
    [
        "def main(cerebro):\n    class Own(type(cerebro.broker)):\n        pass\n    cerebro.broker = Own()\n",
        "def f():\n    class C(g()):\n        pass\n    return C\ndef g():\n    class D(f()):\n        pass\n    return D\n",
        "def f():\n    class C(f()):\n        pass\n    return C\n",
    ],
)
def test_a_class_that_a_function_derives_from_a_call_is_read(script: str) -> None:
    report = inspect_code(f"import backtrader as bt\n{CLASS.format('A')}{script}")
    assert report.errors == ()
    assert report.code.startswith(f"import backtrader as bt\n{CLASS.format('A')}")


def test_a_class_of_a_function_that_derives_from_what_another_function_makes_is_a_strategy() -> None:
    made = "def f():\n    class C(bt.Strategy):\n        def next(self): self.buy()\n    return C\n"
    more = "def g():\n    class D(f()):\n        pass\n    return D\n"
    report = inspect_code(f"import backtrader as bt\n{made}{more}cerebro = bt.Cerebro()\ncerebro.addstrategy(g())\n")
    assert report.errors == ()
    assert "SCRIPT_RUN = {'strategy': g()}" in report.code
