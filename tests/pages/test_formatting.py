"""Every state, stage and name that can appear on a screen has its words, and foreign text stays text."""

from enum import StrEnum

import pytest

from core.domain.backtest import Verdict
from core.domain.run import Status
from core.domain.workflow import Measure, Operator, Section
from pages.components import formatting, workflow_cells, workflow_rows, workflow_state

TABLES: tuple[tuple[type[StrEnum], dict[StrEnum, str]], ...] = (
    (Status, formatting.STATUS_ICON),  # type: ignore[arg-type]
    (Status, formatting.STATUS_COLOR),  # type: ignore[arg-type]
    (Verdict, formatting.VERDICT_COLOR),  # type: ignore[arg-type]
    (Operator, workflow_cells.OPERATOR),  # type: ignore[arg-type]
    (Measure, workflow_cells.MEASURE),  # type: ignore[arg-type]
    (Section, workflow_state.TITLES),  # type: ignore[arg-type]
    (Section, workflow_rows.ABOUT),  # type: ignore[arg-type]
)


@pytest.mark.parametrize(("names", "table"), TABLES)
def test_every_member_has_its_words(names: type[StrEnum], table: dict[StrEnum, str]) -> None:
    assert set(table) == set(names)


@pytest.mark.parametrize("text", ["**bold**", "[x](http://evil)", ":red[alarm]", "`code`", "$x^2$", "<b>", "# title", "~~gone~~"])
def test_escaped_text_keeps_every_sign_behind_a_backslash(text: str) -> None:
    escaped = formatting.escape(text)
    assert escaped.replace("\\", "").replace("\u2060", "") == text, "a word joiner keeps an address from becoming a link"
    assert all(escaped[place - 1] == "\\" for place, sign in enumerate(escaped) if sign in "*[](){}`$<>#~")


def test_an_icon_code_in_foreign_text_does_not_become_an_icon() -> None:
    assert ":material/delete:" not in formatting.escape(":material/delete:").replace("\\", "")
