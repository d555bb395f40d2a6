"""A script's calls as they are when it is played, beside the same calls as they were read."""

import ast
from collections.abc import Sequence
from dataclasses import replace

from core.domain.python_syntax import parse_expression_tree
from core.gate.parsed_source import ParsedCode
from core.gate.play_expressions import PlayedCall
from core.gate.played_values import Library, PlayedClass, Value, is_alike, write_value
from core.gate.script_call import ScriptCall
from core.gate.script_entry import ADDING, PARTS, SETTINGS, list_sharing_loops
from core.gate.script_player import play_to_run
from core.gate.substitution import make_unknown


class PlayedScript:
    """The calls of one script that were played up to its first run."""

    def __init__(self, source: ParsedCode) -> None:
        self._source = source
        self._loops = list_sharing_loops(source)
        self._calls, self._doubtful = play_to_run(source)
        self._first = next((call for call in self._calls if call.name in ADDING), None)

    def find(self, call: ScriptCall) -> PlayedCall | None:
        """Find the same call as it was played: the first strategy that is added, or a sizer; None where it was not played."""
        alike = (one for one in self._calls if one.name == call.name and one.line == call.line)
        return next((one for one in alike if one is self._first or call.name == "addsizer"), None)

    def list_keywords(self, call: ScriptCall) -> tuple[ast.keyword, ...]:
        """Keywords of a call: as they were played, as far as that tells them, else as they were read."""
        played = self.find(call)
        if played is None:
            return call.keywords
        known = {name: written for name, value in played.keywords.items() if (written := write_value(value)) is not None}
        if played.whole and len(known) == len(played.keywords):
            return tuple(ast.keyword(arg=name, value=value) for name, value in known.items() if name != "strategy")
        return self._settle(call, played).keywords

    def settle(self, calls: Sequence[ScriptCall]) -> list[ScriptCall]:
        """The calls; those of signals, parts and settings with what they were given when they were played, each in its turn.

        What gives the engine something and was not played before the run did not happen before it.
        """
        if self._doubtful is not None:
            plain = {
                one
                for one in _list_method_calls(self._source)
                if one[0] in ("addsizer", "add_signal", *PARTS, *SETTINGS) and one[1] not in self._doubtful
            }
            plain -= {(one.name, one.line) for one in self._calls}
            calls = [one for one in calls if (one.name, one.line) not in plain]
        played: dict[tuple[str, int], list[PlayedCall]] = {}
        for one in self._calls:
            if one.name in ("add_signal", *PARTS, *SETTINGS):
                played.setdefault((one.name, one.line), []).append(one)
        settled = []
        for call in calls:
            turns = played.get((call.name, call.line))
            settled.append(self._settle(call, turns.pop(0)) if turns else call)
        return settled

    def _settle(self, call: ScriptCall, played: PlayedCall) -> ScriptCall:
        """A call, its plain arguments as they were played; an object that has changed since it was given is unknown."""
        known = {name: self._write(value) for name, value in played.keywords.items()}
        changed = [name for name, value in played.keywords.items() if known[name] is None and not is_alike(value, played.before[name])]
        known |= {name: make_unknown() for name in changed}
        words = tuple(ast.keyword(arg=word.arg, value=known.get(word.arg or "") or word.value) for word in call.keywords)
        whole = len(call.args) == len(played.args) and not any(isinstance(part, ast.Starred) for part in call.args)
        args = tuple(write_value(value) or part for value, part in zip(played.args, call.args, strict=True)) if whole else call.args
        return replace(call, args=args, keywords=words)

    def list_turns(self, call: ScriptCall) -> list[ScriptCall]:
        """A call; one in a loop that gives all to one engine once for each turn in which it was played, none where that is not told."""
        if not any(first <= call.line <= last for first, last in self._loops):
            return [call]
        alike = [one for one in self._calls if (one.name, one.line) == (call.name, call.line)]
        turns = []
        for one in (one for one in alike if one.engine == alike[0].engine):
            args = [self._write(value) for value in one.args]
            if call.name == "resampledata" and args:
                args[0] = call.args[0]
            words = {name: self._write(value) for name, value in one.keywords.items()}
            if not one.whole or None in (*args, *words.values()):
                return []
            written = tuple(ast.keyword(arg=name, value=value) for name, value in words.items() if value is not None)
            turns.append(replace(call, args=tuple(value for value in args if value is not None), keywords=written))
        return turns

    def _write(self, value: Value) -> ast.expr | None:
        """The expression for a plain value, a class of the script or a name of Backtrader; None for anything else."""
        if isinstance(value, PlayedClass):
            return ast.Name(id=value.name, ctx=ast.Load()) if self._source.definitions(value.name) else None
        if not isinstance(value, Library):
            return write_value(value)
        root = next((name for name, made in self._source.imports.items() if made == "backtrader"), "")
        inside = value.name.removeprefix("backtrader.")
        return parse_expression_tree(f"{root}.{inside}") if root and inside != value.name else None

    def choose(self, calls: list[ScriptCall]) -> tuple[ScriptCall, list[ScriptCall]]:
        """Choose the call whose strategy is run, and list it, free of conditions, with the others that were not ruled out."""
        chosen = next((call for call in calls if self.find(call) is not None), None)
        if chosen is None:
            return calls[0], calls
        played = self.find(chosen)
        made = played.args[0] if played is not None and played.args else None
        args = chosen.args
        if isinstance(made, PlayedClass) and made.name in self._source.strategy_names:
            args = (ast.Name(id=made.name, ctx=ast.Load()), *args[1:])
        return chosen, [replace(chosen, args=args, conditions=()), *(call for call in calls if call is not chosen and not call.conditions)]


def _list_method_calls(source: ParsedCode) -> set[tuple[str, int]]:
    """Name and line of each call of a method that is written as one."""
    calls = (part for part in ast.walk(source.tree) if isinstance(part, ast.Call))
    return {(call.func.attr, call.lineno) for call in calls if isinstance(call.func, ast.Attribute)}
