"""Traded things and their clocks: asset class, calendar length, currency, timeframes."""

from datetime import date
from enum import StrEnum

from pydantic import Field

from core.domain.value import Value

HUNDREDTHS = {"GBX": "GBp", "GBp": "GBp", "GBPENCE": "GBp", "ZAc": "ZAc", "ZAX": "ZAc", "ILA": "ILA"}
"""Names of hundredths of a currency in which shares are quoted."""


class AssetClass(StrEnum):
    """Kind of instrument; decides calendar, costs and whether fractions can be traded."""

    EQUITY = "equity"
    ETF = "etf"
    INDEX = "index"
    FOREX = "forex"
    CRYPTO = "crypto"
    FUTURE = "future"
    SYNTHETIC = "synthetic"


class Timeframe(StrEnum):
    """Length of one bar."""

    M1 = "1m"
    M2 = "2m"
    M3 = "3m"
    M5 = "5m"
    M10 = "10m"
    M15 = "15m"
    M30 = "30m"
    H1 = "1h"
    H2 = "2h"
    H4 = "4h"
    D1 = "1d"
    W1 = "1w"

    @property
    def minutes(self) -> int:
        """Nominal length in minutes (a day counts 1440, whatever its session)."""
        number, unit = int(self.value[:-1]), self.value[-1]
        return number * {"m": 1, "h": 60, "d": 1440, "w": 10080}[unit]

    @property
    def intraday(self) -> bool:
        """True when several bars make a day."""
        return self.minutes < 1440

    @property
    def adjective(self) -> str:
        """As a sentence says it of bars: `daily`, `15-minute`."""
        number, unit = self.value[:-1], self.value[-1]
        return {"d": "daily", "w": "weekly", "m": f"{number}-minute", "h": "hourly" if number == "1" else f"{number}-hour"}[unit]


class Costs(Value):
    """Usual costs of trading an instrument: starting values for a plan, which the analyst may change. Fractions of the price."""

    commission: float = Field(default=0.001, ge=0, lt=0.5)
    """Each side."""
    spread: float = Field(default=0.0, ge=0, lt=0.5)
    """Between bid and ask; half of it is paid on each side."""
    slippage: float = Field(default=0.0005, ge=0, lt=0.5)
    """Each side, beyond the spread."""


def normalize_currency(code: str) -> str:
    """The code in capitals, but for hundredths of a currency: a pence is no pound.

    >>> normalize_currency("eur"), normalize_currency("GBp"), normalize_currency("GBX"), normalize_currency("GBP")
    ('EUR', 'GBp', 'GBp', 'GBP')
    """
    return HUNDREDTHS.get(code.strip(), code.strip().upper())


class Instrument(Value):
    """A tradable thing with the facts that figures and fills depend on."""

    symbol: str
    name: str = ""
    asset_class: AssetClass = AssetClass.EQUITY
    exchange: str = ""
    currency: str = "USD"
    zone: str = "America/New_York"
    """IANA name of the zone in which bar times are written."""
    days_per_year: int = 252
    """Trading days in a year: 252 for exchanges, 260 for forex, 365 for crypto."""
    fractional: bool = False
    """True when less than one unit can be traded."""
    shortable: bool = True
    calendar: str = ""
    """Code of the trading calendar: `XNYS`, `24/5`, `24/7`; empty when unknown."""
    session_open: int = Field(default=0, ge=0, lt=1440)
    """Usual start of the session, in minutes after midnight, exchange-local."""
    session_close: int = Field(default=1440, gt=0, le=1440)
    """Usual end of the session, likewise; 0 and 1440 together mean that it never closes during the day."""
    day_roll: int = Field(default=0, ge=0, lt=1440)
    """Minute at which the next trading day begins, when that is before midnight: 1020 for forex in New York time; 0 is midnight."""
    tick: float | None = Field(default=None, gt=0)
    """Smallest price step; None when unknown."""
    lot: float = Field(default=1.0, gt=0)
    """Smallest quantity that is usually traded, in units."""
    costs: Costs = Costs()

    def periods_per_year(self, timeframe: Timeframe) -> int:
        """Periods that returns are annualized with: trading days, or 52 weeks for weekly bars (intraday equity is sampled daily)."""
        return 52 if timeframe is Timeframe.W1 else self.days_per_year


class Listing(Value):
    """One answer of the symbol search."""

    instrument: Instrument
    has_data: bool
    """True when bars can be had here and now, without a network."""
    source: str
    """Name of the source that would deliver the bars."""
    timeframes: tuple[Timeframe, ...] = ()
    """Timeframes that source offers; empty when unknown."""
    first: date | None = None
    last: date | None = None
    """Range of the data that is here; None when unknown."""
