"""The `Model` port's contract, kept by the gateway over HTTP, by the gateway's own models, and by the fake that other tests use."""

import json
import threading
from collections.abc import Callable
from typing import Any

import pytest

from core.domain.errors import ProviderAction, ProviderError, ProviderReason
from core.domain.model_calls import Finished, ModelRequest, TextDelta
from core.driving.ports import Model
from core.llm import Gateway
from tests.llm.asking import QUICK, Collected, ask
from tests.llm.fault_server import FaultServer, Reply
from tests.llm.scripted import ScriptedModel

LONG = "word after word " * 40
BROKEN = ProviderError(
    "The provider did not accept the key.", name="AuthenticationError", reason=ProviderReason.AUTHENTICATION, hint="Check it."
)


class Case:
    """One implementation: a model that answers, one that fails, and the request to make."""

    def __init__(self, works: Model, fails: Model, request: ModelRequest, spoil: Callable[[], None] = lambda: None) -> None:
        self.works, self.fails, self.request, self.spoil = works, fails, request, spoil


@pytest.fixture(params=["http", "demo", "fake", "fake with a retry"])
def case(request: pytest.FixtureRequest, server: FaultServer) -> Case:
    gateway = Gateway(keys=lambda _: None, retry_policy=QUICK)
    if request.param == "http":
        server.will(Reply(pieces=tuple(LONG[start : start + 16] for start in range(0, len(LONG), 16))))
        return Case(gateway, gateway, ask("openai/m", api_base=server.base), lambda: server.will(Reply(status=401, error="no")))
    if request.param == "demo":
        state = f"<state>{json.dumps({'workflow': {}})}</state>"
        return Case(gateway, _with(gateway, user="no state"), ask("demo", user=state))
    return Case(ScriptedModel([LONG], retry="retry" in request.param), ScriptedModel([BROKEN]), ask("any"))


def _with(gateway: Gateway, user: str) -> Model:
    """A model whose prompt is replaced by one that it cannot read."""

    class Misled:
        def stream(self, request: ModelRequest, *, cancel: Any) -> Any:
            return gateway.stream(request.changed(prompt=request.prompt.changed(user=user)), cancel=cancel)

    return Misled()


def collect(model: Model, request: ModelRequest, cancel: threading.Event | None = None) -> Collected:
    return Collected(list(model.stream(request, cancel=cancel or threading.Event())))


def test_finished_comes_once_and_last(case: Case) -> None:
    events = collect(case.works, case.request).events
    assert [index for index, event in enumerate(events) if isinstance(event, Finished)] == [len(events) - 1]


def test_the_pieces_since_the_last_retry_are_the_whole_answer(case: Case) -> None:
    result = collect(case.works, case.request)
    assert result.text() == result.finished.text
    assert sum(isinstance(event, TextDelta) for event in result.events) > 2


def test_stopped_in_the_middle_it_ends_with_what_was_said(case: Case) -> None:
    cancel, result = threading.Event(), Collected()
    for event in case.works.stream(case.request, cancel=cancel):
        result.events.append(event)
        cancel.set()
    assert result.finished.finish_reason in ("cancelled", "stop")
    assert result.text() == result.finished.text


def test_stopped_before_the_start_it_says_nothing(case: Case) -> None:
    cancel = threading.Event()
    cancel.set()
    finished = collect(case.works, case.request, cancel).finished
    assert (finished.finish_reason, finished.text) == ("cancelled", "")


def test_a_failure_is_a_provider_error_with_a_name_an_action_and_a_hint(case: Case) -> None:
    case.spoil()
    with pytest.raises(ProviderError) as caught:
        collect(case.fails, case.request)
    assert caught.value.name
    assert caught.value.action is ProviderAction.STOP
    assert caught.value.hint
