"""Roles of columns by their names. A table of names as exports really write them; no values are looked at."""

import re
from collections.abc import Iterable

NAMES: dict[str, str] = {
    "date": "date datetime timestamp day opentime gmttime localtime datum dt unix dateandtime period tradedate fecha",
    "time": "time hour zeit",
    "open": "open o openprice openingprice eröffnung eroffnung erster apertura ouverture",
    "high": "high h highprice dayhigh hoch tageshoch max alto haut",
    "low": "low l lowprice daylow tief tagestief min bajo bas",
    "close": "close c closeprice closingprice closelast last lastprice price settle settlement schluss schlusskurs cierre dernier",
    "adjusted": "adjclose adjustedclose closeadj adjcloseprice adjusted",
    "volume": "volume vol v volumen basevolume shares totalvolume stück stuck",
    "ticks": "tickvol tickvolume numberoftrades trades tradecount",
    "symbol": "symbol ticker instrument code",
}
"""Names of each role, letters only, separated by blanks."""
ROLE_OF = {name: role for role, names in NAMES.items() for name in names.split()}
PRICES = ("open", "high", "low", "close")


def find_role(name: str) -> str:
    """Role of a column by its name, empty when unknown.

    >>> find_role("<OPEN>"), find_role("5. adjusted close"), find_role("Close/Last"), find_role("Dividends")
    ('open', 'adjusted', 'close', '')
    """
    plain = re.sub(r"\([^)]*\)", "", name.strip().lower())
    plain = re.sub(r"^\d+[.a-z]*\.\s*", "", plain)
    letters = re.sub(r"[^a-zäöüß]", "", plain).removesuffix("utc")
    return ROLE_OF.get(letters) or ("volume" if letters.startswith("volume") else "")


def count_price_names(row: Iterable[str]) -> int:
    """Count the prices (open, high, low, close) that a row of cells names: a header names at least three."""
    return len({find_role(cell) for cell in row} & set(PRICES))


def find_roles(names: tuple[str, ...]) -> dict[str, list[int]]:
    """Places of the columns of each role; a lone `time` column is the date, and so is an unnamed first one."""
    found: dict[str, list[int]] = {}
    for place, name in enumerate(names):
        if role := find_role(name):
            found.setdefault(role, []).append(place)
    if "date" not in found and "time" in found:
        found["date"] = found.pop("time")
    if "date" not in found and names and (not names[0].strip() or names[0].lower() in ("index", "unnamed: 0", "price")):
        found["date"] = [0]
    return found
