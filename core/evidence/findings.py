"""Structured findings: every check over one case, ranked, capped, and suppressed when they repeat without effect."""

from collections.abc import Sequence

from core.domain.basket import NAMED_AT_MOST
from core.domain.finding import Finding
from core.domain.instrument_result import InstrumentResult
from core.evidence.check_case import Case
from core.evidence.checks import CHECKS

MAXIMUM_FINDINGS = 8
"""Findings kept for one iteration: more than a person reads, and about 400 tokens of a prompt."""
INSTRUMENT_FAILED = "instrument_failed"
"""Finding of a basket: the code failed on some of its instruments."""
SUPPRESS_AFTER = 3
"""A finding that so many prompts in a row spoke of, and that is still there, is left out."""


def collect_findings(case: Case, *, cap: int = MAXIMUM_FINDINGS) -> tuple[Finding, ...]:
    """Collect the weaknesses of a run, the worst first, at most `cap`; checks that do not apply say nothing."""
    found = [finding for check in CHECKS if (finding := check(case)) is not None]
    found.sort(key=lambda finding: -finding.severity)
    return tuple(found[:cap])


def merge_findings(results: Sequence[InstrumentResult], *, cap: int = MAXIMUM_FINDINGS) -> tuple[Finding, ...]:
    """Merge the findings on each instrument of a basket, each once, with the instruments that it is of where it is not of all.

    What is worst stands first, then what is of most instruments. Code that failed on some is a finding of the whole.
    """
    found: dict[str, list[tuple[str, Finding]]] = {}
    for one in results:
        for finding in one.findings:
            found.setdefault(finding.code, []).append((one.symbol, finding))
    merged = [_merge(each, len(results)) for each in found.values()]
    failed = [(one.symbol, one.error) for one in results if one.error is not None]
    if failed:
        symbol, fault = failed[0]
        where = _name_instruments([name for name, _ in failed], len(results))
        message = f"{symbol}: the code failed, {fault.message} ({where})"
        merged.append(Finding(code=INSTRUMENT_FAILED, severity=3, message=message, count=len(failed), fix=fault.hint))
    merged.sort(key=lambda finding: (-finding.severity, -len(found.get(finding.code, ()))))
    return tuple(merged[:cap])


def _merge(each: Sequence[tuple[str, Finding]], instruments: int) -> Finding:
    """The worst of one kind of finding, with the names of the instruments that it is of."""
    symbol, worst = max(each, key=lambda pair: pair[1].severity)
    where = _name_instruments([name for name, _ in each], instruments)
    return worst.changed(message=f"{symbol}: {worst.message} ({where})")


def _name_instruments(names: Sequence[str], instruments: int) -> str:
    """Name the instruments that something is of.

    >>> _name_instruments(["AAPL", "IBM"], 3), _name_instruments(["AAPL"], 1)
    ('on 2 of 3 instruments: AAPL, IBM', 'on each of the 1 instruments')
    """
    if len(names) == instruments:
        return f"on each of the {instruments} instruments"
    shown = ", ".join(names[:NAMED_AT_MOST]) + (f" and {len(names) - NAMED_AT_MOST} more" if len(names) > NAMED_AT_MOST else "")
    return f"on {len(names)} of {instruments} instruments: {shown}"


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
