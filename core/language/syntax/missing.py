"""Rules that other programs have and this language has not: the reason, and what comes nearest."""

from collections.abc import Mapping
from types import MappingProxyType

_SAVINGS_PLAN = (
    "A savings plan is several rows: `add_cash` `cash` 500 monthly for what is paid in, entries on `first_trading_day_of_month`, "
    "`position_size` `cash` 500, a `pyramiding` row, and `hold_to_end` in the risk section."
)
_WITHDRAWAL = (
    "Money that is taken out is not there: only `add_cash` moves money between you and the account, in one direction. An exit row or "
    "`partial_exit` turns a position into cash, which stays in the account."
)
_AT_THE_OPEN = (
    "A market order is one for the next open already: leave the row out. `limit_on_open` fills there only where the open is at a price or "
    "better."
)
_AT_THE_CLOSE = (
    "A fill at the close that gave the signal is not there: it would be known too late to trade on it. Entries fill at the next open; on "
    "intraday bars a row such as `minutes_to_close <= 15` comes near to the close."
)
MISSING: Mapping[str, str] = MappingProxyType(
    dict.fromkeys(
        ("savings_plan", "saving_plan", "savings", "dca", "dollar_cost_averaging"), _SAVINGS_PLAN
    )
    | dict.fromkeys(("withdrawal", "withdrawals", "withdraw_cash", "withdraw", "pay_out", "remove_cash"), _WITHDRAWAL)
    | dict.fromkeys(
        ("market_on_open", "moo", "market_at_open", "market_order", "at_the_open", "open_order", "on_open"), _AT_THE_OPEN
    )
    | dict.fromkeys(
        ("limit_on_close", "loc", "limit_at_close", "market_on_close", "moc", "market_at_close", "close_order", "at_the_close"),
        _AT_THE_CLOSE,
    )
)  # fmt: skip
"""Name of a rule to the reason why it is not there, with what comes nearest."""


def suggest_missing(name: str) -> str:
    """Suggest what to do in place of a rule that is not there; empty for any other name.

    >>> suggest_missing("market_on_open").partition(":")[0], suggest_missing("stop_loss")
    ('A market order is one for the next open already', '')
    """
    return MISSING.get(name, "")
