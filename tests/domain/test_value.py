"""Changing frozen values: what fits is taken, everything else is refused before it can be stored."""

import re
from pathlib import Path

import pytest
from pydantic import Field, ValidationError

from core.domain.value import Value

ROOT = Path(__file__).parents[2]


class Inner(Value):
    name: str = ""


class Sample(Value):
    """A value with a bound, a number and a value inside."""

    count: int = Field(default=1, ge=1)
    share: float | None = None
    inner: Inner = Inner()


def test_a_changed_value_is_another_one_and_keeps_what_was_not_named() -> None:
    before = Sample(count=2, inner=Inner(name="a"))

    after = before.changed(share=0.5)

    assert (before.share, after) == (None, Sample(count=2, share=0.5, inner=Inner(name="a")))
    assert after.inner is before.inner


def test_a_field_that_does_not_exist_is_refused_by_name() -> None:
    with pytest.raises(TypeError, match="Sample has no field counts, hue"):
        Sample().changed(counts=2, hue="red")


@pytest.mark.parametrize("updates", [{"count": 0}, {"count": "many"}, {"share": float("nan")}, {"share": float("inf")}, {"inner": None}])
def test_contents_that_do_not_fit_are_refused(updates: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        Sample().changed(**updates)


def test_a_changed_value_is_written_down_and_read_back_like_any_other() -> None:
    changed = Sample().changed(count=3, inner=Inner(name="b"))

    assert Sample.model_validate_json(changed.model_dump_json()) == changed


def test_what_was_given_is_told_from_what_is_usual_after_a_change() -> None:
    changed = Sample(share=0.5).changed(count=3)

    assert changed.model_fields_set == {"share", "count"}


def test_values_are_changed_in_no_unchecked_way() -> None:
    unchecked = re.compile(r"\.(?:model_copy|model_construct)\(|\.copy\(\s*update")
    files = [file for room in ("core", "pages", "tests") for file in (ROOT / room).rglob("*.py") if file != Path(__file__)]

    assert files
    assert not [file.relative_to(ROOT) for file in files if unchecked.search(file.read_text(encoding="utf-8"))]
