"""Times that are one number or stand in forms of their own, days exchanged with months, and zones that are said beside them."""

import io
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta

import openpyxl
import pytest
from export_files import CLOSES, DAYS, as_json, days_of, prices, table
from export_table import STANDARD

from core.domain.bars import Preview
from core.market import preview_file

NEW_YEAR_25 = tuple(day + timedelta(days=7 * 105) for day in DAYS)
TICKS_OF_A_DAY = 864_000_000_000


def since(start: date) -> Callable[[date], str]:
    return lambda day: str((day - start).days)


STAMPS: dict[str, Callable[[date], str]] = {
    "the day of the year": lambda day: f"{day:%Y-%j}",
    "the day of the year without a mark": lambda day: f"{day:%Y%j}",
    "the day of a week": lambda day: "{}-W{:02}-{}".format(*day.isocalendar()),
    "six digits, the year first": lambda day: f"{day:%y%m%d}",
    "six digits, the day first": lambda day: f"{day:%d%m%y}",
    "six digits, the month first": lambda day: f"{day:%m%d%y}",
    "day numbers of MATLAB": lambda day: str(day.toordinal() + 366),
    "ordinals of Python": lambda day: str(day.toordinal()),
    "days since 1970": since(date(1970, 1, 1)),
    "day numbers from 1904 on": since(date(1904, 1, 1)),
    "Julian days": lambda day: str(day.toordinal() + 1_721_424.5),
    "ticks of .NET": lambda day: str((day.toordinal() - 1) * TICKS_OF_A_DAY),
    "file times of Windows": lambda day: str((day - date(1601, 1, 1)).days * TICKS_OF_A_DAY),
    "seconds since 2001": lambda day: str((day - date(2001, 1, 1)).days * 86_400),
    "all digits of an exponent": lambda day: f"{(day - date(1970, 1, 1)).days * 86_400:.18e}",
    "a call around it": lambda day: f"Timestamp('{day} 00:00:00')",
    "numbers in a call": lambda day: f"datetime.date({day.year}, {day.month}, {day.day})",
    "the end of the day": lambda day: f"{day} 24:00",
    "the last moment of the day": lambda day: f"{day}T23:59:59.999Z",
    "dots and blanks": lambda day: f"{day.year}. {day.month}. {day.day}.",
    "months between slashes": lambda day: f"{day:%b/%d/%Y}",
    "digits of Arabic": lambda day: str(day).translate(str.maketrans("0123456789", "٠١٢٣٤٥٦٧٨٩")),
    "an offset and its name": lambda day: f"{day} 00:00:00 +0000 UTC",
}


def read(content: bytes, name: str = "AAPL.csv") -> Preview:
    return preview_file(content, name, today=date(2026, 1, 1))


def days_in(preview: Preview) -> tuple[str, ...]:
    assert preview.refused == ()
    assert preview.bars is not None
    return tuple(str(day) for day in preview.bars.time.astype("datetime64[D]"))


@pytest.mark.parametrize("title", STAMPS)
def test_the_days_are_read_from(title: str) -> None:
    preview = read(table(STANDARD, STAMPS[title]))

    assert days_in(preview) == days_of()
    assert preview.bars is not None
    assert preview.bars.close.tolist() == list(CLOSES)
    assert len(preview.reading.questions) == 1


def test_days_since_1970_are_no_day_numbers_of_a_spreadsheet_where_the_weekdays_tell() -> None:
    assert days_in(read(table(STANDARD, since(date(1970, 1, 1)), days=NEW_YEAR_25))) == days_of(NEW_YEAR_25)
    assert days_in(read(table(STANDARD, since(date(1899, 12, 30)), days=NEW_YEAR_25))) == days_of(NEW_YEAR_25)


@pytest.mark.parametrize(
    ("stamp", "days"),
    [
        (since(date(1960, 1, 1)), DAYS),
        (since(date(1970, 1, 1)), tuple(date(2025, 1, 1) + timedelta(days=number) for number in range(12))),
        (lambda day: str(day.toordinal()), DAYS[:4]),
    ],
    ids=["of SAS or of a Mac in 1967", "of a coin", "too few"],
)
def test_counts_of_days_that_nothing_tells_are_asked(stamp: Callable[[date], str], days: tuple[date, ...]) -> None:
    (reason,) = read(table(STANDARD, stamp, days=days)).refused

    assert "counts of days from a start that nothing tells" in reason


def test_six_digits_that_may_be_anything_are_asked() -> None:
    (reason,) = read(table(STANDARD, lambda day: f"{day.replace(year=2003):%y%m%d}", days=DAYS[:1] * 2)).refused

    assert "year, month and day cannot be told apart" in reason


MONTHS = tuple(
    date(2023, 1, 2) + timedelta(days=number) for number in range(60) if (date(2023, 1, 2) + timedelta(days=number)).weekday() < 5
)


def exchange(day: date) -> date:
    return day.replace(month=day.day, day=day.month)


def rows_of(stamp: Callable[[date], str]) -> bytes:
    return (STANDARD + "\n" + "".join(f"{stamp(day)},10,12,9,{10 + place / 100:.2f},5\n" for place, day in enumerate(MONTHS))).encode()


def test_days_and_months_that_a_spreadsheet_exchanged_stand_right_again_and_that_is_said() -> None:
    preview = read(rows_of(lambda day: str(exchange(day)) if day.day <= 12 else f"{day:%d/%m/%Y}"))

    assert days_in(preview) == days_of(MONTHS)
    assert any("a spreadsheet had exchanged" in words for words in preview.repaired)


def test_dates_of_a_workbook_that_were_exchanged_stand_right_again() -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.append(STANDARD.split(","))
    for day in MONTHS:
        sheet.append([exchange(day) if day.day <= 12 else f"{day:%d/%m/%Y}", 10, 12, 9, 10, 5])
    kept = io.BytesIO()
    book.save(kept)

    assert days_in(read(kept.getvalue(), "AAPL.xlsx")) == days_of(MONTHS)


def test_exchanged_dates_without_an_order_are_refused() -> None:
    mixed = rows_of(lambda day: str(exchange(day)) if day.day <= 12 else f"{day:%d/%m/%Y}").decode().splitlines(keepends=True)
    mixed[2], mixed[30] = mixed[30], mixed[2]

    assert "a spreadsheet took days for months" in read("".join(mixed).encode()).refused[0]


def test_two_forms_that_are_both_right_are_left_alone() -> None:
    assert days_in(read(rows_of(lambda day: str(day) if day.month == 1 else f"{day:%d/%m/%Y}"))) == days_of(MONTHS)


MINUTES = tuple(datetime(2023, 1, day, 9, 30) + timedelta(minutes=minute) for day in (3, 4, 5) for minute in range(20))


def minutes_as(stamp: Callable[[datetime], str], header: str = STANDARD, before: str = "") -> bytes:
    return (before + header + "\n" + "".join(f"{stamp(at)},10,12,9,11,5\n" for at in MINUTES)).encode()


def test_moments_a_few_millionths_below_a_minute_are_that_minute() -> None:
    preview = read(minutes_as(lambda at: (at - timedelta(microseconds=3 * (at.minute % 2))).isoformat(sep=" ", timespec="microseconds")))

    assert preview.bars is not None
    assert preview.bars.time.astype("datetime64[s]").tolist() == list(MINUTES)


def test_midnight_written_as_hour_24_opens_the_next_day() -> None:
    hours = [datetime(2023, 1, 3) + timedelta(hours=hour) for hour in range(1, 72)]
    body = "".join(
        f"{at - timedelta(hours=1):%Y-%m-%d} 24:00,10,12,9,11,5\n" if not at.hour else f"{at:%Y-%m-%d %H:%M},10,12,9,11,5\n" for at in hours
    )

    bars = read(f"{STANDARD}\n{body}".encode()).bars

    assert bars is not None
    assert bars.time.astype("datetime64[s]").tolist() == hours


@pytest.mark.parametrize(
    ("content", "zone"),
    [
        (minutes_as(str, "Time (UTC+8),Open,High,Low,Close,Volume"), "Etc/GMT-8"),
        (minutes_as(str, "Time (GMT+05:30),Open,High,Low,Close,Volume"), "Asia/Kolkata"),
        (minutes_as(str, before="Time zone: Asia/Tokyo\n"), "Asia/Tokyo"),
        (minutes_as(str, before="All times are in GMT\n"), "UTC"),
        (minutes_as(str, before="Exported 2023-05-01 at a time of 10:00 UTC\n"), "America/New_York"),
        (
            as_json(
                {
                    "meta": {"exchange_timezone": "Europe/Paris"},
                    "values": [{"datetime": str(at), "open": "10", "high": "12", "low": "9", "close": "11"} for at in MINUTES],
                }
            ),
            "Europe/Paris",
        ),
    ],
    ids=["an offset", "half an hour", "a line above", "words above", "the moment of the export", "beside the bars"],
)
def test_a_zone_that_is_said_beside_the_times_counts(content: bytes, zone: str) -> None:
    preview = read(content, "mine.csv")

    assert preview.bars is not None
    assert preview.bars.instrument.zone == zone
    assert preview.bars.time.astype("datetime64[s]").tolist() == list(MINUTES)


def test_a_printed_table_without_its_middle_is_refused() -> None:
    rows = table(STANDARD).decode().splitlines(keepends=True)

    (reason,) = read("".join([*rows[:5], ",".join(["..."] * 6) + "\n", *rows[5:]]).encode()).refused

    assert "rows are left out of it" in reason


def test_prices_stay_beside_counted_days() -> None:
    bars = read(table(STANDARD, since(date(1970, 1, 1)))).bars

    assert bars is not None
    assert bars.low.tolist() == [prices(place)[2] for place in range(12)]


@pytest.mark.parametrize("each", [1, 60, 0.001], ids=["seconds", "minutes", "milliseconds"])
def test_times_of_day_may_be_counted_from_midnight(each: float) -> None:
    rows = "".join(f"{at:%Y%m%d},{int((at.hour * 3600 + at.minute * 60) / each)},10,12,9,11,5\n" for at in MINUTES)

    bars = read(f"Date,Time,Open,High,Low,Close,Volume\n{rows}".encode()).bars

    assert bars is not None
    assert bars.time.astype("datetime64[s]").tolist() == list(MINUTES)


def test_minutes_of_a_day_are_told_by_their_header_and_an_hour_beside_them() -> None:
    counted = "".join(f"{at:%Y%m%d},{at.hour * 60 + at.minute},10,12,9,11,5\n" for at in MINUTES)
    parts = "".join(f"{at:%Y%m%d},{at.hour},{at.minute},10,12,9,11,5\n" for at in MINUTES)
    marks = "".join(f"{at:%Y%m%d},{at:%H%M%S}000,10,12,9,11,5\n" for at in MINUTES)

    for header, rows in (("Date,Minute", counted), ("Date,Hour,Minute", parts), ("Date,Time", marks)):
        bars = read(f"{header},Open,High,Low,Close,Volume\n{rows}".encode()).bars
        assert bars is not None
        assert bars.time.astype("datetime64[s]").tolist() == list(MINUTES)


def test_hours_alone_are_times_of_day() -> None:
    hours = [datetime(2023, 3, 1) + timedelta(hours=number) for number in range(48)]
    rows = "".join(f"{at:%Y-%m-%d},{at.hour},10,12,9,11,5\n" for at in hours)

    bars = read(f"Date,Hour,Open,High,Low,Close,Volume\n{rows}".encode(), "BTCUSD.csv").bars

    assert bars is not None
    assert bars.time.astype("datetime64[s]").tolist() == hours


@pytest.mark.parametrize("write", ["令和{0}年{1}月{2}日", "R{0}.{1}.{2}", "R{0:02}/{1:02}/{2:02}"])
def test_years_of_the_eras_of_japan_are_counted(write: str) -> None:
    rows = "".join(f"{write.format(day.year - 2018, day.month, day.day)},10,12,9,11,5\n" for day in DAYS)

    bars = read(f"日付,始値,高値,安値,終値,出来高\n{rows}".encode(), "7203.T.csv").bars

    assert bars is not None
    assert bars.time.astype("datetime64[D]").tolist() == list(DAYS)


@pytest.mark.parametrize("written", ["1401/10/{}", "1444-06-{}", "140110{}"])
def test_years_of_other_calendars_are_refused_by_that(written: str) -> None:
    rows = "".join(f"{written.format(day.day)},10,12,9,11,5\n" if day.day > 9 else "" for day in DAYS)

    assert "the years are of another calendar" in read(f"Date,Open,High,Low,Close,Volume\n{rows}".encode()).refused[0]


def test_a_time_that_the_clock_skips_asks_for_the_zone() -> None:
    hours = [datetime(2023, 3, 11) + timedelta(hours=number) for number in range(48)]
    rows = "".join(f"{at},10,12,9,11,5\n" for at in hours)

    (reason,) = read(f"Time (America/New_York),Open,High,Low,Close,Volume\n{rows}".encode()).refused

    assert reason.startswith("2023-03-12 02:00 is no time of America/New_York, because the clock was set forward")
    assert read(f"Time (Asia/Tokyo),Open,High,Low,Close,Volume\n{rows}".encode()).bars is not None


def test_of_two_moments_the_beginning_of_the_bar_counts_whichever_comes_first() -> None:
    seconds = [int(at.replace(tzinfo=UTC).timestamp()) for at in MINUTES]
    text = as_json([{"T": f"{at + 59}", "t": f"{at}", "o": 10, "h": 12, "l": 9, "c": 11, "v": 5} for at in seconds])

    bars = read(text).bars

    assert bars is not None
    assert bars.time.astype("datetime64[s]").tolist() == list(MINUTES)


def test_a_column_that_is_called_a_time_and_holds_none_is_said_to_be_left_out() -> None:
    rows = "".join(f"{day},noon,10,12,9,11,5\n" for day in DAYS)

    assert "'Time' holds no times of day and is left out" in read(f"Date,Time,Open,High,Low,Close,Volume\n{rows}".encode()).understood


def test_names_of_summer_and_winter_time_in_a_column_are_one_zone() -> None:
    rows = "".join(f"{at},{'CET' if at.day < 5 else 'CEST'},10,12,9,11,5\n" for at in MINUTES)

    assert read(f"Time,TZ,Open,High,Low,Close,Volume\n{rows}".encode(), "mine.csv").reading.zone == "Europe/Berlin"


def test_letters_that_several_parts_of_the_world_share_are_asked_unless_the_instrument_tells() -> None:
    header = "Time (CST),Open,High,Low,Close,Volume"

    assert "CST is the zone of America/Chicago and of Asia/Shanghai" in read(minutes_as(str, header), "mine.csv").refused[0]
    assert "say which one is meant" in read(minutes_as("{} CST".format), "mine.csv").refused[0]
    preview = read(minutes_as(str, header), "600000.SS.csv")
    assert preview.reading.zone == "Asia/Shanghai"
    assert preview.bars is not None
    assert preview.bars.time[0].item() == MINUTES[0]


def test_summer_time_beside_it_tells_which_of_them_is_meant() -> None:
    preview = read(minutes_as(lambda at: f"{at} {'CST' if at.day < 5 else 'CDT'}"), "mine.csv")

    assert preview.reading.zone == "America/Chicago"


def test_a_year_and_a_month_are_no_day() -> None:
    rows = "".join(f"{2010 + month // 12}{month % 12 + 1:02},10,12,9,11,5\n" for month in range(36))

    assert "31 days apart" in read(f"{STANDARD}\n{rows}".encode()).refused[0]


def test_weeks_of_the_year_carry_their_monday() -> None:
    mondays = [date(2022, 12, 5) + timedelta(days=7 * week) for week in range(12)]
    rows = "".join("{}-W{:02},10,12,9,11,5\n".format(*monday.isocalendar()) for monday in mondays)

    assert days_in(read(f"{STANDARD}\n{rows}".encode())) == days_of(tuple(mondays))


def test_a_date_on_the_first_row_of_each_day_holds_for_the_others() -> None:
    rows = "".join(f"{at.date() if at.minute == 30 else ''},{at:%H:%M},10,12,9,11,5\n" for at in MINUTES)

    bars = read(f"Date,Time,Open,High,Low,Close,Volume\n{rows}".encode()).bars

    assert bars is not None
    assert bars.time.astype("datetime64[s]").tolist() == list(MINUTES)


CLOCKS: dict[str, Callable[[datetime], str]] = {
    "dashes and dots": lambda at: f"{at:%Y-%m-%d-%H.%M.%S}.000000",
    "a slash between": lambda at: f"{at:%d.%m.%Y / %H:%M}",
    "Uhr": lambda at: f'"{at:%d.%m.%Y, %H:%M} Uhr"',
    "an h": lambda at: f"{at:%Y-%m-%d %Hh%M}",
}


@pytest.mark.parametrize("title", CLOCKS)
def test_the_minutes_are_read_from(title: str) -> None:
    bars = read(minutes_as(CLOCKS[title])).bars

    assert bars is not None
    assert bars.time.astype("datetime64[s]").tolist() == list(MINUTES)


def session_from(opening: int, closing: int) -> bytes:
    """Half-hour bars of three days between two hours."""
    starts = [datetime(2023, 1, day, half // 2, 30 * (half % 2)) for day in (3, 4, 5) for half in range(2 * opening, 2 * closing)]
    return "".join([STANDARD, *(f"\n{at},10,12,9,11,5" for at in starts)]).encode()


ASKED = {(14, 21): True, (8, 15): True, (4, 20): False, (9, 16): False, (10, 15): False, (9, 20): False, (10, 17): False}


@pytest.mark.parametrize(("hours", "asked"), ASKED.items())
def test_bars_at_other_hours_than_the_exchange_ask_for_their_zone(hours: tuple[int, int], *, asked: bool) -> None:
    questions = read(session_from(*hours), "MSFT.US.csv").reading.questions

    assert [f"the bars run from {hours[0]}:00 to {hours[1]}:00" in question for question in questions] == [True] * asked


@pytest.mark.parametrize("unit", [1, 1000], ids=["days of a spreadsheet", "thousandths of a second before 2001"])
def test_words_below_the_table_leave_the_times_counts(unit: int) -> None:
    early = tuple(day - timedelta(days=7 * 1200) for day in DAYS)
    stamp = since(date(1899, 12, 30)) if unit == 1 else lambda day: str((day - date(1970, 1, 1)).days * 86_400 * unit)

    assert days_in(read(table(STANDARD, stamp, days=early, after="\nSource: my broker, 1\n"))) == days_of(early)


def week_of_hours(ends: int, each: int = 60) -> bytes:
    """Bars of three weeks around the clock that end at this hour on Friday (24 for midnight), and begin 48 hours later."""
    friday = datetime(2023, 1, 6) + timedelta(hours=ends)
    starts = [friday + timedelta(days=7 * week, minutes=-each * back) for week in range(3) for back in range(1, 5 * 1440 // each + 1)]
    return "".join([STANDARD, *(f"\n{at},10,12,9,11,5" for at in sorted(starts))]).encode()


@pytest.mark.parametrize(
    ("name", "ends", "asked"),
    [("EURUSD", 17, False), ("EURUSD", 24, True), ("GBPUSD", 22, True), ("ES=F", 16, True), ("ES=F", 17, False), ("BTCUSDT", 24, False)],
)
def test_weeks_that_end_at_another_hour_than_those_of_the_instrument_ask_for_the_zone(name: str, ends: int, *, asked: bool) -> None:
    questions = read(week_of_hours(ends), f"{name}.csv").reading.questions

    assert [f"the weeks end at {ends % 24}:00" in question for question in questions] == [True] * asked


def test_a_share_that_trades_through_the_night_asks_for_the_zone() -> None:
    nights = [datetime(2023, 1, 3) + timedelta(hours=hour) for hour in range(72) if not 1 <= hour % 24 < 9]
    content = "".join([STANDARD, *(f"\n{at},10,12,9,11,5" for at in nights)]).encode()

    assert "the bars run around the clock, and MSFT trades from 9:30 to 16:00" in read(content, "MSFT.US.csv").reading.questions[0]
