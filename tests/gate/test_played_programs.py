"""Small programs that are played come to what Python itself makes of them."""

from pathlib import Path
from types import SimpleNamespace

import pytest

from core.domain.python_syntax import parse_module_tree
from core.gate.parsed_source import ParsedCode
from core.gate.script_player import play_script

PROGRAMS = (Path(__file__).parent / "played_programs.txt").read_text(encoding="utf-8").rstrip().split("\n---\n")
"""Each sets `R`, a table of numbers."""
ADDING = "c = bt.Cerebro()\nc.addstrategy(S, **R)\n"


def wrap(program: str) -> str:
    """The program inside of a function."""
    return "def main():\n" + "".join(f"    {line}\n" for line in program.splitlines()) + "main()\n"


@pytest.mark.parametrize("program", PROGRAMS)
def test_a_program_that_is_played_comes_to_what_python_makes_of_it(program: str) -> None:
    given: list[dict[str, object]] = []
    engine = SimpleNamespace(addstrategy=lambda _, **words: given.append(words))
    for text in [program + "\n" + ADDING, *([] if "global" in program else [wrap(f"{program}\n{ADDING}")])]:
        exec(text, {"bt": SimpleNamespace(Cerebro=lambda: engine, Strategy=object), "S": None, "unknown": list, "__name__": "__main__"})
        code = f"import backtrader as bt\nclass S(bt.Strategy): pass\n{text}"

        played = play_script(ParsedCode(code, parse_module_tree(code)))

        assert [call.keywords for call in played] == given[-1:]
        assert [*map(type, played[0].keywords.values())] == [*map(type, given[-1].values())]
