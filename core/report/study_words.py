"""Closer looks at a winner in words: each a name, a figure and what it means."""

from core.domain.metric_values import Metrics
from core.domain.run import Objective
from core.domain.study import (
    FEWEST_FORWARD_BARS,
    ConformityDrift,
    ForwardCheck,
    PaidChange,
    Placebo,
    PlaceboKind,
    SensitivityMap,
    Studies,
    WalkForward,
    WarmUp,
    WhatPaid,
)
from core.report.figures import format_score
from core.report.number_format import DASH, format_count, format_dollars, format_percent, format_ratio
from core.report.sentences import format_chance, format_signed
from core.report.statements import Statement

LONGEST_CHANGE = 80
"""Characters of a change in its author's words."""


def list_study_statements(studies: Studies, objective: Objective) -> tuple[Statement, ...]:
    """List what the studies say, in the order of their weight; those that were not made are left out."""
    stated = (
        _state_forward(studies.forward) if studies.forward else None,
        _state_placebo(studies.placebo) if studies.placebo else None,
        _state_what_paid(studies.what_paid, objective) if studies.what_paid else None,
        _state_sensitivity(studies.sensitivity, objective) if studies.sensitivity else None,
        _state_warm_up(studies.warm_up) if studies.warm_up else None,
        _state_walk_forward(studies.walk_forward) if studies.walk_forward else None,
        _state_conformity(studies.conformity) if studies.conformity else None,
    )
    return tuple(statement for statement in stated if statement)


def _state_forward(found: ForwardCheck) -> Statement:
    best = found.find_metrics("best")
    return Statement(name="Since the end", figure=format_ratio(best.sharpe) if best else DASH, meaning=describe_forward(found))


def describe_forward(found: ForwardCheck) -> str:
    """Describe a winner on bars from after the end of its run, or say that there are too few of them yet."""
    since = f"after {found.after:%Y-%m-%d}, which nobody could know while it was written"
    if not found.figures:
        have = f"{format_count(found.bars, 'bar')} so far" if found.bars else "no bars so far"
        return f"There are {have} from {since}: too few for a test. Try again when there are at least {FEWEST_FORWARD_BARS}."
    named = (("best", "the winner"), ("baseline", "the workflow as written"), ("benchmark", "buy and hold"))
    told = []
    for name, words in named:
        metrics = found.find_metrics(name)
        told.append(f"{words} {_describe_performance(metrics)}" if metrics else f"{words} gave no figures")
    looked = "looked at once" if found.looks == 1 else f"looked at {found.looks} times, so no longer new to everybody"
    sentence = "; ".join(told)
    return f"{sentence[:1].upper()}{sentence[1:]}. {format_count(found.bars, 'bar')} from {since}, {looked}."


def _describe_performance(metrics: Metrics) -> str:
    return f"made {format_percent(metrics.total_return, sign=True)}, Sharpe ratio {format_ratio(metrics.sharpe)}"


def _state_placebo(found: Placebo) -> Statement:
    if found.kind is PlaceboKind.LOOP:
        what = f"{found.better} of {found.rounds} whole loops on bars shuffled day by day found as much: the exact test."
    else:
        what = (
            f"{found.better} of {found.rounds} sets of shuffled bars gave the same candidates as much. The weaker test: "
            "nothing was searched there, so it claims too easily (8 to 11% instead of 5)."
        )
    earlier = f" Without the tries of earlier runs on the same bars it would be {format_chance(found.p)}." if found.p_of_all else ""
    few = f" So few rounds cannot come under 5%: {found.fewest_rounds} could." if found.undecided else ""
    return Statement(name="Placebo", figure=format_chance(found.chance), meaning=f"{what}{earlier}{few}")


def _state_what_paid(found: WhatPaid, objective: Objective) -> Statement:
    told = [
        f"{_name_change(change)}: {_describe_loss(change, objective)}"
        + (f", alone {format_score(change.added_alone, objective)}" if change.added_alone is not None else "")
        for change in found.changes
    ]
    models = [
        f"{one.model} {format_signed(one.gain, objective)} in {format_count(one.calls, 'try', 'tries')}"
        f"{f', {format_signed(one.gain_for_dollar, objective)} for a dollar' if one.gain_for_dollar is not None else ''}"
        for one in found.models
    ]
    steps = [
        f"{step.model} in iteration {step.number}: {format_signed(step.gain, objective) if step.gain is not None else DASH}"
        f"{f' for {format_dollars(step.usd)}' if step.usd else ''}"
        for step in found.steps
    ]
    lean = f" Without {', '.join(found.lean)} the winner has {format_score(found.lean_score, objective)}." if found.lean else ""
    by_model = f" By model: {'; '.join(models)}." if models else ""
    paying = sum(change.pays for change in found.changes)
    return Statement(
        name="What paid",
        figure=f"{paying} of {format_count(len(found.changes), 'change')}",
        meaning=f"{'Taken back alone: ' + '; '.join(told) + '. ' if told else 'No number and no rule was changed. '}"
        f"Steps: {'; '.join(steps) or 'none'}.{by_model}{lean}",
    )


def _name_change(change: PaidChange) -> str:
    if change.iteration is not None:
        words = " ".join(change.words.split())
        return f"{change.name} ({words[:LONGEST_CHANGE].rstrip('.')})" if words else change.name
    return f"{change.name} {change.before:g} to {change.after:g}"


def describe_worths(found: WhatPaid | None, score: float | None, objective: Objective) -> dict[str, str]:
    """Describe what each change of a number was worth to the winner, by the number's name; `score` is the winner's own."""
    worths = {}
    for change in found.changes if found else ():
        if change.iteration is None and (change.taken_back is not None or change.separable):
            gap = "" if change.taken_back is None or score is None else f" ({format_signed(change.taken_back - score, objective)})"
            worths[change.name] = f"taken back alone: {_describe_loss(change, objective)}{gap}"
    return worths


def _describe_loss(change: PaidChange, objective: Objective) -> str:
    if not change.separable:
        return "cannot be taken out alone, because later changes stand on it"
    return "no score without it" if change.taken_back is None else f"{format_score(change.taken_back, objective)} without it"


def _state_sensitivity(found: SensitivityMap, objective: Objective) -> Statement:
    shape = DASH if found.kept is None else "a plateau" if found.plateau else "a cliff"
    kept = f"its neighbors keep {format_percent(found.kept, 0)} of the score" if found.kept is not None else "its score is not positive"
    fragile = f"; most depends on {found.fragile}" if found.fragile else ""
    points = format_count(len(found.points), "neighbor")
    worst = min((point.score for point in found.points if point.score is not None), default=None)
    return Statement(
        name="Neighbors",
        figure=shape,
        meaning=f"{points}, each number a tenth up and down: {kept}, the worst has {format_score(worst, objective)}{fragile}.",
    )


def _state_warm_up(found: WarmUp) -> Statement:
    if found.needed is None:
        return Statement(
            name="Warm-up",
            figure="depends on the beginning",
            meaning="With a third of the history cut off its orders never become what they were: where the bars begin decides the result.",
        )
    figure = "enough" if found.enough else "too short"
    need = f"It needs {format_count(found.needed, 'bar')} of history, and had {found.had} before its first trade."
    return Statement(name="Warm-up", figure=figure, meaning=f"{need}{_describe_indicators(found)}")


def _describe_indicators(found: WarmUp) -> str:
    if not found.indicators:
        return ""
    told = [f"{one.name} after {one.needed}" for one in found.indicators if one.needed is not None]
    never = [one.name for one in found.indicators if one.needed is None]
    settled = f" What it shows does not depend on the beginning any more: {', '.join(told)}." if told else ""
    lasting = f" {', '.join(never)} always {'depends' if len(never) == 1 else 'depend'} on it." if never else ""
    orders = f" Its orders are the same from bar {found.orders} on." if found.orders else ""
    return f"{settled}{lasting}{orders}"


def _state_walk_forward(found: WalkForward) -> Statement:
    won = sum(step.tested > step.baseline for step in found.steps)
    again = (
        f" Overfitting probability {format_percent(found.overfitting, 0)}, which is lowest where taking the winner hurts most."
        if found.overfitting is not None
        else ""
    )
    return Statement(
        name="Walk forward",
        figure=f"{won} of {len(found.steps)} windows",
        meaning="Windows in which the best until then was ahead of iteration 0 afterwards; tests over trainings "
        f"{format_ratio(found.efficiency)}. The tries were made knowing all of these bars, so it describes and proves nothing.{again}",
    )


def _state_conformity(found: ConformityDrift) -> Statement:
    last = found.points[-1]
    share, where = (last.share, f"iteration {last.number}, the last") if found.winner is None else (found.winner, "the winner")
    rows = ", ".join(f"{row.row} {format_percent(row.share, 0)}" for row in found.rows)
    less = "less" if (found.drift or 0.0) < 0 else "more"
    drift = f" It does {100 * abs(found.drift):.0f} percentage points {less} of that than iteration 0." if found.drift else ""
    return Statement(
        name="Agreement",
        figure=format_percent(share, 0),
        meaning=f"Entries and exits that the rows ask for, in {where}.{drift}{f' By row: {rows}.' if rows else ''}",
    )
