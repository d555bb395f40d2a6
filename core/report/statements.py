"""Statements on luck and worth: each a name, a figure and its meaning, for the Luck tab, the terminal and the exported program."""

from core.domain.decision import Action, Selection, SelectionGap
from core.domain.run import Objective
from core.domain.timing import LUCK_LEVEL, TimingGap
from core.domain.value import Value
from core.report.assessment import Assessment
from core.report.figures import format_score
from core.report.labels import CONCLUSION
from core.report.number_format import format_count, format_percent, format_ratio
from core.report.sentences import format_chance, format_signed
from core.report.verdict import Conclusion

NO_TIMING = {
    TimingGap.TOO_SHORT: "Fewer than 30 days: too few for any statement on luck.",
    TimingGap.NEVER_HELD: "It holds nothing, so there is no timing to judge.",
    TimingGap.ALWAYS_HELD: "It holds the same all the time, so there is no timing to judge.",
    TimingGap.RUINED: "The account was lost, so there is no timing to judge.",
    TimingGap.SEVERAL_TRADED: "It trades several instruments: their timing cannot be judged by the first one alone.",
}
"""Sentences where luck cannot be judged."""

NO_SELECTION = {
    SelectionGap.PATH_DEPENDENT: "There is no test for this objective, because it depends on the order of the returns: "
    "which version to take cannot be judged.",
    SelectionGap.NOT_RESAMPLED: "There is no test for this objective, because resampled days do not give what single trades earn, "
    "or the shape of the returns: which version to take cannot be judged.",
    SelectionGap.TOO_SHORT: "Fewer than 30 days: too few to judge which version to take.",
    SelectionGap.ONE_TRY: "There was only one try with a score, so nothing was selected.",
    SelectionGap.NO_BASELINE: "The workflow itself has no result, so there is nothing to compare the best version with.",
    SelectionGap.UNREADABLE: "The curves of the tries cannot be compared, so which version to take cannot be judged.",
}
"""Sentences where a selection cannot be judged."""


class Statement(Value):
    """One figure of an assessment in words."""

    name: str
    figure: str
    meaning: str


def list_luck_statements(found: Assessment) -> tuple[Statement, ...]:
    """List the statements on luck and worth of an assessment; none where there are no figures that could be tested."""
    stated = (
        *_state_luck(found),
        _state_range(found),
        *(_state_worth(found, found.selection) if found.selection else ()),
        _state_timing(found),
    )
    return tuple(statement for statement in stated if statement)


def describe_gaps(found: Assessment) -> tuple[str, ...]:
    """Describe why there is no statement on luck, or on which version to take."""
    told = [NO_TIMING[found.no_timing]] if found.no_timing else []
    gap = found.selection.gap if found.selection else None
    return (*told, *([NO_SELECTION[gap]] if gap else []))


def describe_tries(found: Assessment) -> str:
    """Describe which tries were counted."""
    tried = format_count(found.tries, "try of this run has", "tries of this run have")
    earlier = f", and {format_count(found.earlier_tries, 'try', 'tries')} of earlier runs on the same bars" if found.earlier_tries else ""
    return f"{tried} a score{earlier}: all of them count for luck."


def describe_verdict(found: Assessment) -> tuple[str, ...]:
    """Describe the verdict on a run's winner, what to do, and what limits both; nothing while there is none."""
    said = found.verdict
    told = [f"Verdict: {CONCLUSION[said.verdict]}. {said.words}"] if said else []
    marked = "In-sample: nothing was held out, so every figure is from the bars that it was developed on." if found.in_sample else ""
    memory = "" if said else found.memory  # the verdict's words have it
    decided = describe_choice(found)
    return (*told, *(text for text in (decided, marked, found.held_elsewhere, memory) if text))


def describe_choice(found: Assessment) -> str:
    """Describe what to do about a winner, with what the look at the hold-out leaves of it: it was named before that."""
    decided = describe_decision(found.selection, found.earlier_tries)
    decision = found.selection.decision if found.selection else None
    if decision is None:
        return decided
    against = found.verdict is not None and found.verdict.verdict is Conclusion.OVERFITTED
    if decision.action is not Action.KEEP and against:
        decided = f"Recommended before the look: {decided} The look speaks against it: keep the workflow."
    return f"{decided} {_LOSING}" if found.loses_money else decided


_LOSING = "That is a choice among the versions only: even the highest lost on the training bars, and cash did not."


def describe_decision(selection: Selection | None, earlier_tries: int = 0) -> str:
    """Describe what to do about a winner; empty where that was not judged. Tries of earlier runs are not in it, and that is said."""
    decision = selection.decision if selection else None
    if selection is None or decision is None:
        return ""
    winner = selection.winner
    bare = " The workflow itself has no score: the table says what it lacks." if selection.unscored_base else ""
    match decision.action:
        case Action.KEEP if winner == 0:
            return "Keep the workflow as it is: it has the highest training score itself."
        case Action.KEEP:
            return f"Keep the workflow: no try, iteration {winner} included, can be told from it on these bars.{bare}"
        case Action.HALF:
            return f"Half and half: half the cash in the workflow, half in iteration {winner}. It looks better, and not surely so.{bare}"
        case Action.WINNER:
            if not earlier_tries:
                return f"Take iteration {winner}: its gain over the workflow stands out among all tries."
            earlier = format_count(earlier_tries, "earlier try", "earlier tries")
            return (
                f"Iteration {winner} stands out among the tries of this run. {earlier[:1].upper()}{earlier[1:]} on the same bars, in other "
                "runs, are not in that: go by the chance of luck, which counts them."
            )


def _state_luck(found: Assessment) -> tuple[Statement, ...]:
    luck = found.luck
    if luck is None:
        return ()
    loops = f"loops of {format_count(luck.tries, 'try', 'tries')} without any skill"
    claim = "Better than luck." if luck.p < LUCK_LEVEL else "Luck explains it."
    return (
        Statement(
            name="Chance of luck",
            figure=format_chance(luck.p),
            meaning=f"Part of {loops} that show as much timing, beyond always holding {format_percent(found.exposure, 0)} of the account. "
            f"{claim}",
        ),
        Statement(
            name="Luck line",
            figure=format_ratio(luck.line),
            meaning=f"Sharpe ratio that 95% of {loops} stay below. Always holding as much earned {format_ratio(luck.held)}.",
        ),
    )


def _state_range(found: Assessment) -> Statement | None:
    interval = found.sharpe_range
    if interval is None:
        return None
    return Statement(
        name=f"Sharpe ratio, {format_percent(interval.confidence, 0)} range",
        figure=f"{format_ratio(interval.low)} to {format_ratio(interval.high)}",
        meaning="Where the true value lies, when nothing was selected and returns may depend on those of 20 periods before."
        f"{_describe_earlier(found.earlier_tries)}",
    )


def _describe_earlier(earlier_tries: int) -> str:
    """The limit of what is said of an unselected iteration: it may be what earlier runs on these bars chose."""
    if not earlier_tries:
        return ""
    earlier = format_count(earlier_tries, "try", "tries")
    return f" If it was chosen among the {earlier} of other runs on these bars, it is too kind."


def _state_worth(found: Assessment, selection: Selection) -> tuple[Statement, ...]:
    worth, decision, objective, earlier_tries = selection.worth, selection.decision, found.objective, found.earlier_tries
    earlier = format_count(earlier_tries, "earlier try", "earlier tries")
    limit = f" Of this run's tries alone: {earlier} on the same bars would lower it." if earlier_tries else ""
    stated = []
    if worth is not None:
        stated.append(
            Statement(
                name="To be expected of the best",
                figure=format_score(worth.value, objective),
                meaning=f"{_to_title(objective)} without what picking the best of many adds; the true value lies between "
                f"{format_score(worth.low, objective)} and {format_score(worth.high, objective)}.{limit}",
            )
        )
        stated.append(
            Statement(
                name="Expected gain",
                figure=format_signed(worth.expected_gain, objective),
                meaning="About so much is to be expected beyond the workflow itself: the pick, repeated on other draws of these days."
                f"{limit}",
            )
        )
    if decision is not None:
        alike = f" {format_count(selection.alike, 'try', 'tries')} cannot be told from the best." if selection.alike else ""
        stated.append(Statement(name="What to do", figure=ACTION[decision.action], meaning=f"{describe_choice(found)}{alike}"))
    return tuple(stated)


ACTION = {Action.KEEP: "Keep the workflow", Action.HALF: "Half and half", Action.WINNER: "Take the winner"}
"""Names of the recommendations."""


def _to_title(objective: Objective) -> str:
    name = objective.value.replace("_", " ")
    return name[:1].upper() + name[1:]


def _state_timing(found: Assessment) -> Statement | None:
    timing = found.random_entries
    if timing is None:
        return None
    return Statement(
        name="Random entries",
        figure=format_percent(timing.probability),
        meaning=f"Chance that entries at random bars, held as long, earn as much a trade ({format_percent(timing.earned, 2)}) or more; "
        f"on average they earn {format_percent(timing.random_mean, 2)}. Small means that the timing matters."
        f"{_describe_earlier(found.earlier_tries)}",
    )
