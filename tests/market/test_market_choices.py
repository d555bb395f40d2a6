"""Of several tables or instruments in one file a person chooses, in whatever layout they stand."""

import io
import tarfile
from pathlib import Path

import pandas
import pytest
from export_files import CLOSES, DAYS, as_json, days_of
from test_market_several import FRAME, RECORDS, SEVERAL, records_of

from core.domain.bars import Preview
from core.domain.readings import Corrections
from core.market import preview_file
from core.market.reading_memory import ReadingMemory, hash_data

DOUBLED = [close * 2 for close in CLOSES]
CSV = FRAME.to_csv()
PAGE = "<html><h2>{}</h2>{}<h2>{}</h2>{}</html>"


def choose(content: bytes | str, table: str, name: str = "x.csv") -> Preview:
    return preview_file(content.encode() if isinstance(content, str) else content, name, corrections=Corrections(table=table))


def closes_of(preview: Preview) -> list[float]:
    assert preview.refused == ()
    assert preview.bars is not None
    assert [str(day) for day in preview.bars.time.astype("datetime64[D]")] == list(days_of())
    return list(preview.bars.close.tolist())


def sheet(frame: pandas.DataFrame) -> bytes:
    book = io.BytesIO()
    frame.to_excel(book)
    return book.getvalue()


def tar(files: dict[str, str], mode: str = "w") -> bytes:
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode=mode) as archive:
        for name, content in files.items():
            entry = tarfile.TarInfo(name)
            entry.size = len(content.encode())
            archive.addfile(entry, io.BytesIO(content.encode()))
    return packed.getvalue()


SIDE_BY_SIDE = [title for title in SEVERAL if title not in ("a table below another", "JSON of days by symbol", "JSON of symbols by day")]
BELOW = pandas.concat({"AAPL": FRAME, "MSFT": FRAME * 2})
LONG = {
    "rows of both": BELOW.rename_axis(["Ticker", "Date"]).to_csv(),
    "rows of both under no name": BELOW.rename_axis([None, "Date"]).to_csv(),
    "merged cells": sheet(BELOW),
    "records of both": as_json([{"ticker": name, **row} for factor, name in enumerate(("AAPL", "MSFT"), 1) for row in records_of(factor)]),
    "lists by symbol": as_json({"AAPL": records_of(1), "MSFT": records_of(2)}),
    "charts with their symbols": as_json(
        {"charts": [{"symbol": "AAPL", "bars": records_of(1)}, {"symbol": "MSFT", "bars": records_of(2)}]}
    ),
    "headers side by side": "AAPL,,,,,,MSFT\n"
    + pandas.concat([FRAME.reset_index(), (FRAME * 2).reset_index()], axis=1).to_csv(index=False),
    "a printed page": pandas.concat({"AAPL": FRAME, "MSFT": FRAME * 2}, axis=1).to_html(),
}


@pytest.mark.parametrize("title", SIDE_BY_SIDE)
def test_columns_of_the_chosen_instrument_are_read(title: str) -> None:
    (first, second) = preview_file(SEVERAL[title].encode(), "x.csv").reading.tables

    assert closes_of(choose(SEVERAL[title], first)) == list(CLOSES)
    assert closes_of(found := choose(SEVERAL[title], second)) == DOUBLED
    assert found.bars is not None
    assert found.bars.instrument.symbol == second
    assert found.reading.tables == (first, second)


@pytest.mark.parametrize("title", LONG)
def test_rows_of_the_chosen_instrument_are_read(title: str) -> None:
    asked = choose(LONG[title], "")

    assert "AAPL, MSFT; say which one is meant" in asked.refused[0]
    assert asked.reading.tables == ("AAPL", "MSFT")
    assert closes_of(choose(LONG[title], "AAPL")) == list(CLOSES)
    assert closes_of(choose(LONG[title], "MSFT")) == DOUBLED


def test_a_choice_is_kept_and_one_that_is_not_there_is_refused(tmp_path: Path) -> None:
    memory = ReadingMemory(tmp_path / "readings.json")
    data = str(LONG["rows of both"]).encode()
    memory.remember(hash_data(data), (), Corrections(table="MSFT"))

    assert closes_of(preview_file(data, "x.csv", memory=memory)) == DOUBLED
    assert "say which one is meant" in choose(data, "KO").refused[0]
    assert "none that is called 'KO'" in choose(CSV, "KO").refused[0]


def test_rows_that_a_column_without_a_known_name_tells_apart_are_asked() -> None:
    usual = FRAME.assign(Series="EQ")
    other = (FRAME * 1.01).assign(Series="BL").iloc[[4, 8]]
    text = pandas.concat([usual, other]).sort_index().to_csv()

    assert "by the column 'Series': BL, EQ; say which one is meant" in choose(text, "").refused[0]
    assert closes_of(choose(text, "EQ")) == list(CLOSES)


@pytest.mark.parametrize(("header", "names"), [("Company", ("Apple Inc.", "Microsoft Corp.")), ("asset_id", ("101", "102"))])
def test_names_in_words_and_numbers_of_instruments_tell_rows_apart(header: str, names: tuple[str, str]) -> None:
    text = pandas.concat([FRAME.assign(**{header: names[0]}), (FRAME * 2).assign(**{header: names[1]})]).to_csv()

    assert choose(text, "").reading.tables == names
    assert closes_of(choose(text, names[1])) == DOUBLED


def test_closes_under_symbols_alone_are_those_of_several_instruments() -> None:
    closes = pandas.DataFrame({"AAPL": FRAME["Close"], "MSFT": FRAME["Close"] * 2, "SPY": FRAME["Close"] * 3})
    prices = FRAME.set_axis(["AP", "MX", "MN", "CI", "VL"], axis=1).drop(columns="VL")

    assert choose(closes.to_csv(), "").reading.tables == ("AAPL", "MSFT", "SPY")
    assert closes_of(choose(closes.to_csv(), "MSFT")) == DOUBLED
    assert closes_of(choose(closes.assign(SPY=closes["SPY"].where(closes.index > closes.index[4])).to_csv(), "MSFT")) == DOUBLED
    assert "there is no column for open" in choose(prices.to_csv(), "").refused[0]


def test_a_symbol_in_other_letters_is_the_same_one() -> None:
    symbols = [name for _ in range(6) for name in ("AAPL", "aapl")]

    assert closes_of(choose(FRAME.assign(Symbol=symbols).to_csv(), "")) == list(CLOSES)


def test_prices_in_an_object_of_their_own_are_those_of_the_record() -> None:
    records = [{"t": day, "o": {name[0]: row[name] for name in ("close", "high", "low", "open")}} for day, row in RECORDS.items()]

    assert closes_of(choose(as_json(records), "")) == list(CLOSES)


def test_a_tar_is_read_as_a_zip_is() -> None:
    both = {"AAPL.csv": CSV, "MSFT.csv": (FRAME * 2).to_csv()}

    assert closes_of(choose(tar({"AAPL.csv": CSV}), "", "x.tar")) == list(CLOSES)
    assert closes_of(choose(tar({"data/README.txt": "-", "data/AAPL.csv": CSV}, "w:gz"), "", "x.tgz")) == list(CLOSES)
    assert "the tar holds 2 tables (AAPL.csv, MSFT.csv): say which one is meant" in choose(tar(both), "").refused[0]
    assert closes_of(choose(tar(both), "MSFT.csv")) == DOUBLED
    assert "holds no table" in choose(tar({"a.bin": "-"}), "").refused[0]


def test_parts_of_one_table_in_a_document_are_joined() -> None:
    first, second = records_of(1)[:6], records_of(1)[6:]

    assert closes_of(choose(as_json({"symbol": "AAPL", "pages": [{"bars": first}, {"bars": second}]}), "")) == list(CLOSES)
    assert closes_of(choose(as_json({"2023": first, "2024": second}), "")) == list(CLOSES)


def test_several_tables_in_a_document_are_asked_by_where_they_stand() -> None:
    text = as_json({"raw": records_of(2), "adjusted": records_of(1)})

    assert choose(text, "").refused == ("it holds several tables of prices, under raw and adjusted: say which one is meant",)
    assert closes_of(choose(text, "adjusted")) == list(CLOSES)


def test_several_tables_of_a_page_are_asked_by_their_titles() -> None:
    page = PAGE.format("Apple", FRAME.to_html(), "Microsoft", (FRAME * 2).to_html())

    assert "2 tables of prices (Apple, Microsoft): say which one is meant" in choose(page, "").refused[0]
    assert closes_of(choose(page, "Microsoft")) == DOUBLED
    assert closes_of(choose(PAGE.format("", FRAME.to_html(), "", FRAME.to_html()), "")) == list(CLOSES)


def test_lists_of_prices_in_records_are_read_where_their_name_or_their_order_tells() -> None:
    rows = [(str(day), [row["open"], row["high"], row["low"], row["close"]]) for day, row in zip(DAYS, RECORDS.values(), strict=True)]

    assert closes_of(choose(as_json([{"t": day, "ohlc": prices} for day, prices in rows]), "")) == list(CLOSES)
    assert closes_of(choose(as_json([{"x": day, "y": prices} for day, prices in rows]), "")) == list(CLOSES)
    assert choose(as_json([{"x": day, "y": prices[::-1]} for day, prices in rows]), "").refused
