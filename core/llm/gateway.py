"""The one way to ask a model: LiteLLM for every provider, the models that ship with the product included."""

import threading
from collections.abc import Callable, Iterator

from core.domain.model_calls import ModelEvent, ModelRequest
from core.domain.usage import Price
from core.llm.attempt import StreamAttempt, StreamEnd, StreamFailed
from core.llm.builtin import BuiltInParts, answer_prompt
from core.llm.call import DEFAULT_RETRY_POLICY, Cancel, ModelCall, RetryPolicy
from core.llm.catalogue import BUILT_IN, DEMO
from core.llm.demo import replay_answer
from core.llm.litellm_import import Messages, Responder, load_litellm
from core.llm.optimizer import load_optuna
from core.llm.providers import OWN_PROVIDER
from core.llm.quirks import Quirks
from core.llm.route import resolve_route
from core.llm.spending_ledger import MemoryLedgerStore, SpendingLedger


def _no_price(_: str) -> Price | None:
    return None


class Gateway:
    """Asks models. Safe with several threads: each call keeps its own state.

    `keys` gives a provider's key when a call is made; `prices` replaces the catalogue's prices by the user's own;
    `builtin` are the parts that the built-in optimizer works with; `quirks` is what is known of settings that models do not take.
    """

    def __init__(
        self,
        *,
        keys: Callable[[str], str | None],
        ledger: SpendingLedger | None = None,
        builtin: BuiltInParts | None = None,
        prices: Callable[[str], Price | None] = _no_price,
        retry_policy: RetryPolicy = DEFAULT_RETRY_POLICY,
        quirks: Quirks | None = None,
    ) -> None:
        self._keys = keys
        self._ledger = ledger or SpendingLedger(MemoryLedgerStore())
        self._prices = prices
        self._patience = retry_policy
        self._quirks = quirks or Quirks()
        self._own: dict[str, Responder] = {BUILT_IN: _built_in(builtin), DEMO: replay_answer}

    def __repr__(self) -> str:
        return "Gateway(...)"

    def stream(self, request: ModelRequest, *, cancel: Cancel) -> Iterator[ModelEvent]:
        """Events of one call, `Finished` last; when cancelled, the connection is closed and `Finished` says so.

        Raises ProviderError when the provider failed for good, BudgetError when a cap forbids the call or is reached
        while the answer comes. Closing the iterator cancels the call.
        """
        route = resolve_route(request.model, request.api_base, self._keys, self._prices)
        call = ModelCall(
            request, route, cancel=cancel, ledger=self._ledger, own=self._own, retry_policy=self._patience, quirks=self._quirks
        )
        yield from call.stream()

    def require_route(self, model_id: str, api_base: str = "") -> None:
        """Raise ProviderError where a call would for want of a provider or of a key; asks nobody."""
        resolve_route(model_id, api_base, self._keys, self._prices)

    @staticmethod
    def preload() -> threading.Thread:
        """Load in the background what a first call would wait for."""
        thread = threading.Thread(target=_preload, name="llm-warm", daemon=True)
        thread.start()
        return thread


def _preload() -> None:
    """One call of our own through the whole library, and the tokenizer; the answer is thrown away."""
    arguments = {"model": f"{OWN_PROVIDER}/warm", "messages": [{"role": "user", "content": ""}], "stream": True}
    ready = StreamAttempt(arguments, {"warm": lambda _: "ready"}, through_library=True)
    while not isinstance(ready.events.get(), StreamEnd | StreamFailed):
        pass
    load_litellm().token_counter(model="gpt-4o", text="ready")
    load_optuna()


def _built_in(parts: BuiltInParts | None) -> Responder:
    def respond(messages: Messages) -> str:
        return answer_prompt(messages, parts)

    return respond
