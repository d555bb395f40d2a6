"""Models to choose from, their keys and prices, the estimated cost of a call, and the spending so far."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

from core.domain.errors import Problem, StratloopError
from core.domain.model_calls import ModelInfo, Prompt, ProviderInfo
from core.domain.people import Role
from core.domain.run import RunPlan
from core.domain.usage import Price
from core.driving.propose import render_first_prompt
from core.driving.run_context import prepare_bars
from core.services.permissions import find_person, needs, require_role
from core.services.rooms import Rooms

if TYPE_CHECKING:
    from core.llm.keys import Keys
    from core.services.person_keys import PersonKeys


class Models:
    """Models, keys, prices and spending, for the model picker and the screens around it."""

    def __init__(self, rooms: Rooms) -> None:
        self._rooms = rooms

    def list_models(self, provider: str | None = None, query: str = "") -> tuple[ModelInfo, ...]:
        """The model picker's entries, the built-in one first."""
        from core.llm import list_models

        own = self._rooms.preferences.read_prices()
        return tuple(_priced(info, own) for info in list_models(provider, query))

    def list_providers(self) -> tuple[ProviderInfo, ...]:
        """The model picker's groups."""
        from core.llm import list_providers

        found: tuple[ProviderInfo, ...] = list_providers()
        return found

    def describe_model(self, model: str) -> ModelInfo:
        """Describe a model id, in the catalogue or not."""
        from core.llm import describe_model

        return _priced(describe_model(model), self._rooms.preferences.read_prices())

    def fetch_models(self, provider: str, api_base: str = "") -> tuple[ModelInfo, ...]:
        """Ask a server over the network which models it has right now. Raises InputError and ProviderError."""
        from core.llm import key_name, list_local_models

        key = self._rooms.keys(key_name(provider, api_base))
        own = self._rooms.preferences.read_prices()
        return tuple(_priced(info, own) for info in list_local_models(provider, api_base, key=key))

    @needs(Role.ANALYST)
    def check_key(self, model: str, api_base: str = "") -> StratloopError | None:
        """Ask a model for one token: None when it answered, else what was wrong. The call is real, and in the ledger."""
        from core.llm import find_key_problem, key_name

        key = self._rooms.keys(key_name(model.split("/", 1)[0], api_base))
        problem: StratloopError | None = find_key_problem(
            model, api_base, key, ledger=self._rooms.ledger, prices=self._rooms.preferences.find_price
        )
        return problem

    def find_address_problem(self, model: str, api_base: str) -> Problem | None:
        """Find what is wrong with the address of a model's server, before anything is sent there."""
        from core.llm import find_address_problem

        problem: Problem | None = find_address_problem(model, api_base)
        return problem

    def render_prompt(self, plan: RunPlan) -> Prompt:
        """The first prompt of a plan, as it would be sent."""
        _, training, _ = prepare_bars(plan, self._rooms.market)
        return render_first_prompt(plan, training)

    def estimate_cost(self, plan: RunPlan) -> tuple[float, float] | None:
        """US dollars that a run will probably cost, (expected, most); None when the model's price is unknown. Raises as `prompt` does."""
        from core.llm import estimate_cost

        return estimate_cost(
            plan.model.id,
            loops=plan.loops * plan.candidates,
            prompt_tokens=self.render_prompt(plan).tokens,
            max_tokens=plan.model.max_tokens,
            price=self._rooms.preferences.find_price(plan.model.id),
        )

    @needs(Role.ANALYST)
    def enter_key(self, model: str, key: str, *, api_base: str = "", keep: bool = False, for_server: bool = False) -> str:
        """Take a provider's key for this process, or with `keep` for good; says where it went.

        On a server for several people it is the person's own and is kept sealed; `for_server`, which needs an admin, makes it serve
        everybody who has none. Without people it is the server's, and is kept in the operating system's keyring.
        A key that is entered for an address of its own is sent to that address only.
        """
        name, keys = model.split("/", 1)[0], self._find_keys(for_server)
        place: str = keys.enter(name, key, api_base=api_base, keep=keep).value
        self._rooms.acts.record("key entered", self._name_key(name, api_base, for_server))
        return place

    @needs(Role.ANALYST)
    def forget_key(self, provider: str, *, api_base: str = "", for_server: bool = False) -> None:
        """Drop a key from this process and from where it was kept: the person's own, or with `for_server` the server's."""
        self._find_keys(for_server).forget(provider, api_base)
        self._rooms.acts.record("key forgotten", self._name_key(provider, api_base, for_server))

    def _find_keys(self, for_server: bool) -> "Keys | PersonKeys":
        if for_server or not find_person().id:
            require_role(Role.ADMIN)
            return self._rooms.key_ring.of("")
        return self._rooms.keys

    def _name_key(self, provider: str, api_base: str, for_server: bool) -> str:
        whose = "for the server" if for_server and find_person().id else ""
        return " ".join(filter(None, (provider, api_base, whose)))


def _priced(info: ModelInfo, own: Mapping[str, Price]) -> ModelInfo:
    price = own.get(info.id)
    if price is None:
        return info
    return info.changed(input_price=price.input, output_price=price.output, price_source=price.source)
