"""Errors as an agent gets them: a code, one sentence, a suggestion. Nothing of the hold-out and no traceback is ever in them."""

from collections.abc import Sequence
from enum import StrEnum

from pydantic import ValidationError

from core.domain.errors import (
    MarketDataError,
    Problem,
    SandboxUnavailableError,
    SessionError,
    SessionTrouble,
    StoreError,
    StratloopError,
    WorkflowError,
)

MOST_PROBLEMS = 20
"""Problems of a workflow that are told at once."""
MESSAGE_LENGTH = 600


class ErrorCode(StrEnum):
    """Reason of a refusal, for programs."""

    BAD_ARGUMENT = "BAD_ARGUMENT"
    UNKNOWN_TOOL = "UNKNOWN_TOOL"
    INVALID_WORKFLOW = "INVALID_WORKFLOW"
    NO_BARS = "NO_BARS"
    UNKNOWN_SESSION = "UNKNOWN_SESSION"
    SESSION_OVER = "SESSION_OVER"
    SESSION_PAUSED = "SESSION_PAUSED"
    SESSION_FULL = "SESSION_FULL"
    BUSY = "BUSY"
    ID_USED = "ID_USED"
    BARS_CHANGED = "BARS_CHANGED"
    SANDBOX = "SANDBOX"
    HISTORY = "HISTORY"
    BUG = "BUG"


_SESSION = {
    SessionTrouble.UNKNOWN: ErrorCode.UNKNOWN_SESSION,
    SessionTrouble.OVER: ErrorCode.SESSION_OVER,
    SessionTrouble.PAUSED: ErrorCode.SESSION_PAUSED,
    SessionTrouble.FULL: ErrorCode.SESSION_FULL,
    SessionTrouble.BUSY: ErrorCode.BUSY,
    SessionTrouble.ID_USED: ErrorCode.ID_USED,
    SessionTrouble.BARS_CHANGED: ErrorCode.BARS_CHANGED,
}


class ToolError(Exception):
    """A refusal of a tool."""

    def __init__(self, code: ErrorCode, message: str, suggestion: str = "", problems: Sequence[Problem] = ()) -> None:
        super().__init__(message)
        self.code = code
        self.message = " ".join(message.split())[:MESSAGE_LENGTH]
        self.suggestion = " ".join(suggestion.split())[:MESSAGE_LENGTH]
        self.problems = tuple(problems)

    @property
    def text(self) -> str:
        """The refusal in one line, and each problem of a workflow in one more."""
        lines = [f"{self.code.value}: {self.message} {self.suggestion}".strip()]
        return "\n".join([*lines, *(f"- {problem.severity.value}: {problem}" for problem in self.problems[:MOST_PROBLEMS])])

    def to_data(self) -> dict[str, object]:
        """The refusal for programs."""
        problems = [problem.model_dump(mode="json", exclude_defaults=True) for problem in self.problems[:MOST_PROBLEMS]]
        found: dict[str, object] = {"code": self.code.value, "message": self.message, "suggestion": self.suggestion}
        return {"error": found | ({"problems": problems} if problems else {})}


def translate(error: StratloopError) -> ToolError:
    """Translate an expected failure."""
    match error:
        case WorkflowError():
            said = f"The workflow has {len(error.problems)} problem{'' if len(error.problems) == 1 else 's'}."
            return ToolError(ErrorCode.INVALID_WORKFLOW, said, "Mend the rows that are named.", error.problems)
        case SessionError():
            return ToolError(_SESSION[error.trouble], error.message, error.hint)
        case MarketDataError():
            return ToolError(ErrorCode.NO_BARS, error.message, error.hint or "find_instruments tells what has bars here.")
        case SandboxUnavailableError():
            return ToolError(ErrorCode.SANDBOX, error.message, error.hint or "A person has to look at this machine: `doctor` says more.")
        case StoreError():
            return ToolError(ErrorCode.HISTORY, error.message, error.hint or "Try again in a moment.")
    return ToolError(ErrorCode.BAD_ARGUMENT, error.message, error.hint or "Mend that argument, and call again.")


def translate_arguments(error: ValidationError, known: Sequence[str]) -> ToolError:
    """Translate arguments that do not fit: which, and why."""
    found = [f"{'.'.join(map(str, item['loc'])) or 'arguments'}: {_reword(item['msg'])}" for item in error.errors()[:5]]
    return ToolError(
        ErrorCode.BAD_ARGUMENT, f"{'; '.join(found)}.", f"Arguments are: {', '.join(known)}." if known else "It takes no argument."
    )


def _reword(said: str) -> str:
    """The validator's words in those of a caller."""
    for theirs, ours in (
        ("Input should", "it should"),
        ("String should", "it should"),
        ("List should", "it should"),
        ("Extra inputs are not permitted", "there is no such argument"),
        ("Field required", "it is needed"),
        (" after validation", ""),
    ):
        said = said.replace(theirs, ours)
    return said
