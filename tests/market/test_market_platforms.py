"""Files as platforms and services write them: counts from other starts, values of a page, marks of an unfinished bar, clocks of twelve."""

import json
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta

import pytest
from export_files import CLOSES, DAYS, VOLUMES, as_json, comma, days_of, instants, prices, table
from export_table import STANDARD

from core.domain.bars import Bars, Preview
from core.domain.instrument import AssetClass, Instrument
from core.domain.readings import Corrections
from core.market import Market, preview_file
from core.market.instrument_classes import make_instrument

ROWS = [(day, *prices(place), VOLUMES[place]) for place, day in enumerate(DAYS)]
COIN = make_instrument("BTC/USD", asset_class=AssetClass.CRYPTO)
SHARE = make_instrument("AAPL")


@pytest.fixture(scope="module")
def market(tmp_path_factory: pytest.TempPathFactory) -> Market:
    return Market(tmp_path_factory.mktemp("home"))


def read(content: bytes | str, name: str = "x.csv", instrument: Instrument | None = None) -> Preview:
    data = content.encode() if isinstance(content, str) else content
    return preview_file(data, name, today=date(2026, 1, 1), instrument=instrument)


def bars_of(preview: Preview) -> Bars:
    assert preview.refused == ()
    assert preview.bars is not None
    return preview.bars


def script(moment: Callable[[date], str]) -> str:
    """Rows as a page holds them."""
    return ",\n".join(f"[{moment(day)}, {o}, {h}, {low}, {c}, {v}]" for day, o, h, low, c, v in ROWS)


CHART = {
    "cols": [{"id": str(place), "label": name} for place, name in enumerate(STANDARD.split(","))],
    "rows": [{"c": [{"v": f"Date({day.year},{day.month - 1},{day.day})"}, *({"v": cell} for cell in row)]} for day, *row in ROWS],
}
FIXED = "00COTAHIST.2023BOVESPA 20230301\r\n" + "".join(
    f"01{day:%Y%m%d}02{'PETR4':<12}010{'PETROBRAS':<12}{'PN      N2':<10}   R$  "
    + "".join(f"{round(price * 100):013}" for price in (o, h, low, o, c, o, o))
    + f"{42:05}{v:018}{0:018}{0:013}0999912310000001{0:013}BRPETRACNPR6125\r\n"
    for day, o, h, low, c, v in ROWS
)
FILES = {
    "months that a page counts from 0": f"var data = [\n{script(lambda day: f'new Date({day.year}, {day.month - 1}, {day.day})')}\n];",
    "moments of a page in UTC": f"var data = [\n{script(lambda day: f'Date.UTC({day.year},{day.month - 1},{day.day})')},\n];",
    "moments of a page in cells": f"{STANDARD}\n"
    + "".join(f'"new Date({d.year}, {d.month - 1}, {d.day})",{o},{h},{low},{c},{v}\n' for d, o, h, low, c, v in ROWS),
    "names without quotes": "["
    + ",".join(f'{{day:"{d}",open:"{o}",high:"{h}",low:"{low}",close:"{c}",volume:"{v}"}}' for d, o, h, low, c, v in ROWS)
    + "]",
    "the answer of a chart of Google": f"/*O_o*/\ngoogle.visualization.Query.setResponse({json.dumps({'status': 'ok', 'table': CHART})});",
    "rows in the one attribute of an element": "<chart>"
    + "".join(f'<item data="{d:%Y%m%d}|{o}|{h}|{low}|{c}|{v}"/>\n' for d, o, h, low, c, v in ROWS)
    + "</chart>",
    "columns of a fixed width": FIXED,
    "lines for an importer above": table(
        "$FORMAT Ticker, Date_YMD, Open, High, Low, Close, Volume\n$SKIPLINES 0\n$SEPARATOR ,", order="SDOHLCV"
    ),
    "Yahoo in French": table("Date,Ouvrir,Élevé,Faible,Clôture,Volume"),
    "Yahoo in German": table("Datum;Öffnen;Hoch;Niedrig;Schluss;Volumen", mark=";", number=comma),
    "Yahoo in Spanish": table("Fecha;Abrir;Máx.;Mín.;Cerrar;Volumen", mark=";", number=comma),
    "India's common format": table("TradDt,TckrSymb,OpnPric,HghPric,LwPric,ClsPric,TtlTradgVol", order="DSOHLCV", extra="AAPL"),
    "a database of shares": table("datadate,prcod,prchd,prcld,prccd,cshtrd"),
    "a terminal's fields": table("Date,OPEN_PRC,HIGH_1,LOW_1,TRDPRC_1,ACVOL_UNS"),
    "an exchange of Vienna": table("Datum;Eröffnungspreis;Tageshoch;Tagestief;Letzter Preis;Volumen", mark=";", number=comma),
    "a name merged with the line above": table(",,,,,Volume\nDate,Open,High,Low,Close,"),
    "zlotys": table(STANDARD.replace(",", ";"), mark=";", number=lambda value: f"{value:,.2f} zł".replace(",", "\u00a0").replace(".", ",")),
    "EUC-JP": table("日付,始値,高値,安値,終値,出来高", encoding="euc_jp"),
    "Windows-874": table("วันที่,เปิด,สูงสุด,ต่ำสุด,ปิด,ปริมาณ", encoding="cp874"),
    "days beside lists of prices": json.dumps({"dates": days_of(), "ohlcv": [row for _, *row in ROWS]}),
    "days as names of lists of prices": json.dumps({str(day): row for day, *row in ROWS}),
    "open, close, low, high beside days, as charts have them": json.dumps(
        {"categories": days_of(), "values": [[o, c, low, h, v] for _, o, h, low, c, v in ROWS]}
    ),
    "nanoseconds since 2000": table(STANDARD, lambda day: f"{(day - date(2000, 1, 1)).days * 86_400 * 10**9}"),
}


@pytest.mark.parametrize("title", FILES)
def test_the_series_is_read_from(title: str) -> None:
    bars = bars_of(read(FILES[title]))

    assert [str(day) for day in bars.time.astype("datetime64[D]")] == list(days_of())
    assert bars.close.tolist() == pytest.approx(list(CLOSES))
    assert bars.volume.tolist() == [float(volume) for volume in VOLUMES]


@pytest.mark.parametrize(
    ("written", "meant"),
    [("1.25 тыс.", 1250), ("1.25 млн", 1_250_000), ("1.25mn", 1_250_000), ("1.25 MM", 1_250_000), ("1.25 Mld", 1.25e9), ("1.25만", 12_500)],
)
def test_a_volume_with_a_multiple_behind_it_is_read(written: str, meant: float) -> None:
    assert bars_of(read(table(STANDARD, volume=lambda _: written))).volume.tolist() == pytest.approx([meant] * len(DAYS))


def candles(last: str, *, newest_first: bool) -> bytes:
    """Rows without names, with a mark at the end that says whether a bar was finished."""
    rows = [
        [instants("UTC", unit=1000)(DAYS[0] + timedelta(days=place)), *map(str, prices(place)), str(VOLUMES[place]), "1"]
        for place in range(len(DAYS))
    ]
    rows[-1][-1] = last
    return as_json({"code": "0", "data": rows[::-1] if newest_first else rows})


@pytest.mark.parametrize("newest_first", [True, False])
def test_the_bar_that_a_nameless_column_says_was_unfinished_is_left_out(newest_first: bool) -> None:
    whole, cut = (read(candles(last, newest_first=newest_first), instrument=COIN) for last in ("1", "0"))

    assert (len(bars_of(whole)), len(bars_of(cut))) == (len(DAYS), len(DAYS) - 1)
    assert cut.repaired[0] == "dropped 1 bar that 'column 7' says was not complete"


@pytest.mark.parametrize(("zone", "hour"), [("Asia/Hong_Kong", 16), ("Asia/Tokyo", 15)])
def test_days_of_a_coin_are_those_of_its_exchange(zone: str, hour: int) -> None:
    days = tuple(date(2023, 1, 3) + timedelta(days=place) for place in range(12))
    preview = read(table(STANDARD, instants(zone), days=days), instrument=COIN)

    assert [str(day) for day in bars_of(preview).time.astype("datetime64[D]")] == list(map(str, days))
    assert f"days by midnight in {zone}" in preview.understood


MINUTES = [datetime(day.year, day.month, day.day, 9, 30) + timedelta(minutes=5 * step) for day in DAYS[:6] for step in range(78)]


def minutes(stamp: Callable[[datetime], object]) -> str:
    return f"{STANDARD}\n" + "".join(f"{stamp(at)},10,12,9,11,{place}\n" for place, at in enumerate(MINUTES))


def count_seconds(at: datetime, start: datetime = datetime(1970, 1, 1)) -> int:
    return int((at - start).total_seconds())


def test_seconds_of_local_time_are_asked_for_their_zone_and_read_in_it(market: Market) -> None:
    data = minutes(count_seconds).encode()
    asked, said = market.preview(data, "AAPL.csv"), market.preview(data, "AAPL.csv", Corrections(zone="America/New_York"))

    assert "the bars run from 4:30 to 11:00" in asked.reading.questions[0]
    assert said.reading.questions == ()
    assert [at.item() for at in bars_of(said).time.astype("datetime64[s]")] == MINUTES


def test_seconds_of_utc_are_not_asked_about(market: Market) -> None:
    preview = market.preview(minutes(lambda at: count_seconds(at + timedelta(hours=5))).encode(), "AAPL.csv")

    assert preview.reading.questions == ()
    assert bars_of(preview).time[0].item() == MINUTES[0]


def test_a_few_days_of_seconds_tell_by_a_weekend_that_they_count_from_2001() -> None:
    preview = read(minutes(lambda at: count_seconds(at + timedelta(hours=5), datetime(2001, 1, 1))), "AAPL.csv", SHARE)

    assert [at.item() for at in bars_of(preview).time.astype("datetime64[s]")] == MINUTES


def test_bars_of_a_share_within_a_weekend_are_questioned(market: Market) -> None:
    preview = market.preview(minutes(lambda at: f"{at + timedelta(days=4):%Y-%m-%d %H:%M}").encode(), "AAPL.csv")

    assert "fall on a weekend, the first on 2023-01-07" in preview.reading.questions[0]


@pytest.mark.parametrize("instrument", [COIN, None])
def test_a_coin_before_there_were_coins_is_refused(instrument: Instrument | None) -> None:
    days = tuple(date(1992, 1, 1 + place) for place in range(12))
    (reason,) = read(table(STANDARD, instants("UTC"), days=days), instrument=instrument).refused

    assert reason.startswith("its first bar is of 1992-01-01, before there were coins")


@pytest.mark.parametrize("newest_first", [True, False])
def test_afternoons_of_a_clock_of_twelve_hours_follow_their_noon(newest_first: bool) -> None:
    text = minutes(lambda at: f"{at:%m/%d/%Y} {at.hour if at.hour < 13 else at.hour - 12}:{at.minute:02}")
    head, *rows = text.splitlines()
    preview = read("\n".join([head, *(rows[::-1] if newest_first else rows)]), "AAPL.csv", SHARE)

    assert [at.item() for at in bars_of(preview).time.astype("datetime64[s]")] == MINUTES
    assert "the clock counts to twelve and names no afternoons: those behind a noon are" in preview.repaired


def test_a_night_in_bars_is_no_afternoon() -> None:
    times = [datetime(2023, 1, 3, 1, tzinfo=UTC) + timedelta(hours=step) for step in range(12)]
    text = f"{STANDARD}\n" + "".join(f"{at:%Y-%m-%d %H:%M},10,12,9,11,5\n" for at in times)

    assert bars_of(read(text, instrument=COIN)).time[0].item().hour == 1


def test_a_change_between_pence_and_pounds_is_remarked_upon() -> None:
    rows = [(day, *(price / 100 if 5 <= place < 8 else price for price in prices(place)), 5) for place, day in enumerate(DAYS)]
    preview = read(f"{STANDARD}\n" + "".join(",".join(map(str, row)) + "\n" for row in rows), "VOD.L.csv")

    said = f"the prices from {DAYS[5]} on are 101 times lower than before: another unit, as pounds among pence, or no bar"
    assert said in preview.warnings


@pytest.mark.parametrize(("kind", "remarked"), [(AssetClass.EQUITY, True), (AssetClass.FOREX, False)])
def test_three_digits_behind_every_dot_of_a_share_are_remarked_upon(kind: AssetClass, remarked: bool) -> None:
    content = table(STANDARD, number=lambda value: f"{value:,.0f}".replace(",", "."))

    warnings = read(content, instrument=make_instrument("EURUSD", asset_class=kind)).warnings
    assert any("three digits behind its dot" in each for each in warnings) is remarked


def test_one_price_under_a_name_with_a_digit_is_read_though_its_first_row_is_blank() -> None:
    text = "observation_date,SP500\n2023-01-02,\n" + "".join(f"{day},{c}\n" for day, *_, c, _ in ROWS)

    assert bars_of(read(text, "SP500.csv")).close.tolist() == list(CLOSES)


def test_a_header_above_rows_that_begin_with_a_blank_is_no_row_of_them() -> None:
    head = '"";BBEX3.D.USD;BBEX3.D.USD_FLAGS\n"";Euro;\nEinheit;USD;\nDimension;Eins;\nStand vom;01.03.2023 16:00:00 Uhr;\n'
    text = head + "2023-01-02;.;Kein Wert vorhanden\n" + "".join(f"{day};{comma(c)};\n" for day, *_, c, _ in ROWS)

    assert bars_of(read(text, "rate.csv")).close.tolist() == list(CLOSES)


@pytest.mark.parametrize(("header", "first"), [("Time left;Time right", (0, 5)), ("Time right;Time left", (5, 0))])
def test_the_left_edge_of_a_bar_is_its_time(header: str, first: tuple[int, int]) -> None:
    text = f"{header};Open;High;Low;Close;Volume\n" + "".join(
        f"{at + timedelta(minutes=first[0]):%Y-%m-%d %H:%M};{at + timedelta(minutes=first[1]):%Y-%m-%d %H:%M};10;12;9;11;5\n"
        for at in MINUTES
    )

    assert bars_of(read(text, "AAPL.csv", SHARE)).time[0].item() == MINUTES[0]


def test_a_symbol_above_dates_without_a_name_is_no_name_of_theirs() -> None:
    text = "Symbol,AAPL\n" + table(STANDARD).decode().removeprefix("Date")

    assert [str(day) for day in bars_of(read(text)).time.astype("datetime64[D]")] == list(days_of())


def test_letters_of_a_zone_in_brackets_count() -> None:
    text = minutes(lambda at: f"{at - timedelta(hours=1):%Y-%m-%d %H:%M}").replace("Date", "Time (CT)", 1)

    assert bars_of(read(text, "AAPL.csv", SHARE)).time[0].item() == MINUTES[0]


@pytest.mark.parametrize("name", ["Open[1]", "Open (t-1)", "HA_Open", "Log Open", "Heikin Ashi Open", "Predicted Open"])
def test_a_price_of_another_bar_or_made_of_prices_is_no_price(name: str) -> None:
    beside = table(f"Date,{name},Open,High,Low,Close,Volume", order="DXOHLCV")
    alone = table(f"Date,{name},High,Low,Close,Volume", order="DOHLCV")

    assert bars_of(read(beside)).open.tolist() == [prices(place)[0] for place in range(12)]
    assert read(alone).refused[0].startswith("there is no column for open")


@pytest.mark.parametrize(("header", "meant"), [("Buy Volume,Sell Volume", 7.0), ("Volume MA,Avg Volume", -VOLUMES[0])])
def test_parts_of_a_volume_are_added_and_averages_are_none(header: str, meant: float) -> None:
    volume = bars_of(read(table(f"Date,Open,High,Low,Close,{header}", order="DOHLCVX"))).volume

    assert volume[0] == VOLUMES[0] + meant


def test_mastercards_volume_is_no_average() -> None:
    bars = bars_of(read(table("Index,MA.Open,MA.High,MA.Low,MA.Close,MA.Volume")))

    assert bars.volume.tolist() == [float(volume) for volume in VOLUMES]


def test_two_digits_of_a_year_are_never_in_the_future() -> None:
    days = tuple(date(1968, 12, 23) + timedelta(days=place) for place in (0, 1, 3, 4, 7, 8, 10, 11, 14, 15, 16, 17))
    bars = bars_of(read(table(STANDARD, lambda day: f"{day:%d-%b-%y}", days=days)))

    assert [str(day) for day in bars.time.astype("datetime64[D]")] == list(map(str, days))


HOURS = [datetime(2023, 1, 3) + timedelta(hours=step) for step in range(48)]
ENDS: dict[str, tuple[str, Callable[[datetime], str]]] = {
    "hours from 1 to 24": ("Date,Hour", lambda at: f"{at:%Y-%m-%d},{at.hour + 1}"),
    "last seconds": ("Date", lambda at: f"{at + timedelta(seconds=3599):%Y-%m-%d %H:%M:%S}"),
    "last milliseconds": ("close_time", lambda at: str(count_seconds(at) * 1000 + 3_599_999)),
    "a time of the close": ("Close time", lambda at: f"{at + timedelta(hours=1):%Y-%m-%d %H:%M}"),
}


@pytest.mark.parametrize("title", ENDS)
def test_bars_that_are_named_by_their_ends_carry_their_beginnings(title: str) -> None:
    header, stamp = ENDS[title]
    text = f"{header},Open,High,Low,Close,Volume\n" + "".join(f"{stamp(at)},10,12,9,11,5\n" for at in HOURS)

    assert [at.item() for at in bars_of(read(text, instrument=COIN)).time.astype("datetime64[s]")] == HOURS


@pytest.mark.parametrize(("clock", "asked"), [("11:23:45", 1), ("16:00:01", 0)])
def test_a_last_day_that_may_not_be_over_is_questioned(clock: str, asked: int, market: Market) -> None:
    head, *rows = table(STANDARD, lambda day: f"{day} {clock if day == DAYS[-1] else '00:00:00'}-05:00").decode().splitlines()
    questions = market.preview("\n".join([head, *rows]).encode(), "AAPL.csv").reading.questions

    assert len([each for each in questions if "unlike all others: if it was not over" in each]) == asked


@pytest.mark.parametrize(("count", "reason"), [(36, "the bars are about 31 days apart"), (10, "day and month cannot be told apart")])
def test_first_days_of_months_are_no_days_of_january(count: int, reason: str) -> None:
    text = f"{STANDARD}\n" + "".join(f"01/{place % 12 + 1:02}/{2018 + place // 12},10,12,9,11,5\n" for place in range(count))

    assert read(text).refused[0].startswith(reason)


@pytest.mark.parametrize("layout", ["%d/%m/%Y", "%m/%d/%Y"])
def test_days_of_a_week_are_no_months(layout: str) -> None:
    bars = bars_of(read(table(STANDARD, lambda day: day.strftime(layout), days=DAYS[:8])))

    assert [str(day) for day in bars.time.astype("datetime64[D]")] == list(days_of())[:8]


def test_hours_with_a_dash_before_their_half_of_the_day_are_read() -> None:
    text = f"{STANDARD}\n" + "".join(f"{at:%Y-%m-%d %I-%p},10,12,9,11,5\n" for at in HOURS)

    assert [at.item() for at in bars_of(read(text, instrument=COIN)).time.astype("datetime64[s]")] == HOURS


NUMBERS: dict[str, Callable[[float], object]] = {
    "units and billionths": lambda price: {"units": str(int(price)), "nano": round(price % 1 * 1e9)},
    "a value and its scale": lambda price: {"value": round(price * 100), "scale": 2},
    "an amount and its currency": lambda price: {"amount": str(price), "currency": "USD"},
    "a number and its text": lambda price: {"raw": price, "fmt": f"{price:.0f}"},
}


@pytest.mark.parametrize("title", NUMBERS)
def test_a_number_that_is_written_as_an_object_is_one(title: str) -> None:
    write = NUMBERS[title]
    records = [
        {"time": str(day), "open": write(o), "high": write(h), "low": write(low), "close": write(c), "volume": v}
        for day, o, h, low, c, v in ROWS
    ]

    assert bars_of(read(json.dumps({"candles": records}))).close.tolist() == list(CLOSES)


@pytest.mark.parametrize(
    ("step", "stamp"), [(timedelta(hours=1), HOURS), (timedelta(days=1), [HOURS[0] + timedelta(days=day) for day in range(12)])]
)
def test_bars_of_bitmex_carry_their_beginnings(step: timedelta, stamp: list[datetime]) -> None:
    rows = "".join(f"{at + step:%Y-%m-%dT%H:%M:%S}.000Z,10,12,9,{10 + at.day / 31},5,1,1\n" for at in stamp)
    bars = bars_of(read(f"timestamp,open,high,low,close,volume,homeNotional,foreignNotional\n{rows}", instrument=COIN))

    assert [at.item() for at in bars.time.astype("datetime64[s]")] == stamp


def sessions(first: int, count: int) -> list[tuple[date, datetime]]:
    """Hours of trading days, each with the date of the day, that begin at this hour of the evening before."""
    return [
        (day, datetime(day.year, day.month, day.day, first) - timedelta(days=1) + timedelta(hours=step))
        for day in DAYS
        for step in range(count)
    ]


def by_trading_day(found: list[tuple[date, datetime]]) -> str:
    return "Trade Date,Time,Open,High,Low,Close,Volume\n" + "".join(f"{day},{at:%H:%M},10,12,9,11,5\n" for day, at in found)


def test_evenings_under_the_date_of_their_trading_day_are_dated_by_the_calendar() -> None:
    found = sessions(18, 23)
    bars = bars_of(read(by_trading_day(found), "ES=F.csv"))

    assert [at.item() for at in bars.time.astype("datetime64[s]")] == [at for _, at in found]


def test_a_night_session_under_the_date_of_the_next_day_is_refused() -> None:
    found = [(day, at) for day, at in sessions(21, 18) if at.hour >= 21 or at.hour >= 9]

    assert (
        read(by_trading_day(found)).refused[0].startswith("the dates are those of trading days, and the evening of 2023-01-03 comes before")
    )


def test_a_bar_that_stands_years_from_all_others_is_remarked_upon() -> None:
    rows = "".join(f"{date(2013 if step == 12 else 2023, 3, 1 + step)},10,12,9,11,5\n" for step in range(28))

    assert "1 bar stands 9 years from all others (2013-03-13): is the date right?" in read(f"{STANDARD}\n{rows}").warnings
