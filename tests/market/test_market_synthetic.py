import hashlib

import numpy as np
import pytest

from core.domain.instrument import AssetClass, Timeframe
from core.market.price_series import COLUMNS
from core.market.resample import resample, shape_of
from core.market.synthetic import RECIPES, Recipe, generate_bars

HASHES = {
    "SYN-1M": "2f511d027f3325d390544c38a613cd12f807170c79c152b0d529286ca95296b4",
    "SYN-FX": "21ef1aaf462b5aea4a8c5e428951e7648442cc97e1e0adbe7c3ee67758c3f7c6",
    "SYN-COIN": "20cce743b4a60aaa7ed7d26c7a7a9de995b664fd87ab03a811fd8d0a0da871b9",
}
"""SHA-256 over the columns: the same on every machine and library version, or stored runs could not be repeated."""


@pytest.mark.parametrize("recipe", RECIPES, ids=lambda recipe: recipe.instrument.symbol)
def test_the_bars_are_the_same_everywhere(recipe: Recipe) -> None:
    series, digest = generate_bars(recipe), hashlib.sha256()
    for name in COLUMNS:
        column = getattr(series, name)
        digest.update(column.astype("<i8" if name == "time" else "<f8").tobytes())

    assert digest.hexdigest() == HASHES[recipe.instrument.symbol]


@pytest.mark.parametrize("recipe", RECIPES, ids=lambda recipe: recipe.instrument.symbol)
def test_the_bars_are_possible_ones(recipe: Recipe) -> None:
    series = generate_bars(recipe)

    assert recipe.instrument.asset_class is AssetClass.SYNTHETIC
    assert "ynthetic" in recipe.instrument.name
    assert (series.low > 0).all()
    assert (series.high >= np.maximum(series.open, series.close)).all()
    assert (series.low <= np.minimum(series.open, series.close)).all()
    assert (np.diff(series.time.astype(np.int64)) > 0).all()
    assert 0.05 < np.mean(series.high == series.low) < 0.2


def test_a_session_has_its_hours_its_u_shape_and_its_overnight_jump() -> None:
    recipe = RECIPES[0]
    series = generate_bars(recipe)
    minute = series.time.astype(np.int64) // 60 % 1440
    daily = resample(series, Timeframe.M1, Timeframe.D1, shape_of(recipe.instrument))

    assert (minute.min(), minute.max()) == (570, 959)
    assert series.volume[minute < 600].mean() > 2 * series.volume[(minute > 720) & (minute < 780)].mean()
    assert np.mean(np.abs(daily.open[1:] / daily.close[:-1] - 1) > 0.001) > 0.5


def test_the_currency_pair_trades_from_sunday_evening_to_friday_afternoon() -> None:
    recipe = next(recipe for recipe in RECIPES if recipe.instrument.symbol == "SYN-FX")
    series = generate_bars(recipe)
    weekday = (series.time.astype("datetime64[D]").astype(np.int64) + 3) % 7
    minute = series.time.astype(np.int64) // 60 % 1440

    assert 5 not in weekday
    assert minute[weekday == 6].min() == 1020
    assert minute[weekday == 4].max() == 1019
