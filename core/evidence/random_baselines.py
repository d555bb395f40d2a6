"""Results of the same trading without the rule: entries at random bars, and the strategy on shuffled prices.

Everything random is seeded: the same call gives the same answer.
"""

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from core.domain.backtest import BacktestPlan
from core.domain.bars import Bars, FloatArray
from core.domain.iteration import Evaluation
from core.domain.metrics import find_trading_days
from core.domain.random_entries import RandomEntries
from core.domain.trading_costs import compute_cost_share

MINIMUM_TRADES = 5
TRADES_AT_ONCE = 200_000
"""Random trades held in memory together."""
_SHAPE = ("open", "high", "low", "close")


def simulate_random_entries(
    evaluation: Evaluation, bars: Bars, plan: BacktestPlan, *, seed: int, draws: int = 1_000
) -> RandomEntries | None:
    """Simulate entries at random bars, to see if the timing earns anything; None under five closed trades.

    Each draw places the strategy's own holding times, in random order and with random gaps, without overlap, on the same
    bars: entered and left at the open, at the plan's commission and slippage. What a rising market gives to everybody is
    therefore in both sides. Of several instruments the first one's trades are judged.
    Source: Aronson, Evidence-Based Technical Analysis (2006), chapter 6, Monte Carlo permutation.
    """
    trades = [trade for trade in evaluation.trades if trade.exit_bar is not None and not trade.instrument]
    lengths = np.array([max((trade.exit_bar or 0) - trade.entry_bar, 1) for trade in trades], dtype=np.int64)
    if len(trades) < MINIMUM_TRADES or int(lengths.sum()) + 2 > len(bars):
        return None
    sides = np.array([1.0 if trade.size > 0 else -1.0 for trade in trades])
    earned = float(np.mean([trade.profit / (abs(trade.size) * trade.entry_price) for trade in trades]))
    size = float(np.median([abs(trade.size) for trade in trades]))
    generator = np.random.default_rng(seed)
    chunk = max(1, TRADES_AT_ONCE // len(trades))
    means = np.concatenate(
        [_random_means(bars, plan, lengths, sides, size, min(chunk, draws - done), generator) for done in range(0, draws, chunk)]
    )
    return RandomEntries(
        earned=earned,
        random_mean=float(means.mean()),
        random_high=float(np.quantile(means, 0.95)),
        probability=float((1 + np.count_nonzero(means >= earned)) / (draws + 1)),
        draws=draws,
    )


def shuffle_bars(bars: Bars, *, seed: int, block: int = 20) -> Bars:
    """Shuffle the bars, as a placebo: blocks of `block` bars (whole days for intraday bars) change places.

    Each bar keeps its shape relative to the close before it, and its volume; times stay. First and last close are the
    same as before, and so are all returns, their distribution, and what neighbors inside a block have to do with each
    other; what is gone is everything that lasts longer than a block. Intraday days of an unusual length keep their place.
    Further instruments change places together with the first, so what they have to do with each other on a day stays.
    """
    if len(bars) < 3:
        return bars
    order = _day_order(bars, seed) if bars.timeframe.intraday else _block_order(len(bars), block, seed)
    return replace(_reorder(bars, order), others=tuple(_reorder(other, order) for other in bars.others))


def _reorder(bars: Bars, order: NDArray[np.int64]) -> Bars:
    """One instrument's bars in another order, each in its shape relative to the close before it."""
    before = np.concatenate((bars.open[:1], bars.close[:-1]))
    steps = np.log(bars.close / before)[order]
    close = bars.open[0] * np.exp(np.cumsum(steps))
    base = np.concatenate((bars.open[:1], close[:-1]))
    columns = {name: base * (getattr(bars, name) / before)[order] for name in _SHAPE[:3]}
    high, low = np.maximum(columns["high"], close), np.minimum(columns["low"], close)
    present = None if bars.present is None else bars.present[order]
    columns |= {"high": high, "low": low, "close": close, "volume": bars.volume[order]}
    return replace(bars, **columns, present=present, source="placebo", _hash=[])


def placebo_rank(real: float, placebos: list[float]) -> float:
    """Share of placebo scores that are below the real one, the real one counted: 1 is better than all, small is nothing found.

    >>> placebo_rank(1.2, [0.1, 0.4, 1.5, -0.3])
    0.8
    """
    return (1 + sum(score < real for score in placebos)) / (len(placebos) + 1)


def _random_means(
    bars: Bars, plan: BacktestPlan, lengths: NDArray[np.int64], sides: FloatArray, size: float, draws: int, generator: np.random.Generator
) -> FloatArray:
    count, free = len(lengths), len(bars) - 2 - int(lengths.sum())
    order = generator.permuted(np.tile(np.arange(count), (draws, 1)), axis=1)
    held = lengths[order]
    gaps = np.sort(generator.integers(0, free + 1, size=(draws, count)), axis=1)
    entries = 1 + gaps + np.cumsum(held, axis=1) - held
    prices = bars.open
    moves = sides[order] * (prices[entries + held] / prices[entries] - 1.0)
    paid = compute_cost_share(plan, prices, size)
    spent = paid[entries] + paid[entries + held] * prices[entries + held] / prices[entries]
    means: FloatArray = np.mean(moves - spent, axis=1)
    return means


def _block_order(count: int, block: int, seed: int) -> NDArray[np.int64]:
    generator = np.random.default_rng(seed)
    pieces = [np.arange(start, min(start + block, count)) for start in range(0, count, max(block, 1))]
    order: NDArray[np.int64] = np.concatenate([pieces[at] for at in generator.permutation(len(pieces))])
    return order


def _day_order(bars: Bars, seed: int) -> NDArray[np.int64]:
    generator = np.random.default_rng(seed)
    instrument = bars.instrument
    days = find_trading_days(bars.time, periods_per_year=instrument.days_per_year, day_roll=instrument.day_roll)
    starts = np.flatnonzero(np.concatenate(([True], days[1:] != days[:-1])))
    lengths = np.diff(np.append(starts, len(bars)))
    usual = np.flatnonzero(lengths == np.bincount(lengths).argmax())
    source = np.arange(len(starts))
    source[usual] = generator.permutation(usual)
    order: NDArray[np.int64] = np.concatenate([np.arange(starts[at], starts[at] + lengths[at]) for at in source])
    return order
