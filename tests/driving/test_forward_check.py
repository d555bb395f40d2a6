"""Bars from after a run's end: the winner on them, counted as a look, kept with the run, and told in words."""

import threading
from datetime import UTC, datetime
from pathlib import Path

import pytest

from core.domain.errors import InputError
from core.domain.run import Run
from core.domain.study import ForwardCheck
from core.driving.forward_check import check_forward
from core.driving.session import finish_session
from core.driving.verify import read_studies
from core.report.sentences import describe_unseen_knowledge
from core.report.study_words import describe_forward, list_study_statements
from tests.driving.test_session import CODE, SessionHarness


def end_session(home: Path, *, at: datetime) -> SessionHarness:
    """A session that is over since a day in the middle of its bars."""
    made = SessionHarness(home, hold_out=0.0)  # the one look at its end would be a look at these bars
    made.submit("a", CODE.format(0.9))
    made.store.save_run(finish_session(made.context).changed(finished=at))
    return made


def check(made: SessionHarness, run: Run | None = None) -> ForwardCheck:
    best = None if made.stored.best is None else made.done[made.stored.best]
    return check_forward(run or made.stored, best, made.done[0], made.ports, made.cancel)


def test_the_winner_is_tested_on_newer_bars_and_what_came_of_it_is_kept(tmp_path: Path) -> None:
    made = end_session(tmp_path, at=datetime(2003, 12, 6, 18, tzinfo=UTC))  # the last of 400 days is 2004-02-04

    found, again = check(made), check(made)

    assert (found.bars, found.looks, again.looks) == (60, 1, 1)
    assert [one.name for one in found.figures] == ["best", "baseline", "benchmark"]
    assert read_studies(made.store, made.stored).forward == found
    said = list_study_statements(read_studies(made.store, made.stored), made.run.plan.objective)[0]
    assert (said.name, "60 bars from after 2003-12-06" in said.meaning, "looked at once" in said.meaning) == ("Since the end", True, True)


@pytest.mark.parametrize(
    ("day", "bars"), [(datetime(2004, 2, 4, tzinfo=UTC), "no bars so far"), (datetime(2004, 2, 1, tzinfo=UTC), "3 bars")]
)
def test_too_few_bars_are_said_to_be_too_few_and_cost_no_look(tmp_path: Path, day: datetime, bars: str) -> None:
    made = end_session(tmp_path, at=day)

    found = check(made)

    assert (found.figures, found.looks, read_studies(made.store, made.stored).forward) == ((), 0, None)
    assert bars in describe_forward(found)
    assert "at least 20" in describe_forward(found)


def test_what_was_stopped_is_no_look(tmp_path: Path) -> None:
    made = end_session(tmp_path, at=datetime(2003, 12, 6, tzinfo=UTC))
    made.cancel = threading.Event()
    made.cancel.set()

    with pytest.raises(InputError, match="stopped"):
        check(made)

    assert read_studies(made.store, made.stored).forward is None


def test_a_run_that_is_not_over_has_no_bars_from_after_its_end(tmp_path: Path) -> None:
    made = SessionHarness(tmp_path)

    with pytest.raises(InputError, match="not finished"):
        check(made)


def test_a_run_that_a_slow_clock_ended_before_its_own_last_bar_begins_behind_that_bar(tmp_path: Path) -> None:
    made = SessionHarness(tmp_path)
    made.submit("a", CODE.format(0.9))
    ended = finish_session(made.context)
    assert ended.hold_out is not None
    slow, right = (ended.changed(finished=datetime(year, 6, 1, tzinfo=UTC)) for year in (1999, 2030))

    assert (slow.unseen_after, right.unseen_after) == (ended.hold_out.last.date(), datetime(2030, 6, 1).date())
    assert str(slow.unseen_after) in describe_unseen_knowledge(slow)
    assert check(made, slow).bars == 0
