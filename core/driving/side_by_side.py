"""Backtests side by side, with the progress told as each is done."""

import os
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from typing import TypeVar

from core.driving.ports import Cancel

ItemT = TypeVar("ItemT")
ResultT = TypeVar("ResultT")


def run_side_by_side(
    work: Callable[[ItemT], ResultT],
    items: Sequence[ItemT],
    *,
    cancel: Cancel,
    report: Callable[[int], object] = lambda done: None,
    name: str = "study",
    workers: int | None = None,
) -> list[ResultT] | None:
    """Run `work` on each item, `workers` at once (None: as many as there are cores); a sandbox keeps to its own number whatever is asked.

    Gives the results in their order, None when it was stopped before the last one.
    """
    if not items:
        return []
    with ThreadPoolExecutor(max(1, min(len(items), workers or os.cpu_count() or 1)), thread_name_prefix=name) as pool:
        jobs = [pool.submit(_work, work, item, cancel) for item in items]
        for done, job in enumerate(as_completed(jobs), 1):
            job.result()
            if not cancel.is_set():
                report(done)
    results = [job.result() for job in jobs]
    return None if cancel.is_set() else [result[0] for result in results if result is not None]


def _work(work: Callable[[ItemT], ResultT], item: ItemT, cancel: Cancel) -> tuple[ResultT] | None:
    return None if cancel.is_set() else (work(item),)
