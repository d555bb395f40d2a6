"""A growing curve: few points, none twice, only numbers."""

from dataclasses import replace

from core.domain.backtest import Progress, Stage
from core.domain.events import ProgressEvent, RunEvent
from core.domain.instrument_progress import InstrumentProgress
from core.driving.progress import MAXIMUM_POINTS, IterationReporter
from core.driving.propose import IterationSlot

SLOT = IterationSlot(number=7, loop=7, candidate=0)


def _told(*reports: Progress) -> list[ProgressEvent]:
    events: list[RunEvent] = []
    reporter = IterationReporter(lambda *bodies: events.extend(bodies), SLOT)
    for report in reports:
        reporter.watch(report)
    return [event for event in events if isinstance(event, ProgressEvent)]


def _report(first: int, last: int, total: int) -> Progress:
    bars = tuple(range(first, last))
    return Progress(done=last, total=total, bars=bars, equity=tuple(100.0 + bar for bar in bars))


def test_each_event_says_how_far_it_is_and_what_is_new() -> None:
    assert _told(_report(0, 2, 4), _report(2, 4, 4)) == [
        ProgressEvent(number=7, done=2, total=4, bars=(0, 1), equity=(100.0, 101.0)),
        ProgressEvent(number=7, done=4, total=4, bars=(2, 3), equity=(102.0, 103.0)),
    ]


def test_a_long_backtest_leaves_few_points_in_order() -> None:
    total = 100_000
    events = _told(*(_report(start, start + 2_500, total) for start in range(0, total, 2_500)))
    bars = [bar for event in events for bar in event.bars]

    assert len(bars) == MAXIMUM_POINTS
    assert bars == sorted(set(bars))
    assert bars[0] == 0
    assert bars[-1] >= total - 2 * total // MAXIMUM_POINTS


def test_what_happens_at_one_moment_is_stored_together() -> None:
    together: list[list[object]] = []
    reporter = IterationReporter(lambda *bodies: together.append([getattr(body, "stage", "points") for body in bodies]), SLOT)

    reporter.tell(Stage.GATE)
    reporter.tell(Stage.RUN)
    assert together == [[Stage.GATE]]
    reporter.watch(_report(0, 2, 4))
    reporter.watch(_report(2, 4, 4))
    reporter.tell(Stage.SCORE)

    assert together == [[Stage.GATE], [Stage.RUN, "points"], ["points", Stage.FILL_AUDIT], [Stage.SCORE]]


def test_what_is_no_number_and_what_is_nothing_new_is_not_told() -> None:
    ruined = Progress(done=3, total=1_000, bars=(0, 10, 20), equity=(100.0, float("nan"), float("inf")))

    assert [event.bars for event in _told(ruined, Progress(done=4, total=1_000))] == [(0,)]


def test_a_basket_tells_the_whole_account_anew_with_the_instruments_that_are_done() -> None:
    first = InstrumentProgress(symbol="A", total_return=0.5, trades=3)
    report = replace(_report(0, 1_000, 1_000), done=500, instruments=(first,))

    (event, _) = _told(report, replace(report, done=1_000, instruments=(first, InstrumentProgress(symbol="B"))))

    assert (event.done, event.instruments) == (500, (first,))
    assert (event.bars[0], len(event.bars) <= MAXIMUM_POINTS) == (0, True)
    assert all(value == 100.0 + bar for bar, value in zip(event.bars, event.equity, strict=True))
