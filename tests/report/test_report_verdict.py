"""The verdict follows from the facts by a table of rules: each rule has a case of its own, and stands in the guide."""

from dataclasses import replace
from datetime import datetime
from pathlib import Path

import pytest

from core.domain.decision import PairComparison
from core.domain.hold_out import HoldOut, HoldOutFigure
from core.domain.metrics import Metrics
from core.domain.timing import Timing, TimingGap
from core.report.labels import CONCLUSION
from core.report.verdict import RULES, Conclusion, VerdictFacts, reach_verdict

FIGURE = HoldOutFigure(name="best", iteration=3, metrics=Metrics(total_return=0.1, trades=30))
HELD = HoldOut(
    bars=600,
    first=datetime(2020, 1, 1),
    last=datetime(2022, 1, 1),
    best=FIGURE,
    baseline=FIGURE,
    benchmark=FIGURE,
    comparison=PairComparison(difference=0.1, se=0.4, power=0.5, gain=1.0, detectable=1.0),
    timing=Timing(z=0.5),
)
PLAIN = VerdictFacts(winner=3, luck=0.4, no_timing=None, faded=False, hold_out=HELD)


def with_hold_out(**changes: object) -> VerdictFacts:
    return replace(PLAIN, hold_out=HELD.changed(**changes))


CASES = {
    "sweep": replace(PLAIN, hold_out=None, swept=True),
    "not_looked_at": replace(PLAIN, hold_out=None),
    "no_hold_out": replace(PLAIN, hold_out=None, held_out=False),
    "no_figures": with_hold_out(best=FIGURE.changed(metrics=None, error="It failed.")),
    "used_up": with_hold_out(looks=4),
    "few_trades": with_hold_out(best=FIGURE.changed(metrics=Metrics(total_return=0.1, trades=9))),
    "worse_than_workflow": with_hold_out(comparison=PairComparison(difference=-0.7, se=0.4, power=0.5, gain=1.0, detectable=1.0)),
    "hold_out": with_hold_out(timing=Timing(z=2.0)),
    "edge_ended": replace(PLAIN, luck=0.01, faded=True),
    "both": replace(PLAIN, luck=0.04),
    "few_days": replace(PLAIN, luck=None, no_timing=TimingGap.TOO_SHORT),
    "ruined": replace(PLAIN, luck=None, no_timing=TimingGap.RUINED),
    "several_traded": replace(PLAIN, luck=None, no_timing=TimingGap.SEVERAL_TRADED),
    "no_timing": replace(PLAIN, luck=None, no_timing=TimingGap.ALWAYS_HELD),
    "luck": PLAIN,
}


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.name)
def test_each_rule_speaks_on_its_own_case(rule) -> None:
    said = reach_verdict(CASES[rule.name])

    assert (said.rule, said.verdict) == (rule.name, rule.verdict)
    assert all(text.endswith(".") for text in (said.why, said.would_change, said.next_step))


def test_every_rule_is_in_the_guide_with_its_error_rate() -> None:
    guide = (Path(__file__).parents[2] / "docs" / "evidence.md").read_text(encoding="utf-8")

    assert CASES.keys() == {rule.name for rule in RULES}
    assert [rule.name for rule in RULES if f"| `{rule.name}` |" not in guide] == []
    assert set(CONCLUSION) == {rule.verdict for rule in RULES} == set(Conclusion)


@pytest.mark.parametrize(("looks", "verdict"), [(1, Conclusion.HELD_UP), (2, Conclusion.LUCK), (3, Conclusion.LUCK)])
def test_a_later_look_needs_more(looks: int, verdict: Conclusion) -> None:
    assert reach_verdict(with_hold_out(timing=Timing(z=2.0), looks=looks)).verdict is verdict


def test_timing_that_costs_on_the_hold_out_does_not_hold_up() -> None:
    facts = replace(with_hold_out(timing=Timing(z=-0.1)), luck=0.001)

    assert reach_verdict(facts).verdict is Conclusion.LUCK


def test_what_holds_all_the_time_on_the_hold_out_shows_no_timing_there() -> None:
    facts = replace(with_hold_out(timing=Timing(gap=TimingGap.ALWAYS_HELD)), luck=0.001)

    assert reach_verdict(facts).rule == "luck"


@pytest.mark.parametrize(("placebo", "verdict"), [(0.05, Conclusion.HELD_UP), (0.1, Conclusion.LUCK)])
def test_whole_loops_on_shuffled_bars_take_the_place_of_the_chance_of_luck(placebo: float, verdict: Conclusion) -> None:
    assert reach_verdict(replace(PLAIN, luck=0.001 if placebo > 0.05 else 0.9, placebo=placebo)).verdict is verdict
