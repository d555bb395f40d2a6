"""Servers of the user's own: listing what they have, and asking them without a key."""

import json

import pytest

from core.domain.errors import InputError, ProviderError
from core.llm import Gateway, list_local_models
from tests.llm.asking import ask, collect
from tests.llm.fault_server import FaultServer


def lists(server: FaultServer, path: str, document: object, status: int = 200) -> None:
    server.get = {path: (status, "application/json", json.dumps(document).encode())}


def test_a_compatible_server_lists_its_models(server: FaultServer) -> None:
    lists(server, "/v1/models", {"data": [{"id": "qwen3"}, {"id": "llama-3"}, {"id": "qwen3"}]})
    assert [model.id for model in list_local_models("openai", server.base)] == ["openai/llama-3", "openai/qwen3"]


def test_what_runs_on_the_users_machine_is_free(server: FaultServer) -> None:
    lists(server, "/v1/models", {"data": [{"id": "qwen3"}]})
    (model,) = list_local_models("lm_studio", server.base)
    assert (model.id, model.free, model.needs_key) == ("lm_studio/qwen3", True, False)


def test_ollama_is_asked_in_its_own_way(server: FaultServer) -> None:
    lists(server, "/api/tags", {"models": [{"name": "llama3:8b"}, {"name": "qwen3:4b"}]})
    assert [model.id for model in list_local_models("ollama", server.base.removesuffix("/v1"))] == ["ollama/llama3:8b", "ollama/qwen3:4b"]


@pytest.mark.parametrize(
    ("document", "status", "name"),
    [({"models": 5}, 200, "APIResponseValidationError"), ({}, 500, "APIError"), ({}, 401, "AuthenticationError")],
)
def test_a_server_that_does_not_list_is_named(server: FaultServer, document: object, status: int, name: str) -> None:
    lists(server, "/v1/models", document, status)
    with pytest.raises(ProviderError) as caught:
        list_local_models("openai", server.base)
    assert caught.value.name == name
    assert server.base in caught.value.message


def test_a_page_that_is_no_json_is_named(server: FaultServer) -> None:
    server.get = {"/v1/models": (200, "text/html", b"<html>")}
    with pytest.raises(ProviderError, match="did not answer with JSON"):
        list_local_models("openai", server.base)


def test_nobody_there_asks_whether_it_runs() -> None:
    with pytest.raises(ProviderError, match="Is the server running"):
        list_local_models("ollama", "http://127.0.0.1:9")


@pytest.mark.parametrize("address", ["localhost:11434", "file:///etc/passwd", "ftp://127.0.0.1"])
def test_what_is_no_web_address_is_refused(address: str) -> None:
    with pytest.raises(InputError, match="is not an address"):
        list_local_models("openai", address)


@pytest.mark.parametrize(("model", "path"), [("lm_studio/m", "/v1/chat/completions"), ("hosted_vllm/m", "/v1/chat/completions")])
def test_a_local_model_is_asked_without_a_key_and_costs_nothing(gateway: Gateway, server: FaultServer, model: str, path: str) -> None:
    finished = collect(gateway, ask(model, api_base=server.base)).finished
    assert (finished.text, finished.cost.usd, finished.cost.price_source) == ("Hello world", 0.0, "free")
    assert server.seen[0].path == path


def test_ollama_is_asked_over_its_chat_route(gateway: Gateway, server: FaultServer) -> None:
    lines = [{"message": {"content": "Hi"}, "done": False}, {"message": {"content": ""}, "done": True, "done_reason": "stop"}]
    body = "".join(json.dumps({"model": "m", "created_at": "2026-01-01T00:00:00Z"} | line) + "\n" for line in lines).encode()
    from tests.llm.fault_server import Reply

    server.will(Reply(body=body, content_type="application/x-ndjson"))
    assert collect(gateway, ask("ollama/m", api_base=server.base.removesuffix("/v1"))).finished.text == "Hi"
    assert server.seen[0].path == "/api/chat"
