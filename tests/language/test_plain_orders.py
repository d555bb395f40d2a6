"""Ordinary descriptions: averages called by a length, days on which rules are looked at, parts that are sold, and what is told by half."""

import pytest

from core.domain.errors import Severity
from core.language import check, compile_workflow, propose_workflow

ENTERED = "Buy when close > sma(50). "


def _read(text: str) -> list[str]:
    told = [each.row for each in propose_workflow(text).rows if each.words]
    return [" ".join([row.section, *row.indicators, *([row.operator, *row.thresholds] if row.thresholds else [])]) for row in told]


@pytest.mark.parametrize(
    ("text", "row"),
    [
        ("Buy when the 20-day EMA crosses above the 50-day EMA. Sell when it falls under the 50-day EMA.", "exit_long ema(20) < ema(50)"),
        ("Buy at a 20-day high. Sell when the 20-day EMA falls back under the 50-day.", "exit_long ema(20) < ema(50)"),
        ("Buy above the 50-day EMA and the 200-day moving average. Sell when price closes below the 50-day.", "exit_long close < ema(50)"),
        ("Buy at a 20-day high. Sell when the 10-day WMA crosses below the 30-day.", "exit_long crosses_below(wma(10), wma(30))"),
        ("Buy above the 200-day simple moving average and the EMA(10). Sell below the 200-day.", "exit_long close < sma(200)"),
        (
            "Buy on the first day the close is above the 100-day average after being below it for at"
            " least 10 days. Exit when it closes back below.",
            "exit_long close < sma(100)",
        ),
        ("Buy when the 20-day volatility is below 15% annualized. Stop 5%.", "entry_long sqrt(252) * realised_volatility(20) < 15"),
        ("Buy when the 20-day volatility is below 2%. Stop 5%.", "entry_long realised_volatility(20) < 2"),
        ("Enter on a bullish engulfing candle after a 5% decline over 10 days. Stop 3%.", "entry_long bullish_engulfing"),
        ("If the previous bar was an inside bar and close > high[1], buy. Stop at the low of the"
         " inside bar.", "risk stop_loss price low[1]"),
        (
            "Go long when the price gaps down more than 2% at the open. Exit at the close of the same day.",
            "entry_long limit_on_open price 0.98 * close",
        ),
        (ENTERED + "Stop trading for 5 days after a losing trade.", "risk cool_down bars 5"),
        (ENTERED + "Use 2 ATR as stop.", "risk stop_loss atr 2"),
        (ENTERED + "Stop out at a 7% loss.", "risk stop_loss percent 7"),
        (ENTERED + "Stop 16 ticks. The tick size is 0.25.", "risk stop_loss points 4"),
        (ENTERED + "stop-loss: whichever is closer, 3% or 1.5 ATR", "risk stop_loss atr 1.5"),
        (ENTERED + "Time exit: after 15 days if not at 1R. Stop 5%.", "exit_long bars_in_trade >= 15 and open_r < 1"),
        (ENTERED + "Sell half at a 20% gain and trail the rest by 10%.", "risk trailing_stop percent 10 20"),
        (ENTERED + "Sell half at 10% and trail the rest under the 20 EMA.",
         "risk trailing_stop price ema(20) if highest_since_entry >= 1.1 * entry_price else 0"),
        ("Buy 100 shares when close > sma(50). Sell 50 shares when RSI > 70. Stop 3%.", "risk partial_exit when rsi(14) > 70 50"),
        ("12-1 momentum is above zero: buy. Sell when it is below zero.", "exit_long roc(231)[21] < 0"),
        ("Entry on 50 day closing high. Stop 3%.", "entry_long close > highest(close, 50)[1]"),
        (ENTERED + "Average down once if it falls another 3%. Stop 20%.", "sizing pyramiding percent 2 -3"),
        ("Buy when the MACD histogram has risen three days in a row. Exit when it falls two days in a row.",
         "exit_long falling(macd(12, 26, 9).histogram, 2)"),
        ("Buy above the opening range high (first 60 minutes). Stop at VWAP.", "entry_long crosses_above(close, opening_range(60).high)"),
        ("Buy when price reclaims the 200-day average after at least 20 days below it. Stop 5%.",
         "entry_long count(close < sma(200), 20)[1] == 20"),
        ("Short when RSI > 70. Exit the short when RSI < 50.", "exit_short rsi(14) < 50"),
        (ENTERED + "Exit after 10 days if not stopped out. Stop 5%.", "risk time_stop bars 10"),
        (ENTERED + "Vol target 10%. Stop 5%.", "sizing volatility_target percent 10"),
    ],
)  # fmt: skip
def test_ordinary_words_become_the_row_that_they_mean(text: str, row: str) -> None:
    assert row in _read(text)


@pytest.mark.parametrize(
    "text",
    [
        "Buy when stochastic %K(14,3) crosses above %D below the 20 level. Exit when %K is above 80. Add a trailing stop of 8%.",
        "Long/short strategy on EURUSD hourly bars. Go long when RSI(14) crosses above 50, go short when"
        " RSI(14) crosses below 50. Stop 1%.",
        "Long entry: Keltner channel (20, 2) upper band breakout with rising volume. Long exit: close below the 20 EMA.",
        "Entry above the 8, 21 and 50 ema, all sloping up. Exit below the 21 ema.",
        "Go long if the SMA(10) is above the SMA(50) and the MACD line is above its signal line. Exit if"
        " either condition fails. Stop at 8%.",
        "Buy when price crosses above the Supertrend (10, 3) line; leave when it crosses below. Flatten"
        " everything at the end of the session.",
        "Enter long on the second consecutive close above the 50-day SMA. Exit on the second consecutive"
        " close below it. Allocate 60% of capital.",
        "When the 13 EMA is above the 48 EMA be long, when it is below be short. Use a 2% trailing stop.",
    ],
)
def test_an_ordinary_description_is_said_in_full(text: str) -> None:
    proposal = propose_workflow(text)

    assert proposal.unread == ()
    assert [problem for problem in check(proposal.workflow) if problem.severity is Severity.ERROR] == []
    assert "class " in compile_workflow(proposal.workflow)


@pytest.mark.parametrize(
    ("text", "absent"),
    [
        ("Wait for RSI(14) < 30. Then a pullback of 2%. Buy it. Sell when RSI > 60.", "entry_long"),
        (ENTERED + "Sell 3 days after the full moon and close < 20.", "exit_long"),
        (ENTERED + "Exit after 15 days unless the moon is full. Stop 3%.", "risk time_stop"),
        (ENTERED + "Sell 50 shares when RSI > 70. Stop 3%.", "exit_long"),
        (ENTERED + "Sell 50 shares when RSI > 70. Stop 3%.", "sizing position_size units"),
        ("Buy 1/3 at RSI 15, 1/3 at 10 and 1/3 at 5. Sell when RSI > 60.", "entry_long"),
        ("Buy a third when RSI(2) < 10, a third when RSI(2) < 5 and a third when RSI(2) < 2. Sell when RSI(2) > 60.", "entry_long"),
        (ENTERED + "Exit on the second close under the 50-day SMA. Stop 3%.", "exit_long"),
        ("Buy after touching the 20-day low within the past 5 days. Stop 3%.", "entry_long close <"),
    ],
)
def test_what_is_told_by_half_is_named_and_no_row(text: str, absent: str) -> None:
    assert propose_workflow(text).unread
    assert not any(row.startswith(absent) for row in _read(text))


def test_rules_that_are_looked_at_on_a_day_are_asked_on_no_other() -> None:
    text = (
        "Buy when the 12-month return is positive and go to cash when it turns negative. Check only on the last trading day of each month."
    )

    assert _read(text) == [
        "entry_long roc(252) > 0",
        "entry_long last_trading_day_of_month",
        "exit_long roc(252) < 0",
        "exit_long last_trading_day_of_month",
    ]


def test_readings_that_the_words_leave_open_are_said() -> None:
    trail = propose_workflow(ENTERED + "Sell half at 2R and trail the rest under the 20 EMA. Stop 3%.")
    quiet = propose_workflow("Buy when the 20-day volatility is below 15%. Stop 5%.")

    assert trail.remarks == ("`trail the rest under the 20 EMA` trails the whole position from the entry on",)
    assert quiet.remarks == ("`the 20-day volatility is below 15%` is read as volatility a year",)
