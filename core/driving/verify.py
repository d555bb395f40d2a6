"""A closer look at a run's winner, the cheapest study first: each result is kept with the run as soon as it is there."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from core import language
from core.domain.bars import Bars
from core.domain.errors import InputError
from core.domain.events import EventKind, StudyEvent, select_bodies
from core.domain.iteration import Iteration, IterationDetail
from core.domain.run import Run
from core.domain.study import IndicatorWarmUp, RowShare, SensitivityPoint, Studies, WarmUp
from core.domain.workflow import Parameter
from core.driving.confirm_winner import load_rankable_iterations
from core.driving.describe_run import describe_run, trace_conformity
from core.driving.evaluate import evaluate_code
from core.driving.placebo import run_placebo
from core.driving.ports import Cancel, History
from core.driving.run_code import run_code
from core.driving.run_context import Ports, compute_signals, find_changed_parameters
from core.driving.side_by_side import run_side_by_side
from core.driving.warm_up_probe import add_probe, read_probe
from core.driving.what_paid import find_what_paid
from core.evidence import (
    compare_histories,
    compute_conformity,
    map_sensitivity,
    neighbors,
    rate,
    settle_indicators,
)
from core.prompts import read_parameters, set_parameters

MOST_PARAMETERS = 12
"""Numbers of a winner that are moved; a model may write any number of them."""


@dataclass(frozen=True, slots=True)
class LookProgress:
    """Step of a closer look, and the part of it that is done."""

    step: str
    done: int = 0
    total: int = 0


Report = Callable[[LookProgress], object]
"""Told as each step begins and as it goes on."""


def verify(run: Run, training: Bars, ports: Ports, *, rounds: int, cancel: Cancel, report: Report = lambda progress: None) -> Studies:
    """Look closer at a run's winner; `rounds` is how often the placebo runs, 0 for not at all. What was made before a stop is kept,
    and what is kept is not made again.

    Raises InputError when nothing has a score.
    """
    history = ports.history
    if run.best is None:
        raise InputError(f"Run {run.id} has no scored iteration to look at.")
    iterations, winner = load_rankable_iterations(history, run.id), history.read_detail(run.id, run.best)
    looked = _Look(run, iterations, winner, training, ports, cancel, report)
    found = read_studies(history, run)
    for made in looked.make(rounds, found):
        history.add_event(run.id, StudyEvent(iterations=len(iterations), studies=made))
        found = found.merge(made)
    return found


def read_studies(history: History, run: Run) -> Studies:
    """Read the studies that were kept of a run; those of fewer iterations than there are now are out of date."""
    found = Studies()
    for said in select_bodies(history.list_events(run.id, kind=EventKind.STUDY), StudyEvent):
        found = found.merge(said.studies) if said.iterations >= run.iterations else found
    return found


@dataclass(frozen=True, slots=True)
class _Look:
    run: Run
    iterations: Sequence[Iteration]
    winner: IterationDetail
    training: Bars
    ports: Ports
    cancel: Cancel
    report: Report

    def make(self, rounds: int, known: Studies) -> Iterator[Studies]:
        """The studies that are not known yet, one by one, until somebody stops it."""
        described = known.walk_forward is not None or known.conformity is not None
        placebo = known.placebo is not None and known.placebo.rounds >= rounds
        steps: list[tuple[str, bool, Callable[[], Studies | None]]] = [
            ("windows and agreement", described, self._describe),
            ("agreement row by row", known.conformity is not None and bool(known.conformity.rows), self._rows),
            ("warm-up", known.warm_up is not None, self._warm_up),
            ("neighbors of the winner", known.sensitivity is not None, self._sensitivity),
            ("what paid", known.what_paid is not None, self._what_paid),
            ("placebo", placebo or not rounds, lambda: self._placebo(rounds)),
        ]
        for name, made_already, make in steps:
            if self.cancel.is_set():
                return
            if made_already:
                continue
            self.report(LookProgress(name))
            made = make()
            if made is not None and not self.cancel.is_set():
                yield made

    def _describe(self) -> Studies:
        return describe_run(self.run, self.iterations, self.training, self.ports.history)

    def _score(self, code: str) -> float | None:
        plan = self.run.plan
        found = evaluate_code(code, plan.backtest, self.training, sandbox=self.ports.sandbox, cancel=self.cancel).evaluation
        return None if found is None else rate(found, plan)

    def _rows(self) -> Studies | None:
        if self.training.members:  # each instrument has rows of its own: their shares stand with its results
            return None
        drift = trace_conformity(self.run, self.iterations)
        numbers = find_changed_parameters(self.run.plan, self.winner.iteration.code)
        signals = compute_signals(self.run.plan, self.training, self.ports.sandbox, self.cancel, numbers)
        found = compute_conformity(self.run.plan.workflow, signals, self.winner.fills, self.training) if signals else None
        if found is None or drift is None:
            return None
        rows = tuple(RowShare(row=row.row, share=row.share) for row in found.rows if row.share is not None)
        return Studies(conformity=drift.changed(rows=rows))

    def _warm_up(self) -> Studies | None:
        """The winner again with a third of the history cut off."""
        start = len(self.training) // 3
        later = self.training.slice(start, len(self.training))
        code, plan = self.winner.iteration.code, self.run.plan.backtest
        outcome = run_code(self.ports.sandbox, code, plan, later, cancel=self.cancel)
        if not outcome.ok:
            return Studies(warm_up=WarmUp(needed=None, had=self.winner.fills[0].bar if self.winner.fills else 0, enough=False))
        count, shown = len(self.training), self._settle(later, start)
        return Studies(warm_up=compare_histories(self.winner.fills, outcome.fills, start=start, bars=count, indicators=shown))

    def _settle(self, later: Bars, start: int) -> tuple[IndicatorWarmUp, ...]:
        """The winner's indicators with the whole history and with the shorter one; none where they cannot be read."""
        probe = add_probe(self.winner.iteration.code)
        if probe is None or later.members:
            return ()
        told = [
            read_probe(self.ports.sandbox.run(probe, self.run.plan.backtest, bars, cancel=self.cancel, signals=True).signals)
            for bars in (self.training, later)
        ]
        return settle_indicators(told[0], told[1], start=start, bars=len(self.training))

    def _sensitivity(self) -> Studies | None:
        code, chosen = self.winner.iteration.code, self.winner.iteration.score
        values = read_parameters(code)
        known = {parameter.name: parameter for parameter in language.parameters(self.run.plan.workflow)}
        moved = [known.get(name) or _guess_range(name, value) for name, value in list(values.items())[:MOST_PARAMETERS] if value]
        points = neighbors(values, moved)
        if chosen is None or not points:
            return None
        scores = run_side_by_side(
            lambda point: self._score(set_parameters(code, {point[0]: point[1][point[0]]})),
            points,
            cancel=self.cancel,
            report=lambda done: self.report(LookProgress("neighbors of the winner", done, len(points))),
            workers=self.ports.evaluations.width,
        )
        if scores is None:
            return None
        pairs = zip(points, scores, strict=True)
        found = [SensitivityPoint(parameter=name, value=near[name], score=reached) for (name, near), reached in pairs]
        return Studies(sensitivity=map_sensitivity(chosen, found))

    def _what_paid(self) -> Studies | None:
        def report(done: int, total: int) -> None:
            self.report(LookProgress("what paid", done, total))

        workers = self.ports.evaluations.width
        found = find_what_paid(self.iterations, self.winner.iteration, self._score, cancel=self.cancel, report=report, workers=workers)
        return None if found is None else Studies(what_paid=found)

    def _placebo(self, rounds: int) -> Studies | None:
        found = run_placebo(
            self.run,
            self.iterations,
            self.training,
            self.ports,
            rounds=rounds,
            cancel=self.cancel,
            report=lambda done: self.report(LookProgress("placebo", done, rounds)),
        )
        return None if found is None else Studies(placebo=found)


def _guess_range(name: str, value: float) -> Parameter:
    """A number that the model wrote: from half to double."""
    low, high = sorted((value / 2, value * 2))
    return Parameter(name=name, row="", default=value, low=low, high=high, integer=value.is_integer())
