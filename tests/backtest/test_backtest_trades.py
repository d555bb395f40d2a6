"""Round trips out of fills, by hand."""

import pytest

from core.backtest.trades import round_trips
from core.domain.backtest import Fill


def fill(bar: int, size: float, price: float, commission: float = 1.0) -> Fill:
    return Fill(order=0, bar=bar, size=size, price=price, commission=commission)


@pytest.mark.parametrize(
    ("fills", "trades"),
    [
        ([], []),
        ([fill(1, 10, 5), fill(3, -10, 6)], [(1, 3, 10, 5, 6, 8)]),
        ([fill(1, -10, 5), fill(3, 10, 6)], [(1, 3, -10, 5, 6, -12)]),
        ([fill(1, 10, 5), fill(2, 10, 7), fill(3, -20, 8)], [(1, 3, 20, 6, 8, 37)]),  # average entry 6
        ([fill(1, 10, 5), fill(2, -4, 6), fill(3, -6, 7)], [(1, 3, 10, 5, 6.6, 13)]),  # average exit 6.6
        ([fill(1, 10, 5), fill(2, -15, 6, 3)], [(1, 2, 10, 5, 6, 7), (2, None, -5, 6, None, -21)]),  # 9 marked at 10: -20 - 1
        ([fill(1, 10, 5)], [(1, None, 10, 5, None, 49)]),
        ([fill(1, 0.1, 5), fill(2, 0.2, 5), fill(3, -0.3, 5)], [(1, 3, 0.3, 5, 5, -3)]),  # rounding is not a position
    ],
)
def test_fills_become_trades(fills: list[Fill], trades: list[tuple[float | None, ...]]) -> None:
    made = round_trips(fills, last_close=10.0)
    shown = [(trade.entry_bar, trade.exit_bar, trade.size, trade.entry_price, trade.exit_price, trade.profit) for trade in made]
    assert shown == [pytest.approx(trade) for trade in trades]


def test_commission_is_shared_by_the_two_trades_of_a_reversal() -> None:
    first, second = round_trips([fill(1, 10, 5, 1.0), fill(2, -15, 6, 3.0)], last_close=6.0)
    assert (first.commission, second.commission) == (pytest.approx(3.0), pytest.approx(1.0))
