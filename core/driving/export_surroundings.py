"""Text that an exported program needs around its code elsewhere: packages to install, absent modules, arguments not its own."""

import ast
import sys

from core.domain.python_syntax import parse_module_tree

PACKAGES = {"dateutil": "python-dateutil", "IPython": "ipython"}
"""Packages that are called otherwise than the module they bring."""
READS_ARGUMENTS = ("argv", "parse_args", "parse_known_args")
"""Words without which code does not read the arguments that its program was started with."""
SET_ASIDE = "import sys as _sys\n\n_given, _sys.argv[1:] = _sys.argv[1:], []  # the script below was measured without arguments\n"
GIVE_BACK = "\n_sys.argv[1:] = _given\n"
ABSENT = "unavailable"
"""Module from which code imports what is there neither in a run nor for the program: networks, databases, other programs."""
ABSENT_MODULES = '''\
import sys as _modules
from types import ModuleType as _Module


class _AnyName(type):
    def __getattr__(cls, name):
        if name.startswith("__"):
            raise AttributeError(name)
        return cls

    def __call__(cls, *values, **words):
        raise type.__call__(cls, "It was measured without networks, databases and other programs.")


class _Unavailable(ImportError, metaclass=_AnyName):
    """Any name of a module that was not there when this was measured: it fails when it is called."""


class _Absent(_Module):
    __path__ = []

    def __getattr__(self, name):
        if name.startswith("__"):
            raise AttributeError(name)
        return _Unavailable


for _name in $names:
    _modules.modules[_name] = _Absent(_name)
'''


def list_packages(code: str) -> list[str]:
    """List the packages beside Backtrader that have to be installed for code to run.

    >>> list_packages("import numpy as np, math\\nfrom dateutil.tz import UTC\\nimport backtrader as bt")
    ['numpy', 'python-dateutil']
    """
    roots = {name.partition(".")[0] for name in _list_modules(code)} - {"backtrader", ABSENT} - sys.stdlib_module_names
    return sorted(PACKAGES.get(root, root) for root in roots)


def surround_code(code: str) -> str:
    """The code with what it needs before and behind it: modules that were absent, and arguments that are those of the runner."""
    absent = [name for name in _list_modules(code) if name.partition(".")[0] == ABSENT]
    if absent:
        names = sorted({ABSENT, *absent, *(name.rpartition(".")[0] for name in absent if "." in name)})
        code = _put_first(code, ABSENT_MODULES.replace("$names", repr(names)))
    if any(word in code for word in READS_ARGUMENTS):
        code = _put_first(code, SET_ASIDE) + GIVE_BACK
    return code


def _list_modules(code: str) -> list[str]:
    nodes = list(ast.walk(parse_module_tree(code)))
    named = [alias.name for node in nodes if isinstance(node, ast.Import) for alias in node.names]
    return [*named, *(node.module for node in nodes if isinstance(node, ast.ImportFrom) and node.module and not node.level)]


def _put_first(code: str, text: str) -> str:
    """The code with a text before all that runs of it: behind its docstring, and what it takes from the future."""
    body = parse_module_tree(code).body
    first = next((node for node in body if not _stands_first(node)), None)
    if first is None:
        return code
    lines = code.splitlines(keepends=True)
    at = min([first.lineno, *(one.lineno for one in getattr(first, "decorator_list", ()))]) - 1
    return "".join([*lines[:at], text, "\n", *lines[at:]])


def _stands_first(node: ast.stmt) -> bool:
    if isinstance(node, ast.ImportFrom):
        return node.module == "__future__"
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
