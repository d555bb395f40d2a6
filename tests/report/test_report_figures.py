"""One table of the figures: complete, and read by everything that shows one."""

from pathlib import Path

import pytest

from core.cli.command import build_metrics_table
from core.domain.metrics import Metrics
from core.domain.run import Objective
from core.evidence.scoring import OBJECTIVE_NAMES
from core.report.figures import FIGURES, SCORE, TABLE_FIGURES, find_figure, format_score
from core.report.labels import OBJECTIVE

ROOT = Path(__file__).parents[2]
METRICS = Metrics(total_return=0.1234, sharpe=1.5, max_drawdown=-0.2, trades=7, expectancy=-12.5, final_value=112_340.0)


def test_every_figure_that_is_computed_stands_in_the_table_once() -> None:
    assert sorted(figure.name for figure in FIGURES) == sorted(Metrics.model_fields)


def test_no_two_figures_are_called_the_same() -> None:
    assert len({figure.label for figure in (*FIGURES, SCORE)}) == len(FIGURES) + 1
    assert len({figure.short for figure in (*FIGURES, SCORE)}) == len(FIGURES) + 1


@pytest.mark.parametrize("figure", FIGURES, ids=lambda figure: figure.name)
def test_a_figure_says_in_one_sentence_what_it_means(figure: object) -> None:
    meaning = str(getattr(figure, "meaning", ""))
    assert meaning.endswith(".")
    assert ". " not in meaning


def test_the_terminals_table_has_every_figure_with_percent_as_percent() -> None:
    paid = METRICS.changed(paid_in=500.0, profit=20.0, money_weighted=0.04)
    names, values = (list(column.cells) for column in build_metrics_table({"best": paid}, currency="EUR").columns)

    shown = dict(zip(names, values, strict=True))
    assert list(shown) == [figure.label for figure in FIGURES]
    assert (shown["Total return"], shown["Mean profit of a trade"], shown["Calmar ratio"]) == ("12.3%", "−12.50 EUR", "-")
    assert {figure.label for figure in TABLE_FIGURES} <= set(shown), "the terminal says what the screens say"
    bare = list(next(iter(build_metrics_table({"best": METRICS}).columns)).cells)
    assert set(shown) - set(bare) == {"Paid in", "Profit", "Money-weighted return a year"}


def test_the_evidence_calls_an_objective_as_the_table_does() -> None:
    names = {objective: find_figure(objective.value).words for objective in Objective if objective is not Objective.FORMULA}

    assert {objective: OBJECTIVE_NAMES[objective] for objective in names} == names
    assert {OBJECTIVE[objective] for objective in names} <= {figure.label for figure in FIGURES}


def test_a_score_reads_as_the_figure_that_is_maximized() -> None:
    assert [format_score(0.123, objective) for objective in (Objective.TOTAL_RETURN, Objective.SHARPE, Objective.FORMULA)] == [
        "12.3%",
        "0.12",
        "0.12",
    ]


def test_the_guide_defines_every_figure_under_the_name_that_is_shown() -> None:
    rows = [line.split("|")[1] for line in (ROOT / "docs" / "metrics.md").read_text(encoding="utf-8").splitlines() if line.startswith("| ")]

    assert [figure.words for figure in FIGURES if not any(figure.words in row for row in rows)] == []
