"""The catalogue and the money: read from the price map without importing LiteLLM, and right to the digit."""

import re
import subprocess
import sys
from datetime import date, timedelta

import pytest

from core.domain.usage import Price, Usage
from core.llm import describe_model, estimate_cost, find_price, list_models, list_providers
from core.llm.catalogue import _listed, _price, _price_map
from core.llm.litellm_import import load_litellm
from core.llm.pricing import compute_micros, worst_micros, worst_prompt_tokens
from core.llm.providers import find_provider
from pages.components.picker import preselect

FAMOUS = ("openai/gpt-4o-mini", "openai/gpt-5-mini", "anthropic/claude-sonnet-4-5", "gemini/gemini-2.5-flash", "deepseek/deepseek-chat")


def test_the_built_in_model_comes_first_and_does_not_pass_for_ai() -> None:
    first, second = list_models()[:2]
    assert (first.id, first.label) == ("built-in", "Built-in optimizer (not an AI model)")
    assert (second.id, second.label) == ("demo", "Demo (a replay, not a model)")
    assert all(model.free and not model.needs_key and not model.unpriced for model in (first, second))


def test_every_model_has_one_entry_that_says_whose_it_is() -> None:
    ids = [model.id for model in list_models()]
    assert len(ids) == len(set(ids)) > 2_000
    assert all(model.id == f"{model.provider}/{model.name}" for model in list_models()[2:])
    assert "deepseek/deepseek-chat" in ids
    assert "deepseek-chat" not in ids


def test_the_catalogue_lists_models_that_chat_and_nothing_else() -> None:
    names = {model.name for model in list_models("openai")}
    assert "gpt-4o-mini" in names
    assert not {"dall-e-3", "whisper-1", "text-embedding-3-small"} & names


def test_search_wants_every_word_and_may_be_kept_to_a_provider() -> None:
    found = list_models("anthropic", "SONNET 4-5")
    assert found
    assert all("sonnet" in model.name and "4-5" in model.name and model.provider == "anthropic" for model in found)
    assert list_models("bedrock_converse") == list_models("bedrock")
    assert list_models(query="no such model anywhere") == ()


def test_providers_include_those_whose_models_have_to_be_typed() -> None:
    groups = {group.id: group for group in list_providers()}
    assert list(groups)[:3] == ["stratloop", "openai", "anthropic"]
    assert {"openrouter", "azure", "bedrock", "ollama", "lm_studio", "mistral", "xai", "gemini"} <= set(groups)
    assert groups["lm_studio"].local
    assert groups["lm_studio"].api_base == "http://127.0.0.1:1234/v1"
    assert groups["openai"].key_variable == "OPENAI_API_KEY"
    assert groups["openai"].models == len(list_models("openai"))


def test_a_retired_model_is_marked_from_the_day_after() -> None:
    known = next(model for model in list_models() if model.retires is not None)
    assert known.retires is not None
    assert not _listed(known.retires)[known.id].deprecated
    assert _listed(date(2100, 1, 1))[known.id].deprecated


def test_a_model_without_a_price_is_unpriced_never_free() -> None:
    unpriced = [model for model in list_models() if model.unpriced]
    assert unpriced
    assert all(model.input_price is None and model.output_price is None and not model.free for model in unpriced)
    assert all(model.input_price or model.output_price for model in list_models() if not model.unpriced and not model.free)


def test_an_id_that_is_not_listed_follows_from_its_provider() -> None:
    assert describe_model("ollama/my-own").free
    assert describe_model("hosted_vllm/my-own").price_source == "free"
    assert describe_model("openai/my-own").unpriced
    assert describe_model("ollama/gpt-oss:120b-cloud").unpriced
    assert (describe_model("gpt-4o-mini").provider, describe_model("gpt-4o-mini").free) == ("", False)


def test_the_catalogue_never_imports_litellm() -> None:
    loaded = "[name for name in ('litellm', 'optuna', 'openai') if name in sys.modules]"
    code = f"import sys, core.llm; core.llm.list_models(); core.llm.list_providers(); print({loaded})"
    shown = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=300)
    assert shown.stdout.strip() == "[]"


@pytest.mark.parametrize("model", FAMOUS)
@pytest.mark.parametrize(("prompt", "cached", "answer"), [(3_000, 0, 1_500), (12_000, 8_000, 900), (1, 0, 0)])
def test_our_arithmetic_agrees_with_litellms(model: str, prompt: int, cached: int, answer: int) -> None:
    usage = Usage(prompt_tokens=prompt, cached_tokens=cached, completion_tokens=answer)
    theirs = sum(load_litellm().cost_per_token(model=model, prompt_tokens=prompt, completion_tokens=answer, cache_read_input_tokens=cached))
    price = find_price(model)
    assert price is not None
    assert compute_micros(usage, price) / 1e6 == pytest.approx(theirs, abs=1e-6)


def test_a_cost_is_rounded_up_so_that_sums_never_fall_below_the_bill() -> None:
    assert compute_micros(Usage(prompt_tokens=1), Price(input=0.1, output=0.1, source="user")) == 1
    assert compute_micros(Usage(prompt_tokens=10), Price(input=0.1, output=0.1, source="user")) == 1


def test_reasoning_and_cached_tokens_have_their_own_price() -> None:
    price = Price(input=1, output=2, cache_read=0.5, reasoning=4, source="user")
    assert compute_micros(Usage(prompt_tokens=100, cached_tokens=40, completion_tokens=50, reasoning_tokens=10), price) == 60 + 20 + 80 + 40


def test_the_worst_case_is_never_below_what_a_call_can_cost() -> None:
    price = Price(input=1, output=2, cache_write=1.25, reasoning=4, source="user")
    text = "def next(self): return {'a': 12345.678}\n" * 50
    tokens = load_litellm().token_counter(model="gpt-4o", text=text)
    assert worst_prompt_tokens(text) >= tokens
    worst = worst_micros(worst_prompt_tokens(text), 1_000, price)
    assert worst >= compute_micros(Usage(prompt_tokens=tokens, completion_tokens=1_000, reasoning_tokens=1_000), price)


def test_an_estimate_is_a_range_around_ten_typical_loops() -> None:
    low, high = estimate_cost("openai/gpt-4o-mini", loops=10, prompt_tokens=3_500, max_tokens=4_096) or (0.0, 0.0)
    assert low == pytest.approx(0.01605)
    assert high == pytest.approx(1.3 * 0.0298, rel=0.01)
    assert estimate_cost("built-in", loops=10, prompt_tokens=3_500, max_tokens=4_096) == (0.0, 0.0)
    assert estimate_cost("openai/my-own", loops=10, prompt_tokens=3_500, max_tokens=4_096) is None


def test_no_other_name_of_a_provider_hides_the_price_of_a_model() -> None:
    bare = {key: entry for key, entry in _price_map().items() if "/" not in key and entry.get("mode") in ("chat", "responses")}
    listed = {info.id: info for info in list_models()}
    priced = {key: entry for key, entry in bare.items() if _price(entry) is not None and not key.startswith("ft:")}
    assert len(priced) > 300
    for key, entry in priced.items():
        info = listed[f"{find_provider(str(entry['litellm_provider'])).id}/{key}"]
        assert not info.unpriced, info.id
    assert not listed["openai/gpt-5.2"].unpriced


@pytest.mark.parametrize("provider", [group.id for group in list_providers() if group.models])
def test_the_model_that_is_chosen_first_writes_programs_and_is_not_on_its_way_out(provider: str) -> None:
    chosen = preselect({info.id: info for info in list_models(provider)})
    if chosen is None:
        return
    info = describe_model(chosen)
    assert not info.deprecated
    assert not info.retires_soon
    assert not {"guard", "audio", "research", "search", "image", "ocr"} & set(re.split(r"[^a-z]", info.name.lower()))


def test_a_retirement_is_announced_sixty_days_ahead() -> None:
    known = next(model for model in list_models() if model.retires is not None)
    assert known.retires is not None
    seen = [_listed(known.retires - timedelta(days=days))[known.id] for days in (61, 60, 0)]
    assert [info.retires_soon for info in seen] == [False, True, True]
    assert seen[1].preselectable is False
