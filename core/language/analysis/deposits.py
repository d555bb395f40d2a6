"""Money that a workflow's rows pay in: for the platform's account, since no program can pay into it; and what does not go with it."""

from collections.abc import Iterator

from core.domain.deposits import Deposit, Rhythm
from core.domain.errors import Problem, Severity
from core.domain.workflow import Workflow
from core.language.syntax.definition import Definition, Instruction, read_definition

BY_VALUE = ("drawdown_halt", "daily_loss_limit", "daily_profit_target")
"""Rules that set the account's value against an earlier one."""
MOST = 8
"""Rows that pay in, at most."""


def read_rhythm(item: Instruction) -> Rhythm:
    """The rhythm of a row that pays in; monthly where it names none."""
    return Rhythm(next(iter(item.words), Rhythm.MONTHLY))


def read_deposits(workflow: Workflow) -> tuple[Deposit, ...]:
    """Read what the rows of a workflow pay in, in their order; rows that cannot be read are left out, the checker names them."""
    if not any("add_cash" in row.indicators for row in workflow.rows):
        return ()
    definition, _ = read_definition(workflow)
    rows = definition.rules("add_cash")[:MOST]
    return tuple(Deposit(amount=item.number("cash").value, every=read_rhythm(item)) for item in rows)


def find_deposit_problems(definition: Definition) -> Iterator[Problem]:
    """Find what does not go with money that is paid in."""
    paying = definition.rules("add_cash")
    if not paying:
        return
    row = paying[0].row.id
    for item in definition.rules(*BY_VALUE):
        message = f"`{item.rule.name}` would take what is paid in (row {row}) for a profit."
        yield Problem(row=item.row.id, column="indicators", message=message, remedy="Keep one of the two; a stop loss goes with it.")
    if len(paying) > MOST:
        yield Problem(row=paying[MOST].row.id, column="indicators", message=f"more than {MOST} rows pay in.", remedy="Add some of them up.")
    kept = definition.rule("hold_to_end") and not definition.rule("pyramiding") and not definition.rule("rebalance")
    if kept:
        message = "what is paid in is never bought with: one entry is all there is."
        remedy = "Add a pyramiding row, or rebalance when first_trading_day_of_month."
        yield Problem(severity=Severity.WARNING, row=row, column="indicators", message=message, remedy=remedy)
