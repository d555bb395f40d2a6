"""The numbers of a winner go into the cells of the workflow: those that were meant, and no other."""

from pathlib import Path

import pytest

from core import language
from core.domain.workflow import Measure, Operator, Row, Section, Workflow

FOLDER = Path(__file__).resolve().parents[2] / "data" / "workflows"


def workflow(*rows: Row) -> Workflow:
    return Workflow(name="w", rows=rows)


def cross(row: str, section: Section) -> Row:
    return Row(id=row, section=section, indicators=("sma(20)", "sma(50)"), operator=Operator.CROSSES_ABOVE)


def test_one_number_stands_in_every_row_that_names_the_same_indicator() -> None:
    written = workflow(
        cross("r1", Section.ENTRY_LONG),
        cross("r2", Section.EXIT_LONG),
        Row(id="r3", section=Section.SIZING, indicators=("position_size",), operator=Measure.PERCENT, thresholds=("20",)),
    )

    changed, missing = language.write_numbers(written, {"sma_fast": 12.0, "sma_slow": 61.0})

    assert missing == ()
    assert [row.indicators for row in changed.rows[:2]] == [("sma(12)", "sma(61)")] * 2
    assert changed.rows[2].thresholds == ("20",), "an equal number of another meaning stays"


def test_values_as_they_stand_and_unknown_names_change_nothing() -> None:
    written = workflow(cross("r1", Section.ENTRY_LONG))

    assert language.write_numbers(written, {"sma_fast": 20.0, "unknown": 3.0}) == (written, ())


@pytest.mark.parametrize("file", sorted(FOLDER.glob("*.json")), ids=lambda file: file.stem)
def test_every_starter_takes_other_numbers_or_names_those_it_cannot_write(file: Path) -> None:
    written = language.parse(file.read_bytes())
    wanted = {each.name: each.low if each.default != each.low else each.high for each in language.parameters(written)}

    changed, missing = language.write_numbers(written, wanted)

    now = {each.name: each.default for each in language.parameters(changed)}
    assert {name: now[name] for name in wanted if name not in missing} == pytest.approx(
        {name: wanted[name] for name in wanted if name not in missing}
    )
    assert len(missing) <= 3
