"""Slips of the fingers in a description: mended and said, while words that are words stay."""

import pytest

from core.language import propose_workflow
from core.language.phrases.misspellings import mend_spelling

TEXT = "buy wen rsi croses bellow 30 and pirce abov 200 ema, sel wen rsi croses abov 70"


def test_a_text_with_slips_is_read_and_each_slip_is_said() -> None:
    proposal = propose_workflow(TEXT)

    assert [each.row.indicators[0] for each in proposal.rows if each.words] == [
        "crosses_below(rsi(14), 30)",
        "close > ema(200)",
        "crosses_above(rsi(14), 70)",
    ]
    assert "“pirce” is read as “price”" in proposal.remarks
    assert proposal.unread == ()


@pytest.mark.parametrize(
    "word", ["crossed", "training", "volumes", "closed", "profits", "prime", "signaled", "positions", "averages", "slowest", "stop", "long"]
)
def test_another_word_or_another_form_is_no_slip(word: str) -> None:
    assert mend_spelling(f"the {word} here") == (f"the {word} here", ())


@pytest.mark.parametrize(
    ("word", "meant"), [("avergae", "average"), ("voulme", "volume"), ("treiling", "trailing"), ("bolinger", "bollinger")]
)
def test_one_slip_in_a_longer_word_is_mended(word: str, meant: str) -> None:
    assert mend_spelling(word)[0] == meant
