"""The bars that ship: daily prices from files, and synthetic intraday bars. Always there, without a network."""

import csv
import gzip
import json
from datetime import date
from functools import cached_property
from pathlib import Path

import numpy as np

from core.domain.errors import MarketDataError
from core.domain.instrument import AssetClass, Listing, Timeframe
from core.market.instrument_classes import make_instrument
from core.market.price_series import PriceSeries, make_series
from core.market.source import Fetched
from core.market.synthetic import NOTICE, RECIPES, Recipe, generate_bars


class BundledSource:
    """Daily bars of a few well-known shares and currency pairs, `folder` being the shipped `data/bars`."""

    name = "bundled"

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._series: dict[str, PriceSeries] = {}

    @cached_property
    def _entries(self) -> dict[str, dict[str, str]]:
        path = self._folder / "index.json"
        try:
            index = json.loads(path.read_text(encoding="utf-8"))
        except (OSError, ValueError) as problem:
            raise MarketDataError(f"The bundled bars cannot be read ({path}): {problem}.", hint="Reinstall the product.") from problem
        return {entry["symbol"]: entry for entry in index["instruments"]}

    def listings(self) -> tuple[Listing, ...]:
        """Every bundled instrument."""
        return tuple(_listing(entry) for entry in self._entries.values())

    def find_listing(self, symbol: str) -> Listing | None:
        """The instrument of that symbol, if it ships."""
        entry = self._entries.get(symbol.upper())
        return _listing(entry) if entry else None

    def find_native(self, symbol: str, timeframe: Timeframe) -> Timeframe | None:
        """Daily bars serve days and weeks."""
        return None if timeframe.intraday else Timeframe.D1

    def fetch(self, symbol: str, timeframe: Timeframe, start: date | None, end: date | None) -> Fetched:
        """The whole file: it is small, and weeks need their neighbors."""
        entry = self._entries[symbol.upper()]
        if entry["symbol"] not in self._series:
            self._series[entry["symbol"]] = _read(self._folder / entry["file"])
        notice = (entry["notice"],) if "notice" in entry else ()
        return Fetched(_listing(entry).instrument, Timeframe.D1, self._series[entry["symbol"]], warnings=notice)


class SyntheticSource:
    """The labeled generator as a source."""

    name = "synthetic"

    def __init__(self) -> None:
        self._recipes = {recipe.instrument.symbol: recipe for recipe in RECIPES}

    def listings(self) -> tuple[Listing, ...]:
        """Every synthetic instrument."""
        return tuple(_synthetic_listing(recipe) for recipe in self._recipes.values())

    def find_listing(self, symbol: str) -> Listing | None:
        """The synthetic instrument of that symbol."""
        recipe = self._recipes.get(symbol.upper())
        return _synthetic_listing(recipe) if recipe else None

    def find_native(self, symbol: str, timeframe: Timeframe) -> Timeframe | None:
        """One minute serves everything."""
        return Timeframe.M1

    def fetch(self, symbol: str, timeframe: Timeframe, start: date | None, end: date | None) -> Fetched:
        """All minutes of the recipe."""
        recipe = self._recipes[symbol.upper()]
        return Fetched(recipe.instrument, Timeframe.M1, generate_bars(recipe), warnings=(NOTICE,))


def _listing(entry: dict[str, str]) -> Listing:
    return Listing(
        instrument=make_instrument(
            entry["symbol"], entry["name"], AssetClass(entry.get("class", "equity")), entry["exchange"], entry.get("currency", "")
        ),
        has_data=True,
        source=BundledSource.name,
        timeframes=(Timeframe.D1, Timeframe.W1),
        first=date.fromisoformat(entry["first"]),
        last=date.fromisoformat(entry["last"]),
    )


def _synthetic_listing(recipe: Recipe) -> Listing:
    return Listing(
        instrument=recipe.instrument,
        has_data=True,
        source=SyntheticSource.name,
        timeframes=tuple(Timeframe),
        first=recipe.first,
        last=recipe.last,
    )


def _read(path: Path) -> PriceSeries:
    """A shipped file: Date, Open, High, Low, Close, Volume, Adj Close; raw prices, oldest first."""
    try:
        with gzip.open(path, "rt", encoding="ascii", newline="") as stream:
            rows = list(csv.reader(stream))[1:]
        dates, *columns = zip(*rows, strict=True)
        time = np.array(dates, dtype="datetime64[D]").astype("datetime64[s]")
        open_, high, low, close, volume, adjusted_close = (np.array(column, dtype=np.float64) for column in columns)
    except (OSError, EOFError, ValueError) as problem:
        raise MarketDataError(f"The bundled file {path.name} cannot be read: {problem}.", hint="Reinstall the product.") from problem
    return make_series(time, open_, high, low, close, volume, adjusted_close / close)
