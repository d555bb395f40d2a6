"""Sentences on a result that claim no more than is known. Plain text: a screen that reads Markdown marks it up itself."""

from collections.abc import Sequence

from core.domain.history import count_stored
from core.domain.iteration import Finding, Iteration
from core.domain.run import HoldOut, Objective, Run, RunKind
from core.evidence import expected_best_sharpe
from core.report.figures import find_figure, format_score
from core.report.number_format import format_count, format_frequency, format_percent, format_ratio

FEWEST_TRADES = 10
"""Closed trades on the hold-out under which nothing is concluded from it."""


def describe_result(run: Run, iterations: Sequence[Iteration]) -> str:
    """Describe what came of a run of LLM Driving, in one or two sentences; empty until it is over."""
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
    tries = count_stored(iterations)
    if best.is_baseline:  # nothing was picked, so no luck either
        return f"Nothing beat the workflow itself in {format_count(tries - 1, 'try', 'tries')}: its {name} is {value} in training."
    if baseline is not None and baseline.score is not None:
        text = f"In training the best version raised the {name} from {format_score(baseline.score, objective)} to {value}."
    else:
        text = f"In training the best version reached a {name} of {value}; the workflow itself had no score."
    return f"{text} {_describe_luck(best, objective, tries)}".strip()


def _describe_luck(best: Iteration, objective: Objective, tries: int) -> str:
    if objective is not Objective.SHARPE or not best.number or best.metrics is None or best.score is None or best.metrics.years <= 0:
        return ""
    line = expected_best_sharpe(tries, best.metrics.years)
    against = "above" if best.score > line else "no more than"
    return f"That is {against} the {format_ratio(line)} that the best of {tries} skill-less tries would reach on average."


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
