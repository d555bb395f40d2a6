"""The token that agents show to the server over HTTP: from the environment, else made once and kept where only its owner reads it."""

import os
import secrets
from pathlib import Path

from core.domain.errors import InputError
from core.services.settings import Settings

VARIABLE = "STRATLOOP_MCP_TOKEN"
SHORTEST = 16
"""Characters of a token that somebody chose."""
FILE = Path("mcp") / "token"
"""In the home folder."""


def read_token(settings: Settings) -> str:
    """Read the token, which is made on first use. Raises InputError for one that is too short, and where none can be kept."""
    if settings.mcp_token:
        if len(settings.mcp_token) < SHORTEST:
            raise InputError(f"{VARIABLE} is too short.", hint=f"At least {SHORTEST} characters keep others from guessing it.")
        return settings.mcp_token
    file = settings.home / FILE
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        try:
            with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="ascii") as new:
                new.write(secrets.token_urlsafe(32))
        except FileExistsError:
            pass
        return file.read_text(encoding="ascii").strip() or _refuse(file)
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"The token in {file} cannot be read or made.", hint=f"Set {VARIABLE} instead.") from error


def describe_token_place() -> str:
    """Say where the token is to be found, without telling it."""
    return f"The token is that of {VARIABLE}, else it stands in the file {FILE.as_posix()} of Stratloop's home folder."


def _refuse(file: Path) -> str:
    raise InputError(f"The token in {file} is empty.", hint="Remove the file: a new one is made.")
