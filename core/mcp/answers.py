"""Answers of the tools: small objects made of what the history holds, with nothing in them that the hold-out could be read from."""

from collections.abc import Mapping, Sequence
from typing import Any

from core.domain.finding import Finding
from core.domain.hold_out import HoldOut, HoldOutFigure
from core.domain.iteration import Iteration
from core.domain.metric_values import Metrics
from core.domain.run import Run
from core.domain.study import FEWEST_FORWARD_BARS, ForwardCheck
from core.domain.timing import LUCK_LEVEL
from core.driving.steering import Steering
from core.report.assessment import Assessment
from core.report.comparison import Comparison
from core.report.labels import describe_missing_figures, label_iteration
from core.report.statements import describe_choice, describe_gaps, describe_tries, describe_verdict, list_luck_statements

CHANGE_LENGTH = 120
LINE_LENGTH = 240
PAGE_LENGTH = 4_000
"""Characters of code in one answer."""
MOST_FINDINGS = 10
FIGURES = ("sharpe", "total_return", "max_drawdown", "trades", "exposure", "win_rate", "profit_factor")
"""Figures of an iteration that are told."""
HOLD_OUT_FIGURES = ("sharpe", "total_return", "max_drawdown", "trades")
"""Figures that the one look gives: few, and rounded."""


def tidy(found: Mapping[str, Any]) -> dict[str, Any]:
    """Leave out what says nothing, and round numbers to four digits: an answer is read by a model that pays for every sign."""
    return {name: _round(value) for name, value in found.items() if value not in (None, "", (), [], {})}


def _round(value: Any) -> Any:
    if isinstance(value, float):
        return float(f"{value:.4g}")
    if isinstance(value, Mapping):
        return tidy(value)
    return [_round(each) for each in value] if isinstance(value, list | tuple) else value


def shorten(text: str, length: int = LINE_LENGTH) -> str:
    """Shorten a text to one line of this length.

    >>> shorten("one\\ntwo  three", 8)
    'one two…'
    """
    line = " ".join(text.split())
    return line if len(line) <= length else f"{line[: length - 1].rstrip()}…"


def page(text: str, after: int, *, name: str = "code") -> dict[str, Any]:
    """One page of a long text, and where the next one begins."""
    end = after + PAGE_LENGTH
    return {name: text[after:end], **({"next_after": end, "characters": len(text)} if end < len(text) else {})}


def pick_figures(metrics: Metrics | None, names: Sequence[str] = FIGURES) -> dict[str, Any]:
    """Pick the figures that are told."""
    return {} if metrics is None else tidy({name: getattr(metrics, name, None) for name in names})


def describe_iteration(run: Run, one: Iteration, *, brief: bool = False) -> dict[str, Any]:
    """One iteration: what was tried, what came of it, and what is weak; figures are those of the training bars."""
    found: dict[str, Any] = {
        "iteration": one.number,
        "state": label_iteration(one),
        "score": one.score,
        "best": one.number == run.best or None,
        "change": shorten(one.change, CHANGE_LENGTH),
        "judgment": one.verdict,
        "parent": one.parent,
        "submission": one.submission,
    }
    if brief:
        names = ("total_return", "max_drawdown", "trades")
        return tidy(found | pick_figures(one.metrics, names) | {"error": shorten(one.error.message, CHANGE_LENGTH) if one.error else ""})
    return tidy(
        found
        | {
            "figures": pick_figures(one.metrics),
            "conformity": one.conformity,
            "error": describe_fault(one),
            "no_score": shorten(one.no_score),
            "findings": [describe_finding(each, brief=True) for each in sorted(one.findings, key=lambda each: -each.severity)[:5]],
            "notes": [shorten(note) for note in one.notes[:3]],
            "printed": shorten(one.log[-1000:], 500),
        }
    )


def describe_fault(one: Iteration) -> dict[str, Any]:
    """The fault of code that failed, for its author to mend."""
    fault = one.error
    if fault is None:
        return {}
    return tidy({"kind": fault.kind, "message": shorten(fault.message, 600), "line": fault.line, "hint": shorten(fault.hint)})


def describe_finding(found: Finding, *, brief: bool = False) -> dict[str, Any]:
    """One finding; 3 spoils the result, 2 should be mended, 1 is worth knowing."""
    told = {"code": found.code, "severity": found.severity, "message": shorten(found.message)}
    return tidy(told if brief else told | {"count": found.count, "fix": shorten(found.fix)})


def describe_session(run: Run, steering: Steering, *, busy: bool) -> dict[str, Any]:
    """A session as it stands."""
    taken = max(0, run.iterations - 1)
    return tidy(
        {
            "session": run.id,
            "status": run.status.value,
            "busy": busy,
            "asset": run.plan.bars.label,
            "workflow": shorten(run.plan.workflow.name, 60),
            "objective": run.plan.objective.value,
            "iterations": run.iterations,
            "submissions_left": max(0, (run.plan.loops if steering.loops is None else steering.loops) - taken),
            "best": run.best,
            "earlier_tries_on_these_bars": run.earlier_tries,
            "training_held_out_by_other_runs": run.held_elsewhere or None,
            "paused_by_a_person": steering.paused or None,
            "note_of_a_person": shorten(steering.notes[-1][1], 500) if steering.notes else "",
            "constraints_of_a_person": [shorten(pin, 200) for pin in steering.pins],
            "message": shorten(run.message) if run.status.finished else "",
        }
    )


def describe_evidence(run: Run, found: Assessment) -> dict[str, Any]:
    """Everything that is said of an iteration beyond its figures; of the hold-out only once the session is over."""
    luck = found.luck
    told = {
        "iteration": found.iteration,
        "tries": found.tries,
        "earlier_tries": found.earlier_tries,
        "tries_in_words": describe_tries(found),
        "luck": luck and {"chance": luck.p, "better_than_luck": luck.p < LUCK_LEVEL, "line": luck.line, "tries": luck.tries},
        "statements": [f"{one.name}: {one.figure}. {shorten(one.meaning)}" for one in list_luck_statements(found)],
        "not_judged": list(describe_gaps(found)),
        "decision": describe_choice(found),
        "held_elsewhere": found.held_elsewhere,
        "missing": shorten(found.missing),
    }
    if not run.status.finished:
        return tidy(told | {"hold_out": "Locked until finish_session."})
    verdict = found.verdict
    return tidy(
        told
        | {
            "verdict": verdict and verdict.verdict.value,
            "verdict_in_words": list(describe_verdict(found)),
            "hold_out": describe_hold_out(run.hold_out),
            "hold_out_in_words": [shorten(found.hold_out.about, 400), shorten(found.hold_out.sentence, 700)] if found.hold_out else [],
            "what_nobody_knows": found.memory,
            "risk": found.risk,
        }
    )


def describe_hold_out(held: HoldOut | None) -> dict[str, Any]:
    """The one look, in few rounded figures."""
    if held is None:
        return {}
    figures = (("best", held.best), ("iteration_0", held.baseline), ("buy_and_hold", held.benchmark))
    return tidy(
        {
            "looks": held.looks,
            "used_up": held.used_up,
            "level": held.level,
            "other_runs_trained_on_it": held.trained,
            **{name: _describe_figure(figure) for name, figure in figures},
        }
    )


def _describe_figure(figure: HoldOutFigure) -> dict[str, Any]:
    if figure.metrics is None:
        return {"problem": describe_missing_figures(figure)}
    found = {name: getattr(figure.metrics, name) for name in HOLD_OUT_FIGURES}
    return tidy({name: round(value, 2) if isinstance(value, float) else value for name, value in found.items()})


def describe_forward(found: ForwardCheck) -> dict[str, Any]:
    """A session on the bars that came after it."""
    told = {"after": f"{found.after:%Y-%m-%d}", "bars": found.bars}
    if not found.figures:
        return told | {"needed": FEWEST_FORWARD_BARS, "next": "Too few bars have come since. Ask again when there are more."}
    names = {"baseline": "iteration_0", "benchmark": "buy_and_hold"}
    return tidy(told | {"looks": found.looks, **{names.get(one.name, one.name): _describe_figure(one) for one in found.figures}})


def describe_comparison(found: Comparison) -> dict[str, Any]:
    """A comparison on the training bars: rows in which something differs, and what can be told apart."""
    rows = {row.label: [cell.text for cell in row.cells] for group in found.groups for row in group.rows if not row.same}
    return tidy(
        {
            "columns": [one.name for one in found.columns],
            "rows": dict(list(rows.items())[:30]),
            "in_words": [shorten(each, 400) for each in found.sentences[:5]],
            "warnings": [shorten(each) for each in found.warnings[:3]],
        }
    )
