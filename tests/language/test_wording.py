"""Other words for the same: what they become, and that the places of phrases lead back into the text as it was written."""

import pytest

from core.language import propose_workflow
from core.language.phrases.wording import write_plainly

SAID = (
    ("All of it is sold when px x-dn the 20 days average", "exit when price crosses below the 20-day average"),
    ("L: hist > 0. S: hist < 0", "long: histogram > 0. short: histogram < 0"),
    ("sell when price go under it", "sell when price goes under it"),
    ("z = close / sma(20). a = z - 1. Buy when a < -0.1", "¤. ¤. Buy when ((close / sma(20)) - 1) < -0.1"),
    ("edge = my secret sauce. Buy when edge > 3", "edge = my secret sauce. Buy when ~ > 3"),
    ("If the first candle is red, short the break of its low", "If the first candle is red, short the break of the first candle's low"),
    ("Buy a hammer. Stop at its low", "Buy a hammer. Stop at its low"),
)


@pytest.mark.parametrize(("text", "told"), SAID)
def test_words_become_those_of_the_phrases(text: str, told: str) -> None:
    assert write_plainly(text).text == told


def test_the_words_of_a_row_are_those_that_were_written() -> None:
    proposal = propose_workflow("Buy when px > 20 days average. All of it is sold when px x-dn 10 days low. Stop lost 3%.")

    assert [each.words for each in proposal.rows if each.words] == ["px > 20 days average", "px x-dn 10 days low", "Stop lost 3%"]
    assert proposal.unread == ()
