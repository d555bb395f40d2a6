"""The built-in optimizer: answers a prompt with the workflow's own code at other parameter values. Not a language model, and says so.

It reads nothing but the messages of the call, like any model: the `<state>` block in them holds the workflow and the scores
so far. It changes numbers, never the structure of a strategy. Choosing the numbers is `optimizer`'s business.
"""

import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pydantic import Field, ValidationError

from core.domain.errors import ProviderError, WorkflowError
from core.domain.value import Value
from core.domain.workflow import Parameter
from core.llm.errors import build_provider_error
from core.llm.litellm_import import Messages
from core.llm.optimizer import ParameterTrial, Values, defaults, propose_values

_STATE = re.compile(r"<state>(.*?)</state>", re.DOTALL)
_OTHER_MODEL = "Choose a language model: it can change the structure of the strategy."


@dataclass(frozen=True, slots=True)
class BuiltInParts:
    """The functions of the language room that the optimizer needs."""

    compile: Callable[[Mapping[str, Any], Mapping[str, float], Mapping[str, Any]], str]
    """Workflow document, parameter values and what is known of the instrument's trading day to Backtrader code.

    Raises WorkflowError when they do not fit together.
    """
    parameters: Callable[[Mapping[str, Any]], tuple[Parameter, ...]]
    """The free numbers of a workflow document."""


class PromptState(Value):
    """The run so far, as the prompt tells it to machines."""

    seed: int = 0
    loop: int = 0
    objective: str = "sharpe"
    workflow: dict[str, Any]
    instrument: dict[str, Any] = Field(default={})
    """Its class, calendar and hours, without its name."""
    several: bool = False
    """True when the run has further instruments."""
    history: tuple[ParameterTrial, ...] = Field(default=())

    @property
    def facts(self) -> dict[str, Any]:
        """Everything that the compiler is told besides the workflow and its numbers."""
        return self.instrument | ({"several": True} if self.several else {})


def read_state(messages: Messages) -> PromptState:
    """The last state block in what the user says. Raises ProviderError when there is none that can be read."""
    told = "\n".join(_text(message["content"]) for message in messages if message.get("role") == "user")
    found = _STATE.findall(told)
    if not found:
        raise _unreadable("the prompt holds no <state> block")
    try:
        return PromptState.model_validate(json.loads(found[-1]))
    except (ValueError, ValidationError) as error:
        raise _unreadable(f"its <state> block is not in the agreed form ({str(error).splitlines()[0]})") from error


def answer_prompt(messages: Messages, parts: BuiltInParts | None) -> str:
    """One answer in the form that every model is asked for: what changes, why, and one block of code."""
    if parts is None:
        raise _problem("BadRequestError", "The built-in optimizer was started without a compiler.", "This is a fault of the installation.")
    state = read_state(messages)
    try:
        parameters = parts.parameters(state.workflow)
        values, code = _choose(parameters, state, parts)
    except WorkflowError as error:
        raise _problem("BadRequestError", f"The workflow cannot be compiled: {error}", "Check the workflow.") from error
    return f"{_describe_change(parameters, state, values)}\n\n```python\n{code.rstrip()}\n```\n"


def _choose(parameters: tuple[Parameter, ...], state: PromptState, parts: BuiltInParts) -> tuple[Values, str]:
    """The numbers to try next, and the program with them."""
    if not state.history:
        values = defaults(parameters)
        return values, parts.compile(state.workflow, values, state.facts)
    if not parameters:
        raise _problem("NothingToVary", "The workflow has no free numbers, so the built-in optimizer has nothing to change.", _OTHER_MODEL)

    written: list[str] = []

    def feasible(values: Values) -> bool:
        try:
            written[:] = [parts.compile(state.workflow, values, state.facts)]
        except WorkflowError:
            return False
        return True

    found = propose_values(parameters, state.history, seed=state.seed, loop=state.loop, feasible=feasible)
    if found is None:
        tried = len(state.history)
        raise _problem("NothingLeft", f"After {tried} tries no other combination of the workflow's numbers could be found.", _OTHER_MODEL)
    return found, written[0]


def _describe_change(parameters: Sequence[Parameter], state: PromptState, values: Values) -> str:
    """The two lines before the code. They claim nothing that an optimizer cannot know."""
    if not state.history:
        return "Change: none, the workflow as it stands.\nHypothesis: none; the built-in optimizer compiles, it does not reason."
    scored = [entry for entry in state.history if entry.score is not None]
    best = max(scored, key=lambda entry: entry.score or 0.0, default=None)
    base = defaults(parameters) | (best.values if best else {})
    changes = [f"{name} {base[name]:g} to {value:g}" for name, value in values.items() if value != base[name]]
    basis = f"{len(scored)} scored {'try' if len(scored) == 1 else 'tries'}"
    return (
        f"Change: {', '.join(changes)}.\n"
        f"Hypothesis: none; the built-in optimizer proposes these values from {basis} by statistics (TPE), "
        "without understanding the strategy."
    )


def _text(content: Any) -> str:
    if isinstance(content, str):
        return content
    return "\n".join(str(part.get("text", "")) for part in content or ())


def _unreadable(what: str) -> ProviderError:
    return _problem(
        "BadRequestError", f"The built-in optimizer cannot read the prompt: {what}.", "Use an unedited prompt, or a language model."
    )


def _problem(name: str, message: str, hint: str) -> ProviderError:
    return build_provider_error(name, message, hint=hint)
