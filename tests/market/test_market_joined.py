"""Bars of two lengths in one file, and instruments that its name and its rows tell differently."""

from datetime import date, datetime, timedelta

import pytest
from export_files import table

from core.market.files import preview_file
from core.market.instrument_classes import make_instrument

DAILY = [date(2023, 3, 1) + timedelta(days=number) for number in range(30)]
WEEKLY = [date(2022, 1, 3) + timedelta(weeks=number) for number in range(20)]
MONTHLY = [date(2021, number, 1) for number in range(1, 13)]


def within_days(first: date, days: int, minutes: int) -> list[datetime]:
    openings = [datetime.combine(first + timedelta(days=number), datetime.min.time()).replace(hour=10) for number in range(days)]
    return [opening + timedelta(minutes=minutes * step) for opening in openings for step in range(360 // minutes)]


HOURLY, SHORT = within_days(date(2023, 1, 9), 5, 60), within_days(date(2023, 2, 6), 5, 5)


def refused(times: list[date]) -> str:
    rows = "".join(f"{time},{10 + row},{11 + row},{9 + row},{10.5 + row},100\n" for row, time in enumerate(times))
    preview = preview_file(f"Date,Open,High,Low,Close,Volume\n{rows}".encode(), "AAPL.csv")
    return " ".join(preview.refused)


@pytest.mark.parametrize(
    ("times", "words"),
    [
        ([*WEEKLY, *DAILY], "bars of 1w stand among those of 1d, the first on 2022-01-03"),
        ([*MONTHLY[:6], *DAILY], "bars of 1 month stand among those of 1d, the first on 2021-01-01"),
        ([*MONTHLY[:9], *WEEKLY], "bars of 1 month stand among those of 1w"),
        ([*HOURLY, *SHORT], "bars of 1h stand among those of 5m, the first on 2023-01-09 10:00"),
        ([*(datetime.combine(day, datetime.min.time()) for day in DAILY), *SHORT], "bars of 1d stand among those of 5m"),
    ],
    ids=["weeks and days", "months and days", "months and weeks", "hours and minutes", "days and minutes"],
)
def test_bars_of_two_lengths_in_one_file_are_refused(times: list[date], words: str) -> None:
    assert words in refused(times)


def test_gaps_are_no_bars_of_another_length() -> None:
    assert refused([time for number, time in enumerate(SHORT) if number % 7 not in (2, 3, 5)]) == ""
    assert refused([day for number, day in enumerate(DAILY) if number % 10 != 4]) == ""


def test_a_name_and_a_ticker_of_two_instruments_are_asked_about() -> None:
    content = table("Symbol,Date,Open,High,Low,Close,Volume", order="SDOHLCV", extra="MSFT")
    assert preview_file(content, "BTCUSDT.csv").refused == ()
    ticker = table("Symbol,Date,Open,High,Low,Close,Volume", order="SDOHLCV", extra="EURUSD")
    (question, *_) = preview_file(ticker, "BTCUSDT.csv").reading.questions
    assert question == "its name says BTC/USDT, and EURUSD stands in it: taken as EURUSD; say the instrument if that is wrong"


def test_settlements_in_a_file_that_is_named_as_a_share_are_asked_about() -> None:
    content = table("Date,Open,High,Low,Settle,Volume,Open Interest", order="DOHLCVN")
    questions = preview_file(content, "ES.csv", lookup=lambda symbol: make_instrument(symbol)).reading.questions
    assert questions == ("the file has settlement prices, and ES is a share: if it is the contract of that name, say ES=F",)


def test_a_moment_that_never_changes_is_not_the_time_of_the_bars() -> None:
    rows = "".join(f",,0,2023-01-01T00:00:00Z,2023-01-02T0{hour}:00:00Z,10,11,9,10,1\n" for hour in range(10))
    preview = preview_file(f",result,table,_start,_time,open,high,low,close,volume\n{rows}".encode(), "BTCUSDT.csv")
    assert preview.bars is not None
    assert str(preview.bars.time[-1]) == "2023-01-02T09:00:00"
    assert "time is '_time': '_start' never changes" in preview.understood


@pytest.mark.parametrize("above", [True, False])
def test_the_number_of_a_share_of_elsewhere_is_asked_about(above: bool) -> None:
    header = "Date,Open,High,Low,Close,Volume"
    content = table(header, before="FR0000121014\n") if above else table(f"ISIN,{header}", order="SDOHLCV", extra="FR0000121014")
    questions = preview_file(content, "MC.csv", lookup={"MC": make_instrument("MC")}.get).reading.questions
    assert questions[0] == "the name says MC in New York, and FR0000121014 stands in the file: say the instrument"


def test_the_length_of_the_bars_in_a_column_is_no_time() -> None:
    rows = "".join(f"{1672531200 + 3600 * hour},BTCUSDT,60,10,11,9,10,1\n" for hour in range(30))
    preview = preview_file(f"start_at,symbol,period,open,high,low,close,volume\n{rows}".encode(), "BTCUSDT.csv")
    assert preview.bars is not None
    assert (len(preview.bars.time), preview.bars.timeframe.value) == (30, "1h")
    assert "'period' says the same on every row and is no time" in preview.understood
