"""One pass: a program that is known not to read later bars runs over all of them at once, and its own account is the account.

Only for the compiler's own programs, in a process of the platform: nothing here distrusts the code. The account is Backtrader's, by the
same broker as everywhere; the second opinion on every fill is asked for by whoever reads the result. Imports Backtrader on use.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from core.backtest.account_book import AccountBook
from core.backtest.bar_source import AllBars, BarSource, MomentStream
from core.backtest.orders import OrderRecord
from core.backtest.replay import ReplayResult, is_altered, summarize_account
from core.backtest.runner_report import StrategyReport
from core.backtest.strategy_runner import run_strategy
from core.domain.backtest import BacktestPlan
from core.domain.bars import Bars

if TYPE_CHECKING:
    from core.backtest.own_account import AccountKeepingBroker

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
    result = summarize_account(kept.book, bars, kept.read_states(), held_back=len(kept.held_back))
    if is_altered(report, result):
        raise UnfinishedPassError("its account is another one than its fills make")
    return OnePass(report, tuple(kept.records), result)


def _make_source(bars: Bars) -> BarSource:
    return MomentStream.from_bars(bars) if bars.others else AllBars.from_bars(bars)


def _ignore(record: dict[str, Any]) -> None:
    """Orders are kept by the broker itself."""
