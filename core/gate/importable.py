"""The modules that strategy code may import: the gate tells authors, the sandbox imports them before its doors close."""

MODULES = (
    "__future__", "abc", "argparse", "array", "ast", "base64", "bisect", "builtins", "calendar", "cmath", "collections", "collections.abc",
    "colorsys", "contextlib", "contextvars", "copy", "csv", "dataclasses", "datetime", "decimal", "difflib", "enum", "errno", "fractions",
    "functools", "gc", "graphlib", "hashlib", "heapq", "inspect", "io", "itertools", "json", "keyword", "linecache", "locale", "logging",
    "math", "numbers", "operator", "os", "os.path", "pathlib", "pickle", "pprint", "queue", "random", "re", "reprlib", "secrets", "signal",
    "statistics", "string", "struct", "sys", "textwrap", "threading", "time", "timeit", "traceback", "types", "typing", "unicodedata",
    "uuid", "warnings", "weakref", "zlib", "zoneinfo", "encodings.idna", "encodings.latin_1", "encodings.ascii", "encodings.utf_8",
    "numpy", "numpy.linalg", "numpy.random", "numpy.fft", "numpy.lib.stride_tricks", "numpy.polynomial",
    "pandas", "pandas.tseries.offsets", "pandas.tseries.frequencies",
    "backtrader", "backtrader.analyzers", "backtrader.feeds", "backtrader.filters", "backtrader.indicators", "backtrader.observers",
    "backtrader.sizers", "backtrader.timer", "backtrader.utils", "backtrader.signals", "backtrader.strategies",
)  # fmt: skip
