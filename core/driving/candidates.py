"""One loop: its candidates made side by side, each kept the moment it is ready, and what becomes of those that fail."""

from collections.abc import Callable, Collection, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed

from core.domain.errors import BudgetError, LeaseLostError, ProviderError
from core.domain.iteration import Iteration, IterationDetail
from core.driving.course import Course
from core.driving.generate import Turn
from core.driving.programs import Siblings
from core.driving.stop import OUT_OF_IDEAS
from core.driving.turn import take_turn, turn_without_answer

_OF_THE_ACCOUNT = frozenset(
    {
        "AuthenticationError",
        "PermissionDeniedError",
        "PaymentRequiredError",
        "NotFoundError",
        "LiteLLMUnknownProvider",
        "ModelNotMappedError",
        "BudgetExceededError",
    }
)
"""Errors of the key, the account or the model: the next answer would fail the same way."""

Keep = Callable[[IterationDetail], object]
"""Stores a finished iteration."""


def make_loop(course: Course, done: Sequence[Iteration], keep: Keep) -> BaseException | None:
    """Make what is missing of the current loop; the baseline is alone in loop 0. Gives the error with which the run has to end, if any.

    Each candidate's number follows from its place, so that what was kept before a kill is not made again. Where only the reserves of
    siblings were in the way of a cap, candidates are made one after the other.
    """
    turns = next_turns(course.plan.candidates, {iteration.number for iteration in done})
    before = [iteration for iteration in done if iteration.loop < turns[0].loop]  # a loop cut short goes on as it would have
    siblings = Siblings([iteration for iteration in done if iteration.loop == turns[0].loop])
    failed: dict[Turn, BaseException] = {}
    with ThreadPoolExecutor(len(turns), thread_name_prefix="candidate") as pool:
        jobs = {pool.submit(take_turn, course, before, turn, siblings): turn for turn in turns}
        for job in as_completed(jobs):
            if (error := job.exception()) is not None:
                failed[jobs[job]] = error
            elif (detail := job.result()) is not None:
                keep(detail)
    if len(turns) > 1:
        _one_by_one(course, before, siblings, failed, keep)
    return _weighed(course, before, failed, keep, all_failed=len(failed) == course.plan.candidates or turns[0].loop == 0)


def _one_by_one(course: Course, before: Sequence[Iteration], siblings: Siblings, failed: dict[Turn, BaseException], keep: Keep) -> None:
    """Try again, without siblings, those candidates that a cap refused."""
    for turn in sorted((turn for turn, error in failed.items() if isinstance(error, BudgetError)), key=lambda turn: turn.number):
        if course.cancel.is_set():
            return
        try:
            detail = take_turn(course, before, turn, siblings)
        except BudgetError as error:
            failed[turn] = error
            return
        except ProviderError as error:
            failed[turn] = error
            continue
        del failed[turn]
        if detail is not None:
            keep(detail)


def _weighed(
    course: Course, before: Sequence[Iteration], failed: dict[Turn, BaseException], keep: Keep, *, all_failed: bool
) -> BaseException | None:
    """The error that ends the run. An error of one answer among others is a failed iteration, and the run goes on."""
    graver = sorted(failed.items(), key=lambda item: (_rank(item[1]), item[0].number))
    if not graver:
        return None
    worst = graver[0][1]
    if all_failed or _rank(worst) < _PASSING:
        return worst
    for turn, error in graver:
        keep(turn_without_answer(course, before, turn, error))
    return None


_PASSING = 4
"""From this rank on an error concerns one answer only."""


def _rank(error: BaseException) -> int:
    """How grave an error is, 0 the most."""
    if isinstance(error, LeaseLostError):
        return 0
    if not isinstance(error, ProviderError):
        return 3 if isinstance(error, BudgetError) else 1
    if error.name in OUT_OF_IDEAS:
        return 2
    return 1 if error.name in _OF_THE_ACCOUNT else _PASSING


def next_turns(candidates: int, taken: Collection[int]) -> list[Turn]:
    """The turns that finish the current loop; after a kill in mid-loop only the missing ones.

    >>> [(turn.number, turn.loop) for turn in next_turns(2, ())], [(turn.number, turn.loop) for turn in next_turns(2, {0, 1, 2})]
    ([(0, 0)], [(3, 2), (4, 2)])
    >>> [(turn.number, turn.candidate) for turn in next_turns(3, {0, 1, 2, 3, 5})]
    [(4, 0), (6, 2)]
    """
    if not taken:
        return [Turn(number=0, loop=0, candidate=0)]
    last = (max(taken) + candidates - 1) // candidates
    return _missing(candidates, last, taken) or _missing(candidates, last + 1, taken)


def _missing(candidates: int, loop: int, taken: Collection[int]) -> list[Turn]:
    first = 1 + (loop - 1) * candidates
    turns = [Turn(number=first + place, loop=loop, candidate=place) for place in range(candidates)]
    return [turn for turn in turns if loop > 0 and turn.number not in taken]
