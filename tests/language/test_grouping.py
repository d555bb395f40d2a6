"""Conditions in one sentence or list: which hold together, which each alone, and what is said where two readings are possible."""

import pytest

from core.domain.workflow import Section
from core.language import propose_workflow

DIP = "close < bbands(20, 2).lower"
JOINED = [
    (
        "Buy when RSI(14) < 40 and price is above the 200-day average or price is below the lower Bollinger band. Sell when RSI(14) > 70.",
        ["A rsi(14) < 40", "A close > sma(200)", f"B {DIP}"],
    ),
    (
        "Buy when RSI(14) < 40 and either price is above the 200-day average or price is below the lower Bollinger band. Sell at RSI 70.",
        ["A rsi(14) < 40", f"A close > sma(200) or {DIP}"],
    ),
    (
        "Buy when (RSI(14) < 40 or price is below the lower Bollinger band) and price is above the 200-day average. Sell at RSI 70.",
        [f"A rsi(14) < 40 or {DIP}", "A close > sma(200)"],
    ),
    (
        "Buy when RSI(14) < 40 or price is below the lower Bollinger band, and price is above the 200-day average. Sell at RSI 70.",
        [f"A rsi(14) < 40 or {DIP}", "A close > sma(200)"],
    ),
    (
        "Entry:\n- price above 200 sma\n- RSI < 30 or MFI < 20\n- close > open\nExit: RSI > 70",
        ["A close > sma(200)", "A rsi(14) < 30 or mfi(14) < 20", "A close > open"],
    ),
    ("Buy when hammer or bullish engulfing and RSI below 40. Sell after 5 days.", ["A hammer or bullish_engulfing", "A rsi(14) < 40"]),
]


@pytest.mark.parametrize(("text", "rows"), JOINED)
def test_conditions_of_an_entry_hold_together_as_the_words_between_them_say(text: str, rows: list[str]) -> None:
    assert _list(text, Section.ENTRY_LONG) == rows


LEFT = [
    (
        "Buy when RSI(2) is below 10. Exit when RSI(2) is above 70, MACD crosses below its signal line or close is below the 20 EMA.",
        ["A rsi(2) > 70", "B crosses_below(macd(12, 26, 9).macd, macd(12, 26, 9).signal)", "C close < ema(20)"],
    ),
    ("Entry: RSI(2) < 10\nExit rules:\n- close above sma(5)\n- RSI(2) above 70", ["A close > sma(5)", "B rsi(2) > 70"]),
    ("Entry: RSI(2) < 10\nExit rules (all of them):\n- close above sma(5)\n- RSI(2) above 70", ["A close > sma(5)", "A rsi(2) > 70"]),
    ("Buy when RSI(2) < 10. Exit rules:\n- close below the 21 EMA\n- RSI(2) above 80 and close < open", ["A", "B", "B"]),
]


@pytest.mark.parametrize(("text", "rows"), LEFT)
def test_each_condition_of_a_list_of_ways_out_is_one(text: str, rows: list[str]) -> None:
    assert [told[: len(row)] for told, row in zip(_list(text, Section.EXIT_LONG), rows, strict=True)] == rows


def test_of_a_filter_with_two_words_between_the_usual_precedence_is_kept() -> None:
    text = (
        "Only trade when price is above the 200-day average and ADX is above 20 or volume is above its 20-day average. Buy when RSI < 30."
    )

    assert _list(text, Section.FILTER) == ["A (close > sma(200) and adx(14) > 20) or volume > sma(volume, 20)"]


SAID = [
    (
        "Buy if close > sma(50) and rsi(14) < 40 or close < sma(10). Sell if rsi(14) > 60.",
        "(close > sma(50) and rsi(14) < 40) or close < sma(10)",
    ),
    ("Buy if RSI(14) < 30 or RSI(2) < 5 and close > sma(200). Sell if RSI(14) > 60.", "RSI(14) < 30 or (RSI(2) < 5 and close > sma(200))"),
    (
        "Buy if RSI < 30. Exit conditions\n* RSI above 65\n* Close below SMA(100)",
        "each of these is a way out: RSI above 65; Close below SMA(100)",
    ),
]


@pytest.mark.parametrize(("text", "remark"), SAID)
def test_what_could_be_grouped_otherwise_is_said(text: str, remark: str) -> None:
    assert any(remark in each for each in propose_workflow(text).remarks)


@pytest.mark.parametrize(
    "text", ["Buy if RSI < 30 and close > sma(200). Sell if RSI > 70 or close < sma(200).", "Buy a hammer. Sell after 5 days."]
)
def test_what_has_one_reading_needs_no_remark(text: str) -> None:
    assert propose_workflow(text).remarks == ()


def _list(text: str, section: Section) -> list[str]:
    rows = [each.row for each in propose_workflow(text).rows if each.row.section is section]
    return [f"{row.group} {row.indicators[0].replace('RSI', 'rsi')}" for row in rows]
