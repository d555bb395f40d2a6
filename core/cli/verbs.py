"""The application with every verb on it."""

from core.cli import agents, backtests, comparisons, exports, history, library, machine, markets, models, runs, verification, workflows
from core.cli.command import app

__all__ = [
    "agents",
    "app",
    "backtests",
    "comparisons",
    "exports",
    "history",
    "library",
    "machine",
    "markets",
    "models",
    "runs",
    "verification",
    "workflows",
]
