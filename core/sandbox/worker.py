"""The untrusted process of level 0: started ahead of time, everything imported, waiting for one job; then it is gone.

Standard input carries the job (and bars), standard output frames, standard error what the strategy prints.
"""

import contextlib
import os
import sys
from pathlib import Path

from core.domain.backtest import BacktestPlan
from core.sandbox import lockdown, preload, process_limits
from core.sandbox.child import Pipes, read_frame, serve, write_all
from core.sandbox.frames import pack

READY = b'"warm"'
"""A worker's first frame: everything is imported."""
_MEGABYTE = 1024 * 1024


def take_standard_streams() -> Pipes:
    """Move the two pipes away from the standard numbers: prints go to standard error, reading from the keyboard finds nothing."""
    pipes = Pipes(job=os.dup(0), out=os.dup(1))
    if sys.platform == "win32":
        import msvcrt

        for descriptor in (pipes.job, pipes.out):
            msvcrt.setmode(descriptor, os.O_BINARY)
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.close(nothing)
    os.dup2(2, 1)
    return pipes


def main(kernel: bool, starter: int) -> None:
    """Preload, say so, serve one job, end without any clean-up code; at once when the process `starter` is gone."""
    status = 1
    try:
        pipes = take_standard_streams()
        if lockdown.detect_processor():
            lockdown.die_with_parent()
        process_limits.end_with_parent(starter)
        preload.import_everything()
        in_use = _address_space()

        def enclose(plan: BacktestPlan) -> None:
            memory = in_use + plan.limits.memory_mb * _MEGABYTE
            process_limits.enclose(cpu_seconds=plan.limits.cpu_seconds, memory_bytes=memory, kernel=kernel)

        write_all(pipes.out, pack(READY))
        serve(pipes, all_bars=lambda: read_frame(pipes.job), enclose=enclose)
        status = 0
    except (EOFError, BrokenPipeError):
        status = 2  # nobody needs this worker any more
    except BaseException as error:  # noqa: BLE001 - entry point of the worker: whatever went wrong is told on the log
        with contextlib.suppress(BaseException):
            os.write(2, f"{type(error).__name__}: {error}\n".encode())
    finally:
        os._exit(status)


def _address_space() -> int:
    """Bytes of address space in use, where the kernel tells (Linux); elsewhere no such limit is set."""
    statm = Path("/proc/self/statm")
    return int(statm.read_text().split()[0]) * os.sysconf("SC_PAGE_SIZE") if statm.exists() else 0
