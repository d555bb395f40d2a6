"""The outer names that a piece of code really reads: a variable of a method is not the module's variable of the same name."""

import ast
from collections.abc import Iterable

Function = ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda
Comprehension = ast.ListComp | ast.SetComp | ast.DictComp | ast.GeneratorExp


def free_names(node: ast.AST) -> frozenset[str]:
    """Names that the node reads from outside itself."""
    if isinstance(node, Function):
        return _outside(node) | (_read(_body(node)) - _arguments(node) - _stored(_body(node)))
    if isinstance(node, ast.ClassDef):
        heads = [*node.bases, *node.decorator_list, *(keyword.value for keyword in node.keywords)]
        # What a class body binds is visible in the body, but not in its methods.
        plain = [part for part in node.body if not isinstance(part, Function | ast.ClassDef)]
        methods = [part for part in node.body if isinstance(part, Function | ast.ClassDef)]
        return _read(heads) | (_read(plain) - _stored(node.body)) | _read(methods)
    if isinstance(node, Comprehension):
        bound = _stored([generator.target for generator in node.generators])
        return _read(ast.iter_child_nodes(node)) - bound
    if isinstance(node, ast.Name):
        return frozenset((node.id,)) if isinstance(node.ctx, ast.Load) else frozenset()
    if isinstance(node, ast.AugAssign) and isinstance(node.target, ast.Name):
        return frozenset((node.target.id,)) | free_names(node.value)
    return _read(ast.iter_child_nodes(node))


def stored_names(node: ast.AST) -> frozenset[str]:
    """Names that the node binds in the scope it stands in."""
    return _stored([node])


def _read(nodes: Iterable[ast.AST]) -> frozenset[str]:
    return frozenset().union(*(free_names(node) for node in nodes))


def _stored(nodes: Iterable[ast.AST]) -> frozenset[str]:
    found: set[str] = set()
    declared: set[str] = set()
    waiting = list(nodes)
    while waiting:
        node = waiting.pop()
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            found.add(node.name)
            continue
        if isinstance(node, ast.Lambda | Comprehension):
            continue
        if isinstance(node, ast.Name) and not isinstance(node.ctx, ast.Load):
            found.add(node.id)
        elif isinstance(node, ast.Import | ast.ImportFrom):
            found.update(alias.asname or alias.name.partition(".")[0] for alias in node.names)
        elif isinstance(node, ast.ExceptHandler | ast.MatchAs | ast.MatchStar) and node.name:
            found.add(node.name)
        elif isinstance(node, ast.Global):
            declared.update(node.names)
        waiting.extend(ast.iter_child_nodes(node))
    return frozenset(found - declared)


def _arguments(node: Function) -> frozenset[str]:
    arguments = node.args
    every = [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs, arguments.vararg, arguments.kwarg]
    return frozenset(argument.arg for argument in every if argument is not None)


def _body(node: Function) -> list[ast.AST]:
    return [node.body] if isinstance(node, ast.Lambda) else list(node.body)


def _outside(node: Function) -> frozenset[str]:
    """Collect the names that are read where the function stands: decorators, defaults, annotations."""
    arguments = node.args
    parts: list[ast.AST | None] = [*arguments.defaults, *arguments.kw_defaults]
    if not isinstance(node, ast.Lambda):
        parts += [*node.decorator_list, node.returns]
    parts += [argument.annotation for argument in (*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs)]
    return _read(part for part in parts if part is not None)
