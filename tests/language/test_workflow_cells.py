"""Cells in plain words: a row says what the phrases of a description say, and what nothing can read is told with the nearest spelling."""

import pytest
from workflow_runs import is_true, row, workflow

from core.domain.errors import WorkflowError
from core.domain.instrument import Timeframe
from core.domain.workflow import Workflow
from core.language import check, dump, explain, parse

ROWS = """
14 day RSI | is below | 30                                    = rsi(14) | < | 30
2-period RSI | < | ten                                        = rsi(2) | < | 10
RSI(14) value | drops below | 35                              = rsi(14) | crosses below | 35
stock price | is greater than | 10 dollars                    = close | > | 10
price | > | 200 day moving average                            = close | > | sma(200)
fast EMA (9) | crosses over | slow EMA (21)                   = ema(9) | crosses above | ema(21)
200dma | < | price                                            = sma(200) | < | close
close | > | previous close                                    = close | > | yesterday.close
today's volume | > | yesterday's volume                       = volume | > | volume[1]
price | is above | 52-week high                               = close | > | highest(high, 252)[1]
20 day high | < | close                                       = highest(high, 20)[1] | < | close
low | <= | lowest low of the last 10 bars                     = low | <= | lowest(low, 10)[1]
price | < | lower Bollinger band                              = close | < | bbands(20, 2).lower
close | crosses below | upper bollinger band (20, 2.5)        = close | crosses below | bbands(20, 2.5).upper
bollinger band width | < | 6 month low of bollinger band width = bbands(20, 2).width | < | lowest(bbands(20, 2).width, 126)[1]
MACD | crosses above | signal line                            = macd | crosses above | macd.signal
macd(5, 34, 5) | crosses above | signal line                  = macd(5, 34, 5) | crosses above | macd(5, 34, 5).signal
MACD histogram | > | zero                                     = macd.histogram | > | 0
stochastic %K | crosses above | stochastic %D                 = stoch.k | crosses above | stoch.d
volume | > | 1.5 times the 50 day average volume              = volume | > | 1.5 * sma(volume, 50)
volume | > | its 20 day average                               = volume | > | sma(volume, 20)
volume | > | twice the average                                = volume | > | 2 * sma(volume, 20)
RSI | > | its 10 day average                                  = rsi(14) | > | sma(rsi(14), 10)
ATR | > | ATR 5 days ago                                      = atr(14) | > | atr(14)[5]
12 month return | > | 3 percent                               = roc(252) | > | 3
five day return | < | -5%                                     = roc(5) | < | -5
price | > | 20 EMA plus 2 ATR                                 = close | > | ema(20) + 2 * atr(14)
close | < | 5% below 50 day average                           = close | < | 0.95 * sma(50)
weekly RSI | > | 50                                           = tf("1w", rsi(14)) | > | 50
RSI on the weekly chart | > | 50                              = tf("1w", rsi(14)) | > | 50
hourly RSI | < | 30                                           = tf("1h", rsi(14)) | < | 30
price | > | 40 week moving average                            = close | > | tf("1w", sma(40))
OBV | rising | 5 bars                                         = obv | rising | 5
200 day moving average | rises | 10 days                      = sma(200) | rising | 10
close | between | lower bollinger band and upper bollinger band = close | between | bbands.lower and bbands.upper
day of week | is | Monday                                     = weekday | == | 0
close | is not above | sma(20)                                = close | <= | sma(20)
price above 200 day moving average | is true |                = close > sma(200) | is true |
close above 50 day average and RSI below 70 | is true |       = close > sma(50) and rsi(14) < 70 | is true |
RSI(2) oversold | is true |                                   = rsi(2) < 30 | is true |
golden cross | is true |                                      = crosses_above(sma(50), sma(200)) | is true |
new 52 week high | is true |                                  = close > highest(high, 252)[1] | is true |
volume above average | is true |                              = volume > sma(volume, 20) | is true |
"""


def write(cells: str) -> Workflow:
    """A workflow with the row that three cells make."""
    indicator, operator, *thresholds = [cell.strip() for cell in cells.split("|")]
    return workflow(row("entry_long", indicator, operator, *filter(None, thresholds)), row("risk", "time_stop", "bars", 5))


def say(told: Workflow) -> list[str]:
    return [sentence.text for sentence in explain(told)]


@pytest.mark.parametrize("line", ROWS.strip().splitlines(), ids=lambda line: line.split("  ")[0])
def test_a_row_in_plain_words_says_what_its_phrase_says(line: str) -> None:
    typed, right = line.split(" = " if " = " in line else "= ", 1)

    assert say(write(typed)) == say(write(right))


@pytest.mark.parametrize(
    ("rule", "measure", "typed", "right"),
    [
        ("stop_loss", "atr", ["2 ATR"], ["2"]),
        ("stop_loss", "atr", ["2 x ATR(10)"], ["2", "10"]),
        ("stop_loss", "percent", ["10 percent"], ["10"]),
        ("take_profit", "r", ["2R"], ["2"]),
        ("time_stop", "bars", ["10 days"], ["10"]),
        ("stop_loss", "price", ["10 day low"], ["lowest(low, 10)"]),
        ("take_profit", "price", ["upper Bollinger band"], ["bbands(20, 2).upper"]),
    ],
)
def test_a_rule_takes_its_number_with_the_word_of_its_measure(rule: str, measure: str, typed: list[str], right: list[str]) -> None:
    entry = is_true("entry_long", "close > open")

    assert say(workflow(entry, row("risk", rule, measure, *typed))) == say(workflow(entry, row("risk", rule, measure, *right)))


def test_a_share_of_the_account_is_the_number_of_a_size_in_percent() -> None:
    told = workflow(is_true("entry_long", "close > open"), row("sizing", "position_size", "percent", "50% of equity"))

    assert say(told)[-1] == "Put 50% of equity into each entry."


@pytest.mark.parametrize(
    ("cells", "remedy"),
    [
        ("20 day moving avrage | > | price", "Did you mean `20 day moving average`, which is `sma(20)`?"),
        ("RSI my friend | > | 50", "Of it only `RSI` is understood."),
        ("price | > | 20 day high of the moon", "Write `highest(high, 20)[1]`"),
        ("SPY | > | 50", '`other("SPY").close` for another symbol'),
        ("SPY above 50 day average | is true |", '`other("SPY").close` for another symbol'),
    ],
)
def test_what_is_not_understood_is_told_with_the_nearest_spelling_and_stays_as_typed(cells: str, remedy: str) -> None:
    told = write(cells)

    assert any(remedy in problem.remedy for problem in check(told) if problem.row == "r1")
    assert cells.split(" | ", maxsplit=1)[0] in dump(told)
    assert parse(dump(told)) == told


def test_a_number_in_another_measure_than_the_rows_is_refused() -> None:
    told = workflow(is_true("entry_long", "close > open"), row("risk", "stop_loss", "percent", "2 ATR"))

    assert [problem.remedy for problem in check(told) if problem.row == "r2"] == ["Choose the measure atr, or write the number alone."]


def test_an_unknown_operator_is_answered_with_those_of_its_section() -> None:
    with pytest.raises(WorkflowError) as caught:
        write("close | is friends with | open")

    assert "crosses above" in caught.value.problems[0].remedy
    assert "pips" not in caught.value.problems[0].remedy


@pytest.mark.parametrize(
    ("typed", "frame", "warned"), [("52-week high", "5m", True), ("20 day average", "1w", True), ("52-week high", "1d", False)]
)
def test_days_and_weeks_in_words_are_warned_of_on_other_bars(typed: str, frame: str, warned: bool) -> None:
    problems = check(write(f"price | > | {typed}"), timeframe=Timeframe(frame))

    assert any("counts bars of the run" in problem.message for problem in problems) == warned
