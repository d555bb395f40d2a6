"""Ordinary words for values and states: pairs of indicators, channels that break out, places in a range of days, days before."""

import pytest

from core.domain.errors import Severity
from core.language import check, compile_workflow, propose_workflow

ENTERED = "Buy when close > sma(50). "


def _read(text: str) -> list[str]:
    told = [each.row for each in propose_workflow(text).rows if each.words]
    return [" ".join([row.section, *row.indicators, *([row.operator, *row.thresholds] if row.thresholds else [])]) for row in told]


@pytest.mark.parametrize(
    ("text", "rows"),
    [
        (
            "Buy when both RSI(14) and MFI(14) are under 30. Exit when either one is over 60.",
            ["entry_long rsi(14) < 30 and mfi(14) < 30", "exit_long max(rsi(14), mfi(14)) > 60"],
        ),
        (
            "Short when RSI(14) and CCI are both over 80. Cover if any of them is below 50.",
            ["entry_short rsi(14) > 80 and cci(20) > 80", "exit_short min(rsi(14), cci(20)) < 50"],
        ),
        (
            "Buy when both RSI(2) and MFI(14) are below 30, sell when both are above 50.",
            ["entry_long rsi(2) < 30 and mfi(14) < 30", "exit_long min(rsi(2), mfi(14)) > 50"],
        ),
        (
            "Buy when KAMA(10) crosses above KAMA(30). Sell when KAMA(10) crosses below KAMA(30).",
            ["entry_long crosses_above(kama(10), kama(30))", "exit_long crosses_below(kama(10), kama(30))"],
        ),
        (
            "Buy when Donchian(55) breaks out to the upside, sell when Donchian(20) breaks to the downside.",
            ["entry_long close > highest(high, 55)[1]", "exit_long close < lowest(low, 20)[1]"],
        ),
        (
            "Buy an upside breakout of the Donchian(20) channel, exit when it breaks to the downside.",
            ["entry_long close > highest(high, 20)[1]", "exit_long close < lowest(low, 20)[1]"],
        ),
        (
            "Short on a break of the Donchian(20) to the downside. Stop 3%.",
            ["entry_short close < lowest(low, 20)[1]", "risk stop_loss percent 3"],
        ),
        (
            "Buy when the Supertrend flips green, exit on a flip to red.",
            ["entry_long crosses_above(supertrend(10, 3).direction, 0)", "exit_long crosses_below(supertrend(10, 3).direction, 0)"],
        ),
        (
            "Buy when price is above the 3x ATR(10) Supertrend, exit when price is below it.",
            ["entry_long close > supertrend(10, 3)", "exit_long close < supertrend(10, 3)"],
        ),
        (
            "Buy when the Supertrend(7, 2) flips green, sell when it flips red.",
            ["entry_long crosses_above(supertrend(7, 2).direction, 0)", "exit_long crosses_below(supertrend(7, 2).direction, 0)"],
        ),
        (
            "Buy when the close is in the upper half of its 20-day range. Exit when it is in the lower half.",
            [
                "entry_long close > (lowest(low, 20) + highest(high, 20)) / 2",
                "exit_long close < (lowest(low, 20) + highest(high, 20)) / 2",
            ],
        ),
        (
            "Buy when price is in the bottom third of its 50-day range. Stop 5%.",
            ["entry_long close < lowest(low, 50) + 0.3333 * (highest(high, 50) - lowest(low, 50))", "risk stop_loss percent 5"],
        ),
        (
            "Buy when the 10-day EMA crosses the 30-day from below. Sell when the 10-day EMA crosses the 30-day from above.",
            ["entry_long crosses_above(ema(10), ema(30))", "exit_long crosses_below(ema(10), ema(30))"],
        ),
        ("Buy today if yesterday closed up. Stop 5%.", ["entry_long close > close[1]", "risk stop_loss percent 5"]),
        ("Buy at the open if yesterday closed down 2%. Stop 5%.", ["entry_long roc(1) < -2", "risk stop_loss percent 5"]),
        ("Buy if yesterday closed higher. Stop 5%.", ["entry_long close[1] > close[2]", "risk stop_loss percent 5"]),
        (
            "Buy when the stock gaps down 2%. Sell at the close.",
            ["entry_long limit_on_open price 0.98 * close", "risk flat_at_close bars 1"],
        ),
        (
            "Short when it gaps up 3% or more at the open, cover at the close.",
            ["entry_short limit_on_open price 1.03 * close", "risk flat_at_close bars 1"],
        ),
        ("Buy when the stock gaps down 2%. Sell after 3 days.", ["entry_long gap < -2", "risk time_stop bars 3"]),
        (
            "Buy on Monday if the previous Friday closed down. Stop 5%.",
            ["entry_long weekday == 4 and roc(1) < 0", "risk stop_loss percent 5"],
        ),
        (
            "Buy Monday's open when the previous Friday closed lower. Stop 5%.",
            ["entry_long weekday == 4 and roc(1) < 0", "risk stop_loss percent 5"],
        ),
    ],
)
def test_ordinary_values_become_the_rows_that_they_mean(text: str, rows: list[str]) -> None:
    proposal = propose_workflow(text)

    assert _read(text) == rows
    assert [problem for problem in check(proposal.workflow) if problem.severity is Severity.ERROR] == []
    assert "class " in compile_workflow(proposal.workflow)


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("Buy when RSI(14) is under 30. Exit when either is over 60. Stop 5%.", "when either is over 60"),
        (
            "Buy when price is above the 20-day, 50-day and 200-day averages. Sell when it is below any two of them.",
            "when it is below any two of them",
        ),
        ("Buy on a green candle. Exit on a flip to red. Stop 5%.", "on a flip to red"),
        ("Buy when the candle turns green. Sell when it turns red.", "when it turns red"),
        ("Buy when the 10-day range is below 8% and the close is in the upper half. Stop 5%.", "and the close is in the upper half"),
        (
            "5-minute bars. Buy when price is in the upper half of its 20-day range. Stop 1%.",
            "when price is in the upper half of its 20-day range",
        ),
        ("On 5-minute bars buy today if yesterday closed up. Flat at the close.", "today if yesterday closed up"),
        ("Buy on Wednesday if the previous Friday closed down. Stop 5%.", "on Wednesday if the previous Friday closed down"),
        ("Buy at the open if yesterday closed lower and yesterday's RSI(2) was below 10. Stop 5%.", "at the open"),
        (ENTERED + "Sell at the end of the next day.", "at the end of the next day"),
    ],
)
def test_what_could_mean_another_thing_is_named(text: str, named: str) -> None:
    assert named in propose_workflow(text).unread


@pytest.mark.parametrize(
    ("text", "row"),
    [
        ("On 5-minute bars, buy when price is above its 200-day average. Exit at 15:55.", 'entry_long close > tf("1d", sma(200))'),
        ("Hourly chart. Exit below the 10-day low; go long when RSI < 30.", 'exit_long close < tf("1d", lowest(low, 10))'),
        ("Timeframe: 1h. Buy when price is over the 20 day EMA. Stop 2%.", 'entry_long close > tf("1d", ema(20))'),
        ("M15 bars: buy if the close is over the 200DMA. Stop 2%.", 'entry_long close > tf("1d", sma(200))'),
        ("On 5-minute bars, buy when price is above its 200-bar average. Exit at 15:55.", "entry_long close > sma(200)"),
        ("Buy when price is above its 200-day average. Stop 2%.", "entry_long close > sma(200)"),
        ("5 minute bars: buy if volume is above its 20-day average. Stop 1%.", "entry_long volume > sma(volume, 20)"),
    ],
)
def test_days_on_bars_within_the_day_are_days(text: str, row: str) -> None:
    assert row in _read(text)


@pytest.mark.parametrize(
    ("text", "entries"),
    [
        (
            "Buy when SPY gaps down 2% and is above its 200-day average. Sell at the close.",
            ["entry_long limit_on_open price 0.98 * close", "entry_long close > sma(200)"],
        ),
        (
            "Short when the market gaps up 3% and the price is below its 200-day average. Cover at the close.",
            ["entry_short limit_on_open price 1.03 * close", "entry_short close < sma(200)"],
        ),
        (
            "Buy when it gaps down 2% and is above its 200-day average. Sell after 5 days.",
            ["entry_long gap < -2", "entry_long close > sma(200)"],
        ),
    ],
)
def test_a_gap_of_the_day_that_is_sold_at_its_close_is_bought_at_its_opening(text: str, entries: list[str]) -> None:
    assert [row for row in _read(text) if row.startswith("entry")] == entries


def test_one_phrase_with_two_settings_of_an_indicator_is_not_read_with_one_of_them() -> None:
    proposal = propose_workflow("Buy when MACD(5,35,5) is above MACD(12,26,9). Stop 5%.")

    assert proposal.unread
    assert not any("macd" in row for row in _read("Buy when MACD(5,35,5) is above MACD(12,26,9). Stop 5%."))
