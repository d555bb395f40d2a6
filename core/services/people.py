"""People of a server with a login: who has signed in, what each may do, and the log of what people did that others may ask about."""

import hashlib
from datetime import UTC, datetime

from core.domain.errors import InputError
from core.domain.people import KnownPerson, NotAllowedError, Person, Role
from core.services.permissions import find_person, needs
from core.services.rooms import Rooms

PERSON = "person:"
"""Settings under which people are kept; the id follows."""
LONGEST_NAME = 120
SEEN_SECONDS = 600.0
"""Time after which a visit is noted anew."""


class People:
    """Verbs over people, for the door, the settings screen and the terminal."""

    def __init__(self, rooms: Rooms) -> None:
        self._rooms = rooms

    def admit(self, issuer: str, subject: str, *, name: str = "", email: str = "", confirmed: bool = True) -> Person:
        """The person whom a provider signed in, with the role that the server gives; kept as known on the first visit.

        People are told apart by provider and subject, never by an address that may change hands; `confirmed` says that the provider has
        checked `email`, which is what lets an address from STRATLOOP_ADMINS be an admin. Raises NotAllowedError for who may not come in.
        """
        person_id = hashlib.sha256(f"{issuer}\n{subject}".encode()).hexdigest()[:16]
        shown = (email or name or person_id)[:LONGEST_NAME]
        known, now = self._read(person_id), datetime.now(UTC)
        named = confirmed and email.lower() in {each.lower() for each in self._rooms.settings.admins}
        if known is None:
            known = KnownPerson(id=person_id, name=shown, role=self._rooms.settings.role, first=now, last=now, admin_by_setting=named)
            self._keep(known)
            self._rooms.acts.record("first sign-in", shown, by=shown)
        elif (now - known.last).total_seconds() > SEEN_SECONDS or (known.name, known.admin_by_setting) != (shown, named):
            known = known.changed(name=shown, last=now, admin_by_setting=named)
            self._keep(known)
        role = Role.ADMIN if named else known.role
        if role is Role.NOBODY:
            raise NotAllowedError(Role.VIEWER)
        return Person(id=person_id, name=shown, role=role)

    def list_people(self) -> tuple[KnownPerson, ...]:
        """Everybody who has signed in, the latest first."""
        found = [KnownPerson.model_validate_json(document) for document in self._rooms.store.list_settings(PERSON).values()]
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
    def list_acts(self, limit: int = 200) -> tuple[dict[str, str], ...]:
        """The newest lines of the log of acts, newest first."""
        return self._rooms.acts.list_newest(limit)

    def _read(self, person_id: str) -> KnownPerson | None:
        document = self._rooms.store.read_setting(f"{PERSON}{person_id}")
        return KnownPerson.model_validate_json(document) if document else None

    def _keep(self, person: KnownPerson) -> None:
        self._rooms.store.save_setting(f"{PERSON}{person.id}", person.model_dump_json())
