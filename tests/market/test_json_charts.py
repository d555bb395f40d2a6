"""Options of charts in JSON, and rows without names as terminals write them."""

import io
from typing import Any

import openpyxl
import pytest
from export_files import CLOSES, DAYS, VOLUMES, as_json, instants, iso, prices, table

from core.market.files import preview_file

ON_AXIS = [[opening, close, low, high] for opening, high, low, close in map(prices, range(12))]
DATES = [day.isoformat() for day in DAYS]
MOMENTS = [int(instants("UTC", unit=1000)(day)) for day in DAYS]
CHARTS: dict[str, dict[str, Any]] = {
    "ECharts": {
        "xAxis": [{"type": "category", "data": DATES}],
        "series": [
            {"type": "candlestick", "name": "AAPL", "data": ON_AXIS},
            {"type": "line", "name": "MA5", "data": list(CLOSES)},
            {"type": "bar", "name": "Volume", "data": list(VOLUMES)},
        ],
    },
    "ECharts with styles": {
        "xAxis": {"data": DATES},
        "series": [
            {"type": "candlestick", "data": [{"value": row} for row in ON_AXIS]},
            {"type": "bar", "name": "volume", "data": [[place, volume, 1] for place, volume in enumerate(VOLUMES)]},
        ],
    },
    "Highcharts": {
        "series": [
            {"type": "candlestick", "name": "AAPL", "data": [[moment, *prices(place)] for place, moment in enumerate(MOMENTS)]},
            {"type": "column", "name": "Volume", "data": [list(pair) for pair in zip(MOMENTS, VOLUMES, strict=True)]},
        ]
    },
}


@pytest.mark.parametrize("title", CHARTS)
def test_the_candles_of_a_chart_are_read_with_the_volume_of_another_series(title: str) -> None:
    bars = preview_file(as_json(CHARTS[title]), "AAPL.json").bars
    assert bars is not None
    assert [str(day) for day in bars.time.astype("datetime64[D]")] == DATES
    assert (bars.close.tolist(), bars.high.tolist()) == (list(CLOSES), [prices(place)[1] for place in range(12)])
    assert bars.volume.tolist() == list(map(float, VOLUMES))


@pytest.mark.parametrize(
    ("order", "stamp"),
    [("DHLOCV", lambda day: f"{day} 00:00:00"), ("SXDNOHLCV", lambda day: f"{day:%Y%m%d}"), ("NDOHLCV", iso)],
    ids=["high and low first", "symbol, period and time before", "a constant before"],
)
def test_rows_without_names_are_read_by_what_stands_in_them(order: str, stamp: Any) -> None:
    content = table("", stamp, order=order, extra="AAPL.US").decode().replace(",42,", ",000000,")
    bars = preview_file(content.encode(), "AAPL.csv").bars
    assert bars is not None
    assert (bars.close.tolist(), bars.volume.tolist()) == (list(CLOSES), list(map(float, VOLUMES)))


def test_a_volume_of_the_day_so_far_gives_way_to_its_steps() -> None:
    total, rows = 0, []
    for place in range(12):
        opening, high, low, close = prices(place)
        total += VOLUMES[place]
        rows.append(f"2023-01-03 09:{30 + place}:00,{high},{low},{opening},{close},{total},{VOLUMES[place]},0,")
    bars = preview_file("\n".join(rows).encode(), "AAPL.csv").bars
    assert bars is not None
    assert bars.volume.tolist() == list(map(float, VOLUMES))


def test_a_hidden_sheet_is_left_out_and_named() -> None:
    book = openpyxl.Workbook()
    for name, factor in (("Data", 1), ("raw", 2)):
        sheet = book.create_sheet(name)
        sheet.append(["Date", "Open", "High", "Low", "Close"])
        for place, day in enumerate(DAYS):
            sheet.append([day, *(price * factor for price in prices(place))])
    book["raw"].sheet_state = "hidden"
    buffer = io.BytesIO()
    book.save(buffer)
    preview = preview_file(buffer.getvalue(), "AAPL.xlsx")
    assert preview.bars is not None
    assert preview.bars.close.tolist() == list(CLOSES)
    assert "the hidden sheets 'raw' left out" in preview.understood


def test_days_of_a_coin_whose_close_stands_in_text_carry_their_beginning() -> None:
    rows = "".join(f"2023-01-{day:02d} 00:00:00,10,11,9,10.5,100\n" for day in range(2, 30))
    bars = preview_file(f"close_time,open,high,low,close,volume\n{rows}".encode(), "BTC-USD.csv").bars
    assert bars is not None
    assert str(bars.time[0])[:10] == "2023-01-01"
