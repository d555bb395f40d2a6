"""Currency of the prices, as a file says it: in a line above, a header, a column, beside a table of JSON, or at the numbers."""

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from core.domain.instrument import HUNDREDTHS, AssetClass, Instrument
from core.market.header_names import split_words
from core.market.header_rows import pair_of
from core.market.headers import CLOSES, find_role
from core.market.instrument_classes import CURRENCIES
from core.market.table import Table

NAMES = split_words(
    "currency ccy curr currencycode tradingcurrency quotecurrency pricecurrency curcdd währung waehrung devise divisa moneda moeda valuta "
    "waluta měna mena валюта 通貨 货币 幣別 币种 통화"
)
"""Names of a value that is the currency, letters only."""
KNOWN = CURRENCIES | split_words("RUB SAR AED QAR KWD EGP NGN KES VND PKR LKR BDT COP PEN ARS UAH BGN ISK KZT USDT USDC")
PARTS = HUNDREDTHS | {"pence": "GBp", "p": "GBp"}
"""Names of hundredths in which shares are quoted."""
WHOLE = {"GBp": "GBP", "ZAc": "ZAR", "ILA": "ILS"}
WORDS = {
    **{"euro": "EUR", "euros": "EUR", "€": "EUR", "sterling": "GBP", "£": "GBP", "yen": "JPY", "₹": "INR", "₩": "KRW", "₽": "RUB"},
    **{"₺": "TRY", "zł": "PLN", "us dollars": "USD", "us dollar": "USD", "us$": "USD", "swiss francs": "CHF", "円": "JPY", "원": "KRW"},
}
DOLLAR, DOLLARS = "$", split_words("USD CAD AUD NZD HKD SGD TWD MXN BRL ARS CLP COP")
"""The sign of many currencies, and those that it may stand for."""
QUOTED_IN = re.compile(
    r"(?i)\b(?:prices?|quotes?|quoted|values?|amounts?|kurse|preise|cours|denominated|expressed|figures)\b[^:]*\bin\s+(.+)$"
)
HEAD = 50


def read_currency(text: str) -> str:
    """The currency that a word or a sign names, as instruments write it; empty where it is none.

    >>> read_currency("EUR"), read_currency("GBX"), read_currency("gbp"), read_currency("pence sterling"), read_currency("$")
    ('EUR', 'GBp', 'GBP', 'GBp', '')
    """
    plain = text.strip().strip("().:;\"'")
    first = plain.split()[0] if plain else ""
    if found := PARTS.get(plain) or PARTS.get(first) or PARTS.get(first.upper() if len(first) > 2 and first != "GBP" else ""):
        return found
    if (code := first.upper()) in KNOWN and len(plain) <= len(code) + 12:
        return code
    return WORDS.get(plain.lower()) or WORDS.get(first.lower(), "")


def find_currency_above(rows: Iterable[Sequence[str]]) -> str:
    """The currency that lines above a header name: `Currency: EUR`, `Prices in GBX`; empty without one.

    >>> find_currency_above([["Currency", "EUR"]]), find_currency_above([["Prices in GBX"]]), find_currency_above([["Made in EUR style"]])
    ('EUR', 'GBp', '')
    """
    for row in rows:
        name, value = pair_of(row)
        if _letters(name) in NAMES and (found := read_currency(value)):
            return found
        words = " ".join(cell.strip() for cell in row if cell.strip())
        if (said := QUOTED_IN.search(words)) and (found := read_currency(said[1])):
            return found
    return ""


def read_units(names: Sequence[str], units: Sequence[str]) -> tuple[str, str]:
    """Currency of the prices and unit of the volume out of a line of units below a header.

    >>> read_units(["Date", "Close", "Volume"], ["", "(EUR)", "mln shares"])
    ('EUR', 'mln shares')
    """
    roles = {find_role(name): unit.strip(" ()[]") for name, unit in zip(names, units, strict=False)}
    return next((read_currency(roles[role]) for role in CLOSES if role in roles), ""), roles.get("volume", "")


def find_currency(table: Table, places: Mapping[str, int]) -> tuple[str, tuple[str, ...]]:
    """The currency of the prices, empty where nothing tells it, and a remark where a column names several."""
    for name, column in zip(table.names, table.columns, strict=True):
        if _letters(name) not in NAMES:
            continue
        codes = list(dict.fromkeys(filter(None, (read_currency(str(cell)) for cell in column.unique()))))
        if len(codes) > 1:
            return "", (f"'{name.strip()}' says {' and '.join(codes[:4])}: the prices are as they stand, and not converted",)
        if codes:
            return codes[0], ()
    header = table.names[places["close"]]
    words = re.findall(r"[(\[]([^)\]]*)[)\]]", header) or re.split(r"[\s_]+", header.strip())[1:][-1:]
    told = next(filter(None, map(_read_in_header, words)), "")
    return told or _find_at_numbers(table.columns[places["close"]]) or table.currency, ()


def settle_currency(found: Instrument, said: str, *, told: bool) -> tuple[Instrument, tuple[str, ...]]:
    """The instrument in the currency that its file says, with a question where another was known for it; pairs name their own."""
    pair = found.asset_class in (AssetClass.CRYPTO, AssetClass.FOREX) and told
    if not said or said == found.currency or pair:
        return found, ()
    if said == DOLLAR:
        known = not told or found.currency in DOLLARS
        return found, () if known else (f"{found.symbol} is quoted in {found.currency}, and the numbers carry a $: is it this instrument?",)
    changed = found.changed(currency=said)
    if not told:
        return changed, ()
    doubt = "are the prices in whole units" if WHOLE.get(found.currency) == said else "is it this instrument"
    return changed, (f"{found.symbol} is quoted in {found.currency}, and the file says {said}: {doubt}?",)


def _read_in_header(words: str) -> str:
    """A currency beside the name of a price: codes in capitals and signs alone, since small letters are words."""
    return next(
        (found for word in words.split() if (word in PARTS or word in KNOWN or word in WORDS) and (found := read_currency(word))), ""
    )


def _find_at_numbers(column: Any) -> str:
    """The currency whose code or sign stands at each of the first numbers."""
    if column.dtype.kind in "biufMm":
        return ""
    cells = [cell for cell in column.head(HEAD).astype(str).str.strip() if cell]
    if cells and all("$" in cell and not re.search(r"[A-Z]", cell) for cell in cells):
        return DOLLAR
    marks = {read_currency(re.sub(r"[\d.,\s'’+-]", "", cell)) for cell in cells}
    return marks.pop() if len(marks) == 1 else ""


def _letters(name: str) -> str:
    return "".join(letter for letter in name.lower() if letter.isalpha())
