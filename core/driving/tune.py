"""Structure by the model, numbers by the optimizer: a version with other numbers, without a paid call."""

from collections.abc import Callable, Mapping, Sequence

from core.domain.iteration import Iteration
from core.domain.workflow import Parameter
from core.driving.archive import hash_structure
from core.driving.local_step import Trial, find_local_step
from core.prompts import read_parameters, set_parameters

Tune = Callable[[Sequence[Parameter], Sequence[Trial], int, int], Mapping[str, float] | None]
"""Gives the next numbers to try, from what may vary, what was tried, a seed and a loop; None when nothing is left."""

RATIO = 3.0
"""Range of a number that the workflow does not know: from a third to three times."""


def tune_nothing(_: Sequence[Parameter], __: Sequence[Trial], ___: int, ____: int) -> None:
    """Stand in where no optimizer is there."""
    return


def find_free_numbers(code: str, known: Sequence[Parameter], constants: frozenset[str]) -> tuple[Parameter, ...]:
    """Find the numbers of a program that may vary: with the workflow's own range where it names them so, else around their value."""
    ranges = {parameter.name: parameter for parameter in known}
    found = []
    for name, value in read_parameters(code).items():
        if name in constants or value <= 0:
            continue
        whole = float(value).is_integer()
        low, high = value / RATIO, value * RATIO
        own = ranges.get(name)
        if own is not None:
            found.append(own.changed(default=min(max(value, own.low), own.high)))
        elif not whole or value > 1:
            low, high = (max(1.0, round(low)), float(round(high))) if whole else (low, high)
            found.append(Parameter(name=name, row="", default=value, low=low, high=high, integer=whole))
    return tuple(found)


def tune_numbers(
    base: Iteration, done: Sequence[Iteration], known: Sequence[Parameter], constants: frozenset[str], tune: Tune, *, seed: int, loop: int
) -> tuple[str, str] | None:
    """Tune a version: its program with other numbers, and the change in words; None when there is nothing to tune or nothing left.

    Its neighbors are tried first, one number at a time; `tune` goes on when all of them are known.
    """
    free = find_free_numbers(base.code, known, constants)
    if not free:
        return None
    structure = hash_structure(base.code)
    trials = [(read_parameters(one.code), one.score) for one in done if one.code and hash_structure(one.code) == structure]
    present = read_parameters(base.code)
    values = find_local_step(present, free, trials, seed=seed) or tune(free, trials, seed, loop)
    if values is None:
        return None
    code = set_parameters(base.code, {name: value for name, value in values.items() if present.get(name) != value})
    changes = [f"{name} {present[name]:g} to {value:g}" for name, value in values.items() if present.get(name) not in (None, value)]
    return (code, ", ".join(changes)) if changes and code != base.code else None
