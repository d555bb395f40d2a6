"""Choices that people make on the screens and that outlive a visit: prices, caps, the model for new runs, the word on isolation."""

from typing import TYPE_CHECKING

from pydantic import TypeAdapter

from core.domain.history import DocumentKind, UnreadableRow, UnreadableRowError
from core.domain.people import Role
from core.domain.run import ModelChoice
from core.domain.usage import Price
from core.services.permissions import needs
from core.store import Store, name_unreadable

if TYPE_CHECKING:
    from core.llm.spending_ledger import Caps

PRICES = TypeAdapter(dict[str, Price])
"""The user's own prices, as they are stored."""
QUIRKS = TypeAdapter(dict[str, frozenset[str]])


class Preferences:
    """Typed access to the settings table."""

    def __init__(self, store: Store, *, unisolated_by_environment: bool = False) -> None:
        self._store = store
        self._unisolated = unisolated_by_environment

    def read_prices(self) -> dict[str, Price]:
        """Prices that the user entered, by model id; they go before those of the catalogue. Raises UnreadableRowError."""
        with name_unreadable(DocumentKind.SETTING, "prices"):
            return PRICES.validate_json(self._store.read_setting("prices") or "{}")

    def find_price(self, model: str) -> Price | None:
        """The user's price of a model, None when the catalogue's counts."""
        return self.read_prices().get(model)

    @needs(Role.ADMIN)
    def save_price(self, model: str, price: Price | None) -> None:
        """Keep a price of the user's own, or with None go back to the catalogue's. Calls already made keep theirs.

        Prices that cannot be read are given up with it.
        """
        from core.llm import describe_model

        name = describe_model(model).id
        try:
            others = {key: kept for key, kept in self.read_prices().items() if key != name}
        except UnreadableRowError:
            others = {}
        self._store.save_setting("prices", PRICES.dump_json(others if price is None else {**others, name: price}).decode())

    def read_caps(self) -> "Caps":
        """Limits on spending, as chosen on the credits screen. Raises UnreadableRowError: no call is better than one without limits."""
        from core.llm.spending_ledger import Caps

        with name_unreadable(DocumentKind.SETTING, "caps"):
            document = self._store.read_setting("caps")
            return Caps.model_validate_json(document) if document else Caps()

    @needs(Role.ADMIN)
    def save_caps(
        self, *, run_usd: float | None = None, day_usd: float | None = None, month_usd: float | None = None, run_tokens: int | None = None
    ) -> None:
        """Keep limits on spending; None sets no limit. They hold from the next call on, also in runs under way."""
        from core.llm.spending_ledger import Caps

        chosen = Caps(run_usd=run_usd, day_usd=day_usd, month_usd=month_usd, run_tokens=run_tokens)
        self._store.save_setting("caps", chosen.model_dump_json())

    def read_default_model(self) -> ModelChoice:
        """The model for new runs, as chosen on the settings screen; the built-in one at first, and when the choice cannot be read."""
        try:
            return self._read_chosen_model()
        except UnreadableRowError:
            return ModelChoice()

    def _read_chosen_model(self) -> ModelChoice:
        with name_unreadable(DocumentKind.SETTING, "default_model"):
            document = self._store.read_setting("default_model")
            return ModelChoice.model_validate_json(document) if document else ModelChoice()

    @needs(Role.ADMIN)
    def save_default_model(self, choice: ModelChoice) -> None:
        """Keep the model for new runs."""
        self._store.save_setting("default_model", choice.model_dump_json())

    def read_quirks(self) -> dict[str, frozenset[str]]:
        """Settings that models were found not to take, by model and address; none when they cannot be read."""
        try:
            return QUIRKS.validate_json(self._store.read_setting("quirks") or "{}")
        except ValueError:
            return {}

    def add_quirk(self, name: str, quirk: str) -> None:
        """Keep a setting that a model does not take."""
        known = self.read_quirks()
        self._store.save_setting("quirks", QUIRKS.dump_json({**known, name: known.get(name, frozenset()) | {quirk}}).decode())

    def allows_unisolated(self) -> bool:
        """True when the operator lets strategies run where nothing isolates them: by the environment, or on the settings screen."""
        return self._unisolated or self._store.read_setting("allow_unisolated") == "1"

    @needs(Role.ADMIN)
    def allow_unisolated(self, allowed: bool) -> None:
        """Take the operator's word on that, from the next run on."""
        self._store.save_setting("allow_unisolated", "1" if allowed else "")

    def list_unreadable(self) -> tuple[UnreadableRow, ...]:
        """Choices that cannot be read; each is made anew by saving it again."""
        found = []
        for read in (self.read_prices, self.read_caps, self._read_chosen_model, self.allows_unisolated):
            try:
                read()
            except UnreadableRowError as error:
                found.append(error.row)
        return tuple(found)
