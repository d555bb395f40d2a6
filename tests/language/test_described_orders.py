"""Orders and what is asked of them: distances that a condition decides about, orders told twice, and conditions that end without words."""

import pytest

from core.domain.errors import Severity
from core.language import check, propose_workflow
from tests.reach.test_told import _say

CHOICE = "risk stop_loss price entry_price - 2 * atr(14) if adx(14) > 25 else entry_price - 1 * atr(14)"
KINDS = [
    ("Buy when RSI < 30. Use a 2 ATR stop if ADX(14) is above 25, otherwise 1 ATR.", CHOICE),
    ("Buy when RSI < 30. Stop is 2 ATR if ADX > 25, 1 ATR otherwise.", CHOICE),
    ("Buy when RSI < 30. If ADX > 25 use a 2 ATR stop, otherwise 1 ATR.", CHOICE),
    ("Buy when RSI < 30, stop 5%. Target 10% when ADX > 25, otherwise 5%.",
     "risk take_profit price 1.1 * entry_price if adx(14) > 25 else 1.05 * entry_price"),
    ("Short when RSI > 70. Stop loss 5% if VIX is above 25, else 3%.",
     'risk stop_loss price 1.05 * entry_price if other("^VIX").close > 25 else 1.03 * entry_price'),
    ("Buy with a 5% stop when RSI is below 30.", "risk stop_loss percent 5"),
    ("Buy with a 5% stop when RSI is below 30.", "entry_long rsi(14) < 30"),
    ("Buy when RSI < 30, stop 5%. TP: RSI above 60.", "exit_long rsi(14) > 60"),
    ("Buy when RSI < 30. SL: close below the 50 SMA.", "exit_long close < sma(50)"),
    ("Buy when RSI < 30, stop 5%. Exit 2 bars after the close crosses above the 5 day SMA.",
     "exit_long crosses_above(close[1], sma(5)[1])"),
    ("Buy when price broke below the lower Bollinger band 3 days ago. Stop 5%.",
     "entry_long crosses_below(close[3], bbands(20, 2).lower[3])"),
    ("Buy when the 50 SMA was below the 200 SMA two weeks ago. Stop 5%.", "entry_long sma(50)[10] < sma(200)[10]"),
    ("Buy when close is above the close 5 days ago. Stop 5%.", "entry_long close > close[5]"),
    ("Buy on the 5th last trading day of December. Sell at the close on the 2nd trading day of January. Stop 5%.",
     "entry_long month == 12 and trading_days_left == 4"),
    ("In a bull market (ADX > 25) buy when RSI < 30. Stop 5%.", "entry_long adx(14) > 25"),
    ("In a calm market (VIX < 20) buy when RSI < 30. Stop 5%.", 'entry_long other("^VIX").close < 20'),
    ("Buy when RSI < 30. Buy when close is at a new 20-day high. Stop 5%.", "entry_long B close > highest(high, 20)[1]"),
    ("In a trending market (ADX > 25) buy when close > sma(50). In a ranging market (ADX < 20) buy when RSI < 30. Stop 5%.",
     "entry_long B rsi(14) < 30"),
    ("Entry conditions (any):\n1. RSI below 20\n2. Close below the lower Bollinger Band\nStop: 5%",
     "entry_long B close < bbands(20, 2).lower"),
    ("Enter on the third consecutive red day; leave on the first green day, but no later than the fifth day.",
     "entry_long count(close < open, 3) == 3"),
    ("Buy when RSI crosses above 80, sell when RSI turns down.", "entry_long crosses_above(rsi(14), 80)"),
    ("Long at 10:00 if price > VWAP. Exit 15:45 or on a 5-minute close under VWAP. Stop 2%.", "exit_long close < vwap"),
    ("Buy when RSI < 30. Trail with a weekly close under the 30 week SMA.", 'exit_long tf("1w", close < sma(30))'),
    ("MACD(12,26,9) histogram ticks up three bars running -> long. Stop 5%.",
     "entry_long count(macd(12, 26, 9).histogram > macd(12, 26, 9).histogram[1], 3) == 3"),
    ("Enter when RSI < 30. Exit when RSI > 60, but no later than the fifth day.", "risk time_stop bars 5"),
    ("Entry: RSI < 30\nExit conditions (any):\n1. RSI > 60\n2. Position held for 8 bars", "risk time_stop bars 8"),
    ("Buy when RSI corsses abvoe 30. Takeprofit: 8 %. Stop 5%.", "risk take_profit percent 8"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "row"), KINDS, ids=[f"{text[:40]} {row[:12]}" for text, row in KINDS])
def test_an_order_becomes_its_row(text: str, row: str) -> None:
    proposal = propose_workflow(text)

    assert row in [_say(each) for each in proposal.rows]
    assert [piece for piece in proposal.unread if piece != "at the close"] == []
    assert [problem for problem in check(proposal.workflow) if problem.severity is Severity.ERROR] == []


NAMED = [
    ("Buy when RSI < 30. Stop 5%. Sell when it is.", "when it is", "exit_long"),
    ("Buy when RSI < 30, and sell if so. Stop 5%.", "if so", "exit_long"),
    ("Buy Thursday, sell Monday close if price is over the 50 day average.", "price is over the 50 day average", "close >"),
    ("Buy when RSI < 30. Stop 5% if ADX > 25. Sell when RSI > 60.", "Stop 5% if ADX > 25", "stop_loss"),
    ("Buy when RSI < 30. Stop 5% if the moon is full, else 3%. Sell when RSI > 60.", "moon", "stop_loss"),
    ("Buy when RSI < 30. Trailing stop 3 ATR if ADX > 25, otherwise 2 ATR. Sell when RSI > 60.", "Trailing stop", "trailing_stop"),
    ("Buy when RSI < 30, sell 3 days after a golden cross. Stop 5%.", "3 days after", "exit_long"),
    ("If RSI < 30 and volume is above average buy the break of the high, stop 5%, out on Friday.", "", "exit_long rsi"),
    ("Short squeeze play: close above the highest high of 10 days. Exit: 3 ATR target or 2 ATR stop.", "squeeze", "entry_short"),
    ("Buy Apple when RSI < 30, sell Google when RSI > 70.", "Google", "exit_short"),
]


@pytest.mark.parametrize(("text", "words", "row"), NAMED, ids=[words for _, words, _ in NAMED])
def test_what_is_asked_of_an_order_is_named_where_no_row_says_it(text: str, words: str, row: str) -> None:
    proposal = propose_workflow(text)

    assert not words or any(words.lower() in piece.lower() for piece in proposal.unread)
    assert not any(row in _say(each) for each in proposal.rows)


def test_the_name_of_what_is_traded_says_nothing_where_it_is_the_only_one() -> None:
    assert propose_workflow("Buy Apple when RSI < 30, sell Apple when RSI > 70.").unread == ()


def test_an_order_that_is_told_twice_is_said_to_be_two_ways_in() -> None:
    assert propose_workflow("Buy when RSI < 30. Buy when ADX > 40. Stop 5%.").remarks == ("each of these is a way in: RSI < 30; ADX > 40",)
