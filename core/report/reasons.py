"""Reasons for and against a run's winner, and what to do next: facts in words, each step with the deed that it asks for."""

from enum import StrEnum

from core.domain.decision import Action
from core.domain.iteration import Iteration
from core.domain.run import Run, Status
from core.domain.study import PlaceboKind
from core.domain.timing import LUCK_LEVEL
from core.domain.value import Value
from core.report import labels
from core.report.assessment import Assessment
from core.report.figures import format_score
from core.report.number_format import format_count, format_percent, format_ratio
from core.report.sentences import format_chance, format_signed
from core.report.statements import describe_choice
from core.report.verdict import FEWEST_TRADES, WORSE_ERRORS, Conclusion

MOST_STEPS = 4


class Reason(Value):
    """One fact that counts for or against the winner."""

    speaks_for: bool
    text: str


class Deed(StrEnum):
    """Deed behind a step, which a screen has a button for."""

    COMPARE = "compare"
    """Look at the recommended, the highest and the workflow as written side by side."""
    LOOK_CLOSER = "look_closer"
    RUN_AGAIN = "run_again"
    """Fill the form with the settings of the run, to change what the step says."""
    GO_ON = "go_on"
    """Let a run that was cut short go on to its end, where the hold-out is looked at."""
    EDIT = "edit"
    """Open the workflow in the builder with the numbers that are recommended."""
    EXPORT = "export"
    KEEP = "keep"
    """Keep the recommended one among the strategies."""


class NextStep(Value):
    """One thing to do next."""

    title: str
    text: str
    deed: Deed


def find_recommended(run: Run, found: Assessment) -> int | None:
    """Find the iteration to take when one has to be taken: the workflow where the look speaks against the winner, else what was
    recommended before it, else the best."""
    decision = found.selection.decision if found.selection else None
    if found.verdict is not None and found.verdict.verdict is Conclusion.OVERFITTED:
        return 0
    if decision is None or decision.action is Action.WINNER:
        return run.best
    return 0


def list_reasons(found: Assessment, run: Run, iterations: tuple[Iteration, ...] = ()) -> tuple[Reason, ...]:
    """List what speaks for and against the winner of a finished run, the weightiest first."""
    told = (
        _judge_trades(run),
        _judge_account(found),
        _judge_hold_out(run),
        _judge_pair(run, found),
        _judge_luck(found),
        _judge_placebo(found),
        _judge_gain(found),
        _judge_neighbors(found),
        _judge_windows(found),
        _judge_fall(run, found, iterations),
        _judge_checks(found, iterations),
    )
    return tuple(reason for reason in told if reason is not None)


def _judge_trades(run: Run) -> Reason | None:
    best = run.hold_out.best.metrics if run.hold_out else None
    if best is None or best.trades >= FEWEST_TRADES:
        return None
    return Reason(speaks_for=False, text=f"Only {format_count(best.trades, 'trade')} closed on the hold-out; {FEWEST_TRADES} are needed")


def _judge_account(found: Assessment) -> Reason | None:
    if found.metrics is None or not found.loses_money:
        return None
    return Reason(
        speaks_for=False, text=f"Lost money on the training bars: {format_percent(found.metrics.total_return)}, where cash lost nothing"
    )


def _judge_hold_out(run: Run) -> Reason | None:
    held = run.hold_out
    best, market = (held.best.metrics, held.benchmark.metrics) if held and not held.used_up else (None, None)
    if best is None or market is None or best.sharpe is None or market.sharpe is None:
        return None
    return Reason(
        speaks_for=best.sharpe > market.sharpe,
        text=f"Hold-out: Sharpe {format_ratio(best.sharpe)}, buy and hold {format_ratio(market.sharpe)}",
    )


def _judge_pair(run: Run, found: Assessment) -> Reason | None:
    held = run.hold_out
    pair = held.comparison if held else None
    if held is None or pair is None or held.used_up:
        return None
    gap = f"{format_signed(pair.difference, found.objective)} ± {format_score(1.96 * pair.se, found.objective)} to the workflow there"
    behind = pair.difference + WORSE_ERRORS * pair.se < 0
    if not held.tells_apart and not behind:
        return Reason(speaks_for=False, text=f"{gap}: not to be told apart")
    return Reason(speaks_for=pair.difference > 0, text=gap)


def _judge_luck(found: Assessment) -> Reason | None:
    if found.luck is None:
        return None
    tries = format_count(found.luck.tries, "try", "tries")
    return Reason(
        speaks_for=found.luck.p < LUCK_LEVEL, text=f"Loops of {tries} without any skill show as much in {format_chance(found.luck.p)}"
    )


def _judge_placebo(found: Assessment) -> Reason | None:
    made = found.studies.placebo
    if made is None or made.undecided:
        return None
    what = "whole loops on shuffled bars" if made.kind is PlaceboKind.LOOP else "sets of shuffled bars"
    return Reason(speaks_for=made.speaks_for, text=f"{made.better} of {made.rounds} {what} found as much")


def _judge_gain(found: Assessment) -> Reason | None:
    worth = found.selection.worth if found.selection else None
    if worth is None or (found.selection is not None and found.selection.winner == 0):
        return None
    return Reason(
        speaks_for=worth.expected_gain > 0,
        text=f"About {format_signed(worth.expected_gain, found.objective)} to expect beyond the workflow",
    )


def _judge_neighbors(found: Assessment) -> Reason | None:
    made = found.studies.sensitivity
    if made is None or made.kept is None:
        return None
    shape = "a plateau" if made.plateau else "a lonely peak"
    return Reason(speaks_for=made.plateau, text=f"Neighbors: {shape}, they keep {format_percent(made.kept, 0)}")


def _judge_windows(found: Assessment) -> Reason | None:
    made = found.studies.walk_forward
    if made is None or not made.steps:
        return None
    won = sum(step.tested > step.baseline for step in made.steps)
    return Reason(speaks_for=2 * won > len(made.steps), text=f"Ahead of the workflow in {won} of {len(made.steps)} windows that came next")


def _judge_fall(run: Run, found: Assessment, iterations: tuple[Iteration, ...]) -> Reason | None:
    base = next((one.metrics for one in iterations if one.number == 0), None)
    if base is None or found.metrics is None or run.best == 0:
        return None
    mine, theirs = found.metrics.max_drawdown, base.max_drawdown
    text = f"Deepest fall {format_percent(mine)}, as written {format_percent(theirs)}"
    return None if mine == theirs else Reason(speaks_for=mine > theirs, text=text)


def _judge_checks(found: Assessment, iterations: tuple[Iteration, ...]) -> Reason | None:
    best = next((one for one in iterations if one.number == found.iteration), None)
    certificate = best.certificate if best else None
    if certificate is None:
        return None
    if certificate.confirmed and certificate.fills_checked:
        return Reason(speaks_for=True, text=f"{labels.label_confirmation(certificate)}, and every fill computed twice")
    return Reason(speaks_for=False, text="Not every check of its figures was passed")


def list_next_steps(found: Assessment, run: Run, *, at_edge: tuple[str, ...] = ()) -> tuple[NextStep, ...]:
    """List what to do next about a finished run, the first thing first; `at_edge` names numbers that stand at the end of their range."""
    said = found.verdict
    if said is None:
        return ()
    cut_short = said.rule == "not_looked_at" and run.reopenable and run.status is not Status.COMPLETE
    steps = [NextStep(title=_TITLE[said.verdict], text=said.next_step, deed=Deed.GO_ON if cut_short else _DEED[said.verdict])]
    if decided := describe_choice(found):
        steps.append(NextStep(title="If you must choose now", text=decided, deed=Deed.COMPARE))
    if found.studies.placebo is None or found.studies.sensitivity is None:
        what = "Whole loops on shuffled bars, neighbors, what each change is worth: they may change the verdict."
        steps.append(NextStep(title="Look closer", text=what, deed=Deed.LOOK_CLOSER))
    if at_edge:
        where = f"{', '.join(at_edge[:3])} {'stands' if len(at_edge) == 1 else 'stand'} at the end of the range."
        steps.append(NextStep(title="Widen or drop", text=f"{where} The optimum may lie outside.", deed=Deed.EDIT))
    if said.verdict is Conclusion.HELD_UP:
        steps.append(
            NextStep(title="Take it along", text="The program is proved with plain Backtrader before you get it.", deed=Deed.EXPORT)
        )
    return tuple(steps[:MOST_STEPS])


_TITLE = {
    Conclusion.HELD_UP: "Keep it and watch",
    Conclusion.LUCK: "Give it more to show",
    Conclusion.OVERFITTED: "Step back",
    Conclusion.FEW_TRADES: "Get more trades",
    Conclusion.IN_SAMPLE: "Look at bars it never saw",
}
_DEED = {
    Conclusion.HELD_UP: Deed.KEEP,
    Conclusion.LUCK: Deed.RUN_AGAIN,
    Conclusion.OVERFITTED: Deed.EDIT,
    Conclusion.FEW_TRADES: Deed.RUN_AGAIN,
    Conclusion.IN_SAMPLE: Deed.RUN_AGAIN,
}


def describe_no_verdict(run: Run, iterations: tuple[Iteration, ...]) -> str:
    """Describe why a finished loop has no verdict; empty where it has one."""
    if run.best is not None or not run.status.finished:
        return ""
    faults = [one.error.message for one in iterations if one.error is not None]
    if not iterations:
        return "No verdict: it ended before its first result."
    if not faults:
        return "No verdict: no version has a score. What each lacks stands in the table below."
    commonest = max(dict.fromkeys(faults), key=faults.count)
    what = "all" if len(faults) == len(iterations) else f"{len(faults)} of {len(iterations)}"
    return f"No verdict: {what} programs stopped, most often with “{commonest}”. Open the first of them below."
