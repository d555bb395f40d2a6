"""Long texts lie compressed and come back to the letter; what lay there before is read as it is."""

import hashlib
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlmodel import select

import core.store.compression as compression
from core.domain.history import UnreadableRowError
from core.store import Store
from core.store.compression import DICTIONARIES, pack_text, unpack_text
from core.store.tables import IterationTable
from tests.store.samples import detail, plan

FROZEN = {"~1": "87ccf3e1b4fbb54a5f273fedb927285cb99c21c9410be24d6e96a52857aa3782"}
"""Digests of the dictionaries: whoever changes one makes every row written with it unreadable."""


@given(st.text(max_size=3000))
def test_a_text_comes_back_to_the_letter(text: str) -> None:
    assert unpack_text(pack_text(text)) == text


@pytest.mark.parametrize("text", ["~1", "~1" + "x" * 500, "~" * 3, "\ud83d" * 300, '{"a": 1}', ""])
def test_a_text_that_looks_like_a_packed_one_comes_back_too(text: str) -> None:
    assert unpack_text(pack_text(text)) == text


def test_a_dictionary_never_changes() -> None:
    folder = Path(compression.__file__).parent / "dictionaries"

    assert {mark: hashlib.sha256((folder / name).read_bytes()).hexdigest() for mark, name in DICTIONARIES.items()} == FROZEN


def read_row(store: Store, run_id: str) -> Any:
    with store._database.read() as session:
        return session.exec(select(IterationTable).where(IterationTable.run_id == run_id)).one()


def test_an_iteration_lies_compressed_and_is_read_as_it_was(store: Store) -> None:
    run = store.create_run(plan())
    made = detail(run, 0)
    long = made.iteration.changed(code="self.buy()  # " + "a reason " * 500, answer="```python\n" + "a reason " * 500)
    store.append(replace(made, iteration=long))

    assert len(read_row(store, run.id).document) < len(long.model_dump_json()) / 5
    assert store.read_detail(run.id, 0).iteration == long


def test_a_row_that_was_stored_plainly_is_read(store: Store) -> None:
    run = store.create_run(plan())
    store.append(detail(run, 0))
    iteration = store.read_detail(run.id, 0).iteration
    with store._database.write() as session:
        row = session.exec(select(IterationTable)).one()
        row.document, row.document_version = iteration.model_dump_json(), row.document_version - 1

    assert store.read_detail(run.id, 0).iteration == iteration


@pytest.mark.parametrize("spoil", [lambda text: text[:-8], lambda text: text[:40] + "!" + text[41:], lambda text: "~1"])
def test_a_damaged_text_costs_its_row_and_no_other(store: Store, spoil: Any) -> None:
    run = store.create_run(plan())
    store.append(detail(run, 0))
    store.append(detail(run, 1))
    with store._database.write() as session:
        row = session.exec(select(IterationTable).where(IterationTable.number == 0)).one()
        row.document = spoil(row.document)

    with pytest.raises(UnreadableRowError, match="damaged"):
        store.read_detail(run.id, 0)
    assert [iteration.number for iteration in store.list_iterations(run.id)] == [1]
