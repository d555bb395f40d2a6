"""Number parsing: thousands and decimal marks, currency signs, K/M/B. Nothing is guessed where both readings are possible."""

import re
from typing import Any

import numpy as np

from core.domain.bars import FloatArray

BLANK = frozenset({"", "-", "--", "nan", "na", "n/a", "#n/a", "null", "none", "nat", "."})
MULTIPLES = {"K": 1e3, "M": 1e6, "B": 1e9, "T": 1e12}


class AmbiguousNumbersError(ValueError):
    """Numbers that can be read in two ways."""


def parse_numbers(column: Any, *, decimal_comma: bool = False) -> tuple[FloatArray, int]:
    """The column as float64, NaN where nothing stood, and how many cells held something that is no number."""
    import pandas

    if pandas.api.types.is_numeric_dtype(column.dtype) and not pandas.api.types.is_bool_dtype(column.dtype):
        numbers = np.array(column.to_numpy(dtype=np.float64, na_value=np.nan))
    else:
        plain = column.astype(str).str.replace(".", "", regex=False).str.replace(",", ".", regex=False) if decimal_comma else column
        numbers = np.array(pandas.to_numeric(plain, errors="coerce").to_numpy(dtype=np.float64, na_value=np.nan))
    bad = ~np.isfinite(numbers)
    if not bad.any():
        return numbers, 0
    numbers[bad] = np.nan
    if pandas.api.types.is_numeric_dtype(column.dtype):
        return numbers, int(np.isinf(column.to_numpy(dtype=np.float64, na_value=np.nan)).sum())
    unreadable = 0
    texts = column[bad].astype(str)
    known = {text: _parse_number(text, decimal_comma=decimal_comma) for text in texts.unique()}
    for place, text in zip(np.flatnonzero(bad), texts, strict=True):
        value = known[text]
        if value is None:
            unreadable += 1
        else:
            numbers[place] = value
    return numbers, unreadable


def uses_decimal_comma(columns: list[Any]) -> bool:
    """True when prices are written 1.234,56. Raises AmbiguousNumbersError when `1,234` could be either."""
    cells = [text for column in columns if column.dtype.kind not in "fiu" for text in column.astype(str).head(2000) if "," in text]
    if not cells:
        return False
    if any(re.search(r",\d{3}[.]\d|,\d{3},\d{3}", text) for text in cells):
        return False
    if any(re.search(r"[.]\d{3},|,\d{1,2}$|,\d{4,}$", text.strip()) for text in cells):
        return True
    raise AmbiguousNumbersError(f"'{cells[0].strip()}' may be a decimal comma or a thousands mark")


def _parse_number(text: str, *, decimal_comma: bool) -> float | None:
    """The number in a text, NaN for a blank, None when it is no number."""
    plain = text.strip().strip("'\"").replace("\u00a0", "").replace("\u202f", "").replace(" ", "")
    if plain.lower() in BLANK:
        return float("nan")
    plain = re.sub(r"^[$€£¥]|[$€£¥%]$", "", plain)
    multiple = MULTIPLES.get(plain[-1:].upper(), 0.0)
    plain = plain[:-1] if multiple else plain
    plain = plain.replace(".", "").replace(",", ".") if decimal_comma else plain.replace(",", "")
    if not re.fullmatch(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d{1,3})?", plain):
        return None
    value = float(plain) * (multiple or 1.0)
    return value if np.isfinite(value) else None
