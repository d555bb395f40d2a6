"""Parts that a script gives to its engine beside the strategy and that run with it: timers, indicators, what a strategy reads of itself."""

import ast
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from core.gate.parsed_source import ParsedCode
from core.gate.script_call import ScriptCall

_KINDS = {"add_timer": "timers", "addindicator": "indicators", "addanalyzer": "analyzers", "addobserver": "observers"}
"""Methods of an engine, and the entry under which their arguments are written down."""
_READ_AS = {"addanalyzer": ("analyzers",), "addobserver": ("stats", "observers")}
"""Attributes under which a strategy reads them; where it does not, they are of no use to it."""
_SAID = {
    "add_timer": "The timer is set as the script says.",
    "addindicator": "The indicator {what} is added as the script says: next() begins once it has its bars.",
    "addanalyzer": "The analyzer {what} runs too, since the strategy reads it; the platform computes its own figures.",
    "addobserver": "The observer {what} runs too, since the strategy reads it.",
}


@dataclass(frozen=True, slots=True)
class EnginePart:
    """One part: the call that adds it, the entry it belongs to, its arguments as text, and what is said of it."""

    call: ScriptCall
    entry: str
    text: str
    said: str


def find_parts(source: ParsedCode, calls: Sequence[ScriptCall], usable: Callable[[ast.expr], bool]) -> Iterator[EnginePart]:
    """Find the parts that can be added as the script says; `usable` tells whether an expression can be had."""
    read = _list_own_reads(source)
    for call in calls:
        given = [*call.args, *(word.value for word in call.keywords)]
        if call.name not in _KINDS or not all(map(usable, (*given, *call.conditions))) or not _has_effect(call, read):
            continue
        args = ast.Tuple(elts=list(call.args), ctx=ast.Load())
        words = ast.Dict(
            keys=[ast.Constant(word.arg) if word.arg else None for word in call.keywords], values=[word.value for word in call.keywords]
        )
        what = ast.unparse(call.args[0])[:60] if call.args else ""
        text, said = ast.unparse(ast.Tuple(elts=[args, words], ctx=ast.Load())), _SAID[call.name].format(what=what)
        if call.conditions:
            met = " and ".join(f"({ast.unparse(condition)})" for condition in call.conditions)
            text, said = f"*(({text},) if {met} else ())", f"{said} That is where its condition holds."
        yield EnginePart(call, _KINDS[call.name], text, said)


def _has_effect(call: ScriptCall, read: frozenset[str]) -> bool:
    """True for a part that the strategy hears of: a timer that is told to strategies, an analyzer that it reads."""
    if call.name == "add_timer":
        told = [word.value for word in call.keywords if word.arg == "strats"]
        return bool(told) and isinstance(told[0], ast.Constant) and bool(told[0].value)
    return bool(call.args) and (call.name == "addindicator" or bool(read & set(_READ_AS[call.name])))


def _list_own_reads(source: ParsedCode) -> frozenset[str]:
    """Names that the strategies read of themselves."""
    parts = (part for node in source.strategies for part in ast.walk(node) if isinstance(part, ast.Attribute))
    return frozenset(part.attr for part in parts if isinstance(part.value, ast.Name) and part.value.id == "self")
