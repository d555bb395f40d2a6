"""The code screen: what counts is the text in the session, and exactly that text runs."""

import json
import threading
import time
from collections.abc import Callable

from streamlit.testing.v1 import AppTest

from core.domain.run import Run
from core.report.labels import label_run_model
from core.services import Services
from tests.pages.conftest import shown

Open = Callable[..., AppTest]


def ace(app: AppTest) -> str:
    """Key of the editor that is on the screen."""
    return f"code_ace_{app.session_state['code_generation']}"


def shown_backtest(app: AppTest) -> tuple[str, int]:
    """Run and number of the backtest below the editor."""
    last = app.session_state["code_result"]
    return last.run_id, last.number


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
    run_id, number = shown_backtest(app)
    stored = furnished.store.read_detail(run_id, number).iteration
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
    codes = [revision.code for revision in furnished.store.list_revisions()]
    assert "# by hand, never lost\n" in codes
    assert app.session_state["code_text"] == codes[0]


def test_a_backtest_of_the_editor_is_of_no_model(open_screen: Open, furnished: Services) -> None:
    app = open_screen("code")
    app.button(key="code_compile").click().run()
    app.button(key="code_run_backtest").click().run()
    run = furnished.store.read_run(shown_backtest(app)[0])
    assert label_run_model(run) == "Code from the editor"
    assert furnished.store.list_iterations(run.id)[0].change == "compiled from the table"


def test_running_without_code_says_so(empty: Open) -> None:
    app = empty("code")
    app.button(key="code_run_backtest").click().run()
    assert "no code to run" in app.error[0].value


def test_several_models_get_the_same_prompt_and_stand_side_by_side(open_screen: Open, furnished: Services) -> None:
    app = open_screen("code")
    app.multiselect(key="code_several_models").set_value(["built-in", "demo"]).run()
    app.button(key="code_several_ask").click().run()
    attempts = json.loads(furnished.store.read_draft("code_several") or "[]")
    for attempt in attempts:
        wait_for(furnished, attempt["generation"])
    app.run()
    table = app.dataframe[0].value
    assert list(table["Model"]) == ["Built-in optimizer (not an AI model)", "Demo (a replay, not a model)"]
    assert list(table["Cost"]) == ["free", "free"]
    hashes = {furnished.store.list_iterations(attempt["generation"])[0].prompt_hash for attempt in attempts}
    assert len(hashes) == 1
    app.button(key="code_several_close").click().run()
    assert furnished.store.read_draft("code_several") == "[]"


def test_a_generated_answer_arrives_in_the_editor_once(open_screen: Open, furnished: Services) -> None:
    app = open_screen("code")
    app.session_state[ace(app)] = ""
    app.run()
    app.button(key="code_generate").click().run()
    if not app.session_state.get("code_run"):
        app.button(key="code_generate_anyway").click().run()
    wait_for(furnished, app.session_state["code_run"])
    app.run()
    assert "bt.Strategy" in app.session_state["code_text"]
    assert app.session_state["code_origin"] == "generated"
    app.session_state[ace(app)] = "# changed since\n"
    app.run()
    assert app.session_state["code_text"] == "# changed since\n"


def wait_for(services: Services, run_id: str) -> None:
    """Until a run has ended."""
    until = time.monotonic() + 240
    while not services.store.read_run(run_id).status.finished and time.monotonic() < until:
        threading.Event().wait(0.05)
    assert services.store.read_run(run_id).status.finished


def test_a_script_that_sets_cash_and_costs_is_asked_about_once(open_screen: Open) -> None:
    app = open_screen("code")
    script = "import backtrader as bt\nclass S(bt.Strategy):\n    def next(self): self.buy()\nc = bt.Cerebro()\n"
    app.session_state[ace(app)] = f"{script}c.broker.setcash(50000)\nc.broker.setcommission(0.002)\n"
    app.run()
    assert [info.value for info in app.info] == ["The script sets cash 50,000 and commission 0.2%: use them?"]
    app.button(key="code_script_account_use").click().run()
    assert (app.session_state["code_cash"], app.session_state["code_commission"]) == (50_000.0, 0.2)
    assert not app.info


PAIR = """
import backtrader as bt

class Pair(bt.Strategy):
    def next(self):
        if len(self) % 50 == 10:
            self.buy(size=10)
            self.sell(data=self.data1, size=10)
        elif len(self) % 50 == 40:
            self.close()
            self.close(data=self.data1)
"""


def test_a_pair_of_instruments_is_chosen_run_and_shown_by_name(open_screen: Open, furnished: Services) -> None:
    app = open_screen("code")
    app.session_state["code_others"] = ["MSFT"]
    app.session_state[ace(app)] = PAIR
    app.run()
    app.button(key="code_run_backtest").click().run()
    run_id, number = shown_backtest(app)
    detail = furnished.store.read_detail(run_id, number)
    assert furnished.store.read_run(run_id).plan.bars.label == "AAPL with MSFT"
    assert {trade.instrument for trade in detail.trades} == {"", "MSFT"}
    app.session_state[f"code_result_tabs_{run_id}_{number}"] = "Price and trades"
    app.run()
    tables = [frame.value for frame in app.dataframe if "Instrument" in frame.value]
    assert set(tables[0]["Instrument"]) == {"AAPL", "MSFT"}


def test_a_further_instrument_that_is_none_or_chosen_twice_is_said_at_the_field(open_screen: Open) -> None:
    app = open_screen("code")
    app.session_state["code_others"] = ["NO SUCH THING"]
    app.run()
    assert any("names no one instrument" in error.value for error in app.error)
    app.session_state["code_others"] = ["AAPL"]
    app.run()
    assert any("AAPL is chosen already" in error.value for error in app.error)


def test_what_another_tab_made_of_the_code_is_a_revision(open_screen: Open, furnished: Services) -> None:
    ours, theirs = open_screen("code"), open_screen("code")
    furnished.store.save_draft("code_editor", json.dumps({"code": "# theirs\n"}))
    theirs.button(key="code_compile").click().run()
    assert theirs.toast[0].value.startswith("Another tab has changed the code")
    assert "# theirs\n" in [revision.code for revision in furnished.store.list_revisions()]

    ours.button(key="code_compile").click().run()
    assert not [toast for toast in ours.toast if toast.value.startswith("Another tab")]  # the same code in both


def test_a_result_says_what_it_ran_on_and_when_it_is_out_of_date(empty: Open) -> None:
    app = empty("code")
    app.button(key="code_compile").click().run()
    app.button(key="code_run_backtest").click().run()
    assert "AAPL daily" in shown(app)
    assert "since this backtest" not in shown(app)
    app.number_input(key="code_cash").set_value(5_000.0).run()
    assert "The settings changed since this backtest" in shown(app)
    app.session_state[ace(app)] = app.session_state["code_text"] + "\n# more\n"
    app.run()
    assert "The code and the settings changed since this backtest" in shown(app)


def test_the_last_result_survives_a_reload(empty: Open) -> None:
    app = empty("code")
    app.button(key="code_compile").click().run()
    app.button(key="code_run_backtest").click().run()
    again = empty("code")
    assert shown_backtest(again) == shown_backtest(app)
    assert "Iteration 0" in shown(again)
