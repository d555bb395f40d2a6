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
