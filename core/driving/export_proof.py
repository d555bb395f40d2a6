"""Proof of an export: the program is run as it is handed out, with plain Backtrader and its bars, and has to come to the measured value."""

import ast
from datetime import UTC, datetime

from core.domain.backtest import BacktestPlan
from core.domain.errors import InputError
from core.domain.python_syntax import parse_module_tree
from core.driving.export import Export, ExportProof
from core.driving.ports import Cancel, ScriptRunner
from core.driving.versions import list_versions

CENTS = 0.006
"""Distance that the rounding of a printed value explains."""
RELATIVE = 1e-9
"""Relative distance that the order of sums explains."""


def prove_export(
    draft: Export, measured: float, plan: BacktestPlan, *, bars: int, currency: str, runner: ScriptRunner, cancel: Cancel
) -> ExportProof:
    """Run a draft in a fresh process and compare its final value. Raises InputError with the difference when it is another one."""
    found = runner.run_script(draft.code, draft.bars, plan, bars=bars, cancel=cancel)
    name = f"Iteration {draft.iteration} is not handed out"
    if found.final is None:
        said = f" (line {found.fault.line} of the program)" if found.fault and found.fault.line else ""
        why = found.fault.message if found.fault else "it printed no final value"
        raise InputError(f"{name}: run with plain Backtrader alone it does not come to its end: {why}{said}.", hint=_HINT)
    gap = found.final - measured
    if abs(gap) > CENTS + RELATIVE * abs(measured):
        unit = f" {currency}" if currency else ""
        raise InputError(
            f"{name}: plain Backtrader comes to {found.final:,.2f}{unit}, and {measured:,.2f}{unit} was measured here, "
            f"a difference of {gap:+,.2f}.",
            hint=_describe_unseeded(draft.code) or _HINT,
        )
    return ExportProof(final=found.final, versions=list_versions(), day=datetime.now(UTC).date(), isolation_level=found.isolation_level)


UNSEEDED = frozenset({"Random", "RandomState", "default_rng"})
"""Generators of random numbers that begin elsewhere each time when they are given no seed."""


def _describe_unseeded(code: str) -> str:
    """Name the first generator without a seed in a program; empty when there is none."""
    calls = [node for node in ast.walk(parse_module_tree(code)) if isinstance(node, ast.Call) and not node.args and not node.keywords]
    for call in calls:
        name = call.func.attr if isinstance(call.func, ast.Attribute) else call.func.id if isinstance(call.func, ast.Name) else ""
        if name in UNSEEDED:
            made = ast.unparse(call.func)
            return f"Line {call.lineno} of the program draws random numbers without a seed: write `{made}(0)` there and run it again."
    return ""


_HINT = (
    "Its figures here stand; a file that does not reproduce them would not. What differs most often are fills inside their bar, orders of "
    "several instruments and random numbers: the guide on the engine says where."
)
