from datetime import date
from pathlib import Path

import numpy as np
import pytest

from core.domain.bars_request import BarsRequest
from core.domain.errors import MarketDataError
from core.domain.instrument import Timeframe
from core.market import Market


@pytest.fixture(scope="module")
def market(tmp_path_factory: pytest.TempPathFactory) -> Market:
    return Market(tmp_path_factory.mktemp("home"))


@pytest.mark.parametrize("query", ["apple", "Apple", "appl", "aple", "AAPL", "aapl", "apple inc", "appel"])
def test_apple_is_found_first_however_it_is_typed(market: Market, query: str) -> None:
    assert market.search(query)[0].instrument.symbol == "AAPL"


def test_an_empty_query_lists_what_has_data_here(market: Market) -> None:
    found = market.search("", limit=7)

    assert [listing.instrument.symbol for listing in found[:4]] == ["AAPL", "GOOG", "IBM", "MSFT"]
    assert all(listing.has_data for listing in found)


def test_aapl_loads_adjusted_within_the_inclusive_range(market: Market) -> None:
    bars = market.bars(BarsRequest(symbol="aapl", start=date(2003, 1, 2), end=date(2010, 12, 31)))

    assert (bars.first.date(), bars.last.date(), len(bars)) == (date(2003, 1, 2), date(2010, 12, 31), 2015)
    assert bars.instrument.name == "Apple Inc."
    assert bars.source == "bundled"


def test_a_split_is_a_jump_in_raw_prices_only(market: Market) -> None:
    around = {"symbol": "AAPL", "start": date(2005, 2, 25), "end": date(2005, 2, 28)}
    raw = market.bars(BarsRequest(**around, adjusted=False)).close
    adjusted = market.bars(BarsRequest(**around)).close

    assert raw[1] / raw[0] == pytest.approx(0.504, abs=0.001)
    assert adjusted[1] / adjusted[0] == pytest.approx(1.0082, abs=0.001)


def test_the_same_request_has_the_same_hash_in_another_market(market: Market, tmp_path: Path) -> None:
    request = BarsRequest(symbol="IBM", start=date(2005, 1, 1))

    assert market.bars(request).hash == Market(tmp_path).bars(request).hash


def test_weeks_are_complete_and_inside_the_range(market: Market) -> None:
    bars = market.bars(BarsRequest(symbol="MSFT", start=date(2010, 1, 5), end=date(2010, 1, 28), timeframe=Timeframe.W1))

    assert [str(day) for day in bars.time.astype("datetime64[D]")] == ["2010-01-11", "2010-01-18"]


def test_synthetic_minutes_become_days(market: Market) -> None:
    bars = market.bars(BarsRequest(symbol="SYN-1M", start=date(2023, 2, 1), end=date(2023, 2, 28)))

    assert len(bars) == 20
    assert (bars.high >= np.maximum(bars.open, bars.close)).all()


@pytest.mark.parametrize(
    ("request_", "message", "hint"),
    [
        (BarsRequest(symbol="APPL"), "'APPL' is not known", "AAPL"),
        (BarsRequest(), "No instrument", "AAPL"),
        (BarsRequest(symbol="AAPL", start=date(2010, 1, 1), end=date(2009, 1, 1)), "reversed", "Swap"),
        (BarsRequest(symbol="AAPL", start=date(2020, 1, 1)), "no bars from 2020-01-01 on", "2000-03-01 to 2013-03-01"),
        (BarsRequest(symbol="AAPL", end=date(1990, 1, 1)), "no bars until 1990-01-01", "2000-03-01 to 2013-03-01"),
        (BarsRequest(symbol="AAPL", start=date(2010, 1, 2), end=date(2010, 1, 3)), "No complete 1d bar", "choose a range"),
        (BarsRequest(symbol="AAPL", timeframe=Timeframe.M5), "no 5-minute bars of AAPL", "1d, 1w"),
        (BarsRequest(path="no-such-file.csv"), "no-such-file.csv", ""),
    ],
)
def test_a_request_that_cannot_be_met_says_why_and_what_to_do(market: Market, request_: BarsRequest, message: str, hint: str) -> None:
    with pytest.raises(MarketDataError) as caught:
        market.bars(request_)

    assert message in caught.value.message
    assert hint in caught.value.hint


def test_a_range_that_begins_before_the_data_is_cut_and_said(market: Market) -> None:
    loaded = market.load(BarsRequest(symbol="AAPL", start=date(1990, 1, 1)))

    assert loaded.bars.first.date() == date(2000, 3, 1)
    assert "begin on 2000-03-01" in loaded.warnings[0]


def test_a_symbol_may_name_its_source(market: Market) -> None:
    assert [listing.source for listing in market.offers("AAPL")] == ["bundled", "yahoo"]
    assert market.find_listing("yahoo:aapl").source == "yahoo"
    assert len(market.bars(BarsRequest(symbol="bundled:IBM"))) == 3270


def test_what_ships_too_early_points_to_the_network_without_asking_it(market: Market) -> None:
    with pytest.raises(MarketDataError) as caught:
        market.bars(BarsRequest(symbol="AAPL", start=date(2020, 1, 1)))

    assert "Another source may have them: yahoo:AAPL." in caught.value.hint


def test_nothing_is_written_until_something_must_be_kept(tmp_path: Path) -> None:
    market = Market(tmp_path / "home")
    market.bars(BarsRequest(symbol="AAPL"))

    assert not (tmp_path / "home").exists()


def test_reference_rates_ship_as_a_pair_with_its_facts_and_a_remark(tmp_path: Path) -> None:
    loaded = Market(tmp_path).load(BarsRequest(symbol="ECB-EURUSD", start=date(1999, 1, 1), end=date(1999, 1, 8)))

    assert loaded.bars.close.tolist()[:2] == [1.1789, 1.179]
    assert (loaded.bars.instrument.asset_class.value, loaded.bars.instrument.currency) == ("forex", "USD")
    assert "one reference rate a day" in loaded.warnings[0]
