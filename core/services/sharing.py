"""Showing one's work to others: runs, comparisons and workflows, with who sees each."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime

from core.domain.errors import InputError
from core.domain.people import EVERYBODY, LOCAL, KnownPerson, NotYoursError, Person, Role, Share, ShareKind
from core.domain.run import Run
from core.domain.workbench import SavedWorkflow
from core.services.people import PERSON, read_name
from core.services.permissions import find_person, needs
from core.services.rooms import Rooms


@dataclass(frozen=True, slots=True)
class Audience:
    """Everybody who sees one thing."""

    owner: str
    """Id of its owner; empty for what belongs to nobody, which everybody sees."""
    owner_name: str
    everybody: bool
    people: tuple[Person, ...] = ()
    """People to whom it is shown by name."""
    mine: bool = True
    """True for who may show it to others."""

    @property
    def words(self) -> str:
        """Everybody who sees it, in a sentence."""
        if not self.owner:
            return "Belongs to nobody: everybody on this server sees it."
        own = self.mine and self.owner == find_person().id
        whose = "Yours" if own else f"Belongs to {self.owner_name}"
        if self.everybody:
            return f"{whose}: everybody on this server sees it."
        named = ["you" if own else self.owner_name, *(one.name for one in self.people)]
        return f"{whose}: {'' if self.people else 'only '}{', '.join(named)} and admins of this server see it."


class Sharing:
    """Verbs over what is shown to whom, for the screens and the terminal."""

    def __init__(self, rooms: Rooms) -> None:
        self._rooms = rooms

    def is_for_several(self) -> bool:
        """True where there are several people: for somebody in front of a server that asks who they are, and where people are known."""
        return find_person() != LOCAL or bool(self._rooms.history.list_settings(PERSON))

    def is_changeable(self, run: Run) -> bool:
        """True for who may steer, stop and continue a run: whose it is, admins, and everybody for what belongs to nobody."""
        return not run.owner or self._may_share(run)

    def is_mine(self, saved: SavedWorkflow) -> bool:
        """True for who may delete a saved workflow: whose it is, admins, and everybody for what belongs to nobody."""
        return saved.owner in ("", find_person().id) or find_person().sees_all

    def find_owner_names(self, runs: Iterable[Run]) -> dict[str, str]:
        """Names of the owners of runs, by id; empty for nobody, and "you" for oneself."""
        me = find_person().id
        return {owner: "you" if owner and owner == me else read_name(self._rooms, owner) for owner in {run.owner for run in runs}}

    def find_people(self, text: str) -> KnownPerson:
        """The known person of that id or name. Raises InputError."""
        wanted = text.strip().lower()
        found = [one for one in self.list_others() if wanted in (one.id, one.name.lower())]
        if len(found) != 1:
            several = f"Several people are called {text!r}." if found else f"Nobody called {text!r} has signed in."
            raise InputError(several, hint="`people` lists everybody with their ids.")
        return found[0]

    def list_others(self) -> tuple[KnownPerson, ...]:
        """Everybody to whom something can be shown by name: who has signed in, and is not oneself."""
        documents = self._rooms.history.list_settings(PERSON).values()
        found = [KnownPerson.model_validate_json(document) for document in documents]
        return tuple(sorted((one for one in found if one.id != find_person().id), key=lambda one: one.name.lower()))

    def describe_run(self, run_id: str) -> Audience:
        """Everybody who sees a run. Raises InputError."""
        run = self._rooms.store.read_run(run_id)
        return self._describe(ShareKind.RUN, run.owner, run.id)

    def describe_workflow(self, name: str, *, owner: str | None = None) -> Audience:
        """Everybody who sees a saved workflow. Raises InputError."""
        return self._describe(ShareKind.WORKFLOW, self._find_workflow(name, owner), name)

    def _find_workflow(self, name: str, owner: str | None) -> str:
        saved = next(iter(self._rooms.store.list_versions(name, owner=owner)), None)
        if saved is None:
            raise InputError(f"There is no saved workflow {name!r}.")
        return saved.owner

    def _describe(self, kind: ShareKind, owner: str, subject: str) -> Audience:
        shares = self._rooms.history.list_shares(kind, owner, subject) if owner else ()
        named = tuple(Person(id=one.person, name=read_name(self._rooms, one.person)) for one in shares if one.person != EVERYBODY)
        me = find_person()
        return Audience(
            owner=owner,
            owner_name=read_name(self._rooms, owner),
            everybody=not owner or any(one.person == EVERYBODY for one in shares),
            people=named,
            mine=bool(owner) and (owner == me.id or me.sees_all),
        )

    @needs(Role.ANALYST)
    def share_run(self, run_id: str, person: str = EVERYBODY) -> Audience:
        """Show a run to one person by id, or to everybody; they see it and change nothing. Raises InputError."""
        run = self._rooms.store.read_run(run_id)
        for one in self._list_together(run):
            self._share(ShareKind.RUN, one.owner, one.id, person)
        return self.describe_run(run.id)

    def _list_together(self, run: Run) -> list[Run]:
        """The runs that are shown as one: those of a sweep."""
        found = list(self._rooms.store.list_sweep(run.plan.sweep.group)) if run.plan.sweep is not None else []
        return found or [run]

    @needs(Role.ANALYST)
    def share_runs(self, run_ids: Iterable[str], person: str = EVERYBODY) -> tuple[Audience, ...]:
        """Show the runs of a comparison, as far as they are one's own; gives who sees each of them. Raises InputError."""
        runs = [self._rooms.store.read_run(run_id) for run_id in dict.fromkeys(run_ids)]
        for run in runs:
            if self._may_share(run):
                self._share(ShareKind.RUN, run.owner, run.id, person)
        return tuple(self.describe_run(run.id) for run in runs)

    def _may_share(self, run: Run) -> bool:
        return bool(run.owner) and (run.owner == find_person().id or find_person().sees_all)

    @needs(Role.ANALYST)
    def share_workflow(self, name: str, person: str = EVERYBODY, *, owner: str | None = None) -> Audience:
        """Show a saved workflow, in all its versions, to one person by id, or to everybody. Raises InputError."""
        whose = self._find_workflow(name, owner)
        self._share(ShareKind.WORKFLOW, whose, name, person)
        return self._describe(ShareKind.WORKFLOW, whose, name)

    @needs(Role.ANALYST)
    def hide_run(self, run_id: str, person: str | None = None) -> Audience:
        """Show a run to a person no more, or to nobody but its owner. Raises InputError."""
        run = self._rooms.store.read_run(run_id)
        for one in self._list_together(run):
            self._hide(ShareKind.RUN, one.owner, one.id, person)
        return self.describe_run(run.id)

    @needs(Role.ANALYST)
    def hide_workflow(self, name: str, person: str | None = None, *, owner: str | None = None) -> Audience:
        """Show a saved workflow to a person no more, or to nobody but its owner. Raises InputError."""
        whose = self._find_workflow(name, owner)
        self._hide(ShareKind.WORKFLOW, whose, name, person)
        return self._describe(ShareKind.WORKFLOW, whose, name)

    def _require_mine(self, kind: ShareKind, owner: str, subject: str) -> None:
        if not owner:
            raise InputError(f"The {kind.value} {subject} belongs to nobody, so everybody on this server sees it.")
        if owner != find_person().id and not find_person().sees_all:
            raise NotYoursError(f"The {kind.value} {subject}")

    def _share(self, kind: ShareKind, owner: str, subject: str, person: str) -> None:
        self._require_mine(kind, owner, subject)
        if person == owner:
            raise InputError("It is theirs already.")
        if person != EVERYBODY and person not in {one.id for one in self.list_others()}:
            raise InputError(f"Nobody with the id {person!r} has signed in.")
        self._rooms.history.save_share(Share(kind=kind, owner=owner, subject=subject, person=person, created=datetime.now(UTC)))
        self._rooms.acts.record(f"{kind.value} shared", f"{subject} with {read_name(self._rooms, person) or 'everybody'}")

    def _hide(self, kind: ShareKind, owner: str, subject: str, person: str | None) -> None:
        self._require_mine(kind, owner, subject)
        shares = self._rooms.history.list_shares(kind, owner, subject)
        for one in shares:
            if person in (None, one.person) and self._rooms.history.delete_share(kind, owner, subject, one.person):
                self._rooms.acts.record(
                    f"{kind.value} shared no more", f"{subject} with {read_name(self._rooms, one.person) or 'everybody'}"
                )
