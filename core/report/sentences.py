"""Sentences on a result that claim no more than is known. Plain text: a screen that reads Markdown marks it up itself."""

from collections.abc import Sequence

from core.domain.history import count_stored
from core.domain.iteration import Finding, Iteration, count_tries
from core.domain.run import HoldOut, Objective, Run, RunKind
from core.domain.timing import LUCK_LEVEL
from core.report.figures import find_figure, format_score
from core.report.number_format import format_count, format_frequency, format_percent, format_ratio

FEWEST_TRADES = 10
"""Closed trades on the hold-out under which nothing is concluded from it."""


def describe_result(run: Run, iterations: Sequence[Iteration], chance: float | None = None, line: float | None = None) -> str:
    """Describe what came of a run of LLM Driving, in one or two sentences; empty until it is over.

    `chance` is the probability that the best of as many tries without any timing shows as much, `line` what 95 % of them stay below.
    """
    if not run.status.finished or run.kind is not RunKind.DRIVE or not iterations:
        return ""
    best = next((one for one in iterations if one.number == run.best), None)
    if best is None and run.best is not None:  # the line under the list says that it cannot be read
        return ""
    if best is None or best.score is None:
        return "No version could be scored: the table says why, version by version."
    baseline = next((one for one in iterations if one.is_baseline and one.error is None), None)
    objective = run.plan.objective
    name = "formula" if objective is Objective.FORMULA else find_figure(objective.value).words
    value = format_score(best.score, objective)
    tries = count_tries(iterations)
    if best.is_baseline:  # nothing was picked, so no luck either
        others = format_count(count_stored(iterations) - 1, "try", "tries")
        return f"Nothing beat the workflow itself in {others}: its {name} is {value} in training."
    if baseline is not None and baseline.score is not None:
        text = f"In training the best version raised the {name} from {format_score(baseline.score, objective)} to {value}."
    else:
        text = f"In training the best version reached a {name} of {value}; the workflow itself had no score."
    return f"{text} {_describe_luck(best, objective, tries + run.earlier_tries, chance, line)}".strip()


def _describe_luck(best: Iteration, objective: Objective, tries: int, chance: float | None, line: float | None) -> str:
    if chance is None or line is None or not best.number:
        return ""
    loops = f"loops of {format_count(tries, 'try', 'tries')} without any skill"
    below = f": 95 % of them stay below {format_ratio(line)}" if objective is Objective.SHARPE else ""
    if chance < LUCK_LEVEL:
        return f"That is better than luck: {format_chance(chance)} of {loops} show as much timing{below}."
    return f"Luck explains it: {format_chance(chance)} of {loops} show as much timing{below}."


def format_chance(chance: float) -> str:
    """Format a probability, which is never none and never certain.

    >>> format_chance(0.0321), format_chance(0.0001), format_chance(0.9999)
    ('3.2 %', 'under 0.1 %', 'over 99 %')
    """
    if chance < 0.001:
        return "under 0.1 %"
    return "over 99 %" if chance > 0.99 else f"{chance:.1%}".replace("%", " %") if chance < 0.1 else f"{chance:.0%}".replace("%", " %")


def describe_looks(held: HoldOut) -> str:
    """Describe which bars were held out and how often they were looked at."""
    looks = format_frequency(held.looks) + (", other runs on them included" if held.looks > 1 else "")
    return f"{held.bars:,} bars from {held.first:%Y-%m-%d} to {held.last:%Y-%m-%d}, looked at {looks}."


def describe_hold_out(held: HoldOut, number: int | None = None) -> str:
    """Describe what the hold-out says about the winner, beside iteration `number`: a run that went on may have a newer one."""
    best, plain, market = (figure.metrics for figure in (held.best, held.baseline, held.benchmark))
    if best is None:
        return "There is no figure for the best iteration on the hold-out."
    against = []
    if plain is not None and held.best.iteration != 0:
        against.append(("the workflow as it was written", plain))
    if market is not None:
        against.append(("buy and hold", market))
    compared = [
        f"{'more' if best.total_return > other.total_return else 'less'} than {name} ({format_percent(other.total_return)})"
        for name, other in against
    ]
    subject = "It" if held.best.iteration in (None, number) else f"Iteration {held.best.iteration}"
    sentence = f"{subject} made {format_percent(best.total_return)} there"
    sentence += f", {' and '.join(compared)}." if compared else "."
    closed = format_count(best.trades, "trade")
    few = f" Only {closed} closed there: that is too few to conclude anything." if best.trades < FEWEST_TRADES else ""
    return f"{sentence}{few} One stretch of the past is one sample: a good hold-out is a reason to look closer, not a proof."


def describe_finding(finding: Finding) -> str:
    """Describe a finding: what was found, and what may mend it.

    >>> describe_finding(Finding(code="no_trades", severity=3, message="no trade was closed", fix="loosen the entry"))
    'No trade was closed. Loosen the entry.'
    """
    return f"{to_sentence(finding.message)} {to_sentence(finding.fix)}".strip()


def to_sentence(text: str) -> str:
    """Make a sentence of text: one line, a capital first, a stop at its end.

    >>> to_sentence("use less cash"), to_sentence("")
    ('Use less cash.', '')
    """
    plain = " ".join(text.split())
    return plain and plain[0].upper() + plain[1:] + ("" if plain[-1] in ".!?:" else ".")
