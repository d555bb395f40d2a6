"""The one thing that is asked for in a loop."""

from core.prompts.task import Mode

INSTRUCTIONS: dict[Mode, str] = {
    Mode.FIRST: (
        "Write the strategy that carries out the specification row by row, with its own numbers as the defaults of "
        "`params`. Add nothing that is not there."
    ),
    Mode.IMPROVE: (
        "Start from the best code. Name the one weakness that the figures and the findings show most clearly, state one hypothesis, "
        "and make the one change that tests it, so that the {objective} rises. Keep the idea of the specification, and do not try "
        "again what the history shows to have failed."
    ),
    Mode.REPAIR: (
        "The last attempt failed. Correct the cause that the error names and change nothing else. If the error repeats what the "
        "history shows, replace the failing part by something simpler."
    ),
    Mode.EXPLORE: (
        "Small changes no longer help. Start from the best code and change one structural idea within the specification: another "
        "exit, another filter, another way to size. Choose one that the history does not show, and say why the {objective} should rise."
    ),
}

NO_SCORE = (
    "No attempt has a score yet; the last one has none because: {reason}. Start from the last attempt, and make the one change that "
    "removes this reason. Keep the idea of the specification."
)
"""Instead of FIRST when something ran already and could not be scored."""

REMINDER = "Answer with the line `Change: ...`, the line `Hypothesis: ...`, and one ```python block with the complete program."
