"""`python -m tests.bench.honesty [RUNS] [TRIES] [ROUNDS] [CELLS] [LOOPS]`: how often skill is claimed that is none, and what advice brings.

Whole loops on planted data: markets without an edge, with one, and with one that ends; rules searched by the product's own optimizer;
judged by the product's own tests, hold-out and verdict. The truth is the Sharpe ratio on 40,000 further bars of the same process: on
4,000 its own error of 0.25 would count as a miss of the stated range. Fills are at the close, so that a loop takes half a second; with
ROUNDS the placebo loop is replayed so often too, in the cells of these numbers (`0,4`; all by default). With LOOPS, each analyst lets so
many loops search the same bars, one after the other, and follows the one whose advice stands out most. `core.evidence`,
`core.report.verdict` and `core.llm.optimizer` are the real ones.
"""

import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from math import sqrt

import numpy as np
from rich.console import Console
from rich.table import Table

from core.domain.bars import Bars
from core.domain.decision import Action
from core.domain.hold_out import HoldOut, HoldOutFigure
from core.domain.instrument import Instrument, Timeframe
from core.domain.metrics import Metrics
from core.domain.run import Objective
from core.domain.timing import LUCK_LEVEL
from core.domain.workflow import Parameter
from core.evidence import Try, compare_pair, judge_selection, measure_timing, sharpe_error
from core.llm.optimizer import ParameterTrial, propose_values
from core.report.verdict import Conclusion, VerdictFacts, reach_verdict

TRAINING, HELD, FURTHER = 1_400, 600, 40_000
DAYS = 252
CASH = 100_000.0
FEWEST_TRADES = 5
INSTRUMENT = Instrument(symbol="PLANTED", fractional=True)

Floats = np.ndarray
Values = Mapping[str, float]


# Markets: daily returns.


def draw_walk(generator: np.random.Generator, count: int, drift: float = 0.0) -> Floats:
    """Independent returns; `drift` is the Sharpe ratio of holding."""
    return 0.012 * (generator.standard_normal(count) + drift / sqrt(DAYS))


def draw_clusters(generator: np.random.Generator, count: int) -> Floats:
    """Volatility that clusters, fat tails, and a Sharpe ratio of holding of 0.8 at all times."""
    shocks = generator.standard_t(5, count) / sqrt(5 / 3)
    variance, found = 1.0, np.empty(count)
    for at in range(count):
        found[at] = sqrt(variance) * shocks[at] + variance * 0.8 / sqrt(DAYS)
        variance = 0.02 + 0.08 * (variance * shocks[at] ** 2) + 0.90 * variance
    return 0.012 * found


def draw_memory(generator: np.random.Generator, count: int, memory: float) -> Floats:
    """Returns that carry on a part of the one before."""
    shocks = generator.standard_normal(count)
    for at in range(1, count):
        shocks[at] += memory * shocks[at - 1]
    return 0.012 * shocks


def draw_trends(generator: np.random.Generator, count: int, strength: float, length: float) -> Floats:
    """Trends up and down that last `length` days on average; `strength` is the Sharpe ratio of who knows them."""
    turns = np.cumsum(generator.random(count) < 1.0 / length)
    side = np.where((turns + generator.integers(2)) % 2, 1.0, -1.0)
    return 0.012 * (generator.standard_normal(count) + side * strength / sqrt(DAYS))


def draw_ending(generator: np.random.Generator, count: int) -> Floats:
    """Returns that carry on until the last fifth of the training bars, and never again."""
    memory = draw_memory(generator, count, 0.15)
    plain = draw_walk(generator, count)
    return np.where(np.arange(count) < 0.8 * TRAINING, memory, plain)


# Rules: position held from each close to the next, from the closes up to it.


def hold_between(enter: np.ndarray, leave: np.ndarray, held: float = 1.0) -> Floats:
    """In the market from an entry to the next exit."""
    marks = np.where(enter, 1, np.where(leave, 0, -1))
    last = np.maximum.accumulate(np.where(marks >= 0, np.arange(len(marks)), -1))
    return held * np.where(last >= 0, marks[np.maximum(last, 0)], 0)


def average(values: Floats, length: float) -> Floats:
    """Mean of the last values; NaN before there are enough."""
    size = int(length)
    sums = np.concatenate(([0.0], np.cumsum(values)))
    found = np.full(len(values), np.nan)
    found[size - 1 :] = (sums[size:] - sums[:-size]) / size
    return found


def extreme(values: Floats, length: float, take: Callable[..., Floats]) -> Floats:
    """Highest or lowest of the values before this one."""
    size = int(length)
    found = np.full(len(values), np.nan)
    found[size:] = take(np.lib.stride_tricks.sliding_window_view(values, size)[:-1], axis=1)
    return found


def cross_averages(close: Floats, values: Values) -> Floats:
    """Long while the fast average is above the slow one."""
    return (average(close, values["fast"]) > average(close, values["slow"])).astype(float)


def cross_both_ways(close: Floats, values: Values) -> Floats:
    """Long or short by two averages."""
    fast, slow = average(close, values["fast"]), average(close, values["slow"])
    return np.where(np.isnan(slow) | np.isnan(fast), 0.0, np.sign(fast - slow))


def break_out(close: Floats, values: Values) -> Floats:
    """Long from a new high to a new low."""
    return hold_between(close > extreme(close, values["enter"], np.max), close < extreme(close, values["leave"], np.min))


def revert(close: Floats, values: Values) -> Floats:
    """Long from an oversold strength index to a recovered one."""
    steps = np.diff(close, prepend=close[0])
    rises, falls = average(np.maximum(steps, 0), values["length"]), average(np.maximum(-steps, 0), values["length"])
    index = 100.0 * rises / np.maximum(rises + falls, 1e-12)
    return hold_between(index < values["low"], index > values["high"])


def follow(close: Floats, values: Values) -> Floats:
    """Long or short with the move of some days, which ended some days ago: yesterday's alone carries on."""
    size, ago = int(values["length"]), int(values["ago"])
    moves = np.concatenate((np.zeros(size), np.sign(close[size:] - close[:-size])))
    return np.concatenate((np.zeros(ago), moves[: len(moves) - ago]))


def number(name: str, default: float, low: float, high: float, *, integer: bool = True) -> Parameter:
    """A free number of a rule."""
    return Parameter(name=name, row="r", default=default, low=low, high=high, integer=integer)


@dataclass(frozen=True)
class Family:
    """A rule with its free numbers."""

    trade: Callable[[Floats, Values], Floats]
    parameters: tuple[Parameter, ...]


SMA = Family(cross_averages, (number("fast", 20, 10, 40), number("slow", 100, 50, 200)))
DONCHIAN = Family(break_out, (number("enter", 40, 20, 80), number("leave", 20, 10, 40)))
RSI = Family(revert, (number("length", 14, 7, 28), number("low", 35, 17.5, 45, integer=False), number("high", 55, 46, 80, integer=False)))
MOMENTUM = Family(follow, (number("length", 1, 1, 8), number("ago", 0, 0, 3)))
WIDE = Family(cross_both_ways, (number("fast", 2, 1, 60), number("slow", 8, 4, 240)))


@dataclass(frozen=True)
class Cell:
    """A market, a rule searched on it, and what a trade costs."""

    name: str
    draw: Callable[[np.random.Generator, int], Floats]
    family: Family
    cost: float = 0.0
    edge: bool = False


CELLS = (
    Cell("random walk, averages", draw_walk, SMA),
    Cell("random walk, wide ranges", draw_walk, WIDE),
    Cell("rising, averages", lambda g, n: draw_walk(g, n, 0.8), SMA),
    Cell("rising, breakout", lambda g, n: draw_walk(g, n, 0.8), DONCHIAN),
    Cell("rising, reversion", lambda g, n: draw_walk(g, n, 0.8), RSI),
    Cell("clustered, averages", draw_clusters, SMA),
    Cell("weak edge at hand", lambda g, n: draw_memory(g, n, 0.06), MOMENTUM, 0.0002, edge=True),
    Cell("strong edge at hand", lambda g, n: draw_memory(g, n, 0.15), MOMENTUM, 0.0002, edge=True),
    Cell("improvable", lambda g, n: draw_trends(g, n, 1.9, 120), WIDE, 0.0003, edge=True),
    Cell("strongly improvable", lambda g, n: draw_trends(g, n, 3.2, 120), WIDE, 0.0003, edge=True),
    Cell("edge that ends", draw_ending, MOMENTUM, 0.0002, edge=True),
)


@dataclass(frozen=True)
class Result:
    """What was said of one loop, and what was true."""

    claimed: bool
    verdict: Conclusion
    ended: bool
    """The verdict says that the edge ended."""
    step: float
    """Decision score; 1 without one."""
    tries: int
    action: Action | None
    best_gain: float
    """True gain of the highest training score over iteration 0."""
    advised_gain: float
    """True gain of what was recommended."""
    below: bool
    """The truth is below the stated range of the winner."""
    above: bool
    placebo: bool | None = None
    """What the placebo loop claims; None where it was not asked."""


def to_bars(returns: Floats) -> Bars:
    """Daily bars with these returns from close to close."""
    close = 100.0 * np.cumprod(1.0 + returns)
    time_ = np.busday_offset("2000-01-03", np.arange(len(close)), roll="forward").astype("datetime64[s]")
    return Bars(INSTRUMENT, Timeframe.D1, time_, close, close, close, close, np.ones(len(close)))


def earn(position: Floats, returns: Floats, cost: float) -> Floats:
    """Returns of the account: the position of the close before, less what changing it costs."""
    before = np.concatenate(([0.0], position[:-1]))
    return before * returns - cost * np.abs(np.diff(np.concatenate(([0.0], before))))


def ratio(returns: Floats) -> float:
    """Annualized Sharpe ratio; 0 where nothing varies."""
    deviation = float(returns.std())
    return float(returns.mean()) / deviation * sqrt(DAYS) if deviation > 1e-12 else 0.0


def count_trades(position: Floats) -> int:
    """Number of times that a position was closed."""
    sign = np.sign(position)
    return int(np.count_nonzero((sign[:-1] != 0) & (sign[1:] != sign[:-1])))


def run_loop(cell: Cell, tries: int, seed: int, rounds: int = 0, loops: int = 1) -> Result:
    """One whole loop, judged; of several on the same bars, the one whose advice stands out most."""
    generator = np.random.default_rng(seed)
    returns = cell.draw(generator, TRAINING + HELD + FURTHER)
    training, found, scores = to_bars(returns[:TRAINING]), list[Result](), list[float | None]()
    for loop in range(loops):
        positions, scores = search(cell, returns, tries, seed + 104_729 * loop)
        earlier = sum(one.tries for one in found)
        found.append(judge_loop(cell, returns, positions, scores, training, seed, earlier=earlier))
    judged = min(found, key=lambda one: one.step)
    return replace(judged, placebo=repeat_shuffled(cell, returns, scores, tries, seed, rounds)) if rounds else judged


def repeat_shuffled(cell: Cell, returns: Floats, scores: list[float | None], tries: int, seed: int, rounds: int) -> bool:
    """Whether the placebo loop claims: the whole search again on shuffled days, so many times."""
    best = max((score for score in scores if score is not None), default=-np.inf)
    better = 0
    for number in range(rounds):
        shuffled = np.random.default_rng([seed, number]).permutation(returns[:TRAINING])
        again = search(cell, shuffled, tries, seed + 7_919 * (number + 1))[1]
        better += max((score for score in again if score is not None), default=-np.inf) >= best
    return (1 + better) / (rounds + 1) <= LUCK_LEVEL


def search(cell: Cell, returns: Floats, tries: int, seed: int) -> tuple[list[Floats], list[float | None]]:
    """One whole search by the product's optimizer: the positions of each try, and its score on the training bars."""
    close = 100.0 * np.cumprod(1.0 + returns)
    history: list[ParameterTrial] = []
    positions: list[Floats] = []
    values: Values | None = {parameter.name: parameter.default for parameter in cell.family.parameters}
    for loop in range(tries + 1):
        if loop:
            values = propose_values(cell.family.parameters, history, seed=seed, loop=loop, feasible=is_feasible)
        if values is None:
            break
        position = cell.family.trade(close, values)
        earned = earn(position, returns, cell.cost)[:TRAINING]
        score = ratio(earned) if count_trades(position[:TRAINING]) >= FEWEST_TRADES else None
        history.append(ParameterTrial(values=dict(values), score=score))
        positions.append(position)
    return positions, [trial.score for trial in history]


def is_feasible(values: Values) -> bool:
    """True when a fast average is shorter than a slow one."""
    return values.get("fast", 0.0) < values.get("slow", 1.0)


def judge_loop(
    cell: Cell, returns: Floats, positions: list[Floats], scores: list[float | None], training: Bars, seed: int, *, earlier: int = 0
) -> Result:
    """Ask the product's tests, and hold their answers against the truth; `earlier` tries were made on the same bars before."""
    accounts = [earn(position, returns, cell.cost) for position in positions]
    figures = Metrics(total_return=0.1, trades=20)
    tries = [
        Try(at, account[:TRAINING], figures, scored=score is not None)
        for at, (account, score) in enumerate(zip(accounts, scores, strict=True))
        if score is not None or at == 0
    ]
    best = max((at for at, score in enumerate(scores) if score is not None), key=lambda at: scores[at] or 0.0, default=0)
    count = sum(score is not None for score in scores)
    equity = CASH * np.cumprod(1.0 + accounts[best][:TRAINING])
    timing = measure_timing(equity, positions[best][:TRAINING] * equity / training.close, training, cash=CASH)
    luck = timing.compute_probability(count + earlier) if timing.gap is None else None
    judged = judge_selection(tries, best, objective=Objective.SHARPE, periods_per_year=DAYS, seed=seed)
    held = look(cell, returns, positions[best], accounts, best, seed)
    said = reach_verdict(VerdictFacts(winner=best, luck=luck, no_timing=timing.gap, faded=timing.faded, hold_out=held))
    later = [account[TRAINING + HELD :] for account in accounts]
    advised = judged.decision.recommended if judged.decision else (0,)
    plain, truth = ratio(later[0]), ratio(later[best])
    low, high = (judged.worth.low, judged.worth.high) if judged.worth else (-np.inf, np.inf)
    return Result(
        claimed=luck is not None and luck < LUCK_LEVEL,
        verdict=said.verdict,
        ended=said.rule == "edge_ended",
        step=judged.decision.p_step if judged.decision else 1.0,
        tries=count,
        action=judged.decision.action if judged.decision else None,
        best_gain=truth - plain,
        advised_gain=ratio(np.mean([later[at] for at in advised], axis=0)) - plain,
        below=truth < low,
        above=truth > high,
    )


def look(cell: Cell, returns: Floats, position: Floats, accounts: list[Floats], best: int, seed: int) -> HoldOut:
    """The first look at the hold-out."""
    part = slice(TRAINING, TRAINING + HELD)
    bars = to_bars(returns[part])
    equity = CASH * np.cumprod(1.0 + accounts[best][part])
    metrics = Metrics(total_return=float(equity[-1] / CASH - 1.0), trades=count_trades(position[part]))
    pair = [Try(at, accounts[each][part], metrics) for at, each in enumerate((0, best))]
    figure = HoldOutFigure(name="best", iteration=best, metrics=metrics)
    return HoldOut(
        bars=HELD,
        first=datetime(2006, 1, 1),
        last=datetime(2008, 1, 1),
        best=figure,
        baseline=figure,
        benchmark=figure,
        comparison=compare_pair(pair, objective=Objective.SHARPE, periods_per_year=DAYS, seed=seed) if best else None,
        sharpe_se=sharpe_error(accounts[best][part], periods_per_year=DAYS),
        timing=measure_timing(equity, position[part] * equity / bars.close, bars, cash=CASH),
    )


def describe_share(hits: list[bool]) -> str:
    """A share with its 95 % interval (Wilson)."""
    count, share = len(hits), float(np.mean(hits))
    middle = (share + 1.92 / count) / (1 + 3.84 / count)
    width = 1.96 * sqrt(share * (1 - share) / count + 0.96 / count**2) / (1 + 3.84 / count)
    return f"{share:.0%} ({max(middle - width, 0):.0%} to {min(middle + width, 1):.0%})"


def describe_mean(values: list[float]) -> str:
    """A mean with its 95 % interval."""
    return f"{np.mean(values):+.2f} ± {1.96 * np.std(values) / sqrt(len(values)):.2f}"


def main() -> None:
    """Run every cell and print one line for each."""
    runs, tries, rounds = (int(text) for text in (*sys.argv[1:4], *("60", "10", "0")[len(sys.argv[:4]) - 1 :]))
    loops = int(sys.argv[5]) if len(sys.argv) > 5 else 1
    chosen = {int(text) for text in sys.argv[4].split(",")} if len(sys.argv) > 4 else set(range(len(CELLS)))
    console, began = Console(width=200), time.process_time()
    heads = ("cell", "better than luck", "held up", "overfitted", "edge ended", "advice: keep / half / winner")
    table = Table(*heads, "true gain of the highest", "true gain of the advice", "truth below / above the range", "placebo loop claims")
    for at, cell in enumerate(CELLS):
        if at not in chosen:
            continue
        found = [run_loop(cell, tries, seed=1_000 * (at + 1) + run, rounds=rounds, loops=loops) for run in range(runs)]
        actions = [sum(one.action is action for one in found) for action in Action]
        table.add_row(
            cell.name,
            describe_share([one.claimed for one in found]),
            describe_share([one.verdict is Conclusion.HELD_UP for one in found]),
            describe_share([one.verdict is Conclusion.OVERFITTED for one in found]),
            describe_share([one.ended for one in found]),
            " / ".join(f"{count / runs:.0%}" for count in actions),
            describe_mean([one.best_gain for one in found]),
            describe_mean([one.advised_gain for one in found]),
            f"{np.mean([one.below for one in found]):.0%} / {np.mean([one.above for one in found]):.0%}",
            describe_share([bool(one.placebo) for one in found]) if rounds else "not asked",
        )
    console.print(table)
    console.print(f"{runs} analysts a cell, {loops} loops of {tries} tries each; {time.process_time() - began:.0f} s of processor time.")


if __name__ == "__main__":
    main()
