"""A sandbox for a process that ends soon starts with what most programs need, and gives the others all there is."""

import threading
from collections.abc import Iterator

import backtrader as bt
import pytest

from core.domain.backtest import OutcomeStatus
from core.sandbox import Sandbox
from core.sandbox.lockdown import detect_processor
from core.sandbox.usual_modules import needs_everything
from tests.attacks.arena import HONEST, PLAN, sample_bars
from tests.attacks.payloads.making import strategy
from tests.needs import need

PANDAS = strategy(top="import pandas as pd", each="if len(self) == 9 and len(pd.Series([1, 2])) == 2: self.buy(size=1)")
DATES = strategy(
    top="import datetime, statistics, dateutil.parser",
    each="if dateutil.parser.parse('2020-01-05') and datetime.datetime.strptime('5', '%d') and len(self) == 9: self.buy(size=1)",
)


@pytest.fixture(scope="module")
def brief() -> Iterator[Sandbox]:
    need(bool(detect_processor()), "kernel isolation needs Linux on x86_64 or aarch64")
    with Sandbox(brief=True) as sandbox:
        yield sandbox


@pytest.mark.parametrize(
    ("code", "more"),
    [
        (HONEST, False),
        (DATES, False),
        (PANDAS, True),
        ("import numpy as np", True),
        ("from pandas import Series", True),
        ("import zoneinfo", True),
        ("import matplotlib.pyplot", True),
        ("x = __import__('pan' + 'das')", True),
        ("import importlib\nimportlib.import_module('numpy')", True),
        ("import sys\nsys.modules['numpy']", True),
        ("from dateutil import tz", True),
        ("class Mean:\n    packages = (('pandas', 'pd'),)", True),
        ("not python (", True),
        ("import backtrader as bt\nfrom backtrader.indicators import SMA\nimport math", False),
    ],
)
def test_programs_that_may_reach_for_more_are_told_from_the_usual_ones(code: str, more: bool) -> None:
    assert needs_everything(code) is more


def list_packages(kind: type) -> set[str]:
    """Packages that Backtrader imports when an indicator of this class is made."""
    parts = (*getattr(kind, "packages", ()), *getattr(kind, "frompackages", ()))
    return {(part if isinstance(part, str) else part[0]).partition(".")[0] for part in parts}


def test_what_backtrader_imports_on_use_is_known_by_its_name() -> None:
    kinds = {name: kind for name, kind in vars(bt.indicators).items() if isinstance(kind, type)}
    asking = [name for name, kind in kinds.items() if {"pandas", "statsmodels"} & list_packages(kind)]

    assert "OLS_BetaN" in asking
    assert all(needs_everything(f"import backtrader as bt\nbt.ind.{name}") for name in asking)


def test_a_program_finds_what_it_imports_whichever_processes_it_gets(brief: Sandbox, isolated: Sandbox) -> None:
    bars = sample_bars()
    for code in (HONEST, DATES, PANDAS, HONEST):
        ours, theirs = (one.run(code, PLAN, bars, cancel=threading.Event()) for one in (brief, isolated))
        assert (ours.status, ours.error, ours.orders_hash) == (OutcomeStatus.OK, None, theirs.orders_hash)
        assert (ours.isolation_level, ours.certificate) == (theirs.isolation_level, theirs.certificate)


def test_a_program_that_fails_for_want_of_a_part_is_run_again_where_everything_is(isolated: Sandbox) -> None:
    """Backtrader imports what an indicator names in `packages`, which nothing else in the program's text says."""
    code = strategy(
        top="def measure(self): self.lines.mean[0] = pd.Series([self.data.close[0]]).mean()\n\n"
        "parts = {'lines': ('mean',), 'pack' + 'ages': (('pandas', 'pd'),), 'next': measure, '__module__': __name__}\n"
        "Mean = type(bt.Indicator)('Mean', (bt.Indicator,), parts)",
        init="self.mean = Mean()",
        each="if len(self) == 9 and self.mean[0] == self.data.close[0]: self.buy(size=1)",
    )
    assert not needs_everything(code)
    with Sandbox(brief=True) as sandbox:
        ours, theirs = (one.run(code, PLAN, sample_bars(), cancel=threading.Event()) for one in (sandbox, isolated))
    assert (ours.status, ours.error, ours.orders_hash) == (OutcomeStatus.OK, None, theirs.orders_hash)
