"""The keys of providers: entered in this session, in the system's keyring, or in the environment. Nowhere else."""

import os
import threading
from collections.abc import Mapping
from enum import StrEnum
from typing import Any

from core.llm.providers import find_provider, key_name
from core.llm.redaction import register_secret

SERVICE = "stratloop"
"""Name under which the keyring files our entries."""


class KeyPlace(StrEnum):
    """The place where a key was found; shown instead of the key."""

    SESSION = "session"
    KEYRING = "keyring"
    ENVIRONMENT = "environment"
    SEALED = "sealed"
    """In the history of a server for several people, sealed with the server's secret."""
    SERVER = "server"
    """The server's own key, which serves everybody who has none."""


class Keys:
    """Looks keys up when a call is made: what was entered here first, then the keyring, then the environment.

    Calling it with a name gives the key or None, which is what `Gateway` takes. A name is a provider's id, or
    `provider@host` for a server that is not the provider's (see `key_name`); an environment variable counts there only
    when the environment names that host as well (`OPENAI_API_BASE`). `owner` separates people who share one keyring.
    """

    def __init__(self, *, environment: Mapping[str, str] | None = None, owner: str = "", use_keyring: bool = True) -> None:
        self._environment = os.environ if environment is None else environment
        self._owner = owner
        self._use_keyring = use_keyring
        self._session: dict[str, str] = {}
        self._lock = threading.Lock()

    def __call__(self, name: str) -> str | None:
        """The key of that name, or None."""
        found = self._find(read_key_name(name))
        register_secret(found[0] if found else None)
        return found[0] if found else None

    def __repr__(self) -> str:
        return "Keys(...)"

    def locate(self, provider: str, api_base: str = "") -> KeyPlace | None:
        """Find the place of the key for a provider (at an address), None when there is no key."""
        found = self._find(key_name(provider, api_base))
        return found[1] if found else None

    def enter(self, provider: str, key: str, *, api_base: str = "", keep: bool = False) -> KeyPlace:
        """Take a key typed by the user; with `keep` into the keyring where there is one. Says where it went."""
        name, key = key_name(provider, api_base), key.strip()
        register_secret(key)
        if keep and self._store(name, key):
            with self._lock:
                self._session.pop(name, None)
            return KeyPlace.KEYRING
        with self._lock:
            self._session[name] = key
        return KeyPlace.SESSION

    def forget(self, provider: str, api_base: str = "") -> None:
        """Drop a key from the session and from the keyring; the environment is not ours to change."""
        name = key_name(provider, api_base)
        with self._lock:
            self._session.pop(name, None)
        ring = self._keyring()
        if ring is not None and self._stored(name):
            ring.delete_password(SERVICE, self._entry(name))

    def can_keep(self) -> bool:
        """True when this machine has a keyring that works."""
        return self._keyring() is not None

    def _find(self, name: str) -> tuple[str, KeyPlace] | None:
        with self._lock:
            entered = self._session.get(name)
        if entered:
            return entered, KeyPlace.SESSION
        stored = self._stored(name)
        if stored:
            return stored, KeyPlace.KEYRING
        given = self._from_environment(name)
        return (given, KeyPlace.ENVIRONMENT) if given else None

    def _from_environment(self, name: str) -> str:
        provider, _, host = name.partition("@")
        variable = find_provider(provider).key_variable
        bases = [self._environment.get(f"{provider.upper()}_{suffix}", "") for suffix in ("API_BASE", "BASE_URL")]
        if host and all(key_name(provider, base) != name for base in bases):
            return ""
        return self._environment.get(variable, "").strip() if variable else ""

    def _entry(self, name: str) -> str:
        return f"{self._owner}/{name}" if self._owner else name

    def _stored(self, name: str) -> str | None:
        ring = self._keyring()
        if ring is None:
            return None
        try:
            return str(ring.get_password(SERVICE, self._entry(name)) or "") or None
        except ring.errors.KeyringError:
            return None

    def _store(self, name: str, key: str) -> bool:
        ring = self._keyring()
        if ring is None:
            return False
        try:
            ring.set_password(SERVICE, self._entry(name), key)
        except ring.errors.KeyringError:
            return False
        return True

    def _keyring(self) -> Any:
        """The keyring library, when it is installed and found a real place to keep secrets."""
        if not self._use_keyring:
            return None
        try:
            import keyring
            import keyring.errors
        except ImportError:
            return None
        return keyring if keyring.get_keyring().priority > 0 else None


def read_key_name(name: str) -> str:
    """The name under which a key is kept, however its provider was written."""
    provider, at, host = name.partition("@")
    return f"{find_provider(provider).id}{at}{host}"
