"""Other instruments that a text names: an index beside the stock that it trades, or what it trades itself."""

import re

from core.language.spoken.noun import Noun
from core.language.spoken.scanner import Scanner

TICKERS = r"(?P<ticker>SPY|QQQ|IWM|DIA|TLT|GLD|VIX|S&P(?: 500)?)"
BOUGHT = re.compile(r"\b(?:[Bb]uy|[Pp]urchase|[Ss]ell|[Ss]hort|[Hh]old|[Oo]wn) ([A-Z]{2,5})\b")
WORDS = frozenset(
    [
        "RSI",
        "ADX",
        "EMA",
        "SMA",
        "WMA",
        "MACD",
        "VWAP",
        "ATR",
        "CCI",
        "MFI",
        "ROC",
        "OBV",
        "VIX",
        "IF",
        "AT",
        "ON",
        "IN",
        "THE",
        "AND",
        "OR",
        "STOP",
        "LIMIT",
        "WHEN",
        "ONLY",
        "LONG",
        "SHORT",
        "NEXT",
    ]
)
"""Words in capitals that are no symbols."""
STOCK = re.compile(r"\b(?:the|this|a|each|any|my) (?:stock|share|name|etf|instrument|asset)\b|\bshares\b", re.IGNORECASE)
TRADED = r"\b(?:buy|sell|short|long|trade|trading|hold|own|invest in|in)(?: the)? {}"


def _is_traded(ticker: str, text: str) -> bool:
    """Tell whether a symbol is what the text trades: it is bought by its name, or nothing else is spoken of."""
    if re.search(TRADED.format(re.escape(ticker)), text, re.IGNORECASE) is not None:
        return True
    others = set(BOUGHT.findall(text)) - {ticker, *WORDS}
    return ticker != "VIX" and not others and not STOCK.search(text)


def read_ticker(scan: Scanner) -> Noun | None:
    """`SPY`, `the S&P`: the traded instrument, or another one where the text trades a stock; `the ratio of the stock to SPY`."""
    start = scan.at
    ratio = scan.take(r"ratio (?:of|between) (?:this stock|the stock|it|the close|close|price|its price) (?:to|and|over)")
    match = scan.take(TICKERS)
    if match is None or (match["ticker"].upper() != match["ticker"] and match["ticker"][0] != "S"):
        scan.at = start
        return None
    symbol = {"VIX": "^VIX"}.get(match["ticker"], "SPY" if match["ticker"].startswith("S&P") else match["ticker"])
    if not ratio and _is_traded(match["ticker"], scan.text):
        return Noun("close")
    return Noun(f'(close / other("{symbol}").close)' if ratio else f'other("{symbol}").close')
