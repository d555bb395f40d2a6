"""The application with every verb on it."""

from core.cli import backtests, comparisons, exports, library, machine, markets, models, runs, verification, workflows
from core.cli.command import app

__all__ = ["app", "backtests", "comparisons", "exports", "library", "machine", "markets", "models", "runs", "verification", "workflows"]
