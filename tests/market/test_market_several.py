"""Files of several instruments, told in each layout; containers and columns beside the prices; and money that stands for units."""

import io
import sqlite3
from collections.abc import Callable

import openpyxl
import pandas
import pyarrow
import pytest
from export_files import CLOSES, DAYS, VOLUMES, as_json, days_of, prices, table
from export_table import STANDARD
from pyarrow import feather

from core.domain.bars import Bars, Preview
from core.market import preview_file
from core.market.headers import choose_columns

NAMES = ["Open", "High", "Low", "Close", "Volume"]
FRAME = pandas.DataFrame(
    [[*prices(place), VOLUMES[place]] for place in range(12)], columns=NAMES, index=pandas.DatetimeIndex(DAYS, name="Date")
)
TWO = pandas.concat({"AAPL": FRAME, "MSFT": FRAME * 2}, axis=1)
ONE = pandas.concat({"AAPL": FRAME}, axis=1)
RECORDS = {
    str(day): dict(zip(("open", "high", "low", "close", "volume"), row, strict=True))
    for day, row in zip(DAYS, FRAME.values.tolist(), strict=True)
}


def flat(frame: pandas.DataFrame, write: Callable[[str, str], str]) -> str:
    return frame.set_axis([write(ticker, name) for ticker, name in frame.columns], axis=1).to_csv()


def read(content: bytes | str, name: str = "x.csv") -> Preview:
    return preview_file(content.encode() if isinstance(content, str) else content, name)


def bars_of(content: bytes | str, name: str = "x.csv") -> Bars:
    preview = read(content, name)
    assert preview.refused == ()
    assert preview.bars is not None
    assert [str(day) for day in preview.bars.time.astype("datetime64[D]")] == list(days_of())
    assert preview.bars.close.tolist() == list(CLOSES)
    return preview.bars


SEVERAL = {
    "columns named by the price": flat(TWO, lambda ticker, name: f"{name}_{ticker}"),
    "columns named by the ticker": flat(TWO, lambda ticker, name: f"{ticker.lower()} {name.lower()}"),
    "closes alone": flat(TWO.loc[:, (slice(None), "Close")], lambda ticker, name: f"{ticker}_{name}"),
    "printed pairs": flat(TWO, lambda ticker, name: str((name, ticker))),
    "two levels": TWO.to_csv(),
    "JSON of two levels": TWO.to_json(orient="split"),
    "JSON of printed pairs": TWO.to_json(),
    "JSON of days by symbol": as_json({"AAPL": RECORDS, "MSFT": RECORDS}),
    "JSON of symbols by day": as_json({day: {"AAPL": row, "MSFT": row} for day, row in RECORDS.items()}),
    "a table below another": f"AAPL\n{FRAME.to_csv()}\nMSFT\n{FRAME.set_axis(FRAME.index + pandas.Timedelta(364, 'D')).to_csv()}",
}


@pytest.mark.parametrize("title", SEVERAL)
def test_several_instruments_are_refused_by_their_names(title: str) -> None:
    (reason,) = read(SEVERAL[title]).refused

    assert reason.lower().startswith("it holds several instruments")
    assert "aapl, msft" in reason.lower()


SINGLE = {
    "two levels": ONE.swaplevel(axis=1).to_csv(),
    "JSON of two levels": ONE.to_json(orient="split"),
    "JSON of printed pairs": ONE.to_json(),
    "printed pairs": flat(ONE, lambda ticker, name: str((ticker, name))),
    "JSON of days by symbol": as_json({"AAPL": RECORDS}),
    "a column of its own": table(f"Symbol,{STANDARD}", order="SDOHLCV", extra="AAPL"),
}


@pytest.mark.parametrize("title", SINGLE)
def test_one_instrument_in_the_same_layout_is_read_and_named(title: str) -> None:
    assert bars_of(SINGLE[title]).instrument.symbol == "AAPL"


def test_a_header_that_comes_again_below_the_same_name_is_one_table() -> None:
    assert len(bars_of(f"AAPL\n{FRAME[:6].to_csv()}\nAAPL\n{FRAME[6:].to_csv()}").time) == 12


def test_a_person_may_choose_among_several() -> None:
    names = ("Date", *(f"{name}_{ticker}" for ticker in ("A", "B") for name in NAMES))

    assert choose_columns(names).instruments == ("A", "B")
    assert choose_columns(names, {name.lower(): f"{name}_B" for name in NAMES}).instruments == ()
    assert choose_columns(("Date", *NAMES, "HA Open", "HA High", "HA Low", "HA Close")).instruments == ()


def test_a_symbol_in_a_column_names_what_nobody_knows() -> None:
    instrument = bars_of(table(f"Symbol,{STANDARD}", order="SDOHLCV", extra="ZZQX"), "prices.csv").instrument

    assert instrument.symbol == "ZZQX"


def test_many_days_as_keys_of_records_are_no_wide_table() -> None:
    days = pandas.bdate_range("2020-01-01", periods=400)
    keyed = {f"{day:%Y-%m-%d}": {"1. open": "10", "2. high": "12", "3. low": "9", "4. close": "11", "5. volume": "7"} for day in days}

    bars = read(as_json({"Meta Data": {"2. Symbol": "AAPL"}, "Time Series (Daily)": keyed}), "x.json").bars

    assert bars is not None
    assert (len(bars.time), bars.instrument.symbol) == (400, "AAPL")


UNITS = [volume / 1000 for volume in VOLUMES]
MONEY = [round(units * (close - 0.4), 2) for units, close in zip(UNITS, CLOSES, strict=True)]


def test_money_under_a_name_for_units_gives_way_to_the_units_beside_it() -> None:
    named = as_json(
        [
            {
                "id": str(day),
                **dict(zip(("open", "high", "low", "close"), prices(place), strict=True)),
                "amount": UNITS[place],
                "vol": MONEY[place],
            }
            for place, day in enumerate(DAYS)
        ]
    )
    bare = as_json([[str(day), MONEY[place], *(prices(place)[at] for at in (3, 1, 2, 0)), UNITS[place]] for place, day in enumerate(DAYS)])

    assert bars_of(named).volume.tolist() == UNITS
    assert ("volume", "amount") in read(named).reading.columns
    assert any("'amount'" in words for words in read(named).repaired)
    assert bars_of(bare).volume.tolist() == UNITS


def test_a_fund_may_stand_beside_its_size_and_its_change() -> None:
    rows = "".join(f"{day},{close},{close * 1e6:.0f},0.1%\n" for day, close in zip(DAYS, CLOSES, strict=True))

    assert bars_of(f"Date,Price,Market Cap,Change %\n{rows}").open.tolist() == list(CLOSES)


def test_an_empty_column_gives_way_to_one_with_values() -> None:
    document = as_json(
        [
            {
                "time": str(day),
                **{
                    f"{name}Price": {"bid": price, "ask": price + 1, "last": None}
                    for name, price in zip(("open", "high", "low", "close"), prices(place), strict=True)
                },
            }
            for place, day in enumerate(DAYS)
        ]
    )

    assert bars_of(document).high.tolist() == [prices(place)[1] for place in range(12)]


def book(rows: list[list[object]]) -> bytes:
    made = openpyxl.Workbook()
    sheet = made.active
    assert sheet is not None
    for row in rows:
        sheet.append(row)
    kept = io.BytesIO()
    made.save(kept)
    return kept.getvalue()


def test_cells_without_a_value_are_blank_in_a_workbook_too() -> None:
    rows: list[list[object]] = [[day, *prices(place), VOLUMES[place]] for place, day in enumerate(DAYS)]
    formulas: list[list[object]] = [[*row[:4], f"=B{place + 2}", row[5]] for place, row in enumerate(rows)]

    assert bars_of(book([STANDARD.split(","), *rows, ["Average", *prices(0), 1], ["Source: somebody"]]), "x.xlsx").volume[0] == VOLUMES[0]
    assert "nothing stands in 'Close'" in read(book([STANDARD.split(","), *formulas]), "x.xlsx").refused[0]


def test_a_line_of_types_below_the_header_is_no_bar() -> None:
    bars_of(table(f"{STANDARD}\nDate,Float64,Float64,Float64,Float64,UInt64"))


def in_feather(compression: str) -> bytes:
    kept = io.BytesIO()
    frame = FRAME.assign(Symbol=pandas.Categorical(["AAPL"] * 12)).reset_index()
    feather.write_feather(pyarrow.Table.from_pandas(frame), kept, compression=compression, chunksize=5)
    return kept.getvalue()


@pytest.mark.parametrize("compression", ["uncompressed", "lz4", "zstd"])
def test_a_feather_file_is_read(compression: str) -> None:
    bars = bars_of(in_feather(compression), "x.feather")

    assert bars.instrument.symbol == "AAPL"
    assert bars.volume.tolist() == list(VOLUMES)


def test_other_kinds_of_files_say_what_they_are() -> None:
    database = sqlite3.connect(":memory:")
    database.execute("create table bars (day)")

    assert "a database of SQLite. Save the table of bars as CSV" in read(database.serialize(), "x.db").refused[0]
    assert "a pickle, which could run a program" in read(b"\x80\x05\x95" + bytes(99), "x.pkl").refused[0]


def with_volume(name: str, scale: float) -> str:
    rows = "".join(f"{day},{','.join(map(str, prices(place)))},{VOLUMES[place] / scale}\n" for place, day in enumerate(DAYS))
    return f"Date,Open,High,Low,Close,{name}\n{rows}"


@pytest.mark.parametrize(
    ("name", "scale"),
    [
        ("Vol. (K)", 1000),
        ("Volume (000s)", 1000),
        ("Volume in thousands", 1000),
        ("Volume (in millions)", 1e6),
        ("成交量(手)", 100),
        ("Volume M5", 1),
    ],
)
def test_a_header_may_say_for_how_many_units_a_volume_stands(name: str, scale: float) -> None:
    assert bars_of(with_volume(name, scale)).volume == pytest.approx(VOLUMES)


def test_volume_in_lakh_and_crore_is_read() -> None:
    rows = "".join(f"{day},{','.join(map(str, prices(place)))},{'1.5Cr' if place else '2.5L'}\n" for place, day in enumerate(DAYS))

    assert bars_of(f"{STANDARD}\n{rows}").volume[:2].tolist() == [250_000, 15_000_000]


def test_one_name_over_two_columns_of_different_values_is_asked() -> None:
    twice = table("Date,Open,High,Low,Close,Close,Volume", order="DOHLCAV")
    same = table("Date,Open,High,Low,Close,Close,Volume", order="DOHLCCV")

    assert "the column 'Close' stands there twice" in read(twice).refused[0]
    bars_of(same)


def whole(number: float) -> str:
    return f'"{number * 100:,.0f}"'


@pytest.mark.parametrize(
    ("header", "last"),
    [
        ("Date,Open,High,Low,Close,Change", "0.36%"),
        ("Date,Open,High,Low,Close,Volume", "1,204,500"),
        ("날짜,시가,고가,저가,종가,거래량", "57"),
    ],
)
def test_commas_group_thousands_where_the_rest_of_the_file_says_so(header: str, last: str) -> None:
    quoted = "".join(f'{day},{",".join(map(whole, prices(place)))},"{last}"\n' for place, day in enumerate(DAYS))

    bars = read(f"{header}\n{quoted}").bars

    assert bars is not None
    assert bars.close.tolist() == pytest.approx([close * 100 for close in CLOSES])
    assert "may be a decimal comma" in read(f"Date,Open,High,Low,Close,Volume\n{quoted}".replace(last, "57")).refused[0]


def test_a_list_of_orders_is_no_series() -> None:
    rows = "".join(f"{day},BUY,10,{close}\n" for day, close in zip(DAYS, CLOSES, strict=True))

    assert "no column for open" in read(f"Date,Side,Quantity,Price\n{rows}").refused[0]


def test_a_statistical_series_is_read_where_the_other_columns_say_the_same_on_every_row() -> None:
    rows = "".join(f"EXR.D,D,{day},{close},A\n" for day, close in zip(DAYS, CLOSES, strict=True))

    assert bars_of(f"KEY,FREQ,TIME_PERIOD,OBS_VALUE,OBS_STATUS\n{rows}").low.tolist() == list(CLOSES)


def test_a_date_may_be_an_object_of_its_parts() -> None:
    parts = [
        {
            "date": {"year": day.year, "month": day.month, "day": day.day},
            **dict(zip(("open", "high", "low", "close"), prices(place), strict=True)),
        }
        for place, day in enumerate(DAYS)
    ]

    bars_of(as_json(parts))


def records_of(factor: int) -> list[dict[str, object]]:
    return [{"date": day, **{name: value * factor for name, value in row.items()}} for day, row in RECORDS.items()]


def test_two_tables_of_one_kind_in_a_document_are_not_chosen_between() -> None:
    charts = as_json([{"ticker": name, "results": records_of(factor)} for factor, name in enumerate(("AAPL", "MSFT"), 1)])
    named = as_json({"bars": records_of(1), "before": records_of(1)[:2], "again": records_of(1)})

    assert "several instruments: AAPL, MSFT; say which one is meant" in read(charts).refused[0]
    bars_of(named)


def test_every_line_may_stand_in_quotes_with_its_own_doubled() -> None:
    lines = table(STANDARD).decode().splitlines()

    bars_of("".join('"' + ",".join(f'""{cell}""' for cell in line.split(",")) + '"\n' for line in lines))


@pytest.mark.parametrize("name", ["Cierre ant.", "Clôture veille", "Prior Settle", "Schluss gestern", "Closing auction", "High Time"])
def test_a_column_beside_the_close_is_not_taken_for_it(name: str) -> None:
    rows = "".join(f"{day},{CLOSES[place] - 3},{','.join(map(str, prices(place)))}\n" for place, day in enumerate(DAYS))

    bars_of(f"Date,{name},Open,High,Low,Close\n{rows}")


def test_of_two_opens_the_one_between_low_and_high_counts() -> None:
    rows = "".join(f"{day},{','.join(map(str, prices(place)))},{prices(place)[1] + 5}\n" for place, day in enumerate(DAYS))

    preview = read(f"Date,First,High,Low,Close,Open\n{rows}")

    assert preview.bars is not None
    assert preview.bars.open.tolist() == [prices(place)[0] for place in range(12)]
    assert "open is 'First': 'Open' lies outside high and low" in preview.understood


def test_a_volume_of_minus_one_on_every_row_is_none() -> None:
    rows = "".join(f"{day},{','.join(map(str, prices(place)))},-1\n" for place, day in enumerate(DAYS))

    assert bars_of(f"{STANDARD}\n{rows}").volume.tolist() == [0] * 12


def test_blanks_of_windows_are_no_letters_of_japan() -> None:
    blank = str.maketrans(",.", "\xa0,")
    rows = "".join(f"{day};{';'.join(f'{price:,.2f}'.translate(blank) for price in prices(place))}\n" for place, day in enumerate(DAYS))

    bars_of(f"Date;Open;High;Low;Close\n{rows}".encode("cp1252"))


@pytest.mark.parametrize("mark", [";", "\t", "|"])
def test_commas_within_numbers_and_dates_do_not_separate_where_another_mark_does(mark: str) -> None:
    rows = "".join(mark.join([f"{day:%b %d, %Y}", *(f"${price:,.2f}" for price in prices(place))]) + "\n" for place, day in enumerate(DAYS))

    bars_of(rows)


def test_lines_of_tabs_alone_are_blank() -> None:
    body = table(STANDARD.replace(",", "\t"), mark="\t").decode()

    bars_of("made today\t\n\t\n" + body.replace("\n", "\t\n") + "\t\nSource: somebody\t\n")


def test_prices_that_begin_with_letters_are_no_line_of_units_in_a_workbook() -> None:
    rows: list[list[object]] = [
        [f"{day:%b %d, %Y}", *(f"R$ {price}" for price in prices(place)), "7 shs"] for place, day in enumerate(DAYS)
    ]

    bars_of(book([STANDARD.split(","), *rows]), "x.xlsx")


def test_the_moment_at_which_a_bar_opens_counts_and_not_the_one_at_which_it_closes() -> None:
    rows = "".join(f"{day},{','.join(map(str, prices(place)))},1,{day} 23:59:59.999\n" for place, day in enumerate(DAYS))

    assert read(f"Open time,Open,High,Low,Close,Volume,Close time\n{rows}").reading.columns[-1] == ("date", "Open time")
    bars_of(f"Open time,Open,High,Low,Close,Volume,Close time\n{rows}")


def test_rows_of_a_document_may_be_texts_with_commas() -> None:
    rows = [f"{day},{','.join(map(str, row.values()))},7.5" for day, row in RECORDS.items()]

    assert bars_of(as_json({"data": {"code": "x", "klines": rows}})).volume.tolist() == list(VOLUMES)


def test_volume_with_the_other_mark_is_read_where_none_of_it_is_a_number_otherwise() -> None:
    lines = [
        f"{day};{'; '.join(f'{price:.2f}'.replace('.', ',') for price in prices(place))};{VOLUMES[place] / 1e6:.4f}M\n"
        for place, day in enumerate(DAYS)
    ]

    assert bars_of("Date;Open;High;Low;Close;Volume\n" + "".join(lines)).volume.tolist() == pytest.approx(list(VOLUMES))


def test_an_answer_without_bars_is_quoted() -> None:
    assert "it says: 5 calls a minute" in read(as_json({"Note": "5 calls a minute"})).refused[0]
    assert "it says: no such key" in read(as_json({"status": "ERROR", "error": "no such key"})).refused[0]


def test_joined_files_with_a_mark_at_each_beginning_are_one() -> None:
    first, rest = table(STANDARD, days=DAYS[:6]).decode(), table(STANDARD).decode().splitlines(keepends=True)[7:]

    bars_of("\ufeff" + first + "\ufeff" + STANDARD + "\n" + "".join(rest))


def test_dates_under_an_unknown_name_are_told_above_words_too() -> None:
    bars_of(table(STANDARD.replace("Date", "Quando"), after='"Copyright of somebody, 2023"\n'))
