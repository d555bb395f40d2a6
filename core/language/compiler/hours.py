"""The instrument's trading day, as compiled code is told it; without an instrument code learns it from the bars."""

from dataclasses import dataclass

from core.domain.instrument import AssetClass, Instrument
from core.domain.longer_bars import read_day_hours
from core.language.catalogue.exchanges import HOLIDAYS

COMMENTS = {
    "day_roll": "minute of the day at which the trading day begins",
    "session_open": "minute of the day at which the session opens",
    "session_close": "minute of the day at which the session ends",
    "days_per_year": "trading days in a year",
    "pip": "one pip in the price's own unit",
}


@dataclass(frozen=True, slots=True)
class Hours:
    """Entries of `params` that a compiled strategy needs for its trading day; empty where the bars themselves must tell."""

    entries: tuple[tuple[str, float], ...] = ()
    zone: str = "America/New_York"
    """Zone in which the bars' times are written."""
    closed: str = ""
    """Name of the helper that knows the exchange's holidays; empty where they are not known."""

    def has(self, name: str) -> bool:
        """True when the instrument gave it."""
        return any(name == known for known, _ in self.entries)

    def value(self, name: str) -> float:
        """The instrument's value; raises KeyError when it gave none."""
        return dict(self.entries)[name]

    @property
    def roll(self) -> int:
        """Minute at which the trading day begins; 0 is midnight."""
        return int(self.value("day_roll")) if self.has("day_roll") else 0

    def build_arguments(self, **names: str) -> str:
        """Build further arguments of an indicator class: the known entries, under the class's own names, each after a comma."""
        return "".join(f", {own}=self.p.{name}" for own, name in names.items() if self.has(name))


def find_pip(instrument: Instrument) -> float:
    """One pip of an instrument: a hundredth for pairs quoted in yen, a ten-thousandth for others, elsewhere the smallest price step."""
    if instrument.asset_class is AssetClass.FOREX:
        return 0.01 if instrument.symbol.upper().removesuffix("=X").endswith("JPY") else 0.0001
    return instrument.tick or 0.01


def read_hours(instrument: Instrument | None) -> Hours:
    """Read the entries: a day that begins before midnight, or the session's open and close; nothing where they are not known.

    A market with a day roll has its open at the roll; its close is learned where a daily break comes before the roll.
    """
    if instrument is None:
        return Hours()
    told: list[tuple[str, float]] = [("days_per_year", instrument.days_per_year), ("pip", find_pip(instrument))]
    roll, opens, closes = read_day_hours(instrument)
    if roll:
        told.append(("day_roll", roll))
    elif opens >= 0:
        told += [("session_open", opens), ("session_close", closes)]
    return Hours(tuple(told), instrument.zone, HOLIDAYS.get(instrument.calendar, ""))
