"""Ways in which a loop searches for a better version, and the kinds of change that it asks for."""

from enum import StrEnum


class SearchMethod(StrEnum):
    """Way in which a loop chooses what to start from and what to ask for."""

    ARCHIVE = "archive"
    """Different kinds of change to the best version of each kind; numbers are tuned without a paid call."""
    CLIMB = "climb"
    """One change to the best version, every time."""


class ChangeKind(StrEnum):
    """Kind of change that is asked for."""

    TUNE = "tune"
    """The numbers alone, by the built-in optimizer: no call is paid for."""
    ENTRY = "entry"
    EXIT = "exit"
    FILTER = "filter"
    SIZING = "sizing"
    SIMPLIFY = "simplify"
    CROSS = "cross"
    """The best of two versions of different kinds."""
    AFRESH = "afresh"
    """From the workflow again."""


STRUCTURAL = tuple(operator for operator in ChangeKind if operator is not ChangeKind.TUNE)
"""Kinds of change that a language model is asked for."""

OPERATOR_LABELS = {
    ChangeKind.TUNE: "tune the numbers",
    ChangeKind.ENTRY: "change the entry",
    ChangeKind.EXIT: "change the exit",
    ChangeKind.FILTER: "add or change a filter",
    ChangeKind.SIZING: "change size or risk",
    ChangeKind.SIMPLIFY: "simplify",
    ChangeKind.CROSS: "cross two versions",
    ChangeKind.AFRESH: "start afresh",
}
