"""Scripts as they are pasted: what is around them and what was done to their text is undone, said, and moves no line."""

import ast
import html
import json

import pytest

from core.gate import inspect_code
from core.gate.python_2 import write_as_python_3

CODE = """\
import backtrader as bt


class A(bt.Strategy):
    params = dict(n=10)

    def log(self, text):
        print('%s' % text)

    def next(self):
        if self.data.close[0] > self.data.open[0] and not self.position:
            self.buy()
        elif self.position:
            self.close()
"""
SCRIPT = "cerebro = bt.Cerebro()\ncerebro.addstrategy(A)\ncerebro.run()\n"
WORDS = "Here is what I have, it doesn't work:"


def each(code: str, first: str, other: str = "") -> str:
    return "".join(f"{other if other and line[:1] in (' ', '') else first}{line}\n" for line in code.splitlines())


PASTED = {
    "a fence": f"```python\n{CODE}```\n",
    "a fence with words and what was printed": f"# Mine\n\n{WORDS}\n\n```python\n{CODE}```\n\nIt prints:\n\n```\nFinal: 1.00\n```\n",
    "two fences": f"First:\n```python\n{CODE}```\nthen\n```python\n{SCRIPT}```\n",
    "an opening fence alone": f"~~~\n{CODE}",
    "a closing fence alone": f"{CODE}```\nThanks!\n",
    "words before and behind": f"{WORDS}\n\n{CODE}\nFinal Portfolio Value: 1012.22. What's wrong?\n",
    "tags of a page": f"<pre><code>\n{html.escape(CODE)}</code></pre>\n",
    "tags of a page before the first word": f"<pre><code class='x'>{html.escape(CODE)}</code></pre>\n",
    "tags of a page that another wrote": f"<pre>\n{html.escape(html.escape(CODE))}</pre>\n",
    "tags of a forum": f"[code]\n{CODE}[/code]\n",
    "another markup": f".. code:: python\n\n{each(CODE, '    ')}",
    "a mail": each(CODE, "> "),
    "a diff from nothing": each(CODE, "+"),
    "prompts": each(CODE, ">>> ", "... "),
    "prompts of a notebook": "In [1]: " + CODE.rstrip().replace("\n", "\n   ...: "),
    "line numbers": "".join(f"{number:>3} {line}\n" for number, line in enumerate(CODE.splitlines(), 1)),
    "line numbers with a point": "".join(f"{number}. {line}\n" for number, line in enumerate(CODE.splitlines(), 1)),
    "further in": each(CODE, "\t"),
    "further in but for the first line": CODE.partition("\n")[0] + "\n" + each(CODE.partition("\n")[2], "    "),
    "tabs beside blanks": CODE.replace("        if", "\tif"),
    "curly quotes": CODE.replace("'%s'", "‘%s’"),
    "no-break blanks": CODE.replace("    ", "\u00a0" * 4),
    "full-width marks": CODE.replace("self.position:", "self.position：").replace("(self)", "（self）"),
    "commands of a shell": f"$ pip install backtrader\nconda install -c conda-forge ta-lib\n{CODE}",
    "separators of lines": CODE.replace("\n", "\u2028"),
    "the mark of an old file's end": f"{CODE}\x1a",
    "Python 2": CODE.replace("print('%s' % text)", "print '%s' % text"),
}


@pytest.mark.parametrize("kind", PASTED)
def test_a_pasted_script_is_read_through(kind: str) -> None:
    report = inspect_code(PASTED[kind])
    assert report.errors == ()
    assert report.notes
    assert ast.dump(ast.parse(report.code)) == ast.dump(ast.parse(CODE))


def test_a_name_that_markdown_made_bold_is_a_name_again() -> None:
    code = CODE.replace("    def log", "    def **init**(self):\n        pass\n\n    def log")
    assert "def __init__(self):" in inspect_code(code).code


@pytest.mark.parametrize("kind", sorted(set(PASTED) - {"separators of lines"}))
def test_every_line_keeps_its_number(kind: str) -> None:
    before, after = PASTED[kind].split("\n"), inspect_code(PASTED[kind]).code.split("\n")
    assert len(before) == len(after)
    assert [number for number, line in enumerate(before) if "self.buy()" in line] == [
        number for number, line in enumerate(after) if "self.buy()" in line
    ]


def test_the_cells_of_a_notebooks_file_are_one_script() -> None:
    cells = [
        {"cell_type": "markdown", "source": ["# class A"]},
        {"cell_type": "code", "source": ["!pip install backtrader\n", "%matplotlib inline"]},
        {"cell_type": "code", "source": CODE.splitlines(keepends=True)},
        {"cell_type": "code", "source": SCRIPT},
    ]
    report = inspect_code(json.dumps({"cells": cells, "nbformat": 4}))
    assert (report.errors, "class A(bt.Strategy)" in report.code) == ((), True)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("print", "print"),
        ("print 'a', 1,", "print('a', 1,)"),
        ("print 'a %s' % (\n    1)", "print('a %s' % (\n    1))"),
        ("if 1: print 'a'; print 'b'", "if 1: print('a'); print('b')"),
        ("print >>f, 'a'", "print('a', file=f)"),
        ("print >>open('x', 'a'), 'a'", "print('a', file=open('x', 'a'))"),
        ("exec 'x'", "exec('x')"),
        ("try: pass\nexcept (A, B), e: pass", "try: pass\nexcept (A, B) as e: pass"),
        ("raise A, 'b'", "raise A('b')"),
        ("x = 10L + 0777", "x = 10 + 0o777"),
        ("x <> 1", "x != 1"),
        ("for k, v in d.iteritems(): xrange(3)", "for k, v in d.items(): range(3)"),
        ("xrange = 3; xrange", "xrange = 3; xrange"),
        ("print 'a' +", "print 'a' +"),
    ],
)
def test_python_2_is_written_as_python_3_has_it(old: str, new: str) -> None:
    assert write_as_python_3(old) == new


@pytest.mark.parametrize("code", [CODE.rstrip()[:-1], CODE.replace("next(self):", "next(self)"), f"{CODE}if x\n    y = (\n"])
def test_a_broken_program_is_refused_as_it_was_pasted(code: str) -> None:
    report = inspect_code(code)
    assert (report.code, len(report.errors)) == (code, 1)
