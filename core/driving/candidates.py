"""One loop: its candidates made side by side, each kept the moment it is ready, and what becomes of those that fail."""

from collections.abc import Callable, Collection, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed

from core.domain.errors import BudgetError, LeaseLostError, ProviderError, ProviderReason
from core.domain.iteration import Iteration, IterationDetail
from core.driving.candidate_pool import CandidatePool
from core.driving.finished import sum_up
from core.driving.iteration_step import make_iteration, record_missing_answer
from core.driving.propose import IterationSlot
from core.driving.run_context import RunContext

SaveIteration = Callable[[IterationDetail], object]
"""Stores a finished iteration."""


def complete_loop(context: RunContext, done: Sequence[Iteration], save: SaveIteration) -> BaseException | None:
    """Make the missing iterations of the current loop (the baseline is alone in loop 0); gives the error that ends the run, if any.

    Each candidate's number follows from its place, so that what was kept before a kill is not made again. Where only the reserves of
    the other candidates were in the way of a cap, candidates are made one after the other.
    """
    newest = done[-context.plan.candidates :]
    slots = find_open_slots(context.plan.candidates, {iteration.number for iteration in newest})
    before = sum_up(done).before(slots[0].loop)  # a loop cut short goes on as it would have
    candidate_pool = CandidatePool(done[len(before) :])
    failed: dict[IterationSlot, BaseException] = {}
    with ThreadPoolExecutor(len(slots), thread_name_prefix="candidate") as pool:
        jobs = {pool.submit(make_iteration, context, before, slot, candidate_pool): slot for slot in slots}
        for job in as_completed(jobs):
            if (error := job.exception()) is not None:
                failed[jobs[job]] = error
            elif (detail := job.result()) is not None:
                save(detail)
    if len(slots) > 1:
        _retry_sequentially(context, before, candidate_pool, failed, save)
    return _resolve_failures(context, before, failed, save, all_failed=len(failed) == context.plan.candidates or slots[0].loop == 0)


def _retry_sequentially(
    context: RunContext,
    before: Sequence[Iteration],
    candidate_pool: CandidatePool,
    failed: dict[IterationSlot, BaseException],
    save: SaveIteration,
) -> None:
    """Try again, one after the other, those candidates that a cap refused."""
    for slot in sorted((slot for slot, error in failed.items() if isinstance(error, BudgetError)), key=lambda slot: slot.number):
        if context.cancel.is_set():
            return
        try:
            detail = make_iteration(context, before, slot, candidate_pool)
        except BudgetError as error:
            failed[slot] = error
            return
        except ProviderError as error:
            failed[slot] = error
            continue
        del failed[slot]
        if detail is not None:
            save(detail)


def _resolve_failures(
    context: RunContext, before: Sequence[Iteration], failed: dict[IterationSlot, BaseException], save: SaveIteration, *, all_failed: bool
) -> BaseException | None:
    """The error that ends the run. An error of one answer is a failed iteration, and the run goes on."""
    graver = sorted(failed.items(), key=lambda item: (_rank(item[1]), item[0].number))
    if not graver:
        return None
    worst = graver[0][1]
    if _rank(worst) < _SINGLE_ANSWER_RANK or (all_failed and not _may_be_recorded(worst)):
        return worst
    for slot, error in graver:
        save(record_missing_answer(context, before, slot, error))
    return None


def _may_be_recorded(error: BaseException) -> bool:
    """True when a loop without any answer is one that failed, and the next one need not: there is nothing to wait for."""
    if not isinstance(error, ProviderError):
        return False
    return error.reason.concerns_one_answer or (error.reason.passes and bool(error.partial))


_SINGLE_ANSWER_RANK = 4
"""From this rank on an error concerns one answer only."""


def _rank(error: BaseException) -> int:
    """Order errors by how grave they are, 0 the most."""
    if isinstance(error, LeaseLostError):
        return 0
    if not isinstance(error, ProviderError):
        return 3 if isinstance(error, BudgetError) else 1
    if error.reason is ProviderReason.NOTHING_LEFT:
        return 2
    return 1 if error.reason.concerns_every_answer else _SINGLE_ANSWER_RANK


def find_open_slots(candidates: int, taken: Collection[int]) -> list[IterationSlot]:
    """Find the slots that finish the current loop; after a kill in mid-loop only the missing ones.

    >>> [(slot.number, slot.loop) for slot in find_open_slots(2, ())], [(slot.number, slot.loop) for slot in find_open_slots(2, {0, 1, 2})]
    ([(0, 0)], [(3, 2), (4, 2)])
    >>> [(slot.number, slot.candidate) for slot in find_open_slots(3, {0, 1, 2, 3, 5})]
    [(4, 0), (6, 2)]
    """
    if not taken:
        return [IterationSlot(number=0, loop=0, candidate=0)]
    last = (max(taken) + candidates - 1) // candidates
    return _missing_slots(candidates, last, taken) or _missing_slots(candidates, last + 1, taken)


def _missing_slots(candidates: int, loop: int, taken: Collection[int]) -> list[IterationSlot]:
    first = 1 + (loop - 1) * candidates
    slots = [IterationSlot(number=first + place, loop=loop, candidate=place) for place in range(candidates)]
    return [slot for slot in slots if loop > 0 and slot.number not in taken]
