"""Facts that instruments share: exchanges with their hours, asset classes with their usual costs. A table, no network, no library."""

import re
from dataclasses import dataclass

from core.domain.instrument import AssetClass, Costs, Instrument


@dataclass(frozen=True, slots=True)
class Exchange:
    """A market place: `code` names its calendar in exchange_calendars, hours are minutes of local wall time."""

    code: str
    name: str
    zone: str
    currency: str
    open: int
    close: int
    suffix: str = ""
    """Yahoo's ending behind the symbol, for example `.DE`."""
    tick: float | None = None
    calendar: str = ""
    """Code of its calendar where that is another one's."""


def _hours(open_hour: int, open_minute: int, close_hour: int, close_minute: int) -> tuple[int, int]:
    return open_hour * 60 + open_minute, close_hour * 60 + close_minute


EXCHANGES: dict[str, Exchange] = {
    exchange.code: exchange
    for exchange in (
        Exchange("XNYS", "NYSE", "America/New_York", "USD", *_hours(9, 30, 16, 0), tick=0.01),
        Exchange("XNAS", "NASDAQ", "America/New_York", "USD", *_hours(9, 30, 16, 0), tick=0.01),
        Exchange("ARCX", "NYSE Arca", "America/New_York", "USD", *_hours(9, 30, 16, 0), tick=0.01),
        Exchange("US", "United States", "America/New_York", "USD", *_hours(9, 30, 16, 0), tick=0.01, calendar="XNYS"),
        Exchange("XTSE", "Toronto", "America/Toronto", "CAD", *_hours(9, 30, 16, 0), ".TO", 0.01),
        Exchange("BVMF", "B3 São Paulo", "America/Sao_Paulo", "BRL", *_hours(10, 0, 18, 0), ".SA", 0.01),
        Exchange("XMEX", "Mexico", "America/Mexico_City", "MXN", *_hours(8, 30, 15, 0), ".MX", 0.01),
        Exchange("XLON", "London", "Europe/London", "GBp", *_hours(8, 0, 16, 30), ".L"),
        Exchange("XETR", "Xetra", "Europe/Berlin", "EUR", *_hours(9, 0, 17, 30), ".DE"),
        Exchange("XFRA", "Frankfurt", "Europe/Berlin", "EUR", *_hours(9, 0, 17, 30), ".F"),
        Exchange("XPAR", "Euronext Paris", "Europe/Paris", "EUR", *_hours(9, 0, 17, 30), ".PA"),
        Exchange("XAMS", "Euronext Amsterdam", "Europe/Amsterdam", "EUR", *_hours(9, 0, 17, 30), ".AS"),
        Exchange("XBRU", "Euronext Brussels", "Europe/Brussels", "EUR", *_hours(9, 0, 17, 30), ".BR"),
        Exchange("XLIS", "Euronext Lisbon", "Europe/Lisbon", "EUR", *_hours(8, 0, 16, 30), ".LS"),
        Exchange("XMIL", "Borsa Italiana", "Europe/Rome", "EUR", *_hours(9, 0, 17, 30), ".MI"),
        Exchange("XMAD", "Madrid", "Europe/Madrid", "EUR", *_hours(9, 0, 17, 30), ".MC"),
        Exchange("XSWX", "SIX Swiss Exchange", "Europe/Zurich", "CHF", *_hours(9, 0, 17, 30), ".SW"),
        Exchange("XSTO", "Nasdaq Stockholm", "Europe/Stockholm", "SEK", *_hours(9, 0, 17, 30), ".ST"),
        Exchange("XHEL", "Nasdaq Helsinki", "Europe/Helsinki", "EUR", *_hours(10, 0, 18, 30), ".HE"),
        Exchange("XCSE", "Nasdaq Copenhagen", "Europe/Copenhagen", "DKK", *_hours(9, 0, 17, 0), ".CO"),
        Exchange("XOSL", "Oslo", "Europe/Oslo", "NOK", *_hours(9, 0, 16, 20), ".OL"),
        Exchange("XWBO", "Vienna", "Europe/Vienna", "EUR", *_hours(9, 0, 17, 30), ".VI"),
        Exchange("XDUB", "Euronext Dublin", "Europe/Dublin", "EUR", *_hours(8, 0, 16, 28), ".IR"),
        Exchange("XWAR", "Warsaw", "Europe/Warsaw", "PLN", *_hours(9, 0, 17, 0), ".WA"),
        Exchange("XTKS", "Tokyo", "Asia/Tokyo", "JPY", *_hours(9, 0, 15, 30), ".T", 1.0),
        Exchange("XHKG", "Hong Kong", "Asia/Hong_Kong", "HKD", *_hours(9, 30, 16, 0), ".HK"),
        Exchange("XSHG", "Shanghai", "Asia/Shanghai", "CNY", *_hours(9, 30, 15, 0), ".SS", 0.01),
        Exchange("XSHE", "Shenzhen", "Asia/Shanghai", "CNY", *_hours(9, 30, 15, 0), ".SZ", 0.01, "XSHG"),
        Exchange("XNSE", "NSE India", "Asia/Kolkata", "INR", *_hours(9, 15, 15, 30), ".NS", 0.05, "XBOM"),
        Exchange("XJSE", "Johannesburg", "Africa/Johannesburg", "ZAc", *_hours(9, 0, 17, 0), ".JO"),
        Exchange("XIST", "Istanbul", "Europe/Istanbul", "TRY", *_hours(10, 0, 18, 0), ".IS"),
        Exchange("XBOM", "Bombay", "Asia/Kolkata", "INR", *_hours(9, 15, 15, 30), ".BO", 0.05),
        Exchange("XKRX", "Korea", "Asia/Seoul", "KRW", *_hours(9, 0, 15, 30), ".KS", 1.0),
        Exchange("XTAI", "Taiwan", "Asia/Taipei", "TWD", *_hours(9, 0, 13, 30), ".TW"),
        Exchange("XSES", "Singapore", "Asia/Singapore", "SGD", *_hours(9, 0, 17, 0), ".SI"),
        Exchange("XASX", "Australia", "Australia/Sydney", "AUD", *_hours(10, 0, 16, 0), ".AX", 0.01),
        Exchange("XNZE", "New Zealand", "Pacific/Auckland", "NZD", *_hours(10, 0, 16, 45), ".NZ", 0.01),
    )
}
BY_SUFFIX = {exchange.suffix: exchange for exchange in EXCHANGES.values() if exchange.suffix}

DEFAULT_COSTS: dict[AssetClass, Costs] = {
    AssetClass.EQUITY: Costs(commission=0.001, spread=0.0002, slippage=0.0004),
    AssetClass.ETF: Costs(commission=0.0005, spread=0.0001, slippage=0.0003),
    AssetClass.INDEX: Costs(commission=0.0002, spread=0.0002, slippage=0.0002),
    AssetClass.FOREX: Costs(commission=0.0, spread=0.0001, slippage=0.00005),
    AssetClass.CRYPTO: Costs(commission=0.001, spread=0.0005, slippage=0.0005),
    AssetClass.FUTURE: Costs(commission=0.00002, spread=0.0001, slippage=0.0001),
    AssetClass.SYNTHETIC: Costs(),
}
"""Starting values for a private account, by order of magnitude: brokers differ, so the screen shows them and lets them be changed.

Commission: European discount brokers ask 0.05 to 0.1% for shares, American ones little or nothing; currency brokers live on the spread;
the large coin exchanges list 0.1% for small accounts; an index future costs about 2 dollars a side on a contract worth 100,000 and more.
Spread: a cent on a share of 50 dollars, a pip on EUR/USD, a quarter point on a stock index of 5,000 doubled for the night. Slippage
beyond it is an assumption of the same size.
"""

ROUND_THE_CLOCK: dict[AssetClass, dict[str, object]] = {
    AssetClass.FOREX: {"calendar": "24/5", "zone": "America/New_York", "day_roll": 1020, "days_per_year": 260, "lot": 1000.0},
    AssetClass.CRYPTO: {"calendar": "24/7", "zone": "UTC", "days_per_year": 365, "fractional": True, "shortable": False, "lot": 1e-8},
    AssetClass.FUTURE: {"calendar": "us_futures", "zone": "America/New_York", "day_roll": 1080, "days_per_year": 252},
}
YEN_TICK, PAIR_TICK = 0.001, 0.00001


def make_instrument(
    symbol: str, name: str = "", asset_class: AssetClass = AssetClass.EQUITY, exchange: str = "", currency: str = ""
) -> Instrument:
    """An instrument with the facts of its class and exchange (`exchange` is a code of EXCHANGES, or any other name)."""
    facts: dict[str, object] = {"costs": DEFAULT_COSTS[asset_class]}
    place = EXCHANGES.get(exchange)
    if asset_class in ROUND_THE_CLOCK:
        facts |= ROUND_THE_CLOCK[asset_class]
    elif place:
        facts |= {
            "calendar": place.calendar or place.code,
            "zone": place.zone,
            "session_open": place.open,
            "session_close": place.close,
            "tick": place.tick,
        }
        currency = currency or place.currency
    if asset_class is AssetClass.FOREX:
        currency = currency or quote_currency(symbol)
        facts["tick"] = YEN_TICK if currency == "JPY" else PAIR_TICK
    shown = place.name if place else exchange
    fields = {"symbol": symbol, "name": name, "asset_class": asset_class, "exchange": shown, "currency": currency or "USD", **facts}
    return Instrument.model_validate(fields)


def find_exchange(symbol: str) -> Exchange | None:
    """The exchange that Yahoo's suffix names; None without a suffix or for an unknown one.

    >>> find_exchange("7203.T").code, find_exchange("AAPL")
    ('XTKS', None)
    """
    _, dot, suffix = symbol.rpartition(".")
    return BY_SUFFIX.get(f".{suffix.upper()}") if dot else None


# fmt: off
CURRENCIES = frozenset((
    "USD", "EUR", "JPY", "GBP", "CHF", "AUD", "NZD", "CAD", "SEK", "NOK", "DKK", "PLN", "CZK", "HUF", "RON", "TRY",
    "ZAR", "MXN", "BRL", "CNY", "CNH", "HKD", "SGD", "INR", "KRW", "THB", "IDR", "MYR", "PHP", "ILS", "TWD", "CLP",
))
# fmt: on


def parse_currency_pair(text: str) -> str | None:
    """Six letters when the text is a currency pair, however it is written.

    >>> parse_currency_pair("eur/usd"), parse_currency_pair("EURUSD=X"), parse_currency_pair("USDJPY_daily"), parse_currency_pair("apple")
    ('EURUSD', 'EURUSD', 'USDJPY', None)
    """
    found = re.match(r"^([A-Za-z]{3})[/_ -]?([A-Za-z]{3})(?![A-Za-z0-9])", text.strip())
    pair = "".join(found.groups()).upper() if found else ""
    return pair if pair[:3] in CURRENCIES and pair[3:] in CURRENCIES and pair[:3] != pair[3:] else None


def quote_currency(symbol: str) -> str:
    """The currency that a pair is priced in, empty when the symbol is no pair."""
    pair = parse_currency_pair(symbol)
    return pair[3:] if pair else ""
