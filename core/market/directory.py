"""The bundled directory of well-known instruments: what can be found without a network. Facts only, no bars."""

import csv
from functools import cached_property
from pathlib import Path

from core.domain.errors import MarketDataError
from core.domain.instrument import AssetClass, Listing, Timeframe
from core.market.coin_names import read_coin, read_coin_pair
from core.market.instrument_classes import make_instrument, parse_currency_pair


class Directory:
    """Instruments of `instruments.csv` in a folder; `source` and `timeframes` say who would deliver their bars, and in which lengths."""

    def __init__(self, folder: Path, *, source: str, timeframes: tuple[Timeframe, ...]) -> None:
        self._path = folder / "instruments.csv"
        self._source = source
        self._timeframes = timeframes

    @cached_property
    def listings(self) -> dict[str, Listing]:
        """Every instrument by its symbol."""
        try:
            with self._path.open(encoding="utf-8", newline="") as stream:
                rows = list(csv.DictReader(line for line in stream if not line.startswith("#")))
        except OSError as problem:
            message = f"The directory of instruments cannot be read ({self._path.name}): {problem.strerror}."
            raise MarketDataError(message, hint="Reinstall the product.") from problem
        return {row["symbol"]: self._listing(row) for row in rows}

    def find_listing(self, symbol: str) -> Listing | None:
        """The instrument of that symbol; pairs of currencies and of coins however they are written."""
        return self.listings.get(symbol.upper()) or self.listings.get(parse_currency_pair(symbol) or "") or self._find_coin(symbol)

    def _find_coin(self, symbol: str) -> Listing | None:
        """The coin of a pair, `XBTUSD` and `BTC/USD`; or of a name that only an exchange of coins gives it, in dollars."""
        coin = read_coin(symbol)
        pair = read_coin_pair(symbol) or ((coin, "USD") if coin else None)
        return self.listings.get("-".join(pair)) if pair else None

    def _listing(self, row: dict[str, str]) -> Listing:
        instrument = make_instrument(row["symbol"], row["name"], AssetClass(row["class"]), row["exchange"], row["currency"])
        return Listing(instrument=instrument, has_data=False, source=self._source, timeframes=self._timeframes)
