"""Context that stays the same during a run: the plan, the ports, the bars that the loop may see, and the workflow's signals on them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from functools import lru_cache

import numpy as np

from core import language
from core.domain.aligned_bars import align_bars
from core.domain.bars import Bars
from core.domain.bars_request import BarsRequest
from core.domain.basket import build_basket, convert_members
from core.domain.errors import InputError, MarketDataError, WorkflowError
from core.domain.events import EventKind, RunEvent
from core.domain.fingerprint import Fingerprint, compute_fingerprint, compute_further_fingerprints
from core.domain.instrument import Timeframe
from core.domain.run import Objective, Run, RunPlan
from core.domain.workflow import Parameter
from core.driving.fan_out import Evaluations, LocalEvaluations
from core.driving.free_numbers import find_free_numbers
from core.driving.known_starts import KnownStarts
from core.driving.news import HeardEvents
from core.driving.ports import Cancel, History, Market, Model, Sandbox
from core.driving.proof import compile_proved
from core.driving.run_code import run_code
from core.driving.steering import Steering, read_steering
from core.driving.tune import Tune, tune_nothing
from core.evidence import Signals, check_formula
from core.prompts import read_parameters

MINIMUM_BARS = 30
"""Fewer training bars than this cannot carry a figure."""


KEPT_FINGERPRINTS = 2
"""Bars whose fingerprints are kept, and they with them."""

OUTAGE_PAUSES = (5.0, 15.0, 30.0, 60.0, 120.0, 300.0, 600.0, 600.0, 600.0, 600.0)
"""Seconds that a run waits, one after the other, while its provider gives no answer; after the last one it gives up."""


@dataclass(frozen=True, slots=True)
class Ports:
    """The ports that the loop talks to."""

    model: Model
    sandbox: Sandbox
    market: Market
    history: History
    outage_pauses: tuple[float, ...] = OUTAGE_PAUSES
    tune: Tune = tune_nothing
    """The built-in optimizer, for the numbers of a program."""
    beyond: Evaluations | None = None
    """Place where many programs run at once beyond this machine; None where there is none."""

    @property
    def evaluations(self) -> Evaluations:
        """The place for many programs at once: beyond this machine where there is one, else this machine's sandbox."""
        return self.beyond or LocalEvaluations(self.sandbox)


@dataclass(frozen=True, slots=True)
class RunContext:
    """One run on its way: its plan, its ports and its bars."""

    run: Run
    ports: Ports
    cancel: Cancel
    whole: Bars
    training: Bars
    hold_out: Bars
    signals: Signals
    """Bars of the training part on which each row of the compiled workflow was true."""
    heard: HeardEvents = field(default_factory=HeardEvents)
    """Everything that people have said to the run, as far as it was read."""
    start_facts: KnownStarts = field(default_factory=KnownStarts)

    @property
    def plan(self) -> RunPlan:
        """The user's request."""
        return self.run.plan

    def record(self, *bodies: RunEvent) -> None:
        """Store events for whoever watches, all or none of them."""
        self.ports.history.add_events(self.run.id, bodies)

    def read_steering(self) -> Steering:
        """Read what people have said to the run until now."""
        return read_steering(self.heard.read(self.ports.history, self.run.id, EventKind.STEER))


def prepare_bars(plan: RunPlan, market: Market) -> tuple[Bars, Bars, Bars]:
    """Prepare all bars, the training part and the hold-out part of a plan, after every check that costs nothing.

    Raises WorkflowError, InputError and MarketDataError, so that a screen can refuse before a run exists.
    """
    language.require_valid(plan.workflow)
    if plan.objective is Objective.FORMULA:
        check_formula(plan.formula)
    require_instruments(plan)
    training, hold_out = load_split_bars(plan.bars, plan.hold_out, market)
    count = len(training) + len(hold_out)
    if len(training) < MINIMUM_BARS:
        raise MarketDataError(
            f"Only {len(training)} of {count} bars are left for training ({plan.hold_out:.0%} held out); {MINIMUM_BARS} are needed.",
            hint="Choose a longer range, a shorter timeframe or a smaller hold-out.",
        )
    language.require_valid(plan.workflow, bars=len(training), timeframe=training.timeframe, instrument=training.instrument)
    return training.concat(hold_out), training, hold_out


def require_instruments(plan: RunPlan) -> None:
    """Refuse a plan whose workflow reads an instrument that the run does not have. Raises InputError."""
    missing = plan.bars.find_missing(language.list_other_instruments(plan.workflow))
    if missing:
        names = " and ".join(missing)
        raise InputError(f"The workflow reads {names}, which this run does not have.", hint="Choose it as a further instrument (--with).")


def load_split_bars(request: BarsRequest, hold_out: float, market: Market) -> tuple[Bars, Bars]:
    """Load the training part and hold-out part of a request, both in the measure of the last training day.

    Adjusted prices compare the past with the last day that was asked for, so splits and dividends of the hold-out would be in the
    training prices. Here the training bars are those of a request that ends with them, and the hold-out goes on from there.
    Several instruments are cut at the same moment. Raises MarketDataError.
    """
    whole = market.bars(request)
    training, later = whole.split(hold_out)
    if not request.adjusted or not len(training) or not len(later):
        return training, later
    if request.basket:
        again = _measure_basket(training, later, request, market)
        cut = int(np.searchsorted(again.time, later.time[0]))
        return again.slice(0, cut), again.slice(cut, len(again))
    requests = zip(training.instruments, later.instruments, request.each, strict=True)
    again = align_bars([_measure_as_of(own.drop_repeated(), after.drop_repeated(), one, market) for own, after, one in requests])
    return again.slice(0, len(training)), again.slice(len(training), len(again))


def _measure_basket(training: Bars, later: Bars, request: BarsRequest, market: Market) -> Bars:
    """The bars of a basket, each instrument's in the measure of its own last training day."""
    requests = (*request.members, *request.each[1:])
    found = []
    for own, after, one in zip(training.others, later.others, requests, strict=True):
        known, new = own.drop_repeated(), after.drop_repeated()
        found.append(_measure_as_of(known, new, one, market) if len(known) and len(new) else known.concat(new))
    return build_basket(convert_members(found[: training.members], request.rates), found[training.members :])


def _measure_as_of(training: Bars, later: Bars, request: BarsRequest, market: Market) -> Bars:
    """One instrument's bars, all in the measure of the last training day; as they are where they are not had in that measure."""
    known = _bars_as_of(training, request, market)
    if known is None:
        return training.concat(later)
    price = known.close[-1] / training.close[-1]
    traded = np.flatnonzero(training.volume > 0)
    volume = known.volume[traded[-1]] / training.volume[traded[-1]] if len(traded) else 1.0
    return known.concat(later.scale(float(price), float(volume)))


def _bars_as_of(training: Bars, request: BarsRequest, market: Market) -> Bars | None:
    """The training bars as they are had on their last day; a day more where the last session began the evening before."""
    week = 4 if request.timeframe is Timeframe.W1 else 0
    for days in (week, week + 1):
        known = market.bars(request.changed(end=training.last.date() + timedelta(days=days)))
        start = int(np.searchsorted(known.time, training.time[0]))
        known = known.slice(start, start + len(training))
        if len(known) == len(training) and (known.time == training.time).all():
            return known
    return None


def find_changed_parameters(plan: RunPlan, code: str) -> dict[str, float]:
    """Find the workflow's free numbers as code sets them in its `params`, under whatever names; only where they differ."""
    known = find_free_numbers(plan.workflow)
    found = match_numbers(known, read_parameters(code))
    return {
        parameter.name: found[parameter.name] for parameter in known if found.get(parameter.name, parameter.default) != parameter.default
    }


def match_numbers(known: Sequence[Parameter], written: Mapping[str, float]) -> dict[str, float]:
    """Match the numbers of a program to those of the workflow: by name, by another spelling of it, by value, what is left by its place.

    A program is not another strategy because it calls its numbers otherwise. By place only where as many are left on both sides, and
    each lies within its range.
    """
    found = {parameter.name: written[parameter.name] for parameter in known if parameter.name in written}
    left = {name: value for name, value in written.items() if name not in found}
    for parameter in (one for one in known if one.name not in found):
        plain = _spell(parameter.name)
        same = next((name for name in left if _spell(name) == plain), None)
        same = same or next((name for name, value in left.items() if value == parameter.default), None)
        if same is not None:
            found[parameter.name] = left.pop(same)
    rest = [parameter for parameter in known if parameter.name not in found]
    pairs = list(zip(rest, left.values(), strict=False))
    if len(rest) == len(left) and all(parameter.low <= value <= parameter.high for parameter, value in pairs):
        found |= {parameter.name: value for parameter, value in pairs}
    return found


def _spell(name: str) -> str:
    return "".join(letter for letter in name.lower() if letter.isalnum())


def compute_signals(plan: RunPlan, bars: Bars, sandbox: Sandbox, cancel: Cancel, numbers: Mapping[str, float] | None = None) -> Signals:
    """Compute the workflow's own signals on the bars, row by row: code is held against them. Empty when its code does not run there.

    `numbers` replaces free numbers by name, so that code with other numbers is not taken for another strategy.
    """
    try:
        program = compile_proved(plan.workflow, bars, numbers, signals=True)
    except WorkflowError:  # numbers that the workflow cannot have
        program = compile_proved(plan.workflow, bars, signals=True)
    return run_code(sandbox, program, plan.backtest, bars, cancel=cancel, signals=True).signals


def count_earlier_tries(context: RunContext, *, joining: str | None = None) -> int:
    """Count the tries of others on the bars of a run, as the history has them now; `joining` is a program that the run is trying."""
    own, apart = _find_fingerprints(context.training)
    return context.ports.history.count_earlier_tries(context.run.id, own, apart, joining=joining)


@lru_cache(maxsize=KEPT_FINGERPRINTS)
def _find_fingerprints(training: Bars) -> tuple[Fingerprint, tuple[Fingerprint, ...]]:
    """The fingerprint of bars, and those of a basket's members, worked out once for all iterations on them."""
    return compute_fingerprint(training), compute_further_fingerprints(training)[: training.members]
