"""Formatting of values for the screen: numbers, money, times, names of states; and foreign text made harmless. No widgets."""

import re
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Literal

from core.domain.backtest import OutcomeStatus, Stage, Verdict
from core.domain.instrument import Timeframe
from core.domain.iteration import Iteration
from core.domain.run import Objective, Run, RunKind, RunPlan, Status

Color = Literal["red", "orange", "yellow", "blue", "green", "violet", "gray", "primary"]

DASH = "—"
"""Stands for a figure that is not defined."""

BUILT_IN = "Built-in optimizer (not an AI model)"

RISK = (
    "Simulated past results. They say nothing certain about the future, leave out taxes and market impact, and are not investment advice."
)

STATUS = {
    Status.QUEUED: "Queued",
    Status.RUNNING: "Running",
    Status.PAUSED: "Paused",
    Status.COMPLETE: "Complete",
    Status.FAILED: "Failed",
    Status.CANCELLED: "Cancelled",
}

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

KIND = {RunKind.DRIVE: "LLM driving", RunKind.GENERATE: "Code generation", RunKind.EDITOR: "Editor backtests"}

OBJECTIVE = {
    Objective.SHARPE: "Sharpe ratio",
    Objective.SORTINO: "Sortino ratio",
    Objective.CALMAR: "Calmar ratio",
    Objective.TOTAL_RETURN: "Total return",
    Objective.FORMULA: "A formula of your own",
}

TIMEFRAME = {
    Timeframe.M1: "1 minute",
    Timeframe.M2: "2 minutes",
    Timeframe.M3: "3 minutes",
    Timeframe.M5: "5 minutes",
    Timeframe.M10: "10 minutes",
    Timeframe.M15: "15 minutes",
    Timeframe.M30: "30 minutes",
    Timeframe.H1: "1 hour",
    Timeframe.H2: "2 hours",
    Timeframe.H4: "4 hours",
    Timeframe.D1: "Daily",
    Timeframe.W1: "Weekly",
}

STAGE = {
    Stage.GENERATE: "writing code",
    Stage.PARSE: "reading the code",
    Stage.GATE: "checking the code",
    Stage.LOAD: "loading the code",
    Stage.RUN: "backtesting",
    Stage.LEDGER: "checking the ledger",
    Stage.LOOK_AHEAD: "checking for look-ahead",
    Stage.SCORE: "scoring",
    Stage.DONE: "done",
}

OUTCOME = {
    OutcomeStatus.OK: "ok",
    OutcomeStatus.ERROR: "error",
    OutcomeStatus.GATE: "refused by the gate",
    OutcomeStatus.TIMEOUT: "took too long",
    OutcomeStatus.CPU_LIMIT: "too much computing",
    OutcomeStatus.MEMORY: "too much memory",
    OutcomeStatus.OUTPUT_LIMIT: "printed too much",
    OutcomeStatus.RESULT_TOO_LARGE: "too many orders",
    OutcomeStatus.MALFORMED: "unreadable answer",
    OutcomeStatus.REJECTED: "orders rejected",
    OutcomeStatus.DIED: "crashed",
    OutcomeStatus.CANCELLED: "cancelled",
    OutcomeStatus.SUPERVISOR_DIED: "platform fault",
}

VERDICT_COLOR: dict[Verdict, Color] = {Verdict.CLEAN: "green", Verdict.LEAKED: "red", Verdict.NOT_CHECKABLE: "orange"}
LEVEL = {2: "Isolated", 1: "Confined", 0: "Not isolated"}
LEVEL_COLOR: dict[int, Color] = {2: "green", 1: "orange", 0: "red"}
VERDICT = {Verdict.CLEAN: "No look-ahead", Verdict.LEAKED: "Reads the future", Verdict.NOT_CHECKABLE: "Look-ahead not checkable"}

MARKDOWN = re.compile(r"([\\`*_{}\[\]<>()#+\-.!|~$:&=^\"'/@])")


def escape(text: str) -> str:
    """Foreign text for a place where Streamlit reads Markdown (labels, captions, alerts): every sign is shown as itself.

    >>> escape("**AAPL** [x](y)")
    '\\\\*\\\\*AAPL\\\\*\\\\* \\\\[x\\\\]\\\\(y\\\\)'
    """
    line = " ".join(text.split())
    line = re.sub(r":(?=[\w/+-]+:)", ":\u2060", line)  # a word joiner keeps `:name:` from becoming an icon
    return MARKDOWN.sub(r"\\\1", line)


def escape_badge(text: str) -> str:
    """Escape foreign text for `st.badge`, which puts the backslash before square brackets itself."""
    return re.sub(r"\\([\[\]])", r"\1", escape(text))


def sentence(text: str) -> str:
    """Foreign text as a sentence: a capital first, a stop at its end; safe for Markdown.

    >>> format_sentence("use less cash"), format_sentence("")
    ('Use less cash.', '')
    """
    plain = " ".join(text.split())
    if not plain:
        return ""
    return escape(plain[0].upper() + plain[1:]) + ("" if plain[-1] in ".!?:" else ".")


def ratio(value: float | None, digits: int = 2) -> str:
    """A ratio such as Sharpe.

    >>> format_ratio(1.4159), format_ratio(None), format_ratio(-0.004)
    ('1.42', '—', '0.00')
    """
    if value is None:
        return DASH
    text = f"{value:.{digits}f}"
    return text.lstrip("-") if float(text) == 0 else text


def percent(value: float | None, digits: int = 1, *, sign: bool = False) -> str:
    """A fraction as percent.

    >>> format_percent(-0.0871), format_percent(None), format_percent(0.349, sign=True)
    ('-8.7%', '—', '+34.9%')
    """
    if value is None:
        return DASH
    text = f"{value * 100:{'+' if sign else ''},.{digits}f}%"
    return text.lstrip("+-") if float(text.rstrip("%").replace(",", "")) == 0 else text


def money(value: float | None, currency: str = "USD", digits: int = 0) -> str:
    """An amount of an account's currency.

    >>> format_money(12345.6), format_money(-3.5, "EUR", 2), format_money(None)
    ('$12,346', '-3.50 EUR', '—')
    """
    if value is None:
        return DASH
    amount = f"{abs(value):,.{digits}f}"
    sign = "-" if value < 0 and float(amount.replace(",", "")) != 0 else ""
    return f"{sign}${amount}" if currency == "USD" else f"{sign}{amount} {currency}"


def dollars(usd: float) -> str:
    """Format the cost of a model call: small amounts with enough digits to tell them apart.

    >>> format_dollars(0.0421), format_dollars(1.5), format_dollars(0.00012)
    ('$0.042', '$1.50', '$0.00012')
    """
    if usd >= 1:
        return f"${usd:,.2f}"
    return f"${usd:.3f}" if usd >= 0.001 or usd == 0 else f"${usd:.2g}"


def cost(iterations: Iterable[Iteration]) -> str:
    """Format the cost of the calls of some iterations: `free` (nothing was paid for), `unknown` (a price is missing) or dollars."""
    calls = [iteration.cost for iteration in iterations]
    if any(call.usd is None for call in calls):
        return "unknown"
    if all(call.price_source == "free" for call in calls):
        return "free"
    return dollars(sum(call.usd or 0.0 for call in calls))


def seconds(value: float) -> str:
    """A length of time.

    >>> format_duration(0.21), format_duration(75), format_duration(4000)
    ('0.2 s', '1 min 15 s', '1 h 06 min')
    """
    if value < 60:
        return f"{value:.1f} s"
    if value < 3600:
        return f"{int(value // 60)} min {int(value % 60):02d} s"
    return f"{int(value // 3600)} h {int(value % 3600 // 60):02d} min"


def ago(moment: datetime, now: datetime | None = None) -> str:
    """Format the age of a moment.

    >>> format_age(datetime(2024, 1, 1, tzinfo=UTC), datetime(2024, 1, 1, 0, 5, tzinfo=UTC))
    '5 min ago'
    """
    gone = ((now or datetime.now(UTC)) - moment).total_seconds()
    if gone < 45:
        return "just now"
    if gone < 3600:
        return f"{round(gone / 60)} min ago"
    if gone < 86_400:
        return f"{round(gone / 3600)} h ago"
    return f"{moment:%Y-%m-%d}"


def model(model_id: str) -> str:
    """Format the author of code, for people."""
    own = {"compiler": "Compiled workflow", "editor": "From the editor", "built-in": BUILT_IN, "demo": "Demo (a replay, not a model)"}
    return own.get(model_id, model_id)


def asset(run: Run) -> str:
    """Symbol (or file) and timeframe of a run."""
    bars = run.plan.bars
    return f"{bars.symbol or bars.path.rsplit('/', 1)[-1]} {TIMEFRAME[bars.timeframe].lower()}"


def subject(run: Run) -> str:
    """Describe a run by workflow, asset and model; safe for Markdown."""
    parts = (run.plan.workflow.name or "untitled", asset(run), model(run.plan.model.id))
    return " · ".join(escape(part) for part in parts)


def span(run: Run) -> str:
    """Date range of a run as it was asked for."""
    return span_of(run.plan)


def span_of(plan: RunPlan) -> str:
    """Date range of a plan."""
    bars = plan.bars
    return f"{bars.start or 'first bar'} to {bars.end or 'last bar'}"


def verdict(iteration: Iteration) -> str:
    """One word or two on how an iteration ended."""
    if iteration.error is not None:
        certificate = iteration.certificate
        if certificate is not None and certificate.verdict is Verdict.LEAKED:
            return "reads the future"
        return OUTCOME[iteration.status] if iteration.status is not OutcomeStatus.OK else "error"
    if iteration.score is None:
        return "no score"
    return "baseline" if iteration.number == 0 and iteration.model == "compiler" else "ok"


def score(value: float | None, objective: Objective) -> str:
    """A score as its objective reads.

    >>> format_score(0.123, Objective.TOTAL_RETURN), format_score(0.123, Objective.CALMAR)
    ('12.3%', '0.12')
    """
    return percent(value) if objective is Objective.TOTAL_RETURN else ratio(value)


def count(number: int, one: str, many: str = "") -> str:
    """A number with its noun.

    >>> format_count(1, "trade"), format_count(3, "trade"), format_count(2, "entry", "entries")
    ('1 trade', '3 trades', '2 entries')
    """
    return f"{number:,} {one if number == 1 else many or one + 's'}"


def times(number: int) -> str:
    """Format a number of occasions.

    >>> format_frequency(1), format_frequency(2), format_frequency(3)
    ('once', 'twice', '3 times')
    """
    return {1: "once", 2: "twice"}.get(number, f"{number:,} times")
