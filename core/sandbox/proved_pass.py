"""The trusted side alone: a program that is proved not to read later bars runs in the run monitor itself, without child or repeats.

The proof is not made here: the application asks for this with a `ProvedProgram` only. What stands around a child stands around this process
too, from before the program begins, so that a flaw of the compiler would not open the machine.
"""

import time
from collections.abc import Callable
from typing import Any

from core.backtest.account_book import AccountBook
from core.backtest.faults import OverdueCheckError
from core.backtest.fill_audit import audit
from core.backtest.one_pass import ProvedPasses, UnfinishedPassError
from core.domain.backtest import BacktestPlan, Progress
from core.domain.bars import Bars
from core.domain.deposits import PaidAccount, find_deposits
from core.domain.garbage import collect_rarely
from core.sandbox import outcomes
from core.sandbox.frames import STARTED, decode_bars, encode, pack
from core.sandbox.outcome_frames import encode_outcome, encode_progress
from core.sandbox.progress_replay import thin_bars

_SECONDS = 0.25
"""Least time between two reports."""
Answer = Callable[[bytes], object]


def serve_proved(
    request: dict[str, Any], bars_data: memoryview, private: dict[str, Any], answer: Answer, enclose: Callable[[BacktestPlan], None]
) -> None:
    """Run the program, or one after the other, and answer with each outcome, or that the ordinary way has to be taken."""
    answer(pack(STARTED))
    plan = BacktestPlan.model_validate(request["plan"])
    bars = decode_bars(bars_data, private["bars"])
    enclose(plan)
    passes = ProvedPasses(plan, bars)
    with collect_rarely():
        for code in request.get("codes") or (request["code"],):
            _serve_program({**request, "code": code}, passes, plan, bars, answer)


def _serve_program(request: dict[str, Any], passes: ProvedPasses, plan: BacktestPlan, bars: Bars, answer: Answer) -> None:
    started = time.monotonic()
    watch = _Reporter(len(bars), answer) if request["watched"] else None
    try:
        done = passes.run(request["code"], signals=request["signals"], watch=watch)
        disagreements = audit(done.records, done.result, plan, bars, deadline=outcomes.compute_deadline(request, started))
    except (UnfinishedPassError, OverdueCheckError) as error:
        answer(encode({"declined": str(error)}))
        return
    if disagreements:
        answer(encode({"declined": disagreements[0]}))
        return
    if watch is not None:
        paid = PaidAccount(done.result.equity, find_deposits(bars.time, plan.deposits), plan.cash)
        watch.tell_all(paid.unit_value if plan.deposits else paid.value)
    answer(encode_outcome(outcomes.build_proved_outcome(request, plan, bars, done, started)))


class _Reporter:
    """Passes the account on while the pass goes on."""

    def __init__(self, total: int, answer: Answer) -> None:
        self._total, self._answer, self._told = total, answer, 0
        self._due = time.monotonic() + 0.05

    def __call__(self, book: AccountBook, over: int) -> None:
        if time.monotonic() < self._due or over <= self._told:
            return
        bars = thin_bars(self._told, over)
        self._send(over, bars, book.compute_unit_value(bars).tolist())
        self._due = time.monotonic() + _SECONDS

    def tell_all(self, equity: Any) -> None:
        """Tell the rest, up to the last bar."""
        if self._told < self._total:
            bars = thin_bars(self._told, self._total)
            self._send(self._total, bars, equity[list(bars)].tolist())

    def _send(self, over: int, bars: tuple[int, ...], equity: list[float]) -> None:
        self._answer(encode_progress(Progress(done=over, total=self._total, bars=bars, equity=tuple(equity))))
        self._told = over
