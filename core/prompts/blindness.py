"""Hiding what would tell a model that works blind which instrument and which years it sees: names, days, and the scale of prices."""

import re
from collections.abc import Sequence

SHORT = 3
"""A name of so many letters is a word too (IT, ALL, MA): it is hidden as it is written, in capitals."""
FIGURE = re.compile(r"\d{1,4}[-/.]\d{1,2}[-/.]\d{1,4}|\d[\d,]*\.\d+(?:e[+-]?\d+)?|\d{4,}|\d{1,3}(?:,\d{3})+")


def hide_names(text: str, names: Sequence[str]) -> str:
    """Hide names in a text: as words of any case, and inside the names that code gives to its things. One letter alone is no name.

    >>> hide_names("AAPL: no trades (on 1 of 2 instruments: aapl)", ["AAPL"])
    'the asset: no trades (on 1 of 2 instruments: the asset)'
    >>> hide_names("class AaplDip(bt.Strategy): it buys IT", ["AAPL", "IT"])
    'class AssetDip(bt.Strategy): it buys the asset'
    """
    for name in sorted((one for one in names if len(one) > 1), key=len, reverse=True):
        flags = re.IGNORECASE if len(name) > SHORT else re.NOFLAG
        text = re.sub(rf"(?<!\w){re.escape(name)}(?!\w)", "the asset", text, flags=flags)
        if len(name) > SHORT and name.isalnum():
            text = re.sub(re.escape(name), "Asset", text, flags=re.IGNORECASE)
    return text


def mask_figures(text: str, *, keep: str = "") -> str:
    """Mask days, prices and other long numbers in a text that bars may speak through; numbers of the code in `keep` stay.

    >>> mask_figures("ValueError: 187.25 on 2008-10-10 after 250 bars, at least 0.5", keep="hold = 0.5")
    'ValueError: # on # after 250 bars, at least 0.5'
    """
    return FIGURE.sub(lambda match: match.group() if re.search(rf"(?<![\d.]){re.escape(match.group())}(?![\d.])", keep) else "#", text)
