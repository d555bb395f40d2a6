"""Examples in docstrings of the product and its tests are true; screens themselves are left out, because importing one draws it."""

import doctest
import importlib
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
SEARCHED = ("core", "pages/components", "pages/live", "tests")
EXAMPLE = re.compile(r"^ +>>> ", re.MULTILINE)
LEFT_OUT = {"core/store/migrations", "core/cli/__main__.py", "core/sandbox/worker.py"}
"""Scripts that somebody else calls."""


def list_modules() -> list[str]:
    """Modules with an example, by dotted name."""
    files = [file for folder in SEARCHED for file in sorted((ROOT / folder).rglob("*.py"))]
    names = [file.relative_to(ROOT) for file in files if EXAMPLE.search(file.read_text(encoding="utf-8"))]
    kept = [name for name in names if not any(name.is_relative_to(other) for other in LEFT_OUT)]
    return [".".join(name.with_suffix("").parts).removesuffix(".__init__") for name in kept]


@pytest.mark.parametrize("name", list_modules())
def test_the_examples_of_a_module_are_true(name: str) -> None:
    found = doctest.testmod(importlib.import_module(name), report=True)

    assert found.failed == 0, "the examples that failed stand above"


def test_modules_with_examples_were_found() -> None:
    assert len(list_modules()) > 80
