"""Reading of a file of bars: what was understood, what is asked, and what a person said instead. No file is opened here."""

import re
from typing import Self

from pydantic import Field, model_validator

from core.domain.instrument import AssetClass, Instrument
from core.domain.value import Value

ENDINGS = re.compile(
    r"\.(csv|txt|tsv|jsonl?|ndjson|zip|tar|tgz|gz|bz2|xz|html?|xlsx|xls|parquet|feather|tex|arrow|prn|asc|dat|xml|sql|md|log|ya?ml|js)$",
    re.IGNORECASE,
)
ROLES = ("date", "time", "open", "high", "low", "close", "adjusted", "volume", "symbol")


def strip_endings(name: str) -> str:
    """Strip the endings that say how a file is stored, and nothing of the instrument's own suffix.

    >>> strip_endings("AIR.PA.csv"), strip_endings("eurusd.csv.gz"), strip_endings("BTCUSDT-1h-2023-02.zip")
    ('AIR.PA', 'eurusd', 'BTCUSDT-1h-2023-02')
    """
    plain = name.strip()
    while ENDINGS.search(plain) and len(ENDINGS.sub("", plain)) > 0:
        plain = ENDINGS.sub("", plain)
    return plain


class Corrections(Value):
    """Corrections of a file's reading by a person; an empty field leaves the reading as it is."""

    symbol: str = ""
    """Instrument that the file is of."""
    asset_class: AssetClass | None = None
    """Class of an instrument that nobody knows, with its calendar and costs."""
    zone: str = ""
    """Zone in which the times are written, as IANA names it."""
    columns: tuple[tuple[str, str], ...] = ()
    """Role and header of columns, for headers in words that nobody knows."""
    day_first: bool | None = None
    """Order of 03/04/2023."""
    decimal: str = Field(default="", pattern=r"^[.,]?$")
    """Mark before the fraction of a number."""
    table: str = ""
    """Sheet, packed file, table or instrument that is meant where a file holds several."""

    @model_validator(mode="after")
    def _check_roles(self) -> Self:
        if unknown := [role for role, _ in self.columns if role not in ROLES]:
            raise ValueError(f"'{unknown[0]}' is no column that bars have: use one of {', '.join(ROLES)}")
        return self

    def merge(self, later: "Corrections") -> "Corrections":
        """Merge with what was said later, which wins."""
        said = {name: value for name, value in later if value not in ("", None, ())}
        merged = {**dict(self), **said}
        merged["columns"] = tuple({**dict(self.columns), **dict(later.columns)}.items())
        return Corrections.model_validate(merged)

    def describe(self) -> tuple[str, ...]:
        """Describe each correction in words."""
        said = [f"{name.replace('_', ' ')}: {value}" for name, value in self if value not in ("", None, ()) and name != "columns"]
        return (*said, *(f"{role} is '{header}'" for role, header in self.columns))


class FileReading(Value):
    """Understanding of a file."""

    columns: tuple[tuple[str, str], ...] = ()
    """Role and header of each column that is used; the header is empty where columns were read by position."""
    unit: str = ""
    """Kind of the time stamps: `dates`, `Unix times in s`, `Excel day numbers`."""
    zone: str = ""
    """Zone of the bars' times."""
    instrument: Instrument | None = None
    told_by: str = ""
    """Evidence that told the instrument, empty when nothing did."""
    corrections: Corrections = Corrections()
    questions: tuple[str, ...] = ()
    """Points that are not certain, each with how to settle it."""
    headers: tuple[str, ...] = ()
    """Every header of the file, for a form that lets the columns be chosen."""
    tables: tuple[str, ...] = ()
    """Sheets, packed files, tables or instruments that the file holds, where there are several."""

    def describe(self) -> tuple[str, ...]:
        """Describe the reading line by line."""
        lines = []
        if self.instrument is not None:
            item = self.instrument
            by = f", told by {self.told_by}" if self.told_by else ", told by nothing"
            lines.append(f"instrument: {' '.join(filter(None, (item.symbol, item.name and f'({item.name})')))}{by}")
            lines.append(f"class: {item.asset_class.value}, {item.days_per_year} days a year, in {item.currency}")
            lines.append(f"calendar: {item.calendar or 'unknown'}{f' ({item.exchange})' if item.exchange else ''}")
        lines += [f"zone: {self.zone}"] if self.zone else []
        lines += [f"times: {self.unit}"] if self.unit else []
        if self.columns:
            lines.append("columns: " + ", ".join(f"{role} from '{header}'" if header else role for role, header in self.columns))
        lines += [f"corrected: {line}" for line in self.corrections.describe()]
        return tuple(lines)
