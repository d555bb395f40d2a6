"""Descriptions of a winner from what is there already: walk-forward windows over the tries, and where orders begin to be themselves."""

from collections.abc import Mapping, Sequence
from math import sqrt

import numpy as np

from core.domain.backtest import Fill
from core.domain.bars import FloatArray
from core.domain.study import IndicatorWarmUp, SensitivityMap, SensitivityPoint, WalkForward, WalkForwardStep, WarmUp
from core.evidence.crossvalidation import walk_forward, walk_forward_efficiency
from core.evidence.robustness import sensitivity
from core.evidence.selection import Try

PLATEAU = 2 / 3
"""Share of the winner's score that its neighbors keep on average on a plateau."""
FEWEST_WINDOW_DAYS = 20
UNSETTLED = 0.8
"""Part of the bars after which what still differs is called different for good."""
SETTLED_WITHIN = 0.001
"""Part of an indicator's value within which it is called the same; near zero, a tenth of its middle value counts."""


def walk_tries(tries: Sequence[Try], *, periods_per_year: int) -> WalkForward | None:
    """Walk the pick forward over the tries: the best of one half of the days on the next tenth, beside iteration 0.

    None under two tries, and where a tenth of the days is under 20.
    """
    picked = [one for one in tries if one.scored]
    base = next((one for one in tries if one.number == 0), None)
    count = len(tries[0].returns) if tries else 0
    if base is None or len(picked) < 2 or count // 10 < FEWEST_WINDOW_DAYS:
        return None
    steps = []
    for window in walk_forward(count, train=count // 2, test=count // 10):
        train, test = slice(window.train_start, window.train_stop), slice(window.test_start, window.test_stop)
        best = max(picked, key=lambda one: _ratio(one.returns[train], periods_per_year))
        steps.append(
            WalkForwardStep(
                picked=best.number,
                trained=_ratio(best.returns[train], periods_per_year),
                tested=_ratio(best.returns[test], periods_per_year),
                baseline=_ratio(base.returns[test], periods_per_year),
            )
        )
    return WalkForward(
        steps=tuple(steps), efficiency=walk_forward_efficiency([one.trained for one in steps], [one.tested for one in steps])
    )


def map_sensitivity(chosen: float, points: Sequence[SensitivityPoint]) -> SensitivityMap:
    """Map the scores around a winner: plateau or cliff."""
    found = sensitivity(chosen, [(point.parameter, point.score) for point in points])
    plateau = found.kept is not None and found.kept >= PLATEAU
    return SensitivityMap(chosen=chosen, points=tuple(points), kept=found.kept, fragile=found.fragile, plateau=plateau)


def compare_histories(
    whole: Sequence[Fill], later: Sequence[Fill], *, start: int, bars: int, indicators: Sequence[IndicatorWarmUp] = ()
) -> WarmUp:
    """Compare orders with those of the same code whose history began at bar `start`: until when they differ, and what it had.

    A fill counts as the same on the same bar and side; its size depends on the account. `later` counts bars from its own first one.
    With `indicators`, the slowest of those that settle says how much history is needed; orders differ for longer than that where one
    history holds a position in between and the other does not.
    """
    had = whole[0].bar if whole else bars
    sides = [
        {(fill.bar, fill.size > 0, fill.instrument) for fill in whole if fill.bar >= start},
        {(fill.bar + start, fill.size > 0, fill.instrument) for fill in later},
    ]
    different = [bar for bar, _, _ in sides[0] ^ sides[1]]
    orders = max(different) - start + 1 if different else 0
    settled = orders < UNSETTLED * (bars - start)
    known = [one.needed for one in indicators if one.needed is not None]
    needed = max(known) if known else orders
    return WarmUp(
        needed=needed if settled else None,
        had=had,
        enough=settled and needed <= had,
        orders=orders if settled else None,
        indicators=tuple(indicators),
    )


def settle_indicators(
    whole: Mapping[str, FloatArray], later: Mapping[str, FloatArray], *, start: int, bars: int
) -> tuple[IndicatorWarmUp, ...]:
    """Find until when each indicator differs from what it shows with a longer history; names are those of its lines, `name/number`.

    Values are per bar, NaN where there is none; `later` begins at bar `start`.
    """
    needed: dict[str, list[int]] = {}
    for line in whole.keys() & later.keys():
        longer, shorter = whole[line][start:], later[line]
        usual = float(np.nanmedian(np.abs(longer))) if np.isfinite(longer).any() else 0.0
        apart = np.abs(longer - shorter) > SETTLED_WITHIN * np.maximum(np.abs(longer), usual / 10)
        apart |= np.isnan(longer) != np.isnan(shorter)
        different = np.flatnonzero(apart)
        needed.setdefault(line.partition("/")[0], []).append(int(different[-1]) + 1 if len(different) else 0)
    most = UNSETTLED * (bars - start)
    return tuple(IndicatorWarmUp(name=name, needed=max(found) if max(found) < most else None) for name, found in sorted(needed.items()))


def _ratio(returns: FloatArray, periods_per_year: int) -> float:
    deviation = float(np.std(returns))
    return float(np.mean(returns)) / deviation * sqrt(periods_per_year) if deviation > 1e-12 else 0.0
