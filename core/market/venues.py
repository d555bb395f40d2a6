"""Market places as files and charts write them: prefixes, suffixes and names of exchanges, brokers and tools. A table, no rules."""

from core.domain.instrument import AssetClass
from core.market.header_names import split_words

VENUES: dict[str, tuple[AssetClass | None, str]] = {}
"""Prefix in capitals to the class that it trades (None where it trades several) and the code of its exchange."""


def _add(asset_class: AssetClass | None, exchange: str, prefixes: str) -> None:
    VENUES.update(dict.fromkeys(prefixes.split(), (asset_class, exchange)))


_add(AssetClass.EQUITY, "XNAS", "NASDAQ NASDAQGS NASDAQGM NASDAQCM NMS")
_add(AssetClass.EQUITY, "XNYS", "NYSE NYQ")
_add(AssetClass.EQUITY, "ARCX", "AMEX ARCA NYSEARCA NYSEAMERICAN")
_add(AssetClass.EQUITY, "US", "BATS CBOEBZX OTC IEX")
_add(AssetClass.EQUITY, "XTSE", "TSX TSXV NEO")
_add(AssetClass.EQUITY, "BVMF", "BMFBOVESPA BOVESPA B3")
_add(AssetClass.EQUITY, "XMEX", "BMV BIVA")
_add(AssetClass.EQUITY, "XLON", "LSE LSIN")
_add(AssetClass.EQUITY, "XETR", "XETR XETRA GETTEX TRADEGATE DEU ETR")
_add(AssetClass.EQUITY, "XFRA", "FWB FRA SWB BER DUS HAM HAN MUN")
_add(AssetClass.EQUITY, "XPAR", "EURONEXTPAR EPA PAR XPAR")
_add(AssetClass.EQUITY, "XAMS", "EURONEXTAMS AMS XAMS")
_add(AssetClass.EQUITY, "XBRU", "EURONEXTBRU EBR XBRU")
_add(AssetClass.EQUITY, "XLIS", "EURONEXTLIS ELI XLIS")
_add(AssetClass.EQUITY, "", "EURONEXT")
_add(AssetClass.EQUITY, "XMIL", "MIL BIT BORSAITALIANA EUROTLX")
_add(AssetClass.EQUITY, "XMAD", "BME MAD")
_add(AssetClass.EQUITY, "XSWX", "SIX SWX BX VTX")
_add(AssetClass.EQUITY, "XSTO", "OMXSTO STO NGM")
_add(AssetClass.EQUITY, "XHEL", "OMXHEX HEL")
_add(AssetClass.EQUITY, "XCSE", "OMXCOP CPH")
_add(AssetClass.EQUITY, "XOSL", "OSL")
_add(AssetClass.EQUITY, "XWBO", "VIE")
_add(AssetClass.EQUITY, "XWAR", "GPW WSE NEWCONNECT")
_add(AssetClass.EQUITY, "XTKS", "TSE TYO JPX")
_add(AssetClass.EQUITY, "XHKG", "HKEX HKG")
_add(AssetClass.EQUITY, "XSHG", "SSE SHA")
_add(AssetClass.EQUITY, "XSHE", "SZSE SHE")
_add(AssetClass.EQUITY, "XNSE", "NSE")
_add(AssetClass.EQUITY, "XBOM", "BSE BOM")
_add(AssetClass.EQUITY, "XKRX", "KRX KOSDAQ KOSPI")
_add(AssetClass.EQUITY, "XTAI", "TWSE TPEX TPE")
_add(AssetClass.EQUITY, "XSES", "SGX")
_add(AssetClass.EQUITY, "XASX", "ASX")
_add(AssetClass.EQUITY, "XNZE", "NZX NZE")
_add(AssetClass.EQUITY, "XJSE", "JSE")
_add(AssetClass.EQUITY, "XIST", "BIST")
_add(AssetClass.FOREX, "", "FX FX_IDC FXCM OANDA FOREXCOM FOREX SAXO PEPPERSTONE ICMARKETS EIGHTCAP CAPITALCOM DUKASCOPY BLACKBULL VANTAGE")
_add(AssetClass.FOREX, "", "ICE FXOPEN ALPARI CURRENCYCOM IDC TICKMILL IG FPMARKETS THINKMARKETS ACTIVTRADES FOREXSB HISTDATA MT4 MT5")
_add(
    AssetClass.CRYPTO,
    "",
    "BINANCE BINANCEUS COINBASE BITSTAMP KRAKEN BITFINEX BYBIT OKX OKEX KUCOIN GEMINI BITMEX DERIBIT HUOBI HTX GATEIO MEXC POLONIEX "
    "BITTREX CRYPTO CRYPTOCOM CRYPTOCAP PHEMEX BITGET BITHUMB UPBIT FTX WHITEBIT HITBTC CEXIO LBANK BITFLYER BINGX "
    "UNISWAP3ETH CRYPTOCOMPARE",
)
_add(
    AssetClass.FUTURE,
    "CME",
    "CME CME_MINI CME_MINI_DL CME_DL CBOT CBOT_MINI CBOT_DL CBOT_MINI_DL NYMEX NYMEX_DL COMEX COMEX_DL COMEX_MINI "
    "ICEUS ICEEUR EUREX MATIF CFE OSE",
)
_add(AssetClass.INDEX, "", "SP DJ TVC INDEX INDEXNASDAQ CBOE CBOE_DLY CAPITALCOM_INDEX DJCFD SPCFD")

SUFFIXES: dict[str, str] = {
    **dict.fromkeys(("US", "O", "N", "OQ", "NYSE", "NASDAQ", "K"), "US"),
    **dict.fromkeys(("UK", "LN", "LON", "LSE"), "XLON"),
    **dict.fromkeys(("XETRA", "ETR", "GY", "GR", "XE"), "XETR"),
    **dict.fromkeys(("FP", "PAR", "FR"), "XPAR"),
    **dict.fromkeys(("NA", "AMS", "NL"), "XAMS"),
    **dict.fromkeys(("JP", "TYO", "TSE", "JT"), "XTKS"),
    **dict.fromkeys(("TSX", "CN"), "XTSE"),
    **dict.fromkeys(("IM", "MIL", "IT"), "XMIL"),
    **dict.fromkeys(("SM", "MAD", "ES"), "XMAD"),
    **dict.fromkeys(("S", "VX", "SIX", "CH"), "XSWX"),
    **dict.fromkeys(("SZ", "SHE"), "XSHE"),
    **dict.fromkeys(("SH", "SHG"), "XSHG"),
    **dict.fromkeys(("NS", "NSE"), "XNSE"),
    **dict.fromkeys(("BSE",), "XBOM"),
    **dict.fromkeys(("PL",), "XWAR"),
    **dict.fromkeys(("AU",), "XASX"),
    **dict.fromkeys(("KQ", "KO"), "XKRX"),
    **dict.fromkeys(("TWO",), "XTAI"),
    **dict.fromkeys(("JO",), "XJSE"),
    **dict.fromkeys(("IS",), "XIST"),
}
"""Letters that other tools write behind the dot, to the code of the exchange; Yahoo's own suffixes stand with the exchanges."""

METALS = {"XAU": "Gold", "XAG": "Silver", "XPT": "Platinum", "XPD": "Palladium"}
COINS = split_words(
    "BTC XBT ETH XRP LTC BCH ADA DOT DOGE SOL BNB TRX AVAX LINK XLM ATOM ETC XMR MATIC SHIB UNI FIL EOS XTZ NEO DASH ZEC IOTA ALGO "
    "VET AAVE APT ARB OP SUI PEPE TON NEAR ICP USDT USDC XDG"
)
"""Coins that are told without the directory."""
COIN_QUOTES = "USDT|USDC|BUSD|FDUSD|TUSD|USD|EUR|GBP|JPY|TRY|BRL|AUD|BTC|ETH|BNB|KRW|PERP"
FUTURE_ROOTS = split_words(
    "ES MES NQ MNQ YM MYM RTY M2K NKD ZB UB ZN ZF ZT GC MGC SI SIL HG PL PA CL MCL QM BZ NG RB HO ZC ZW KE ZS ZM ZL ZO LE GF HE KC "
    "SB CC CT OJ 6E 6B 6J 6A 6C 6S 6N BTC ETH VX"
)
TIMEFRAME_WORDS = split_words(
    "1m 2m 3m 5m 10m 15m 30m 45m 60m 90m 1h 2h 3h 4h 6h 8h 12h 1d d 1w w m1 m5 m10 m15 m20 m30 h1 h2 h4 h6 h8 h12 d1 w1 mn mn1 1min "
    "5min 15min 30min 60min 1minute 5minute minute minutes min hourly hour hours day days daily week weekly 1day 1hour 1440 10080 "
    "60 240 30 15 5 720 1mo tick candlestick candles ohlc ohlcv klines bars bar intraday eod 24h 1s s bid ask mid"
)
NOISE_WORDS = split_words(
    "data history historical historic histdata hist price prices quotes quote stock stocks share shares chart export download table "
    "full last all series raw adjusted adj unadjusted file copy final new old test sample mini max years year y csv txt json utc "
    "gmt est period historicaldata historicalprices donnees données historiques kurse historische kursdaten yahoo finance stooq "
    "investing com quandl tiingo alphavantage alpha vantage polygon finnhub yfinance tradingview metatrader mt4 mt5 ninjatrader nt "
    "ascii dat xlsx from to part"
)
