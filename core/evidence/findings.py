"""Structured findings: every check over one case, ranked, capped, and suppressed when they repeat without effect."""

from collections.abc import Sequence

from core.domain.iteration import Finding
from core.evidence.check_case import Case
from core.evidence.checks import CHECKS

MAXIMUM_FINDINGS = 8
"""Findings kept for one iteration: more than a person reads, and about 400 tokens of a prompt."""
SUPPRESS_AFTER = 3
"""A finding that so many prompts in a row spoke of, and that is still there, is left out."""


def collect_findings(case: Case, *, cap: int = MAXIMUM_FINDINGS) -> tuple[Finding, ...]:
    """Collect the weaknesses of a run, the worst first, at most `cap`; checks that do not apply say nothing."""
    found = [finding for check in CHECKS if (finding := check(case)) is not None]
    found.sort(key=lambda finding: -finding.severity)
    return tuple(found[:cap])


def suppress_repeated(
    current: Sequence[Finding], previous: Sequence[Sequence[Finding]], *, repeats: int = SUPPRESS_AFTER
) -> tuple[Finding, ...]:
    """Suppress repeated findings: those that stood when each of the last `repeats` prompts was written are left out.

    `previous` is oldest first, one entry a prompt (a loop, not a candidate), and holds what was *found* in the code that the prompt
    spoke of, not what was said of it: a finding that is left out stays so until it disappears once. Findings of severity 3 are never
    left out: nothing else matters while they stand.
    """
    recent = [{finding.code for finding in found} for found in previous[-repeats:]]
    if len(recent) < repeats:
        return tuple(current)
    stale = set.intersection(*recent)
    return tuple(finding for finding in current if finding.severity >= 3 or finding.code not in stale)
