"""Reports of runs and comparisons, as one HTML file or as Markdown."""

import hashlib
from collections.abc import Sequence
from datetime import UTC, datetime

from core import language
from core.domain.errors import InputError
from core.domain.run import Run
from core.domain.version import VERSION
from core.driving.run_context import load_split_bars
from core.report.assessment import Assessment
from core.report.build_comparison import build_comparison
from core.report.comparison import MOST_PARTICIPANTS, Participant
from core.report.render_report import render_html, render_markdown
from core.report.result_sheets import build_result_sheets
from core.report.run_report import RunReport, build_run_report
from core.services.comparisons import WHOLE, Comparisons, Span, describe_request
from core.services.rooms import Rooms
from core.services.runs import Runs
from core.services.workbooks import write_workbook


class Reports:
    """Verbs that make files to hand on."""

    def __init__(self, rooms: Rooms, runs: Runs, comparisons: Comparisons) -> None:
        self._rooms = rooms
        self._runs = runs
        self._comparisons = comparisons

    def render_run(self, run_id: str, *, markdown: bool = False) -> str:
        """Render the report of a run. Raises InputError for an unknown run, and for one without figures."""
        return self._render(self.build_run(run_id), markdown=markdown)

    def render_comparison(self, identities: Sequence[str], *, baseline: str = "", span: Span = WHOLE, markdown: bool = False) -> str:
        """Render the report of a comparison, of a part of the bars where `span` names one. Raises InputError as `compare` does."""
        participants = self._comparisons.gather(identities, span=span)
        comparison = build_comparison(participants, baseline=baseline)
        comparison = comparison.changed(warnings=(*describe_request(identities, span), *comparison.warnings))
        report = build_run_report(participants, comparison, made=datetime.now(UTC), version=VERSION, code_hashes=_hash_codes(participants))
        return self._render(report, markdown=markdown)

    def render_workbook(self, run_id: str, number: int | None = None) -> bytes:
        """Render an iteration (the best one) as a workbook: figures, trades, orders, account.

        Raises InputError for one without figures, and where the bars are no longer those that it was measured on.
        """
        run = self._rooms.store.read_run(run_id)
        chosen = run.best if number is None else number
        if chosen is None:
            raise InputError(f"Run {run.id} has no scored iteration to write.", hint="Name one with --iteration.")
        detail = self._rooms.store.read_detail(run.id, chosen)
        if detail.iteration.metrics is None:
            raise InputError(f"Iteration {chosen} of run {run.id} has no figures, so there is nothing to write.")
        bars = load_split_bars(run.plan.bars, run.plan.hold_out, self._rooms.market)[0]
        if bars.hash != run.data_hash:
            raise InputError("Its bars are no longer those that it was measured on.", hint="A bundle holds those of its time.")
        return write_workbook(build_result_sheets(run, detail, bars))

    def assess(self, run_id: str) -> Assessment:
        """Assess a run's best iteration. Raises InputError."""
        return self._runs.assess(run_id)

    def build_run(self, run_id: str) -> RunReport:
        """Build the report of a run: its best and its recommended iteration beside the workflow as written and buy and hold."""
        run = self._rooms.store.read_run(run_id)
        iterations = self._rooms.store.list_iterations(run.id)
        chosen = _choose(run) or [one.number for one in iterations if one.metrics is not None][-MOST_PARTICIPANTS:]
        if not chosen:
            raise InputError(f"Run {run.id} has no iteration with figures, so there is nothing to report.")
        participants = self._comparisons.gather([f"{run.id}:{number}" for number in chosen])
        return build_run_report(
            participants,
            build_comparison(participants),
            made=datetime.now(UTC),
            version=VERSION,
            assessment=self._runs.assess(run.id),
            iterations=iterations,
            workflow=[(said.row or "", said.text) for said in language.explain(run.plan.workflow)],
            code_hashes=_hash_codes(participants),
        )

    def _render(self, report: RunReport, *, markdown: bool) -> str:
        return render_markdown(report) if markdown else render_html(report)


def _choose(run: Run) -> list[int]:
    """Choose the iterations that a run's report is about: the best, and those that are recommended."""
    decision = run.selection.decision if run.selection else None
    found = [] if run.best is None else [run.best]
    return list(dict.fromkeys([*found, *(decision.recommended if decision else ())]))


def _hash_codes(participants: Sequence[Participant]) -> dict[str, str]:
    return {one.id: hashlib.sha256(one.detail.iteration.code.encode()).hexdigest() for one in participants if one.detail is not None}
