"""Mutated files against a plain reading by pandas: no traceback, no date, close or volume that changes without a word."""

import pytest
from mutated_files import find_silent_change

from tests.effort import examples


@pytest.mark.slow
@pytest.mark.parametrize("part", range(4))
def test_nothing_changes_silently_in_mutated_files(part: int) -> None:
    wrong = [text for seed in range(part * 75, part * 75 + examples(75)) if (text := find_silent_change(seed))]

    assert wrong == []
