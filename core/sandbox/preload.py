"""Everything that strategies may import, imported once, before the doors close: afterwards there is no file to import from.

The gate tells authors what may be imported; what it allows and this list leaves out would fail in the child.
"""

import contextlib
import importlib
import sys

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
OWN = ("resource", "mmap", "socket", "ctypes")
"""What the platform's own code imports inside functions."""
ABSENT = ("talib", "pyarrow", "numexpr", "bottleneck", "numba", "matplotlib", "tables", "sqlalchemy", "IPython")
"""Optional parts of the libraries above that would start threads, double the memory or differ from machine to machine."""
ZONES = ("UTC", "America/New_York", "America/Chicago", "Europe/London", "Europe/Berlin", "Europe/Paris", "Asia/Tokyo", "Asia/Hong_Kong")


def everything() -> None:
    """Import all of it and run the engine once, so that what is imported lazily is there as well."""
    for name in ABSENT:
        sys.modules.setdefault(name, None)  # type: ignore[arg-type]
    for name in MODULES:
        importlib.import_module(name)
    for name in OWN:
        with contextlib.suppress(ImportError):  # not every system has every one
            importlib.import_module(name)
    _read_zones()
    from core.backtest.warm import warm_up

    importlib.import_module("core.sandbox.supervisor")
    warm_up(pandas=True)


def _read_zones() -> None:
    import zoneinfo

    for name in ZONES:
        try:
            zoneinfo.ZoneInfo(name)
        except zoneinfo.ZoneInfoNotFoundError:
            continue  # a machine without time zone data; strategies get wall time anyway
