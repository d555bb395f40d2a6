"""Sizes that depend on a condition: `half size when A`, `$100 if B`."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from core.domain.workflow import Measure, Row, Section
from core.language.phrases.found import ProposedRow


@dataclass(frozen=True, slots=True)
class Resized:
    """A row that chooses between two sizes, and the row of the usual one that it replaces."""

    row: Row
    whole: Row | None


def resize(rows: Sequence[ProposedRow], share: str, condition: str) -> Resized | None:
    """Choose another size where a condition holds: a share of the usual one, or an amount behind `=`; None where that is not known."""
    sizes = [each.row for each in rows if each.row.indicators == ("position_size",)]
    whole = next((row for row in sizes if re.fullmatch(r"[\d.]+", row.thresholds[0])), None)
    measure = whole.operator if whole is not None else Measure.PERCENT
    usual = float(whole.thresholds[0]) if whole is not None else 95.0
    if share.startswith("=") and (whole is None or measure is not Measure.CASH):
        return None
    other = share[1:] if share.startswith("=") else f"{usual * float(share):g}"
    told = f"{other} if {condition} else {usual:g}"
    return Resized(Row(id="r", section=Section.SIZING, indicators=("position_size",), operator=measure, thresholds=(told,)), whole)
