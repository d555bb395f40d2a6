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
def test_every_starter_takes_other_numbers(file: Path) -> None:
    written = language.parse(file.read_bytes())
    free = language.parameters(written)
    wanted = {each.name: each.low if each.low not in (each.default, 1.0) else each.high for each in free}  # a factor of 1 is none

    changed, missing = language.write_numbers(written, wanted)

    now = {each.name: each.default for each in language.parameters(changed)}
    assert missing == ()
    assert now == pytest.approx(wanted)


@pytest.mark.parametrize(
    ("indicator", "name", "value", "expected"),
    [
        ("rsi", "rsi_period", 9.0, "rsi(9)"),
        ("rsi(close)", "rsi_period", 9.0, "rsi(close, 9)"),
        ("macd.signal", "macd_slow", 30.0, "macd(12, 30).signal"),
        ("stoch(14, 3).k", "stoch_smooth", 5.0, "stoch(14, 3, 5).k"),
    ],
)
def test_a_number_that_the_table_leaves_to_its_usual_value_is_written_out(indicator: str, name: str, value: float, expected: str) -> None:
    rows = [
        Row(id=row, section=section, indicators=("close", indicator), operator=Operator.ABOVE)
        for row, section in (("r1", Section.ENTRY_LONG), ("r2", Section.EXIT_LONG))
    ]

    changed, missing = language.write_numbers(workflow(*rows), {name: value})

    assert missing == ()
    assert [row.indicators for row in changed.rows] == [("close", expected)] * 2


def test_a_distance_in_average_ranges_gets_the_cell_of_its_period() -> None:
    stop = Row(id="r2", section=Section.RISK, indicators=("trailing_stop",), operator=Measure.ATR, thresholds=("4",))

    changed, missing = language.write_numbers(workflow(cross("r1", Section.ENTRY_LONG), stop), {"trailing_stop_atr_period": 20.0})

    assert missing == ()
    assert changed.rows[1].thresholds == ("4", "20")


@pytest.mark.parametrize(("value", "written"), [(1.0, "1"), (0.5, "0.5"), (100.0, "100")])
def test_a_factor_that_is_no_free_number_any_more_is_written_too(value: float, written: str) -> None:
    told = workflow(
        Row(
            id="r1",
            section=Section.ENTRY_LONG,
            indicators=("low * 1.02 > 2.5 * close[1] and high > 1.02 * close[2]",),
            operator=Operator.IS_TRUE,
        ),
    )
    names = [each.name for each in language.parameters(told)]
    assert len(names) == 3

    changed, missing = language.write_numbers(told, dict.fromkeys(names, value))

    assert missing == ()
    assert changed.rows[0].indicators == (f"low * {written} > {written} * close[1] and high > {written} * close[2]",)
