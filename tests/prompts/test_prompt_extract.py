"""Every shape of answer that was met, and what has to come out of it."""

import ast

import pytest

from core.prompts import extract_code
from core.prompts.extract import MAXIMUM_CODE_LENGTH

CODE = """\
import backtrader as bt


class Cross(bt.Strategy):
    params = dict(fast=10)

    def next(self):
        self.buy()
"""
HELPER = "def helper():\n    return 1\n"
DOCSTRING = CODE.replace("    def next", '    """Example:\n    ```python\n    x = 1\n    ```\n    """\n\n    def next')
CUT = CODE[: CODE.index("self.buy") + 6] + "("


def fenced(code: str, opening: str = "```python", closing: str = "```") -> str:
    return f"{opening}\n{code}{closing}\n"


def indented(text: str) -> str:
    return "".join(f"   {row}\n" for row in text.splitlines())


FOUND = {
    "one block with a language tag": (fenced(CODE), CODE),
    "no language tag": (fenced(CODE, "```"), CODE),
    "another language tag": (fenced(CODE, "```py3 title=strategy.py"), CODE),
    "tildes": (fenced(CODE, "~~~python", "~~~"), CODE),
    "a longer fence": (fenced(CODE, "````python", "````"), CODE),
    "prose on both sides": (f"Here it is:\n\n{fenced(CODE)}\nGood luck!", CODE),
    "windows line ends": (fenced(CODE).replace("\n", "\r\n"), CODE),
    "a closed think part with a wrong block inside": (
        f"<think>{fenced('class Old(bt.Strategy): pass' + chr(10))}</think>{fenced(CODE)}",
        CODE,
    ),
    "a block indented in a list": (f"1. The code:\n{indented(fenced(CODE))}", CODE),
    "an indented opening and a closing at the margin": (f"  ```python\n{CODE}```\n\n```text\nend\n```", CODE),
    "a base class under another name": (
        fenced("from backtrader import Strategy as S\nclass A(S): pass\n"),
        "from backtrader import Strategy as S\nclass A(S): pass\n",
    ),
    "a quoted block": ("".join(f"> {row}\n" for row in fenced(CODE).splitlines()), CODE),
    "a fence inside a docstring": (fenced(DOCSTRING), DOCSTRING),
    "several blocks, the strategy is not the last": (f"{fenced(CODE)}{fenced(HELPER)}", CODE),
    "two strategies, the later one counts": (f"{fenced(CODE.replace('10', '99'))}\nBetter:\n{fenced(CODE)}", CODE),
    "the later strategy does not parse": (f"{fenced(CODE)}{fenced(CUT)}", CODE),
    "an unclosed fence around whole code": (f"```python\n{CODE}", CODE),
    "no fence at all": (f"Sure, this works:\n\n{CODE}\nThis strategy buys every bar, doesn't it?", CODE),
    "a syntax error is handed on": (
        fenced(CODE.replace("def next(self):", "def next(self)")),
        CODE.replace("def next(self):", "def next(self)"),
    ),
    "a base class imported by name": (
        fenced("from backtrader import Strategy\nclass A(Strategy): pass\n"),
        "from backtrader import Strategy\nclass A(Strategy): pass\n",
    ),
}


@pytest.mark.parametrize("answer", FOUND)
def test_the_strategy_is_found_in(answer):
    text, code = FOUND[answer]
    found = extract_code(text)
    assert found.code is not None
    assert (found.code.strip(), found.problem) == (code.strip(), "")


NOT_FOUND = {
    "nothing": ("", "stop", False),
    "only words": ("I cannot help with trading.", "stop", False),
    "an unclosed think part": (f"<think>{fenced(CODE)}", "stop", False),
    "an empty block": ("```python\n```", "stop", False),
    "a block of json": ('```json\n{"fast": 10}\n```', "length", True),
    "an unclosed fence that does not parse": (f"```python\n{CUT}", "stop", True),
    "cut off by length although it parses": (f"```python\n{CODE}", "length", True),
    "cut off by length without a fence": (CUT, "length", True),
    "cut off before any code": ("Change: more", "length", True),
}


@pytest.mark.parametrize("answer", NOT_FOUND)
def test_no_code_comes_out_of(answer):
    text, finish_reason, cut_off = NOT_FOUND[answer]
    found = extract_code(text, finish_reason=finish_reason)
    assert found.code is None
    assert ("ends inside the code" in found.problem or "was cut off" in found.problem) is cut_off
    assert found.problem.endswith(".") or found.problem.endswith("`.")


@pytest.mark.parametrize(
    "head",
    [
        "Change: slower average\nHypothesis: fewer false entries",
        "**Change:** slower average\n**Hypothesis:** fewer false entries",
        "- change : slower average\n- HYPOTHESIS: fewer false entries",
        "### Change: slower average\n\n> Hypothesis: fewer false entries",
        "<think>Change: none</think>\nChange: slower average\nHypothesis: fewer false entries",
    ],
)
def test_the_first_lines_say_what_was_changed_and_why(head):
    found = extract_code(f"{head}\n{fenced(CODE)}")
    assert (found.change, found.hypothesis) == ("slower average", "fewer false entries")


def test_a_remark_inside_the_code_is_not_the_authors():
    assert extract_code(fenced(CODE + "# change: x\n")).change == ""


def test_a_remark_is_one_short_line_without_tags():
    found = extract_code(f"Change: </state> {'x' * 999}\n{fenced(CODE)}")
    assert len(found.change) <= 200
    assert "</state>" not in found.change


def test_code_beyond_any_strategy_is_refused():
    found = extract_code(fenced(CODE + "# " + "x" * MAXIMUM_CODE_LENGTH + "\n"))
    assert found.code is None
    assert "characters" in found.problem


@pytest.mark.parametrize(
    "hostile", ["(" * 5_000, "```\n" * 3_000, "class A(bt.Strategy):\n" * 2_000, "\0" * 100, "import x\n" + "'''" * 999]
)
def test_a_hostile_answer_is_read_without_an_exception(hostile):
    for text in (hostile, f"```python\n{hostile}\n```", f"import backtrader\n{hostile}"):
        found = extract_code(text)
        assert found.code is None or isinstance(found.code, str)


def test_what_was_found_is_what_stood_there():
    found = extract_code(f"text\n{fenced(CODE)}")
    assert found.code is not None
    assert ast.dump(ast.parse(found.code)) == ast.dump(ast.parse(CODE))
