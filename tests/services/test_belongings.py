"""Several people on one server: what is whose, who is shown it, whose keys a run uses, and where it ends."""

import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event

from core.domain.bars_request import BarsRequest
from core.domain.errors import BudgetError, InputError
from core.domain.events import LogEvent
from core.domain.people import LOCAL, LimitError, NotAllowedError, NotYoursError, Person, PersonLimits, Role, SignInOverError
from core.domain.run import ModelChoice, Run, RunPlan
from core.llm.keys import KeyPlace
from core.sandbox import OwnersSandbox
from core.services import Services, Settings
from core.services.limits import describe_day
from core.services.permissions import set_identifier
from core.services.person_keys import SECRET_FILE

BARS = b"date,open,high,low,close,volume\n" + b"".join(
    f"2024-{month:02d}-{day:02d},10,13,9,{10 + day % 3},100\n".encode() for month in range(1, 5) for day in range(1, 29)
)


NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)


@pytest.fixture
def parts(tmp_path: Path) -> Iterator[Services]:
    made = Services(Settings(home=tmp_path, workers=1))
    made.rooms.key_ring._server._use_keyring = False
    made.rooms.key_ring._server._environment = {}
    made.rooms.limits._clock = lambda: NOON  # no day ends in the middle of a test
    yield made
    made.close()
    set_identifier(lambda: LOCAL)


def be(parts: Services, name: str = "", role: Role = Role.ANALYST) -> Person:
    """Sit down in front of the server as somebody; as nobody, who owns the machine, without a name."""
    person = parts.people.admit("https://id", name, name=name).changed(role=role) if name else LOCAL
    set_identifier(lambda: person)
    return person


def make_run(parts: Services, **changes: object) -> Run:
    plan = RunPlan(workflow=parts.workbench.find_workflow("sma_cross"), bars=BarsRequest(symbol="AAPL"), model=ModelChoice(id="built-in"))
    return parts.store.create_run(plan.changed(**changes))


def test_a_run_is_shown_in_one_step_and_it_is_said_who_sees_it(parts: Services) -> None:
    bob = be(parts, "bob")
    be(parts, "ann")
    run = make_run(parts)

    assert parts.sharing.describe_run(run.id).words == "Yours: only you and admins of this server see it."
    assert parts.sharing.share_run(run.id, bob.id).words == "Yours: you, bob and admins of this server see it."
    assert parts.sharing.share_run(run.id).words == "Yours: everybody on this server sees it."
    be(parts, "cy")
    assert parts.sharing.describe_run(run.id).words == "Belongs to ann: everybody on this server sees it."
    for attempt in (lambda: parts.sharing.hide_run(run.id), lambda: parts.runs.cancel(run.id), lambda: parts.runs.resume(run.id)):
        with pytest.raises(InputError):
            attempt()

    be(parts, "ann")
    assert not parts.sharing.hide_run(run.id).people
    be(parts, "bob")
    with pytest.raises(InputError, match="There is no run"):
        parts.sharing.describe_run(run.id)


def test_a_comparison_is_shown_as_far_as_it_is_ones_own(parts: Services) -> None:
    be(parts, "bob")
    his = make_run(parts)
    parts.sharing.share_run(his.id)
    be(parts, "ann")
    hers = make_run(parts)

    seen = parts.sharing.share_runs([his.id, hers.id, hers.id])

    assert [(one.owner_name, one.everybody) for one in seen] == [("bob", True), ("ann", True)]
    assert [act["what"] for act in parts.rooms.acts.list_newest(9) if act["act"] == "run shared"] == [
        f"{run.id} with everybody" for run in (hers, his)
    ]


def test_what_belongs_to_nobody_is_not_shared_since_everybody_sees_it(parts: Services) -> None:
    run = make_run(parts)
    be(parts, "ann")
    with pytest.raises(InputError, match="belongs to nobody"):
        parts.sharing.share_run(run.id)
    with pytest.raises(InputError, match="has signed in"):
        parts.sharing.share_run(make_run(parts).id, "nobody-here")


def test_workflows_of_one_name_are_found_by_it_each_and_are_each_persons_own(parts: Services) -> None:
    workflow = parts.workbench.find_workflow("sma_cross").changed(name="mine")
    for name in ("ann", "bob"):
        be(parts, name)
        parts.store.save_workflow(workflow.changed(description=f"{name}'s"))
    parts.sharing.share_workflow("mine")
    be(parts, "ann")

    assert list(parts.workbench.list_saved()) == ["mine (bob)", "mine"]
    assert [parts.workbench.find_workflow(name).description for name in ("mine", "mine (bob)")] == ["ann's", "bob's"]
    be(parts, "cy")
    assert list(parts.workbench.list_saved()) == ["mine"]
    with pytest.raises(NotYoursError):
        parts.backups.delete_workflow("mine")


def test_what_one_deleted_is_brought_back_by_them_and_by_nobody_else(parts: Services) -> None:
    be(parts, "ann")
    parts.store.save_workflow(parts.workbench.find_workflow("sma_cross").changed(name="mine"))
    parts.backups.delete_workflow("mine")
    be(parts, "bob")
    assert parts.backups.list_deleted() == ()

    be(parts, "ann")
    parts.backups.bring_back(parts.backups.list_deleted()[0].id)
    assert list(parts.workbench.list_saved()) == ["mine"]


def test_an_upload_is_ones_own_and_goes_along_with_a_run_that_is_shown(parts: Services) -> None:
    be(parts, "ann")
    path = parts.workbench.keep_upload(BARS, "desk.csv")
    pinned = parts.market.pin_uploads(BarsRequest(symbol="desk"))
    be(parts, "bob")

    assert (parts.workbench.list_uploads(), parts.market.find_listing("DESK")) == ((), None)
    assert pinned.path == str(path)
    assert len(parts.market.bars(pinned)) == 112
    assert parts.workbench.keep_upload(BARS[:2000], "desk.csv").name == "desk.csv", "another person's file takes no name"
    be(parts)
    assert parts.market.pin_uploads(BarsRequest(symbol="AAPL")).path == ""


def test_notes_and_stars_are_each_persons_own_and_stay_with_who_had_none(parts: Services) -> None:
    run = make_run(parts)
    parts.remarks.save_remark(run.id, note="from before")
    be(parts, "ann")
    parts.remarks.save_remark(run.id, note="ann's", starred=True)
    be(parts, "bob")

    assert (parts.remarks.read_remark(run.id).note, [one.note for one in parts.remarks.list_remarks()]) == ("from before", ["from before"])
    be(parts, "ann")
    assert [(one.note, one.starred) for one in parts.remarks.list_remarks()] == [("ann's", True)]


@pytest.mark.parametrize("keep", [True, False])
def test_a_persons_key_serves_their_own_runs_and_nobody_elses(parts: Services, keep: bool) -> None:
    ann = be(parts, "ann")
    place = parts.models.enter_key("openai", "sk-of-ann-123456", keep=keep)
    bob = be(parts, "bob")
    parts.models.enter_key("openai", "sk-of-bob-123456")

    assert place == ("sealed" if keep else "session")
    rings = {owner: parts.rooms.make_gateway(owner)._keys for owner in (ann.id, bob.id, "")}
    assert {owner: keys("openai") for owner, keys in rings.items()} == {ann.id: "sk-of-ann-123456", bob.id: "sk-of-bob-123456", "": None}
    be(parts, "ann")
    model: Any = parts.rooms.make_ports_for(make_run(parts)).model
    assert model._model._keys("openai") == "sk-of-ann-123456"


def test_a_sealed_key_is_nowhere_in_the_clear_and_opens_for_nobody_else(parts: Services, tmp_path: Path) -> None:
    ann = be(parts, "ann")
    parts.models.enter_key("openai", "sk-of-ann-123456", keep=True)
    sealed = parts.rooms.history.read_sealed_key(ann.id, "openai")
    assert sealed is not None
    assert b"sk-of-ann" not in b"".join(path.read_bytes() for path in tmp_path.rglob("*") if path.is_file())
    assert (tmp_path / SECRET_FILE).stat().st_mode & 0o077 == 0

    bob = be(parts, "bob")
    parts.rooms.history.save_sealed_key(bob.id, "openai", sealed)
    assert parts.rooms.keys("openai") is None, "it was moved to another person's row"
    be(parts, "ann")
    assert parts.rooms.keys("openai") == "sk-of-ann-123456"
    (tmp_path / SECRET_FILE).write_text("another secret")
    assert parts.rooms.keys("openai") is None


def test_the_servers_key_serves_who_has_none_and_only_an_admin_enters_it(parts: Services) -> None:
    be(parts, "boss", Role.ADMIN)
    parts.models.enter_key("openai", "sk-of-server-1234", for_server=True)
    be(parts, "ann")
    assert (parts.rooms.keys("openai"), parts.rooms.keys.locate("openai")) == ("sk-of-server-1234", KeyPlace.SERVER)
    parts.models.forget_key("openai")
    assert parts.rooms.keys("openai") == "sk-of-server-1234"
    with pytest.raises(NotAllowedError):
        parts.models.forget_key("openai", for_server=True)
    told = [(act["act"], act["what"]) for act in parts.rooms.acts.list_newest(9) if act["act"].startswith("key")]
    assert told == [("key forgotten", "openai"), ("key entered", "openai for the server")]


def test_more_runs_than_allowed_are_refused_in_words_and_nothing_is_stored(parts: Services) -> None:
    ann = be(parts, "ann")
    run = make_run(parts)
    be(parts)
    parts.people.save_limits(PersonLimits(runs=1), ann.id)
    be(parts, "ann")

    with pytest.raises(LimitError, match="1 run under way or waiting, and 1 at once is allowed"):
        parts.runs.start(run.plan)
    assert parts.store.count_runs() == 1
    be(parts, "bob")
    assert parts.people.read_my_limits() == PersonLimits()


def test_processor_time_of_a_day_is_refused_before_a_run_and_before_the_next_version(parts: Services) -> None:
    be(parts)
    parts.people.save_limits(PersonLimits(minutes=1))
    ann = be(parts, "ann")
    parts.rooms.limits.note_processor(ann.id, 61.0)

    with pytest.raises(LimitError, match=r"used up: 1\.0 of 1 minutes"):
        parts.runs.start(make_run(parts).plan)
    with pytest.raises(BudgetError, match="used up"):
        next(iter(parts.rooms.ports.model.stream(None, cancel=threading.Event())))  # type: ignore[arg-type]
    assert round(parts.people.measure_use().minutes, 2) == 1.02
    with pytest.raises(NotAllowedError):
        parts.people.measure_use("somebody")


def test_what_runs_take_is_measured_again_only_where_something_was_added(parts: Services) -> None:
    ann = be(parts, "ann")
    first, other = make_run(parts), make_run(parts)
    limits, history = parts.rooms.limits, parts.rooms.history
    measured: list[tuple[str, ...]] = []

    def note(_connection: Any, _cursor: Any, statement: str, values: tuple[str, ...], *_: Any) -> None:
        if "length(" in statement:
            measured.append(values)

    event.listen(history._database._engine, "before_cursor_execute", note)

    before = limits.measure_runs(ann.id)
    assert limits.measure_runs(ann.id) == before
    assert {run_id for values in measured for run_id in values} == {first.id, other.id}
    measured.clear()
    history.add_event(other.id, LogEvent(text="one word more"))
    after = limits.measure_runs(ann.id)

    assert {run_id for values in measured for run_id in values} == {other.id}
    assert 0 < before < after == history.measure_runs(ann.id)


def test_an_upload_beyond_the_room_on_the_disk_is_refused_and_not_kept(parts: Services) -> None:
    be(parts)
    parts.people.save_limits(PersonLimits(disk_mb=0.001))
    be(parts, "ann")
    with pytest.raises(LimitError, match=r"would take 0\.0 MB, and 0\.001 MB are allowed"):
        parts.workbench.keep_upload(BARS, "desk.csv")
    assert parts.workbench.list_uploads() == ()
    be(parts)
    assert parts.workbench.keep_upload(BARS, "desk.csv").is_file(), "what belongs to nobody is not limited"


def test_a_backtest_counts_for_who_runs_it_and_a_server_of_ones_own_counts_nothing(parts: Services) -> None:
    be(parts)
    assert isinstance(parts.rooms.ports.sandbox, OwnersSandbox), "nothing stands between that could count"
    ann = be(parts, "ann")
    assert not isinstance(parts.rooms.ports.sandbox, OwnersSandbox)
    parts.rooms.limits.note_processor(ann.id, 2.0)
    parts.rooms.limits.close()
    assert parts.rooms.history.sum_processor_time(ann.id, describe_day(NOON)) == 2.0


def test_processor_time_that_two_backtests_write_at_once_is_all_written(parts: Services, monkeypatch: pytest.MonkeyPatch) -> None:
    ann = be(parts, "ann")
    limits, history, others = parts.rooms.limits, parts.rooms.history, list[threading.Thread]()
    write = history.note_processor_time

    def write_late(*said: Any) -> None:
        if not others:
            others.append(threading.Thread(target=limits.note_processor, args=(ann.id, 8.0)))
            others[0].start()
            others[0].join(0.3)  # long enough for a write that nothing keeps waiting
        write(*said)

    monkeypatch.setattr(history, "note_processor_time", write_late)
    limits.note_processor(ann.id, 6.0)
    others[0].join()

    assert history.sum_processor_time(ann.id, describe_day(NOON)) == 14.0


def test_money_is_counted_for_each_person_and_shown_to_them_alone(parts: Services) -> None:
    be(parts)
    ann = be(parts, "ann")
    be(parts)
    parts.people.save_limits(PersonLimits(day_usd=2.0), ann.id)
    be(parts, "ann")
    scopes = {balance.scope: balance.cap_usd for balance in parts.rooms.ledger.balances()}
    assert scopes == {"day": None, "month": None, "own day": 2.0}
    be(parts, "bob")
    assert "own day" not in {balance.scope for balance in parts.rooms.ledger.balances()}


def test_a_sign_in_is_written_down_once_and_counts_for_a_working_day(parts: Services) -> None:
    now = datetime.now(UTC).timestamp()
    for issued in (now - 60, now - 60, now, now - 60):
        parts.people.admit("https://id", "1", name="ann", issued=issued)
    assert [act["act"] for act in parts.rooms.acts.list_newest(9)] == ["sign-in", "sign-in", "new person"]
    with pytest.raises(SignInOverError, match="12 hours"):
        parts.people.admit("https://id", "1", name="ann", issued=now - 13 * 3600)


@pytest.mark.parametrize("text", ["0", "-1", "soon", "nan"])
def test_hours_of_a_sign_in_that_cannot_be_meant_are_refused(text: str) -> None:
    with pytest.raises(InputError, match="STRATLOOP_SIGN_IN_HOURS"):
        Settings.from_environment({"STRATLOOP_SIGN_IN_HOURS": text})
