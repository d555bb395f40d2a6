"""Stand-ins for files and decorations: what code writes goes nowhere, colors and charts are left out, and it is said.


This is comfort for honest code, in the untrusted process itself, and no barrier: the kernel refuses what it refuses.
"""

import builtins
import importlib.machinery
import io
import os
import sys
from collections.abc import Iterator
from types import ModuleType
from typing import Any

from core.gate.importable import STAND_INS
from core.sandbox import pandas_writers
from core.sandbox.time_zones import make_pytz

_WRITING = frozenset("wax+")
_written: dict[str, None] = {}
"""Files that were written to, in order; each name once."""
_unset: dict[str, None] = {}
"""Variables of the environment that were read and are not set; each name once."""
_MOST_NAMES = 10
_OF_TERMINALS = frozenset(("COLUMNS", "LINES"))
"""Variables that the standard library reads for itself; that they are not set says nothing about the code."""


class _Environment(dict[str, str]):
    """The environment as it is, with an empty text for what is not set."""

    def __missing__(self, name: str) -> str:
        if name not in _OF_TERMINALS and len(_unset) < _MOST_NAMES:
            _unset[str(name)[:120]] = None
        return ""


class _Nowhere(io.StringIO):
    """A text file whose content is forgotten."""

    name = ""

    def write(self, text: str) -> int:
        """Take the text."""
        return len(text)


class _NowhereBytes(io.BytesIO):
    """A binary file whose content is forgotten."""

    name = ""

    def write(self, data: Any) -> int:
        """Take the bytes."""
        return len(data)


class Decoration:
    """Anything that decorates: every attribute and every call gives another one, in a text it is nothing, and it holds nothing."""

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__") and name.endswith("__"):
            raise AttributeError(name)
        return Decoration()

    def __call__(self, *args: Any, **kwargs: Any) -> "Decoration":
        return self

    def __getitem__(self, key: Any) -> "Decoration":
        return self

    def __setitem__(self, key: Any, value: Any) -> None:
        return

    def __iter__(self) -> Iterator["Decoration"]:
        return iter((Decoration(), Decoration()))

    def __enter__(self) -> "Decoration":
        return self

    def __exit__(self, *error: object) -> None:
        return

    def __bool__(self) -> bool:
        return False

    def __str__(self) -> str:
        return ""

    def __format__(self, how: str) -> str:
        return ""

    def __add__(self, other: Any) -> Any:
        return other

    __radd__ = __add__


class _Plain(str):
    """The empty text, with any attribute: `Fore.RED` and `Style.RESET_ALL`."""

    def __getattr__(self, name: str) -> "_Plain":
        if name.startswith("__"):
            raise AttributeError(name)
        return _Plain()

    def __call__(self, *args: Any) -> str:
        return ""


class _AnyName(type):
    """Makes every name of an absent module the same class."""

    def __getattr__(cls, name: str) -> Any:
        if name.startswith("__") and name.endswith("__"):
            raise AttributeError(name)
        return cls

    def __call__(cls, *args: Any, **kwargs: Any) -> Any:
        raise type.__call__(cls, "What it would give is not there: there is no network, no database and no other program.")


class UnavailableError(ImportError, metaclass=_AnyName):
    """Any name of a module that is not there: it fails when it is called, and `except requests.RequestException` catches that."""


class _Unavailable(ModuleType):
    """A module that is not there, for code that may never come to call it."""

    __path__: list[str]

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return UnavailableError


class StandIn(ModuleType):
    """A module of decorations, whose parts are decorations too."""

    __path__: list[str]

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return Decoration()


class _Progress:
    """A progress bar without the bar."""

    def __init__(self, items: Any = (), *args: Any, **kwargs: Any) -> None:
        self._items = items

    def __iter__(self) -> Iterator[Any]:
        return iter(self._items)

    def __getattr__(self, name: str) -> Any:
        return Decoration()

    def __enter__(self) -> "_Progress":
        return self

    def __exit__(self, *error: object) -> None:
        return


class _Finder:
    """Finds every part of a module that has a stand-in: `matplotlib.pyplot`, `tqdm.auto`."""

    def find_spec(self, name: str, path: Any = None, target: Any = None) -> Any:
        """A stand-in's spec; None for everything else."""
        if name.partition(".")[0] not in STAND_INS:
            return None
        return importlib.machinery.ModuleSpec(name, self, is_package=True)  # type: ignore[arg-type]

    def create_module(self, spec: Any) -> ModuleType:
        """An empty stand-in."""
        return _Unavailable(spec.name) if spec.name.partition(".")[0] == "unavailable" else StandIn(spec.name)

    def exec_module(self, module: ModuleType) -> None:
        """Put in the parts that give something back."""
        vars(module).update(_PARTS.get(module.__name__.partition(".")[0], {}) if module.__name__ != "pytz" else make_pytz())


def install() -> None:
    """Put the stand-ins in place, in the process that is about to run a strategy."""
    _forget_replaced()
    sys.meta_path.insert(0, _Finder())
    original = builtins.open

    def quiet_open(file: Any, mode: str = "r", *args: Any, **kwargs: Any) -> Any:
        if isinstance(file, int) or not isinstance(mode, str) or not _WRITING & set(mode):
            return original(file, mode, *args, **kwargs)
        _remember(file)
        return _NowhereBytes() if "b" in mode else _Nowhere()

    builtins.open = io.open = quiet_open
    for name in ("mkdir", "makedirs"):
        setattr(os, name, lambda path, *args, **kwargs: _remember(path))
    if "sqlite3" in sys.modules:
        _keep_databases_in_memory(sys.modules["sqlite3"])
    setattr(os, "environ", _Environment(os.environ))  # noqa: B010 - the process's own one stays as it is
    if _replaced is None:
        _install_writers()
    os.getcwd = lambda: "/"
    sys.argv = ["strategy.py"]


_replaced: list[str] | None = None
"""Modules that have a stand-in, and their parts, as they were found beforehand."""


def prepare() -> None:
    """Do what can be done once everything is imported and before processes are forked: find what will be replaced, and replace writers.

    A look at the name of every module copies a thousand pages in a process that shares them with the one that it was forked from, and new
    methods of a table copy two hundred.
    """
    global _replaced
    _replaced = _list_replaced()
    _install_writers()


def _install_writers() -> None:
    if "pandas" in sys.modules:
        pandas_writers.install(sys.modules["pandas"], _remember)


def _list_replaced() -> list[str]:
    there = [name for name in STAND_INS if name in sys.modules]
    parts = tuple(f"{name}." for name in there if sys.modules[name] is not None)
    return [*there, *([name for name in sys.modules if name.startswith(parts)] if parts else ())]


def _forget_replaced() -> None:
    """Forget the modules that have a stand-in, and their parts."""
    for name in _list_replaced() if _replaced is None else _replaced:
        sys.modules.pop(name, None)


def _keep_databases_in_memory(sqlite3: Any) -> None:
    connect = sqlite3.connect

    def connect_in_memory(database: Any, *args: Any, **kwargs: Any) -> Any:
        if str(database) != ":memory:":
            _remember(database)
        return connect(":memory:", *args, **{name: value for name, value in kwargs.items() if name != "uri"})

    sqlite3.connect = connect_in_memory


def describe_written() -> tuple[str, ...]:
    """Remarks on the files that the code wrote to, and on what it read of the environment."""
    return (*_describe_unset(), *_describe_files())


def _describe_unset() -> tuple[str, ...]:
    if not _unset:
        return ()
    return (f"The code reads the environment ({', '.join(_unset)}): nothing is set there, and an empty text was given.",)


def _describe_files() -> tuple[str, ...]:
    if not _written:
        return ()
    names = ", ".join(list(_written)[:_MOST_NAMES])
    return (f"The code writes to files ({names}): there are none here, and what it wrote is not kept. What print() writes is in the log.",)


def _remember(path: Any) -> None:
    if len(_written) < _MOST_NAMES:
        _written[str(path)[:120]] = None


def _print(*values: Any, **options: Any) -> None:
    sys.stdout.write(" ".join(str(value) for value in values if not isinstance(value, Decoration)) + "\n")


def _tabulate(rows: Any, headers: Any = (), **options: Any) -> str:
    lines = [list(headers)] if isinstance(headers, list | tuple) and headers else []
    lines += [list(row) if isinstance(row, list | tuple) else [row] for row in rows]
    return "\n".join("  ".join(str(cell) for cell in line) for line in lines)


def _colored(text: Any, *args: Any, **kwargs: Any) -> str:
    return str(text)


class _Logger:
    """Prints what is logged."""

    def __getattr__(self, name: str) -> Any:
        if name in ("debug", "info", "success", "warning", "error", "critical", "exception", "trace"):
            return lambda text, *args, **kwargs: _print(str(text).format(*args, **kwargs) if args or kwargs else text)
        return Decoration()


_PARTS: dict[str, dict[str, Any]] = {
    "colorama": {"Fore": _Plain(), "Back": _Plain(), "Style": _Plain(), "Cursor": _Plain()},
    "termcolor": {"colored": _colored, "cprint": lambda text, *args, **kwargs: _print(text)},
    "tqdm": {"tqdm": _Progress, "trange": lambda *args, **kwargs: _Progress(range(*args)), "tqdm_notebook": _Progress},
    "tabulate": {"tabulate": _tabulate},
    "loguru": {"logger": _Logger()},
    "rich": {"print": _print},
    "IPython": {"display": _print},
}
