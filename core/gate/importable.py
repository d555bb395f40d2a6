"""The modules that strategy code may import: the gate tells authors, the sandbox imports them before its doors close."""

MODULES = (
    "__future__", "abc", "argparse", "array", "ast", "base64", "bisect", "builtins", "calendar", "cmath", "collections", "collections.abc",
    "colorsys", "contextlib", "contextvars", "copy", "csv", "dataclasses", "datetime", "decimal", "difflib", "enum", "errno", "fractions",
    "functools", "gc", "graphlib", "hashlib", "heapq", "inspect", "io", "itertools", "json", "keyword", "linecache", "locale", "logging",
    "math", "numbers", "operator", "os", "os.path", "pickle", "pprint", "queue", "random", "re", "reprlib", "secrets", "signal",
    "statistics", "string", "struct", "sys", "textwrap", "threading", "time", "timeit", "tomllib", "traceback", "types", "typing",
    "unicodedata",
    "atexit", "configparser", "getpass", "glob", "hmac", "html", "importlib", "logging.handlers", "platform", "posixpath", "shlex",
    "shutil", "sqlite3", "urllib.parse", "optparse", "pathlib",
    "dateutil", "dateutil.parser", "dateutil.relativedelta", "dateutil.rrule", "dateutil.tz", "six",
    "uuid", "warnings", "weakref", "zlib", "zoneinfo", "encodings.idna", "encodings.latin_1", "encodings.ascii", "encodings.utf_8",
    "numpy", "numpy.linalg", "numpy.random", "numpy.fft", "numpy.lib.stride_tricks", "numpy.polynomial",
    "pandas", "pandas.tseries.offsets", "pandas.tseries.frequencies",
    "backtrader", "backtrader.analyzers", "backtrader.feeds", "backtrader.filters", "backtrader.indicators", "backtrader.observers",
    "backtrader.sizers", "backtrader.timer", "backtrader.utils", "backtrader.signals", "backtrader.strategies",
)  # fmt: skip
STAND_INS = {
    "colorama": "colors are left out",
    "termcolor": "colors are left out",
    "tqdm": "no progress bar is drawn",
    "tabulate": "tables are printed plainly",
    "loguru": "its messages are printed",
    "rich": "its texts are printed plainly",
    "IPython": "nothing is displayed",
    "pytz": "its time zones are Python's own",
    "matplotlib": "the platform draws the charts",
    "mplfinance": "the platform draws the charts",
    "seaborn": "the platform draws the charts",
    "plotly": "the platform draws the charts",
    "unavailable": "there is no network, no database and no other program",
}
"""Decorations that a strategy may use and that have no part in its orders: a stand-in is there, and the run says what is left out."""
UNAVAILABLE = frozenset(
    (
        *("requests", "httpx", "aiohttp", "urllib3", "websocket", "websockets"),
        *("smtplib", "email", "ftplib", "paramiko", "boto3"),
        *("telegram", "telebot", "telethon", "discord", "slack_sdk", "slack", "twilio", "pushbullet", "pushover"),
        *(
            "sqlalchemy",
            "pymongo",
            "redis",
            "psycopg2",
            "pymysql",
            "influxdb",
            "yfinance",
            "ccxt",
            "binance",
            "alpaca_trade_api",
        ),
        *("ib_insync", "MetaTrader5", "oandapyV20", "subprocess", "winsound", "pyttsx3", "playsound"),
    )
)
"""Absent modules of networks, databases and other programs. Where a strategy may never come to use one, `unavailable` stands for it: it
fails when it is called, as it does without a network."""
LIBRARIES = frozenset(
    (
        *("scipy", "sklearn", "statsmodels", "tensorflow", "keras", "torch", "xgboost", "lightgbm", "catboost", "hmmlearn", "pykalman"),
        *("arch", "prophet", "gym", "gymnasium", "stable_baselines3", "ta", "pandas_ta", "tulipy", "cvxpy", "pypfopt", "numba", "joblib"),
    )
)
"""Libraries that are not there and cannot be pasted either."""
OTHER_ENGINES = {
    "backtesting": "backtesting.py",
    "vectorbt": "vectorbt",
    "zipline": "Zipline",
    "freqtrade": "Freqtrade",
    "nautilus_trader": "NautilusTrader",
    "pyalgotrade": "PyAlgoTrade",
    "lumibot": "Lumibot",
    "jesse": "Jesse",
    "AlgorithmImports": "QuantConnect",
    "bt": "bt",
}
"""Modules of programs that run strategies of their own kind, with the names people know."""
ABSENT_IN_BACKTRADER = frozenset(
    f"backtrader.{name}"
    for name in (
        *("brokers.ibbroker", "brokers.oandabroker", "brokers.vcbroker", "feeds.blaze", "feeds.ibdata", "feeds.oanda", "feeds.vcdata"),
        *("stores.ibstore", "stores.oandastore", "stores.vcstore", "talib", "plot", "utils.flushfile"),
    )
)
"""Parts of Backtrader that need what is not there: other programs, a network, TA-Lib, a screen."""
