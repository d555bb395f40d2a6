"""Files of the world's tools and languages that were met after the table of exports: each holds the one series of the exports' tests."""

import bz2
import json
import lzma
from datetime import date, datetime, timedelta

import pytest
from export_files import CLOSES, DAYS, VOLUMES, as_json, comma, days_of, english, instants, prices, table

from core.market.files import preview_file

STANDARD = "Date,Open,High,Low,Close,Volume"
LOCAL = {"mark": ";", "number": comma, "stamp": lambda day: day.strftime("%d.%m.%Y")}
HEADERS = {
    "Chinese, total of hands": ("时间,开盘,收盘,最高,最低,涨幅,振幅,总手,金额", {"order": "DOCHLXXVT"}),
    "Chinese, one letter": ('"日期","收盘","开盘","高","低","交易量"', {"order": "DCOHLV", "number": english}),
    "German, abbreviated": ("Datum;Zuletzt;Eröffn.;Hoch;Tief;Vol.", {"order": "DCOHLV", **LOCAL}),
    "German, turnover and shares": ("Datum;Eröffnung;Schluss;Tageshoch;Tagestief;Umsatz (€);Umsatz (Stück)", {"order": "DOCHLTV", **LOCAL}),
    "Portuguese, volume is money": ("Data;Abertura;Máximo;Mínimo;Fechamento;Volume;Quantidade", {"order": "DOHLCTV", **LOCAL}),
    "Polish": ("Data;Ostatnio;Otwarcie;Max.;Min.;Wol.", {"order": "DCOHLV", **LOCAL}),
    "Czech": ("Datum;Otevření;Maximum;Minimum;Zavírací;Objem", LOCAL),
    "Hungarian": ("Dátum;Nyitó;Maximum;Minimum;Záró;Forgalom (db)", {**LOCAL, "stamp": lambda day: day.strftime("%Y.%m.%d.")}),
    "Greek": ("Ημερομηνία;Τελευταία;Άνοιγμα;Υψηλό;Χαμηλό;Όγκος", {"order": "DCOHLV", **LOCAL}),
    "Danish": ("Dato;Seneste;Åben;Høj;Lav;Vol.", {"order": "DCOHLV", **LOCAL}),
    "Hebrew": ("תאריך,מחיר,פתיחה,גבוה,נמוך,נפח", {"order": "DCOHLV"}),
    "Arabic": ("التاريخ,الأخير,الافتتاح,الأعلى,الأدنى,الحجم", {"order": "DCOHLV"}),
    "Thai": ("วันเดือนปี,ล่าสุด,เปิด,สูงสุด,ต่ำสุด,ปริมาณ", {"order": "DCOHLV"}),
    "Indonesian": ("Tanggal,Terakhir,Pembukaan,Tertinggi,Terendah,Vol.", {"order": "DCOHLV"}),
    "a terminal's fields": ("Dates,PX_OPEN,PX_HIGH,PX_LOW,PX_LAST,PX_VOLUME", {}),
    "an exchange date": (
        "Exchange Date,Close,Net,%Chg,Open,Low,High,Volume",
        {"order": "DCXXOLHV", "stamp": lambda day: day.strftime("%d-%b-%Y")},
    ),
    "explanations with one blank": (
        "Date\tOpen\tHigh\tLow\tClose Close price adjusted for splits.\tVolume",
        {"mark": "\t", "number": english},
    ),
    "a line that names the delimiter": (STANDARD.replace(",", ";"), {"mark": ";", "before": "sep=;\n"}),
    "decimal commas beside semicolons, an empty last name": (
        "Date;Bid;Open;High;Low;Close;Volume;",
        {"order": "DAOHLCV", **LOCAL, "stamp": str},
    ),
    "single quotes": ("'Date','Open','High','Low','Close','Volume'", {"stamp": "'{}'".format, "number": "'{:.2f}'".format}),
    "Russian months": ("Дата;Открытие;Максимум;Минимум;Закрытие;Объем", {**LOCAL, "stamp": lambda day: f"{day.day} января {day.year}"}),
    "Polish months": (
        "Data;Otwarcie;Najwyższy;Najniższy;Zamknięcie;Wolumen",
        {**LOCAL, "stamp": lambda day: f"{day.day} stycznia {day.year}"},
    ),
    "years of the Republic of China": (STANDARD, {"stamp": lambda day: f"{day.year - 1911}/{day.month:02}/{day.day:02}"}),
    "two digits of the year first": (STANDARD, {"stamp": lambda day: day.strftime("%y/%m/%d")}),
    "three decimals behind a comma": (STANDARD.replace(",", ";"), {"mark": ";", "number": lambda value: f"{value:.3f}".replace(".", ",")}),
    "a unit behind the volume": (STANDARD, {"volume": "{} shares".format}),
    "the header once more": (STANDARD, {"after": f"{STANDARD}\n"}),
    "words below, beside the symbol": (
        f"Symbol,{STANDARD}",
        {"order": "SDOHLCV", "extra": "AAPL", "after": '"Downloaded from a site, 5:30am"\n'},
    ),
    "the symbol first and no header": ("", {"order": "SDOHLCV", "extra": "AAPL"}),
    "open, close, high, low and no header": ("", {"order": "DOCHLV"}),
    "the volume first and no header": ("", {"order": "DVCHLO", "stamp": instants("UTC")}),
    "an average price before the volume and no header": ("", {"order": "DOHLCCVN", "stamp": instants("UTC")}),
    "a table of Markdown": (
        "| Date | Open | High | Low | Close | Volume |",
        {"mark": " | ", "stamp": "| {}".format, "volume": "{} |".format},
    ),
}


def read(content: bytes, name: str = "AAPL.csv") -> tuple[tuple[str, ...], list[float], list[float]]:
    preview = preview_file(content, name, today=date(2026, 1, 1))
    assert preview.refused == ()
    assert preview.bars is not None
    return tuple(str(time)[:10] for time in preview.bars.time), preview.bars.close.tolist(), preview.bars.volume.tolist()


@pytest.mark.parametrize("title", HEADERS)
def test_the_series_is_read_from(title: str) -> None:
    header, options = HEADERS[title]
    days, closes, volumes = read(table(header, **options))
    assert days == days_of()
    assert closes == pytest.approx(CLOSES)
    assert volumes == pytest.approx(VOLUMES)


ROWS = "".join(
    f"<tr><td>{day}</td>{''.join(f'<td>{price}</td>' for price in prices(place))}<td>{VOLUMES[place]}</td></tr>"
    for place, day in enumerate(DAYS)
)
HEAD = "".join(f"<th>{name}</th>" for name in STANDARD.split(","))
PAGE = f"<html><body><table><tr><td>menu</td></tr></table><table><tr>{HEAD}</tr>{ROWS}</table>"
PARTS = "Year,Month,Day,Open,High,Low,Close,Volume\n" + "".join(
    f"{day.year},{day.month},{day.day},{','.join(map(str, prices(place)))},{VOLUMES[place]}\n" for place, day in enumerate(DAYS)
)
RULED = table(HEADERS["a table of Markdown"][0], **HEADERS["a table of Markdown"][1]).replace(b"|\n", b"|\n|---|---|---|---|---|---|\n", 1)
SIDE = "Ticker,AAPL,AAPL,AAPL,AAPL,AAPL\nPrice,Open,High,Low,Close,Volume\nDate,,,,,"


@pytest.mark.parametrize(
    "content",
    [
        PAGE.encode(),
        bz2.compress(table(STANDARD)),
        lzma.compress(table(STANDARD)),
        PARTS.encode(),
        RULED,
        table(SIDE),
        table(STANDARD).replace(b"\n", b"\r"),
    ],
    ids=[
        "a web page",
        "bzip2",
        "xz",
        "a column for each part of the date",
        "a ruled table",
        "the ticker above the names",
        "old ends of lines",
    ],
)
def test_the_series_is_read_from_other_kinds_of_files(content: bytes) -> None:
    days, closes, volumes = read(content, "x.csv")
    assert days == days_of()
    assert closes == pytest.approx(CLOSES)
    assert volumes == pytest.approx(VOLUMES)


MINUTES = tuple(datetime(2023, 1, day, 9, 30) + timedelta(minutes=minute) for day in (3, 4, 5) for minute in range(20))
CLOCKS = {
    "month first, on three days": "{0:%m/%d/%Y %H:%M}",
    "a.m.": "{0:%m/%d/%Y %I:%M} a.m.",
    "seventeen digits": "{0:%Y%m%d%H%M%S}000",
    "no marks but a T": "{0:%Y%m%dT%H%M%S}",
    "dashes in the time": "{0:%Y-%m-%d_%H-%M-%S}",
    "a comma before the fraction": '"{0:%Y-%m-%d %H:%M:%S},000"',
    "an offset and a zone": "{0:%Y-%m-%dT%H:%M:%S}-05:00[America/New_York]",
    "the year last": "{0:%a %b %d %H:%M:%S} EST {0:%Y}",
}
TIMES = {
    "dots": "{0:%d.%m.%Y},{0:%H.%M}",
    "a range": "{0:%Y-%m-%d},{0:%H:%M}-{1:%H:%M}",
    "a spreadsheet's numbers": "{2},{3:.9f}",
    "a spreadsheet's day and a time": "{2},{0:%H:%M}",
}


@pytest.mark.parametrize("title", [*CLOCKS, *TIMES])
def test_the_minutes_are_read_from(title: str) -> None:
    layout = CLOCKS.get(title) or TIMES[title]
    stamps = [
        layout.format(at, at + timedelta(minutes=1), (at.date() - date(1899, 12, 30)).days, (at.hour * 60 + at.minute) / 1440)
        for at in MINUTES
    ]
    header = "Date,Time,Open,High,Low,Close,Volume" if title in TIMES else STANDARD
    text = header + "\n" + "".join(f"{stamp},10,12,9,11,5\n" for stamp in stamps)
    preview = preview_file(text.encode(), "mine.csv", today=date(2026, 1, 1))
    assert preview.bars is not None
    assert [at.item() for at in preview.bars.time.astype("datetime64[s]")] == list(MINUTES)


def test_a_zone_in_a_column_of_its_own_counts() -> None:
    text = "Time,Timezone,Open,High,Low,Close,Volume\n" + "".join(f"{at},UTC,10,12,9,11,5\n" for at in MINUTES)
    assert preview_file(text.encode(), "mine.csv", today=date(2026, 1, 1)).reading.zone == "UTC"


def test_raw_prices_of_databento_are_billionths() -> None:
    text = "ts_event,rtype,publisher_id,open,high,low,close,volume\n" + "".join(
        f"{instants('UTC')(day)}000000000,35,2,{','.join(str(round(price * 1e9)) for price in prices(place))},{VOLUMES[place]}\n"
        for place, day in enumerate(DAYS)
    )
    assert read(text.encode())[1] == pytest.approx(CLOSES)


ONE = [{"t": day.isoformat(), **dict(zip("ohlc", prices(place), strict=True)), "v": VOLUMES[place]} for place, day in enumerate(DAYS)]


def test_the_key_over_a_list_of_bars_is_their_symbol() -> None:
    preview = preview_file(as_json({"bars": {"AAPL": ONE}}), "x.json", today=date(2026, 1, 1))
    assert preview.reading.instrument is not None
    assert preview.reading.instrument.symbol == "AAPL"


@pytest.mark.parametrize(
    "content",
    [
        as_json({"bars": {"AAPL": ONE, "MSFT": ONE}}),
        table(
            SIDE.replace("AAPL,AAPL,AAPL,AAPL,AAPL", "AAPL,AAPL,AAPL,AAPL,AAPL,MSFT,MSFT,MSFT,MSFT,MSFT").replace(
                "Volume", "Volume,Open,High,Low,Close,Volume"
            ),
            order="DOHLCVOHLCV",
        ),
    ],
    ids=["lists by symbol", "side by side"],
)
def test_several_instruments_in_one_file_are_refused_by_name(content: bytes) -> None:
    (reason,) = preview_file(content, "x.csv", today=date(2026, 1, 1)).refused
    assert "several instruments" in reason
    assert "AAPL, MSFT" in reason


def test_a_feather_file_of_the_first_version_is_refused_with_what_to_save_it_as() -> None:
    (reason,) = preview_file(b"FEA1" + bytes(100), "x.feather").refused
    assert "as Parquet or as CSV" in reason


def test_a_page_without_prices_says_so() -> None:
    (reason,) = preview_file(json.dumps("").encode() + b"<p>", "x.html").refused
    assert reason
    (reason,) = preview_file(b"<!DOCTYPE html><p>Sign in</p>", "x.html").refused
    assert "no table of dates and prices is in this page" in reason
