"""Checks of what became of the orders: nothing traded, nothing closed, rejected, or the figures cannot be trusted."""

from collections.abc import Sequence

import numpy as np

from core.domain.backtest import Verdict
from core.domain.finding import Finding
from core.domain.funnel import find_blocking_pair
from core.evidence.check_case import Case
from core.evidence.equity_check import find_first_difference
from core.evidence.row_conformity import Funnel, compute_entry_funnels


def look_ahead(case: Case) -> Finding | None:
    """The orders depend on later bars."""
    certificate = case.outcome.certificate
    if certificate.verdict is not Verdict.LEAKED:
        return None
    places = [f"bar {certificate.bar}" if certificate.bar is not None else "", f"line {certificate.line}" if certificate.line else ""]
    return Finding(
        code="look_ahead",
        severity=3,
        message="The orders depend on prices of later bars: the code reads the future, so none of its figures count",
        sample=", ".join(place for place in places if place),
        fix="read only index [0] and negative ones; no .array, no .get(ago=1), no close(1)",
    )


def unchecked_future(case: Case) -> Finding | None:
    """Nobody can be sure that the future was not read."""
    if case.outcome.certificate.verdict not in (Verdict.CHECKED, Verdict.NOT_CHECKABLE):
        return None
    return Finding(
        code="unchecked_future",
        severity=1,
        message="It is not certain that the code does not read later bars",
        sample=case.outcome.certificate.checked,
        fix="run it in lock-step, where later bars do not exist",
    )


def engine_altered(case: Case) -> Finding | None:
    """The code changed its broker; the figures are the platform's."""
    if not case.outcome.certificate.altered:
        return None
    return Finding(
        code="engine_altered",
        severity=2,
        message="The code changes the engine (cash, commission or prices); what it saw differs from the figures shown here",
        fix="leave the broker alone: account and costs are set by the platform",
    )


def equity_mismatch(case: Case) -> Finding | None:
    """Cash, commission and positions re-added from the fills do not give the reported account."""
    bar = find_first_difference(case.evaluation, case.bars, case.plan)
    if bar is None:
        return None
    return Finding(
        code="equity_mismatch",
        severity=3,
        message="The account's value does not follow from the fills: do not trust these figures",
        sample=f"first at bar {bar}",
    )


def ruined(case: Case) -> Finding | None:
    """The account fell to zero or below."""
    below = case.evaluation.equity <= 0
    if not below.any():
        return None
    return Finding(
        code="ruined",
        severity=3,
        message="The account was lost completely; ratios are not defined after that",
        sample=f"at bar {int(np.argmax(below))}",
        fix="trade smaller, and put a stop behind every position",
    )


def no_orders(case: Case) -> Finding | None:
    """The strategy never placed an order."""
    if case.evaluation.orders.placed or case.evaluation.fills:
        return None
    early = min(case.outcome.early_reads, default=0)
    return Finding(
        code="no_orders",
        severity=3,
        message=f"No order was placed on {len(case.bars)} bars",
        sample=_rows_in_words(case) or (f"line {early} reads a bar before the first one" if early else ""),
        fix=f"in line {early}, wait until there are enough bars: what is read there may spoil every later value"
        if early
        else _suggest_entries(case),
    )


def no_fills(case: Case) -> Finding | None:
    """Orders were placed and none was filled."""
    orders = case.evaluation.orders
    if not orders.placed or case.evaluation.fills:
        return None
    return Finding(
        code="no_fills",
        severity=3,
        message="Orders were placed and none was filled",
        count=orders.placed,
        sample=f"{orders.margin_rejected} rejected for lack of cash, {orders.describe_expired()}, {orders.cancelled} cancelled",
        fix="use market orders, prices the market reaches, and sizes the account can pay",
    )


def never_closed(case: Case) -> Finding | None:
    """Positions were opened and never closed."""
    if not case.evaluation.fills or case.closed:
        return None
    return Finding(
        code="never_closed",
        severity=3,
        message="A position was opened and never closed, so there is no finished trade to judge",
        sample=f"opened at bar {case.evaluation.fills[0].bar}, held to the end",
        fix="give the exit a condition that comes true, and close with self.close(): a bare self.sell() sells one unit only",
    )


def few_trades(case: Case) -> Finding | None:
    """Fewer closed trades than are needed for a score."""
    closed, needed = len(case.closed), case.context.minimum_trades
    if not 0 < closed < needed:
        return None
    return Finding(
        code="few_trades",
        severity=3,
        message=f"Only {closed} closed trades, and {needed} are needed for a score",
        sample=_rows_in_words(case),
        fix=_suggest_more_trades(case, needed),
    )


def margin_rejections(case: Case) -> Finding | None:
    """Orders the account could not pay for."""
    orders = case.evaluation.orders
    if not orders.margin_rejected or not case.evaluation.fills:
        return None
    share = orders.margin_rejected / (orders.margin_rejected + orders.filled)
    severity = 3 if share > 0.5 else 2 if share >= 0.05 else 1
    return Finding(
        code="margin_rejections",
        severity=severity,
        message=f"The account could not pay for {orders.margin_rejected} of {orders.margin_rejected + orders.filled} orders that came due",
        fix="keep 5 to 10 percent of the account in cash: commission and an opening gap need room",
    )


def orders_lapsed(case: Case) -> Finding | None:
    """Most orders expired; those that were cancelled are left out, for a trailing stop cancels itself on every bar."""
    orders = case.evaluation.orders
    kept = orders.placed - orders.cancelled
    expired = orders.expired - orders.missed_open
    if kept < 10 or expired / kept < 0.7 or not case.evaluation.fills:
        return None
    return Finding(
        code="orders_lapsed",
        severity=1,
        message=f"{expired} of {kept} orders expired before the price was reached",
        fix="move limit and stop prices closer to the market, or give them more time",
    )


def orders_left(case: Case) -> Finding | None:
    """Several orders were still waiting when the bars ended."""
    left = case.evaluation.orders.open_at_end
    if left < 5:
        return None
    return Finding(
        code="orders_left",
        severity=1,
        message="Orders were still waiting at the end: old ones are not cancelled",
        count=left,
        fix="cancel a waiting order before the next one is sent",
    )


def open_profit(case: Case) -> Finding | None:
    """Most of the profit belongs to a position that was not closed."""
    gain = case.metrics.final_value - case.plan.cash if case.metrics.profit is None else case.metrics.profit
    floating = sum(trade.profit for trade in case.evaluation.trades if trade.exit_bar is None)
    if not case.closed or gain <= 0 or floating <= 0.5 * gain:
        return None
    return Finding(
        code="open_profit",
        severity=1,
        message=f"{min(floating / gain, 1.0):.0%} of the profit is in a position that was still open at the end",
        fix="judge the closed trades; a target or a trailing stop would take such a profit",
    )


def low_exposure(case: Case) -> Finding | None:
    """Almost never invested."""
    if not case.evaluation.fills or case.metrics.exposure >= 0.05:
        return None
    return Finding(
        code="low_exposure",
        severity=2,
        message=f"Invested on {case.metrics.exposure:.1%} of the bars only",
        fix="enter more often or stay longer; as it is, cash decides the result",
    )


def always_invested(case: Case) -> Finding | None:
    """Practically always in the market."""
    if case.metrics.exposure <= 0.97 or len(case.bars) < 50:
        return None
    return Finding(
        code="always_invested",
        severity=1,
        message=f"Invested on {case.metrics.exposure:.0%} of the bars: the rules hardly ever say no",
        fix="add a condition for staying out",
    )


def late_start(case: Case) -> Finding | None:
    """The first trade came late."""
    fills, bars = case.evaluation.fills, len(case.bars)
    if not fills or bars < 100 or fills[0].bar / bars < 0.25:
        return None
    return Finding(
        code="late_start",
        severity=1,
        message=f"The first trade came after {fills[0].bar / bars:.0%} of the bars",
        sample=f"bar {fills[0].bar} of {bars}",
        fix=f"shorten the longest indicator, or loosen {_name_latest_row(case)}",
    )


def long_pause(case: Case) -> Finding | None:
    """No trade and no position for a long stretch."""
    flat = case.held_value == 0
    if len(case.evaluation.fills) < 4 or len(flat) < 200:
        return None
    steps = np.arange(1, len(flat) + 1)
    since = np.where(flat, steps - np.maximum.accumulate(np.where(flat, 0, steps)), 0)
    first = case.evaluation.fills[0].bar
    longest = int(since[first:].max())
    if longest / len(flat) < 1 / 3:
        return None
    return Finding(
        code="long_pause",
        severity=1,
        message=f"Nothing was held for {longest} bars in a row, {longest / len(flat):.0%} of the run: the rules fit one stretch only",
        fix="check which condition failed all that time",
    )


def talkative(case: Case) -> Finding | None:
    """The code prints until its output is cut."""
    if len(case.outcome.log.encode()) < 0.95 * case.plan.limits.log_bytes:
        return None
    return Finding(
        code="talkative", severity=1, message="The code prints more than is kept", fix="remove the prints: they slow the run down"
    )


def slow(case: Case) -> Finding | None:
    """The run came close to its time limit."""
    limit = case.plan.limits.compute_wall_seconds(len(case.bars))
    if case.outcome.wall_seconds < 0.6 * limit:
        return None
    return Finding(
        code="slow",
        severity=1,
        message=f"The run took {case.outcome.wall_seconds / limit:.0%} of the time it may take",
        fix="compute in indicators, not in loops inside next()",
    )


def _entry_funnels(case: Case) -> tuple[Funnel, ...]:
    workflow, signals = case.context.workflow, case.signals
    return compute_entry_funnels(workflow, signals, len(case.bars)) if workflow and signals else ()


def _rows_in_words(case: Case) -> str:
    """The funnels of the entries; of the specification's rows, where the code is another program."""
    found = "; ".join(str(each) for each in _entry_funnels(case))
    return f"the specification's rows with this code's numbers, {found}" if found and not case.context.is_workflow else found


def _suggest_loosening(case: Case, found: Sequence[Funnel]) -> str:
    """Name the row to loosen: the one without which most bars would pass, else the two."""
    rows = [each.blocking.row for each in found if each.blocking is not None]
    if rows:
        return f"loosen row {' and row '.join(dict.fromkeys(rows))}"
    workflow, signals = case.context.workflow, case.signals
    pair = find_blocking_pair(workflow, signals, len(case.bars)) if workflow and signals else None
    if pair:
        return f"no single row holds the entries back: loosen row {pair[0]} and row {pair[1]}, which are rarely true together"
    rarest = min((row for each in found for row in each.rows), key=lambda row: row.true, default=None)
    return f"loosen row {rarest.row}, which is true on the fewest bars" if rarest else "loosen the entry"


def _name_latest_row(case: Case) -> str:
    """The entry row that came true last for the first time, in words."""
    rows = {row.row for each in _entry_funnels(case) for row in each.rows}
    begins = {row: int(np.argmax(signal != 0)) for row, signal in (case.signals or {}).items() if row in rows and signal.any()}
    return f"row {max(begins, key=lambda row: begins[row])}, which comes true last" if begins else "the first condition"


def _suggest_entries(case: Case) -> str:
    """The remedy for code that sends no order."""
    found = _entry_funnels(case)
    if not found:
        return "loosen the entry condition that is true on the fewest bars"
    asked = sum(each.passed for each in found)
    if asked:
        own = "" if case.context.is_workflow else "a condition of the code's own, "
        return f"the rows ask for an entry on {asked} bars: look at what holds the order back, such as {own}a flag or a size of zero"
    return _suggest_loosening(case, found)


def _suggest_more_trades(case: Case, needed: int) -> str:
    """The remedy for too few trades: entries are rare, or positions last long, or orders do not come about."""
    found = _entry_funnels(case)
    asked, lasting = sum(each.passed for each in found), float(np.mean(case.holding))
    if not found:
        return "loosen the entry condition that is true on the fewest bars, or leave positions sooner"
    if asked < 3 * needed:
        return _suggest_loosening(case, found)
    if case.metrics.exposure >= 0.25:
        return (
            f"entries are asked for on {asked} bars, but a position lasts {lasting:.0f} bars: leave sooner, so that the next one is taken"
        )
    return f"entries are asked for on {asked} bars and few come about: look at prices not reached, pauses, and limits on trades"
