"""Strips what models and scripts put around a strategy: only what the strategy needs is executed.

Statements at the top level that it does not need are taken out; their lines become blank, so that every other line keeps its
number. In the place of the script stands one statement with what it says about the run. What the strategy does need stays, and is
an error when it cannot be had.
"""

import ast
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace

from core.domain.annotation import Annotation
from core.domain.python_syntax import parse_module_tree
from core.domain.script_account import ScriptAccount
from core.domain.talib_equivalents import suggest_equivalents
from core.gate.api_names import BACKTRADER_PARTS, INDICATORS
from core.gate.closure import Closure, bound_name, is_main_block, kept_statements, module_of, read_names
from core.gate.feed_lines import describe_own_feed_lines
from core.gate.importable import STAND_INS, UNAVAILABLE
from core.gate.parsed_source import SCRIPT_RUN, Definition, ParsedCode
from core.gate.refusals import describe_absence, describe_other_engine, is_absent, walk_strategy_start
from core.gate.scope import free_names, stored_names
from core.gate.script_reading import ScriptReading
from core.gate.script_run import ScriptReader
from core.gate.text_lines import split_lines, strip_ending

_ALWAYS_THERE = frozenset(
    ("Strategy", "Indicator", "Cerebro", "Order", "TimeFrame", "SignalStrategy", "Analyzer", "Observer", "Sizer", "ind")
)
"""Names of Backtrader itself whose import cannot fail."""
_READ_BY_EXPORTS = f'globals().get("{SCRIPT_RUN}"'
"""Stands in the runner of each exported program, which does what the statement says where there is one, and sets an account alone."""


@dataclass(frozen=True, slots=True)
class StrippedCode:
    """Code without its script, and what was said about it."""

    code: str
    remarks: tuple[Annotation, ...]
    account: ScriptAccount = field(default_factory=ScriptAccount)
    timeframe: str = ""


@dataclass(frozen=True, slots=True)
class Cut:
    """A statement that goes, and what is written in its place on its first line."""

    node: ast.stmt
    text: str = ""


def strip_script(source: ParsedCode) -> StrippedCode:
    """Blank out the script around the strategy. Code that needs nothing taken out comes back as it was."""
    reading = _read_script(source)
    if not (source.strategy_names or _names_strategy(reading)):
        return StrippedCode(source.code, ())
    needed = Closure(source, _list_roots(source, reading, reading.render_run())).live
    libraries = {source.imports[name].partition(".")[0] for name in needed if name in source.imports}
    reading.keep_changes(needed | {name for name, dotted in source.imports.items() if dotted.partition(".")[0] in libraries})
    roots = _list_roots(source, reading, reading.render())
    closure = Closure(source, roots)
    kept = kept_statements(closure)
    if reading.ran_at and any(node.lineno > reading.ran_at and not isinstance(node, ast.Import | ast.ImportFrom) for node in kept):
        return _strip_to_first_run(source, reading)
    staying = {id(node) for node in kept}
    foreign = [node for node in source.tree.body if id(node) not in staying and not isinstance(node, ast.Import | ast.ImportFrom)]
    unused, missing, stand_ins = _sort_imports(source, closure, kept)
    doubtful, missing = _spare_doubtful(source, closure, kept, missing)
    clashes = [remark for node in kept if (remark := _describe_clash(closure, node)) is not None]
    cuts = [*(Cut(node) for node in foreign), *unused, *doubtful]
    code = _blank(source.code, cuts) if cuts else source.code
    if code is None:
        return StrippedCode(source.code, tuple(missing), reading.account, reading.timeframe)
    remarks = (
        *_describe_removed(source, foreign),
        *_describe_imports(unused),
        *clashes,
        *describe_own_feed_lines(source, closure.live),
        *missing,
        *map(_describe_doubtful, doubtful),
        *stand_ins,
        *reading.remarks,
    )
    return StrippedCode(_write_run(source, code, reading, foreign), remarks, reading.account, reading.timeframe)


def _strip_to_first_run(source: ParsedCode, reading: ScriptReading) -> StrippedCode:
    """The code without what the script makes or sets behind its first run, as a notebook goes on with other values and classes."""
    later = [node for node in source.tree.body if node.lineno > reading.ran_at and not isinstance(node, ast.Import | ast.ImportFrom)]
    code = _blank(source.code, [Cut(node) for node in later])
    if code is None:
        return StrippedCode(source.code, (), reading.account, reading.timeframe)
    first = strip_script(ParsedCode(code, parse_module_tree(code)))
    message = "Taken out from here on: the script runs its strategy before, and what it makes or sets behind that belongs to other runs."
    said = [remark for remark in reading.remarks if remark.line > reading.ran_at]
    remarks = (*first.remarks, Annotation(line=_first_line(later[0]), severity="info", message=message), *said)
    return replace(first, remarks=remarks)


def _list_roots(source: ParsedCode, reading: ScriptReading, written: str) -> tuple[str, ...]:
    """Names from which everything that the strategy, and what is written in the script's place, need can be reached."""
    if not written:
        return source.roots
    tree = parse_module_tree(written)
    needed = set(free_names(tree)) | {SCRIPT_RUN}
    if _chooses_by_text(tree, reading):
        needed |= set(source.strategy_names)
    return tuple(sorted(needed | (set() if _names_strategy(reading) else set(source.strategy_names[-1:]))))


def _read_script(source: ParsedCode) -> ScriptReading:
    exported = _READ_BY_EXPORTS in source.code
    if not exported and any(SCRIPT_RUN in stored_names(node) for node in source.tree.body):
        return ScriptReading()  # the gate has been here before
    reading = ScriptReader(source, Closure(source, source.roots).unrunnable).read()
    return ScriptReading(account=reading.account, timeframe=reading.timeframe) if exported else reading


def _chooses_by_text(tree: ast.AST, reading: ScriptReading) -> bool:
    """True where the class is looked up by a text that is only known in the run: `globals()[name]`, `eval(name)`, `__subclasses__()`."""
    chosen = ast.walk(parse_module_tree(reading.entries.get("strategy", "None")))
    return any(isinstance(part, ast.Attribute) and part.attr == "__subclasses__" for part in ast.walk(tree)) or any(
        isinstance(part, ast.Name) and part.id in ("globals", "locals", "vars", "eval", "getattr") for part in chosen
    )


def _names_strategy(reading: ScriptReading) -> bool:
    return bool({"strategy", "signals"} & set(reading.entries))


def _write_run(source: ParsedCode, code: str, reading: ScriptReading, foreign: Sequence[ast.stmt]) -> str:
    """Put the statement on the line of the call that it comes from, where that line is free and all that it reads stands above it."""
    text = reading.render()
    if not text:
        return code
    lines = split_lines(code)
    last_kept = max((number for number, line in enumerate(lines, 1) if line.strip() and not line.lstrip().startswith("#")), default=0)
    around = [node for node in foreign if _first_line(node) <= reading.line <= (node.end_lineno or node.lineno)]
    alone = reading.entries.keys() <= {"strategy", "parameters"} and not reading.changes
    called_there = alone and any(not isinstance(node, Definition) and not is_main_block(node) for node in around)
    above = called_there and not lines[reading.line - 1].strip() and _reads_above(source, text, reading.line)
    if around and (reading.line > last_kept or above):
        place = reading.line - 1
        lines[place] = text + lines[place][len(strip_ending(lines[place])) :]
        return "".join(lines)
    return f"{code}{'' if code.endswith(chr(10)) or not code else chr(10)}{text}\n"


def _reads_above(source: ParsedCode, text: str, line: int) -> bool:
    """True where everything that a statement reads is made above a line, once at least: what is set below counts for other runs."""
    names = free_names(parse_module_tree(text)) - {SCRIPT_RUN}
    made = {name: source.definitions(name) for name in source.reach(names)}
    return all(min(node.lineno for node in nodes) < line for nodes in made.values() if nodes)


def _describe_clash(closure: Closure, node: ast.stmt) -> Annotation | None:
    name = closure.find_clash(node)
    if not name:
        return None
    names = ", ".join(sorted(stored_names(node) & closure.live)) or name
    message = f"The strategy uses {names}, which comes from a feed, a file or a download of its own ({name}); that cannot be had here."
    return Annotation(
        line=node.lineno, severity="error", message=message, hint="Read prices from self.data; write other numbers into params."
    )


def _sort_imports(source: ParsedCode, closure: Closure, kept: Sequence[ast.stmt]) -> tuple[list[Cut], list[Annotation], list[Annotation]]:
    """Imports that nothing left uses and that may fail; remarks on absent modules that are used, and on stand-ins."""
    used = read_names(node for node in kept if not isinstance(node, Definition) or node.name in closure.live) | closure.live
    unused: list[Cut] = []
    missing: list[Annotation] = []
    stand_ins: list[Annotation] = []
    for node in source.tree.body:
        if not isinstance(node, ast.Import | ast.ImportFrom) or module_of(node, node.names[0]) == "__future__":
            continue
        idle = [alias for alias in node.names if bound_name(alias) not in used and _may_fail(node, alias)]
        wanted = [alias for alias in node.names if alias not in idle]
        for alias in wanted:
            module = module_of(node, alias)
            root = module.partition(".")[0]
            if is_absent(module) and (bound_name(alias) in used or alias.name == "*"):
                missing.append(_describe_missing(source, node, alias, module))
                break
            if root in STAND_INS and bound_name(alias) in used:
                stand_ins.append(Annotation(line=node.lineno, severity="info", message=f"{root} is a stand-in here: {STAND_INS[root]}."))
                break
        if idle:
            unused.append(Cut(node, _remaining(node, idle)))
    return unused, missing, stand_ins


def _spare_doubtful(
    source: ParsedCode, closure: Closure, kept: Sequence[ast.stmt], missing: Sequence[Annotation]
) -> tuple[list[Cut], list[Annotation]]:
    """Networks, databases and other programs that a strategy may never come to use: `unavailable` in their place, and the remarks left."""
    certain = read_names(node for node in kept if not isinstance(node, Definition))
    for node in kept:
        if isinstance(node, ast.ClassDef) and node.name in closure.live:
            certain |= {part.id for part in walk_strategy_start(node) if isinstance(part, ast.Name)}
    cuts = []
    for node in source.tree.body:
        if isinstance(node, ast.Import | ast.ImportFrom) and any(remark.line == node.lineno for remark in missing):
            roots = {module_of(node, alias).partition(".")[0] for alias in node.names}
            if roots <= UNAVAILABLE and not {bound_name(alias) for alias in node.names} & certain:
                cuts.append(Cut(node, _make_unavailable(node)))
    spared = {cut.node.lineno for cut in cuts}
    return cuts, [remark for remark in missing if remark.line not in spared]


def _make_unavailable(node: ast.Import | ast.ImportFrom) -> str:
    if isinstance(node, ast.ImportFrom):
        return ast.unparse(ast.ImportFrom(module=f"unavailable.{node.module}", names=node.names, level=0))
    names = [ast.alias(alias.name.partition(".")[0], alias.asname) for alias in node.names]
    return ast.unparse(ast.ImportFrom(module="unavailable", names=names, level=0))


def _describe_doubtful(cut: Cut) -> Annotation:
    node = cut.node
    assert isinstance(node, ast.Import | ast.ImportFrom)
    module = module_of(node, node.names[0])
    message = f"{module} is not there: if the strategy comes to call it, the run ends, unless the code catches that."
    return Annotation(line=node.lineno, severity="warning", message=message, hint=describe_absence(module))


def _may_fail(node: ast.Import | ast.ImportFrom, alias: ast.alias) -> bool:
    """Check whether an import that nothing uses is taken out: it cannot be had here, or a name of it may not be there."""
    module = module_of(node, alias)
    if alias.name == "*":
        return is_absent(module)
    if module == "backtrader" and isinstance(node, ast.ImportFrom):
        return alias.name not in BACKTRADER_PARTS and alias.name not in INDICATORS and alias.name not in _ALWAYS_THERE
    from_library = isinstance(node, ast.ImportFrom) and module.partition(".")[0] in ("backtrader", "pandas", "numpy")
    return (
        is_absent(module) or from_library or module.partition(".")[0] in STAND_INS or (isinstance(node, ast.ImportFrom) and node.level > 0)
    )


def _describe_missing(source: ParsedCode, node: ast.stmt, alias: ast.alias, module: str) -> Annotation:
    name = bound_name(alias)
    heir = next(
        (part for part in source.classes.values() if any(source.resolve_name(base) == f"{module}.{alias.name}" for base in part.bases)),
        None,
    )
    if heir is not None and isinstance(node, ast.ImportFrom):
        message, hint = describe_other_engine(module)
        message = message or f"{heir.name} derives from {name}, which is imported from {module}; that file is not here."
        return Annotation(line=node.lineno, severity="error", message=message, hint=hint or "Paste the class into this file.")
    hint = suggest_equivalents(source.code) if module == "talib" else describe_absence(module)
    return Annotation(line=node.lineno, severity="error", message=f"{module} cannot be imported here.", hint=hint)


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
    return [_describe_group(group) for group in groups]


def _describe_group(group: Sequence[ast.stmt]) -> Annotation:
    first, last = _first_line(group[0]), group[-1].end_lineno or group[-1].lineno
    where = f" up to line {last}" if last > first else ""
    names = [node.name for node in group if isinstance(node, Definition)]
    what = f" ({', '.join(names[:6])})" if names and not any(is_main_block(node) for node in group) else ""
    return Annotation(
        line=first,
        severity="info",
        message=f"Taken out{where}{what}: the strategy does not need it, and the platform runs the class itself.",
    )


def _describe_imports(cuts: Iterable[Cut]) -> list[Annotation]:
    message = "Taken out: an import that the strategy does not use."
    return [Annotation(line=cut.node.lineno, severity="info", message=message) for cut in cuts]


def _first_line(node: ast.stmt) -> int:
    decorators = getattr(node, "decorator_list", [])
    return int(min([node.lineno, *(decorator.lineno for decorator in decorators)]))


def _blank(code: str, cuts: Sequence[Cut]) -> str | None:
    """The code with those statements blanked; None when what is left would not be Python any more."""
    lines = split_lines(code)
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
    head = strip_ending(lines[first]).encode()[: node.col_offset].decode() if first == node.lineno - 1 else ""
    tail = strip_ending(lines[last]).encode()[node.end_col_offset or 0 :].decode().strip()
    tail = tail if tail.startswith(";") else ""
    endings = [line[len(strip_ending(line)) :] for line in lines[first : last + 1]]
    lines[first : last + 1] = endings
    stand_in = cut.text or ("0" if head.strip() or tail else "")
    if first == last:
        lines[first] = (head if head.strip() else "") + stand_in + tail + endings[0]
    else:
        lines[first] = (head if head.strip() else "") + stand_in + endings[0]
        lines[last] = tail.lstrip("; ") + endings[-1]
