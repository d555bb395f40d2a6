"""Tokens that let a browser's socket read one run: signed, for that run and that use alone, and short-lived.

A screen mints one after the access gate; the socket's route checks it. The secret is kept in the state folder, so that a page
that was open when the server restarted finds its way back without a reload.
"""

import hashlib
import os
import secrets
from contextlib import suppress
from enum import StrEnum
from functools import lru_cache
from pathlib import Path

from itsdangerous import BadSignature, TimestampSigner

VALID_SECONDS = 12 * 3600
"""A page that stays open longer gets a new token with its next rerun."""

SECRET_FILE = "live.key"


class TokenScope(StrEnum):
    """The socket that a token opens."""

    EVENTS = "events"
    CURVES = "curves"


class Tokens:
    """Mints and checks tokens under one secret."""

    def __init__(self, secret: bytes, *, seconds: int = VALID_SECONDS) -> None:
        self._secret = secret
        self._seconds = seconds

    def mint(self, run_id: str, use: TokenScope) -> str:
        """A token for one run and one use."""
        return self._signer(use).sign(run_id).decode()

    def allows(self, token: str, run_id: str, use: TokenScope) -> bool:
        """True when the token was minted here for this run and this use, and is not too old."""
        try:
            signed = self._signer(use).unsign(token, max_age=self._seconds)
        except (BadSignature, ValueError):  # ValueError: signs that no token has
            return False
        return signed == run_id.encode()

    def _signer(self, use: TokenScope) -> TimestampSigner:
        return TimestampSigner(self._secret, salt=f"stratloop live {use.value}", digest_method=hashlib.sha256)


@lru_cache(maxsize=8)
def load_tokens(home: Path) -> Tokens:
    """Load the tokens of the server that keeps its state in `home`."""
    return Tokens(_secret(home))


def _secret(home: Path) -> bytes:
    """The secret in `home`, made on first use and readable by its owner alone; one for this process where nothing can be kept."""
    path = home / SECRET_FILE
    fresh = home / f"{SECRET_FILE}.{secrets.token_hex(4)}"
    try:
        if not path.exists():
            home.mkdir(parents=True, exist_ok=True)
            fresh.touch(mode=0o600, exist_ok=False)
            fresh.write_bytes(secrets.token_hex(32).encode())
            with suppress(FileExistsError):  # another process was faster: its secret counts
                os.link(fresh, path)
            fresh.unlink()
        return path.read_bytes()
    except OSError:
        with suppress(OSError):
            fresh.unlink()
        return secrets.token_bytes(32)
