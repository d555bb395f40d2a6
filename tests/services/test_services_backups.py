"""What was deleted can be brought back for a day, and a history that is worked with is not replaced."""

from pathlib import Path

import pytest

from core.domain.bars_request import BarsRequest
from core.domain.errors import InputError
from core.domain.run import RunPlan
from core.domain.workflow import Workflow
from core.services import Services, Settings


@pytest.fixture
def parts(tmp_path: Path) -> Services:
    return Services(Settings(home=tmp_path))


def test_a_deleted_workflow_comes_back_with_all_its_versions(parts: Services) -> None:
    for about in ("one", "two"):
        parts.store.save_workflow(Workflow(name="cross", description=about))
    before = parts.store.list_versions("cross")

    parts.backups.delete_workflow("cross")
    assert parts.store.list_versions("cross") == ()
    parts.backups.bring_back(parts.backups.list_deleted()[0].id)

    assert parts.store.list_versions("cross") == before
    assert parts.backups.list_deleted() == ()


def test_a_workflow_whose_name_is_taken_by_now_stays_deleted(parts: Services) -> None:
    parts.store.save_workflow(Workflow(name="cross", description="old"))
    parts.backups.delete_workflow("cross")
    parts.store.save_workflow(Workflow(name="cross", description="new"))

    with pytest.raises(InputError, match="another workflow"):
        parts.backups.bring_back(parts.backups.list_deleted()[0].id)
    assert [saved.workflow.description for saved in parts.store.list_versions("cross")] == ["new"]
    assert len(parts.backups.list_deleted()) == 1


def test_a_deleted_upload_comes_back_as_it_was(parts: Services, tmp_path: Path) -> None:
    (tmp_path / "uploads").mkdir()
    (tmp_path / "uploads" / "my bars.csv").write_bytes(b"bars")

    parts.workbench.remove_upload("my bars.csv")
    assert parts.workbench.list_uploads() == ()
    parts.backups.bring_back(parts.backups.list_deleted()[0].id)

    assert (tmp_path / "uploads" / "my bars.csv").read_bytes() == b"bars"


@pytest.mark.parametrize("moment", ["1000000000", "9" * 40, "9" * 220])
def test_what_is_older_than_a_day_or_of_no_moment_is_gone(moment: str, parts: Services, tmp_path: Path) -> None:
    (tmp_path / "deleted").mkdir()
    (tmp_path / "deleted" / f"{moment}.upload.old.csv").write_bytes(b"bars")
    assert parts.backups.list_deleted() == ()
    assert list((tmp_path / "deleted").iterdir()) == []


def test_a_history_with_a_run_under_way_is_not_replaced(parts: Services, tmp_path: Path) -> None:
    run = parts.store.create_run(RunPlan(workflow=Workflow(name="cross"), bars=BarsRequest(symbol="AAPL")))
    copy = parts.backups.back_up(tmp_path / "copy.db")
    parts.store.claim(run.id, "worker", seconds=60)

    with pytest.raises(InputError, match="being worked on"):
        parts.backups.restore(copy.path)


def test_nothing_is_overwritten_by_a_backup(parts: Services, tmp_path: Path) -> None:
    (tmp_path / "mine").write_text("mine")
    with pytest.raises(InputError, match="exists"):
        parts.backups.back_up(tmp_path / "mine")


def test_a_sound_history_is_called_so(parts: Services) -> None:
    parts.store.count_runs()
    assert parts.backups.check() == ()


@pytest.mark.parametrize("kind", ["workflow", "upload"])
def test_what_another_tab_has_just_brought_back_is_said_to_be_gone(
    parts: Services, tmp_path: Path, kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "uploads").mkdir()
    (tmp_path / "uploads" / "bars.csv").write_bytes(b"bars")
    parts.store.save_workflow(Workflow(name="cross"))
    parts.workbench.remove_upload("bars.csv")
    parts.backups.delete_workflow("cross")
    seen = parts.backups.list_deleted()
    chosen = next(each.id for each in seen if each.kind == kind)
    parts.backups.bring_back(chosen)
    parts.backups.delete_workflow("cross") if kind == "workflow" else (tmp_path / "uploads" / "bars.csv").unlink()

    monkeypatch.setattr(parts.backups, "list_deleted", lambda: seen)
    with pytest.raises(InputError, match="nothing deleted"):
        parts.backups.bring_back(chosen)


def test_an_upload_that_another_tab_has_just_removed_is_said_to_be_gone(parts: Services, tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"no upload called 'bars\.csv'"):
        parts.backups.delete_upload(tmp_path / "uploads" / "bars.csv")
