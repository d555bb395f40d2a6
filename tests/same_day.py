"""Days that do not end in the middle of a test: for what is counted by the day."""

import time

DAY = 86_400.0
LONGEST_TEST = 120.0
"""Seconds."""


def wait_for_day_that_lasts() -> None:
    """Wait for the next day of UTC where this one is about to end."""
    left = DAY - time.time() % DAY
    if left < LONGEST_TEST:
        time.sleep(left + 0.1)
