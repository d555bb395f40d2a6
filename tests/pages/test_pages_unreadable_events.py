"""One broken event never breaks a run's page."""

from collections.abc import Callable

from streamlit.testing.v1 import AppTest

from core.domain.backtest import Stage
from core.domain.events import LogEvent, StageEvent, TextEvent
from core.domain.run import Run, RunKind, Status
from core.services import Services
from pages.components.generation_panel import read_stream
from tests.pages.conftest import plan_of, shown
from tests.store.raw_events import UNREADABLE, insert_raw_event


def spoil(services: Services, run: Run) -> None:
    """One event of every kind that cannot be read."""
    for kind, data in UNREADABLE:
        insert_raw_event(services.store, run.id, kind, data)


def test_a_finished_run_is_shown_whole(open_screen: Callable[..., AppTest], furnished: Services, finished: Run) -> None:
    before = shown(open_screen("driving", run=finished.id))
    spoil(furnished, finished)

    assert shown(open_screen("driving", run=finished.id)) == before


def test_a_failed_run_says_what_is_known(open_screen: Callable[..., AppTest], furnished: Services) -> None:
    run = furnished.store.create_run(plan_of(furnished), kind=RunKind.GENERATE)
    furnished.store.save_run(run.changed(status=Status.FAILED, message="The provider cannot be reached."))
    spoil(furnished, run)

    screen = open_screen("driving", run=run.id)

    assert furnished.runs.find_error(furnished.store.read_run(run.id)) is None
    assert "cannot be reached" in shown(screen).replace("\\", "")


def test_a_run_under_way_is_shown_at_its_stage(open_screen: Callable[..., AppTest], furnished: Services) -> None:
    run = furnished.store.create_run(plan_of(furnished), kind=RunKind.EDITOR)
    furnished.store.claim(run.id, "somebody else", seconds=600)
    furnished.store.save_run(run.changed(status=Status.RUNNING))
    spoil(furnished, run)
    starting = shown(open_screen("driving", run=run.id))
    furnished.store.add_event(run.id, StageEvent(number=0, stage=Stage.RUN))
    running = shown(open_screen("driving", run=run.id))
    furnished.store.save_run(run.changed(status=Status.CANCELLED))

    assert "starting" in starting
    assert "backtesting" in running


def test_an_answer_is_put_together_from_what_can_be_read(open_screen: Callable[..., AppTest], furnished: Services) -> None:
    open_screen()
    run = furnished.store.create_run(plan_of(furnished), kind=RunKind.GENERATE)
    furnished.store.claim(run.id, "somebody else", seconds=600)
    for body in (TextEvent(number=0, text="lost"), TextEvent(number=0, text="", afresh=True), TextEvent(number=0, text="Change: ")):
        furnished.store.add_event(run.id, body)
    spoil(furnished, run)
    furnished.store.add_event(run.id, TextEvent(number=0, text="wider"))
    furnished.store.add_event(run.id, LogEvent(text="waiting"))

    stream = read_stream(run.id)
    furnished.store.save_run(run.changed(status=Status.CANCELLED))

    assert (stream.text, stream.reasoning, stream.remark) == ("Change: wider", "", "waiting")
