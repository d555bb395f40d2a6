"""Keys of people on a server for several: each person's own, for the session or sealed in the history, and behind them the server's.

A sealed key is bound to its owner and its name: moved to another row of the database, it opens no more.
"""

import hashlib
import logging
import os
import secrets
import threading
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from core.domain.errors import InputError
from core.llm.keys import KeyPlace, Keys, read_key_name
from core.llm.providers import key_name
from core.llm.redaction import register_secret
from core.services.settings import Settings

if TYPE_CHECKING:
    from core.store import Store

SECRET_FILE = "server.key"
"""File in the home with the server's secret, where the environment names none."""
NONCE_BYTES = 12

log = logging.getLogger(__name__)


class Seal:
    """Seals keys with the server's secret, and opens them again."""

    def __init__(self, secret: bytes) -> None:
        self._key = hashlib.sha256(b"stratloop sealed keys\n" + secret).digest()

    @classmethod
    def load(cls, settings: Settings) -> "Seal":
        """The seal of this server. Raises InputError where its secret can neither be read nor kept."""
        return cls(settings.secret.encode() if settings.secret else _load_secret(settings.home / SECRET_FILE))

    def close(self, owner: str, name: str, key: str) -> bytes:
        """Seal a key for one owner and one name."""
        from cryptography.hazmat.primitives.ciphers.aead import AESGCM

        nonce = secrets.token_bytes(NONCE_BYTES)
        return nonce + AESGCM(self._key).encrypt(nonce, key.encode(), _bind(owner, name))

    def open(self, owner: str, name: str, sealed: bytes) -> str | None:
        """The key; None when it was sealed for another owner or name, with another secret, or was changed."""
        from cryptography.exceptions import InvalidTag
        from cryptography.hazmat.primitives.ciphers.aead import AESGCM

        try:
            return AESGCM(self._key).decrypt(sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], _bind(owner, name)).decode()
        except (InvalidTag, ValueError):
            log.warning("a sealed key for %s does not open with this server's secret", name)
            return None


def _bind(owner: str, name: str) -> bytes:
    return f"{owner}\n{name}".encode()


def _load_secret(path: Path) -> bytes:
    """The secret in a file that its owner alone can read, made on first use."""
    try:
        if not path.exists():
            path.parent.mkdir(parents=True, exist_ok=True)
            fresh = path.with_name(f"{path.name}.{secrets.token_hex(4)}")
            fresh.touch(mode=0o600, exist_ok=False)
            fresh.write_text(secrets.token_hex(32))
            with suppress(FileExistsError):  # another process was faster: its secret counts
                os.link(fresh, path)
            fresh.unlink()
        return path.read_bytes()
    except OSError as error:
        raise InputError(
            f"The server's secret cannot be kept: {error.strerror}.", hint="Set STRATLOOP_SECRET, or enter the key for this session only."
        ) from error


class PersonKeys:
    """The keys of one person: what they entered, for the session or sealed; then the server's."""

    def __init__(self, owner: str, server: Keys, seal: Callable[[], Seal], history: "Callable[[], Store]") -> None:
        self._owner = owner
        self._server = server
        self._seal = seal
        self._history = history
        self._session: dict[str, str] = {}
        self._lock = threading.Lock()

    def __repr__(self) -> str:
        return "PersonKeys(...)"

    def __call__(self, name: str) -> str | None:
        """The key of that name, or None."""
        own = self._find(read_key_name(name))
        if own is None:
            return self._server(name)
        register_secret(own[0])
        return own[0]

    def locate(self, provider: str, api_base: str = "") -> KeyPlace | None:
        """Find the place of the key for a provider (at an address), None when there is no key."""
        own = self._find(key_name(provider, api_base))
        if own is not None:
            return own[1]
        return None if self._server.locate(provider, api_base) is None else KeyPlace.SERVER

    def enter(self, provider: str, key: str, *, api_base: str = "", keep: bool = False) -> KeyPlace:
        """Take a key typed by the person; with `keep` sealed into the history. Says where it went. Raises InputError and StoreError."""
        name, key = key_name(provider, api_base), key.strip()
        register_secret(key)
        if keep:
            self._history().save_sealed_key(self._owner, name, self._seal().close(self._owner, name, key))
        with self._lock:
            self._session.pop(name, None)
            if not keep:
                self._session[name] = key
        return KeyPlace.SEALED if keep else KeyPlace.SESSION

    def forget(self, provider: str, api_base: str = "") -> None:
        """Drop the person's key; the server's is not theirs to change."""
        name = key_name(provider, api_base)
        with self._lock:
            self._session.pop(name, None)
        self._history().delete_sealed_key(self._owner, name)

    def can_keep(self) -> bool:
        """True: the history keeps sealed keys."""
        return True

    def _find(self, name: str) -> tuple[str, KeyPlace] | None:
        with self._lock:
            entered = self._session.get(name)
        if entered:
            return entered, KeyPlace.SESSION
        sealed = self._history().read_sealed_key(self._owner, name)
        key = None if sealed is None else self._seal().open(self._owner, name, sealed)
        return (key, KeyPlace.SEALED) if key else None


class KeyRing:
    """The keys of everybody, each asked for by its owner's name alone."""

    def __init__(self, server: Keys, seal: Callable[[], Seal], history: "Callable[[], Store]") -> None:
        self._server = server
        self._seal = seal
        self._history = history
        self._people: dict[str, PersonKeys] = {}
        self._lock = threading.Lock()

    def of(self, owner: str) -> Keys | PersonKeys:
        """The keys that work of this owner uses; the server's for what belongs to nobody."""
        if not owner:
            return self._server
        with self._lock:
            if owner not in self._people:
                self._people[owner] = PersonKeys(owner, self._server, self._seal, self._history)
            return self._people[owner]
