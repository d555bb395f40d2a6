"""Methods that nothing calls: a name that lost its underscores, and orders that stand where no bar ever comes."""

import ast
from collections.abc import Iterator

from core.domain.annotation import Annotation
from core.gate.remarks import build_warning

ORDER_CALLS = frozenset(
    ("buy", "sell", "close", "buy_bracket", "sell_bracket", "order_target_size", "order_target_value", "order_target_percent")
)
CALLED = (
    *("__init__", "start", "prenext", "nextstart", "next", "stop", "notify_order", "notify_trade"),
    *("notify_cashvalue", "notify_fund", "notify_data", "notify_store", "notify_timer"),
)
"""Methods of a strategy that Backtrader calls by itself."""
NAMED_ELSEWHERE = ("next_open", "prenext_open", "nextstart_open")
"""Methods that another remark speaks of."""
_MEANT = {name.replace("_", ""): name for name in CALLED}

Method = ast.FunctionDef | ast.AsyncFunctionDef


def check_unreached(family: list[ast.ClassDef]) -> Iterator[Annotation]:
    """Remark on methods of these classes that were meant to be called and never are; nothing where names are made while it runs."""
    methods: dict[str, list[Method]] = {}
    for part in (part for node in family for part in node.body):
        if isinstance(part, Method):
            methods.setdefault(part.name, []).append(part)
    reached = _find_reached(family, methods)
    if reached is None:
        return
    lost = [name for name in methods if name not in reached and (meant := _MEANT.get(_plain(name))) and meant not in methods]
    for name in lost:
        meant = _MEANT[_plain(name)]
        message = f"Nothing calls {name}(): Backtrader calls {meant}()."
        yield build_warning(
            methods[name][0], message, f"Write def {meant}, with its underscores." if "_" in meant else f"Write def {meant}."
        )
    placing = [name for name, parts in methods.items() if any(_places_order(part) for part in parts)]
    if placing and not lost and not reached & set(placing):
        message = f"Orders are placed in {placing[0]}() alone, and nothing calls it: there will be no trade."
        yield build_warning(methods[placing[0]][0], message, "Call it in next().")


def _plain(name: str) -> str:
    return name.replace("_", "").lower()


def _find_reached(family: list[ast.ClassDef], methods: dict[str, list[Method]]) -> set[str] | None:
    """Names of the methods that Backtrader calls, and all that these name; None where names may be made of text."""
    waiting = [name for name in methods if name in (*CALLED, *NAMED_ELSEWHERE) or (name.startswith("_") and _plain(name) not in _MEANT)]
    for node in family:
        for part in node.body:
            waiting.extend(_list_names(part) if not isinstance(part, Method) else _list_names(*part.decorator_list))
    reached: set[str] = set()
    while waiting:
        name = waiting.pop()
        if name in ("getattr", "methodcaller", "__getattribute__"):
            return None
        if name in methods and name not in reached:
            reached.add(name)
            waiting.extend(_list_names(*methods[name]))
    return reached


def _list_names(*nodes: ast.AST) -> list[str]:
    parts = [part for node in nodes for part in ast.walk(node)]
    return [part.attr if isinstance(part, ast.Attribute) else part.id for part in parts if isinstance(part, ast.Attribute | ast.Name)]


def _places_order(method: Method) -> bool:
    calls = [part.func for part in ast.walk(method) if isinstance(part, ast.Call)]
    return any(isinstance(call, ast.Attribute) and call.attr in ORDER_CALLS and _is_self(call.value) for call in calls)


def _is_self(node: ast.AST) -> bool:
    return isinstance(node, ast.Name) and node.id == "self"
