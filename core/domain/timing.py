"""Timing of a strategy: what it earned beyond always holding as much as it held on average, and what chance makes of that.

Here: the measure of one try, kept with its iteration, and the two questions that are asked of it with the number of tries.
Not here: how it is measured (`core.evidence.timing`).
"""

from enum import StrEnum
from math import sqrt
from statistics import NormalDist

from core.domain.value import Value

LINE_LEVEL = 0.95
"""Share of loops without any skill that stay below the line."""
LUCK_LEVEL = 0.05
"""Probability under which a result is called better than luck."""

_NORMAL = NormalDist()


class TimingGap(StrEnum):
    """Reason why there is no timing to judge."""

    TOO_SHORT = "too_short"
    """Fewer than 30 days (weeks for weekly bars)."""
    NEVER_HELD = "never_held"
    ALWAYS_HELD = "always_held"
    """It holds the same all the time, so it decides nothing."""
    RUINED = "ruined"
    SEVERAL_TRADED = "several_traded"
    """It traded further instruments, so the first one's holdings do not tell what it held."""


class Timing(Value):
    """Measure of one try on its bars. Ratios are annualized; without a measure, `gap` says why."""

    gap: TimingGap | None = None
    z: float = 0.0
    """Standard errors by which it earned more than its mean exposure, corrected for what a rule's memory of the market adds to that."""
    exposure: float = 0.0
    """Mean share of the account that was held; negative when it was short on average."""
    held: float = 0.0
    """Sharpe ratio of the part that always holding its mean exposure earned, over its own swings."""
    base: float = 0.0
    """Sharpe ratio at which `z` is zero."""
    spread: float = 0.0
    """Sharpe ratio that one standard error of the timing is worth."""
    days: int = 0
    faded: bool = False
    """True when the edge ended: the last third earned nothing, and clearly less than the rest."""

    def compute_probability(self, tries: int) -> float:
        """Compute the probability that the best of `tries` tries without any timing shows as much.

        >>> round(Timing(z=2.0).compute_probability(1), 4), round(Timing(z=2.0).compute_probability(10), 3)
        (0.0228, 0.206)
        """
        return 1.0 - _NORMAL.cdf(self.z) ** max(tries, 1)

    def compute_line(self, tries: int) -> float:
        """Compute the Sharpe ratio that 95% of loops of `tries` tries without any timing stay below, with this try's exposure and swings.

        >>> round(Timing(base=0.5, spread=0.4).compute_line(1), 3)
        1.158
        """
        return self.base + self.spread * _NORMAL.inv_cdf(LINE_LEVEL ** (1.0 / max(tries, 1)))


def compute_power(gain: float, error: float, *, level: float = LUCK_LEVEL) -> float:
    """Compute the chance that a true gain is recognized by a one-sided test with this standard error.

    >>> round(compute_power(1.0, 1.0 / sqrt(2.4)), 2)
    0.46
    """
    return _NORMAL.cdf(gain / error - _NORMAL.inv_cdf(1.0 - level)) if error > 0 else 0.0


def compute_tail(z: float) -> float:
    """Compute the probability that a standard normal draw is larger.

    >>> round(compute_tail(1.645), 3)
    0.05
    """
    return 1.0 - _NORMAL.cdf(z)


def compute_minimum_years(sharpe: float, *, periods_per_year: int, skew: float = 0.0, kurtosis: float = 3.0) -> float | None:
    """Compute the shortest track record after which this Sharpe ratio is above zero with 95% confidence; None when it is not positive.

    Source: Bailey and López de Prado, The Sharpe Ratio Efficient Frontier (Journal of Risk, 2012), minimum track record length.

    >>> round(compute_minimum_years(1.0, periods_per_year=252), 1)
    2.7
    """
    if sharpe <= 0:
        return None
    ratio = sharpe / sqrt(periods_per_year)
    variance = max(1.0 - skew * ratio + (kurtosis - 1.0) / 4.0 * ratio**2, 1e-12)
    return (1.0 + variance * (_NORMAL.inv_cdf(0.95) / ratio) ** 2) / periods_per_year
