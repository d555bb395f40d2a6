"""`python -m tests.bench.long_history FOLDER [RUNS [ITERATIONS]]`: a history of many runs, copies of one that was really made."""

import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import NamedTuple

from sqlalchemy import insert
from sqlmodel import Session, col, select

from core.domain.bars_request import BarsRequest
from core.domain.run import Run, RunPlan
from core.services import Services, Settings
from core.store.compression import pack_text
from core.store.rows import to_row
from core.store.runs import build_iteration_row
from core.store.tables import CurveTable, IterationTable

RUNS, ITERATIONS = 2_000, 20
RUNS_AT_ONCE = 50


class _Template(NamedTuple):
    """An iteration to copy: its document, and the columns of its row and of its curves."""

    document: str
    row: dict[str, object]
    curve: dict[str, object]


def build_history(home: Path, runs: int = RUNS, iterations: int = ITERATIONS) -> Run:
    """Drive one run and copy it until the history is as long as asked for; gives the run that was driven."""
    parts = Services(Settings(home=home))
    try:
        plan = RunPlan(workflow=parts.workbench.find_workflow("sma_cross"), bars=BarsRequest(symbol="AAPL"), loops=min(iterations, 6))
        made = parts.runs.run_here(plan)
        copy_run(parts, made, runs, iterations)
        return made
    finally:
        parts.close()


def copy_run(parts: Services, made: Run, runs: int, iterations: int) -> None:
    """Copy a run until there are so many of it."""
    templates = _list_templates(parts, made, iterations)
    for first in range(1, runs, RUNS_AT_ONCE):
        with parts.store._database.write() as session:
            for place in range(first, min(first + RUNS_AT_ONCE, runs)):
                _copy(session, made, templates, place)


def _list_templates(parts: Services, made: Run, iterations: int) -> list[_Template]:
    """What the driven run holds, over and over until there are as many iterations as asked for."""
    like = parts.store.list_iterations(made.id)
    with parts.store._database.read() as session:
        curves = {row.number: row.model_dump() for row in session.exec(select(CurveTable).where(col(CurveTable.run_id) == made.id))}
    found = []
    for number in range(iterations):
        source = like[number % len(like)]
        iteration = source.changed(number=number, loop=number)
        found.append(_Template(iteration.model_dump_json(), build_iteration_row(iteration), {**curves[source.number], "number": number}))
    return found


def _copy(session: Session, made: Run, templates: list[_Template], place: int) -> None:
    """Add one run; its rows differ in the run's name, which an iteration's document says too."""
    created = datetime.now(UTC) - timedelta(minutes=place)
    run = made.changed(id=f"{place:08x}", created=created, iterations=len(templates), best=min(made.best or 0, len(templates) - 1))
    session.add(to_row(run))
    session.flush()
    documents = [pack_text(template.document.replace(made.id, run.id)) for template in templates]
    rows = [{**template.row, "run_id": run.id, "document": document} for template, document in zip(templates, documents, strict=True)]
    session.connection().execute(insert(IterationTable), rows)
    session.connection().execute(insert(CurveTable), [{**template.curve, "run_id": run.id} for template in templates])


if __name__ == "__main__":
    build_history(Path(sys.argv[1]), *map(int, sys.argv[2:4]))
