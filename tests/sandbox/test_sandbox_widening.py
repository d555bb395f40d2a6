"""A sandbox starts with what most programs need, and gives the others all there is."""

import os
import signal
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import backtrader as bt
import pytest

from core.domain.backtest import OutcomeStatus
from core.domain.errors import SandboxUnavailableError
from core.sandbox import Sandbox
from core.sandbox.host import ZygoteHost
from core.sandbox.usual_modules import needs_everything
from tests.attacks.arena import HONEST, PLAN, alive, sample_bars, until
from tests.attacks.payloads.making import strategy

NUMBERS = strategy(top="import numpy as np", each="if len(self) == 9 and np.fft.fft([1.0])[0] == 1: self.buy(size=1)")
PANDAS = strategy(top="import pandas as pd", each="if len(self) == 9 and len(pd.Series([1, 2])) == 2: self.buy(size=1)")
DATES = strategy(
    top="import datetime, statistics, dateutil.parser",
    each="if dateutil.parser.parse('2020-01-05') and datetime.datetime.strptime('5', '%d') and len(self) == 9: self.buy(size=1)",
)


LATE_IMPORT = strategy(
    top="def measure(self): self.lines.mean[0] = pd.Series([self.data.close[0]]).mean()\n\n"
    "parts = {'lines': ('mean',), 'pack' + 'ages': (('pandas', 'pd'),), 'next': measure, '__module__': __name__}\n"
    "Mean = type(bt.Indicator)('Mean', (bt.Indicator,), parts)",
    init="self.mean = Mean()",
    each="if len(self) == 9 and self.mean[0] == self.data.close[0]: self.buy(size=1)",
)
"""Backtrader imports what an indicator names in `packages`, which nothing else in this text says."""


@pytest.fixture
def own(isolated: Sandbox) -> Iterator[Sandbox]:
    with Sandbox() as sandbox:
        yield sandbox


def has_widened(sandbox: Sandbox) -> bool:
    assert isinstance(sandbox._host, ZygoteHost)
    return sandbox._host._wide is not None


@pytest.mark.parametrize(
    ("code", "more"),
    [
        (HONEST, False),
        (DATES, False),
        (PANDAS, True),
        ("import numpy as np", False),
        ("speed = getattr(self.p, 'speed', 3)", False),
        ("speed = getattr(self.p, name)", True),
        ("getattr(sys, 'modules')", True),
        ("read = getattr", True),
        ("from pandas import Series", True),
        ("import zoneinfo", True),
        ("import matplotlib.pyplot", True),
        ("x = __import__('pan' + 'das')", True),
        ("import importlib\nimportlib.import_module('pandas')", True),
        ("import sys\nsys.modules['pandas']", True),
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


def test_a_program_has_the_same_outcome_whichever_processes_it_gets(own: Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    for code in (HONEST, DATES, NUMBERS):
        found = []
        for everything in (False, True):
            monkeypatch.setattr("core.sandbox.sandbox.needs_everything", lambda code, answer=everything: answer)
            outcome = own.run(code, PLAN, sample_bars(), cancel=threading.Event())
            found.append((outcome.status, outcome.error, outcome.orders_hash, outcome.equity.tobytes(), outcome.certificate))
            assert has_widened(own) is everything or code != HONEST
        assert found[0] == found[1]
        assert found[0][:2] == (OutcomeStatus.OK, None)


def test_only_a_program_that_wants_more_starts_the_rest_and_each_is_measured(own: Sandbox) -> None:
    stop = threading.Event()
    assert own.run(HONEST, PLAN, sample_bars(), cancel=stop).ok
    assert own.run(strategy(each="1 / 0"), PLAN, sample_bars(), cancel=stop).status is OutcomeStatus.ERROR
    assert not has_widened(own)

    outcome = own.run(PANDAS, PLAN, sample_bars(), cancel=stop)

    assert (outcome.status, outcome.error) == (OutcomeStatus.OK, None)
    assert own._wide is not None
    assert (own._wide[1].level, own._wide[1].open_probes) == (own.isolation().level, own.isolation().open_probes)
    assert own._wide[0].pid != own._host.pid  # type: ignore[attr-defined, union-attr]


def test_a_program_that_fails_for_want_of_a_part_is_run_again_where_everything_is(own: Sandbox) -> None:
    assert not needs_everything(LATE_IMPORT)

    outcome = own.run(LATE_IMPORT, PLAN, sample_bars(), cancel=threading.Event())

    assert (outcome.status, outcome.error, outcome.orders.placed) == (OutcomeStatus.OK, None, 1)


@pytest.mark.parametrize("which", ["usual", "wide"])
def test_a_zygote_that_was_killed_is_replaced_whichever_it_is(own: Sandbox, which: str) -> None:
    assert own.run(PANDAS, PLAN, sample_bars(), cancel=threading.Event()).ok
    killed = own._host if which == "usual" else own._wide[0] if own._wide else None
    os.kill(killed.pid, signal.SIGKILL)  # type: ignore[union-attr]
    assert until(lambda: not killed.alive)  # type: ignore[union-attr]

    for code in (HONEST, PANDAS):
        assert own.run(code, PLAN, sample_bars(), cancel=threading.Event()).ok


def test_closing_ends_both_zygotes_also_while_one_of_them_starts(own: Sandbox) -> None:
    own.isolation()
    zygote = own._host
    assert isinstance(zygote, ZygoteHost)
    below = [zygote.pid, zygote._process.pid]
    with ThreadPoolExecutor(1) as pool:
        running = pool.submit(own.run, PANDAS, PLAN, sample_bars(), cancel=threading.Event())
        assert until(zygote._widening.locked)
        own.close()
        assert isinstance(running.exception(60), SandboxUnavailableError)

    assert until(lambda: not any(map(alive, below)))
    with pytest.raises(SandboxUnavailableError, match="was closed"):
        zygote.widen()
