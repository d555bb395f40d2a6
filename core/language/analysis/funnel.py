"""The funnel as the table shows it: each condition row once, filters first. The counting is `core.domain.funnel`'s."""

from core.domain.funnel import FunnelRow as FunnelStep
from core.domain.funnel import Signals, compute_funnels
from core.domain.workflow import Section, Workflow

__all__ = ["FunnelStep", "build_funnel"]
SECTION_ORDER = (Section.FILTER, Section.ENTRY_LONG, Section.EXIT_LONG, Section.ENTRY_SHORT, Section.EXIT_SHORT)


def build_funnel(signals: Signals, workflow: Workflow) -> tuple[FunnelStep, ...]:
    """Build one step for each active condition row, filters first, groups together.

    `signals` maps row ids to arrays of shape (n,) of 0 and 1, as a run of the compiled workflow with `signals=True` gives them;
    rows without a signal are left out.
    """
    bars = max((len(flags) for flags in signals.values()), default=0)
    found = (*compute_funnels(workflow, signals, bars), *compute_funnels(workflow, signals, bars, exits=True))
    steps: dict[str, FunnelStep] = {}
    for row in (row for one in found for row in one.rows):
        steps.setdefault(row.row, row)
    groups = {key: place for place, key in enumerate(dict.fromkeys((step.section, step.group) for step in steps.values()))}
    return tuple(sorted(steps.values(), key=lambda step: (SECTION_ORDER.index(step.section), groups[step.section, step.group])))
