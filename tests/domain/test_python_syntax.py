"""Trees of programs that are read once: what is listed of them is what `ast.walk` gives, and the same is what `ast.dump` writes alike."""

import ast
import threading
import warnings
from pathlib import Path

import pytest

from core.domain.python_syntax import ignore_warnings, is_same_tree, list_nodes, read_module_tree
from core.language import compile_workflow, parse

WORKFLOWS = sorted((Path(__file__).parents[2] / "data" / "workflows").glob("*.json"))


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.stem)
def test_every_node_is_listed_in_the_order_of_a_walk(path: Path) -> None:
    tree = read_module_tree(compile_workflow(parse(path.read_bytes())))

    assert list(list_nodes(tree)) == [node for node in ast.walk(tree) if not isinstance(node, ast.expr_context)]


def test_a_program_is_read_once() -> None:
    assert read_module_tree("a = 1") is read_module_tree("a = 1")


@pytest.mark.parametrize(
    "other",
    [
        "a=1 # said otherwise",
        "a = 1.0",
        "a = True",
        "a = '1'",
        "a = 2",
        "b = 1",
        "a = 1; b = 2",
        "a: int = 1",
        "a = 0.0",
        "a = -0.0",
        "a = u'1'",
        "a = (1,)",
        "a = [1]",
    ],
)
def test_two_trees_are_the_same_where_they_are_written_alike(other: str) -> None:
    for one in ("a = 1", "a = '1'", "a = 0.0", "a = [1]"):
        trees = ast.parse(one), ast.parse(other)

        assert is_same_tree(*trees) is (ast.dump(trees[0]) == ast.dump(trees[1]))


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.stem)
def test_a_program_is_the_same_as_itself_and_no_other(path: Path) -> None:
    text = compile_workflow(parse(path.read_bytes()))

    assert is_same_tree(ast.parse(text), ast.parse("\n" + text))
    assert not is_same_tree(ast.parse(text), ast.parse(text.replace("def next(self)", "def next(own)", 1)))


def test_two_threads_that_ignore_warnings_leave_them_as_they_were() -> None:
    before, inside, leave = list(warnings.filters), threading.Event(), threading.Event()

    def read() -> None:
        with ignore_warnings():
            inside.set()
            leave.wait(60)

    other = threading.Thread(target=read)
    with ignore_warnings():
        other.start()
        inside.wait(0.2)  # long enough for one that nothing keeps waiting
    leave.set()
    other.join()

    assert list(warnings.filters) == before
