"""A plan's fields are described where they stand: label, sentence, unit and bounds."""

import pytest

from core.domain.backtest import BacktestPlan
from core.domain.bars_request import BarsRequest
from core.domain.plan_fields import FieldUnit, find_field
from core.domain.run import TIME_IN_MARKET, Constraints, ModelChoice, RunPlan
from core.domain.value import Value

OWNERS: tuple[type[Value], ...] = (RunPlan, BacktestPlan, ModelChoice, BarsRequest, Constraints)
FIELDS = [(owner, name) for owner in OWNERS for name in owner.model_fields]


@pytest.mark.parametrize(("owner", "name"), FIELDS, ids=[f"{owner.__name__}.{name}" for owner, name in FIELDS])
def test_every_field_of_a_plan_has_a_label_and_a_sentence(owner: type[Value], name: str) -> None:
    field = find_field(owner, name)

    assert field.label[0].isupper()
    assert field.sentence.endswith(".")


@pytest.mark.parametrize("owner", OWNERS)
def test_no_two_fields_of_a_value_have_the_same_label(owner: type[Value]) -> None:
    told = [find_field(owner, name).label for name in owner.model_fields]

    assert len(set(told)) == len(told)


@pytest.mark.parametrize(
    ("owner", "name", "expected"),
    [
        (RunPlan, "hold_out", (FieldUnit.FRACTION, 0, 0.8, False)),
        (RunPlan, "candidates", (FieldUnit.NUMBER, 1, 8, False)),
        (RunPlan, "seed", (FieldUnit.NUMBER, 0, 2**32 - 1, False)),
        (RunPlan, "patience", (FieldUnit.NUMBER, 1, None, True)),
        (RunPlan, "budget_usd", (FieldUnit.DOLLARS, None, None, True)),
        (Constraints, "max_drawdown", (FieldUnit.FRACTION, None, 1, True)),
        (BacktestPlan, "commission", (FieldUnit.FRACTION, 0, None, False)),
        (ModelChoice, "max_tokens", (FieldUnit.NUMBER, 16, None, False)),
    ],
)
def test_unit_and_bounds_are_those_that_the_value_checks(owner: type[Value], name: str, expected: tuple[object, ...]) -> None:
    field = find_field(owner, name)

    assert (field.unit, field.low, field.high, field.optional) == expected


def test_a_form_gets_its_own_unit_and_the_bounds_in_it() -> None:
    assert find_field(RunPlan, "hold_out").form_label == "Hold-out, %"
    assert find_field(RunPlan, "hold_out").whole_bounds() == (0, 80)
    assert find_field(RunPlan, "patience").whole_bounds(most=1000) == (0, 1000), "0 stands for none"
    assert find_field(RunPlan, "loops").whole_bounds(least=1, most=100) == (1, 100), "a form may be narrower"
    assert TIME_IN_MARKET.whole_bounds() == (0, 100)


def test_a_form_has_to_give_a_bound_where_the_value_has_none() -> None:
    with pytest.raises(ValueError, match="cash has no bounds of its own"):
        find_field(BacktestPlan, "cash").bounds(least=1.0)
