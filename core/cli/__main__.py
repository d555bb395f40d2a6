"""`python -m core.cli VERB ...`"""

import os
import sys

if __name__ == "__main__" and not sys.flags.safe_path:
    sys.path.append(sys.path.pop(0))  # the folder it was started in: a file random.py there is no part of the standard library

import gc
import logging

gc.set_threshold(
    100_000, 20, 100
)  # imports make objects by the hundred thousand, and no garbage: looking for it took a quarter of a short verb
os.environ.setdefault("LITELLM_LOCAL_MODEL_COST_MAP", "True")
os.environ.setdefault("PYDANTIC_DISABLE_PLUGINS", "1")  # looking for plugins of pydantic reads the metadata of every package


def main() -> None:
    """Entry point: quiet libraries, no colors in pipes, no traceback for expected errors or Ctrl-C."""
    try:
        from core.cli.application import app

        logging.basicConfig(level=logging.WARNING, stream=sys.stderr)
        if sys.platform == "win32":
            sys.stdout.reconfigure(encoding="utf-8")
        app()
    except KeyboardInterrupt:
        if "--json" in sys.argv:
            sys.stdout.write('{"status": "error", "error": {"class": "Interrupted", "message": "Stopped before it began.", "hint": ""}}\n')
        sys.stderr.write("Stopped.\n")
        sys.exit(1)


if __name__ == "__main__":
    main()
