"""Cash and costs that a script gives to its account, as far as a plan has them; all else is named as left out."""

import ast
from collections.abc import Callable, Mapping, Sequence

from core.gate.script_call import ScriptCall
from core.gate.script_values import ScriptValues

Remark = Callable[[ScriptCall, str], None]


def read_account(values: ScriptValues, by_name: Mapping[str, Sequence[ScriptCall]], remark: Remark) -> dict[str, float]:
    """Read the numbers of a script's account by the plan's names for them."""
    found: dict[str, float] = {}

    def take(name: str, call: ScriptCall, given: Sequence[ast.expr], fits: Callable[[float], bool]) -> None:
        number = values.find_number(given[0]) if given else None
        if number is not None and fits(number):
            found[name] = number
        else:
            remark(call, f"{call.name}() was left out: the plan's {name} counts.")

    for call in (*by_name.get("setcash", ()), *by_name.get("set_cash", ())):
        take("cash", call, call.args[:1], lambda value: value > 0)
    for call in by_name.get("setcommission", ()):
        words = {keyword.arg: keyword.value for keyword in call.keywords}
        margin = words.get("margin")
        if {"mult", "commtype", "interest"} & set(words) or (
            margin is not None and not (isinstance(margin, ast.Constant) and not margin.value)
        ):
            remark(call, "setcommission() with margin, multiplier or a fixed fee was left out: the plan's commission counts.")
            continue
        take("commission", call, [*call.args[:1], *(words[name] for name in words if name == "commission")], lambda value: 0 <= value < 0.5)
        if "leverage" in words:
            take("leverage", call, [words["leverage"]], lambda value: 1 <= value <= 100)
    for call in by_name.get("set_slippage_perc", ()):
        given = [*call.args[:1], *(keyword.value for keyword in call.keywords if keyword.arg == "perc")]
        take("slippage", call, given[:1], lambda value: 0 <= value < 0.5)
    return found
