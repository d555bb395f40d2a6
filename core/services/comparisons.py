"""Comparisons: iterations of any runs, gathered from the history with their bars, references and numbers."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

import numpy as np

from core import language
from core.domain.backtest import Fill, Trade
from core.domain.bars import Bars, FloatArray
from core.domain.basket import scale_fills
from core.domain.deposits import PaidAccount
from core.domain.errors import InputError, MarketDataError, StratloopError
from core.domain.events import LookEvent
from core.domain.iteration import IterationDetail
from core.domain.metrics import Metrics, compute_metrics, period_returns, sample_daily
from core.domain.people import Role
from core.domain.run import Run
from core.driving.later_look import take_later_look
from core.driving.run_context import load_split_bars
from core.evidence import evaluate_benchmark, recall_paid_account, trace_invested
from core.prompts.parameters import read_parameters
from core.report.build_comparison import build_comparison
from core.report.comparison import MOST_PARTICIPANTS, Comparison, NumberPlace, Participant, ParticipantKind, find_trades_within
from core.services.compared_names import name_markets, name_runs
from core.services.permissions import needs
from core.services.rooms import Rooms
from core.services.run_rows import LoadBars, ReadDetail, RunRows, TrainingBars

Span = tuple[date | None, date | None]
"""First and last day that is looked at, both included; None for the ends of the bars."""
WHOLE: Span = (None, None)
MOST_DIGITS = 9
"""Longest number of an iteration that is read."""
FEWEST_BARS = 2
"""Fewest bars of a part that have figures."""


def describe_request(identities: Sequence[str], span: Span) -> list[str]:
    """Describe what a reader of a comparison has to know of how it was asked for: iterations named twice, and a part of the bars."""
    twice = [name for name, count in Counter(identities).items() if count > 1]
    said = [f"{name} is named more than once, and stands here once." for name in twice]
    if span != WHOLE:
        first, last = span[0] or "the start", span[1] or "the end"
        said.append(f"Figures of training are of the part from {first} to {last} alone; luck is not judged on parts.")
    return said


class Comparisons:
    """Verbs over several iterations at once, for Compare, the terminal and the reports."""

    def __init__(self, rooms: Rooms) -> None:
        self._rooms = rooms

    def compare(self, identities: Sequence[str], *, baseline: str = "", references: bool = True, span: Span = WHOLE) -> Comparison:
        """Compare iterations given as `RUN:NUMBER`, one to six, each once.

        `references` adds what is always worth a look: the workflow as written and buy and hold, once for each bars. A `span` measures
        the figures of training on that part of the bars alone. Raises InputError for an id that names nothing, for none, for too many,
        and for a part without bars.
        """
        participants = self.gather(identities, references=references, span=span)
        found = build_comparison(participants, baseline=self.find_baseline(baseline, participants))
        return found.changed(warnings=(*describe_request(identities, span), *found.warnings))

    def gather(
        self,
        identities: Sequence[str],
        *,
        references: bool = True,
        span: Span = WHOLE,
        read: ReadDetail | None = None,
        load: LoadBars | None = None,
    ) -> tuple[Participant, ...]:
        """Gather the participants of a comparison, with workflow and market behind them. Raises InputError as `compare` does.

        `read` and `load` are for whoever knows some iterations or bars already; without them each is read from history and market, once.
        """
        wanted = list(dict.fromkeys(identities))
        if not wanted:
            raise InputError("Nothing to compare.", hint="Name iterations as RUN:NUMBER, for example 3f2a:4.")
        if len(wanted) > MOST_PARTICIPANTS:
            raise InputError(f"{len(wanted)} iterations are too many.", hint=f"Compare at most {MOST_PARTICIPANTS}.")
        rows = _AllRows(self._rooms, read, load)
        found = [self._read(identity, rows) for identity in wanted]
        found = list({f"{one.run.id}:{detail.iteration.number}": (one, detail) for one, detail in found}.values())
        if references:
            found += self._find_written(found)
        names = name_runs([one.run for one, _ in found])
        bars = {one.run.id: _load_bars(one) for one, _ in found}
        participants = [_build(one, detail, bars[one.run.id], names.get(one.run.id, "")) for one, detail in found]
        whole = (*participants, *self._build_markets(participants, bars)) if references else tuple(participants)
        return self.narrow(whole, span)

    def find_baseline(self, identity: str, participants: Sequence[Participant]) -> str:
        """Find the id of the participant that distances are to be taken from; empty for the usual one.

        Raises InputError for one that does not take part: distances from another one would be read as distances from it.
        """
        known = {one.id for one in participants}
        if not identity or identity in known:
            return identity
        rows, detail = self._read(identity, _AllRows(self._rooms))
        found = f"{rows.run.id}:{detail.iteration.number}"
        if found not in known:
            raise InputError(
                f"{identity} does not take part, so no distances can be taken from it.", hint="Name it among the iterations too."
            )
        return found

    def narrow(self, participants: tuple[Participant, ...], span: Span) -> tuple[Participant, ...]:
        """Measure participants that were gathered on all training bars on a part of these alone.

        One whose bars all lie outside has no figures then. Raises InputError where that is so for all of them.
        """
        if span == WHOLE:
            return participants
        found = tuple(_narrow(one, span) for one in participants)
        whole = [one.bars for one in participants if one.bars is not None]
        if whole and all(one.bars is None for one in found):
            raise InputError(
                f"There are no two bars from {span[0] or 'the start'} to {span[1] or 'the end'}.",
                hint=f"Training runs from {min(bars.first for bars in whole):%Y-%m-%d} to {max(bars.last for bars in whole):%Y-%m-%d}.",
            )
        return found

    @needs(Role.ANALYST)
    def look(self, identity: str) -> LookEvent:
        """Take a look at the hold-out for an iteration that its run did not look at; it is counted, and kept with the run.

        Raises InputError, also where the bars cannot be had any more, and SandboxUnavailableError.
        """
        rows, detail = self._read(identity, _AllRows(self._rooms))
        run = rows.run
        try:
            training, hold_out = load_split_bars(run.plan.bars, run.plan.hold_out, self._rooms.market)
        except MarketDataError as error:
            raise InputError(f"The bars of run {run.id} cannot be had any more: {error}") from error
        rooms = self._rooms
        return take_later_look(run, detail.iteration, training, hold_out, history=rooms.store, sandbox=rooms.sandbox, cancel=rooms.never)

    def _read(self, identity: str, rows: "_AllRows") -> tuple[RunRows, IterationDetail]:
        run_id, mark, number = identity.partition(":")
        if not mark or not number.isdecimal() or len(number) > MOST_DIGITS:
            raise InputError(
                f"{identity[:80]!r} names no iteration.", hint="Write it as RUN:NUMBER, for example 3f2a:4; `show RUN` lists them."
            )
        found = rows.find(run_id)
        return found, found.read_detail(int(number))

    def _find_written(self, found: Sequence[tuple[RunRows, IterationDetail]]) -> list[tuple[RunRows, IterationDetail]]:
        """Find the workflows as written behind the iterations: once for each bars and workflow, and only where they do not take part."""
        known = {_workflow_key(rows.run) for rows, detail in found if detail.iteration.is_baseline}
        added = []
        for rows in {rows.run.id: rows for rows, _ in found}.values():
            if _workflow_key(rows.run) in known:
                continue
            try:
                detail = rows.read_detail(0)
            except StratloopError:  # an editor's run, or one whose first row cannot be read: there is no workflow to stand beside
                continue
            if detail.iteration.is_baseline:
                known.add(_workflow_key(rows.run))
                added.append((rows, detail))
        return added

    def _build_markets(self, participants: Sequence[Participant], bars: dict[str, Bars | None]) -> list[Participant]:
        """Build buy and hold, once for each bars."""
        found: dict[object, Participant] = {}
        names = name_markets({one.bars_key: one.run for one in participants})
        for one in participants:
            run, held = one.run, bars[one.run.id]
            if one.bars_key in found or (run.benchmark is None and held is None):
                continue
            result = None if held is None else evaluate_benchmark(held, run.plan.backtest)
            found[one.bars_key] = Participant(
                id=f"hold:{run.id}",
                kind=ParticipantKind.MARKET,
                name=names[one.bars_key],
                run=run,
                metrics=result.metrics if result else run.benchmark,
                bars=held,
                equity=result.equity if result else None,
                start_value=run.plan.backtest.cash if result else 0.0,
                daily=_sample_returns(result.equity, held, run.plan.backtest.cash) if result and held is not None else None,
            )
        return list(found.values())


class _AllRows:
    """The runs of one comparison, each read once."""

    def __init__(self, rooms: Rooms, read: ReadDetail | None = None, load: LoadBars | None = None) -> None:
        self._rooms, self._read, self._training = rooms, read, TrainingBars(rooms, load)
        self._named: dict[str, RunRows] = {}

    def find(self, run_id: str) -> RunRows:
        """Find a run by its id or the beginning of it. Raises InputError, and UnreadableRowError."""
        if run_id not in self._named:
            run = self._rooms.store.read_run(run_id)
            rows = self._named.get(run.id) or RunRows(run, self._rooms, training=self._training, read=self._read)
            self._named |= {run_id: rows, run.id: rows}
        return self._named[run_id]


def _load_bars(rows: RunRows) -> Bars | None:
    """Load the training bars of a run; None where they cannot be had any more."""
    try:
        return rows.training
    except MarketDataError:
        return None


def _build(rows: RunRows, detail: IterationDetail, bars: Bars | None, of: str) -> Participant:
    run, iteration = rows.run, detail.iteration
    usable = bars if bars is not None and iteration.metrics is not None and len(bars) == len(detail.equity) else None
    own = "As written" if iteration.is_baseline else f"Iteration {iteration.number}"
    name = f"{of}, {own[:1].lower()}{own[1:]}" if of else own
    said = rows.later_looks.get(iteration.number)
    return Participant(
        id=f"{run.id}:{iteration.number}",
        kind=ParticipantKind.WRITTEN if iteration.is_baseline else ParticipantKind.ITERATION,
        name=name,
        run=run,
        metrics=iteration.metrics,
        detail=detail,
        assessment=rows.assess(iteration.number) if iteration.metrics is not None else None,
        numbers=_place_numbers(run, iteration.code),
        looked=said.figure if said else None,
        bars=usable,
        equity=None if usable is None else detail.equity,
        start_value=0.0 if usable is None else run.plan.backtest.cash,
        daily=None if usable is None else _sample_returns(detail.equity, usable, run.plan.backtest.cash),
    )


@dataclass(frozen=True, slots=True)
class _Result:
    """Deeds of a strategy on all training bars."""

    equity: FloatArray
    position: FloatArray
    trades: tuple[Trade, ...]
    fills: tuple[Fill, ...]
    paid: PaidAccount | None = None
    """The account in money where it is paid into."""


def _narrow(one: Participant, span: Span) -> Participant:
    """Measure a participant on a part of its bars; as it is where it has none. Luck is not judged on parts."""
    if one.bars is None or one.equity is None:
        return one
    first, stop = _find_places(one.bars, span)
    if (first, stop) == (0, len(one.bars)):
        return one
    if stop - first < FEWEST_BARS:
        return replace(one, metrics=None, assessment=None, bars=None, equity=None, start_value=0.0, daily=None, outside=True)
    if one.detail is None:
        held = evaluate_benchmark(one.bars, one.run.plan.backtest)
        result = _Result(held.equity, trace_invested(held, one.bars), held.trades, held.fills, held.paid)
    else:
        paid = recall_paid_account(one.detail.fills, one.bars, one.run.plan.backtest)
        result = _Result(one.equity, one.detail.position, one.detail.trades, one.detail.fills, paid)
    bars, equity = one.bars.slice(first, stop), one.equity[first:stop]
    start_value = float(one.equity[first - 1]) if first else one.start_value
    return replace(
        one,
        metrics=_measure(result, bars, first, start_value),
        assessment=None,
        bars=bars,
        equity=equity,
        start_value=start_value,
        first=first,
        daily=_sample_returns(equity, bars, start_value),
    )


def _measure(result: _Result, bars: Bars, first: int, start_value: float) -> Metrics:
    """Measure what was done on some bars, of which the first stands at `first`; trades count where they were opened and closed within."""
    stop = first + len(bars)
    fills, trades = scale_fills(result.fills, result.trades, max(bars.members, 1))
    return compute_metrics(
        result.equity[first:stop],
        start_value=start_value,
        position=result.position[first:stop],
        trades=find_trades_within(trades, first, stop),
        fills=[fill for fill in fills if first <= fill.bar < stop],
        time=bars.time,
        periods_per_year=bars.instrument.periods_per_year(bars.timeframe),
        intraday=bars.timeframe.intraday,
        day_roll=bars.instrument.day_roll,
        paid=result.paid.cut(first, stop) if result.paid is not None else None,
    )


def _sample_returns(equity: FloatArray, bars: Bars, start_value: float) -> FloatArray:
    """Returns of trading days, or of longer bars."""
    if bars.timeframe.intraday:
        periods = bars.instrument.periods_per_year(bars.timeframe)
        equity = sample_daily(equity, bars.time, periods_per_year=periods, day_roll=bars.instrument.day_roll)
    return period_returns(equity, start_value=start_value)


def _find_places(bars: Bars, span: Span) -> tuple[int, int]:
    """Find the first bar of a span and the one behind its last."""
    first = 0 if span[0] is None else int(np.searchsorted(bars.time, np.datetime64(span[0]), side="left"))
    stop = len(bars) if span[1] is None else int(np.searchsorted(bars.time, np.datetime64(span[1] + timedelta(days=1)), side="left"))
    return first, stop


def _workflow_key(run: Run) -> tuple[str, object]:
    return run.data_hash, run.plan.workflow


def _place_numbers(run: Run, code: str) -> tuple[NumberPlace, ...]:
    """Place the free numbers of a run's workflow as the code sets them."""
    values = read_parameters(code)
    return tuple(
        NumberPlace(each.name, each.row, values[each.name], each.default, each.low, each.high)
        for each in language.parameters(run.plan.workflow)
        if each.name in values
    )
