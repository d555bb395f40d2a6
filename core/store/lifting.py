"""The steps that lift documents of earlier versions. Each reads what its version wrote, to the word, and never changes again."""

from typing import Any

USUAL_ENDINGS = {
    "loops": "All loops are done.",
    "patience": "No improvement for as many loops as the patience allows.",
    "target": "The target was reached.",
    "budget": "The budget is used up.",
    "time": "The time is used up.",
    "exhausted": "The model has nothing left to propose.",
    "cancelled": "Cancelled; finished iterations are kept.",
    "error": "The run could not go on.",
}
"""Messages of runs of version 1 that say no more than their stop reason."""


def mark_fuller_message(_: str, run: Any) -> Any:
    """Note beside a completed run's message whether it tells more than the stop reason; from version 1 to 2."""
    usual = USUAL_ENDINGS.get(run.get("stop_reason") or "loops")
    return run | {"says_more": run["status"] == "complete" and run.get("message", "") not in ("", usual)}


def mark_score_note(_: str, iteration: Any) -> Any:
    """Note which of an iteration's notes says why it has no score; from version 1 to 2."""
    return iteration | {"no_score": next((note for note in iteration.get("notes", ()) if note.startswith("No score: ")), "")}


def lower_fast_verdict(_: str, iteration: Any) -> Any:
    """Call a fast run *checked* that was called *clean* on the word of its repeats; from version 2 to 3."""
    certificate = iteration.get("certificate")
    if not certificate or certificate["verdict"] != "clean" or certificate["method"] == "lock_step":
        return iteration
    return iteration | {"certificate": certificate | {"verdict": "checked"}}


def keep_climbing(_: str, run: Any) -> Any:
    """Keep the search of runs that began before there was a choice, so that one that goes on does so as it began; from version 3 to 4."""
    plan = run.get("plan")
    return run if plan is None else run | {"plan": {"search": "climb"} | plan}


HOLD_OUT_FIGURES = ("best", "baseline", "benchmark", "recommended", "cash")


def forget_hold_out_words(_: str, run: Any) -> Any:
    """Keep of a run on the hold-out that it failed, and not the code's own words about it; from version 2 to 3."""
    held = run.get("hold_out")
    if not held:
        return run
    return run | {"hold_out": held | {name: _forget_words(held[name]) for name in HOLD_OUT_FIGURES if held.get(name)}}


def _forget_words(figure: Any) -> Any:
    failed = figure.get("error") not in (None, "", "There is no usable iteration to check.")
    return figure | {"error": ""} | ({"ended": "error"} if failed and figure.get("metrics") is None else {})


def keep_as_it_is(_: str, document: Any) -> Any:
    """Change nothing: the text lies compressed from this version on, which a program of before calls newer instead of damaged."""
    return document
