"""What the first page needs is little: the libraries that cost seconds are imported after it."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
HEAVY = ("pandas", "altair", "litellm", "backtrader", "yfinance", "optuna", "scipy", "perspective")
PARTS = {
    "home": "access, formatting, frame, navigation",
    "builder": "workflow_files, workflow_preview, workflow_reference, workflow_rows, workflow_state",
    "code": "editor, generation_panel, plan_form, model_comparison",
    "driving": "asset, generation_panel, picker, plan_form, form_state",
}


@pytest.mark.parametrize("screen", PARTS)
def test_a_screen_is_on_the_way_before_anything_heavy_is_imported(screen: str) -> None:
    script = f"import sys, core.services\nfrom pages.components import {PARTS[screen]}\nprint(sorted(set({HEAVY!r}) & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.strip().splitlines()[-1] == "[]"


def test_the_standard_library_is_not_hidden_by_a_screen() -> None:
    lines = (
        "import os, sys",
        "sys.path.insert(0, os.path.abspath('pages'))",
        "source = open('pages/shell.py').read().split('from pages.components')[0]",
        "exec(compile(source, 'pages/shell.py', 'exec'), {'__file__': 'pages/shell.py'})",
        "import code",
        "print(code.__file__)",
    )
    done = subprocess.run([sys.executable, "-c", "\n".join(lines)], cwd=ROOT, capture_output=True, text=True, check=True)
    assert "pages" not in Path(done.stdout.strip().splitlines()[-1]).parts
