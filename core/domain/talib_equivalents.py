"""Equivalents of TA-Lib's functions, which are not there: names of Backtrader's own indicators. Pure text."""

import re

EQUIVALENTS = {
    "SMA": "SMA", "EMA": "EMA", "WMA": "WMA", "DEMA": "DEMA", "TEMA": "TEMA", "KAMA": "KAMA", "MA": "SMA",
    "RSI": "RSI_Safe", "MACD": "MACDHisto", "MACDEXT": "MACDHisto", "MACDFIX": "MACDHisto", "BBANDS": "BollingerBands", "ATR": "ATR",
    "TRANGE": "TrueRange", "ADX": "ADX", "ADXR": "ADXR", "PLUS_DI": "PlusDI", "MINUS_DI": "MinusDI", "DX": "DirectionalMovementIndex",
    "CCI": "CCI", "STOCH": "Stochastic", "STOCHF": "StochasticFast", "WILLR": "WilliamsR", "ROC": "RateOfChange100", "ROCP": "RateOfChange",
    "MOM": "Momentum", "TRIX": "TRIX", "ULTOSC": "UltimateOscillator", "AROON": "AroonUpDown", "AROONOSC": "AroonOscillator",
    "SAR": "PSAR", "STDDEV": "StdDev", "MAX": "Highest", "MIN": "Lowest", "SUM": "SumN", "PPO": "PPO", "APO": "PriceOscillator",
}  # fmt: skip
"""TA-Lib's function to the indicator of bt.ind that computes the same; parameters and, while warming up, values may differ."""
GENERAL_HINT = "TA-Lib is not there; use the indicators of bt.ind instead."
_USE = re.compile(r"\b(?:talib|ta|abstract)\.([A-Z][A-Z0-9_]*)\b|\bfrom\s+talib(?:\.abstract)?\s+import\s+([\w, ]+)")


def suggest_equivalent(name: str) -> str:
    """Suggest the native indicator for one function of TA-Lib, where there is one.

    >>> suggest_equivalent("BBANDS")
    'Use bt.ind.BollingerBands instead of BBANDS.'
    """
    return f"Use bt.ind.{EQUIVALENTS[name]} instead of {name}." if name in EQUIVALENTS else GENERAL_HINT


def suggest_equivalents(code: str) -> str:
    """The same for every function that a piece of code uses."""
    used = (name.strip() for found in _USE.finditer(code) for name in (found[1] or found[2]).split(","))
    return " ".join(suggest_equivalent(name) for name in dict.fromkeys(used) if name in EQUIVALENTS) or GENERAL_HINT
