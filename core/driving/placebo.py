"""The placebo loop: the whole loop again on bars that were shuffled day by day, where there is nothing to find."""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass, replace

from core.domain.bars import Bars
from core.domain.bars_request import BarsRequest
from core.domain.iteration import Iteration
from core.domain.run import Run, RunKind
from core.domain.study import Placebo, PlaceboKind
from core.driving.drive import drive
from core.driving.fan_out import EvaluationTask
from core.driving.memory_history import MemoryHistory
from core.driving.ports import Cancel
from core.driving.run_context import Ports
from core.driving.sweep import sweep
from core.evidence import rate, shuffle_bars

SEED_STEP = 104_729
"""Distance between the seeds of two rounds."""


@dataclass(frozen=True, slots=True)
class _OneMarket:
    """Always the same bars."""

    shuffled: Bars

    def bars(self, request: BarsRequest) -> Bars:
        """The shuffled bars, whatever is asked."""
        return self.shuffled


def run_placebo(
    run: Run,
    iterations: Sequence[Iteration],
    training: Bars,
    ports: Ports,
    *,
    rounds: int,
    cancel: Cancel,
    report: Callable[[int], object] = lambda done: None,
) -> Placebo | None:
    """Run the placebo `rounds` times, on all cores; None when it was stopped before the last one, or nothing has a score.

    Authors that cost nothing and answer at once make the whole loop again; for others the same candidates are scored again. Source:
    Masters, Permutation and Randomization Tests for Trading System Development (2020), permutation with re-training.
    """
    scored = [one for one in iterations if one.score is not None]
    real = max((one.score for one in scored if one.score is not None), default=None)
    if real is None or rounds < 1:
        return None
    free = not run.plan.model.is_language_model and run.plan.escalation is None
    kind = PlaceboKind.LOOP if free else PlaceboKind.CANDIDATES

    def shuffle(number: int) -> Bars:
        return shuffle_bars(training, seed=run.plan.seed + SEED_STEP * (number + 1), block=1)

    def replay(number: int) -> float | None:
        return _replay_loop(run, iterations, shuffle(number), ports, number, cancel)

    scores: list[float] = []
    bests = _run_rounds(replay, rounds, ports) if free else _score_again(run, scored, shuffle, rounds, ports, cancel)
    for done, best in enumerate(bests, 1):
        scores += [] if best is None else [best]
        if not cancel.is_set():
            report(done)
    if cancel.is_set():
        return None
    better = sum(each >= real for each in scores)
    return Placebo(kind=kind, rounds=rounds, better=better, p=(1 + better) / (rounds + 1), scores=tuple(sorted(scores)), real=real)


def _run_rounds(replay: Callable[[int], float | None], rounds: int, ports: Ports) -> Iterator[float | None]:
    with ThreadPoolExecutor(max(1, min(rounds, ports.evaluations.width)), thread_name_prefix="placebo") as pool:
        for job in as_completed([pool.submit(replay, number) for number in range(rounds)]):
            yield job.result()


def _replay_loop(run: Run, iterations: Sequence[Iteration], shuffled: Bars, ports: Ports, number: int, cancel: Cancel) -> float | None:
    if cancel.is_set():
        return None
    history = MemoryHistory(run.id)
    loops = max((one.loop for one in iterations), default=0)
    seed = (run.plan.seed + SEED_STEP * (number + 1)) % 2**32
    plan = run.plan.changed(hold_out=0.0, loops=loops, seed=seed, patience=None, target=None, wall_seconds=None)
    made, own = history.create_run(plan, kind=run.kind), replace(ports, market=_OneMarket(shuffled), history=history)
    if run.kind is RunKind.SWEEP:
        sweep(made.id, own, cancel=cancel)
    else:
        drive(made.id, own, cancel=cancel)
    return max((one.score for one in history.list_iterations(made.id) if one.score is not None), default=None)


def _score_again(
    run: Run, scored: Sequence[Iteration], shuffle: Callable[[int], Bars], rounds: int, ports: Ports, cancel: Cancel
) -> Iterator[float | None]:
    """The best score of each round's candidates, as the rounds end; a program that the platform could not run says nothing."""
    plan = run.plan

    def list_tasks() -> Iterator[EvaluationTask]:
        for number in range(rounds):
            shuffled = shuffle(number)
            yield from (EvaluationTask(one.code, plan.backtest, shuffled, curves=False) for one in scored)

    bests: dict[int, float | None] = {}
    left = Counter({number: len(scored) for number in range(rounds)})
    for place, made in ports.evaluations.run_all(list_tasks(), cancel=cancel):
        number, found = place // len(scored), made.evaluation
        points = None if found is None else rate(found, plan)
        best = bests.get(number)
        bests[number] = points if best is None or (points is not None and points > best) else best
        left[number] -= 1
        if left[number] == 0:
            yield bests.pop(number)
