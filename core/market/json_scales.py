"""Whole numbers of a JSON document that stand for parts of a price, as a value beside the table says."""

import re
from collections.abc import Callable
from decimal import Decimal

from core.market.headers import CLOSES, PRICES, find_role

DIVISORS = ("pricescale", "price_scale", "divisor", "price_divisor", "pricedivisor", "scale_factor", "scalefactor")
EXPONENTS = ("exponent", "price_exponent", "priceexponent", "scale")
SHOWN = ("decimals", "price_decimals", "pricedecimals", "decimal_places", "decimalplaces", "digits")
"""Names of a divisor, of a number of places behind the point, and of one that may be that of a display alone."""
FEWEST = 10
"""Rows from which on whole numbers in all prices are no chance."""
MOST_PLACES = 9


def scale_prices(
    names: list[str], rows: list[list[str]], find: Callable[[tuple[str, ...]], str]
) -> tuple[list[list[str]], tuple[str, ...], tuple[str, ...]]:
    """The rows with prices as they are, words about it, and a remark where a number of decimals leaves doubt.

    `find` gives the text under one of several names beside the table.

    >>> rows = [["1", "13026", "13145", "12995", "13142"]] * 10
    >>> scale_prices(["t", "o", "h", "l", "c"], rows, lambda names: {"pricescale": "100"}.get(names[0], ""))[0][0]
    ['1', '130.26', '131.45', '129.95', '131.42']
    """
    wanted = (*PRICES, *CLOSES, "adjusted")
    priced = [place for place, name in enumerate(names) if find_role(name).rpartition(" ")[2] in wanted]
    if not any(names):
        priced = list(range(1, 5))
    whole = len(rows) >= FEWEST and len(priced) >= len(PRICES)
    if not whole or not all(re.fullmatch(r"\d*", row[place]) for row in rows for place in priced if place < len(row)):
        return rows, (), ()
    if (found := find(DIVISORS)) and re.fullmatch(r"10{1,9}", found):
        places = len(found) - 1
    elif (found := find(EXPONENTS)) and re.fullmatch(r"-?[1-9]", found):
        places = abs(int(found))
    else:
        shown = find(SHOWN)
        doubt = f"the file speaks of {shown} decimals, and every price is whole: if they are parts of a price, write them with a point"
        return rows, (), (doubt,) if re.fullmatch(r"[1-9]", shown) else ()
    divided = [[_divide(cell, places) if place in priced and cell else cell for place, cell in enumerate(row)] for row in rows]
    return divided, (f"prices divided by {10**places:,}, as the file says beside them",), ()


def _divide(cell: str, places: int) -> str:
    return format(Decimal(cell).scaleb(-places), "f")
