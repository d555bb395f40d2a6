"""Savings plans: what is paid in is bought with, and where nothing is sold each signal buys again."""

import re
from collections.abc import Sequence

from core.domain.workflow import Measure, Operator, Row, Section
from core.language.phrases.found import ProposedRow

SIZES = ("position_size", "risk_per_trade", "volatility_target", "kelly")
BEGINS = {
    "weekly": "first_bar_of_week",
    "monthly": "first_trading_day_of_month",
    "quarterly": "first_trading_day_of_month and month in (1, 4, 7, 10)",
    "yearly": "first_trading_day_of_month and month == 1",
}
"""Rhythm of a deposit to the bars on which it is paid in."""


def save_up(rows: Sequence[ProposedRow]) -> list[ProposedRow]:
    """`Invest $500 a month`: what is paid in is bought with, in the same rhythm where nothing else says when."""
    whole = list(rows)
    told = next((each for each in rows if each.row.indicators == ("add_cash",)), None)
    if told is None:
        return whole
    amount, rhythm = told.row.thresholds
    names = {each.row.indicators[0] for each in rows}
    if re.match(r"(?:and )?(?:i |we )?invest", told.words, re.IGNORECASE) and not names.intersection(SIZES):
        row = Row(
            id=f"r{len(whole) + 1}", section=Section.SIZING, indicators=("position_size",), operator=Measure.CASH, thresholds=(amount,)
        )
        whole.append(ProposedRow(row, told.words))
    if not any(each.row.section in (Section.ENTRY_LONG, Section.ENTRY_SHORT) for each in rows):
        row = Row(id=f"r{len(whole) + 1}", section=Section.ENTRY_LONG, indicators=(BEGINS[rhythm],), operator=Operator.IS_TRUE)
        whole.append(ProposedRow(row, told.words, guessed=True))
    return whole


def buy_again(rows: Sequence[ProposedRow]) -> list[ProposedRow]:
    """`Buy each month with $1,000, never sell`: where nothing is sold, each signal buys again."""
    rules = {each.row.indicators[0]: each for each in rows if isinstance(each.row.operator, Measure)}
    kept, size = rules.get("hold_to_end"), rules.get("position_size")
    again = "add_cash" in rules or (size is not None and size.row.operator is not Measure.PERCENT)
    if not kept or not again or {"pyramiding", "rebalance"} & rules.keys():
        return list(rows)
    row = Row(id=f"r{len(rows) + 1}", section=Section.SIZING, indicators=("pyramiding",), operator=Measure.COUNT, thresholds=("100",))
    return [*rows, ProposedRow(row, kept.words)]
