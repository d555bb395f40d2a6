"""Stops and targets that are told for one side: a price of that side, or words that are named."""

import pytest

from core.domain.errors import Severity
from core.language import check, propose_workflow

BOTH = "Long when close > sma(50). Short when close < sma(50)."
PRICES = [
    (f"{BOTH} Stop 2% for longs, 3% for shorts.", "(0.98 * entry_price) if position > 0 else (1.03 * entry_price)"),
    (f"{BOTH} Stop: 3% longs / 2% shorts.", "(0.97 * entry_price) if position > 0 else (1.02 * entry_price)"),
    (f"{BOTH} SL long: 2 ATR. SL short: 3 ATR.", "(entry_price - 2 * atr(14)) if position > 0 else (entry_price + 3 * atr(14))"),
    (f"{BOTH} Take profit 4% for longs.", "(1.04 * entry_price) if position > 0 else (0)"),
    (f"{BOTH} For shorts: stop 3%.", "(0) if position > 0 else (1.03 * entry_price)"),
    (f"{BOTH} Trailing stop 5% for shorts.", "(0) if position > 0 else (1.05 * lowest_since_entry)"),
    (
        "Long when close > sma(50), stop 2%. Short when close < sma(50), stop 3%.",
        "(0.98 * entry_price) if position > 0 else (1.03 * entry_price)",
    ),
    (
        f"{BOTH} Stop 2% for longs, 3% for shorts. Risk 1% per trade.",
        "(0.98 * entry_price) if position > 0 else (1.03 * entry_price)",
    ),
    ("Buy when RSI < 30, sell when RSI > 70. Short when RSI > 80 with a stop of 3%.", "(0) if position > 0 else (1.03 * entry_price)"),
]


@pytest.mark.parametrize(("text", "price"), PRICES)
def test_a_rule_of_one_side_is_a_price_of_that_side(text: str, price: str) -> None:
    proposal = propose_workflow(text)

    assert [each.row.thresholds for each in proposal.rows if each.row.section == "risk"] == [(price,)]
    assert proposal.unread == ()
    assert [problem for problem in check(proposal.workflow) if problem.severity is Severity.ERROR] == []


def test_a_low_for_longs_and_a_high_for_shorts_stay_two_levels() -> None:
    proposal = propose_workflow(f"{BOTH} Stop at the lowest low of 5 bars for longs, stop at the highest high of 5 bars for shorts.")

    assert [each.row.thresholds[0] for each in proposal.rows if each.row.section == "risk"] == ["lowest(low, 5)", "highest(high, 5)"]


@pytest.mark.parametrize("text", [f"{BOTH} Stop 40 pips for longs.", f"{BOTH} Stop 2% for longs. Risk 1% per trade."])
def test_what_no_price_of_one_side_can_say_is_named(text: str) -> None:
    proposal = propose_workflow(text)

    assert not any(each.row.indicators == ("stop_loss",) for each in proposal.rows)
    assert any("of one side" in piece for piece in proposal.unread)


def test_a_rule_of_both_sides_stays_one() -> None:
    rows = propose_workflow(f"{BOTH} Stop 2%. Target 4%.").rows

    assert [each.row.thresholds[0] for each in rows if each.row.section == "risk"] == ["2", "4"]
