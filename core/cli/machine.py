"""This machine in a terminal: doctor."""

from core.cli.command import DONE, FAILED, AsJson, app, command, print_json, say
from core.services import services


@app.command()
@command
def doctor(as_json: AsJson = False) -> int:
    """Look at this machine: versions, where state lives, which isolation holds, whether the parts are there."""
    document = services().diagnosis()
    if as_json:
        print_json(document)
    else:
        for name, value in document.items():
            say(f"{name:20} {value}")
    return DONE if document["ok"] else FAILED
