"""Statements on luck: each a name, a figure and what it means, for the Luck tab, the terminal and the exported program."""

from core.domain.value import Value
from core.report.assessment import Assessment
from core.report.number_format import format_count, format_percent, format_ratio


class Statement(Value):
    """One figure of an assessment in words."""

    name: str
    figure: str
    meaning: str


def list_luck_statements(found: Assessment) -> tuple[Statement, ...]:
    """List the statements on luck of an assessment; none where there are no figures that could be tested."""
    return tuple(statement for statement in (_state_range(found), *_state_luck(found), _state_timing(found)) if statement)


def describe_tries(found: Assessment) -> str:
    """Describe which tries were counted."""
    tried = format_count(found.tries, "iteration was", "iterations were")
    return f"{tried} tried in this run. Tries of other runs on the same bars are not counted here, but they count for luck all the same."


def _state_range(found: Assessment) -> Statement | None:
    interval = found.luck.sharpe_range if found.luck else None
    if interval is None:
        return None
    return Statement(
        name=f"Sharpe ratio, {format_percent(interval.confidence, 0)} range",
        figure=f"{format_ratio(interval.low)} to {format_ratio(interval.high)}",
        meaning="Where the true value lies, by resampling blocks of the returns.",
    )


def _state_luck(found: Assessment) -> tuple[Statement, ...]:
    luck = found.luck
    if luck is None:
        return ()
    tries = format_count(found.tries, "try", "tries")
    return (
        Statement(
            name="Luck line",
            figure=format_ratio(luck.line),
            meaning=f"The best of {tries} without any skill would on average reach this on bars as long as these.",
        ),
        Statement(
            name="Deflated Sharpe ratio",
            figure=format_percent(luck.deflated_sharpe),
            meaning="Probability that the true Sharpe ratio is above the luck line, given the length and the tails of the returns.",
        ),
    )


def _state_timing(found: Assessment) -> Statement | None:
    timing = found.random_entries
    if timing is None:
        return None
    return Statement(
        name="Random entries",
        figure=format_percent(timing.probability),
        meaning=f"Chance that entries at random bars, held as long, earn as much a trade ({format_percent(timing.earned, 2)}) or more; "
        f"on average they earn {format_percent(timing.random_mean, 2)}. Small means that the timing matters.",
    )
