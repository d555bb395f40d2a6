"""Worth of picking the best of many tries: every try resampled together, the pick repeated in each resample.

A resample is a series of blocks of days, drawn with replacement, the same ones for all tries. How often each day occurs in it is all
that is needed: means and squares of all tries are then products of matrices, and ratios follow.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from math import expm1, sqrt

import numpy as np
from numpy.typing import NDArray

from core.domain.bars import FloatArray
from core.domain.decision import Action, Decision, PairComparison, Selection, SelectionGap, Worth
from core.domain.metrics import Metrics
from core.domain.run import Objective
from core.domain.timing import compute_power, compute_tail
from core.evidence.formula import evaluate_formula_on, find_formula_figures

RESAMPLES = 500
RESAMPLES_AT_ONCE = 100
"""Resamples held in memory together."""
FEWEST_DAYS = 30
SMALLEST_ERROR = 0.02
"""Floor of the standard error of a gain in a ratio: near-copies of the workflow would otherwise look sure."""
SMALLEST_SHARE = 0.05
"""The same for a formula, as a share of the middle error of a score."""
HALF_BELOW = 0.25
WINNER_BELOW = 0.05
"""Thresholds of the decision score; chosen by the true gain over simulated loops, not as probabilities."""
ALIKE_ABOVE = 0.1
"""Probability from which a try cannot be told from the winner."""
PATH_FIGURES = frozenset({"calmar", "max_drawdown", "max_drawdown_days"})
"""Figures that depend on the order of the returns."""
RESAMPLED_FIGURES = frozenset({"sharpe", "sortino", "total_return", "final_value", "cagr", "volatility"})
"""Figures that are worked out anew in each resample."""
COUNTED_FIGURES = frozenset({"exposure", "trades", "turnover", "costs", "bars", "periods", "years"})
"""Figures of what was done, which are taken as they are: luck has no part in them."""
WIDTH = 2.24
"""Deviations to both sides of the range: those of 97.5%, since a bootstrap of a few years of blocks is a little too narrow for 95%."""
RATIO_GAIN, PERCENT_GAIN = 1.0, 0.2
"""True gains whose chance to be recognized is told."""
DETECTED_AT = 2.49
"""Standard errors of a gain that a one-sided test at 5% recognizes in 8 of 10 cases."""
SMALLEST_DIFFERENCE = 1e-9
"""Standard error under which two curves are the same."""

Mask = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Try:
    """One scored try: its number, its returns per day (or week), shape (days,), and its figures."""

    number: int
    returns: FloatArray
    metrics: Metrics
    scored: bool = True
    """False for an iteration 0 without a score: it is compared with, never picked."""


@dataclass(frozen=True, slots=True)
class Resampled:
    """Scores of every try: on the whole history, shape (n,), in each resample, and on the days it left out, both (resamples, n)."""

    whole: FloatArray
    inside: FloatArray
    outside: FloatArray


def is_path_dependent(objective: Objective, formula: str = "") -> bool:
    """True when the objective depends on the order of the returns.

    >>> is_path_dependent(Objective.CALMAR), is_path_dependent(Objective.FORMULA, "sharpe - trades / 100")
    (True, False)
    """
    return objective is Objective.CALMAR or (objective is Objective.FORMULA and not PATH_FIGURES.isdisjoint(find_formula_figures(formula)))


def find_objective_gap(objective: Objective, formula: str = "") -> SelectionGap | None:
    """Find why an objective has no test; None where it has one.

    >>> find_objective_gap(Objective.FORMULA, "sharpe - trades / 100") is None
    True
    >>> find_objective_gap(Objective.FORMULA, "profit_factor").value, find_objective_gap(Objective.CALMAR).value
    ('not_resampled', 'path_dependent')
    """
    if is_path_dependent(objective, formula):
        return SelectionGap.PATH_DEPENDENT
    figures = find_formula_figures(formula) if objective is Objective.FORMULA else RESAMPLED_FIGURES
    tested = figures <= RESAMPLED_FIGURES | COUNTED_FIGURES and not figures.isdisjoint(RESAMPLED_FIGURES)
    return None if tested else SelectionGap.NOT_RESAMPLED


def judge_selection(
    tries: Sequence[Try], winner: int | None, *, objective: Objective, formula: str = "", periods_per_year: int, seed: int
) -> Selection:
    """Judge the selection of `winner`, the number of the best try; `tries` holds every try once, and iteration 0 whatever its score.

    Sources: Politis and Romano, The Stationary Bootstrap (1994); Romano and Wolf, Stepwise Multiple Testing as Formalized Data Snooping
    (2005), first step; Tsamardinos and others, Bootstrapping the out-of-sample predictions (2018), for the worth.
    """
    gap = _find_gap(tries, winner, objective, formula)
    if winner is None or gap is not None:
        keep = Decision(action=Action.KEEP, p_step=1.0, recommended=(0,)) if gap is SelectionGap.ONE_TRY and winner == 0 else None
        return Selection(gap=gap, winner=winner, decision=keep)
    numbers = [one.number for one in tries]
    best, base = numbers.index(winner), numbers.index(0)
    found = resample_scores(tries, objective=objective, formula=formula, periods_per_year=periods_per_year, seed=seed)
    eligible = np.array([one.scored for one in tries])
    score = _compute_decision_score(found, base, eligible, in_ratios=objective is not Objective.FORMULA)
    p_step = score if best != base else 1.0
    return Selection(
        winner=winner,
        worth=_compute_worth(found, best, base, eligible, log=objective is Objective.TOTAL_RETURN),
        decision=decide(p_step, winner),
        alike=_count_alike(found, best, eligible),
        unscored_base=not tries[base].scored,
    )


def decide(p_step: float, winner: int) -> Decision:
    """Decide by the decision score.

    >>> decide(0.2, 7).recommended, decide(0.01, 7).action.value, decide(0.6, 7).recommended
    ((0, 7), 'winner', (0,))
    """
    if winner == 0 or p_step >= HALF_BELOW:
        return Decision(action=Action.KEEP, p_step=p_step, recommended=(0,))
    if p_step >= WINNER_BELOW:
        return Decision(action=Action.HALF, p_step=p_step, recommended=(0, winner))
    return Decision(action=Action.WINNER, p_step=p_step, recommended=(winner,))


def resample_scores(tries: Sequence[Try], *, objective: Objective, formula: str = "", periods_per_year: int, seed: int) -> Resampled:
    """Resample the scores of every try. Total returns are logarithms, so that they add up."""
    returns = np.maximum(np.column_stack([one.returns for one in tries]), -0.999999)
    count = len(returns)
    scores = _Scores(returns, objective, formula, [one.metrics for one in tries], periods_per_year)
    inside, outside = [], []
    for weights in draw_counts(count, block=choose_block(count), seed=seed):
        left_out = (weights == 0).astype(np.float64)
        inside.append(scores.compute(weights, np.full((len(weights), 1), float(count))))
        outside.append(scores.compute(left_out, np.maximum(left_out.sum(axis=1, keepdims=True), 1.0)))
    whole = scores.compute(np.ones((1, count)), np.full((1, 1), float(count)))[0]
    return Resampled(whole, np.concatenate(inside), np.concatenate(outside))


def compare_pair(
    pair: Sequence[Try], *, objective: Objective, formula: str = "", periods_per_year: int, seed: int
) -> PairComparison | None:
    """Compare the second of a pair with the first, on days that neither was selected by; None where there is no test.

    The gain whose power is told is 1 for ratios and formulas, and 20% for total returns.
    """
    if len(pair[0].returns) < FEWEST_DAYS or find_objective_gap(objective, formula) is not None:
        return None
    found = resample_scores(pair, objective=objective, formula=formula, periods_per_year=periods_per_year, seed=seed)
    scores, drawn = found.whole, found.inside
    if objective is Objective.TOTAL_RETURN:
        scores, drawn = np.expm1(scores), np.expm1(drawn)
    error = float((drawn[:, 1] - drawn[:, 0]).std())
    if error < SMALLEST_DIFFERENCE:
        return None
    gain = PERCENT_GAIN if objective is Objective.TOTAL_RETURN else RATIO_GAIN
    return PairComparison(
        difference=float(scores[1] - scores[0]),
        se=error,
        power=compute_power(gain, error),
        gain=gain,
        detectable=DETECTED_AT * error,
    )


def choose_block(count: int) -> int:
    """Choose the mean length of a block: 25 days of 1,400, so that what lasts for weeks stays together.

    >>> choose_block(1_400), choose_block(60)
    (25, 9)
    """
    length: float = 2.2 * count ** (1 / 3)
    return max(2, round(length))


def draw_counts(count: int, *, block: int, seed: int, resamples: int = RESAMPLES) -> Iterator[FloatArray]:
    """Draw how often each of `count` days occurs in each resample, in pieces of shape (some, count)."""
    generator = np.random.default_rng(seed)
    for done in range(0, resamples, RESAMPLES_AT_ONCE):
        paths = min(RESAMPLES_AT_ONCE, resamples - done)
        yield _draw_counts_at_once(count, paths, block, generator)


def _draw_counts_at_once(count: int, paths: int, block: int, generator: np.random.Generator) -> FloatArray:
    """Count the days of `paths` resamples, shape (paths, count): blocks of geometric length, wrapped round.

    A block adds one from its first day to its last, so that where blocks begin and end is all that is counted.
    """
    starts, fresh = _draw_blocks(count, paths, block, generator)
    path, place = np.nonzero(fresh)
    lengths = np.diff(path * count + place, append=paths * count)
    first = starts[path, place]
    end = first + lengths
    wrapped = end > count
    width = count + 1
    rows = path * width
    begun = np.concatenate((rows + first, rows[wrapped]))
    ended = np.concatenate((rows + np.where(wrapped, count, end), rows[wrapped] + end[wrapped] - count))
    cells = paths * width
    changes = np.bincount(begun, minlength=cells) - np.bincount(ended, minlength=cells)
    counts: FloatArray = np.cumsum(changes.reshape(paths, width)[:, :count], axis=1).astype(np.float64)
    return counts


def _draw_blocks(count: int, paths: int, block: int, generator: np.random.Generator) -> tuple[NDArray[np.int64], Mask]:
    """Draw the day on which a block would begin, and whether one begins, for each place of each path; both of shape (paths, count)."""
    starts = generator.integers(0, count, size=(paths, count))
    fresh = generator.random((paths, count)) < 1.0 / block
    fresh[:, 0] = True
    return starts, fresh


class _Scores:
    """Scores of all tries for weights on the days."""

    def __init__(self, returns: FloatArray, objective: Objective, formula: str, figures: Sequence[Metrics], periods_per_year: int) -> None:
        self._returns = returns
        self._squares = returns**2
        self._losses = np.minimum(returns, 0.0) ** 2 if objective in (Objective.SORTINO, Objective.FORMULA) else None
        self._growth = np.log1p(returns) if objective in (Objective.TOTAL_RETURN, Objective.FORMULA) else None
        self._objective, self._formula, self._figures = objective, formula, figures
        self._starts = np.array([one.final_value / (1.0 + one.total_return) if one.total_return > -1.0 else 0.0 for one in figures])
        self._periods = periods_per_year

    def compute(self, weights: FloatArray, number: FloatArray) -> FloatArray:
        """Scores of shape (resamples, tries); `number` is the sum of each row of weights, shape (resamples, 1)."""
        compute: Callable[[FloatArray, FloatArray], FloatArray] = {
            Objective.SHARPE: self._sharpe,
            Objective.SORTINO: self._sortino,
            Objective.TOTAL_RETURN: self._log_return,
        }.get(self._objective, self._formula_value)
        return compute(weights, number)

    def _sharpe(self, weights: FloatArray, number: FloatArray) -> FloatArray:
        mean, deviation = self._moments(weights, number)
        ratio: FloatArray = mean / deviation * sqrt(self._periods)
        return ratio

    def _sortino(self, weights: FloatArray, number: FloatArray) -> FloatArray:
        assert self._losses is not None
        downside = np.sqrt(np.maximum(weights @ self._losses / number, 1e-16))
        ratio: FloatArray = weights @ self._returns / number / downside * sqrt(self._periods)
        return ratio

    def _log_return(self, weights: FloatArray, number: FloatArray) -> FloatArray:
        assert self._growth is not None
        growth: FloatArray = weights @ self._growth / number * len(self._returns)
        return growth

    def _moments(self, weights: FloatArray, number: FloatArray) -> tuple[FloatArray, FloatArray]:
        mean = weights @ self._returns / number
        return mean, np.sqrt(np.maximum(weights @ self._squares / number - mean**2, 1e-16))

    def _formula_value(self, weights: FloatArray, number: FloatArray) -> FloatArray:
        _, deviation = self._moments(weights, number)
        growth = self._log_return(weights, number)
        counted = {
            "sharpe": self._sharpe(weights, number),
            "sortino": self._sortino(weights, number),
            "total_return": np.expm1(growth),
            "final_value": np.exp(growth) * self._starts,
            "cagr": np.expm1(growth / len(self._returns) * self._periods),
            "volatility": deviation * sqrt(self._periods),
        }
        return evaluate_formula_on(self._formula, counted, self._figures)


def _find_gap(tries: Sequence[Try], winner: int | None, objective: Objective, formula: str) -> SelectionGap | None:
    if winner is None or len({len(one.returns) for one in tries}) > 1 or winner not in [one.number for one in tries]:
        return SelectionGap.UNREADABLE
    if len(tries) < 2:
        return SelectionGap.ONE_TRY
    if all(one.number for one in tries):
        return SelectionGap.NO_BASELINE
    if (untested := find_objective_gap(objective, formula)) is not None:
        return untested
    return SelectionGap.TOO_SHORT if len(tries[0].returns) < FEWEST_DAYS else None


def _compute_decision_score(found: Resampled, base: int, eligible: Mask, *, in_ratios: bool) -> float:
    """Score of the largest gain over iteration 0 among all tries, in its own standard errors, corrected for all of them."""
    gains, drawn = found.whole - found.whole[base], found.inside - found.inside[:, [base]]
    floor = SMALLEST_ERROR if in_ratios else SMALLEST_SHARE * float(np.median(found.inside.std(axis=0)))
    errors = np.maximum(drawn.std(axis=0), max(floor, 1e-12))
    others = eligible & (np.arange(len(gains)) != base)
    if not others.any() or drawn[:, others].std(axis=0).max() < SMALLEST_DIFFERENCE:
        return 1.0
    largest = float((gains / errors)[others].max())
    by_chance = ((drawn - gains) / errors)[:, others].max(axis=1)
    return float((1 + np.count_nonzero(by_chance >= largest)) / (len(by_chance) + 1))


def _compute_worth(found: Resampled, best: int, base: int, eligible: Mask, *, log: bool) -> Worth:
    picks = np.where(eligible, found.inside, -np.inf).argmax(axis=1)
    rows = np.arange(len(picks))
    value, plain = float(found.outside[rows, picks].mean()), float(found.outside[:, base].mean())
    width = WIDTH * float(found.inside[:, best].std())
    ends = (value, value - width, value + width, plain)
    value, low, high, plain = (expm1(each) for each in ends) if log else ends
    return Worth(value=value, low=low, high=high, expected_gain=value - plain)


def _count_alike(found: Resampled, best: int, eligible: Mask) -> int:
    """Tries whose distance to the winner is within what chance allows."""
    behind = found.whole[best] - found.whole
    errors = np.maximum((found.inside[:, [best]] - found.inside).std(axis=0), 1e-12)
    others = eligible & (np.arange(len(behind)) != best)
    return len([z for z in (behind / errors)[others] if compute_tail(float(z)) > ALIKE_ABOVE])
