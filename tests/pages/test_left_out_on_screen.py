"""Screens over a history with rows that cannot be read: the rest is shown, and a line says what is not."""

import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime

import pytest
from streamlit.testing.v1 import AppTest

from core.services import Services, Settings
from tests.pages.conftest import _opener, shown
from tests.same_day import wait_for_day_that_lasts
from tests.store.old_history import BROKEN_INSIDE, NEWER, UNKNOWN_FIELD, WHOLE, date_calls, spoil_history, unpack_history

Open = Callable[..., AppTest]
TWO_RUNS = "2 runs of a newer version are not shown; `doctor` names them."


@pytest.fixture(scope="module")
def spoiled(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Services]:
    home = tmp_path_factory.mktemp("home")
    unpack_history(home)
    spoil_history(home)
    services = Services(Settings(home=home))
    yield services
    services.close()


@pytest.fixture
def open_screen(spoiled: Services, monkeypatch: pytest.MonkeyPatch) -> Open:
    wait_for_day_that_lasts()
    date_calls(spoiled.settings.home, datetime.now(UTC))
    return _opener(spoiled, monkeypatch)


@pytest.mark.parametrize("screen", ["", "library", "compare"])
def test_a_list_of_runs_shows_the_rest_and_says_what_is_missing(open_screen: Open, screen: str) -> None:
    app = open_screen(screen)

    assert not app.error
    assert TWO_RUNS in shown(app)


def test_the_library_opens_a_run_of_which_one_iteration_cannot_be_read(open_screen: Open) -> None:
    app = open_screen("library", run=BROKEN_INSIDE)

    assert "1 iteration that cannot be read is not shown; `doctor` names it." in shown(app)
    assert "Hold-out: bars the loop never saw" in shown(app)
    drawn = [json.loads(part.proto.json) for part in app.get("bidi_component") if part.proto.json]
    assert [sorted(row["number"] for row in part["rows"]) for part in drawn if "figures" in part] == [[0, 1, 3, 4]]
    assert [str(error.value).split("\\:")[0] for error in app.error] == [f"Iteration 2 of run {BROKEN_INSIDE} cannot be read"]


def test_compare_names_the_row_that_it_cannot_read_and_draws_the_others(open_screen: Open) -> None:
    refused = (f"{UNKNOWN_FIELD}:0", f"{NEWER}:0", f"{BROKEN_INSIDE}:2", f"{BROKEN_INSIDE}:1")
    app = open_screen("compare", it=",".join((*refused, f"{WHOLE}:0", f"{WHOLE}:1")))

    said = "\n".join(str(warning.value) for warning in app.warning)
    for words in (
        f"Run {UNKNOWN_FIELD} was written by a newer version",
        f"Run {NEWER} was written by a newer version",
        f"Iteration 2 of run {BROKEN_INSIDE} cannot be read",
        f"The curves of iteration 1 of run {BROKEN_INSIDE} cannot be read",
    ):
        assert words in said
    assert "Trades that differ" in shown(app)


def test_a_run_in_the_address_that_cannot_be_read_is_said_in_words(open_screen: Open) -> None:
    app = open_screen("driving", run=NEWER)

    assert any("was written by a newer version" in str(error.value) for error in app.error)


def test_saved_workflows_open_with_the_version_before(open_screen: Open) -> None:
    app = open_screen("builder")
    app.button(key="builder_first_blank").click().run()
    app.button(key="builder_open").click().run()

    assert "1 version of a saved workflow of a newer version is not shown; `doctor` names it." in shown(app)
    versions = app.selectbox(key="builder_version_Bollinger squeeze breakout").options
    assert [label.split(",")[0] for label in versions] == ["Version 1"]


def test_credits_show_the_calls_that_can_be_read(open_screen: Open) -> None:
    app = open_screen("credits")

    assert "1 call of a newer version is not shown; `doctor` names it." in shown(app)
    assert "20 calls" in shown(app), "the sum counts it all the same"
