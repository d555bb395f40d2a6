"""The family of a run."""

from datetime import UTC, datetime

from core.domain.backtest import OutcomeStatus, Stage
from core.domain.iteration import Iteration
from pages.components.genealogy import render_family_dot, trace_descent


def born(number: int, parent: int | None, score: float | None) -> Iteration:
    """An iteration with nothing but its place in the family."""
    return Iteration(
        run_id="r",
        number=number,
        parent=parent,
        status=OutcomeStatus.OK,
        stage=Stage.DONE,
        model="x",
        score=score,
        created=datetime.now(UTC),
    )


FAMILY = (born(0, None, 1.0), born(1, 0, 1.2), born(2, 1, None), born(3, 1, 1.5))


def test_the_line_of_descent_goes_back_to_the_first() -> None:
    assert trace_descent(FAMILY, 3) == (3, 1, 0)
    assert trace_descent(FAMILY, None) == ()
    assert trace_descent((*FAMILY, born(4, 4, None)), 4) == (4,)  # a circle ends


def test_the_picture_marks_the_line_of_the_best_and_what_has_no_score() -> None:
    dot = render_family_dot(FAMILY, best=3)
    assert 'i1 -> i3 [color="#3f70ea"' in dot
    assert "i1 -> i2;" in dot
    assert "dashed" in next(line for line in dot.splitlines() if line.startswith("  i2 ["))
