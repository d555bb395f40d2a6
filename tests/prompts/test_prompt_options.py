"""Options of an answer, requests behind its program, and dots in the place of a value: read as they are meant, or asked about."""

import json

import pytest

from core.domain.model_calls import AnswerProblem
from core.prompts.answer_options import choose_option
from core.prompts.extract import extract_code
from tests.prompts.answer_shapes import CHANGED, CODE, INDICATOR, NEXT, OTHER, SEARCH, USES_MID, fenced

SIZE = SEARCH.replace("    params = dict(fast=10)", "            self.buy()").replace(
    "    params = dict(fast=25)", "            self.buy(size=2)"
)
LARGER, SMALLER = (NEXT.replace("self.buy()", f"self.buy(size={size})") for size in (9, 2))


@pytest.mark.parametrize(
    "answer",
    [
        f"Option A:\n\n{SEARCH}\nOption B:\n\n{SIZE}",
        f"**Alternative 1**\n{fenced(SEARCH)}\n**Alternative 2**\n{fenced(SIZE)}",
        f"Faster:\n{fenced(SEARCH)}\nOptionally, also:\n{fenced(SIZE)}",
        f"Either faster:\n{fenced(SEARCH)}\nor larger:\n{fenced(SIZE)}",
        f"First:\n{fenced(LARGER)}\nOr this one:\n{fenced(SMALLER)}",
    ],
)
def test_of_several_ways_to_change_the_program_none_is_taken_without_advice(answer: str) -> None:
    assert extract_code(answer, base=CODE).code is None


def test_the_way_that_is_advised_is_taken() -> None:
    answer = f"Option A (recommended):\n\n{SEARCH}\nOption B:\n\n{SIZE}"
    assert extract_code(answer, base=CODE).code == CHANGED
    assert extract_code(f"Option A:\n\n{SIZE}\nOption B:\n\n{SEARCH}\nI recommend option B.", base=CODE).code == CHANGED
    methods = f"Mine (recommended):\n{fenced(LARGER)}\nOr:\n{fenced(SMALLER)}"
    assert extract_code(methods, base=CODE).code == CODE.replace(NEXT, LARGER)
    again = f"Now:\n{fenced(LARGER)}\nOops, too much:\n{fenced(SMALLER)}"
    assert extract_code(again, base=CODE).code == CODE.replace(NEXT, SMALLER)


def test_edits_in_steps_are_no_options() -> None:
    answer = f"Step 1:\n\n{SEARCH}\nStep 2:\n\n{SIZE}"
    assert choose_option(answer) == (answer, "")
    assert extract_code(answer, base=CODE).code == CHANGED.replace("self.buy()", "self.buy(size=2)")


def test_edits_under_a_key_that_names_alternatives_are_left_out() -> None:
    edits = {"edits": [{"search": "fast=10", "replace": "fast=25"}], "alternatives": [{"search": "self.buy()", "replace": "self.sell()"}]}
    assert extract_code(json.dumps(edits), base=CODE).code == CHANGED


@pytest.mark.parametrize(
    "behind",
    [
        "Sorry, `fast` should be 12, not 10.",
        "P.S. please set `fast=12` before running.",
        "Fix: the entry in `next` must be `<` rather than `>`.",
        "Delete the line `self.close()`; it is left over.",
        "Change `fast` to 12.",
        "On reflection, use `fast=12`, which is what the table says.",
        "Correction: `fast=12`.",
        "Please change fast to 12.",
        "Replace `self.buy()` with `self.sell()`.",
        "The entry should use `self.data.low[0]` instead of `self.data.close[0]`.",
        "One more thing: `fast=10` is not what was asked for. Please adjust.",
    ],
)
def test_a_request_behind_the_program_that_is_not_in_it_is_asked_about(behind: str) -> None:
    found = extract_code(f"{fenced(CODE)}\n{behind}")
    assert (found.code, found.kind) == (None, AnswerProblem.EDIT_REFUSED)
    assert behind in found.problem


@pytest.mark.parametrize(
    "behind",
    [
        "`fast` should be smaller than the slow one.",
        "`fast` should be between 5 and 20.",
        "To trade less, set `fast=40`.",
        "Set `fast=10` as it is now.",
        "You can set `fast=12` too.",
        "Use `fast=12` as you like.",
        "Note: use `fast=12` to trade less often.",
        "Edit: `fast=10` is what the table says.",
        "Feel free to change fast to 12.",
        "Ideas:\n- set `fast=12`\n- remove `self.close()`",
        "Set `fast=20` for hourly bars.",
        "- Change `fast=9` to `fast=10`\n- Keep the exit",
        "If your broker rejects that, replace `self.buy()` with `self.sell()`.",
        "Replace `self.buy()` with your own order.",
        "I removed the call of `self.close()` from the entry.",
        "Remember to set `commission=0.001` in your broker.",
        "It must be `self.close()` rather than `self.sell()`.",
    ],
)
def test_advice_and_reports_behind_the_program_ask_for_nothing(behind: str) -> None:
    assert extract_code(f"{fenced(CODE)}\n{behind}").code == CODE


def test_a_method_to_use_instead_is_put_in() -> None:
    answer = f"{fenced(CODE)}\nHmm, one unit is little. Use this `next` instead:\n{fenced(LARGER)}"
    assert extract_code(answer).code == CODE.replace(NEXT, LARGER)
    assert extract_code(answer.replace("Use this", "To trade more, use this")).code == CODE


def test_an_arrow_in_a_correction_is_a_change() -> None:
    assert extract_code(f"{fenced(CODE)}\n(Typo above: `fast=10` → `fast=25`.)").code == CHANGED


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("dict(fast=10)", "(('fast', 10), ...)"),
        ("if not self.position", "if ... and not self.position"),
        ("self.buy()", "self.buy(size=...)"),
        ("int(self.p.fast)", "..."),
        ("            self.close()\n", "            self.close()\n        else:\n            ...\n"),
    ],
)
def test_dots_in_the_place_of_a_value_are_a_gap(old: str, new: str) -> None:
    assert extract_code(fenced(CODE.replace(old, new))).kind is AnswerProblem.ELIDED


@pytest.mark.parametrize(
    "above",
    [
        "class Wrong(Exception): ...",
        "class Rule(ABC):\n    @abstractmethod\n    def met(self): ...",
        "class Rule(Protocol):\n    def met(self) -> bool: ...",
        "Rule = tuple[float, ...]",
        "def rule(given=...):\n    return given is ...",
    ],
)
def test_dots_that_mean_something_by_themselves_are_none(above: str) -> None:
    code = CODE.replace("\n\n\n", f"\nfrom abc import ABC, abstractmethod\nfrom typing import Protocol\n\n\n{above}\n\n\n")
    assert extract_code(fenced(code)).code == code


def test_what_is_handed_in_within_tags_counts_before_programs_beside_them() -> None:
    assert extract_code(f"<answer>\n{fenced(CODE)}</answer>\n\nNext time:\n{fenced(OTHER)}").code == CODE
    assert extract_code(f"{fenced(OTHER)}<final_answer>\n{fenced(CODE)}</final_answer>").code == CODE


def test_parts_of_a_program_under_several_keys_are_put_together() -> None:
    found = extract_code(json.dumps({"indicator": INDICATOR, "strategy": USES_MID}))
    assert found.code is not None
    assert INDICATOR.strip() in found.code


def test_an_edit_that_a_tool_makes_behind_the_file_that_it_made_is_put_into_it() -> None:
    made = f'<invoke name="create">\n<parameter name="file_text">{CODE}</parameter>\n</invoke>\n'
    edit = '<parameter name="old_str">fast=10</parameter>\n<parameter name="new_str">fast=25</parameter>\n'
    assert extract_code(f"{made}Slower:\n<invoke>\n{edit}</invoke>").code == CHANGED


def test_entities_are_undone_in_what_is_python_by_chance() -> None:
    code = CODE.replace("        if not", "        up = self.data.close[0] > self.fast[0]\n        if not")
    assert extract_code(fenced(code.replace("up = self.data.close[0] >", "up = self.data.close[0] &gt;"))).code == code
