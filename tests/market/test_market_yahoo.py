"""The real yfinance against recorded answers: success, every failure in words, zones, splits, limits, and the cache around it."""

import inspect
import json
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
import requests
import yfinance.exceptions
from yfinance.data import YfData

from core.domain.bars import Bars
from core.domain.bars_request import BarsRequest
from core.domain.errors import MarketDataError
from core.domain.instrument import Timeframe
from core.market import Market
from core.market.yahoo import ERRORS, translate_error
from tests.market.yahoo_recording import Answer, Recording, always, chart_error, chart_of, failing, session_with

WEEK = [(f"2024-03-{day:02}", 100.0 + day, 102.0 + day, 99.0 + day, 101.0 + day, 1000.0) for day in (4, 5, 6, 7, 8)]
MONDAY = datetime(2024, 3, 11, 2, 0, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _forgetful_yfinance() -> Iterator[None]:
    YfData.cache_get.cache_clear()
    yield
    YfData.cache_get.cache_clear()


def market_with(home: Path, answer: Answer, now: datetime = MONDAY) -> tuple[Market, Recording]:
    recording = Recording(answer)
    return Market(home, session=session_with(recording), clock=lambda: now), recording


def load(home: Path, answer: Answer, symbol: str, timeframe: Timeframe = Timeframe.D1, now: datetime = MONDAY) -> Bars:
    return market_with(home, answer, now)[0].bars(BarsRequest(symbol=symbol, timeframe=timeframe))


def test_daily_bars_arrive_and_are_kept_for_the_next_request(tmp_path: Path) -> None:
    market, recording = market_with(tmp_path, chart_of(WEEK))
    request = BarsRequest(symbol="TSLA", start=date(2024, 3, 1))

    first, second = market.bars(request), market.bars(request)

    assert [str(day) for day in first.time.astype("datetime64[D]")] == [row[0] for row in WEEK]
    assert first.close.tolist() == [row[4] for row in WEEK]
    assert first.hash == second.hash
    assert len(recording.history_calls) == 1


@pytest.mark.parametrize(
    ("symbol", "zone"),
    [("TSLA", "America/New_York"), ("SHEL.L", "Europe/London"), ("7203.T", "Asia/Tokyo"), ("EURUSD", "Europe/London")],
)
def test_monday_stays_monday_in_every_zone(tmp_path: Path, symbol: str, zone: str) -> None:
    bars = load(tmp_path, chart_of(WEEK, zone=zone), symbol)

    assert bars.first == datetime(2024, 3, 4)
    assert bars.first.weekday() == 0


def test_intraday_bars_are_in_exchange_local_wall_time(tmp_path: Path) -> None:
    rows = [(f"2024-03-07T{9 + minute // 60:02}:{minute % 60:02}", 10.0, 11.0, 9.0, 10.0, 5.0) for minute in range(0, 60, 5)]

    bars = load(tmp_path, chart_of(rows, zone="Asia/Tokyo", granularity="5m"), "7203.T", Timeframe.M5)

    assert bars.instrument.zone == "Asia/Tokyo"
    assert str(bars.time[0]) == "2024-03-07T09:00:00"


def test_the_open_stays_at_half_past_nine_over_the_clock_change(tmp_path: Path) -> None:
    rows = [(f"2024-03-{day:02}T{clock}", 10.0, 11.0, 9.0, 10.0, 5.0) for day in (8, 11) for clock in ("09:30", "10:30")]

    bars = load(tmp_path, chart_of(rows, granularity="1h"), "TSLA", Timeframe.H1, datetime(2024, 3, 12, tzinfo=UTC))

    assert [str(moment)[5:16] for moment in bars.time] == ["03-08T09:30", "03-08T10:30", "03-11T09:30", "03-11T10:30"]


def test_currency_pairs_arrive_in_new_york_time(tmp_path: Path) -> None:
    rows = [(f"2024-03-07T{hour:02}:00", 1.1, 1.2, 1.0, 1.1, 0.0) for hour in range(12, 18)]

    bars = load(tmp_path, chart_of(rows, zone="Europe/London", kind="CURRENCY", granularity="1h"), "eur/usd", Timeframe.H1)

    assert (str(bars.time[0]), bars.instrument.zone) == ("2024-03-07T07:00:00", "America/New_York")


def test_half_hours_are_made_of_complete_quarters(tmp_path: Path) -> None:
    rows = [(f"2024-03-07T{(570 + 15 * n) // 60:02}:{(570 + 15 * n) % 60:02}", 10.0, 11.0 + n, 9.0, 10.0 + n / 10, 5.0) for n in range(5)]

    market, recording = market_with(tmp_path, chart_of(rows, granularity="15m"))
    bars = market.bars(BarsRequest(symbol="TSLA", timeframe=Timeframe.M30))

    assert [str(moment)[11:16] for moment in bars.time] == ["09:30", "10:00"]
    assert bars.high.tolist() == [12.0, 14.0]
    assert {query["interval"] for query in recording.history_calls} == {"15m"}


def test_the_day_that_is_not_over_is_left_out(tmp_path: Path) -> None:
    during_friday = datetime(2024, 3, 8, 18, 0, tzinfo=UTC)

    assert load(tmp_path, chart_of(WEEK), "TSLA", now=during_friday).last == datetime(2024, 3, 7)


def test_after_the_close_the_day_counts(tmp_path: Path) -> None:
    after_friday = datetime(2024, 3, 8, 22, 0, tzinfo=UTC)

    assert load(tmp_path, chart_of(WEEK), "TSLA", now=after_friday).last == datetime(2024, 3, 8)


def test_a_split_is_taken_out_of_raw_prices_and_kept_in_adjusted_ones(tmp_path: Path) -> None:
    rows = [("2024-03-04", 50.0, 51.0, 49.0, 50.0, 200.0), ("2024-03-05", 50.0, 51.0, 49.0, 50.0, 200.0)]
    market, _ = market_with(tmp_path, chart_of(rows, splits={"2024-03-05": (2, 1)}))

    raw = market.bars(BarsRequest(symbol="TSLA", adjusted=False))
    adjusted = market.bars(BarsRequest(symbol="TSLA"))

    assert (raw.close.tolist(), raw.volume.tolist()) == ([100.0, 50.0], [100.0, 200.0])
    assert (adjusted.close.tolist(), adjusted.volume.tolist()) == ([50.0, 50.0], [200.0, 200.0])
    assert [str(action) for action in market.find_corporate_actions(BarsRequest(symbol="TSLA"))] == ["2-for-1 split on 2024-03-05"]


def test_a_dividend_lowers_earlier_adjusted_prices_only(tmp_path: Path) -> None:
    rows = [("2024-03-04", 100.0, 100.0, 100.0, 100.0, 5.0), ("2024-03-05", 98.0, 98.0, 98.0, 98.0, 5.0)]
    market, _ = market_with(tmp_path, chart_of(rows, adjusted=[98.0, 98.0], dividends={"2024-03-05": 2.0}))

    assert market.bars(BarsRequest(symbol="KO")).close.tolist() == [98.0, 98.0]
    assert market.bars(BarsRequest(symbol="KO", adjusted=False)).close.tolist() == [100.0, 98.0]
    (dividend,) = market.find_corporate_actions(BarsRequest(symbol="KO"))
    assert dividend.value == pytest.approx(2.0)


UNKNOWN = chart_error("Not Found", "No data found, symbol may be delisted")
FAILURES = {
    "unknown symbol": (always(404, UNKNOWN), "knows no instrument 'TSLA'", "search field"),
    "asked too often": (always(429, "Too Many Requests"), "asked too often", "Wait"),
    "a page of HTML": (always(200, "<html>consent</html>"), "a page instead of data", "try again later"),
    "server error": (always(500, "oops"), "a page instead of data", "try again later"),
    "time-out": (failing(requests.exceptions.ReadTimeout("slow")), "did not answer within 15 seconds", "try again"),
    "no connection": (failing(requests.exceptions.ConnectionError("no route")), "cannot be reached", "connection"),
    "empty": (chart_of([]), "has no daily bars of TSLA", "another range"),
}


@pytest.mark.parametrize("symbol", ["TSLA", "NVDA"], ids=["zone known", "zone unknown"])
@pytest.mark.parametrize("name", FAILURES)
def test_every_failure_is_told_in_words_and_leaves_nothing_behind(tmp_path: Path, name: str, symbol: str) -> None:
    answer, message, hint = FAILURES[name]
    market, _ = market_with(tmp_path, answer)

    with pytest.raises(MarketDataError) as caught:
        market.bars(BarsRequest(symbol=symbol))

    assert message.replace("TSLA", symbol) in caught.value.message
    assert hint in caught.value.hint
    assert market.cached() == ()


def test_a_refusal_names_its_status() -> None:
    response = requests.Response()
    response.status_code = 403

    assert "refuses to answer (HTTP 403)" in translate_error(requests.exceptions.HTTPError(response=response), "TSLA").message


def test_the_error_table_knows_every_class_of_yfinance() -> None:
    classes = {name for name, kind in inspect.getmembers(yfinance.exceptions, inspect.isclass) if kind.__module__ == "yfinance.exceptions"}

    assert classes <= set(ERRORS)


def test_after_too_many_requests_yahoo_is_left_alone(tmp_path: Path) -> None:
    now = [MONDAY]
    recording = Recording(always(429, "Too Many Requests"))
    market = Market(tmp_path, session=session_with(recording), clock=lambda: now[0])
    for _ in range(3):
        with pytest.raises(MarketDataError):
            market.bars(BarsRequest(symbol="TSLA"))
    asked = len(recording.asked)
    now[0] += timedelta(minutes=2)
    recording.chart = chart_of(WEEK)

    assert asked <= 2
    assert len(market.bars(BarsRequest(symbol="TSLA"))) == 5


@pytest.mark.parametrize(("timeframe", "days"), [(Timeframe.M1, 29), (Timeframe.M5, 59), (Timeframe.M30, 59), (Timeframe.H4, 729)])
def test_a_range_that_yahoo_does_not_keep_is_refused_before_the_call(tmp_path: Path, timeframe: Timeframe, days: int) -> None:
    market, recording = market_with(tmp_path, chart_of(WEEK))

    with pytest.raises(MarketDataError) as caught:
        market.bars(BarsRequest(symbol="TSLA", start=date(2020, 1, 1), end=date(2020, 2, 1), timeframe=timeframe))

    assert f"for {days} days only" in caught.value.message
    assert f"{market.earliest('TSLA', timeframe)} to 2024-03-10" in caught.value.hint
    assert recording.asked == []


def test_one_minute_bars_are_asked_for_a_week_at_a_time(tmp_path: Path) -> None:
    rows = [(f"2024-03-07T09:{minute}", 10.0, 11.0, 9.0, 10.0, 5.0) for minute in range(30, 40)]
    market, recording = market_with(tmp_path, chart_of(rows, granularity="1m"))

    bars = market.bars(BarsRequest(symbol="TSLA", start=date(2024, 2, 26), timeframe=Timeframe.M1))

    assert len(bars) == 10
    spans = [(int(query["period2"]) - int(query["period1"])) / 86_400 for query in recording.history_calls]
    assert len(spans) == 2
    assert max(spans) <= 8


def test_new_bars_are_appended_and_only_they_are_asked_for(tmp_path: Path) -> None:
    market_with(tmp_path, chart_of(WEEK[:3]), datetime(2024, 3, 7, 2, tzinfo=UTC))[0].bars(BarsRequest(symbol="TSLA"))
    market, recording = market_with(tmp_path, chart_of(WEEK))

    bars = market.bars(BarsRequest(symbol="TSLA"))

    assert len(bars) == 5
    (query,) = recording.history_calls
    assert datetime.fromtimestamp(int(query["period1"]), UTC).date() > date(2024, 2, 20)


def test_a_changed_adjustment_fetches_everything_anew(tmp_path: Path) -> None:
    before = chart_of(WEEK[:3], adjusted=[row[4] for row in WEEK[:3]])
    market_with(tmp_path, before, datetime(2024, 3, 7, 2, tzinfo=UTC))[0].bars(BarsRequest(symbol="TSLA"))
    after = chart_of(WEEK, adjusted=[row[4] * (0.99 if row[0] < "2024-03-08" else 1.0) for row in WEEK], dividends={"2024-03-08": 1.08})
    market, recording = market_with(tmp_path, after)

    bars = market.bars(BarsRequest(symbol="TSLA"))

    assert bars.close[0] == pytest.approx(WEEK[0][4] * 0.99)
    assert len(recording.history_calls) == 2


def test_without_a_connection_what_is_kept_is_used_and_said(tmp_path: Path) -> None:
    market_with(tmp_path, chart_of(WEEK))[0].bars(BarsRequest(symbol="TSLA"))
    offline, _ = market_with(tmp_path, failing(requests.exceptions.ConnectionError("no route")), MONDAY + timedelta(days=3))

    loaded = offline.load(BarsRequest(symbol="TSLA"))

    assert len(loaded.bars) == 5
    assert "What was fetched on 2024-03-11 is used instead" in loaded.warnings[0]
    assert next(listing for listing in offline.search("tesla") if listing.instrument.symbol == "TSLA").has_data


def test_zero_prices_of_old_times_are_left_out_and_named(tmp_path: Path) -> None:
    rows = [("2024-03-01", 0.0, 0.0, 0.0, 100.0, 0.0), *WEEK]

    loaded = market_with(tmp_path, chart_of(rows))[0].load(BarsRequest(symbol="TSLA"))

    assert len(loaded.bars) == 5
    assert "left out 1 bar because prices are zero or negative (2024-03-01)" in loaded.repaired


def test_an_online_search_makes_new_symbols_known(tmp_path: Path) -> None:
    share = {"symbol": "ZZZQ", "shortname": "Zzzquil Works", "quoteType": "EQUITY", "exchange": "NYQ"}
    text = json.dumps({"quotes": [share, {"symbol": "O1", "quoteType": "OPTION"}]})
    market, recording = market_with(tmp_path, always(200, text))

    found = market.search("zzzquil", online=True)
    recording.chart = chart_of(WEEK)

    assert [listing.instrument.symbol for listing in found] == ["ZZZQ"]
    assert found[0].instrument.exchange == "NYSE"
    assert len(market.bars(BarsRequest(symbol="ZZZQ"))) == 5
