"""No paid answer wasted: a model whose answer holds no program is asked again at once, and what came before a fault is kept."""

import threading

import pytest

from core.domain.errors import BudgetError, ProviderError, ProviderReason
from core.domain.events import LogEvent, RunEvent
from core.domain.model_calls import AnswerProblem, ModelRequest, Prompt
from core.domain.usage import Cost, Usage, UsageSource
from core.driving.answers import Answer, ask_for_program
from tests.driving.fakes import ScriptedAnswers, program

PROMPT = Prompt(system="Constant.", user="<instruction>\nWrite it.\n</instruction>\n", tokens=9, hash="h")
ELIDED = program(0.3).replace("        if not", "        # ... rest unchanged\n        if not")
BROKEN = program(0.3).replace("def next(self):", "def next(self)")
PAID = Usage(prompt_tokens=80, completion_tokens=20, source=UsageSource.ESTIMATED)


def fail(partial: str = "") -> ProviderError:
    words = "The model did not finish within 300 seconds."
    return ProviderError(words, name="Timeout", reason=ProviderReason.TIMEOUT, partial=partial, usage=PAID, cost=Cost(usd=0.02))


def ask(model: ScriptedAnswers, base: str = "", record: list[RunEvent] | None = None, name: str = "test/model") -> Answer:
    events: list[RunEvent] = [] if record is None else record
    return ask_for_program(
        model, ModelRequest(model=name, prompt=PROMPT), base=base, cancel=threading.Event(), record=lambda *bodies: events.extend(bodies)
    )


@pytest.mark.parametrize("first", ["", "I would rather not.", ELIDED, BROKEN, "```python\nclass A(bt.Strategy):\n    params = ("])
def test_an_answer_without_a_program_is_asked_for_again_at_once(first: str) -> None:
    model = ScriptedAnswers([first, program(0.3)])
    answer = ask(model)
    assert (answer.found.kind, answer.earlier) == (None, (first,))
    assert (answer.cost.usd, answer.usage.prompt_tokens) == (0.02, 200)
    assert "$0.0100" in answer.notes[0]


def test_it_is_asked_twice_more_at_most_and_all_of_it_is_counted() -> None:
    model = ScriptedAnswers(["no", "never", "not at all"])
    answer = ask(model)
    assert (len(model.asked), answer.found.kind, answer.text) == (3, AnswerProblem.NO_CODE, "not at all")
    assert (answer.earlier, answer.cost.usd) == (("no", "never"), pytest.approx(0.03))


def test_the_second_prompt_begins_like_the_first_and_holds_the_end_of_the_answer() -> None:
    model = ScriptedAnswers([ELIDED, program(0.3)])
    ask(model)
    first, second = (request.prompt for request in model.asked)
    assert second.system == first.system
    assert second.user.startswith(first.user)
    assert "# ... rest unchanged" in second.user.partition("<answer>")[2]
    assert "```python" in second.user, "the hint is not mangled"


def test_a_program_that_does_not_parse_is_shown_to_its_author_with_the_line() -> None:
    model = ScriptedAnswers([BROKEN, BROKEN, BROKEN])
    answer = ask(model)
    assert "def next(self)\n" in model.asked[1].prompt.user
    assert "line 6: expected ':'" in model.asked[1].prompt.user
    assert answer.found.code is not None, "at last it is run, so that its error is kept"


def test_what_ships_with_the_product_is_asked_once() -> None:
    model = ScriptedAnswers(["nothing"])
    ask(model, name="demo")
    assert len(model.asked) == 1


@pytest.mark.parametrize("error", [fail(), BudgetError("The cap would be passed.")])
def test_a_failed_second_call_loses_nothing_of_the_first(error: ProviderError | BudgetError) -> None:
    told: list[RunEvent] = []
    answer = ask(ScriptedAnswers(["Only words.", error]), record=told)
    assert (answer.text, answer.cost.usd) == ("Only words.", 0.01)
    assert any(isinstance(event, LogEvent) and "did not come" in event.text for event in told)


def test_a_whole_program_that_came_before_the_deadline_counts() -> None:
    answer = ask(ScriptedAnswers([fail(program(0.7) + "This strategy")]))
    assert answer.found.change == "hold 0.7"
    assert (answer.usage, answer.cost.usd) == (PAID, 0.02)
    assert "broke off behind the program" in answer.notes[-1]


def test_half_a_program_that_came_before_the_deadline_does_not_count() -> None:
    with pytest.raises(ProviderError) as failed:
        ask(ScriptedAnswers([fail(program(0.7)[:-40])]))
    assert failed.value.partial


def test_edits_are_applied_to_the_program_that_was_asked_about() -> None:
    edit = "Change: more\n<<<<<<< SEARCH\n    params = dict(hold=0.3)\n=======\n    params = dict(hold=0.6)\n>>>>>>> REPLACE\n"
    base = program(0.3).partition("```python\n")[2].rpartition("```")[0]
    answer = ask(ScriptedAnswers([edit]), base=base)
    assert answer.found.code == base.replace("0.3", "0.6")
