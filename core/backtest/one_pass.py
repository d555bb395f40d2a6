"""One pass: a program that is known not to read later bars runs over all of them at once, and its own account is the account.

Only for the compiler's own programs, in a process of the platform: nothing here distrusts the code. The account is Backtrader's, by the
same broker as everywhere; the second opinion on every fill is asked for by whoever reads the result. Imports Backtrader on use.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from core.backtest.account_book import AccountBook
from core.backtest.bar_source import AllBars, BarSource, MomentStream
from core.backtest.orders import OrderRecord, find_openings
from core.backtest.replay import ReplayResult, is_altered, summarize_account
from core.backtest.runner_report import StrategyReport
from core.backtest.strategy_runner import run_strategy
from core.domain.backtest import BacktestPlan
from core.domain.bars import Bars

if TYPE_CHECKING:
    from core.backtest.indicator_columns import KnownColumns
    from core.backtest.own_account import AccountKeepingBroker
    from core.backtest.program_text import Number
    from core.backtest.sparse_pass import SparsePass

_KEPT = 4
"""Shapes of programs that are kept as they were read."""
_OF_PROGRAMS = (ArithmeticError, AttributeError, LookupError, MemoryError, NameError, RecursionError, SyntaxError, TypeError, ValueError)
"""Errors of a text that is no program, and of the statements that a compiled one is made of: the whole pass meets them again, and says them
in its own words. Any other error is a flaw of the sparse pass, and is not hidden by a slower way."""
Watch = Callable[[AccountBook, int], None]
"""Is told now and then of the account, and how many bars are over."""


class UnfinishedPassError(Exception):
    """The pass gave no account that can be used: the program is run the ordinary way, which says why in its words."""


@dataclass(frozen=True, slots=True)
class OnePass:
    """Result of a pass."""

    report: StrategyReport
    records: tuple[OrderRecord, ...]
    result: ReplayResult


def run_one_pass(code: str, plan: BacktestPlan, bars: Bars, *, signals: bool, watch: Watch | None = None) -> OnePass:
    """Run the program over all bars. Raises UnfinishedPassError when it failed, ended early, or has another account than its fills."""

    def make_broker() -> "AccountKeepingBroker":
        from core.backtest.own_account import AccountKeepingBroker

        broker.append(AccountKeepingBroker(plan, bars, watch))
        return broker[0]

    broker: list[AccountKeepingBroker] = []
    report = run_strategy(code, plan, _make_source(bars), _ignore, signals=signals, make_broker=make_broker)
    if report.fault is not None or not broker:
        raise UnfinishedPassError(report.fault.message if report.fault is not None else "it made no account")
    kept = broker[0]
    if report.bars != len(bars):
        raise UnfinishedPassError(f"it ended after {report.bars} of {len(bars)} bars")
    openings = find_openings(kept.records)
    result = summarize_account(kept.book, bars, kept.read_states(), openings=openings, held_back=len(kept.held_back))
    if is_altered(report, result):
        raise UnfinishedPassError("its account is another one than its fills make")
    return OnePass(report, tuple(kept.records), result)


class ProvedPasses:
    """Passes over proved programs on one series of bars: sparse where the program is known, whole for any other."""

    def __init__(self, plan: BacktestPlan, bars: Bars) -> None:
        self._plan, self._bars = plan, bars
        self._known: list[SparsePass] = []
        self._unknown: set[tuple[str, int]] = set()
        """First line and length of programs that are not known: others of their kind are not read again."""
        self._columns: KnownColumns = {}

    def for_plan(self, plan: BacktestPlan) -> "ProvedPasses":
        """Passes with another account, which share what is known of programs and bars: nothing of it depends on an account."""
        shared = ProvedPasses(plan, self._bars)
        shared._known, shared._unknown, shared._columns = self._known, self._unknown, self._columns
        return shared

    def run(self, code: str, *, signals: bool, watch: Watch | None = None) -> OnePass:
        """Run a program. Raises UnfinishedPassError as `run_one_pass`."""
        if not signals and (done := self.run_sparsely(code, watch)) is not None:
            return done
        return run_one_pass(code, self._plan, self._bars, signals=signals, watch=watch)

    def run_sparsely(self, code: str, watch: Watch | None = None) -> OnePass | None:
        """Run a program where something can happen; None where the whole pass has to be taken."""
        if self._bars.others or self._bars.present is not None or self._plan.deposits:
            return None
        from core.backtest.plain_broker import NotPlainError
        from core.backtest.program_shape import UnknownProgramError

        try:
            return self._run_known(code, watch)
        except (UnknownProgramError, NotPlainError, *_OF_PROGRAMS):
            return None

    def _run_known(self, code: str, watch: Watch | None) -> OnePass | None:
        found = self._find(code)
        if found is None:
            return None
        sparse, numbers = found
        broker = sparse.run(numbers, self._plan, watch)
        openings = find_openings(broker.records)
        result = summarize_account(broker.book, self._bars, broker.read_states(), openings=openings, held_back=0)
        report = StrategyReport(
            claimed_value=broker.getvalue(), claimed_cash=broker.getcash(), bars=len(self._bars), orders=len(broker.records)
        )
        if is_altered(report, result):
            return None
        return OnePass(report, tuple(broker.records), result)

    def _find(self, code: str) -> "tuple[SparsePass, dict[str, Number]] | None":
        from core.backtest.direct_orders import find_bars_in_order
        from core.backtest.program_shape import read_program
        from core.backtest.sparse_pass import SparsePass

        for one in self._known:
            if (numbers := one.read_numbers(code)) is not None:
                return one, numbers
        if _name_kind(code) in self._unknown or not find_bars_in_order(self._bars):
            return None
        self._unknown.add(_name_kind(code))
        made = SparsePass(read_program(code), self._bars, self._columns)
        self._unknown.discard(_name_kind(code))
        self._known[:] = [made, *self._known[: _KEPT - 1]]
        numbers = made.read_numbers(code)
        return None if numbers is None else (made, numbers)


def _name_kind(code: str) -> tuple[str, int]:
    return code[: code.find("\n")], code.count("\n")


def _make_source(bars: Bars) -> BarSource:
    return MomentStream.from_bars(bars) if bars.others else AllBars.from_bars(bars)


def _ignore(record: dict[str, Any]) -> None:
    """Orders are kept by the broker itself."""
