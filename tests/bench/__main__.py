"""`python -m tests.bench [--write] [name ...]`: every benchmark but the long ones, or those named (the part after `bench_`).

With `--write` those that were measured to their end put their tables into docs/performance.md, where it has a place for them.
"""

import sys

from tests.bench.every_bench import find_benchmarks, measure_all
from tests.bench.measured_page import PAGE, NotingConsole

wanted = [word for word in sys.argv[1:] if word != "--write"]
console = NotingConsole()
benchmarks = find_benchmarks()
unknown = [name for name in wanted if name not in benchmarks]
if unknown:
    console.print(f"no such benchmark: {', '.join(unknown)}; there are {', '.join(benchmarks)}")
    sys.exit(2)
sys.exit(measure_all(console, benchmarks, wanted, page=PAGE if "--write" in sys.argv[1:] else None))
