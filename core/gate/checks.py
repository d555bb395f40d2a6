"""Remarks on the code that will run: what is bound to fail (errors) and what runs but is probably wrong (warnings).

A check looks at the shape of the code only. It errs on the side of silence: honest strategies of every style pass without a word.
"""

import ast

from core.domain.annotation import Annotation
from core.gate.code_visitor import MAX_REMARKS, CodeVisitor
from core.gate.parsed_source import SCRIPT_RUN, ParsedCode
from core.gate.refusals import describe_other_engine, is_absent
from core.gate.strategy_checks import check_strategy


def check_code(source: ParsedCode, *, instruments: int = 1) -> tuple[Annotation, ...]:
    """Every remark on the code for a run of so many instruments, errors and warnings, unsorted."""
    if not source.strategy_names and SCRIPT_RUN not in source.roots:
        return (_describe_no_strategy(source),)
    strategy = source.chosen_strategy
    remarks = [] if strategy is None else [*check_strategy(source, strategy, instruments)]
    reader = CodeVisitor(source)
    for node in source.tree.body:
        if not isinstance(node, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef) or node.name in source.live:
            remarks.extend(reader.read(node))
    return tuple(remarks[:MAX_REMARKS])


def _find_nested(source: ParsedCode) -> Annotation | None:
    """Explain that the only strategy stands inside something else; None when there is none."""
    for outer in ast.walk(source.tree):
        for inner in ast.iter_child_nodes(outer):
            if not isinstance(inner, ast.ClassDef) or not source.is_strategy(inner):
                continue
            place = f"the class {outer.name}" if isinstance(outer, ast.ClassDef) else "a function, and nothing here runs the function"
            message = f"The class {inner.name} stands inside {place}."
            return Annotation(line=inner.lineno, severity="error", message=message, hint="Move the class to the left margin.")
    return None


def _describe_no_strategy(source: ParsedCode) -> Annotation:
    """Explain why there is nothing to run: a base class from another file, a class inside something else, or none."""
    for node in source.classes.values():
        for base in node.bases:
            name = source.resolve_name(base)
            module, _, last = name.rpartition(".")
            if module and is_absent(module):
                message, hint = describe_other_engine(module)
                message = (
                    message or f"{node.name} derives from {ast.unparse(base)}, which is imported from {module}; that file is not here."
                )
                return Annotation(
                    line=node.lineno, severity="error", message=message, hint=hint or f"Paste the class {last} into this file."
                )
    if (inner := _find_nested(source)) is not None:
        return inner
    imported = next((name for name in source.imports.values() if is_absent(name.rpartition(".")[0] or name)), "")
    if any(
        isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "addstrategy"
        for node in ast.walk(source.tree)
    ):
        where = f" It may be in {imported}, which is not here." if imported else ""
        return Annotation(
            line=0,
            severity="error",
            message=f"There is no strategy class: the script adds one from another file.{where}",
            hint="Paste the strategy class into this file.",
        )
    for name in source.imports.values():
        message, hint = describe_other_engine(name)
        if message:
            return Annotation(line=0, severity="error", message=message, hint=hint)
    message = "There is no strategy class."
    hint = "Define one class that derives from bt.Strategy and place the orders in its next()."
    unsure = any(node.bases and not source.resolve_name(node.bases[0]) for node in source.classes.values())
    return Annotation(line=0, severity="warning" if unsure else "error", message=message, hint=hint)
