"""What people export, by tool, language and kind: each file read as the series that it was made of."""

import io
from collections import Counter
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from export_files import (
    CLOSES,
    DAYS,
    SUMMER,
    VOLUMES,
    Case,
    apostrophe,
    comma,
    english,
    packed,
    plain,
    prices,
    table,
)
from export_table import STANDARD, cases

from core.domain.instrument import AssetClass, Instrument
from core.domain.readings import Corrections
from core.market import Market, preview_file


@pytest.fixture(scope="module")
def lookup(tmp_path_factory: pytest.TempPathFactory) -> Market:
    return Market(tmp_path_factory.mktemp("home"))


def test_the_table_holds_enough_files_and_no_title_twice() -> None:
    titles = Counter(case.title for case in cases())

    assert len(titles) >= 150
    assert max(titles.values()) == 1


@pytest.mark.parametrize("case", cases(), ids=lambda case: case.title)
def test_a_file_is_read_as_the_series_it_was_made_of(case: Case, lookup: Market) -> None:
    preview = lookup.preview(case.content, case.name)

    assert preview.refused == ()
    assert preview.bars is not None
    found: Instrument = preview.bars.instrument
    assert [str(day) for day in preview.bars.time.astype("datetime64[D]")] == list(case.times)
    assert preview.bars.close.tolist() == list(case.closes)
    assert preview.bars.volume.tolist() == [float(volume) for volume in case.volumes]
    assert not case.symbol or found.symbol == case.symbol
    assert case.asset_class in (None, found.asset_class)
    assert case.zone in ("", found.zone)


def rows(stamps: list[str]) -> str:
    """Bars of a coin that go up by one each."""
    lines = (f"{stamp},{at + 10},{at + 12},{at + 9},{at + 11},5\n" for at, stamp in enumerate(stamps))
    return "date,open,high,low,close,volume\n" + "".join(lines)


def test_hours_around_the_clock_keep_both_hours_of_the_night_when_it_is_set_back() -> None:
    stamps = [f"2023-10-28 {hour:02}:00:00+02:00" for hour in range(24)]
    stamps += [f"2023-10-29 {hour:02}:00:00+{'02' if hour < 3 else '01'}:00" for hour in (0, 1, 2)]
    stamps += [f"2023-10-29 {hour:02}:00:00+01:00" for hour in range(2, 24)]

    bars = preview_file(rows(stamps).encode(), "mycoin.csv").bars

    assert bars is not None
    assert (len(bars), bars.instrument.zone, str(bars.time[0])) == (49, "UTC", "2023-10-27T22:00:00")


def test_hours_without_a_zone_that_stand_twice_are_asked_for_and_kept_once_the_zone_is_said(lookup: Market) -> None:
    from core.domain.readings import Corrections

    hours = [0, 1, 2, 2, *range(3, 24)]
    data = rows([f"2023-10-28 {hour:02}:00:00" for hour in range(24)] + [f"2023-10-29 {hour:02}:00:00" for hour in hours]).encode()

    asked, said = lookup.preview(data, "mycoin.csv"), lookup.preview(data, "mycoin.csv", Corrections(zone="Europe/Berlin"))

    assert "because the clock was set back: say the zone" in asked.refused[0]
    assert said.bars is not None
    assert (len(said.bars), said.bars.instrument.zone) == (49, "UTC")


@pytest.mark.parametrize(
    ("title", "first", "step", "monday"),
    [
        ("Mondays", date(2023, 1, 2), 7, date(2023, 1, 2)),
        ("Fridays", date(2023, 1, 6), 7, date(2023, 1, 2)),
        ("Sundays", date(2023, 1, 1), 7, date(2023, 1, 2)),
        ("Saturdays", date(2023, 1, 7), 7, date(2023, 1, 2)),
        ("Wednesdays", date(2023, 1, 4), 7, date(2023, 1, 2)),
    ],
)
def test_weeks_carry_their_monday(title: str, first: date, step: int, monday: date) -> None:
    days = tuple(first + timedelta(days=step * number) for number in range(12))

    bars = preview_file(table(STANDARD, days=days), "SPY.csv").bars

    assert bars is not None
    assert str(bars.time[0])[:10] == monday.isoformat()
    assert (np.diff(bars.time.astype("datetime64[D]").astype(int)) == 7).all()


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (
            table("Wann,Anf,Obn,Untn,Ende,Meng"),
            "open, high, low, close (not known are: 'Anf', 'Obn', 'Untn', 'Ende', 'Meng'): say once which header is which",
        ),
        (packed(table(STANDARD), "a.csv", "b.csv"), "the ZIP holds 2 tables (a.csv, b.csv): say which one is meant"),
        (b'{"error": "rate limit"}', "no table of dates and prices is in this JSON"),
        (b'[{"date": "2023-01-03", ' + b"9" * 3000, "the JSON is damaged"),
        (table(STANDARD, stamp=lambda day: "1.6727E+12"), "shortened by a spreadsheet"),
    ],
)
def test_a_refusal_is_one_sentence_that_names_the_remedy(content: bytes, reason: str) -> None:
    refused = preview_file(content, "odd.csv").refused

    assert reason in refused[0]
    assert len(refused[0]) < 400


def book(**sheets: list[list[object]]) -> bytes:
    made = io.BytesIO()
    with pd.ExcelWriter(made, engine="openpyxl") as writer:
        for name, rows in sheets.items():
            pd.DataFrame(rows).to_excel(writer, sheet_name=name, header=False, index=False)
    return made.getvalue()


BARS: list[list[object]] = [STANDARD.split(","), *([day, *prices(place), VOLUMES[place]] for place, day in enumerate(DAYS))]


def test_of_a_book_the_sheet_with_prices_is_read_however_large_the_others_are() -> None:
    preview = preview_file(book(Notes=[["words"] * 20] * 90, Prices=BARS), "AAPL.xlsx")

    assert preview.bars is not None
    assert preview.bars.close.tolist() == list(CLOSES)


LOWER = [BARS[0], *([day, *(price / 2 for price in rest[:4]), rest[4]] for day, *rest in BARS[1:])]  # type: ignore[operator]
SEVERAL = {
    "2 of its sheets hold prices (High, Low): say which one is meant": (lambda: book(Notes=[["words"]], High=BARS, Low=LOWER), "Low"),
    "the ZIP holds 2 tables (a.csv, b.csv): say which one is meant": (lambda: packed(table(STANDARD), "x/a.csv", "x/b.csv"), "a.csv"),
}


@pytest.mark.parametrize("reason", SEVERAL)
def test_of_several_tables_the_one_is_read_that_a_person_says_and_it_is_kept(reason: str, tmp_path: Path) -> None:
    make, said = SEVERAL[reason]
    data, market = make(), Market(tmp_path)

    refused = market.preview(data, "prices.xlsx")
    chosen = market.correct(data, Corrections(table=said), "prices.xlsx")
    later = market.preview(data, "prices.xlsx")

    assert refused.refused == (reason,)
    assert said in [name.rpartition("/")[2] for name in refused.reading.tables]
    assert chosen.bars is not None
    assert later.bars is not None
    assert later.bars.close.tolist() == [price / 2 if said == "Low" else price for price in CLOSES]
    assert "none of its tables is called 'Mid'" in market.preview(data, "prices.xlsx", Corrections(table="Mid")).refused[0]


def test_the_symbol_in_the_lines_above_the_header_tells_the_instrument(lookup: Market) -> None:
    terminal = book(Worksheet=[["Security", "AAPL US Equity"], ["Period", "D"], *BARS])
    broker = table(STANDARD, before="Historical prices\nSymbol: MSFT\n\n")

    found = [lookup.preview(content, name).reading.instrument for content, name in ((terminal, "grid1.xlsx"), (broker, "export.csv"))]

    assert [instrument and instrument.symbol for instrument in found] == ["AAPL", "MSFT"]


def test_prices_of_bonds_in_32nds_are_numbers_and_thousands_that_look_alike_are_not() -> None:
    text = STANDARD + "\n" + "".join(f"{day},112'165,112'31+,111'000,112'{place:02}2,{place}\n" for place, day in enumerate(DAYS))

    bonds, thousands = preview_file(text.encode(), "ZNH23.csv"), preview_file(text.replace("'165", "'965").encode(), "ZNH23.csv")

    assert bonds.bars is not None
    assert thousands.bars is None
    assert (bonds.bars.open[0], bonds.bars.high[0], bonds.bars.low[0]) == (112 + 16.5 / 32, 112 + 31.5 / 32, 111)
    assert bonds.bars.close[3] == 112 + 3.25 / 32
    assert "prices in 32nds, as bonds are quoted" in bonds.understood


FRACTIONS = {
    "eighths": ("98 7/8", "99-1/2", "98", "98⅞", (98.875, 99.5, 98, 98.875)),
    "grains": ("645'2", "646'0", "645'1", "645'7", (645.25, 646, 645.125, 645.875)),
    "dealers of bonds": ("110-161", "110-31+", "110-15", "110-164", (110 + 16.125 / 32, 110 + 31.5 / 32, 110 + 15 / 32, 110 + 16.5 / 32)),
}


@pytest.mark.parametrize("title", FRACTIONS)
def test_fractions_of_old_quotes_are_numbers(title: str) -> None:
    opening, high, low, close, numbers = FRACTIONS[title]
    text = "".join(f"{day},{opening},{high},{low},{close},5\n" for day in DAYS)

    bars = preview_file(f"{STANDARD}\n{text}".encode(), "x.csv").bars

    assert bars is not None
    assert (bars.open[3], bars.high[3], bars.low[3], bars.close[3]) == numbers


def test_decimals_that_may_be_32nds_are_remarked_upon() -> None:
    days = [day for number in range(40) if (day := DAYS[0] + timedelta(days=number)).weekday() < 5]
    cells = "{0},{1}.{2:02},{3}.31,109.{2:02},112.{4}0,5\n"
    rows = [cells.format(day, 110 + place % 5, place, 116 + place % 5, place % 4) for place, day in enumerate(days)]
    quoted = f"{STANDARD}\n{''.join(rows)}"

    found, usual = (preview_file(text.encode(), "x.csv") for text in (quoted, quoted.replace(".31,", ".41,")))

    assert any("if these are 32nds" in line for line in found.warnings)
    assert not any("32nds" in line for line in usual.warnings)


def test_a_column_in_unknown_words_that_tells_instruments_apart_is_named() -> None:
    rows = "".join(f"{day},{name},10,12,9,{close}\n" for name, close in (("KO", 10), ("PEP", 11)) for day in DAYS)

    (refused,) = preview_file(f"date,asset,open,high,low,close\n{rows}".encode(), "x.csv").refused

    assert refused == "it holds several instruments by the column 'asset': KO, PEP; say which one is meant, or save one file for each"


def test_volume_that_a_file_splits_into_up_and_down_is_added_up() -> None:
    preview = preview_file(table("Date,Open,High,Low,Close,Up,Down", order="DOHLCVN"), "SPY.txt")

    assert preview.bars is not None
    assert preview.bars.volume.tolist() == [volume + 42 for volume in VOLUMES]


def test_a_cell_that_is_no_number_is_named_with_its_row_and_column() -> None:
    text = table(STANDARD).decode().replace("1200.50", "abc").replace("1223.25", "xyz").replace("1210.25", "so").replace("1233.00", "la")

    refused = preview_file(text.encode(), "odd.csv").refused

    assert "the first is 'abc' in row 2, column Close: correct it" in refused[0]


def test_days_on_a_weekend_of_a_weekday_market_are_questioned(lookup: Market) -> None:
    days = tuple(day - timedelta(days=1) for day in DAYS)

    preview = lookup.preview(table(STANDARD, days=days), "AAPL.csv")

    assert "fall on a weekend, the first on 2023-01-08, though AAPL trades on weekdays" in preview.reading.questions[0]


def test_what_nothing_tells_is_asked_and_the_answer_is_remembered(lookup: Market, tmp_path: Path) -> None:
    from core.domain.readings import Corrections

    data = table(STANDARD)
    asked = lookup.preview(data, "kurse_von_herrn_x.csv")
    lookup.correct(data, Corrections(symbol="EURUSD"), "kurse_von_herrn_x.csv")

    again = lookup.preview(data, "kurse_von_herrn_x.csv")

    assert "nothing tells which instrument" in asked.reading.questions[0]
    assert again.reading.instrument is not None
    assert (again.reading.instrument.asset_class, again.reading.questions) == (AssetClass.FOREX, ())


def test_columns_said_once_hold_for_every_file_with_the_header(lookup: Market) -> None:
    from core.domain.readings import Corrections

    said = Corrections(columns=(("date", "Wann"), ("open", "Anf"), ("high", "Obn"), ("low", "Untn"), ("close", "Ende"), ("volume", "Meng")))
    lookup.correct(table("Wann,Anf,Obn,Untn,Ende,Meng"), said, "a.csv")

    other = lookup.preview(table("Wann,Anf,Obn,Untn,Ende,Meng", days=SUMMER), "b.csv")

    assert other.bars is not None
    assert other.bars.close.tolist() == list(CLOSES)


def test_a_choice_between_two_columns_is_said() -> None:
    understood = preview_file(table("Date,Open,High,Low,Last,Close,Shares,Turnover", order="DOHLACVT"), "AAPL.csv").understood

    assert "close is 'Close', not 'Last'" in understood
    assert "volume is 'Shares', not 'Turnover'" in understood


def test_the_series_itself_is_plain_enough_to_check_by_eye() -> None:
    written = tuple(write(CLOSES[0]) for write in (plain, comma, english, apostrophe))

    assert written == ("1200.50", "1.200,50", "1,200.50", "1'200.50")
