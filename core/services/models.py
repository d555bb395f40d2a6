"""Models to choose from, their keys and prices, what a call would cost, and what was spent."""

from collections.abc import Mapping
from typing import Any

from core.domain.errors import StratloopError
from core.domain.generation import ModelInfo, Prompt, ProviderInfo
from core.domain.run import ModelChoice, RunPlan
from core.domain.usage import Price, Spent
from core.driving.course import prepare
from core.driving.generate import first_prompt
from core.services.assembly import PRICES, Assembly

MOST_ROWS = 100_000
"""Calls that a summary looks at, the newest first."""


class Models(Assembly):
    """What the model picker, the keys and the credits ask for."""

    def models(self, provider: str | None = None, query: str = "") -> tuple[ModelInfo, ...]:
        """The model picker's entries, the built-in one first."""
        from core.llm import models

        own = self.own_prices()
        return tuple(_priced(info, own) for info in models(provider, query))

    def providers(self) -> tuple[ProviderInfo, ...]:
        """The model picker's groups."""
        from core.llm import providers

        found: tuple[ProviderInfo, ...] = providers()
        return found

    def describe_model(self, model: str) -> ModelInfo:
        """What is known about a model id, whether it is in the catalogue or not."""
        from core.llm import describe

        return _priced(describe(model), self.own_prices())

    def listed_models(self, provider: str, api_base: str = "") -> tuple[ModelInfo, ...]:
        """What a server has right now, asked over the network. Raises InputError and ProviderError."""
        from core.llm import key_name, local_models

        key = self.keys(key_name(provider, api_base))
        own = self.own_prices()
        return tuple(_priced(info, own) for info in local_models(provider, api_base, key=key))

    def key_problem(self, model: str, api_base: str = "") -> StratloopError | None:
        """Ask a model for one token: None when it answered, else what was wrong. The call is real, and in the ledger."""
        from core.llm import key_name, key_problem

        key = self.keys(key_name(model.split("/", 1)[0], api_base))
        problem: StratloopError | None = key_problem(model, api_base, key, ledger=self.ledger, prices=self.own_price)
        return problem

    def set_own_price(self, model: str, price: Price | None) -> None:
        """Keep a price of the user's own, or with None go back to the catalogue's. Calls already made keep theirs."""
        from core.llm import describe

        name = describe(model).id
        others = {key: kept for key, kept in self.own_prices().items() if key != name}
        self.store.save_setting("prices", PRICES.dump_json(others if price is None else {**others, name: price}).decode())

    def default_model(self) -> ModelChoice:
        """The model for new runs, as chosen on the settings screen; the built-in one at first."""
        document = self.store.setting("default_model")
        return ModelChoice.model_validate_json(document) if document else ModelChoice()

    def set_default_model(self, choice: ModelChoice) -> None:
        """Keep the model for new runs."""
        self.store.save_setting("default_model", choice.model_dump_json())

    def spending(self) -> dict[str, Any]:
        """Balances against the caps, and what each model cost, newest call last."""
        balances = [balance.model_dump(mode="json") for balance in self.ledger.balances()]
        by_model: dict[str, dict[str, float | int | None]] = {}
        for row in self.ledger.rows(limit=MOST_ROWS):
            entry = by_model.setdefault(row.model, {"calls": 0, "usd": 0.0, "tokens": 0})
            entry["calls"] = int(entry["calls"] or 0) + 1
            entry["tokens"] = int(entry["tokens"] or 0) + row.counted_tokens
            known = row.price is not None and entry["usd"] is not None
            entry["usd"] = float(entry["usd"] or 0.0) + row.counted_micros / 1e6 if known else None
        return {"balances": balances, "models": by_model}

    def spending_by(self, by: str) -> tuple[tuple[str, Spent], ...]:
        """Sums by `model`, `run` or `day` (UTC): the dearest first, days from the newest. A call outside a run has an empty name."""
        from core.llm import spending

        return tuple((line.name, line.spent) for line in spending(self.ledger.rows(limit=MOST_ROWS), by))

    def ledger_csv(self) -> str:
        """Every call with its facts, as a table for a spreadsheet."""
        from core.llm import csv_of

        return csv_of(self.ledger.rows(limit=MOST_ROWS))

    def prompt(self, plan: RunPlan) -> Prompt:
        """The first prompt of a plan, as it would be sent."""
        _, training, _ = prepare(plan, self.market)
        return first_prompt(plan, training)

    def estimate(self, plan: RunPlan) -> tuple[float, float] | None:
        """US dollars that a run will probably cost, (expected, most); None when the model's price is unknown. Raises as `prompt` does."""
        from core.llm import estimate

        return estimate(
            plan.model.id,
            loops=plan.loops * plan.candidates,
            prompt_tokens=self.prompt(plan).tokens,
            max_tokens=plan.model.max_tokens,
            price=self.own_price(plan.model.id),
        )

    def set_caps(
        self, *, run_usd: float | None = None, day_usd: float | None = None, month_usd: float | None = None, run_tokens: int | None = None
    ) -> None:
        """Keep limits on spending; None sets no limit. They hold from the next call on, also in runs under way."""
        from core.llm.ledger import Caps

        chosen = Caps(run_usd=run_usd, day_usd=day_usd, month_usd=month_usd, run_tokens=run_tokens)
        self.store.save_setting("caps", chosen.model_dump_json())

    def enter_key(self, model: str, key: str, *, api_base: str = "", keep: bool = False) -> str:
        """Take a provider's key for this process, or with `keep` into the operating system's keyring; says where it went.

        A key that is entered for an address of its own is sent to that address only.
        """
        place: str = self.keys.enter(model.split("/", 1)[0], key, api_base=api_base, keep=keep).value
        return place


def _priced(info: ModelInfo, own: Mapping[str, Price]) -> ModelInfo:
    price = own.get(info.id)
    if price is None:
        return info
    return info.model_copy(update={"input_price": price.input, "output_price": price.output, "price_source": price.source})
