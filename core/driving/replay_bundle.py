"""A bundle played again: every program on its bars, held against what the bundle says, to the last bit."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from core.domain.bars import Bars, FloatArray
from core.domain.errors import InputError
from core.domain.hold_out import HoldOutFigure
from core.domain.iteration import IterationDetail
from core.domain.value import Value
from core.driving.bundle import Bundle
from core.driving.evaluate import evaluate_code, evaluate_hold_out, prepend_warm_up
from core.driving.ports import Cancel, Sandbox
from core.evidence import trace_invested


class Replayed(Value):
    """One program that was run again."""

    name: str
    """`iteration 3`, or `hold-out of iteration 3`."""
    same: bool
    difference: str = ""
    """The first thing that came out otherwise; empty when nothing did."""


class ReplayReport(Value):
    """Result of playing a bundle again."""

    run: str
    same: bool
    """True when every file is as it was made, and every program came out the same."""
    replayed: tuple[Replayed, ...]
    edited: tuple[str, ...]
    """Files that are not those the manifest names, with their SHA-256 now and then."""
    versions_then: dict[str, str]
    versions_now: dict[str, str]

    @property
    def first_difference(self) -> str:
        """The first difference of all, in words; empty when there is none."""
        if self.edited:
            return f"edited since it was made: {self.edited[0]}"
        return next((f"{one.name}: {one.difference}" for one in self.replayed if not one.same), "")


@dataclass(frozen=True, slots=True)
class Player:
    """The parts that playing again needs."""

    sandbox: Sandbox
    cancel: Cancel
    watch: Callable[[Replayed], object] = lambda one: None


def replay_bundle(bundle: Bundle, bars: Bars | None, player: Player, *, versions: dict[str, str]) -> ReplayReport:
    """Play a bundle again on its own bars, or on `bars` where it holds none. Raises InputError when the bars are not those.

    Stops at a cancel; what was not played is then not in the report, which is not the same.
    """
    whole = bundle.bars if bundle.bars is not None else bars
    if whole is None:
        raise InputError("The bundle holds no bars, and they cannot be had here.", hint="Make it again with its bars inside.")
    training, hold_out = whole.slice(0, bundle.run.training_bars), whole.slice(bundle.run.training_bars, len(whole))
    edited = list(bundle.edited)
    if training.hash != bundle.run.data_hash:
        edited.append(f"training bars: {training.hash[:16]}, not {bundle.run.data_hash[:16]}")
    replayed: list[Replayed] = []
    for detail in bundle.details:
        if player.cancel.is_set():
            break
        replayed.append(_replay_iteration(bundle, detail, training, player))
        player.watch(replayed[-1])
    for figure in _list_hold_out_figures(bundle):
        if player.cancel.is_set():
            break
        replayed.append(_replay_hold_out(bundle, figure, training, hold_out, player))
        player.watch(replayed[-1])
    whole_way = not player.cancel.is_set()
    same = whole_way and not edited and all(one.same for one in replayed)
    return ReplayReport(
        run=bundle.run.id,
        same=same,
        replayed=tuple(replayed),
        edited=tuple(edited),
        versions_then=dict(bundle.versions),
        versions_now=versions,
    )


def _replay_iteration(bundle: Bundle, detail: IterationDetail, training: Bars, player: Player) -> Replayed:
    name = f"iteration {detail.iteration.number}"
    if not detail.iteration.code:
        return Replayed(name=name, same=True)
    result = evaluate_code(detail.iteration.code, bundle.run.plan.backtest, training, sandbox=player.sandbox, cancel=player.cancel)
    found = result.evaluation
    if detail.iteration.metrics is None or found is None:
        failed = (detail.iteration.metrics is None, found is None)
        words = "" if failed == (True, True) else "it ran then and not now" if failed[1] else "it failed then and runs now"
        if words and result.fault is not None:
            words += f": {result.fault.message.splitlines()[0]}"
        return Replayed(name=name, same=not words, difference=words)
    difference = (
        _compare_columns("account", detail.equity, found.equity, training)
        or _compare_columns("position", detail.position, trace_invested(found, training), training)
        or _compare_counts(len(detail.fills), len(found.fills), "fills")
        or ("" if detail.fills == found.fills else "a fill is at another price or of another size")
        or ("" if detail.trades == found.trades else "a trade is another one")
    )
    return Replayed(name=name, same=not difference, difference=difference)


def _compare_columns(what: str, then: FloatArray, now: FloatArray, bars: Bars) -> str:
    if len(then) != len(now):
        return f"{what} has {len(now):,} bars, not {len(then):,}"
    if np.array_equal(then, now):
        return ""
    bar = int(np.flatnonzero(then != now)[0])
    moment = str(bars.time[bar].astype("datetime64[m]" if bars.timeframe.intraday else "datetime64[D]")).replace("T", " ")
    return f"{what} at bar {bar} ({moment}) is {float(now[bar])!r}, not {float(then[bar])!r}"


def _compare_counts(then: int, now: int, what: str) -> str:
    return "" if then == now else f"{now:,} {what}, not {then:,}"


def _list_hold_out_figures(bundle: Bundle) -> list[HoldOutFigure]:
    """Figures of single iterations on the hold-out, each iteration once."""
    held = bundle.run.hold_out
    figures = (held.baseline, held.best, held.recommended) if held else ()
    known = {figure.iteration: figure for figure in figures if figure is not None and figure.iteration is not None}
    return [figure for figure in known.values() if figure.metrics is not None]


def _replay_hold_out(bundle: Bundle, figure: HoldOutFigure, training: Bars, hold_out: Bars, player: Player) -> Replayed:
    name = f"hold-out of iteration {figure.iteration}"
    code = next((detail.iteration.code for detail in bundle.details if detail.iteration.number == figure.iteration), "")
    if not code or not len(hold_out):
        return Replayed(name=name, same=False, difference="its code or its bars are not in the bundle")
    bars, warm_up_bars = prepend_warm_up(training, hold_out, training.concat(hold_out))
    result, _ = evaluate_hold_out(code, bundle.run.plan.backtest, bars, warm_up_bars, sandbox=player.sandbox, cancel=player.cancel)
    now = result.evaluation.metrics if result.evaluation else None
    if now == figure.metrics:
        return Replayed(name=name, same=True)
    if now is None or figure.metrics is None:
        return Replayed(name=name, same=False, difference="it has no figures now")
    field = next(field for field in type(now).model_fields if getattr(now, field) != getattr(figure.metrics, field))
    words = f"{field.replace('_', ' ')} is {getattr(now, field)!r}, not {getattr(figure.metrics, field)!r}"
    return Replayed(name=name, same=False, difference=words)
