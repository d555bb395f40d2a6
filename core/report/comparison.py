"""Two to six iterations side by side, as one value: columns, grouped rows, and what can be said of their differences.

The page, the terminal, `--json` and the report of a comparison draw the same `Comparison`. Which numbers it holds is decided here;
`core.report.comparison_rows` fills the rows, `core.report.build_comparison` the badges and sentences.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from core.domain.backtest import Fill, Trade
from core.domain.bars import Bars, FloatArray
from core.domain.hold_out import HoldOutFigure
from core.domain.iteration import IterationDetail
from core.domain.metrics import Metrics
from core.domain.run import Objective, Run
from core.domain.value import Value
from core.evidence import PairDifference, ResampledSharpes, resample_sharpes
from core.report.assessment import Assessment

MOST_PARTICIPANTS = 6
"""Iterations of one comparison."""


class ParticipantKind(StrEnum):
    """Origin of a column."""

    ITERATION = "iteration"
    WRITTEN = "written"
    """Iteration 0 of a run: the workflow itself."""
    MARKET = "market"
    """Buy and hold of the instrument at the same costs."""


class Badge(StrEnum):
    """Standing of a column among the others."""

    RECOMMENDED = "recommended"
    """By the rule that its run was judged with."""
    HALF = "half the cash"
    """Recommended together with another one, each with half the cash."""
    HIGHEST = "highest"
    """Highest score in training."""
    WITHIN_NOISE = "within noise"
    """Not to be told apart from the highest."""
    BELOW = "below as written"
    ABOVE = "above as written"
    BASELINE = "baseline"
    REFERENCE = "reference"
    NO_SCORE = "no score"
    UNCONFIRMED = "not confirmed"
    """Nobody ran it bar by bar, so it stands for nothing."""
    FAILED = "failed"


class CellState(StrEnum):
    """Reason for what a cell shows."""

    VALUE = "value"
    UNDEFINED = "undefined"
    """The figure is not defined there, or does not concern the column."""
    LOCKED = "locked"
    """The hold-out was not looked at for this one."""
    FAILED = "failed"
    GOING_ON = "going on"
    """The run is not over."""


class Cell(Value):
    """One value of the table."""

    text: str
    state: CellState = CellState.VALUE
    value: float | None = None
    """Unrounded; None for words, and where nothing is defined."""
    delta: str = ""
    """Distance from the baseline's cell, with its sign; empty where there is none."""
    better: bool | None = None
    """True when that distance is for the better, False for the worse; None where neither."""
    best: bool = False
    """Best of the row by what is shown; ties are all marked."""
    place: float | None = None
    """Place within the row, or within the allowed range of a parameter: 0 its low end, 1 its high end."""
    at_edge: bool = False
    """A parameter at the end of its allowed range."""
    note: str = ""
    """More, where a cell is pointed at."""


class ComparisonRow(Value):
    """One row of the table."""

    name: str
    label: str
    unit: str = ""
    """Unit of the numbers in the cells; empty for ratios and words."""
    meaning: str = ""
    place_is_spot: bool = False
    """True where a cell's place is a spot within a range, not the length of a bar."""
    cells: tuple[Cell, ...]

    @property
    def same(self) -> bool:
        """True when all strategies show the same; columns that the row does not concern do not count."""
        shown = {cell.text for cell in self.cells if cell.state is not CellState.UNDEFINED}
        return len(shown) < 2


class RowGroup(Value):
    """Rows of one subject."""

    name: str
    about: str = ""
    """Bars or tries behind it, in words."""
    rows: tuple[ComparisonRow, ...]


class Column(Value):
    """One participant."""

    id: str
    """`RUN:NUMBER`, or `hold:RUN` for buy and hold."""
    kind: ParticipantKind
    name: str
    badges: tuple[Badge, ...] = ()
    why: str = ""
    """Reason for the badges, one sentence."""
    asset: str = ""
    model: str = ""
    """Author of the code; empty for buy and hold."""
    error: str = ""
    """First line of what went wrong; empty for one that ran."""


class Difference(Value):
    """Difference of two columns on the same days, with its error."""

    first: str
    second: str
    """Ids of the columns."""
    sharpe: PairDifference


class Comparison(Value):
    """Everything that the comparison says."""

    columns: tuple[Column, ...]
    groups: tuple[RowGroup, ...]
    baseline: str = ""
    """Id of the column that distances are taken from; empty where the bars differ."""
    same_bars: bool = True
    sentences: tuple[str, ...] = ()
    """Sentences on what can be told apart; the first is the most important one."""
    warnings: tuple[str, ...] = ()
    """Differences of the columns that make figures hard to compare, and what else should be known."""
    differences: tuple[Difference, ...] = ()
    """Of each column from the baseline."""


def find_trades_within(trades: Sequence[Trade], first: int, stop: int) -> tuple[Trade, ...]:
    """Find the trades that were opened and closed from the bar `first` on and before `stop`; one that is open at the end counts there."""
    return tuple(trade for trade in trades if trade.entry_bar >= first and (trade.exit_bar or stop - 1) < stop)


@dataclass(frozen=True, slots=True)
class NumberPlace:
    """One free number of a workflow as an iteration sets it."""

    name: str
    row: str
    """Id of the workflow's row."""
    value: float
    written: float
    """The analyst's own."""
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Participant:
    """One column as it comes from the history."""

    id: str
    kind: ParticipantKind
    name: str
    run: Run
    metrics: Metrics | None
    detail: IterationDetail | None = None
    """None for buy and hold."""
    assessment: Assessment | None = None
    numbers: tuple[NumberPlace, ...] = ()
    bars: Bars | None = None
    """Training bars that it was measured on, or the part of them that is looked at; None where they cannot be had any more."""
    equity: FloatArray | None = None
    """Account value at each of these bars, shape (n,); None without bars."""
    start_value: float = 0.0
    """Account value before the first of them."""
    first: int = 0
    """Place of the first of them among all training bars."""
    outside: bool = False
    """True where none of its bars lie in the part that is looked at: it then has no figures."""
    looked: HoldOutFigure | None = None
    """Result of a later look at the hold-out; None where there was none."""
    daily: FloatArray | None = None
    """Returns of trading days (weeks for weekly bars), shape (k,); None without bars."""

    @property
    def trades(self) -> tuple[Trade, ...]:
        """Trades that were opened and closed on these bars, with their places among all training bars."""
        return find_trades_within(self.detail.trades, self.first, self._stop) if self.detail else ()

    @property
    def fills(self) -> tuple[Fill, ...]:
        """Fills on these bars, with their places among them."""
        own = [fill for fill in (self.detail.fills if self.detail else ()) if self.first <= fill.bar < self._stop]
        return tuple(fill.changed(bar=fill.bar - self.first) for fill in own) if self.first else tuple(own)

    @property
    def position(self) -> FloatArray | None:
        """Units held at the close of each of these bars; None for buy and hold, and without bars."""
        return None if self.detail is None or self.equity is None else self.detail.position[self.first : self._stop]

    @property
    def _stop(self) -> int:
        """Place behind the last bar."""
        return self.first + len(self.equity) if self.equity is not None else len(self.detail.position) if self.detail else 0

    @property
    def hold_out_figure(self) -> HoldOutFigure | None:
        """Result on the hold-out, by its run's look or by a later one; None where nobody looked."""
        held = self.run.hold_out
        if self.looked is not None or held is None:
            return self.looked
        number = self.detail.iteration.number if self.detail else None
        looked_at = (held.benchmark,) if self.kind is ParticipantKind.MARKET else (held.best, held.baseline)
        return next((each for each in looked_at if each.iteration == number), None)

    @property
    def currency(self) -> str:
        """Currency of the account; empty where that is not known."""
        return self.bars.instrument.currency if self.bars else ""

    @property
    def bars_key(self) -> tuple[str, str]:
        """Key that is equal for participants whose figures can be set against each other."""
        own = self.detail.iteration.data_hash if self.detail else ""
        return own or self.run.data_hash, self.run.plan.bars.timeframe.value

    @property
    def failed(self) -> bool:
        """True when it did not run to its end."""
        if self.detail is None:
            return False
        return self.detail.iteration.error is not None or (self.metrics is None and not self.outside)

    @property
    def score(self) -> float | None:
        """Objective's value in training; None without one, for what nobody confirmed bar by bar, and for buy and hold."""
        return self.detail.iteration.score if self.detail and not self.failed and not self.unconfirmed else None

    @property
    def unconfirmed(self) -> bool:
        """True for an iteration that nobody ran bar by bar."""
        return self.detail is not None and self.detail.iteration.awaits_confirmation


@dataclass(frozen=True, slots=True)
class Tested:
    """Participants with the resamples of their Sharpe ratios, where these could be made."""

    participants: Sequence[Participant]
    baseline: int | None
    """Place of the column that distances are taken from."""
    sharpes: ResampledSharpes | None
    places: dict[int, int]
    """Place of a participant to its place in `sharpes`."""

    def compare(self, first: int, second: int | None) -> PairDifference | None:
        """Compare two participants by their places; None where that cannot be tested."""
        if self.sharpes is None or second is None or first == second or not {first, second} <= self.places.keys():
            return None
        return self.sharpes.compare(self.places[first], self.places[second])

    @property
    def highest(self) -> int | None:
        """Place of the iteration with the highest score; None where scores are of several objectives or bars, or there is none."""
        if self.baseline is None or len({_objective(one.run) for one in self.participants if one.detail}) > 1:
            return None
        scored = [place for place, one in enumerate(self.participants) if one.score is not None]
        return max(scored, key=lambda place: self.participants[place].score or 0.0, default=None)


def _objective(run: Run) -> tuple[Objective, str]:
    return run.plan.objective, run.plan.formula


def resample_participants(participants: Sequence[Participant], baseline: str = "") -> Tested:
    """Resample the daily returns of all participants together; `baseline` is the id to take distances from.

    Without a baseline that takes part it is the first column that shows a workflow as written, else the first one.
    """
    same = len({one.bars_key for one in participants}) < 2
    written = next((place for place, one in enumerate(participants) if one.kind is ParticipantKind.WRITTEN), None)
    named = next((place for place, one in enumerate(participants) if one.id == baseline), None)
    chosen = next((place for place in (named, written, 0 if participants else None) if place is not None), None) if same else None
    usable = [place for place, one in enumerate(participants) if one.daily is not None and not one.failed] if same else []
    returns = [found for place in usable if (found := participants[place].daily) is not None]
    bars = participants[usable[0]].bars if usable else None
    periods = bars.instrument.periods_per_year(bars.timeframe) if bars else None
    sharpes = resample_sharpes(returns, periods_per_year=periods) if periods and len(returns) > 1 else None
    return Tested(participants, chosen, sharpes, {place: order for order, place in enumerate(usable)})
