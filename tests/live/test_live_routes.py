"""Who gets in, and that whoever is in sees every event of the run once and in order, whoever wrote it."""

import json
import subprocess
import sys

import pytest
from websockets.exceptions import InvalidStatus

from core.domain.backtest import Stage
from core.domain.events import LogEvent, ProgressEvent, RejectedEvent, StageEvent, TextEvent
from core.domain.run import Status
from core.store import Store
from pages.live.tokens import TokenScope
from tests.live.conftest import PLAN, Served, end, eventually, finished
from tests.store.raw_events import insert_raw_event


@pytest.mark.parametrize("origin", ["http://evil.example", "http://127.0.0.1:1", "null", "file://", None])
def test_a_foreign_page_is_refused(served: Served, origin: str | None) -> None:
    run = served.parts.store.create_run(PLAN)
    with pytest.raises(InvalidStatus) as refusal:
        served.open(run.id, origin=origin)
    assert refusal.value.response.status_code == 403


@pytest.mark.parametrize("path", ["/live/runs/", "/live/curves/"])
def test_a_wrong_token_is_refused(served: Served, path: str) -> None:
    run, other = served.parts.store.create_run(PLAN), served.parts.store.create_run(PLAN)
    use = TokenScope.EVENTS if "runs" in path else TokenScope.CURVES
    wrong = TokenScope.CURVES if use is TokenScope.EVENTS else TokenScope.EVENTS
    for token in ("", "x.y.z", served.token(other.id, use), served.token(run.id, wrong)):
        with pytest.raises(InvalidStatus) as refusal:
            served.open(run.id, token=token, path=path)
        assert refusal.value.response.status_code == 403
    assert len(served.live.feeds) == 0


def test_an_unknown_run_is_not_found_even_with_a_token(served: Served) -> None:
    run = served.parts.store.create_run(PLAN)
    for unknown in ("nobody", run.id[:4], "%25"):
        with pytest.raises(InvalidStatus) as refusal:
            served.open(unknown, token=served.token(unknown.replace("%25", "%")))
        assert refusal.value.response.status_code == 404


def test_a_refusal_says_nothing_about_the_run(served: Served) -> None:
    run = served.parts.store.create_run(PLAN)
    answers = []
    for run_id in (run.id, "nobody"):
        with pytest.raises(InvalidStatus) as refusal:
            served.open(run_id, token="guessed")
        answers.append((refusal.value.response.status_code, refusal.value.response.body))
    assert answers[0] == answers[1]


def test_a_run_that_waits_for_its_history_says_so_though_nothing_happens(served: Served) -> None:
    run = served.parts.store.create_run(PLAN)
    served.parts.rooms.run_worker.note_trouble(run.id, "The disk is full.")
    line = served.open(run.id)
    while (message := line.next())["kind"] != "beat":
        pass
    assert message["trouble"] == "The disk is full."


def test_events_arrive_once_and_in_order_to_the_end(served: Served) -> None:
    store = served.parts.store
    run = store.create_run(PLAN)
    line = served.open(run.id)
    for number in range(3):
        store.add_event(run.id, StageEvent(number=number, stage=Stage.GENERATE))
        store.append(finished(run, number))
    end(served.parts, run)
    seen = line.until("end")
    numbers = [message["seq"] for message in seen[:-1]]
    assert numbers == [event.seq for event in store.list_events(run.id)]
    assert seen[-1] == {"kind": "end", "status": "complete"}


def test_who_comes_back_gets_the_rest_and_nothing_twice(served: Served) -> None:
    store = served.parts.store
    run = store.create_run(PLAN)
    line = served.open(run.id)
    first = [line.until("status")[-1]["seq"]]
    for n in range(5):
        store.add_event(run.id, LogEvent(text=str(n)))
        first.append(line.until("log")[-1]["seq"])
    line.socket.close()
    for n in range(5, 10):
        store.add_event(run.id, LogEvent(text=str(n)))
    again = served.open(run.id, after=first[-1])
    rest = [again.until("log")[-1] for _ in range(5)]
    assert [message["text"] for message in rest] == ["5", "6", "7", "8", "9"]
    assert first + [message["seq"] for message in rest] == [event.seq for event in store.list_events(run.id)]


def test_everybody_who_watches_sees_the_same_from_one_reader(served: Served) -> None:
    store = served.parts.store
    run = store.create_run(PLAN)
    lines = [served.open(run.id) for _ in range(5)]
    for line in lines:
        line.until("status")
    assert len(served.live.feeds) == 1
    for n in range(20):
        store.add_event(run.id, LogEvent(text=str(n)))
    seen = [[line.until("log")[-1]["text"] for _ in range(20)] for line in lines]
    assert seen == [[str(n) for n in range(20)]] * 5


def test_an_event_of_another_process_arrives(served: Served) -> None:
    run = served.parts.store.create_run(PLAN)
    line = served.open(run.id)
    line.until("status")
    code = (
        "import sys; from pathlib import Path; from core.domain.events import LogEvent; from core.store import Store;"
        "Store.in_folder(Path(sys.argv[1])).add_event(sys.argv[2], LogEvent(text='from afar'))"
    )
    subprocess.run([sys.executable, "-c", code, str(served.parts.settings.home), run.id], check=True)
    assert line.until("log")[-1]["text"] == "from afar"


def test_a_write_of_this_process_wakes_the_reader(served: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pages.live.run_feed.POLL_SECONDS", 3600.0)
    run = served.parts.store.create_run(PLAN)
    line = served.open(run.id)
    for n in range(5):
        line.until("status" if n == 0 else "log")
        served.parts.store.add_event(run.id, LogEvent(text=str(n)))
    assert line.until("log")[-1]["text"] == "4"


def test_a_run_that_is_resumed_goes_on_for_who_comes_then(served: Served) -> None:
    store = served.parts.store
    run = store.create_run(PLAN)
    end(served.parts, run, Status.CANCELLED)
    assert served.open(run.id).until("end")[-1]["status"] == "cancelled"
    store.reopen(run.id)
    line = served.open(run.id)
    assert [line.until("status")[-1]["status"] for _ in range(3)] == ["queued", "cancelled", "queued"]
    store.add_event(run.id, LogEvent(text="on"))
    assert line.until("log")[-1]["text"] == "on"


def test_who_is_far_behind_reads_the_history(served: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pages.live.run_feed.RECENT", 3)
    store = served.parts.store
    run = store.create_run(PLAN)
    watcher = served.open(run.id)
    watcher.until("status")
    for n in range(50):
        store.add_event(run.id, LogEvent(text=str(n)))
    for _ in range(50):
        watcher.until("log")
    late = served.open(run.id, after=watcher_seq(served, run.id, 10))
    assert [late.until("log")[-1]["text"] for _ in range(41)] == [str(n) for n in range(9, 50)]


def watcher_seq(served: Served, run_id: str, events: int) -> int:
    """Number of the n-th event of a run."""
    return served.parts.store.list_events(run_id)[events - 1].seq


def test_only_the_unfinished_answer_is_told_again(served: Served) -> None:
    store = served.parts.store
    run = store.create_run(PLAN)
    store.add_event(run.id, TextEvent(number=0, text="old"))
    store.append(finished(run, 0))
    store.add_event(run.id, TextEvent(number=1, text="def "))
    store.add_event(run.id, TextEvent(number=1, text="next():"))
    end(served.parts, run)
    seen = served.open(run.id).until("end")
    assert [message["text"] for message in seen if message["kind"] == "text"] == ["def ", "next():"]


def test_only_the_curve_of_an_unfinished_backtest_is_told_again(served: Served) -> None:
    store = served.parts.store
    run = store.create_run(PLAN)
    for number in (0, 1):
        store.add_event(run.id, ProgressEvent(number=number, done=5, total=9, bars=(0, 4), equity=(100.0, 101.5)))
        if number == 0:
            store.append(finished(run, 0))
    end(served.parts, run)
    told = [message for message in served.open(run.id).until("end") if message["kind"] == "progress"]
    assert [{name: one[name] for name in one if name not in ("seq", "at", "kind")} for one in told] == [
        {"number": 1, "done": 5, "total": 9, "bars": [0, 4], "equity": [100.0, 101.5]}
    ]


def test_who_comes_late_is_not_told_the_passing_stages_of_what_is_finished(served: Served) -> None:
    store = served.parts.store
    run = store.create_run(PLAN)
    for number in (0, 1):
        for stage in (Stage.GENERATE, Stage.RUN, Stage.FILL_AUDIT, Stage.SCORE):
            store.add_event(run.id, StageEvent(number=number, stage=stage))
        if number == 0:
            store.append(finished(run, 0))
    end(served.parts, run)
    told = [(message["number"], message["stage"]) for message in served.open(run.id).until("end") if message["kind"] == "stage"]
    assert told == [(0, "generate"), (1, "generate"), (1, "run"), (1, "fill_audit"), (1, "score")]


def test_candidates_that_are_ready_in_another_order_all_arrive(served: Served) -> None:
    store = served.parts.store
    run = store.create_run(PLAN.changed(candidates=2))
    line = served.open(run.id)
    line.until("status")
    for number in (0, 2, 1):
        store.append(finished(run, number))
        told = line.until("iteration")[-1]
        assert (told["number"], told["sharpe"]) == (number, 1.0)


def test_who_comes_back_hears_the_text_of_the_candidate_that_is_not_ready(served: Served) -> None:
    store = served.parts.store
    run = store.create_run(PLAN.changed(candidates=2))
    store.append(finished(run, 0))
    for number in (1, 2):
        store.add_event(run.id, TextEvent(number=number, text=f"answer {number}"))
    store.append(finished(run, 2))
    end(served.parts, run)
    seen = served.open(run.id).until("end")
    assert [message["text"] for message in seen if message["kind"] == "text"] == ["answer 1"]


def test_the_reader_stops_with_the_last_watcher(served: Served) -> None:
    run = served.parts.store.create_run(PLAN)
    lines = [served.open(run.id) for _ in range(2)]
    for line in lines:
        line.until("status")
    for line in lines:
        line.socket.close()
    eventually(lambda: len(served.live.feeds) == 0)
    eventually(lambda: served.parts.store._subscribers == set())


def test_nothing_but_chosen_fields_leaves(served: Served) -> None:
    store = served.parts.store
    run = store.create_run(PLAN)
    store.add_event(run.id, LogEvent(text="shown"))
    store.add_event(run.id, RejectedEvent(number=0, reason="sk-canary"))
    insert_raw_event(store, run.id, "log", '{"text": "sk-canary", "key": "sk-canary"}')
    insert_raw_event(store, run.id, "mystery", '{"path": "sk-canary"}')
    store.append(finished(run, 0, answer="sk-canary"))
    end(served.parts, run)
    text = json.dumps(served.open(run.id).until("end"))
    assert "shown" in text
    assert "sk-canary" not in text
    assert "secret" not in text


def test_the_history_may_fail_for_a_moment(served: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    from core.domain.errors import StoreError

    store = served.parts.store
    run = store.create_run(PLAN)
    line = served.open(run.id)
    line.until("status")
    real, failures = Store.list_events, iter([True, True])

    def sometimes(*arguments: object, **options: object) -> object:
        if next(failures, False):
            raise StoreError("locked")
        return real(*arguments, **options)  # type: ignore[arg-type]

    monkeypatch.setattr(Store, "list_events", sometimes)
    store.add_event(run.id, LogEvent(text="late but there"))
    assert line.until("log")[-1]["text"] == "late but there"


def test_below_a_prefix_the_socket_answers_too(served: Served) -> None:
    run = served.parts.store.create_run(PLAN)
    assert served.open(run.id, path="/desk/one/live/runs/").until("status")[-1]["status"] == "queued"
