"""What the studies of a run came to, in words."""

import pytest

from core.domain.run import Objective
from core.domain.study import ConformityDrift, ConformityPoint, Studies
from core.report.study_words import list_study_statements

POINTS = tuple(ConformityPoint(number=number, share=share) for number, share in ((0, 1.0), (1, 0.9), (2, 0.1)))


@pytest.mark.parametrize(
    ("drift", "figure", "where"),
    [(0.0, "100%", "in the winner"), (-0.1, "90%", "in the winner"), (None, "10%", "in iteration 2, the last")],
)
def test_agreement_is_that_of_the_winner_and_not_of_whatever_came_last(drift: float | None, figure: str, where: str) -> None:
    (said,) = list_study_statements(Studies(conformity=ConformityDrift(points=POINTS, drift=drift)), Objective.SHARPE)
    assert (said.name, said.figure, where in said.meaning) == ("Agreement", figure, True)


@pytest.mark.parametrize(
    ("drift", "said"), [(-0.9, "90 percentage points less of that than iteration 0"), (0.1, "10 percentage points more")]
)
def test_the_distance_of_the_winner_from_the_workflow_is_told_by_its_direction(drift: float, said: str) -> None:
    points = tuple(point.changed(share=0.9) if point.number == 0 else point for point in POINTS)
    (statement,) = list_study_statements(Studies(conformity=ConformityDrift(points=points, drift=drift)), Objective.SHARPE)

    assert said in statement.meaning
