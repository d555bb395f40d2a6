"""The proof behind the one pass: no construct of the language reads a later bar, held against runs in which there is none, or another."""

import pytest
from causality import BASE, compute_at_once, compute_in_steps, list_constructs, make_bars
from workflow_runs import workflow

from core.language import compile_workflow
from tests.changed_future import change_future

BARS = make_bars()
CONSTRUCTS = list_constructs()


def build_code(name: str) -> str:
    rows = [one | {"id": f"x{place}"} for place, one in enumerate(CONSTRUCTS[name])]
    taken = {one["indicators"][0] for one in rows}
    base = [one for one in BASE if one["indicators"][0] not in taken]
    return compile_workflow(workflow(*base, *rows), signals=True, instrument=BARS.instrument)


@pytest.mark.parametrize("name", CONSTRUCTS)
def test_no_construct_of_the_language_reads_a_later_bar(name: str) -> None:
    code = build_code(name)

    whole, stepped = compute_at_once(code, BARS), compute_in_steps(code, BARS)
    assert all(any(text not in ("", "nan") for text in kept) for kept in whole.memory.values())
    assert whole.up_to(len(BARS)) == stepped.up_to(len(BARS))

    assert whole.up_to(90) == compute_at_once(code, change_future(BARS, 90, 3)).up_to(90)
