"""`python -m core.cli VERB ...`"""

import logging
import os
import platform
import sys

from core.cli import backtests, machine, markets, models, runs, workflows
from core.cli.command import app

__all__ = ["backtests", "machine", "markets", "models", "runs", "workflows"]


def main() -> None:
    """Entry point: quiet libraries, no colors in pipes, no traceback for expected errors."""
    os.environ.setdefault("LITELLM_LOCAL_MODEL_COST_MAP", "True")
    logging.basicConfig(level=logging.WARNING, stream=sys.stderr)
    if platform.system() == "Windows":
        sys.stdout.reconfigure(encoding="utf-8")  # type: ignore[union-attr]
    app()


if __name__ == "__main__":
    main()
