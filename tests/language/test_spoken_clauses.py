"""Conditions in plain English, put together from parts that nobody listed as a whole: golden tables by hand."""

import pytest

from core.domain.workflow import Operator, Row, Section, Workflow
from core.language import check, explain_text, find_meaning, propose_workflow
from core.language.spoken.clauses import find_clauses
from core.language.spoken.nouns import find_value
from core.language.syntax.expression import parse_expression
from core.language.syntax.wording import describe_node

VALUES = """
its 20-day average volume | sma(volume, 20)
the average volume of the last 15 days | sma(volume, 15)
the highest close of the last 40 days | highest(close, 40)
the 22-day highest high minus 3 ATR | highest(high, 22) - 3 * atr(14)
RSI(3) 2 bars ago | rsi(3)[2]
the 10-day EMA of volume | ema(volume, 10)
twice the 50-day average | 2 * sma(50)
2 ATR below the 20 EMA | ema(20) - 2 * atr(14)
the prior week's low | last_week.low
the high of the previous bar | high[1]
the middle line of the Keltner channel | keltner(20, 2).mid
ATR(14) as a percentage of price | natr(14)
the 20-day standard deviation of returns | realised_volatility(20)
the weekly RSI | tf("1w", rsi(14))
the moon |
"""
CLAUSES = """
the 9 EMA has been above the 21 EMA for at least three bars | count(ema(9) > ema(21), 3) == 3
Williams %R(10) was below -90 three days ago | williams_r(10)[3] < -90
the close is at least 5 percent lower than it was 10 days ago | close <= 0.95 * close[10]
CCI falls through 100 | crosses_below(cci(20), 100)
the stock has made a new 20-day high within the last 3 bars | close > highest(high, 20)[1] within 3
the 10-day average is not below the 30-day average | sma(10) >= sma(30)
price is at least 10% off its 52 week high | close <= 0.9 * highest(high, 252)
the last swing low is above the one before | swing_low(3, 3) > previous_swing_low(3, 3)
the 20-day realised volatility is below its one-year median | realised_volatility(20) < median(realised_volatility(20), 252)
20-day momentum and 60-day momentum are both positive | roc(20) > 0 and roc(60) > 0
on the weekly chart the RSI is above 50 | tf("1w", rsi(14) > 50)
the weekly close is above its 30-week average and that average is rising | tf("1w", close > sma(30)); tf("1w", rising(sma(30), 1))
the 5 EMA is over the 13 EMA, which itself has to be over the 26 EMA | ema(5) > ema(13); ema(13) > ema(26)
the price was under the lower Bollinger band yesterday and closes back inside | close[1] < bbands(20, 2).lower[1]; \
close > bbands(20, 2).lower
MACD crosses its signal line while both are below zero | crosses_above(macd(12, 26, 9).macd, macd(12, 26, 9).signal); \
macd(12, 26, 9).macd < 0 and macd(12, 26, 9).signal < 0
the stock has fallen by more than 7% in two weeks | roc(10) < -7
volume (today's) is more than double the 20-day average | volume > 2 * sma(volume, 20)
RSI is between 40 and 60 on 3 of the last 5 days | count(between(rsi(14), 40, 60), 5) >= 3
the close is under the 20-day average by at least 2% | close <= 0.98 * sma(20)
the RSI is rising for 3 bars | rising(rsi(14), 3)
the price crosses above VWAP after having been below it for at least 6 bars | crosses_above(close, vwap); count(close < vwap, 6)[1] == 6
my score is at its highest in 20 days |
the close is below the low |
beta(60) crosses above its 20-day average |
the moon is above the sea |
narrowest range of 7 days |
"""
ROWS = """
Buy a hammer unless RSI is above 70 | entry_long hammer; filter rsi(14) <= 70
Buy a hammer unless RSI is above 70 and ADX is under 20 | entry_long hammer; filter not (rsi(14) > 70 and adx(14) < 20)
Don't buy if the market is below the 200-day average. Buy a hammer. | filter close >= sma(200); entry_long hammer
Never enter unless ADX is above 20. Buy a hammer. | filter adx(14) > 20; entry_long hammer
Stay long as long as the 12-month return is positive | entry_long roc(252) > 0; exit_long roc(252) <= 0
Buy a hammer and hold until RSI is over 60 | entry_long hammer; exit_long rsi(14) > 60
Buy a hammer. Sell when RSI is over 70. Sell when the close is under the 50-day average. \
| entry_long hammer; exit_long rsi(14) > 70; exit_long B close < sma(50)
Only buy when RSI is under 30 | entry_long rsi(14) < 30
Buy a hammer, get out when it is up 12% | entry_long hammer; exit_long open_profit >= 12
Buy when it is up 2% | entry_long roc(1) > 2
Buy on the first trading day of the month with $500, never sell \
| entry_long trading_day_of_month == 1; sizing position_size cash 500; risk hold_to_end on; sizing pyramiding count 100
Buy a hammer. Use half size when the ATR(14) as a percentage of price is above 3%. \
| entry_long hammer; sizing position_size percent 47.5 if natr(14) > 3 else 95
Setup A: a hammer, risk 0.5%. Setup B: a doji, risk 1%. \
| entry_long hammer; sizing risk_per_trade percent 0.5; entry_long B doji; sizing B risk_per_trade percent 1
Trade only on Tuesdays, Wednesdays and Thursdays. Buy a hammer. | filter weekday in (1, 2, 3); entry_long hammer
No trades in the first hour or the last half hour. Buy a hammer. \
| filter minutes_since_open > 60 and minutes_to_close >= 30; entry_long hammer
Buy a hammer, flat 10 minutes before the close | entry_long hammer; exit_long minutes_to_close <= 10
Buy after a doji if the next bar closes above the doji's high; stop under the doji's low \
| entry_long count(doji, 1)[1] == 1; entry_long close > high[1]; risk stop_loss price low[1]
If SPY is above its 200-day average, buy the stock on a hammer | entry_long other("SPY").close > other("SPY").sma(200); entry_long hammer
Buy SPY when SPY is above its 200-day average | entry_long close > sma(200)
Watch the fourteen day RSI. When it dips under thirty, buy. | entry_long rsi(14) < 30
Buy when z-score is under -2, exit at 0, give up at -3.5 \
| entry_long zscore(20) < -2; exit_long zscore(20) >= 0; exit_long B zscore(20) <= -3.5
Buy a hammer. After a losing trade wait 5 days. | entry_long hammer; risk cool_down bars 5
Half Kelly capped at 25% of equity. Buy a hammer. | sizing kelly percent 50 25; entry_long hammer
Place a limit order 2% below yesterday's close | entry_long limit_order price 0.98 * close
Buy a hammer with a buy stop above the hammer's high, valid for three days | entry_long hammer; entry_long stop_order price high within 3
"""


def _read(table: str) -> list[tuple[str, str]]:
    lines = [line.partition(" |") for line in table.strip().splitlines()]
    return [(text, told.strip()) for text, _, told in lines]


@pytest.mark.parametrize(("text", "value"), _read(VALUES))
def test_a_value_is_named_by_its_parts(text: str, value: str) -> None:
    assert find_value(text) == value


@pytest.mark.parametrize(("text", "conditions"), _read(CLAUSES))
def test_a_condition_is_read_from_its_parts_or_not_at_all(text: str, conditions: str) -> None:
    found = find_clauses(text.replace("three", "3").replace("two", "2"))

    assert "; ".join(each.expression + (f" within {each.within}" if each.within > 1 else "") for each in found) == conditions
    assert all(find_meaning(each.expression) is not None for each in found)


@pytest.mark.parametrize(("text", "rows"), _read(ROWS))
def test_sides_refusals_and_references_are_read_as_they_are_meant(text: str, rows: str) -> None:
    proposal = propose_workflow(text)

    found = []
    for each in proposal.rows:
        row = each.row
        cells = [row.operator, *row.thresholds] if row.thresholds or row.indicators[0] == "hold_to_end" else []
        group = [row.group] if row.group != "A" else []
        found += [" ".join([row.section, *group, *row.indicators, *cells, *([f"within {row.within}"] if row.within > 1 else [])])]
    assert "; ".join(row for row, each in zip(found, proposal.rows, strict=True) if each.words) == rows


def test_what_contradicts_an_earlier_row_is_named_and_not_dropped_in_silence() -> None:
    told = propose_workflow("Buy a hammer, risk 1% per trade. Risk 2% per trade. Stop 3 ATR.")

    assert [row.thresholds for row in told.workflow.rows if row.indicators == ("risk_per_trade",)] == [("1",)]
    assert any("2%" in piece for piece in told.unread)


def test_lines_of_a_list_are_sentences_of_their_own() -> None:
    told = propose_workflow("- Entry: a hammer\n- Filter: price above 200 SMA\n- Exit: a doji\n- Stop loss: 2x ATR(14)")

    assert [(row.section.value, row.indicators[0]) for row in told.workflow.rows[:3]] == [
        ("entry_long", "hammer"),
        ("filter", "close > sma(200)"),
        ("exit_long", "doji"),
    ]


CELLS = """
RSI(14) under 30 | rsi(14) < 30
close 5% above sma(20) | close >= 1.05 * sma(20)
sma 20 crosses sma 50 | crosses_above(sma(20), sma(50))
macd crosses signal | crosses_above(macd(12, 26, 9).macd, macd(12, 26, 9).signal)
%K crosses above %D | crosses_above(stoch(14, 3, 3).k, stoch(14, 3, 3).d)
supertrend bullish | supertrend(10, 3).direction > 0
weekly rsi(14) > 50 | tf("1w", rsi(14)) > 50
aroon up > 70 | aroon(25).up > 70
close > high of yesterday | close > yesterday.high
"""
ADVISED = """
volume > 2x average | volume > 2 * sma(volume, 20)
date > 1/2/2024 | date >= 2024-02-01
close > kumo | close > max(ichimoku.senkou_a, ichimoku.senkou_b)
prev(close) | close[1]
iHigh(NULL,0,1) | high[1]
BBandTop(C, 20, 2) | bbands(20, 2).upper
"""


def _write_cell(text: str) -> Workflow:
    rows = [
        Row(id="in", section=Section.ENTRY_LONG, indicators=(text,), operator=Operator.IS_TRUE),
        Row(id="out", section=Section.EXIT_LONG, indicators=("doji",), operator=Operator.IS_TRUE),
    ]
    return Workflow(name="Cell", rows=tuple(rows))


@pytest.mark.parametrize(("text", "right"), _read(CELLS))
def test_a_condition_in_plain_english_is_read_in_a_cell(text: str, right: str) -> None:
    assert explain_text(_write_cell(text)) == explain_text(_write_cell(right))


@pytest.mark.parametrize(("text", "right"), _read(ADVISED))
def test_what_cannot_be_read_in_a_cell_is_answered_with_the_right_spelling(text: str, right: str) -> None:
    problems = check(_write_cell(text))

    assert any(f"`{right}`" in problem.remedy for problem in problems if problem.row == "in")


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("df['volume'].rolling(20).mean()", "sma(volume, 20)"),
        ("df.ta.rsi(length=14) < 30", "rsi(14) < 30"),
        ("SimpleMovingAvg(close, 50)", "sma(50)"),
        ("volume > 2 * avgvol(20)", "volume > 2 * sma(volume, 20)"),
        ("month in (nov, dec)", "month in (11, 12)"),
        ("chop < 38.2", "choppiness(14) < 38.2"),
    ],
)
def test_names_of_other_programs_are_read_where_they_leave_no_doubt(text: str, read: str) -> None:
    assert find_meaning(text) is not None
    assert describe_node(parse_expression(text)) == describe_node(parse_expression(read))
