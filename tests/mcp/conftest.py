"""Services with a real sandbox, and small bars with a canary: prices of the hold-out that appear nowhere else."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from core.services import Services, Settings

CANARY = 987_000.0
"""Prices of the hold-out are around this number, a thousand times those before."""


@pytest.fixture(scope="session")
def parts(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Services]:
    """Services in a home of their own, shared because the sandbox takes a while to start."""
    made = Services(Settings(home=tmp_path_factory.mktemp("home")))
    yield made
    made.close()


@pytest.fixture(scope="session")
def bars_file(tmp_path_factory: pytest.TempPathFactory) -> str:
    """300 daily bars, of which the last 90 lie a thousand times higher."""
    return str(write_bars(tmp_path_factory.mktemp("bars") / "canary.csv"))


def write_bars(path: Path, *, height: float = CANARY, scale: float = 1.0, first: str = "2011-01-03") -> Path:
    """Write a walk of 300 days, higher by `height` from bar 210 on."""
    close = 1000 * np.cumprod(1 + np.random.default_rng(5).normal(0.0005, 0.01, 300))
    close[210:] += height
    days = np.busday_offset(first, np.arange(300), roll="forward")
    lines = ["date,open,high,low,close,volume"]
    for day, price in zip(days, close * scale, strict=True):
        lines.append(f"{day},{price:.2f},{price * 1.002:.2f},{price * 0.998:.2f},{price:.2f},1000")
    path.write_text("\n".join(lines) + "\n")
    return path
