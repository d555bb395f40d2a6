"""People of a server with a login: who has signed in, what each may do, and the log of what people did that others may ask about."""

import hashlib
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from core.domain.errors import InputError
from core.domain.people import KnownPerson, NotAllowedError, Person, PersonLimits, Role, SignInOverError
from core.services.permissions import find_person, needs, require_role
from core.services.rooms import Rooms

if TYPE_CHECKING:
    from core.services.limits import Used

PERSON = "person:"
"""Settings under which people are kept; the id follows."""
LONGEST_NAME = 120
SEEN_SECONDS = 600.0
"""Time after which a visit is noted anew."""


class People:
    """Verbs over people, for the door, the settings screen and the terminal."""

    def __init__(self, rooms: Rooms) -> None:
        self._rooms = rooms

    def admit(
        self, issuer: str, subject: str, *, name: str = "", email: str = "", confirmed: bool = True, issued: float | None = None
    ) -> Person:
        """The person whom a provider signed in, with the role that the server gives; kept as known on the first visit.

        People are told apart by provider and subject, never by an address that may change hands; `confirmed` says that the provider has
        checked `email`, which is what lets an address from STRATLOOP_ADMINS be an admin; `issued` is when it signed them in, in seconds
        since 1970. Raises SignInOverError for a sign-in that is too long ago, and NotAllowedError for who may not come in.
        """
        self._require_fresh(issued)
        person_id = hashlib.sha256(f"{issuer}\n{subject}".encode()).hexdigest()[:16]
        shown = (email or name or person_id)[:LONGEST_NAME]
        known, now = self._read(person_id), datetime.now(UTC)
        named = confirmed and email.lower() in {each.lower() for each in self._rooms.settings.admins}
        if known is None:
            known = KnownPerson(id=person_id, name=shown, role=self._rooms.settings.role, first=now, last=now, admin_by_setting=named)
            self._keep(known)
            self._rooms.acts.record("new person", f"{shown}: {known.role.value}", by=shown)
        elif (now - known.last).total_seconds() > SEEN_SECONDS or (known.name, known.admin_by_setting) != (shown, named):
            known = known.changed(name=shown, last=now, admin_by_setting=named)
            self._keep(known)
        known = self._note_sign_in(known, issued)
        role = Role.ADMIN if named else known.role
        if role is Role.NOBODY:
            raise NotAllowedError(Role.VIEWER)
        return Person(id=person_id, name=shown, role=role)

    def _require_fresh(self, issued: float | None) -> None:
        hours = self._rooms.settings.sign_in_hours
        if issued is not None and datetime.now(UTC).timestamp() - issued > hours * 3600.0:
            raise SignInOverError(hours)

    def _note_sign_in(self, known: KnownPerson, issued: float | None) -> KnownPerson:
        """Write a sign-in down once, whatever the number of tabs and browsers that it was made for."""
        if issued is None or (known.signed_in is not None and issued <= known.signed_in):
            return known
        self._keep(noted := known.changed(signed_in=issued))
        refused = known.role is Role.NOBODY and not known.admin_by_setting
        self._rooms.acts.record("sign-in refused" if refused else "sign-in", known.name, by=known.name)
        return noted

    def list_people(self) -> tuple[KnownPerson, ...]:
        """Everybody who has signed in, the latest first."""
        found = [KnownPerson.model_validate_json(document) for document in self._rooms.history.list_settings(PERSON).values()]
        return tuple(sorted(found, key=lambda each: each.last, reverse=True))

    @needs(Role.ADMIN)
    def change_role(self, person_id: str, role: Role) -> KnownPerson:
        """Give a person another role; it counts with the next thing they do. Raises InputError for somebody unknown, or oneself."""
        known = self._read(person_id)
        if known is None:
            raise InputError(f"Nobody with the id {person_id!r} has signed in.")
        if find_person().id == person_id:
            raise InputError("Your own role is changed by another admin.", hint="STRATLOOP_ADMINS names admins from outside.")
        self._keep(known.changed(role=role))
        self._rooms.acts.record("role", f"{known.name}: {known.role.value} to {role.value}")
        return known.changed(role=role)

    @needs(Role.ADMIN)
    def save_limits(self, limits: PersonLimits | None, person_id: str = "") -> None:
        """Set the limits of one person, or with an empty id of everybody without limits of their own; None takes them away.

        Raises InputError for somebody unknown.
        """
        if person_id and self._read(person_id) is None:
            raise InputError(f"Nobody with the id {person_id!r} has signed in.")
        self._rooms.limits.save(person_id, limits)
        self._rooms.acts.record("limits", f"{read_name(self._rooms, person_id) or 'everybody'}: {describe_limits(limits)}")

    def read_limits(self, person_id: str = "") -> PersonLimits | None:
        """The limits that were set for one person, or with an empty id for everybody; None where none were set."""
        return self._rooms.limits.read_own(person_id)

    def read_my_limits(self) -> PersonLimits:
        """The limits that hold for whoever is in front of the screen."""
        return self._rooms.limits.read(find_person().id)

    def measure_use(self, person_id: str = "") -> "Used":
        """Measure what a person has used of what can be limited; of oneself unless an admin names another."""
        wanted = person_id or find_person().id
        if wanted != find_person().id:
            require_role(Role.ADMIN)
        return self._rooms.limits.measure(wanted)

    @needs(Role.ADMIN)
    def list_acts(self, limit: int = 200) -> tuple[dict[str, str], ...]:
        """The newest lines of the log of acts, newest first."""
        return self._rooms.acts.list_newest(limit)

    def _read(self, person_id: str) -> KnownPerson | None:
        document = self._rooms.history.read_setting(f"{PERSON}{person_id}")
        return KnownPerson.model_validate_json(document) if document else None

    def _keep(self, person: KnownPerson) -> None:
        self._rooms.history.save_setting(f"{PERSON}{person.id}", person.model_dump_json())


def describe_limits(limits: PersonLimits | None) -> str:
    """Limits in words.

    >>> describe_limits(PersonLimits(runs=2, minutes=30)), describe_limits(None)
    ('2 runs at once, 30 processor minutes a day', 'no limits of their own')
    """
    if limits is None:
        return "no limits of their own"
    said = (
        (limits.runs, "{:g} runs at once"),
        (limits.minutes, "{:g} processor minutes a day"),
        (limits.disk_mb, "{:g} MB on the disk"),
        (limits.day_usd, "${:g} a day"),
        (limits.month_usd, "${:g} a month"),
    )
    return ", ".join(words.format(value) for value, words in said if value is not None) or "no limits"


def read_name(rooms: Rooms, person_id: str) -> str:
    """The name of a person as others see it; their id where the server knows no more, as of a guest."""
    document = rooms.history.read_setting(f"{PERSON}{person_id}") if person_id else ""
    return KnownPerson.model_validate_json(document).name if document else person_id.replace("-", " ", 1)
