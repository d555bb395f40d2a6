"""Own words on runs are kept, and so are the iterations kept as strategies; nothing of it changes the run."""

import pytest

from core.domain.bars_request import BarsRequest
from core.domain.errors import InputError
from core.domain.run import Run, RunPlan
from core.services import Services


@pytest.fixture(scope="module")
def run(parts: Services) -> Run:
    workflow = parts.workbench.find_workflow("sma_cross")
    return parts.runs.run_here(RunPlan(workflow=workflow, bars=BarsRequest(symbol="AAPL"), loops=1, minimum_trades=1))


def test_a_star_a_note_and_tags_are_kept_and_changed_one_by_one(parts: Services, run: Run) -> None:
    parts.remarks.save_remark(run.id, starred=True, tags=["trend", " trend ", "to  check"])
    said = parts.remarks.save_remark(run.id, note=" looks calm ")

    assert (said.starred, said.note, said.tags) == (True, "looks calm", ("trend", "to check"))
    assert list(parts.remarks.list_remarks()) == [said]
    assert parts.store.read_run(run.id) == run


def test_a_run_of_which_nothing_is_said_has_an_empty_remark(parts: Services) -> None:
    assert parts.remarks.read_remark("nobody").note == ""
    with pytest.raises(InputError, match="no run"):
        parts.remarks.save_remark("nobody", starred=True)


def test_the_best_iteration_is_kept_unless_a_number_is_given_and_keeping_it_again_renames_it(parts: Services, run: Run) -> None:
    best = parts.remarks.keep_strategy(run.id)
    first = parts.remarks.keep_strategy(run.id, 0, name="As written")
    again = parts.remarks.keep_strategy(run.id, 0, name="The plain one", note="for comparison")

    assert (best.iteration, best.name) == (run.best, "SMA cross")
    assert [one.name for one in parts.remarks.list_strategies() if one.iteration == 0] == ["The plain one"]
    parts.remarks.forget_strategy(again)
    assert first.iteration not in [one.iteration for one in parts.remarks.list_strategies() if one.iteration != run.best]


def test_what_is_not_there_and_a_note_too_long_are_refused_in_words(parts: Services, run: Run) -> None:
    with pytest.raises(InputError, match="no iteration 99"):
        parts.remarks.keep_strategy(run.id, 99)
    with pytest.raises(InputError, match="2,001 characters"):
        parts.remarks.save_remark(run.id, note="x" * 2_001)


def test_a_remark_of_a_newer_version_is_left_out_and_named(parts: Services, run: Run) -> None:
    parts.store.save_setting("remark:newer", '{"run_id": "newer", "mood": "fine"}')

    found = parts.remarks.list_remarks()

    assert [row.id for row in found.left_out] == ["remark:newer"]
    assert all(remark.run_id != "newer" for remark in found)


def test_best_iterations_of_several_runs_are_read_at_once(parts: Services, run: Run) -> None:
    found = parts.remarks.list_bests([run])
    assert found[run.id].number == run.best
