"""A model that says what a test wants: a real citizen of the `Model` port, without LiteLLM and without waiting."""

from collections.abc import Iterator, Sequence

from core.domain.errors import StratloopError
from core.domain.model_calls import Finished, ModelEvent, ModelRequest, ReasoningDelta, Retrying, TextDelta
from core.domain.usage import Cost, Usage, UsageSource
from core.driving.ports import Cancel

PIECE = 40


class ScriptedModel:
    """Gives its answers one after the other, the last one for ever; an exception in the list is raised instead.

    `requests` holds what was asked, in order. Every answer costs `usd`, and is counted as one token for four letters.
    """

    def __init__(
        self, answers: Sequence[str | StratloopError], *, usd: float | None = 0.0, reasoning: str = "", retry: bool = False
    ) -> None:
        self._answers = list(answers)
        self._usd = usd
        self._reasoning = reasoning
        self._retry = retry
        self.requests: list[ModelRequest] = []

    def stream(self, request: ModelRequest, *, cancel: Cancel) -> Iterator[ModelEvent]:
        """The next answer in pieces, `Finished` last; stops between pieces when asked to."""
        answer = self._answers[min(len(self.requests), len(self._answers) - 1)]
        self.requests.append(request)
        if isinstance(answer, StratloopError):
            raise answer
        if self._retry:
            yield TextDelta(text=answer[:PIECE])
            yield Retrying(attempt=1, wait_seconds=0.0, message="The connection broke in the middle of the answer.")
        if self._reasoning:
            yield ReasoningDelta(text=self._reasoning)
        said = ""
        for start in range(0, len(answer), PIECE):
            if cancel.is_set():
                yield self._finished(said, "cancelled", request)
                return
            piece = answer[start : start + PIECE]
            said += piece
            yield TextDelta(text=piece)
        yield self._finished(said, "stop", request)

    def _finished(self, text: str, reason: str, request: ModelRequest) -> Finished:
        tokens = Usage(prompt_tokens=request.prompt.tokens, completion_tokens=len(text) // 4, source=UsageSource.PROVIDER)
        cost = Cost(usd=self._usd, price_source="user" if self._usd is not None else "unpriced")
        return Finished(text=text, finish_reason=reason, usage=tokens, cost=cost, seconds=0.0)
