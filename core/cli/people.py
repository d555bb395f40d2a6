"""People of a server in a terminal: who they are, what they may use, and what is shown to whom."""

from typing import Annotated

import typer
from rich.table import Column, Table
from rich.text import Text

from core.cli.command import AsJson, app, command, out, print_json, print_remark
from core.cli.follow_run import require_run
from core.domain.errors import InputError
from core.domain.people import EVERYBODY
from core.services import services
from core.services.limits import read_limits
from core.services.people import describe_limits


@app.command()
@command
def people(as_json: AsJson = False) -> None:
    """List who has signed in, with role, limits and what of them is used."""
    verbs = services().people
    known = verbs.list_people()
    if as_json:
        print_json([{**one.model_dump(mode="json"), "limits": _dump_limits(one.id)} for one in known])
        return
    table = Table(Column("id", no_wrap=True), "name", "role", "limits", "runs", "minutes today", "MB")
    for one in known:
        used, limits = verbs.measure_use(one.id), verbs.read_limits(one.id)
        cells = (one.id, one.name, one.role.value, describe_limits(limits), str(used.runs), f"{used.minutes:.1f}", f"{used.disk_mb:.1f}")
        table.add_row(*map(Text, cells))
    out.print(table)
    print_remark(f"Everybody without limits of their own: {describe_limits(verbs.read_limits()) if verbs.read_limits() else 'no limits'}.")


@app.command()
@command
def limit(
    person: Annotated[str, typer.Argument(help="Id or name; everybody when left out.", show_default=False)] = "",
    runs: Annotated[int | None, typer.Option(min=0, help="Runs at once.", show_default=False)] = None,
    minutes: Annotated[float | None, typer.Option(min=0, help="Processor minutes a day.", show_default=False)] = None,
    disk: Annotated[float | None, typer.Option(min=0, help="Megabytes of uploads and runs.", show_default=False)] = None,
    day: Annotated[float | None, typer.Option(min=0, help="US dollars a day.", show_default=False)] = None,
    month: Annotated[float | None, typer.Option(min=0, help="US dollars a month.", show_default=False)] = None,
    off: Annotated[bool, typer.Option("--off", help="Take the limits away.")] = False,
    as_json: AsJson = False,
) -> None:
    """Limit what a person may use on this server; what is not given stays, and 0 lifts it."""
    person_id = services().sharing.find_people(person).id if person else ""
    given = {"runs": runs, "minutes": minutes, "disk_mb": disk, "day_usd": day, "month_usd": month}
    if off and any(value is not None for value in given.values()):
        raise InputError(
            "--off takes all limits away, so it goes with none of them.", hint="A single limit is lifted by 0, as in --runs 0."
        )
    if off:
        services().people.save_limits(None, person_id)
    elif any(value is not None for value in given.values()):
        before = services().people.read_limits(person_id)
        kept = before.model_dump() if before else {}
        changed = {**kept, **{name: value for name, value in given.items() if value is not None}}
        services().people.save_limits(read_limits(**{name: value or None for name, value in changed.items()}), person_id)
    if as_json:
        print_json(_dump_limits(person_id))
    else:
        found = services().people.read_limits(person_id)
        print_remark(f"{person or 'Everybody'}: {describe_limits(found) if found or person else 'no limits'}.")


@app.command()
@command
def share(
    what: Annotated[str, typer.Argument(help="Id of a run, or its beginning; with --workflow a saved name.", show_default=False)],
    to: Annotated[str, typer.Option("--with", help="Id or name of one person; everybody by default.")] = "",
    workflow: Annotated[bool, typer.Option("--workflow", help="It is a saved workflow.")] = False,
    stop: Annotated[bool, typer.Option("--stop", help="Show it no more.")] = False,
    look: Annotated[bool, typer.Option("--look", help="Change nothing, and say who sees it.")] = False,
    as_json: AsJson = False,
) -> None:
    """Show a run or a workflow to others, and say who sees it."""
    sharing = services().sharing
    if look and (stop or to):
        raise InputError("--look changes nothing, so it goes with neither --with nor --stop.")
    subject = what if workflow else require_run(what).id
    person = sharing.find_people(to).id if to else None
    describe = sharing.describe_workflow if workflow else sharing.describe_run
    if stop:
        (sharing.hide_workflow if workflow else sharing.hide_run)(subject, person)
    elif not look:
        (sharing.share_workflow if workflow else sharing.share_run)(subject, EVERYBODY if person is None else person)
    seen = describe(subject)
    if as_json:
        print_json({"owner": seen.owner, "everybody": seen.everybody, "people": [one.id for one in seen.people], "words": seen.words})
    else:
        print_remark(seen.words)


def _dump_limits(person_id: str) -> dict[str, float | None] | None:
    found = services().people.read_limits(person_id)
    return found.model_dump(mode="json") if found else None
