"""Trees of programs that are read once: what is listed of them is what `ast.walk` gives."""

import ast
from pathlib import Path

import pytest

from core.domain.python_syntax import list_nodes, read_module_tree
from core.language import compile_workflow, parse

WORKFLOWS = sorted((Path(__file__).parents[2] / "data" / "workflows").glob("*.json"))


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.stem)
def test_every_node_is_listed_in_the_order_of_a_walk(path: Path) -> None:
    tree = read_module_tree(compile_workflow(parse(path.read_bytes())))

    assert list(list_nodes(tree)) == [node for node in ast.walk(tree) if not isinstance(node, ast.expr_context)]


def test_a_program_is_read_once() -> None:
    assert read_module_tree("a = 1") is read_module_tree("a = 1")
