"""A sweep beside `cerebro.optstrategy` on the same program, the same bars and two cores; read the ratio.

`python -m tests.bench.bench_sweep [AVERAGES]` measures so many times ten combinations.
"""

import multiprocessing
import resource
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from core.backtest.account import configure
from core.backtest.strategy_module import find_strategy_class, load_module
from core.domain.bars import Bars
from core.domain.bars_request import BarsRequest
from core.domain.instrument import Timeframe
from core.domain.run import RunPlan
from core.domain.sweep import SweepPlan, build_axis
from core.driving.run_context import Ports
from core.driving.sweep import sweep
from core.language import compile_workflow
from core.services import Services, Settings
from core.store import Store
from tests.bench.bench_backtest import bars_of
from tests.bench.counting_host import CountingSandbox
from tests.driving.fakes import FixedMarket, ScriptedAnswers
from tests.stock_backtrader import restore_backtrader

BARS = 2_500
AVERAGES = 5
"""Lengths of the fast average; each is tried with ten slow ones. The aim is for 20 of them: `optstrategy` then takes minutes."""
CORES = 2


def run(console: Console, averages: int = AVERAGES) -> None:
    """Print both, in processor and in wall time."""
    bars = bars_of(BARS, Timeframe.D1)
    with tempfile.TemporaryDirectory() as folder:
        workflow = Services(Settings(home=Path(folder))).workbench.find_workflow("sma_cross")
        axes = (build_axis("sma_fast", 5, 4 + averages, 1), build_axis("sma_slow", 40, 130, 10))
        plan = RunPlan(workflow=workflow, bars=BarsRequest(symbol="MADE"), hold_out=0.0, loops=0, sweep=SweepPlan(axes=axes))
        with CountingSandbox() as sandbox:  # it is there before the first sweep of an application: as in every other table
            sandbox.isolation()
            ours = _measure(lambda: _sweep(plan, bars, Path(folder), sandbox))
    stock = _measure(lambda: _optimize(plan, bars))
    table = Table(
        f"{averages * 10} combinations on {BARS:,} daily bars", "processor s", "wall s", "of optstrategy's processor time (aim: 0.10)"
    )
    table.add_row(f"cerebro.optstrategy, maxcpus={CORES}", f"{stock[0]:.2f}", f"{stock[1]:.2f}", "1.00")
    words = f"a sweep: checked, audited, scored and stored, {CORES} at once"
    table.add_row(words, f"{ours[0]:.2f}", f"{ours[1]:.2f}", f"{ours[0] / max(stock[0], 1e-9):.3f}")
    console.print(table)


def _measure(work: Callable[[], object]) -> tuple[float, float]:
    """Processor seconds of this process and of its children, and wall seconds."""
    before, began = _count_processor_seconds(), time.perf_counter()
    work()
    wall = time.perf_counter() - began
    return _count_processor_seconds() - before, wall


def _count_processor_seconds() -> float:
    own, children = resource.getrusage(resource.RUSAGE_SELF), resource.getrusage(resource.RUSAGE_CHILDREN)
    return own.ru_utime + own.ru_stime + children.ru_utime + children.ru_stime


def _sweep(plan: RunPlan, bars: Bars, home: Path, sandbox: CountingSandbox) -> None:
    """The whole sweep, history included."""
    store = Store.in_folder(home / "history")
    ports = Ports(ScriptedAnswers(()), sandbox, FixedMarket(bars), store)
    made = store.create_sweep([plan])[0]
    done = sweep(made.id, ports, cancel=threading.Event())
    if done.iterations != (plan.sweep.count if plan.sweep else 0) + 1:
        raise RuntimeError(f"the sweep ended early: {done.message}")
    store.close()


def _optimize(plan: RunPlan, bars: Bars) -> None:
    """Stock Backtrader's own optimization of the same program."""
    import backtrader as bt
    import pandas as pd

    restore_backtrader()
    strategy: Any = find_strategy_class(load_module(compile_workflow(plan.workflow)))
    cerebro = bt.Cerebro(maxcpus=CORES)
    columns = {name: getattr(bars, name) for name in ("open", "high", "low", "close", "volume")}
    cerebro.adddata(bt.feeds.PandasData(dataname=pd.DataFrame(columns, index=pd.DatetimeIndex(bars.time))))
    configure(cerebro.broker, plan.backtest)
    axes = plan.sweep.axes if plan.sweep else ()
    cerebro.optstrategy(strategy, **{axis.name: [int(value) for value in axis.values] for axis in axes})
    cerebro.run()
    for child in multiprocessing.active_children():
        child.join()


if __name__ == "__main__":
    run(Console(), int(sys.argv[1]) if len(sys.argv) > 1 else AVERAGES)
