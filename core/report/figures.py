"""The table of the figures: what each is called, how it reads and which way is better.

A figure stands here once, and from here it reaches the tables of the screens, Compare, the live view, the terminal, the prompts and
the exported program. Its value is computed in `core.domain.metrics`.
"""

from collections.abc import Iterable, Sequence
from enum import StrEnum

from core.domain.metrics import Metrics
from core.domain.run import Objective
from core.domain.value import Value
from core.report.number_format import DASH, format_money, format_percent, format_ratio, format_whole, write_minus

SHOWS_CENTS_BELOW = 1000
"""Amounts from here on are shown without their cents."""


class Form(StrEnum):
    """Form of a number in text."""

    PERCENT = "percent"
    """A fraction, read as percent."""
    RATIO = "ratio"
    MONEY = "money"
    """Account currency."""
    WHOLE = "whole"


class Better(StrEnum):
    """Direction in which a figure gets better."""

    HIGHER = "higher"
    LOWER = "lower"
    NEITHER = "neither"
    """More is not better by itself."""


class Figure(Value):
    """One figure as it is shown."""

    name: str
    """Its field in `Metrics`, and its key in JSON."""
    words: str
    """Its name in a sentence."""
    short: str
    """Head of a narrow column."""
    form: Form
    unit: str = ""
    """Its unit; empty for a ratio."""
    better: Better
    meaning: str
    """One sentence on what it says."""
    detail: bool = False
    """Stands behind the other figures: in the terminal and in JSON, not in the tables of the screens."""
    of_deposits: bool = False
    """Has a value only where the plan pays into the account; elsewhere it has no row."""

    @property
    def label(self) -> str:
        """Its name at the head of a row or a card."""
        return self.words[:1].upper() + self.words[1:]

    @property
    def as_best(self) -> str:
        """Its name behind "Best".

        >>> [find_figure(name).as_best for name in ("sharpe", "total_return")]
        ['Sharpe', 'total return']
        """
        return self.words.removesuffix(" ratio")

    def format(self, value: float | None, *, currency: str = "USD", missing: str = DASH) -> str:
        """Format a value of this figure; `missing` where it is not defined.

        >>> find_figure("total_return").format(0.1234), find_figure("expectancy").format(-12.5, currency="EUR")
        ('12.3%', '−12.50 EUR')
        """
        match self.form:
            case Form.PERCENT:
                return format_percent(value, missing=missing)
            case Form.MONEY:
                digits = 2 if value is not None and abs(value) < SHOWS_CENTS_BELOW else 0
                return format_money(value, currency, digits, missing=missing)
            case Form.WHOLE:
                return format_whole(value, missing=missing)
            case Form.RATIO:
                return format_ratio(value, missing=missing)

    def format_gap(self, value: float | None, other: float | None) -> str:
        """Format the distance of a value from another one, with its sign; empty where there is none to be seen.

        >>> find_figure("max_drawdown").format_gap(-0.1, -0.35), find_figure("trades").format_gap(7, 7)
        ('+25.0 pp', '')
        """
        if value is None or other is None:
            return ""
        gap = value - other
        text = {Form.PERCENT: f"{gap * 100:+,.1f} pp", Form.RATIO: f"{gap:+.2f}"}.get(self.form, f"{gap:+,.0f}")
        return write_minus(text) if any(digit in "123456789" for digit in text) else ""

    def format_from(self, metrics: Metrics | None, *, currency: str = "USD", missing: str = DASH) -> str:
        """Format this figure of some metrics; `missing` without them."""
        return self.format(self.read(metrics), currency=currency, missing=missing)

    def read(self, metrics: Metrics | None) -> float | None:
        """Read its value; None without figures, and where it is not defined."""
        value: float | None = None if metrics is None else getattr(metrics, self.name)
        return value


FIGURES = (
    Figure(
        name="total_return",
        words="total return",
        short="Return",
        form=Form.PERCENT,
        unit="percent",
        better=Better.HIGHER,
        meaning="Gain over all bars, after costs.",
    ),
    Figure(
        name="cagr",
        words="growth a year",
        short="Growth",
        form=Form.PERCENT,
        unit="percent",
        better=Better.HIGHER,
        meaning="The steady yearly growth that leads to the same final value.",
    ),
    Figure(
        name="sharpe",
        words="Sharpe ratio",
        short="Sharpe",
        form=Form.RATIO,
        better=Better.HIGHER,
        meaning="Mean return over its own swings, for a year, without a risk-free rate.",
    ),
    Figure(
        name="sortino",
        words="Sortino ratio",
        short="Sortino",
        form=Form.RATIO,
        better=Better.HIGHER,
        meaning="Mean return over its swings below zero, for a year.",
    ),
    Figure(
        name="calmar",
        words="Calmar ratio",
        short="Calmar",
        form=Form.RATIO,
        better=Better.HIGHER,
        meaning="Growth a year over the deepest fall.",
    ),
    Figure(
        name="volatility",
        words="volatility a year",
        short="Volatility",
        form=Form.PERCENT,
        unit="percent",
        better=Better.LOWER,
        meaning="Standard deviation of the returns, for a year.",
    ),
    Figure(
        name="max_drawdown",
        words="max drawdown",
        short="Max DD",
        form=Form.PERCENT,
        unit="percent",
        better=Better.HIGHER,
        meaning="Deepest fall of the account from an earlier peak; zero is best.",
    ),
    Figure(
        name="max_drawdown_days",
        words="longest drawdown, days",
        short="DD days",
        form=Form.WHOLE,
        unit="days",
        better=Better.LOWER,
        meaning="Longest time below an earlier peak, in trading days (weeks for weekly bars).",
    ),
    Figure(
        name="trades",
        words="closed trades",
        short="Trades",
        form=Form.WHOLE,
        unit="trades",
        better=Better.NEITHER,
        meaning="Round trips that were closed; few of them say little.",
    ),
    Figure(
        name="win_rate",
        words="win rate",
        short="Wins",
        form=Form.PERCENT,
        unit="percent",
        better=Better.HIGHER,
        meaning="Part of the closed trades that made money after commission.",
    ),
    Figure(
        name="profit_factor",
        words="profit factor",
        short="PF",
        form=Form.RATIO,
        better=Better.HIGHER,
        meaning="Profit of the trades that won over the loss of those that lost.",
    ),
    Figure(
        name="expectancy",
        words="mean profit of a trade",
        short="A trade",
        form=Form.MONEY,
        unit="account currency",
        better=Better.HIGHER,
        meaning="What a closed trade made on average, after commission.",
    ),
    Figure(
        name="exposure",
        words="time in the market",
        short="In market",
        form=Form.PERCENT,
        unit="percent",
        better=Better.NEITHER,
        meaning="Part of the bars with a position at their close.",
    ),
    Figure(
        name="turnover",
        words="turnover a year",
        short="Turnover",
        form=Form.RATIO,
        unit="accounts",
        better=Better.NEITHER,
        meaning="Traded value a year as a multiple of the account.",
    ),
    Figure(
        name="costs",
        words="commission paid",
        short="Commission",
        form=Form.MONEY,
        unit="account currency",
        better=Better.LOWER,
        meaning="Commission of all fills.",
    ),
    Figure(
        name="final_value",
        words="final value",
        short="Final",
        form=Form.MONEY,
        unit="account currency",
        better=Better.HIGHER,
        meaning="Worth of the account at the last close.",
    ),
    Figure(
        name="paid_in",
        words="paid in",
        short="Paid in",
        form=Form.MONEY,
        unit="account currency",
        better=Better.NEITHER,
        meaning="Money that came into the account after the start; it is part of the final value and of no return.",
        of_deposits=True,
    ),
    Figure(
        name="profit",
        words="profit",
        short="Profit",
        form=Form.MONEY,
        unit="account currency",
        better=Better.HIGHER,
        meaning="Final value less the cash of the start and what was paid in.",
        of_deposits=True,
    ),
    Figure(
        name="money_weighted",
        words="money-weighted return a year",
        short="On money",
        form=Form.PERCENT,
        unit="percent",
        better=Better.HIGHER,
        meaning="Rate at which all the money would have grown to the final value (internal rate of return), whenever it came.",
        of_deposits=True,
    ),
    Figure(
        name="bars",
        words="bars",
        short="Bars",
        form=Form.WHOLE,
        unit="bars",
        better=Better.NEITHER,
        meaning="Bars behind the figures.",
        detail=True,
    ),
    Figure(
        name="periods",
        words="returns behind the ratios",
        short="Returns",
        form=Form.WHOLE,
        unit="days",
        better=Better.NEITHER,
        meaning="Returns that the ratios are taken from: of trading days, or of weeks for weekly bars.",
        detail=True,
    ),
    Figure(
        name="years",
        words="years",
        short="Years",
        form=Form.RATIO,
        unit="years",
        better=Better.NEITHER,
        meaning="Length of the bars.",
        detail=True,
    ),
    Figure(
        name="skew",
        words="skewness of returns",
        short="Skew",
        form=Form.RATIO,
        better=Better.HIGHER,
        meaning="Below zero, large losses are commoner than large gains; 0 for a normal distribution.",
        detail=True,
    ),
    Figure(
        name="kurtosis",
        words="kurtosis of returns",
        short="Kurtosis",
        form=Form.RATIO,
        better=Better.LOWER,
        meaning="Weight of the extreme returns; 3 for a normal distribution.",
        detail=True,
    ),
)
"""Every figure of `Metrics`, in the order of the tables."""

TABLE_FIGURES = tuple(figure for figure in FIGURES if not figure.detail)
"""Rows of the tables on the screens."""

SCORE = Figure(name="score", words="score", short="Score", form=Form.RATIO, better=Better.HIGHER, meaning="By this the loop ranks.")
COST = Figure(
    name="cost",
    words="spent",
    short="Cost",
    form=Form.MONEY,
    unit="US dollars",
    better=Better.LOWER,
    meaning="Money paid to model providers.",
)

_BY_NAME = {figure.name: figure for figure in FIGURES}


def find_figure(name: str) -> Figure:
    """Find the figure of a field of `Metrics`."""
    return _BY_NAME[name]


def choose_figures(figures: Iterable[Figure], metrics: Iterable[Metrics | None]) -> tuple[Figure, ...]:
    """Choose those of the figures that have a row beside these metrics: those of deposits only where there are any.

    >>> [figure.name for figure in choose_figures([find_figure("trades"), find_figure("paid_in")], [Metrics(total_return=0.1)])]
    ['trades']
    """
    paid = any(each is not None and each.paid_in is not None for each in metrics)
    return tuple(figure for figure in figures if paid or not figure.of_deposits)


LEAD_FIGURES = tuple(map(find_figure, ("sharpe", "max_drawdown", "total_return", "trades")))
"""Figures that stand for an iteration where there is room for few: lists of iterations, the live view, the exported program."""
SUMMARY_FIGURES = tuple(map(find_figure, ("total_return", "cagr", "sharpe", "max_drawdown", "trades", "exposure")))
"""Rows of a table that is read first."""


def describe_figures(metrics: Metrics, figures: Sequence[Figure], *, currency: str = "", missing: str = "n/a") -> str:
    """Describe figures in one line.

    >>> describe_figures(Metrics(total_return=0.1, trades=3), LEAD_FIGURES)
    'Sharpe ratio n/a, max drawdown 0.0%, total return 10.0%, closed trades 3'
    """
    return ", ".join(f"{figure.words} {figure.format_from(metrics, currency=currency, missing=missing)}" for figure in figures)


def format_score(value: float | None, objective: Objective) -> str:
    """Format a score as its objective reads.

    >>> format_score(0.123, Objective.TOTAL_RETURN), format_score(0.123, Objective.CALMAR)
    ('12.3%', '0.12')
    """
    return _BY_NAME.get(objective.value, SCORE).format(value)
