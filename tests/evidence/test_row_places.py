"""Where a program names the rows of its workflow."""

import pytest

from core.domain.workflow import Operator, Row, Section, Workflow
from core.evidence import find_row_places

ROWS = (
    Row(id="r1", section=Section.ENTRY_LONG, indicators=("close",), operator=Operator.ABOVE, thresholds=("1",)),
    Row(id="r11", section=Section.EXIT_LONG, indicators=("close",), operator=Operator.BELOW, thresholds=("1",)),
    Row(id="off", section=Section.EXIT_LONG, enabled=False, indicators=("close",), operator=Operator.BELOW, thresholds=("1",)),
)
WORKFLOW = Workflow(name="two rows", rows=ROWS)
CODE = """params = dict(level=1)  # r1
# r1 (entry_long): Buy above 1.
r1 = self.data.close[0] > 1
"""


def test_a_row_is_on_every_line_that_names_it_and_mainly_where_it_is_told() -> None:
    first, _ = find_row_places(WORKFLOW, CODE)
    assert (first.row.id, first.lines, first.main) == ("r1", (1, 2, 3), 2)


def test_a_row_that_no_line_names_has_no_place() -> None:
    _, second = find_row_places(WORKFLOW, CODE)
    assert (second.row.id, second.lines, second.main) == ("r11", (), None)


def test_switched_off_rows_are_not_looked_for() -> None:
    assert "off" not in {place.row.id for place in find_row_places(WORKFLOW, CODE + "# off: sell\n")}


@pytest.mark.parametrize("code", ["", "x = 1", "r12 = 0\nfor1r1 = 2\nr1_ = 3"])
def test_a_program_that_names_no_row_was_written_without_them(code: str) -> None:
    assert find_row_places(WORKFLOW, code) == ()


@pytest.mark.parametrize("line", ["# Row r11: Sell below 1.", "        # r11 - sell", "#r11 (exit_long): Sell."])
def test_comments_tell_a_row_in_several_ways(line: str) -> None:
    _, second = find_row_places(WORKFLOW, f"r1 = r11 = 0\n{line}\n")
    assert second.main == 2
