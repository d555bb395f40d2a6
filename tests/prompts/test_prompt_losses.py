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


@pytest.mark.parametrize(
    "said",
    [
        "print('exit (omitted)')",
        "self.log('exit logic unchanged')",
        'logger.info("same exit rules here")',
        "print('Ausstieg unverändert')",
        "pass  # sell as in the original",
        "pass  # salida igual que antes",
        "return  # exit as before",
    ],
)
def test_a_line_that_only_speaks_of_the_code_that_stood_there_is_a_gap(said: str) -> None:
    changed = BASE.replace("            self.close()\n", f"            {said}\n")
    assert changed != BASE
    assert extract_code(fenced(changed), base=BASE).kind is AnswerProblem.ELIDED


@pytest.mark.parametrize("said", ["pass  # hold until the stop", "pass  # do nothing", "pass  # no exit", "print('out')", "return  # wait"])
def test_a_line_that_does_nothing_on_purpose_is_no_gap(said: str) -> None:
    changed = BASE.replace("            self.close()\n", f"            {said}\n")
    assert extract_code(fenced(changed), base=BASE).code is not None


def test_code_that_was_moved_or_only_tells_is_not_lost() -> None:
    moved = "    def out(self):\n        return self.data.close[0] < self.fast[0]\n\n"
    changed = BASE.replace(EXIT, "        elif self.position and self.out():\n            self.close()\n        # rules\n").replace(
        "    def next", moved + "    def next"
    )
    assert find_loss(changed, BASE) is None
    told = BASE.replace("        if not self.position", "        print(len(self), 1)\n        if not self.position")
    assert find_loss(told.replace("        print(len(self), 1)\n", "        pass  # quiet\n"), told) is None
    assert find_loss(BASE.replace("            self.close()\n", "            # close as before\n            pass\n"), BASE) is not None


def test_a_comment_above_code_that_names_a_method_which_is_gone_is_a_gap() -> None:
    assert find_loss(BASE.replace(f"{METHOD}\n", "    # notify_order stays\n"), BASE) is not None
    assert find_loss(BASE.replace(f"{METHOD}\n", "    # rules\n"), BASE) is None


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (EXIT, "        # the exit was removed: it lost money\n"),
        (EXIT, "        # Ausstieg entfernt\n"),
        (EXIT, "".join(f"        # {line.strip()}\n" for line in EXIT.splitlines())),
        (EXIT, "        # No exit: hold\n"),
        (EXIT, "        # end of rules\n"),
        ("        self.last = order\n", "        pass  # silent\n        self.last = order\n"),
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
    "behind",
    [
        "You can continue to tune it.",
        "Let me know if I should continue in the next message with sizes.",
        "The rest of the rules is as in the workflow.",
        "Next message me the log.",
    ],
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


CLASS = "import math\n\n\nclass Cross(bt.Strategy):\n"
NEXT = "    def next(self):\n        self.buy(size=math.ceil(2.5))\n"


@pytest.mark.parametrize(
    "answer",
    [
        f"{CLASS}    # ... existing code ...\n\n{NEXT}\n    # ... existing code ...\n",
        f"{CLASS}    # params, __init__ and notify_order unchanged\n\n{NEXT}",
        f"{CLASS}    # wie gehabt\n\n{NEXT}",
    ],
)
def test_members_that_a_gap_between_members_stands_for_are_those_of_the_version_before(answer: str) -> None:
    expected = "import math\n" + BASE[: BASE.index("    def next")] + NEXT
    assert extract_code(fenced(answer), base=BASE).code == expected
    assert extract_code(fenced(answer)).code is None


@pytest.mark.parametrize(
    "answer",
    [
        f"{CLASS}    # notify_order unchanged\n\n{NEXT}",
        f"{CLASS}    # ... existing code ...\n\n{NEXT}        # exits as before\n",
        f"{CLASS.replace('Cross', 'Other')}    # ... existing code ...\n\n{NEXT}",
    ],
)
def test_a_gap_that_names_some_members_or_stands_in_one_or_in_another_class_is_asked_about(answer: str) -> None:
    assert extract_code(fenced(answer), base=BASE).kind is AnswerProblem.ELIDED


def test_gaps_around_a_part_are_no_part_of_it() -> None:
    part = "# ... existing code ...\n    params = dict(fast=20)\n# ... existing code ...\n"
    assert extract_code(fenced(part), base=CODE).code == CODE.replace("10", "20")


@pytest.mark.parametrize(
    ("body", "gap"),
    [
        ('"""Kuten ennen."""', True),
        ("pass  # kuten ennen", True),
        ("super().notify_order(order)  # tracking as it was", True),
        ("pass  # removed", False),
        ("pass", False),
    ],
)
def test_a_method_that_does_nothing_now_is_a_gap_where_words_stand_in_it(body: str, gap: bool) -> None:
    found = extract_code(fenced(BASE.replace("self.last = order", body)), base=BASE)
    assert (found.kind is AnswerProblem.ELIDED) is gap
    assert find_loss(BASE.replace("self.last = order", body), BASE.replace("self.last = order", "pass")) is None


@pytest.mark.parametrize("head", ["# --- previous version, for reference ---", "# Vergleich"])
def test_the_old_class_below_the_new_one_in_its_block_is_left_out(head: str) -> None:
    new, old = CODE.replace("10", "20"), CODE[CODE.index("class") :]
    assert extract_code(fenced(f"{new}\n\n{head}\n{old}"), base=CODE).code == f"{new}\n\n{head}\n"
    assert extract_code(fenced(f"{CODE}\n\n# improved\n{new[new.index('class') :]}"), base=CODE).code != CODE


def test_a_method_that_takes_back_what_stood_before_is_put_in() -> None:
    again = "    def next(self):\n        self.buy(size=3)\n"
    found = extract_code(f"{fenced(CODE)}\nActually, simpler:\n{fenced(again)}")
    assert found.code == CODE[: CODE.index("    def next")] + again


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("            self.close()\n", "            raise NotImplementedError\n"),
        ("        self.last = order\n", "        self.last = None  # unchanged\n"),
        (EXIT, "        else:\n            self._leave()  # as before\n"),
    ],
)
def test_a_statement_that_only_stands_for_code_is_a_gap(old: str, new: str) -> None:
    changed = BASE.replace(old, new)
    assert find_loss(changed, BASE) is not None
    assert find_loss(changed, changed) is None


def test_a_method_that_another_class_of_the_program_fills_may_fail() -> None:
    above = "class Rules(bt.Strategy):\n    def leaves(self):\n        raise NotImplementedError\n\n\n"
    changed = BASE.replace("class Cross(bt.Strategy):\n", f"{above}class Cross(Rules):\n    def leaves(self):\n        return False\n\n")
    assert find_loss(changed, BASE) is None
