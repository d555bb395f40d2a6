"""Lambdas of a script that are given to its strategy: the names that they read are those of the run."""

import pytest

from core.gate import inspect_code

CODE = """import backtrader as bt
T = {"k": 1}
class S(bt.Strategy):
    params = dict(rule=None)
    def next(self):
        if self.p.rule(self): self.buy()
def main():
    k, t, s, rules = 1, {"k": 1}, 3, []
    c = bt.Cerebro()
"""
ADD = "c.addstrategy(S, rule=rule)"


@pytest.mark.parametrize(
    ("lines", "written"),
    [
        (f"rule = lambda s: s.n > k; {ADD}", "lambda s: s.n > 1"),
        (f"rule = lambda s, k=k: s.n > k; k = 2; {ADD}", "lambda s, k=1: s.n > k"),
        (f"rule = lambda s: s.n > k; {ADD}; c.run(); k = 2", "lambda s: s.n > 1"),
        (f"rule = lambda s: s.n > T['k']; T['k'] = 2; {ADD}", "lambda s: s.n > T['k']"),
        ("for k in (4, 5): c.addstrategy(S, rule=lambda s: s.n > k); c.run()", "lambda s: s.n > 4"),
    ],
)
def test_a_lambda_reads_what_its_names_are_at_the_run(lines: str, written: str) -> None:
    assert f"'rule': {written}}}" in inspect_code(f"{CODE}    {lines}\n    c.run()\nmain()\n").code


@pytest.mark.parametrize(
    "lines",
    [
        f"rule = lambda s: s.n > k; k = 2; {ADD}",
        f"rule = lambda s: s.n > k; k += 1; {ADD}",
        f"rule = lambda s: s.n > t['k']; t['k'] = 2; {ADD}",
        f"rule = lambda s: s.n > t['k']; t.update(k=2); {ADD}",
        "for k in (4, 5): rules.append(lambda s: s.n > k)\n    c.addstrategy(S, rule=rules[0])",
        "c.addstrategy(S, rule=lambda s: s.n > k); k = 2",
    ],
)
def test_a_lambda_whose_names_change_before_the_run_is_left_out_and_named(lines: str) -> None:
    report = inspect_code(f"{CODE}    {lines}\n    c.run()\nmain()\n")
    assert "'rule'" not in report.code
    assert any("The parameter rule was left out" in note for note in report.notes)
