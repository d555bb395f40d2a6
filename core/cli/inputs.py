"""Reading of all that a verb is given: a program, a workflow or a text, by file, by name or over standard input; and its instruments."""

import difflib
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Annotated

import typer

from core.cli.command import print_remark
from core.domain.errors import InputError
from core.domain.workflow import Workflow
from core.services import services

STANDARD_STREAM = "-"
"""Standard input in place of a file that is read, standard output in place of one that is written."""
PROGRAMS = (".py", ".ipynb")
Instruments = Annotated[
    list[str] | None, typer.Argument(help="Symbols or files of bars; the same as --asset.", metavar="[instrument]...", show_default=False)
]


def read_text(name: str) -> str:
    """Read a file that the user named, or standard input. Raises InputError."""
    try:
        data = sys.stdin.buffer.read() if name == STANDARD_STREAM else Path(name).read_bytes()
        return data.decode("utf-8-sig")
    except OSError as error:
        raise InputError(f"{name} cannot be read: {error.strerror}.") from error
    except UnicodeDecodeError as error:
        raise InputError(f"{name} is not UTF-8 text.", hint="Save it as UTF-8.") from error


def read_workflow(name: str) -> Workflow:
    """Read a workflow by file, starter, saved name or standard input; what comes near is named. Raises InputError and WorkflowError."""
    if name == STANDARD_STREAM:
        from core import language

        return language.parse(read_text(name))
    if Path(name).suffix in PROGRAMS and Path(name).is_file():
        raise InputError(f"{name} is a program and no workflow.", hint=f"`backtest {name} --asset AAPL` runs it.")
    try:
        return services().workbench.find_workflow(name)
    except InputError as error:
        if near := suggest_near(name, list_workflow_names()):
            raise InputError(error.message, hint=f"Did you mean {near}?") from error
        raise


def list_workflow_names() -> list[str]:
    """List the names under which a workflow is found: starters, then saved ones."""
    workbench = services().workbench
    return [*(starter.key for starter in workbench.list_starters()), *workbench.list_saved()]


def suggest_near(name: str, known: Iterable[str]) -> str:
    """Suggest the known names that come near to one; empty when none does."""
    return " or ".join(difflib.get_close_matches(name, list(known), n=2, cutoff=0.75))


def read_program(name: str, others: Sequence[str] = ()) -> tuple[str, Workflow | None]:
    """Read a program, or make one of a workflow that is named in its place; with that workflow. Raises InputError and WorkflowError."""
    path = Path(name)
    if name != STANDARD_STREAM and not path.exists() and (swapped := next((one for one in others if _is_input(one)), "")):
        rest = [name, *(one for one in others if one != swapped)]
        raise InputError(f"{name} is no file.", hint=f"Write what is run first: `backtest {swapped} {' '.join(rest)}`.")
    if name == STANDARD_STREAM or (path.exists() and path.suffix != ".json"):
        return read_text(name), None
    if path.suffix in PROGRAMS or (not path.exists() and len(path.parts) > 1):
        return read_text(name), None  # says that it is not there
    from core import language

    try:
        table = read_workflow(name)
    except InputError as error:
        raise InputError(f"There is no file and no workflow {name!r}.", hint=error.hint) from error
    language.require_valid(table)
    print_remark(f"{table.name} is a workflow: the program made of it is run.")
    return language.compile_workflow(table), table


def _is_input(name: str) -> bool:
    return Path(name).suffix in (*PROGRAMS, ".json") and Path(name).is_file()


def join_assets(asset: str, instruments: Sequence[str] | None) -> str:
    """Join the instruments of --asset and those that stand behind the file. Raises InputError where both are given."""
    if asset and instruments:
        raise InputError(f"Instruments are named twice: --asset {asset} and {' '.join(instruments)}.", hint="Keep one of them.")
    return asset or ",".join(instruments or ())
