"""The one way to ask a model: LiteLLM for every provider, the models that ship with the product included."""

import threading
from collections.abc import Callable, Iterator

from core.domain.generation import ModelEvent, ModelRequest
from core.domain.usage import Price
from core.llm.attempt import Attempt, End, Failed
from core.llm.builtin import BuiltInParts, answer
from core.llm.call import PATIENCE, Call, Cancel, Patience
from core.llm.catalogue import BUILT_IN, DEMO
from core.llm.ledger import Ledger, MemoryLedgerStore
from core.llm.library import Answer, Messages, library
from core.llm.proposer import optuna
from core.llm.providers import OWN
from core.llm.replay import replay
from core.llm.route import route_of


def _unknown(_: str) -> Price | None:
    return None


class Gateway:
    """Asks models. Safe with several threads: each call keeps its own state.

    `keys` gives a provider's key when a call is made; `prices` replaces the catalogue's prices by the user's own;
    `builtin` are the parts that the built-in optimiser works with.
    """

    def __init__(
        self,
        *,
        keys: Callable[[str], str | None],
        ledger: Ledger | None = None,
        builtin: BuiltInParts | None = None,
        prices: Callable[[str], Price | None] = _unknown,
        patience: Patience = PATIENCE,
    ) -> None:
        self._keys = keys
        self._ledger = ledger or Ledger(MemoryLedgerStore())
        self._prices = prices
        self._patience = patience
        self._own: dict[str, Answer] = {BUILT_IN: _built_in(builtin), DEMO: replay}

    def __repr__(self) -> str:
        return "Gateway(...)"

    def stream(self, request: ModelRequest, *, cancel: Cancel) -> Iterator[ModelEvent]:
        """Events of one call, `Finished` last; when cancelled, the connection is closed and `Finished` says so.

        Raises ProviderError when the provider failed for good, BudgetError when a cap forbids the call or is reached
        while the answer comes. Closing the iterator cancels the call.
        """
        route = route_of(request, self._keys, self._prices)
        call = Call(request, route, cancel=cancel, ledger=self._ledger, own=self._own, patience=self._patience)
        yield from call.events()

    @staticmethod
    def warm() -> threading.Thread:
        """Load in the background what a first call would wait for."""
        thread = threading.Thread(target=_warm, name="llm-warm", daemon=True)
        thread.start()
        return thread


def _warm() -> None:
    """One call of our own through the whole library, and the tokenizer; the answer is thrown away."""
    arguments = {"model": f"{OWN}/warm", "messages": [{"role": "user", "content": ""}], "stream": True}
    ready = Attempt(arguments, {"warm": lambda _: "ready"})
    while not isinstance(ready.events.get(), End | Failed):
        pass
    library().token_counter(model="gpt-4o", text="ready")
    optuna()


def _built_in(parts: BuiltInParts | None) -> Answer:
    def respond(messages: Messages) -> str:
        return answer(messages, parts)

    return respond
