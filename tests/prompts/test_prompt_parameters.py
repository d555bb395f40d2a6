"""The free numbers of a strategy, whatever way they are written."""

import pytest

from core.prompts import read_parameters

FORMS = {
    "dict call": "params = dict(fast=10, stop=-2.5)",
    "literal dict": "params = {'fast': 10, 'stop': -2.5}",
    "tuple of pairs": "params = (('fast', 10), ('stop', -2.5),)",
    "list of pairs": "params = [('fast', 10), ['stop', -2.5]]",
    "annotated": "params: dict = dict(fast=10, stop=-2.5)",
    "with others": "params = dict(fast=10, stop=-2.5, debug=True, name='x', ma=bt.ind.SMA, none=None, half=10 / 2)",
}


@pytest.mark.parametrize("form", FORMS)
def test_numbers_are_read_from(form):
    code = f"import backtrader as bt\nclass A(bt.Strategy):\n    {FORMS[form]}\n"
    assert read_parameters(code) == {"fast": 10.0, "stop": -2.5}


def test_an_indicators_parameters_are_not_the_strategys():
    code = "class I(bt.Indicator):\n    params = dict(period=5)\nclass S(bt.Strategy):\n    params = dict(fast=7)\n"
    assert read_parameters(code) == {"fast": 7.0}


def test_a_derived_strategy_adds_to_its_base():
    code = "class S(bt.Strategy):\n    params = dict(fast=7, slow=30)\nclass T(S):\n    params = dict(fast=9)\n"
    assert read_parameters(code) == {"fast": 9.0, "slow": 30.0}


@pytest.mark.parametrize(
    "code", ["", "def broken(", "x = 1", "class A(bt.Strategy): pass", "class A(A): params = dict(a=1)", "(" * 3_000, "\0"]
)
def test_code_without_numbers_gives_none(code):
    assert read_parameters(code) == {}


def test_numbers_that_json_cannot_carry_are_left_out():
    assert read_parameters("class A(bt.Strategy):\n    params = dict(a=1e999, b=2, c=10**400)\n") == {"b": 2.0}
