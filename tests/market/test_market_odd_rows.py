"""Rows and times that mean something else than they look like: ends of hours, unfinished bars, lines of a date, contracts."""

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from export_files import CLOSES, DAYS, VOLUMES, prices, table
from export_table import STANDARD

from core.domain.bars import Bars, Preview
from core.domain.readings import Corrections
from core.market import Market, preview_file

NEW_YORK, BERLIN = ZoneInfo("America/New_York"), ZoneInfo("Europe/Berlin")
HALF_HOURS = [datetime(2023, 1, day, 9, 30, tzinfo=NEW_YORK) + timedelta(minutes=30 * number) for day in (3, 4, 5) for number in range(13)]
HOURS = [datetime(2023, 1, 3) + timedelta(hours=number) for number in range(72)]
PRICES = [round(80 + number % 7 * 1.25, 2) for number in range(72)]
CELLS = [f"{price},{price + 1},{price - 1},{price}" for price in PRICES]


def read(text: str, name: str = "power.csv") -> Preview:
    return preview_file(text.encode(), name)


def bars_of(preview: Preview) -> Bars:
    assert preview.refused == ()
    assert preview.bars is not None
    return preview.bars


HOURLY: dict[str, tuple[str, Callable[[datetime], str]]] = {
    "hours by their ends": ("Date,Hour Ending", lambda hour: f"{hour:%Y-%m-%d},{hour.hour + 1}"),
    "ends with a colon": ("Date,HE", lambda hour: f"{hour:%Y-%m-%d},{hour.hour + 1:02}:00"),
    "an hour to an hour": ("Lieferdatum,Stunde", lambda hour: f"{hour:%d.%m.%Y},{hour.hour:02} - {hour.hour + 1:02}"),
    "ends in the name": ("Interval Ending", lambda hour: f"{hour + timedelta(hours=1):%Y-%m-%d %H:%M}"),
    "halves of the day in Spanish": ("Fecha,Hora", lambda hour: f"{hour:%d/%m/%Y},{hour:%I:%M} {'a' if hour.hour < 12 else 'p'}. m."),
    "a moment to a moment": ("MTU", lambda hour: f"{hour:%d.%m.%Y %H:%M} - {hour + timedelta(hours=1):%d.%m.%Y %H:%M}"),
}


@pytest.mark.parametrize("title", HOURLY)
def test_hours_carry_their_beginning(title: str) -> None:
    head, write = HOURLY[title]

    bars = bars_of(
        read(f"{head},Open,High,Low,Close\n" + "".join(f"{write(hour)},{cells}\n" for hour, cells in zip(HOURS, CELLS, strict=True)))
    )

    assert [str(moment) for moment in bars.time] == [f"{hour:%Y-%m-%dT%H:%M:%S}" for hour in HOURS]


@pytest.mark.parametrize(("step", "digits"), [(30, 1), (15, 2), (5, 4), (5, 3)])
def test_hours_with_a_fraction_are_times_of_day(step: int, digits: int) -> None:
    times = [datetime(2023, 1, 3, 9, 30) + timedelta(minutes=step * number) for number in range(12)]
    rows = [f"{each:%Y-%m-%d},{round(each.hour + each.minute / 60, digits)},{cells}\n" for each, cells in zip(times, CELLS, strict=False)]

    bars = bars_of(read(f"Date,Hour,Open,High,Low,Close\n{''.join(rows)}", "AAPL.csv"))

    assert [str(moment) for moment in bars.time] == [f"{each:%Y-%m-%dT%H:%M:%S}" for each in times]


@pytest.mark.parametrize("step", [5, 10, 30])
def test_a_clock_that_a_spreadsheet_took_for_a_number_is_a_clock(step: int) -> None:
    times = [datetime(2023, 1, 3, 9, 30) + timedelta(minutes=step * number) for number in range(12)]
    rows = [f"{each:%Y-%m-%d},{float(f'{each.hour}.{each.minute:02}')},{cells}\n" for each, cells in zip(times, CELLS, strict=False)]

    bars = bars_of(read(f"Date,Time,Open,High,Low,Close\n{''.join(rows)}", "AAPL.csv"))

    assert [str(moment) for moment in bars.time] == [f"{each:%Y-%m-%dT%H:%M:%S}" for each in times]


def test_a_date_on_a_line_of_its_own_holds_for_the_times_below_it() -> None:
    lines = [f"{day}\n" + "".join(f"{9 + number}:30,{CELLS[number]}\n" for number in range(6)) for day in DAYS[:3]]

    bars = bars_of(read(f"Time,Open,High,Low,Close\n{''.join(lines)}", "AAPL.csv"))

    assert [str(moment) for moment in bars.time[5:7]] == ["2023-01-03T14:30:00", "2023-01-04T09:30:00"]


def test_the_bar_that_was_still_being_made_is_left_out_and_named() -> None:
    candles = [
        {"complete": place < 11, "time": str(day), "o": o, "h": h, "l": low, "c": c}
        for place, day in enumerate(DAYS)
        for o, h, low, c in [prices(place)]
    ]

    preview = read(json.dumps(candles), "EURUSD.json")

    assert len(bars_of(preview).time) == 11
    assert "dropped 1 bar that 'complete' says was not complete" in preview.repaired


def test_of_a_stream_of_candles_the_finished_ones_are_read() -> None:
    events = [
        {
            "e": "kline",
            "k": {
                "t": 1672704000000 + 86_400_000 * place,
                "L": 9,
                "o": o,
                "c": c if done else o,
                "h": h,
                "l": low,
                "v": 5,
                "V": 2,
                "x": done,
            },
        }
        for place in range(12)
        for o, h, low, c in [prices(place)]
        for done in (False, False, True)
    ]

    bars = bars_of(read("\n".join(map(json.dumps, events)), "BTCUSDT.jsonl"))

    assert (bars.close.tolist(), bars.volume.tolist()) == (list(CLOSES), [5.0] * 12)


def test_a_column_of_yes_and_no_about_many_rows_means_something_else() -> None:
    rows = "".join(f"{day},{','.join(map(str, prices(place)))},{place % 2}\n" for place, day in enumerate(DAYS))

    assert len(bars_of(read(f"Date,Open,High,Low,Close,confirmed\n{rows}", "AAPL.csv")).time) == 12


def test_contracts_that_follow_each_other_are_one_series_and_that_is_said() -> None:
    def write(contracts: list[str]) -> Preview:
        rows = [f"{day},{contracts[place // 4]},{','.join(map(str, prices(place)))}\n" for place, day in enumerate(DAYS)]
        return read(f"Date,Contract,Open,High,Low,Settle\n{''.join(rows)}", "oil.csv")

    rolled = write(["CLG23", "CLH23", "CLJ23"])

    assert (bars_of(rolled).close.tolist(), bars_of(rolled).instrument.symbol) == (list(CLOSES), "CL")
    assert any(line.startswith("the rows are of 3 contracts one after the other (CLG23, CLH23, CLJ23)") for line in rolled.warnings)
    assert write(["CLG23", "NGH23", "CLJ23"]).refused[0].startswith("it holds several instruments")
    assert write(["CLG23", "CLH23", "CLG23"]).refused[0].startswith("it holds several instruments")


def test_a_shorter_table_beside_the_prices_does_not_lend_them_its_dates() -> None:
    rows = "".join(
        f"{day},{','.join(map(str, prices(place)))},,{f'2022-0{place + 1}-05,0.2' if place < 4 else ','}\n"
        for place, day in enumerate(DAYS)
    )

    assert bars_of(read(f"Date,Open,High,Low,Close,,Date,Dividend\n{rows}", "AAPL.csv")).close.tolist() == list(CLOSES)


def test_weeks_of_the_year_may_be_written_without_a_dash() -> None:
    rows = "".join(f"2023W{number + 1:02},{CELLS[number]}\n" for number in range(8))

    assert str(bars_of(read(f"Week,Open,High,Low,Close\n{rows}", "AAPL.csv")).time[1]) == "2023-01-09T00:00:00"


def test_the_same_offset_is_another_zone_in_summer_than_in_winter() -> None:
    for first, zone in ((datetime(2023, 1, 3, 9), "Europe/Berlin"), (datetime(2023, 7, 4, 9), "Europe/London")):
        rows = "".join(
            f"{first + timedelta(days=number // 8, hours=number % 8):%Y-%m-%dT%H:%M:%S}+01:00,{CELLS[number]}\n" for number in range(32)
        )

        assert bars_of(read(f"time,open,high,low,close\n{rows}", "own.csv")).instrument.zone == zone


def test_offsets_of_another_zone_do_not_contradict_bars_that_keep_the_hours(tmp_path: Path) -> None:
    rows = "".join(f"{each.astimezone(BERLIN).isoformat()},{CELLS[place]}\n" for place, each in enumerate(HALF_HOURS))

    bars = bars_of(Market(tmp_path).preview(f"time,open,high,low,close\n{rows}".encode(), "AAPL.csv"))

    assert (bars.instrument.zone, str(bars.time[0])) == ("America/New_York", "2023-01-03T09:30:00")


def test_of_two_moments_the_one_whose_name_ends_in_utc_tells_the_zone(tmp_path: Path) -> None:
    rows = "".join(
        f"{each.astimezone(BERLIN):%Y-%m-%d %H:%M},{each.astimezone(UTC):%Y-%m-%d %H:%M},{CELLS[place]}\n"
        for place, each in enumerate(HALF_HOURS)
    )

    preview = Market(tmp_path).preview(f"snapshotTime,snapshotTimeUTC,open,high,low,close\n{rows}".encode(), "AAPL.csv")

    assert str(bars_of(preview).time[0]) == "2023-01-03T09:30:00"


LONE = {
    "lines above the header": "Spot price\nhttps://example.org\nmade 10:14\nDay,Dollars per Barrel\n" + table("", order="DC").decode(),
    "the ends of the bars beside it": "Datum von,Datum bis,Preis [EUR]\n"
    + "".join(f"{day},{day + timedelta(days=1)},{CLOSES[place]}\n" for place, day in enumerate(DAYS)),
    "columns that never change": "Delivery Date,Point,Price per unit\n"
    + "".join(f"{day},NORTH,{CLOSES[place]}\n" for place, day in enumerate(DAYS)),
    "pairs in a document": json.dumps(
        {"prices": [[1672704000000 + 86_400_000 * (day - DAYS[0]).days, CLOSES[place]] for place, day in enumerate(DAYS)]}
    ),
    "records of a document": json.dumps(
        {"observations": [{"realtime": "x", "date": str(day), "value": str(CLOSES[place])} for place, day in enumerate(DAYS)]}
    ),
}


@pytest.mark.parametrize("title", LONE)
def test_the_one_column_of_numbers_is_the_price(title: str) -> None:
    preview = read(LONE[title], "own.csv")

    assert bars_of(preview).close.tolist() == list(CLOSES)
    assert any(line.startswith("the only price is") for line in preview.understood)


def test_what_is_no_price_is_not_taken_for_the_only_one() -> None:
    texts = {
        "a statement": "Date,Description,Balance\n" + "".join(f"{day},payment {place},{CLOSES[place]}\n" for place, day in enumerate(DAYS)),
        "dividends": "Date,Dividends\n" + "".join(f"{day},{CLOSES[place]}\n" for place, day in enumerate(DAYS)),
        "orders": json.dumps({"bids": [[100 - place, 5] for place in range(12)], "asks": [[101 + place, 5] for place in range(12)]}),
    }

    assert all(read(text, "own.csv").bars is None for text in texts.values())


def test_a_close_that_is_said_names_an_instrument_where_every_column_is_one() -> None:
    rows = "".join(f"{day},{close},{2 * close},{3 * close}\n" for day, close in zip(DAYS, CLOSES, strict=True))
    said = Corrections(columns=(("close", "MSFT"),))

    preview = preview_file(f"Date,AAPL,MSFT,GOOG\n{rows}".encode(), "closes.csv", corrections=said)

    assert bars_of(preview).close.tolist() == [2 * close for close in CLOSES]
    assert bars_of(preview).instrument.symbol == "MSFT"


def test_what_a_spreadsheet_writes_for_nothing_is_blank_and_a_settlement_price_a_number() -> None:
    text = table(STANDARD).decode().replace(f",{VOLUMES[3]}\n", ",#N/A N/A\n", 1).replace(f"{CLOSES[5]:.2f},", f"{CLOSES[5]:.2f}s,", 1)

    preview = read(text, "ZC=F.csv")

    assert (bars_of(preview).volume[3], bars_of(preview).close[5]) == (0, CLOSES[5])
