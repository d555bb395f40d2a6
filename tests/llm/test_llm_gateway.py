"""The gateway against a loopback server: streaming, retries, deadline, cancel, continuation, usage and cost."""

import threading
import time
from collections.abc import Callable

import pytest

from core.domain.errors import ProviderError
from core.domain.model_calls import Finished, ReasoningDelta, Retrying, TextDelta
from core.domain.usage import LedgerStatus, Price, Usage, UsageSource
from core.llm import Gateway, MemoryLedgerStore, RetryPolicy, SpendingLedger
from tests.llm.asking import QUICK, Collected, ask, collect
from tests.llm.fault_server import FaultServer, Reply

Call = Callable[..., Collected]
SOON = 10.0
"""Seconds in which a server has seen that its client left: half of those for which it would hold the line."""


def test_text_arrives_in_pieces_and_the_end_holds_all_of_it(call: Call, server: FaultServer) -> None:
    server.will(Reply(pieces=("def ", "next", "(self)")))
    collected = call()
    assert [event.text for event in collected.events if isinstance(event, TextDelta)] == ["def ", "next", "(self)"]
    assert (collected.finished.text, collected.finished.finish_reason) == ("def next(self)", "stop")


def test_reasoning_is_told_apart_from_the_answer(call: Call, server: FaultServer) -> None:
    server.will(Reply(reasoning=("Let me ", "think."), pieces=("42",)))
    collected = call()
    assert "".join(event.text for event in collected.events if isinstance(event, ReasoningDelta)) == "Let me think."
    assert collected.finished.text == "42"


def test_the_request_asks_for_usage_and_leaves_no_retry_to_the_library(call: Call, server: FaultServer) -> None:
    server.will(Reply(status=500, error="oops"), Reply())
    call(temperature=0.3, max_tokens=700, seed=5)
    assert len(server.seen) == 2
    body = server.seen[0].body
    assert body["stream_options"] == {"include_usage": True}
    assert (body["temperature"], body["max_tokens"], body["seed"]) == (0.3, 700, 5)
    assert [message["role"] for message in body["messages"]] == ["system", "user"]


def test_a_passing_fault_is_retried_and_the_answer_starts_afresh(call: Call, server: FaultServer) -> None:
    server.will(Reply(cut_at=1), Reply())
    collected = call()
    assert collected.kinds() == ["TextDelta", "Retrying", "TextDelta", "Finished"]
    assert collected.text() == collected.finished.text == "Hello world"


def test_two_retries_are_the_most(call: Call, server: FaultServer) -> None:
    server.will(Reply(status=503, error="overloaded"))
    collected = call()
    assert sum(isinstance(event, Retrying) for event in collected.events) == 2
    assert collected.failure.name == "ServiceUnavailableError"


def test_a_wait_that_the_provider_asks_for_is_kept(call: Call, server: FaultServer) -> None:
    server.will(Reply(status=429, error="slow down", headers={"retry-after": "0.2"}), Reply())
    retrying = next(event for event in call().events if isinstance(event, Retrying))
    assert retrying.wait_seconds == 0.2


def test_a_wait_beyond_the_deadline_is_not_begun(call: Call, server: FaultServer) -> None:
    server.will(Reply(status=429, error="slow down", headers={"retry-after": "3600"}))
    assert call(deadline_seconds=5).failure.action == "wait"
    assert len(server.seen) == 1


class JumpingClock:
    """The clock of a call, put forward by a test: no machine is too slow for what is told by it."""

    def __init__(self) -> None:
        self.ahead = 0.0

    def monotonic(self) -> float:
        """Seconds that go by as they do, and those by which it was put forward."""
        return time.monotonic() + self.ahead


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> JumpingClock:
    made = JumpingClock()
    monkeypatch.setattr("core.llm.call.time", made)
    return made


def read_slowly(gateway: Gateway, server: FaultServer, clock: JumpingClock, seconds: float, model: str = "openai/some-model") -> Collected:
    """A call with a deadline of two minutes, in which so many seconds go by with each piece that is read."""
    collected = Collected()
    try:
        for event in gateway.stream(ask(model, api_base=server.base, deadline_seconds=120), cancel=threading.Event()):
            collected.events.append(event)
            clock.ahead += seconds
    except ProviderError as error:
        collected.error = error
    return collected


DRIPPING = Reply(pieces=tuple(f"{number} " for number in range(500)), drip=0.02)


def test_the_deadline_ends_an_answer_that_drips(gateway: Gateway, server: FaultServer, clock: JumpingClock) -> None:
    server.will(DRIPPING)
    failure = read_slowly(gateway, server, clock, seconds=10).failure
    assert failure.name == "Timeout"
    assert failure.partial.startswith("0 1 2 ")
    assert server.seen[0].left.wait(SOON)
    assert server.seen[0].sent < 400


def impatient(server: FaultServer, stall: float) -> Collected:
    """A call that waits only so long for the next piece."""
    gateway = Gateway(keys=lambda _: None, retry_policy=RetryPolicy(stall=stall, retries=0))
    return collect(gateway, ask("openai/some-model", api_base=server.base))


def test_silence_in_the_middle_of_an_answer_counts_as_broken(server: FaultServer) -> None:
    server.will(Reply(hold_at=1))
    failure = impatient(server, stall=0.3).failure
    assert (failure.name, failure.partial) == ("Timeout", "Hello")
    assert "0.3 seconds" in failure.message
    assert server.seen[0].left.wait(SOON)


def test_a_slow_drip_is_not_silence(server: FaultServer, clock: JumpingClock) -> None:
    server.will(Reply(pieces=tuple("abcdefgh")))
    patient = Gateway(keys=lambda _: None, retry_policy=RetryPolicy(stall=30, retries=0))
    assert read_slowly(patient, server, clock, seconds=10).finished.text == "abcdefgh"
    assert clock.ahead > 30


def test_a_model_may_think_long_before_its_first_word(call: Call, server: FaultServer) -> None:
    server.will(Reply(delay=1.2))
    assert call().finished.text == "Hello world"


@pytest.mark.parametrize("hold_at", [-1, 0, 1], ids=["before the first byte", "after the headers", "in the middle"])
def test_cancel_closes_the_connection_at_once(call: Call, server: FaultServer, book: MemoryLedgerStore, hold_at: int) -> None:
    server.will(Reply(hold_at=hold_at))
    cancel = threading.Event()
    threading.Thread(target=lambda: (server.arrived.acquire(timeout=300), cancel.set())).start()
    collected = call(cancel=cancel)
    assert server.seen[0].left.wait(SOON), "the server never saw the client leave"
    assert (collected.finished.finish_reason, collected.finished.usage.source) == ("cancelled", UsageSource.ESTIMATED)
    assert book.rows()[0].status is LedgerStatus.CANCELLED


def test_a_reader_that_walks_away_cancels_too(gateway: Gateway, server: FaultServer, book: MemoryLedgerStore) -> None:
    server.will(Reply(hold_at=1))
    stream = gateway.stream(ask("openai/some-model", api_base=server.base), cancel=threading.Event())
    assert next(iter(stream)) == TextDelta(text="Hello")
    stream.close()  # type: ignore[attr-defined]
    assert server.seen[0].left.wait(SOON)
    assert book.rows()[0].status is LedgerStatus.CANCELLED


def test_cancel_before_the_start_asks_nobody(call: Call, server: FaultServer) -> None:
    cancel = threading.Event()
    cancel.set()
    collected = call(cancel=cancel)
    assert collected.kinds() == ["Finished"]
    assert server.seen == []


def test_a_cancel_waits_for_no_library_and_what_was_not_sent_costs_nothing(
    server: FaultServer, book: MemoryLedgerStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An import of seconds goes on while somebody cancels; it is held here until the call is over."""
    over, cancel = threading.Event(), threading.Event()
    for module in ("attempt", "attempt_state"):
        monkeypatch.setattr(f"core.llm.{module}.load_litellm", lambda: over.wait(20.0))
    threading.Timer(0.2, cancel.set).start()
    gateway = Gateway(keys=lambda _: None, ledger=SpendingLedger(book), prices=lambda _: Price(input=10.0, output=20.0, source="user"))
    finished = collect(gateway, ask("openai/some-model", api_base=server.base), cancel=cancel).finished
    assert not over.is_set()
    over.set()
    (row,) = book.rows()
    assert (finished.finish_reason, finished.usage, finished.cost.usd, row.usd_micros) == ("cancelled", Usage(), 0.0, 0)


def test_cancel_while_waiting_for_a_retry_ends_the_wait(server: FaultServer) -> None:
    server.will(Reply(status=500, error="oops"))
    cancel = threading.Event()
    gateway = Gateway(keys=lambda _: None, retry_policy=RetryPolicy(first_wait=30.0))
    collected = Collected()
    for event in gateway.stream(ask("openai/some-model", api_base=server.base), cancel=cancel):
        collected.events.append(event)
        cancel.set()
    assert collected.finished.finish_reason == "cancelled"
    assert len(server.seen) == 1


def test_a_truncated_answer_is_continued_without_the_overlap(call: Call, server: FaultServer) -> None:
    server.will(
        Reply(pieces=("```python\nx = 1\ny = 2",), finish="length"),
        Reply(
            pieces=(
                "```python\n",
                "y = 2\nz = 3\n```",
            )
        ),
    )
    collected = call()
    assert collected.finished.text == "```python\nx = 1\ny = 2\nz = 3\n```" == collected.text()
    assert collected.finished.finish_reason == "stop"
    assert [message["role"] for message in server.seen[1].body["messages"]] == ["system", "user", "assistant", "user"]
    assert (collected.finished.usage.prompt_tokens, collected.finished.usage.completion_tokens) == (200, 154)


def test_an_answer_without_end_is_continued_twice_and_then_left(call: Call, server: FaultServer) -> None:
    server.will(*(Reply(pieces=(f"part {number}\n",), finish="length") for number in range(5)))
    finished = call().finished
    assert (finished.text, finished.finish_reason) == ("part 0\npart 1\npart 2\n", "length")


def test_an_answer_whose_program_is_whole_is_not_continued(call: Call, server: FaultServer) -> None:
    server.will(Reply(pieces=("```python\nx = 1\n```\nThis strategy", " buys"), finish="length"), Reply())
    finished = call().finished
    assert (finished.finish_reason, len(server.seen)) == ("length", 1)


@pytest.mark.parametrize("lines", [("        self.buy()\n",), ("if x:\n", "    buy()\n", "else:\n", "    sell()\n")])
def test_a_model_that_repeats_itself_is_stopped_and_not_asked_to_go_on(call: Call, server: FaultServer, lines: tuple[str, ...]) -> None:
    server.will(Reply(pieces=("```python\n", *lines * 1_000), drip=0.0002), Reply())
    finished = call().finished
    assert (finished.finish_reason, len(server.seen)) == ("length", 1)
    assert len(finished.text) < 70_000


def test_what_a_failed_call_cost_is_said_with_its_error(gateway: Gateway, server: FaultServer, clock: JumpingClock) -> None:
    server.will(DRIPPING)
    failure = read_slowly(gateway, server, clock, seconds=10, model="openai/gpt-4o-mini").failure
    assert failure.partial.startswith("0 1 2 ")
    assert failure.usage.source is UsageSource.ESTIMATED
    assert (failure.cost.usd or 0) > 0


def test_a_broken_continuation_is_retried_behind_what_was_there(call: Call, server: FaultServer) -> None:
    server.will(Reply(pieces=("first half, ",), finish="length"), Reply(status=500, error="oops"), Reply(pieces=("second half",)))
    collected = call()
    assert collected.text() == collected.finished.text == "first half, second half"


def test_a_stream_that_ends_without_a_word_in_an_open_block_counts_as_truncated(call: Call, server: FaultServer) -> None:
    server.will(Reply(pieces=("```python\nx = 1\n",), finish=None), Reply(pieces=("y = 2\n```",)))
    assert call().finished.text == "```python\nx = 1\ny = 2\n```"


def test_an_answer_far_beyond_its_limit_is_cut_off(call: Call, server: FaultServer) -> None:
    server.will(Reply(pieces=tuple(f"line {number} of a very long answer\n" for number in range(20_000))))
    finished = call(max_tokens=100).finished
    assert finished.finish_reason == "length"
    assert len(finished.text) < 300_000
    assert len(server.seen) == 1


def test_usage_says_who_counted(call: Call, server: FaultServer) -> None:
    counted = {"prompt_tokens": 50, "completion_tokens": 30, "total_tokens": 80}
    details = {"prompt_tokens_details": {"cached_tokens": 20}, "completion_tokens_details": {"reasoning_tokens": 12}}
    server.will(Reply(usage=counted | details))
    usage = call().finished.usage
    assert (usage.prompt_tokens, usage.cached_tokens, usage.completion_tokens, usage.reasoning_tokens) == (50, 20, 30, 12)
    assert usage.source is UsageSource.PROVIDER
    server.will(Reply(usage=None))
    assert call().finished.usage.source is UsageSource.ESTIMATED


def test_a_count_below_zero_is_none_and_the_answer_is_counted_here(call: Call, server: FaultServer) -> None:
    server.will(Reply(usage={"prompt_tokens": 50, "completion_tokens": -5, "total_tokens": 45}))

    finished = call().finished

    assert finished.text == "Hello world"
    assert finished.usage.source is UsageSource.ESTIMATED


def test_a_known_model_is_priced_an_unknown_one_is_never_free(call: Call, server: FaultServer) -> None:
    known = call("openai/gpt-4o-mini").finished.cost
    assert known.usd == pytest.approx((100 * 0.15 + 77 * 0.60) / 1e6, abs=1e-6)
    assert known.price_source.startswith("litellm ")
    unknown = call("openai/some-model").finished.cost
    assert (unknown.usd, unknown.price_source) == (None, "unpriced")


def test_the_users_own_price_comes_first(server: FaultServer) -> None:
    gateway = Gateway(keys=lambda _: None, prices=lambda _: Price(input=10.0, output=20.0, source="user"), retry_policy=QUICK)
    cost = collect(gateway, ask("openai/some-model", api_base=server.base)).finished.cost
    assert (cost.usd, cost.price_source) == (pytest.approx(0.00254), "user")


def test_a_failed_attempt_that_was_billed_is_part_of_the_cost(call: Call, server: FaultServer, book: MemoryLedgerStore) -> None:
    server.will(Reply(cut_at=1), Reply())
    finished = call("openai/gpt-4o-mini").finished
    rows = book.rows()
    assert [row.status for row in rows] == [LedgerStatus.OK, LedgerStatus.ERROR]
    assert finished.usage.source is UsageSource.ESTIMATED
    assert finished.usage.prompt_tokens > 100
    assert finished.cost.usd == sum(row.usd_micros or 0 for row in rows) / 1e6


def test_a_connection_that_breaks_after_the_provider_said_yes_may_be_billed(
    call: Call, server: FaultServer, book: MemoryLedgerStore
) -> None:
    server.will(Reply(cut_at=0), Reply())
    call("openai/gpt-4o-mini")
    broken = book.rows()[1]
    assert (broken.usage.source, broken.usage.completion_tokens) == (UsageSource.ESTIMATED, 0)
    assert broken.usd_micros


def test_settings_a_model_does_not_take_are_left_out(call: Call, server: FaultServer) -> None:
    call("openai/gpt-5-mini", temperature=0.3, max_tokens=500)
    body = server.seen[0].body
    assert "temperature" not in body
    assert body["max_completion_tokens"] == 500


def test_an_answer_is_not_asked_for_longer_than_the_model_can(call: Call, server: FaultServer) -> None:
    call("openai/gpt-4o-mini", max_tokens=100_000)
    assert server.seen[0].body["max_tokens"] == 16_384


def test_a_prompt_beyond_the_context_is_refused_before_it_is_sent(call: Call, server: FaultServer) -> None:
    failure = call("openai/gpt-4o-mini", user="word " * 150_000).failure
    assert (failure.name, failure.action) == ("ContextWindowExceededError", "shrink")
    assert server.seen == []


def test_a_constant_prefix_is_marked_for_providers_that_cache_by_mark(gateway: Gateway, server: FaultServer) -> None:
    server.will(Reply(status=401, error="no"))
    collect(gateway, ask("anthropic/claude-sonnet-4-5", api_base=server.base.removesuffix("/v1")))
    assert server.seen[0].body["system"] == [{"type": "text", "text": "You write strategies.", "cache_control": {"type": "ephemeral"}}]


@pytest.mark.parametrize(("model", "close"), [("gpt-4o-mini", "openai/gpt-4o-mini"), ("buit-in", "built-in"), ("", "openai/")])
def test_an_id_without_provider_is_refused_with_a_suggestion(gateway: Gateway, model: str, close: str) -> None:
    failure = collect(gateway, ask(model)).failure
    assert failure.name == "LiteLLMUnknownProvider"
    assert close in failure.hint


@pytest.mark.parametrize("typed", ["GPT-4o", "gpt 4o", "gpt-4o"])
def test_a_name_without_its_provider_is_offered_whole_however_it_is_written(gateway: Gateway, typed: str) -> None:
    failure = collect(gateway, ask(typed)).failure

    assert "Did you mean openai/gpt-4o or" in failure.hint


def test_a_missing_key_is_told_before_anything_is_sent(gateway: Gateway, book: MemoryLedgerStore) -> None:
    failure = collect(gateway, ask("anthropic/claude-sonnet-4-5")).failure
    assert failure.name == "AuthenticationError"
    assert "ANTHROPIC_API_KEY" in failure.hint
    assert book.rows() == ()


def test_several_threads_may_ask_at_once(gateway: Gateway, server: FaultServer) -> None:
    server.will(Reply(pieces=tuple("abcdefghij"), drip=0.01))
    collected: list[Finished] = []
    request = ask("openai/some-model", api_base=server.base)
    threads = [threading.Thread(target=lambda: collected.append(collect(gateway, request).finished)) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(300)
    assert [finished.text for finished in collected] == ["abcdefghij"] * 6
