"""The programs that run in one pass: the compiler's own with any numbers, and nothing that merely looks like it."""

import ast
from pathlib import Path

import pytest
from fakes import walk

from core.domain.backtest import BacktestPlan, Certificate, Method, Verdict
from core.domain.errors import WorkflowError
from core.domain.workflow import Workflow
from core.driving.candidate_pool import hash_program
from core.driving.proof import compile_proved, prove_program
from core.language import parse

ROOT = Path(__file__).parents[2]
WORKFLOW: Workflow = parse((ROOT / "data" / "workflows" / "sma_cross.json").read_text(encoding="utf-8"))
BARS = walk(60)
CODE = compile_proved(WORKFLOW, BARS).code


def test_the_compilers_text_is_proved_whatever_its_comments_and_spaces() -> None:
    written = "# by somebody\n" + CODE.replace("        go_long", "\n        go_long")

    assert prove_program(CODE, WORKFLOW, BARS) == prove_program(written, WORKFLOW, BARS) == compile_proved(WORKFLOW, BARS)


def test_other_numbers_are_the_same_program() -> None:
    tuned = compile_proved(WORKFLOW, BARS, {"sma_fast": 7, "stop_loss_percent": 3.5})

    assert "sma_fast=7," in tuned.code
    assert prove_program(tuned.code, WORKFLOW, BARS, {"sma_fast": 7, "stop_loss_percent": 3.5}) == tuned
    assert prove_program(tuned.code, WORKFLOW, BARS) is None


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("self.sma_fast[0] > ", "self.sma_fast[1] > "),
        ("self.sma_fast[-1] <= ", "self.sma_fast[+1] <= "),
        ("period=self.p.sma_fast)", "period=self.p.sma_fast)(1)"),
        ("price = self.data.close[0]", "price = self.data.close.array[-1]"),
        ("import math\n", "import math\nimport numpy\n"),
        ("return math.floor(size)", "return math.ceil(size)"),
        ("class SMACrossStrategy", "class Other"),
        ('"""SMA cross"""', '"""SMA cross"""\n    later = bt.ind.SMA'),
    ],
)
def test_a_program_that_merely_looks_alike_is_not_proved(old: str, new: str) -> None:
    assert old in CODE
    assert prove_program(CODE.replace(old, new, 1), WORKFLOW, BARS) is None


@pytest.mark.parametrize("code", ["", "not python (", CODE[:-20], CODE + "\nbt.Strategy.buy = None\n", "x = '\\ud800'"])
def test_what_is_no_program_or_a_longer_one_is_not_proved(code: str) -> None:
    assert prove_program(code, WORKFLOW, BARS) is None


@pytest.mark.parametrize("numbers", [{"sma_fast": -3}, {"sma_fast": float("nan")}, {"unknown": 1}, {"stop_loss_percent": float("inf")}])
def test_numbers_that_a_workflow_cannot_have_prove_nothing(numbers: dict[str, float]) -> None:
    with pytest.raises(WorkflowError):
        compile_proved(WORKFLOW, BARS, numbers)
    assert prove_program(CODE, WORKFLOW, BARS, numbers) is None


def test_a_proof_is_made_in_one_place() -> None:
    sources = (*ROOT.glob("core/**/*.py"), *ROOT.glob("pages/**/*.py"))
    makers = [path.relative_to(ROOT).as_posix() for path in sources if "ProvedProgram(" in path.read_text(encoding="utf-8")]

    assert makers == ["core/driving/proof.py"]


def test_no_plan_asks_for_a_proof_and_no_certificate_mixes_the_words() -> None:
    with pytest.raises(ValueError, match="cannot be asked for"):
        BacktestPlan(method=Method.PROVED)
    assert Certificate(verdict=Verdict.PROVED, method=Method.PROVED).confirmed
    for verdict, method in ((Verdict.PROVED, Method.FAST), (Verdict.PROVED, Method.LOCK_STEP), (Verdict.CLEAN, Method.PROVED)):
        with pytest.raises(ValueError, match=r"only a run in lock-step|proved before it runs"):
            Certificate(verdict=verdict, method=method)


def test_a_program_is_known_by_what_python_executes_of_it() -> None:
    tree = ast.parse(CODE)
    bare = ast.unparse(tree)
    assert hash_program(CODE) == hash_program(bare) == hash_program(f'"""Of somebody."""\n{bare}\n\n# the end\n')

    for number in [node for node in ast.walk(tree) if isinstance(node, ast.Constant) and type(node.value) in (int, float)]:
        kept, number.value = number.value, number.value + 1
        assert hash_program(ast.unparse(tree)) != hash_program(CODE)
        number.value = float(kept) if isinstance(kept, int) else kept - 1e-9
        assert hash_program(ast.unparse(tree)) != hash_program(CODE)
        number.value = kept


@pytest.mark.parametrize(
    ("code", "plain"),
    [
        ("def f():\n    'Words.'", "def f():\n    pass"),
        ("class A:\n    'Words.'\n    a = 'a'", "class A:\n    a = 'a'"),
        ("try:\n    def g(): 'Words.'\nfinally:\n    'a'", "try:\n    def g(): pass\nfinally:\n    'a'"),
        (
            "match 1:\n    case 1:\n        async def g():\n            'Words.'\n            return 1",
            "match 1:\n    case 1:\n        async def g(): return 1",
        ),
    ],
)
def test_docstrings_are_no_part_of_a_program(code: str, plain: str) -> None:
    assert hash_program(code) == hash_program(plain) != hash_program("pass")
