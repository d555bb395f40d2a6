"""Tokens of a text are those of its pieces, however it is taken apart so that what stood in the prompt before is not counted again."""

import re

from hypothesis import given
from hypothesis import strategies as st

from core.prompts.wording import LONG_LINE, _cost, estimate_tokens

PIECES = re.compile(r"[A-Za-z]+|\d{1,3}|\n[ \t]*|[^\sA-Za-z\d]")
TEXTS = st.text(alphabet=" \t\n\r,ab12–é<`·٣\x0c\x85averylongword")


def count_pieces(text: str) -> int:
    return sum(map(_cost, PIECES.findall(text)))


@given(text=TEXTS, times=st.integers(1, 60))
def test_a_text_costs_what_its_pieces_cost_whatever_its_lines(text: str, times: int) -> None:
    for whole in (text, text * times, text.replace("\n", " ") * LONG_LINE):
        assert estimate_tokens(whole) == count_pieces(whole)
