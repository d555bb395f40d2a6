"""A bundle is a run that others can check: it comes out the same elsewhere, and whatever was touched is named."""

import io
import json
import zipfile
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path

import numpy as np
import pytest

from core.domain.bars_request import BarsRequest
from core.domain.errors import InputError
from core.domain.run import Run, RunPlan, Status
from core.driving.bundle import read_bundle
from core.services import Services, Settings
from core.store.documents import read_document


@pytest.fixture(scope="module")
def run(parts: Services) -> Run:
    workflow = parts.workbench.find_workflow("sma_cross")
    bars = BarsRequest(symbol="AAPL", start=date(2006, 1, 1), end=date(2008, 12, 31))
    return parts.runs.run_here(RunPlan(workflow=workflow, bars=bars, loops=2, minimum_trades=1))


@pytest.fixture(scope="module")
def packed(parts: Services, run: Run) -> bytes:
    return parts.bundles.pack(run.id)


@pytest.fixture(scope="module")
def elsewhere(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Services]:
    made = Services(Settings(home=tmp_path_factory.mktemp("elsewhere")))
    yield made
    made.close()


def edit(packed: bytes, change: Callable[[dict[str, bytes]], object], *, honest: bool = False) -> bytes:
    """The bundle with some files changed; `honest` writes their new hashes into the manifest."""
    with zipfile.ZipFile(io.BytesIO(packed)) as archive:
        files = {name: archive.read(name) for name in archive.namelist()}
    change(files)
    if honest:
        import hashlib

        manifest = json.loads(files["manifest.json"])
        manifest["files"] = {name: hashlib.sha256(data).hexdigest() for name, data in files.items() if name != "manifest.json"}
        files["manifest.json"] = json.dumps(manifest).encode()
    memory = io.BytesIO()
    with zipfile.ZipFile(memory, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return memory.getvalue()


def test_everything_comes_back_out_of_a_bundle(parts: Services, run: Run, packed: bytes) -> None:
    found = read_bundle(packed, read_document)

    assert found.run == parts.store.read_run(run.id)
    assert found.edited == ()
    assert found.training is not None
    assert found.training.hash == run.data_hash
    for detail in found.details:
        stored = parts.store.read_detail(run.id, detail.iteration.number)
        assert detail.iteration == stored.iteration
        assert np.array_equal(detail.equity, stored.equity)
        assert (detail.fills, detail.trades) == (stored.fills, stored.trades)


def test_it_replays_elsewhere_to_the_same_bits(elsewhere: Services, packed: bytes) -> None:
    report = elsewhere.bundles.replay(packed)

    assert report.same, report.first_difference
    names = [one.name for one in report.replayed]
    assert names[:3] == ["iteration 0", "iteration 1", "iteration 2"]
    assert "hold-out of iteration 0" in names


@pytest.mark.parametrize("name", ["format_1_first.zip", "format_1_last.zip"])
def test_bundles_of_the_first_format_open_and_replay(elsewhere: Services, name: str) -> None:
    data = (Path(__file__).parent / "bundles" / name).read_bytes()

    opened = elsewhere.bundles.open(data).run

    assert elsewhere.bundles.replay(data).first_difference == ""
    assert [one.number for one in elsewhere.store.list_iterations(opened.id)] == [0, 1]
    assert opened.hold_out is not None


@pytest.mark.parametrize("document", ["run.json", "iterations/1/iteration.json", "bars/0.json", "iterations/0/fills.json"])
def test_a_field_of_a_newer_version_is_said_to_be_one(elsewhere: Services, packed: bytes, document: str) -> None:
    def change(files: dict[str, bytes]) -> None:
        content = json.loads(files[document])
        place = content[0] if isinstance(content, list) else content.get("instrument", content)
        place["of_tomorrow"] = 1
        files[document] = json.dumps(content).encode()

    with pytest.raises(InputError, match=r"of a newer version.*of_tomorrow"):
        elsewhere.bundles.open(edit(packed, change, honest=True))


def test_documents_of_a_newer_version_are_said_to_be_some(elsewhere: Services, packed: bytes) -> None:
    def change(files: dict[str, bytes]) -> None:
        manifest = json.loads(files["manifest.json"])
        manifest["documents"]["run"] = 99
        files["manifest.json"] = json.dumps(manifest).encode()

    with pytest.raises(InputError, match=r"of a newer version.*version 99"):
        elsewhere.bundles.replay(edit(packed, change))


def test_an_edited_program_is_named_by_its_hash_and_by_what_it_changes(elsewhere: Services, packed: bytes) -> None:
    def change(files: dict[str, bytes]) -> None:
        files["iterations/0/code.py"] = files["iterations/0/code.py"].replace(b"sma_fast=20", b"sma_fast=9")

    report = elsewhere.bundles.replay(edit(packed, change))

    assert not report.same
    assert report.edited[0].startswith("iterations/0/code.py: ")
    assert not report.replayed[0].same
    assert "at bar" in report.replayed[0].difference
    assert "np." not in report.replayed[0].difference


def test_prettier_figures_with_honest_hashes_still_do_not_replay(elsewhere: Services, packed: bytes) -> None:
    def change(files: dict[str, bytes]) -> None:
        memory = io.BytesIO()
        np.save(memory, np.load(io.BytesIO(files["iterations/1/equity.npy"])) * 1.01)
        files["iterations/1/equity.npy"] = memory.getvalue()

    report = elsewhere.bundles.replay(edit(packed, change, honest=True))

    assert report.edited == ()
    assert report.first_difference.startswith("iteration 1: account at bar 0")


def test_it_opens_as_a_run_of_its_own(elsewhere: Services, run: Run, packed: bytes) -> None:
    opened = elsewhere.bundles.open(packed).run

    stored = elsewhere.store.read_run(opened.id)
    assert stored.origin.startswith(f"From a bundle of run {run.id}")
    assert (stored.best, stored.hold_out, stored.status) == (run.best, run.hold_out, Status.COMPLETE)
    assert len(elsewhere.store.list_iterations(opened.id)) == 3
    assert elsewhere.runs.assess(opened.id).luck is not None, "its bars are here too"


def test_a_bundle_is_opened_once_and_one_of_a_run_that_is_here_not_at_all(
    parts: Services, elsewhere: Services, run: Run, packed: bytes
) -> None:
    first, before = elsewhere.bundles.open(packed).run, parts.store.count_runs()

    again = elsewhere.bundles.open(packed)

    assert (again.run.id, again.already) == (first.id, True)
    assert parts.bundles.open(packed) == (parts.store.read_run(run.id), True)
    assert parts.store.count_runs() == before


def test_a_bundle_with_other_figures_is_another_run(elsewhere: Services, packed: bytes) -> None:
    def change(files: dict[str, bytes]) -> None:
        memory = io.BytesIO()
        np.save(memory, np.load(io.BytesIO(files["iterations/1/equity.npy"])) * 1.01)
        files["iterations/1/equity.npy"] = memory.getvalue()

    elsewhere.bundles.open(packed)

    assert not elsewhere.bundles.open(edit(packed, change, honest=True)).already


def test_a_bundle_without_bars_replays_where_the_same_ones_are(parts: Services, run: Run, elsewhere: Services) -> None:
    light = parts.bundles.pack(run.id, with_bars=False)

    assert read_bundle(light, read_document).bars is None
    assert elsewhere.bundles.replay(light).same


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "not a whole zip"),
        (b"PK\x03\x04 nonsense", "not a whole zip"),
        (b"a,b\n1,2\n", "not a whole zip"),
    ],
)
def test_what_is_no_zip_is_said_to_be_none(elsewhere: Services, data: bytes, words: str) -> None:
    with pytest.raises(InputError, match=words):
        elsewhere.bundles.replay(data)


def test_half_a_bundle_is_refused(elsewhere: Services, packed: bytes) -> None:
    with pytest.raises(InputError, match="not a whole zip"):
        elsewhere.bundles.open(packed[: len(packed) // 2])


def test_a_bundle_damaged_anywhere_is_refused_in_words_or_named_as_edited(packed: bytes) -> None:
    random = np.random.default_rng(3)
    refused = 0
    for _ in range(150):
        damaged = bytearray(packed)
        for place in random.integers(0, len(packed), size=3):
            damaged[place] ^= int(random.integers(1, 256))
        try:
            read_bundle(bytes(damaged), read_document)
        except InputError:
            refused += 1

    assert refused > 100


def put(name: str, data: bytes) -> Callable[[dict[str, bytes]], object]:
    return lambda files: files.update({name: data})


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda files: files.pop("manifest.json"), "no manifest"),
        (put("manifest.json", b'{"kind": "else", "format": 1, "files": {}}'), "no bundle of Stratloop"),
        (put("manifest.json", b'{"kind": "stratloop-bundle", "format": 99, "files": {}}'), "format 99"),
        (put("manifest.json", b'{"kind": "stratloop-bundle", "format": -1, "files": {}}'), "no bundle of Stratloop"),
        (put("manifest.json", b"[]"), "no manifest"),
        (put("manifest.json", b"[" * 100_000), "no manifest"),
        (put("bars/0.json", b"[" * 100_000), "cannot be read"),
        (lambda files: files.pop("iterations/1/equity.npy"), r"iterations/1/equity\.npy: gone, .* lacks iterations/1/equity\.npy"),
        (put("run.json", b'{"id": 1}'), "cannot be read"),
        (put("iterations/1/equity.npy", b"\x93NUMPY nonsense"), r"edited since it was made \(iterations/1/equity\.npy: .* cannot be read"),
        (put("bars/0.csv", b"time,close\n"), "another header"),
    ],
)
def test_a_bundle_with_something_wrong_inside_is_refused_in_words(
    elsewhere: Services, packed: bytes, change: Callable[[dict[str, bytes]], object], words: str
) -> None:
    with pytest.raises(InputError, match=words):
        elsewhere.bundles.open(edit(packed, change))


def test_arrays_of_objects_are_never_loaded(elsewhere: Services, packed: bytes) -> None:
    memory = io.BytesIO()
    np.save(memory, np.array([print], dtype=object), allow_pickle=True)

    with pytest.raises(InputError, match="cannot be read"):
        elsewhere.bundles.replay(edit(packed, put("iterations/1/equity.npy", memory.getvalue())))


def test_an_edited_bundle_is_not_opened_as_a_run(elsewhere: Services, packed: bytes) -> None:
    before = elsewhere.store.count_runs()

    with pytest.raises(InputError, match=r"was edited since it was made: iterations/1/answer\.txt"):
        elsewhere.bundles.open(edit(packed, put("iterations/1/answer.txt", b"other")))

    assert elsewhere.store.count_runs() == before


def test_a_zip_that_swells_is_refused_before_it_is_unpacked(elsewhere: Services) -> None:
    memory = io.BytesIO()
    with zipfile.ZipFile(memory, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("manifest.json", b"0" * 201_000_000)

    with pytest.raises(InputError, match="larger than 200 MB"):
        elsewhere.bundles.open(memory.getvalue())


def test_a_run_that_goes_on_is_not_packed(parts: Services, run: Run) -> None:
    waiting = parts.store.create_run(run.plan)

    with pytest.raises(InputError, match="still queued"):
        parts.bundles.pack(waiting.id)
    parts.runs.cancel(waiting.id)
