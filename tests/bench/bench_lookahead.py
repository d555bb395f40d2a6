"""Look-ahead verdicts by number of bars: planted peeks of every kind, and honest strategies, in lock-step and in fast mode."""

import itertools
import os
import threading
import time
from collections import Counter
from collections.abc import Iterator

from rich.console import Console
from rich.table import Table

from core.domain.backtest import BacktestPlan, Limits, Method, Outcome, Verdict
from core.domain.bars import Bars
from core.domain.instrument import Timeframe
from core.sandbox import Sandbox
from core.sandbox.lockdown import detect_processor
from tests.attacks.payloads.making import strategy
from tests.bench.bench_backtest import bars_of

COUNTS = {3_000: (60, 40), 25_000: (6, 8), 100_000: (2, 2)}
"""Number of bars to how many peeks and honest strategies are run on them; with STRATLOOP_BENCH=whole, all of either everywhere."""
PLAN = BacktestPlan(limits=Limits(wall_seconds=120, cpu_seconds=600))
AHEAD = {
    "array": "self.f[{i}]",
    "memory": "[v for v in __import__('gc').get_objects() if type(v).__name__ == 'array' and len(v) > 50][0][{i}]",
    "plot": "self.data.close.plot(0, {i} + 1)[-1]",
    "range": "max(self.data.close.getzero(idx=len(self) - 1, size=max(1, {i} - len(self) + 2)))",
    "fit": "self.fit[{i}]",
}
"""Ways to read bar `{i}`; each fails or gives a past value where that bar is not there."""
DISTANCES = (1, 3, 50)
STARTS = (0.0, 0.2, 0.6, 0.9)
"""From which part of the bars on the code peeks; before, it is honest."""


def peeks(bars: int) -> Iterator[str]:
    """Strategies that read ahead, by way, distance and the part of the run in which they do."""
    for (way, distance), start in itertools.product(itertools.product(AHEAD, DISTANCES), STARTS):
        ahead = AHEAD[way].format(i=f"(len(self) - 1 + {distance})")
        yield strategy(
            init="import numpy as np\nself.f = self.data.close.array\n"
            "self.fit = np.convolve(np.array(self.f), np.ones(5) / 5, 'same') if way_fit and len(self.f) else []".replace(
                "way_fit", str(way == "fit")
            ),
            each=f"if len(self) % {max(5, bars // 400)}: return\n"
            f"late = len(self) > {int(start * bars)}\n"
            f"try: seen = {ahead} if late else self.data.close[-1]\n"
            "except Exception: seen = self.data.close[0]\n"
            "if seen > self.data.close[0]: self.buy(size=1)\n"
            "else: self.sell(size=1)",
        )


def honest() -> Iterator[str]:
    """Honest strategies: crossings, reversions, breakouts and bands with many numbers."""
    for fast, slow in itertools.product(range(3, 23, 2), range(25, 50, 5)):
        yield strategy(
            init=f"self.x = bt.ind.CrossOver(bt.ind.SMA(period={fast}), bt.ind.EMA(period={slow}))",
            each="if self.x[0] > 0: self.buy(size=2)\nelif self.x[0] < 0 and self.position: self.close()",
        )
        yield strategy(
            init=f"self.r = bt.ind.RSI_Safe(period={fast})",
            each=f"if self.r[0] < {slow} and not self.position: self.buy(size=3)\nelif self.r[0] > 60 and self.position: self.close()",
        )
        yield strategy(
            init=f"self.h = bt.ind.Highest(self.data.high(-1), period={slow})\nself.l = bt.ind.Lowest(self.data.low(-1), period={fast})",
            each="if self.data.close[0] > self.h[0] and not self.position: self.buy(size=1)\n"
            "elif self.data.close[0] < self.l[0] and self.position: self.close()",
        )
        yield strategy(
            init=f"self.b = bt.ind.BollingerBands(period={slow}, devfactor={1 + fast / 20})",
            each="if self.data.close[0] < self.b.bot[0] and not self.position: self.buy(size=1)\n"
            "elif self.data.close[0] > self.b.mid[0] and self.position: self.close()",
        )


def run(console: Console) -> None:
    """Print the table: a quarter of an hour on an idle machine, several hours for the whole of it."""
    if not detect_processor():
        console.print("No kernel isolation on this machine: nothing to measure.")
        return
    table = Table("bars", "method", "code", "runs", "caught or harmless", "not seen", "not checkable", "alarms", "median s")
    with Sandbox() as sandbox:
        for size, method in itertools.product(COUNTS, (Method.LOCK_STEP, Method.FAST)):
            bars = bars_of(size, Timeframe.M5)
            for kind, codes, count in zip(("peeks", "honest"), (list(peeks(size)), list(honest())), COUNTS[size], strict=True):
                table.add_row(*_row(sandbox, bars, method, kind, _thin(codes, count)))
    console.print(table)


def _thin(codes: list[str], count: int) -> list[str]:
    """Thin the codes out to so many, evenly, unless the whole is asked for."""
    return codes if os.environ.get("STRATLOOP_BENCH") == "whole" else codes[:: max(1, len(codes) // count)]


def _row(sandbox: Sandbox, bars: Bars, method: Method, kind: str, codes: list[str]) -> tuple[str, ...]:
    verdicts: Counter[str] = Counter()
    seconds: list[float] = []
    for code in codes:
        began = time.monotonic()
        outcome = sandbox.run(code, PLAN.changed(method=method), bars, cancel=threading.Event())
        seconds.append(time.monotonic() - began)
        verdicts[_judge(sandbox, code, bars, outcome) if kind == "peeks" else outcome.certificate.verdict.value] += 1
    peeked = kind == "peeks"
    return (
        f"{len(bars):,}", method.value, kind, str(len(codes)),
        str(verdicts["caught"]) if peeked else "", str(verdicts["missed"]) if peeked else "",
        str(verdicts[Verdict.NOT_CHECKABLE.value]), "" if peeked else str(verdicts[Verdict.LEAKED.value]),
        f"{sorted(seconds)[len(seconds) // 2]:.2f}",
    )  # fmt: skip


def _judge(sandbox: Sandbox, code: str, bars: Bars, outcome: Outcome) -> str:
    """Tell a peek that was caught or came to nothing from one that was not seen; in fast mode that is *checked*, which counts for nothing.

    In lock-step there is nothing to read, so a clean run there traded without the future.
    """
    verdict = outcome.certificate.verdict
    if verdict is Verdict.NOT_CHECKABLE and outcome.ok:
        return verdict.value
    return "missed" if verdict is Verdict.CHECKED or (verdict is Verdict.CLEAN and outcome.certificate.method is Method.FAST) else "caught"
