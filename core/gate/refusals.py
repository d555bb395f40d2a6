"""Things that have nothing to work with in the sandbox: calls by name and absent modules; and what is bound to be executed."""

import ast
import re
import sys
from collections.abc import Iterator

from core.domain.talib_equivalents import GENERAL_HINT
from core.gate.importable import ABSENT_IN_BACKTRADER, LIBRARIES, MODULES, OTHER_ENGINES, STAND_INS, UNAVAILABLE
from core.gate.parsed_source import ParsedCode

IMPORTABLE = frozenset(name.partition(".")[0] for name in MODULES) | {"backtrader"}
ABSENT_HINTS = {
    "talib": GENERAL_HINT,
    "yfinance": "The platform delivers the bars as self.data; nothing has to be downloaded.",
    "requests": "There is no network; the platform delivers the bars as self.data.",
    "ccxt": "There is no network; the platform delivers the bars as self.data.",
    "sqlalchemy": "There is no database: print() goes to the log, and the platform keeps the trades.",
    "subprocess": "There is no other program.",
    "backtrader": "This version of Backtrader (1.9.78) has no such part. Paste what is used into this file.",
}
NO_MODULE_HINT = "Only parts of the standard library, numpy, pandas and backtrader are there."
OWN_MODULE_HINT = "Only this one file runs here: paste what is used from {module} into it."
REFUSED_BUILTINS = frozenset(("open", "input", "breakpoint", "exit", "quit"))
"""Builtins that have nothing to work with here: no files, no terminal."""
ENGINE_NAMES = (
    "backtrader.Cerebro",
    "backtrader.cerebro.Cerebro",
    "backtrader.feeds.",
    "backtrader.feed.",
    "backtrader.plot",
    "backtrader.stores.",
)
SCRIPT_STATE = ("sys.path", "os.chdir", "matplotlib.", "seaborn.", "warnings.")
"""Names that a script sets for itself; the strategy does not need it."""
REFUSED_CALLS = re.compile(
    r"(os\.(system|popen|exec\w*|spawn\w*|fork\w*|kill\w*|remove|unlink|rename|replace|rmdir|removedirs|listdir|scandir|walk"
    r"|chdir|open|chmod|chown|link|symlink|truncate|_exit|abort)|sys\.exit|os\.path\.getsize|pathlib\.Path\.(home|cwd)"
    r"|pandas\.read_\w+|numpy\.(load|loadtxt|genfromtxt|fromfile)|logging\.config\.fileConfig)$"
)
_IN_MEMORY = ("io.StringIO", "io.BytesIO")
_READERS = ("pandas.read_", "numpy.load", "numpy.genfromtxt", "json.load")
_WRITING = frozenset("wax")
ALWAYS_CALLED = ("__init__", "start", "next", "stop")
"""Methods of a strategy that every run calls."""


def is_absent(module: str) -> bool:
    """True when a module cannot be imported in the sandbox."""
    root, _, rest = module.partition(".")
    if root in STAND_INS:
        return False
    if root == "backtrader" and rest:
        return is_absent_in_backtrader(module)
    return root not in IMPORTABLE


def is_absent_in_backtrader(module: str) -> bool:
    """True when Backtrader has no such part, or one that needs what is not there."""
    from core.gate.api_names import BACKTRADER_PARTS

    first, _, rest = module.partition(".")[2].partition(".")
    known = BACKTRADER_PARTS.get(first)
    return known is None or (rest != "" and rest not in known) or module in ABSENT_IN_BACKTRADER


def describe_absence(module: str) -> str:
    """Suggest what to do about a module that is not there."""
    root = module.partition(".")[0]
    if root in ABSENT_HINTS:
        return ABSENT_HINTS[root]
    if root in UNAVAILABLE:
        return "There is no network, no database and no other program."
    own = "." in module and root.islower() and not is_known_library(module)
    return OWN_MODULE_HINT.format(module=module) if own else NO_MODULE_HINT


def is_known_library(module: str) -> bool:
    """True for a module that is certainly no file of the author's."""
    root = module.partition(".")[0]
    return root in LIBRARIES or root in OTHER_ENGINES or root in UNAVAILABLE or root in ABSENT_HINTS or root in sys.stdlib_module_names


def describe_other_engine(module: str) -> tuple[str, str]:
    """Say that code is written for another program, and what to do; two empty texts for any other module."""
    engine = OTHER_ENGINES.get(module.partition(".")[0])
    hint = "Write it for Backtrader: class NAME(bt.Strategy) with __init__(self), next(self) and self.buy(), self.close()."
    return (f"This is written for {engine}, another program; strategies of Backtrader run here.", hint) if engine else ("", "")


def is_refused(call: ast.Call, source: ParsedCode) -> bool:
    """True when the call is bound to fail in the sandbox: files that are read, other processes, the end of the interpreter."""
    name = source.resolve_name(call.func)
    if name == "open":
        return not is_writing(call)
    if name.startswith(_READERS):
        return bool(REFUSED_CALLS.match(name)) and not _reads_memory(call, source)
    return name in REFUSED_BUILTINS or bool(REFUSED_CALLS.match(name))


def is_writing(call: ast.Call) -> bool:
    """True when `open()` is called to write: what is written goes nowhere, and the run says so."""
    modes = [*call.args[1:2], *(keyword.value for keyword in call.keywords if keyword.arg == "mode")]
    return any(isinstance(mode, ast.Constant) and isinstance(mode.value, str) and _WRITING & set(mode.value) for mode in modes)


def _reads_memory(call: ast.Call, source: ParsedCode) -> bool:
    """True when the argument is a text in memory, directly or by a name that holds one."""
    for argument in call.args[:1]:
        parts: list[ast.AST] = [argument]
        if isinstance(argument, ast.Name):
            parts += source.definitions(argument.id)
        for part in (step for found in parts for step in ast.walk(found)):
            if isinstance(part, ast.Attribute | ast.Name) and source.resolve_name(part) in _IN_MEMORY:
                return True
    return False


def walk_certain(node: ast.AST) -> Iterator[ast.AST]:
    """The node and those of its parts that are executed whenever it is: no branches, loops, `try` bodies and inner functions."""
    yield node
    for child in _certain_children(node):
        yield from walk_certain(child)


def _certain_children(node: ast.AST) -> list[ast.AST]:
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
        return [*node.decorator_list, *node.args.defaults, *(part for part in node.args.kw_defaults if part is not None)]
    if isinstance(node, ast.Lambda):
        return []
    if isinstance(node, ast.If | ast.IfExp | ast.While):
        return [node.test]
    if isinstance(node, ast.For | ast.AsyncFor):
        return [node.iter]
    if isinstance(node, ast.Try):
        return [*node.finalbody]
    if isinstance(node, ast.BoolOp):
        return [node.values[0]]
    if isinstance(node, ast.ListComp | ast.SetComp | ast.DictComp | ast.GeneratorExp):
        return [node.generators[0].iter]
    if isinstance(node, ast.Match):
        return [node.subject]
    return list(ast.iter_child_nodes(node))


def walk_strategy_start(node: ast.ClassDef) -> Iterator[ast.AST]:
    """Everything of a class that is executed in every run: bases, own statements, the beginnings of methods that are always called."""
    for head in (*node.bases, *node.decorator_list):
        yield from walk_certain(head)
    for part in node.body:
        if isinstance(part, ast.FunctionDef) and part.name in ALWAYS_CALLED:
            yield from list_certain(part.body)
        yield from walk_certain(part)


def list_certain(body: list[ast.stmt]) -> list[ast.AST]:
    """Everything in a function's body that is executed whenever it is called: up to the first statement that may leave it."""
    found: list[ast.AST] = []
    for statement in body:
        found.extend(walk_certain(statement))
        if any(isinstance(part, ast.Return | ast.Raise) for part in ast.walk(statement)):
            break
    return found
