"""The application with every verb imported, for whoever asks about all of them. The terminal imports the verb that is called."""

from core.cli import (
    agents,
    backtests,
    comparisons,
    exports,
    generation,
    history,
    library,
    machine,
    markets,
    models,
    people,
    runs,
    sweeps,
    verification,
    workflows,
)
from core.cli.application import app

__all__ = [
    "agents",
    "app",
    "backtests",
    "comparisons",
    "exports",
    "generation",
    "history",
    "library",
    "machine",
    "markets",
    "models",
    "people",
    "runs",
    "sweeps",
    "verification",
    "workflows",
]
