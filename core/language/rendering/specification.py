"""The workflow as specification text for a model. Same workflow, same bytes."""

from core.domain.workflow import Section, Workflow
from core.language.analysis.parameters import parameters
from core.language.rendering.explainer import explain

TITLES = {
    Section.DEFINE: "Names",
    Section.FILTER: "Filters (all must allow an entry)",
    Section.ENTRY_LONG: "Long entry",
    Section.EXIT_LONG: "Long exit",
    Section.ENTRY_SHORT: "Short entry",
    Section.EXIT_SHORT: "Short exit",
    Section.SIZING: "Position size",
    Section.RISK: "Risk",
}


def render_specification(workflow: Workflow) -> str:
    """Render a workflow's specification, deterministically: rules in words with their row ids, then the free numbers with their ranges."""
    sentences = [sentence for sentence in explain(workflow) if not sentence.disabled]
    lines = [f"Strategy: {_line(workflow.name)}"]
    lines += [f"Idea: {_line(workflow.description)}"] if workflow.description.strip() else []
    lines += [sentence.text for sentence in sentences if sentence.row is None]
    notes = {row.id: row.note for row in workflow.rows}
    for section, title in TITLES.items():
        mine = [sentence for sentence in sentences if sentence.section is section]
        lines += [f"{title}:"] if mine else []
        for sentence in mine:
            note = _line(notes.get(str(sentence.row), ""))
            lines.append(f"- [{_line(str(sentence.row))}] {sentence.text}" + (f" (note: {note})" if note else ""))
    free = parameters(workflow)
    lines += ["Free numbers (name = value, range):"] if free else []
    lines += [f"- {item.name} = {item.default:g}, {item.low:g} to {item.high:g}, row {_line(item.row)}" for item in free]
    return "\n".join(lines) + "\n"


def _line(text: str) -> str:
    """Text of the analyst's on one printable line."""
    return " ".join("".join(char if char.isprintable() else " " for char in text).split())
