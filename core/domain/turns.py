"""Turns of runs that wait for a place, as the history decides them for all servers that share it."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class WaitingRun:
    """A run of one server that waits for a place."""

    run_id: str
    again: bool = False
    """It had a place and gave it away while it rested: of its person's runs it comes first."""
    portable: bool = False
    """Any server of the history can begin it: it needs no file and no key that only this one has."""


@dataclass(frozen=True, slots=True)
class Turns:
    """Runs that a server may begin now, and those of its waiting ones that are no more its own."""

    given: tuple[str, ...] = ()
    gone: tuple[str, ...] = ()
