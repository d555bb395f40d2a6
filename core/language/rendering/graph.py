"""A picture of a workflow as Graphviz DOT: filters, entries, size, exits and risk, from left to right."""

from collections.abc import Iterator
from itertools import pairwise

from core.domain.workflow import Row, Section, Workflow
from core.language.rendering.explainer import explain
from core.language.syntax.definition import is_rule_row

COLUMNS = (
    ("filters", "Filters", (Section.FILTER,)),
    ("entries", "Entries", (Section.ENTRY_LONG, Section.ENTRY_SHORT)),
    ("sizing", "Size", (Section.SIZING,)),
    ("exits", "Exits and risk", (Section.EXIT_LONG, Section.EXIT_SHORT, Section.RISK)),
)
WIDTH = 34


def render_dot(workflow: Workflow) -> str:
    """Render the workflow's picture as DOT: a column for each part, a box for each group of joined rows; disabled rows are left out.

    Nodes are named `n0`, `n1` ... in the table's order.
    """
    active = [row for row in workflow.rows if row.enabled]
    texts = {sentence.row: sentence.text for sentence in explain(workflow) if sentence.row is not None}
    lines = ["digraph workflow {", "  rankdir=LR;", "  compound=true;", '  node [shape=box, style="rounded", fontsize=11];']
    present: list[tuple[str, int]] = []
    for name, title, sections in COLUMNS:
        mine = [(number, row) for number, row in enumerate(active) if row.section in sections]
        if not mine:
            continue
        present.append((name, mine[0][0]))
        lines += [f"  subgraph cluster_{name} {{", f'    label="{title}";']
        for number, row in mine:
            lines.append(f'    n{number} [label="{_wrapped(row, texts.get(row.id, ""))}"];')
        lines += _groups(name, mine)
        lines.append("  }")
    lines += [
        f"  n{start} -> n{end} [ltail=cluster_{first}, lhead=cluster_{second}];" for (first, start), (second, end) in pairwise(present)
    ]
    return "\n".join([*lines, "}"]) + "\n"


def _groups(column: str, rows: list[tuple[int, Row]]) -> Iterator[str]:
    """Boxes around the rows that must be true together, where there are several."""
    groups: dict[tuple[Section, str], list[int]] = {}
    for number, row in rows:
        if not is_rule_row(row):
            groups.setdefault((row.section, row.group), []).append(number)
    for place, members in enumerate(members for members in groups.values() if len(members) > 1):
        yield f"    subgraph cluster_{column}_{place} {{"
        yield '      label="all of";'
        yield f"      {' '.join(f'n{number};' for number in members)}"
        yield "    }"


def _wrapped(row: Row, text: str) -> str:
    badge = row.id if is_rule_row(row) else f"{row.id} ({row.group})"
    lines, line = [_escaped(badge)], ""
    for word in text.split():
        if line and len(line) + len(word) + 1 > WIDTH:
            lines.append(_escaped(line))
            line = ""
        line = f"{line} {word}".strip()
    return "\\n".join([*lines, _escaped(line)])


def _escaped(text: str) -> str:
    return "".join(char if char.isprintable() else " " for char in text).replace("\\", "\\\\").replace('"', '\\"')
