"""The only door to LiteLLM: catalogue, streaming, prices, keys, the ledger's rules, the built-in and the demo model.

What to say to a model is decided in `core.prompts`; what its answer is worth, elsewhere.
"""

from core.llm.builtin import BuiltInParts
from core.llm.call import Patience
from core.llm.catalogue import BUILT_IN, DEMO, describe, litellm_version, models, price_of, providers
from core.llm.errors import TABLE as ERROR_TABLE
from core.llm.gateway import Gateway
from core.llm.keys import KeyPlace, Keys
from core.llm.keytest import key_problem, test_key
from core.llm.ledger import Caps, Ledger, LedgerStore, MemoryLedgerStore
from core.llm.local import local_models
from core.llm.pricing import cost_of, credits, estimate
from core.llm.providers import key_name
from core.llm.redaction import redact
from core.llm.spending import Spending, csv_of, spending

__all__ = [
    "BUILT_IN",
    "DEMO",
    "ERROR_TABLE",
    "BuiltInParts",
    "Caps",
    "Gateway",
    "KeyPlace",
    "Keys",
    "Ledger",
    "LedgerStore",
    "MemoryLedgerStore",
    "Patience",
    "Spending",
    "cost_of",
    "credits",
    "csv_of",
    "describe",
    "estimate",
    "key_name",
    "key_problem",
    "litellm_version",
    "local_models",
    "models",
    "price_of",
    "providers",
    "redact",
    "spending",
    "test_key",
]
