"""Dates with the names of months in other languages, and those that two languages share."""

from datetime import date, timedelta

import pytest
from export_files import CLOSES, DAYS, days_of, table

from core.market.files import preview_file

HEADER = "Date;Open;High;Low;Close;Volume"
JANUARY = {
    "Polish": "{0.day} sty {0.year}",
    "Russian": "{0.day} янв. {0.year} г.",
    "Ukrainian": "{0.day} січ. {0.year} р.",
    "Turkish": "{0.day:02d} Oca {0.year}",
    "Czech": "{0.day}. led {0.year}",
    "Hungarian": "{0.year}. jan. {0.day}.",
    "Greek": "{0.day} Ιαν {0.year}",
    "Vietnamese": "{0.day} thg 1, {0.year}",
    "Thai": "{0.day} ม.ค. 2566",
    "Arabic": "{0.day} يناير {0.year}",
    "Hebrew": "{0.day} בינואר {0.year}",
    "Romanian": "{0.day} ian {0.year}",
    "Indonesian": "{0.day} Januari {0.year}",
    "Finnish": "{0.day} tammi {0.year}",
    "Croatian": "{0.day}. siječnja {0.year}.",
}


@pytest.mark.parametrize("language", JANUARY)
def test_days_with_the_name_of_a_month_are_read(language: str) -> None:
    bars = preview_file(table(HEADER, JANUARY[language].format, mark=";"), "x.csv").bars
    assert bars is not None
    assert tuple(str(day) for day in bars.time.astype("datetime64[D]")) == days_of(DAYS)
    assert bars.close.tolist() == list(CLOSES)


POLISH = ["sty", "lut", "mar", "kwi", "maj", "cze", "lip", "sie", "wrz", "paź", "lis", "gru"]
CROATIAN = [
    *("siječnja", "veljače", "ožujka", "travnja", "svibnja", "lipnja", "srpnja", "kolovoza", "rujna", "listopada", "studenoga", "prosinca"),
]


def read(months: list[str], first: date) -> tuple[str, ...]:
    days = [first + timedelta(days=3 * number) for number in range(40)]
    rows = "".join(f"{day.day} {months[day.month - 1]} {day.year};10;11;9;{10 + number / 50};1\n" for number, day in enumerate(days))
    bars = preview_file(f"{HEADER}\n{rows}".encode(), "x.csv").bars
    return () if bars is None else (str(bars.time[0])[:10], str(bars.time[-1])[:10])


def test_a_name_that_two_languages_share_is_read_beside_others_of_one() -> None:
    assert read(POLISH, date(2023, 6, 1)) == ("2023-06-01", "2023-09-26")
    assert read(CROATIAN, date(2023, 9, 1)) == ("2023-09-01", "2023-12-27")


def test_a_name_that_two_languages_share_is_not_read_alone() -> None:
    days = "".join(f"{day} listopada 2023;10;11;9;10;1\n" for day in range(2, 14))
    assert "in no known format" in preview_file(f"{HEADER}\n{days}".encode(), "x.csv").refused[0]
