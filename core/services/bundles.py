"""Bundles: a run packed into one file, played again, and opened as a run of its own."""

from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

import numpy as np

from core.domain.bars import Bars
from core.domain.bars_request import BarsRequest
from core.domain.errors import InputError, MarketDataError
from core.domain.history import DocumentKind, UnreadableRowError
from core.domain.iteration import IterationDetail
from core.domain.people import Role
from core.domain.readings import Corrections
from core.domain.run import Run
from core.driving.bundle import Bundle, read_bundle, write_bundle
from core.driving.export import BACKTRADER, render_bars_csv
from core.driving.ports import Cancel
from core.driving.replay_bundle import Player, Replayed, ReplayReport, replay_bundle
from core.driving.run_context import load_split_bars
from core.report.result_tables import render_fills_csv, render_trades_csv
from core.report.verification import build_verification
from core.services.installation import Installation
from core.services.permissions import find_person, needs
from core.services.reports import Reports
from core.services.rooms import Rooms
from core.store.documents import current_version, read_document

_ORIGIN = "From a bundle of run "


class OpenedBundle(NamedTuple):
    """The run that a bundle is in this history."""

    run: Run
    already: bool
    """True when it was here before: the run that was packed, or one of an earlier opening."""


class Bundles:
    """Verbs over bundles, for the screens and the terminal."""

    def __init__(self, rooms: Rooms, installation: Installation, reports: Reports) -> None:
        self._rooms = rooms
        self._installation = installation
        self._reports = reports

    def pack(self, run_id: str, *, with_bars: bool = True) -> bytes:
        """Pack a finished run into one zip. Raises InputError, also when its bars are no longer those that it was measured on.

        Without its bars the bundle names them by hash and request; whoever replays it has to have them.
        """
        run = self._rooms.store.read_run(run_id)
        if not run.status.finished:
            raise InputError(f"Run {run.id} is still {run.status.value}.", hint="Pack it when it is over.")
        details = tuple(self._read_details(run))
        if not details:
            raise InputError(f"Run {run.id} has no iteration, so there is nothing to pack.")
        bars = self._load_bars(run) if with_bars else None
        bundle = Bundle(run, details, bars, self._installation.list_versions())
        also = {"requirements.txt": f"backtrader=={BACKTRADER}\n"}
        if run.best is not None:
            also["report.html"] = self._reports.render_run(run.id)
            also["verification.json"] = build_verification(self._reports.assess(run.id)).model_dump_json(indent=2)
        for detail in details:
            if bars is None:
                break
            folder = f"iterations/{detail.iteration.number}"
            also |= {
                f"{folder}/orders.csv": render_fills_csv(detail.fills, bars),
                f"{folder}/trades.csv": render_trades_csv(detail.trades, bars),
            }
        return write_bundle(bundle, documents={kind: current_version(kind) for kind in DocumentKind}, also=also)

    def _read_details(self, run: Run) -> list[IterationDetail]:
        found = []
        for iteration in self._rooms.store.list_iterations(run.id):
            try:
                found.append(self._rooms.store.read_detail(run.id, iteration.number))
            except UnreadableRowError as error:
                raise InputError(f"Iteration {iteration.number} cannot be packed: {error}") from error
        return found

    def _load_bars(self, run: Run) -> Bars:
        try:
            training, hold_out = load_split_bars(run.plan.bars, run.plan.hold_out, self._rooms.market)
        except MarketDataError as error:
            raise InputError(f"Its bars cannot be had any more: {error}", hint="Pack it without them.") from error
        if training.hash != run.data_hash:
            raise InputError(
                "Its bars are no longer those that it was measured on.", hint="Pack it without them: the hash then stands for them."
            )
        return training.concat(hold_out)

    @needs(Role.ANALYST)
    def replay(self, data: bytes, *, cancel: Cancel | None = None, watch: Callable[[Replayed], object] = lambda one: None) -> ReplayReport:
        """Play a bundle again in the sandbox and hold it against itself. Raises InputError and SandboxUnavailableError."""
        bundle = read_bundle(data, read_document)
        bars = bundle.bars if bundle.bars is not None else self._find_bars(bundle.run)
        player = Player(self._rooms.sandbox, cancel or self._rooms.never, watch)
        return replay_bundle(bundle, bars, player, versions=self._installation.list_versions())

    def _find_bars(self, run: Run) -> Bars | None:
        """The bars of a bundle without any, where this installation has the same ones."""
        try:
            training, hold_out = load_split_bars(run.plan.bars, run.plan.hold_out, self._rooms.market)
        except MarketDataError:
            return None
        return training.concat(hold_out) if training.hash == run.data_hash else None

    @needs(Role.ANALYST)
    def open(self, data: bytes) -> OpenedBundle:
        """Open a bundle as a run of its own in this history, once: its tries would count twice against every run on these bars.

        Raises InputError for a bundle that was edited or cannot be read.
        """
        bundle = read_bundle(data, read_document)
        if bundle.edited:
            raise InputError(
                f"The bundle was edited since it was made: {bundle.edited[0]}.", hint="`replay FILE` says what comes out differently."
            )
        if (before := self._find_before(bundle)) is not None:
            return OpenedBundle(before, already=True)
        plan = bundle.run.plan.changed(bars=self._keep_bars(bundle))
        run = self._rooms.store.create_run(plan, kind=bundle.run.kind)
        for detail in bundle.details:
            iteration = detail.iteration.changed(run_id=run.id)
            own = IterationDetail(iteration, detail.equity, detail.position, detail.fills, detail.trades)
            self._rooms.store.append(own)
        versions = bundle.versions.get("stratloop", "")
        origin = f"{_ORIGIN}{bundle.run.id}{f', made with Stratloop {versions}' if versions else ''}."
        opened = bundle.run.changed(
            id=run.id, plan=plan, origin=origin, created=run.created, finished=bundle.run.finished or datetime.now(UTC)
        )
        self._rooms.store.save_run(opened)
        return OpenedBundle(opened, already=False)

    def _find_before(self, bundle: Bundle) -> Run | None:
        """Find the run of a bundle where it is in this history already, with the same figures to the last bit."""
        store = self._rooms.store
        with suppress(InputError, UnreadableRowError):
            own = store.read_run(bundle.run.id)
            if own.id == bundle.run.id and self._holds(own, bundle):
                return own
        return next((run for run in store.list_runs_from(f"{_ORIGIN}{bundle.run.id}") if self._holds(run, bundle)), None)

    def _holds(self, run: Run, bundle: Bundle) -> bool:
        """True when a run of this history is that of the bundle."""
        if bundle.run.plan.changed(bars=run.plan.bars) != run.plan or run.iterations != len(bundle.details):
            return False
        if any(getattr(run, name) != getattr(bundle.run, name) for name in ("status", "best", "data_hash", "finished")):
            return False
        for packed in bundle.details:
            try:
                kept = self._rooms.store.read_detail(run.id, packed.iteration.number)
            except (InputError, UnreadableRowError):
                return False
            if kept.iteration != packed.iteration.changed(run_id=run.id) or not np.array_equal(kept.equity, packed.equity):
                return False
        return True

    def _keep_bars(self, bundle: Bundle) -> BarsRequest:
        """The request that has the bundle's bars here: its own where it gives the same ones, else a file that is kept for it."""
        request, bars = bundle.run.plan.bars, bundle.bars
        if bars is None or bars.others or self._find_bars(bundle.run) is not None:
            return request
        own = bars.instrument
        text = render_bars_csv(bars)
        path = Path(self._rooms.market.keep_upload(text.encode(), f"{own.symbol}_bundle_{bundle.run.id}.csv"))
        self._rooms.limits.note_uploads(find_person().id)
        said = Corrections(symbol=own.symbol, asset_class=own.asset_class, zone=own.zone)
        self._rooms.market.correct(path, said, path.name)
        return request.changed(path=str(path), start=None, end=None)
