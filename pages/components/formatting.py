"""Text for the screen: what a run is about, ages, colors of states; and foreign text made harmless. No widgets.

Numbers are formatted by `core.report.number_format`, figures by `core.report.figures`, states named by `core.report.labels`.
"""

import re
from datetime import UTC, datetime
from typing import Literal

from core.domain.backtest import Verdict
from core.domain.run import Run, RunPlan, Status
from core.report.labels import TIMEFRAME, label_run_model
from core.report.sentences import to_sentence

SECONDS_OF_CLOCKS_APART = 60.0
"""Difference of clocks of machines that share a history."""
Color = Literal["red", "orange", "yellow", "blue", "green", "violet", "gray", "primary"]

STATUS_ICON = {
    Status.QUEUED: ":material/hourglass_empty:",
    Status.RUNNING: ":material/bolt:",
    Status.PAUSED: ":material/pause:",
    Status.COMPLETE: ":material/check:",
    Status.FAILED: ":material/error:",
    Status.CANCELLED: ":material/block:",
}

STATUS_COLOR: dict[Status, Color] = {
    Status.QUEUED: "gray",
    Status.RUNNING: "blue",
    Status.PAUSED: "orange",
    Status.COMPLETE: "green",
    Status.FAILED: "red",
    Status.CANCELLED: "gray",
}

VERDICT_COLOR: dict[Verdict, Color] = {
    Verdict.CLEAN: "green",
    Verdict.PROVED: "green",
    Verdict.CHECKED: "orange",
    Verdict.LEAKED: "red",
    Verdict.NOT_CHECKABLE: "orange",
}
LEVEL_COLOR: dict[int, Color] = {2: "green", 1: "orange", 0: "red"}

MARKDOWN = re.compile(r"([\\`*_{}\[\]<>()#+\-.!|~$:&=^\"'/@])")


ADDRESS = re.compile(r"(?i)\b(?:https?|ftp|xmpp|mailto|tel):|\bwww(?=\.)|(?<=[\w.+-])@(?=\w)")
"""Beginnings of what Markdown makes a link of without being asked."""


def escape(text: str) -> str:
    """Foreign text for a place where Streamlit reads Markdown (labels, captions, alerts): every sign is shown as itself.

    >>> escape("**AAPL** [x](y)")
    '\\\\*\\\\*AAPL\\\\*\\\\* \\\\[x\\\\]\\\\(y\\\\)'
    """
    line = " ".join(text.split())
    line = re.sub(r":(?=[\w/+-]+:)", ":\u2060", line)  # a word joiner keeps `:name:` from becoming an icon
    line = ADDRESS.sub("\\g<0>\u2060", line)  # and an address from becoming a link
    return MARKDOWN.sub(r"\\\1", line)


def escape_badge(text: str) -> str:
    """Escape foreign text for `st.badge`, which puts the backslash before square brackets itself."""
    return re.sub(r"\\([\[\]])", r"\1", escape(text))


def format_sentence(text: str) -> str:
    """Format foreign text as a sentence: a capital first, a stop at its end; safe for Markdown.

    >>> format_sentence("use less cash"), format_sentence("")
    ('Use less cash.', '')
    """
    plain = to_sentence(text)
    return escape(plain[:-1]) + plain[-1:]


def format_age(moment: datetime, now: datetime | None = None) -> str:
    """Format the age of a moment; one to come, which a clock that was ahead wrote down, by its day.

    >>> now = datetime(2024, 1, 1, 0, 5, tzinfo=UTC)
    >>> format_age(datetime(2024, 1, 1, tzinfo=UTC), now), format_age(datetime(2031, 6, 1, tzinfo=UTC), now)
    ('5 min ago', '2031-06-01')
    """
    gone = ((now or datetime.now(UTC)) - moment).total_seconds()
    if gone < -SECONDS_OF_CLOCKS_APART:
        return f"{moment:%Y-%m-%d}"
    if gone < 45:
        return "just now"
    if gone < 3600:
        return f"{round(gone / 60)} min ago"
    if gone < 86_400:
        return f"{round(gone / 3600)} h ago"
    return f"{moment:%Y-%m-%d}"


def format_moment(moment: datetime) -> str:
    """Format a moment for a choice among several: an age would be another word a minute later, and the choice be lost.

    >>> format_moment(datetime(2024, 1, 1, 9, 5, 30, tzinfo=UTC))
    '2024-01-01 09:05 UTC'
    """
    return f"{moment.astimezone(UTC):%Y-%m-%d %H:%M} UTC"


def format_asset(run: Run) -> str:
    """Format symbols (or files) and timeframe of a run."""
    bars = run.plan.bars
    return f"{bars.label} {TIMEFRAME[bars.timeframe].lower()}"


def format_subject(run: Run) -> str:
    """Describe a run by workflow, asset and model; safe for Markdown."""
    parts = (run.plan.workflow.name or "untitled", format_asset(run), label_run_model(run))
    return " · ".join(escape(part) for part in parts)


def format_span(run: Run) -> str:
    """Format the date range of a run as it was asked for."""
    return format_plan_span(run.plan)


def format_plan_span(plan: RunPlan) -> str:
    """Format the date range of a plan."""
    bars = plan.bars
    return f"{bars.start or 'first bar'} to {bars.end or 'last bar'}"
