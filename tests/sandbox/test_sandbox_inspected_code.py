"""A program that runs again is not read again by the gate, and ends the same way."""

import threading

import pytest

from core.domain.backtest import OutcomeStatus
from core.gate.inspection import MAX_CHARACTERS
from core.sandbox import Sandbox
from core.sandbox.inspected_code import LONGEST, MOST, InspectedCode
from tests.attacks.arena import HONEST, PLAN, sample_bars
from tests.attacks.payloads.making import strategy

PLOTS = strategy(top="import matplotlib.pyplot as plt", each="if len(self) == 5: self.buy(size=10)")
REFUSED = strategy(each="import os\nos._exit(3)")


def test_the_last_programs_are_remembered_by_their_whole_text() -> None:
    known = InspectedCode()
    for number in range(MOST + 1):
        known.keep(f"x = {number}", {"code": str(number)})

    assert (known.find("x = 0"), known.find("x = 1"), known.find("x = 1 ")) == (None, {"code": "1"}, None)


def test_a_text_that_the_gate_refuses_for_its_length_is_not_kept() -> None:
    known = InspectedCode()
    known.keep("x" * (LONGEST + 1), {"code": "x"})

    assert known.find("x" * (LONGEST + 1)) is None
    assert LONGEST == MAX_CHARACTERS


@pytest.mark.parametrize("code", [HONEST, PLOTS, REFUSED, "not python ("])
def test_a_program_ends_the_second_time_as_the_first(isolated: Sandbox, code: str) -> None:
    first, second = (isolated.run(code, PLAN, sample_bars(), cancel=threading.Event()) for _ in range(2))

    assert isolated._inspected.find(code) is not None
    assert (first.status, first.error, first.notes) == (second.status, second.error, second.notes)
    assert (first.orders_hash, first.equity.tobytes()) == (second.orders_hash, second.equity.tobytes())
    assert (first.status is OutcomeStatus.OK) is (code in (HONEST, PLOTS))
