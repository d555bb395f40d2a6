"""The strategy's own claims about its run, which the platform compares and never believes."""

import base64
import math
from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray
from pydantic import ValidationError

from core.domain.backtest import CodeFault, Stage
from core.domain.instrument import Timeframe

Flags = NDArray[np.uint8]
_MOST_TEXT = 4_000
_MOST_ROWS = 500


@dataclass(frozen=True, slots=True)
class StrategyReport:
    """End of a run inside the strategy's process. Everything here comes from untrusted code."""

    claimed_value: float | None = None
    """Final account value by the strategy's own broker; None when it failed or is not a finite number."""
    claimed_cash: float | None = None
    strategy: str = ""
    """Name of the class that ran."""
    timeframes: tuple[str, ...] = ()
    """Higher timeframes that were added as feeds, in order."""
    bars: int = 0
    """Bars the strategy was shown."""
    orders: int = 0
    """Records emitted."""
    signals: dict[str, Flags] = field(default_factory=dict)
    """Row id to one 0/1 per bar, shape (bars,)."""
    notes: tuple[str, ...] = ()
    early_reads: tuple[int, ...] = ()
    """Lines of the code that read a bar before the first one, ascending."""
    guarded: bool = False
    """True when a run that had all bars computed nothing but what is known, and asked for nothing that it would not have got bar by bar."""
    fault: CodeFault | None = None
    stage: Stage = Stage.DONE
    """The stage at which it ended: LOAD or RUN when `fault` is set."""

    def to_wire(self) -> dict[str, object]:
        """The report as JSON; flags become their number and a text of eight to a byte."""
        return {
            "claimed_value": self.claimed_value,
            "claimed_cash": self.claimed_cash,
            "strategy": self.strategy,
            "timeframes": list(self.timeframes),
            "bars": self.bars,
            "orders": self.orders,
            "signals": {name: _pack_flags(flags) for name, flags in self.signals.items()},
            "notes": list(self.notes),
            "early_reads": list(self.early_reads),
            "guarded": self.guarded,
            "fault": None if self.fault is None else self.fault.model_dump(mode="json"),
            "stage": str(self.stage),
        }


def parse_report(raw: object) -> StrategyReport:
    """A report out of an untrusted JSON object. Raises ValueError in words, whatever the object is."""
    if not isinstance(raw, Mapping):
        raise ValueError(f"a report must be an object, not {type(raw).__name__}")
    try:
        return _read_report(raw)
    except (ArithmeticError, RecursionError, MemoryError) as error:  # a number without end, lists in lists: nothing of it is a report
        raise ValueError(f"report: {type(error).__name__}") from None


def _read_report(raw: Mapping[object, object]) -> StrategyReport:
    try:
        fault = None if raw.get("fault") is None else CodeFault.model_validate(raw["fault"])
        stage = Stage(str(raw.get("stage", Stage.DONE)))
        frames = tuple(Timeframe(str(name)).value for name in _sequence(raw, "timeframes", 8))
    except (ValidationError, ValueError) as error:
        raise ValueError(f"report: {str(error).splitlines()[0][:200]}") from None
    return StrategyReport(
        claimed_value=_finite(raw, "claimed_value"),
        claimed_cash=_finite(raw, "claimed_cash"),
        strategy=str(raw.get("strategy", ""))[:200],
        timeframes=frames,
        bars=_count(raw, "bars"),
        orders=_count(raw, "orders"),
        signals=_signals(raw),
        notes=tuple(str(note)[:500] for note in _sequence(raw, "notes", 100)),
        early_reads=tuple(_to_count(line, "early_reads") for line in _sequence(raw, "early_reads", 100)),
        guarded=raw.get("guarded") is True,
        fault=None if fault is None else _cap_fault(fault),
        stage=stage,
    )


def _signals(raw: Mapping[object, object]) -> dict[str, Flags]:
    table = raw.get("signals", {})
    if not isinstance(table, Mapping) or len(table) > _MOST_ROWS:
        raise ValueError("report: signals must be an object of reasonable size")
    signals = {}
    for name, packed in table.items():
        signals[str(name)[:100]] = _unpack_flags(packed)
    return signals


def _pack_flags(flags: Flags) -> list[object]:
    """Pack flags as their number and a text of eight to a byte: a million fit into a frame many times over."""
    return [len(flags), base64.b64encode(np.packbits(flags).tobytes()).decode("ascii")]


def _unpack_flags(packed: object) -> Flags:
    if not isinstance(packed, list) or len(packed) != 2 or not isinstance(packed[1], str):
        raise ValueError("report: a signal must be a number of flags and their text")
    count = _to_count(packed[0], "signals")
    try:
        found = np.frombuffer(base64.b64decode(packed[1], validate=True), dtype=np.uint8)
    except ValueError:
        raise ValueError("report: a signal's text cannot be read") from None
    if len(found) != (count + 7) // 8:
        raise ValueError("report: a signal must have as many flags as it says")
    return np.unpackbits(found, count=count)


def _cap_fault(fault: CodeFault) -> CodeFault:
    return fault.changed(message=fault.message[:_MOST_TEXT], hint=fault.hint[:_MOST_TEXT], kind=fault.kind[:100])


def _finite(raw: Mapping[object, object], name: str) -> float | None:
    value = raw.get(name)
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise ValueError(f"report: {name} must be a number")
    return float(value) if math.isfinite(value) else None


def _count(raw: Mapping[object, object], name: str) -> int:
    return _to_count(raw.get(name, 0), name)


def _to_count(value: object, name: str) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value < 2**53:
        raise ValueError(f"report: {name} must be a count")
    return value


def _sequence(raw: Mapping[object, object], name: str, most: int) -> list[object]:
    value = raw.get(name, [])
    if not isinstance(value, list) or len(value) > most:
        raise ValueError(f"report: {name} must be a list of at most {most}")
    return value
