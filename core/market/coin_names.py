"""Names that exchanges of coins give to what everybody else writes otherwise: `XBT`, `XXBTZUSD`, `XDG`, `PI_XBTUSD`, `XBTUSDTM`, `tBTCUSD`.

Names only; which coin is listed where is not known here.
"""

import re

from core.market.venues import COIN_QUOTES, COINS

NICKNAMES = {"XBT": "BTC", "XDG": "DOGE"}
"""Names of two coins at Kraken, BitMEX and KuCoin."""
FULL_NAMES = {
    "BITCOIN": "BTC",
    "ETHEREUM": "ETH",
    "LITECOIN": "LTC",
    "DOGECOIN": "DOGE",
    "RIPPLE": "XRP",
    "SOLANA": "SOL",
    "CARDANO": "ADA",
    "POLKADOT": "DOT",
}
"""Words that mean a coin and nothing else."""
KRAKEN_COINS = ("XBT", "ETH", "XDG", "XRP", "LTC", "XLM", "XMR", "ZEC", "ETC")
"""Coins that Kraken writes with an X before them, and with a Z before the currency that pays."""
PAIR = re.compile(rf"(?:P[IFV]_|F[IFV]_)?X?({'|'.join(sorted(COINS, key=len, reverse=True))})[-/_ ]?Z?({COIN_QUOTES})M?(?![A-Z])")
BITFINEX = re.compile(r"^t(?=[A-Z])")


def read_coin_pair(text: str) -> tuple[str, str] | None:
    """The coin and what it is paid in, where a text begins with such a pair, however an exchange writes it.

    >>> read_coin_pair("XXBTZUSD"), read_coin_pair("pi_xbtusd"), read_coin_pair("XBTUSDTM"), read_coin_pair("tBTCUSD_1440")
    (('BTC', 'USD'), ('BTC', 'USD'), ('BTC', 'USDT'), ('BTC', 'USD'))
    >>> read_coin_pair("BTC"), read_coin_pair("XBTUSDX"), read_coin_pair("EURUSD")
    (None, None, None)
    """
    found = PAIR.match(BITFINEX.sub("", text.strip()).upper())
    if not found or found[1] == found[2]:
        return None
    return NICKNAMES.get(found[1], found[1]), found[2]


def read_coin(text: str) -> str:
    """The coin that a name means which is no symbol of anything else: an exchange's own, or the whole word; empty for any other text.

    >>> read_coin("XBT"), read_coin("xxbt"), read_coin("XETH"), read_coin("XDG"), read_coin("bitcoin"), read_coin("BTC"), read_coin("ETH")
    ('BTC', 'BTC', 'ETH', 'DOGE', 'BTC', '', '')
    """
    name = text.strip().upper()
    if known := NICKNAMES.get(name) or FULL_NAMES.get(name):
        return known
    return NICKNAMES.get(name[1:], name[1:]) if name[:1] == "X" and name[1:] in KRAKEN_COINS else ""


def list_nicknames(coin: str) -> frozenset[str]:
    """Names of a coin under which people look for it beside its usual one.

    >>> sorted(list_nicknames("BTC")), sorted(list_nicknames("SOL"))
    (['XBT', 'XXBT'], [])
    """
    usual = {name for name, meant in NICKNAMES.items() if meant == coin}
    return frozenset(usual | {f"X{name}" for name in (usual or {coin}) if name in KRAKEN_COINS})
