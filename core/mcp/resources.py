"""Resources: what is too long for an answer, all of the training bars until a session is finished."""

import re

import mcp.types as types

from core import language
from core.domain.bars import Bars
from core.domain.errors import InputError
from core.domain.iteration import IterationDetail
from core.domain.run import Run
from core.mcp.desk import Desk

SCHEME = "stratloop://"
_ITERATION = re.compile(r"stratloop://sessions/(?P<session>[^/]+)/iterations/(?P<number>\d{1,7})/(?P<what>code|equity|trades)")
_REPORT = re.compile(r"stratloop://sessions/(?P<session>[^/]+)/report")
REFERENCE = f"{SCHEME}reference"
CSV, PYTHON, MARKDOWN = "text/csv", "text/x-python", "text/markdown"


def _template(what: str, mime: str, about: str) -> types.ResourceTemplate:
    uri = f"{SCHEME}sessions/{{session}}/iterations/{{iteration}}/{what}"
    return types.ResourceTemplate(name=what, uri_template=uri, description=about, mime_type=mime)


TEMPLATES = (
    _template("code", PYTHON, "Code of an iteration, as it ran"),
    _template("equity", CSV, "Its account on the training bars"),
    _template("trades", CSV, "Its trades on the training bars"),
    types.ResourceTemplate(
        name="report", uri_template=f"{SCHEME}sessions/{{session}}/report", description="Report of a session", mime_type=MARKDOWN
    ),
)


def list_resources(desk: Desk) -> list[types.Resource]:
    """The reference of the language, and a report for each of the newest sessions."""
    reports = [
        types.Resource(uri=f"{SCHEME}sessions/{run.id}/report", name=f"report {run.id}", mime_type=MARKDOWN)
        for run in desk.sessions.list_sessions()
        if run.best is not None
    ]
    return [types.Resource(uri=REFERENCE, name="reference of the workflow language", mime_type=MARKDOWN), *reports]


def read_resource(desk: Desk, uri: str) -> tuple[str, str]:
    """The kind and the text of a resource. Raises InputError for one that is not there, and SessionError."""
    if uri == REFERENCE:
        return MARKDOWN, language.render_reference()
    if (found := _REPORT.fullmatch(uri)) is not None:
        run = desk.sessions.read(found["session"])
        return MARKDOWN, desk.services.reports.render_run(run.id, markdown=True)
    found = _ITERATION.fullmatch(uri)
    if found is None:
        raise InputError(f"There is no resource {uri[:120]!r}.", hint="resources/templates/list names the forms.")
    run = desk.sessions.read(found["session"])
    detail = desk.services.store.read_detail(run.id, int(found["number"]))
    if found["what"] == "code":
        return PYTHON, detail.iteration.code
    bars = desk.services.workbench.load_training_bars(run.plan)
    return CSV, _render_equity(run, detail, bars) if found["what"] == "equity" else _render_trades(detail, bars)


def _render_equity(run: Run, detail: IterationDetail, bars: Bars) -> str:
    if len(detail.equity) != len(bars):
        raise InputError(f"There is no account of iteration {detail.iteration.number} on the bars of session {run.id}.")
    rows = zip(_times(bars), detail.equity, detail.position, strict=True)
    value = "value_of_a_unit" if run.plan.backtest.deposits else "equity"
    return "\n".join([f"time,{value},position", *(f"{time},{worth:.2f},{held:g}" for time, worth, held in rows)]) + "\n"


def _render_trades(detail: IterationDetail, bars: Bars) -> str:
    times = _times(bars)
    lines = ["entry,exit,size,entry_price,exit_price,move"]
    for one in detail.trades:
        ended = "" if one.exit_bar is None else times[one.exit_bar]
        price = "" if one.exit_price is None else f"{one.exit_price:.6g}"
        lines.append(f"{times[one.entry_bar]},{ended},{one.size:g},{one.entry_price:.6g},{price},{one.move:.5f}")
    return "\n".join(lines) + "\n"


def _times(bars: Bars) -> list[str]:
    unit = "s" if bars.timeframe.intraday else "D"
    return [str(moment) for moment in bars.time.astype(f"datetime64[{unit}]")]
