"""`python -m tests.soak [seconds [rest]]`: the soak of an hour, with what it left behind printed at the end."""

import sys
import tempfile
from pathlib import Path

from rich.console import Console
from rich.table import Table

from tests.soak.soak import Usage, soak

console = Console()
seconds = float(sys.argv[1]) if len(sys.argv) > 1 else 3_600.0
rest = float(sys.argv[2]) if len(sys.argv) > 2 else 0.0
with tempfile.TemporaryDirectory() as folder:
    found = soak(Path(folder), seconds, rest=rest)
table = Table(
    "", "memory MB", "descriptors", "processes", "database MB", title=f"Soak of {seconds:g} s: two workers, two servers, all below them"
)


def add(name: str, usage: Usage) -> None:
    """Add a moment to the table."""
    table.add_row(name, f"{usage.memory / 1e6:.0f}", str(usage.descriptors), str(usage.processes), f"{usage.database / 1e6:.1f}")


add("beginning", found.before)
for number, sample in enumerate(found.samples, start=1):
    add(f"{number}/{len(found.samples)} of the time", sample)
add("peak", found.peak)
add("end", found.after)
console.print(table)
left = f"still open: {len(found.open_runs)}; damage: {len(found.damage)}; leftovers: {len(found.leftovers)}"
console.print(f"{found.finished} runs ended in order; {left}; {found.loads} screens loaded, {len(found.failures)} of them badly")
for each in found.failures:
    console.print(each)
sys.exit(1 if found.open_runs or found.damage or found.leftovers or found.failures else 0)
