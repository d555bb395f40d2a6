"""The code screen: what counts is the text in the session, and exactly that text runs."""

from collections.abc import Callable

from streamlit.testing.v1 import AppTest

from core.domain.run import Run
from core.services import Services
from tests.pages.conftest import shown

Open = Callable[..., AppTest]


def ace(app: AppTest) -> str:
    """Key of the editor that is on the screen."""
    return f"code_ace_{app.session_state['code_generation']}"


def test_compiling_fills_the_editor_without_a_model(open_screen: Open) -> None:
    app = open_screen("code")
    app.button(key="code_compile").click().run()
    assert "bt.Strategy" in app.session_state["code_text"]
    assert "compiled" in shown(app)


def test_what_is_typed_is_what_runs_and_what_is_stored(open_screen: Open, furnished: Services) -> None:
    app = open_screen("code")
    app.button(key="code_compile").click().run()
    typed = app.session_state["code_text"] + "\n# typed by a person\n"
    app.session_state[ace(app)] = typed
    app.run()
    app.button(key="code_run_backtest").click().run()
    run_id, number = app.session_state["code_result"]
    stored = furnished.store.detail(run_id, number).iteration
    assert stored.code == typed
    assert stored.metrics is not None
    assert "Iteration 0" in shown(app)


def test_code_that_does_not_parse_is_marked_and_its_failure_kept(open_screen: Open) -> None:
    app = open_screen("code")
    app.session_state[ace(app)] = "class Broken(:\n    pass\n"
    app.run()
    assert "error" in shown(app)
    app.button(key="code_run_backtest").click().run()
    assert any("Stopped while" in error.value for error in app.error)
    assert app.session_state["code_text"].startswith("class Broken")


def test_edits_survive_a_page_switch_and_a_reload(open_screen: Open) -> None:
    app = open_screen("code")
    app.session_state[ace(app)] = "# mine\n"
    app.run()
    app.switch_page("library.py").run()
    app.switch_page("code.py").run()
    assert app.session_state["code_text"] == "# mine\n"
    assert open_screen("code").session_state["code_text"] == "# mine\n"


def test_loading_from_outside_keeps_what_was_there_as_a_revision(open_screen: Open, furnished: Services, finished: Run) -> None:
    app = open_screen("code")
    app.session_state[ace(app)] = "# by hand, never lost\n"
    app.run()
    app.button(key="code_compile").click().run()
    codes = [revision.code for revision in furnished.store.revisions()]
    assert "# by hand, never lost\n" in codes
    assert app.session_state["code_text"] == codes[0]


def test_running_without_code_says_so(empty: Open) -> None:
    app = empty("code")
    app.button(key="code_run_backtest").click().run()
    assert "no code to run" in app.error[0].value
