"""Objects of a script's own classes: what their methods, properties and managers change before the strategy is added."""

import pytest

from core.gate import inspect_code
from tests.gate.test_script_aliases import run_module

CLASSES = """class Config:
    kept = []
    def __init__(self, n=10): self.n = n; self.d = {"n": n}
    def tune(self): self.n = 5; return self
    def put(self, k, v): self.d[k] = v; return self
    def to(self, n): self._to(n)
    def _to(self, n): self.n = n
    def show(self): print(self.n)
    def all(self): return {"n": self.n}
    def __enter__(self): self.n = 4; return self
    def __exit__(self, *_): self.n += 3
    def __call__(self, n): self.n = n
    @property
    def double(self): return self.n * 2
    @classmethod
    def make(cls, n): return cls(n + 1)
class Mine(Config):
    def to(self, n): super().to(n + 2)
class Half:
    def __init__(self): self.m = 7
    @property
    def n(self): return self._n
    @n.setter
    def n(self, value): self._n = value // 2
class Plus:
    def __setattr__(self, name, value): self.__dict__[name] = value + 1
class Store:
    def __init__(self): self.d = {}
    def __setitem__(self, k, v): self.d[k] = v * 2
    def __getitem__(self, k): return self.d[k]
class Limit:
    n = 10
    @classmethod
    def set(cls, n): cls.n = n
class One:
    _one = None
    def __new__(cls):
        if cls._one is None: cls._one = super().__new__(cls); cls._one.n = 10
        return cls._one
BOX = Config()
def tune(cfg): cfg.to(4)
class Tuner:
    def go(self, cfg): cfg.to(4)
"""
RUN = "c = bt.Cerebro()\nc.addstrategy(S, {})\nc.run()\n"
CASES = [
    ("cfg = Config(); cfg.tune()", "n=cfg.n", {"n": 5}),
    ("cfg = Config(); cfg.to(4); cfg.show()", "n=cfg.n", {"n": 4}),
    ("cfg = Config(); cfg.put('n', 4)", "**cfg.d", {"n": 4}),
    ("cfg = Config(); cfg.tune().put('n', 3)", "n=cfg.d['n'], m=cfg.n", {"n": 3, "m": 5}),
    ("cfg = Config(); cfg.to(3)", "n=cfg.double", {"n": 6}),
    ("cfg = Config(); cfg.to(4)", "**cfg.all()", {"n": 4}),
    ("cfg = Config(); cfg.to(4)", "n=vars(cfg)['n']", {"n": 4}),
    ("cfg = Config(); vars(cfg)['n'] = 4", "n=cfg.n", {"n": 4}),
    ("cfg = Config(); cfg.__dict__.update(n=4)", "n=cfg.n", {"n": 4}),
    ("cfg = Config(); tune(cfg)", "n=cfg.n", {"n": 4}),
    ("cfg = Config(); Tuner().go(cfg)", "n=cfg.n", {"n": 4}),
    ("a = Config(); b = a; b.to(4)", "n=a.n", {"n": 4}),
    ("a = Config(); b = a; a.to(4)", "n=b.n", {"n": 4}),
    ("a = Config(); b = Config(7); a.to(4)", "n=b.n", {"n": 7}),
    ("a = {'x': Config()}; a['x'].to(4)", "n=a['x'].n", {"n": 4}),
    ("a = [Config(), Config(6)]\nfor x in a: x.to(x.n + 1)", "n=a[0].n, m=a[1].n", {"n": 11, "m": 7}),
    ("a = Config(); to = a.to; to(4)", "n=a.n", {"n": 4}),
    ("a = Config.make(4); a.tune(); a.n += 2", "n=a.n, m=a.d['n']", {"n": 7, "m": 5}),
    ("a = Mine(); a.to(4)", "n=a.n", {"n": 6}),
    ("a = Config(); a(4)", "n=a.n", {"n": 4}),
    ("a = Config()\nwith a: pass", "n=a.n", {"n": 7}),
    ("a = Config(); a = a.put('n', 3)", "**a.d", {"n": 3}),
    ("a = Half(); a.n = 12", "n=a.n, m=a.m", {"n": 6, "m": 7}),
    ("a = Plus(); a.n = 4", "n=a.n", {"n": 5}),
    ("a = Store(); a['n'] = 4", "n=a['n']", {"n": 8}),
    ("BOX.to(4)", "n=BOX.n", {"n": 4}),
    ("BOX.to(3); BOX.n += 1", "n=BOX.double", {"n": 8}),
    ("tune(BOX)", "n=BOX.n", {"n": 4}),
    ("cfg = BOX; cfg.to(4)", "n=BOX.n, m=cfg.n", {"n": 4, "m": 4}),
    ("n = BOX.n; BOX.to(4)", "n=n, m=BOX.n", {"n": 10, "m": 4}),
    ("Limit.set(4)", "n=Limit.n", {"n": 4}),
    ("o = SimpleNamespace(n=10); vars(o)['n'] = 5; o.__dict__.update(m=3)", "**vars(o)", {"n": 5, "m": 3}),
]


def inside(lines: str, given: str) -> str:
    body = "".join(f"    {line}\n" for line in (f"{lines}\n" + RUN.format(given)).splitlines())
    return f"from types import SimpleNamespace\n{CLASSES}def main():\n{body}main()\n"


@pytest.mark.parametrize(("lines", "given", "expected"), CASES)
def test_what_methods_change_of_an_object_is_followed(lines: str, given: str, expected: dict[str, int]) -> None:
    assert run_module(inside(lines, given))[0]["parameters"] == expected


@pytest.mark.parametrize("lines", ["One().n = 4", "a = One(); a.n = 4", "a = Config(); a.kept.append(input())"])
def test_objects_that_share_what_is_set_of_one_are_not_guessed_at(lines: str) -> None:
    given = "n=Config.kept[-1]" if "kept" in lines else "n=One().n"
    report = inspect_code(f"import backtrader as bt\nclass S(bt.Strategy):\n    params = dict(n=1)\n{inside(lines, given)}")

    assert any("The parameter n was left out" in remark.message for remark in report.annotations)


def test_a_step_that_cannot_be_had_matters_for_what_it_changes_alone() -> None:
    lines = "if input(): print()\ncfg = Config(); cfg.put(os.name, 3); cfg.to(4)"

    assert run_module(inside(lines, "n=cfg.n"))[0]["parameters"] == {"n": 4}
    assert "parameters" not in run_module(inside("cfg = Config(); cfg.put('n', open('a.csv').read())", "**cfg.d"))[0]


def test_steps_of_an_object_that_the_strategy_reads_are_written_as_statements() -> None:
    reads = inside("BOX.to(3)\nBOX.n += 4\nBOX.d['n'] = 8", "n=1").replace("addstrategy(S,", "addstrategy(Reads,")
    _, module = run_module("class Reads(S):\n    def next(self): self.buy(size=BOX.n)\n" + reads)

    assert (module.BOX.n, module.BOX.d) == (7, {"n": 8})  # type: ignore[attr-defined]
