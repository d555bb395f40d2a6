"""Who wrote code, and which lines a hand has changed since."""

import pytest

from core.domain.authorship import Authorship, CodeSource, find_edits
from core.report.labels import describe_authorship

CODE = "\n".join(f"line {number}" for number in range(1, 21))


def change(number: int, text: str) -> str:
    lines = CODE.splitlines()
    lines[number - 1] = text
    return "\n".join(lines)


@pytest.mark.parametrize(
    ("after", "words"),
    [
        (CODE, "the model openai/gpt-4o"),
        (CODE.replace("line 3", "line 3  ") + "\n\n", "the model openai/gpt-4o"),
        (change(12, "other\nmore\nand more"), "the model openai/gpt-4o, edited by hand in lines 12 to 14"),
        (change(7, "other"), "the model openai/gpt-4o, edited by hand in line 7"),
        ("\n".join(CODE.splitlines()[2:]), "the model openai/gpt-4o, by hand 2 lines taken out"),
    ],
)
def test_edits_are_told_line_by_line(after: str, words: str) -> None:
    told = CodeSource("openai/gpt-4o", CODE).compare(after)

    assert told is not None
    assert describe_authorship(told) == words


def test_code_of_which_next_to_nothing_is_left_has_another_author() -> None:
    assert CodeSource("openai/gpt-4o", CODE).compare("import backtrader\n" * 30) is None


def test_lines_before_the_code_move_the_numbers() -> None:
    assert find_edits("a\nb", "\n\na\nc") == (((4, 4),), 0)


def test_an_author_is_read_back_from_a_document() -> None:
    told = Authorship(model="m", run_id="r", number=3, edited=((1, 2),))

    assert Authorship.model_validate_json(told.model_dump_json()) == told
