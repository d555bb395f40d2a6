"""A picture of a workflow as Graphviz DOT: filters, entries, size, exits and risk, from left to right."""

from itertools import pairwise

from core.domain.workflow import Section, Workflow
from core.language.explainer import explain

COLUMNS = (
    ("filters", "Filters", (Section.FILTER,)),
    ("entries", "Entries", (Section.ENTRY_LONG, Section.ENTRY_SHORT)),
    ("sizing", "Size", (Section.SIZING,)),
    ("exits", "Exits and risk", (Section.EXIT_LONG, Section.EXIT_SHORT, Section.RISK)),
)
WIDTH = 34


def graph_dot(workflow: Workflow) -> str:
    """DOT source of the workflow's picture; disabled rows are left out."""
    active = {row.id: row for row in workflow.rows if row.enabled}
    sentences = {sentence.row: sentence for sentence in explain(workflow) if sentence.row in active}
    lines = ["digraph workflow {", "  rankdir=LR;", '  node [shape=box, style="rounded", fontsize=11];']
    present: list[str] = []
    for name, title, sections in COLUMNS:
        rows = [row for row in active.values() if row.section in sections]
        if not rows:
            continue
        present.append(name)
        lines += [f"  subgraph cluster_{name} {{", f'    label="{title}";']
        for row in rows:
            text = sentences[row.id].text if row.id in sentences else row.id
            number = list(active).index(row.id)
            lines.append(f'    n{number} [label="{_wrapped(row.id, row.group, row.section, text)}"];')
        lines.append("  }")
    lines += _edges(workflow, present)
    return "\n".join([*lines, "}"]) + "\n"


def _edges(workflow: Workflow, present: list[str]) -> list[str]:
    active = [row for row in workflow.rows if row.enabled]
    columns = {section: name for name, _, sections in COLUMNS for section in sections}
    edges = []
    for first, second in pairwise(present):
        for start in (number for number, row in enumerate(active) if columns[row.section] == first):
            edges += [f"  n{start} -> n{end};" for end, row in enumerate(active) if columns[row.section] == second]
    return edges


def _wrapped(row: str, group: str, section: Section, text: str) -> str:
    badge = f"{row} ({group})" if section not in (Section.SIZING, Section.RISK) else row
    lines, line = [_escaped(badge)], ""
    for word in text.split():
        if line and len(line) + len(word) + 1 > WIDTH:
            lines.append(_escaped(line))
            line = ""
        line = f"{line} {word}".strip()
    return "\\n".join([*lines, _escaped(line)])


def _escaped(text: str) -> str:
    return "".join(char if char.isprintable() else " " for char in text).replace("\\", "\\\\").replace('"', '\\"')
