"""Digests of the code that every starter and every workflow of `tests/reach` compiles to.

`make compiled-code` writes them anew, after a change that is meant to change compiled code, and prints which documents it changed.
"""

import json
import sys
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path

from core.domain.errors import WorkflowError
from core.domain.instrument import Instrument
from core.language import compile_workflow, parse

TABLE = Path(__file__).parent / "compiled_code.json"
PROJECT = Path(__file__).parents[2]
SESSION = Instrument(symbol="SHARE", calendar="XNYS", session_open=570, session_close=960)
"""An instrument that tells its trading day, so that the code's own entries for it are among what is compared."""


def list_documents() -> Iterator[tuple[str, object]]:
    """List the documents by the path of their file."""
    files = [*(PROJECT / "data" / "workflows").glob("*.json"), *(PROJECT / "tests" / "reach").rglob("*.json")]
    for file in sorted(files):
        told = json.loads(file.read_text(encoding="utf-8"))
        yield file.relative_to(PROJECT).as_posix(), told.get("workflow", told)


def digest_documents() -> dict[str, str]:
    """Digest the code of each document: as it is exported, and with signals for an instrument that tells its trading day."""
    return {path: _digest(told) for path, told in list_documents()}


def _digest(told: object) -> str:
    workflow = parse(told)
    try:
        codes = [compile_workflow(workflow), compile_workflow(workflow, signals=True, instrument=SESSION)]
    except WorkflowError as error:
        codes = [str(error)]
    return sha256("\0".join(codes).encode()).hexdigest()[:16]


def describe_changes(before: dict[str, str], now: dict[str, str]) -> list[str]:
    """List the documents whose code is another one now, with new and gone ones."""
    return [path for path in sorted(before | now) if before.get(path) != now.get(path)]


def read_table() -> dict[str, str]:
    """Read the table as it was last written."""
    table: dict[str, str] = json.loads(TABLE.read_text(encoding="utf-8")) if TABLE.exists() else {}
    return table


def main() -> None:
    """Write the table anew and print what changed."""
    before, now = read_table(), digest_documents()
    TABLE.write_text(json.dumps(now, indent=1) + "\n", encoding="utf-8")
    changed = describe_changes(before, now)
    sys.stdout.write("\n  ".join([f"{len(changed)} of {len(now)} documents compile to other code.", *changed]) + "\n")


if __name__ == "__main__":
    main()
