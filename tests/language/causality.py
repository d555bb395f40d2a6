"""All that a compiled workflow computed and ordered on some bars, and small workflows that hold each construct of the language."""

import array
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice, pairwise
from typing import Any

import numpy as np
from backtrader.lineiterator import LineIterator
from workflow_runs import is_true, row

from core.backtest.bar_source import AllBars, BarSource, BarStream
from core.backtest.orders import OrderRecord
from core.backtest.own_account import AccountKeepingBroker
from core.backtest.strategy_runner import run_strategy
from core.domain.backtest import BacktestPlan
from core.domain.bars import Bars
from core.domain.instrument import Instrument, Timeframe
from core.domain.workflow import Section
from core.language import CATALOGUE, RULES
from core.language.catalogue import Indicator
from core.language.catalogue.functions import FUNCTIONS
from core.language.catalogue.rule import Slot
from core.language.syntax.nodes import BAR_BLENDS, BAR_FIELDS, CLOCK_CONDITIONS, CLOCK_OPERANDS, HISTORY_OPERANDS, POSITION_OPERANDS

PLAN = BacktestPlan()
INSTRUMENT = Instrument(symbol="T", calendar="XNYS", session_open=570, session_close=960)
LONGEST = 9.0
"""Longest period that is written, so that two hundred bars are enough."""


@dataclass(frozen=True, slots=True)
class Computed:
    """All that depends on bars: values of every line and memory, row signals, orders."""

    lines: tuple[bytes, ...]
    """Every line of every indicator with a value a bar, eight bytes each; those of longer bars count otherwise, and are read by memory."""
    memory: dict[str, list[str]]
    """Every list of numbers that the strategy keeps, one a bar; empty texts before it begins."""
    signals: dict[str, bytes]
    records: tuple[OrderRecord, ...]

    def up_to(self, bars: int) -> "Computed":
        """The part that belongs to the first bars."""
        return Computed(
            tuple(line[: 8 * bars] for line in self.lines),
            {name: kept[:bars] for name, kept in self.memory.items()},
            {name: flags[:bars] for name, flags in self.signals.items()},
            tuple(record for record in self.records if record.cycle <= bars),
        )


_BARS, _A_DAY = 130, 26


def make_bars(seed: int = 5) -> Bars:
    """Five sessions of quarter hours over a month's and a week's end, some of them flat and without volume."""
    random = np.random.default_rng(seed)
    days = np.repeat(np.busday_offset("2024-01-30", np.arange(5)).astype("datetime64[s]"), _A_DAY)
    time = days + np.tile(np.arange(_A_DAY) * np.timedelta64(15, "m"), 5) + np.timedelta64(570, "m")
    close = np.round(100 * np.exp(np.cumsum(random.normal(0.0002, 0.01, _BARS))), 2)
    opened = np.round(close * np.exp(random.normal(0, 0.004, _BARS)), 2)
    high, low = np.maximum(opened, close) + 0.3, np.minimum(opened, close) - 0.3
    volume = random.integers(1_000, 90_000, _BARS).astype(float)
    flat = random.random(_BARS) < 0.05
    for column in (opened, high, low):
        column[flat] = close[flat]
    volume[flat] = 0.0
    return Bars(INSTRUMENT, Timeframe.M15, time, opened, high, low, close, volume)


def compute_at_once(code: str, bars: Bars) -> Computed:
    """Run with all bars at hand, as the one pass does."""
    return _compute(code, bars, AllBars.from_bars(bars))


def compute_in_steps(code: str, bars: Bars) -> Computed:
    """Run where a later bar does not exist yet."""
    return _compute(code, bars, BarStream.from_bars(bars))


def _compute(code: str, bars: Bars, source: BarSource) -> Computed:
    broker = AccountKeepingBroker(PLAN, bars, None)
    report = run_strategy(code, PLAN, source, lambda raw: None, signals=True, make_broker=lambda: broker)
    assert report.fault is None, report.fault
    strategy: Any = broker.cerebro.runningstrats[0]
    longer = "LongerBars" in code
    lines = tuple(_to_bytes(line.array) for one in _list_indicators(strategy) for line in one.lines if not longer)
    kept = {name: list(map(repr, value)) for name, value in vars(strategy).items() if name.startswith("kept_")}
    memory = {name: [""] * (len(bars) - len(values)) + values for name, values in kept.items()}
    return Computed(lines, memory, {name: flags.tobytes() for name, flags in report.signals.items()}, tuple(broker.records))


def _to_bytes(values: "array.array[float]") -> bytes:
    return np.array(values, dtype=np.float64).tobytes()


def _list_indicators(owner: Any) -> Iterator[Any]:
    for one in getattr(owner, "_lineiterators", {LineIterator.IndType: ()})[LineIterator.IndType]:
        yield one
        yield from _list_indicators(one)


def list_indicators() -> dict[str, list[dict[str, Any]]]:
    """Each indicator of the catalogue by name, with rows that read all of its lines."""
    return {name: [_keep(line) for line in _list_calls(entry)] for name, entry in CATALOGUE.items()}


def list_constructs() -> dict[str, list[dict[str, Any]]]:
    """Constructs of the language by name, with the rows of a workflow that trades and uses them.

    What only gives a value stands with others in one workflow, since each value is kept on its own; what trades stands alone.
    """
    indicators = list_indicators()
    found = {f"indicators {', '.join(some)}": [row for name in some for row in indicators[name]] for some in _in_fives(tuple(indicators))}
    values = {name: signature.example for name, signature in FUNCTIONS.items() if name not in TRUTHS}
    found |= {f"functions {', '.join(some)}": [_keep(values[name]) for name in some] for some in _in_fives(tuple(values))}
    found |= {f"function {name}": [is_true("entry_long", FUNCTIONS[name].example)] for name in FUNCTIONS if name in TRUTHS}
    named = (*BAR_FIELDS, *BAR_BLENDS, *CLOCK_OPERANDS, *HISTORY_OPERANDS, *OTHER_OPERANDS)
    found |= {f"operands {', '.join(some)}": [_keep(one) for name in some for one in (name, f"({name})[2]")] for some in _in_fives(named)}
    found |= {f"position {', '.join(some)}": [_keep(one, "exit_long") for one in some] for some in _in_fives(tuple(POSITION_OPERANDS))}
    found |= {f"condition {name}": [is_true("entry_long", name)] for name in (*CLOCK_CONDITIONS, *CONDITIONS)}
    return found | {name: [told] for name, told in _list_rules()}


TRUTHS = frozenset({"crosses_above", "crosses_below", "rising", "falling", "between", "outside", "near", "sequence"})
"""Functions that are conditions."""
OTHER_OPERANDS = (
    "close * 2 - open", "(high if close > open else low)", 'tf("1h", close)', 'tf("1d", sma(2))', 'tf("1w", high)', "yesterday.close",
    "sma(ema(close, 3), 4)", "highest(high - low, 5)",
)  # fmt: skip
CONDITIONS = ("close > open and close > 90", "not (close > open)", "close > open or weekday == 1", "close[1] < close < high[3]",
              "crosses_below(rsi(5), rsi(5)[2] + 3)", "(rising(close, 2))[1]")  # fmt: skip
BASE = [
    row("entry_long", "close", ">", "close[1]", id="in"),
    row("exit_long", "bars_in_trade", ">=", 3, id="out"),
    row("risk", "stop_loss", "percent", 2, id="stop"),
]
"""Rows that trade often, in which a construct is one row more."""


def _in_fives(names: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
    left = iter(names)
    while some := tuple(islice(left, 5)):
        yield some


def _list_calls(entry: Indicator) -> list[str]:
    values: dict[str, float] = {}
    for param in entry.params:
        values[param.name] = max(param.low, min(param.default, LONGEST)) if param.integer else param.default
    for first, second in pairwise(entry.ordered):
        values[second] = max(values[second], values[first] + 1)
    call = f"{entry.name}({', '.join(f'{value:g}' for value in values.values())})"
    return [f"{call}.{line.name}" if len(entry.lines) > 1 else call for line in entry.lines]


def _keep(expression: str, section: str = "entry_long") -> dict[str, Any]:
    """A row that is never false and keeps the expression's value on every bar."""
    return is_true(section, f"0 * value_when(close > 0, {expression}) == 0", group="K")


def _list_rules() -> Iterator[tuple[str, dict[str, Any]]]:
    for name, rule in RULES.items():
        section = next((one for one in rule.sections if one is not Section.ENTRY_SHORT), rule.sections[0])
        for measure, form in rule.forms.items():
            told = [_fill(slot) for slot in form.slots if not slot.optional or slot.sort == "number"]
            yield f"rule {name} {measure.value}", row(section.value, name, measure.value, *told)
            for word in form.choices:
                plain = [_fill(slot) for slot in form.slots if not slot.optional and slot.sort != "choice"]
                yield f"rule {name} {measure.value} {word}", row(section.value, name, measure.value, *plain, word)


def _fill(slot: Slot) -> str:
    return slot.default or (slot.choices[0] if slot.choices else "0")
