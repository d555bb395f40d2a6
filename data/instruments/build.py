"""Builds instruments.csv, the directory that the search field reads when there is no network.

Index constituents come from the package pytickersymbols (MIT license), which is needed for this script only; ETFs, indices and
futures stand in own.csv, currency pairs and coins below. Symbols are written as Yahoo writes them, except for currency pairs
(EURUSD). The order is that of prominence: the search prefers the earlier of two equal matches.
Run from the project's root, after `pip install pytickersymbols`:  python data/instruments/build.py
"""

import csv
import re
from itertools import combinations
from pathlib import Path

from pytickersymbols import PyTickerSymbols

HERE = Path(__file__).resolve().parent
COLUMNS = ("symbol", "name", "class", "exchange", "currency")
INDICES = {
    "S&P 500": "",
    "NASDAQ 100": "",
    "DOW JONES": "",
    "S&P 600": "",
    "DAX": ".DE",
    "MDAX": ".DE",
    "TecDAX": ".DE",
    "SDAX": ".DE",
    "FTSE 100": ".L",
    "CAC_40": ".PA",
    "CAC Mid 60": ".PA",
    "EURO STOXX 50": "*",
    "AEX": ".AS",
    "BEL 20": ".BR",
    "IBEX 35": ".MC",
    "OMX Helsinki 25": ".HE",
    "OMX Stockholm 30": ".ST",
    "Switzerland 20": ".SW",
    "NIKKEI 225": ".T",
}
"""Which listing is the home listing of each index's members: a Yahoo suffix, `` for the United States, `*` for the one already written."""
PLACES = {
    ".DE": ("XETR", "EUR"),
    ".L": ("XLON", "GBp"),
    ".PA": ("XPAR", "EUR"),
    ".AS": ("XAMS", "EUR"),
    ".BR": ("XBRU", "EUR"),
    ".MC": ("XMAD", "EUR"),
    ".MI": ("XMIL", "EUR"),
    ".HE": ("XHEL", "EUR"),
    ".ST": ("XSTO", "SEK"),
    ".SW": ("XSWX", "CHF"),
    ".T": ("XTKS", "JPY"),
}
CURRENCIES = {
    "EUR": "Euro",
    "GBP": "British pound",
    "AUD": "Australian dollar",
    "NZD": "New Zealand dollar",
    "USD": "US dollar",
    "CAD": "Canadian dollar",
    "CHF": "Swiss franc",
    "NOK": "Norwegian krone",
    "SEK": "Swedish krona",
    "JPY": "Japanese yen",
}
"""In the order in which pairs are quoted: the earlier one is the base."""
OTHERS = {
    "MXN": "Mexican peso",
    "ZAR": "South African rand",
    "TRY": "Turkish lira",
    "PLN": "Polish zloty",
    "CZK": "Czech koruna",
    "HUF": "Hungarian forint",
    "DKK": "Danish krone",
    "CNY": "Chinese yuan",
    "CNH": "Chinese yuan (offshore)",
    "HKD": "Hong Kong dollar",
    "SGD": "Singapore dollar",
    "INR": "Indian rupee",
    "KRW": "South Korean won",
    "THB": "Thai baht",
    "IDR": "Indonesian rupiah",
    "MYR": "Malaysian ringgit",
    "PHP": "Philippine peso",
    "TWD": "New Taiwan dollar",
    "BRL": "Brazilian real",
    "CLP": "Chilean peso",
    "ILS": "Israeli shekel",
    "RON": "Romanian leu",
}
COINS = """BTC Bitcoin;ETH Ethereum;BNB BNB;XRP XRP;SOL Solana;ADA Cardano;DOGE Dogecoin;TRX TRON;AVAX Avalanche;LINK Chainlink;
DOT Polkadot;LTC Litecoin;BCH Bitcoin Cash;XLM Stellar;ATOM Cosmos;ETC Ethereum Classic;XMR Monero;FIL Filecoin;VET VeChain;
ALGO Algorand;EOS EOS;XTZ Tezos;AAVE Aave;MKR Maker;NEO Neo;DASH Dash;ZEC Zcash;IOTA IOTA;WAVES Waves;QTUM Qtum;ZIL Zilliqa;
BAT Basic Attention Token;ENJ Enjin Coin;MANA Decentraland;SAND The Sandbox;AXS Axie Infinity;CHZ Chiliz;CRV Curve DAO;SNX Synthetix;
YFI yearn.finance;KSM Kusama;THETA Theta Network;HBAR Hedera;EGLD MultiversX;FLOW Flow;ICP Internet Computer;NEAR NEAR Protocol;
FTM Fantom;ONE Harmony;RVN Ravencoin;DCR Decred;ICX ICON;ONT Ontology;OMG OMG Network;ZRX 0x;LRC Loopring;STORJ Storj;KAVA Kava;
CELO Celo;ANKR Ankr;SHIB Shiba Inu;QNT Quant;RUNE THORChain;INJ Injective;LDO Lido DAO;DYDX dYdX;GALA Gala;IMX Immutable;
CRO Cronos;BSV Bitcoin SV;XEM NEM;DGB DigiByte;SC Siacoin;LSK Lisk;NANO Nano;STEEM Steem;XVG Verge;HOT Holo;IOST IOST;GNO Gnosis;
CKB Nervos Network;KNC Kyber Network;BAND Band Protocol;CVC Civic;REN Ren;BAL Balancer;1INCH 1inch;ENS Ethereum Name Service"""


def main() -> None:
    rows: dict[str, tuple[str, ...]] = {}
    for row in [*coins(), *own(), *pairs(), *equities()]:
        rows.setdefault(row[0], row)
    with (HERE / "instruments.csv").open("w", encoding="utf-8", newline="") as stream:
        stream.write("# Sources: index constituents from pytickersymbols (MIT license, github.com/portfolioplus/pytickersymbols); ")
        stream.write("ETFs, indices, futures, currency pairs and coins compiled by the project. Built by build.py.\n")
        writer = csv.writer(stream, lineterminator="\n")
        writer.writerow(COLUMNS)
        writer.writerows(rows.values())


def own() -> list[tuple[str, ...]]:
    """The hand-kept part."""
    with (HERE / "own.csv").open(encoding="utf-8", newline="") as stream:
        return [tuple(row) for row in csv.reader(stream)][1:]


def equities() -> list[tuple[str, ...]]:
    """Members of the indices at their home exchange."""
    source = PyTickerSymbols()
    found = {}
    for index, suffix in INDICES.items():
        for stock in source.get_stocks_by_index(index):
            if row := _equity(stock, suffix):
                found.setdefault(row[0], row)
    return list(found.values())


def _equity(stock: dict, suffix: str) -> tuple[str, ...] | None:
    yahoo = [entry.get("yahoo") or "" for entry in stock.get("symbols", [])]
    symbol = (stock.get("symbol") or "").strip().upper()
    name = re.sub(r"\s+", " ", stock["name"]).strip()
    if suffix == "":
        symbol = symbol.replace(".", "-")
        return (symbol, name, "equity", _american(stock, symbol), "USD") if re.fullmatch(r"[A-Z]{1,5}(-[A-Z])?", symbol) else None
    if suffix == "*":
        suffix = "." + symbol.rpartition(".")[2]
    if suffix not in PLACES:
        return None
    candidates = [symbol, *yahoo, symbol + suffix if "." not in symbol else ""]
    home = next(
        (text for text in candidates if text.endswith(suffix) and text.count(".") == 1 and not re.match(r"0[A-Z0-9]{3}\.L", text)), ""
    )
    return (home, name, "equity", *PLACES[suffix]) if home and home != suffix else None


def _american(stock: dict, symbol: str) -> str:
    for entry in stock.get("symbols", []):
        place, _, ticker = (entry.get("google") or "").partition(":")
        if ticker.replace(".", "-") == symbol and place in ("NYSE", "NASDAQ"):
            return "XNYS" if place == "NYSE" else "XNAS"
    traded = str((stock.get("metadata") or {}).get("traded_as", "")).upper()
    return "XNAS" if "NASDAQ" in traded and "NYSE" not in traded else "XNYS" if "NYSE" in traded else "US"


def pairs() -> list[tuple[str, ...]]:
    """Every pair of the ten most traded currencies, and the others against dollar and euro."""
    crosses = sorted(combinations(CURRENCIES, 2), key=lambda pair: "USD" not in pair)
    rows = [_pair(base, CURRENCIES[base], quote, CURRENCIES[quote]) for base, quote in crosses]
    rows += [_pair("USD", "US dollar", quote, name) for quote, name in OTHERS.items()]
    return rows + [
        _pair("EUR", "Euro", quote, OTHERS[quote])
        for quote in ("PLN", "CZK", "HUF", "DKK", "TRY", "ZAR", "MXN", "CNY", "HKD", "SGD", "RON")
    ]


def _pair(base: str, base_name: str, quote: str, quote_name: str) -> tuple[str, ...]:
    return (base + quote, f"{base}/{quote} {base_name} / {quote_name}", "forex", "", quote)


def coins() -> list[tuple[str, ...]]:
    """Large coins against the dollar."""
    entries = (entry.strip().split(" ", 1) for entry in COINS.replace("\n", "").split(";"))
    return [(f"{symbol}-USD", f"{name} / US dollar", "crypto", "", "USD") for symbol, name in entries]


if __name__ == "__main__":
    main()
