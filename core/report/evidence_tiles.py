"""Evidence on a run's winner as tiles: each a question, how it stands, its figure, a sentence, and numbers for a small picture."""

from collections.abc import Sequence
from enum import StrEnum

from core.domain.hold_out import HoldOut
from core.domain.iteration import Iteration
from core.domain.run import Run
from core.domain.study import PlaceboKind, Studies
from core.domain.timing import LUCK_LEVEL
from core.domain.value import Value
from core.report import labels
from core.report.assessment import Assessment
from core.report.figures import format_score
from core.report.number_format import DASH, format_count, format_percent, format_ratio
from core.report.sentences import format_chance, format_signed
from core.report.statements import NO_TIMING
from core.report.study_words import list_study_statements
from core.report.verdict import FEWEST_TRADES


class TileState(StrEnum):
    """Standing of one piece of evidence; the words are those of the badge."""

    FOR = "for"
    AGAINST = "against"
    UNDECIDED = "undecided"
    WAITING = "not looked at"
    RUNNING = "running"
    FEW_DATA = "not enough data"
    NOTHING = "nothing to test"
    LOCKED = "locked"


class Picture(StrEnum):
    """Kind of a tile's small picture."""

    NONE = ""
    BARS = "bars"
    """One bar across for each mark."""
    PAIRS = "pairs"
    """Two bars beside each other for each mark: value and second."""
    DOTS = "dots"
    """`done` dots, of which `marked` are filled in the warning color."""
    SCORES = "scores"
    """A dot for each mark at its value; the last mark is what they are held against."""
    RANGE = "range"
    """The first mark is low, the second high, the third the value."""
    CHECKS = "checks"
    """A line of words for each mark, with its value as yes or no."""


class Mark(Value):
    """One number of a picture."""

    name: str
    value: float
    second: float | None = None


class Tile(Value):
    """One tile."""

    name: str
    state: TileState
    figure: str = DASH
    unit: str = ""
    """Words behind the figure."""
    sentence: str = ""
    picture: Picture = Picture.NONE
    marks: tuple[Mark, ...] = ()
    detail: str = ""
    """All that is known of it, in words; empty where there is nothing more."""


RUNS_IN = {"placebo": "Placebo", "neighbors of the winner": "Neighbors", "what paid": "What paid", "windows and agreement": "Walk forward"}
"""Step of a closer look to the tile that it fills."""


def list_tiles(
    found: Assessment, run: Run, iterations: Sequence[Iteration], *, running: str = "", done: int = 0, total: int = 0
) -> tuple[Tile, ...]:
    """List the tiles of a finished run; `running` names the step of a closer look that is under way, `done` of `total` its progress."""
    words = {said.name: said.meaning for said in list_study_statements(found.studies, found.objective)}
    tiles = (
        _state_luck(found),
        _state_hold_out(found, run),
        _state_placebo(found.studies),
        _state_walk_forward(found.studies),
        _state_neighbors(found),
        _state_what_paid(found, run),
        _state_agreement(found.studies),
        _state_checks(found, iterations),
    )
    filled = [tile.changed(detail=words.get(tile.name, tile.detail)) for tile in tiles]
    name = RUNS_IN.get(running, "")
    return tuple(_show_progress(tile, done, total) if tile.name == name and tile.state is TileState.WAITING else tile for tile in filled)


def _show_progress(tile: Tile, done: int, total: int) -> Tile:
    counted = f"{done} of {total}" if total else "begun"
    return tile.changed(state=TileState.RUNNING, figure=counted, unit="so far", sentence="You can leave the page; what is found is kept.")


def _state_luck(found: Assessment) -> Tile:
    luck = found.luck
    if luck is None:
        gap = NO_TIMING[found.no_timing] if found.no_timing else "There are no figures that could be tested."
        return Tile(name="Luck", state=TileState.FEW_DATA, sentence=gap)
    better = luck.p < LUCK_LEVEL
    score = found.metrics.sharpe if found.metrics else None
    marks = (
        Mark(name="holding as much", value=luck.held),
        Mark(name="luck line", value=luck.line),
        Mark(name="reached", value=score or 0.0),
    )
    return Tile(
        name="Luck",
        state=TileState.FOR if better else TileState.AGAINST,
        figure=format_chance(luck.p),
        unit=f"by chance, {format_count(luck.tries, 'try', 'tries')}",
        sentence=f"95% of loops without any skill stay below {format_ratio(luck.line)}; it has {format_ratio(score)}.",
        picture=Picture.RANGE,
        marks=marks,
        detail=f"Holding the same share of the account all the time earned a Sharpe ratio of {format_ratio(luck.held)}. Exact copies count "
        "once, tries of earlier runs on the same bars count too. A chance under 5% would count for it.",
    )


def _state_hold_out(found: Assessment, run: Run) -> Tile:
    held = run.hold_out
    if held is None:
        if not run.plan.hold_out:
            return Tile(name="Hold-out", state=TileState.FEW_DATA, sentence="Nothing was held out, so nothing can be looked at.")
        return Tile(name="Hold-out", state=TileState.LOCKED, sentence="The run did not come to its end, so the one look was not taken.")
    figures = [figure for figure in (held.recommended, held.best, held.baseline, held.benchmark) if figure is not None]
    named = {"best": "Highest", "recommended": "Recommended", "baseline": "As written", "benchmark": "Buy and hold"}
    marks = tuple(
        Mark(name=named.get(figure.name, figure.name), value=figure.metrics.sharpe)
        for figure in figures
        if figure.metrics is not None and figure.metrics.sharpe is not None
    )
    best, market = held.best.metrics, held.benchmark.metrics
    said = found.hold_out
    if best is None or best.sharpe is None:
        return Tile(name="Hold-out", state=TileState.FEW_DATA, sentence=said.sentence if said else "", picture=Picture.BARS, marks=marks)
    few = best.trades < FEWEST_TRADES
    return Tile(
        name="Hold-out",
        state=TileState.FEW_DATA if few else _judge_hold_out(held),
        figure=format_ratio(best.sharpe),
        unit=f"Sharpe, {format_count(best.trades, 'trade')}",
        sentence=f"Looked at {'once' if held.looks == 1 else f'{held.looks} times'}. "
        + (
            f"Fewer than {FEWEST_TRADES} trades conclude nothing."
            if few
            else f"Buy and hold has {format_ratio(market.sharpe if market else None)}."
        ),
        picture=Picture.BARS,
        marks=marks,
        detail=f"{said.about} {said.sentence}" if said else "",
    )


def _judge_hold_out(held: HoldOut) -> TileState:
    """Standing of the look: for and against are what is beyond chance there; which figure is the higher one alone is neither."""
    if held.shows_timing:
        return TileState.FOR
    behind = held.tells_apart and held.comparison is not None and held.comparison.difference < 0
    return TileState.AGAINST if behind else TileState.UNDECIDED


def _state_placebo(studies: Studies) -> Tile:
    made = studies.placebo
    if made is None:
        return Tile(
            name="Placebo", state=TileState.WAITING, sentence="The whole loop again on shuffled bars, where there is nothing to find."
        )
    what = "whole loops on shuffled bars" if made.kind is PlaceboKind.LOOP else "sets of shuffled bars"
    few = f" {made.fewest_rounds} rounds could decide." if made.undecided else ""
    counted = (Mark(name="rounds", value=made.rounds), Mark(name="as good", value=made.better))
    each = tuple(Mark(name="shuffled bars", value=score) for score in made.scores)
    shown = made.real is not None and len(each) > 0
    return Tile(
        name="Placebo",
        state=TileState.FOR if made.speaks_for else TileState.UNDECIDED if made.undecided else TileState.AGAINST,
        figure=f"{made.rounds - made.better} of {made.rounds}",
        unit="below the real best",
        sentence=f"{made.better} {what} found as much: chance {format_chance(made.chance)}.{few}",
        picture=Picture.SCORES if shown else Picture.DOTS,
        marks=(*each, Mark(name="the real bars", value=made.real or 0.0)) if shown else counted,
    )


def _state_walk_forward(studies: Studies) -> Tile:
    made = studies.walk_forward
    if made is None or not made.steps:
        return Tile(name="Walk forward", state=TileState.WAITING, sentence="The best until then, on what came next.")
    won = sum(step.tested > step.baseline for step in made.steps)
    return Tile(
        name="Walk forward",
        state=TileState.UNDECIDED,
        figure=f"{won} of {len(made.steps)}",
        unit="windows ahead of the workflow",
        sentence="Gray: before, color: what came next. It describes and proves nothing: the tries knew all of these bars.",
        picture=Picture.PAIRS,
        marks=tuple(Mark(name=f"try {step.picked}", value=step.trained, second=step.tested) for step in made.steps),
    )


def _state_neighbors(found: Assessment) -> Tile:
    made = found.studies.sensitivity
    if made is None:
        return Tile(name="Neighbors", state=TileState.WAITING, sentence="Each number of the winner a tenth up and down.")
    scores = [point.score for point in made.points if point.score is not None]
    low, high = (min(scores), max(scores)) if scores else (None, None)
    shape = "Its score is not positive" if made.kept is None else "A plateau" if made.plateau else "A lonely peak"
    return Tile(
        name="Neighbors",
        state=TileState.UNDECIDED if made.kept is None else TileState.FOR if made.plateau else TileState.AGAINST,
        figure=f"{format_score(low, found.objective)} to {format_score(high, found.objective)}",
        unit="one step around",
        sentence=f"{shape}; most depends on {made.fragile}." if made.fragile else f"{shape}.",
        picture=Picture.BARS,
        marks=tuple(
            Mark(name=f"{point.parameter} {point.value:g}", value=point.score) for point in made.points[:8] if point.score is not None
        ),
    )


def _state_what_paid(found: Assessment, run: Run) -> Tile:
    if run.best == 0:
        return Tile(name="What paid", state=TileState.NOTHING, sentence="The workflow itself is best: there is no change to take back.")
    made = found.studies.what_paid
    if made is None:
        return Tile(name="What paid", state=TileState.WAITING, sentence="Each change of the winner taken back alone.")
    score = found.score or 0.0
    losses = [(change, score - change.taken_back) for change in made.changes if change.taken_back is not None]
    most = max((loss for _, loss in losses), default=None)
    return Tile(
        name="What paid",
        state=TileState.UNDECIDED if made.changes else TileState.NOTHING,
        figure=format_signed(most, found.objective) if most is not None else DASH,
        unit=f"from {max(losses, key=lambda pair: pair[1])[0].name}" if losses else "",
        sentence=f"{sum(change.pays for change in made.changes)} of {format_count(len(made.changes), 'change')} pay: loss without each.",
        picture=Picture.BARS,
        marks=tuple(Mark(name=change.label, value=loss) for change, loss in losses[:6]),
    )


def _state_agreement(studies: Studies) -> Tile:
    made = studies.conformity
    if made is None or not made.points:
        return Tile(name="Agreement", state=TileState.WAITING, sentence="How far the winner still acts as the rows say.")
    share = made.points[-1].share if made.winner is None else made.winner
    last = f"In iteration {made.points[-1].number}, the last: nothing won." if made.winner is None else ""
    return Tile(
        name="Agreement",
        state=TileState.FOR if share >= 0.9 else TileState.UNDECIDED if share >= 0.6 else TileState.AGAINST,
        figure=format_percent(share, 0),
        unit="of entries and exits as the rows say",
        sentence="Row by row, in the winner." if made.rows else last,
        picture=Picture.BARS,
        marks=tuple(Mark(name=row.row, value=row.share) for row in made.rows[:6]),
    )


def _state_checks(found: Assessment, iterations: Sequence[Iteration]) -> Tile:
    best = next((one for one in iterations if one.number == found.iteration), None)
    certificate = best.certificate if best else None
    if best is None or certificate is None:
        return Tile(name="True figures", state=TileState.WAITING, sentence="Nothing ran that could be checked.")
    passed = {
        labels.label_confirmation(certificate): certificate.confirmed,
        "Every fill computed twice": certificate.fills_checked,
        "The engine was left alone": not certificate.altered,
        "Isolated while it ran": best.isolation_level == 2,
    }
    count = sum(passed.values())
    return Tile(
        name="True figures",
        state=TileState.FOR if count == len(passed) else TileState.UNDECIDED,
        figure=f"{count} of {len(passed)}",
        unit="checks",
        picture=Picture.CHECKS,
        marks=tuple(Mark(name=name, value=float(held)) for name, held in passed.items()),
        detail=certificate.checked,
    )
