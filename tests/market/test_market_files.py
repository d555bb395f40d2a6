"""What people upload, one small file each: how it is read, what is repaired, what is refused."""

import io
from datetime import date
from pathlib import Path

import numpy as np
import pytest

from core.domain.bars_request import LARGEST_BASKET, BarsRequest
from core.domain.errors import RefusedBarsError
from core.domain.instrument import AssetClass, Timeframe
from core.market import Market, preview_file
from core.market.files import FileCache
from core.market.instrument_classes import make_instrument

PLAIN = """Date,Open,High,Low,Close,Volume
2020-01-06,10,11,9,10.5,100
2020-01-07,10.5,12,10,11.5,200
2020-01-08,11.5,12,11,11.2,300
"""
CLOSES = [10.5, 11.5, 11.2]
DAYS = ["2020-01-06", "2020-01-07", "2020-01-08"]
LATER = ["2020-01-13", "2020-01-14", "2020-01-15"]


def yahoo(body: str = "") -> str:
    """What `yf.download(...).to_csv()` writes."""
    rows = "2020-01-06,10.5,11,9,10,100\n2020-01-07,11.5,12,10,10.5,200\n2020-01-08,11.2,12,11,11.5,300\n"
    return f"Price,Close,High,Low,Open,Volume\nTicker,AAPL,AAPL,AAPL,AAPL,AAPL\nDate,,,,,\n{body or rows}"


ACCEPTED = {
    "plain": PLAIN,
    "semicolons and decimal comma": PLAIN.replace(",", ";").replace(".", ","),
    "tabs": PLAIN.replace(",", "\t"),
    "pipes": PLAIN.replace(",", "|"),
    "byte order mark": "\ufeff" + PLAIN,
    "windows line ends": PLAIN.replace("\n", "\r\n"),
    "no header": PLAIN.split("\n", 1)[1],
    "lower case and blanks": PLAIN.replace("Date,Open,High,Low,Close,Volume", " date , open , high , low , close , volume "),
    "angle brackets": PLAIN.replace("Date,Open,High,Low,Close,Volume", "<DATE>,<OPEN>,<HIGH>,<LOW>,<CLOSE>,<VOL>"),
    "numbered names": PLAIN.replace("Date,Open,High,Low,Close,Volume", "timestamp,1. open,2. high,3. low,4. close,5. volume"),
    "other column order": "Close,Date,Low,High,Open\n10.5,2020-01-06,9,11,10\n11.5,2020-01-07,10,12,10.5\n11.2,2020-01-08,11,12,11.5\n",
    "unnamed index column": PLAIN.replace("Date,", ","),
    "trailing commas": PLAIN.replace("\n", ",\n"),
    "preamble": "Exported for a friend\nSymbol: XYZ\n\n" + PLAIN,
    "newest first": PLAIN.split("\n", 1)[0] + "\n" + "\n".join(reversed(PLAIN.strip().split("\n")[1:])) + "\n",
    "yahoo with three header rows": yahoo(),
    "quoted with thousands": PLAIN.replace("10,11,9,10.5,100", '"10.00","11.00","9.00","10.50","1,234,567"'),
    "currency signs": PLAIN.replace("10,11,9,10.5,100", "$10,$11,$9,$10.5,1.2M"),
    "month first": PLAIN.replace("2020-01-06", "01/13/2020").replace("2020-01-07", "01/14/2020").replace("2020-01-08", "01/15/2020"),
    "day first": PLAIN.replace("2020-01-06", "13/01/2020").replace("2020-01-07", "14/01/2020").replace("2020-01-08", "15/01/2020"),
    "compact dates": PLAIN.replace("2020-01-", "202001"),
    "month names": PLAIN.replace("2020-01-06", "06-Jan-2020").replace("2020-01-07", "07-Jan-2020").replace("2020-01-08", "08-Jan-2020"),
    "offsets": PLAIN.replace("2020-01-06", "2020-01-06 00:00:00-05:00")
    .replace("2020-01-07", "2020-01-07 00:00:00-05:00")
    .replace("2020-01-08", "2020-01-08 00:00:00-05:00"),
    "a time of day on daily bars": PLAIN.replace("2020-01-06", "2020-01-06T16:00:00")
    .replace("2020-01-07", "2020-01-07T16:00:00")
    .replace("2020-01-08", "2020-01-08T16:00:00"),
    "duplicate row": PLAIN + "2020-01-08,11.5,12,11,11.2,300\n",
    "empty row": PLAIN + ",,,,,\n",
    "row without prices": PLAIN + "2020-01-09,,,,,\n",
    "row with a hole": PLAIN + "2020-01-09,11,,10,11,5\n",
    "row of zeros": PLAIN + "2020-01-09,0,0,0,0,0\n",
    "row with too many fields": PLAIN + "2020-01-09,11,12,10,11,5,6,7\n",
    "footer": PLAIN + "Total,,,,,600\n",
}


@pytest.mark.parametrize("name", ACCEPTED)
def test_what_people_upload_is_understood(name: str) -> None:
    preview = preview_file(ACCEPTED[name].encode(), "sample.csv", today=date(2024, 1, 1))

    assert preview.refused == ()
    assert preview.bars is not None
    assert preview.bars.close.tolist() == CLOSES
    assert preview.bars.timeframe is Timeframe.D1
    assert [str(day) for day in preview.bars.time.astype("datetime64[D]")] == (LATER if name in ("month first", "day first") else DAYS)


REPAIRS = {
    "newest first": "sorted by time (it was newest first)",
    "duplicate row": "dropped 1 duplicate bar",
    "row without prices": "dropped 1 row without any price",
    "row with too many fields": "dropped 1 line with too many fields",
    "row of zeros": "dropped 1 row whose prices are all zero (2020-01-09)",
    "row with a hole": "dropped 1 row with missing prices (2020-01-09)",
    "a time of day on daily bars": "removed the time of day from daily bars",
}


@pytest.mark.parametrize("name", REPAIRS)
def test_every_repair_is_named(name: str) -> None:
    assert REPAIRS[name] in preview_file(ACCEPTED[name].encode()).repaired


def test_a_plain_file_needs_no_repair() -> None:
    preview = preview_file(PLAIN.encode())

    assert (preview.repaired, preview.refused) == ((), ())


HEAD = "Date,Open,High,Low,Close,Volume\n"


def on(*dates: str) -> str:
    """The plain bars on other dates."""
    return HEAD + "".join(f"{day},10,11,9,10.5,100\n" for day in dates)


REFUSED = {
    "high below low": (PLAIN.replace("10,11,9,10.5", "10,9,11,10.5"), "high is below low on 1 bar (2020-01-06)"),
    "close above high": (PLAIN.replace("12,11,11.2", "12,11,13"), "open or close lies outside high and low on 1 bar (2020-01-08)"),
    "negative price": (PLAIN.replace("10,11,9,10.5", "10,11,-9,10.5"), "prices are zero or negative on 1 bar (2020-01-06)"),
    "zero prices": (PLAIN.replace("10,11,9,10.5", "0,0,0,0").replace("10.5,12,10,11.5", "0,0,0,0"), "prices are zero or negative"),
    "a price of zero": (PLAIN.replace("10,11,9,10.5", "10,11,0,10.5"), "prices are zero or negative"),
    "future": (on("2020-01-07", "2091-01-08"), "the date is in the future on 1 bar (2091-01-08)"),
    "negative volume": (PLAIN.replace(",300", ",-300"), "volume is negative"),
    "no close column": (PLAIN.replace("Close", "Bid"), "no column for close"),
    "no date column": (on("first", "second").replace("Date", "Row"), "no column for date"),
    "dates in no format": (on("day 6", "day 7"), "the dates are in no known format, for example 'day 6'"),
    "day or month": (on("01/02/2020", "02/03/2020", "03/04/2020"), "day and month cannot be told apart"),
    "several instruments": ("Symbol," + HEAD + "A,2020-01-06,1,1,1,1,1\nB,2020-01-06,1,1,1,1,1\n", "several instruments: A, B"),
    "several instruments from Yahoo": (yahoo().replace("AAPL,AAPL,AAPL", "AAPL,MSFT,AAPL"), "several instruments side by side: AAPL, MSFT"),
    "one bar": (on("2020-01-06"), "one bar alone"),
    "text as numbers": (PLAIN.replace("10.5", "abc").replace("11.5", "xyz"), "4 cells hold text where a number should stand"),
    "seconds": (on("2020-01-06 09:30:00", "2020-01-06 09:30:10", "2020-01-06 09:30:20"), "10 seconds apart"),
    "months": (on("2020-01-06", "2020-02-06", "2020-03-06"), "30 days apart"),
    "forty-five minutes": (on("2020-01-06 09:30", "2020-01-06 10:15", "2020-01-06 11:00"), "45 minutes apart"),
    "decimal comma or thousands": (
        "Date;Open;High;Low;Close\n2020-01-06;1,100;1,100;1,100;1,100\n2020-01-07;1,200;1,200;1,200;1,200\n",
        "'1,100' may be a decimal comma or a thousands mark",
    ),
    "a quotation mark left open": (PLAIN.replace("10.5,12", '"10.5,12'), "quotation mark is opened and not closed"),
    "quotation marks around several lines": (PLAIN.replace("10.5,12", '"10.5,12').replace("11.5,12", '11.5,12"'), "spans several lines"),
    "prose": ("Dear reader,\nthis is no table.\n", "cannot be read as a table"),
    "empty": ("", "is empty"),
    "binary": ("\x00\x01\x02\x03\x00\x00\x00\x00\x00abc", "binary file"),
    "html": ("<html><body>Too many requests</body></html>", "cannot be read as a table"),
    "conflicting repeats": (
        HEAD + "".join(f"2020-01-{day:02},10,11,9,{close},1\n" for day in range(6, 12) for close in (10, 10.5)),
        "6 times occur more than once with different prices",
    ),
}


@pytest.mark.parametrize("name", REFUSED)
def test_where_repair_would_be_guessing_the_file_is_refused(name: str) -> None:
    text, reason = REFUSED[name]

    preview = preview_file(text.encode(), "sample.csv", today=date(2024, 1, 1))

    assert preview.bars is None
    assert reason in " ".join(preview.refused)


def test_a_refused_file_raises_with_every_reason(tmp_path: Path) -> None:
    path = tmp_path / "bad.csv"
    path.write_text(PLAIN.replace("10,11,9,10.5", "-10,9,11,10.5"))

    with pytest.raises(RefusedBarsError) as caught:
        FileCache().fetch(path)

    assert len(caught.value.reasons) == 3
    assert "nothing was imported" in caught.value.hint


def test_adjusted_close_adjusts_all_prices(tmp_path: Path) -> None:
    path = tmp_path / "split.csv"
    path.write_text("Date,Open,High,Low,Close,Adj Close,Volume\n2020-01-06,100,100,100,100,50,10\n2020-01-07,50,50,50,50,50,20\n")

    bars = preview_file(path).bars

    assert bars.open.tolist() == [50, 50]
    assert bars.volume.tolist() == [20, 20]


def test_a_split_without_adjustment_is_remarked_upon() -> None:
    text = PLAIN.replace("11.5,12,11,11.2,300", "5.75,6,5.6,5.8,300")

    assert "2020-01-08 looks like a 2-for-1 split" in preview_file(text.encode()).warnings[0]


def test_weekend_rows_that_repeat_friday_are_dropped() -> None:
    rows = [
        "2020-01-09,11,12,10,11,5",
        "2020-01-10,11,12,10,11.5,5",
        "2020-01-11,11.5,11.5,11.5,11.5,0",
        "2020-01-12,11.5,11.5,11.5,11.5,0",
    ]

    preview = preview_file((PLAIN + "\n".join(rows)).encode())

    assert preview.repaired == ("dropped 2 weekend bars that only repeat the day before",)


def test_weekend_trading_is_kept_and_makes_it_a_market_that_never_closes() -> None:
    rows = "".join(f"2020-01-{day:02},10,12,9,{10 + day / 10},5\n" for day in range(1, 15))

    bars = preview_file((HEAD + rows).encode(), "coin.csv").bars

    assert bars is not None
    assert (len(bars), bars.instrument.days_per_year) == (14, 365)


def test_a_daylight_saving_change_keeps_the_hours_as_written() -> None:
    text = on("2020-03-06 15:59:00-05:00", "2020-03-06 16:00:00-05:00", "2020-03-09 09:30:00-04:00", "2020-03-09 09:31:00-04:00")

    bars = preview_file(text.encode()).bars

    assert bars is not None
    assert bars.instrument.zone == "America/New_York"
    assert [str(moment)[11:16] for moment in bars.time] == ["15:59", "16:00", "09:30", "09:31"]


def test_utc_times_of_a_known_instrument_become_its_wall_time() -> None:
    tokyo = make_instrument("7203.T", exchange="XTKS")
    text = on("2020-01-05T15:00:00Z", "2020-01-06T15:00:00Z", "2020-01-07T15:00:00Z")

    bars = preview_file(text.encode(), instrument=tokyo).bars

    assert bars is not None
    assert [str(moment) for moment in bars.time.astype("datetime64[D]")] == DAYS
    assert bars.time[0].item().weekday() == 0


def test_unix_times_are_recognized() -> None:
    rows = "".join(f"{1_578_300_000_000 + minute * 60_000},10,11,9,10,5\n" for minute in range(4))

    bars = preview_file(("Open time,Open,High,Low,Close,Volume\n" + rows).encode()).bars

    assert bars is not None
    assert (bars.timeframe, bars.instrument.zone, str(bars.time[0])) == (Timeframe.M1, "UTC", "2020-01-06T08:40:00")


def test_times_called_gmt_become_the_pairs_new_york_time() -> None:
    rows = "".join(f"13.01.2020 {14 + minute // 60:02}:{minute % 60:02}:00.000,1.1,1.2,1.0,1.1,5\n" for minute in range(5))

    preview = preview_file(("Gmt time,Open,High,Low,Close,Volume\n" + rows).encode(), "EURUSD_Candlestick_1_M.csv")

    assert preview.bars is not None
    assert (str(preview.bars.time[0]), preview.bars.instrument.zone) == ("2020-01-13T09:00:00", "America/New_York")


def test_with_dots_the_day_comes_first() -> None:
    bars = preview_file(on("01.02.2020", "02.02.2020", "03.02.2020").encode()).bars

    assert bars is not None
    assert str(bars.time[0])[:10] == "2020-02-01"


def test_thousands_marks_beside_decimal_commas() -> None:
    head = "Datum;Eröffnung;Hoch;Tief;Schluss;Volumen\n"
    text = head + "2020-01-06;1.070,10;1.071,20;1.069,80;1.070,50;70.500\n2020-01-07;1070,1;1071;1069,8;1070,5;500\n"

    bars = preview_file(text.encode()).bars

    assert bars is not None
    assert (bars.close.tolist(), bars.volume.tolist()) == ([1070.5, 1070.5], [70500.0, 500.0])


@pytest.mark.parametrize(
    ("codec", "head"),
    [
        ("cp1250", "Data;Otwarcie;Najwyższy;Najniższy;Zamknięcie;Wolumen"),
        ("cp852", "Data;Otwarcie;Najwyższy;Najniższy;Zamknięcie;Wolumen"),
        ("cp1254", "Tarih;Açılış;Yüksek;Düşük;Kapanış;Hacim"),
        ("cp1251", "Дата;Открытие;Максимум;Минимум;Закрытие;Объём"),
        ("koi8-r", "Дата;Открытие;Максимум;Минимум;Закрытие;Объём"),
        ("cp866", "Дата;Открытие;Максимум;Минимум;Закрытие;Объём"),
    ],
)
def test_a_header_tells_the_encoding_of_an_older_machine(codec: str, head: str) -> None:
    bars = preview_file(f"{head}\n06.01.2020;10;12;9;11;500\n07.01.2020;11;13;10;12;600\n".encode(codec)).bars

    assert bars is not None
    assert (bars.open.tolist(), bars.close.tolist(), bars.volume.tolist()) == ([10, 11], [11, 12], [500, 600])


def test_columns_that_stand_apart_may_have_blanks_within() -> None:
    rows = "".join(f"03/16/2020   09:{minute}:00 AM   10.00  11.00   9.00  10.50  {minute}00\n" for minute in range(30, 36))

    bars = preview_file(("Trade Date   Time   Open   High   Low   Last   Vol\n" + rows).encode()).bars

    assert bars is not None
    assert (len(bars), str(bars.time[0]), bars.close[0], bars.volume[0]) == (6, "2020-03-16T09:30:00", 10.5, 3000)


@pytest.mark.parametrize("name", ["BTCUSDT-1m.csv", "btc_usd.csv", "BTC-USD.csv"])
def test_a_coin_is_told_by_the_file_name(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_text(PLAIN)

    assert Market(tmp_path / "home").bars(BarsRequest(path=str(tmp_path / name))).instrument.asset_class is AssetClass.CRYPTO


def test_a_header_without_a_name_for_the_time_is_completed() -> None:
    rows = "".join(f"2020-01-06,09:{minute}:00,10,11,9,10,5\n" for minute in range(30, 40))

    preview = preview_file((HEAD + rows).encode())

    assert preview.bars is not None
    assert preview.bars.timeframe is Timeframe.M1
    assert "the header lacks a name for the time column" in preview.understood


def test_stamps_at_the_end_of_bars_are_pointed_out() -> None:
    rows = "".join(
        f"2020-01-0{day} {minute // 60:02}:{minute % 60:02},10,11,9,10,5\n" for day in (6, 7) for minute in range(541, 541 + 120)
    )

    assert any("end of each bar" in warning for warning in preview_file((HEAD + rows).encode()).warnings)


def test_the_file_name_tells_the_instrument(tmp_path: Path) -> None:
    (tmp_path / "MSFT.csv").write_text(PLAIN)
    (tmp_path / "eurusd_daily.csv").write_text(PLAIN)
    market = Market(tmp_path / "home")

    assert market.bars(BarsRequest(path=str(tmp_path / "MSFT.csv"))).instrument.name == "Microsoft Corporation"
    assert market.bars(BarsRequest(path=str(tmp_path / "eurusd_daily.csv"))).instrument.asset_class is AssetClass.FOREX


def test_a_changed_file_is_read_again(tmp_path: Path) -> None:
    path = tmp_path / "x.csv"
    path.write_text(PLAIN)
    market = Market(tmp_path / "home")
    before = market.bars(BarsRequest(path=str(path)))
    path.write_text(PLAIN + "2020-01-09,11,12,10,11,5\n")

    assert len(before) == 3
    assert len(market.bars(BarsRequest(path=str(path)))) == 4


@pytest.mark.parametrize("kind", ["xlsx", "parquet", "parquet with a dated index", "gzip"])
def test_other_kinds_of_files_hold_the_same_bars(kind: str) -> None:
    import gzip

    import pandas

    frame = pandas.read_csv(io.StringIO(PLAIN), parse_dates=["Date"])
    buffer = io.BytesIO()
    if kind == "xlsx":
        frame.to_excel(buffer, index=False)
    elif kind == "gzip":
        buffer.write(gzip.compress(PLAIN.encode()))
    else:
        (frame if kind == "parquet" else frame.set_index("Date").tz_localize("America/New_York")).to_parquet(buffer)

    preview = preview_file(buffer.getvalue(), f"bars.{kind}")

    assert preview.bars is not None, preview.refused
    assert preview.bars.close.tolist() == CLOSES
    assert np.array_equal(preview.bars.time, np.array(DAYS, dtype="datetime64[s]"))


def test_the_files_of_a_basket_are_read_once(tmp_path: Path) -> None:
    text = "Date,Open,High,Low,Close\n2020-01-06,10,12,9,11\n2020-01-07,11,13,10,12\n"
    paths = [tmp_path / f"{number}.csv" for number in range(LARGEST_BASKET)]
    for path in paths:
        path.write_text(text)
    files = FileCache()

    first = [files.fetch(path) for path in paths]

    assert all(files.fetch(path) is one for path, one in zip(paths, first, strict=True))
