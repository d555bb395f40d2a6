"""Candles with trades: marks stand at their fills with the reason in words, a chosen trade is gone to, everything shares one axis."""

import numpy as np
import pytest

from core.domain.backtest import Fill, Trade
from core.domain.bars import Bars
from core.domain.instrument import Instrument, Timeframe
from core.domain.sessions import compute_session_bounds
from core.report.trade_words import compute_return, format_held, label_exit
from pages.components import figures
from pages.components.market_candles import build_candles
from pages.components.trade_chart import AccountCurve, Overlay, build_trade_chart, describe_chart, find_candle, measure_height

DAYS = 400


def bars_of(days: int = DAYS) -> Bars:
    close = 100.0 + np.arange(days, dtype=float)
    time = np.datetime64("2020-01-01", "s") + np.arange(days) * np.timedelta64(86_400, "s")
    return Bars(Instrument(symbol="ACME"), Timeframe.D1, time, open=close, high=close + 1, low=close - 1, close=close, volume=np.ones(days))


LONG = Trade(entry_bar=200, exit_bar=205, size=10, entry_price=300, exit_price=306, profit=57, commission=3)
OPEN = Trade(entry_bar=390, exit_bar=None, size=-5, entry_price=490, exit_price=None, profit=-45, commission=1)
FILLS = (
    Fill(order=1, bar=200, size=10, price=300, commission=1.5, kind="market"),
    Fill(order=2, bar=205, size=-10, price=306, commission=1.5, kind="stop"),
    Fill(order=3, bar=390, size=-5, price=490, commission=1, kind="market"),
)


def chart(bars: Bars, **options: object) -> dict[str, object]:
    return build_trade_chart(build_candles(bars, compute_session_bounds(bars), limit=1_500), bars, FILLS, (LONG, OPEN), **options)  # type: ignore[arg-type]


def test_each_fill_stands_at_its_bar_and_price_and_an_exit_says_why() -> None:
    series = {one["name"]: one for one in chart(bars_of())["series"]}  # type: ignore[attr-defined]
    assert series["Buys"]["data"] == [[200, 300, "bought 10 at 300"]]
    assert series["Sells"]["data"] == [[205, 306, "sold 10 at 306, a stop was reached: +1.9%"], [390, 490, "sold 5 at 490"]]


def test_the_chart_goes_to_a_chosen_trade_and_shows_everything_without_one() -> None:
    (inside, slider) = chart(bars_of(), chosen=0)["dataZoom"]  # type: ignore[misc]
    assert (slider["startValue"], slider["endValue"]) == (140, 265)
    assert (inside["startValue"], inside["endValue"]) == (140, 265)
    assert [zoom.get("startValue") for zoom in chart(bars_of(), chosen=7)["dataZoom"]] == [None, None]  # type: ignore[attr-defined]
    assert chart(bars_of(), chosen=1)["dataZoom"][0]["endValue"] == DAYS - 1  # type: ignore[index]


@pytest.mark.parametrize("log", [True, False])
def test_account_and_drawdown_share_the_axis_of_the_candles(log: bool) -> None:
    curve = AccountCurve("Iteration 1", np.linspace(100, 200, DAYS))
    found = chart(bars_of(), curves=[curve], log=log, start_value=100.0)
    assert [axis["gridIndex"] for axis in found["xAxis"]] == [0, 1, 2]  # type: ignore[attr-defined]
    assert found["axisPointer"] == {"link": [{"xAxisIndex": "all"}]}
    assert [axis["type"] for axis in found["yAxis"]] == ["value", "log" if log else "value", "value"]  # type: ignore[attr-defined]
    assert measure_height(300, [curve]) > measure_height(300, [])


def test_more_bars_than_candles_are_summed_up_and_lines_have_a_value_for_each_candle() -> None:
    bars = bars_of(4_000)
    found = build_candles(bars, compute_session_bounds(bars), limit=1_500)
    line = Overlay("sma(20)", np.where(np.arange(4_000) < 19, np.nan, 1.0))
    series = {one["name"]: one for one in chart(bars, overlays=[line])["series"]}  # type: ignore[attr-defined]
    assert len(series["Price"]["data"]) == len(series["sma(20)"]["data"]) == len(found) <= 1_500
    assert series["sma(20)"]["data"][0] is None
    assert found.first[find_candle(found, 205)] <= 205 <= found.last[find_candle(found, 205)]


def test_a_trade_is_told_with_its_return_its_time_and_why_it_ended() -> None:
    table = figures.build_trades_table((LONG, OPEN), FILLS, bars_of())
    assert table["Return"].round(6).tolist() == [0.019, -0.018367]
    assert table["Held"].tolist() == ["5 d", "9 d"]
    assert table["Why it ended"].tolist() == ["a stop was reached", "still open"]
    assert label_exit(LONG, FILLS[1].changed(kind="")) == "not recorded"
    assert compute_return(LONG.changed(size=0)) == 0.0


def test_minutes_are_told_in_hours() -> None:
    bars = bars_of()
    minutes = Bars(
        bars.instrument,
        Timeframe.M1,
        bars.time[0] + np.arange(DAYS) * np.timedelta64(60, "s"),
        open=bars.open,
        high=bars.high,
        low=bars.low,
        close=bars.close,
        volume=bars.volume,
    )
    assert format_held(LONG.changed(entry_bar=10, exit_bar=145), minutes) == "2 h 15 min"


def test_the_alternative_text_says_what_is_to_be_seen() -> None:
    bars = bars_of()
    words = describe_chart(build_candles(bars, compute_session_bounds(bars)), bars, (LONG, OPEN), [AccountCurve("Iteration 1", bars.close)])
    assert "ACME with entries and exits of 2 trades, 1 with a profit; below it the account, Iteration 1" in words


@pytest.mark.parametrize(("price", "text"), [(1.08456, "1.08456"), (0.0123456, "0.0123456"), (42_000.0, "42,000.00"), (187.25, "187.250")])
def test_prices_of_trades_keep_six_digits_whatever_they_cost(price: float, text: str) -> None:
    writers = figures.build_price_writers([LONG.changed(entry_price=price, exit_price=price)])
    assert writers["In at"](price) == text
