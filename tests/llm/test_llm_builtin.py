"""The built-in optimizer: reads only the messages, proposes what was not tried, and says what it is."""

import json
import threading
from collections.abc import Mapping
from typing import Any

import pytest

from core.domain.errors import Problem, WorkflowError
from core.domain.model_calls import TextDelta
from core.domain.usage import LedgerStatus, UsageSource
from core.domain.workflow import Parameter
from core.llm import BuiltInParts, Gateway, MemoryLedgerStore, SpendingLedger
from core.llm.litellm_import import PIECE_LENGTH
from core.llm.optimizer import ParameterTrial, defaults, propose_values
from tests.llm.asking import Collected, ask, collect

FAST = Parameter(name="fast", row="e1", default=20, low=2, high=200, integer=True)
SLOW = Parameter(name="slow", row="e1", default=50, low=2, high=400, integer=True)
STOP = Parameter(name="stop", row="r1", default=0.05, low=0.005, high=0.5, integer=False)


def compiled(workflow: Mapping[str, Any], values: Mapping[str, float], instrument: Mapping[str, Any]) -> str:
    """A compiler that knows one rule."""
    if values.get("fast", 0) >= values.get("slow", 1):
        raise WorkflowError((Problem(row="e1", message="fast must be shorter than slow"),))
    return f"# {workflow['name']}\nparams = {json.dumps(values)}\n"


def gateway(*parameters: Parameter, store: MemoryLedgerStore | None = None) -> Gateway:
    parts = BuiltInParts(compile=compiled, parameters=lambda _: parameters)
    return Gateway(keys=lambda _: None, builtin=parts, ledger=SpendingLedger(store or MemoryLedgerStore()))


def state(history: list[tuple[dict[str, float], float | None]] = (), **changes: Any) -> str:  # type: ignore[assignment]
    tries = [{"values": values, "score": score} for values, score in history]
    document = {"seed": 1, "loop": len(tries), "objective": "sharpe", "workflow": {"name": "cross"}, "history": tries} | changes
    return f"Improve it.\n<state>{json.dumps(document)}</state>\nOne block of code, please."


def values_of(collected: Collected) -> dict[str, float]:
    """The parameters in the answered code."""
    line = next(line for line in collected.finished.text.splitlines() if line.startswith("params"))
    values: dict[str, float] = json.loads(line.removeprefix("params = "))
    return values


def asked(made: Gateway, user: str) -> Collected:
    return collect(made, ask("built-in", user=user))


def test_the_first_answer_is_the_workflow_with_the_analysts_own_values() -> None:
    collected = asked(gateway(FAST, SLOW, STOP), state())
    assert values_of(collected) == {"fast": 20, "slow": 50, "stop": 0.05}
    assert collected.finished.text.startswith("Change: none, the workflow as it stands.\nHypothesis: none;")


def test_an_answer_is_two_lines_and_one_block_streamed_in_small_pieces() -> None:
    collected = asked(gateway(FAST, SLOW), state([({"fast": 20, "slow": 50}, 0.4)]))
    first, second, *rest = collected.finished.text.splitlines()
    assert first.startswith("Change: fast 20 to ")
    assert second.startswith("Hypothesis: none; the built-in optimizer proposes these values from 1 scored try by statistics")
    assert rest.count("```python") == rest.count("```") == 1
    assert collected.text() == collected.finished.text
    assert all(len(event.text) <= PIECE_LENGTH for event in collected.events if isinstance(event, TextDelta))
    assert len(collected.events) > 3


def test_it_counts_no_tokens_and_costs_nothing_but_stands_in_the_ledger() -> None:
    store = MemoryLedgerStore()
    finished = asked(gateway(FAST, SLOW, store=store), state()).finished
    assert (finished.usage.source, finished.usage.completion_tokens) == (UsageSource.NONE, 0)
    assert (finished.cost.usd, finished.cost.price_source) == (0.0, "free")
    assert (store.rows()[0].provider, store.rows()[0].status) == ("stratloop", LedgerStatus.OK)


def test_the_same_prompt_gives_the_same_answer_and_another_seed_another() -> None:
    history = [({"fast": 20, "slow": 50}, 0.4), ({"fast": 10, "slow": 80}, 0.1)]
    made = gateway(FAST, SLOW, STOP)
    texts = [asked(made, state(history, seed=seed)).finished.text for seed in (1, 1, 2)]  # type: ignore[arg-type]
    assert texts[0] == texts[1] != texts[2]


def test_a_hundred_loops_never_repeat_a_try_and_stay_in_range() -> None:
    history: list[ParameterTrial] = []
    feasible = lambda values: values["fast"] < values["slow"]  # noqa: E731
    for loop in range(100):
        values = propose_values((FAST, SLOW, STOP), history, seed=2**40, loop=loop, feasible=feasible)
        assert values is not None
        assert values not in [entry.values for entry in history]
        assert values["fast"] < values["slow"]
        assert all(low.low <= values[low.name] <= low.high for low in (FAST, SLOW, STOP))
        assert isinstance(values["fast"], int)
        history.append(ParameterTrial(values=values, score=None if loop % 5 == 0 else -abs(values["fast"] - 40)))


@pytest.mark.parametrize("seed", range(4))
def test_it_learns_so_that_late_tries_are_better_than_early_ones(seed: int) -> None:
    history: list[ParameterTrial] = []
    for loop in range(30):
        values = propose_values((FAST, SLOW), history, seed=seed, loop=loop, feasible=lambda _: True)
        assert values is not None
        history.append(ParameterTrial(values=values, score=-abs(values["fast"] - 60) / 60 - abs(values["slow"] - 150) / 150))
    early, late = (sum(entry.score or 0.0 for entry in part) / 10 for part in (history[:10], history[-10:]))
    assert late > early + 0.2


def test_a_small_grid_is_searched_to_the_end_and_then_said_to_be_empty() -> None:
    small = Parameter(name="n", row="e1", default=2, low=1, high=5, integer=True)
    history: list[tuple[dict[str, float], float | None]] = []
    made = gateway(small)
    for loop in range(5):
        history.append((values_of(asked(made, state(history, loop=loop))), 0.1))
    assert sorted(values["n"] for values, _ in history) == [1, 2, 3, 4, 5]
    failure = asked(made, state(history, loop=5)).failure
    assert (failure.name, failure.action) == ("NothingLeft", "stop")
    assert "After 5 tries" in failure.message


def test_without_free_numbers_it_says_that_it_can_change_nothing() -> None:
    assert "params = {}" in asked(gateway(), state()).finished.text
    failure = asked(gateway(), state([({}, 0.3)])).failure
    assert (failure.name, failure.action) == ("NothingToVary", "stop")
    assert "no free numbers" in failure.message
    assert "language model" in failure.hint


@pytest.mark.parametrize(
    ("user", "says"),
    [
        ("Write a strategy.", "holds no <state> block"),
        ("<state>{broken</state>", "not in the agreed form"),
        ('<state>{"workflow": 5}</state>', "not in the agreed form"),
        ('<state>{"workflow": {}, "history": [{"values": {"a": "x"}, "score": 1}]}</state>', "not in the agreed form"),
    ],
)
def test_a_prompt_it_cannot_read_is_an_error_in_words_at_once(user: str, says: str) -> None:
    store = MemoryLedgerStore()
    failure = asked(gateway(FAST, store=store), user).failure
    assert (failure.name, failure.action) == ("BadRequestError", "stop")
    assert says in failure.message
    assert "Traceback" not in str(failure)
    assert len(store.rows()) == 1


def test_a_workflow_that_does_not_compile_is_named() -> None:
    lame = Parameter(name="fast", row="e1", default=90, low=2, high=200, integer=True)
    failure = asked(gateway(lame, SLOW), state()).failure
    assert "fast must be shorter than slow" in failure.message


def test_the_last_state_block_of_the_user_is_the_one_that_counts() -> None:
    early = state([({"fast": 3, "slow": 4}, 9.0)])
    collected = asked(gateway(FAST, SLOW), early + state())
    assert values_of(collected) == {"fast": 20, "slow": 50}


def test_values_that_the_history_lacks_are_the_analysts() -> None:
    taken = ParameterTrial(values={}, score=0.5)
    for seed in range(5):
        values = propose_values((FAST, SLOW), [taken], seed=seed, loop=1, feasible=lambda _: True)
        assert values not in (None, defaults((FAST, SLOW)))


def test_two_gateways_keep_their_own_parts() -> None:
    one, other = gateway(FAST, SLOW), gateway(STOP)
    results: dict[str, dict[str, float]] = {}
    threads = [
        threading.Thread(target=lambda: results.update(one=values_of(asked(one, state())))),
        threading.Thread(target=lambda: results.update(other=values_of(asked(other, state())))),
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert results == {"one": {"fast": 20, "slow": 50}, "other": {"stop": 0.05}}
