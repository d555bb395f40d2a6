"""A comment in the place of code that the version before had is a gap, in whatever language it is."""

import pytest

from core.domain.model_calls import AnswerProblem
from core.prompts.answer_losses import find_loss
from core.prompts.extract import extract_code
from tests.prompts.answer_shapes import CODE, OTHER, fenced
from tests.prompts.stream_shapes import STREAMED

BASE = CODE.replace("    def next", "    def notify_order(self, order):\n        self.last = order\n\n    def next")
METHOD = "    def notify_order(self, order):\n        self.last = order\n"
EXIT = "        elif self.position and self.data.close[0] < self.fast[0]:\n            self.close()\n"


@pytest.mark.parametrize(
    "said",
    ["siehe oben", "⋮", "etc.", "loput kuten ennen", "υπόλοιπα όπως πριν", "השאר ללא שינוי", "all other methods remain", "copy it from v1"],
)
def test_a_comment_alone_in_the_place_of_a_method_is_a_gap(said: str) -> None:
    answer = fenced(BASE.replace("=10", "=20").replace(METHOD, f"    # {said}\n"))
    assert extract_code(answer, base=BASE).kind is AnswerProblem.ELIDED
    assert extract_code(answer).code is not None, "nothing tells that there was a method"


@pytest.mark.parametrize("said", ["TODO: stop as before", "keep the exit here", "exit: ditto", "pozostałe wyjścia"])
def test_a_comment_at_the_end_of_a_body_that_was_longer_is_a_gap(said: str) -> None:
    found = extract_code(fenced(BASE.replace(EXIT, f"        # {said}\n")), base=BASE)
    assert (found.kind, found.code) == (AnswerProblem.ELIDED, None)
    assert said in found.problem


def test_a_comment_above_code_that_names_a_method_which_is_gone_is_a_gap() -> None:
    assert find_loss(BASE.replace(f"{METHOD}\n", "    # notify_order stays\n"), BASE) is not None
    assert find_loss(BASE.replace(f"{METHOD}\n", "    # rules\n"), BASE) is None


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (EXIT, "        # the exit was removed: it lost money\n"),
        (EXIT, "        # Ausstieg entfernt\n"),
        (EXIT, "".join(f"        # {line.strip()}\n" for line in EXIT.splitlines())),
        (METHOD + "\n", ""),
        ("        self.last = order\n", "        # of the broker\n        self.last = order\n"),
        ("=10", "=20"),
    ],
)
def test_code_that_is_gone_on_purpose_or_stands_below_its_comment_is_no_gap(old: str, new: str) -> None:
    changed = BASE.replace(old, new)
    assert changed != BASE
    assert extract_code(fenced(changed), base=BASE).code is not None


@pytest.mark.parametrize(
    "behind",
    ["(Continued in the next message)", "I will send the rest in my next reply.", "Reply 'continue' for the rest of the code.", "待续"],
)
def test_a_program_of_which_more_is_to_come_is_cut_off(behind: str) -> None:
    assert extract_code(f"{fenced(CODE)}\n{behind}").kind is AnswerProblem.CUT_OFF


@pytest.mark.parametrize(
    "behind", ["You can continue to tune it.", "The rest of the rules is as in the workflow.", "Next message me the log."]
)
def test_words_that_only_sound_so_cut_nothing_off(behind: str) -> None:
    assert extract_code(f"{fenced(CODE)}\n{behind}").code == CODE


@pytest.mark.parametrize("shape", STREAMED)
def test_the_program_is_found_in_what_was_handed_on_as(shape: str) -> None:
    assert extract_code(STREAMED[shape]).code == CODE


BOTH = CODE + OTHER[OTHER.index("\n\nclass") :]


@pytest.mark.parametrize(
    ("words", "code"),
    [
        ("I recommend running `Cross`; `Other` is for comparison.", CODE),
        ("I recommend `Other`.", BOTH),
        ("Use `Cross` if you want fewer trades.", BOTH),
        ("Two strategies.", BOTH),
    ],
)
def test_of_two_strategies_of_one_program_the_one_is_run_that_the_words_advise(words: str, code: str) -> None:
    assert extract_code(f"{fenced(BOTH)}\n{words}").code == code


def test_of_two_answers_the_better_one_by_its_own_words_counts() -> None:
    answer = f"Response A:\n{fenced(CODE)}\nResponse B:\n{fenced(OTHER)}\nResponse A is better because it is slower."
    assert extract_code(answer).code == CODE
