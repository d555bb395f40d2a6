"""Options that fill in a plan are described by the plan's own fields."""

from typing import Any

import pytest
import typer

from core.cli.verbs import app
from core.domain.backtest import BacktestPlan
from core.domain.bars_request import BarsRequest
from core.domain.plan_fields import find_field
from core.domain.run import Constraints, ModelChoice, RunPlan
from core.domain.value import Value
from pages.components import answer_fields, plan_form, plan_rules
from pages.components.plan_fields import FormField

ACCOUNT: dict[str, tuple[type[Value], str]] = {
    "asset": (BarsRequest, "symbol"),
    "bars": (BarsRequest, "path"),
    "others": (BarsRequest, "others"),
    "start": (BarsRequest, "start"),
    "end": (BarsRequest, "end"),
    "timeframe": (BarsRequest, "timeframe"),
    "cash": (BacktestPlan, "cash"),
    "commission": (BacktestPlan, "commission"),
    "slippage": (BacktestPlan, "slippage"),
    "costs": (BacktestPlan, "costs_said"),
    "leverage": (BacktestPlan, "leverage"),
}
LOOP: dict[str, tuple[type[Value], str]] = {
    **ACCOUNT,
    "model": (ModelChoice, "id"),
    "api_base": (ModelChoice, "api_base"),
    "temperature": (ModelChoice, "temperature"),
    "own_temperature": (ModelChoice, "own_temperature"),
    "knows_until": (ModelChoice, "knows_until"),
    "effort": (ModelChoice, "effort"),
    "silence": (ModelChoice, "silence_seconds"),
    "max_tokens": (ModelChoice, "max_tokens"),
    **{
        name: (RunPlan, name)
        for name in (
            *("loops", "objective", "minimum_trades", "seed", "hold_out", "patience", "target", "minimum_gain", "candidates"),
            *("escalation", "formula", "search", "blind", "memory", "across"),
        )
    },
    "rates": (BarsRequest, "rates"),
    "minutes": (RunPlan, "wall_seconds"),
    "budget": (RunPlan, "budget_usd"),
    "max_drawdown": (Constraints, "max_drawdown"),
    "min_exposure": (Constraints, "minimum_exposure"),
    "max_exposure": (Constraints, "maximum_exposure"),
}
OF_ITS_OWN = {"workflow", "escalation_api_base", "as_json", "file", "instruments", "script_account", "help"}
"""Options and arguments that fill in no field of a plan."""


def read_helps(verb: str) -> dict[str, str]:
    """Help of every option and argument of a verb, by name."""
    verbs: Any = typer.main.get_command(app)
    return {option.name: getattr(option, "help", None) or "" for option in verbs.commands[verb].params}


@pytest.mark.parametrize(("verb", "filled"), [("drive", LOOP), ("backtest", ACCOUNT)])
def test_an_option_says_what_the_field_says(verb: str, filled: dict[str, tuple[type[Value], str]]) -> None:
    helps = read_helps(verb)

    assert helps.keys() - OF_ITS_OWN == filled.keys()
    assert [name for name, (owner, field) in filled.items() if not helps[name].startswith(find_field(owner, field).sentence)] == []


def test_every_field_of_the_forms_is_an_option() -> None:
    forms = [value for module in (answer_fields, plan_form, plan_rules) for value in vars(module).values()]
    fields = [one for value in forms for one in (value if isinstance(value, tuple) else (value,)) if isinstance(one, FormField)]

    assert len(fields) > 20
    assert {(one.owner, one.name) for one in fields} - set(LOOP.values()) == set()


def test_fractions_are_called_fractions_and_minutes_minutes() -> None:
    helps = read_helps("drive")

    fractions = {"commission", "slippage", "hold_out", "max_drawdown", "min_exposure", "max_exposure"}
    assert {name for name, told in helps.items() if "As a fraction." in told} == fractions
    assert helps["minutes"].endswith("In minutes.")
    assert helps["budget"].endswith("In US dollars.")


def test_an_option_that_is_left_out_means_what_the_field_means_by_default() -> None:
    verbs: Any = typer.main.get_command(app)
    given = {option.name: option.default for option in verbs.commands["drive"].params if option.name in LOOP}
    meant = {name: owner.model_fields[field].default for name, (owner, field) in LOOP.items()}

    differing = {name for name, value in meant.items() if value not in (None, ()) and given[name] != value}

    assert differing == {"timeframe", "objective", "commission", "slippage"}, "these follow from other options, or from the instrument"
    assert {name: given[name] for name, value in meant.items() if value is None and given[name]} == {"max_exposure": 1.0}
