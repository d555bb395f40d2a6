"""Made-up 1-minute bars, labeled as such: sessions, U-shaped volume, gaps, flat and missing minutes, the same on every machine.

No shippable real intraday bars exist, so these stand in for them. Only +, -, *, /, square root and floor are used on the frozen MT19937
stream, prices move in whole ticks, and sums run in a fixed order: no library version or processor can change a bit.
"""

from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache

import numpy as np

from core.domain.bars import FloatArray
from core.domain.instrument import AssetClass, Instrument
from core.market.instrument_classes import DEFAULT_COSTS
from core.market.price_series import PriceSeries, make_series

NOTICE = "synthetic: made by a seeded generator, not prices of any market"


@dataclass(frozen=True, slots=True)
class Recipe:
    """Parameters of one synthetic instrument."""

    instrument: Instrument
    first: date
    last: date
    seed: int
    price: float
    volatility: float
    """Standard deviation of a day's return."""
    gap: float
    """Standard deviation of the jump between two sessions, as a share of `volatility`."""
    volume: float
    """Mean volume of a minute."""
    quiet: float
    """Share of minutes without a trade, which have no bar."""
    weekdays: frozenset[int] = frozenset(range(5))


RECIPES: tuple[Recipe, ...] = (
    Recipe(
        Instrument(
            symbol="SYN-1M",
            name="Synthetic stock, 1-minute bars (made-up prices)",
            asset_class=AssetClass.SYNTHETIC,
            exchange="made up",
            session_open=570,
            session_close=960,
            tick=0.01,
            costs=DEFAULT_COSTS[AssetClass.EQUITY],
        ),
        date(2023, 1, 3),
        date(2024, 12, 31),
        seed=20_230_103,
        price=100.0,
        volatility=0.012,
        gap=0.5,
        volume=4_000.0,
        quiet=0.004,
    ),
    Recipe(
        Instrument(
            symbol="SYN-FX",
            name="Synthetic currency pair, 1-minute bars, 24x5 (made-up prices)",
            asset_class=AssetClass.SYNTHETIC,
            exchange="made up",
            days_per_year=260,
            calendar="24/5",
            day_roll=1020,
            tick=0.00001,
            costs=DEFAULT_COSTS[AssetClass.FOREX],
        ),
        date(2024, 1, 8),
        date(2024, 12, 27),
        seed=20_240_108,
        price=1.1,
        volatility=0.005,
        gap=0.1,
        volume=60.0,
        quiet=0.01,
    ),
    Recipe(
        Instrument(
            symbol="SYN-COIN",
            name="Synthetic coin, 1-minute bars, 24x7 (made-up prices)",
            asset_class=AssetClass.SYNTHETIC,
            exchange="made up",
            zone="UTC",
            days_per_year=365,
            calendar="24/7",
            tick=0.1,
            costs=DEFAULT_COSTS[AssetClass.CRYPTO],
            fractional=True,
            shortable=False,
        ),
        date(2024, 1, 1),
        date(2024, 12, 31),
        seed=20_240_101,
        price=40_000.0,
        volatility=0.03,
        gap=0.0,
        volume=2.0,
        quiet=0.002,
        weekdays=frozenset(range(7)),
    ),
)
HOLIDAYS = frozenset({(1, 1), (7, 4), (12, 25)})
"""Days without a session, month and day, where the market closes at night."""
SHORT_DAY = (12, 24)
SHORT_MINUTES = 180
"""Time by which the short day ends earlier."""
TAIL_CHANCE = 0.02
TAIL_SIZE = 3.0
FLAT_SHARE = 0.08
"""Share of minutes whose only trades were at one price."""


@lru_cache(maxsize=3)
def generate_bars(recipe: Recipe) -> PriceSeries:
    """All bars of one recipe; times are wall time, volume is whole units (hundredths for coins)."""
    stream = np.random.RandomState(recipe.seed)
    parts = []
    price, heat, drift = round(recipe.price / _tick(recipe)), 1.0, 0.0
    for day in _days(recipe):
        minutes = _minutes(recipe, day)
        heat, drift = _next_regime(stream, heat, drift)
        deviation = recipe.volatility * heat
        opening = price + int(np.floor(price * deviation * recipe.gap * float(_noise(stream, 1)[0]) + 0.5))
        part, price = _session(stream, recipe, max(opening, 100), deviation, drift, minutes)
        midnight = np.datetime64(day - timedelta(days=1) if recipe.instrument.day_roll else day, "s")
        parts.append((midnight + minutes.astype("timedelta64[m]"), *part))
    time, *columns = (np.concatenate(column) for column in zip(*parts, strict=True))
    kept = stream.random_sample(len(time)) >= recipe.quiet
    kept[[0, -1]] = True
    return make_series(time[kept], *(column[kept] for column in columns))


def _tick(recipe: Recipe) -> float:
    return recipe.instrument.tick or 0.01


def _days(recipe: Recipe) -> list[date]:
    span = (recipe.last - recipe.first).days + 1
    days = (recipe.first + timedelta(days=offset) for offset in range(span))
    holidays = HOLIDAYS if recipe.instrument.session_close < 1440 else frozenset()
    return [day for day in days if day.weekday() in recipe.weekdays and (day.month, day.day) not in holidays]


def _minutes(recipe: Recipe, day: date) -> np.ndarray:
    """Minutes since the midnight at which the trading day's date (or the evening before) begins, shape (n,)."""
    if recipe.instrument.day_roll:
        return np.arange(recipe.instrument.day_roll, recipe.instrument.day_roll + 1440)
    short = SHORT_MINUTES if (day.month, day.day) == SHORT_DAY and recipe.instrument.session_close < 1440 else 0
    return np.arange(recipe.instrument.session_open, recipe.instrument.session_close - short)


def _next_regime(stream: np.random.RandomState, heat: float, drift: float) -> tuple[float, float]:
    """Volatility that clusters (mean 1) and a slowly turning trend, one step a day."""
    shock = float(_noise(stream, 1)[0])
    heat = min(max(0.1 + 0.8 * heat + 0.1 * shock * shock, 0.4), 3.0)
    turn = stream.random_sample(2)
    if turn[0] < 0.03:
        drift = 0.5 * (float(turn[1]) - 0.45)
    return heat, drift


def _session(
    stream: np.random.RandomState, recipe: Recipe, opening: int, deviation: float, drift: float, minutes: np.ndarray
) -> tuple[tuple[FloatArray, ...], int]:
    """Open, high, low, close and volume of one session, and its last price in ticks."""
    count = len(minutes)
    busy = _activity_profile(count, around_the_clock=recipe.instrument.session_close == 1440)
    scale = opening * deviation * np.sqrt(busy / count)
    tails = np.where(stream.random_sample(count) < TAIL_CHANCE, TAIL_SIZE, 1.0)
    flat = stream.random_sample(count) < FLAT_SHARE * 2 / (1 + busy)
    steps = np.floor(scale * tails * _noise(stream, count) + opening * deviation * drift / count + 0.5).astype(np.int64)
    steps[flat] = 0
    closes = np.maximum(opening + np.cumsum(steps), 50)
    opens = np.append(opening, closes[:-1]) + np.where(flat, 0, np.floor(3 * stream.random_sample(count)).astype(np.int64) - 1)
    opens = np.where(flat, closes, np.maximum(opens, 50))
    reach = np.where(flat, 0.0, scale)
    highs = np.maximum(opens, closes) + np.floor(reach * stream.random_sample(count)).astype(np.int64)
    lows = np.maximum(np.minimum(opens, closes) - np.floor(reach * stream.random_sample(count)).astype(np.int64), 1)
    unit = 100.0 if recipe.volume < 10 else 1.0
    volume = np.floor(unit * recipe.volume * busy * (0.2 + 1.6 * stream.random_sample(count)) * np.sqrt(tails) + 1) / unit
    per_unit = round(1 / _tick(recipe))
    return (opens / per_unit, highs / per_unit, lows / per_unit, closes / per_unit, volume), int(closes[-1])


def _activity_profile(count: int, *, around_the_clock: bool) -> FloatArray:
    """Activity of each minute of a session against its mean: a U for exchanges, two gentle humps for markets that never close."""
    place = (np.arange(count) + 0.5) / count
    middle = 2 * place - 1
    square = middle * middle
    if around_the_clock:
        return np.asarray(0.55 + 1.8 * (1 - square) * (0.25 + square))
    return np.asarray(0.4 + 1.8 * square)


def _noise(stream: np.random.RandomState, count: int) -> FloatArray:
    """Nearly normal numbers of variance 1: twelve uniform ones added in a fixed order."""
    total = np.full(count, -6.0)
    for _ in range(12):
        total += stream.random_sample(count)
    return total
