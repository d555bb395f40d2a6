"""The page of assumptions names tests that exist."""

import re
from pathlib import Path

HERE = Path(__file__).parent


def test_every_rule_of_the_page_is_proved_by_a_test_of_this_room() -> None:
    page = (HERE.parents[1] / "docs" / "engine.md").read_text(encoding="utf-8")
    named = set(re.findall(r"`(test_\w+)`", page))
    known = {name for path in HERE.glob("test_*.py") for name in re.findall(r"^def (test_\w+)", path.read_text(encoding="utf-8"), re.M)}
    assert len(named) > 10
    assert named <= known
