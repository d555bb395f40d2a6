"""The verbs for files that are handed on: programs with their bars, reports, bundles; and those that take a bundle in."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from core.cli.command import DONE, FAILED, AsJson, app, command, out, print_json, print_line, print_remark, write, write_bytes
from core.cli.follow_run import require_run
from core.cli.inputs import STANDARD_STREAM
from core.domain.errors import InputError
from core.driving.export import describe_proof_limit
from core.driving.replay_bundle import Replayed
from core.report.number_format import format_count
from core.services import services

BUNDLE = ".zip"
"""Ending of a run that others can check."""
WORKBOOK = ".xlsx"
"""Ending of an iteration's figures, trades, orders and account for a spreadsheet."""
REPORTS = (".html", ".md")
"""Endings of files that hold a report."""
TAKEN = frozenset({*sys.stdlib_module_names, "backtrader", "numpy", "pandas"})
"""Names of modules that a program may import: one that is called so itself would be read in their place."""
BARS_HEADER = b"time,open,high,low,close,volume"
"""First line of a file of exported bars; any other file of that name is left alone."""


@app.command()
@command
def export(
    run: Annotated[str, typer.Argument(help="Id of a run.")],
    output: Annotated[
        str, typer.Option("-o", "--output", help="File to write: .py (its bars beside it as CSV), .xlsx, .html, .md or .zip.")
    ],
    iteration: Annotated[int | None, typer.Option(min=0, max=1_000_000, help="Number; the best one by default.")] = None,
    recommended: Annotated[bool, typer.Option("--recommended", help="What is recommended, one program or two.")] = False,
    bars: Annotated[bool, typer.Option(help="Whether a bundle (.zip) holds the bars, or names them by their hash alone.")] = True,
) -> None:
    """Write an iteration as a program for plain Backtrader with its bars, or as a workbook; a run's report; or a run as a bundle (zip)."""
    path = Path(output)
    if path.suffix == ".py" and path.stem in TAKEN:
        raise InputError(
            f"A program called {path.name} would be read in place of the module {path.stem} that programs import.",
            hint="Choose another name.",
        )
    if recommended and iteration is not None:
        raise InputError("Give either --iteration or --recommended.")
    if path.suffix == ".py":
        _write_programs(run, path, iteration, recommended=recommended)
    elif path.suffix == WORKBOOK:
        if recommended:
            raise InputError("A workbook is of one iteration.", hint="Give its number with --iteration.")
        write_bytes(path, services().reports.render_workbook(require_run(run).id, iteration))
        print_remark(f"Wrote {path}.")
    elif path.suffix in (*REPORTS, BUNDLE):
        if iteration is not None or recommended:
            raise InputError(
                f"A {path.suffix} file is of the whole run.", hint="Leave --iteration out, or write `compare RUN:N ... -o FILE`."
            )
        if path.suffix == BUNDLE:
            write_bytes(path, services().bundles.pack(require_run(run).id, with_bars=bars))
            print_remark(f"Wrote {path}.")
            return
        write(path, services().reports.render_run(require_run(run).id, markdown=path.suffix == ".md"))
        print_remark(f"Wrote {path}.")
    else:
        raise InputError(f"{path} does not end in .py, .xlsx, .html, .md or .zip.", hint="A program's bars go beside it as .csv.")


def _write_programs(run: str, path: Path, iteration: int | None, *, recommended: bool) -> None:
    found, verbs = require_run(run), services().runs
    programs = verbs.export_recommended(found.id, name=path.stem) if recommended else (verbs.export(found.id, iteration, name=path.stem),)
    for made in programs:
        program = path if len(programs) == 1 else path.with_name(f"{made.name}.py")
        bars = program.with_suffix(".csv")
        if bars.exists() and not bars.read_bytes().startswith(BARS_HEADER):
            raise InputError(f"{bars} exists and holds something else.", hint="Choose another name; the bars go beside the program.")
        write(program, made.code)
        write(bars, made.bars)
        print_remark(f"Wrote {program} and {bars}.")
        if made.proof and (limit := describe_proof_limit(made.proof)):
            print_remark(limit)


BundleFile = Annotated[
    str, typer.Argument(help="A bundle, made with `export RUN -o FILE.zip`, or - for standard input.", show_default=False)
]


@app.command()
@command
def replay(bundle: BundleFile, as_json: AsJson = False) -> int:
    """Run everything in a bundle again, without keys or a network, and say whether it comes out the same, to the last bit."""
    found = services().bundles.replay(_read(bundle), watch=lambda one: None if as_json else print_remark(_describe(one)))
    if as_json:
        print_json(found.model_dump(mode="json") | {"first_difference": found.first_difference})
        return DONE if found.same else FAILED
    for edited in found.edited:
        print_line(f"edited: {edited}")
    changed = [name for name, then in found.versions_then.items() if found.versions_now.get(name) not in (None, then)]
    if changed and not found.same:
        print_line(f"Other versions here than there: {', '.join(f'{name} {found.versions_now[name]}' for name in changed)}.")
    programs = format_count(len(found.replayed), "program")
    print_line(f"The same, to the last bit: {programs}." if found.same else f"Not the same. First: {found.first_difference}")
    return DONE if found.same else FAILED


@app.command(name="open")
@command
def open_bundle(bundle: BundleFile) -> None:
    """Take a bundle into the history as a run of its own, to look at and compare."""
    run, already = services().bundles.open(_read(bundle))
    out.print(f"run {run.id}")
    print_remark("This run is here already." if already else run.origin)


def _read(path: str) -> bytes:
    try:
        return sys.stdin.buffer.read() if path == STANDARD_STREAM else Path(path).read_bytes()
    except OSError as error:
        raise InputError(f"{path} cannot be read: {error.strerror}.") from error


def _describe(one: Replayed) -> str:
    return f"{one.name}: {'the same' if one.same else one.difference}"
