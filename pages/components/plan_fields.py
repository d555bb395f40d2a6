"""Input fields of a plan, drawn from the description that stands at the plan's own field: label, help, bounds and default."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from streamlit.delta_generator import DeltaGenerator

from core.domain.plan_fields import PlanField, find_field
from core.domain.run import RunPlan
from core.domain.value import Value
from pages.components.fields import draw_number, draw_slider


@dataclass(frozen=True, slots=True)
class FormField:
    """One field of a form that holds one field of the plan: from here come its default, its way into the plan, and its way back."""

    key: str
    """Name in the form; the widget's key is `<page>_<key>`."""
    owner: type[Value]
    name: str
    most: float | None = None
    """Bounds of the form, where the plan has none or farther ones."""
    least: float | None = None
    whole: bool = False
    """True where people fill in whole numbers, whatever the plan holds."""
    options: dict[str, Any] = field(default_factory=dict)
    """Step and format of the widget."""

    @property
    def plan_field(self) -> PlanField:
        """Description of the plan's field."""
        return find_field(self.owner, self.name)

    @property
    def default(self) -> Any:
        """Value before anybody touched it: the plan's own."""
        return self.to_form(self.plan_field.default)

    def to_form(self, value: Any) -> Any:
        """Convert a value of the plan to one that the form can show."""
        shown = self.plan_field.to_form(value)
        if not isinstance(shown, int | float) or isinstance(shown, bool):
            return shown
        within = min(max(shown, shown if self.least is None else self.least), shown if self.most is None else self.most)
        return round(within) if self.whole or self.plan_field.whole else float(within)

    def read(self, plan: RunPlan) -> Any:
        """Read the form's value out of a plan."""
        parts: tuple[Value, ...] = (plan, plan.backtest, plan.constraints, plan.model)
        return self.to_form(next(getattr(part, self.name) for part in parts if type(part) is self.owner))

    def draw(self, page: str, place: DeltaGenerator | None = None) -> Any:
        """Draw a field for the number; gives the plan's value."""
        told = self.plan_field
        bounds: tuple[float, float] = told.bounds(self.least, self.most)
        if self.whole or told.whole:
            bounds = told.whole_bounds(_whole(self.least), _whole(self.most))
        shown = draw_number(told.form_label, *bounds, key=f"{page}_{self.key}", place=place, help=told.sentence, **self.options)
        return told.from_form(shown)

    def draw_scale(self, page: str, step: int = 1) -> Any:
        """Draw a scale of whole numbers; gives the plan's value."""
        told = self.plan_field
        return told.from_form(draw_scale(told, key=f"{page}_{self.key}", least=_whole(self.least), most=_whole(self.most), step=step))


def list_defaults(fields: Iterable[FormField]) -> dict[str, Any]:
    """List the fields' values before anybody touched them."""
    return {one.key: one.default for one in fields}


def list_values(fields: Iterable[FormField], plan: RunPlan) -> dict[str, Any]:
    """List the fields' values for a plan."""
    return {one.key: one.read(plan) for one in fields}


def _whole(bound: float | None) -> int | None:
    return None if bound is None else round(bound)


def get_label(owner: type[Value], name: str) -> str:
    """The label of a field, with the unit in which forms show it."""
    return find_field(owner, name).form_label


def draw_scale(field: PlanField, *, key: str, least: int | None = None, most: int | None = None, step: int = 1) -> Any:
    """Draw a scale of whole numbers, or a span on it."""
    return draw_slider(field.form_label, *field.whole_bounds(least, most), step=step, key=key, help=field.sentence)
