"""Numbers that a JSON document writes as an object: in parts, with their currency, or beside the text that a page shows."""

from decimal import Decimal, InvalidOperation
from typing import Any

CURRENCIES = frozenset(("currency", "currencycode", "unit"))
PARTS = frozenset(("nano", "nanos"))
NANO = Decimal("1e-9")


def read_cell(value: dict[str, Any]) -> str | None:
    """The number of an object that is one; None for any other.

    >>> read_cell({"units": "130", "nano": "260000000"}), read_cell({"raw": "130.26", "fmt": "130"})
    ('130.26', '130.26')
    >>> read_cell({"value": "13026", "scale": "2"}), read_cell({"amount": "130.26", "currency": "USD"}), read_cell({"o": "1"})
    ('130.26', '130.26', None)
    """
    cells = {name.lower(): cell for name, cell in value.items()}
    names = cells.keys() - CURRENCIES
    try:
        if "units" in names and names <= {"units", *PARTS}:
            return _write(Decimal(str(cells["units"])) + sum(Decimal(str(cells[name])) * NANO for name in names & PARTS))
        if names == {"value", "scale"}:
            return _write(Decimal(str(cells["value"])).scaleb(-int(cells["scale"])))
    except (InvalidOperation, ValueError):
        return None
    if names >= {"raw", "fmt"} and names <= {"raw", "fmt", "longfmt"}:
        return str(cells["raw"])
    alone = next(iter(names)) if len(names) == 1 else ""
    return str(cells[alone]) if alone in ("amount", "value") and len(cells) == 2 else None


def _write(number: Decimal) -> str:
    return format(number.normalize(), "f")
