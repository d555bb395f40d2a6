"""What a terminal says of a sweep."""

import pytest

from core.cli.sweeps import print_sweep
from core.domain.instrument import Timeframe
from core.domain.run import Objective, Status
from core.domain.sweep import Axis, SweepPlan
from core.report.sweep_report import SeriesReport, SweepReport


def test_a_sweep_that_tried_nothing_says_why_and_how_it_goes_on_and_counts_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    series = SeriesReport(
        run_id="ab12",
        symbol="AAPL",
        timeframe=Timeframe.D1,
        status=Status.FAILED,
        message="No scheduler answers.",
        points=(),
        total=3,
        best=None,
        steadiest=None,
        baseline=None,
        tries=0,
        earlier_tries=0,
        luck=None,
        luck_of_all=None,
        words=("No point has a score yet.",),
    )
    plan = SweepPlan(axes=(Axis(name="sma_fast", start=5, stop=10, step=5),))
    found = SweepReport(
        group="ab12", workflow="cross", plan=plan, objective=Objective.SHARPE, series=(series,), tries=0, words=("Every point is a try.",)
    )

    print_sweep(found)

    said = capsys.readouterr().out
    assert "No scheduler answers." in said
    assert "resume ab12" in said
    assert "score ┃" not in said
    assert "Every point is a try" not in said
