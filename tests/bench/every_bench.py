"""All benchmarks one after the other: each says how long it took, one that cannot be measured says why, and the others go on."""

import importlib
import os
import pkgutil
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from rich.console import Console

import tests.bench
from tests.bench.measured_page import NotingConsole, describe_circumstances, render_printed, write_block

LONG = ("lookahead",)
"""Benchmarks that run only when they are named: a quarter of an hour on an idle machine."""
Benchmark = Callable[[Console], None]
"""Prints its tables."""


def find_benchmarks() -> dict[str, Benchmark]:
    """Find the benchmarks of this folder by name, each imported when it runs."""
    names = sorted(module.name for module in pkgutil.iter_modules(tests.bench.__path__) if module.name.startswith("bench_"))
    return {name.removeprefix("bench_"): _make_benchmark(name) for name in names}


def _make_benchmark(module: str) -> Benchmark:
    def run(console: Console) -> None:
        importlib.import_module(f"tests.bench.{module}").run(console)

    return run


def measure_all(console: NotingConsole, benchmarks: Mapping[str, Benchmark], wanted: Sequence[str], *, page: Path | None = None) -> int:
    """Measure the wanted ones, all but the long ones where none is named; gives 1 when one could not be measured.

    With a page each writes its block as soon as it is through, so that nothing is lost to one that comes later. The block of one that
    failed stays as it was, and so does the page where it has none.
    """
    left_out = [] if wanted else [name for name in LONG if name in benchmarks]
    failed, absent = [], []
    for name, benchmark in benchmarks.items():
        if name in left_out or (wanted and name not in wanted):
            continue
        console.rule(name)
        load = os.getloadavg()[0]
        printed = _measure(console, benchmark)
        if printed is None:
            failed.append(name)
        elif page is not None:
            body = f"{describe_circumstances(f'python -m tests.bench --write {name}', load)}\n\n{render_printed(printed)}"
            absent += [] if write_block(page, name, body) else [name]
    if left_out:
        console.print(f"Not run, as it takes long: python -m tests.bench {' '.join(left_out)}")
    if absent and page is not None:
        console.print(f"Printed alone, as {page.name} has no block for them: {', '.join(absent)}")
    if failed:
        kept = "" if page is None else f"; {page.name} keeps what it had of them"
        console.print(f"Could not be measured: {', '.join(failed)}{kept}")
    return int(bool(failed))


def _measure(console: NotingConsole, benchmark: Benchmark) -> list[object] | None:
    """Measure one; gives what it printed, or None where it did not come to its end."""
    began, used = time.perf_counter(), sum(os.times()[:4])
    console.noted.clear()
    printed: list[object] | None = None
    try:
        benchmark(console)
        printed = list(console.noted)
    except Exception as error:  # noqa: BLE001 - one that cannot be measured says so, and the others are measured
        console.print(f"It could not be measured: {type(error).__name__}: {error}", markup=False)
    console.print(f"{time.perf_counter() - began:.0f} s, of which {sum(os.times()[:4]) - used:.0f} s of the processor")
    return printed
