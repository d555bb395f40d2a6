"""Market data in a terminal: search and bars."""

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
    out,
    print_json,
    print_line,
    print_remark,
)
from core.domain.errors import MarketDataError, RefusedBarsError
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
    out.print(table)


@app.command()
@command
def bars(
    source: Annotated[str, typer.Argument(help="A file of bars, or a symbol.")],
    start: Start = "",
    end: End = "",
    timeframe: Frame = "",
    as_json: AsJson = False,
) -> int:
    """Look at bars: what is there, what was repaired, or why they are refused."""
    is_file = (Path(source).suffix != "" and Path(source).exists()) or "/" in source
    try:
        request = build_bars_request("" if is_file else source, source if is_file else "", start, end, timeframe)
        loaded = services().market.load(request)
    except MarketDataError as error:
        reasons = list(error.reasons) if isinstance(error, RefusedBarsError) else [str(error)]
        if as_json:
            print_json(
                {"bars": 0, "first": None, "last": None, "timeframe": timeframe or None, "repaired": [], "refused": reasons, "hash": None}
            )
        for reason in reasons:
            print_remark(reason, style="red")
        return BAD_INPUT
    found = loaded.bars
    if as_json:
        print_json(
            {
                "bars": len(found),
                "first": found.first.isoformat(),
                "last": found.last.isoformat(),
                "timeframe": found.timeframe.value,
                "symbol": found.instrument.symbol,
                "zone": found.instrument.zone,
                "repaired": list(loaded.repaired),
                "warnings": list(loaded.warnings),
                "refused": [],
                "hash": found.hash,
            }
        )
        return DONE
    print_line(
        f"{found.instrument.symbol} {found.timeframe.value}: {len(found)} bars from {found.first} to {found.last} ({found.instrument.zone})"
    )
    for line in (*loaded.repaired, *loaded.warnings):
        print_remark(line, style="yellow")
    return DONE
