"""docs/architecture.md can be followed: all of it exists, no modules import in a circle, no class name of core has two meanings."""

import ast
import re
import subprocess
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from tests.code_names import parse

ROOT = Path(__file__).parents[1]
TOP_LEVEL = {
    *("app.py", "core", "data", "docs", "pages", "tests", "README.md", "CHANGELOG.md", "CONTRIBUTING.md", "LICENSE", "Makefile"),
    *("pyproject.toml", "requirements.txt", "requirements-cluster.txt", "requirements-dev.txt", "requirements-peers.txt"),
    *(".ci", ".gitignore", ".pre-commit-config.yaml", ".streamlit"),
}
TEXT = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
MODULES = {
    ".".join(file.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__"): file
    for package in ("core", "pages")
    for file in sorted((ROOT / package).rglob("*.py"))
}
PORTS = {"Cancel", "Market", "Sandbox"}
"""Names that a port shares with what satisfies it, or with the port of another room: the same idea, seen from both sides."""


def list_imports(tree: ast.AST) -> Iterator[str]:
    """Modules that code imports when it is run, those inside functions included; imports for types alone are left out."""
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.expr) or (isinstance(node, ast.If) and isinstance(node.test, ast.Name) and node.test.id == "TYPE_CHECKING"):
            continue
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield from (f"{node.module}.{alias.name}" if f"{node.module}.{alias.name}" in MODULES else node.module for alias in node.names)
        else:
            yield from list_imports(node)


def find_circles(graph: dict[str, set[str]]) -> list[list[str]]:
    """Groups of modules that reach each other (Tarjan's strongly connected components with more than one member)."""
    order: dict[str, int] = {}
    low: dict[str, int] = {}
    stack: list[str] = []
    circles = []

    def visit(name: str) -> None:
        order[name] = low[name] = len(order)
        stack.append(name)
        for other in graph[name]:
            if other not in order:
                visit(other)
            if other in stack:
                low[name] = min(low[name], low[other])
        if low[name] == order[name]:
            group = stack[stack.index(name) :]
            del stack[stack.index(name) :]
            if len(group) > 1:
                circles.append(sorted(group))

    for name in graph:
        if name not in order:
            visit(name)
    return circles


def test_no_modules_import_in_a_circle() -> None:
    imports = {name: set(list_imports(parse(file))) for name, file in MODULES.items()}

    assert find_circles({name: (found & MODULES.keys()) - {name} for name, found in imports.items()}) == []


def test_a_circle_is_found() -> None:
    assert find_circles({"a": {"b"}, "b": {"c"}, "c": {"a"}, "d": {"a"}}) == [["a", "b", "c"]]


def test_every_room_and_every_screen_stands_in_the_architecture() -> None:
    rooms = [f"core/{folder.name}" for folder in (ROOT / "core").iterdir() if (folder / "__init__.py").exists()]
    screens = [file.stem for file in (ROOT / "pages").glob("*.py") if file.stem != "__init__"]

    assert [name for name in rooms if f"`{name}`" not in TEXT] == []
    assert [name for name in screens if not re.search(rf"\b{name}\b", TEXT)] == []


def test_no_class_name_is_defined_twice_in_core() -> None:
    trees = [parse(file) for name, file in MODULES.items() if name.startswith("core.")]

    defined = Counter(node.name for tree in trees for node in ast.walk(tree) if isinstance(node, ast.ClassDef))

    assert {name for name, times in defined.items() if times > 1} == PORTS


def test_nothing_lies_at_the_top_level_that_does_not_belong_there() -> None:
    """Strategies that write files, run by hand in this folder, leave some behind."""
    listed = subprocess.run(["git", "ls-files"], cwd=ROOT, check=False, capture_output=True, text=True)
    tracked = listed.stdout.splitlines() or ["app.py"]  # a copy without its history has nothing that is tracked

    assert {name.partition("/")[0] for name in tracked} <= TOP_LEVEL


def test_programs_are_parsed_by_one_at_a_time_where_threads_are() -> None:
    """Some CPython versions trip over two threads that parse at once; processes that run strategies have one thread."""
    files = [file for file in sorted((ROOT / "core").rglob("*.py")) if file.parent.name != "backtest" and file.name != "python_syntax.py"]
    found = [
        f"{file.relative_to(ROOT)}:{node.lineno}"
        for file in [*files, *sorted((ROOT / "pages").rglob("*.py"))]
        for node in ast.walk(parse(file))
        if isinstance(node, ast.Call) and ast.unparse(node.func) == "ast.parse"
    ]

    assert found == []
