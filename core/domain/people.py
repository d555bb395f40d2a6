"""People in front of a server, and what each may do. A server of one's own knows one person, who may do everything."""

from datetime import datetime
from enum import StrEnum

from pydantic import Field

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

    @property
    def sees_all(self) -> bool:
        """True for who sees what belongs to others without being shown it: an admin, and whoever owns the machine."""
        return self.role.includes(Role.ADMIN)


LOCAL = Person()
"""Whoever sits at the machine itself, where nobody is asked who they are. What they make belongs to nobody, and is seen by everybody."""
EVERYBODY = ""
"""Stands for everybody who may come in, where something is shared."""


def act_for(owner: str) -> Person:
    """The person in whose name work on their things goes on when no screen is in front: they see what they would see there, and no more."""
    return Person(id=owner, role=Role.ANALYST)


class ShareKind(StrEnum):
    """Kind of thing that its owner can show to others."""

    RUN = "run"
    WORKFLOW = "workflow"


class Share(Value):
    """One thing of one person, shown to one other person or to everybody; they see it, and do not change it."""

    kind: ShareKind
    owner: str
    subject: str
    """Id of a run, or name of a workflow."""
    person: str = EVERYBODY
    created: datetime
    """UTC."""


class PersonLimits(Value):
    """Limits of a person on this server; None means no limit."""

    runs: int | None = Field(default=None, ge=1)
    """Runs that are under way at once, waiting ones included."""
    minutes: float | None = Field(default=None, gt=0)
    """Processor minutes of backtests in a day of UTC."""
    disk_mb: float | None = Field(default=None, gt=0)
    """Megabytes of uploads and of runs in the history."""
    day_usd: float | None = Field(default=None, gt=0)
    month_usd: float | None = Field(default=None, gt=0)

    @property
    def any(self) -> bool:
        """True when anything is limited."""
        return self != PersonLimits()


class KnownPerson(Value):
    """A person who has signed in before, as the history keeps it."""

    id: str
    name: str
    role: Role
    first: datetime
    last: datetime
    admin_by_setting: bool = False
    """True for an admin whom STRATLOOP_ADMINS names, whatever `role` says."""
    signed_in: float | None = None
    """Time of the newest sign-in, in seconds since 1970, as the provider told it."""


class NotAllowedError(InputError):
    """The person may look, but not do this."""

    def __init__(self, needed: Role) -> None:
        super().__init__(f"This needs the role {needed.value} on this server.", hint="Ask an admin of the server for it.")
        self.needed = needed


class SignInOverError(InputError):
    """The provider signed the person in too long ago: its word counts no more."""

    def __init__(self, hours: float) -> None:
        super().__init__(f"Your sign-in is over: it counts for {hours:g} hours.", hint="Sign in again; nothing of your work is lost.")


class NotYoursError(InputError):
    """The person may see this, but it belongs to somebody else."""

    def __init__(self, what: str) -> None:
        super().__init__(f"{what} belongs to somebody else, who showed it to you.", hint="Ask them, or make one of your own from it.")


class LimitError(InputError):
    """A limit of the person on this server is reached."""


class TooManyRunsError(LimitError):
    """The person has as many runs under way as they may."""

    def __init__(self, under_way: int, more: int, allowed: int) -> None:
        asked = f"{more} more are asked for, and " if more > 1 else "and "
        super().__init__(
            f"You have {under_way} run{'s' if under_way != 1 else ''} under way or waiting, {asked}{allowed} at once "
            f"{'are' if allowed != 1 else 'is'} allowed on this server.",
            hint="Stop one or wait for its end; an admin can raise the limit.",
        )
