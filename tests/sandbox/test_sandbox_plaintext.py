"""Whatever a strategy prints, what is shown is letters."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.sandbox.plaintext import CUT, sanitize

CASES = {
    "\x1b[31mred\x1b[0m": "red",
    "\x1b]0;title\x07after": "after",
    "\x1b]8;;http://example.org\x1b\\link\x1b]8;;\x1b\\": "link",
    "\x9b2Jgone": "gone",
    "a\x08b\x00c\x7fd": "abcd",
    "one\r\ntwo\rthree": "one\ntwo\nthree",
    "\u202eevil\u2066x\u200b\ufeff": "evilx",
    "tab\tstays\nline stays": "tab\tstays\nline stays",
    "# not <b>markup</b> ![x](y)": "# not <b>markup</b> ![x](y)",
    "żółw 龜 🐢": "żółw 龜 🐢",
    "\x1b]0;never closed": "",
}


@pytest.mark.parametrize(("text", "shown"), CASES.items(), ids=range(len(CASES)))
def test_control_sequences_are_taken_out_and_text_stays(text: str, shown: str) -> None:
    assert sanitize(text, 100) == shown


def test_long_text_is_cut_and_says_so() -> None:
    shown = sanitize("x" * 10**6, 1_000)
    assert len(shown) == 1_000
    assert shown.endswith(CUT)


@given(st.text(alphabet=st.characters(codec=None), max_size=300))
def test_nothing_that_moves_or_hides_is_left(text: str) -> None:
    shown = sanitize(text, 200)
    assert len(shown) <= 200
    assert all(letter.isprintable() or letter in "\n\t" or letter.isspace() for letter in shown)
