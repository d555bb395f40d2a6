"""Verdict on the winner of a run: a pure function of what is known, by a table of rules. The first rule that applies speaks."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from core.domain.hold_out import HoldOut
from core.domain.timing import LUCK_LEVEL, TimingGap
from core.domain.value import Value

FEWEST_TRADES = 10
"""Closed trades on the hold-out under which nothing is concluded from it."""
WORSE_ERRORS = 1.645
"""Standard errors by which the winner is behind the workflow on the hold-out when it is called overfitted."""


class Conclusion(StrEnum):
    """Conclusion on the winner of a run."""

    HELD_UP = "held_up"
    LUCK = "not_distinguishable_from_luck"
    OVERFITTED = "overfitted"
    FEW_TRADES = "not_enough_trades"
    IN_SAMPLE = "in_sample_only"


@dataclass(frozen=True, slots=True)
class VerdictFacts:
    """Facts that the verdict depends on, and nothing else."""

    winner: int
    luck: float | None
    """Chance of luck on the training bars; None where there is no timing to judge."""
    no_timing: TimingGap | None
    faded: bool
    """The edge ended on the training bars, by days or by trades."""
    hold_out: HoldOut | None
    held_out: bool = True
    """The plan holds bars out, whether or not they were looked at."""
    swept: bool = False
    """The run is a sweep, which never looks at the hold-out."""
    memory: str = ""
    """Sentence on what the model may remember of the hold-out; empty where no language model wrote anything."""
    placebo: float | None = None
    """Chance by whole loops on shuffled bars, which takes the place of the chance of luck; None where there were none, or too few for a
    claim and none of them as good."""


class VerdictReport(Value):
    """The verdict with the rule it follows from, and its words."""

    verdict: Conclusion
    rule: str
    """Name of the rule in the table of the guide."""
    why: str
    would_change: str
    """The evidence that would lead to another verdict."""
    next_step: str
    memory: str = ""
    """Sentence on what the model may remember of the hold-out: every claim from it stands under that."""

    @property
    def words(self) -> str:
        """All of it in sentences."""
        return " ".join(filter(None, (self.why, self.would_change, self.memory, self.next_step)))


@dataclass(frozen=True, slots=True)
class VerdictRule:
    """One line of the table."""

    name: str
    verdict: Conclusion
    applies: Callable[[VerdictFacts], bool]
    why: str
    would_change: str
    next_step: str


def _trades(facts: VerdictFacts) -> int:
    best = facts.hold_out.best.metrics if facts.hold_out else None
    return best.trades if best else 0


def _is_worse(facts: VerdictFacts) -> bool:
    pair = facts.hold_out.comparison if facts.hold_out else None
    return pair is not None and pair.difference + WORSE_ERRORS * pair.se < 0


def _times_on_hold_out(facts: VerdictFacts) -> bool:
    return facts.hold_out is not None and facts.hold_out.shows_timing


def _beats_luck(facts: VerdictFacts) -> bool:
    if facts.placebo is not None:
        return facts.placebo <= LUCK_LEVEL
    return facts.luck is not None and facts.luck < LUCK_LEVEL


def _times_on_both(facts: VerdictFacts) -> bool:
    timing = facts.hold_out.timing if facts.hold_out else None
    return _beats_luck(facts) and timing is not None and timing.gap is None and timing.z > 0


RULES: tuple[VerdictRule, ...] = (
    VerdictRule(
        "sweep",
        Conclusion.IN_SAMPLE,
        lambda facts: facts.swept and facts.hold_out is None,
        "A sweep never looks at the hold-out, so every figure is from the bars that its numbers were picked on.",
        "A run of its own from one of the points would change this: it looks once.",
        "Carry the point that convinces you on in LLM driving.",
    ),
    VerdictRule(
        "not_looked_at",
        Conclusion.IN_SAMPLE,
        lambda facts: facts.hold_out is None and facts.held_out,
        "The hold-out was not looked at for this iteration, so every figure is from the bars that it was developed on.",
        "The look that is taken when a run comes to its end would tell more.",
        "Let the run go on to its end.",
    ),
    VerdictRule(
        "no_hold_out",
        Conclusion.IN_SAMPLE,
        lambda facts: facts.hold_out is None,
        "Every figure is from the bars that it was developed on.",
        "Bars that the loop never saw would tell more.",
        "Hold out the last part of the bars, for example 30%.",
    ),
    VerdictRule(
        "no_figures",
        Conclusion.IN_SAMPLE,
        lambda facts: facts.hold_out is not None and facts.hold_out.best.metrics is None,
        "The winner could not be measured on the hold-out, so every figure is from the bars that it was developed on.",
        "A result on the hold-out would change this.",
        "Read there why it failed, and mend it.",
    ),
    VerdictRule(
        "used_up",
        Conclusion.IN_SAMPLE,
        lambda facts: facts.hold_out is not None and facts.hold_out.used_up,
        "The hold-out is used up: these bars were looked at so often that they decide nothing any more.",
        "Bars that nobody has looked at would change this.",
        "Choose another asset or another time, or wait for new bars.",
    ),
    VerdictRule(
        "few_trades",
        Conclusion.FEW_TRADES,
        lambda facts: _trades(facts) < FEWEST_TRADES,
        f"Fewer than {FEWEST_TRADES} trades were closed on the hold-out: too few to conclude anything.",
        "More trades by the same rules would change this.",
        "Hold out a longer part, choose a longer range, or loosen the entry.",
    ),
    VerdictRule(
        "worse_than_workflow",
        Conclusion.OVERFITTED,
        _is_worse,
        "On the hold-out the winner is behind the workflow itself by more than chance allows: it fitted the past.",
        "Nothing on these bars would change this.",
        "Keep the workflow, and change it for a reason instead of searching numbers.",
    ),
    VerdictRule(
        "hold_out",
        Conclusion.HELD_UP,
        _times_on_hold_out,
        "On bars that it never saw, its timing earned more than holding as much, and more than chance allows at this look.",
        "Further bars on which it earns nothing would change this.",
        "Trade it on paper, and look again when as many new bars have come.",
    ),
    VerdictRule(
        "edge_ended",
        Conclusion.LUCK,
        lambda facts: facts.faded,
        "Its edge ended: the last third of the training days, or of the trades, earned nothing, and clearly less than those before.",
        "Rules that earn again on new bars would change this.",
        "Ask what has changed in the market; old gains do not come back by themselves.",
    ),
    VerdictRule(
        "both",
        Conclusion.HELD_UP,
        _times_on_both,
        "Its timing is better than luck in training, all tries counted, and still earns on bars that it never saw.",
        "A hold-out that costs what training earned would change this.",
        "Trade it on paper, and look again when as many new bars have come.",
    ),
    VerdictRule(
        "few_days",
        Conclusion.LUCK,
        lambda facts: facts.no_timing is TimingGap.TOO_SHORT,
        "There are fewer than 30 days of training: too few to tell its result from luck.",
        "More days would change this, whatever the number of bars in each.",
        "Choose a longer range of dates.",
    ),
    VerdictRule(
        "ruined",
        Conclusion.LUCK,
        lambda facts: facts.no_timing is TimingGap.RUINED,
        "Its account was lost on the training bars, so there is nothing that could be told from luck.",
        "An account that lives to the end would change this.",
        "Trade smaller, or put a stop on every position.",
    ),
    VerdictRule(
        "several_traded",
        Conclusion.LUCK,
        lambda facts: facts.no_timing is TimingGap.SEVERAL_TRADED,
        "It traded several instruments from one account, and what it held of each is not known: its timing cannot be told from luck.",
        "Rules for one instrument, or the same rules on each of a basket, would change this.",
        "Run it on one instrument, or as a basket.",
    ),
    VerdictRule(
        "no_timing",
        Conclusion.LUCK,
        lambda facts: facts.no_timing is not None,
        "There is no timing to judge, so nothing tells its result from holding.",
        "Entries and exits that differ from holding would change this.",
        "Compare it with buy and hold, and take the cheaper one.",
    ),
    VerdictRule(
        "luck",
        Conclusion.LUCK,
        lambda facts: True,
        "Loops without any skill show as much: its result cannot be told from luck.",
        "More years, more trades, or a larger edge would change this.",
        "Prefer a change with a reason over more tries.",
    ),
)
"""The table, in its order."""


def reach_verdict(facts: VerdictFacts) -> VerdictReport:
    """Reach the verdict by the first rule that applies."""
    rule = next(rule for rule in RULES if rule.applies(facts))
    return VerdictReport(
        verdict=rule.verdict,
        rule=rule.name,
        why=rule.why,
        would_change=rule.would_change,
        next_step=rule.next_step,
        memory=facts.memory,
    )
