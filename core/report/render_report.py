"""Rendering of a report: one HTML file that needs nothing else, or Markdown for a ticket or a chat."""

import re
from functools import cache
from importlib.resources import files

from jinja2 import Environment, Template
from markupsafe import Markup

from core.report.basket_report import BASKET_HEAD
from core.report.comparison import Cell, CellState
from core.report.run_report import LEADERBOARD_HEAD, RunReport

STATE_WORDS = {CellState.LOCKED: "not looked at", CellState.FAILED: "failed", CellState.GOING_ON: "when it is over"}
SPECIAL = re.compile(r"([\\`*_{}\[\]<>#|])")


def render_html(report: RunReport) -> str:
    """Render a report as one HTML document; all foreign text is escaped, and nothing in it asks a network for anything."""
    charts = [(title, Markup(picture)) for title, picture in report.charts]  # made here; the texts in them are escaped there
    rendered: str = _load_template().render(
        report=report, head=LEADERBOARD_HEAD, basket_head=BASKET_HEAD, charts=charts, show_cell=show_cell
    )
    return rendered


@cache
def _load_template() -> Template:
    text = files("core.report").joinpath("templates", "report.html.jinja").read_text(encoding="utf-8")
    environment = Environment(autoescape=True, trim_blocks=True, lstrip_blocks=True)
    return environment.from_string(text)


def show_cell(cell: Cell) -> str:
    """Show a cell's text, or the words for why it has none."""
    return STATE_WORDS.get(cell.state, cell.text)


def render_markdown(report: RunReport) -> str:
    """Render the essence of a report as Markdown: what is said, the table, how it was measured. Foreign text shows as itself."""
    parts = [f"## {escape_markdown(report.title)}", escape_markdown(report.about), *(f"- {escape_markdown(text)}" for text in report.lead)]
    for said in report.statements:
        parts.append(f"- **{escape_markdown(said.name)}: {escape_markdown(said.figure)}.** {escape_markdown(said.meaning)}")
    parts += ["", *_render_table(report), ""]
    if report.basket:
        parts += [
            "**Instrument by instrument**",
            "",
            *_render_basket(report),
            "",
            *(f"- {escape_markdown(said)}" for said in report.basket_said),
            "",
        ]
    if report.workflow:
        parts += [
            "**Workflow**",
            *(f"- {row}: {escape_markdown(text)}" if row else f"- {escape_markdown(text)}" for row, text in report.workflow),
            "",
        ]
    if report.findings:
        parts += ["**Findings**", *(f"- {escape_markdown(text)}" for text in report.findings), ""]
    parts += [f"- {name}: {escape_markdown(value)}" for name, value in (*report.settings, *report.hashes)]
    parts += ["", f"_{escape_markdown(report.risk)}_", ""]
    return "\n".join(parts)


def _render_basket(report: RunReport) -> list[str]:
    lines = [f"| {' | '.join(BASKET_HEAD)} |", f"|---|{'---:|' * (len(BASKET_HEAD) - 1)}"]
    return lines + [f"| {' | '.join(escape_markdown(cell) for cell in row)} |" for row in report.basket]


def escape_markdown(text: str) -> str:
    """Escape foreign text, on one line.

    >>> escape_markdown("a|b *c*")
    'a\\\\|b \\\\*c\\\\*'
    """
    return SPECIAL.sub(r"\\\1", " ".join(text.split()))


def _render_table(report: RunReport) -> list[str]:
    columns = report.comparison.columns
    names = " | ".join(escape_markdown(column.name) for column in columns)
    lines = [f"| | {names} |", f"|---|{'---:|' * len(columns)}"]
    lines.append(f"| standing | {' | '.join(', '.join(badge.value for badge in column.badges) for column in columns)} |")
    for group in report.comparison.groups:
        for row in group.rows:
            if row.same or row.name in ("change", "hypothesis"):
                continue
            cells = " | ".join(
                f"{'**' if cell.best else ''}{escape_markdown(show_cell(cell))}{'**' if cell.best else ''}" for cell in row.cells
            )
            lines.append(f"| {escape_markdown(group.name)}: {escape_markdown(row.label)} | {cells} |")
    return lines
