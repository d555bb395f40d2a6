"""Every certificate says which check was made and what it found; none is clean by silence."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.domain.backtest import Annotation, AnnotationCode, BacktestPlan, Certificate, Method, Verdict
from core.sandbox import Sandbox
from core.sandbox.lookahead_check import RepeatFindings, certify, find_suspect_line, limit_cuts
from core.sandbox.sandbox import LOCK_STEP_BARS
from tests.attacks.arena import HONEST, run, sample_bars
from tests.attacks.payloads.making import strategy

FAST = BacktestPlan(method=Method.FAST)
EMPTY = Certificate(verdict=Verdict.NOT_CHECKABLE, method=Method.FAST)
PEEK = strategy(
    init="self.f = self.data.close.array",
    each="i = len(self)\nif i < len(self.f) and self.f[i] > self.f[i - 1] and not self.position: self.buy(size=1)\n"
    "elif self.position: self.close()",
)
REVERSION = strategy(
    init="self.low = bt.ind.Lowest(period=7)",
    each="if self.data.close[0] <= self.low[0]: self.buy(size=3)\n"
    "elif self.position and self.data.close[0] > self.position.price: self.close()",
)


@pytest.mark.parametrize(
    ("cuts", "bars", "affordable_cuts"),
    [
        ((), 100, ()),
        ((10, 20, 30, 40, 50), 100, (10, 20, 30, 40, 50)),
        ((70, 80, 300, 600), 2_500, (70, 80)),
        ((3_000, 6_000, 12_000, 25_000), 100_000, (3_000, 6_000, 12_000, 25_000)),
        ((99_000,), 99_500, (99_000,)),
    ],
)
def test_repeats_together_cost_less_than_the_run(cuts: tuple[int, ...], bars: int, affordable_cuts: tuple[int, ...]) -> None:
    assert limit_cuts(cuts, bars) == affordable_cuts


def test_lock_step_is_clean_and_says_why(isolated: Sandbox) -> None:
    certificate = run(isolated, HONEST)[0].certificate
    assert (certificate.verdict, certificate.method) == (Verdict.CLEAN, Method.LOCK_STEP)
    assert "120 bars" in certificate.checked


def test_a_fast_run_is_repeated_on_its_first_bars(isolated: Sandbox) -> None:
    certificate = run(isolated, REVERSION, FAST)[0].certificate
    assert (certificate.verdict, certificate.method) == (Verdict.CLEAN, Method.FAST)
    assert "the same orders" in certificate.checked


def test_a_strategy_that_peeks_is_convicted_in_fast_mode_with_bar_and_line(isolated: Sandbox) -> None:
    certificate = run(isolated, PEEK, FAST)[0].certificate
    assert certificate.verdict is Verdict.LEAKED
    assert certificate.bar is not None
    assert certificate.line == 6
    assert run(isolated, PEEK)[0].fills == ()


def test_a_fast_run_without_orders_cannot_be_checked_and_says_so(isolated: Sandbox) -> None:
    certificate = run(isolated, strategy(), FAST)[0].certificate
    assert certificate.verdict is Verdict.NOT_CHECKABLE
    assert "nothing to compare" in certificate.checked


def test_a_repeat_that_fails_leaves_the_matter_open() -> None:
    found = certify(EMPTY, RepeatFindings(cuts=(5, 9), failed="ValueError: x"))
    assert found.verdict is Verdict.NOT_CHECKABLE
    assert "ValueError: x" in found.checked


def test_a_leak_outweighs_a_failure() -> None:
    found = certify(EMPTY, RepeatFindings(cuts=(5, 9), failed="x", leaked=4, suspect=7))
    assert (found.verdict, found.bar, found.line) == (Verdict.LEAKED, 4, 7)


def test_the_suspected_line_is_the_first_about_later_bars_whatever_its_words() -> None:
    other = Annotation(line=3, severity="warning", message="the future, said of something else")
    suspected = Annotation(line=9, severity="warning", message="words", code=AnnotationCode.LOOKAHEAD)

    assert find_suspect_line((other, suspected)) == 9
    assert find_suspect_line((other,)) is None


@pytest.mark.parametrize(("bars", "method"), [(50, Method.LOCK_STEP), (LOCK_STEP_BARS + 1, Method.FAST)])
def test_the_method_follows_from_the_number_of_bars(bars: int, method: Method, isolated: Sandbox) -> None:
    assert run(isolated, strategy(), BacktestPlan(), sample_bars(bars))[0].certificate.method is method


@settings(max_examples=12, deadline=None)
@given(seed=st.integers(0, 10**6), cut=st.integers(8, 110))
@pytest.mark.parametrize("code", [HONEST, REVERSION, PEEK], ids=["honest", "reversion", "peek"])
def test_changing_later_bars_never_changes_earlier_orders(code: str, seed: int, cut: int, isolated: Sandbox) -> None:
    one = run(isolated, code, bars=sample_bars(seed=seed))[0]
    other = run(isolated, code, bars=sample_bars(seed=seed, changed_after=cut))[0]
    assert [fill for fill in one.fills if fill.bar <= cut] == [fill for fill in other.fills if fill.bar <= cut]
    assert np.array_equal(one.equity[: cut + 1], other.equity[: cut + 1])
