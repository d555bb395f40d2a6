"""The history in a terminal: copies, checks, and what was deleted."""

from pathlib import Path
from typing import Annotated

import typer

from core.cli.command import DONE, FAILED, AsJson, app, command, print_json, print_line, print_remark
from core.services import services

history = typer.Typer(no_args_is_help=True, help="Copies of the history, its check, and what was deleted.")
app.add_typer(history, name="history")


@history.command()
@command
def backup(file: Annotated[str, typer.Argument(help="File to write; it must not exist.")], as_json: AsJson = False) -> None:
    """Copy the history to a file, as it stands at one moment; runs may go on."""
    made = services().backups.back_up(Path(file))
    if as_json:
        print_json({"file": str(made.path), "bytes": made.size})
    else:
        print_remark(f"Wrote {made.path}, {made.size:,} bytes.")


@history.command()
@command
def restore(file: Annotated[str, typer.Argument(help="A copy made by `history backup`, or one of the daily ones.")]) -> None:
    """Put a copy back in place of the history; what was there is kept beside the daily copies."""
    before = services().backups.restore(Path(file))
    print_remark(f"The history is that of {file}. What was there before is in {before.path}.")
    for damaged in services().backups.check():
        print_remark(f"Damaged in it: {damaged}")


@history.command()
@command
def copy(
    to: Annotated[str, typer.Option("--to", help="An empty database: postgresql://USER:PASSWORD@HOST/NAME, or a file.")],
    source: Annotated[str, typer.Option("--from", help="The history to copy; this one by default.", show_default=False)] = "",
    as_json: AsJson = False,
) -> None:
    """Copy the whole history into another database, checked row by row."""
    made = services().backups.copy_to(to, source)
    if as_json:
        print_json({"rows": made.rows, "left_out": list(made.left_out)})
        return
    for table, rows in made.rows.items():
        print_line(f"{rows:>10,}  {table}")
    for name in made.left_out:
        print_remark(f"Left out, because it is damaged: {name}.")
    print_remark("Every row was compared with its original. Start with STRATLOOP_DATABASE set to that address to go on there.")


@history.command()
@command
def check(
    file: Annotated[str, typer.Argument(help="A copy to check; the history itself by default.", show_default=False)] = "",
    as_json: AsJson = False,
) -> int:
    """Check every page and every row, and name what is wrong."""
    found = services().backups.check(Path(file) if file else None)
    if as_json:
        print_json({"ok": not found, "problems": list(found)})
    else:
        print_line("Sound." if not found else "\n".join(found))
    return DONE if not found else FAILED


@history.command()
@command
def copies(as_json: AsJson = False) -> None:
    """List the copies that are kept: one a day, and those from before a restore."""
    found = services().backups.list_copies()
    if as_json:
        print_json([{"file": str(each.path), "bytes": each.size} for each in found])
        return
    for each in found:
        print_line(f"{each.size:>14,}  {each.path}")
    if not found:
        print_remark("There is no copy yet: the server makes one a day.")


@history.command()
@command
def deleted(
    bring_back: Annotated[str, typer.Option("--bring-back", help="Id of what to bring back.")] = "", as_json: AsJson = False
) -> None:
    """List what was deleted within the last day, or bring something back."""
    if bring_back:
        found = services().backups.bring_back(bring_back)
        print_remark(f"The {found.kind} {found.name} is back.")
        return
    listed = services().backups.list_deleted()
    if as_json:
        print_json([{"id": each.id, "kind": each.kind, "name": each.name, "deleted": each.deleted} for each in listed])
        return
    for each in listed:
        print_line(f"{each.id}  {each.kind} {each.name}, {each.deleted:%Y-%m-%d %H:%M} UTC")
    if not listed:
        print_remark("Nothing was deleted within the last day.")
