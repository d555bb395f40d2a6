"""The "Test key" button: one call for one token, and what came of it in words."""

import threading
import uuid
from collections.abc import Callable

from core.domain.errors import BudgetError, ProviderError
from core.domain.model_calls import ModelRequest, Prompt
from core.domain.usage import Price
from core.llm.call import RetryPolicy
from core.llm.catalogue import describe_model
from core.llm.gateway import Gateway
from core.llm.spending_ledger import SpendingLedger

_ONCE = RetryPolicy(retries=0, continuations=0)


def check_key(
    model: str, api_base: str = "", key: str | None = None, *, ledger: SpendingLedger | None = None, seconds: float = 20.0
) -> str:
    """Ask a model for one token and say in words whether that works. The call is real and may cost a fraction of a cent."""
    problem = find_key_problem(model, api_base, key, ledger=ledger, seconds=seconds)
    return str(problem) if problem else f"The key works: {describe_model(model).id} answered."


def find_key_problem(
    model: str,
    api_base: str = "",
    key: str | None = None,
    *,
    ledger: SpendingLedger | None = None,
    prices: Callable[[str], Price | None] = lambda _: None,
    seconds: float = 20.0,
) -> ProviderError | BudgetError | None:
    """The same call: what went wrong with it, None when the model answered. `prices` are the user's own."""
    gateway = Gateway(keys=lambda _: key, ledger=ledger, prices=prices, retry_policy=_ONCE)
    prompt = Prompt(system="", user="Say OK.", tokens=8, hash=uuid.uuid5(uuid.NAMESPACE_OID, "test key").hex)
    request = ModelRequest(model=model, prompt=prompt, api_base=api_base, max_tokens=16, deadline_seconds=seconds, purpose="test_key")
    try:
        for _ in gateway.stream(request, cancel=threading.Event()):
            pass
    except (ProviderError, BudgetError) as error:
        return error
    return None
