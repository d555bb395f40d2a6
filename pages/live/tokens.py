"""Tokens that let a browser's socket read one run: signed, for that run and that use alone, and short-lived.

A screen mints one after the access gate; the socket's route checks it. The secret is kept in the state folder, so that a page
that was open when the server restarted finds its way back without a reload.
"""

import hashlib
import os
import re
import secrets
from collections.abc import Mapping
from contextlib import suppress
from enum import StrEnum
from functools import lru_cache
from pathlib import Path

from itsdangerous import BadSignature, TimestampSigner

from pages.live.guests import COOKIE

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

    def mint(self, run_id: str, use: TokenScope, visitor: str = "") -> str:
        """A token for one run, one use and one visitor (`mark_visitor`)."""
        return self._signer(use, visitor).sign(run_id).decode()

    def allows(self, token: str, run_id: str, use: TokenScope, visitor: str = "") -> bool:
        """True when the token was minted here for this run, this use and this visitor, and is not too old."""
        try:
            signed = self._signer(use, visitor).unsign(token, max_age=self._seconds)
        except (BadSignature, ValueError):  # ValueError: signs that no token has
            return False
        return signed == run_id.encode()

    def _signer(self, use: TokenScope, visitor: str) -> TimestampSigner:
        return TimestampSigner(self._secret, salt=f"stratloop live {use.value} {visitor}", digest_method=hashlib.sha256)


def mark_visitor(cookies: Mapping[str, str]) -> str:
    """The mark of whoever sent these cookies, signed in or a guest; empty where nobody is asked. It tells nothing of the cookies."""
    known = sorted((name, value) for name, value in cookies.items() if name == COOKIE or _SIGNED_IN.fullmatch(name))
    return hashlib.sha256(repr(known).encode("utf-8", "surrogatepass")).hexdigest()[:32] if known else ""


_SIGNED_IN = re.compile(r"_streamlit_user(_{1,2}\d+)?")
"""Names of the cookie that says who is signed in; a large one comes in numbered pieces."""


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
