"""Chooses the next parameter values from the scores so far: a Tree-structured Parzen Estimator (Optuna), without state of its own.

Everything follows from the arguments, so a replay gives the same values. Writing the answer is `builtin`'s business.
"""

import math
import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from copy import copy
from datetime import datetime
from functools import cache
from typing import Any

import numpy as np

from core.domain.value import Value
from core.domain.workflow import Parameter

Values = dict[str, float]

STARTUP_TRIALS = 4
"""Tries drawn at random before the estimator has something to learn from."""
DRAWS = 200
"""Draws that may be infeasible or tried already before giving up."""
_NO_MOMENT = datetime(2000, 1, 1)
"""Moment of all tries: when they were made changes nothing."""
LOG_RATIO = 10.0
"""A range that spans more than this is searched by ratio: from 5 to 10 is as far as from 50 to 100."""


class ParameterTrial(Value):
    """Values that were evaluated, and their score."""

    values: dict[str, float]
    score: float | None
    """None when the strategy failed or traded too little."""


def propose_values(
    parameters: Sequence[Parameter],
    history: Sequence[ParameterTrial],
    *,
    seed: int,
    loop: int,
    feasible: Callable[[Values], bool],
) -> Values | None:
    """Values worth trying next, none of which was tried before; None when nothing feasible is left to find.

    `feasible` says whether a workflow can be written with the values (a fast average must be shorter than a slow one).
    """
    taken = {_key(parameters, entry.values) for entry in history}
    for values in _draws(parameters, history, seed=seed, loop=loop):
        key = _key(parameters, values)
        if key not in taken and feasible(values):
            return values
        taken.add(key)
    return None


def defaults(parameters: Sequence[Parameter]) -> Values:
    """The analyst's own values."""
    return {parameter.name: _tidy(parameter, parameter.default) for parameter in parameters}


def load_optuna() -> Any:
    """The optimization library, loaded late and kept quiet."""
    import optuna as library

    library.logging.set_verbosity(library.logging.WARNING)
    warnings.filterwarnings("ignore", category=library.exceptions.ExperimentalWarning)
    return library


def _draws(parameters: Sequence[Parameter], history: Sequence[ParameterTrial], *, seed: int, loop: int) -> Iterator[Values]:
    search = load_optuna()
    mixed = int(np.random.SeedSequence([seed % 2**32, loop % 2**32, len(history)]).generate_state(1)[0])
    sampler = search.samplers.TPESampler(seed=mixed, n_startup_trials=STARTUP_TRIALS, multivariate=True)
    study = search.create_study(direction="maximize", sampler=sampler)
    distributions = {parameter.name: _distribution(search, parameter) for parameter in parameters}
    for entry in history:
        study.add_trial(_trial(search, parameters, distributions, entry))
    for _ in range(DRAWS):
        trial = study.ask(distributions)
        yield {parameter.name: _tidy(parameter, trial.params[parameter.name]) for parameter in parameters}
        study.tell(trial, state=search.trial.TrialState.PRUNED)


def _trial(search: Any, parameters: Sequence[Parameter], distributions: Mapping[str, Any], entry: ParameterTrial) -> Any:
    """A finished try; one without a score counts as worse than all others."""
    known = {parameter.name: _tidy(parameter, entry.values.get(parameter.name, parameter.default)) for parameter in parameters}
    state = search.trial.TrialState.PRUNED if entry.score is None else search.trial.TrialState.COMPLETE
    return _find_trial_kind()(
        number=-1,
        trial_id=-1,
        state=state,
        value=entry.score,
        datetime_start=_NO_MOMENT,
        datetime_complete=_NO_MOMENT,
        params=known,
        distributions=dict(distributions),
        user_attrs={},
        system_attrs={},
        intermediate_values={},
    )


@cache
def _find_trial_kind() -> Any:
    """The library's finished try, whose copy shares what it holds: nobody changes one, and the library copies each that it is given."""

    class KnownTrial(load_optuna().trial.FrozenTrial):  # type: ignore[misc]
        def __deepcopy__(self, _: object) -> "KnownTrial":
            return copy(self)

    return KnownTrial


def _distribution(search: Any, parameter: Parameter) -> Any:
    log = parameter.low > 0 and parameter.high / parameter.low > LOG_RATIO
    if parameter.integer:
        return search.distributions.IntDistribution(math.ceil(parameter.low), math.floor(parameter.high), log=log)
    return search.distributions.FloatDistribution(parameter.low, parameter.high, log=log)


def _tidy(parameter: Parameter, value: float) -> float:
    """Within the range, whole where it must be, and otherwise with three digits, so that code stays readable."""
    if parameter.integer:
        return min(max(round(value), math.ceil(parameter.low)), math.floor(parameter.high))
    return min(max(float(f"{value:.3g}"), parameter.low), parameter.high)


def _key(parameters: Sequence[Parameter], values: Mapping[str, float]) -> tuple[float, ...]:
    return tuple(_tidy(parameter, values.get(parameter.name, parameter.default)) for parameter in parameters)
