"""Engines of a script: what is asked of the one whose strategy is run, told from what is asked of others."""

import ast
from collections.abc import Sequence

from core.gate.parsed_source import ParsedCode
from core.gate.script_call import ScriptCall


def keep_one_engine(calls: Sequence[ScriptCall], added: ScriptCall | None) -> list[ScriptCall]:
    """Keep the calls that concern the engine to which the strategy is added, each of them once; those whose engine is not plain too.

    A function that makes an engine makes another one each time that it is called.
    """
    ways: dict[tuple[str, int], tuple[ast.expr, ...]] = {}
    first = [call for call in calls if ways.setdefault((call.name, call.line), call.conditions) == call.conditions]
    calls = [call for call in calls if call.name not in ("adddata", "resampledata") or any(call is one for one in first)]
    engine = added.engine if added is not None else next((call.engine for call in calls if call.name == "add_signal"), None)
    if engine is None:
        return list(calls)
    rounds: list[int] = []
    for call in calls:
        rounds.append((rounds[-1] if rounds else 0) + (call.name == "Cerebro" and call.line == engine[0]))
    ours = next((number for call, number in zip(calls, rounds, strict=True) if call is added), 1)
    return [
        call
        for call, number in zip(calls, rounds, strict=True)
        if call.engine is None or (call.engine == engine and number == ours) or call.name in ("addstrategy", "optstrategy")
    ]


def drop_behind_run(source: ParsedCode, calls: Sequence[ScriptCall], added: ScriptCall | None) -> list[ScriptCall]:
    """The calls up to the first run behind the one that adds the strategy; all where a class of the script has a `run` of its own."""
    own = any(isinstance(part, ast.FunctionDef) and part.name == "run" for node in source.tree.body for part in getattr(node, "body", ()))
    start = next((place for place, call in enumerate(calls) if call is added), None)
    if own or start is None:
        return list(calls)
    ends = (place for place in range(start, len(calls)) if calls[place].name == "run" and not calls[place].conditions)
    return list(calls[: next(ends, len(calls)) + 1])
