"""Short words for what every test of the gateway does: ask, collect to the end, look at what came."""

import threading
from dataclasses import dataclass, field
from typing import Any

from core.domain.errors import ProviderError, StratloopError
from core.domain.model_calls import Finished, ModelEvent, ModelRequest, Prompt, TextDelta
from core.llm import Gateway, RetryPolicy

QUICK = RetryPolicy(first_wait=0.01, first_wait_on_limit=0.01, stall=15.0)
"""Waits so short that nobody waits."""


def ask(model: str, *, user: str = "Write it.", system: str = "You write strategies.", **changes: Any) -> ModelRequest:
    """A request with little in it."""
    return ModelRequest(model=model, prompt=Prompt(system=system, user=user, tokens=9, hash="h"), **changes)


@dataclass
class Collected:
    """What came of a call."""

    events: list[ModelEvent] = field(default_factory=list)
    error: StratloopError | None = None

    @property
    def finished(self) -> Finished:
        """The last event."""
        last = self.events[-1] if self.events else None
        assert isinstance(last, Finished), self.error
        return last

    @property
    def failure(self) -> ProviderError:
        """The error that ended it."""
        assert isinstance(self.error, ProviderError), self.events
        return self.error

    def text(self) -> str:
        """What a reader sees at the end: pieces joined, from the last retry on."""
        shown = ""
        for event in self.events:
            shown = shown + event.text if isinstance(event, TextDelta) else "" if type(event).__name__ == "Retrying" else shown
        return shown

    def kinds(self) -> list[str]:
        """Names of the events, repetitions folded."""
        names = [type(event).__name__ for event in self.events]
        return [name for index, name in enumerate(names) if index == 0 or name != names[index - 1]]


def warm_up(base: str) -> None:
    """Make the first call of this process, which imports for seconds: no other call has to be done by a deadline meanwhile."""
    collect(Gateway(keys=lambda _: None), ask("openai/some-model", api_base=base))


def collect(gateway: Gateway, request: ModelRequest, *, cancel: threading.Event | None = None) -> Collected:
    """Read a call to its end, however it ends."""
    collected = Collected()
    try:
        for event in gateway.stream(request, cancel=cancel or threading.Event()):
            collected.events.append(event)
    except StratloopError as error:
        collected.error = error
    return collected
