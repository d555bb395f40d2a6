"""Records one after the other instead of a table, columns told by what stands in them, files of one price, and numbers of other scales."""

import json
from collections.abc import Callable, Sequence
from datetime import date

import pytest
from export_files import CLOSES, DAYS, VOLUMES, prices, table
from export_table import STANDARD
from hypothesis import given
from hypothesis import strategies as st

from core.domain.bars import Bars
from core.market import preview_file
from core.market.plain_texts import strip_assignment
from core.market.record_texts import read_literal, read_records

ROWS = [(day, *prices(place), VOLUMES[place]) for place, day in enumerate(DAYS)]
NAMES = ("date", "open", "high", "low", "close", "volume")
RECORDS = [dict(zip(NAMES, row, strict=True)) for row in ROWS]
PLAIN_RECORDS = [{**record, "date": str(record["date"])} for record in RECORDS]
COLUMNS = {name: [record[name] for record in PLAIN_RECORDS] for name in NAMES}
PRICED = "open={o}, high={h}, low={l}, close={c}, volume={v}"
CELLS = "{o},{h},{l},{c},{v}"
PRINTED_FRAME = """shape: (12, 6)
┌───┬───┐
│ date ┆ open ┆ high ┆ low ┆ close ┆ volume │
│ --- ┆ --- ┆ --- ┆ --- ┆ --- ┆ --- │
│ date ┆ f64 ┆ f64 ┆ f64 ┆ f64 ┆ i64 │
╞═══╪═══╡
"""
CREATE = "CREATE TABLE bars (day date, open numeric(9, 2), high real, low real, close real, volume bigint, PRIMARY KEY (day));\n"
ELEMENT = "<r><Date>{d}</Date><Open>{o}</Open><High>{h}</High><Low>{l}</Low><Close>{c}</Close><Volume>{v}</Volume></r>"


def lines(pattern: str) -> str:
    """A line for each row: {d} is its day, {o} to {c} its prices, {v} its volume, {y} the year that Thailand counts."""
    return "".join(pattern.format(d=d, o=o, h=h, l=low, c=c, v=v, y=d.year + 543, t=v * 900) + "\n" for d, o, h, low, c, v in ROWS)


TEXTS = {
    "bars that a broker's library prints": lines(
        "Bar. ReqId: 41 BarData. Date: {d:%Y%m%d}, Open: {o}, High: {h}, Low: {l}, Close: {c}, Volume: {v}, WAP: {o}"
    ),
    "objects as Python prints them": lines("BarData(date=datetime.date({d.year}, {d.month}, {d.day}), " + PRICED + ".0)"),
    "lines of a log": lines("2024-05-01 10:00:07 INFO bar date={d} open={o} high={h} low={l} close={c} volume={v}"),
    "a strategy's prints, the date without a name": lines("{d}, Open: {o:.2f}, High: {h:.2f}, Low: {l:.2f}, Close: {c:.2f}, Volume: {v}"),
    "a log of JSON": lines('[{d} 16:00:00] DEBUG {{"s": "A", "o": {o}, "h": {h}, "l": {l}, "c": {c}, "v": {v}}}'),
    "short names": lines("{d}," + CELLS).join(["dt,op,hi,lo,cl,vo\n", ""]),
    "a field on each line": lines("- date: {d}\n  open: {o}\n  high: {h}\n  low: {l}\n  close: {c}\n  volume: {v}"),
    "a printed list of dictionaries": repr(RECORDS),
    "a printed list of tuples": repr([(str(row[0]), *row[1:]) for row in ROWS]),
    "a dictionary in a program": f"data = {COLUMNS!r}",
    "an assignment in a page": f"var rows = {json.dumps(PLAIN_RECORDS)};",
    "a callback": f"show({json.dumps(PLAIN_RECORDS)});",
    "statements, one for each row": CREATE + lines("INSERT INTO bars VALUES ('{d}', {o}, {h}, {l}, {c}, {v});"),
    "one statement with names": "INSERT INTO `bars` (`date`, `open`, `high`, `low`, `close`, `volume`) VALUES\n"
    + lines("('{d}', {o}, {h}, {l}, {c}, {v}),"),
    "a dump": "SET x = 0;\nCOPY public.bars (trade_date, open, high, low, close, volume) FROM stdin;\n"
    + lines("{d}\t{o}\t{h}\t{l}\t{c}\t{v}")
    + "\\.\n",
    "attributes": "<x>" + lines("<bar k='x' date='{d}' open='{o}' high='{h}' low='{l}' close='{c}' volume='{v}'/>") + "</x>",
    "elements": f"<?xml version='1.0'?>\n<q xmlns='urn:a'>{lines(ELEMENT)}</q>",
    "a printed frame": PRINTED_FRAME + lines("│ {d} ┆ {o} ┆ {h} ┆ {l} ┆ {c} ┆ {v} │") + "└───┴───┘\n",
    "times under a name for a count": json.dumps(
        {"r": {"ticks": [1672704000000 + 86_400_000 * (day - DAYS[0]).days for day in DAYS], **{n: COLUMNS[n] for n in NAMES[1:]}}}
    ),
    "dates under a name that nobody knows": "Quando,Open,High,Low,Close,Volume\n" + lines("{d}," + CELLS),
    "adjusted prices alone": "Date,Adj. Open,Adj. High,Adj. Low,Adj. Close,Volume\n" + lines("{d}," + CELLS),
    "years that Thailand counts in": "วันที่,เปิด,สูงสุด,ต่ำสุด,ปิด,ปริมาณ\n" + lines("{d:%d/%m}/{y}," + CELLS),
    "years that begin with a century": "Date,Time,Open,High,Low,Close,Vol\n" + lines("1{d:%y%m%d},1600," + CELLS),
    "days with blanks": "Datum;Otevření;Maximum;Minimum;Závěr;Objem\n" + lines("{d.day}. {d.month}. {d.year};{o};{h};{l};{c};{v}"),
    "pence": "Date,Open,High,Low,Close,Volume\n" + lines("{d},{o}p,{h}p,{l}p,{c}p,{v}"),
    "pieces beside money": "Datum;Eröffnung;Tageshoch;Tagestief;Schluss;Umsatz;Umsatz in Stück\n"
    + lines("{d:%d.%m.%y};{o};{h};{l};{c};{t};{v}"),
}


def read(text: str, name: str = "AAPL.txt") -> Bars:
    preview = preview_file(text.encode(), name)
    assert preview.refused == ()
    assert preview.bars is not None
    return preview.bars


@pytest.mark.parametrize("title", TEXTS)
def test_records_are_read_as_the_series_that_they_hold(title: str) -> None:
    bars = read(TEXTS[title])

    assert [str(day) for day in bars.time.astype("datetime64[D]")] == [str(day) for day in DAYS]
    assert bars.close.tolist() == list(CLOSES)
    assert bars.high.tolist() == [prices(place)[1] for place in range(12)]
    assert bars.volume.tolist() == [float(volume) for volume in VOLUMES]
    assert bars.instrument.symbol == "AAPL"


def test_the_dots_of_thousands_are_told_by_fractions_with_a_comma_beside_them() -> None:
    rows = "".join(
        f"{d:%d/%m/%Y};{';'.join(f'{price * 10:,.0f}'.replace(',', '.') for price in (c, o, h, low))};0,25%\n"
        for d, o, h, low, c, _ in ROWS
    )

    bars = read("Tanggal;Terakhir;Pembukaan;Tertinggi;Terendah;Perubahan%\n" + rows)

    assert bars.close.tolist() == [float(f"{close * 10:.0f}") for close in CLOSES]
    assert str(bars.time[0]) == "2023-01-03T00:00:00"


def write_whole(scale: Callable[[float], int]) -> str:
    return "".join(f"{row[0]:%Y%m%d} 00:00,{','.join(str(scale(price)) for price in row[1:5])},{row[5]}\n" for row in ROWS)


def test_prices_that_lean_stores_are_told_by_their_cents_and_whole_prices_stay_what_they_are() -> None:
    assert read(write_whole(lambda price: round(price * 100 + 3) * 100)).close.tolist() == [round(close + 0.03, 2) for close in CLOSES]
    assert read(write_whole(lambda price: round(price) * 1000)).close.tolist() == [round(close) * 1000.0 for close in CLOSES]
    assert read(write_whole(round)).close.tolist() == [float(round(close)) for close in CLOSES]


@pytest.mark.parametrize("header", ["observation_date,FUND", "Date,NAV", "Datum;Kurs"])
def test_one_price_a_day_is_all_four_and_that_is_said(header: str) -> None:
    mark = ";" if ";" in header else ","
    body = lines("{d}" + mark + "{c}").replace(f"{CLOSES[3]}\n", ".\n", 1)

    preview = preview_file(f"{header}\n{body}".encode(), "FUND.csv")

    assert preview.bars is not None
    assert preview.bars.close.tolist() == preview.bars.open.tolist() == preview.bars.low.tolist() == [*CLOSES[:3], *CLOSES[4:]]
    assert any("each bar has one price" in warning for warning in preview.warnings)


@pytest.mark.parametrize(
    ("header", "rows"),
    [
        ("Date,Anf,Ende,Close", lines("{d},{o},{h},{c}")),
        ("Date,Open,Close", lines("{d},{o},{c}")),
        ("Name,City", "Ann,Rome\nBob,Oslo\nEve,Bern\n"),
        ("Date,Volume", lines("{d},{v}")),
    ],
)
def test_a_missing_price_is_not_made_of_another_one(header: str, rows: str) -> None:
    assert preview_file(f"{header}\n{rows}".encode(), "odd.csv").bars is None


def test_two_columns_of_moments_are_not_chosen_between() -> None:
    rows = lines("{d},{d}," + CELLS)

    assert "no column for date" in preview_file(f"Quando,Wann,Open,High,Low,Close,Volume\n{rows}".encode(), "odd.csv").refused[0]


@pytest.mark.parametrize(
    "text",
    [
        "<!DOCTYPE a [<!ENTITY x 'y'>]><a><b date='1' open='1' high='1' low='1' close='1'/></a>",
        "<a><b date='1' open='1' high='1' low='1' close='1'></a>",
        "data = [open('/etc/passwd').read(), {'date': __import__('os')}]",
        "INSERT INTO bars VALUES ('2023-01-03', 1, 2);",
        "COPY bars (date, open, high, low, close) FROM stdin;\n1\t2\n\\.\n",
    ],
)
def test_what_is_no_series_is_refused_in_words_and_never_run(text: str) -> None:
    preview = preview_file(text.encode(), "odd.txt")

    assert preview.bars is None
    assert len(preview.refused[0]) < 400


NUMBERS = st.floats(0.01, 1e6, allow_nan=False).map(lambda value: round(value, 4))


@given(st.lists(st.tuples(st.dates(date(1990, 1, 1), date(2030, 1, 1)), NUMBERS, NUMBERS, NUMBERS, NUMBERS), min_size=2, max_size=6))
def test_whatever_values_records_hold_they_come_back_as_they_were(rows: Sequence[tuple[object, ...]]) -> None:
    names = NAMES[:5]
    shown = [[str(cell) for cell in row] for row in rows]
    fields = [list(zip(names, row, strict=True)) for row in shown]
    elements = ["".join(f"<{name}>{cell}</{name}>" for name, cell in row) for row in fields]
    written = {
        "equals": "\n".join(" ".join(f"{name}={cell}" for name, cell in row) for row in fields),
        "colons": "\n".join(", ".join(f"{name}: {cell}" for name, cell in row) for row in fields),
        "inserts": "\n".join(f"INSERT INTO b ({', '.join(names)}) VALUES ('{row[0]}', {', '.join(row[1:])});" for row in shown),
        "elements": f"<a> <b/>{''.join(f'<r>{row}</r>' for row in elements)}</a>",
    }
    for text in written.values():
        assert read_records(text) is not None
        assert read_records(text)[1] == (list(names), shown)  # type: ignore[index]
    literal = strip_assignment(f"rows = {[dict(zip(names, row, strict=True)) for row in rows]!r}")
    assert read_literal(literal) == [dict(zip(names, [str(row[0]), *row[1:]], strict=True)) for row in rows]


def test_a_usual_table_is_not_taken_for_records() -> None:
    assert read_records(table(STANDARD).decode()) is None
    assert read_records(table("<DATE>,<OPEN>,<HIGH>,<LOW>,<CLOSE>,<VOL>").decode()) is None


def test_the_euro_of_windows_behind_a_price_tells_the_encoding_under_a_plain_header() -> None:
    data = ("Datum;Preis in EUR\n" + lines("{d};{c} €").replace(".", ",")).encode("cp1252")

    preview = preview_file(data, "FUND.csv")

    assert preview.bars is not None
    assert preview.bars.close.tolist() == list(CLOSES)
