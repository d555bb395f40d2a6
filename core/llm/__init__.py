"""The only door to LiteLLM: catalog, streaming, prices, keys, the ledger's rules, the built-in and the demo model.

What to say to a model is decided in `core.prompts`; what its answer is worth, elsewhere.
"""

from typing import TYPE_CHECKING

from core.domain.lazy_names import offer_lazily

if TYPE_CHECKING:
    from core.llm.addresses import find_address_problem
    from core.llm.builtin import BuiltInParts
    from core.llm.call import RetryPolicy
    from core.llm.catalogue import BUILT_IN, DEMO, describe_model, find_price, list_models, list_providers, litellm_version
    from core.llm.errors import ERROR_TABLE as ERROR_TABLE
    from core.llm.gateway import Gateway
    from core.llm.key_check import check_key, find_key_problem
    from core.llm.keys import KeyPlace, Keys
    from core.llm.local_models import list_local_models
    from core.llm.optimizer import ParameterTrial, propose_values
    from core.llm.pricing import estimate_cost
    from core.llm.providers import key_name
    from core.llm.quirks import Quirks
    from core.llm.redaction import redact
    from core.llm.spending_ledger import Caps, LedgerStore, MemoryLedgerStore, SpendingLedger
    from core.llm.spending_summary import SpendingLine, export_ledger_csv, summarize_spending

__all__ = [
    "BUILT_IN",
    "DEMO",
    "ERROR_TABLE",
    "BuiltInParts",
    "Caps",
    "Gateway",
    "KeyPlace",
    "Keys",
    "LedgerStore",
    "MemoryLedgerStore",
    "ParameterTrial",
    "Quirks",
    "RetryPolicy",
    "SpendingLedger",
    "SpendingLine",
    "check_key",
    "describe_model",
    "estimate_cost",
    "export_ledger_csv",
    "find_address_problem",
    "find_key_problem",
    "find_price",
    "key_name",
    "list_local_models",
    "list_models",
    "list_providers",
    "litellm_version",
    "propose_values",
    "redact",
    "summarize_spending",
]

PLACES = {
    "addresses": ("find_address_problem",),
    "builtin": ("BuiltInParts",),
    "call": ("RetryPolicy",),
    "catalogue": ("BUILT_IN", "DEMO", "describe_model", "find_price", "list_models", "list_providers", "litellm_version"),
    "errors": ("ERROR_TABLE",),
    "gateway": ("Gateway",),
    "key_check": ("check_key", "find_key_problem"),
    "keys": ("KeyPlace", "Keys"),
    "local_models": ("list_local_models",),
    "optimizer": ("ParameterTrial", "propose_values"),
    "pricing": ("estimate_cost",),
    "providers": ("key_name",),
    "quirks": ("Quirks",),
    "redaction": ("redact",),
    "spending_ledger": ("Caps", "LedgerStore", "MemoryLedgerStore", "SpendingLedger"),
    "spending_summary": ("SpendingLine", "export_ledger_csv", "summarize_spending"),
}
"""Modules of the room, with the names that others may use."""

if not TYPE_CHECKING:
    __getattr__ = offer_lazily(__name__, PLACES)
