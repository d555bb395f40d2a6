"""A description asked of a model: checked, repaired once, its words held against the text."""

import json
import threading

from core.domain.errors import Severity
from core.domain.run import ModelChoice
from core.driving.describe_workflow import describe_workflow
from tests.llm.scripted import ScriptedModel

TEXT = "Buy the hammer, leave after 5 days. The moon must be full."
CHOICE = ModelChoice(id="openai/gpt-test")
NEVER = threading.Event()


def document(*rows: dict[str, object], **fields: object) -> str:
    return "Here you are:\n```json\n" + json.dumps({"name": "Hammer", "direction": "long_only", "rows": list(rows)} | fields) + "\n```"


BUY = {"id": "r1", "section": "entry_long", "indicators": ["hammer"], "operator": "is true", "note": "Buy the hammer"}
OUT = {"id": "r2", "section": "risk", "indicators": ["time_stop"], "operator": "bars", "thresholds": ["5"], "note": "leave after five days"}
SIZE = {"id": "r3", "section": "sizing", "indicators": ["position_size"], "operator": "percent", "thresholds": ["95"]}


def test_a_models_rows_carry_the_words_that_stand_in_the_text_and_no_others() -> None:
    model = ScriptedModel([document(BUY, OUT, SIZE, unread=["The moon must be full."])])

    found = describe_workflow(TEXT, model, CHOICE, cancel=NEVER)

    assert found.proposal is not None
    assert [each.words for each in found.proposal.rows] == ["Buy the hammer", "", ""]
    assert found.proposal.unread == ("The moon must be full.",)
    assert (found.answers, found.problems, found.proposal.assumed) == (1, (), ("r2", "r3"))


def test_an_answer_with_errors_is_shown_them_once_and_the_mended_one_counts() -> None:
    model = ScriptedModel([document(BUY | {"indicators": ["hamer_time(3)"]}, OUT, SIZE), document(BUY, OUT, SIZE)])

    found = describe_workflow(TEXT, model, CHOICE, cancel=NEVER)

    assert found.proposal is not None
    assert (found.answers, found.problems) == (2, ())
    assert "`hamer_time` is not known" in model.requests[1].prompt.user
    assert model.requests[1].purpose == "repair"


def test_a_second_bad_answer_is_shown_with_its_errors_and_not_asked_again() -> None:
    model = ScriptedModel([document(BUY | {"indicators": ["moon"]}, OUT)])

    found = describe_workflow(TEXT, model, CHOICE, cancel=NEVER)

    assert len(model.requests) == found.answers == 2
    assert any(problem.severity is Severity.ERROR and problem.row == "r1" for problem in found.problems)


def test_an_answer_without_a_document_says_so() -> None:
    found = describe_workflow(TEXT, ScriptedModel(["I cannot do that."]), CHOICE, cancel=NEVER)

    assert found.proposal is None
    assert [problem.message for problem in found.problems] == ["the answer holds no workflow document."]


def test_the_prompt_holds_the_grammar_and_the_description_but_no_way_out_of_it() -> None:
    model = ScriptedModel([document(BUY, OUT, SIZE)])

    describe_workflow(TEXT, model, CHOICE, cancel=NEVER)

    assert "supertrend(10, 3)" in model.requests[0].prompt.system
    assert "trailing_stop" in model.requests[0].prompt.system
    assert TEXT in model.requests[0].prompt.user


def test_without_a_model_patterns_read_the_text() -> None:
    model = ScriptedModel(["never asked"])

    found = describe_workflow(TEXT, model, None, cancel=NEVER)

    assert found.proposal is not None
    assert (found.model, model.requests) == ("", [])
    assert found.proposal.unread == ("The moon must be full",)
