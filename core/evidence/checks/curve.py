"""Checks of the account's curve: how deep, how long, when, and how evenly the result came."""

from functools import lru_cache

import numpy as np

from core.domain.bars import Bars, BoolArray, FloatArray
from core.domain.finding import Finding
from core.evidence.check_case import Case
from core.evidence.timing import has_faded, sample_days

FEWEST_TRADES = 15
"""Closed trades from which the last third of them can be told from the rest."""
KEPT_MARKETS = 4
"""Bars whose volatile days are kept: they are the same for every program that is tried on them."""
WINDOW = 20
"""Periods over which the market's volatility is measured."""


def deep_drawdown(case: Case) -> Finding | None:
    """A fall that few people sit through."""
    depth = case.metrics.max_drawdown
    if depth > -0.35:
        return None
    return Finding(
        code="deep_drawdown",
        severity=3 if depth <= -0.6 else 2,
        message=f"The account fell {-depth:.0%} from its peak",
        sample=f"lowest at bar {int(np.argmin(case.evaluation.drawdown))}",
        fix="a stop on every position, smaller size when the market swings more, or a filter for falling markets",
    )


def long_drawdown(case: Case) -> Finding | None:
    """Most of the time below an earlier peak."""
    periods = case.metrics.periods
    share = case.metrics.max_drawdown_days / max(periods, 1)
    if not case.evaluation.fills or periods < 250 or share < 0.6 or case.metrics.max_drawdown > -0.05 or case.metrics.total_return <= 0:
        return None  # of a loss, another finding speaks
    return Finding(
        code="long_drawdown",
        severity=2,
        message=f"For {share:.0%} of the run without a break the account stood below an earlier peak",
        fix="find the market state in which nothing is earned, and stay out of it or trade it otherwise",
    )


def drawdowns_repeat(case: Case) -> Finding | None:
    """Deep falls come again and again."""
    depth = case.metrics.max_drawdown
    falls = _falls(case.evaluation.drawdown)
    similar = falls[falls <= 0.7 * depth]
    if depth > -0.1 or len(similar) < 3:
        return None
    return Finding(
        code="drawdowns_repeat",
        severity=2,
        message=f"{len(similar)} separate falls of {-0.7 * depth:.0%} or more",
        fix="find what these falls have in common (rising volatility, a gap, a trend against the position) and filter it",
    )


def loses_in_turbulence(case: Case) -> Finding | None:
    """Gains in quiet markets are lost in volatile ones."""
    gains = _by_volatility(case)
    if gains is None or not gains[1] < 0 < gains[0] or -gains[1] < 0.5 * gains[0]:
        return None
    return Finding(
        code="loses_in_turbulence",
        severity=2,
        message=f"In the most volatile third of the market the strategy loses {describe_share(-gains[1], gains[0])} it earns in the rest",
        fix="trade smaller or not at all when volatility (ATR against its average) is high",
    )


def needs_turbulence(case: Case) -> Finding | None:
    """All gains come from volatile markets."""
    gains = _by_volatility(case)
    if gains is None or not gains[0] < 0 < gains[1] or -gains[0] < 0.5 * gains[1]:
        return None
    return Finding(
        code="needs_turbulence",
        severity=2,
        message=f"In the quieter two thirds of the market the strategy loses {describe_share(-gains[0], gains[1])} it earns in the rest",
        fix="enter only when volatility (ATR against its average) is high enough for the move that is wanted",
    )


def fades(case: Case) -> Finding | None:
    """The edge ended: the last third of the days, or of the trades, shows none of what the rest does."""
    timing = case.timing
    moves = np.array([trade.move for trade in case.closed])
    by_trade = has_faded(moves, fewest=FEWEST_TRADES)
    if not by_trade and not timing.faded:
        return None
    cut = len(moves) - len(moves) // 3
    told = f"trades moved {moves[:cut].mean():.1%} on average before, {moves[cut:].mean():.1%} then" if by_trade else ""
    return Finding(
        code="fades",
        severity=2,
        message="The edge ended: in the last third of the run the rules earn nothing beyond holding, and clearly less than before",
        sample=told,
        fix="prefer rules that adapt (ATR, percentiles) to fixed numbers",
    )


def one_year_carries(case: Case) -> Finding | None:
    """One year earned everything."""
    length = case.periods_per_year
    ends = case.sample(case.evaluation.equity)[length - 1 :: length]
    gains = np.diff(np.concatenate(([case.plan.cash], ends)))
    if len(gains) < 3 or gains.sum() <= 0 or gains.sum() - gains.max() > 0.15 * gains.sum():
        return None
    return Finding(
        code="one_year_carries",
        severity=2,
        message=f"Without its best year of {len(gains)} the strategy would have lost"
        if gains.max() > gains.sum()
        else f"One year of {len(gains)} earned {gains.max() / gains.sum():.0%} of the profit",
        sample=f"year {int(np.argmax(gains)) + 1} of the run",
        fix="a rule that works in one year may be luck: look for a change that helps the other years",
    )


def describe_share(lost: float, earned: float) -> str:
    """Describe a loss as a share of a gain, ready for "... it earns".

    >>> describe_share(30.0, 40.0), describe_share(90.0, 40.0)
    ('75% of what', 'more than')
    """
    return "more than" if lost > earned else f"{lost / earned:.0%} of what"


def _falls(drawdown: FloatArray) -> FloatArray:
    """Depth of each separate fall from a peak."""
    below = drawdown < 0
    starts = np.flatnonzero(below & ~np.concatenate(([False], below[:-1])))
    if not len(starts):
        return np.empty(0)
    depths: FloatArray = np.minimum.reduceat(drawdown, starts)
    return depths


def _by_volatility(case: Case) -> tuple[float, float] | None:
    """Sum of returns in the calm two thirds and the volatile third; the market's volatility is known the evening before."""
    if len(case.closed) < 8 or np.any(case.evaluation.equity <= 0):
        return None
    wild = _find_wild_days(case.bars)
    if wild is None:
        return None
    earned = case.returns(case.evaluation)[WINDOW:]
    return float(earned[~wild].sum()), float(earned[wild].sum())


@lru_cache(maxsize=KEPT_MARKETS)
def _find_wild_days(bars: Bars) -> BoolArray | None:
    """Find the volatile third of the market's days, those after the first window; None where there are too few of them."""
    prices = sample_days(bars.close, bars)
    if len(prices) < 6 * WINDOW:
        return None
    moves = np.concatenate(([0.0], np.diff(np.log(prices))))
    volatility = np.lib.stride_tricks.sliding_window_view(moves, WINDOW)[:-1].std(axis=1)
    wild: BoolArray = volatility > np.quantile(volatility, 2 / 3)
    return wild
