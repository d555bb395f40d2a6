"""One call of the gateway from start to end: attempts, retries, continuations, deadline and cancel, and what they cost together."""

import logging
import queue
import threading
import time
from collections.abc import Generator, Iterator, Mapping
from dataclasses import dataclass, replace
from random import Random
from typing import Any, Protocol

from core.domain.errors import ProviderAction, ProviderReason
from core.domain.model_calls import Finished, ModelEvent, ModelRequest, ReasoningDelta, Retrying, TextDelta
from core.domain.usage import Cost, LedgerRow, LedgerStatus, Usage, UsageSource, sum_usages
from core.llm.attempt import AsideChunk, ReasoningChunk, StreamAttempt, StreamEnd, StreamEvent, StreamFailed, TextChunk
from core.llm.attempt_state import AttemptState, count_usage, find_partial, interpret_end
from core.llm.continuation import ContinuationJoiner, needs_continuation, repeats_itself
from core.llm.errors import ERROR_TABLE, UNKNOWN_ERROR, CallFailure, build_own_failure, classify
from core.llm.litellm_import import Responder
from core.llm.pricing import compute_micros, estimate_tokens, worst_micros
from core.llm.provider_words import read_room
from core.llm.quirks import WORDS as QUIRK_WORDS
from core.llm.quirks import Quirk, Quirks, find_rejected_setting
from core.llm.route import (
    Message,
    Route,
    build_arguments,
    build_messages,
    compute_max_tokens,
    join_text,
    read_sent_settings,
    reserve_tokens,
)
from core.llm.spending_ledger import SpendingLedger

THOUGHT_FACTOR = 4
"""Times the longest answer that is asked for once when all of it was spent on thinking."""
MAXIMUM_NARROWINGS = 2
"""Times that a call is sent again for a shorter answer because the server says how much room there is."""
SMALLEST_ROOM = 1_000
"""Tokens below which an answer holds no program."""
_REFUSES_LENGTH = (ProviderReason.CONTEXT_TOO_LONG, ProviderReason.BAD_REQUEST, ProviderReason.QUOTA, ProviderReason.RATE_LIMIT)
POLL_SECONDS = 0.05
"""Time between two looks for a cancel while nothing arrives."""

_log = logging.getLogger(__name__)
_random = Random()


class Cancel(Protocol):
    """A request to stop; `threading.Event` satisfies it."""

    def is_set(self) -> bool:
        """True once somebody asked to stop."""
        ...


@dataclass(frozen=True, slots=True)
class RetryPolicy:
    """Number and length of retries, continuations and waits of one call."""

    retries: int = 2
    continuations: int = 2
    """Further calls for an answer that was cut off at its length limit."""
    first_wait: float = 0.5
    """Seconds before the first retry; doubled each time, times a random factor between a half and one and a half."""
    first_wait_on_limit: float = 4.0
    """The same when the provider asked to slow down without saying how much."""
    longest_wait: float = 60.0
    longest_asked_wait: float = 120.0
    """Seconds that are waited within the call because the provider asks for it; what is longer is the caller's to wait for."""
    stall: float = 90.0
    """Seconds without a byte in the middle of an answer after which it counts as broken."""
    first_byte: float = 300.0
    """The same before the first one: a model may think without showing it."""
    connect: float = 15.0


DEFAULT_RETRY_POLICY = RetryPolicy()
"""The policy that users get."""


@dataclass(frozen=True, slots=True)
class AnswerPart:
    """One part of the answer that came through."""

    text: str
    finish_reason: str


class ModelCall:
    """State of one call. `stream` is read once."""

    def __init__(
        self,
        request: ModelRequest,
        route: Route,
        *,
        cancel: Cancel,
        ledger: SpendingLedger,
        own: Mapping[str, Responder],
        retry_policy: RetryPolicy,
        quirks: Quirks,
    ) -> None:
        self._request = request
        self._route = route
        self._cancel = cancel
        self._ledger = ledger
        self._own = own
        self._patience = retry_policy
        self._quirks = quirks
        self._most = request.max_tokens
        self._room: int | None = None
        self._narrowed = 0
        self._whole = False
        self._sent: Mapping[str, Any] = {}
        self._started = time.monotonic()
        self._deadline = self._started + request.deadline_seconds
        self._usages: list[Usage] = []
        self._micros: int | None = 0
        self._attempts = 0

    def stream(self) -> Iterator[ModelEvent]:
        """Stream everything that happens, `Finished` last. Raises ProviderError and BudgetError."""
        text, reason = "", "cancelled"
        for _ in range(1 + self._patience.continuations):
            if self._cancel.is_set():
                reason = "cancelled"
                break
            part = yield from self._part(text)
            text, reason = text + part.text, part.finish_reason
            if reason != "length" or not part.text or not needs_continuation(text):
                break
        reason = "length" if reason in ("runaway", "repetition") else reason
        yield Finished(
            text=text,
            finish_reason=reason,
            usage=sum_usages(self._usages),
            cost=self._total_cost(),
            seconds=time.monotonic() - self._started,
            sent=read_sent_settings(self._request, self._sent),
        )

    def _part(self, before: str) -> Generator[ModelEvent, None, AnswerPart]:
        """One part of the answer, tried again where that makes sense."""
        attempt = 0
        while True:
            outcome, text = yield from self._attempt(before)
            if isinstance(outcome, AnswerPart):
                if self._whole and outcome.text:
                    self._quirks.add(self._route.info.id, self._route.api_base, Quirk.STREAM)
                return outcome
            if adapted := self._adapt(outcome):
                yield Retrying(attempt=attempt + 1, wait_seconds=0.0, message=adapted)
                if before:
                    yield TextDelta(text=before)
                continue
            attempt += 1
            unknown = outcome.cause if outcome.rule is UNKNOWN_ERROR else None
            level = logging.ERROR if unknown else logging.INFO
            _log.log(level, "attempt %d on %s failed: %s", attempt, self._route.info.id, outcome.name, exc_info=unknown)
            wait = self._wait(outcome, attempt)
            if wait is None:
                raise outcome.to_error(partial=before + text, usage=sum_usages(self._usages), cost=self._total_cost())
            yield Retrying(attempt=attempt, wait_seconds=round(wait, 2), message=str(outcome.to_error()))
            if not self._pause(wait):
                return AnswerPart("", "cancelled")
            if before:
                yield TextDelta(text=before)

    def _adapt(self, failure: CallFailure) -> str:
        """Change the next request where a failure says how, once for each way, and say so; empty when nothing can be changed."""
        if failure.name == "OnlyThought" and self._most < self._ceiling():
            used, self._most = self._most, self._ceiling()
            return f"All {used:,} tokens of the answer went into thinking: asked again with up to {self._most:,}."
        if failure.name == "EmptyStream" and Quirk.STREAM not in self._known():
            self._whole = True  # remembered once that brought an answer
            return QUIRK_WORDS[Quirk.STREAM]
        if self._narrow(failure):
            return f"There is room for {self._most:,} tokens of answer: asked again with that."
        quirk = find_rejected_setting(failure, self._sent, self._known())
        if quirk is None or self._cancel.is_set():
            return ""
        self._quirks.add(self._route.info.id, self._route.api_base, quirk)
        return QUIRK_WORDS[quirk]

    def _narrow(self, failure: CallFailure) -> bool:
        """Ask for no longer an answer than a refusal says that there is room for; False when it does not say, or when no program fits."""
        asked = self._sent.get("max_tokens") or self._sent.get("max_completion_tokens")
        if failure.rule.reason not in _REFUSES_LENGTH or not asked or self._narrowed >= MAXIMUM_NARROWINGS or self._cancel.is_set():
            return False
        room = read_room(failure.said, asked)
        if room is None or room < SMALLEST_ROOM:
            return False
        self._most = self._room = room
        self._narrowed += 1
        return True

    def _known(self) -> frozenset[str]:
        known = self._quirks.find(self._route.info.id, self._route.api_base)
        return known | {Quirk.STREAM.value} if self._whole else known

    def _ceiling(self) -> int:
        """The longest answer that is asked for when all of a shorter one was spent on thinking."""
        most = self._request.max_tokens * THOUGHT_FACTOR
        return min(most, self._route.info.max_output or most, self._room or most)

    def _attempt(self, before: str) -> Generator[ModelEvent, None, tuple[AnswerPart | CallFailure, str]]:
        """One HTTP attempt, from its reservation in the ledger to the closed row."""
        quirks = self._known()
        conversation = build_messages(self._route, self._request.prompt, before, quirks=quirks)
        most = compute_max_tokens(self._route, self._request.changed(max_tokens=self._most), join_text(conversation))
        row = self._row(conversation, most, continuing=bool(before))
        row_id = self._ledger.reserve(row, run_cap_usd=self._request.run_cap_usd)
        progress, seam, shown = AttemptState(time.monotonic()), ContinuationJoiner(before), [""]
        running: StreamAttempt | None = None
        try:
            self._sent = build_arguments(self._route, self._request, conversation, most, self._timeouts(), quirks)
            running = StreamAttempt(self._sent, self._own)
            for piece in self._read(running, progress, row, most):
                if isinstance(piece, ReasoningDelta):
                    yield piece
                elif new := seam.feed(piece.text):
                    shown.append(new)
                    yield TextDelta(text=new)
            if rest := seam.finish():
                shown.append(rest)
                yield TextDelta(text=rest)
        finally:
            if running is not None:
                running.abort()
                progress.sent = running.sent
            self._settle(row_id, row, progress, conversation)
        text = "".join(shown)
        return (progress.failure or AnswerPart(text, progress.finish_reason)), text or find_partial(progress)

    def _read(self, running: StreamAttempt, progress: AttemptState, row: LedgerRow, most: int) -> Iterator[TextDelta | ReasoningDelta]:
        """Pieces of the answer until the attempt is over; what it came to stands in `progress`."""
        received = looked = time.monotonic()
        while progress.status is None:
            try:
                item = running.events.get(timeout=POLL_SECONDS)
            except queue.Empty:
                item = None
            now = time.monotonic()
            if item is not None:
                received = now
                yield from self._take(item, progress)
            if progress.status is None and now - looked >= POLL_SECONDS:
                looked = now
                self._watch(progress, row, most, now=now, quiet=now - received)

    def _take(self, item: StreamEvent, progress: AttemptState) -> Iterator[TextDelta | ReasoningDelta]:
        match item:
            case TextChunk(text):
                progress.add_piece(progress.pieces, text)
                yield TextDelta(text=text)
            case ReasoningChunk(text):
                progress.add_piece(progress.reasoning, text)
                yield ReasoningDelta(text=text)
            case AsideChunk():
                progress.add_aside(item)
            case StreamEnd(reason, usage):
                progress.usage = usage
                interpret_end(reason, progress)
            case StreamFailed(error):
                failure = self._explain(classify(error))
                if failure.repeats and progress.pieces:
                    progress.end("repetition")
                else:
                    progress.fail(failure)

    def _explain(self, failure: CallFailure) -> CallFailure:
        """Give a failure the name and the hint that fit this route."""
        if self._whole and failure.name in ("InternalServerError", "APIResponseValidationError"):
            return build_own_failure("EmptyStream")
        if failure.name != "LiteLLMUnknownProvider" or not self._route.api_base:
            return failure
        hint = f"For a server of your own write openai/{self._request.model}: what it speaks comes first, then its own name for the model."
        return replace(failure, rule=replace(failure.rule, hint=hint))

    def _watch(self, progress: AttemptState, row: LedgerRow, most: int, *, now: float, quiet: float) -> None:
        """Stop the attempt when somebody asks, when time or money runs out, or when the model does not stop by itself."""
        if self._cancel.is_set():
            progress.end("cancelled", LedgerStatus.CANCELLED)
        elif now >= self._deadline:
            progress.fail(_timeout(f"The model did not finish within {self._request.deadline_seconds:g} seconds."))
        elif quiet >= (limit := self._silence(progress)):
            started = "The answer stopped coming" if progress.first is not None else "The model gave no sign of life"
            progress.fail(_timeout(f"{started} for {limit:g} seconds."))
        elif progress.tokens > 2 * most + 500:
            progress.end("runaway")
        elif progress.grown() and repeats_itself(progress.text):
            progress.end("repetition")
        elif row.price is not None and not self._route.own:
            self._watch_budget(progress, row)

    def _silence(self, progress: AttemptState) -> float:
        """Seconds without a byte after which the attempt counts as broken; what is thought aloud is no silence."""
        usual = self._patience.first_byte if progress.first is None or Quirk.STREAM in self._known() else self._patience.stall
        return self._request.silence_seconds or usual

    def _watch_budget(self, progress: AttemptState, row: LedgerRow) -> None:
        used = Usage(
            prompt_tokens=estimate_tokens(self._request.prompt.system + self._request.prompt.user), completion_tokens=progress.tokens
        )
        assert row.price is not None
        tokens = used.prompt_tokens + used.completion_tokens
        problem = self._ledger.check_overrun(row, compute_micros(used, row.price), tokens, run_cap_usd=self._request.run_cap_usd)
        if problem is not None:
            progress.end("budget", LedgerStatus.CANCELLED)
            raise problem

    def _timeouts(self) -> Any:
        """Limits for the socket; the deadline and the stall are watched here."""
        import httpx

        left = max(1.0, self._deadline - time.monotonic())
        return httpx.Timeout(left, connect=min(left, self._patience.connect))

    def _wait(self, failure: CallFailure, attempt: int) -> float | None:
        """Seconds until the next attempt, or None when there is none."""
        action = failure.rule.action
        if attempt > self._patience.retries or action not in (ProviderAction.RETRY, ProviderAction.WAIT) or self._cancel.is_set():
            return None
        first = self._patience.first_wait if action is ProviderAction.RETRY else self._patience.first_wait_on_limit
        wait = first * 2 ** (attempt - 1) * _random.uniform(0.5, 1.5) if failure.retry_after is None else failure.retry_after
        if wait > self._patience.longest_asked_wait and failure.retry_after is not None:
            return None
        wait = min(wait, self._patience.longest_wait) if failure.retry_after is None else wait
        return wait if time.monotonic() + wait < self._deadline else None

    def _pause(self, seconds: float) -> bool:
        """Wait, unless somebody asks to stop."""
        until, never = time.monotonic() + seconds, threading.Event()
        while (left := until - time.monotonic()) > 0:
            if self._cancel.is_set():
                return False
            never.wait(min(POLL_SECONDS, left))
        return not self._cancel.is_set()

    def _row(self, conversation: list[Message], most: int, *, continuing: bool) -> LedgerRow:
        self._attempts += 1
        prompt, price = reserve_tokens(self._route, conversation), self._route.price
        return LedgerRow(
            run_id=self._request.run_id,
            loop=self._request.loop,
            attempt=self._attempts,
            purpose="continue" if continuing else self._request.purpose,
            provider=self._route.provider.id,
            model=self._route.info.id,
            started=self._ledger.now(),
            price=price,
            reserved_micros=0 if price is None else worst_micros(prompt, most, price),
            reserved_tokens=0 if self._route.own else prompt + most,
            prompt_tokens=0 if self._route.own else estimate_tokens(join_text(conversation)),
            prompt_hash=self._request.prompt.hash,
        )

    def _settle(self, row_id: int, row: LedgerRow, progress: AttemptState, conversation: list[Message]) -> None:
        """Close the ledger's row with what is known, and add it to the call's sums."""
        usage = Usage() if self._route.own else count_usage(progress, self._route.wire, join_text(conversation))
        micros = 0 if usage.source is UsageSource.NONE else None if row.price is None else compute_micros(usage, row.price)
        self._usages.append(usage)
        self._micros = None if self._micros is None or micros is None else self._micros + micros
        closed = row.changed(
            ended=self._ledger.now(),
            first_token_seconds=progress.first,
            status=progress.status or LedgerStatus.CANCELLED,
            finish_reason=progress.finish_reason,
            usage=usage,
            usd_micros=micros,
            error=progress.failure.name if progress.failure else "",
        )
        self._ledger.close(row_id, closed)

    def _total_cost(self) -> Cost:
        source = self._route.price.source if self._route.price else "unpriced"
        return Cost(usd=None if self._micros is None else self._micros / 1_000_000, price_source=source)


def _timeout(words: str) -> CallFailure:
    return CallFailure("Timeout", replace(ERROR_TABLE["Timeout"], words=words))
