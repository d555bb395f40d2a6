"""Tables below each other, on their side, or with a row for each price: told from a plain one and read as their series."""

import io

import openpyxl
import pytest
from export_files import CLOSES, DAYS, VOLUMES, days_of, prices

from core.domain.bars import Bars, Preview
from core.domain.readings import Corrections
from core.market import preview_file

HEADER = "Date,Open,High,Low,Close,Volume\n"
ROLES = ("Open", "High", "Low", "Close", "Volume")
ROWS = [f"{day},{','.join(map(str, (*prices(place), VOLUMES[place])))}\n" for place, day in enumerate(DAYS)]
TWICE = [f"{day},{','.join(map(str, (*(2 * price for price in prices(place)), 7)))}\n" for place, day in enumerate(DAYS)]
WHOLE = HEADER + "".join(ROWS)
CELLS = {role: [(*prices(place), VOLUMES[place])[number] for place in range(12)] for number, role in enumerate(ROLES)}


def read(content: str | bytes, name: str = "AAPL.csv", **said: str) -> Preview:
    data = content.encode() if isinstance(content, str) else content
    return preview_file(data, name, corrections=Corrections.model_validate(said))


def bars_of(preview: Preview) -> Bars:
    assert preview.refused == ()
    assert preview.bars is not None
    assert [str(day) for day in preview.bars.time.astype("datetime64[D]")] == list(days_of())
    assert preview.bars.volume.tolist()[:1] in ([float(VOLUMES[0])], [7.0])
    return preview.bars


ONE_TABLE = {
    "dividends below": f"{WHOLE}\nDividends\nDate,Amount\n" + "".join(f"202{year}-02-10,0.23\n" for year in range(4)),
    "trades below, no title": f"{WHOLE}Date,Side,Quantity\n2023-01-10,buy,10\n2023-01-12,sell,10\n",
    "months under titles": f"January 2023\n{HEADER}{''.join(ROWS[:6])}\nFebruary 2023\n{HEADER}{''.join(ROWS[6:])}",
    "pages": f"AAPL page 1 of 2\n{HEADER}{''.join(ROWS[:6])}\nAAPL page 2 of 2\n{HEADER}{''.join(ROWS[6:])}",
    "the header again in capitals": f"{HEADER}{''.join(ROWS[:6])}{HEADER.upper()}{''.join(ROWS[6:])}",
    "two lines of names": f"日期,开盘,最高,最低,收盘,成交量\n{WHOLE}",
}


@pytest.mark.parametrize("title", ONE_TABLE)
def test_what_goes_on_or_holds_no_prices_leaves_one_table(title: str) -> None:
    assert bars_of(read(ONE_TABLE[title])).close.tolist() == list(CLOSES)


def test_a_table_without_prices_that_is_left_out_is_named() -> None:
    assert "left out 1 table without prices: 'Dividends'" in read(ONE_TABLE["dividends below"]).understood


STACKED = {
    ("Daily", "Weekly"): "2 tables of prices stand below each other (Daily, Weekly): say which one is meant",
    ("AAPL", "MSFT"): "it holds several instruments: AAPL, MSFT; say which one is meant, or save one file for each",
    ("Symbol: AAPL", "Symbol: MSFT"): "it holds several instruments: AAPL, MSFT; say which one is meant, or save one file for each",
}


@pytest.mark.parametrize("titles", STACKED)
def test_tables_below_each_other_are_asked_and_the_chosen_one_is_read(titles: tuple[str, str]) -> None:
    text = f"{titles[0]}\n{WHOLE}\n{titles[1]}\n{HEADER}{''.join(TWICE)}"

    assert read(text, "two.csv").refused == (STACKED[titles],)
    assert bars_of(read(text, "two.csv", table=titles[0].removeprefix("Symbol: "))).close.tolist() == list(CLOSES)
    assert bars_of(read(text, "two.csv", table=titles[1].removeprefix("Symbol: "))).close.tolist() == [2 * close for close in CLOSES]


def test_lines_of_windows_are_told_apart_too() -> None:
    text = f"AAPL\n{WHOLE}\nMSFT\n{HEADER}{''.join(TWICE)}\n\n".replace("\n", "\r\n")

    assert bars_of(read(text, "two.csv", table="MSFT")).close.tolist() == [2 * close for close in CLOSES]
    assert bars_of(read(f"{WHOLE}\n\n".replace("\n", "\r\n"))).close.tolist() == list(CLOSES)


def test_columns_in_another_order_below_a_second_header_are_no_rows_of_the_first() -> None:
    (reason,) = read(f"{WHOLE}Date,Close,High,Low,Open,Volume\n{''.join(TWICE)}").refused

    assert reason == "2 tables of prices stand below each other (table 1, table 2): say which one is meant"


def test_a_table_on_its_side_is_turned_in_a_text_and_in_a_workbook() -> None:
    text = f"Date,{','.join(map(str, DAYS))}\n" + "".join(f"{role},{','.join(map(str, cells))}\n" for role, cells in CELLS.items())
    book, stream = openpyxl.Workbook(), io.BytesIO()
    for row in (["Date", *DAYS], *([role, *cells] for role, cells in CELLS.items())):
        book.active.append(row)
    book.save(stream)

    for preview in (read(text), read(stream.getvalue(), "AAPL.xlsx")):
        assert bars_of(preview).close.tolist() == list(CLOSES)


def write_sheet(*blocks: list[list[object]]) -> bytes:
    book, stream = openpyxl.Workbook(), io.BytesIO()
    for block in blocks:
        for row in block:
            book.active.append(row)
        book.active.append([])
    book.save(stream)
    return stream.getvalue()


def test_tables_below_each_other_on_a_sheet_are_told_apart_too() -> None:
    names: list[object] = ["Date", *ROLES]
    rows: list[list[object]] = [[day, *(cells[place] for cells in CELLS.values())] for place, day in enumerate(DAYS)]
    dividends: list[list[object]] = [["Dividends"], ["Date", "Amount"], *([day, 0.2] for day in DAYS[:6])]

    paid = read(write_sheet([names, *rows], dividends), "AAPL.xlsx")
    again = read(write_sheet([names, *rows[:6]], [names, *rows[6:]]), "AAPL.xlsx")
    two = read(write_sheet([["AAPL"], names, *rows], [["MSFT"], names, *rows]), "two.xlsx")

    assert [bars_of(preview).close.tolist() for preview in (paid, again)] == [list(CLOSES)] * 2
    assert "left out a table without prices: 'Dividends'" in paid.understood
    assert "another table of prices, 'MSFT', stands below the first: put it on a sheet of its own" in two.refused[0]


LONG = {
    "melted": "date,variable,value\n" + "".join(f"{day},{role},{CELLS[role][at]}\n" for at, day in enumerate(DAYS) for role in ROLES),
    "a database of time series": "#group,false,false,false\n#default,_result,,\n,result,table,_time,_value,_field\n"
    + "".join(
        f",,{at},{day}T00:00:00Z,{cell},{role.lower()}\n"
        for role in ROLES
        for at, (day, cell) in enumerate(zip(DAYS, CELLS[role], strict=True))
    ),
}


@pytest.mark.parametrize("title", LONG)
def test_a_row_for_each_price_becomes_a_row_for_each_day(title: str) -> None:
    assert bars_of(read(LONG[title])).close.tolist() == list(CLOSES)


def test_a_row_for_each_price_of_several_instruments_is_asked() -> None:
    rows = "".join(
        f"{symbol},{day},{role},{CELLS[role][at]}\n" for symbol in ("AAPL", "MSFT") for at, day in enumerate(DAYS) for role in ROLES
    )

    assert read(f"symbol,date,field,value\n{rows}", "x.csv").refused[0].startswith("it holds several instruments: AAPL, MSFT")
    assert bars_of(read(f"symbol,date,field,value\n{rows}", "x.csv", table="MSFT")).instrument.symbol == "MSFT"


def test_a_price_that_stands_twice_for_a_day_is_not_chosen_between() -> None:
    rows = "".join(f"{venue},{day},{role},{CELLS[role][at]}\n" for venue in "AB" for at, day in enumerate(DAYS) for role in ROLES)

    (reason,) = read(f"venue,date,field,value\n{rows}").refused

    assert reason.startswith("'Open' stands there twice for 2023-01-03")
