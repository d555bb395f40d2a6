"""Runs compiled workflows in plain Backtrader, for the tests of this room: bars by hand or from a seed, orders and fills as facts."""

import sys
import types
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import backtrader as bt
import numpy as np
import pandas as pd

from core.domain.instrument import Instrument
from core.domain.workflow import Workflow
from core.language import compile_workflow, parse
from tests.stock_backtrader import learn_openings

UNITS = {"m": bt.TimeFrame.Minutes, "h": bt.TimeFrame.Minutes, "d": bt.TimeFrame.Days, "w": bt.TimeFrame.Weeks}


@dataclass(frozen=True, slots=True)
class Fill:
    """One execution: bar index, signed size, price."""

    bar: int
    size: float
    price: float


@dataclass(slots=True)
class Result:
    """What one run did."""

    strategy: Any
    placed: list[tuple[Any, ...]] = field(default_factory=list)
    """Orders as they were placed: bar, side, type, size, price, and whether cancelled orders follow in the same list."""
    fills: list[Fill] = field(default_factory=list)
    rejected: int = 0
    value: float = 0.0

    @property
    def trades(self) -> int:
        return self.strategy.finished


def workflow(*rows: dict[str, Any], direction: str = "long_only", **fields: Any) -> Workflow:
    """A workflow from short rows; ids are r1, r2, ... unless given."""
    full = [{"id": f"r{number}"} | row for number, row in enumerate(rows, start=1)]
    return parse({"name": "test", "direction": direction, "rows": full, **fields})


def row(section: str, indicators: str | Sequence[str], operator: str, *thresholds: Any, **fields: Any) -> dict[str, Any]:
    """One row; a single indicator may be given as text."""
    cells = [indicators] if isinstance(indicators, str) else list(indicators)
    return {"section": section, "indicators": cells, "operator": operator, "thresholds": list(thresholds), **fields}


def is_true(section: str, condition: str, **fields: Any) -> dict[str, Any]:
    """A row that holds a condition."""
    return row(section, condition, "is true", **fields)


def table(rows: Iterable[Sequence[float]], *, start: str = "2024-01-01", minutes: int = 1440) -> pd.DataFrame:
    """Bars by hand: (open, high, low, close) or (open, high, low, close, volume), a fixed time apart."""
    lines = [tuple(line) + ((1000.0,) if len(line) == 4 else ()) for line in rows]
    first = datetime.fromisoformat(start)
    index = pd.DatetimeIndex([first + timedelta(minutes=minutes * number) for number in range(len(lines))])
    return pd.DataFrame(lines, columns=["open", "high", "low", "close", "volume"], index=index, dtype=float)


def closes(values: Iterable[float], **fields: Any) -> pd.DataFrame:
    """Flat bars at these closes: open = high = low = close."""
    return table([(value, value, value, value) for value in values], **fields)


def walk(
    bars: int = 500, seed: int = 1, *, flat: float = 0.0, minutes: int = 0, drift: float = 0.0004, scale: float = 0.015
) -> pd.DataFrame:
    """A seeded random walk; a share `flat` of bars has high equal to low and no volume. `minutes`: sessions from 9:30 to 16:00."""
    random = np.random.default_rng(seed)
    close = 100 * np.exp(np.cumsum(random.normal(drift, scale, bars)))
    opened = close * np.exp(random.normal(0, scale / 4, bars))
    high = np.maximum(opened, close) * (1 + np.abs(random.normal(0, scale / 4, bars)))
    low = np.minimum(opened, close) * (1 - np.abs(random.normal(0, scale / 4, bars)))
    volume = random.integers(1_000, 100_000, bars).astype(float)
    still = random.random(bars) < flat
    for column in (opened, high, low):
        column[still] = close[still]
    volume[still] = 0.0
    index = _sessions(bars, minutes) if minutes else pd.bdate_range("2015-01-01", periods=bars)
    return pd.DataFrame({"open": opened, "high": high, "low": low, "close": close, "volume": volume}, index=index)


def _sessions(bars: int, minutes: int) -> pd.DatetimeIndex:
    day = pd.Timestamp("2024-01-02 09:30")
    a_day = [pd.Timedelta(minutes=minutes * number) for number in range(-(-390 // minutes))]
    days = pd.bdate_range(day, periods=-(-bars // len(a_day)), normalize=False)
    return pd.DatetimeIndex([start + offset for start in days for offset in a_day][:bars])


def load(code: str) -> type:
    """The strategy class of compiled source, from a real module: Backtrader looks it up."""
    module = types.ModuleType("compiled_workflow")
    sys.modules["compiled_workflow"] = module
    exec(compile(code, "compiled_workflow", "exec"), module.__dict__)
    found = [thing for thing in vars(module).values() if isinstance(thing, type) and issubclass(thing, bt.Strategy)]
    assert len(found) == 1
    return found[0]


def run(
    source: Workflow | str,
    bars: pd.DataFrame,
    *,
    cash: float = 100_000.0,
    commission: float = 0.0,
    slippage: float = 0.0,
    leverage: float = 1.0,
    fast: bool = True,
    timeframe: str = "1d",
    signals: bool = False,
    values: dict[str, float] | None = None,
    instrument: Instrument | None = None,
) -> Result:
    """Run a workflow, or compiled source, over bars; `fast` preloads, otherwise bars arrive one at a time."""
    code = source if isinstance(source, str) else compile_workflow(source, values, signals=signals, instrument=instrument)
    strategy = load(code)
    result = Result(None)
    cerebro = bt.Cerebro(stdstats=False, preload=fast, runonce=fast)
    cerebro.broker = _recording_broker(result)
    if "on_open" in code:
        learn_openings(cerebro)
    cerebro.broker.setcash(cash)
    cerebro.broker.setcommission(commission, leverage=leverage)
    cerebro.broker.set_slippage_perc(slippage) if slippage else None
    data = bt.feeds.PandasData(dataname=bars, timeframe=UNITS[timeframe[-1]], compression=_compression(timeframe))
    cerebro.adddata(data)
    for frame in getattr(strategy, "timeframes", ()):
        inside = _compression(timeframe) if UNITS[timeframe[-1]] == UNITS[frame[-1]] == bt.TimeFrame.Minutes else 0
        unit, number = UNITS[frame[-1]], _compression(frame)
        higher = cerebro.resampledata(data, timeframe=unit, compression=number, adjbartime=False, boundoff=inside)
        higher._ffilters.clear()
    cerebro.addstrategy(_watched(strategy, result))
    result.strategy = cerebro.run()[0]
    result.value = cerebro.broker.getvalue()
    return result


def _compression(frame: str) -> int:
    return int(frame[:-1]) * (60 if frame[-1] == "h" else 1)


def _recording_broker(result: Result) -> Any:
    class Recording(bt.brokers.BackBroker):
        """Writes down what the strategy asks for."""

        def buy(self, owner: Any, data: Any, size: float, price: Any = None, exectype: Any = None, **more: Any) -> Any:
            result.placed.append((len(data) - 1, "buy", exectype, size, price))
            return super().buy(owner, data, size, price=price, exectype=exectype, **more)

        def sell(self, owner: Any, data: Any, size: float, price: Any = None, exectype: Any = None, **more: Any) -> Any:
            result.placed.append((len(data) - 1, "sell", exectype, size, price))
            return super().sell(owner, data, size, price=price, exectype=exectype, **more)

    return Recording()


def _watched(strategy: type, result: Result) -> type:
    class Watched(strategy):  # type: ignore[misc, valid-type]
        """Notes executions, rejections and finished trades."""

        finished = 0

        def notify_order(self, order: Any) -> None:
            if order.status == order.Margin:
                result.rejected += 1
            if order.status == order.Completed:
                result.fills.append(Fill(len(self.data) - 1, order.executed.size, order.executed.price))
            super().notify_order(order)

        def notify_trade(self, trade: Any) -> None:
            self.finished += trade.isclosed
            super().notify_trade(trade)

    return Watched


def values_of(
    expression: str, bars: pd.DataFrame, *, fast: bool = True, timeframe: str = "1d", instrument: Instrument | None = None
) -> np.ndarray:
    """What an expression reads on every bar, NaN before its first value; shape (n,)."""
    told = workflow(is_true("entry_long", f"0 * value_when(close > 0, {expression}) == 0"), row("risk", "time_stop", "bars", 1))
    seen = np.array(run(told, bars, fast=fast, timeframe=timeframe, instrument=instrument).strategy.kept_1, dtype=float)
    return np.concatenate([np.full(len(bars) - len(seen), np.nan), seen])
