"""`python -m tests.bench.long_history FOLDER [RUNS [ITERATIONS]]`: a history of many runs, copies of one that was really made."""

import sys
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from sqlalchemy import insert
from sqlmodel import Session

from core.domain.bars_request import BarsRequest
from core.domain.iteration import IterationDetail
from core.domain.run import Run, RunPlan
from core.services import Services, Settings
from core.store.rows import to_row
from core.store.runs import build_iteration_row
from core.store.tables import CurveTable, IterationTable

RUNS, ITERATIONS = 2_000, 20
RUNS_AT_ONCE = 50


def build_history(home: Path, runs: int = RUNS, iterations: int = ITERATIONS) -> Run:
    """Drive one run and copy it until the history is as long as asked for; gives the run that was driven."""
    parts = Services(Settings(home=home))
    try:
        plan = RunPlan(workflow=parts.workbench.find_workflow("sma_cross"), bars=BarsRequest(symbol="AAPL"), loops=min(iterations, 6))
        made = parts.runs.run_here(plan)
        details = [parts.store.read_detail(made.id, one.number) for one in parts.store.list_iterations(made.id)]
        for first in range(1, runs, RUNS_AT_ONCE):
            with parts.store._database.write() as session:
                for place in range(first, min(first + RUNS_AT_ONCE, runs)):
                    _copy(session, made, details, place, iterations)
        return made
    finally:
        parts.close()


def _copy(session: Session, made: Run, details: list[IterationDetail], place: int, iterations: int) -> None:
    created = datetime.now(UTC) - timedelta(minutes=place)
    run = made.changed(id=f"{place:08x}", created=created, iterations=iterations, best=min(made.best or 0, iterations - 1))
    session.add(to_row(run))
    session.flush()
    for number in range(iterations):
        like = details[number % len(details)]
        detail = replace(like, iteration=like.iteration.changed(run_id=run.id, number=number, loop=number))
        session.connection().execute(insert(IterationTable), [build_iteration_row(detail.iteration)])
        session.add(_build_curve(session, like, run.id, number))


def _build_curve(session: Session, like: IterationDetail, run_id: str, number: int) -> CurveTable:
    source = session.get_one(CurveTable, (like.iteration.run_id, like.iteration.number))
    return CurveTable(**{**source.model_dump(), "run_id": run_id, "number": number})


if __name__ == "__main__":
    build_history(Path(sys.argv[1]), *map(int, sys.argv[2:4]))
