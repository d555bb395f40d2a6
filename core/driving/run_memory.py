"""Memory across runs: what earlier runs of the same workflow, on the same class of asset, tried, and what came of it in training.

Only runs whose training bars end before this run's hold-out begins are remembered, whatever they traded: markets move together, and a
figure of those days would carry the hold-out into the prompt.
"""

from collections.abc import Sequence

from core.domain.bars import Bars
from core.domain.iteration import Iteration, Judgment, find_scored_ancestor
from core.domain.run import Run, RunKind
from core.domain.workflow import Workflow
from core.driving.ports import History

MAXIMUM_RUNS = 5
"""Earlier runs that are remembered, the newest."""
LINES_PER_RUN = 3
"""Changes that helped most, and as many that hurt most, of each."""


def recall_runs(run: Run, history: History, training: Bars) -> tuple[str, ...]:
    """Recall earlier runs in lines for a prompt; none where the plan does not want it."""
    if not run.plan.memory:
        return ()
    shape, last = describe_shape(run.plan.workflow), training.last.date()
    earlier = [
        one
        for one in history.list_runs(limit=200, kind=RunKind.DRIVE)
        if one.id != run.id
        and one.status.finished
        and one.asset_class == training.instrument.asset_class.value
        and one.trained_until is not None
        and one.trained_until <= last
        and one.plan.objective is run.plan.objective
        and describe_shape(one.plan.workflow) == shape
    ][:MAXIMUM_RUNS]
    lines = [line for one in earlier for line in _tell(history.list_iterations(one.id))]
    return tuple(dict.fromkeys(lines))


def describe_shape(workflow: Workflow) -> tuple[tuple[str, ...], ...]:
    """Describe which rows a workflow has, whatever their numbers, names and order."""
    rows = ((row.section.value, row.operator.value, *map(_without_numbers, row.indicators)) for row in workflow.rows)
    return tuple(sorted(rows))


def _without_numbers(text: str) -> str:
    return "".join(letter for letter in text.lower() if letter.isalpha() or letter == "_")


def _tell(done: Sequence[Iteration]) -> list[str]:
    """The changes that helped most and those that hurt most, each with the score before and after."""
    judged = []
    for one in done:
        before = find_scored_ancestor(one.parent, done)
        if one.change and one.score is not None and before is not None and before.score is not None and one.operator != "tune":
            judged.append((one.score - before.score, one.change, before.score, one.score))
    judged.sort()
    told = [*judged[:LINES_PER_RUN], *reversed(judged[LINES_PER_RUN:][-LINES_PER_RUN:])]
    return [f"{change}: {_judge(gain).value}, {before:.2f} before, {after:.2f} after" for gain, change, before, after in told if gain]


def _judge(gain: float) -> Judgment:
    return Judgment.CONFIRMED if gain > 0 else Judgment.REFUTED
