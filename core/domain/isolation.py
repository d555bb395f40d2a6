"""Isolation of the sandbox on this machine: what its self-test found, and the settings that keep it from being more."""

from enum import StrEnum

from core.domain.value import Value


class Restriction(StrEnum):
    """Setting of a system that takes isolation away, and that its operator can change."""

    APPARMOR = "apparmor"
    """Ubuntu's: programs without a profile get no user namespaces."""
    NAMESPACES_OFF = "namespaces_off"
    CONTAINER = "container"
    """The system-call filter of a container around this process."""
    NO_LANDLOCK = "no_landlock"


class Isolation(Value):
    """Result of the start-up self-test: the promises that hold on this machine."""

    level: int
    """2 isolated, 1 confined, 0 not isolated."""
    open_probes: tuple[str, ...] = ()
    """Probes that got through, by name."""
    seconds: float = 0.0
    detail: str = ""
    """One sentence for people: what is promised and what is not."""
    restrictions: tuple[Restriction, ...] = ()
    """Settings that keep the level from being higher; empty on level 2."""
