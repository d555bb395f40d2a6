"""The line under a list that could not show everything: how much is missing, and whether a newer version would show it."""

from collections import Counter
from collections.abc import Mapping, Sequence

from core.domain.history import DocumentKind, UnreadableCause, UnreadableRow

NOUNS: Mapping[DocumentKind, tuple[str, str]] = {
    DocumentKind.RUN: ("run", "runs"),
    DocumentKind.ITERATION: ("iteration", "iterations"),
    DocumentKind.CURVE: ("curve", "curves"),
    DocumentKind.EVENT: ("event", "events"),
    DocumentKind.WORKFLOW: ("version of a saved workflow", "versions of saved workflows"),
    DocumentKind.DRAFT: ("draft", "drafts"),
    DocumentKind.CALL: ("call", "calls"),
    DocumentKind.SETTING: ("setting", "settings"),
}


def describe_left_out(rows: Sequence[UnreadableRow]) -> str:
    """Describe what a list left out; empty when it shows everything.

    >>> newer, broken = (
    ...     UnreadableRow(kind=DocumentKind.RUN, id="a", cause=cause, reason="") for cause in UnreadableCause
    ... )
    >>> describe_left_out([newer, newer]), describe_left_out([broken]), describe_left_out([])
    ('2 runs of a newer version are not shown; `doctor` names them.', '1 run that cannot be read is not shown; `doctor` names it.', '')
    >>> describe_left_out([newer, broken, broken])
    '1 run of a newer version and 2 runs that cannot be read are not shown; `doctor` names them.'
    """
    if not rows:
        return ""
    parts = [
        f"{number:,} {NOUNS[kind][number > 1]} {'of a newer version' if cause is UnreadableCause.NEWER else 'that cannot be read'}"
        for (kind, cause), number in Counter((row.kind, row.cause) for row in rows).items()
    ]
    return f"{' and '.join(parts)} {'is not shown; `doctor` names it.' if len(rows) == 1 else 'are not shown; `doctor` names them.'}"
