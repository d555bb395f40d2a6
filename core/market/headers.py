"""Roles of columns by their names, in the languages and dialects of the common exports. No values are looked at."""

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from core.market.header_names import LANGUAGE_WORDS, PLAIN_NAMES, split_words
from core.market.table import SeveralInstrumentsError
from core.market.volume_units import names_money, names_unit


def _letters(text: str) -> str:
    """Letters alone; the two letters that Turkish has for an i are one, since capitals do not tell them apart."""
    return "".join(letter for letter in text if letter.isalpha() or letter == "_").strip("_").replace("_", "").replace("ı", "i")


ROLE_OF = {_letters(unicodedata.normalize("NFKC", name).lower()): role for role, names in PLAIN_NAMES.items() for name in names.split()}
PRICES = ("open", "high", "low", "close")
"""Roles that a person can give to a column."""
CLOSES = ("close", "settle", "last", "price")
"""Columns that may be the close, the better one first."""
VOLUMES = ("shares", "volume")
PLAIN_ROLES = ("adjusted", "factor", "splits", "ticks", "symbol", "zone", "year", "month", "minute")
"""Roles for which the column that is named best is taken."""
SIDES = ("mid", "bid", "ask")
"""Sides of a quoted price, the better one first."""
APART = frozenset((*SIDES, "adj", "adjusted", "adjustment", "previous", "prev", "prior", "time", "date", "price", "prices"))
"""Words beside a price that name no instrument."""
OTHER_THINGS = re.compile(
    r"prev|prior|vorher|vortag|gestern|précéd|\bpréc\b|veille|anterior|\bant\.|precedente|\bprec\.|yesterday|poprzedni|předchozí|előző|föreg|"
    r"forrige|önceki|52|(?:close|high|low) ?time$|(?<!ex)change|chg|variation|veränderung|前日|昨收|전일|day ?before|"
    r"[\[(]\s*(?:t\s*)?[-−]?\s*[1-9]\d?\s*[\])]$|(?<![a-z])(?:ha|log|norm|scaled|smoothed|predicted|forecast)[ _]|heikin"
)
"""Words of what is no price of this bar: that of another one (`Open[1]`), a forecast, or made of prices, as candles of Heikin-Ashi are."""
PIECES = re.compile(r"\b(?:in|of) (?:stück|stueck|stk|shares|pieces|units|contracts|kontrakten|akci[ií]|szt|titres|titoli|acciones)\b")
"""Words that make a turnover or a volume a number of shares."""
LEVELS = re.compile(r"\((?:'[^']*'(?:, ?)?){2,}\)")
"""A name of several levels, as pandas writes it: `('Close', 'AAPL')`."""
PARTS_OF_VOLUME = split_words("buy sell bid ask up down taker avg average ma sma ema mean relative rel odd block")
"""Words that make of a volume a part of it, or an average."""


@dataclass(frozen=True, slots=True)
class Columns:
    """Place of the column that was chosen for each role, with what is worth telling about the choice."""

    places: Mapping[str, int]
    said: tuple[str, ...] = ()
    unknown: tuple[str, ...] = field(default=())
    """Headers that no role is known for."""
    rivals: Mapping[str, tuple[int, ...]] = field(default_factory=dict)
    """Places of all columns that are named as an open or a close, where there are several."""
    instruments: tuple[str, ...] = field(default=())
    """Names of the instruments whose prices stand side by side; empty for one."""
    language: str = ""
    """Language of the header where that tells that the day is written before the month."""


@dataclass(frozen=True, slots=True)
class Named:
    """Names of columns, none for those of other instruments than the one that is meant."""

    names: list[str]
    ticker: str = ""
    """Symbol that stands beside the names."""
    choices: tuple[str, ...] = ()
    """Symbols among which it was chosen."""


@lru_cache(maxsize=4096)
def find_role(name: str) -> str:
    """Role of a column by its name: empty when unknown, `aside` for what is no part of a bar, with the side before it for bid and ask.

    >>> find_role("<OPEN>"), find_role("5. adjusted close"), find_role("Close/Last"), find_role("Dividends")
    ('open', 'adjusted', 'close', 'aside')
    >>> find_role("BidOpen"), find_role("ask_close"), find_role("Plus Haut"), find_role("終値"), find_role("Close  after splits")
    ('bid open', 'ask close', 'high', 'close', 'close')
    >>> find_role("Volume (EUR)"), find_role("Volume (m shares)"), find_role("Volume BTC")
    ('turnover', 'volume', 'volume')
    """
    role = _name_role(name)
    return "turnover" if role == "volume" and names_money(name) else role


def _name_role(name: str) -> str:
    """Role by the name, whatever unit stands beside it."""
    if LEVELS.fullmatch(name.strip()):
        return next((role for part in re.findall("'([^']*)'", name) if (role := find_role(part))), "")
    plain = unicodedata.normalize("NFKC", re.split(r"\s{2,}|[\r\n\t]", name.strip())[0]).lower().strip()
    if OTHER_THINGS.search(plain):
        return ""
    if PIECES.search(plain) and ROLE_OF.get(_letters(PIECES.sub("", plain)), "") in ("turnover", "volume", "shares"):
        return "shares"
    inside = " ".join(re.findall(r"\(([^)]*)\)", plain))
    if (whole := ROLE_OF.get(_letters(plain), "")) in ("shares", "volume"):
        return whole
    plain = re.sub(r"\([^)]*\)|\[[^\]]*\]", "", plain)
    plain = re.sub(r"^\d+[.a-z]*\.\s*", "", plain).strip(" *\"'")
    letters = _letters(plain)
    if letters in ROLE_OF:
        role = ROLE_OF[letters]
        return "adjusted" if role == "close" and "adj" in inside and "unadj" not in inside and "split" not in inside else role
    head, mark, behind = plain.partition(",")
    if mark and (role := ROLE_OF.get(_letters(head), "")) and names_unit(behind):
        return role
    for ending in ("utc", "gmt", "est", "usd", "eur", "gbp", "jpy", "chf", "local"):
        if letters.endswith(ending) and ROLE_OF.get(letters.removesuffix(ending)) in ("date", "time", *PRICES, "last", "price", "adjusted"):
            return ROLE_OF[letters.removesuffix(ending)]
    words = re.split(r"[^a-z]+", plain)
    if "volume" in words and PARTS_OF_VOLUME & set(words) and "." not in plain:  # the one of Mastercard is `MA.Volume`
        return ""
    return _side_role(plain) or _volume_role(plain) or _asset_price(plain) or _explained(plain)


def _explained(plain: str) -> str:
    """A name with its explanation behind it on one line: `Close Close price adjusted for splits.`"""
    words = plain.split()
    if len(words) < 4:
        return ""
    role = ROLE_OF.get(_letters("".join(words[:2])), "") or ROLE_OF.get(_letters(words[0]), "")
    return role if role in (*PRICES, "adjusted", "volume") else ""


def _side_role(plain: str) -> str:
    """`bid open` for BidOpen, open_bid, bid.o, Bid Open Price."""
    words = re.sub(r"[^a-z]", "", re.sub("adjusted|adjustment", "adj", plain))
    for side in (*SIDES, "adj"):
        rest = words.removeprefix(side) if words.startswith(side) else words.removesuffix(side) if words.endswith(side) else ""
        role = ROLE_OF.get(rest, "")
        if role in PRICES:
            return f"{side} {role}"
    return ""


def _volume_role(plain: str) -> str:
    """`Volume BTC` is volume, as `Volume (shares)` is; money is told by its own words."""
    words = [word for word in re.split(r"[^a-zäöüßé]+", plain) if word]
    if len(words) == 2 and "volume" in words:
        return "volume"
    if len(words) > 1 and words[0] in ("volume", "vol", "volumen"):
        return "volume"
    return ""


def _asset_price(plain: str) -> str:
    """`AAPL.Open`, as R's quantmod writes it, and `close_price`-like names in two words."""
    words = [word for word in re.split(r"[^a-z]+", plain) if word]
    if "adjusted" in words and len(words) == 2:
        return "adjusted"
    roles = {ROLE_OF.get(word, "") for word in words if len(word) > 1 and word != "size"} & {*PRICES, "volume"}
    return roles.pop() if len(roles) == 1 and 1 < len(words) <= 2 and "adj" not in words else ""


def count_price_names(row: Iterable[str]) -> int:
    """Count the prices (open, high, low, close) that a row of cells names: a header names at least three."""
    found = {find_role(cell).rpartition(" ")[2] for cell in row}
    return len(found & set(PRICES)) + bool(found & set(CLOSES) - {"close"} and "close" not in found)


def name_columns(labels: Sequence[Any], chosen: str = "") -> Named:
    """Names of columns and the ticker beside them, where labels have several levels. Raises SeveralInstrumentsError.

    >>> name_columns([("Date", ""), ("Close", "AAPL"), ("Open", "AAPL")])
    Named(names=['Date', 'Close', 'Open'], ticker='AAPL', choices=())
    >>> name_columns(["('AAPL', 'Close')", "('MSFT', 'Close')"], "MSFT")
    Named(names=['', 'Close'], ticker='MSFT', choices=('AAPL', 'MSFT'))
    """
    parts = [_levels_of(label) for label in labels]
    levels = [[each[level] if level < len(each) else "" for each in parts] for level in range(max(map(len, parts), default=1))]
    named = max(levels, key=lambda level: sum(bool(find_role(name)) for name in level))
    others = [level for level in levels if level is not named]
    symbols = list(dict.fromkeys(name for level in others for name, own in zip(level, named, strict=True) if name and own))
    whole = [own or next(filter(None, each), "") for own, each in zip(named, parts, strict=True)]
    if len(symbols) < 2:
        return Named(whole, "".join(symbols))
    if chosen not in symbols:
        raise SeveralInstrumentsError(symbols, beside=True)
    kept = [name if chosen in each or not set(symbols) & set(each) else "" for name, each in zip(whole, parts, strict=True)]
    return Named(kept, chosen, tuple(symbols))


def _levels_of(label: Any) -> list[str]:
    if isinstance(label, list | tuple):
        return ["" if part is None else str(part) for part in label]
    return re.findall("'([^']*)'", label) if LEVELS.fullmatch(str(label).strip()) else [str(label)]


def choose_columns(names: tuple[str, ...], mapping: Mapping[str, str] | None = None) -> Columns:
    """Choose one column for each role; `mapping` (role to header) is what a person said and comes first."""
    given = {role: place for role, header in (mapping or {}).items() for place, name in enumerate(names) if name.strip() == header.strip()}
    found: dict[str, list[int]] = {}
    for place, name in enumerate(names):
        role = find_role(name)
        if role and place not in given.values():
            found.setdefault(role, []).append(place)
    said: list[str] = []
    for role, at in found.items():
        at.sort(key=lambda place: _distance(names[place], role))
    places: dict[str, int] = {role: found[role][0] for role in PLAIN_ROLES if role in found}
    for role in ("open", "high", "low"):
        _choose(places, role, found, (role,), names, said)
    _choose(places, "close", found, CLOSES, names, said)
    _choose(places, "volume", found, VOLUMES, names, said)
    _say_passed_over(places, found, names, said)
    _choose_side(places, found, names, said)
    places |= _moments(found, names)
    places |= given
    known = {place for at in found.values() for place in at} | set(places.values())
    unnamed = [name.strip() for place, name in enumerate(names) if name.strip() and place not in known]
    unknown = tuple(name for name in unnamed if not OTHER_THINGS.search(name.lower()))
    rivals = {role: tuple(found[role]) for role in ("open", "close") if role not in given and len(found.get(role, ())) > 1}
    return Columns(places, tuple(said), unknown, rivals, () if set(PRICES) & set(given) else _find_instruments(names), tell_language(names))


def _find_instruments(names: Iterable[str]) -> tuple[str, ...]:
    """The names of prices without the price, if these are several instruments: `Open_AAPL` and `Open_MSFT`."""
    priced: dict[str, set[str]] = {}
    for name in names:
        rest, role = find_words(name)
        if role in PRICES:
            priced.setdefault(rest, set()).add(role)
    whole = [rest for rest, roles in priced.items() if roles == set(PRICES)]
    closes = (
        [rest for rest, roles in priced.items() if roles == {"close"}]
        if len(priced) == sum("close" in each for each in priced.values())
        else []
    )
    found = whole or closes
    return tuple(found) if len(found) > 1 and "" not in priced else ()


def find_words(name: str) -> tuple[str, str]:
    """The words beside the one role that a name tells, and that role, empty for both where it tells none or words belong to it.

    >>> find_words("Open_AAPL"), find_words("msft volume"), find_words("Adj Close"), find_words("Close")
    (('AAPL', 'open'), ('msft', 'volume'), ('', ''), ('', 'close'))
    """
    words = [word for word in re.split(r"[\s_.:|/-]+", name.strip()) if word]
    roles = [ROLE_OF.get(_letters(word.lower()), "") for word in words]
    told = [role for role in roles if role in (*PRICES, "volume")]
    rest = [word for word, role in zip(words, roles, strict=True) if role not in (*PRICES, "volume")]
    return (" ".join(rest), told[0]) if len(told) == 1 and not APART & {word.lower() for word in rest} else ("", "")


def _distance(name: str, role: str) -> float:
    """Distance of a name from its role: 0 for the role itself, 1 for a known word, 2 for one with another beside it."""
    letters = _letters(unicodedata.normalize("NFKC", name.strip()).lower())
    capital = (
        0.5 if len(name.strip()) == 1 and name.strip().isupper() else 0
    )  # streams of candles mean other things by L and V than by l and v
    return capital + (0 if letters == role else 1 if ROLE_OF.get(letters) == role else 2)


def _choose(
    places: dict[str, int], role: str, found: dict[str, list[int]], order: tuple[str, ...], names: tuple[str, ...], said: list[str]
) -> None:
    """The best of several columns of one role, and a sentence when there was a choice."""
    candidates = [place for kind in order for place in found.get(kind, [])]
    if not candidates:
        return
    places[role] = candidates[0]
    if len(candidates) > 1:
        others = ", ".join(f"'{names[place].strip()}'" for place in candidates[1:])
        said.append(f"{role} is '{names[candidates[0]].strip()}', not {others}")


def _say_passed_over(places: dict[str, int], found: dict[str, list[int]], names: tuple[str, ...], said: list[str]) -> None:
    others = [place for kind in ("turnover", "trades") for place in found.get(kind, [])]
    if not others:
        return
    listed = ", ".join(f"'{names[place].strip()}'" for place in others)
    if "volume" in places:
        said.append(f"volume is '{names[places['volume']].strip()}', not {listed}")
    elif "ticks" not in places:
        said.append(f"{listed} is money or a count of trades, no volume")


def _choose_side(places: dict[str, int], found: dict[str, list[int]], names: tuple[str, ...], said: list[str]) -> None:
    """Prices of one side where the file quotes several and has no prices of its own."""
    if all(role in places for role in PRICES):
        return
    if "adjusted" in found and all(f"adj {role}" in found for role in ("open", "high", "low")) and "close" not in places:
        places |= {role: found[f"adj {role}"][0] for role in ("open", "high", "low")} | {"close": places.pop("adjusted")}
        said.append("prices are the adjusted ones, as the file has no others")
        return
    for side in SIDES:
        if all(f"{side} {role}" in found for role in PRICES):
            places |= {role: found[f"{side} {role}"][0] for role in PRICES}
            others = [other for other in SIDES if other != side and f"{other} close" in found]
            said.append(f"prices are the {side}'s" + (f", the {' and '.join(others)} left aside" if others else ""))
            return


def _moments(found: dict[str, list[int]], names: tuple[str, ...]) -> dict[str, int]:
    """Date and time of day: a lone `time` column is the date, and so is an unnamed first one; further dates wait in `date2`."""
    dates, times = found.get("date", []), found.get("time", [])
    if not dates and times:
        dates, times = times[:1], times[1:]
    if not dates and names and (not names[0].strip() or names[0].strip().lower() in ("index", "unnamed: 0", "price", "row names")):
        dates = [0]
    places = {"date": dates[0]} if dates else {}
    if times:
        places["time"] = times[0]
    if len(dates) > 1:
        places["date2"] = dates[1]
    return places


def tell_language(names: tuple[str, ...]) -> str:
    """Language of a header, empty where no word tells it."""
    words = {_letters(name.lower()) for name in names}
    best = max(LANGUAGE_WORDS, key=lambda language: len(words & set(LANGUAGE_WORDS[language].split())))
    return best if words & set(LANGUAGE_WORDS[best].split()) else ""
