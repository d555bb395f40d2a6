"""What the builder's cells offer and how their choices read."""

import streamlit as st

from core import language
from core.domain.workflow import Measure, Operator

OPERATOR = {
    Operator.ABOVE: "is above",
    Operator.BELOW: "is below",
    Operator.AT_LEAST: "is at least",
    Operator.AT_MOST: "is at most",
    Operator.BETWEEN: "is between",
    Operator.OUTSIDE: "is outside",
    Operator.CROSSES_ABOVE: "crosses above",
    Operator.CROSSES_BELOW: "crosses below",
    Operator.RISING: "rises for bars",
    Operator.FALLING: "falls for bars",
    Operator.IS_TRUE: "is true (formula)",
}

MEASURE = {
    Measure.UNITS: "units",
    Measure.CASH: "cash",
    Measure.PERCENT: "percent",
    Measure.ATR: "times ATR",
    Measure.R: "times risk (R)",
    Measure.PRICE: "at a price",
    Measure.BARS: "bars",
    Measure.COUNT: "number",
    Measure.TIME: "time of day",
}

PRICES = ("close", "open", "high", "low", "volume", "close[1]")
TYPICAL_THRESHOLDS = ("0", "20", "25", "30", "50", "70", "80", "100", "sma(50)", "sma(200)", "close", "high[1]", "low[1]")


@st.cache_data(ttl=3600, max_entries=1, show_spinner=False)
def suggestions() -> list[str]:
    """Operands to choose from: prices, then every indicator of the catalogue with its usual numbers, one entry an output line."""
    found = [*PRICES]
    for name, entry in language.CATALOGUE.items():
        numbers = ", ".join(f"{param.default:g}" for param in entry.params)
        call = f"{name}({numbers})"
        found += [call] if len(entry.lines) == 1 else [f"{call}.{line.name}" for line in entry.lines]
    return found
