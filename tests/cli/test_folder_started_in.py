"""Whatever files lie in the folder that a command is started in: they are no part of the standard library, nor of any package."""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
READ_BEFORE = {"collections", "contextlib", "functools", "importlib", "keyword", "operator", "reprlib", "types", "warnings"}
"""Modules that Python itself reads before any line of a program that `python -m` starts; there -P helps."""
ELSEWHERE = {"msvcrt", "nt", "winreg", "winsound", "msilib"}
"""Modules of other systems, which libraries look for."""


def test_files_named_as_modules_do_not_stand_before_them(tmp_path: Path) -> None:
    names = {name for name in sys.stdlib_module_names if not name.startswith("_")} - READ_BEFORE - ELSEWHERE
    for name in sorted({*names, "pydantic", "rich", "typer"}):
        (tmp_path / f"{name}.py").write_text(f"raise SystemExit('{name}.py of the folder')\n")
    (tmp_path / "core").symlink_to(ROOT / "core")
    (tmp_path / "data").symlink_to(ROOT / "data")

    command = [sys.executable, "-m", "core.cli", "check", "sma_cross"]
    environment = {"STRATLOOP_HOME": str(tmp_path / "home"), "PATH": "/usr/bin"}
    done = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False)

    assert (done.returncode, done.stderr) == (0, "")
