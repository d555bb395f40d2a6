"""People in front of a server, and what each may do. A server of one's own knows one person, who may do everything."""

from datetime import datetime
from enum import StrEnum

from core.domain.errors import InputError
from core.domain.value import Value


class Role(StrEnum):
    """Range of what a person may do; each role may do what the ones before it may."""

    NOBODY = "nobody"
    """Is known, and may not come in."""
    VIEWER = "viewer"
    """Looks at everything, changes nothing."""
    ANALYST = "analyst"
    """Starts runs, saves and deletes work."""
    ADMIN = "admin"
    """Also keys, limits, the sandbox, copies of the history, and who may do what."""

    def includes(self, other: "Role") -> bool:
        """True when whoever has this role may do what the other role may.

        >>> Role.ANALYST.includes(Role.VIEWER), Role.VIEWER.includes(Role.ANALYST)
        (True, False)
        """
        order = tuple(Role)
        return order.index(self) >= order.index(other)


class Person(Value):
    """A person in front of a screen, as far as the server knows."""

    id: str = ""
    """Empty for whoever sits at a server that asks nobody, and for the terminal."""
    name: str = ""
    role: Role = Role.ADMIN


LOCAL = Person()
"""Whoever sits at the machine itself, where nobody is asked who they are."""


class KnownPerson(Value):
    """A person who has signed in before, as the history keeps it."""

    id: str
    name: str
    role: Role
    first: datetime
    last: datetime
    admin_by_setting: bool = False
    """True for an admin whom STRATLOOP_ADMINS names, whatever `role` says."""


class NotAllowedError(InputError):
    """The person may look, but not do this."""

    def __init__(self, needed: Role) -> None:
        super().__init__(f"This needs the role {needed.value} on this server.", hint="Ask an admin of the server for it.")
        self.needed = needed
