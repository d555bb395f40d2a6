"""Completions are kept the moment they are there: a run that is cut short before their backtest does not pay for them twice."""

from collections.abc import Iterator

from core.domain.events import AnswerEvent, EventKind, select_bodies
from core.domain.model_calls import Finished, ModelEvent, ModelRequest, TextDelta
from core.domain.usage import UsageSource
from core.driving.ports import Cancel, History, Model

PAGE_SIZE = 1000

_Key = tuple[int, str, int, str]


class CachedCompletions:
    """A model that replays a kept completion instead of asking, where the very same was asked for an iteration that was never finished."""

    def __init__(self, model: Model, history: History, run_id: str) -> None:
        self._model, self._history, self._run_id = model, history, run_id
        self._known = _find_unfinished(history, run_id)

    def stream(self, request: ModelRequest, *, cancel: Cancel) -> Iterator[ModelEvent]:
        """Events of one call, as `Model.stream`."""
        known = self._known.get(_key(request))
        if known is not None:
            yield TextDelta(text=known.text)
            yield known
            return
        for event in self._model.stream(request, cancel=cancel):
            if isinstance(event, Finished) and event.finish_reason != "cancelled" and event.usage.source is not UsageSource.NONE:
                self._store(request, event)
            yield event

    def _store(self, request: ModelRequest, finished: Finished) -> None:
        number, model, seed, prompt = _key(request)
        body = AnswerEvent(number=number, model=model, seed=seed, prompt_hash=prompt, finished=finished)
        self._history.add_event(self._run_id, body)


def _key(request: ModelRequest) -> _Key:
    return request.loop, request.model, request.seed, request.prompt.hash


def _find_unfinished(history: History, run_id: str) -> dict[_Key, Finished]:
    """Answers whose iterations are missing."""
    done = {iteration.number for iteration in history.list_iterations(run_id)}
    found: dict[_Key, Finished] = {}
    after = 0
    while page := history.list_events(run_id, after=after, limit=PAGE_SIZE, kind=EventKind.ANSWER):
        after = page[-1].seq
        for kept in select_bodies(page, AnswerEvent):
            if kept.number not in done:
                found[kept.number, kept.model, kept.seed, kept.prompt_hash] = kept.finished
    return found
