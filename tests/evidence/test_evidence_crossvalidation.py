"""Choosing the best: worthless among the skill-less, worth it when one of them has skill."""

from itertools import combinations
from math import sqrt

import numpy as np
import pytest

from core.evidence.crossvalidation import overfitting, walk_forward, walk_forward_efficiency


def draws(seed: int, candidates: int = 20, periods: int = 756) -> list[np.ndarray]:
    return list(np.random.default_rng(seed).normal(0.0, 0.01, (candidates, periods)))


def test_choosing_among_the_skill_less_is_a_coin_flip():
    found = [overfitting(draws(seed), periods_per_year=252) for seed in range(25)]
    assert np.mean([each.probability for each in found]) == pytest.approx(0.5, abs=0.12)
    assert np.mean([each.in_sample for each in found]) > 1.0
    assert np.mean([each.out_of_sample for each in found]) == pytest.approx(0.0, abs=0.35)


def test_a_candidate_with_skill_is_found_again_in_the_other_half():
    skilled = draws(1)
    skilled[7] = skilled[7] + 0.003
    found = overfitting(skilled, periods_per_year=252)
    assert found.probability < 0.05
    assert found.median_rank > 0.9
    assert found.loss_probability < 0.05


def test_the_fast_sums_equal_the_definition_split_by_split():
    returns = draws(4, candidates=5, periods=120)
    found = overfitting(returns, periods_per_year=252, parts=4)
    pieces, matrix = np.array_split(np.arange(120), 4), np.column_stack(returns)
    below, losses = [], []
    for pick in combinations(range(4), 2):
        inside = np.concatenate([pieces[at] for at in pick])
        outside = np.concatenate([pieces[at] for at in range(4) if at not in pick])
        ratio = [matrix[part].mean(axis=0) / matrix[part].std(axis=0, ddof=1) for part in (inside, outside)]
        winner = int(np.argmax(ratio[0]))
        below.append((np.sum(ratio[1] < ratio[1][winner]) + 1) / 6 <= 0.5)
        losses.append(ratio[1][winner] * sqrt(252))
    assert found.splits == 6
    assert found.probability == pytest.approx(np.mean(below))
    assert found.out_of_sample == pytest.approx(np.mean(losses))


def test_all_splits_are_counted_once():
    assert overfitting(draws(2), periods_per_year=252).splits == 924


@pytest.mark.parametrize("returns", [[], draws(1, candidates=1), [np.zeros(100), np.zeros(90)], draws(1, periods=39)])
def test_there_is_no_verdict_without_candidates_or_history(returns):
    assert overfitting(returns, periods_per_year=252) is None


def test_candidates_that_never_trade_do_not_break_it():
    found = overfitting([np.zeros(300), np.zeros(300), draws(1)[0][:300]], periods_per_year=252)
    assert 0.0 <= found.probability <= 1.0


def test_windows_cover_the_bars_without_overlap_of_the_tests():
    windows = walk_forward(1_000, train=300, test=100)
    assert [each.test_start for each in windows] == list(range(300, 1_000, 100))
    assert all(each.train_stop == each.test_start and each.train_stop - each.train_start == 300 for each in windows)
    assert windows[-1].test_stop == 1_000


def test_anchored_windows_all_start_at_the_first_bar():
    assert {each.train_start for each in walk_forward(1_000, train=300, test=100, anchored=True)} == {0}


def test_a_rest_of_less_than_half_a_test_is_left_out():
    assert walk_forward(349, train=200, test=100)[-1].test_stop == 300
    assert walk_forward(350, train=200, test=100)[-1].test_stop == 350
    assert walk_forward(100, train=200, test=100) == ()


def test_a_walk_needs_bars_to_train_and_to_test():
    with pytest.raises(ValueError, match="at least one bar"):
        walk_forward(100, train=0, test=10)


def test_efficiency_needs_a_training_that_paid():
    assert walk_forward_efficiency([1.0, 1.0], [0.8, 0.6]) == pytest.approx(0.7)
    assert walk_forward_efficiency([-1.0], [1.0]) is None
    assert walk_forward_efficiency([], []) is None
