"""Keys: where they are looked for, and that they never show anywhere."""

import io
import logging
import sys
import threading
import traceback
import types
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from core.domain.model_calls import ModelRequest
from core.llm import Gateway, KeyPlace, Keys, MemoryLedgerStore, SpendingLedger, check_key, redact
from core.llm.litellm_import import load_litellm
from core.llm.providers import key_name
from core.llm.route import resolve_route
from tests.llm.asking import QUICK, Collected, ask
from tests.llm.fault_server import FaultServer, Reply

CANARY = "sk-proj-CANARY0123456789abcdefCANARY"
PLAIN = "opensesame-canary-without-a-shape"


class Ring(types.ModuleType):
    """A keyring that works, in memory."""

    def __init__(self, priority: float = 1.0) -> None:
        super().__init__("keyring")
        self.kept: dict[tuple[str, str], str] = {}
        self.priority = priority
        self.errors = types.ModuleType("keyring.errors")
        self.errors.KeyringError = type("KeyringError", (Exception,), {})  # type: ignore[attr-defined]

    def get_keyring(self) -> Any:
        return self

    def get_password(self, service: str, name: str) -> str | None:
        return self.kept.get((service, name))

    def set_password(self, service: str, name: str, key: str) -> None:
        self.kept[service, name] = key

    def delete_password(self, service: str, name: str) -> None:
        del self.kept[service, name]


@pytest.fixture
def ring(monkeypatch: pytest.MonkeyPatch) -> Ring:
    made = Ring()
    monkeypatch.setitem(sys.modules, "keyring", made)
    monkeypatch.setitem(sys.modules, "keyring.errors", made.errors)
    return made


def test_a_key_of_the_environment_is_found_under_the_providers_variable(ring: Ring) -> None:
    keys = Keys(environment={"MISTRAL_API_KEY": " abc-123456 ", "CEREBRAS_API_KEY": "c-123456"})
    assert (keys("mistral"), keys.locate("mistral")) == ("abc-123456", KeyPlace.ENVIRONMENT)
    assert keys("cerebras") == "c-123456"
    assert (keys("openai"), keys.locate("openai")) == (None, None)


def test_what_was_typed_goes_before_the_keyring_and_that_before_the_environment(ring: Ring) -> None:
    keys = Keys(environment={"OPENAI_API_KEY": "from-environment"})
    assert keys.enter("openai", "from-keyring", keep=True) is KeyPlace.KEYRING
    assert keys("openai") == "from-keyring"
    assert keys.enter("openai", "from-session") is KeyPlace.SESSION
    assert keys("openai") == "from-session"
    keys.forget("openai")
    assert (keys("openai"), ring.kept) == ("from-environment", {})


def test_without_a_keyring_a_key_lasts_for_the_session(monkeypatch: pytest.MonkeyPatch, ring: Ring) -> None:
    ring.priority = 0
    keys = Keys(environment={})
    assert not keys.can_keep()
    assert keys.enter("openai", "typed-key", keep=True) is KeyPlace.SESSION
    assert (keys("openai"), ring.kept) == ("typed-key", {})


def test_a_key_is_not_sent_to_somebody_elses_server(ring: Ring) -> None:
    keys = Keys(environment={"OPENAI_API_KEY": "the-real-key"})
    addresses = ("https://api.openai.com/v1", "http://localhost:1234/v1", "https://evil.example/v1", "https://openai.com.evil.example")
    assert [keys(key_name("openai", address)) for address in addresses] == ["the-real-key", "the-real-key", None, None]
    keys.enter("openai", "key-of-the-proxy", api_base="https://proxy.example/v1")
    assert keys(key_name("openai", "https://proxy.example")) == "key-of-the-proxy"
    assert keys("openai") == "the-real-key"


def test_the_gateway_asks_for_the_key_of_the_address() -> None:
    names: list[str] = []
    for address in ("", "https://proxy.example/v1"):
        resolve_route("openai/m", address, lambda name: names.append(name) or "k-123456789", lambda _: None)  # type: ignore[func-returns-value]
    assert names == ["openai", "openai@proxy.example"]


def test_an_address_of_the_environment_gets_the_key_of_the_environment(ring: Ring) -> None:
    keys = Keys(environment={"OPENAI_API_KEY": "k-of-proxy", "OPENAI_API_BASE": "https://proxy.example/v1"})
    assert keys(key_name("openai", "https://proxy.example/v1")) == "k-of-proxy"
    assert keys(key_name("openai", "https://other.example/v1")) is None


def test_people_who_share_a_keyring_do_not_share_keys(ring: Ring) -> None:
    Keys(environment={}, owner="ada").enter("openai", "key-of-ada", keep=True)
    assert Keys(environment={}, owner="ada")("openai") == "key-of-ada"
    assert Keys(environment={}, owner="bob")("openai") is None


@pytest.mark.parametrize(
    "text",
    [
        "sk-abc123def456",
        "sk-ant-api03-abcdefghijkl",
        "AIzaSyA1234567890abcdefghijk",
        "xai-1234567890",
        "gsk_1234567890",
        "AKIA1234567890ABCDEF",
    ],
)
def test_whatever_is_shaped_like_a_key_is_masked(text: str) -> None:
    assert redact(f"the key {text} is wrong") == "the key *** is wrong"


def test_keys_in_addresses_and_headers_are_masked_and_words_are_not() -> None:
    assert redact("GET /v1?key=abcdef12&alt=sse") == "GET /v1?key=***&alt=sse"
    assert redact("Authorization: Bearer abcdefghijkl") == "Authorization: Bearer ***"
    assert redact("a risk-adjusted, key-driven strategy") == "a risk-adjusted, key-driven strategy"


@pytest.fixture
def everything_logged(monkeypatch: pytest.MonkeyPatch) -> Iterator[io.StringIO]:
    """All log records of the process, as text, from DEBUG up."""
    load_litellm()
    stream = io.StringIO()
    handler, root = logging.StreamHandler(stream), logging.getLogger()
    before = {name: logging.getLogger(name).level for name in ("", "LiteLLM", "httpx", "openai", "core.llm.call")}
    monkeypatch.setattr(logging.getLogger("LiteLLM"), "handlers", [])
    monkeypatch.setattr(logging.getLogger("LiteLLM"), "propagate", True)
    root.addHandler(handler)
    for name in before:
        logging.getLogger(name).setLevel(logging.DEBUG)
    yield stream
    assert "LiteLLM" in stream.getvalue() or "litellm" in stream.getvalue(), "nothing was logged, so nothing was searched"
    root.removeHandler(handler)
    for name, level in before.items():
        logging.getLogger(name).setLevel(level)


def _everything_shown(gateway: Gateway, request: ModelRequest) -> str:
    """All that a call shows: its events, its error with traceback, and every representation."""
    shown = [repr(gateway)]
    try:
        for event in gateway.stream(request, cancel=threading.Event()):
            shown.append(repr(event))
    except Exception as error:  # noqa: BLE001 - whatever comes is searched for the key
        shown += [str(error), repr(error), repr(error.__dict__), "".join(traceback.format_exception(error))]
        frames = traceback.TracebackException.from_exception(error, capture_locals=False)
        shown.append("".join(frames.format()))
    return "\n".join(shown)


@pytest.mark.parametrize("key", [CANARY, PLAIN])
@pytest.mark.parametrize(
    "reply",
    [
        Reply(status=401, error="Incorrect API key provided: {key}."),
        Reply(status=500, error="crashed with api_key={key}"),
        Reply(event_at=1, event='data: {{"error": {{"message": "bad key {key}", "code": 500}}}}\n\n'),
        Reply(cut_at=1),
        Reply(),
    ],
    ids=["401", "500", "in the stream", "cut", "fine"],
)
def test_a_key_shows_nowhere_whatever_the_server_echoes(
    server: FaultServer, everything_logged: io.StringIO, capfd: pytest.CaptureFixture[str], key: str, reply: Reply
) -> None:
    server.will(Reply(**{**reply.__dict__, "error": reply.error.format(key=key), "event": reply.event.format(key=key)}))
    store, keys = MemoryLedgerStore(), Keys(environment={}, use_keyring=False)
    keys.enter("openai", key)
    shown = _everything_shown(Gateway(keys=keys, ledger=SpendingLedger(store), retry_policy=QUICK), ask("openai/m", api_base=server.base))
    assert server.seen[0].headers["authorization" if "authorization" in server.seen[0].headers else "Authorization"] == f"Bearer {key}"
    assert key not in shown
    assert key not in repr(store.rows()) + repr(keys)
    assert key not in everything_logged.getvalue()
    assert key not in "".join(capfd.readouterr())


def test_a_key_is_not_put_into_the_environment(server: FaultServer, monkeypatch: pytest.MonkeyPatch) -> None:
    import os

    keys = Keys(environment={}, use_keyring=False)
    keys.enter("openai", CANARY)
    _everything_shown(Gateway(keys=keys, retry_policy=QUICK), ask("openai/m", api_base=server.base))
    assert CANARY not in repr(dict(os.environ))
    assert CANARY not in repr({name: value for name, value in vars(load_litellm()).items() if isinstance(value, str)})


def test_testing_a_key_says_in_words_what_came_of_it(server: FaultServer, call: Callable[..., Collected]) -> None:
    store = MemoryLedgerStore()
    assert check_key("openai/m", server.base, CANARY, ledger=SpendingLedger(store)) == "The key works: openai/m answered."
    assert (store.rows()[0].purpose, server.seen[0].body["max_tokens"]) == ("test_key", 16)
    server.will(Reply(status=401, error=f"Incorrect API key provided: {CANARY}"))
    words = check_key("openai/m", server.base, CANARY)
    assert words.startswith("The provider did not accept the key")
    assert CANARY not in words
    assert "There is no key for Anthropic." in check_key("anthropic/claude-sonnet-4-5")
