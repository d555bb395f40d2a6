"""The part of an assessment that stands at once: luck, worth, what to do and the pair on the hold-out, for 31 tries on 1,400 days."""

import time

import numpy as np
from rich.console import Console

from core.domain.bars import Bars
from core.domain.instrument import Instrument, Timeframe
from core.domain.metrics import Metrics
from core.domain.run import Objective
from core.evidence import Try, compare_pair, judge_selection, measure_timing, sharpe_error

TRIES, DAYS = 31, 1_400
TARGET_SECONDS = 0.3
CASH = 100_000.0


def run(console: Console) -> None:
    """Time it five times and print the best and the middle, in seconds of the processor: others may be at work on the machine."""
    draw = np.random.default_rng(1)
    returns = 0.012 * draw.standard_normal(DAYS)
    close = 100.0 * np.cumprod(1.0 + returns)
    days = np.busday_offset("2000-01-03", np.arange(DAYS), roll="forward").astype("datetime64[s]")
    bars = Bars(Instrument(symbol="TEST"), Timeframe.D1, days, close, close, close, close, np.ones(DAYS))
    held = [(draw.random(DAYS) < 0.5).astype(float) for _ in range(TRIES)]
    figures = Metrics(total_return=0.1, trades=30)
    tries = [Try(at, np.concatenate(([0.0], each[:-1])) * returns, figures) for at, each in enumerate(held)]
    seconds = sorted(_time(tries, held, close, bars) for _ in range(5))
    verdict = "within" if seconds[2] < TARGET_SECONDS else "over"
    console.print(
        f"instant part of an assessment, {TRIES} tries, {DAYS:,} days: {seconds[0]:.3f} s at best, {seconds[2]:.3f} s in the middle; "
        f"{verdict} the {TARGET_SECONDS} s that it may take"
    )


def _time(tries: list[Try], held: list[np.ndarray], close: np.ndarray, bars: Bars) -> float:
    began = time.process_time()
    for one, position in zip(tries, held, strict=True):
        equity = CASH * np.cumprod(1.0 + one.returns)
        measure_timing(equity, position * equity / close, bars, cash=CASH)
    judge_selection(tries, TRIES - 1, objective=Objective.SHARPE, periods_per_year=252, seed=0)
    compare_pair(tries[:2], objective=Objective.SHARPE, periods_per_year=252, seed=0)
    sharpe_error(tries[0].returns, periods_per_year=252)
    return time.process_time() - began
