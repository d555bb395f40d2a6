"""One process of the soak, `python -m tests.soak.worker HOME SECONDS REST SEED`: starts runs, cancels some, adopts what others leave."""

import random
import sys
import threading
import time
from datetime import date
from pathlib import Path

from core import language
from core.domain.bars_request import BarsRequest
from core.domain.errors import StratloopError
from core.domain.run import ModelChoice, RunPlan
from core.services import Services, Settings

ROOT = Path(__file__).resolve().parents[2]


def main(home: Path, seconds: float, rest: float, seed: int) -> None:
    """Use the product until time is up, with so many seconds of rest after each run."""
    draw = random.Random(seed)
    parts = Services(Settings(home=home, workers=2))
    workflow = language.parse((ROOT / "data" / "workflows" / "sma_cross.json").read_bytes())
    plan = RunPlan(
        workflow=workflow,
        bars=BarsRequest(symbol="AAPL", start=date(2003, 1, 1), end=date(2005, 12, 31)),
        model=ModelChoice(id="built-in"),
        loops=1,
    )
    parts.rooms.run_worker.adopt()
    parts.runs.start(plan.changed(seed=seed))
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    until, started = time.monotonic() + seconds, 1
    while time.monotonic() < until:
        try:
            run = parts.runs.start(plan.changed(seed=draw.randrange(10**6)))
            started += 1
            threading.Event().wait(draw.uniform(2.0, 5.0))
            if draw.random() < 0.4:
                parts.runs.cancel(run.id)
            for each in parts.store.list_runs(limit=5):
                parts.store.list_iterations(each.id)
            threading.Event().wait(rest * draw.uniform(0.5, 1.5))
        except StratloopError as error:
            sys.stderr.write(f"{error}\n")
    parts.close()
    sys.stdout.write(f"{started}\n")


if __name__ == "__main__":
    main(Path(sys.argv[1]), float(sys.argv[2]), float(sys.argv[3]), int(sys.argv[4]))
