"""Lines of feeds and indicators under their names in the object itself: Backtrader looks for them anew each time, through two layers.

Imports Backtrader.
"""

from functools import cache
from typing import Any

from backtrader.lineseries import LineSeries


def name_lines(strategy: Any) -> None:
    """Put the lines of all that a strategy holds where Python finds them at once; a name that stands for anything else stays as it is.

    What is read is the same object. For a strategy whose `__init__` is over: from then on no line is put in another one's place.
    """
    for held in (strategy.data, *vars(strategy).values()):
        if isinstance(held, LineSeries) and held is not strategy:
            own, lines = held.__dict__, held.lines.lines
            kind: Any = type(held)
            for place, name in _list_free_names(kind):
                own.setdefault(name, lines[place])


@cache
def _list_free_names(kind: Any) -> tuple[tuple[int, str], ...]:
    """Place and name of each line of a class whose name is nothing else of it."""
    return tuple((place, name) for place, name in enumerate(kind.lines._getlines()) if not any(name in vars(base) for base in kind.__mro__))
