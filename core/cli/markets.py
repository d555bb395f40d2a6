"""Market data in a terminal: search and bars."""

import shlex
from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table
from rich.text import Text

from core.cli.command import (
    BAD_INPUT,
    DONE,
    AsJson,
    End,
    Frame,
    Start,
    app,
    build_bars_request,
    command,
    names_file,
    out,
    print_json,
    print_line,
    print_remark,
)
from core.domain.bars import LoadedBars
from core.domain.errors import InputError, MarketDataError, RefusedBarsError
from core.domain.instrument import AssetClass
from core.domain.readings import Corrections, FileReading
from core.services import services


@app.command()
@command
def search(
    query: Annotated[str, typer.Argument(help="Symbol or company name; typos are forgiven.")],
    limit: Annotated[int, typer.Option(min=1, help="At most so many.")] = 20,
    as_json: AsJson = False,
) -> None:
    """Find instruments."""
    found = services().market.search(query, limit=limit)
    if as_json:
        print_json(
            [
                {
                    "symbol": listing.instrument.symbol,
                    "name": listing.instrument.name,
                    "class": listing.instrument.asset_class.value,
                    "exchange": listing.instrument.exchange,
                    "currency": listing.instrument.currency,
                    "has_data": listing.has_data,
                }
                for listing in found
            ]
        )
        return
    table = Table("symbol", "name", "class", "exchange", "currency", "data here")
    for listing in found:
        item = listing.instrument
        cells = (item.symbol, item.name, item.asset_class.value, item.exchange, item.currency, "yes" if listing.has_data else "")
        table.add_row(*map(Text, cells))
    if not found:
        print_remark(f"Nothing is called anything like {query!r}.", style="yellow")
        return
    out.print(table)


@app.command()
@command
def bars(
    source: Annotated[str, typer.Argument(help="A file of bars, or a symbol.")],
    start: Start = "",
    end: End = "",
    timeframe: Frame = "",
    instrument: Annotated[str, typer.Option("--as", help="Instrument that the file is of, for example EURUSD or MC.PA.")] = "",
    asset_class: Annotated[str, typer.Option("--class", help=f"Its class: {', '.join(AssetClass)}.")] = "",
    zone: Annotated[str, typer.Option(help="Zone in which the file's times are written, for example Europe/Berlin.")] = "",
    column: Annotated[list[str] | None, typer.Option(help="Which header is which, for example close=Kurs; may be repeated.")] = None,
    day_first: Annotated[bool | None, typer.Option("--day-first/--month-first", help="Order of 03/04/2023.")] = None,
    decimal: Annotated[str, typer.Option(help="Mark before the fraction of a number: . or ,")] = "",
    sheet: Annotated[str, typer.Option("--table", help="Sheet, packed file, table or instrument that is meant of several.")] = "",
    as_json: AsJson = False,
) -> int:
    """Look at bars: how a file was understood, what was repaired, or why it is refused; what you correct is kept for later runs."""
    is_file = names_file(source)
    said = build_corrections(instrument, asset_class, zone, column or [], day_first, decimal).changed(table=sheet.strip())
    try:
        if said != Corrections():
            if not is_file:
                raise InputError("Only the reading of a file can be corrected.", hint="Give the path of a file.")
            corrected = services().workbench.correct_reading(Path(source), said)
            if not corrected.usable:
                _print_refusal(list(corrected.refused), timeframe, corrected.reading, as_json)
                return BAD_INPUT
        request = build_bars_request("" if is_file else source, source if is_file else "", start, end, timeframe)
        loaded = services().market.load(request)
    except MarketDataError as error:
        reasons = list(error.reasons) if isinstance(error, RefusedBarsError) else [str(error)]
        _print_refusal(reasons, timeframe, _preview(source, is_file), as_json)
        return BAD_INPUT
    if as_json:
        print_json(_describe_bars(loaded))
        return DONE
    found = loaded.bars
    print_line(
        f"{found.instrument.symbol} {found.timeframe.value}: {len(found)} bars from {found.first} to {found.last} ({found.instrument.zone})"
    )
    for line in loaded.reading.describe() if loaded.reading else ():
        print_line(f"  {line}")
    for line in (*loaded.repaired, *loaded.warnings):
        print_remark(line, style="yellow")
    return DONE


def build_corrections(
    instrument: str, asset_class: str, zone: str, columns: list[str], day_first: bool | None, decimal: str
) -> Corrections:
    """Build what the options say of a file's reading. Raises InputError."""
    if asset_class and asset_class not in list(AssetClass):
        raise InputError(f"{asset_class!r} is no class of instruments.", hint=f"Use one of {', '.join(AssetClass)}.")
    pairs = [each.partition("=") for each in columns]
    if wrong := [role + mark for role, mark, header in pairs if not mark or not header.strip()]:
        raise InputError(f"{wrong[0]!r} does not say which column is which.", hint="Write it as close=Kurs.")
    return Corrections(
        symbol=instrument.strip(),
        asset_class=AssetClass(asset_class) if asset_class else None,
        zone=zone.strip(),
        columns=tuple((role.strip(), header.strip()) for role, _, header in pairs),
        day_first=day_first,
        decimal=decimal,
    )


def _preview(source: str, is_file: bool) -> FileReading | None:
    """Read what was understood of a file before it was refused."""
    return services().market.preview(Path(source)).reading if is_file and Path(source).exists() else None


def _print_refusal(reasons: list[str], timeframe: str, reading: FileReading | None, as_json: bool) -> None:
    if as_json:
        nothing = {"bars": 0, "first": None, "last": None, "timeframe": timeframe or None, "repaired": [], "refused": reasons, "hash": None}
        print_json({**nothing, **_describe_reading(reading)})
    for reason in reasons:
        print_remark(reason, style="red")
    if reading and reading.tables and not reading.corrections.table:
        print_remark(f"Say so with --table, for example --table {shlex.quote(reading.tables[0])}.")


def _describe_bars(loaded: LoadedBars) -> dict[str, object]:
    found, item = loaded.bars, loaded.bars.instrument
    return {
        "bars": len(found),
        "first": found.first.isoformat(),
        "last": found.last.isoformat(),
        "timeframe": found.timeframe.value,
        "symbol": item.symbol,
        "name": item.name,
        "zone": item.zone,
        "class": item.asset_class.value,
        "exchange": item.exchange,
        "calendar": item.calendar,
        "currency": item.currency,
        "days_per_year": item.days_per_year,
        "costs": item.costs.model_dump(mode="json"),
        "repaired": list(loaded.repaired),
        "warnings": list(loaded.warnings),
        "refused": [],
        "hash": found.hash,
        **_describe_reading(loaded.reading),
    }


def _describe_reading(reading: FileReading | None) -> dict[str, object]:
    if reading is None:
        return {}
    return {
        "columns": dict(reading.columns),
        "headers": list(reading.headers),
        "tables": list(reading.tables),
        "unit": reading.unit,
        "told_by": reading.told_by,
        "questions": list(reading.questions),
        "corrections": {
            **reading.corrections.model_dump(mode="json", exclude_defaults=True, exclude={"columns"}),
            **({"columns": dict(reading.corrections.columns)} if reading.corrections.columns else {}),
        },
    }
