"""A run that is watched from a terminal: found by its id, followed until it is finished, cancelled by Ctrl-C or a signal to end."""

import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.text import Text

from core.cli.command import err, print_remark
from core.cli.run_text import format_iteration
from core.domain.backtest import Stage
from core.domain.errors import InputError
from core.domain.events import IterationEvent, LogEvent, ProgressEvent, StageEvent, WaitEvent
from core.domain.run import Run, Status
from core.report.labels import STAGE
from core.services import Services, services


def require_run(run_id: str) -> Run:
    """The run of an id, or of its beginning. Raises InputError with the verb that lists the ids."""
    try:
        return services().store.read_run(run_id)
    except InputError as error:
        raise InputError(error.message, hint="`runs` lists them.") from error


@contextmanager
def catch_interrupt() -> Iterator[threading.Event]:
    """Turn Ctrl-C, and the signal by which `kill`, `timeout` and a machine that shuts down end a process, into an event that is set.

    The run is then cancelled and keeps what is done; ended at once, it would stand in the history as running until its lease is over.
    """
    interrupted = threading.Event()
    if threading.current_thread() is not threading.main_thread():
        yield interrupted
        return
    before = {name: signal.signal(name, lambda *_: interrupted.set()) for name in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield interrupted
    finally:
        for name, handler in before.items():
            signal.signal(name, handler)


def describe_step(event: StageEvent | ProgressEvent) -> str:
    """Describe the step of a loop that has begun, or how far its backtest has come."""
    step = f"{STAGE[Stage.RUN]}, {event.share:.0%}" if isinstance(event, ProgressEvent) else STAGE[event.stage]
    return f"loop {event.number}: {step}"


def follow(parts: Services, begin: Callable[[], Run]) -> Run:
    """Begin a run and show its progress on standard error until it is finished; Ctrl-C cancels it and keeps what is done."""
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with catch_interrupt() as interrupted, Progress(*columns, console=err) as progress:
        run = begin()
        total = parts.runs.count_loops(run) * run.plan.candidates + 1
        stored = {iteration.number for iteration in parts.store.list_iterations(run.id)}
        task = progress.add_task(f"run {run.id}", total=total, completed=len(stored))
        after, asked, paused = 0, False, False
        while True:
            if interrupted.is_set() and not asked:
                asked = True
                print_remark("Cancelling; finished iterations are kept.", style="yellow")
                parts.runs.cancel(run.id)
            status = parts.store.read_run(run.id).status
            if status is Status.PAUSED and not paused:
                print_remark(f"Run {run.id} is paused; `steer {run.id} go_on` in another terminal lets it go on.", style="yellow")
            paused = status is Status.PAUSED
            finished = status.finished or not (parts.rooms.run_worker.works_on(run.id) or parts.store.is_claimed(run.id))
            for event in parts.store.list_events(run.id, after=after):
                after = event.seq
                match event.body:
                    case IterationEvent(number=number):
                        progress.update(task, advance=number not in stored, description=f"run {run.id}")
                        line = format_iteration(parts.store.read_detail(run.id, number).iteration)
                        progress.console.print(line, no_wrap=True, overflow="ellipsis")
                    case StageEvent() | ProgressEvent() as step:
                        progress.update(task, description=f"run {run.id}, {describe_step(step)}")
                    case LogEvent(text=text):
                        progress.console.print(Text(text))
                    case WaitEvent(seconds=seconds, attempt=attempt, of=most, message=message):
                        told = f"No answer ({attempt} of {most}): {message} Asked again in {seconds:.0f} s; Ctrl-C stops the run."
                        progress.console.print(Text(told))
            if finished:
                return parts.store.read_run(run.id)
            time.sleep(0.05)
