"""Tests of choosing the best of many candidates: cross-validation over every split of time, and walk-forward windows."""

from collections.abc import Sequence
from itertools import combinations
from math import log, sqrt

import numpy as np

from core.domain.bars import FloatArray
from core.domain.value import Value

PARTS = 12
"""Parts that time is cut into: 924 splits, each half long enough for a year of trading days in a six-year run."""
SMALLEST_PART = 10
"""Periods; with fewer the ratio of a part is noise."""


class Overfitting(Value):
    """Result of cross-validating the habit of taking the best of these candidates."""

    probability: float
    """Share of splits in which the winner of one half lands in the lower half of the other (0.5: choosing is worthless)."""
    loss_probability: float
    """Share of splits in which the winner has a negative Sharpe ratio in the other half."""
    in_sample: float
    """Mean annualized Sharpe ratio of the winners where they won."""
    out_of_sample: float
    """Mean annualized Sharpe ratio of the same winners in the other half."""
    median_rank: float
    """Median place of the winner in the other half: 1 is best of all, 0 worst."""
    candidates: int
    splits: int


class Window(Value):
    """One step of a walk forward: bar indexes, `stop` excluded."""

    train_start: int
    train_stop: int
    test_start: int
    test_stop: int


def overfitting(returns: Sequence[FloatArray], *, periods_per_year: int, parts: int = PARTS) -> Overfitting | None:
    """Probability of backtest overfitting of a set of candidates; None under two candidates or too short a history.

    `returns` holds the period returns of each candidate, all over the same periods. Candidates that trade the same should
    be given once: copies of the winner would rank beside it. The returns are cut into `parts` consecutive parts (fewer for
    a short history, always even), and every choice of half of them is the training half once.
    Source: Bailey, Borwein, López de Prado and Zhu, The Probability of Backtest Overfitting (Journal of Computational
    Finance, 2017), combinatorially symmetric cross-validation with the Sharpe ratio.

    >>> draws = np.random.default_rng(1).normal(0.0, 0.01, (8, 600))
    >>> found = overfitting(list(draws), periods_per_year=252)
    >>> found.in_sample > 1.0 > found.out_of_sample
    True
    """
    if len(returns) < 2 or len({len(each) for each in returns}) != 1:
        return None
    matrix = np.column_stack(returns)
    parts = min(parts, len(matrix) // SMALLEST_PART) // 2 * 2
    if parts < 4:
        return None
    chosen = _halves(parts)
    inside, outside = (_sharpes(matrix, parts, picked) * sqrt(periods_per_year) for picked in (chosen, ~chosen))
    winners = np.argmax(inside, axis=1)
    rows = np.arange(len(winners))
    won, after = inside[rows, winners], outside[rows, winners]
    places = _places(outside, after)
    logits = np.array([log(place / (1.0 - place)) for place in places])
    return Overfitting(
        probability=float(np.mean(logits <= 0)),
        loss_probability=float(np.mean(after < 0)),
        in_sample=float(won.mean()),
        out_of_sample=float(after.mean()),
        median_rank=float(np.median(places)),
        candidates=matrix.shape[1],
        splits=len(winners),
    )


def walk_forward(bars: int, *, train: int, test: int, anchored: bool = False) -> tuple[Window, ...]:
    """Windows that cover the bars: train on one stretch, test on the next, move on by the length of the test.

    Tests do not overlap; `anchored` starts every training stretch at bar 0. A last test of less than half the length is
    left out. Empty when the bars do not hold one window.

    >>> [(each.train_start, each.test_start, each.test_stop) for each in walk_forward(100, train=50, test=20)]
    [(0, 50, 70), (20, 70, 90), (40, 90, 100)]
    """
    if train < 1 or test < 1:
        raise ValueError("a walk forward needs at least one bar to train on and one to test on")
    starts = range(train, bars - (test + 1) // 2 + 1, test)
    return tuple(
        Window(train_start=0 if anchored else start - train, train_stop=start, test_start=start, test_stop=min(start + test, bars))
        for start in starts
    )


def walk_forward_efficiency(trained: Sequence[float], tested: Sequence[float]) -> float | None:
    """Mean figure of the tests over the mean figure of the trainings they follow; None when training did not pay.

    Near 1 the training figures can be believed; near 0 they are fitted.
    Source: Pardo, The Evaluation and Optimization of Trading Strategies (2008), walk-forward efficiency.

    >>> walk_forward_efficiency([1.0, 2.0], [0.5, 1.0])
    0.5
    """
    if not trained or len(trained) != len(tested):
        return None
    base = float(np.mean(trained))
    return float(np.mean(tested)) / base if base > 0 else None


def _halves(parts: int) -> np.ndarray:
    picks = list(combinations(range(parts), parts // 2))
    chosen = np.zeros((len(picks), parts), dtype=bool)
    for number, pick in enumerate(picks):
        chosen[number, list(pick)] = True
    return chosen


def _sharpes(matrix: np.ndarray, parts: int, chosen: np.ndarray) -> FloatArray:
    """Sharpe ratio per period of every candidate on every choice of parts; shape (choices, candidates)."""
    pieces = np.array_split(matrix, parts)
    counts = np.array([len(piece) for piece in pieces], dtype=float)
    sums = np.array([piece.sum(axis=0) for piece in pieces])
    squares = np.array([(piece**2).sum(axis=0) for piece in pieces])
    number = (chosen @ counts)[:, None]
    mean = (chosen @ sums) / number
    variance = np.maximum((chosen @ squares) - number * mean**2, 0.0) / (number - 1.0)
    deviation = np.sqrt(variance)
    flat = deviation < 1e-12
    ratios: FloatArray = np.where(flat, 0.0, mean / np.where(flat, 1.0, deviation))
    return ratios


def _places(outside: FloatArray, after: FloatArray) -> FloatArray:
    """Place of the winner among all candidates in the other half, strictly between 0 (worst) and 1 (best); ties share theirs."""
    below = np.count_nonzero(outside < after[:, None], axis=1)
    equal = np.count_nonzero(outside == after[:, None], axis=1)
    places: FloatArray = (below + (equal + 1.0) / 2.0) / (outside.shape[1] + 1.0)
    return places
