"""Result of a whole program that was run with plain Backtrader."""

from dataclasses import dataclass

from core.domain.backtest import CodeFault


@dataclass(frozen=True, slots=True)
class PlainRun:
    """Result of a whole program in a process with plain Backtrader: one of final value and fault is None."""

    final: float | None
    """Account value that it printed last."""
    fault: CodeFault | None
    isolation_level: int = 2
    """Isolation of that process from the machine, 2 to 0."""
