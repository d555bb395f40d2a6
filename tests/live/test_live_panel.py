"""What a screen hands to the browser: one run, a token for it alone, and nothing that is secret."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

import core.services
from core.domain.bars_request import BarsRequest
from core.domain.run import ModelChoice, Run
from core.services import Services, Settings
from pages.components.browser_code import ASSETS, read_browser_code
from pages.components.live_panel import POINTS
from pages.live.tokens import TokenScope, load_tokens
from tests.live.conftest import PLAN, finished


@pytest.fixture
def parts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Services]:
    """Services of their own for the screen."""
    made = Services(Settings(home=tmp_path / "home"))
    monkeypatch.setattr(core.services, "_services", made)
    yield made
    made.close()


def _panel(run_id: str) -> None:
    import streamlit as st

    from core.services import services
    from pages.components.live_panel import draw_live_panel

    st.text(f"draws itself: {draw_live_panel(services().store.read_run(run_id), key='live')}")


def _viewer(run_id: str) -> None:
    import streamlit as st

    from core.services import services
    from pages.components.perspective_viewer import show_viewer_dialog

    st.session_state.setdefault("perspective_open", run_id)
    show_viewer_dialog(services().store.read_run(run_id))


def _shown(script: Any, run: Run, **state: object) -> AppTest:
    test = AppTest.from_function(script, kwargs={"run_id": run.id}, default_timeout=240)
    for name, value in state.items():
        test.session_state[name] = value
    test.run()
    assert not test.exception
    return test


def _data(test: AppTest) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(test.get("bidi_component")[0].proto.json)
    return found


def test_the_panel_gets_a_token_for_its_run_alone(parts: Services) -> None:
    run, other = parts.store.create_run(PLAN), parts.store.create_run(PLAN)
    test = _shown(_panel, run)
    data, tokens = _data(test), load_tokens(parts.settings.home)
    assert data["path"] == f"/live/runs/{run.id}"
    assert tokens.allows(data["token"], run.id, TokenScope.EVENTS)
    assert not tokens.allows(data["token"], other.id, TokenScope.EVENTS)
    assert not tokens.allows(data["token"], run.id, TokenScope.CURVES)
    assert test.text[0].value == "draws itself: True"


def test_the_references_lie_on_the_points_of_a_preview(parts: Services) -> None:
    run = parts.store.create_run(PLAN)
    parts.store.append(finished(run, 0))
    data = _data(_shown(_panel, run))
    assert len(data["times"]) == len(data["market"]) == len(parts.store.read_previews(run.id)[0]) == POINTS
    training = parts.workbench.load_training_bars(PLAN)
    assert data["times"][-1] == training.time[-1].astype("datetime64[ms]").astype(int)


def test_without_bars_the_panel_draws_all_the_same(parts: Services) -> None:
    run = parts.store.create_run(PLAN.changed(bars=BarsRequest(path="/nowhere/bars.csv")))
    data = _data(_shown(_panel, run))
    assert (data["times"], data["market"]) == ([], [])


def test_neither_prompt_nor_address_of_a_model_reaches_the_browser(parts: Services) -> None:
    run = parts.store.create_run(PLAN.changed(model=ModelChoice(id="openai/x", api_base="http://internal-canary/v1")))
    assert "canary" not in json.dumps(_data(_shown(_panel, run)))


def test_the_viewer_gets_a_token_of_its_own(parts: Services) -> None:
    run = parts.store.create_run(PLAN)
    data = _data(_shown(_viewer, run))
    assert data["path"] == f"/live/curves/{run.id}"
    assert load_tokens(parts.settings.home).allows(data["token"], run.id, TokenScope.CURVES)
    assert not load_tokens(parts.settings.home).allows(data["token"], run.id, TokenScope.EVENTS)


def test_where_the_viewer_failed_there_is_a_chart(parts: Services) -> None:
    run = parts.store.create_run(PLAN)
    parts.store.append(finished(run, 0))
    test = _shown(_viewer, run, perspective_failed=True)
    assert len(test.get("bidi_component")) == 0
    assert len(test.get("vega_lite_chart")) == 2


def test_the_viewer_says_in_words_that_there_are_no_bars(parts: Services) -> None:
    run = parts.store.create_run(PLAN.changed(bars=BarsRequest(path="/nowhere/bars.csv")))
    assert "bars" in _shown(_viewer, run).error[0].value


def test_the_browsers_side_makes_no_markup_of_text_and_asks_nobody_else() -> None:
    names = sorted(path.name for path in ASSETS.iterdir() if path.suffix in (".js", ".css", ".html"))
    code = read_browser_code(*names)
    assert "live_panel.js" in names
    for forbidden in ("innerHTML", "insertAdjacentHTML", "document.write", "eval(", "new Function", "https://", "@import", "url("):
        assert forbidden not in code, forbidden
