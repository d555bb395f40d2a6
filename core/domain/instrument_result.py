"""Results of a basket, instrument by instrument: what is stored beside the figures of its equal-weight account."""

from datetime import datetime
from enum import StrEnum
from typing import Annotated

from pydantic import AfterValidator, Field

from core.domain.backtest import CodeFault
from core.domain.finding import Finding
from core.domain.instrument import normalize_currency
from core.domain.metric_values import Metrics
from core.domain.value import Value


class Across(StrEnum):
    """Way from the objective on each instrument of a basket to one score."""

    MEAN = "mean"
    MEDIAN = "median"
    WORST = "worst"


class LeftOut(Value):
    """Instrument that was asked for and is not in the basket."""

    symbol: str
    reason: str
    """One sentence for people."""


class CurrencyRate(Value):
    """Fixed rate that the prices of a currency are converted with."""

    currency: Annotated[str, AfterValidator(normalize_currency)] = Field(min_length=3, max_length=5)
    rate: float = Field(gt=0)
    """Units of the account's currency for one of it."""


class MemberFacts(Value):
    """Instrument of a basket: its bars, and buy and hold on the training ones."""

    symbol: str
    bars: int
    """Training bars."""
    first: datetime
    last: datetime
    benchmark: Metrics


class InstrumentResult(Value):
    """Result of one program on one instrument of a basket, with an account of its own."""

    symbol: str
    metrics: Metrics | None = None
    """None when the code failed there."""
    error: CodeFault | None = None
    findings: tuple[Finding, ...] = ()
    conformity: float | None = None
    benchmark: Metrics | None = None
    """Buy and hold on the same bars, where it is kept with the result; that on training bars is kept with the run."""
