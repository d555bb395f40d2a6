"""Rows that pay into the account: read, said back, refused where they mislead, and found in plain English."""

import pytest
from workflow_runs import is_true, row, workflow

from core.domain.deposits import Deposit, Rhythm
from core.domain.errors import Severity
from core.language import check, compile_workflow, explain_text, parameters, propose_workflow, read_deposits, render_specification

BUY = is_true("entry_long", "first_trading_day_of_month")
SIZE, KEEP, AGAIN = row("sizing", "position_size", "cash", 500), row("risk", "hold_to_end", "on"), row("sizing", "pyramiding", "count", 100)


@pytest.mark.parametrize(
    ("name", "cells", "deposit"),
    [
        ("add_cash", (500,), Deposit(amount=500, every=Rhythm.MONTHLY)),
        ("deposit", ("$1,000", "every week"), Deposit(amount=1_000, every=Rhythm.WEEKLY)),
        ("monthly_contribution", ("0.5", "annually"), Deposit(amount=0.5, every=Rhythm.YEARLY)),
        ("add_cash", ("quarterly", 250), Deposit(amount=250, every=Rhythm.QUARTERLY)),
    ],
)
def test_a_row_says_how_much_and_how_often(name: str, cells: tuple[object, ...], deposit: Deposit) -> None:
    told = workflow(BUY, SIZE, KEEP, AGAIN, row("sizing", name, "cash", *cells, id="pays"))

    assert check(told) == ()
    assert read_deposits(told) == (deposit,)
    assert f"Pay {deposit.amount:g} into the account at the close of the first bar of each {deposit.every.period}" in explain_text(told)
    assert "which the platform does and no code" in render_specification(told)
    assert "pays" not in {item.row for item in parameters(told)}, "nobody optimizes what is paid in"


def test_rows_that_pay_in_add_up_and_code_pays_nothing_in() -> None:
    rows = (BUY, SIZE, KEEP, AGAIN)
    paying = (row("sizing", "add_cash", "cash", 500), row("sizing", "add_cash", "cash", 2_000, "yearly"))

    assert [one.amount for one in read_deposits(workflow(*rows, *paying))] == [500, 2_000]
    statements = [
        [line for line in compile_workflow(told).splitlines() if not line.strip().startswith("#")]
        for told in (workflow(*rows, *paying), workflow(*rows))
    ]
    assert statements[0] == statements[1]
    assert read_deposits(workflow(*rows, paying[0] | {"enabled": False})) == ()


@pytest.mark.parametrize("name", ["drawdown_halt", "daily_loss_limit", "daily_profit_target"])
def test_rules_that_would_take_a_deposit_for_a_profit_are_refused_beside_it(name: str) -> None:
    told = workflow(BUY, SIZE, KEEP, AGAIN, row("sizing", "add_cash", "cash", 500), row("risk", name, "percent", 10, id="asked"))

    found = [problem for problem in check(told) if problem.severity is Severity.ERROR]

    assert [(problem.row, "for a profit" in problem.message) for problem in found] == [("asked", True)]


def test_money_that_nothing_buys_with_is_warned_of() -> None:
    told = workflow(BUY, SIZE, KEEP, row("sizing", "add_cash", "cash", 500))

    assert ["never bought with" in problem.message for problem in check(told)] == [True]


@pytest.mark.parametrize(
    ("text", "cells"),
    [
        ("Buy a hammer and never sell. Pay in $500 every month.", ("500", "monthly")),
        ("add 200 every week, buy a hammer, hold forever", ("200", "weekly")),
        ("Every quarter I deposit 1,500 dollars into my account. Buy a hammer, never sell.", ("1500", "quarterly")),
        ("Savings plan of $300 a month: buy a hammer, never sell", ("300", "monthly")),
        ("a yearly contribution of 2,000 euros; buy a hammer and hold forever", ("2000", "yearly")),
    ],
)
def test_plain_english_pays_in(text: str, cells: tuple[str, ...]) -> None:
    rows = {each.row.indicators[0]: each.row for each in propose_workflow(text).rows}

    assert rows["add_cash"].thresholds == cells
    assert {"hammer", "hold_to_end", "pyramiding"} <= rows.keys(), "what comes in is bought with"


def test_investing_every_month_is_paying_in_and_buying_on_its_first_day() -> None:
    rows = {each.row.indicators[0]: each.row.thresholds for each in propose_workflow("Invest $500 a month and never sell").rows}

    assert rows == {
        "add_cash": ("500", "monthly"),
        "position_size": ("500",),
        "first_trading_day_of_month": (),
        "hold_to_end": (),
        "pyramiding": ("100",),
    }


@pytest.mark.parametrize("cells", [("500", "daily"), ("daily", "500"), ("500", "every day")])
def test_another_word_than_the_rhythms_there_are_is_answered_with_them(cells: tuple[str, ...]) -> None:
    problems = check(workflow(BUY, SIZE, KEEP, AGAIN, row("sizing", "add_cash", "cash", *cells)))

    assert any("is none of its words" in one.message and "weekly, monthly, quarterly, yearly" in one.remedy for one in problems)


@pytest.mark.parametrize("word", ["closing", "intrabar"])
def test_a_word_where_an_optional_number_could_stand_is_answered_with_the_words_there_are(word: str) -> None:
    problems = check(workflow(BUY, SIZE, KEEP, AGAIN, row("risk", "stop_loss", "atr", 2, word)))

    assert any("is none of its words" in one.message and "on close" in one.remedy for one in problems)
