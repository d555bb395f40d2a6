"""Notes and posts of traders: what their words become, and words that are named because they would be read as something else."""

import pytest

from core.domain.errors import Severity
from core.language import check, propose_workflow
from tests.reach.test_told import _say

KINDS = [
    ("Buy when 9ema>21ema, exit when 9ema<21ema.", "entry_long ema(9) > ema(21)"),
    ("Buy when the close is above the 20-hma. Stop 5%.", "entry_long close > hma(20)"),
    ("Buy when the 20 sma crosses above the 50 ema. Stop 5%.", "entry_long crosses_above(sma(20), ema(50))"),
    ("Buy when the close crosses above the 20 dema. Stop 5%.", "entry_long crosses_above(close, dema(20))"),
    ("Buy when price > 150 & 200 sma. Stop 5%.", "entry_long close > sma(150) and close > sma(200)"),
    ("Buy when the 200 sma has been rising for at least one month. Stop 5%.", "entry_long rising(sma(200), 21)"),
    ("Buy when close is above EMA 34 High. Stop 5%.", "entry_long close > ema(high, 34)"),
    ("Buy when close<sma10 for 4+ days in a row. Stop 5%.", "entry_long count(close < sma(10), 4) == 4"),
    ("If the open is 1 to 3 percent below yesterday's close, buy. Stop 5%.",
     "entry_long between(open, 0.97 * yesterday.close, 0.99 * yesterday.close)"),
    ("Buy when price is between 1 and 3% above the 20 sma. Stop 5%.", "entry_long between(close, 1.01 * sma(20), 1.03 * sma(20))"),
    ("Buy when not in an uptrend. Stop 5%.", "entry_long close <= sma(200)"),
    ("Buy on the 4th last trading day of the month. Stop 5%.", "entry_long trading_days_left == 3"),
    ("Buy when close > 200 sma and rsi(2)<10. Sell at the 5 sma.", "exit_long high >= sma(5)"),
    ("Short when close < 200 sma and rsi(2)>90. Cover at the 5 sma.", "exit_short low <= sma(5)"),
    ("Buy if price breaks above the 55 day high. Exit at the 20 day average.", "exit_long low <= sma(20)"),
    ("Buy when macd crosses its signal. Exit at the 20 ema.", "exit_long low <= ema(20) <= high"),
    ("Buy when rsi<30 and if it closes under the 50dma get out fully.", "exit_long close < sma(50)"),
    ("Buy when rsi<30. Stop 5%. Take half at 2R, move stop to entry after 1R.", "risk break_even r 1"),
    ("Buy when rsi<30. Cut losses at 8%, take half off at 20% gain.", "risk partial_exit percent 20 50"),
    ("Buy when rsi<30. Stop 5%. If stopped out, don't take another trade for 5 bars.", "risk cool_down bars 5"),
    ("Buy when rsi<30. Stop 5%, risk 1%. Not more than 20% of capital per position.", "risk max_exposure percent 20"),
    ("Buy when rsi<30. Stop 5%, risk 1%. Max 20% of equity in one stock.", "risk max_exposure percent 20"),
    ("Buy when rsi<30. Stop 5%. Position = 2% of equity / ATR.", "sizing position_size units equity * 0.02 / (1 * atr(14))"),
    ("Buy rsi(2)<5. Sell when rsi(2) > 70 unless price is above the 10 sma.", "exit_long close <= sma(10)"),
    ("Buy rsi<30, stop 5%, exit half after 5 days.", "risk partial_exit when bars_in_trade >= 5 50"),
    ("If price > sma50 hold, else sell.", "exit_long close <= sma(50)"),
    ("Longs only above the 200 ema, shorts only below it. Long when rsi<30, short when rsi>70. Stop 5%.", "entry_short close < ema(200)"),
    ("Buy at 9:45 if close > vwap, flat by 3:55.", "risk flat_at_close time 15:55"),
    ("Buy rsi<30, stop at the last low.", "risk stop_loss price swing_low(3, 3)"),
    ("if ema20 > ema50: long\nif ema20 < ema50: short\nif adx < 20: flat\nstop 5%", "exit_long adx(14) < 20"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "row"), KINDS, ids=[text[:40] for text, _ in KINDS])
def test_a_note_becomes_its_row(text: str, row: str) -> None:
    proposal = propose_workflow(text)

    assert row in [_say(each) for each in proposal.rows]
    assert proposal.unread == ()
    assert [problem for problem in check(proposal.workflow) if problem.severity is Severity.ERROR] == []


NAMED = [
    ("Buy when close > 20dema. Stop 5%.", "20dema"),
    ("EMA ribbon (8, 13, 34): sell when price closes under 34. Buy when RSI < 30.", "price closes under 34"),
    ("Squeeze: buy when RSI < 30 and the momentum histogram is rising. Stop 5%.", "histogram"),
    ("Buy a new 52wk high, then price stays under it for 3 days. Stop 5%.", "52wk high"),
    ("Buy when RSI < 30. Buy stop 5 pips above. SL 20 pips.", "stop 5 pips above"),
    ("Buy when RSI < 30. Stop = low of the bar that closed outside.", "stop = low of the bar"),
    ("Buy when RSI < 30. Stop 5%. Stop trading after 2 losses in a row for the day.", "2 losses in a row"),
    ("Buy when RSI < 30, buy again with double the size if price drops 2%. Stop 9%.", "drops 2%"),
    ("Buy when RSI < 30. Trade half size. Stop 5%.", "half size"),
    ("Buy when RSI < 30 and if there was no close above the 20 ema in the last 5 bars. Stop 5%.", "no close above the 20 ema"),
    ("Buy when RSI < 30. Stop 5%. Close at 20:00 London time.", "Close at 20:00"),
    ("Buy when RSI < 30. Stop at previous low.", "stop at previous low"),
    ("Buy when RSI < 30. Exit 5 days.", "5 days"),
    ("Buy when RSI < 30. Stop 5%. Sell after 3 days unless price is above the 10 sma.", "unless price is above the 10 sma"),
    ("Buy when RSI < 30. Stop 5%. Never sell while price is above the 200 sma.", "price is above the 200 sma"),
    ("Buy when RSI < 30. Stop 5%. Don't sell if ADX > 40.", "ADX > 40"),
    ("If position is down 5% add, if up 10% sell. Buy when RSI < 30.", "down 5% add"),
    ("Buy when close > 20 ema. Exit when price closes 2 atr above it.", "2 atr above it"),
    ("Go long on a close above the opening price of the week. Stop 5%.", "opening price of the week"),
    ("Buy when RSI < 30, flat by 3:30.", "flat by 3:30"),
    ("Buy when RSI < 30. Sell 50% on day 3.", "day 3"),
    ("Buy when RSI < 30. Stop 5%. Exit under 10ema, not before 3 bars in trade.", "3 bars in trade"),
    ("Candle closes below the lower band (20,2), next candle closes back inside: buy. Stop 5%.", "closes below the lower band"),
    ("Weinstein: buy when price is above 30wma. Stop 5%.", "30wma"),
    ("Buy month end when the moon is full. Stop 5%.", "month end"),
    ("Reduce position by half if ADX drops under 20. Buy when RSI < 30. Stop 5%.", "reduce position by half"),
    ("Buy when the stock is not more than 5% below its high. Stop 5%.", "5% below its high"),
    ("Buy when RSI < 30 and 10 day high minus 10 day low is under 8% of price. Stop 5%.", "minus 10 day low"),
]


@pytest.mark.parametrize(("text", "words"), NAMED, ids=[words for _, words in NAMED])
def test_words_of_a_note_that_would_be_misread_are_named(text: str, words: str) -> None:
    proposal = propose_workflow(text)

    assert any(words.lower() in piece.lower() for piece in proposal.unread)


TABLES = [
    "| Rule | Value |\n|---|---|\n| Entry long | RSI(14) < 30 |\n| Exit | RSI(14) > 50 |\n| Stop | 2 x ATR(14) |",
    "Entry long | RSI(14) < 30\nExit | RSI(14) > 50\nStop | 2 x ATR(14)",
    "Rule\tValue\nEntry long\tRSI(14) < 30\nExit\tRSI(14) > 50\nStop\t2 x ATR(14)",
    "| Side | Entry | Exit | Stop |\n|---|---|---|---|\n| Long | RSI(14) < 30 | RSI(14) > 50 | 2 x ATR(14) |",
]


@pytest.mark.parametrize("table", TABLES)
def test_a_table_in_a_text_is_read_as_its_sentences(table: str) -> None:
    proposal = propose_workflow(table)

    said = [_say(each) for each in proposal.rows if each.words]
    assert said == ["entry_long RSI(14) < 30", "exit_long RSI(14) > 50", "risk stop_loss atr 2"]
    assert proposal.unread == ()


def test_a_filter_that_keeps_out_is_no_entry() -> None:
    rows = propose_workflow("Fade big moves. Don't trade when ADX > 30.").rows

    assert [_say(each) for each in rows if each.words] == ["filter adx(14) <= 30"]
