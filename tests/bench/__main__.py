"""`python -m tests.bench [name ...]`: print every benchmark, or those named (the part after `bench_`)."""

import importlib
import pkgutil
import sys

from rich.console import Console

import tests.bench

console = Console(width=150)
names = sorted(module.name for module in pkgutil.iter_modules(tests.bench.__path__) if module.name.startswith("bench_"))
wanted = sys.argv[1:]
unknown = [name for name in wanted if f"bench_{name}" not in names]
if unknown:
    console.print(f"no such benchmark: {', '.join(unknown)}; there are {', '.join(name.removeprefix('bench_') for name in names)}")
    sys.exit(2)
for name in names:
    if not wanted or name.removeprefix("bench_") in wanted:
        console.rule(name.removeprefix("bench_"))
        importlib.import_module(f"tests.bench.{name}").run(console)
