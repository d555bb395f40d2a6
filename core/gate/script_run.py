"""A script's word about its run: the class that it adds and its parameters, sizer, signals, longer bars, account, feeds.

What the platform can do as the script says is written down in one statement, `SCRIPT_RUN = {...}`, which takes the place of the
script and is part of the code that runs. Cash and costs are the plan's: they are told, and offered. All else is named as left out.
"""

import ast
import builtins
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Literal

from core.domain.annotation import Annotation
from core.domain.python_syntax import parse_expression_tree
from core.domain.script_account import ScriptAccount
from core.gate.parsed_source import ParsedCode, dotted_name
from core.gate.refusals import ENGINE_NAMES, is_refused
from core.gate.scope import stored_names
from core.gate.script_call import ScriptCall
from core.gate.script_costs import read_account
from core.gate.script_engines import drop_behind_run, keep_one_engine
from core.gate.script_entry import ADDING, adds_in_loop, find_by_name
from core.gate.script_history import write_steps
from core.gate.script_parts import find_parts
from core.gate.script_played import PlayedScript
from core.gate.script_reading import ScriptReading
from core.gate.script_text import describe_what, dump, find_first_combination, render_dict, shorten, unparse
from core.gate.script_values import ScriptValues
from core.gate.script_walk import ScriptWalk
from core.gate.script_wishes import ENGINE_OPTIONS, NAMED_ONCE, SWITCHES, WARNED_OF, describe_feed_options, spell_out_brokers
from core.gate.substitution import is_known

_BUILTINS = frozenset(dir(builtins))
_UNITS = {"Minutes": "m", "Days": "d", "Weeks": "w"}
_FRAMES = ("1m", "2m", "3m", "5m", "10m", "15m", "30m", "1h", "2h", "4h", "1d", "1w")


class ScriptReader:
    """Reads one script; `unrunnable` are top-level names that cannot be had here."""

    def __init__(self, source: ParsedCode, unrunnable: frozenset[str]) -> None:
        self._source = source
        self._values = ScriptValues(source)
        self._played = PlayedScript(source)
        self._top = frozenset().union(*(stored_names(node) for node in source.tree.body)) | set(source.imports)
        self._unrunnable = unrunnable
        self._reading = ScriptReading()
        self._added: ScriptCall | None = None
        """The call that adds the strategy which is run."""

    def read(self) -> ScriptReading:
        """Everything that the script says, in its own order."""
        walk = ScriptWalk(self._source)
        followed = map(self._values.settle_call, walk.follow())
        changes = {name: value for name, value in (walk.changes or {}).items() if not self._is_of_engine(value)}
        self._reading.changes = {name: self._write_change(name, value) for name, value in changes.items()}
        calls = list(spell_out_brokers([call for call in followed if call is not None]))
        self._read_strategy([call for call in calls if call.name in ("addstrategy", "optstrategy")])
        first = self._added.line if self._added else next((call.line for call in calls if call.name == "add_signal"), 0)
        self._reading.ran_at = walk.first_run[0] if first in walk.first_run[1] else 0
        calls = drop_behind_run(self._source, self._played.settle(calls), self._added)
        calls = self._spread(keep_one_engine(calls, self._added))
        by_name: dict[str, list[ScriptCall]] = {}
        for call in calls:
            by_name.setdefault(call.name, []).append(call)
        self._read_sizer([call for call in calls if call.name in ("addsizer", "addsizer_byidx")])
        self._read_signals(by_name)
        self._read_longer_bars(by_name)
        self._read_feeds(calls)
        for call, said in describe_feed_options(calls):
            self._remark(call, said)
        self._reading.account = ScriptAccount(**read_account(self._values, by_name, self._remark))
        self._read_engine(by_name)
        done = self._read_parts(calls)
        for name, words in NAMED_ONCE.items():
            for call in by_name.get(name, ()):
                if call not in done and not (name in SWITCHES and _is_off(call)):
                    self._note(call.line, words.format(what=describe_what(call)), "warning" if name in WARNED_OF else "info")
        if self._source.strategy_names and self._reading.entries == {"strategy": self._source.strategy_names[-1]}:
            self._reading.entries.clear()  # the last class is what runs anyway
        return self._reading

    def _is_of_engine(self, value: ast.expr) -> bool:
        parts = (part for part in ast.walk(value) if isinstance(part, ast.Attribute | ast.Name))
        return any(self._source.resolve_name(part).startswith(ENGINE_NAMES) for part in parts)

    def _write_change(self, name: str, value: ast.expr) -> str:
        value = self._values.settle_options(value)
        if not self._can_be_evaluated(value):
            return ""
        if name.endswith("()"):
            return unparse(value)
        if steps := write_steps(name, value):
            return "; ".join(steps)
        if isinstance(value, ast.Dict) and value.keys and value.keys[0] is None and unparse(value.values[0]) == name:
            return f"{name}.update({unparse(ast.Dict(keys=value.keys[1:], values=value.values[1:]))})"
        return f"{name} = {unparse(value)}"

    def _read_strategy(self, calls: Sequence[ScriptCall]) -> None:
        choices = [call for call in calls if self._first(call) is not None]
        if not choices:
            self._read_unfollowed(calls)
            return
        usable = [call for call in choices if self._can_be_evaluated(self._first(call))]
        if not usable:
            self._read_unfollowed(calls)
            return
        self._added, usable = self._played.choose(usable)
        call = usable[0]
        value = self._first(call)
        assert value is not None
        several = [
            other
            for other in usable
            if other.conditions != call.conditions
            or dump(self._first(other)) != dump(value)
            or (other.line != call.line and other.engine is not None and other.engine == call.engine)
        ]
        rivals = list(_list_rivals(call, several))
        self._reading.entries["strategy"], self._reading.line = self._choose([(call, unparse(value))]), call.line
        words = self._read_parameters(call)
        name = ast.unparse(value)
        if rivals:
            self._read_rivals([call, *rivals])
        elif call.name == "optstrategy":
            self._remark(call, f"Of the combinations of optstrategy() the first is run: {name}{words}.")
        elif words or len(self._source.strategy_names) > 1:
            self._remark(call, f"Run as the script says: {name}{words}.")
        if call.name == "addstrategy" and not call.conditions and adds_in_loop(self._source, call.line):
            self._remark(call, "One strategy a run: of those that the loop adds to its engine, the first is run.")
        for other in several:
            if other not in rivals:
                self._remark(
                    other,
                    f"{unparse(self._first(other))[:80]} was left out: one strategy a run, and the first that the script adds is run.",
                )

    def _read_rivals(self, calls: Sequence[ScriptCall]) -> None:
        """Calls of which the conditions choose one: its class and its own parameters are run."""
        given, said = [], []
        for call in calls:
            self._reading.entries.pop("parameters", None)
            said.append(f"{unparse(self._first(call))}{self._read_parameters(call)}")
            given.append(self._reading.entries.pop("parameters", "{}"))
        listed = " or ".join(dict.fromkeys(said))
        if not all(any(map(self._can_be_evaluated, call.conditions)) for call in calls if call.conditions):
            self._reading.entries |= {"strategy": unparse(self._first(calls[0]))} | ({"parameters": given[0]} if given[0] != "{}" else {})
            self._remark(calls[0], f"Which of {listed} the script adds depends on what cannot be had here: {said[0]} is run.")
            return
        self._reading.entries["strategy"] = self._choose([(call, unparse(self._first(call))) for call in calls])
        if any(text != "{}" for text in given):
            self._reading.entries["parameters"] = self._choose(list(zip(calls, given, strict=True)), otherwise="{}")
        self._remark(calls[0], f"Run as the script's conditions choose: {listed}.")

    def _read_unfollowed(self, calls: Sequence[ScriptCall]) -> None:
        """A script that hides its call in a class of its own: a class that is added by its name is still plain."""
        own = [
            node
            for node in ast.walk(self._source.tree)
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "addstrategy" and node.args
        ]
        for node in own:
            if isinstance(node.args[0], ast.Name) and node.args[0].id in self._source.strategy_names:
                self._reading.entries["strategy"], self._reading.line = node.args[0].id, node.lineno
                words = self._read_parameters(ScriptCall("addstrategy", node.lineno, tuple(node.args), tuple(node.keywords)))
                if words or len(self._source.strategy_names) > 1:
                    self._note(node.lineno, f"Run as the script says: {node.args[0].id}{words}.")
                return
        names = self._source.strategy_names
        named = [part.lineno for part in ast.walk(self._source.tree) if isinstance(part, ast.Attribute) and part.attr in ADDING[:2]]
        named += [part.lineno for part in ast.walk(self._source.tree) if isinstance(part, ast.Constant) and part.value in ADDING[:2]]
        if names and (named or calls):
            line = named[0] if named else calls[0].line
            which = "Which class the script adds here cannot be told without running it:"
            last = ", the last one," if len(names) > 1 else ""
            self._note(line, f"{which} {names[-1]}{last} is run with its own parameters.")

    def _read_parameters(self, call: ScriptCall) -> str:
        """Parameters given with the class, written down and in words."""
        kept: list[tuple[str | None, ast.expr]] = []
        for keyword in self._played.list_keywords(call):
            if keyword.arg == "strategy" and not call.args:
                continue
            given = self._values.settle_options(keyword.value)
            plain = call.name == "addstrategy" or self._values.find_number(given) is not None
            value = given if plain else find_first_combination(given)
            if self._can_be_evaluated(value):
                kept.append((keyword.arg, value))
            elif keyword.arg is not None:
                option = self._values.find_option_without_default(keyword.value)
                why = f"the option {option} of the command line has no default" if option else "its value cannot be had here"
                self._remark(call, f"The parameter {keyword.arg} was left out: {why}, so its own default counts.")
            else:
                what = f"The parameters of **{shorten(keyword.value)}" if is_known(keyword.value) else "Parameters"
                self._remark(call, f"{what} were left out: they cannot be had here, so the class's own defaults count.")
        if not kept:
            return ""
        self._reading.entries["parameters"] = render_dict(kept)
        return f"({', '.join(f'{name}={shorten(value)}' if name else f'**{shorten(value)}' for name, value in kept)})"

    def _read_sizer(self, calls: Sequence[ScriptCall]) -> None:
        """The sizer that is added last; where conditions choose between several, class and parameters are chosen together."""
        chosen: list[ScriptCall] = []
        for call in sorted(calls, key=lambda one: one.name == "addsizer_byidx"):  # which counts before the others
            call = replace(call, keywords=self._played.list_keywords(call))
            args = call.args[1:] if call.name == "addsizer_byidx" else call.args
            if not args or not all(self._can_be_evaluated(part) for part in (*args[:1], *(keyword.value for keyword in call.keywords))):
                self._remark(call, "The sizer was left out: what it is made of cannot be had here. Orders without a size are for one unit.")
                continue
            chosen = [replace(call, args=args), *(chosen if call.conditions else [])]
            words = ", ".join(
                f"{keyword.arg}={shorten(keyword.value)}" if keyword.arg else f"**{shorten(keyword.value)}" for keyword in call.keywords
            )
            where = " where its condition holds" if call.conditions else ""
            self._remark(call, f"Orders without a size are sized as the script says{where}: {ast.unparse(args[0])}({words}).")
        if chosen:
            given = [(call, render_dict([(keyword.arg, keyword.value) for keyword in call.keywords])) for call in chosen]
            self._reading.entries["sizer"] = self._choose([(call, ast.unparse(call.args[0])) for call in chosen])
            self._reading.entries["sizer_parameters"] = given[0][1] if len(given) == 1 else self._choose(given, otherwise="{}")
            self._reading.line = self._reading.line or chosen[0].line

    def _read_signals(self, by_name: dict[str, list[ScriptCall]]) -> None:
        parts = []
        for call in (turn for made in by_name.get("add_signal", ()) for turn in self._list_turns(made)):
            needed = (*call.args, *(word.value for word in call.keywords), *call.conditions)
            if len(call.args) < 2 or not all(map(self._can_be_evaluated, needed)):
                self._note(call.line, "A signal was left out: what it is made of, or whether it is added, cannot be had here.", "warning")
            else:
                rest = ", ".join(ast.unparse(part) for part in call.args[2:])
                words = render_dict([(keyword.arg, keyword.value) for keyword in call.keywords])
                made = f"({ast.unparse(call.args[0])}, {ast.unparse(call.args[1])}, ({rest}{',' if rest else ''}), {words})"
                parts.append(f"*{self._choose([(call, f'({made},)')], otherwise='()')}" if call.conditions else made)
                self._reading.line = self._reading.line or call.line
                where = " where its condition holds" if call.conditions else ""
                self._remark(call, f"The signal {ast.unparse(call.args[1])} is used, as the script says{where}.")
        if not parts:
            return
        self._reading.entries["signals"] = f"({', '.join(parts)},)"
        for name in ("signal_accumulate", "signal_concurrent"):
            for call in by_name.get(name, ()):
                if call.args and self._can_be_evaluated(call.args[0]):
                    self._reading.entries[name] = ast.unparse(call.args[0])

    def _spread(self, calls: Sequence[ScriptCall]) -> list[ScriptCall]:
        """The calls, those for longer bars once for each round of a loop that makes no feed of its own."""
        loops = any(call.name == "adddata" and adds_in_loop(self._source, call.line) for call in calls)
        return [turn for call in calls for turn in (self._list_turns(call) if call.name == "resampledata" and not loops else [call])]

    def _list_turns(self, call: ScriptCall) -> list[ScriptCall]:
        turns = self._played.list_turns(call)
        if not turns:
            self._note(
                call.line, f"What the loop gives to {call.name}() behind its first round was left out: it cannot be had here.", "warning"
            )
        return turns or [call]

    def _read_longer_bars(self, by_name: dict[str, list[ScriptCall]]) -> None:
        frames: list[str] = []
        names: dict[str, str] = {}
        for call in by_name.get("resampledata", ()):
            frame = self._read_frame(call)
            if not by_name.get("adddata"):
                self._reading.timeframe = self._reading.timeframe or frame or ""
                if frame is None:
                    self._remark(
                        call, "resampledata() as the only feed was left out: only whole timeframes such as 15m, 1d and 1w are there."
                    )
            elif frame is None or any(word.arg in ("bar2edge", "rightedge", "adjbartime", "boundoff") for word in call.keywords):
                words = "resampledata() was left out: only whole timeframes such as 15m, 1d and 1w, made of completed bars, are there."
                if frame is None:
                    words += " A strategy that reads months can tell them by self.data.datetime.date(0).month."
                self._note(call.line, words, "warning")
            else:
                frames.append(frame)
                names |= {frame: name} if (name := _read_name(call)) else {}
                self._remark(call, f"Longer bars of {frame} are a feed of their own, in the script's order: of completed bars only.")
        if frames:
            self._reading.entries["timeframes"] = repr(tuple(frames))
            self._reading.entries |= {"longer_names": repr(names)} if names else {}
            self._reading.line = self._reading.line or by_name["resampledata"][0].line

    def _read_frame(self, call: ScriptCall) -> str | None:
        words = {keyword.arg: keyword.value for keyword in call.keywords}
        unit = _UNITS.get(dotted_name(self._values.look_up(words["timeframe"])).rpartition(".")[2]) if "timeframe" in words else "d"
        number = self._values.find_number(words["compression"]) if "compression" in words else 1.0
        if unit is None or number is None:
            return None
        frame = f"{int(number)}{unit}" if unit != "m" or number % 60 else f"{int(number) // 60}h"
        return frame if frame in _FRAMES else None

    def _read_feeds(self, calls: Sequence[ScriptCall]) -> None:
        """The feeds in the order in which the script adds them: names of instruments, and longer bars with the place of theirs."""
        layout: list[str | tuple[str, int]] = []
        added: list[str] = []
        for call in calls:
            if call.name == "adddata":
                added.append(dump(call.args[0]) if call.args else "")
                layout.append(_read_name(call))
                if len(added) > 1:
                    self._remark(
                        call,
                        f"Feed {len(added)} of the script is the run's instrument number {len(added)}, where it has one: "
                        "they are chosen as further instruments (--with).",
                    )
                elif adds_in_loop(self._source, call.line):
                    self._remark(
                        call,
                        "The script adds a feed for each round of a loop: the run's instruments stand for them; "
                        "those behind the first are chosen as further instruments (--with).",
                    )
            elif call.name == "resampledata" and added and (frame := self._read_frame(call)) is not None:
                base = dump(call.args[0]) if call.args else ""
                layout.append((frame, added.index(base) if base in added else 0))
        if len(added) > 1 or any(isinstance(part, str) and part for part in layout):
            self._reading.entries["feeds"] = repr(tuple(layout))
            self._reading.line = self._reading.line or next(call.line for call in calls if call.name == "adddata")

    def _read_engine(self, by_name: dict[str, list[ScriptCall]]) -> None:
        for call in (*by_name.get("Cerebro", ()), *by_name.get("run", ())):
            for keyword in call.keywords:
                off = isinstance(keyword.value, ast.Constant) and not keyword.value.value
                if keyword.arg == "tradehistory" and not off and self._can_be_evaluated(keyword.value):
                    self._reading.entries["tradehistory"] = unparse(keyword.value)
                    self._reading.line = self._reading.line or call.line
                if keyword.arg in ENGINE_OPTIONS and not off:
                    self._remark(call, ENGINE_OPTIONS[keyword.arg])

    def _read_parts(self, calls: Sequence[ScriptCall]) -> list[ScriptCall]:
        """Timers, indicators and the like that run with the strategy; the calls that add them."""
        found = [(call, list(find_parts(self._source, [call], self._can_be_evaluated))) for call in calls]
        made = [call for call, parts in found if parts]
        parts = [part for call in made for part in find_parts(self._source, self._list_turns(call), self._can_be_evaluated)]
        for entry in dict.fromkeys(part.entry for part in parts):
            self._reading.entries[entry] = f"({', '.join(part.text for part in parts if part.entry == entry)},)"
            self._reading.line = self._reading.line or parts[0].call.line
        for part in parts:
            self._remark(part.call, part.said)
        return made

    def _first(self, call: ScriptCall) -> ast.expr | None:
        value = call.args[0] if call.args else next((word.value for word in call.keywords if word.arg == "strategy"), None)
        return self._values.look_up(find_by_name(value, self._source.strategy_names)) if value is not None and is_known(value) else None

    def _can_be_evaluated(self, node: ast.expr | None) -> bool:
        """Check whether an expression can be computed after the code was loaded: every name is there, and needs nothing that is not."""
        if (
            node is None
            or not is_known(node)
            or any(isinstance(part, ast.Call) and is_refused(part, self._source) for part in ast.walk(node))
        ):
            return False
        inner = {part.id for part in ast.walk(node) if isinstance(part, ast.Name) and not isinstance(part.ctx, ast.Load)}
        inner |= {argument.arg for part in ast.walk(node) if isinstance(part, ast.arguments) for argument in part.args}
        names = {part.id for part in ast.walk(node) if isinstance(part, ast.Name)} - inner
        reached = self._source.reach(names)
        return names <= self._top | _BUILTINS and not (names | (reached - _definition_names(self._source))) & self._unrunnable

    def _choose(self, ways: Sequence[tuple[ScriptCall, str]], otherwise: str = "None") -> str:
        """The text of the first call whose conditions hold, as one expression."""
        for call, text in reversed(ways):
            known = [part for part in call.conditions if self._can_be_evaluated(part)]
            text = f"({text})" if isinstance(parse_expression_tree(text), ast.IfExp | ast.BoolOp | ast.Lambda) else text
            otherwise = f"({text} if {' and '.join(f'({ast.unparse(part)})' for part in known)} else {otherwise})" if known else text
        return otherwise

    def _remark(self, call: ScriptCall, message: str) -> None:
        self._note(call.line, message)

    def _note(self, line: int, message: str, severity: Literal["info", "warning"] = "info") -> None:
        remark = Annotation(line=line, severity=severity, message=message)
        if remark not in self._reading.remarks:
            self._reading.remarks.append(remark)


def _list_rivals(call: ScriptCall, others: Sequence[ScriptCall]) -> Iterator[ScriptCall]:
    """Calls that count where the conditions of those before do not hold, up to the first that has none."""
    for other in others if call.conditions else ():
        yield other
        if not other.conditions:
            return


def _is_off(call: ScriptCall) -> bool:
    """True for a switch that is set to what holds here anyway."""
    value = call.args[0] if call.args else next((word.value for word in call.keywords), None)
    wanted = call.name in ("set_checksubmit", "set_shortcash")
    return isinstance(value, ast.Constant) and bool(value.value) is wanted


def _read_name(call: ScriptCall) -> str:
    """The name under which a script adds a feed; empty when it is not plainly said."""
    value = call.args[1] if len(call.args) > 1 else next((word.value for word in call.keywords if word.arg == "name"), None)
    return value.value if isinstance(value, ast.Constant) and isinstance(value.value, str) else ""


def _definition_names(source: ParsedCode) -> frozenset[str]:
    return frozenset(node.name for node in source.strategies)
