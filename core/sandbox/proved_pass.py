"""The trusted side alone: a program that is proved not to read later bars runs in the run monitor itself, without child or repeats.

The proof is not made here: the application asks for this with a `ProvedProgram` only. What stands around a child stands around this process
too, from before the first program begins, so that a flaw of the compiler would not open the machine.
"""

import resource
import time
from collections.abc import Callable
from typing import Any

from core.backtest.account_book import AccountBook
from core.backtest.faults import OverdueCheckError
from core.backtest.fill_audit import audit
from core.backtest.one_pass import ProvedPasses, UnfinishedPassError
from core.domain.backtest import BacktestPlan, Limits, Progress
from core.domain.bars import Bars
from core.domain.deposits import PaidAccount, find_deposits
from core.domain.garbage import collect_rarely
from core.sandbox import outcomes
from core.sandbox.frames import STARTED, decode_bars, encode, pack
from core.sandbox.outcome_frames import encode_outcome, encode_progress
from core.sandbox.progress_replay import thin_bars

MOST_PROGRAMS = 64
"""Programs after which a process that stayed for more of them ends."""
_MOST_GROWTH = 64 * 1024
"""Kilobytes by which such a process may have grown."""
_SECONDS = 0.25
"""Least time between two reports."""
Answer = Callable[[bytes], object]


class ProvedProcess:
    """A process for one owner's proved programs on the same bars, within the same limits."""

    def __init__(self, bars_data: memoryview, answer: Answer, enclose: Callable[[BacktestPlan, int], None]) -> None:
        """`enclose` puts up the barriers, once, for the plan and the number of programs of the first request."""
        self._data, self._answer, self._enclose = bars_data, answer, enclose
        self._limits: Limits | None = None
        self._bars: Bars | None = None
        self._passes: ProvedPasses | None = None
        self._private: dict[str, Any] | None = None
        self._small, self._began = _measure_memory(), time.process_time()
        self._served, self._failed = 0, False

    def serve(self, request: dict[str, Any], private: dict[str, Any]) -> None:
        """Run the program, or one after the other, and answer with each outcome, or that the ordinary way has to be taken."""
        self._answer(pack(STARTED))
        plan = BacktestPlan.model_validate(request["plan"])
        codes = request.get("codes") or (request["code"],)
        if self._bars is None or private != self._private:
            self._bars, self._passes, self._private = decode_bars(self._data, private["bars"]), None, private
        if self._limits is None:
            self._enclose(plan, len(codes))
            self._limits = plan.limits
        if plan.limits != self._limits:
            raise ValueError("other limits than those that stand around this process")
        passes = self._passes = ProvedPasses(plan, self._bars) if self._passes is None else self._passes.for_plan(plan)
        with collect_rarely():
            for code in codes:
                self._failed |= not _serve_program({**request, "code": code}, passes, plan, self._bars, self._answer)
        self._served += len(codes)

    @property
    def may_stay(self) -> bool:
        """True while every program came to its end, and they were few, and used little of what they may."""
        if self._failed or self._limits is None or self._served >= MOST_PROGRAMS:
            return False
        used = time.process_time() - self._began
        return _measure_memory() - self._small <= _MOST_GROWTH and used <= self._limits.cpu_seconds / 2


def _measure_memory() -> int:
    """Most memory that this process ever had, in kilobytes."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss


def _serve_program(request: dict[str, Any], passes: ProvedPasses, plan: BacktestPlan, bars: Bars, answer: Answer) -> bool:
    """Run one program; true when it came to its end."""
    started = time.monotonic()
    watch = _Reporter(len(bars), answer) if request["watched"] else None
    try:
        done = passes.run(request["code"], signals=request["signals"], watch=watch)
        disagreements = audit(done.records, done.result, plan, bars, deadline=outcomes.compute_deadline(request, started))
    except (UnfinishedPassError, OverdueCheckError) as error:
        answer(encode({"declined": str(error)}))
        return False
    if disagreements:
        answer(encode({"declined": disagreements[0]}))
        return False
    if watch is not None:
        paid = PaidAccount(done.result.equity, find_deposits(bars.time, plan.deposits), plan.cash)
        watch.tell_all(paid.unit_value if plan.deposits else paid.value)
    answer(encode_outcome(outcomes.build_proved_outcome(request, plan, bars, done, started)))
    return True


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
