"""The order log: what a strategy did, one record an action, and the strict check of a log that comes out of untrusted hands."""

import json
import math
from collections.abc import Iterable, Mapping
from enum import StrEnum
from hashlib import sha256
from typing import Annotated, Any

from pydantic import ConfigDict, Field, ValidationError

from core.domain.backtest import Side
from core.domain.value import Value

MAX_ORDERS = 200_000
LARGEST_SIZE = 1e15
SMALLEST_SIZE = 1e-100
"""Far below what rounding leaves over, which is traded as in plain Backtrader; smaller ones vanish in a product."""
LARGEST_PRICE = 1e18
LARGEST_WHOLE = 2**53
"""Above it JSON's numbers are not whole any more."""
_to_line = json.JSONEncoder(sort_keys=True, separators=(",", ":")).encode
_WORDS = {"nan": math.nan, "inf": math.inf, "-inf": -math.inf}


class OrderAction(StrEnum):
    """The action of a record: a new order, or a request to cancel one."""

    PLACE = "place"
    CANCEL = "cancel"


class OrderKind(StrEnum):
    """Execution type of an order, as Backtrader defines it; a limit for the next opening alone is the platform's own."""

    MARKET = "market"
    CLOSE = "close"
    LIMIT = "limit"
    STOP = "stop"
    STOP_LIMIT = "stop_limit"
    STOP_TRAIL = "stop_trail"
    STOP_TRAIL_LIMIT = "stop_trail_limit"
    LIMIT_ON_OPEN = "limit_on_open"


ORDER_KINDS = (
    OrderKind.MARKET,
    OrderKind.CLOSE,
    OrderKind.LIMIT,
    OrderKind.STOP,
    OrderKind.STOP_LIMIT,
    OrderKind.STOP_TRAIL,
    OrderKind.STOP_TRAIL_LIMIT,
)
"""By Backtrader's number of the execution type."""


def find_order_kind(number: int, *, on_open: bool) -> OrderKind:
    """Find the type of an order by Backtrader's number of it; a limit may be for the next opening alone."""
    return OrderKind.LIMIT_ON_OPEN if on_open else ORDER_KINDS[number]


_Whole = Annotated[int, Field(strict=True, le=LARGEST_WHOLE)]
_Number = Annotated[float, Field(strict=True)]


class OrderRecord(Value):
    """One action of the strategy. Prices may be NaN or infinite (stock Backtrader accepts them); sizes may not.

    Numbers are numbers: no truth for a one, no digits in quotation marks.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=True)

    id: _Whole = Field(ge=0)
    """Number of the record, counted from 0 in the order in which things happened."""
    cycle: _Whole = Field(ge=1)
    """Bars the strategy had seen when it acted: 1 on the first bar. The earliest fill is on bar number `cycle` (0-based)."""
    action: OrderAction = OrderAction.PLACE
    target: _Whole | None = Field(default=None, ge=0)
    """For `cancel`: the order that is taken back."""
    side: Side = Side.BUY
    data: _Whole = Field(default=0, ge=0)
    """Place of the instrument among those of the run; 0 is its first, or only, one."""
    size: _Number = Field(default=0.0, ge=0, le=LARGEST_SIZE, allow_inf_nan=False)
    """Units, positive whatever the side."""
    kind: OrderKind = OrderKind.MARKET
    price: _Number | None = None
    """Trigger of a stop, limit of a limit order, start of a trail; None: the close at which it was placed."""
    limit_price: _Number | None = None
    """Limit that a stop-limit or trailing stop-limit order sets in motion."""
    valid: _Number | None = None
    """Last moment on Backtrader's clock (days since year 1); None never expires."""
    tradeid: _Whole = Field(default=0, ge=-LARGEST_WHOLE)
    oco: _Whole | None = Field(default=None, ge=0)
    """Another order of the same one-cancels-others group."""
    parent: _Whole | None = Field(default=None, ge=0)
    """The order that has to fill first (bracket)."""
    transmit: Annotated[bool, Field(strict=True)] = True
    """False: kept back until a later order of the bracket is transmitted."""
    trail_amount: _Number | None = None
    trail_percent: _Number | None = None
    """Distance of a trailing stop, absolute or as a fraction of the price."""

    def to_wire(self) -> dict[str, object]:
        """The record as JSON that every parser reads: fields at their default are left out, NaN and infinities are words."""
        said = _list_given(self)
        return {name: said[name] for name in _IN_ORDER if name in said}


def _list_given(record: OrderRecord) -> dict[str, object]:
    fields = record.__dict__
    said: dict[str, object] = {"id": record.id, "cycle": record.cycle, "action": str(record.action)}
    for name in record.model_fields_set:
        if name in _DEFAULTS and (value := fields[name]) != _DEFAULTS[name]:
            said[name] = to_wire_value(value)
    return said


_DEFAULTS = {name: field.default for name, field in OrderRecord.model_fields.items() if name not in ("id", "cycle", "action")}


_IN_ORDER = tuple(OrderRecord.model_fields)


def parse_record(raw: object) -> OrderRecord:
    """One record out of an untrusted JSON object. Raises ValueError that says which field is wrong and why."""
    if not isinstance(raw, Mapping):
        raise ValueError(f"an order record must be an object, not {type(raw).__name__}")
    try:
        record = OrderRecord.model_validate(raw)
    except ValidationError:
        record = _parse_words(raw)
    _check_record(record)
    return record


def _parse_words(raw: Mapping[Any, Any]) -> OrderRecord:
    """A record that has words in place of numbers, or is wrong."""
    fields = {str(name): _WORDS.get(value, value) if name in _FLOATS and isinstance(value, str) else value for name, value in raw.items()}
    try:
        return OrderRecord.model_validate(fields)
    except ValidationError as error:
        first = error.errors()[0]
        raise ValueError(f"order record: {'.'.join(str(part) for part in first['loc']) or 'record'}: {first['msg']}") from None


def find_openings(records: Iterable[OrderRecord]) -> list[int]:
    """Find the orders that are for one opening alone."""
    return [record.id for record in records if record.kind is OrderKind.LIMIT_ON_OPEN]


class LogCheck:
    """Refuses a log that cannot have happened: ids not counted from 0, time running back, unknown references, too many orders.

    `cycles` is the number of bars; a record that claims to have seen more is refused. `instruments` is the number of those that can
    be traded.
    """

    def __init__(self, *, most: int = MAX_ORDERS, cycles: int | None = None, instruments: int = 1) -> None:
        self._most = most
        self._instruments = instruments
        self._cycles = cycles
        self._placed: set[int] = set()
        self._count = 0
        self._last = 1

    def add(self, record: OrderRecord) -> None:
        """Take the next record of the log. Raises ValueError."""
        if self._count >= self._most:
            raise ValueError(f"more than {self._most:,} order records")
        if record.id != self._count:
            raise ValueError(f"order record {self._count} has id {record.id}; ids must count from 0 without gaps")
        if record.cycle < self._last:
            raise ValueError(f"order {record.id} was placed on bar {record.cycle}, before the record ahead of it (bar {self._last})")
        if self._cycles is not None and record.cycle > self._cycles:
            raise ValueError(f"order {record.id} was placed after bar {record.cycle}, but there are only {self._cycles} bars")
        if record.data >= self._instruments:
            raise ValueError(f"order {record.id}: data {record.data} cannot be traded; the run has {self._instruments} instruments")
        for name in ("target", "oco", "parent"):
            other = getattr(record, name)
            if other is not None and other not in self._placed:
                raise ValueError(f"order {record.id} names {name} {other}, which is not an earlier order")
        if record.action is OrderAction.PLACE:
            self._placed.add(record.id)
        self._count += 1
        self._last = record.cycle


def hash_log(records: Iterable[OrderRecord]) -> str:
    """SHA-256 of the log, a line a record as `to_canonical` writes it: two programs with the same hash trade the same."""
    said = [_list_given(record) for record in records]
    lines = _to_line(said)[1:-1].replace("},{", "}\n{")  # no text of a record holds a brace
    return sha256(f"{lines}\n".encode() if said else b"").hexdigest()


def to_canonical(record: OrderRecord) -> str:
    """The record as one line of text that is equal exactly when the record is (NaN equals NaN here)."""
    return _to_line(record.to_wire())


def _check_record(record: OrderRecord) -> None:
    if record.action is OrderAction.CANCEL:
        if record.target is None:
            raise ValueError(f"order record {record.id}: a cancel must name its target")
        return
    if record.target is not None:
        raise ValueError(f"order record {record.id}: only a cancel has a target")
    if record.size < SMALLEST_SIZE:
        problem = f"size {record.size:g} is too small" if record.size else "size must be above 0"
        raise ValueError(f"order record {record.id}: {problem}")
    for name in ("price", "limit_price", "trail_amount", "trail_percent"):
        value = getattr(record, name)
        if value is not None and math.isfinite(value) and abs(value) > LARGEST_PRICE:
            raise ValueError(f"order record {record.id}: {name} {value:g} is out of range")


def to_wire_value(value: object) -> object:
    """A field as JSON that every parser reads: NaN and infinities are words."""
    if isinstance(value, float) and not math.isfinite(value):
        return "nan" if math.isnan(value) else ("inf" if value > 0 else "-inf")
    return str(value) if isinstance(value, StrEnum) else value


_FLOATS = frozenset({"size", "price", "limit_price", "valid", "trail_amount", "trail_percent"})
