"""A script's calls as they are when it is played, beside the same calls as they were read."""

import ast
from dataclasses import replace

from core.gate.parsed_source import ParsedCode
from core.gate.play_expressions import PlayedCall
from core.gate.played_values import PlayedClass, write_value
from core.gate.script_call import ScriptCall
from core.gate.script_entry import ADDING
from core.gate.script_player import play_script


class PlayedScript:
    """The calls of one script that were played up to its first run."""

    def __init__(self, source: ParsedCode) -> None:
        self._source = source
        self._calls = play_script(source)
        self._first = next((call for call in self._calls if call.name in ADDING), None)

    def find(self, call: ScriptCall) -> PlayedCall | None:
        """Find the same call as it was played: the first strategy that is added, or a sizer; None where it was not played."""
        alike = (one for one in self._calls if one.name == call.name and one.line == call.line)
        return next((one for one in alike if one is self._first or call.name == "addsizer"), None)

    def list_keywords(self, call: ScriptCall) -> tuple[ast.keyword, ...]:
        """Keywords of a call: as they were played, as far as that tells them, else as they were read."""
        played = self.find(call)
        if played is None or call.name == "optstrategy":
            return call.keywords
        known = {name: written for name, value in played.keywords.items() if (written := write_value(value)) is not None}
        if played.whole and len(known) == len(played.keywords):
            return tuple(ast.keyword(arg=name, value=value) for name, value in known.items() if name != "strategy")
        return tuple(ast.keyword(arg=word.arg, value=known.get(word.arg or "", word.value)) for word in call.keywords)

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
