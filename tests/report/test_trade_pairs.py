"""Trades of two strategies are paired by their overlap in time."""

import pytest

from core.domain.backtest import Trade
from core.report.trade_pairs import pair_trades


def trade(entry: int, leave: int | None, size: float = 1.0, move: float = 0.1) -> Trade:
    exit_price = None if leave is None else 100.0 * (1 + move)
    return Trade(entry_bar=entry, exit_bar=leave, size=size, entry_price=100.0, exit_price=exit_price, profit=1.0, commission=0.0)


def test_the_longest_overlap_is_paired_and_the_rest_stands_alone() -> None:
    first = (trade(10, 20), trade(30, 40))
    second = (trade(8, 12), trade(11, 21), trade(50, 60))

    pairs = pair_trades(first, second, last_bar=99)

    found = [(pair.first and pair.first.entry_bar, pair.second and pair.second.entry_bar) for pair in pairs]
    assert found == [(None, 8), (10, 11), (30, None), (None, 50)]


def test_trades_on_the_same_bars_are_alike() -> None:
    (pair,) = pair_trades((trade(1, 5),), (trade(1, 5, size=7.0),), last_bar=9)

    assert pair.alike
    assert pair.gap == 0.0


def test_a_long_and_a_short_trade_are_no_pair() -> None:
    pairs = pair_trades((trade(1, 5),), (trade(1, 5, size=-1.0),), last_bar=9)

    assert len(pairs) == 2
    assert not any(pair.alike for pair in pairs)


def test_trades_in_two_instruments_are_no_pair() -> None:
    pairs = pair_trades((trade(1, 5), trade(1, 5).changed(instrument="SPY")), (trade(1, 5).changed(instrument="SPY"),), last_bar=9)

    assert [(pair.first and pair.first.instrument, pair.second and pair.second.instrument) for pair in pairs] == [
        ("", None),
        ("SPY", "SPY"),
    ]


def test_a_trade_that_is_open_reaches_to_the_last_bar() -> None:
    (pair,) = pair_trades((trade(1, None),), (trade(5, 6, move=0.02),), last_bar=9)

    assert pair.second is not None
    assert pair.gap == pytest.approx(-0.02)


def test_nothing_against_nothing_is_nothing() -> None:
    assert pair_trades((), (), last_bar=9) == []
