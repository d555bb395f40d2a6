"""A report stands by itself: everything is in it, nothing in it is markup of others, and it asks nobody for anything."""

import re
from dataclasses import replace
from datetime import UTC, datetime
from html.parser import HTMLParser

import numpy as np
import pytest

from core.report.build_comparison import build_comparison
from core.report.render_report import render_html, render_markdown
from core.report.run_report import ListedTrade, Program, RunReport, build_run_report
from core.report.svg_chart import ChartLine, draw_chart
from tests.report.test_report_comparison import MARKET, column, market

HOSTILE = '<script>alert("x")</script><img src=http://evil.example/a.png> **b** | c'
NOW = datetime(2026, 1, 2, 3, 4, tzinfo=UTC)
DAYS = np.arange(np.datetime64("2020-01-01"), np.datetime64("2020-04-10"))


def build_report(**changes: object) -> RunReport:
    participants = [column(2, 1.5, MARKET, change=HOSTILE, code=f"x = 1  # {HOSTILE}", **changes), column(0, 1.2, MARKET), market()]
    workflow = [("", "Trades the long side only."), ("r1", f"Buy at once. {HOSTILE}")]
    return build_run_report(participants, build_comparison(participants), made=NOW, version="1.2.3", workflow=workflow)


def test_foreign_text_is_text_in_the_page() -> None:
    page = render_html(build_report())

    assert "&lt;script&gt;alert(&#34;x&#34;)&lt;/script&gt;" in page
    assert page.count("<script>") == 1, "the page's own"
    assert "<img" not in page


class Addresses(HTMLParser):
    """Collects the attributes by which a page asks for something."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found += [f"{tag} {name}" for name, _ in attrs if name in ("src", "href", "srcset", "action", "xlink:href", "background")]
        self.found += [tag] if tag in ("link", "iframe", "object", "embed", "base", "form") else []


def test_the_page_asks_for_nothing_outside_itself() -> None:
    page = render_html(build_report())
    seen = Addresses()

    seen.feed(page)

    assert seen.found == []
    assert "url(" not in page
    assert "default-src 'none'" in page


def test_the_page_shows_the_numbers_of_the_comparison() -> None:
    report = build_report()

    page = render_html(report)

    shown = [cell.text for group in report.comparison.groups for row in group.rows for cell in row.cells if cell.value is not None]
    assert len(shown) > 20
    assert [text for text in shown if f">{text}<" not in page] == []
    assert len(page) < 3_000_000


@pytest.mark.parametrize(("trades", "folded"), [(60, 0), (61, 1)])
def test_a_list_of_trades_longer_than_a_page_stays_folded_on_paper(trades: int, folded: int) -> None:
    trade = ListedTrade(instrument="", entry="2020-01-02", exit="2020-01-03", side="long", units="1", move="0.0%", profit="0.00")
    program = Program(name="Iteration 1", author="somebody", code="", trades=(trade,) * trades, left_out=0)

    page = render_html(replace(build_report(), programs=(program,)))

    assert page.count('<details class="long">') == folded


def test_a_group_whose_rows_are_all_the_same_is_hidden_with_them() -> None:
    report = build_report()
    hidden = [group.name for group in report.comparison.groups if all(row.same for row in group.rows)]
    assert 0 < len(hidden) < len(report.comparison.groups)

    page = render_html(report)

    heads = re.findall(r'<tr class="group( same hidden)?"><th [^>]*>([^<]+)<', page)
    assert [name for same, name in heads if same] == hidden


def test_markdown_shows_foreign_text_as_itself_and_marks_the_best() -> None:
    text = render_markdown(build_report())

    assert "<script>" not in text
    assert "\\*\\*b\\*\\* \\| c" in text
    assert "| **1.50** | 1.20 | 0.50 |" in text
    rows = [line for line in text.splitlines() if line.startswith("| ")]
    assert {len(re.findall(r"(?<!\\)\|", line)) for line in rows} == {5}, "every row has as many cells"


def test_markdown_names_the_rows_of_the_workflow_that_have_a_name() -> None:
    said = (("", "Trades the long side only."), ("r1", "Buy when it rains."))

    text = render_markdown(replace(build_report(), workflow=said))

    assert "**Workflow**\n- Trades the long side only.\n- r1: Buy when it rains." in text


def test_a_chart_holds_its_ends_and_leaves_gaps_out() -> None:
    values = np.linspace(1.0, 3.0, len(DAYS))
    values[10:20] = np.nan

    picture = draw_chart([ChartLine("a <b>", "#000000", DAYS, values)], label='of "all"', height=100)

    assert "nan" not in picture
    assert 'data-low="1.0" data-high="3.0"' in picture
    assert "a &lt;b&gt;" in picture
    assert 'aria-label="of &quot;all&quot;"' in picture


@pytest.mark.parametrize("values", [np.zeros(0), np.full(100, np.nan)])
def test_a_chart_without_values_is_nothing(values: np.ndarray) -> None:
    assert draw_chart([ChartLine("a", "#000000", DAYS[: len(values)], values)], label="x") == ""


@pytest.mark.parametrize("values", [np.ones(100), np.r_[np.zeros(50), np.ones(50)], np.r_[1e-9, np.full(99, 1e9)]])
def test_flat_empty_and_enormous_accounts_can_be_drawn(values: np.ndarray) -> None:
    picture = draw_chart([ChartLine("a", "#000000", DAYS, values)], label="x", ratio=True)

    assert "<path" in picture
    assert not re.search(r"\b(?:nan|inf)\b", picture)


def test_a_line_about_the_whole_workflow_names_no_row() -> None:
    assert "\n- Trades the long side only.\n- r1: Buy at once." in render_markdown(build_report())
