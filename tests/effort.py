"""How long chance is tried: as a rule a part of what `make thorough` looks at, so that nobody waits for the rest each time."""

import os

THOROUGH = os.environ.get("STRATLOOP_THOROUGH") == "1"
"""Set by `make thorough`: more is looked at, and chance is drawn anew each time."""


def examples(thorough: int) -> int:
    """Examples of a test that draws them: all of `thorough` when asked for, a third of them otherwise.

    >>> examples(3) in (1, 3)
    True
    """
    return thorough if THOROUGH else max(1, thorough // 3)
