"""Several files of an author's pasted one below the other: imports of what the text itself makes go, and `mine.First` is `First`."""

import ast

from core.domain.annotation import Annotation
from core.domain.python_syntax import parse_module_tree
from core.gate.closure import module_of
from core.gate.nested import Unnested
from core.gate.parsed_source import Definition, ParsedCode
from core.gate.refusals import is_absent, is_known_library
from core.gate.scope import stored_names
from core.gate.text_lines import split_lines, strip_ending


def join_files(source: ParsedCode) -> Unnested:
    """The code without imports from a file of the author's whose names the text makes; every line keeps its number."""
    made = frozenset().union(*(stored_names(node) for node in source.tree.body if isinstance(node, Definition | ast.Assign)))
    own = [node for node in source.tree.body if isinstance(node, ast.ImportFrom) and _is_own(node) and _brings_only(node, made)]
    modules = [(node, reads) for node in source.tree.body if isinstance(node, ast.Import) and (reads := _list_reads(source, node, made))]
    cuts = [*own, *(node for node, _ in modules)]
    if not cuts:
        return Unnested(source.code)
    lines = split_lines(source.code)
    for read in sorted((read for _, reads in modules for read in reads), key=lambda read: (read.lineno, read.col_offset), reverse=True):
        raw, end = lines[read.lineno - 1].encode(), (read.end_col_offset or 0) - len(read.attr.encode())
        lines[read.lineno - 1] = (raw[: read.col_offset] + raw[end:]).decode()
    for node in cuts:
        for number in range(node.lineno, (node.end_lineno or node.lineno) + 1):
            lines[number - 1] = lines[number - 1][len(strip_ending(lines[number - 1])) :]
    code = "".join(lines)
    try:
        parse_module_tree(code)
    except (SyntaxError, ValueError):
        return Unnested(source.code)
    message = "Taken out: an import of what stands in this text."
    return Unnested(code, tuple(Annotation(line=node.lineno, severity="info", message=message) for node in cuts))


def _is_own(node: ast.Import | ast.ImportFrom) -> bool:
    """True for an import of what can only be a file of the author's."""
    modules = [module_of(node, alias) for alias in node.names]
    return bool(getattr(node, "level", 0)) or all(is_absent(module) and not is_known_library(module) for module in modules)


def _brings_only(node: ast.ImportFrom, made: frozenset[str]) -> bool:
    return all(alias.name in made and alias.asname in (None, alias.name) for alias in node.names)


def _list_reads(source: ParsedCode, node: ast.Import, made: frozenset[str]) -> list[ast.Attribute]:
    """Places that read `module.name` of a file of the author's, where all of them read what the text makes; none otherwise."""
    name = node.names[0].asname or node.names[0].name
    if len(node.names) > 1 or "." in name or not _is_own(node):
        return []
    uses = [part for part in ast.walk(source.tree) if isinstance(part, ast.Name) and part.id == name]
    reads = [part for part in ast.walk(source.tree) if isinstance(part, ast.Attribute) and part.value in uses]
    plain = all(read.attr in made and read.lineno == read.end_lineno for read in reads)
    return reads if plain and len(reads) == len(uses) else []
