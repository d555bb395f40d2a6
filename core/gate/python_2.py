"""Python 2 written as Python 3 has it: statements that are functions now, numbers, names. Every line keeps its number."""

import ast
import re

from core.domain.python_syntax import parse_module_tree

MOST_STATEMENTS = 300
"""Statements of one text that are rewritten; each is found by parsing what there is so far."""
_NAMES = {"xrange": "range", "raw_input": "input", "unicode": "str", "basestring": "str", "long": "int", "unichr": "chr"}
_METHODS = {"iteritems": "items", "itervalues": "values", "iterkeys": "keys", "has_key": "__contains__"}
_TO_STREAM = re.compile(
    r"(?P<before>(?:^|[;:])[ \t]*)print[ \t]*>>[ \t]*(?P<stream>[\w.]+(?:\([^()\n]*\))?)[ \t]*(?:,[ \t]*(?P<what>[^;\n]*))?"
)
_LINE_RULES = (
    (re.compile(r"\bexcept\s+(.+?)\s*,\s*(\w+)\s*:"), r"except \1 as \2:"),
    (re.compile(r"\braise\s+([\w.]+)\s*,\s*(.+?)(\s*)$"), r"raise \1(\2)\3"),
    (re.compile(r"(?<![\w.])(\d+)[lL]\b"), r"\1"),
    (re.compile(r"(?<![\w.])0([0-7]+)(?![\w.])"), r"0o\1"),
    (re.compile(r"<>"), "!="),
    (re.compile(r"\b[uU]([rR])(?=['\"])"), r"\1"),
)
"""Rewritten on the line where the parser gives up."""


def write_as_python_3(code: str) -> str:
    """Rewrite Python 2; the code as it is where that does not make Python 3 of it."""
    text = "\n".join(_TO_STREAM.sub(_to_stream, line) for line in code.split("\n"))
    for _ in range(MOST_STATEMENTS):
        try:
            tree = parse_module_tree(text)
        except SyntaxError as error:
            changed = _mend(text, error)
            if changed == text:
                return code
            text = changed
        except (ValueError, RecursionError, MemoryError):
            return code
        else:
            return _rename(text, tree)
    return code


def _mend(text: str, error: SyntaxError) -> str:
    """The text with the statement that does not parse rewritten; the same text where nothing is known for it."""
    lines = text.split("\n")
    if not error.lineno or error.lineno > len(lines):
        return text
    found = re.match(r"Missing parentheses in call to '(\w+)'", str(error.msg))
    if found and error.offset and error.end_lineno and error.end_offset and error.end_lineno <= len(lines):
        first, last = error.lineno - 1, error.end_lineno - 1
        lines[last] = f"{lines[last][: error.end_offset - 1]}){lines[last][error.end_offset - 1 :]}"
        behind = error.offset - 1 + len(found[1])
        lines[first] = f"{lines[first][:behind]}({lines[first][behind:].lstrip()}"
        return "\n".join(lines)
    line = lines[error.lineno - 1]
    for pattern, written in _LINE_RULES:
        if (changed := pattern.sub(written, line)) != line:
            lines[error.lineno - 1] = changed
            return "\n".join(lines)
    return text


def _to_stream(found: re.Match[str]) -> str:
    what = (found["what"] or "").strip().rstrip(",")
    return f"{found['before']}print({what}{', ' if what else ''}file={found['stream']})"


def _rename(text: str, tree: ast.Module) -> str:
    """Names and methods that Python 3 has under others, where the code binds none of these itself."""
    bound = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)}
    bound |= {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.ClassDef)}
    bound |= {node.arg for node in ast.walk(tree) if isinstance(node, ast.arg)}
    places = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Name) and node.id in _NAMES and node.id not in bound:
            places.append((node.lineno, node.col_offset, node.id, _NAMES[node.id]))
        elif isinstance(node, ast.Attribute) and node.attr in _METHODS and node.attr not in bound and node.end_col_offset:
            places.append((node.end_lineno or node.lineno, node.end_col_offset - len(node.attr), node.attr, _METHODS[node.attr]))
    lines = text.split("\n")
    for line, column, old, new in sorted(places, reverse=True):
        raw = lines[line - 1].encode()
        if raw[column : column + len(old)] == old.encode():
            lines[line - 1] = (raw[:column] + new.encode() + raw[column + len(old) :]).decode()
    return "\n".join(lines)
