"""Rows whose cells stand in columns of a fixed width, as the exchange of Brazil writes its days."""

Rows = tuple[list[str], list[list[str]]]
MARK, RECORD = "00COTAHIST.", "01"
"""Beginning of such a text, and of its records of a day."""
WIDTH = 217
"""Characters that a record has at least."""
SYMBOL, DATE, VOLUME, FACTOR = slice(12, 24), slice(2, 10), slice(152, 170), slice(210, 217)
PRICES = {"Open": slice(56, 69), "High": slice(69, 82), "Low": slice(82, 95), "Close": slice(108, 121)}
"""Places of the cells; prices are in hundredths, for as many shares as the factor says.

Source: B3, Layout do arquivo de cotações históricas.
"""


def read_fixed(text: str) -> Rows | None:
    """Names and rows of a text with fixed columns; None for any other. Raises ValueError for records that are cut.

    >>> read_fixed("Date,Open,High,Low,Close")
    """
    if not text.startswith(MARK):
        return None
    records = [line for line in text.splitlines() if line.startswith(RECORD)]
    if short := sum(len(line) < WIDTH for line in records):
        raise ValueError(f"{short} of its {len(records)} records are shorter than {WIDTH} characters")
    return ["Symbol", "Date", *PRICES, "Volume"], [_read_record(line) for line in records]


def _read_record(line: str) -> list[str]:
    factor = int(line[FACTOR]) or 1
    prices = [f"{int(line[place]) / 100 / factor:.10g}" for place in PRICES.values()]
    return [line[SYMBOL].strip(), line[DATE], *prices, str(int(line[VOLUME]))]
