"""Figures of one equity curve as they are stored and shown. Their formulas live in `core.domain.metrics`."""

from pydantic import Field

from core.domain.deposits import is_empty
from core.domain.value import Value


class Metrics(Value):
    """Figures of one equity curve. Returns are fractions (0.1 is ten percent); None means the figure is not defined there."""

    total_return: float
    cagr: float | None = None
    volatility: float | None = None
    """Annualized standard deviation of period returns."""
    sharpe: float | None = None
    sortino: float | None = None
    calmar: float | None = None
    max_drawdown: float = 0.0
    """Most negative fall from a peak, <= 0."""
    max_drawdown_days: float = 0.0
    """Longest time below an earlier peak, in periods of a day (weeks for weekly bars)."""
    exposure: float = 0.0
    """Fraction of bars with a position at the close."""
    trades: int = 0
    """Closed round trips."""
    win_rate: float | None = None
    profit_factor: float | None = None
    expectancy: float | None = None
    """Mean profit of a closed trade, account currency after commission."""
    turnover: float = 0.0
    """Traded value a year as a multiple of mean equity."""
    costs: float = 0.0
    """Commission paid, account currency."""
    final_value: float = 0.0
    """Worth of the account at the last close, account currency, with what was paid in."""
    paid_in: float | None = Field(default=None, exclude_if=is_empty)
    """Account currency, beside what the account began with; None where the plan pays nothing in."""
    profit: float | None = Field(default=None, exclude_if=is_empty)
    """Account currency: final value less all that the account was given; None where the plan pays nothing in."""
    money_weighted: float | None = Field(default=None, exclude_if=is_empty)
    """Yearly return of the money itself (internal rate of return); None where the plan pays nothing in, and where there is no such rate."""
    bars: int = 0
    periods: int = 0
    """Returns behind the ratios: trading days, or weeks for weekly bars."""
    years: float = 0.0
    """`periods` over the instrument's periods a year."""
    skew: float | None = None
    """Skewness of period returns (0 for a normal distribution)."""
    kurtosis: float | None = None
    """Kurtosis of period returns, not in excess (3 for a normal distribution)."""
