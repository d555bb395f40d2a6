"""The names of the engine's parts are all there: what can be found on the objects of a run is among them."""

import dis
from collections.abc import Iterator
from typing import Any

import backtrader as bt
from backtest_cases import run, walk

from core.backtest import lean_loop, replay, shared_clock
from core.backtest.engine_names import collect_engine_names, list_written_parts
from core.backtest.strategy_module import MODULE

CODE = """
import backtrader as bt

SEEN = []

class Shows(bt.Strategy):
    params = (("own_number", 3),)

    def __init__(self):
        self.own_average = bt.ind.SMA(period=3)
        self.own_turn = bt.ind.CrossOver(self.data.close, self.own_average)

    def notify_order(self, order):
        SEEN.append(order)

    def notify_trade(self, trade):
        SEEN.append(trade)

    def next(self):
        if not self.position:
            self.buy_bracket(size=1, limitprice=self.data.close[0] * 1.01, stopprice=self.data.close[0] * 0.99)
        SEEN[:1] = [self]
"""
OWN = {"own_number", "own_average", "own_turn"}


def test_whatever_an_object_of_a_run_has_is_a_known_name() -> None:
    import sys

    ran = run(CODE, walk(60), lock_step=False)
    assert ran.report.fault is None
    names = collect_engine_names()
    unknown: dict[str, str] = {}
    kinds = set()
    for holder, name in walk_parts(sys.modules[MODULE].SEEN):  # type: ignore[attr-defined]
        kinds.add(type(holder).__mro__[-2].__name__)
        aliased = name.startswith(("data", "line"))
        if not aliased and not name.startswith("__") and name not in names.objects | names.lines | OWN:
            unknown[name] = type(holder).__name__
    assert unknown == {}, unknown
    assert len(kinds) > 8


def walk_parts(found: list[Any]) -> Iterator[tuple[Any, str]]:
    """The objects of Backtrader's and of the engine's that can be reached from some, each with the names of its parts."""
    waiting, seen = list(found), set[int]()
    while waiting:
        held = waiting.pop()
        if id(held) in seen:
            continue
        seen.add(id(held))
        if isinstance(held, dict):
            waiting.extend(held.values())
        elif isinstance(held, list | tuple | set):
            waiting.extend(held)
        elif any(base.__module__.startswith(("backtrader", "core.backtest")) for base in type(held).__mro__) and not isinstance(held, type):
            parts = dict(getattr(held, "__dict__", {}))
            for base in type(held).__mro__[:-1]:
                parts |= {name: getattr(held, name, None) for name in vars(base).get("__slots__", ())}
                yield from ((held, name) for name in vars(base) if base.__module__.startswith(("backtrader", "core.backtest")))
            yield from ((held, name) for name in parts)
            waiting.extend(parts.values())


def test_a_strategy_has_no_part_that_is_not_known() -> None:
    import sys

    run(CODE, walk(60), lock_step=False)
    strategy = sys.modules[MODULE].SEEN[0]  # type: ignore[attr-defined]
    names = collect_engine_names()
    have = {name for name in dir(strategy) if not name.startswith(("data", "line", "__"))}
    assert have - names.strategies - OWN == set()


def test_what_code_writes_to_is_found_as_the_disassembler_finds_it() -> None:
    functions = [
        value for module in (lean_loop, shared_clock, replay, bt.cerebro, bt.strategy) for kind in vars(module).values()
        if isinstance(kind, type) for value in vars(kind).values() if hasattr(value, "__code__")
    ]  # fmt: skip
    assert len(functions) > 100
    for function in functions:
        expected = [step.argval for step in dis.get_instructions(function) if step.opname == "STORE_ATTR"]
        assert list(list_written_parts(function.__code__)) == expected


def test_what_programs_of_the_same_process_had_is_not_among_them() -> None:
    before = collect_engine_names.__wrapped__()
    code = CODE.replace('("own_number", 3)', '("of_a_program", 3)').replace(
        "class Shows", "class OfAProgram(bt.Indicator):\n    lines = ('a_line_of_it',)\n\nclass Shows"
    )

    assert run(code, walk(60), lock_step=False).report.fault is None
    assert collect_engine_names.__wrapped__() == before
