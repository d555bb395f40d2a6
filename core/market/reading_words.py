"""Words about a file on its way: which columns are missing, which instrument is asked for, what a program prints in place of rows."""

from collections.abc import Sequence

from core.domain.instrument import AssetClass, Instrument
from core.market.headers import Columns

LEFT_OUT = ("...", "…", "..", "⋮")
"""Signs that a program prints in place of rows."""


def describe_missing(missing: list[str], names: Sequence[str], columns: Columns, empty: Sequence[str] = ()) -> str:
    """Say which columns are missing, what stands there instead, and how to say which is which."""
    listed = "', '".join(name[:30] for name in (columns.unknown or tuple(name.strip() for name in names if name.strip()))[:8])
    found = f"'{listed}'" if listed else f"{len(names)} unnamed columns"
    kind = "not known are" if columns.unknown else "found"
    example = f"{missing[0]}={listed.split(chr(39))[0] if columns.unknown else 'HEADER'}"
    if empty and not columns.unknown:
        blank = "', '".join(name[:30] for name in empty[:8])
        return f"there is no column for {', '.join(missing)}: nothing stands in '{blank}'"
    return f"there is no column for {', '.join(missing)} ({kind}: {found}): say once which header is which, for example {example}"


def remark_rolls(contracts: Sequence[str]) -> tuple[str, ...]:
    """Say that a series goes over from one contract to the next; nothing where it does not."""
    if not contracts:
        return ()
    listed = ", ".join(contracts[:5]) + (", ..." if len(contracts) > 5 else "")
    return (f"the rows are of {len(contracts)} contracts one after the other ({listed}): the price may jump where the next one begins",)


def ask_instrument(symbol: str, found: Instrument) -> str:
    """Ask which instrument a file holds, and say what it is taken for until then."""
    return (
        f"nothing tells which instrument '{symbol[:40]}' is: taken as {_CLASS_WORDS[found.asset_class]} in {found.zone}, with "
        f"{found.days_per_year} days a year and the costs of its class; say the instrument or its class if that is wrong"
    )


_CLASS_WORDS = {AssetClass.EQUITY: "a share", AssetClass.CRYPTO: "a coin, because it trades at weekends,"}
