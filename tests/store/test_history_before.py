"""Histories that earlier versions wrote: a copy opens, and every row and every figure is what was recorded then."""

import json
import lzma
import shutil
import sqlite3
import struct
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from core.domain.iteration import Iteration
from core.domain.run import Run
from core.domain.usage import LedgerRow
from core.domain.workflow import Workflow
from core.store import Store
from tests.store.old_history import HISTORIES, unpack_history

RENAMED = {"ledger_checked": "fills_checked"}
"""Fields that are called something else since; the word of a history is read under either name."""


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The file as the version before left it; never opened by a store."""
    home = tmp_path_factory.mktemp("history")
    unpack_history(home)
    return home / "stratloop.db"


@pytest.fixture(scope="module")
def shown() -> dict[str, Any]:
    """What `show RUN --json` printed for each run then."""
    found: dict[str, Any] = json.loads(lzma.decompress((HISTORIES / "0.1.0.shown.json.xz").read_bytes()))
    return found


@pytest.fixture
def store(written: Path, tmp_path: Path) -> Iterator[Store]:
    shutil.copy(written, tmp_path / "stratloop.db")
    made = Store.in_folder(tmp_path)
    yield made
    made.close()


def rows(file: Path, query: str) -> list[tuple[Any, ...]]:
    """Rows as they lie in the file, without any code of ours."""
    with sqlite3.connect(file) as connection:
        found = connection.execute(query).fetchall()
    connection.close()
    return found


def require_same(recorded: Any, now: Any, place: str = "") -> None:
    """Everything that was recorded is there with the same value; what a later version added beside it is its own business."""
    if isinstance(recorded, dict):
        assert isinstance(now, dict), place
        for earlier, value in recorded.items():
            name = RENAMED.get(earlier, earlier)
            assert name in now, f"{place}.{name}"
            require_same(value, now[name], f"{place}.{name}")
    elif isinstance(recorded, list):
        assert isinstance(now, list), place
        assert len(recorded) == len(now), place
        for index, value in enumerate(recorded):
            require_same(value, now[index], f"{place}[{index}]")
    else:
        assert (type(recorded), recorded) == (type(now), now), place


def document_of(value: Run | Iteration | LedgerRow | Workflow) -> dict[str, Any]:
    """A value as JSON, with nothing left out."""
    found: dict[str, Any] = json.loads(value.model_dump_json())
    return found


def test_every_run_says_what_it_said_then(store: Store, shown: dict[str, Any]) -> None:
    found = {run.id: run for run in store.list_runs(limit=100)}

    assert found.keys() == shown.keys()
    for run_id, recorded in shown.items():
        iterations = [document_of(iteration) for iteration in store.list_iterations(run_id)]
        require_same(recorded, {**document_of(found[run_id]), "iterations": iterations}, run_id)
        assert store.read_run(run_id) == found[run_id]


def test_every_document_of_the_file_is_read_whole(store: Store, written: Path) -> None:
    runs = {run.id: document_of(run) for run in store.list_runs(limit=100)}
    iterations = {(one.run_id, one.number): document_of(one) for run_id in runs for one in store.list_iterations(run_id)}
    calls = {row.id: document_of(row) for row in store.ledger.rows()}

    require_same({row[0]: json.loads(row[1]) for row in rows(written, "SELECT id, document FROM run")}, runs)
    require_same({row[:2]: json.loads(row[2]) for row in rows(written, "SELECT run_id, number, document FROM iteration")}, iterations)
    require_same({row[0]: json.loads(row[1]) for row in rows(written, "SELECT id, document FROM ledger")}, calls)
    assert (len(runs), len(iterations), len(calls)) == (7, 24, 20)


def test_every_curve_fill_and_trade_is_bit_for_bit_what_it_was(store: Store, written: Path) -> None:
    curves = rows(written, "SELECT run_id, number, equity, position, facts, preview FROM curve")

    assert len(curves) == 24
    for run_id, number, equity, position, facts, preview in curves:
        detail = store.read_detail(run_id, number)
        assert detail.equity.tobytes() == zlib.decompress(equity)
        assert detail.position.tobytes() == zlib.decompress(position)
        recorded = json.loads(zlib.decompress(facts))
        require_same(recorded["fills"], [fill.model_dump(mode="json") for fill in detail.fills])
        require_same(recorded["trades"], [trade.model_dump(mode="json") for trade in detail.trades])
        thinned = zlib.decompress(preview)
        assert store.read_previews(run_id)[number] == struct.unpack(f"<{len(thinned) // 8}d", thinned)
        if detail.iteration.metrics is not None:
            assert detail.equity[-1] == pytest.approx(detail.iteration.metrics.final_value, rel=1e-12)


def test_the_events_of_every_run_are_there_in_their_order(store: Store, written: Path) -> None:
    found = [(event.run_id, event.seq) for run in store.list_runs(limit=100) for event in store.list_events(run.id)]

    assert sorted(found) == sorted(rows(written, "SELECT run_id, seq FROM event"))
    assert len(found) == 235


def test_the_workbench_and_the_looks_are_as_they_were_left(store: Store, written: Path) -> None:
    versions = {(saved.name, saved.version): saved for saved in store.list_versions("Bollinger squeeze breakout")}
    recorded = {row[:2]: row for row in rows(written, "SELECT name, version, tags, document FROM workflow")}

    assert versions.keys() == recorded.keys()
    for key, (_, _, tags, document) in recorded.items():
        require_same(json.loads(document), document_of(versions[key].workflow))
        assert "\n".join(versions[key].tags) == tags
    assert [(saved.name, saved.version) for saved in store.list_workflows()] == [("Bollinger squeeze breakout", 2)]
    assert [(one.id, one.origin, one.note, one.code) for one in store.list_revisions()] == rows(
        written, "SELECT id, origin, note, code FROM revision"
    )
    for key, text in rows(written, "SELECT key, document FROM draft"):
        assert store.read_draft(key) == text
    for key, text in rows(written, "SELECT key, value FROM setting"):
        assert store.read_setting(key) == text
    looks = "SELECT run_id, iterations, created, instrument, timeframe, first, last FROM look"
    assert rows(Path(store._database._engine.url.database or ""), looks) == rows(written, looks)
