"""Input fields of a plan, drawn from the description that stands at the plan's own field: label, help and bounds."""

from typing import Any

from core.domain.plan_fields import PlanField, find_field
from core.domain.value import Value
from pages.components.fields import draw_number, draw_slider


def get_label(owner: type[Value], name: str) -> str:
    """The label of a field, with the unit in which forms show it."""
    return find_field(owner, name).form_label


def draw_amount(owner: type[Value], name: str, *, key: str, least: float | None = None, most: float | None = None, **options: Any) -> Any:
    """Draw a field for any number; `least` and `most` stand where the plan has no bound, or a farther one."""
    field = find_field(owner, name)
    return draw_number(field.form_label, *field.bounds(least, most), key=key, help=field.sentence, **options)


def draw_count(owner: type[Value], name: str, *, key: str, most: int | None = None, **options: Any) -> Any:
    """Draw a field for a whole number."""
    field = find_field(owner, name)
    return draw_number(field.form_label, *field.whole_bounds(most=most), key=key, help=field.sentence, **options)


def draw_scale(field: PlanField, *, key: str, least: int | None = None, most: int | None = None, step: int = 1) -> Any:
    """Draw a scale of whole numbers, or a span on it."""
    return draw_slider(field.form_label, *field.whole_bounds(least, most), step=step, key=key, help=field.sentence)
