"""The one thing that is asked for in a loop."""

from core.domain.model_calls import AnswerProblem
from core.prompts.task import Mode

INSTRUCTIONS: dict[Mode, str] = {
    Mode.FIRST: (
        "Write the strategy that carries out the specification row by row, with its own numbers as the defaults of "
        "`params` under the names given in <conditions>. Add nothing that is not there."
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

FOLLOW_UPS: dict[AnswerProblem, str] = {
    AnswerProblem.EMPTY: "Your last answer was empty. Think briefly, then write the answer.",
    AnswerProblem.NO_CODE: "Your last answer, whose end is above, holds no program.",
    AnswerProblem.CUT_OFF: "Your last answer, whose end is above, stops inside the program. Write a shorter one, from its first line on.",
    AnswerProblem.UNPARSABLE: "The program of your last answer, above, is not valid Python. Correct that and change nothing else.",
    AnswerProblem.ELIDED: "Your last answer leaves out parts of the program. Write every line, also those that stay as they were.",
    AnswerProblem.NO_NEXT: "The strategy of your last answer has no `next` method that does anything, so it never trades.",
    AnswerProblem.EDIT_REFUSED: "The edits of your last answer do not fit the program. Write the whole program instead of edits.",
    AnswerProblem.TOO_LONG: "The program of your last answer is longer than any that is run. Write a shorter one.",
}
"""Words for asking once more, at once, where an answer holds no program that can be used."""
