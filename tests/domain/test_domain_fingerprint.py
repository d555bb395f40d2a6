"""Copies of bars are known by what they did on which day; other bars are not taken for them."""

from dataclasses import replace

import numpy as np
import pytest

from core.domain.bars import Bars
from core.domain.fingerprint import compute_fingerprint, count_common, unpack_fingerprint
from core.domain.instrument import Timeframe
from tests.evidence.evidence_samples import bars, walk

PRICES = walk(500, seed=7)
DAY = np.timedelta64(1, "D")


def to_weeks(prices: Bars) -> Bars:
    """The last day of each week."""
    week = (prices.time.astype("datetime64[D]").astype(int) + 3) // 7
    last = np.flatnonzero(np.append(week[1:] != week[:-1], True))
    columns = {name: getattr(prices, name)[last] for name in ("time", "open", "high", "low", "close", "volume")}
    return replace(prices, timeframe=Timeframe.W1, **columns, _hash=[])


def common(one: Bars, other: Bars) -> int:
    return count_common(compute_fingerprint(one), compute_fingerprint(other))


@pytest.mark.parametrize(
    "copy",
    [
        replace(PRICES, instrument=PRICES.instrument.changed(symbol="RENAMED"), source="file"),
        PRICES.scale(0.37, 2.0),
        replace(PRICES, close=PRICES.close.round(2), _hash=[]),
        replace(PRICES, open=1 / PRICES.open, high=1 / PRICES.low, low=1 / PRICES.high, close=1 / PRICES.close, _hash=[]),
    ],
    ids=["renamed", "scaled", "rounded", "turned over"],
)
def test_a_copy_has_the_fingerprint_of_its_bars(copy: Bars) -> None:
    assert common(PRICES, copy) == 499


def test_a_weekly_copy_is_known_by_its_weeks() -> None:
    assert common(PRICES, to_weeks(PRICES)) > 90


@pytest.mark.parametrize(
    "times",
    [PRICES.time + DAY, PRICES.time - DAY, np.append(PRICES.time[1:], PRICES.time[-1] + DAY)],
    ids=["a day late", "a day early", "that of the next bar"],
)
def test_a_copy_whose_dates_are_a_day_off_is_the_same_bars(times: np.ndarray) -> None:
    copy = replace(PRICES, time=times, _hash=[])

    assert common(PRICES, copy) > 450
    assert common(copy, PRICES) > 450


def test_a_part_has_its_days_in_common() -> None:
    assert common(PRICES, PRICES.slice(100, 200)) == 99
    assert common(PRICES.slice(0, 100), PRICES.slice(100, 200)) == 0


def test_another_share_of_the_same_market_is_another_one() -> None:
    market = np.random.default_rng(1).normal(0.0, 0.01, 500)
    own = np.random.default_rng(2).normal(0.0, 0.01, (2, 500))
    one, other = (bars(100 * np.exp(np.cumsum(market + each))) for each in own)

    assert common(one, other) == 0
    assert common(to_weeks(one), other) == 0
    assert common(one, replace(other, time=other.time + DAY, _hash=[])) == 0


def test_a_packed_fingerprint_is_read_back() -> None:
    found = compute_fingerprint(PRICES)

    again = unpack_fingerprint(found.pack())

    assert (again.digest, again.span) == (found.digest, found.span)
    assert count_common(again, found) == 499
    assert compute_fingerprint(PRICES.slice(0, 1)).span == (0, -1)
