"""Order logs made at random, with everything that an account allows: for properties of the replay and of the fill audit."""

import random
from collections.abc import Sequence

from core.backtest.bar_source import day_numbers
from core.backtest.orders import OrderAction, OrderKind, OrderRecord
from core.domain.backtest import BacktestPlan, Side
from core.domain.bars import Bars
from core.domain.deposits import Deposit, Rhythm

PLAIN = (OrderKind.MARKET, OrderKind.CLOSE)
TRAILING = (OrderKind.STOP_TRAIL, OrderKind.STOP_TRAIL_LIMIT)


def random_plan(rng: random.Random) -> BacktestPlan:
    """Rich and poor accounts, with and without costs, leverage and deposits."""
    return BacktestPlan(
        cash=rng.choice((1_000.0, 20_000.0, 1e6)),
        slippage=rng.choice((0.0, 0.0005, 0.01)),
        commission=rng.choice((0.0, 0.001)),
        leverage=rng.choice((1.0, 4.0)),
        deposits=rng.choice(
            (
                (),
                (Deposit(amount=777.7, every=Rhythm.WEEKLY),),
                (Deposit(amount=50, every=Rhythm.WEEKLY), Deposit(amount=0.1, every=Rhythm.MONTHLY)),
            )
        ),
    )


def random_log(rng: random.Random, bars: Bars, kinds: Sequence[OrderKind] = tuple(OrderKind), most: int = 40) -> list[OrderRecord]:
    """Up to `most` records, or a few more: every one of these kinds, brackets, groups, dates, cancels."""
    log: list[OrderRecord] = []
    cycle = 1
    while len(log) < most:
        cycle += rng.choice((0, 0, 1, 1, 2, 5))
        if cycle > len(bars):
            break
        placed = [record.id for record in log if record.action is OrderAction.PLACE][-6:]
        if placed and rng.random() < 0.15:
            log.append(OrderRecord(id=len(log), cycle=cycle, action=OrderAction.CANCEL, target=rng.choice(placed)))
        elif rng.random() < 0.25:
            log.extend(_bracket(rng, len(log), cycle, bars, kinds, placed))
        else:
            fields = _order(rng, cycle, bars, kinds) | {"oco": rng.choice(placed) if placed and rng.random() < 0.15 else None}
            log.append(OrderRecord(id=len(log), transmit=rng.random() > 0.05, **fields))
    return log


def _order(rng: random.Random, cycle: int, bars: Bars, kinds: Sequence[OrderKind]) -> dict[str, object]:
    close = float(bars.close[cycle - 1])
    kind = rng.choice((*kinds, OrderKind.MARKET, OrderKind.MARKET))
    fields: dict[str, object] = {
        "cycle": cycle,
        "kind": kind,
        "side": rng.choice(tuple(Side)),
        "size": rng.choice((1.0, 10.0, 55.5, 300.0)),
    }
    if kind not in PLAIN:
        fields["price"] = rng.choice((None, 0.0, close, close * rng.uniform(0.95, 1.05)))
    if kind in (OrderKind.STOP_LIMIT, OrderKind.STOP_TRAIL_LIMIT):
        fields["limit_price"] = rng.choice((None, close * rng.uniform(0.95, 1.05)))
    if kind in TRAILING:
        fields[rng.choice(("trail_amount", "trail_percent"))] = rng.choice((None, 0.01, 0.03, 1.0))
    if rng.random() < 0.3:
        fields["valid"] = _last_moment(rng, cycle, bars)
    return fields


def _last_moment(rng: random.Random, cycle: int, bars: Bars) -> float:
    last = min(len(bars) - 1, cycle - 1 + rng.choice((0, 1, 3, 10)))
    return float(day_numbers(bars.time)[last]) + rng.choice((0.0, 0.3))


def _bracket(
    rng: random.Random, first: int, cycle: int, bars: Bars, kinds: Sequence[OrderKind], placed: Sequence[int]
) -> list[OrderRecord]:
    entry = OrderRecord(id=first, transmit=False, **_order(rng, cycle, bars, kinds))
    away = Side.SELL if entry.side is Side.BUY else Side.BUY
    close = float(bars.close[cycle - 1])
    count = rng.choice((1, 2))
    legs = [
        OrderRecord(
            id=first + 1 + number,
            cycle=cycle,
            parent=first,
            transmit=number == count - 1,
            side=away,
            size=entry.size,
            kind=rng.choice([kind for kind in (OrderKind.LIMIT, OrderKind.STOP, OrderKind.STOP_TRAIL) if kind in kinds]),
            price=close * rng.uniform(0.95, 1.05),
            valid=_last_moment(rng, cycle, bars) if rng.random() < 0.2 else None,
            oco=rng.choice(placed) if placed and rng.random() < 0.03 else None,
            trail_amount=1.0,
        )
        for number in range(count)
    ]
    return [entry, *legs]
