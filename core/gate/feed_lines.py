"""Things that only a script's own feed has: columns beside those of bars (`lines = ("pe",)`), its table. Reading them fails."""

import ast
import re
from collections.abc import Iterable, Iterator

from core.domain.annotation import Annotation
from core.gate.parsed_source import ParsedCode, dotted_name

_COMMON = frozenset(("open", "high", "low", "close", "volume", "openinterest", "datetime"))
_FEED = re.compile(r"(?:datas?|feed|d)\d*")
_TABLE = "The table or file that the script's own feed is made of is not there: the run's bars have open, high, low, close and volume."
_HINT = "Compute it from the bars, in an indicator; or write its values into the code, as a table of days."


def describe_own_feed_lines(source: ParsedCode, live: Iterable[str]) -> list[Annotation]:
    """An error for each column of the script's own feed, on the line where something that is needed first reads it."""
    added = {name: node.name for node in source.classes.values() if _is_feed(source, node) for name in _lines_of(node)}
    found: dict[str, Annotation] = {}
    for name, line in _list_reads(source.classes[one] for one in sorted(live) if one in source.classes) if added else ():
        if name in added and name not in found:
            message = f"{name} is a column of the script's own feed ({added[name]}); the run's bars have open, high, low, close and volume."
            found[name] = Annotation(line=line, severity="error", message=message, hint=_HINT)
    tables = (line for name in sorted(live) if name in source.classes for line in _list_tables(source.classes[name]))
    return [*found.values(), *(Annotation(line=line, severity="error", message=_TABLE, hint=_HINT) for line in tables)]


def _list_tables(node: ast.ClassDef) -> Iterator[int]:
    """Lines that use the table of a feed (`self.data._dataname["sma"]`); its name alone may be printed."""
    for part in ast.walk(node):
        used = part.value if isinstance(part, ast.Subscript | ast.Attribute | ast.Assign) else None
        if isinstance(used, ast.Attribute) and (
            used.attr == "_dataname" or dotted_name(used).endswith((".p.dataname", ".params.dataname"))
        ):
            yield used.lineno


def _is_feed(source: ParsedCode, node: ast.ClassDef, seen: frozenset[str] = frozenset()) -> bool:
    bases = [source.resolve_name(base) for base in node.bases]
    own = [source.classes[name] for name in bases if name in source.classes and name not in seen | {node.name}]
    of_it = any(name.startswith(("backtrader.feeds.", "backtrader.feed.")) for name in bases)
    return of_it or any(_is_feed(source, base, seen | {node.name}) for base in own)


def _lines_of(node: ast.ClassDef) -> Iterator[str]:
    """Names that a class writes out under `lines`, beside those of all bars."""
    values = {
        part.targets[0].id: part.value for part in node.body if isinstance(part, ast.Assign) and isinstance(part.targets[0], ast.Name)
    }
    value = values.get("lines")
    if isinstance(value, ast.Call) and dotted_name(value.func) in ("tuple", "list") and len(value.args) == 1:
        value = value.args[0]
    if isinstance(value, ast.Name):
        value = values.get(value.id)
    for part in value.elts if isinstance(value, ast.Tuple | ast.List) else ():
        if isinstance(part, ast.Constant) and isinstance(part.value, str) and part.value not in _COMMON:
            yield part.value


def _list_reads(classes: Iterable[ast.ClassDef]) -> Iterator[tuple[str, int]]:
    """Names that are read of feeds, `self.data.pe`, `d.pe`, `self.data_pe`, with its line."""
    for node in classes:
        for part in ast.walk(node):
            if not isinstance(part, ast.Attribute) or not isinstance(part.ctx, ast.Load):
                continue
            owner = part.value
            if isinstance(owner, ast.Attribute) and owner.attr in ("lines", "l"):
                owner = owner.value
            if isinstance(owner, ast.Subscript):
                owner = owner.value
            last = dotted_name(owner).rpartition(".")[2]
            if _FEED.fullmatch(last):
                yield part.attr, part.lineno
            elif last == "self" and (alias := re.fullmatch(r"data\d*_(\w+)", part.attr)):
                yield alias[1], part.lineno
