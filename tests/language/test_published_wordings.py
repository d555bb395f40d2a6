"""Words of books, reports and script pages, and the rows that they become; what is not understood within them is named."""

import pytest

from core.domain.errors import Severity
from core.language import check, propose_workflow
from core.language.phrases.rewriting import list_changes

KINDS = [
    ("Buy a close above the upper Donchian channel (55 days), stop 5%.", "entry_long close > donchian(55).upper"),
    ("Buy when the candle closes above the average of 21 periods exponential. Stop 5%.", "entry_long close > ema(21)"),
    ("Buy when the 10-day average true range is below the 60-day average true range. Stop 5%.", "entry_long atr(10) < atr(60)"),
    ("Today is the third day in a row of lower highs and lower lows: buy. Stop 5%.",
     "entry_long count(high < high[1] and low < low[1], 3) == 3"),
    ("Buy the break of the 10-day high when the 10-day range is less than 8%. Stop 5%.",
     "entry_long (highest(high, 10) - lowest(low, 10)) / close < 0.08"),
    ("Long when the close is above the 20-day average, short when below.", "entry_short close < sma(20)"),
    ("Stochastic (14,3) crosses up through 20 for longs, crosses down through 80 for shorts. Stop 5%.",
     "entry_short crosses_below(stoch(14, 3, 3).k, 80)"),
    ("In a bull market (SPY > SMA200) buy RSI2<10, exit RSI2>70. In a bear market (SPY<SMA200) short RSI2>90, exit RSI2<30.",
     "entry_short rsi(2) > 90"),
    ("Buy when RSI(2) is under 10 three times in a row. Stop 5%.", "entry_long count(rsi(2) < 10, 3) == 3"),
    ("Buy when the fast EMA (9) crosses above the slow EMA (26). Exit when the fast EMA crosses below the slow EMA.",
     "exit_long crosses_below(ema(9), ema(26))"),
    ("EMA 8/21/55 stacked bullish: buy. Stop 5%.", "entry_long ema(8) > ema(21) and ema(21) > ema(55)"),
    ("Buy when the close is higher than the open after RSI(14) was under 30. Stop 5%.",
     "entry_long sequence(rsi(14) < 30, close > open, within=10)"),
    ("Buy when the weekly close crosses above the 30 WMA. Stop 5%.", 'entry_long crosses_above(tf("1w", close), tf("1w", wma(30)))'),
    ("Buy when the weekly close is above the 200-day SMA. Stop 5%.", 'entry_long tf("1w", close) > sma(200)'),
    ("Buy when PPO crosses above its signal line. Stop 5%.", "entry_long crosses_above(ppo(12, 26, 9).ppo, ppo(12, 26, 9).signal)"),
    ("Momentum score = 0.5*ROC(63) + 0.5*ROC(126). Buy when score > 5, sell when score < 0.",
     "entry_long (0.5*ROC(63) + 0.5*ROC(126)) > 5"),
    ("Trade only if ATR(14)/close > 1.5%. Buy when EMA(5) crosses above EMA(15). Stop 5%.", "filter natr(14) > 1.5"),
    ("Buy when the 50-day crosses over the 200-day, stop 5%. Trailing stop of 15% protects profits once the trade is up 20%.",
     "risk trailing_stop percent 15 20"),
    ("Buy at 15:50 if the price is above VWAP and sell the next morning at 9:45.", "exit_long minute_of_day == time(9, 45)"),
    ("Buy when MACD histogram rises for 3 days in a row from below zero. Stop 5%.",
     "entry_long rising(macd(12, 26, 9).histogram, 3) and macd(12, 26, 9).histogram[3] < 0"),
    ("Buy above the 20-day average. Exit when the 50-day average crossed under the 200-day average 3 days ago.",
     "exit_long crosses_below(sma(50)[3], sma(200)[3])"),
    ("Buy the day after an inside day if price exceeds the inside day's high; stop 5%.", "entry_long count(inside_bar, 1)[1] == 1"),
    ("Never be long under the 200 SMA. Buy when RSI(4) < 25. Stop 5%.", "filter close >= sma(200)"),
    ("Buy at the open if yesterday was a down day. Stop 5%.", "entry_long close < close[1]"),
    ("Buy when the price closes outside the upper Bollinger band. Exit when price touches the opposite band.",
     "exit_long low <= bbands(20, 2).lower"),
    ("Buy when the MACD histogram turns negative two bars running. Stop 5%.", "entry_long count(macd(12, 26, 9).histogram < 0, 2) == 2"),
    ("Buy when the close crosses above the 50 day average three days in a row. Stop 5%.", "entry_long count(close > sma(50), 3) == 3"),
    ("Buy when RSI(14) goes below 30 for 2 straight days. Stop 5%.", "entry_long count(rsi(14) < 30, 2) == 2"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "row"), KINDS, ids=[text[:40] for text, _ in KINDS])
def test_a_kind_of_wording_becomes_its_row(text: str, row: str) -> None:
    proposal = propose_workflow(text)

    assert row in _say(text)
    assert [problem for problem in check(proposal.workflow) if problem.severity is Severity.ERROR] == []


NAMED = [
    ("Stop at the 30 min low. Buy above the 20 EMA.", "30 min low"),
    ("At the end of each month, if the moon is full and the 12 month return is positive stay invested, otherwise move to cash.", "moon"),
    ("Buy when TSI crosses above its signal. Stop 5%.", "TSI crosses above its signal"),
    ("Buy above the 20 EMA, stop 3%. Once profit reaches 2R the stop is trailed under the 10-bar low.", "Once profit reaches 2R"),
]


@pytest.mark.parametrize(("text", "words"), NAMED, ids=[words for _, words in NAMED])
def test_what_is_not_understood_is_named_and_no_row(text: str, words: str) -> None:
    proposal = propose_workflow(text)

    assert any(words in piece for piece in proposal.unread)
    assert not any(told in _say(text) for told in ("low", "take_profit r 2", "macd"))


def test_a_sale_below_a_range_whose_other_side_is_the_stop_is_a_short_sale_and_said_to_be_one() -> None:
    proposal = propose_workflow(
        "Asian range is marked from 00:00 to 08:00. Buy a close above the Asian high, sell a close below the Asian low. "
        "Stop at the other side of the range. TP 1.5R."
    )

    assert [each.row.section for each in proposal.rows][:2] == ["entry_long", "entry_short"]
    assert any("short sale" in remark for remark in proposal.remarks)


def test_a_range_is_measured_by_the_clocks_that_the_text_names() -> None:
    rows = _say("Asian session range: 00:00-08:00 GMT. Go long when a candle closes above the Asian high. Stop 1%.")

    assert 'time(0, 0, "UTC")' in rows


def test_a_purchase_in_the_afternoon_is_not_kept_away_by_a_sale_in_the_morning() -> None:
    assert "flat_at_close" not in _say("Buy at 15:50. Sell at 9:45.")
    assert "risk flat_at_close time 15:50" in _say("Buy at 9:45. Sell at 15:50.")


def test_words_that_both_wordings_have_are_no_change() -> None:
    assert list_changes("buy", "go long") == [(0, 7, 3)]
    assert list_changes("when the price is above 20 or so: I am in the market", "when the price is above 20: buy") == [(26, 5, 26)]


def _say(text: str) -> str:
    rows = [each.row for each in propose_workflow(text).rows if each.words]
    return "; ".join(" ".join([row.section, *row.indicators, *([row.operator, *row.thresholds] if row.thresholds else [])]) for row in rows)
