"""Plain English to proposed rows: each with the words it came from, nothing guessed, the rest named."""

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.domain.errors import Severity
from core.domain.workflow import Direction
from core.language import check, compile_workflow, parse, propose_workflow
from core.language.phrases import exits, levels, rules
from core.language.phrases.finding import compile_phrase, find_phrase
from core.language.phrases.terms import TERM

READ = """
Buy when RSI(2) falls below 10 | entry_long rsi(2) < 10
buy when the close crosses above the 50-day EMA | entry_long crosses_above(close, ema(50))
If the 10-day average crosses above the 30-day average, buy | entry_long crosses_above(sma(10), sma(30))
Golden cross: buy, death cross: sell | entry_long crosses_above(sma(50), sma(200)); exit_long crosses_below(sma(50), sma(200))
Buy a new 20-day high | entry_long close > highest(high, 20)[1]
buy at a 52-week high | entry_long close > highest(high, 252)[1]
Buy after three lower closes | entry_long falling(close, 3)
buy when MACD crosses above its signal line | entry_long crosses_above(macd(12, 26, 9).macd, macd(12, 26, 9).signal)
buy when price touches the lower Bollinger band | entry_long low <= bbands(20, 2).lower
buy when supertrend turns green | entry_long crosses_above(supertrend(10, 3).direction, 0)
buy on twice the average volume | entry_long volume > 2 * sma(volume, 20)
Buy a hammer, sell a shooting star | entry_long hammer; exit_long shooting_star
Buy when the MACD histogram turns positive | entry_long crosses_above(macd(12, 26, 9).histogram, 0)
short when MACD is negative, get out on a hammer | entry_short macd(12, 26, 9).macd < 0; exit_short hammer
Buy a hammer while the price sits above the 100 day EMA | entry_long hammer; filter close > ema(100)
short at a 20-day high, exit on a 10-day low | entry_short close > highest(high, 20)[1]; exit_short close < lowest(low, 10)[1]
Buy a doji, exit a hammer, short a hammer, exit a doji | entry_long doji; exit_long hammer; entry_short hammer; exit_short doji
Short on a doji, sell a hammer | entry_short doji; exit_long hammer
sell short when RSI is above 80, cover when RSI is below 50 | entry_short rsi(14) > 80; exit_short rsi(14) < 50
Buy when sma(20) > sma(50) and rsi(14) < 40 | entry_long sma(20) > sma(50) and rsi(14) < 40
buy on the last trading day of the month | entry_long last_trading_day_of_month
Buy a hammer. Never in August. | entry_long hammer; filter month != 8
Buy a hammer. Do not trade before 10:30. | entry_long hammer; filter minute_of_day >= time(10, 30)
Buy a hammer, but only when the close is above the 200-day average | entry_long hammer; filter close > sma(200)
Buy a hammer, stop loss 5% | entry_long hammer; risk stop_loss percent 5
Buy a hammer, stop 50 cents below the low | entry_long hammer; risk stop_loss price low - 0.5
Buy a hammer at the open if it is no higher than yesterday's close | entry_long hammer; entry_long limit_on_open price close
Buy a hammer at the open tomorrow if it is below today's low | entry_long hammer; entry_long limit_on_open price low
Buy tomorrow's open, but only if it opens under today's low. Hold for 3 days. | entry_long limit_on_open price low; risk time_stop bars 3
Buy with a limit on open at 1% below the close. Sell after 5 days. | entry_long limit_on_open price 0.99 * close; risk time_stop bars 5
Buy a hammer. Sell at the open if it is above yesterday's high. | entry_long hammer; exit_long limit_on_open price high
Short a hammer, LOO at the close, cover after 2 days | entry_short hammer; entry_short limit_on_open price close; risk time_stop bars 2
Buy a hammer. Sell a third at 5%, a third at 10%, the rest at 15%. \
| entry_long hammer; risk partial_exit percent 5 33; risk partial_exit percent 10 33; risk take_profit percent 15
Buy a hammer with a 2 ATR stop and a target of 3R | entry_long hammer; risk stop_loss atr 2; risk take_profit r 3
buy a hammer, trail 3 ATR, flat by the close | entry_long hammer; risk trailing_stop atr 3; risk flat_at_close bars 1
buy a hammer, hold for two weeks | entry_long hammer; risk time_stop bars 10
Buy 100 shares of a hammer | sizing position_size units 100; entry_long hammer
buy a hammer, risk 1% per trade, stop 20 pips | entry_long hammer; sizing risk_per_trade percent 1; risk stop_loss pips 20
buy a hammer, max 3 trades per day | entry_long hammer; risk max_trades_per_day count 3
buy a hammer between 9:45 and 12:00 | entry_long hammer; risk trading_hours time 09:45 12:00
I buy when RSI(14) dips under 35, sell on the 10th of the month | entry_long rsi(14) < 35; exit_long day >= 10 and day[1] < 10
Three consecutive higher closes while under the 200-day average: short it | entry_short rising(close, 3); filter close < sma(200)
Buy when the fast average crosses the slow average, sell when it crosses back \
| entry_long crosses_above(sma(20), sma(50)); exit_long crosses_below(sma(20), sma(50))
Buy if price closes above the upper Keltner channel, sell when it falls back to the middle line \
| entry_long close > keltner(20, 2).upper; exit_long low <= keltner(20, 2).mid
If the stock drops 10% from its 52-week high, buy | entry_long close <= 0.9 * highest(high, 252)
Buy a hammer when RSI is oversold | entry_long hammer; entry_long rsi(14) < 30
buy when volume is three times its 50-day average | entry_long volume > 3 * sma(volume, 50)
Buy when the close is in the top quarter of the day's range, hold 10 days | entry_long ibs > 0.75; risk time_stop bars 10
Buy when +DI is above -DI, sell when ADX falls below 20 | entry_long plus_di(14) > minus_di(14); exit_long adx(14) < 20
Buy when price is two standard deviations below its 20-day mean; sell when it is back at the mean \
| entry_long close <= bbands(20, 2).lower; exit_long high >= sma(20)
Buy when the daily range is the narrowest in 7 days, with a buy stop above the high \
| entry_long high - low <= lowest(high - low, 7); entry_long stop_order price high
Buy when the 10-week average is above the 40-week average | entry_long tf("1w", sma(10) > sma(40))
Buy when the 5-day RSI is under 40; sell on the fifth trading day | entry_long rsi(5) < 40; exit_long trading_day_of_month == 5
Buy when RSI falls below 25 and then closes back above it; leave at RSI 60. | entry_long crosses_above(rsi(14), 25); exit_long rsi(14) >= 60
Buy when the price is above both the 50 and the 200 day moving averages | entry_long close > sma(50) and close > sma(200)
Buy on Monday if Friday closed down more than 1% | entry_long weekday == 4 and roc(1) < -1
Buy when the 5-day EMA crosses the 20-day EMA upward, exit on the opposite cross \
| entry_long crosses_above(ema(5), ema(20)); exit_long crosses_below(ema(5), ema(20))
Buy when Williams %R is below -90 and rising | entry_long williams_r(14) < -90; entry_long rising(williams_r(14), 1)
Buy when the MACD histogram is rising for 3 days; sell when it is falling for 2 days \
| entry_long rising(macd(12, 26, 9).histogram, 3); exit_long falling(macd(12, 26, 9).histogram, 2)
Buy when OBV makes a new 20-day high. Sell if the price drops 7% from its highest close since entry. \
| entry_long obv > highest(obv, 20)[1]; risk trailing_stop percent 7
Buy when price is within 3% of the 52-week high, add up to 4 units \
| entry_long close >= 0.97 * highest(high, 252); sizing pyramiding count 4
Buy a hammer, risk half a percent per trade, stop under the low \
| entry_long hammer; sizing risk_per_trade percent 0.5; risk stop_loss price low
Buy when RSI(2) is below 5 three days in a row | entry_long count(rsi(2) < 5, 3) == 3
Buy when it is below the 10 day average for 5 days, sell when it closes above it \
| entry_long count(close < sma(10), 5) == 5; exit_long close > sma(10)
Buy when %K crosses above %D below 20 | entry_long crosses_above(stoch(14, 3, 3).k, stoch(14, 3, 3).d) and stoch(14, 3, 3).k < 20
Buy when ATR is below its 50-day average | entry_long atr(14) < sma(atr(14), 50)
Buy the first hour breakout with a stop at the low of the day | entry_long crosses_above(close, opening_range(60).high); \
risk stop_loss price today.low
Buy in November, sell in May | entry_long month == 11; exit_long month == 5
Sell short if the stock gaps up 3% or more on a Monday | entry_short gap > 3; entry_short weekday == 0
buy a hammer and half off at 5% | entry_long hammer; risk partial_exit percent 5 50
buy when close crosses above upper bollinger band (20, 2.5); sell at the middle band \
| entry_long crosses_above(close, bbands(20, 2.5).upper); exit_long low <= bbands(20, 2.5).mid
buy when MACD(8, 21, 5) crosses above its signal line | entry_long crosses_above(macd(8, 21, 5).macd, macd(8, 21, 5).signal)
buy when the stochastic (5) crosses above 20, exit on a hammer | entry_long crosses_above(stoch(5, 3, 3).k, 20); exit_long hammer
buy when macd(8, 21, 5).histogram > 0 | entry_long macd(8, 21, 5).histogram > 0
buy a hammer on volume 50% above its 20-day average | entry_long hammer; entry_long volume >= 1.5 * sma(volume, 20)
buy when the ATR is 20% above its 50 day average | entry_long atr(14) >= 1.2 * sma(atr(14), 50)
buy when ADX exceeds 25, trail a stop 8% | entry_long adx(14) > 25; risk trailing_stop percent 8
Buy at a new all-time high, target twice the risk, stop 2N \
| entry_long close > all_time_high[1]; risk take_profit r 2; risk stop_loss atr 2 20
buy a hammer near the 50-day average | entry_long hammer; entry_long near(close, sma(50))
Buy when the stochastic crosses above 20, sell when it crosses below 80 \
| entry_long crosses_above(stoch(14, 3, 3).k, 20); exit_long crosses_below(stoch(14, 3, 3).k, 80)
Buy when RSI(2) is below 5, sell when RSI is above 70 | entry_long rsi(2) < 5; exit_long rsi(2) > 70
Buy a break of last week's high on above-average volume \
| entry_long crosses_above(close, last_week.high); entry_long volume > sma(volume, 20)
15-minute ORB: long above the range high, stop at the low of the range, 2:1 reward to risk \
| entry_long crosses_above(close, opening_range(15).high); risk stop_loss price opening_range(15).low; risk take_profit r 2
Don't trade in August or September. Buy a hammer. | filter month != 8 and month != 9; entry_long hammer
No trades before 10:00 or after 15:00. Buy a hammer. \
| filter minute_of_day >= time(10, 0) and minute_of_day < time(15, 0); entry_long hammer
Buy a hammer, sell half at 5% profit, the rest when the close is below the 10 EMA \
| entry_long hammer; risk partial_exit percent 5 50; exit_long close < ema(10)
CCI(20) rises above -100: go long; CCI falls below 100: go flat | entry_long crosses_above(cci(20), -100); exit_long cci(20) < 100
buy a hammer, add every 1 ATR up to 4 units, stop below yesterday's low \
| entry_long hammer; sizing pyramiding atr 4 1; risk stop_loss price yesterday.low
Buy when the 50-day is above the 200-day, after a week in the trade sell | entry_long sma(50) > sma(200); risk time_stop bars 5
Enter on a close above the Ichimoku cloud, exit on a close below the kijun \
| entry_long close > max(ichimoku.senkou_a, ichimoku.senkou_b); exit_long close < ichimoku.kijun
Long at the first green candle after four red candles | entry_long close > open and count(close < open, 4)[1] == 4
10/30 EMA crossover, cut the loss at 10% | entry_long crosses_above(ema(10), ema(30)); risk stop_loss percent 10
Long when the 12-month return is positive, cash otherwise | entry_long roc(252) > 0; exit_long roc(252) < 0
Heikin-Ashi turns green: buy. Heikin-Ashi turns red: sell. \
| entry_long crosses_above(heikin_ashi.close, heikin_ashi.open); exit_long crosses_below(heikin_ashi.close, heikin_ashi.open)
Every first Monday of the month invest $500, hold forever \
| entry_long weekday == 0 and between(day, 1, 7); sizing pyramiding count 100; sizing position_size cash 500; risk hold_to_end
Buy four days before the end of the month | entry_long trading_days_left == 4
Buy when band width is at its lowest in 6 months | entry_long bbands(20, 2).width <= lowest(bbands(20, 2).width, 126)
Buy when the price bounces off VWAP, 1% is at risk, rebalance monthly \
| entry_long low <= vwap and close > vwap; sizing risk_per_trade percent 1; sizing rebalance when first_trading_day_of_month
Buy if the 20 EMA > 50 EMA, exit at the next open | entry_long ema(20) > ema(50); risk time_stop bars 1
Buy a hammer. Sell half when RSI goes above 70, the rest when it drops under 50. \
| entry_long hammer; risk partial_exit when crosses_above(rsi(14), 70) 50; exit_long rsi(14) < 50
Buy if the 10-day EMA stays between 40 and 60 and RSI is between 30 and 45 \
| entry_long between(ema(10), 40, 60); entry_long between(rsi(14), 30, 45)
Buy when the price reclaims the 20-day average after three lower closes \
| entry_long crosses_above(close, sma(20)); entry_long falling(close[1], 3)
buy a hammer yesterday and a doji | entry_long count(hammer, 1)[1] == 1; entry_long doji
If ADX is not above 20, do nothing. Buy a hammer. | filter adx(14) > 20; entry_long hammer
If RSI is above 70, stand aside, otherwise buy a hammer | filter rsi(14) <= 70; entry_long hammer
Buy a hammer. When ADX is below 15 and volume is below its 20-day average, no trades. \
| entry_long hammer; filter not (adx(14) < 15 and volume < sma(volume, 20))
Buy a hammer, take profit at the nearer of 10% or 4 ATR | entry_long hammer; risk take_profit percent 10; risk take_profit atr 4
Buy a hammer, stop at the farther of 5% or 2 ATR \
| entry_long hammer; risk stop_loss price min(0.95 * entry_price, entry_price - 2 * atr(14))
Short a hammer, stop 5% or 2 ATR, whichever is wider \
| entry_short hammer; risk stop_loss price max(1.05 * entry_price, entry_price + 2 * atr(14))
Buy a hammer. Stop loss 5% or 2 ATR, whichever is tighter. | entry_long hammer; risk stop_loss percent 5; risk stop_loss atr 2
Buy a hammer; once up 5 %, trail 3 % | entry_long hammer; risk trailing_stop percent 3 5
Buy a hammer. Trailing stop 10% starts when profit exceeds 12%. | entry_long hammer; risk trailing_stop percent 10 12
Buy a hammer; after a gain of 3 ATR trail by 2 ATR | entry_long hammer; risk trailing_stop atr 2 14 3
Buy a hammer. Trail with 2.5 ATR once the trade is up 5%. \
| entry_long hammer; risk trailing_stop price highest_since_entry - 2.5 * atr(14) if highest_since_entry >= 1.05 * entry_price else 0
Buy a hammer. Trail using the lowest low of the last 3 bars, but only after the position has gained 5%. \
| entry_long hammer; risk trailing_stop price lowest(low, 3) if highest_since_entry >= 1.05 * entry_price else 0
Buy when RSI falls below 30 and then closes above the 5-day average within 3 days \
| entry_long sequence(rsi(14) < 30, close > sma(5), within=3)
Buy when the close is above the 20-day high within 10 days after a hammer \
| entry_long sequence(hammer, close > highest(high, 20)[1], within=10)
When the band width is at its lowest in 60 days, wait for a close above the upper band within the next 10 days and buy \
| entry_long sequence(bbands(20, 2).width <= lowest(bbands(20, 2).width, 60), close > bbands(20, 2).upper, within=10)
"""
LINES = [line.split(" | ") for line in READ.strip().splitlines()]


@pytest.mark.parametrize(("text", "rows"), LINES, ids=[text for text, _ in LINES])
def test_a_usual_phrase_becomes_the_row_that_it_means(text: str, rows: str) -> None:
    proposal = propose_workflow(text)

    found = [
        " ".join([each.row.section, *each.row.indicators, *([each.row.operator, *each.row.thresholds] if each.row.thresholds else [])])
        for each in proposal.rows
        if each.words
    ]
    assert sorted(found) == sorted(rows.split("; "))
    assert proposal.unread == ()
    assert all(each.words.lower() in text.lower() for each in proposal.rows)


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("Buy a hammer when my neural network agrees", "my neural network agrees"),
        ("Buy when RSI is hardly below 30", "RSI is hardly below 30"),
        ("Buy the dip", "dip"),
        ("Buy a hammer after the central bank has spoken", "central bank has spoken"),
        ("Buy at 20% below the fair value", "fair value"),
        ("Buy the close when the moon is full", "moon is full"),
        ("Buy when MACD(8, 21, 5, 3) crosses above its signal line", "crosses above its signal line"),
        ("Buy when beta(60) crosses above its 20-day average", "beta(60)"),
        ("acheter quand le cours monte", "acheter quand le cours monte"),
    ],
)
def test_what_was_not_understood_is_named_and_makes_no_row(text: str, left: str) -> None:
    proposal = propose_workflow(text)

    assert any(left in piece for piece in proposal.unread)
    assert not any("rsi" in each.row.indicators[0] for each in proposal.rows)


def test_what_was_true_on_one_of_the_last_bars_is_a_row_that_looks_back() -> None:
    told = propose_workflow("Buy a hammer if RSI was under 30 within the last five bars")

    assert [(row.indicators[0], row.within) for row in told.workflow.rows[:2]] == [("hammer", 1), ("rsi(14) < 30", 5)]
    assert told.unread == ()


@pytest.mark.parametrize("text", ["Buy a hammer at its lowest in 6 months", "buy when my score is at its highest in 20 days"])
def test_an_extreme_of_a_value_that_is_not_known_is_not_the_prices(text: str) -> None:
    assert not any("est(close" in row.row.indicators[0] for row in propose_workflow(text).rows)


def test_nearness_without_a_number_is_marked_as_assumed() -> None:
    told = propose_workflow("Buy near the 50-day average. Sell within 2% of the 20-day average.")

    assert [(row.row.indicators[0], row.guessed) for row in told.rows if row.words] == [
        ("near(close, sma(50))", True),
        ("near(close, sma(20), 2)", False),
    ]


def test_alternatives_are_groups_and_a_size_that_is_not_told_is_marked_as_assumed() -> None:
    proposal = propose_workflow("Short when RSI crosses below 70 or a bearish engulfing appears; cover when RSI is below 40")

    assert [(each.row.section.value, each.row.group) for each in proposal.rows[:3]] == [
        ("entry_short", "A"),
        ("entry_short", "B"),
        ("exit_short", "A"),
    ]
    assert proposal.assumed == ("size",)
    assert proposal.workflow.direction is Direction.SHORT_ONLY


def test_lengths_that_are_not_told_are_marked_as_assumed() -> None:
    told, open_ = propose_workflow("Buy when sma(20) > sma(50)"), propose_workflow("Buy when the fast average is above the slow average")

    assert [each.source for each in told.rows[:1]] == ["“sma(20) > sma(50)”"]
    assert open_.rows[0].guessed
    assert open_.rows[0].source.endswith("lengths assumed")


@pytest.mark.parametrize("text", ["Buy stop one tick above yesterday's high.", "Buy a hammer. Stop a tick under the low of the day."])
def test_a_tick_that_no_row_holds_is_told(text: str) -> None:
    rows = [one for one in propose_workflow(text).rows if "tick" in one.words]

    assert [one.source.endswith("at the level itself: no tick beyond it") for one in rows] == [True]
    assert "tick" not in propose_workflow(text.replace("one tick ", "").replace("a tick ", "")).rows[-1].source


@pytest.mark.parametrize("text", ["Exit at a new 20 day low", "Buy when OCTOBER rises", "the visit is over 30"])
def test_no_phrase_begins_or_ends_inside_a_word(text: str) -> None:
    for each in propose_workflow(text).rows:
        assert not each.words or each.words in text.split(maxsplit=0) or f" {each.words} " in f" {text} "


def test_a_whole_description_compiles() -> None:
    text = (
        "Buy when RSI(2) falls below 10 and the price is above its 200-day average. Sell when it closes above the 5-day average. Stop 5%."
    )
    proposal = propose_workflow(text)

    assert not any(problem.severity is Severity.ERROR for problem in check(proposal.workflow))
    assert parse(proposal.workflow.model_dump(mode="json")) == proposal.workflow
    assert "class BuyWhenRSI2" in compile_workflow(proposal.workflow).replace("(", "").replace(")", "")


WORDS = (
    *("buy", "sell", "short", "when", "RSI", "below", "30", "crosses above", "the 50-day average", "and", "or", "stop 5%", ",", ".", ";"),
    *(":", "(", ")", "trail", "2 ATR", "never in May", "not", "hammer"),
)


@settings(deadline=None, max_examples=150)
@given(st.lists(st.sampled_from(WORDS), max_size=25).map(" ".join))
def test_any_text_gives_a_proposal_whose_words_stand_in_it(text: str) -> None:
    proposal = propose_workflow(text)

    assert all(each.words in text for each in proposal.rows)
    assert parse(proposal.workflow.model_dump(mode="json")).rows == proposal.workflow.rows


@pytest.mark.parametrize(
    ("text", "never"),
    [
        ("When volatility contracts to a six-month low, buy. Stop 5%.", "lowest("),
        ("Buy every dip of 3% from the 10-day high. Stop 5%.", "highest("),
        ("Buy a 20-day breakout, exit on a 10-day breakout in the other direction.", "highest(high, 10)"),
        ("Buy a golden cross. Two-bar low is the stop.", "lowest("),
        ("Buy if yesterday closed above its open. Stop 5%.", "close > open"),
        ("Buy a break of yesterday's high. Stop 1% below it.", "0.99 * close"),
        ("Buy a golden cross. If I'm in front by the cost of it, trail by 1 ATR.", "trailing_stop"),
        ("Buy the first close above the upper Bollinger band within ten days. Stop 5%.", "time_stop"),
        ("Buy a golden cross, add 100 more each time it comes back to my line. Stop 5%.", "pyramiding"),
        ("Rule A: close above the 200-day average. Rule B: close below the 50-day average. Buy on rule A, sell on rule B.", "sma("),
        ("Buy at the open if it is above yesterday's high. Sell after 3 days.", "high"),
        ("Sell short at tomorrow's open, but only if the open is below today's low. Cover after 3 days.", "low"),
        ("Buy at the open if it gaps down more than 2%. Sell after 3 days.", "gap"),
        ("Buy if the first half hour was green and above average volume. Stop 5%.", "volume"),
    ],
)
def test_no_row_is_proposed_from_a_part_of_a_phrase_that_was_not_understood(text: str, never: str) -> None:
    proposal = propose_workflow(text)

    assert not any(never in cell for each in proposal.rows for cell in (*each.row.indicators, *each.row.thresholds))
    assert proposal.unread


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("Buy when the 20 day average climbs over the 50 day one.", "entry_long crosses_above(sma(20), sma(50))"),
        ("Short when RSI(14) is over 75. Cover at 50.", "exit_short rsi(14) <= 50"),
        ("Buy when CCI is under -150 and exit once it normalizes above zero.", "exit_long cci(20) > 0"),
        ("Fade: if it gaps up more than 1%, short it at once.", "entry_short gap > 1"),
        ("Sell in May, buy back in November.", "entry_long month == 11"),
        ("Sell in May, buy back in November.", "exit_long month == 5"),
        ("Stay out until the ADX reaches 25. Buy a golden cross.", "filter adx(14) >= 25"),
        ("Buy a golden cross. Out by noon.", "risk flat_at_close time 12:00"),
        ("Trade only the first two hours. Buy when RSI(2) is under 10.", "filter minutes_since_open <= 120"),
        (
            "Rule A: close above the 200-day average. Rule B: RSI(2) under 10. Buy when rule A and rule B are true.",
            "entry_long close > sma(200)",
        ),
        (
            "Buy the day after a doji that forms on a 20-day low if the next bar closes above it.",
            "entry_long (close < lowest(low, 20)[1])[1]",
        ),
    ],
)
def test_references_and_short_verbs_are_read(text: str, said: str) -> None:
    found = [
        " ".join([each.row.section, *each.row.indicators, *([each.row.operator, *each.row.thresholds] if each.row.thresholds else [])])
        for each in propose_workflow(text).rows
    ]

    assert said in found


@pytest.mark.parametrize(
    ("text", "unread"),
    [
        ("Buy a hammer. Sell at the next close.", "at the next close"),
        ("Buy a hammer, add 2 more on dips.", "add 2 more on dips"),
    ],
)
def test_what_the_table_cannot_say_or_no_pattern_knows_is_named(text: str, unread: str) -> None:
    found = propose_workflow(text)

    assert unread in found.unread
    assert [each.row.indicators[0] for each in found.rows] == ["hammer", "position_size"]


def test_phrases_are_compiled_once() -> None:
    propose_workflow("Buy a hammer, stop loss 5%")
    before = compile_phrase.cache_info()
    propose_workflow("Buy a hammer, stop loss 5%")

    assert compile_phrase.cache_info().misses == before.misses > 200


@pytest.mark.parametrize("text", ["Buy a hammer, stop loss 5%", "Buy when the close crosses above the 20 day average. " * 12])
def test_a_phrase_is_found_whether_or_not_the_words_around_its_value_are_looked_for_first(text: str) -> None:
    patterns = [pattern for pattern, _ in (*exits.PATTERNS, *rules.PATTERNS, *levels.PATTERNS) if TERM in pattern]
    assert len(patterns) > 10

    for pattern in patterns:
        spans = [match.span() for match in find_phrase(pattern, text)]
        assert spans == [match.span() for match in re.finditer(pattern, text, re.IGNORECASE)]
