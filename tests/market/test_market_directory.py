from collections import Counter
from pathlib import Path

import pytest

from core.domain.costs import suggest_costs
from core.domain.instrument import AssetClass, Listing
from core.market import Market
from core.market.instrument_classes import DEFAULT_COSTS, EXCHANGES, make_instrument
from core.market.market import SHIPPED
from core.market.search import ListingIndex, edit_distance


@pytest.fixture(scope="module")
def market(tmp_path_factory: pytest.TempPathFactory) -> Market:
    return Market(tmp_path_factory.mktemp("home"))


@pytest.fixture(scope="module")
def everything(market: Market) -> tuple[Listing, ...]:
    return market._known()


def test_the_directory_holds_two_thousand_instruments_of_every_class(everything: tuple[Listing, ...]) -> None:
    classes = Counter(listing.instrument.asset_class for listing in everything)

    assert len(everything) >= 2_000
    assert all(classes[kind] >= 40 for kind in AssetClass if kind is not AssetClass.SYNTHETIC)
    assert len({listing.instrument.symbol for listing in everything}) == len(everything)


def test_the_directory_names_its_source() -> None:
    assert "pytickersymbols (MIT license" in (SHIPPED / "instruments" / "instruments.csv").read_text(encoding="utf-8").splitlines()[0]
    assert "public domain" in (SHIPPED / "bars" / "index.json").read_text(encoding="utf-8")


FOUND = {
    "microsft": "MSFT",
    "toyota": "7203.T",
    "7203": "7203.T",
    "s&p 500": "^GSPC",
    "sp500": "^GSPC",
    "nikkei": "^N225",
    "eur/usd": "EURUSD",
    "eurusd=x": "EURUSD",
    "euro dollar": "EURUSD",
    "bitcoin": "BTC-USD",
    "btc": "BTC-USD",
    "xbt": "BTC-USD",
    "xxbtzusd": "BTC-USD",
    "xbtusd": "BTC-USD",
    "xdgusd": "DOGE-USD",
    "gold": "GC=F",
    "crude": "CL=F",
    "spy": "SPY",
    "nvidia": "NVDA",
    "nivdia": "NVDA",
    "brk.b": "BRK-B",
    "coca cola": "KO",
    "cocacola": "KO",
    "loreal": "OR.PA",
    "l'oréal": "OR.PA",
    "johnson and johnson": "JNJ",
    "volkswagen": "VOW3.DE",
    "f": "F",
    "a": "A",
    "synthetic": "SYN-1M",
}


@pytest.mark.parametrize("query", FOUND)
def test_what_people_type_finds_what_they_mean(market: Market, query: str) -> None:
    assert market.search(query)[0].instrument.symbol == FOUND[query]


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("XBTUSD", "BTC-USD"),
        ("XXBTZUSD", "BTC-USD"),
        ("XBT", "BTC-USD"),
        ("xeth", "ETH-USD"),
        ("BTC/USD", "BTC-USD"),
        ("bitcoin", "BTC-USD"),
    ],
)
def test_a_coin_is_found_under_the_names_of_exchanges(market: Market, typed: str, meant: str) -> None:
    listing = market.find_listing(typed)

    assert listing is not None
    assert listing.instrument.symbol == meant


@pytest.mark.parametrize("typed", ["XETHZEUR", "BTC", "XOM", "XRAY", "TSLA", "XBTUSDX"])
def test_no_other_symbol_is_taken_for_a_coin_in_dollars(market: Market, typed: str) -> None:
    listing = market.find_listing(typed)

    assert listing is None or listing.instrument.asset_class is not AssetClass.CRYPTO


@pytest.mark.parametrize("query", ["xyzzyq", "...", "\N{SNOWMAN}", " "])
def test_nonsense_finds_nothing_or_what_is_here(market: Market, query: str) -> None:
    assert all(listing.has_data for listing in market.search(query))


def test_a_search_marks_what_has_data_here(market: Market) -> None:
    here = {listing.instrument.symbol: listing.has_data for listing in market.search("apple")}

    assert (here["AAPL"], here["APLE"]) == (True, False)


def test_of_two_equal_matches_the_earlier_one_wins() -> None:
    listings = [Listing(instrument=make_instrument(symbol, "Twin Works"), has_data=False, source="x") for symbol in ("ZB", "ZA")]

    assert [found.instrument.symbol for found in ListingIndex(listings).find("twin", 5)] == ["ZB", "ZA"]


@pytest.mark.parametrize(
    ("left", "right", "distance"), [("", "", 0), ("A", "", 1), ("AB", "BA", 1), ("KITTEN", "SITTING", 3), ("ABC", "XYZ", 3)]
)
def test_edit_distances_by_hand(left: str, right: str, distance: int) -> None:
    assert edit_distance(left, right, 3) == edit_distance(right, left, 3) == distance


@pytest.mark.parametrize("code", sorted(EXCHANGES))
def test_exchange_hours_agree_with_the_calendar_library(code: str) -> None:
    import exchange_calendars

    exchange = EXCHANGES[code]
    calendar = exchange_calendars.get_calendar(exchange.calendar or code, start="2025-02-01", end="2025-04-30")
    session = calendar.schedule.loc["2025-03-12"]
    opening, close = (session[name].tz_convert(exchange.zone) for name in ("open", "close"))

    assert str(calendar.tz) == exchange.zone
    assert (opening.hour * 60 + opening.minute, close.hour * 60 + close.minute) == (exchange.open, exchange.close)


def test_facts_follow_the_class() -> None:
    share, pair, coin = (
        make_instrument("7203.T", exchange="XTKS"),
        make_instrument("USDJPY", asset_class=AssetClass.FOREX),
        make_instrument("BTC-USD", asset_class=AssetClass.CRYPTO),
    )

    assert (share.zone, share.currency, share.calendar, share.session_open, share.tick) == ("Asia/Tokyo", "JPY", "XTKS", 540, 1.0)
    assert (pair.currency, pair.calendar, pair.day_roll, pair.days_per_year, pair.tick) == ("JPY", "24/5", 1020, 260, 0.001)
    assert (coin.calendar, coin.days_per_year, coin.fractional, coin.shortable) == ("24/7", 365, True, False)
    assert pair.costs.commission == 0 < pair.costs.spread
    assert suggest_costs(pair).slippage == pytest.approx(0.0001)
    assert set(DEFAULT_COSTS) == set(AssetClass)


def test_files_of_a_folder_are_instruments(tmp_path: Path) -> None:
    from core.domain.bars_request import BarsRequest

    folder = tmp_path / "mine"
    folder.mkdir()
    market = Market(tmp_path / "home", folders=(folder,))
    before = market.search("qqxzw")
    (folder / "qqxzw.csv").write_text("Date,Open,High,Low,Close\n2020-01-06,1,2,1,2\n2020-01-07,1,2,1,2\n")

    assert before == ()
    assert market.search("qqxzw")[0].has_data
    assert len(market.bars(BarsRequest(symbol="QQXZW"))) == 2


def test_a_file_of_a_currency_pair_is_listed_as_one(tmp_path: Path) -> None:
    (tmp_path / "SEKNOK.csv").write_text("Date,Open,High,Low,Close\n2020-01-06,1,2,1,2\n2020-01-07,1,2,1,2\n")
    market = Market(tmp_path / "home", folders=(tmp_path,))

    (found,) = [listing.instrument for listing in market.search("SEKNOK") if listing.source == "folder"]

    assert (found.asset_class, found.day_roll, found.costs.commission) == (AssetClass.FOREX, 1020, 0.0)


def test_an_upload_is_kept_whole_and_can_be_loaded(tmp_path: Path) -> None:
    from core.domain.bars_request import BarsRequest
    from core.domain.errors import RefusedBarsError

    market = Market(tmp_path)
    path = market.keep_upload(b"Date,Open,High,Low,Close\n2020-01-06,1,2,1,2\n2020-01-07,1,2,1,2\n", "../my bars.csv")

    assert path == tmp_path / "uploads" / "my_bars.csv"
    assert len(market.bars(BarsRequest(path=str(path)))) == 2
    with pytest.raises(RefusedBarsError):
        market.keep_upload(b"Date,Open,High,Low,Close\n2020-01-06,1,1,2,2\n2020-01-07,1,2,1,2\n", "bad.csv")
    assert list((tmp_path / "uploads").iterdir()) == [path]


def test_an_upload_keeps_its_name_unless_another_file_or_an_instrument_has_it(tmp_path: Path) -> None:
    rows = "Date,Open,High,Low,Close\n2020-01-06,1,2,1,2\n2020-01-07,1,2,1,{close}\n"
    one, other = rows.format(close=2).encode(), rows.format(close=1).encode()
    market = Market(tmp_path)

    kept = [market.keep_upload(data, name).name for data, name in ((one, "ACME.csv"), (one, "ACME.csv"), (other, "ACME.csv"))]

    assert kept == ["ACME.csv", "ACME.csv", "ACME-own.csv"]
    assert market.keep_upload(one, "AAPL.csv").name == "AAPL-own.csv"
    assert market.keep_upload(other, "AAPL.csv").name == "AAPL-own2.csv"
