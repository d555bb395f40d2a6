"""The Market screen: what is known about bars, files of one's own, what is kept here."""

import io
import zipfile
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime
from pathlib import Path

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest
from yfinance.data import YfData

from core.domain.bars import Bars
from core.domain.bars_request import BarsRequest
from core.domain.instrument import Timeframe
from core.market import Market
from core.services import Services, Settings
from pages.components.market_candles import CANDLES, build_candles, find_places, find_stretch
from pages.components.market_quality import classify_days
from pages.components.market_upload import derive_symbol
from tests.market.yahoo_recording import Answer, Recording, always, chart_of, session_with
from tests.pages.conftest import _opener, shown

Open = Callable[..., AppTest]
GOOD = b"Date;Open;High;Low;Close;Volume\n" + b"".join(
    b"%02d.03.2024;%d,5;%d,5;%d,0;%d,0;1000\n" % (day, 10 + day, 12 + day, 9 + day, 11 + day)
    for day in (1, 4, 5, 6, 7, 8, 11, 12, 13, 14, 15, 18, 19, 20)
)
BAD = GOOD.replace(b";Low;", b";Base;")


@pytest.fixture(scope="module")
def plain(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Services]:
    """Services in which nothing ever happened."""
    services = Services(Settings(home=tmp_path_factory.mktemp("plain")))
    yield services
    services.close()


def bars_of(services: Services, symbol: str, timeframe: Timeframe, start: date | None = None, end: date | None = None) -> Bars:
    """Bars that ship."""
    found: Bars = services.market.bars(BarsRequest(symbol=symbol, timeframe=timeframe, start=start, end=end))
    return found


@pytest.mark.parametrize(
    ("symbol", "timeframe", "name"),
    [("AAPL", Timeframe.D1, "Two-week"), ("SYN-1M", Timeframe.M1, "Weekly"), ("AAPL", Timeframe.W1, "Two-week")],
)
def test_candles_of_any_number_of_bars_fit_into_a_chart_and_lose_no_price(
    plain: Services, symbol: str, timeframe: Timeframe, name: str
) -> None:
    bars = bars_of(plain, symbol, timeframe)
    found = build_candles(bars, plain.market.compute_session_bounds(bars))
    assert found.name == name
    assert len(found) <= CANDLES
    assert (found.open[0], found.close[-1]) == (bars.open[0], bars.close[-1])
    assert (found.high.max(), found.low.min()) == (bars.high.max(), bars.low.min())
    assert found.volume.sum() == pytest.approx(bars.volume.sum())


def test_candles_of_minutes_never_reach_over_the_border_of_a_day(plain: Services) -> None:
    bars = bars_of(plain, "SYN-FX", Timeframe.M1, date(2024, 3, 4), date(2024, 3, 6))
    bounds = plain.market.compute_session_bounds(bars)
    found = build_candles(bars, bounds)
    assert found.name == "15-minute"
    assert (bounds.day[found.first] == bounds.day[found.last]).all()
    assert not find_places(found, bars, bounds).outside.any()


def test_a_stretch_is_marked_only_when_it_is_wide_enough_and_less_than_everything(plain: Services) -> None:
    daily = bars_of(plain, "AAPL", Timeframe.D1, date(2005, 1, 1), date(2006, 1, 1))
    days = [str(moment) for moment in daily.time.astype("datetime64[D]")]
    assert find_stretch(daily, days[3], days[20]) == (3, 20)
    assert find_stretch(daily, days[7], days[9]) is None
    assert find_stretch(daily, days[0], days[-1]) is None


def test_the_map_of_days_tells_complete_from_missing(plain: Services) -> None:
    bars = bars_of(plain, "AAPL", Timeframe.D1, date(2005, 1, 3), date(2005, 3, 31))
    holed = Bars(
        bars.instrument,
        bars.timeframe,
        *(np.delete(getattr(bars, name), [5, 6]) for name in ("time", "open", "high", "low", "close", "volume")),
    )
    assert sorted(set(classify_days(plain.market.measure_coverage(holed)))) == ["complete", "missing"]


def test_the_screen_tells_figures_quality_and_meaning_of_the_chosen_bars(empty: Open) -> None:
    app = empty("market")
    words = shown(app)
    assert [metric.label for metric in app.metric] == ["Last close", "Bars", "Volatility a year", "Deepest fall"]
    assert app.metric[1].value == "3,270"
    assert "3,270 of 3,270 expected bars are there" in words.replace("\\", "")
    assert "never look like signals" in words
    assert len(app.get("vega_lite_chart")) == 3


def test_raw_prices_are_another_set_of_bars_and_say_what_they_mean(empty: Open) -> None:
    app = empty("market")
    app.get_by_key("market_prices").set_value("Raw").run()
    assert "A split looks like a crash" in shown(app)
    assert app.metric[0].value == "430.47 USD"
    assert not app.exception


def test_splits_and_dividends_are_listed_newest_first(empty: Open) -> None:
    app = empty("market")
    app.session_state["market_details"] = "Splits and dividends"
    app.run()
    table = app.dataframe[0].value
    assert table["What"].tolist() == ["dividend", "dividend", "dividend", "split", "split"]
    assert "2-for-1 split on 2000-06-21" in table["Detail"].tolist()


@pytest.mark.parametrize(("tab", "expected"), [("Character", "What a strategy has to live with here"), ("Instrument", "starting values")])
def test_every_other_tab_of_an_intraday_instrument_draws(empty: Open, tab: str, expected: str) -> None:
    app = empty("market", symbol="SYN-FX")
    app.session_state["market_details"] = tab
    app.selectbox(key="market_timeframe").select("15m").run()
    assert not app.exception
    assert not app.error
    assert expected in shown(app)


def test_reversed_dates_and_unknown_names_are_told_where_they_are_typed(empty: Open) -> None:
    app = empty("market")
    app.date_input(key="market_start").set_value(date(2010, 1, 1))
    app.date_input(key="market_end").set_value(date(2009, 1, 1)).run()
    assert any("Swap the two dates" in error.value for error in app.error)
    app.text_input(key="market_symbol").set_value("zzqqxx").run()
    assert any("zzqqxx" in error.value for error in app.error)
    assert app.button(key="market_online")


@pytest.mark.parametrize(("typed", "said"), [("NOPE", True), ("treasury", False)])
def test_matches_that_are_only_near_are_told_from_what_was_typed(empty: Open, typed: str, said: bool) -> None:
    app = empty("market", symbol=typed)
    assert app.button(key="market_match_0")
    assert (f"Nothing is called “{typed}”" in shown(app)) is said


def test_bars_that_are_not_here_are_fetched_only_on_request(empty: Open) -> None:
    app = empty("market", symbol="TSLA")
    assert app.button(key="market_fetch")
    assert not app.metric
    assert not app.error


def test_a_range_without_bars_is_told_in_words(empty: Open) -> None:
    app = empty("market")
    app.date_input(key="market_start").set_value(date(2020, 1, 1)).run()
    assert any("choose a range inside it" in error.value for error in app.error)


def over_yahoo(home: Path, monkeypatch: pytest.MonkeyPatch, answer: Answer) -> Iterator[Open]:
    """Screens over a market whose Yahoo is a recording."""
    services = Services(Settings(home=home))
    services.rooms._market = Market(home, session=session_with(Recording(answer)), clock=lambda: datetime(2024, 3, 11, 2, 0, tzinfo=UTC))
    YfData.cache_get.cache_clear()
    yield _opener(services, monkeypatch)
    YfData.cache_get.cache_clear()
    services.close()


WEEK = [(f"2024-03-{day:02}", 100.0 + day, 102.0 + day, 99.0 + day, 101.0 + day, 1000.0) for day in (4, 5, 6, 7, 8)]


@pytest.fixture
def yahoo(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Open]:
    """Yahoo answers with a week of bars."""
    yield from over_yahoo(tmp_path, monkeypatch, chart_of(WEEK))


@pytest.fixture
def no_yahoo(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Open]:
    """Yahoo has too many requests."""
    yield from over_yahoo(tmp_path, monkeypatch, always(429, "Too Many Requests"))


def test_fetched_bars_are_shown_kept_and_removed_on_request(yahoo: Open, tmp_path: Path) -> None:
    app = yahoo("market", symbol="TSLA")
    app.button(key="market_fetch").click().run()
    assert app.metric[1].value == "5"
    app.session_state["market_tab"] = "Kept here"
    app.run()
    assert app.dataframe[0].value["Symbol"].tolist() == ["TSLA"]
    app.button(key="market_cache_clear").click().run()
    assert not list(tmp_path.rglob("*.parquet"))
    assert "Nothing was fetched yet" in shown(app)


def test_a_fetch_that_fails_is_told_in_words(no_yahoo: Open) -> None:
    app = no_yahoo("market", symbol="TSLA")
    app.button(key="market_fetch").click().run()
    assert app.error
    assert not app.metric
    assert app.button(key="market_fetch")


def test_where_several_sources_have_an_instrument_one_can_be_named(yahoo: Open) -> None:
    app = yahoo("market", symbol="AAPL")
    app.get_by_key("market_source").set_value("yahoo").run()
    assert app.text_input(key="market_symbol").value == "yahoo:AAPL"
    app.button(key="market_fetch").click().run()
    assert app.metric[1].value == "5"


def upload(app: AppTest, name: str, data: bytes) -> AppTest:
    """Give a file to the uploader."""
    app.session_state["market_tab"] = "Upload"
    app.run()
    app.file_uploader[0].upload(name, data).run()
    assert not app.exception
    return app


def test_a_range_that_lost_points_downward(empty: Open) -> None:
    app = empty("market")
    app.date_input(key="market_start").set_value(date(2008, 1, 2))
    app.date_input(key="market_end").set_value(date(2008, 12, 31)).run()
    close = next(metric for metric in app.metric if metric.label == "Last close")
    assert close.delta.startswith("−5")
    assert close.proto.direction == close.proto.MetricDirection.DOWN
    assert close.proto.color == close.proto.MetricColor.RED


def test_an_upload_is_shown_with_its_repairs_and_kept_only_on_request(empty: Open, tmp_path: Path) -> None:
    app = upload(empty("market"), "mine.csv", GOOD + GOOD[-40:].split(b"\n", 1)[1])
    assert "Can be used" in shown(app)
    assert "Dropped" in shown(app)
    assert not (tmp_path / "uploads").exists()
    app.button(key="market_keep").click().run()
    kept = list((tmp_path / "uploads").iterdir())
    assert len(kept) == 1
    assert derive_symbol(kept[0]) in shown(app).replace("\\", "")


def test_a_kept_upload_is_an_instrument_like_any_other(empty: Open, tmp_path: Path) -> None:
    app = upload(empty("market"), "mine.csv", GOOD)
    app.button(key="market_keep").click().run()
    app.button(key="market_look").click().run()
    assert app.text_input(key="market_symbol").value == "MINE"
    assert app.metric[1].value == "14"
    assert not app.error


def test_a_kept_upload_can_be_taken_to_llm_driving_with_its_range(empty: Open) -> None:
    app = upload(empty("market"), "mine.csv", GOOD)
    app.button(key="market_keep").click().run()
    app.button(key="market_use").click().run()
    assert not app.exception
    assert app.title[0].value == "LLM driving"
    assert app.text_input(key="driving_symbol").value == "MINE"
    assert (app.date_input(key="driving_start").value, app.date_input(key="driving_end").value) == (date(2024, 3, 1), date(2024, 3, 20))


def test_a_refused_upload_says_why_and_leaves_nothing_behind(empty: Open, tmp_path: Path) -> None:
    app = upload(empty("market"), "**bold** [x](y).csv", BAD)
    words = shown(app)
    assert "Cannot be used" in words
    assert "no column for low" in words.replace("\\", "")
    assert "**bold** [x](y)" not in words
    assert not (tmp_path / "uploads").exists()
    assert not any(button.key == "market_keep" for button in app.button)


def test_uploads_are_listed_with_their_size_and_removed_on_request(empty: Open, tmp_path: Path) -> None:
    app = upload(empty("market"), "mine.csv", GOOD)
    app.button(key="market_keep").click().run()
    app.session_state["market_tab"] = "Kept here"
    app.run()
    name = next((tmp_path / "uploads").iterdir()).name
    assert app.dataframe[0].value["File"].tolist() == [name]
    app.selectbox(key="market_upload_chosen").select(name).run()
    app.button(key="market_upload_remove").click().run()
    assert not list((tmp_path / "uploads").iterdir())
    assert "No file was uploaded yet" in shown(app)


def test_an_upload_that_names_no_instrument_is_asked_for_and_read_as_the_answer_says(empty: Open) -> None:
    app = upload(empty("market"), "kurse_von_x.csv", GOOD)
    asked = [warning.value for warning in app.warning]

    app.text_input(key="market_reading_symbol").input("EURUSD")
    app.button(key="market_reading_apply").click().run()

    assert any("nothing tells which instrument" in text for text in asked)
    assert not app.exception
    assert any("EURUSD" in text.value for text in app.markdown)


def test_of_several_files_in_a_zip_the_page_asks_for_the_one_that_is_meant(empty: Open) -> None:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as made:
        made.writestr("first.csv", GOOD)
        made.writestr("MC.PA.csv", GOOD)
    app = upload(empty("market"), "both.zip", packed.getvalue())

    app.selectbox(key="market_reading_table").select("MC.PA.csv")
    app.button(key="market_reading_apply").click().run()

    assert not app.exception
    assert any("LVMH" in text.value for text in app.markdown)
    assert any(button.key == "market_keep" for button in app.button)
