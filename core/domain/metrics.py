"""Performance figures as pure functions of an equity curve, its trades and its fills."""

from core.domain.value import Value


class Metrics(Value):
    """Figures of one equity curve. Returns are fractions (0.1 is ten percent); None means the figure is not defined there."""

    total_return: float
    cagr: float | None = None
    volatility: float | None = None
    """Annualised standard deviation of period returns."""
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
    bars: int = 0
