"""A whole script run by stock Backtrader as its author would run it, main block and all, on given bars and with the plan's account.

Only the surroundings are replaced: the feed that the script makes is the given one, charts are not drawn, absent modules hold nothing,
and a pool of processes is one thread, so that what runs first is seen.
The script runs in this very process: for the scripts of these tests only.
"""

import contextlib
import io
import multiprocessing
import random
import sys
from collections.abc import Iterator
from multiprocessing.pool import ThreadPool
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pandas as pd

from core.backtest.account import configure
from core.domain.backtest import BacktestPlan
from core.domain.bars import Bars
from core.sandbox.stand_ins import Decoration, StandIn
from tests.stock_backtrader import restore_backtrader
from tests.stock_feed import QuickPandasData, make_frame

ABSENT = (
    "statsmodels",
    "yfinance",
    "matplotlib",
    "colorama",
    "tqdm",
    "talib",
    "quantstats",
    "pyfolio",
    "backtrader_plotting",
    "pandas_datareader",
    "requests",
    "dotenv",
    "ccxt",
)


def run_stock_script(code: str, plan: BacktestPlan, bars: Bars, folder: Path, *, bar_by_bar: bool = False) -> float:
    """Value of the account at the end of the script's first run. A script without an engine gets the usual four lines.

    `bar_by_bar` is Backtrader without preloading, where a read before the first bar cannot reach the end of the data; so are several
    instruments run, whose lines shift against each other otherwise.
    """
    import backtrader as bt

    restore_backtrader()
    ends: list[float] = []
    originals: dict[int, Any] = {}
    feeds = [_make_feed(one) for one in bars.instruments]

    class Rig(bt.Cerebro):  # type: ignore[misc]
        def adddata(self, data: Any, name: Any = None) -> Any:
            if getattr(data, "resampling", False):
                return super().adddata(data, name)
            made = [added for added in self.datas if not added.resampling]
            if len(made) == len(feeds):
                return data
            feed = super().adddata(feeds[len(made)](), name)
            originals[id(data)] = feed
            return feed

        def resampledata(self, data: Any, name: Any = None, **words: Any) -> Any:
            higher = super().resampledata(originals.get(id(data), data), name, **words)
            higher._ffilters.clear()  # no unfinished bar, and no extra call, after the last one
            return higher

        def addobserver(self, observer: Any, *args: Any, **kwargs: Any) -> None:
            if not isinstance(observer, Decoration):
                super().addobserver(observer, *args, **kwargs)

        def run(self, **words: Any) -> Any:
            return super().run(**(words | ({"preload": False, "runonce": False} if bar_by_bar or bars.others else {})))

        def runstrategies(self, *args: Any, **kwargs: Any) -> Any:
            configure(self.broker, plan)
            result = super().runstrategies(*args, **kwargs)
            ends.append(float(self.broker.getvalue()))
            return result

        def plot(self, *args: Any, **kwargs: Any) -> list[Any]:
            return []

    with _surroundings(folder, bt, Rig):
        random.seed(0)
        np.random.seed(0)
        module = ModuleType("__main__")
        module.__dict__["__file__"] = "script.py"
        sys.modules["__main__"] = module
        exec(compile(code, "script.py", "exec"), module.__dict__)
        if not ends:
            _run_last_class(module, Rig, bt)
    return ends[0]


def _run_last_class(module: ModuleType, rig: Any, bt: Any) -> None:
    found = [value for value in vars(module).values() if isinstance(value, type) and issubclass(value, bt.Strategy)]
    cerebro = rig()
    cerebro.addstrategy(found[-1])
    cerebro.adddata(None)
    cerebro.run()


def _make_feed(bars: Bars) -> Any:
    frame = make_frame(bars)
    return lambda: QuickPandasData(dataname=frame)


@contextlib.contextmanager
def _surroundings(folder: Path, bt: Any, rig: Any) -> Iterator[None]:
    before, main, argv, engine, pandas_feed = set(sys.modules), sys.modules["__main__"], sys.argv, bt.Cerebro, bt.feeds.PandasData
    kept = {name: sys.modules[name] for name in list(sys.modules) if name.partition(".")[0] in ABSENT}
    for name in (*ABSENT, "matplotlib.pyplot", "statsmodels.api", "backtrader.observers.mine"):
        sys.modules[name] = StandIn(name)
    sys.argv, bt.Cerebro = ["script.py"], rig
    pool, multiprocessing.Pool = multiprocessing.Pool, lambda *_, **__: ThreadPool(1)  # type: ignore[assignment]
    bt.feeds.PandasData = lambda **words: pandas_feed(**words) if isinstance(words.get("dataname"), pd.DataFrame) else Decoration()
    try:
        with contextlib.chdir(folder), contextlib.redirect_stdout(io.StringIO()):
            yield
    finally:
        multiprocessing.Pool = pool  # type: ignore[method-assign]
        sys.argv, bt.Cerebro, bt.feeds.PandasData, sys.modules["__main__"] = argv, engine, pandas_feed, main
        for name in [name for name in sys.modules if name not in before or name.partition(".")[0] in ABSENT]:
            if isinstance(sys.modules[name], StandIn):
                del sys.modules[name]
        sys.modules.update(kept)
