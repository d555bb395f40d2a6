"""The zygotes: processes that have imported what programs need, have locked themselves into an empty world, and fork a run monitor for
each run.

There are two. The first has what most programs need and no more, so that its forks are small. The second has everything; it is the
process that the first was forked from, and imports the rest when a program wants it for the first time. Until then it runs nothing.
They are started by `host` with an isolated interpreter, an empty environment and a socket each, and end when that socket closes.
They never read code or bars: those go straight from the application to the run monitor.
"""

import array
import contextlib
import functools
import gc
import os
import select
import signal
import socket
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, NoReturn

from core.backtest.engine_names import collect_engine_names
from core.domain.backtest import BacktestPlan
from core.sandbox import lockdown, preload, shared_bars
from core.sandbox.child import Pipes, read_frame, serve, write_all
from core.sandbox.forked import BARS, JOB, ORDERS, ForkedChild, pin_to_processor
from core.sandbox.frames import FAST, PROVED, decode
from core.sandbox.lockdown import Layer
from core.sandbox.proved_pass import ProvedProcess
from core.sandbox.run_monitor import RunResources, serve_request

_MEGABYTE = 1024 * 1024
_POLL_SECONDS = 0.04


def main(usual_number: int, rest_number: int, wanted: list[str]) -> None:
    """Preload, make the first zygote, and be the second one once somebody asks for it, at the socket of `rest_number`.

    `wanted` names the layers to use; what this kernel lacks is left out and reported.
    """
    preload.import_usual()
    gc.collect()
    gc.freeze()  # the two share what is not written to
    if os.fork() == 0:
        os.close(rest_number)
        _serve_alone(usual_number, wanted)
    os.close(usual_number)
    control = socket.socket(fileno=rest_number)
    if control.recv(64):
        preload.import_rest()
        _become_zygote(control, wanted)


def _serve_alone(usual_number: int, wanted: list[str]) -> NoReturn:
    """Be the first zygote, to its end."""
    status = 1
    try:
        _become_zygote(socket.socket(fileno=usual_number), wanted)
        status = 0
    except BaseException as error:  # noqa: BLE001 - entry point of a process: it must never return into the other zygote's work
        with contextlib.suppress(BaseException):
            os.write(2, f"{type(error).__name__}: {error}\n".encode())
    finally:
        os._exit(status)


def _become_zygote(control: socket.socket, wanted: list[str]) -> None:
    """Lock in, say so with the number of this process, and serve."""
    layers = frozenset(map(Layer, wanted)) & lockdown.detect_layers()
    sys.dont_write_bytecode = True
    gc.enable()
    number = os.getpid()
    address_space = int(Path("/proc/self/statm").read_text().split()[0]) * os.sysconf("SC_PAGE_SIZE")
    _redirect_to_null()
    lockdown.isolate_process(layers)
    gc.collect()
    gc.freeze()
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # run monitors are reaped by the kernel
    control.send(str(number).encode())
    _serve(control, layers, address_space)


def _serve(control: socket.socket, layers: frozenset[Layer], address_space: int) -> None:
    while True:
        message, descriptors = _receive(control)
        if not message:
            return
        if message == FAST:
            collect_engine_names()  # once, for every run monitor that looks whether a program's text proves something
        with contextlib.suppress(OSError):  # too many processes: the run's socket closes, which is an answer
            if os.fork() == 0:
                _become_run_monitor(control, descriptors, message, layers, address_space)
        for descriptor in descriptors:
            os.close(descriptor)


def _receive(control: socket.socket) -> tuple[bytes, list[int]]:
    message, ancillary, _, _ = control.recvmsg(64, socket.CMSG_SPACE(2 * 4), socket.MSG_CMSG_CLOEXEC)
    numbers = array.array("i")
    for level, kind, data in ancillary:
        if level == socket.SOL_SOCKET and kind == socket.SCM_RIGHTS:
            numbers.frombytes(data[: len(data) - len(data) % numbers.itemsize])
    return message, list(numbers)


def _become_run_monitor(
    control: socket.socket, descriptors: list[int], way: bytes, layers: frozenset[Layer], address_space: int
) -> NoReturn:
    status = 1
    try:
        lockdown.die_with_parent()
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        control.close()
        run = socket.socket(fileno=descriptors[0])
        bars = descriptors[1] if len(descriptors) > 1 else None
        _supervise(run, bars, way=way, layers=layers, address_space=address_space)
        status = 0
    except (EOFError, BrokenPipeError, ConnectionResetError):
        status = 2  # the application went away: a cancel
    except BaseException as error:  # noqa: BLE001 - entry point of the run monitor: it must never return into the zygote's loop
        with contextlib.suppress(BaseException):
            os.write(2, f"run monitor: {error!r}\n".encode())
    finally:
        os._exit(status)


def _supervise(run: socket.socket, bars: int | None, *, way: bytes, layers: frozenset[Layer], address_space: int) -> None:
    """Serve one run, as a run monitor that the zygote forked. Raises EOFError when the application went away.

    The child comes first: what this process reads later, such as the number of bars, is nowhere in the child's memory. A proved program
    needs none.
    """
    if way == PROVED:
        _run_proved(run, bars, layers=layers, address_space=address_space)
        return
    fast = way == FAST
    child = _fork_child(bars if fast else None, layers=layers, address_space=address_space, one_processor=not fast)
    started = time.monotonic()
    try:
        _end_with_application(run, child.look_after())
        request = decode(read_frame(run.fileno()))
        child.log.keep = BacktestPlan.model_validate(request["plan"]).limits.log_bytes

        @functools.cache
        def private() -> dict[str, Any]:
            said: dict[str, Any] = decode(read_frame(run.fileno()))
            return said

        @functools.cache
        def all_bars() -> memoryview:
            assert bars is not None
            return shared_bars.view(bars)

        writable = select.poll()
        writable.register(run, select.POLLOUT)
        resources = RunResources(lambda: child, private, all_bars, can_answer=lambda: bool(writable.poll(0)))
        serve_request(request, resources, run.sendall, started)
    finally:
        child.kill()
    with contextlib.suppress(ChildProcessError):
        os.wait()


def _run_proved(run: socket.socket, bars: int | None, *, layers: frozenset[Layer], address_space: int) -> None:
    """Run proved programs in this process, with what stands around a child around it, and the processor time of as many.

    For as many seconds as a request says, the process waits for its owner's next one.
    """
    assert bars is not None
    _end_with_application(run, computing=True)
    number, mapped = run.fileno(), os.fstat(bars).st_size

    def enclose(plan: BacktestPlan, programs: int) -> None:
        memory = address_space + mapped + plan.limits.memory_mb * _MEGABYTE
        lockdown.confine(layers, cpu_seconds=plan.limits.cpu_seconds * programs, memory_bytes=memory)

    process = ProvedProcess(shared_bars.view(bars), lambda data: write_all(number, data), enclose)
    next_request = select.poll()
    next_request.register(run, select.POLLIN)
    asked = True
    while asked:
        request, private = decode(read_frame(number)), decode(read_frame(number))
        process.serve(request, private)
        asked = process.may_stay and bool(next_request.poll(request["stays"] * 1000))


def _fork_child(shared: int | None, *, layers: frozenset[Layer], address_space: int, one_processor: bool) -> ForkedChild:
    """Fork the child of a run of which nothing is known yet; `shared` is the memory with all bars, None in lock-step."""
    mapped = 0 if shared is None else os.fstat(shared).st_size

    def enclose(plan: BacktestPlan) -> None:
        memory = address_space + mapped + plan.limits.memory_mb * _MEGABYTE
        lockdown.confine(layers, cpu_seconds=plan.limits.cpu_seconds, memory_bytes=memory)

    def body() -> None:
        serve(Pipes(job=JOB, out=ORDERS), all_bars=lambda: shared_bars.view(BARS), enclose=enclose)

    if one_processor:
        pin_to_processor()
    return ForkedChild(body, layers=layers, bars=shared, log_bytes=0)


def _end_with_application(run: socket.socket, also: Callable[[], None] | None = None, *, computing: bool = False) -> None:
    """From here on, look many times a second whether the application closed its end: a cancel, or its death. `also` is called then.

    A timer and not a thread: after `unshare` of the process namespace the kernel allows no new thread, and threads do not go
    with `fork`. The timer is not inherited by the child, which dies with its parent. With `computing` its clock stands still
    while this process waits: for one that waits for the application only, and then notices by itself.
    """
    hangup = select.poll()
    hangup.register(run, select.POLLRDHUP)

    def look(number: int, frame: object) -> None:
        if hangup.poll(0):
            os._exit(0)
        if also is not None:
            also()

    clock, word = (signal.ITIMER_PROF, signal.SIGPROF) if computing else (signal.ITIMER_REAL, signal.SIGALRM)
    signal.signal(word, look)
    signal.setitimer(clock, _POLL_SECONDS, _POLL_SECONDS)


def _redirect_to_null() -> None:
    """Standard output and error lead nowhere from here on, and no module is looked for on disk any more."""
    nothing = os.open(os.devnull, os.O_RDWR)
    for target in (0, 1, 2):
        os.dup2(nothing, target)
    os.close(nothing)
    sys.path.clear()
    sys.path_importer_cache.clear()
