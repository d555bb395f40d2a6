"""Lines of Pine scripts among descriptions: what their names and orders say is read, the rest is named."""

from core.language import propose_workflow

CROSS = """
longCondition = ta.crossover(ta.sma(close, 14), ta.sma(close, 28))
if longCondition
    strategy.entry("Long", strategy.long)
shortCondition = ta.crossunder(ta.sma(close, 14), ta.sma(close, 28))
if shortCondition
    strategy.entry("Short", strategy.short)
"""
INPUTS = """
//@version=5
strategy("RSI dip", overlay=false)
length = input.int(2, "RSI length", minval=1)
overSold = input(10)
rsiValue = ta.rsi(close, length)
trendUp = close > ta.sma(close, 200)
if rsiValue < overSold and trendUp
    strategy.entry("L", strategy.long)
if rsiValue > 70  // enough
    strategy.close("L")
plot(rsiValue)
"""
WHEN = """
fast = ta.ema(close, 12)
slow = ta.ema(close, 26)
strategy.entry("buy", strategy.long, when = ta.crossover(fast, slow))
strategy.exit("x", "buy", stop=low, limit=high)
strategy.close("buy", when = ta.crossunder(fast, slow))
"""


def test_conditions_that_a_script_names_open_both_sides() -> None:
    assert _list(CROSS) == ["entry_long crosses_above(sma(14), sma(28))", "entry_short crosses_below(sma(14), sma(28))"]
    assert propose_workflow(CROSS).unread == ()


def test_inputs_of_a_script_are_its_numbers() -> None:
    assert _list(INPUTS) == ["entry_long rsi(2) < 10 and (close > sma(200))", "exit_long rsi(2) > 70"]
    assert propose_workflow(INPUTS).unread == ()


def test_an_order_of_a_script_that_no_row_says_is_named() -> None:
    assert _list(WHEN) == ["entry_long crosses_above(ema(12), ema(26))", "exit_long crosses_below(ema(12), ema(26))"]
    assert any("strategy.exit" in piece for piece in propose_workflow(WHEN).unread)


def test_a_value_that_is_not_understood_makes_no_row() -> None:
    text = 'x = my_own(close, 3)\nif ta.crossover(close, x)\n    strategy.entry("L", strategy.long)'

    assert _list(text) == []


def _list(text: str) -> list[str]:
    return [f"{each.row.section.value} {each.row.indicators[0]}" for each in propose_workflow(text).rows if each.words]
