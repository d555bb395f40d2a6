"""An exported program needs its packages alone: what was absent in the run is absent there, and arguments are the runner's."""

import sys
from types import ModuleType

import pytest

from core.driving.export_surroundings import list_packages, surround_code

PARSES = """\"\"\"Doc.\"\"\"
from __future__ import annotations

import sys


SAID = sys.argv[1:]
"""
ABSENT = """from unavailable import requests as r
from unavailable.telegram import Bot

kept = r.post
try:
    Bot("x")
except r.RequestException:
    caught = True
"""


def run(code: str) -> dict[str, object]:
    """Run a module; what it put into the table of modules is taken out again."""
    module = ModuleType("exported")
    before = set(sys.modules)
    try:
        exec(compile(code, "exported.py", "exec"), vars(module))
    finally:
        for name in set(sys.modules) - before:
            del sys.modules[name]
    return vars(module)


def test_a_script_that_reads_arguments_does_not_get_those_of_the_runner(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "argv", ["winner.py", "bars.csv", "--cash", "5"])

    assert run(surround_code(PARSES))["SAID"] == []
    assert sys.argv == ["winner.py", "bars.csv", "--cash", "5"]


def test_what_was_absent_when_it_was_measured_fails_only_when_it_is_called() -> None:
    assert run(surround_code(ABSENT))["caught"] is True
    assert list_packages(ABSENT) == []


def test_code_that_needs_nothing_around_it_stays_as_it_is() -> None:
    code = "import backtrader as bt\n\n\nclass S(bt.Strategy):\n    pass\n"

    assert surround_code(code) == code


def test_packages_to_install_are_named_beside_backtrader() -> None:
    assert list_packages("import numpy.linalg, os\nfrom colorama import Fore\nfrom . import own\n") == ["colorama", "numpy"]
