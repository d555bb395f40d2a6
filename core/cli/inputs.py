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
    """Read a program: a file, that of a kept strategy or an iteration, or what is compiled of a workflow; the latter with their workflow.

    Raises InputError and WorkflowError.
    """
    path = Path(name)
    if name != STANDARD_STREAM and not path.exists() and (swapped := next((one for one in others if _is_input(one)), "")):
        rest = [name, *(one for one in others if one != swapped)]
        raise InputError(f"{name} is no file.", hint=f"Write what is run first: `backtest {swapped} {' '.join(rest)}`.")
    if name == STANDARD_STREAM or (path.exists() and path.suffix != ".json"):
        return read_text(name), None
    if path.suffix in PROGRAMS or (not path.exists() and len(path.parts) > 1):
        return read_text(name), None  # says that it is not there
    from core import language

    kept = _find_kept(name)
    try:
        table = read_workflow(name)
    except InputError as error:
        if kept is not None:
            return _read_iteration(*kept)
        raise InputError(f"There is no file, no workflow and no kept strategy {name!r}.", hint=error.hint) from error
    language.require_valid(table)
    also = f" A kept strategy is called so too: `backtest {kept[0]}:{kept[1]}` runs it." if kept else ""
    print_remark(f"{table.name} is a workflow: the program made of it is run.{also}")
    return language.compile_workflow(table), table


def _find_kept(name: str) -> tuple[str, int] | None:
    """The run and number of an iteration that is named as RUN:NUMBER, or that was kept under a name."""
    from core.cli.follow_run import require_run

    run, _, number = name.rpartition(":")
    if run and number.isdecimal():
        return require_run(run).id, int(number)
    kept = next((one for one in services().remarks.list_strategies() if one.name.casefold() == name.strip().casefold()), None)
    return (kept.run_id, kept.iteration) if kept else None


def _read_iteration(run_id: str, number: int) -> tuple[str, Workflow]:
    from core.cli.follow_run import require_run

    run, iteration = require_run(run_id), services().store.read_detail(run_id, number).iteration
    if not iteration.code:
        raise InputError(f"Iteration {number} of run {run_id} has no program.", hint="`show RUN` lists those that have one.")
    print_remark(f"Iteration {number} of run {run_id} is run.")
    return iteration.code, run.plan.workflow


def _is_input(name: str) -> bool:
    return Path(name).suffix in (*PROGRAMS, ".json") and Path(name).is_file()


def join_assets(asset: str, instruments: Sequence[str] | None) -> str:
    """Join the instruments of --asset and those that stand behind the file. Raises InputError where both are given."""
    if asset and instruments:
        raise InputError(f"Instruments are named twice: --asset {asset} and {' '.join(instruments)}.", hint="Keep one of them.")
    return asset or ",".join(instruments or ())
