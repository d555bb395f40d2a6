"""Messages to the browser: for what version 0.1.0 wrote, the same to the byte; nothing of what cannot be read."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from core.store import Store
from pages.live.messages import Translator, to_milliseconds
from tests.live.conftest import PLAN, finished
from tests.store.raw_events import UNREADABLE, WRITTEN_BEFORE, insert_raw_event

SENT_BEFORE = (
    '"status":"queued",',
    '"status":"running","reason":null,"message":"",',
    '"status":"complete","reason":"loops","message":"All loops are done.",',
    '"number":0,"loop":0,"stage":"gate",',
    '"number":1,"loop":1,"stage":"generate","mode":"improve","model":"built-in","prompt_tokens":5196,',
    '"number":4,"stage":"hold_out",',
    '"number":1,"text":"Change: sma_fast 20 to 13, sma_slow 50 to 52, position_size_perc",',
    '"number":2,"text":"Change: \\ud83d",',
    '"number":1,"text":"","afresh":true,',
    "",
    '"number":3,"done":4,"total":704,"bars":[0,3],"equity":[100000.0,99192.627],',
    "",
    '"text":"Attempt 1 failed, waiting 0.5 s: The provider cannot be reached. Is the server running?",',
    '"message":"Unreachable.","hint":"Is the server running?",',
    '"message":"No bars.","hint":"",',
    '"wish":"pause","text":"",',
    '"wish":"budget","text":"7.5",',
    "",
    "",
)
"""Fields of each event of `WRITTEN_BEFORE` that version 0.1.0 sent; the iteration is not in the history here."""


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    made = Store.in_folder(tmp_path)
    yield made
    made.close()


def test_what_goes_to_the_browser_is_what_went_there_before(store: Store) -> None:
    run = store.create_run(PLAN)
    for kind, data in WRITTEN_BEFORE:
        insert_raw_event(store, run.id, kind, data)
    _, *events = store.list_events(run.id)

    sent = [message.json for message in Translator(store, run).build_messages(events)]

    assert sent == [
        f'{{{body}"seq":{event.seq},"kind":"{kind}","at":{to_milliseconds(event)}}}'
        for body, event, (kind, _) in zip(SENT_BEFORE, events, WRITTEN_BEFORE, strict=True)
    ]


def test_what_cannot_be_read_is_no_more_than_a_place_in_the_order(store: Store) -> None:
    run = store.create_run(PLAN)
    for kind, data in UNREADABLE:
        insert_raw_event(store, run.id, kind, data)
    _, *events = store.list_events(run.id)

    sent = [message.json for message in Translator(store, run).build_messages(events)]

    assert sent == [f'{{"seq":{event.seq},"kind":"unknown","at":{to_milliseconds(event)}}}' for event in events]


def test_a_replay_goes_around_what_cannot_be_read(store: Store) -> None:
    run = store.create_run(PLAN)
    for kind, data in UNREADABLE:
        insert_raw_event(store, run.id, kind, data)
    store.append(finished(run, 0))

    replay = Translator(store, run).replay(0)

    assert replay.until == replay.messages[-1].seq == store.last_seq(run.id)
    assert '"kind":"iteration"' in replay.messages[-1].json
