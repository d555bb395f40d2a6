"""Stars, notes and tags that people give to runs, and the iterations that they keep as strategies."""

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import TypeVar

from core.domain.errors import InputError
from core.domain.history import DocumentKind, ReadableRows, UnreadableRow, UnreadableRowError
from core.domain.iteration import Iteration
from core.domain.people import NotYoursError, Role
from core.domain.remark import MOST_WORDS, KeptStrategy, RunRemark
from core.domain.run import Run
from core.domain.value import Value
from core.services.permissions import find_person, needs
from core.services.rooms import Rooms
from core.store import name_unreadable

REMARK, STRATEGY = "remark:", "strategy:"
ValueT = TypeVar("ValueT", bound=Value)


class Remarks:
    """Verbs over stars, notes, tags and kept strategies, for the library and the terminal."""

    def __init__(self, rooms: Rooms) -> None:
        self._rooms = rooms

    def list_remarks(self) -> ReadableRows[RunRemark]:
        """The person's remarks on runs, and those of nobody on runs of which they have said nothing."""
        found, mine = self._list(REMARK, RunRemark), find_person().id
        said = {one.run_id for one in found if one.owner == mine}
        return ReadableRows([one for one in found if one.owner == mine or (not one.owner and one.run_id not in said)], found.left_out)

    def read_remark(self, run_id: str) -> RunRemark:
        """The person's remark on a run, else nobody's; an empty one where nothing was said. Raises UnreadableRowError."""
        for owner in dict.fromkeys((find_person().id, "")):
            key = f"{REMARK}{_name_own(run_id, owner)}"
            with name_unreadable(DocumentKind.SETTING, key):
                if document := self._rooms.store.read_setting(key):
                    return RunRemark.model_validate_json(document)
        return RunRemark(run_id=run_id)

    @needs(Role.ANALYST)
    def save_remark(
        self, run_id: str, *, starred: bool | None = None, note: str | None = None, tags: Iterable[str] | None = None
    ) -> RunRemark:
        """Change what is said of a run; None leaves a part as it is. Raises InputError for a run that is not there, or a note too long."""
        run = self._rooms.store.read_run(run_id)
        now = self.read_remark(run.id)
        changed = now.changed(
            owner=find_person().id,
            starred=now.starred if starred is None else starred,
            note=now.note if note is None else _check_note(note),
            tags=now.tags if tags is None else _clean_tags(tags),
        )
        self._rooms.store.save_setting(f"{REMARK}{_name_own(run.id, changed.owner)}", changed.model_dump_json())
        return changed

    def list_strategies(self) -> ReadableRows[KeptStrategy]:
        """Kept strategies: the person's own, and those of others whose runs they see; the newest first."""
        found = self._list(STRATEGY, KeptStrategy)
        store = self._rooms.store
        found = ReadableRows([one for one in found if store.sees_run(one.run_id)], found.left_out)
        return ReadableRows(sorted(found, key=lambda one: one.created, reverse=True), found.left_out)

    @needs(Role.ANALYST)
    def keep_strategy(
        self, run_id: str, number: int | None = None, *, name: str = "", note: str = "", tags: Iterable[str] = ()
    ) -> KeptStrategy:
        """Keep an iteration of a run, the best one unless a number is given; kept again, its name and note are changed.

        Raises InputError when there is no such iteration, or it has no program that ran.
        """
        run = self._rooms.store.read_run(run_id)
        iteration = self._find_iteration(run, run.best if number is None else number)
        kept = KeptStrategy(
            owner=find_person().id,
            run_id=run.id,
            iteration=iteration.number,
            name=(name.strip() or run.plan.workflow.name or "untitled")[:120],
            note=_check_note(note),
            tags=_clean_tags(tags),
            created=datetime.now(UTC),
        )
        self._rooms.store.save_setting(_name_key(kept), kept.model_dump_json())
        return kept

    @needs(Role.ANALYST)
    def forget_strategy(self, kept: KeptStrategy) -> None:
        """Take a strategy out of the library; its run stays as it is. Raises NotYoursError."""
        if kept.owner not in ("", find_person().id) and not find_person().sees_all:
            raise NotYoursError(f"The strategy {kept.name!r}")
        self._rooms.store.delete_setting(_name_key(kept))
        self._rooms.acts.record("strategy forgotten", f"{kept.name} (run {kept.run_id})")

    def list_bests(self, runs: Iterable[Run]) -> dict[str, Iteration]:
        """The best iterations of runs, by the run's id; without those that have none, or none that can be read."""
        return self._rooms.store.read_iterations([(run.id, run.best) for run in runs if run.best is not None])

    def _find_iteration(self, run: Run, number: int | None) -> Iteration:
        if number is None:
            raise InputError(f"Run {run.id} has no scored iteration to keep.", hint="Name one with --iteration.")
        iteration = self._rooms.store.read_detail(run.id, number).iteration
        if iteration.metrics is None:
            raise InputError(f"Iteration {number} of run {run.id} did not run to its end.", hint="Keep one that has figures.")
        return iteration

    def _list(self, prefix: str, value: type[ValueT]) -> ReadableRows[ValueT]:
        read: list[ValueT] = []
        left_out: list[UnreadableRow] = []
        for key, document in self._rooms.store.list_settings(prefix).items():
            try:
                with name_unreadable(DocumentKind.SETTING, key):
                    read.append(value.model_validate_json(document))
            except UnreadableRowError as error:
                left_out.append(error.row)
        return ReadableRows(read, left_out)


def _name_key(kept: KeptStrategy) -> str:
    return f"{STRATEGY}{_name_own(f'{kept.run_id}:{kept.iteration}', kept.owner)}"


def _name_own(name: str, owner: str) -> str:
    """The end of a setting's key: what it is about, and whose word it is."""
    return f"{name}@{owner}" if owner else name


def _check_note(note: str) -> str:
    if len(note) > MOST_WORDS:
        raise InputError(f"The note has {len(note):,} characters, {MOST_WORDS:,} are allowed.", hint="Shorten it.")
    return note.strip()


def _clean_tags(tags: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(tag for given in tags if (tag := " ".join(given.split())[:40])))
