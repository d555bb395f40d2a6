"""`python -m core.cli VERB ...`"""

import os
import sys

if __name__ == "__main__" and not sys.flags.safe_path:
    sys.path.append(sys.path.pop(0))  # the folder it was started in: a file random.py there is no part of the standard library

import codecs
import gc
import io
import logging

os.environ.setdefault("LITELLM_LOCAL_MODEL_COST_MAP", "True")
os.environ.setdefault("PYDANTIC_DISABLE_PLUGINS", "1")  # looking for plugins of pydantic reads the metadata of every package


INTERRUPTED = 130
"""Exit code that the library of the verbs gives to Ctrl-C outside of a verb."""
PLAIN = {"−": "-", "–": "-", "—": "-", "“": '"', "”": '"', "’": "'", "…": "...", "±": "+/-", "×": "x", "·": "-", "≥": ">=", "≤": "<="}
"""Signs that this program prints and that not every terminal has, as they were written before."""


def _write_plainly(error: UnicodeError) -> tuple[str, int]:
    """Put something in the place of signs that the terminal's encoding lacks: a figure without its minus would be another one."""
    if not isinstance(error, UnicodeEncodeError):
        raise error
    return "".join(PLAIN.get(sign, "?") for sign in error.object[error.start : error.end]), error.end


def _open_closed_streams() -> None:
    """Put an end where nothing is read or written in the place of streams that whoever started this has closed."""
    for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
        if getattr(sys, name) is None:
            setattr(sys, name, open(os.devnull, mode, encoding="utf-8"))  # noqa: PTH123, SIM115 - it stays open, as those do


def main() -> None:
    """Entry point: quiet libraries, no colors in pipes, no traceback for expected errors or Ctrl-C."""
    gc.set_threshold(100_000, 20, 100)  # imports make objects by the hundred thousand, and no garbage: it took a quarter of a short verb
    _open_closed_streams()
    try:
        from core.cli.application import app

        logging.basicConfig(level=logging.WARNING, stream=sys.stderr)
        if sys.platform == "win32":
            sys.stdout.reconfigure(encoding="utf-8")
        codecs.register_error("plainly", _write_plainly)
        for stream in (sys.stdout, sys.stderr):
            if isinstance(stream, io.TextIOWrapper):
                stream.reconfigure(errors="plainly")
        app()
    except KeyboardInterrupt:
        _say_stopped()
    except SystemExit as end:
        if end.code != INTERRUPTED:
            raise
        _say_stopped()


def _say_stopped() -> None:
    if "--json" in sys.argv:
        sys.stdout.write('{"status": "error", "error": {"class": "Interrupted", "message": "Stopped before it began.", "hint": ""}}\n')
    sys.stderr.write("Stopped.\n")
    sys.exit(1)


if __name__ == "__main__":
    main()
