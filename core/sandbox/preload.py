"""Everything that strategies may import, imported once, before the doors close: afterwards there is no file to import from.

Which modules these are is said in `core.gate.importable`: what the gate allows has to be here, or it would fail in the child.
"""

import contextlib
import datetime
import importlib
import io
import pkgutil
import sys
from types import ModuleType
from typing import Any

from core.gate.importable import ABSENT_IN_BACKTRADER, MODULES
from core.sandbox import stand_ins, stock_library
from core.sandbox.usual_modules import USUAL_MODULES

PLATFORM_MODULES = ("resource", "mmap", "socket", "ctypes")
"""Modules that the platform's own code imports inside functions."""
ABSENT = ("talib", "pyarrow", "numexpr", "bottleneck", "numba", "matplotlib", "tables", "sqlalchemy", "IPython")
"""Optional parts of the libraries above that would start threads, double the memory or differ from machine to machine."""
_NOT_NEEDED = frozenset(
    (
        "tests",
        "testing",
        "_testing",
        "conftest",
        "f2py",
        "distutils",
        "mypy_plugin",
        "__main__",
        "_pyinstaller",
        "setup",
        "cversions",
        "_numba",
        "plot",
    )
)
"""Modules of the libraries that no strategy uses."""
_zones: list[Any] = []


def import_everything() -> None:
    """Import everything that strategies may import, in one process."""
    import_usual()
    import_rest()


def import_usual() -> None:
    """Import what most programs need, and run the engine once, so that what is imported lazily is there as well.

    `core.sandbox.usual_modules.needs_everything` says which programs need more. A process that runs no program itself needs no more.
    """
    for name in ABSENT:
        sys.modules.setdefault(name, None)  # type: ignore[arg-type]
    for name in (*USUAL_MODULES, *PLATFORM_MODULES):
        with contextlib.suppress(ImportError):  # not every system has every one
            importlib.import_module(name)
    for package in ("numpy", "backtrader"):
        _import_parts(importlib.import_module(package))
    _warm_dates()
    from core.backtest.preload_backtest import preload_engine

    importlib.import_module("core.sandbox.run_monitor")
    preload_engine()
    stand_ins.prepare()


def import_rest() -> None:
    """Import what is left of all that strategies may import."""
    for name in MODULES:
        importlib.import_module(name)
    _import_parts(importlib.import_module("pandas"))
    _read_zones()
    _warm_pandas()
    stock_library.keep_stock()
    stand_ins.prepare()


def _import_parts(package: ModuleType) -> None:
    """Import every module of a library that it would load later, in the middle of a strategy; parts that need what is not here are left."""
    for found in pkgutil.iter_modules(package.__path__, f"{package.__name__}."):
        if found.name.rpartition(".")[2] in _NOT_NEEDED or found.name in ABSENT_IN_BACKTRADER:
            continue
        with contextlib.suppress(ImportError):
            module = importlib.import_module(found.name)
            if found.ispkg:
                _import_parts(module)


def _warm_pandas() -> None:
    """Do once what reads a file or loads a part on first use: formatting, reading of texts, dates in words, time zones."""
    import pandas

    frame = pandas.DataFrame({"a": [1.5, 2.5], "b": ["x", "y"]}, index=pandas.to_datetime(["2020-01-01", "2020-06-01"]))
    for text in (frame.to_string(), repr(frame.describe()), frame.to_csv(), frame.to_json(), frame.to_html()):
        assert text
    pandas.read_csv(io.StringIO(frame.to_csv()), index_col=0, parse_dates=True).tz_localize("UTC").tz_convert("America/New_York")
    frame.reset_index().pivot_table(values="a", index="b", aggfunc="mean").to_dict()
    frame.groupby("b").agg({"a": ["mean", "std"]}).to_records()
    frame["a"].resample("ME").last().rolling(2).mean().ewm(span=3).mean().pct_change(fill_method=None)
    frame.merge(frame, on="b").query("a_x > 1").sort_values("a_y")
    _warm_dates()


def _warm_dates() -> None:
    datetime.datetime.strptime("2020-01-01", "%Y-%m-%d").astimezone(datetime.UTC).strftime("%c")


def _read_zones() -> None:
    """Hold every time zone: there is no file to read one from later. A machine without time zone data has none."""
    import zoneinfo

    for name in sorted(zoneinfo.available_timezones()):
        with contextlib.suppress(zoneinfo.ZoneInfoNotFoundError, ValueError):
            _zones.append(zoneinfo.ZoneInfo(name))
