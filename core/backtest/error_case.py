"""An error as the rules of `translate` look at it, and what they answer."""

import difflib
from collections.abc import Iterable
from dataclasses import dataclass
from types import FrameType

from core.backtest.strategy_module import FILENAME

ONE_FEED = (
    "A second instrument is chosen as a further instrument of the run (--with SPY). For longer bars of the same one write "
    'timeframes = ("1w",) in the class.'
)


@dataclass(frozen=True, slots=True)
class ErrorCase:
    """An error with what the rules look at."""

    error: BaseException
    text: str
    frames: tuple[FrameType, ...]
    line: int | None
    code: str

    def innermost(self) -> FrameType | None:
        """The frame in which the error was raised."""
        return self.frames[-1] if self.frames else None


@dataclass(frozen=True, slots=True)
class Explanation:
    """Words for an error, and what to do about it."""

    message: str
    hint: str = ""
    line: int | None = None
    """Given when the rule knows the line better than the traceback."""


def is_own(frame: FrameType) -> bool:
    """True for a frame of the strategy's file."""
    return frame.f_code.co_filename == FILENAME


def find_line(case: ErrorCase) -> str:
    """Find the strategy's line that the error is about; empty without one."""
    lines = case.code.splitlines()
    return lines[case.line - 1] if case.line is not None and case.line <= len(lines) else ""


def suggest_names(name: str, known: Iterable[str]) -> str:
    """Suggest the public names that come nearest, as a sentence; empty when none does."""
    public = sorted({other for other in known if not other.startswith("_")})
    near = difflib.get_close_matches(name, public, n=3) or difflib.get_close_matches(name.lower(), public, n=3)
    return f"Nearest names: {', '.join(near)}." if near else ""


def list_names(names: Iterable[str]) -> str:
    """List names for a sentence."""
    return ", ".join(names) or "none"
