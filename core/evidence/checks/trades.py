"""Checks of the closed trades: who carries the profit, how losses come, and what exits leave behind."""

import numpy as np

from core.domain.backtest import Trade
from core.domain.finding import Finding
from core.domain.metrics import select_closed_profits
from core.evidence.check_case import Case
from core.evidence.checks.curve import describe_share

RECOVERY_BARS = 10
"""Bars after an exit in which a price that comes back counts against a stop."""


def few_carry_profit(case: Case) -> Finding | None:
    """Without its best three trades the strategy would have lost."""
    profits = np.sort(select_closed_profits(case.closed))[::-1]
    if len(profits) < 20 or profits.sum() <= 0 or profits[3:].sum() > 0.1 * profits.sum():
        return None
    share = profits[:3].sum() / profits.sum()
    return Finding(
        code="few_carry_profit",
        severity=2,
        message=f"Without its best 3 of {len(profits)} trades the strategy would have lost"
        if share > 1
        else f"The best 3 of {len(profits)} trades earn {share:.0%} of the profit",
        fix="look for a change that helps the other trades; three trades may be luck",
    )


def losing_streak(case: Case) -> Finding | None:
    """More losses in a row than the win rate makes likely."""
    profits = select_closed_profits(case.closed)
    if len(profits) < 12:
        return None
    longest = current = 0
    for profit in profits:
        current = current + 1 if profit <= 0 else 0
        longest = max(longest, current)
    losing = float(np.mean(profits <= 0))
    likely = np.log(len(profits)) / -np.log(losing) if 0 < losing < 1 else len(profits)
    if longest < max(5.0, 1.7 * likely):
        return None
    return Finding(
        code="losing_streak",
        severity=2,
        message=f"{longest} losing trades in a row, when chance would give about {likely:.0f}: losses come together",
        fix="pause after a loss, or leave out the market state they come from",
    )


def small_winners(case: Case) -> Finding | None:
    """Losses are much larger than gains."""
    profits = select_closed_profits(case.closed)
    won, lost = profits[profits > 0], profits[profits < 0]
    if len(profits) < 8 or not len(won) or not len(lost) or -lost.mean() < 1.8 * won.mean():
        return None
    return Finding(
        code="small_winners",
        severity=1 if _earns(case) else 2,
        message=f"The mean loss is {-lost.mean() / won.mean():.1f} times the mean gain",
        fix="cut losses sooner or let gains run: a tighter stop, a wider target, a trailing stop",
    )


def few_winners(case: Case) -> Finding | None:
    """Hardly any trade wins, and the gains do not make up for it."""
    profits = select_closed_profits(case.closed)
    if len(profits) < 8 or np.mean(profits > 0) >= 0.35 or profits.sum() > 0:
        return None
    return Finding(
        code="few_winners",
        severity=2,
        message=f"Only {np.mean(profits > 0):.0%} of the trades win, and the wins do not pay for the losses",
        fix="ask for a confirmation before entering, or enter only in the market state in which they win",
    )


def losers_held_longer(case: Case) -> Finding | None:
    """Losing trades last much longer than winning ones."""
    profits, bars = select_closed_profits(case.closed), case.holding
    if np.count_nonzero(profits > 0) < 4 or np.count_nonzero(profits < 0) < 4:
        return None
    won, lost = float(np.median(bars[profits > 0])), float(np.median(bars[profits < 0]))
    if lost < 1.7 * max(won, 1.0):
        return None
    return Finding(
        code="losers_held_longer",
        severity=1 if _earns(case) else 2,
        message=f"Losing trades last {lost:.0f} bars, winning ones {won:.0f}",
        fix="add a time stop, or a stop loss nearer to the entry",
    )


def hasty_exits(case: Case) -> Finding | None:
    """Most trades end on the bar after they began."""
    bars = case.holding
    if len(bars) < 8 or np.mean(bars <= 1) < 0.6:
        return None
    return Finding(
        code="hasty_exits",
        severity=1,
        message=f"{np.count_nonzero(bars <= 1)} of {len(bars)} trades last one bar or less",
        fix="make entry and exit conditions exclude each other, or hold for a minimum time",
    )


def gains_given_back(case: Case) -> Finding | None:
    """Trades were well ahead and kept little of it."""
    best = np.array([case.favorable_excursion(trade) for trade in case.closed])
    kept = np.array([trade.move for trade in case.closed])
    ahead = best > 0.02
    if np.count_nonzero(ahead) < 8:
        return None
    share = float(kept[ahead].sum() / best[ahead].sum())
    if share >= 0.2:
        return None
    return Finding(
        code="gains_given_back",
        severity=1 if _earns(case) else 2,
        message=f"{np.count_nonzero(ahead)} trades were ahead by 2% or more at some time, and kept "
        f"{f'{share:.0%}' if share > 0 else 'nothing'} of their best gains together",
        fix="a trailing stop, a target, or an exit that reacts sooner",
    )


def stops_too_tight(case: Case) -> Finding | None:
    """After a losing exit the price came back beyond the entry."""
    lost = [trade for trade in case.closed if trade.profit < 0 and (trade.exit_bar or 0) + RECOVERY_BARS < len(case.bars)]
    back = [trade for trade in lost if _comes_back(case, trade)]
    if len(lost) < 8 or len(back) / len(lost) < 0.8:
        return None
    return Finding(
        code="stops_too_tight",
        severity=2,
        message=f"After {len(back)} of {len(lost)} losing exits the price was back beyond the entry within {RECOVERY_BARS} bars",
        fix="place the stop further away, measured in ATR, and trade smaller instead",
    )


def one_side_loses(case: Case) -> Finding | None:
    """Longs earn and shorts lose, or the other way round."""
    sums = {sign: [trade.profit for trade in case.closed if trade.size * sign > 0] for sign in (1, -1)}
    if min(len(profits) for profits in sums.values()) < 5:
        return None
    totals = {sign: sum(profits) for sign, profits in sums.items()}
    bad = min(totals, key=lambda sign: totals[sign])
    if not totals[bad] < 0 < totals[-bad] or -totals[bad] < 0.3 * totals[-bad]:
        return None
    name = "long" if bad > 0 else "short"
    return Finding(
        code="one_side_loses",
        severity=2,
        message=f"The {len(sums[bad])} {name} trades lose {describe_share(-totals[bad], totals[-bad])} the other side earns",
        fix=f"make the {name} entries stricter, or leave that side out if the specification allows",
    )


def _earns(case: Case) -> bool:
    """True when the trades win clearly more than they lose: then their shape is a matter of style."""
    profits = select_closed_profits(case.closed)
    return bool(profits[profits > 0].sum() >= 1.3 * -profits[profits < 0].sum())


def _comes_back(case: Case, trade: Trade) -> bool:
    later = slice((trade.exit_bar or 0) + 1, (trade.exit_bar or 0) + 1 + RECOVERY_BARS)
    bars = case.bars.find_instrument(trade.instrument)
    if trade.size > 0:
        return bool(bars.high[later].max() > trade.entry_price)
    return bool(bars.low[later].min() < trade.entry_price)
