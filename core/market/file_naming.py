"""The instrument that a file's name, or the ticker inside it, stands for: suffix and exchange prefix decide before any directory.

What a name does not tell for certain is not guessed: then there is no answer, and the reader asks.
"""

import re
import unicodedata
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import PurePath

from core.domain.instrument import AssetClass, Instrument
from core.domain.readings import strip_endings
from core.market.coin_names import read_coin, read_coin_pair
from core.market.instrument_classes import BY_SUFFIX, CURRENCIES, EXCHANGES, make_instrument
from core.market.venues import (
    FUTURE_ROOTS,
    METALS,
    NOISE_WORDS,
    SUFFIXES,
    TIMEFRAME_WORDS,
    VENUES,
)

Lookup = Callable[[str], Instrument | None]
UPLOAD_MARK = r"-(?:[0-9a-f]{8}|own\d*)$"
"""Ending of a kept upload's name, where another file or an instrument that ships has that name; of older versions, eight hex digits."""
HISTDATA = re.compile(r"^DAT_(ASCII|MT|NT|XLSX|MS)_([A-Z]{6}|[A-Z0-9]{6,7})_(M1|T|T_LAST)_?\d*", re.IGNORECASE)
BROKER_MARKS = "M|A|C|I|R|B|X|PRO|ECN|RAW|STP|MICRO|CASH|FX|SPOT|OTC|T|Z|S|SB|IFX"
"""Marks that brokers hang on a symbol."""
CONTRACT_TAIL = re.compile(r"(?<=\w)(?:[-_.](?:CME|CBOT|CBT|NYMEX|NYM|COMEX|CMX|CFE|ICEUS|FUT|SCID|LAST))+(?![A-Z]).*$")
"""Exchange and kind of file that charting programs hang on a contract's name."""
PERIODS = "1|5|15|30|60|240|1440|10080"
"""MetaTrader's periods in minutes."""
INDEX_NAMES = {
    "SPX": "^GSPC",
    "SPX500": "^GSPC",
    "US500": "^GSPC",
    "INX": "^GSPC",
    "GSPC": "^GSPC",
    "S&P 500": "^GSPC",
    "NDX": "^NDX",
    "IXIC": "^IXIC",
    "DJI": "^DJI",
    "RUT": "^RUT",
    "VIX": "^VIX",
    "DAX": "^GDAXI",
    "GDAXI": "^GDAXI",
    "CAC 40": "^FCHI",
    "CAC40": "^FCHI",
    "FCHI": "^FCHI",
    "FTSE": "^FTSE",
    "FTSE 100": "^FTSE",
    "UKX": "^FTSE",
    "NI225": "^N225",
    "N225": "^N225",
    "NIKKEI 225": "^N225",
    "日経平均": "^N225",
    "HSI": "^HSI",
    "IBEX 35": "^IBEX",
    "STOXX50E": "^STOXX50E",
    "SX5E": "^STOXX50E",
}


@dataclass(frozen=True, slots=True)
class Told:
    """An instrument, and what told it in words."""

    instrument: Instrument
    by: str
    by_letters: bool = False
    """True when only the letters of a file's name told it, which other facts may contradict."""
    zone: str = ""
    """Zone in which the tool that gave the name writes its times without saying so."""


def tell_instrument(name: str, lookup: Lookup | None = None, *, ticker: bool = False) -> Told | None:
    """Tell the instrument by the name of a file or by a ticker; None when that is not certain.

    >>> tell_instrument("MC.PA.csv").instrument.exchange, tell_instrument("EURUSD1440.csv").instrument.symbol
    ('Euronext Paris', 'EURUSD')
    >>> tell_instrument("NASDAQ_AAPL, 5.csv").instrument.symbol, tell_instrument("prices.csv")
    ('AAPL', None)
    """
    said = "the ticker in the file" if ticker else "the file's name"
    stem = unicodedata.normalize("NFC", name.strip() if ticker else strip_endings(PurePath(name).name))
    for text in dict.fromkeys((stem, re.sub(UPLOAD_MARK, "", stem))):
        if found := _by_tool(text):
            return found
        for rule in (_by_suffix, _by_prefix, _by_pair, _by_future, _by_lookup):
            for candidate in _candidates(text, rule is not _by_prefix):
                if instrument := rule(candidate, lookup):
                    return Told(instrument, said, by_letters=not ticker)
    return None


def _candidates(stem: str, loose: bool) -> Iterator[str]:
    """The name itself and what is left of it without timeframes, dates and words that say nothing."""
    yield stem
    if found := re.fullmatch(r"(\^?[a-z0-9-]+)_(us|uk|de|jp|hk|hu)_[dwm]", stem):  # as Stooq names its files
        yield f"{found[1]}.{found[2]}"
    bare = re.sub(r"\s*[\[(]\d+[\])]$|\s+-\s+(Copy|Kopie|Copie|Copia)$", "", stem)
    bare = re.sub(r",\s*\w+(\s*[_-].*)?$|\.(?:Last|Bid|Ask)$", "", bare)
    if bare != stem:
        yield bare
    if " - " in bare:
        yield bare.split(" - ")[0]
    words = re.split(r"[_\s,-]+", bare)
    kept = [word for word in words if not _says_nothing(word)]
    if loose and kept and kept != words:
        yield "-".join(kept)
        if len(kept) > 1 and kept[0].upper() in VENUES:
            yield "-".join(kept[1:])
    if loose and len(kept) > 1:
        yield " ".join(kept)


def _says_nothing(word: str) -> bool:
    plain = word.lower().strip(".()[]")
    return (
        not plain
        or plain in TIMEFRAME_WORDS
        or plain in NOISE_WORDS
        or bool(re.fullmatch(r"(\d{1,2}[.]){2}\d{4}|\d{2}|\d{4}|\d{6}|\d{8}", plain))
    )


def _by_tool(text: str) -> Told | None:
    """Names that one tool alone gives, where it writes its times in a zone of its own."""
    if found := HISTDATA.match(text):
        pair = _pair_of(found.group(2).upper())
        if pair:
            return Told(pair, "the file's name, as HistData gives it", zone="Etc/GMT+5")
    return None


def _by_suffix(text: str, lookup: Lookup | None) -> Instrument | None:
    """`AIR.PA`, `7203.T`, `aapl.us`, `VOD.LN`, `BMW GY`: the suffix names the exchange."""
    found = re.fullmatch(r"\^?([A-Za-z0-9&-]{1,12})[. ]([A-Za-z]{1,6})(?: Equity)?", text)
    if not found or _pair_of(found.group(1).upper()):
        return None
    symbol, suffix = found.group(1).upper(), found.group(2).upper()
    place = BY_SUFFIX.get(f".{suffix}")
    code = place.code if place and "." in text else SUFFIXES.get(suffix, "")
    if " " in text and "Equity" not in text and code not in ("XETR", "XLON", "XPAR"):
        return None
    if not code or code not in EXCHANGES:
        return None
    exchange = EXCHANGES[code]
    if code == "US":
        return (lookup(symbol) if lookup else None) or make_instrument(symbol, exchange="US")
    shown = f"{symbol}{exchange.suffix}"
    return (lookup(shown) if lookup else None) or make_instrument(shown, exchange=code)


def _by_prefix(text: str, lookup: Lookup | None) -> Instrument | None:
    """`NASDAQ_AAPL`, `BINANCE:BTCUSDT`, `CME_MINI_ES1!`: the prefix names the exchange."""
    for mark in (":", "_"):
        parts = text.split(mark)
        for size in range(min(len(parts) - 1, 4), 0, -1):
            written, rest = "_".join(parts[:size]), mark.join(parts[size:]).strip()
            prefix = written.upper()
            known = prefix in VENUES and (written == prefix or VENUES[prefix][0] is AssetClass.CRYPTO)
            if known and rest and (found := _at_venue(prefix, re.split(r"[_ ,]", rest)[0], lookup)):
                return found
    return None


def _at_venue(prefix: str, symbol: str, lookup: Lookup | None) -> Instrument | None:
    asset_class, code = VENUES[prefix]
    symbol = symbol.upper()
    if asset_class is AssetClass.CRYPTO:
        return _coin_of(symbol) or make_instrument(read_coin(symbol) or symbol, asset_class=AssetClass.CRYPTO, exchange=prefix.capitalize())
    if asset_class is AssetClass.FOREX:
        return _pair_of(symbol) or _coin_of(symbol) or _index_of(symbol, lookup)
    if asset_class is AssetClass.FUTURE:
        return _future_at(prefix, code, symbol, lookup)
    if asset_class is AssetClass.INDEX:
        return _index_of(symbol, lookup) or make_instrument(symbol, asset_class=AssetClass.INDEX)
    return _index_of(symbol, lookup) or _share_at(symbol, code, prefix, lookup)


def _future_at(prefix: str, code: str, symbol: str, lookup: Lookup | None) -> Instrument:
    """A contract at an exchange; those of Eurex keep German days and are paid in euro."""
    root = symbol.removesuffix("!").rstrip("0123456789")
    if prefix == "EUREX":
        listed = make_instrument(root, asset_class=AssetClass.FUTURE, exchange="EUREX")
        return listed.changed(zone="Europe/Berlin", calendar="", day_roll=0, currency="EUR")
    return _future_of(symbol, lookup) or make_instrument(root, asset_class=AssetClass.FUTURE, exchange=code)


def _share_at(symbol: str, code: str, prefix: str, lookup: Lookup | None) -> Instrument | None:
    """A share at an exchange; Euronext writes one name for four places, which only the directory can tell apart."""
    if code in ("XNAS", "XNYS", "ARCX", "US"):
        return (lookup(symbol.replace(".", "-")) if lookup else None) or make_instrument(symbol, exchange=code)
    if not code:
        every = [found for ending in (".PA", ".AS", ".BR", ".LS") if lookup and (found := lookup(f"{symbol}{ending}"))]
        return every[0] if len(every) == 1 else make_instrument(symbol, exchange="XPAR").changed(exchange="Euronext")
    if code not in EXCHANGES:
        return None
    shown = f"{symbol}{EXCHANGES[code].suffix}"
    return (lookup(shown) if lookup else None) or make_instrument(shown, exchange=code)


def _by_pair(text: str, lookup: Lookup | None) -> Instrument | None:
    """A currency pair, a metal or a coin, with what brokers and periods hang on it."""
    plain = text.upper().strip()
    return _pair_of(plain) or _coin_of(text) or _coin_by_directory(plain, lookup)


def _pair_of(text: str) -> Instrument | None:
    """`EURUSD`, `EUR/USD`, `EURUSDm`, `EURUSD.a`, `EURUSD=X`, `EURUSD1440`, `XAUUSD_D1`."""
    found = re.match(r"^#?([A-Z]{3})[/_ -]?([A-Z]{3})(?P<rest>.*)$", text)
    if not found or found.group(1) == found.group(2) or found.group(2) not in CURRENCIES:
        return None
    base, rest = found.group(1), found.group("rest")
    if not re.fullmatch(rf"(=X|[.#+!_-]?({BROKER_MARKS}))?({PERIODS})?(\b.*|_.*)?", rest):
        return None
    if base in METALS:
        return make_instrument(f"{base}{found.group(2)}", f"{METALS[base]} / {found.group(2)}", AssetClass.FOREX)
    if base not in CURRENCIES:
        return None
    return make_instrument(base + found.group(2), f"{base}/{found.group(2)}", AssetClass.FOREX)


def _coin_of(text: str) -> Instrument | None:
    """`BTCUSDT`, `BTC-USD`, `XBTUSD_1440`, `ETH_BTC`, `BTCUSDT-1h-2023-02`, `BTCUSDT.P`."""
    pair = read_coin_pair(text)
    return make_instrument("/".join(pair), "/".join(pair), AssetClass.CRYPTO, currency=pair[1]) if pair else None


def _coin_by_directory(text: str, lookup: Lookup | None) -> Instrument | None:
    """A coin against dollars or euros, however it is written, when the directory knows the coin."""
    found = re.match(r"^([A-Z0-9]{2,6}?)[-/_ ]?(USDT|USDC|USD|EUR)(?![A-Z0-9])", text)
    known = lookup(f"{found.group(1)}-USD") if found and lookup else None
    if not found or not known or known.asset_class is not AssetClass.CRYPTO:
        return None
    symbol = f"{found.group(1)}/{found.group(2)}"
    return make_instrument(symbol, known.name.split(" / ")[0], AssetClass.CRYPTO, currency=found.group(2))


def _by_future(text: str, lookup: Lookup | None) -> Instrument | None:
    return _future_of(text.upper(), lookup)


def _future_of(text: str, lookup: Lookup | None) -> Instrument | None:
    """`ES1!`, `ES=F`, `@ES`, `ESH24`, `CLZ3`, `ESH24-CME.scid`, `ES 03-24.Last`: the root names the contract."""
    text = CONTRACT_TAIL.sub("", re.sub(r"^([A-Z0-9]{1,4}) (?:\d\d-\d\d|##-##)(?![^. _])", r"\1=F", text))
    found = re.fullmatch(r"@?([A-Z0-9]{1,4}?)(1!|2!|=F|#[FC]?|[FGHJKMNQUVXZ]\d{1,2})", text) or re.fullmatch(r"@([A-Z0-9]{2,3})()", text)
    if not found or found.group(1) not in FUTURE_ROOTS:
        return None
    known = lookup(f"{found.group(1)}=F") if lookup else None
    return known or make_instrument(found.group(1), asset_class=AssetClass.FUTURE)


def _by_lookup(text: str, lookup: Lookup | None) -> Instrument | None:
    """Find what the directory knows under exactly this symbol, and indices by their usual names."""
    if len(text) < 3 and text.islower():
        return None
    found = (lookup(text) or lookup(text.replace(".", "-"))) if lookup else None
    return found or _index_of(text, lookup)


def _index_of(text: str, lookup: Lookup | None) -> Instrument | None:
    symbol = INDEX_NAMES.get(text.upper().strip().lstrip("^"), "")
    if not symbol:
        return None
    return (lookup(symbol) if lookup else None) or make_instrument(symbol, asset_class=AssetClass.INDEX)
