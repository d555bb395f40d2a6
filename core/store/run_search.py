"""Pages of runs: chosen, ordered and counted by the database, whatever the number of runs; only one page of documents is read."""

from typing import Any

from sqlalchemy import JSON, Float, Integer, case, cast, func, or_, select
from sqlalchemy.sql.elements import ColumnElement
from sqlmodel import Session, col

from core.domain.run_query import RunOrder, RunPage, RunQuery
from core.store.documents import read_rows
from core.store.patience import patient
from core.store.rows import to_run
from core.store.tables import IterationTable, RunTable
from core.store.visibility import VisibilityRepository

Expression = ColumnElement[Any]


@patient()
class RunSearchRepository(VisibilityRepository):
    """The history as a library."""

    def find_runs(self, query: RunQuery) -> RunPage:
        """Find one page of the runs that are asked for, and their number."""
        conditions = [*_build_conditions(query), *self._filter_runs()]
        with self._database.read() as session:
            total = session.execute(select(func.count()).select_from(RunTable).where(*conditions)).scalar_one()
            rows = select(RunTable).where(*conditions).order_by(*_build_order(query.order, session), col(RunTable.created).desc())
            rows = rows.limit(query.size).offset(query.page * query.size)
            return RunPage(read_rows(session.execute(rows).scalars(), to_run), total)


def _build_conditions(query: RunQuery) -> list[Expression]:
    conditions: list[Expression] = [_match(word, query.noted.get(word, frozenset())) for word in query.words]
    if query.statuses:
        conditions.append(col(RunTable.status).in_([status.value for status in query.statuses]))
    if query.kinds:
        conditions.append(col(RunTable.kind).in_([kind.value for kind in query.kinds]))
    if query.owner is not None:
        conditions.append(col(RunTable.owner) == query.owner)
    if query.among is not None:
        conditions.append(col(RunTable.id).in_(query.among))
    return conditions


def _match(word: str, noted: frozenset[str]) -> Expression:
    columns = (RunTable.workflow, RunTable.symbol, RunTable.model, RunTable.id)
    found = [col(column).icontains(word, autoescape=True) for column in columns]
    further = [col(RunTable.document).icontains(f'"{field}":"{word}', autoescape=True) for field in ("symbol", "path")]
    return or_(*found, *further, col(RunTable.id).in_(noted))


def _build_order(order: RunOrder, session: Session) -> list[Expression]:
    if order is RunOrder.NEWEST:
        return []
    of_run = _Figures(postgres=session.get_bind().dialect.name == "postgresql")
    figure = {
        RunOrder.SHARPE: lambda: of_run.best(IterationTable.sharpe),
        RunOrder.RETURN: lambda: of_run.best(IterationTable.total_return),
        RunOrder.DRAWDOWN: lambda: of_run.best(IterationTable.max_drawdown),
        RunOrder.MARKET: lambda: of_run.best(IterationTable.total_return) - of_run.read(Float, "benchmark", "total_return"),
        RunOrder.HOLD_OUT: lambda: of_run.read(Float, "hold_out", "best", "metrics", "total_return"),
    }[order]()
    return [figure.desc().nulls_last()]


class _Figures:
    """Figures of a run as the database finds them. A document that is damaged has none, and costs the list nothing."""

    def __init__(self, *, postgres: bool) -> None:
        self._postgres = postgres

    def read(self, kind: type[Any], *path: str) -> Expression:
        """A number of the run's document."""
        document = col(RunTable.document)
        if self._postgres:
            sound = document.op("~")(r"^\{.*\}$")
            return case((sound, cast(func.json_extract_path_text(cast(document, JSON), *path), kind)), else_=None)
        return case((func.json_valid(document) == 1, cast(func.json_extract(document, "$." + ".".join(path)), kind)), else_=None)

    def best(self, column: Any) -> Expression:
        """A figure of the run's best iteration."""
        mine = (col(IterationTable.run_id) == RunTable.id, col(IterationTable.number) == self.read(Integer, "best"))
        return select(col(column)).where(*mine).correlate(RunTable).scalar_subquery()
