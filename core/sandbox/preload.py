"""Everything that strategies may import, imported once, before the doors close: afterwards there is no file to import from.

Which modules these are is said in `core.gate.importable`: what the gate allows has to be here, or it would fail in the child.
"""

import contextlib
import importlib
import sys

from core.gate.importable import MODULES

PLATFORM_MODULES = ("resource", "mmap", "socket", "ctypes")
"""Modules that the platform's own code imports inside functions."""
ABSENT = ("talib", "pyarrow", "numexpr", "bottleneck", "numba", "matplotlib", "tables", "sqlalchemy", "IPython")
"""Optional parts of the libraries above that would start threads, double the memory or differ from machine to machine."""
ZONES = ("UTC", "America/New_York", "America/Chicago", "Europe/London", "Europe/Berlin", "Europe/Paris", "Asia/Tokyo", "Asia/Hong_Kong")


def import_everything() -> None:
    """Import everything that strategies may import and run the engine once, so that what is imported lazily is there as well."""
    for name in ABSENT:
        sys.modules.setdefault(name, None)  # type: ignore[arg-type]
    for name in MODULES:
        importlib.import_module(name)
    for name in PLATFORM_MODULES:
        with contextlib.suppress(ImportError):  # not every system has every one
            importlib.import_module(name)
    _read_zones()
    from core.backtest.preload_backtest import preload_engine

    importlib.import_module("core.sandbox.run_monitor")
    preload_engine(pandas=True)


def _read_zones() -> None:
    import zoneinfo

    for name in ZONES:
        try:
            zoneinfo.ZoneInfo(name)
        except zoneinfo.ZoneInfoNotFoundError:
            continue  # a machine without time zone data; strategies get wall time anyway
