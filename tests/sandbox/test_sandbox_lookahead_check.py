"""Every certificate says which check was made and what it found; none is clean by silence."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from core.domain.annotation import Annotation, AnnotationCode
from core.domain.backtest import BacktestPlan, Certificate, Limits, Method, Verdict
from core.report.labels import label_certificate
from core.sandbox import Sandbox
from core.sandbox.lookahead_check import PrefixCheck, RepeatFindings, certify, find_suspect_line
from tests.attacks.arena import HONEST, run, sample_bars
from tests.attacks.payloads.making import strategy

FAST = BacktestPlan(method=Method.FAST)
PATIENT = FAST.changed(limits=Limits(wall_seconds=120))
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
DOUBTED = "import sys"
"""With it nobody can tell from a program's text what it reaches."""


def test_lock_step_is_clean_and_says_why(isolated: Sandbox) -> None:
    certificate = run(isolated, HONEST)[0].certificate
    assert (certificate.verdict, certificate.method) == (Verdict.CLEAN, Method.LOCK_STEP)
    assert "120 bars" in certificate.checked


def test_a_fast_run_that_is_proved_from_its_text_is_not_repeated_and_says_why(isolated: Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    repeats: list[object] = []
    monkeypatch.setattr(PrefixCheck, "_repeat", lambda self, *args: repeats.append(args))
    for _ in range(2):  # the second time the application remembers what was found
        certificate = run(isolated, REVERSION, FAST)[0].certificate
        assert (certificate.verdict, certificate.method, certificate.cuts, certificate.confirmed) == (
            Verdict.CHECKED,
            Method.FAST,
            0,
            False,
        )
        assert "only where later ones are refused" in certificate.checked
        assert label_certificate(certificate) == "Checked by its text, not confirmed"
    assert repeats == []


@pytest.mark.parametrize(
    "code",
    [
        strategy(top=DOUBTED, init="self.low = bt.ind.Lowest(period=7)", each="self.buy(size=1)"),
        strategy(init="self.low = bt.ind.ROC(period=-3)", each="self.buy(size=1)"),
        strategy(each="self.buy(size=1)\ntry: self.data.close[1]\nexcept Exception: pass"),
    ],
    ids=["unknown name", "period below zero", "a later bar asked for"],
)
def test_a_fast_run_of_which_anything_is_in_doubt_is_repeated(code: str, isolated: Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    repeats: list[object] = []
    monkeypatch.setattr(PrefixCheck, "_repeat", lambda self, *args: repeats.append(args))
    run(isolated, code, FAST)
    assert len(repeats) == 1


def test_without_the_gate_no_text_proves_anything(isolated: Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(isolated, "_gate", False)
    assert run(isolated, REVERSION, FAST)[0].certificate.cuts >= 8


def test_a_fast_run_is_repeated_with_other_later_bars(isolated: Sandbox) -> None:
    certificate = run(isolated, f"{DOUBTED}\n{REVERSION}", FAST)[0].certificate
    assert (certificate.verdict, certificate.method, certificate.cuts >= 8) == (Verdict.CHECKED, Method.FAST, True)
    assert "the same orders" in certificate.checked


def test_a_strategy_that_peeks_is_convicted_in_fast_mode_with_bar_and_line(isolated: Sandbox) -> None:
    certificate = run(isolated, PEEK, FAST)[0].certificate
    assert certificate.verdict is Verdict.LEAKED
    assert certificate.bar is not None
    assert certificate.line == 6
    assert run(isolated, PEEK)[0].fills == ()


def test_a_fast_run_without_orders_cannot_be_checked_and_says_so(isolated: Sandbox) -> None:
    certificate = run(isolated, strategy(top=DOUBTED), FAST)[0].certificate
    assert certificate.verdict is Verdict.NOT_CHECKABLE
    assert "could be compared at 0 cuts" in certificate.checked


ONE_ORDER = strategy(top=DOUBTED, each="if len(self) == 2: self.buy(size=1)")
LATE_PEEK = strategy(
    init="self.f = self.data.close.array",
    each="i = len(self)\nif i % 10 == 0: self.buy(size=self.f[i] / 100 if 1500 < i < len(self.f) else 1)\nelif i % 10 == 5: self.close()",
)
INTERPOLATES = strategy(
    init="import numpy as np\nc = np.array(self.data.close.array)\nx = np.linspace(-1, 1, len(c)) if len(c) else c\n"
    "self.fit = np.polyval(np.polyfit(x, c, 9), x) if len(c) else c",
    each="i = len(self) - 1\nif i >= len(self.fit): return\n"
    "if self.data.close[0] < self.fit[i] and not self.position: self.buy(size=1)\n"
    "elif self.position and self.data.close[0] > self.fit[i]: self.close()",
)


def test_one_order_is_too_little_evidence_for_a_fast_run(isolated: Sandbox) -> None:
    assert run(isolated, ONE_ORDER, FAST)[0].certificate.verdict is Verdict.NOT_CHECKABLE


@pytest.mark.parametrize("code", [LATE_PEEK, INTERPOLATES], ids=["late", "interpolation"])
def test_peeks_of_the_later_part_and_of_the_whole_series_are_convicted_at_3000_bars(code: str, isolated: Sandbox) -> None:
    assert run(isolated, code, PATIENT, sample_bars(3_000))[0].certificate.verdict is Verdict.LEAKED


LOOKS_FOR_THE_COUNT = strategy(
    each="""if len(self) != 5: return
import gc, sys
frame, numbers = sys._getframe(), []
while frame is not None:
    numbers += [v for v in frame.f_locals.values() if isinstance(v, int)]
    frame = frame.f_back
try: 1 / 0
except ZeroDivisionError as error:
    step = error.__traceback__
    while step is not None:
        numbers += [v for v in step.tb_frame.f_locals.values() if isinstance(v, int)]
        step = step.tb_next
kept = [d.values() if isinstance(d, dict) else d for d in gc.get_objects() if isinstance(d, (dict, list, tuple))]
seen = [n for each in kept for n in each if isinstance(n, int)]
print('told', int('48' + '71') in numbers, int('48' + '71') in seen, sys.orig_argv, sys.argv)""",
)


def test_code_finds_nowhere_in_its_process_how_many_bars_there_are(isolated: Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(isolated, "_gate", False)
    outcome = run(isolated, LOOKS_FOR_THE_COUNT, bars=sample_bars(4_871))[0]
    assert "told False False ['strategy.py'] ['strategy.py']" in outcome.log


def test_a_repeat_that_fails_leaves_the_matter_open() -> None:
    found = certify(EMPTY, RepeatFindings(planned=9, agreed=8, failed="ValueError: x"))
    assert found.verdict is Verdict.NOT_CHECKABLE
    assert "ValueError: x" in found.checked


def test_a_leak_outweighs_a_failure() -> None:
    found = certify(EMPTY, RepeatFindings(planned=9, agreed=7, failed="x", leaked=4, suspect=7))
    assert (found.verdict, found.bar, found.line) == (Verdict.LEAKED, 4, 7)


@pytest.mark.parametrize(
    ("planned", "agreed", "verdict"),
    [(0, 0, Verdict.NOT_CHECKABLE), (7, 7, Verdict.NOT_CHECKABLE), (12, 11, Verdict.NOT_CHECKABLE), (8, 8, Verdict.CHECKED)],
)
def test_few_repeats_prove_nothing_and_all_of_them_never_make_a_fast_run_clean(planned: int, agreed: int, verdict: Verdict) -> None:
    found = certify(EMPTY, RepeatFindings(planned=planned, agreed=agreed))
    assert (found.verdict, found.confirmed) == (verdict, False)


def test_a_fast_run_cannot_be_called_clean() -> None:
    with pytest.raises(ValidationError, match="only a run in lock-step is clean"):
        Certificate(verdict=Verdict.CLEAN, method=Method.FAST)


def test_the_suspected_line_is_the_first_about_later_bars_whatever_its_words() -> None:
    other = Annotation(line=3, severity="warning", message="the future, said of something else")
    suspected = Annotation(line=9, severity="warning", message="words", code=AnnotationCode.LOOKAHEAD)

    assert find_suspect_line((other, suspected)) == 9
    assert find_suspect_line((other,)) is None


@pytest.mark.parametrize("bars", [50, 25_000])
def test_lock_step_is_the_method_however_many_bars_there_are(bars: int, isolated: Sandbox) -> None:
    assert run(isolated, strategy(), BacktestPlan(), sample_bars(bars))[0].certificate.confirmed


@settings(max_examples=12, deadline=None)
@given(seed=st.integers(0, 10**6), cut=st.integers(8, 110))
@pytest.mark.parametrize("code", [HONEST, REVERSION, PEEK], ids=["honest", "reversion", "peek"])
def test_changing_later_bars_never_changes_earlier_orders(code: str, seed: int, cut: int, isolated: Sandbox) -> None:
    one = run(isolated, code, bars=sample_bars(seed=seed))[0]
    other = run(isolated, code, bars=sample_bars(seed=seed, changed_after=cut))[0]
    assert [fill for fill in one.fills if fill.bar <= cut] == [fill for fill in other.fills if fill.bar <= cut]
    assert np.array_equal(one.equity[: cut + 1], other.equity[: cut + 1])
