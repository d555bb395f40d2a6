"""Number parsing: thousands and decimal marks, currency signs, K/M/B. Nothing is guessed where both readings are possible."""

import re
import unicodedata
from typing import Any

import numpy as np

from core.domain.bars import FloatArray

BLANK = frozenset(
    (
        *("", "-", "--", "---", "nan", "na", "n/a", "#n/a", "null", "none", "nat", ".", "..", "…", "–", "—", "n.a.", "\\n", "missing"),
        *("#div/0!", "#value!", "#ref!", "#num!", "#name?", "n/e", "n/d", "n.d.", "nd", "s/d", "k.a.", "no data", "not available"),
    )
)
MULTIPLES = {
    **{"K": 1e3, "M": 1e6, "B": 1e9, "T": 1e12, "MIO": 1e6, "TSD": 1e3, "MRD": 1e9, "MLN": 1e6, "BN": 1e9},
    **{"L": 1e5, "LAC": 1e5, "LAKH": 1e5, "CR": 1e7, "CRORE": 1e7},
    **{"MN": 1e6, "MM": 1e6, "MI": 1e6, "BI": 1e9, "MLD": 1e9, "MLRD": 1e9, "ТЫС": 1e3, "МЛН": 1e6, "МЛРД": 1e9},
    **{"万": 1e4, "萬": 1e4, "億": 1e8, "亿": 1e8, "천": 1e3, "만": 1e4, "백만": 1e6, "억": 1e8},
}
MULTIPLE = re.compile(f"({'|'.join(sorted(MULTIPLES, key=len, reverse=True))})\\.?$", re.IGNORECASE)
"""A multiple behind a number; `mil` is none, since it is a thousand in Spanish and a million in English."""
HEAD = 50
"""Cells that are looked at before all are."""
MARKS = "'’ʼ`\\s"
"""Marks that may stand before every third digit: apostrophes and blanks of any width."""
WITH_COMMA = r"[+-]?(\d+|\d{1,3}(\.\d{3})+)(,\d*)?|[+-]?,\d+"
WITH_DOT = r"[+-]?(\d+|\d{1,3}(,\d{2,3})*,\d{3})(\.\d*)?|[+-]?\.\d+"
MONEY = re.compile(
    r"^(?:[A-Z]{1,3}(?=[$€£¥]))?(?:[$€£¥₹₩₽₺₫₪₱฿]|[A-Z]{3}(?=[\s\d])|(?:Rs|Rp|RM|TL|kr|zł|Kč|Ft|Fr)\.?(?=\d))"
    r"|(?:[$€£¥₹₩₽₺₫₪₱฿%]|(?<=\d)[ps]|(?<=[\d\s])(?:[A-Z]{3}|TL|kr|zł|Kč|Ft|Fr|руб|元|円|원)\.?)$"
)
"""Signs, codes and short names of currencies before a number or behind it, and the letter of a settlement price."""
MIXED = re.compile(r"(?:(\d+)[\s-]+)?(\d{1,3})/(2|4|8|16|32|64|128|256)")
"""Whole numbers with a fraction, as prices were quoted once: `98 7/8`, `98-7/8`."""
EXPONENT = r"([eE][+-]?\d{1,3})?"


class AmbiguousNumbersError(ValueError):
    """Numbers that can be read in two ways."""


def parse_numbers(column: Any, *, decimal_comma: bool = False) -> tuple[FloatArray, int]:
    """The column as float64, NaN where nothing stood, and how many cells held something that is no number."""
    import pandas

    if pandas.api.types.is_numeric_dtype(column.dtype) and not pandas.api.types.is_bool_dtype(column.dtype):
        numbers = np.array(column.to_numpy(dtype=np.float64, na_value=np.nan))
        infinite = np.isinf(numbers)
        numbers[infinite] = np.nan
        return numbers, int(infinite.sum())
    text = column.astype(str)
    numbers = np.array(pandas.to_numeric(_with_dots(text) if decimal_comma else text, errors="coerce"), dtype=np.float64)
    bad = ~np.isfinite(numbers)
    if not bad.any():
        return numbers, 0
    numbers[bad] = np.nan
    texts = text[bad]
    known = {cell: parse_number(cell, decimal_comma=decimal_comma) for cell in texts.unique()}
    values = [known[cell] for cell in texts]
    numbers[np.flatnonzero(bad)] = [np.nan if value is None else value for value in values]
    return numbers, sum(value is None for value in values)


def _with_dots(text: Any) -> Any:
    """Texts with a decimal comma and no other mark as `to_numeric` reads them; others blank, since a dot among them groups thousands."""
    joined = "\n".join(text)
    whole = "." not in joined and not re.search(r"[^\d,\n+-]", joined)
    plain = text if whole else text.where(text.str.fullmatch(r"\s*[+-]?\d+(?:,\d*)?\s*"), "")
    return plain.str.replace(",", ".", n=2 if whole else 1, regex=False)


def holds_numbers(column: Any) -> bool:
    """True where most of the first filled cells are numbers, with either mark."""
    if column.dtype.kind in "fiu":
        return True
    if column.dtype.kind in "bMm":
        return False
    cells = list_filled(column.head(500))[:HEAD]
    return len(cells) > 0 and sum(
        any(parse_number(cell, decimal_comma=comma) is not None for comma in (False, True)) for cell in cells
    ) > 0.9 * len(cells)


def find_unreadable(column: Any, *, decimal_comma: bool = False) -> tuple[int, str] | None:
    """Place and text of the first cell that is no number; None when every cell is one or blank."""
    import pandas

    if pandas.api.types.is_numeric_dtype(column.dtype) and not pandas.api.types.is_bool_dtype(column.dtype):
        return None
    for place, cell in enumerate(column.astype(str)):
        if parse_number(cell, decimal_comma=decimal_comma) is None:
            return place, cell.strip()
    return None


def uses_decimal_comma(columns: list[Any]) -> bool:
    """True when prices are written 1.234,56. Raises AmbiguousNumbersError when `1,234` could be either."""
    cells = [text for column in columns if column.dtype.kind not in "fiu" for text in column.astype(str).head(2000) if "," in text]
    if not cells:
        return False
    if any(re.search(r",\d{3}[.]\d|,\d{2,3},\d{3}", text) for text in cells):
        return False
    if any(re.search(r",\d+[eE][+-]?\d|[.'’]\d{3},|,\d{1,2}\s*[^\d\s.,]*\.?$|,\d{4,}$|\d{4},\d|^-?0,\d", text.strip()) for text in cells):
        return True
    raise AmbiguousNumbersError(f"'{cells[0].strip()[:30]}' may be a decimal comma or a thousands mark; say which")


def list_filled(column: Any, *, zero: bool = False) -> list[str]:
    """The cells of a column in which a number should stand; those of nothing but a zero where they count."""
    return [cell for cell in column.astype(str).str.strip() if cell.lower() not in BLANK and (zero or cell != "0")]


def groups_thousands(column: Any) -> bool:
    """True when a dot stands before every third digit on all rows, as in 405.900 shares: then it groups thousands.

    >>> import pandas
    >>> groups_thousands(pandas.Series(["405.900", "1.201.300", "-"])), groups_thousands(pandas.Series(["405.900", "0.125"]))
    (True, False)
    """
    if column.dtype.kind in "fiu":
        return False
    if any(not re.fullmatch(r"[1-9]\d{0,2}(\.\d{3})+", cell) for cell in list_filled(column.head(HEAD))):
        return False
    cells = list_filled(column)
    return len(cells) > 1 and all(re.fullmatch(r"[1-9]\d{0,2}(\.\d{3})+", cell) for cell in cells)


def parse_number(text: str, *, decimal_comma: bool) -> float | None:
    """The number in a text, NaN for a blank, None when it is no number.

    >>> parse_number("1'234.50", decimal_comma=False), parse_number("1.234,5 EUR", decimal_comma=True)
    (1234.5, 1234.5)
    >>> parse_number("1,5", decimal_comma=False), parse_number("120.5", decimal_comma=True), parse_number("7 7", decimal_comma=False)
    (None, None, None)
    >>> parse_number("98 7/8", decimal_comma=False), parse_number("98½", decimal_comma=True), parse_number("7/9", decimal_comma=False)
    (98.875, 98.5, None)
    """
    plain = unicodedata.normalize("NFKC", re.sub(r"([¼-¾⅐-⅞])", r" \1", text)).replace("⁄", "/") if not text.isascii() else text
    plain = plain.strip().strip("\"'")
    if plain.lower() in BLANK or plain[:4].lower() == "#n/a":
        return float("nan")
    if "/" in plain and (mixed := MIXED.fullmatch(plain)) and int(mixed[2]) < int(mixed[3]):
        return int(mixed[1] or 0) + int(mixed[2]) / int(mixed[3])
    grouped = _without_group_marks(plain)
    if grouped is None:
        return None
    plain = MONEY.sub("", grouped)
    plain = re.sub(r"(?<=[\d\s])\s*(?:shares|shs|stk|stück|pcs|lots?|contracts|手|股|株|주|шт)\.?$", "", plain, flags=re.IGNORECASE)
    multiple = 1.0
    if found := MULTIPLE.search(plain):
        multiple, plain = MULTIPLES[found.group(1).upper()], plain[: found.start()]
    if not re.fullmatch(f"(?:{WITH_COMMA if decimal_comma else WITH_DOT}){EXPONENT}", plain):
        return None
    plain = plain.replace(".", "").replace(",", ".") if decimal_comma else plain.replace(",", "")
    value = float(plain) * multiple
    return value if np.isfinite(value) else None


def _without_group_marks(text: str) -> str | None:
    """The text without blanks around its number and marks between its thousands; None where marks stand elsewhere in the number."""
    plain = re.sub(r"(?<!\d)\s+|\s+(?!\d)", "", text)
    found = re.search(rf"\d[\d{MARKS}]*\d", plain)
    if found is None or not re.search(rf"[{MARKS}]", found.group()):
        return plain
    if not re.fullmatch(rf"\d{{1,3}}(?:[{MARKS}]\d{{3}})+", found.group()):
        return None
    return plain[: found.start()] + re.sub(rf"[{MARKS}]", "", found.group()) + plain[found.end() :]
