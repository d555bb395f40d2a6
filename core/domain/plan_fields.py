"""Description of a plan's fields: what each is called, what it means, in which unit and between which bounds it is filled in.

They stand at the fields themselves (`title`, `description`, a `FieldUnit`, the constraints); forms and commands read them here, so that
a field is described once.
"""

from collections.abc import Mapping
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
OPTION_SCALES = {FieldUnit.SECONDS: 1 / 60}
"""Factors from a field's unit to that of a command's option."""


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
    """True when it may be None."""
    none_is_zero: bool = False
    """True when forms and commands have 0 for None: where it may be None, and never lies below 0."""
    needs_more_than_zero: bool = False
    """True for a number that may not be 0, and has a bound that says so."""
    whole: bool = False
    """True when it is a whole number."""
    default: Any = None
    """The plan's own value for it; None also where it has to be given."""

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

    def to_form(self, value: Any) -> Any:
        """Convert a value of the plan to that of a form: percent, minutes, words, and 0 for none.

        >>> PlanField("x", "Costs", "", FieldUnit.FRACTION).to_form(0.001), PlanField("x", "X", "", none_is_zero=True).to_form(None)
        (0.1, 0.0)
        """
        return value.value if isinstance(value, StrEnum) else self._fill_in(value, FORM_SCALES)

    def from_form(self, shown: Any) -> Any:
        """Convert a value of a form to that of the plan. An emptied field is 0, or the plan's own value where that may not be.

        >>> PlanField("x", "Minutes", "", FieldUnit.SECONDS, none_is_zero=True).from_form(2)
        120.0
        >>> PlanField("x", "Length", "", needs_more_than_zero=True, default=5).from_form(None)
        5
        """
        if isinstance(self.default, StrEnum):
            return type(self.default)(shown)
        if isinstance(self.default, str | bool):
            return shown
        if shown is None and self.optional and not self.none_is_zero:
            return None
        number = int(shown or 0) if self.whole else float(shown or 0.0) / FORM_SCALES.get(self.unit, 1.0)
        return self.default if not number and (self.none_is_zero or self.needs_more_than_zero) else number

    @property
    def option_default(self) -> Any:
        """The plan's own value as the option of a command says it: minutes, and 0 for none."""
        return self._fill_in(self.default, OPTION_SCALES)

    def _fill_in(self, value: Any, scales: Mapping[FieldUnit, float]) -> Any:
        if value is None:
            return (0 if self.whole else 0.0) if self.none_is_zero else None
        return round(value * scales[self.unit], 6) if self.unit in scales else value

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
    whole = int in (info.annotation, *get_args(info.annotation))
    low, high = _find_bounds(info.metadata, whole=whole)
    optional = type(None) in get_args(info.annotation)
    above, least = (next((getattr(part, name) for part in info.metadata if hasattr(part, name)), None) for name in ("gt", "ge"))
    bounded = above is not None or least is not None
    above_zero = bounded and ((above is not None and above >= 0) or (least is not None and least > 0))
    default = None if info.is_required() else info.get_default(call_default_factory=False)
    return PlanField(name, info.title, info.description, unit, low, high, optional, optional and bounded, above_zero, whole, default)


def _find_bounds(metadata: list[Any], *, whole: bool) -> tuple[float | None, float | None]:
    """Bounds among the constraints of a field; of those that may not be reached only whole numbers have a neighbor."""
    found = {name: value for part in metadata for name in ("ge", "gt", "le", "lt") if (value := getattr(part, name, None)) is not None}
    low, high = found.get("ge"), found.get("le")
    if whole:
        low = found["gt"] + 1 if "gt" in found else low
        high = found["lt"] - 1 if "lt" in found else high
    return low, high
