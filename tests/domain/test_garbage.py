"""Whoever asks for fewer looks for garbage leaves the process as it was, however many ask at once."""

import gc

from core.domain.garbage import collect_rarely


def test_thresholds_are_the_usual_ones_again_once_the_last_is_done() -> None:
    usual = gc.get_threshold()
    one, other = collect_rarely(), collect_rarely()

    with one:
        rare = gc.get_threshold()
        other.__enter__()
    assert rare[0] > usual[0]
    assert gc.get_threshold() == rare

    other.__exit__(None, None, None)
    assert gc.get_threshold() == usual
