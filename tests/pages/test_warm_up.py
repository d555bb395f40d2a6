"""After the warm-up a click pays for what it made itself, not for the libraries."""

import gc
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
WARM = """
import gc, sys
from pages.components.warm_up import load_screens, settle_heap
load_screens()
before = set(sys.modules)
settled = settle_heap()
for file in ("home", "builder", "code", "driving", "compare", "library", "market", "credits", "settings", "help"):
    names = [line.split()[1] for line in open(f"pages/{file}.py") if line.startswith("from pages.components.")]
    assert set(names) <= before, names
print(settled, len(gc.get_objects()))
"""


def test_what_is_loaded_for_good_is_out_of_the_collectors_sight() -> None:
    done = subprocess.run([sys.executable, "-c", WARM], cwd=ROOT, capture_output=True, text=True, check=True)

    settled, left = map(int, done.stdout.split())
    assert settled > 50_000
    assert left < settled / 20


def test_what_is_made_after_the_warm_up_is_still_collected() -> None:
    from pages.components.warm_up import settle_heap

    settle_heap()
    try:
        circle: list[object] = []
        circle.append(circle)
        del circle

        assert gc.collect() >= 1
    finally:
        gc.unfreeze()
