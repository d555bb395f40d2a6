"""Structured findings: every check over one case, ranked, capped, and muted when they repeat without effect."""

from collections.abc import Sequence

from core.domain.iteration import Finding
from core.evidence.case import Case
from core.evidence.checks import CHECKS

CAP = 8
"""Findings kept for one iteration: more than a person reads, and about 400 tokens of a prompt."""
REPEATS = 3
"""A finding shown this often in a row, and still there, is muted."""


def findings(case: Case, *, cap: int = CAP) -> tuple[Finding, ...]:
    """What is weak about a run, the worst first, at most `cap`; checks that do not apply say nothing."""
    found = [finding for check in CHECKS if (finding := check(case)) is not None]
    found.sort(key=lambda finding: -finding.severity)
    return tuple(found[:cap])


def mute(current: Sequence[Finding], previous: Sequence[Sequence[Finding]], *, repeats: int = REPEATS) -> tuple[Finding, ...]:
    """The findings that are worth saying again: those of the last `repeats` iterations, all in a row, are left out.

    `previous` is oldest first and holds what was *found* (not what was said), so a muted finding stays muted until it
    disappears for one iteration. Findings of severity 3 are never muted: nothing else matters while they stand.
    """
    recent = [{finding.code for finding in found} for found in previous[-repeats:]]
    if len(recent) < repeats:
        return tuple(current)
    stale = set.intersection(*recent)
    return tuple(finding for finding in current if finding.severity >= 3 or finding.code not in stale)
