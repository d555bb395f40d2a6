"""Strips what models and scripts put around a strategy and cannot run here: own Cerebro, feeds, plots, downloads, main block.

Only statements at the top level that the strategy does not need are taken out; their lines become blank, so that every
other line keeps its number. What the strategy does need stays, and is an error when it cannot be had.
"""

import ast
import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from core.domain.backtest import Annotation
from core.domain.python_syntax import parse_module_tree
from core.domain.talib_equivalents import GENERAL_HINT, suggest_equivalents
from core.gate.importable import MODULES
from core.gate.parsed_source import Definition, ParsedCode
from core.gate.scope import free_names, stored_names

IMPORTABLE = frozenset(name.partition(".")[0] for name in MODULES) | {"backtrader"}
ABSENT_HINTS = {
    "talib": GENERAL_HINT,
    "yfinance": "The platform delivers the bars as self.data; nothing has to be downloaded.",
    "requests": "There is no network; the platform delivers the bars as self.data.",
    "matplotlib": "The platform draws the charts; leave plots out.",
    "scipy": "Only the standard library, numpy, pandas and backtrader are there.",
}
NO_MODULE_HINT = "Only parts of the standard library, numpy, pandas and backtrader are there."
REFUSED_BUILTINS = frozenset(("open", "exec", "eval", "compile", "input", "breakpoint", "exit", "quit", "__import__"))
"""Builtins that have nothing to work with here: no files, no terminal, no second program."""
ENGINE_NAMES = ("backtrader.Cerebro", "backtrader.cerebro.Cerebro", "backtrader.feeds.", "backtrader.feed.", "backtrader.plot")
REFUSED_CALLS = re.compile(
    r"(os\.(system|popen|exec\w*|spawn\w*|fork\w*|kill\w*|remove|unlink|rename|replace|r?mkdir|rmdir|makedirs|removedirs|listdir|scandir|walk"
    r"|chdir|open|chmod|chown|link|symlink|truncate|_exit|abort)|sys\.exit|os\.path\.(exists|isfile|isdir|getsize)|pathlib\.Path\.\w+"
    r"|pandas\.read_\w+|numpy\.(load|save|savez|loadtxt|savetxt|genfromtxt|fromfile)|logging\.FileHandler|argparse\.ArgumentParser)$"
)
_LINE = re.compile(r"[^\r\n]*(?:\r\n|\r|\n|$)")


@dataclass(frozen=True, slots=True)
class StrippedCode:
    """Code without its script, and what was said about it."""

    code: str
    remarks: tuple[Annotation, ...]


@dataclass(frozen=True, slots=True)
class Cut:
    """A statement that goes, and what is written in its place on its first line."""

    node: ast.stmt
    text: str = ""


def strip_script(source: ParsedCode) -> StrippedCode:
    """Blank out the script around the strategy. Code that needs nothing taken out comes back as it was."""
    if not source.strategies:
        return StrippedCode(source.code, ())
    foreign, clashes = _find_foreign(source)
    unused, missing = _find_absent_imports(source, foreign)
    cuts = [*(Cut(node) for node in foreign), *unused]
    code = _blank(source.code, cuts) if cuts else source.code
    if code is None:
        return StrippedCode(source.code, tuple(missing))
    return StrippedCode(code, (*_describe_removed(source, foreign), *_describe_imports(unused), *clashes, *missing))


def is_absent(module: str) -> bool:
    """True when a module cannot be imported in the sandbox."""
    return module.partition(".")[0] not in IMPORTABLE


def is_refused_call(name: str) -> bool:
    """True when a call by that full dotted name is bound to fail in the sandbox: files, processes, the end of the interpreter."""
    return name in REFUSED_BUILTINS or bool(REFUSED_CALLS.match(name))


def _find_foreign(source: ParsedCode) -> tuple[list[ast.stmt], list[Annotation]]:
    """Top-level statements that cannot run here and are not needed, and remarks on those that are needed.

    What cannot run makes everything that reads its names unable to run too, in whatever order they stand.
    """
    body = [node for node in source.tree.body if not isinstance(node, ast.Import | ast.ImportFrom)]
    readers: dict[str, list[ast.stmt]] = defaultdict(list)
    for node in body:
        for name in _needs(node, source):
            readers[name].append(node)
    waiting = [node for node in body if _is_main(node) or _cannot_run(node, source)]
    waiting += [node for name in _absent_names(source) for node in readers.get(name, ())]
    found: dict[int, ast.stmt] = {}
    clashes: list[Annotation] = []
    while waiting:
        node = waiting.pop()
        if id(node) in found:
            continue
        found[id(node)] = node
        if stored_names(node) & source.live:
            clashes.extend(_describe_clash(node, source))
            continue
        waiting += [reader for name in stored_names(node) for reader in readers.get(name, ())]
    foreign = [node for node in found.values() if not stored_names(node) & source.live]
    return sorted(foreign, key=lambda node: (node.lineno, node.col_offset)), clashes


def _needs(node: ast.stmt, source: ParsedCode) -> frozenset[str]:
    """Names without which the statement cannot be executed; what a method reads does not matter before it is called."""
    if isinstance(node, ast.ClassDef):
        heads = [*node.bases, *node.decorator_list, *(keyword.value for keyword in node.keywords)]
        return frozenset() if node.name in source.live else frozenset().union(*(free_names(head) for head in heads))
    if (isinstance(node, Definition) and node.name in source.live) or _is_guarded_import(node):
        return frozenset()
    return free_names(node)


def _cannot_run(node: ast.stmt, source: ParsedCode) -> bool:
    """Check whether the statement by itself needs an engine, a feed, a file or the like. A class or a needed function only defines."""
    if isinstance(node, ast.ClassDef) or (isinstance(node, Definition) and node.name in source.live) or _is_guarded_import(node):
        return False
    for part in ast.walk(node):
        if isinstance(part, ast.Call) and _is_refused(part, source):
            return True
        if isinstance(part, ast.Attribute | ast.Name) and source.resolve_name(part).startswith(ENGINE_NAMES):
            return True
    return False


def _is_guarded_import(node: ast.stmt) -> bool:
    return isinstance(node, ast.Try) and all(isinstance(part, ast.Import | ast.ImportFrom) for part in node.body)


def _is_refused(call: ast.Call, source: ParsedCode) -> bool:
    name = source.resolve_name(call.func)
    if name == "logging.basicConfig":
        return any(keyword.arg == "filename" for keyword in call.keywords)
    return is_refused_call(name)


def _describe_clash(node: ast.stmt, source: ParsedCode) -> list[Annotation]:
    if isinstance(node, Definition):
        return []
    names = ", ".join(sorted(stored_names(node) & source.live))
    message = f"The strategy uses {names}, which comes from a feed, a file or a download of its own; that cannot be had here."
    return [
        Annotation(line=node.lineno, severity="error", message=message, hint="Read prices from self.data; write other numbers into params.")
    ]


def _is_main(node: ast.stmt) -> bool:
    if not isinstance(node, ast.If) or not isinstance(node.test, ast.Compare):
        return False
    return any(isinstance(part, ast.Name) and part.id == "__name__" for part in ast.walk(node.test))


def _absent_names(source: ParsedCode) -> set[str]:
    """Names that an unguarded import of an absent module would have bound."""
    found: set[str] = set()
    for node in source.tree.body:
        if isinstance(node, ast.Import | ast.ImportFrom):
            found |= {alias.asname or alias.name.partition(".")[0] for alias in node.names if is_absent(_module(node, alias))}
    return found


def _module(node: ast.Import | ast.ImportFrom, alias: ast.alias) -> str:
    return alias.name if isinstance(node, ast.Import) else (node.module or "")


def _find_absent_imports(source: ParsedCode, foreign: Sequence[ast.stmt]) -> tuple[list[Cut], list[Annotation]]:
    """Imports of absent modules: those that nothing left uses, and remarks on those that are used."""
    gone = {id(node) for node in foreign}
    left = [node for node in source.tree.body if id(node) not in gone and not isinstance(node, ast.Import | ast.ImportFrom)]
    used = {name for node in left if not isinstance(node, Definition) or node.name in source.live for name in free_names(node)}
    unused: list[Cut] = []
    missing: list[Annotation] = []
    for node in source.tree.body:
        if not isinstance(node, ast.Import | ast.ImportFrom):
            continue
        absent = [alias for alias in node.names if is_absent(_module(node, alias))]
        wanted = [alias for alias in absent if (alias.asname or alias.name.partition(".")[0]) in used]
        if wanted:
            module = _module(node, wanted[0])
            hint = suggest_equivalents(source.code) if module == "talib" else ABSENT_HINTS.get(module.partition(".")[0], NO_MODULE_HINT)
            missing.append(Annotation(line=node.lineno, severity="error", message=f"{module} cannot be imported here.", hint=hint))
        elif absent:
            unused.append(Cut(node, _remaining(node, absent)))
    return unused, missing


def _remaining(node: ast.Import | ast.ImportFrom, absent: Sequence[ast.alias]) -> str:
    kept = [alias for alias in node.names if alias not in absent]
    if not kept:
        return ""
    rest = ast.Import(names=kept) if isinstance(node, ast.Import) else ast.ImportFrom(module=node.module, names=kept, level=node.level)
    return ast.unparse(rest)


def _describe_removed(source: ParsedCode, foreign: Sequence[ast.stmt]) -> list[Annotation]:
    """One remark for each run of neighboring statements that was taken out."""
    groups: list[list[ast.stmt]] = []
    order = {id(node): place for place, node in enumerate(source.tree.body)}
    for node in foreign:
        if groups and order[id(node)] == order[id(groups[-1][-1])] + 1:
            groups[-1].append(node)
        else:
            groups.append([node])
    return [_describe_group(source, group) for group in groups]


def _describe_group(source: ParsedCode, group: Sequence[ast.stmt]) -> Annotation:
    first, last = _first_line(group[0]), group[-1].end_lineno or group[-1].lineno
    where = f"up to line {last} " if last > first else ""
    message = f"Taken out {where}(own engine, feed, plot, download, file or main block): the platform runs the strategy class itself."
    return Annotation(line=first, severity="info", message=message, hint=" ".join(_describe_lost(source, group)))


def _describe_lost(source: ParsedCode, group: Sequence[ast.stmt]) -> list[str]:
    """Name what was said to the strategy's own Cerebro and would otherwise be missed."""
    lost: list[str] = []
    for call in (part for node in group for part in ast.walk(node) if isinstance(part, ast.Call) and isinstance(part.func, ast.Attribute)):
        assert isinstance(call.func, ast.Attribute)
        name = call.func.attr
        if name == "addsizer":
            lost.append("The sizer is gone with it: size the orders in the strategy, or call self.setsizer().")
        elif name == "addstrategy" and (len(call.args) > 1 or call.keywords):
            lost.append("Parameters given to addstrategy() are gone with it: write them into params.")
        elif name in ("setcash", "set_cash", "setcommission", "set_slippage_perc"):
            lost.append("Cash and costs are those of the run.")
        elif name in ("resampledata", "replaydata"):
            lost.append('Higher timeframes are asked for by a class attribute: timeframes = ("1w",).')
    return list(dict.fromkeys(lost))


def _describe_imports(cuts: Iterable[Cut]) -> list[Annotation]:
    message = "Taken out: an import that cannot be had here and that the strategy does not use."
    return [Annotation(line=cut.node.lineno, severity="info", message=message) for cut in cuts]


def _first_line(node: ast.stmt) -> int:
    decorators = getattr(node, "decorator_list", [])
    return int(min([node.lineno, *(decorator.lineno for decorator in decorators)]))


def _blank(code: str, cuts: Sequence[Cut]) -> str | None:
    """The code with those statements blanked; None when what is left would not be Python any more."""
    lines = [match.group() for match in _LINE.finditer(code)]
    for cut in sorted(cuts, key=lambda cut: (cut.node.lineno, cut.node.col_offset), reverse=True):
        _blank_one(lines, cut)
    text = "".join(lines)
    try:
        parse_module_tree(text)
    except (SyntaxError, ValueError):
        return None
    return text


def _blank_one(lines: list[str], cut: Cut) -> None:
    """Empty the statement's lines, from the last statement to the first; a neighbor on the same line (`a = 1; b = 2`) stays."""
    node = cut.node
    first, last = _first_line(node) - 1, (node.end_lineno or node.lineno) - 1
    head = _text(lines[first]).encode()[: node.col_offset].decode() if first == node.lineno - 1 else ""
    tail = _text(lines[last]).encode()[node.end_col_offset or 0 :].decode().strip()
    tail = tail if tail.startswith(";") else ""
    endings = [line[len(_text(line)) :] for line in lines[first : last + 1]]
    lines[first : last + 1] = endings
    stand_in = cut.text or ("0" if head.strip() or tail else "")
    if first == last:
        lines[first] = (head if head.strip() else "") + stand_in + tail + endings[0]
    else:
        lines[first] = (head if head.strip() else "") + stand_in + endings[0]
        lines[last] = tail.lstrip("; ") + endings[-1]


def _text(line: str) -> str:
    return line.rstrip("\r\n")
