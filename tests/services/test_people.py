"""Each person does what their role says, whichever way they try, and what they did can be looked up."""

import inspect
from collections.abc import Iterator
from functools import cached_property
from pathlib import Path

import pytest

from core.domain.bars_request import BarsRequest
from core.domain.errors import InputError
from core.domain.people import LOCAL, NotAllowedError, Person, PersonLimits, Role
from core.domain.run import ModelChoice, RunPlan
from core.services import Services, Settings
from core.services.permissions import set_identifier

READING = (
    *("allows_", "annotate", "assess", "build_", "check", "compare", "compute_", "confirm", "count_", "describe", "detect_", "diagnose"),
    *("estimate_", "export", "fetch_", "find", "gather", "is_", "known_", "list_", "load_", "locate_", "measure_", "pack", "preload"),
    *("preview_", "rank", "read", "render_", "sum"),
)
"""Verbs that only tell something, by how they begin."""
INSIDE = {
    "AgentSessions.close",
    "People.admit",
    "Workbench.write_back",
    "Comparisons.narrow",
    "Backups.keep_daily_copies",
    "Preferences.add_quirk",
    "Verifications.close",
}
"""Verbs of the machinery, which nobody presses."""


@pytest.fixture
def parts(tmp_path: Path) -> Iterator[Services]:
    made = Services(Settings(home=tmp_path, admins=("Boss@firm.example",)))
    yield made
    made.close()
    set_identifier(lambda: LOCAL)


def be(role: Role, name: str = "somebody") -> Person:
    person = Person(id=name, name=name, role=role)
    set_identifier(lambda: person)
    return person


def test_every_verb_that_changes_something_says_which_role_it_needs(parts: Services) -> None:
    owners = [getattr(parts, name) for name, made in vars(Services).items() if isinstance(made, cached_property)]
    open_verbs = {
        f"{type(owner).__name__}.{name}"
        for owner in [*owners, parts.preferences]
        for name, verb in inspect.getmembers(owner, inspect.ismethod)
        if not name.startswith(("_", *READING)) and not hasattr(verb, "needs")
    }
    assert open_verbs == INSIDE


def plan(parts: Services) -> RunPlan:
    return RunPlan(workflow=parts.workbench.find_workflow("sma_cross"), bars=BarsRequest(symbol="AAPL"), model=ModelChoice(id="built-in"))


def test_a_viewer_starts_saves_and_deletes_nothing_and_reads_everything(parts: Services) -> None:
    saved = parts.store.save_workflow(parts.workbench.find_workflow("sma_cross"))
    be(Role.VIEWER)

    for attempt in (
        lambda: parts.runs.start(plan(parts)),
        lambda: parts.store.save_workflow(saved.workflow),
        lambda: parts.store.delete_workflow(saved.name),
        lambda: parts.backups.delete_workflow(saved.name),
        lambda: parts.preferences.allow_unisolated(True),
        lambda: parts.models.enter_key("openai", "sk-x"),
    ):
        with pytest.raises(NotAllowedError):
            attempt()

    assert [each.name for each in parts.store.list_workflows()] == [saved.name]


def test_an_analyst_works_and_leaves_the_servers_keys_limits_and_copies_alone(parts: Services, tmp_path: Path) -> None:
    be(Role.ANALYST)
    parts.store.save_workflow(parts.workbench.find_workflow("sma_cross"))
    for attempt in (
        lambda: parts.models.enter_key("openai", "sk-x", for_server=True),
        lambda: parts.people.save_limits(PersonLimits(runs=1)),
        lambda: parts.backups.back_up(tmp_path / "copy.db"),
        lambda: parts.people.change_role("x", Role.ADMIN),
        parts.people.list_acts,
    ):
        with pytest.raises(NotAllowedError, match="role admin"):
            attempt()


def test_drafts_are_each_persons_own_and_a_viewer_has_some_too(parts: Services) -> None:
    parts.store.save_draft("builder", "mine")
    be(Role.ANALYST, "ann")
    parts.store.save_draft("builder", "ann's")
    be(Role.VIEWER, "vic")
    parts.store.save_draft("builder", "vic's")

    read = {name: (set_identifier(lambda name=name: Person(id=name)), parts.store.read_draft("builder"))[1] for name in ("ann", "vic", "")}
    assert read == {"ann": "ann's", "vic": "vic's", "": "mine"}


def test_a_person_is_known_by_provider_and_subject_and_not_by_an_address(parts: Services) -> None:
    first = parts.people.admit("https://id", "1", email="ann@firm.example")
    again = parts.people.admit("https://id", "1", email="ann.new@firm.example")
    other = parts.people.admit("https://id", "2", email="ann@firm.example")
    elsewhere = parts.people.admit("https://other", "1", email="ann@firm.example")

    assert first.id == again.id
    assert len({first.id, other.id, elsewhere.id}) == 3
    assert again.name == "ann.new@firm.example"


def test_an_admin_from_outside_needs_an_address_that_the_provider_has_checked(parts: Services) -> None:
    assert parts.people.admit("https://id", "1", email="boss@firm.example").role is Role.ADMIN
    assert parts.people.admit("https://id", "2", email="boss@firm.example", confirmed=False).role is Role.ANALYST


def test_a_changed_role_counts_with_the_next_visit_and_closes_the_door_too(parts: Services) -> None:
    person = parts.people.admit("https://id", "1", email="ann@firm.example")
    be(Role.ADMIN, "boss")
    parts.people.change_role(person.id, Role.VIEWER)
    assert parts.people.admit("https://id", "1", email="ann@firm.example").role is Role.VIEWER

    parts.people.change_role(person.id, Role.NOBODY)
    with pytest.raises(NotAllowedError):
        parts.people.admit("https://id", "1", email="ann@firm.example")


def test_nobody_changes_their_own_role_or_that_of_a_stranger(parts: Services) -> None:
    me = parts.people.admit("https://id", "1", email="boss@firm.example")
    set_identifier(lambda: me)
    for person_id in (me.id, "nobody-here"):
        with pytest.raises(InputError):
            parts.people.change_role(person_id, Role.VIEWER)


def test_acts_are_told_newest_first_with_who_did_them_and_survive_a_cut_line(parts: Services, tmp_path: Path) -> None:
    parts.store.save_workflow(parts.workbench.find_workflow("sma_cross"))
    be(Role.ADMIN, "boss")
    parts.backups.delete_workflow("SMA cross")
    parts.models.forget_key("openai")
    with (tmp_path / "logs" / "acts.jsonl").open("a") as file:
        file.write('{"at": "2026')

    acts = parts.people.list_acts()

    assert [(act["act"], act["what"], act["by"]) for act in acts] == [
        ("key forgotten", "openai", "boss"),
        ("workflow deleted", "SMA cross", "boss"),
    ]
    assert (tmp_path / "logs" / "acts.jsonl").stat().st_mode & 0o077 == 0


@pytest.mark.parametrize(("text", "role"), [("", Role.ANALYST), ("viewer", Role.VIEWER), (" Admin ", Role.ADMIN)])
def test_the_role_of_new_people_is_a_setting(text: str, role: Role) -> None:
    assert Settings.from_environment({"STRATLOOP_ROLE": text}).role is role


def test_a_role_that_does_not_exist_is_refused_in_words() -> None:
    with pytest.raises(InputError, match="nobody, viewer, analyst, admin"):
        Settings.from_environment({"STRATLOOP_ROLE": "king"})
