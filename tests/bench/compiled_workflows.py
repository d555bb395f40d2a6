"""Workflows whose compiled programs the engine's benchmark measures: two that ship, one with brackets, one with twelve indicators."""

from pathlib import Path

from core.domain.workflow import Workflow
from core.language import compile_workflow, parameters

SHIPPED = Path(__file__).parents[2] / "data" / "workflows"


def _row(number: int, section: str, operands: list[str], operator: str, thresholds: tuple[str, ...] = ()) -> dict[str, object]:
    return {"id": f"r{number}", "section": section, "indicators": operands, "operator": operator, "thresholds": list(thresholds)}


BRACKETS = {
    "schema_version": 2,
    "name": "RSI, bands and brackets",
    "direction": "long_only",
    "rows": [
        _row(1, "entry_long", ["rsi(14)"], "<", ("35",)),
        _row(2, "filter", ["close", "bollinger(20, 2).lower"], "<"),
        _row(3, "sizing", ["position_size"], "units", ("50",)),
        _row(4, "risk", ["stop_loss"], "atr", ("2", "14")),
        _row(5, "risk", ["take_profit"], "atr", ("2", "14")),
    ],
}
TWELVE = {
    "schema_version": 2,
    "name": "Twelve indicators",
    "direction": "long_only",
    "rows": [
        _row(1, "entry_long", ["macd(12, 26, 9).line", "macd(12, 26, 9).signal"], "crosses above"),
        _row(2, "filter", ["ema(12)", "ema(26)"], ">"),
        _row(3, "filter", ["close", "sma(50)"], ">"),
        _row(4, "filter", ["rsi(14)"], "between", ("40", "70")),
        _row(5, "filter", ["stochastic(14, 3, 3).k", "stochastic(14, 3, 3).d"], ">"),
        _row(6, "filter", ["adx(14)"], ">", ("10",)),
        _row(7, "filter", ["close", "bollinger(20, 2).upper"], "<"),
        _row(8, "filter", ["roc(10)"], ">", ("0",)),
        _row(9, "exit_long", ["macd(12, 26, 9).line", "macd(12, 26, 9).signal"], "crosses below"),
        _row(10, "exit_long", ["close", "lowest(low, 20)[1]"], "<"),
        _row(11, "sizing", ["position_size"], "units", ("10",)),
        _row(12, "risk", ["trailing_stop"], "atr", ("2", "14")),
    ],
}


def list_workflows() -> dict[str, Workflow]:
    """Workflows by what they are called in the table."""
    shipped = {
        name: Workflow.model_validate_json((SHIPPED / f"{name}.json").read_text("utf-8")) for name in ("sma_cross", "bollinger_reversion")
    }
    return {
        "SMA cross, compiled": shipped["sma_cross"],
        "Bollinger reversion, compiled": shipped["bollinger_reversion"],
        "brackets, compiled": Workflow.model_validate(BRACKETS),
        "12 indicators, compiled": Workflow.model_validate(TWELVE),
    }


def compile_all() -> dict[str, str]:
    """Programs by what they are called in the table."""
    return {name: compile_workflow(workflow) for name, workflow in list_workflows().items()}


def compile_as_another(workflow: Workflow, number: int) -> str:
    """A program that nobody has read yet: of a workflow with another name, and so another class."""
    return compile_workflow(workflow.changed(name=f"{workflow.name}, version {number}"))


def compile_with_other_numbers(workflow: Workflow, number: int) -> str:
    """The same workflow's program with other lengths: each whole number is so much larger."""
    free = {one.name: one.default + number for one in parameters(workflow) if one.integer}
    return compile_workflow(workflow, free)
