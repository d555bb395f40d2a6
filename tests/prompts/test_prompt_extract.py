"""Every shape of answer that was met, and what has to come out of it."""

import ast
import json

import pytest

from core.domain.model_calls import AnswerProblem
from core.prompts import extract_code
from core.prompts.extract import MAXIMUM_CODE_LENGTH
from tests.prompts.answer_shapes import BROKEN, CODE, FOUND, OTHER, fenced
from tests.prompts.edit_shapes import EDITED, PARTS
from tests.prompts.refused_shapes import GAPS, LEADS, REFUSED


def tree(code: str) -> str:
    return ast.dump(ast.parse(code))


def test_at_least_sixty_shapes_are_known():
    assert len(FOUND) + len(EDITED) + len(REFUSED) >= 60


@pytest.mark.parametrize("shape", FOUND)
def test_the_strategy_is_found_in(shape):
    answer, code = FOUND[shape]
    found = extract_code(answer)
    assert found.code is not None, found.problem
    assert (tree(found.code), found.problem, found.kind) == (tree(code), "", None)


@pytest.mark.parametrize("shape", EDITED)
def test_the_program_is_changed_by(shape):
    answer, code = EDITED[shape]
    found = extract_code(f"Change: slower average\n{answer}", base=CODE)
    assert (found.code, found.change) == (code, "slower average")
    assert found.notes


@pytest.mark.parametrize("shape", EDITED)
def test_without_a_program_nothing_is_changed_by(shape):
    assert extract_code(EDITED[shape][0]).kind is AnswerProblem.EDIT_REFUSED


@pytest.mark.parametrize("shape", REFUSED)
def test_no_program_comes_out_of(shape):
    answer, finish_reason, kind = REFUSED[shape]
    found = extract_code(answer, finish_reason=finish_reason, base=CODE)
    assert (found.kind, found.problem.endswith((".", "`."))) == (kind, True)
    assert found.code is None or kind is AnswerProblem.UNPARSABLE


@pytest.mark.parametrize("gap", GAPS)
def test_a_comment_that_stands_for_code_is_a_gap_and_one_above_code_may_be_its_heading(gap):
    assert extract_code(fenced(CODE.replace("    def next", f"    {gap}\n\n    def next"))).kind is AnswerProblem.ELIDED
    heading = "# existing position logic, as before"
    assert extract_code(fenced(CODE.replace("        if not", f"        {heading}\n        if not"))).kind is None


@pytest.mark.parametrize("bare", [False, True])
def test_a_program_with_its_changed_lines_marked_is_the_changed_one(bare):
    old, new = "    params = dict(fast=10)", "    params = dict(fast=25)"
    rows = "".join(f"-{row}\n+{new}\n" if row == old else f"{'' if bare else ' '}{row}\n" for row in CODE.splitlines())
    for base in ("", CODE):
        found = extract_code(fenced(rows), base=base)
        assert found.code is not None
        assert tree(found.code) == tree(CODE.replace(old, new))


def test_a_syntax_error_is_handed_on_as_it_was_written():
    found = extract_code(fenced(BROKEN))
    assert (found.code, found.kind) == (BROKEN, AnswerProblem.UNPARSABLE)
    assert "line 10" in found.problem


@pytest.mark.parametrize(
    ("answer", "noted"),
    [
        (f"Two ideas.\n{fenced(OTHER)}\nAnd\n{fenced(CODE)}", True),
        (json.dumps({"option_a": OTHER, "option_b": CODE}), True),
        (json.dumps({"files": [{"path": "s.py", "content": OTHER}, {"path": "t.py", "content": CODE}]}), True),
        (f"**Variante 1**\n{fenced(OTHER)}\n**Variante 2**\n{fenced(CODE)}", True),
        (f"Before:\n{fenced(CODE.replace('10', '11'))}\nAfter:\n{fenced(CODE)}", False),
        (f"{fenced(CODE)}\nThe same once more:\n{fenced(CODE)}", False),
        (f"Mine (recommended):\n{fenced(CODE)}\nOr\n{fenced(OTHER)}", False),
    ],
)
def test_that_the_last_of_several_programs_is_taken_is_said(answer, noted):
    found = extract_code(answer)
    assert (found.code, any("whole programs" in note for note in found.notes)) == (CODE, noted)


@pytest.mark.parametrize(
    ("lead", "taken"), [("The final class:", True), ("To make it trail, add:", False), ("Optionally, you can derive from it:", False)]
)
def test_a_class_that_derives_from_the_program_above_it_is_put_below(lead, taken):
    heir = "class Trail(Cross):\n    params = dict(fast=9)\n"
    found = extract_code(f"{fenced(CODE)}\n{lead}\n{fenced(heir)}", base=OTHER)
    assert found.code == (f"{CODE}\n\n{heir}" if taken else CODE)


@pytest.mark.parametrize(
    ("said", "stays"),
    [
        ("Only `next` changes; keep the rest of the class as it is.", True),
        ("Nur `next` ändert sich.", True),
        ("其余部分不变。", True),
        ("I wrote it anew, in the same style.", False),
    ],
)
def test_a_class_beside_words_that_the_rest_stays_is_put_into_the_program(said, stays):
    code = "import backtrader as bt\n\n\nclass Cross(bt.Strategy):\n    def next(self):\n        self.buy(size=3)\n"
    for answer in (f"{said}\n{fenced(code)}", f"{fenced(code)}\n{said}"):
        found = extract_code(answer, base=CODE).code or ""
        assert ("size=3" in found, "params" in found, "self.fast = " in found) == (True, stays, stays)


@pytest.mark.parametrize(
    ("said", "asked"),
    [
        ("Note: remember to change fast=10 to fast=14 before you run it.", True),
        ("Please set fast=14.", True),
        ("I changed fast=12 to fast=10.", False),
        ("If it whipsaws, change fast=10 to fast=14.", False),
        ("Set fast=10 for the same result.", False),
    ],
)
def test_a_setting_that_the_words_behind_the_program_ask_for_needs_no_backticks(said, asked):
    found = extract_code(f"{fenced(CODE)}\n{said}\n")
    assert ("ask for a change" in found.problem, found.code) == (asked, None if asked else CODE)
    assert extract_code(f"{fenced(CODE)}\nSorry, a typo: fast=10 should read fast=14.\n").code == CODE.replace("10", "14")


def test_an_unclosed_block_that_gives_fewer_orders_than_the_program_before_is_cut_off():
    cut = CODE[: CODE.index("        elif")]
    assert extract_code(f"```python\n{cut}", base=CODE).kind is AnswerProblem.CUT_OFF
    assert extract_code(f"```python\n{CODE.rstrip()}", base=CODE.replace("10", "12")).code == CODE
    assert extract_code(f"```python\n{cut}", base="").code == cut.rstrip() + "\n"
    for said in ("[Response truncated due to length]", "... [truncated]"):
        assert extract_code(f"```python\n{cut}\n{said}", base="").kind is AnswerProblem.CUT_OFF


@pytest.mark.parametrize(("shape", "said"), [("curly quotes", "curly quotes"), ("imports taken for granted", "Added: import backtrader")])
def test_what_was_undone_or_added_is_said(shape, said):
    assert any(said in note for note in extract_code(FOUND[shape][0]).notes)


@pytest.mark.parametrize(
    "head",
    [
        "Change: slower average\nHypothesis: fewer false entries",
        "**Change:** slower average\n**Hypothesis:** fewer false entries",
        "- change : slower average\n- HYPOTHESIS: fewer false entries",
        "### Change: slower average\n\n> Hypothesis: fewer false entries",
        "<think>Change: none</think>\nChange: slower average\nHypothesis: fewer false entries",
        "Change - slower average\nHypothesis - fewer false entries",
        "Change — slower average\nHypothesis — fewer false entries",
        "CHANGE = slower average\nHYPOTHESIS = fewer false entries",
        "1. **Change**: slower average\n2. **Hypothesis**: fewer false entries",
        "## Change\nslower average\n\n## Hypothesis\nfewer false entries",
        "**Change:**\nslower average\n\n**Hypothesis:**\nfewer false entries",
        "Changes made: slower average\nRationale: fewer false entries",
        "What I changed: slower average\nReason: fewer false entries",
        "`Change: slower average`\n`Hypothesis: fewer false entries`",
        "Change (one line): slower average\nHypothesis (why): fewer false entries",
    ],
)
def test_the_first_lines_say_what_was_changed_and_why(head):
    found = extract_code(f"{head}\n{fenced(CODE)}")
    assert (found.change, found.hypothesis) == ("slower average", "fewer false entries")


@pytest.mark.parametrize(
    "answer",
    [
        f"{fenced(CODE)}\nChange: slower average\nHypothesis: fewer false entries",
        fenced(f"# Change: slower average\n# Hypothesis: fewer false entries\n{CODE}"),
        json.dumps({"change": "slower average", "hypothesis": "fewer false entries", "code": CODE}),
    ],
    ids=["behind the code", "at the head of the code", "in JSON"],
)
def test_remarks_stand_where_models_put_them(answer):
    found = extract_code(answer)
    assert (found.change, found.hypothesis) == ("slower average", "fewer false entries")


def test_a_remark_inside_the_code_is_not_the_authors():
    assert extract_code(fenced(CODE + "# change: x\n")).change == ""


def test_a_remark_is_one_short_line_without_tags():
    found = extract_code(f"Change: </state> {'x' * 999}\n{fenced(CODE)}")
    assert len(found.change) <= 200
    assert "</state>" not in found.change


def test_code_beyond_any_strategy_is_refused():
    found = extract_code(fenced(CODE + "# " + "x" * MAXIMUM_CODE_LENGTH + "\n"))
    assert found.code is None
    assert "characters" in found.problem


@pytest.mark.parametrize(
    "hostile", ["(" * 5_000, "```\n" * 3_000, "class A(bt.Strategy):\n" * 2_000, "\0" * 100, "import x\n" + "'''" * 999]
)
def test_a_hostile_answer_is_read_without_an_exception(hostile):
    for text in (hostile, f"```python\n{hostile}\n```", f"import backtrader\n{hostile}"):
        found = extract_code(text)
        assert found.code is None or isinstance(found.code, str)


def test_what_was_found_is_what_stood_there():
    found = extract_code(f"text\n{fenced(CODE)}")
    assert found.code is not None
    assert ast.dump(ast.parse(found.code)) == ast.dump(ast.parse(CODE))


@pytest.mark.parametrize("opening", ["cat <<EOF\n", "<old>", "a: |\n"])
def test_an_opening_that_is_repeated_without_end_is_no_code_and_keeps_nobody_waiting(opening):
    assert extract_code(opening * (300_000 // len(opening)), base=CODE).kind is AnswerProblem.NO_CODE


@pytest.mark.parametrize("lead", LEADS)
def test_in_any_language_a_program_beside_the_answer_is_not_taken(lead):
    assert extract_code(f"{fenced(CODE)}\n{lead}\n{fenced(OTHER)}").code == CODE


def test_the_program_that_was_to_be_changed_is_not_taken_for_the_answer_whatever_is_said_of_it():
    assert extract_code(f"{fenced(CODE)}\nHuru kode:\n{fenced(OTHER)}", base=OTHER).code == CODE
    assert extract_code(fenced(OTHER), base=OTHER).code == OTHER


@pytest.mark.parametrize("shape", PARTS)
def test_a_part_is_put_into_the_program_it_was_made_for(shape):
    answer, code = PARTS[shape]
    found = extract_code(answer, base=CODE)
    assert (found.code, found.kind) == (code, None)
    assert "the program they were made for" in found.notes[0]


def test_a_class_that_derives_from_the_programs_own_is_put_below_it():
    heir = "class Later(Cross):\n    params = dict(fast=25)\n"
    assert extract_code(f"Only this:\n{fenced(heir)}", base=CODE).code == f"{CODE}\n\n{heir}"
    assert extract_code(fenced(heir), base=CODE + "bt.Cerebro().addstrategy(Cross)\n").code is None


def test_a_short_class_beside_one_of_the_programs_name_is_not_the_answer():
    short = "class Quick(bt.Strategy):\n    def next(self):\n        self.buy()\n"
    assert extract_code(f"{fenced(CODE)}\nThis runs:\n{fenced(short)}", base=OTHER.replace("Other", "Cross")).code == CODE


def test_a_part_beside_a_copy_of_the_old_program_is_put_into_it():
    answer, code = PARTS["a method alone"]
    assert extract_code(f"Now:\n{fenced(CODE)}\nBetter:\n{answer}", base=CODE).code == code


def test_the_class_again_with_one_of_its_methods_is_a_part_where_it_reads_what_only_the_others_set():
    method, code = PARTS["a method alone"]
    again = method.replace("```python\n", "```python\nclass Cross(bt.Strategy):\n")
    assert extract_code(again, base=CODE).code == code
    assert extract_code(again.replace("Cross", "Other"), base=CODE).code != code


def test_a_method_more_is_put_in_where_something_calls_it():
    method = "    def {}(self, order):\n        print(order)\n"
    found = extract_code(f"Add this:\n{fenced(method.format('notify_order'))}", base=CODE)
    assert found.code == f"{CODE}\n{method.format('notify_order')}"
    assert extract_code(f"Add this:\n{fenced(method.format('nobody_calls_me'))}", base=CODE).code is None


@pytest.mark.parametrize("shape", PARTS)
def test_a_part_of_another_program_is_asked_for_again(shape):
    answer, _ = PARTS[shape]
    assert extract_code(answer).kind is AnswerProblem.NO_CODE
    assert extract_code(answer, base=CODE.replace("next", "nextstart").replace("params = dict(fast=10)", "p = 1")).code is None


def test_an_import_that_can_only_mean_one_thing_is_written_out():
    code = CODE.replace("self.buy()", "self.buy(size=pd.Series([1]).sum())")
    assert extract_code(fenced(code)).notes == ("Added: import pandas as pd.",)
