"""Screen, socket, terminal and export say the same of one run: the same numbers, and the same sentences."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from core.cli.runs import build_run_document
from core.domain.decision import Selection
from core.domain.run import Run
from core.report.assessment import Assessment
from core.report.figures import FIGURES, LEAD_FIGURES, choose_figures, find_figure
from core.report.statements import list_luck_statements
from core.services import Services
from pages.components import cached_queries
from pages.live.messages import Translator
from tests.pages.conftest import shown

Open = Callable[..., AppTest]


@pytest.fixture
def terminal(furnished: Services, finished: Run) -> dict[str, Any]:
    """Document of `show RUN --json`."""
    found: dict[str, Any] = json.loads(json.dumps(build_run_document(furnished, finished), allow_nan=False))
    return found


@pytest.fixture
def socket(furnished: Services, finished: Run) -> list[dict[str, Any]]:
    """Finished iterations, as a watcher is told of them."""
    told = [json.loads(message.json) for message in Translator(furnished.store, finished).replay(0).messages]
    return [message for message in told if message["kind"] == "iteration"]


@pytest.fixture
def screen(open_screen: Open, finished: Run) -> tuple[AppTest, Assessment]:
    """The run on its screen, and what the screen draws it from."""
    app = open_screen("driving", run=finished.id)
    return app, cached_queries.load_assessment(finished)


@pytest.fixture
def header(furnished: Services, finished: Run) -> str:
    """Comments at the head of the exported program, as one line."""
    lines = furnished.runs.export(finished.id).code.split("\n\n")[0].splitlines()
    return " ".join(line.removeprefix("#").strip() for line in lines)


def test_the_figures_of_the_best_iteration_are_the_same_everywhere(
    screen: tuple[AppTest, Assessment], socket: list[dict[str, Any]], terminal: dict[str, Any], header: str
) -> None:
    app, found = screen
    told = next(message for message in socket if message["number"] == found.iteration)
    stored = next(one for one in terminal["iterations"] if one["number"] == found.iteration)["metrics"]

    assert found.iteration == terminal["best"]
    assert (
        {figure.name: figure.read(found.metrics) for figure in choose_figures(FIGURES, [found.metrics])}
        == stored
        == terminal["assessment"]["metrics"]
    )
    assert {figure.name: told[figure.name] for figure in LEAD_FIGURES} == {figure.name: stored[figure.name] for figure in LEAD_FIGURES}
    cards = {metric.label: metric.value for metric in app.metric}
    assert cards["Best Sharpe"] == find_figure("sharpe").format(told["sharpe"])
    assert cards["Max drawdown"] == find_figure("max_drawdown").format(told["max_drawdown"])
    assert all(f"{figure.words} {figure.format(told[figure.name])}" in header for figure in LEAD_FIGURES)


def test_luck_is_the_same_everywhere(
    screen: tuple[AppTest, Assessment], socket: list[dict[str, Any]], terminal: dict[str, Any], header: str
) -> None:
    app, found = screen

    assert found.luck is not None
    told = (socket[-1]["luck"], socket[-1]["held"])
    assert told == (found.luck.line, found.luck.held) == tuple(terminal["assessment"]["luck"][name] for name in ("line", "held"))
    assert socket[-1]["luck_words"] in shown(app)
    assert found.selection == Selection.model_validate(terminal["assessment"]["selection"])
    assert all(f"{said.name} {said.figure}" in header for said in list_luck_statements(found))


def test_every_sentence_is_the_same_everywhere(screen: tuple[AppTest, Assessment], terminal: dict[str, Any], header: str) -> None:
    app, found = screen
    read = shown(app).replace("**", "")

    assert found.hold_out is not None
    assert found == Assessment.model_validate(terminal["assessment"])
    for sentence in (found.hold_out.about, found.hold_out.sentence, found.risk):
        assert sentence in read
        assert sentence in header
    assert found.result in read
