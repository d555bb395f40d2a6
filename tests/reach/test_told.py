"""Descriptions in the words of forums and books, read by patterns alone: the rows that they became, and what is left unsaid.

Each line of the file is a text, what the rows do not say of it (empty where all of it is said), and the rows. They were written down
before they were tried; phrases that were not known were added afterwards, so the file keeps readings in place and measures no first try.
"""

from pathlib import Path

import pytest

from core.domain.errors import Severity
from core.language import ProposedRow, check, compile_workflow, propose_workflow

TOLD = [line.split(" | ") for line in (Path(__file__).parent / "told.txt").read_text(encoding="utf-8").splitlines()]


def test_nine_of_ten_are_said_in_full_after_their_phrases_were_added() -> None:
    assert len(TOLD) >= 100
    assert sum(not left.strip() for _, left, _ in TOLD) >= 0.9 * len(TOLD)


PARTS = [line.split(" | ") for line in (Path(__file__).parent / "told_parts.txt").read_text(encoding="utf-8").splitlines()]
"""Texts of other voices, read from parts of clauses; a remark in parentheses is about the text itself, which has no entry or way out."""


def test_later_texts_are_said_in_full_or_name_what_is_left() -> None:
    assert len(PARTS) >= 100
    assert sum(not left.strip() or left.startswith("(") for _, left, _ in PARTS) >= 0.85 * len(PARTS)


ROUNDS = [line.split(" | ") for line in (Path(__file__).parent / "told_rounds.txt").read_text(encoding="utf-8").splitlines()]
"""Texts of a third collection, each round of them written before any of it was tried."""


def test_three_of_four_of_the_third_collection_are_said_in_full() -> None:
    assert len(ROUNDS) >= 110
    assert sum(not left.strip() for _, left, _ in ROUNDS) >= 0.75 * len(ROUNDS)


READER = [line.split(" | ") for line in (Path(__file__).parent / "told_third_reader.txt").read_text(encoding="utf-8").splitlines()]
"""Texts of a reader who had written nothing of this, all of them before any was tried."""
VOICES = [line.split(" | ") for line in (Path(__file__).parent / "told_voices.txt").read_text(encoding="utf-8").splitlines()]
"""Of a hundred texts in other voices those that are said in full, with remarks of their own that are named."""
SPECIFICATIONS = [
    line.split(" | ") for line in (Path(__file__).parent / "told_specifications.txt").read_text(encoding="utf-8").splitlines()
]
"""Of two hundred texts as forums, notes and language models write them (headings, lists, symbols) those that are said in full."""
LISTS = [line.split(" | ") for line in (Path(__file__).parent / "told_lists.txt").read_text(encoding="utf-8").splitlines()]
"""Of 84 texts with lists, brackets, notes and English as a second language those that are said in full."""
PUBLISHED = [line.split(" | ") for line in (Path(__file__).parent / "told_published.txt").read_text(encoding="utf-8").splitlines()]
"""Of 122 texts of published strategies, as books, script pages, desks and forums tell them, those whose rules are said in full."""
NOTES = [line.split(" | ") for line in (Path(__file__).parent / "told_notes.txt").read_text(encoding="utf-8").splitlines()]
"""Of 88 notes and posts those that are said in full."""
ORDINARY = [line.split(" | ") for line in (Path(__file__).parent / "told_ordinary.txt").read_text(encoding="utf-8").splitlines()]
"""Of 130 ordinary descriptions, an entry with an exit, a stop or a size in one to five sentences, those that are said in full."""
LATER = [*PARTS, *ROUNDS, *READER, *VOICES, *SPECIFICATIONS, *LISTS, *PUBLISHED, *NOTES, *ORDINARY]


@pytest.mark.parametrize(("text", "left", "rows"), LATER, ids=[text[:40] for text, _, _ in LATER])
def test_a_text_of_another_voice_becomes_the_rows_that_it_was_judged_by(text: str, left: str, rows: str) -> None:
    proposal = propose_workflow(text.replace("\\n", "\n"))

    assert "; ".join(_say(each) for each in proposal.rows if each.words) == rows
    assert not left.strip() or left.startswith("(") or proposal.unread
    if not left.strip():
        assert [problem for problem in check(proposal.workflow) if problem.severity is Severity.ERROR] == []
        assert "class " in compile_workflow(proposal.workflow)


def _say(each: ProposedRow) -> str:
    row = each.row
    cells = [row.operator, *row.thresholds] if row.thresholds else []
    group = [row.group] if row.group != "A" else []
    return " ".join([row.section, *group, *row.indicators, *cells, *([f"within {row.within}"] if row.within > 1 else [])])


@pytest.mark.parametrize(("text", "left", "rows"), TOLD, ids=[text[:40] for text, _, _ in TOLD])
def test_a_description_becomes_the_rows_that_it_was_judged_by(text: str, left: str, rows: str) -> None:
    proposal = propose_workflow(text)

    found = [
        " ".join([each.row.section, *each.row.indicators, *([each.row.operator, *each.row.thresholds] if each.row.thresholds else [])])
        for each in proposal.rows
        if each.words
    ]
    assert "; ".join(found) == rows
    if not left.strip():
        assert [problem for problem in check(proposal.workflow) if problem.severity is Severity.ERROR] == []
        assert "class " in compile_workflow(proposal.workflow)
