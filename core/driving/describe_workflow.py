"""A description in plain English to a proposed workflow: by patterns without a model, or asked of a model, checked, and repaired once."""

from dataclasses import dataclass, replace
from typing import Any

from core import language
from core.domain.errors import Problem, Severity, WorkflowError
from core.domain.model_calls import BUNDLED_LABELS, ModelRequest, Prompt
from core.domain.run import Effort, ModelChoice
from core.domain.usage import Cost, Usage, sum_costs, sum_usages
from core.driving.answers import collect_completion
from core.driving.ports import Cancel, Model
from core.prompts import extract_document, render_workflow_repair, render_workflow_request

REPAIRS = 1
"""Times that a model is asked to mend its document."""


@dataclass(frozen=True, slots=True)
class Description:
    """Result of describing a strategy: a proposal to look at, or the reason why there is none."""

    proposal: language.WorkflowProposal | None
    problems: tuple[Problem, ...]
    """Faults of the proposed rows, or of the answer."""
    model: str = ""
    """Id of the model that was asked; empty for patterns."""
    answers: int = 0
    usage: Usage = Usage()  # noqa: RUF009 - a frozen value
    cost: Cost = Cost()  # noqa: RUF009 - a frozen value


def describe_workflow(text: str, model: Model, choice: ModelChoice | None, *, cancel: Cancel) -> Description:
    """Propose a workflow for a description. Without a language model patterns read it. Raises ProviderError and BudgetError."""
    if choice is None or choice.id in BUNDLED_LABELS:
        proposal = language.propose_workflow(text)
        return Description(proposal, language.check(proposal.workflow) if proposal.rows else ())
    prompt = render_workflow_request(text, language.render_grammar())
    asked = _ask(text, model, choice, prompt, "describe", cancel)
    for _ in range(REPAIRS):
        errors = [str(problem) for problem in asked.found.problems if problem.severity is Severity.ERROR]
        if not errors or cancel.is_set():
            break
        again = _ask(text, model, choice, render_workflow_repair(prompt, asked.text, errors), "repair", cancel)
        found = replace(
            again.found,
            answers=asked.found.answers + 1,
            usage=sum_usages((asked.found.usage, again.found.usage)),
            cost=sum_costs((asked.found.cost, again.found.cost)),
        )
        better = _count_errors(again.found) <= _count_errors(asked.found) or asked.found.proposal is None
        asked = (
            replace(again, found=found)
            if better
            else replace(asked, found=replace(found, proposal=asked.found.proposal, problems=asked.found.problems))
        )
    return asked.found


@dataclass(frozen=True, slots=True)
class _Asked:
    found: Description
    text: str


def _count_errors(found: Description) -> int:
    return sum(problem.severity is Severity.ERROR for problem in found.problems)


def _ask(text: str, model: Model, choice: ModelChoice, prompt: Prompt, purpose: str, cancel: Cancel) -> _Asked:
    request = ModelRequest(
        model=choice.id,
        prompt=prompt,
        api_base=choice.api_base,
        temperature=None if choice.own_temperature else 0.1 if choice.temperature is None else choice.temperature,
        max_tokens=choice.max_tokens,
        effort="" if choice.effort is Effort.OWN else choice.effort.value,
        silence_seconds=choice.silence_seconds,
        purpose=purpose,
    )
    finished = collect_completion(model, request, cancel=cancel, record=lambda *events: None).finished
    proposal, problems = read_proposal(text, finished.text)
    return _Asked(Description(proposal, problems, choice.id, 1, finished.usage, finished.cost), finished.text)


def read_proposal(text: str, answer: str) -> tuple[language.WorkflowProposal | None, tuple[Problem, ...]]:
    """Read the document of an answer and check it; the words of each row count only where they stand in the description."""
    document = extract_document(answer)
    if document is None:
        return None, (Problem(message="the answer holds no workflow document.", remedy="Answer with one JSON object that has rows."),)
    unread = document.pop("unread", [])
    try:
        workflow = language.parse({"description": text[:500], "name": "Described strategy"} | document)
    except WorkflowError as error:
        return None, error.problems
    words = {row.id: _find_words(row.note, text) for row in workflow.rows}
    workflow = workflow.changed(rows=tuple(row.changed(note="") for row in workflow.rows))
    rows = tuple(language.ProposedRow(row, words[row.id]) for row in workflow.rows)
    assumed = tuple(row.id for row in workflow.rows if not words[row.id])
    return language.WorkflowProposal(workflow, rows, _read_pieces(unread), assumed), language.check(workflow)


def _find_words(note: str, text: str) -> str:
    plain, whole = " ".join(note.split()), " ".join(text.split())
    place = whole.lower().find(plain.lower()) if plain else -1
    return whole[place : place + len(plain)] if place >= 0 else ""


def _read_pieces(unread: Any) -> tuple[str, ...]:
    pieces = unread if isinstance(unread, list) else [unread]
    return tuple(str(piece)[:300] for piece in pieces[:20] if str(piece).strip())
