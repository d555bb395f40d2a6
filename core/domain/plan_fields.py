"""Description of a plan's fields: what each is called, what it means, in which unit and between which bounds it is filled in.

They stand at the fields themselves (`title`, `description`, a `FieldUnit`, the constraints); forms and commands read them here, so that
a field is described once.
"""

from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from typing import Any, get_args

from core.domain.value import Value


class FieldUnit(StrEnum):
    """Unit in which a field is kept."""

    NUMBER = "number"
    FRACTION = "fraction"
    """People fill it in as percent, commands as the fraction that it is."""
    SECONDS = "seconds"
    """Filled in as minutes."""
    DOLLARS = "dollars"


SIGNS = {FieldUnit.FRACTION: ", %", FieldUnit.DOLLARS: ", $"}
"""Ends of labels that tell the unit of a form's field."""
FORM_SCALES = {FieldUnit.FRACTION: 100.0, FieldUnit.SECONDS: 1 / 60}
"""Factors from a field's unit to that of the form."""


@dataclass(frozen=True, slots=True)
class PlanField:
    """One field of a plan, as people are told about it."""

    name: str
    label: str
    sentence: str
    """The help beside it; where the field may be None and a form cannot say so, it says what 0 stands for."""
    unit: FieldUnit = FieldUnit.NUMBER
    low: float | None = None
    high: float | None = None
    """Bounds that may be reached, in the field's own unit; None where it has none, or none that may be reached."""
    optional: bool = False
    """True when it may be None, for which forms have 0."""

    @property
    def form_label(self) -> str:
        """Label of a form's field, with the unit in which it is filled in.

        >>> PlanField("x", "Costs", "", FieldUnit.FRACTION).form_label
        'Costs, %'
        """
        return self.label + SIGNS.get(self.unit, "")

    def bounds(self, least: float | None = None, most: float | None = None) -> tuple[float, float]:
        """Bounds of a form's field, in the unit of the form: the field's own, where the form gives none that are nearer.

        Raises ValueError when neither has one.

        >>> PlanField("x", "X", "", FieldUnit.FRACTION, low=0, high=0.8).bounds()
        (0.0, 80.0)
        >>> PlanField("x", "X", "", low=1, optional=True).bounds(most=500)
        (0.0, 500)
        """
        scale = FORM_SCALES.get(self.unit, 1.0)
        own_low = 0.0 if self.optional else self.low if self.low is None else self.low * scale
        low = own_low if least is None else least
        high = most if most is not None or self.high is None else self.high * scale
        if low is None or high is None:
            raise ValueError(f"{self.name} has no bounds of its own: the form has to give some")
        return low, high

    def whole_bounds(self, least: int | None = None, most: int | None = None) -> tuple[int, int]:
        """The same for a form's field that holds whole numbers."""
        low, high = self.bounds(least, most)
        return round(low), round(high)


@cache
def find_field(owner: type[Value], name: str) -> PlanField:
    """Find the description of a plan's field. Raises KeyError when there is no such field, ValueError when it is not described."""
    info = owner.model_fields[name]
    if not info.title or not info.description:
        raise ValueError(f"{owner.__name__}.{name} is not described")
    unit = next((part for part in info.metadata if isinstance(part, FieldUnit)), FieldUnit.NUMBER)
    low, high = _find_bounds(info.metadata, whole=int in (info.annotation, *get_args(info.annotation)))
    return PlanField(name, info.title, info.description, unit, low, high, type(None) in get_args(info.annotation))


def _find_bounds(metadata: list[Any], *, whole: bool) -> tuple[float | None, float | None]:
    """Bounds among the constraints of a field; of those that may not be reached only whole numbers have a neighbor."""
    found = {name: value for part in metadata for name in ("ge", "gt", "le", "lt") if (value := getattr(part, name, None)) is not None}
    low, high = found.get("ge"), found.get("le")
    if whole:
        low = found["gt"] + 1 if "gt" in found else low
        high = found["lt"] - 1 if "lt" in found else high
    return low, high
