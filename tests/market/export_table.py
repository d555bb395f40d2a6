"""Files as exports write them, each with what it holds and how it looks."""

from datetime import date, timedelta

from export_files import (
    DAYS,
    SUMMER,
    VOLUMES,
    Case,
    apostrophe,
    as_json,
    comma,
    days_of,
    english,
    instants,
    iso,
    packed,
    prices,
    records,
    table,
    with_offset,
)

from core.domain.instrument import AssetClass

EQUITY, FOREX, CRYPTO = AssetClass.EQUITY, AssetClass.FOREX, AssetClass.CRYPTO
INDEX, FUTURE = AssetClass.INDEX, AssetClass.FUTURE
NY, PARIS, BERLIN, LONDON, TOKYO = "America/New_York", "Europe/Paris", "Europe/Berlin", "Europe/London", "Asia/Tokyo"

STANDARD = "Date,Open,High,Low,Close,Volume"

#  title, name, stamp, days, symbol, zone of the instrument
DATES_THAT_ARE_NO_INSTANTS = [
    ("ISO midnight UTC", "AAPL.csv", lambda day: f"{day}T00:00:00.000Z", DAYS, "AAPL"),
    ("ISO midnight UTC in summer", "AAPL.csv", lambda day: f"{day}T00:00:00Z", SUMMER, "AAPL"),
    ("midnight UTC with an offset", "AAPL.csv", lambda day: f"{day} 00:00:00+00:00", DAYS, "AAPL"),
    ("Unix midnight UTC", "AAPL.csv", instants("UTC"), DAYS, "AAPL"),
    ("Unix midnight UTC in ms", "AAPL.csv", instants("UTC", unit=1000), SUMMER, "AAPL"),
    ("Unix midnight UTC in µs", "AAPL.csv", instants("UTC", unit=1_000_000), DAYS, "AAPL"),
    ("Unix midnight UTC in ns", "AAPL.csv", instants("UTC", unit=1_000_000_000), DAYS, "AAPL"),
    ("Unix midnight New York", "MSFT.csv", instants(NY), DAYS, "MSFT"),
    ("Unix midnight New York in summer", "MSFT.csv", instants(NY), SUMMER, "MSFT"),
    ("midnight New York with its offset", "MSFT.csv", with_offset(NY), DAYS, "MSFT"),
    ("midnight of another zone, with its offset", "MSFT.csv", with_offset(BERLIN), DAYS, "MSFT"),
    ("midnight UTC shown in New York", "MSFT.csv", with_offset(NY, "19:00", before=1), DAYS, "MSFT"),
    ("Unix at the open of the session", "IBM.csv", instants(NY, "09:30"), DAYS, "IBM"),
    ("Unix at the open of the session in summer", "IBM.csv", instants(NY, "09:30"), SUMMER, "IBM"),
    ("Unix at the close of the session", "IBM.csv", instants(NY, "16:00"), DAYS, "IBM"),
    ("local close without a zone", "IBM.csv", lambda day: f"{day} 16:00:00", DAYS, "IBM"),
    ("Unix midnight Tokyo", "7203.T.csv", instants(TOKYO), DAYS, "7203.T"),
    ("Unix midnight UTC of a Tokyo share", "7203.T.csv", instants("UTC"), DAYS, "7203.T"),
    ("midnight Tokyo with its offset", "7203.T.csv", with_offset(TOKYO), DAYS, "7203.T"),
    ("Unix midnight Paris", "MC.PA.csv", instants(PARIS), DAYS, "MC.PA"),
    ("Unix midnight Paris in summer", "MC.PA.csv", instants(PARIS), SUMMER, "MC.PA"),
    ("Unix midnight London in summer", "VOD.L.csv", instants(LONDON), SUMMER, "VOD.L"),
    ("Unix midnight Berlin, instrument unknown", "meine_bars_9x.csv", instants(BERLIN), DAYS, ""),
    ("Unix midnight UTC, instrument unknown", "meine_bars_9x.csv", instants("UTC"), DAYS, ""),
    ("17:00 New York of the evening before, in Unix", "EURUSD.csv", instants(NY, "17:00", before=1), DAYS, "EURUSD"),
    ("17:00 New York of the evening before in summer", "GBPUSD.csv", instants(NY, "17:00", before=1), SUMMER, "GBPUSD"),
    ("17:00 New York with its offset", "EURUSD.csv", with_offset(NY, "17:00", before=1), DAYS, "EURUSD"),
    ("17:00 without a zone, of the evening before", "EURUSD.csv", lambda day: f"{day - timedelta(days=1)} 17:00:00", DAYS, "EURUSD"),
    ("22:00 UTC of the evening before", "USDJPY.csv", lambda day: f"{day - timedelta(days=1)}T22:00:00Z", DAYS, "USDJPY"),
    ("21:00 UTC of the evening before in summer", "USDJPY.csv", lambda day: f"{day - timedelta(days=1)}T21:00:00Z", SUMMER, "USDJPY"),
    ("22:00 UTC, nanoseconds, as OANDA writes it", "EUR_USD.csv", lambda d: f"{d - timedelta(days=1)}T22:00:00.000000000Z", DAYS, "EURUSD"),
    ("midnight UTC of a pair", "EURUSD.csv", instants("UTC"), DAYS, "EURUSD"),
    ("18:00 New York of the evening before", "CME_MINI_ES1!, 1D.csv", instants(NY, "18:00", before=1), DAYS, "ES=F"),
    ("17:00 Chicago of the evening before", "CME_MINI_NQ1!, 1D.csv", with_offset("America/Chicago", "17:00", before=1), DAYS, "NQ=F"),
    ("17:00 at the end of the day of a pair", "EURUSD.csv", lambda day: f"{day} 17:00:00", DAYS, "EURUSD"),
]  # fmt: skip

#  title, name, symbol, class, zone
NAMES = [
    ("Yahoo, Paris", "AIR.PA.csv", "AIR.PA", EQUITY, PARIS),
    ("Yahoo, Paris, of a share with American letters", "MC.PA.csv", "MC.PA", EQUITY, PARIS),
    ("Yahoo, London", "VOD.L.csv", "VOD.L", EQUITY, LONDON),
    ("Yahoo, Tokyo", "7203.T.csv", "7203.T", EQUITY, TOKYO),
    ("Yahoo, India", "RELIANCE.NS.csv", "RELIANCE.NS", EQUITY, "Asia/Kolkata"),
    ("Yahoo, Bombay", "TCS.BO.csv", "TCS.BO", EQUITY, "Asia/Kolkata"),
    ("Yahoo, Xetra", "SAP.DE.csv", "SAP.DE", EQUITY, BERLIN),
    ("Yahoo, Amsterdam", "ASML.AS.csv", "ASML.AS", EQUITY, "Europe/Amsterdam"),
    ("Yahoo, Milan", "ENEL.MI.csv", "ENEL.MI", EQUITY, "Europe/Rome"),
    ("Yahoo, Hong Kong", "0700.HK.csv", "0700.HK", EQUITY, "Asia/Hong_Kong"),
    ("Yahoo, Toronto", "RY.TO.csv", "RY.TO", EQUITY, "America/Toronto"),
    ("Yahoo, Sydney", "BHP.AX.csv", "BHP.AX", EQUITY, "Australia/Sydney"),
    ("Yahoo, a second download", "AIR.PA (1).csv", "AIR.PA", EQUITY, PARIS),
    ("Yahoo, gzip", "AIR.PA.csv.txt", "AIR.PA", EQUITY, PARIS),
    ("Yahoo, a class of shares", "BRK-B.csv", "BRK-B", EQUITY, NY),
    ("Stooq, USA", "aapl.us.txt", "AAPL", EQUITY, NY),
    ("Stooq, Japan", "7203.jp.txt", "7203.T", EQUITY, TOKYO),
    ("Stooq, England", "vod.uk.txt", "VOD.L", EQUITY, LONDON),
    ("EOD, Xetra", "BMW.XETRA.csv", "BMW.DE", EQUITY, BERLIN),
    ("TradingView, Nasdaq", "NASDAQ_AAPL, 1D.csv", "AAPL", EQUITY, NY),
    ("TradingView, Nasdaq, with a mark", "NASDAQ_MSFT, 1D_a1b2c.csv", "MSFT", EQUITY, NY),
    ("TradingView, Xetra", "XETR_SAP, 1D.csv", "SAP.DE", EQUITY, BERLIN),
    ("TradingView, London", "LSE_VOD, 1D.csv", "VOD.L", EQUITY, LONDON),
    ("TradingView, Tokyo", "TSE_7203, 1D.csv", "7203.T", EQUITY, TOKYO),
    ("TradingView, Euronext", "EURONEXT_AIR, 1D.csv", "AIR.PA", EQUITY, PARIS),
    ("TradingView, India", "NSE_RELIANCE, 1D.csv", "RELIANCE.NS", EQUITY, "Asia/Kolkata"),
    ("TradingView, pair", "FX_EURUSD, 1D.csv", "EURUSD", FOREX, NY),
    ("TradingView, OANDA", "OANDA_GBPJPY, 1D.csv", "GBPJPY", FOREX, NY),
    ("TradingView, gold", "OANDA_XAUUSD, 1D.csv", "XAUUSD", FOREX, NY),
    ("TradingView, coin", "BINANCE_BTCUSDT, 1D.csv", "BTC/USDT", CRYPTO, "UTC"),
    ("TradingView, perpetual coin", "BINANCE_ETHUSDT.P, 1D.csv", "ETH/USDT", CRYPTO, "UTC"),
    ("TradingView, coin at Coinbase", "COINBASE_ETHUSD, 1D.csv", "ETH/USD", CRYPTO, "UTC"),
    ("TradingView, future", "CME_MINI_ES1!, 1D.csv", "ES=F", FUTURE, NY),
    ("TradingView, oil", "NYMEX_CL1!, 1D.csv", "CL=F", FUTURE, NY),
    ("TradingView, Eurex", "EUREX_FDAX1!, 1D.csv", "FDAX", FUTURE, BERLIN),
    ("TradingView, index", "SP_SPX, 1D.csv", "^GSPC", INDEX, NY),
    ("MetaTrader, period behind the symbol", "EURUSD1440.csv", "EURUSD", FOREX, NY),
    ("MetaTrader, a broker's letter", "EURUSDm_D1.csv", "EURUSD", FOREX, NY),
    ("MetaTrader, a broker's dot", "EURUSD.a.csv", "EURUSD", FOREX, NY),
    ("MetaTrader, a broker's word", "GBPUSD.ecn_D1.csv", "GBPUSD", FOREX, NY),
    ("MetaTrader 5, with a range", "USDJPY_Daily_202301030000_202303270000.csv", "USDJPY", FOREX, NY),
    ("MetaTrader, gold", "XAUUSD_D1.csv", "XAUUSD", FOREX, NY),
    ("Dukascopy", "EURUSD_Candlestick_1_D_BID_01.01.2023-31.03.2023.csv", "EURUSD", FOREX, NY),
    ("HistData", "DAT_ASCII_EURUSD_M1_2019.csv", "EURUSD", FOREX, NY),
    ("Kraken", "XBTUSD_1440.csv", "BTC/USD", CRYPTO, "UTC"),
    ("Kraken, old names", "XETHZEUR_1440.csv", "ETH/EUR", CRYPTO, "UTC"),
    ("Kraken's futures", "PI_XBTUSD.csv", "BTC/USD", CRYPTO, "UTC"),
    ("KuCoin's futures", "XBTUSDTM.csv", "BTC/USDT", CRYPTO, "UTC"),
    ("a coin alone", "XBT.csv", "BTC-USD", CRYPTO, "UTC"),
    ("a coin in words", "Bitcoin_prices.csv", "BTC-USD", CRYPTO, "UTC"),
    ("Binance", "BTCUSDT-1d-2023-02.csv", "BTC/USDT", CRYPTO, "UTC"),
    ("CryptoDataDownload", "Binance_ETHUSDT_d.csv", "ETH/USDT", CRYPTO, "UTC"),
    ("freqtrade", "BTC_USDT-1d.csv", "BTC/USDT", CRYPTO, "UTC"),
    ("Yahoo, coin", "BTC-USD.csv", "BTC/USD", CRYPTO, "UTC"),
    ("Yahoo, pair", "EURUSD=X.csv", "EURUSD", FOREX, NY),
    ("Yahoo, future", "ES=F.csv", "ES=F", FUTURE, NY),
    ("a contract month", "ESH23.csv", "ES=F", FUTURE, NY),
    ("Sierra Chart, a contract month", "ESH23-CME.scid_BarData.txt", "ES=F", FUTURE, NY),
    ("NinjaTrader, a contract month", "NQ 03-23.Last.txt", "NQ=F", FUTURE, NY),
    ("investing.com, index in French", "CAC 40 - Donnees Historiques.csv", "^FCHI", INDEX, PARIS),
    ("investing.com, pair", "EUR_USD Historical Data.csv", "EURUSD", FOREX, NY),
    ("index in Japanese", "日経平均.csv", "^N225", INDEX, TOKYO),
    ("a word behind the symbol", "MSFT_daily.csv", "MSFT", EQUITY, NY),
    ("an upload that is kept", "AIR.PA-own.csv", "AIR.PA", EQUITY, PARIS),
    ("an upload that an older version kept", "AIR.PA-1a2b3c4d.csv", "AIR.PA", EQUITY, PARIS),
]  # fmt: skip

#  title, header, further arguments of `table`, name
HEADERS = [
    ("English", STANDARD, {}),
    ("English in capitals", STANDARD.upper(), {}),
    ("short letters", "t,o,h,l,c,v", {}),
    ("Polygon", "v,vw,o,c,h,l,t,n", {"order": "VXOCHLDN", "stamp": instants("UTC", unit=1000)}),
    (
        "MetaStock",
        "<TICKER>,<DTYYYYMMDD>,<OPEN>,<HIGH>,<LOW>,<CLOSE>,<VOL>",
        {"order": "SDOHLCV", "extra": "AAPL", "stamp": lambda d: d.strftime("%Y%m%d")},
    ),
    ("MetaTrader 5", "<DATE>\t<OPEN>\t<HIGH>\t<LOW>\t<CLOSE>\t<TICKVOL>", {"mark": "\t", "stamp": lambda d: d.strftime("%Y.%m.%d")}),
    ("Alpha Vantage", "timestamp,1. open,2. high,3. low,4. close,5. volume", {"newest_first": True}),
    (
        "Nasdaq.com",
        "Date,Close/Last,Volume,Open,High,Low",
        {"order": "DCVOHL", "number": lambda v: f"${v:.2f}", "stamp": lambda d: d.strftime("%m/%d/%Y"), "newest_first": True},
    ),
    ("quantmod", "Index,AAPL.Open,AAPL.High,AAPL.Low,AAPL.Close,AAPL.Volume", {}),
    ("R with row names", ",Date,Open,High,Low,Close,Volume".lstrip(","), {"order": "DOHLCV"}),
    (
        "Euronext",
        "Date;Open;High;Low;Last;Close;Number of Shares;Number of Trades;Turnover",
        {"mark": ";", "order": "DOHLACVNT", "stamp": lambda d: d.strftime("%d/%m/%Y"), "before": '"Historical Data"\n"FR0000131104"\n'},
    ),
    (
        "NSE India",
        "Date,series,OPEN,HIGH,LOW,PREV. CLOSE,ltp,close,vwap,52W H,52W L,VOLUME,VALUE,No of trades",
        {"order": "DSOHLXACXXXVTN", "extra": "EQ", "number": english, "stamp": lambda d: d.strftime("%d-%b-%Y")},
    ),
    ("Quandl futures", "Date,Open,High,Low,Last,Change,Settle,Volume,Previous Day Open Interest", {"order": "DOHLAXCVX"}),
    ("last alone", "Date,Open,High,Low,Last,Volume", {}),
    (
        "CryptoDataDownload",
        "date,open,high,low,close,Volume BTC,Volume USD,tradecount",
        {"order": "DOHLCVTN", "before": "https://www.CryptoDataDownload.com\n", "newest_first": True},
    ),
    (
        "Binance klines",
        "Open time,Open,High,Low,Close,Volume,Close time,Quote asset volume,Number of trades",
        {"order": "DOHLCVXTN", "stamp": instants("UTC", unit=1000)},
    ),
    (
        "FXCM",
        "DateTime,BidOpen,BidHigh,BidLow,BidClose,AskOpen,AskHigh,AskLow,AskClose,TickQty",
        {"order": "DOHLCAAAAV", "stamp": lambda d: d.strftime("%m/%d/%Y 00:00:00.000")},
    ),
    (
        "bid and ask with underscores",
        "time,ask_open,ask_high,ask_low,ask_close,bid_open,bid_high,bid_low,bid_close,volume",
        {"order": "DAAAAOHLCV"},
    ),
    ("mid beats bid", "time,mid.o,mid.h,mid.l,mid.c,bid.o,bid.h,bid.l,bid.c,volume", {"order": "DOHLCAAAAV"}),
    ("Google Finance", "Date,Open,High,Low,Close,Volume", {"stamp": lambda d: f"{d.month}/{d.day}/{d.year} 16:00:00"}),
    (
        "a page with explanations",
        "Date\tOpen\tHigh\tLow\tClose  after splits\tVolume",
        {"mark": "\t", "number": english, "stamp": lambda d: d.strftime("%b %d, %Y"), "newest_first": True},
    ),
    ("asterisks", "Date,Open,High,Low,Close*,Volume", {}),
    ("units in brackets", "Date (UTC),Open (USD),High (USD),Low (USD),Close (USD),Volume (shares)", {}),
    ("German", "Datum;Eröffnung;Hoch;Tief;Schluss;Volumen", {"mark": ";", "number": comma, "stamp": lambda d: d.strftime("%d.%m.%Y")}),
    (
        "German, Windows-1252",
        "Datum;Eröffnung;Höchst;Tiefst;Schlusskurs;Stück",
        {"mark": ";", "number": comma, "stamp": lambda d: d.strftime("%d.%m.%Y"), "encoding": "cp1252"},
    ),
    (
        "German, ariva",
        "Datum;Erster;Hoch;Tief;Schlusskurs;Stuecke;Volumen",
        {"mark": ";", "number": comma, "order": "DOHLCVT", "newest_first": True},
    ),
    (
        "German, months in words",
        "Datum;Eröffnung;Hoch;Tief;Schluss;Volumen",
        {"mark": ";", "number": comma, "stamp": lambda d: f"{d.day}. {'Januar' if d.month == 1 else 'Juli'} {d.year}"},
    ),
    (
        "French, investing.com",
        '"Date","Dernier","Ouv."," Plus Haut","Plus Bas","Vol.","Variation %"',
        {"order": "DCOHLVX", "number": comma, "stamp": lambda d: d.strftime("%d/%m/%Y"), "newest_first": True, "encoding": "utf-8-sig"},
    ),
    (
        "French, Latin-1",
        "Date;Ouverture;Haut;Bas;Clôture;Volume",
        {"mark": ";", "number": comma, "stamp": lambda d: d.strftime("%d/%m/%Y"), "encoding": "latin-1"},
    ),
    (
        "French, days that may be months",
        "Date;Ouverture;Plus haut;Plus bas;Clôture;Volume",
        {"mark": ";", "number": comma, "stamp": lambda d: d.strftime("%d/%m/%Y")},
    ),
    (
        "Spanish, investing.com",
        '"Fecha","Último","Apertura","Máximo","Mínimo","Vol.","% var."',
        {"order": "DCOHLVX", "number": comma, "stamp": lambda d: d.strftime("%d.%m.%Y"), "newest_first": True},
    ),
    ("Spanish", "Fecha;Apertura;Máximo;Mínimo;Cierre;Volumen", {"mark": ";", "number": comma, "stamp": lambda d: d.strftime("%d/%m/%Y")}),
    (
        "Italian, investing.com",
        '"Data","Ultimo","Apertura","Massimo","Minimo","Vol.","Var. %"',
        {"order": "DCOHLVX", "number": comma, "stamp": lambda d: d.strftime("%d.%m.%Y"), "newest_first": True},
    ),
    ("Italian", "Data;Apertura;Massimo;Minimo;Chiusura;Volume", {"mark": ";", "number": comma, "stamp": lambda d: d.strftime("%d/%m/%Y")}),
    (
        "Portuguese, investing.com",
        '"Data","Último","Abertura","Máxima","Mínima","Vol.","Var%"',
        {"order": "DCOHLVX", "number": comma, "stamp": lambda d: d.strftime("%d.%m.%Y"), "newest_first": True},
    ),
    (
        "Portuguese",
        "Data;Abertura;Máximo;Mínimo;Fechamento;Volume",
        {"mark": ";", "number": comma, "stamp": lambda d: d.strftime("%d/%m/%Y")},
    ),
    (
        "Japanese, investing.com",
        '"日付け","終値","始値","高値","安値","出来高","変化率 %"',
        {"order": "DCOHLVX", "number": english, "stamp": lambda d: d.strftime("%Y年%m月%d日"), "newest_first": True},
    ),
    ("Japanese, Shift-JIS", "日付,始値,高値,安値,終値,出来高", {"encoding": "cp932", "stamp": lambda d: d.strftime("%Y/%m/%d")}),
    ("Chinese, GBK", "日期,开盘,最高,最低,收盘,成交量", {"encoding": "gbk"}),
    (
        "Chinese, with turnover",
        "日期,开盘价,最高价,最低价,收盘价,成交量,成交额",
        {"order": "DOHLCVT", "stamp": lambda d: d.strftime("%Y年%m月%d日")},
    ),
    ("Chinese, traditional, Big5", "日期,開盤價,最高價,最低價,收盤價,成交量", {"encoding": "big5"}),
    ("Korean", "날짜,종가,시가,고가,저가,거래량", {"order": "DCOHLV", "stamp": lambda d: d.strftime("%Y- %m- %d")}),
    ("Polish", "Data,Otwarcie,Najwyzszy,Najnizszy,Zamkniecie,Wolumen", {}),
    ("Dutch", "Datum;Open;Hoog;Laag;Slot;Volume", {"mark": ";", "number": comma}),
    ("Swedish", "Datum;Öppen;Högst;Lägst;Stängning;Volym", {"mark": ";", "number": comma}),
    ("Turkish", "Tarih,Şimdi,Açılış,Yüksek,Düşük,Hac.", {"order": "DCOHLV"}),
    ("text dates of a spreadsheet", STANDARD, {"stamp": lambda d: f"'{d}"}),
    ("unadjusted in brackets", "Date,Open,High,Low,Close (unadj),Volume", {}),
    ("UTF-16", STANDARD.replace(",", "\t"), {"mark": "\t", "encoding": "utf-16"}),
    ("UTF-16 without a mark", STANDARD, {"encoding": "utf-16-le"}),
    (
        "thousands apostrophes",
        STANDARD.replace(",", ";"),
        {"mark": ";", "number": apostrophe, "volume": lambda v: f"{int(v):,}".replace(",", "'")},
    ),
    ("thousands in quotes", STANDARD, {"number": english, "volume": lambda v: f"{int(v):,}"}),
    ("thousands in a German volume", STANDARD.replace(",", ";"), {"mark": ";", "volume": lambda v: f"{int(v):,}".replace(",", ".")}),
    ("Excel day numbers", STANDARD, {"stamp": lambda d: str((d - date(1899, 12, 30)).days)}),
    ("compact dates as numbers with a fraction", STANDARD, {"stamp": lambda d: d.strftime("%Y%m%d.0")}),
    ("exponents with a decimal comma", STANDARD.replace(",", ";"), {"mark": ";", "number": lambda v: f"{v:.6E}".replace(".", ",")}),
    ("compact dates", STANDARD, {"stamp": lambda d: d.strftime("%Y%m%d")}),
    ("month names first", STANDARD, {"stamp": lambda d: d.strftime("%b %d, %Y")}),
    ("weekdays and zone of a browser", STANDARD, {"stamp": lambda d: d.strftime("%a %b %d %Y 00:00:00 GMT-0500 (Eastern Standard Time)")}),
    ("a mail's dates", STANDARD, {"stamp": lambda d: d.strftime("%a, %d %b %Y 00:00:00 GMT")}),
    ("SAS dates", STANDARD, {"stamp": lambda d: d.strftime("%d%b%Y")}),
    ("currency behind the price", STANDARD.replace(",", ";"), {"mark": ";", "number": lambda v: f"{comma(v)} €"}),
    ("no header", "", {}),
    ("a preamble", STANDARD, {"before": "Exported for a friend\nSymbol: AAPL\n\n"}),
    ("one row of zeros", STANDARD, {"after": "2023-01-18,0,0,0,0,0\n"}),
    ("one empty row", STANDARD, {"after": ",,,,,\n"}),
    ("a dividend between the rows", STANDARD, {"after": "2023-01-18,0.23 Dividend,,,,\n"}),
    ("units below the header", f"{STANDARD}\n,USD,USD,USD,USD,shares", {}),
    (
        "reais",
        "Data;Abertura;Máxima;Mínima;Fechamento;Volume",
        {"mark": ";", "number": lambda v: f"R$ {comma(v)}", "stamp": lambda d: d.strftime("%d/%m/%Y")},
    ),
    ("crowns behind the price", STANDARD.replace(",", ";"), {"mark": ";", "number": lambda v: f"{comma(v)} kr"}),
    ("capitals of Turkish", "TARİH;AÇILIŞ;YÜKSEK;DÜŞÜK;KAPANIŞ;HACİM", {"mark": ";", "number": comma}),
    ("a total below", STANDARD, {"after": "Total,,,,,1\n"}),
]

CONTAINERS = [
    ("ZIP with one CSV", "x.zip", packed(table(STANDARD), "AAPL.csv")),
    ("ZIP with a readme", "x.zip", packed(table(STANDARD), "AAPL.csv", "readme.txt")),
    ("ZIP with JSON", "x.zip", packed(as_json(records(("date", "open", "high", "low", "close", "volume"), iso)), "AAPL.json")),
    ("every line in quotes", "AAPL.csv", b"".join(b'"%s"\n' % line for line in table(STANDARD).splitlines())),
    ("JSON records", "AAPL.json", as_json(records(("date", "open", "high", "low", "close", "volume"), iso))),
    (
        "JSON records under a key",
        "AAPL.json",
        as_json({"status": "ok", "results": records(("t", "o", "h", "l", "c", "v"), instants("UTC", unit=1000))}),
    ),
    (
        "JSON columns",
        "AAPL.json",
        as_json(
            {
                "s": "ok",
                **{
                    name: list(column)
                    for name, column in zip(
                        "tohlcv", zip(*[tuple(row.values()) for row in records(tuple("tohlcv"), instants("UTC"))], strict=True), strict=True
                    )
                },
            }
        ),
    ),
    ("JSON rows without names", "AAPL.json", as_json([list(row.values()) for row in records(tuple("tohlcv"), instants("UTC", unit=1000))])),
    (
        "JSON days as keys",
        "AAPL.json",
        as_json(
            {
                "Meta Data": {"2. Symbol": "AAPL"},
                "Time Series (Daily)": {
                    iso(day): dict(
                        zip(
                            ("1. open", "2. high", "3. low", "4. close", "5. volume"),
                            map(str, (*prices(place), VOLUMES[place])),
                            strict=True,
                        )
                    )
                    for place, day in enumerate(DAYS)
                },
            }
        ),
    ),
    (
        "JSON columns of days, as pandas writes it",
        "AAPL.json",
        as_json(
            {
                name: {iso(day): (*prices(place), VOLUMES[place])[at] for place, day in enumerate(DAYS)}
                for at, name in enumerate(("Open", "High", "Low", "Close", "Volume"))
            }
        ),
    ),
    ("JSON lines", "AAPL.json", b"\n".join(as_json(row) for row in records(("date", "open", "high", "low", "close", "volume"), iso))),
    (
        "JSON split",
        "AAPL.json",
        as_json(
            {
                "columns": ["Open", "High", "Low", "Close", "Volume"],
                "index": [iso(day) for day in DAYS],
                "data": [[*prices(place), VOLUMES[place]] for place in range(12)],
            }
        ),
    ),
    (
        "JSON low before high, as Coinbase writes rows",
        "AAPL.json",
        as_json(
            [
                [int(instants("UTC")(day)), prices(place)[2], prices(place)[1], prices(place)[0], prices(place)[3], VOLUMES[place]]
                for place, day in enumerate(DAYS)
            ]
        ),
    ),
    ("three header rows of Yahoo", "x.csv", table("Price,Open,High,Low,Close,Volume\nTicker,AAPL,AAPL,AAPL,AAPL,AAPL\nDate,,,,,")),
]


def cases() -> list[Case]:
    """Every file of the table."""
    found = [
        Case(f"date: {title}", name, table("time,open,high,low,close,Volume", stamp, days=days), days_of(days), symbol)
        for title, name, stamp, days, symbol in DATES_THAT_ARE_NO_INSTANTS
    ]
    found += [Case(f"name: {title}", name, table(STANDARD), days_of(), symbol, kind, zone) for title, name, symbol, kind, zone in NAMES]
    found += [Case(f"header: {title}", "AAPL.csv", table(header, **options), days_of(), "AAPL") for title, header, options in HEADERS]
    found += [Case(f"container: {title}", name, content, days_of(), "AAPL") for title, name, content in CONTAINERS]
    return found
