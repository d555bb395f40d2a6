"""Docstrings say what a thing is for: none opens with a question word."""

import ast
import re
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

from tests.code_names import parse

ROOT = Path(__file__).parents[1]
SOURCES = [ROOT / "app.py", *sorted((ROOT / "core").rglob("*.py")), *sorted((ROOT / "pages").rglob("*.py"))]
QUESTION = re.compile(r"(?:What|How|Whether|Which|Why|Where|When|Who|Whose)\b")


def list_docstrings(tree: ast.Module) -> Iterator[tuple[int, str]]:
    """Line and text of every docstring: those of modules, classes and functions, and those below a field or a constant."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            for before, here in pairwise([None, *node.body]):
                value = here.value if isinstance(here, ast.Expr) else None
                documents = before is None or isinstance(before, ast.Assign | ast.AnnAssign)
                if documents and isinstance(value, ast.Constant) and isinstance(value.value, str):
                    yield value.lineno, value.value.strip()


def test_no_docstring_opens_with_a_question_word() -> None:
    texts = [(file, line, text) for file in SOURCES for line, text in list_docstrings(parse(file))]

    assert len(texts) > 1000
    assert [f"{file.relative_to(ROOT)}:{line}: {text[:60]}" for file, line, text in texts if QUESTION.match(text)] == []
