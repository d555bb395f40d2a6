"""The builder: rows write to the document, the document is kept, and what is wrong is said at the cell."""

from collections.abc import Callable
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

import core.services
from core import language
from core.domain.workflow import Measure, Operator, Row, Section, Workflow
from tests.pages.conftest import shown

STARTERS = Path(__file__).resolve().parents[2] / "data" / "workflows"
Open = Callable[..., AppTest]


@pytest.fixture
def started(empty: Open) -> AppTest:
    """The builder with the starter SMA cross on the table."""
    app = empty("builder")
    return app.button(key="builder_first_sma_cross").click().run()


def document(app: AppTest) -> Workflow:
    """What is on the table."""
    found: Workflow = app.session_state["builder_document"]
    return found


def test_a_starter_is_read_back_in_words(started: AppTest) -> None:
    assert document(started).name == "SMA cross"
    assert "crosses above the 50\\-bar simple moving average" in shown(started)


def test_a_typed_operand_goes_into_the_document_and_into_the_reading(started: AppTest) -> None:
    started.multiselect(key="builder_r1_indicators").set_value(["ema(8)", "sma(50)"]).run()
    assert document(started).rows[0].indicators == ("ema(8)", "sma(50)")
    assert "8\\-bar exponential moving average" in shown(started)


def test_a_typing_error_is_said_at_the_cell_with_the_nearest_name_and_nothing_is_lost(started: AppTest) -> None:
    started.multiselect(key="builder_r1_indicators").set_value(["smaa(20)", "sma(50)"]).run()
    assert "smaa" in shown(started)
    assert "sma" in shown(started)
    assert document(started).rows[0].indicators == ("smaa(20)", "sma(50)")
    assert "error" in shown(started)


def test_undo_and_redo_walk_through_the_changes(started: AppTest) -> None:
    started.button(key="builder_delete_r4").click().run()
    assert [row.id for row in document(started).rows] == ["r1", "r2", "r3"]
    started.button(key="builder_undo_button").click().run()
    assert [row.id for row in document(started).rows] == ["r1", "r2", "r3", "r4"]
    started.button(key="builder_redo_button").click().run()
    assert [row.id for row in document(started).rows] == ["r1", "r2", "r3"]


def test_undo_and_redo_outlive_the_session(started: AppTest, empty: Open) -> None:
    started.button(key="builder_delete_r4").click().run()
    started.button(key="builder_delete_r3").click().run()
    started.button(key="builder_undo_button").click().run()
    again = empty("builder")
    again.button(key="builder_redo_button").click().run()
    assert [row.id for row in document(again).rows] == ["r1", "r2"]
    for _ in range(2):
        again.button(key="builder_undo_button").click().run()
    assert [row.id for row in document(again).rows] == ["r1", "r2", "r3", "r4"]


def test_a_step_that_this_version_cannot_read_is_left_out(started: AppTest, empty: Open) -> None:
    core.services.services().store.save_draft("builder_steps", '{"undo": ["no workflow"], "redo": []}')
    assert empty("builder").button(key="builder_undo_button").disabled


def test_a_description_outlives_a_change_of_the_page_and_a_reload(empty: Open) -> None:
    app = empty("builder")
    app.text_area(key="builder_describe_text").set_value("Buy when rsi(2) < 10").run()
    app.switch_page("library.py").run()
    app.switch_page("builder.py").run()
    assert app.text_area(key="builder_describe_text").value == "Buy when rsi(2) < 10"
    assert empty("builder").text_area(key="builder_describe_text").value == "Buy when rsi(2) < 10"


def test_rows_are_added_duplicated_disabled_and_moved(started: AppTest) -> None:
    started.button(key="builder_add_entry_long").click().run()
    started.button(key="builder_copy_r1").click().run()
    started.button(key="builder_up_r5").click().run()
    started.checkbox(key="builder_r1_enabled").uncheck().run()
    entries = [row.id for row in document(started).rows if row.section.value == "entry_long"]
    assert set(entries) == {"r1", "r5", "r6"}
    assert entries.index("r5") < entries.index("r6")
    assert not next(row for row in document(started).rows if row.id == "r1").enabled


def test_the_draft_survives_a_reload_and_a_page_switch(started: AppTest, empty: Open) -> None:
    started.text_input(key="builder_name").set_value("Mine").run()
    started.switch_page("library.py").run()
    started.switch_page("builder.py").run()
    assert started.text_input(key="builder_name").value == "Mine"
    again = empty("builder")
    assert again.text_input(key="builder_name").value == "Mine"


def test_a_rule_changes_its_measure_with_its_usual_numbers(started: AppTest) -> None:
    started.selectbox(key="builder_r4_measure").set_value("atr").run()
    row = next(row for row in document(started).rows if row.id == "r4")
    assert row.operator.value == "atr"
    assert row.thresholds == ("2",)
    started.text_input(key="builder_r4_slot0").set_value("abc").run()
    assert next(row for row in document(started).rows if row.id == "r4").thresholds == ("abc",)
    assert "error" in shown(started)


def test_markdown_in_a_name_is_shown_as_typed(started: AppTest) -> None:
    started.text_input(key="builder_r1_note").set_value("[x](http://evil) :material/delete:").run()
    assert "[x](http" not in shown(started)


@pytest.mark.parametrize("key", [path.stem for path in sorted(STARTERS.glob("*.json"))])
def test_every_starter_can_be_put_on_the_table_and_is_ready_to_run(empty: Open, key: str) -> None:
    app = empty("builder")
    app.button(key=f"builder_first_{key}").click().run()
    assert not app.exception
    assert "Ready to run" in shown(app)
    app.toggle(key="builder_typed").set_value(True).run()
    assert not app.exception


def test_a_row_reads_as_a_formula_and_a_typed_formula_becomes_the_row(started: AppTest) -> None:
    started.toggle(key="builder_typed").set_value(True).run()
    assert started.text_input(key="builder_r1_formula").value == "crosses_above(sma(20), sma(50))"
    started.text_input(key="builder_r1_formula").set_value("rsi(14) < 30 and close > sma(200)").run()
    row = document(started).rows[0]
    assert (row.operator.value, row.indicators) == ("is true", ("rsi(14) < 30 and close > sma(200)",))
    assert "Ready to run" in shown(started)


def test_a_formula_that_says_what_the_row_says_leaves_the_row_as_it_is(started: AppTest) -> None:
    before = document(started).rows[0]
    started.toggle(key="builder_typed").set_value(True).run()
    started.text_input(key="builder_r1_formula").set_value(" crosses_above(sma(20), sma(50)) ").run()
    assert document(started).rows[0] == before


def test_saving_gives_versions_and_an_earlier_one_can_be_opened(started: AppTest) -> None:
    for name in ("SMA cross", "SMA cross"):
        started.text_input(key="builder_description").set_value(f"{name} once more").run()
        started.button(key="builder_save").click().run()
        started.button(key="builder_save_now").click().run()
    versions = core.services.services().store.list_versions("SMA cross")
    assert [saved.version for saved in versions] == [2, 1]
    started.button(key="builder_open").click().run()
    started.button(key="builder_duplicate_SMA cross").click().run()
    assert document(started).name == "SMA cross copy"


def test_a_file_that_cannot_be_read_replaces_nothing(started: AppTest) -> None:
    started.button(key="builder_import").click().run()
    started.file_uploader(key="builder_import_file").upload("broken.json", b'{"name": "x", "rows": [')
    started.button(key="builder_import").click().run()
    assert any("Not JSON" in error.value for error in started.error)
    assert document(started).name == "SMA cross"


def test_the_reference_finds_an_indicator_by_its_purpose(started: AppTest) -> None:
    started.button(key="builder_reference_open").click().run()
    everything = len(started.dataframe[0].value)
    assert everything > 100
    started.session_state["builder_reference"] = "average true range"
    started.button(key="builder_reference_open").click().run()
    found = started.dataframe[0].value
    assert 0 < len(found) < everything
    assert "atr(14)" in list(found["Write"])


def test_described_rows_are_taken_over_only_when_the_analyst_says_so(started: AppTest) -> None:
    before = document(started)
    started.text_area(key="builder_describe_text").set_value("Buy the hammer and the full moon. Stop loss 5%.")
    started.button(key="builder_describe_go").click().run()
    assert "“the hammer”" in shown(started) or "“hammer”" in shown(started)
    assert "Not understood" in shown(started)
    assert [box.key for box in started.checkbox if box.label.startswith("**Buy** when a hammer is seen")] == ["builder_describe_row_r1"]
    assert document(started) == before
    started.button(key="builder_describe_take").click().run()
    assert [row.indicators[0] for row in document(started).rows] == ["hammer", "stop_loss", "position_size"]


def test_words_of_a_rule_and_a_name_are_cells_of_the_table(started: AppTest) -> None:
    started.selectbox(key="builder_r4_word0").set_value("on close").run()
    assert document(started).rows[3].thresholds == ("8", "on close")
    started.button(key="builder_add_define").click().run()
    started.text_input(key="builder_r5_name").set_value("level").run()
    started.text_input(key="builder_r5_meaning").set_value("highest(high, 20)[1]").run()
    assert (document(started).rows[4].indicators, document(started).rows[4].thresholds) == (("level",), ("highest(high, 20)[1]",))
    assert "Call it level" in shown(started)


def test_what_another_tab_made_of_the_table_is_a_step_to_undo(started: AppTest, empty: Open) -> None:
    other = empty("builder")
    other.text_input(key="builder_name").set_value("Theirs").run()
    started.text_input(key="builder_description").set_value("Ours").run()
    assert "Another tab has changed this table" in started.toast[0].value
    assert (document(started).name, document(started).description) == ("SMA cross", "Ours")

    started.button(key="builder_undo_button").click().run()
    assert document(started).name == "Theirs"
    started.button(key="builder_undo_button").click().run()
    assert document(started).name == "SMA cross"
    assert len(started.toast) == 0


def test_the_table_is_backtested_at_once(started: AppTest) -> None:
    started.button(key="builder_backtest").click().run()
    started.switch_page("code.py").run()
    assert "SMA cross" in started.session_state["code_text"]
    assert started.session_state["code_result"].number == 0
    assert "AAPL daily" in shown(started)


def test_the_table_is_seen_as_code_and_changes_to_that_code_by_hand_stay(started: AppTest) -> None:
    started.button(key="builder_code").click().run()
    started.switch_page("code.py").run()
    typed = started.session_state["code_text"] + "\n# mine\n"
    started.session_state[f"code_ace_{started.session_state['code_generation']}"] = typed
    started.run()
    started.switch_page("builder.py").run()
    started.button(key="builder_code").click().run()
    started.switch_page("code.py").run()
    assert started.session_state["code_text"] == typed


def test_the_table_goes_to_llm_driving_whatever_was_chosen_there(started: AppTest) -> None:
    started.session_state["driving_workflow"] = "starter:rsi_2"
    started.button(key="builder_drive").click().run()
    started.switch_page("driving.py").run()
    assert started.selectbox(key="driving_workflow").value == "draft"
    assert started.session_state["driving_unfolded"]


def test_a_row_that_was_just_added_is_asked_for_and_alarms_nobody(started: AppTest) -> None:
    started.button(key="builder_add_filter").click().run()
    assert "type an expression such as" in shown(started)
    assert "the row has no indicator" not in shown(started).lower()
    assert "Cannot be read yet" not in shown(started)
    assert started.button(key="builder_backtest").disabled


def test_what_is_missing_is_said_in_the_words_of_the_screen(empty: Open) -> None:
    app = empty("builder")
    app.button(key="builder_first_blank").click().run()
    app.button(key="builder_add_entry_long").click().run()
    app.multiselect(key="builder_r2_indicators").set_value(["close", "sma(50)"]).run()
    assert "Add a row to “Sell”" in shown(app)
    assert "exit_long" not in shown(app).replace("\\", "")


def test_a_choice_that_is_left_out_says_what_counts_then() -> None:
    slots = [slot for rule in language.RULES.values() for form in rule.forms.values() for slot in form.slots]
    left_out = [slot for slot in slots if slot.sort == "choice" and slot.optional]
    assert left_out
    assert all(slot.otherwise for slot in left_out)


def build_long_table(rows: int) -> Workflow:
    """A table with so many conditions."""
    conditions = (
        Row(id=f"r{number}", section=Section.ENTRY_LONG, operator=Operator.ABOVE, indicators=("close",), thresholds=(f"sma({number + 2})",))
        for number in range(rows - 1)
    )
    size = Row(id="size", section=Section.SIZING, indicators=("position_size",), operator=Measure.PERCENT, thresholds=("95",))
    return Workflow(name="Long", rows=(*conditions, size))


@pytest.mark.parametrize(("rows", "there"), [(3, True), (40, False)])
def test_menus_and_picture_of_a_long_table_wait_until_they_are_opened(empty: Open, rows: int, there: bool) -> None:
    app = empty()
    core.services.services().store.save_draft("builder_workflow", language.dump(build_long_table(rows)))
    app.switch_page("builder.py").run()
    assert ("builder_delete_r0" in {button.key for button in app.button}) is there
    assert bool(app.get("graphviz_chart")) is there


def test_the_switch_of_a_row_is_read_out_with_its_id_and_group_and_without_marks(started: AppTest) -> None:
    labels = {box.key: box.label for box in started.checkbox}
    assert labels["builder_r1_enabled"] == "r1, group A"
    assert not [label for label in labels.values() if "badge" in label]
