"""The programs that are proved not to read later bars: the compiler's own, with whatever numbers, and no other.

The proof itself is tests: with all bars at hand, each construct of the language (`tests/language/test_causality.py`) gives the values,
signals and orders that it gives where later bars do not exist, or are others. A program that only looks like the compiler's is run bar
by bar.
"""

from collections.abc import Mapping
from functools import lru_cache

from core import language
from core.domain.bars import Bars
from core.domain.errors import WorkflowError
from core.domain.instrument import Instrument
from core.domain.proved_program import ProvedProgram
from core.domain.workflow import Workflow
from core.driving.candidate_pool import hash_program


def compile_proved(workflow: Workflow, bars: Bars, numbers: Mapping[str, float] | None = None, *, signals: bool = False) -> ProvedProgram:
    """Compile a workflow with these free numbers for a run on these bars: the way to the one pass for a sweep, or for any other numbers.

    Guaranteed is that no order, signal or value depends on a later bar, so that `Sandbox.run_proved` may show the program all bars at
    once: its figures are those of lock-step to the last bit, and count without being confirmed. Not guaranteed is that they are no luck.
    Raises WorkflowError when the workflow has errors, or when a number does not belong to it or cannot be had.
    """
    return _compile(workflow, tuple(sorted((numbers or {}).items())), bars.instrument, bool(bars.further), signals)


def prove_program(code: str, workflow: Workflow, bars: Bars, numbers: Mapping[str, float] | None = None) -> ProvedProgram | None:
    """Prove a program that somebody wrote by its being what the compiler makes of the workflow with these numbers; None when it is not.

    Compared is all that Python executes, so that comments and spaces may differ; what runs is the compiler's text.
    """
    try:
        proved = compile_proved(workflow, bars, numbers)
    except WorkflowError:
        return None
    return proved if proved.code == code or _hash(proved.code) == _hash(code) else None


@lru_cache(maxsize=64)
def _compile(
    workflow: Workflow, numbers: tuple[tuple[str, float], ...], instrument: Instrument, several: bool, signals: bool
) -> ProvedProgram:
    return ProvedProgram(language.compile_workflow(workflow, dict(numbers), signals=signals, instrument=instrument, several=several))


@lru_cache(maxsize=64)
def _hash(code: str) -> str:
    return hash_program(code)
