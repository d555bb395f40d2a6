"""`python -m tests.bench [name ...]`: print every benchmark but the long ones, or those named (the part after `bench_`)."""

import importlib
import os
import pkgutil
import sys
import time

from rich.console import Console

import tests.bench

LONG = ("bench_lookahead",)
"""Benchmarks that run only when they are named: a quarter of an hour on an idle machine."""
console = Console(width=150)
names = sorted(module.name for module in pkgutil.iter_modules(tests.bench.__path__) if module.name.startswith("bench_"))
wanted = sys.argv[1:]
unknown = [name for name in wanted if f"bench_{name}" not in names]
if unknown:
    console.print(f"no such benchmark: {', '.join(unknown)}; there are {', '.join(name.removeprefix('bench_') for name in names)}")
    sys.exit(2)
failed = []
for name in names:
    if name.removeprefix("bench_") not in wanted and (wanted or name in LONG):
        continue
    console.rule(name.removeprefix("bench_"))
    began, used = time.perf_counter(), sum(os.times()[:4])
    try:
        importlib.import_module(f"tests.bench.{name}").run(console)
    except Exception as error:  # noqa: BLE001 - one that cannot be measured says so, and the others are measured
        failed.append(name.removeprefix("bench_"))
        console.print(f"It could not be measured: {type(error).__name__}: {error}", markup=False)
    console.print(f"{time.perf_counter() - began:.0f} s, of which {sum(os.times()[:4]) - used:.0f} s of the processor")
left_out = [name.removeprefix("bench_") for name in LONG if not wanted]
if left_out:
    console.print(f"Not run, as it takes long: python -m tests.bench {' '.join(left_out)}")
if failed:
    console.print(f"Could not be measured: {', '.join(failed)}")
    sys.exit(1)
