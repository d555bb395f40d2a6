"""`python -m tests.bench.within_bars [RUNS] [FIRST]`: how often skill is claimed of rules that hold within a bar, where there is none.

Days are walked through in small steps, so that stops, targets and limits fill where the price passes them; what a rule holds in
between stands at no close. One try a run, without costs. The last column but one is the same test by the closes alone. `FIRST` is the
number of the first run, for new ones. `core.evidence` is the real one.
"""

import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from math import sqrt

import numpy as np
from rich.console import Console
from rich.table import Table

from core.domain.backtest import Fill
from core.domain.bars import Bars
from core.domain.timing import LUCK_LEVEL, Timing
from core.evidence import measure_timing
from tests.bench.honesty import CASH, DAYS, TRAINING, Floats, describe_share, to_bars

STEPS = 26
"""Steps of a day from its open to its close: a quarter of an hour each."""
SWING = 0.012
"""Deviation of a day's return."""
SPELLS = 0.9
"""Deviation of the logarithm of a day's variance where wild spells follow calm ones."""


# Markets: prices within each day, shape (days, 1 + STEPS); the first of a day is its open, the last its close.


def walk_days(generator: np.random.Generator, count: int, sharpe: float, *, night: float = 0.0) -> Floats:
    """Days of the same swing that rise with a Sharpe ratio; `night` is the share of both between the close and the next open."""
    return build_paths(generator, np.ones(count), np.full(count, sharpe), night)


def walk_clusters(generator: np.random.Generator, count: int, sharpe: float) -> Floats:
    """Swings that cluster, with fat tails; what a day earns on average is in proportion to its variance."""
    tails = sqrt(3.0) / np.sqrt(generator.chisquare(5, count))
    variance, swings, ratios = 1.0, np.empty(count), np.empty(count)
    for day, shock in enumerate(generator.standard_normal(count) * tails):
        swings[day], ratios[day] = sqrt(variance) * tails[day], variance * sharpe
        variance = 0.02 + 0.08 * variance * shock**2 + 0.90 * variance
    return build_paths(generator, swings, ratios / swings, 0.0)


def walk_spells(generator: np.random.Generator, count: int, sharpe: float) -> Floats:
    """Calm and wild spells of months, the wild ones with several times the variance, to which what a day earns is in proportion."""
    shocks = SPELLS * sqrt(1.0 - 0.97**2) * generator.standard_normal(count)
    level, swings = 0.0, np.empty(count)
    for day, shock in enumerate(shocks):
        level = 0.97 * level + shock
        swings[day] = np.exp((level - SPELLS**2 / 2.0) / 2.0)
    return build_paths(generator, swings, swings * sharpe, 0.0)


def build_paths(generator: np.random.Generator, swings: Floats, sharpe: Floats, night: float) -> Floats:
    """Prices of days with these swings (1 is the usual one) and these means, in annualized deviations of the day."""
    parts = np.array([night, *np.full(STEPS, (1.0 - night) / STEPS)])
    deviation = SWING * swings[:, None]
    steps = deviation * np.sqrt(parts) * generator.standard_normal((len(swings), len(parts)))
    means = deviation * parts * sharpe[:, None] / sqrt(DAYS) - deviation**2 * parts / 2.0
    return 100.0 * np.exp(np.cumsum((steps + means).ravel())).reshape(steps.shape)


# Rules: what an account does on each day, knowing no price before its time.


@dataclass
class SteppedAccount:
    """An account that trades within days."""

    cash: float = CASH
    units: float = 0.0
    entry: float = 0.0
    since: int = 0
    fills: list[Fill] = field(default_factory=list)

    def enter(self, day: int, price: float, kind: str, side: float = 1.0) -> None:
        """Trade the whole account at this price."""
        self.units, self.entry, self.since = side * self.cash / price, price, day
        self._fill(day, self.units, price, kind)

    def leave(self, day: int, price: float, kind: str) -> None:
        """Close what is held."""
        self._fill(day, -self.units, price, kind)
        self.cash += self.units * (price - self.entry)
        self.units = 0.0

    def value(self, price: float) -> float:
        """Worth of the account at this price."""
        return self.cash + self.units * (price - self.entry)

    def _fill(self, day: int, size: float, price: float, kind: str) -> None:
        self.fills.append(Fill(order=0, bar=day, size=size, price=price, commission=0.0, kind=kind))


Rule = Callable[[SteppedAccount, int, Floats, float, np.random.Generator], None]
"""Trades a day: its number, its prices, the close before it, and chance."""


def leave_away(up: float, down: float, side: float = 1.0) -> Rule:
    """Enter at every open; leave where the price has moved by `up` for the position, or by `down` against it."""

    def trade(account: SteppedAccount, day: int, prices: Floats, before: float, generator: np.random.Generator) -> None:
        if not account.units:
            account.enter(day, float(prices[0]), "market", side)
        moved = side * (prices / account.entry - 1.0)
        leave_first(account, day, prices, (moved >= up) | (moved <= -down), "limit")

    return trade


def buy_dips(depth: float) -> Rule:
    """Buy with a limit under the last close; sell at the next open."""

    def trade(account: SteppedAccount, day: int, prices: Floats, before: float, generator: np.random.Generator) -> None:
        if account.units:
            account.leave(day, float(prices[0]), "market")
        elif len(reached := np.flatnonzero(prices <= before * (1.0 - depth))):
            account.enter(day, float(prices[reached[0]]), "limit")

    return trade


def buy_breakouts(height: float, loss: float, days: int) -> Rule:
    """Buy with a stop above the last close; leave at a loss, or at the open some days later."""

    def trade(account: SteppedAccount, day: int, prices: Floats, before: float, generator: np.random.Generator) -> None:
        first = 0
        if account.units and day - account.since >= days:
            account.leave(day, float(prices[0]), "market")
        elif not account.units and len(reached := np.flatnonzero(prices >= before * (1.0 + height))):
            first = int(reached[0])
            account.enter(day, float(prices[first]), "stop")
        if account.units:
            later = np.arange(len(prices)) >= first
            leave_first(account, day, prices, later & (prices <= account.entry * (1.0 - loss)), "stop")

    return trade


def hold_days(share: float) -> Rule:
    """Buy at the open and sell at the close of a share of the days."""

    def trade(account: SteppedAccount, day: int, prices: Floats, before: float, generator: np.random.Generator) -> None:
        if generator.random() < share:
            account.enter(day, float(prices[0]), "market")
            account.leave(day, float(prices[-1]), "close")

    return trade


def leave_first(account: SteppedAccount, day: int, prices: Floats, marks: np.ndarray, kind: str) -> None:
    """Close what is held at the first marked price, if any is."""
    if len(marked := np.flatnonzero(marks)):
        account.leave(day, float(prices[marked[0]]), kind)


@dataclass(frozen=True)
class InsideCell:
    """A rule without skill, and the market that it trades."""

    name: str
    rule: Rule
    draw: Callable[[np.random.Generator, int], Floats]


def build_cells(sharpe: float) -> tuple[InsideCell, ...]:
    """The rules on days that rise with this Sharpe ratio while they trade."""

    def plain(generator: np.random.Generator, count: int) -> Floats:
        return walk_days(generator, count, sharpe)

    def nights(generator: np.random.Generator, count: int) -> Floats:
        return walk_days(generator, count, sharpe, night=0.5)

    def clusters(generator: np.random.Generator, count: int) -> Floats:
        return walk_clusters(generator, count, sharpe)

    def spells(generator: np.random.Generator, count: int) -> Floats:
        return walk_spells(generator, count, sharpe)

    return (
        InsideCell("bought at the open, left 0.5 % away", leave_away(0.005, 0.005), plain),
        InsideCell("the same, 1 %", leave_away(0.01, 0.01), plain),
        InsideCell("the same, half of the moves over night", leave_away(0.01, 0.01), nights),
        InsideCell("the same, clustered swings", leave_away(0.01, 0.01), clusters),
        InsideCell("the same, calm and wild spells", leave_away(0.01, 0.01), spells),
        InsideCell("target 2 %, stop 1 %", leave_away(0.02, 0.01), plain),
        InsideCell("sold short, left 1 % away", leave_away(0.01, 0.01, side=-1.0), plain),
        InsideCell("the same, clustered swings", leave_away(0.01, 0.01, side=-1.0), clusters),
        InsideCell("the same, calm and wild spells", leave_away(0.01, 0.01, side=-1.0), spells),
        InsideCell("limit 1 % under the last close", buy_dips(0.01), plain),
        InsideCell("stop 0.8 % above it, stop-loss 1 %", buy_breakouts(0.008, 0.01, 3), plain),
        InsideCell("open to close of half of the days", hold_days(0.5), plain),
    )


CELLS = tuple((sharpe, cell) for sharpe in (0.8, 1.5, -0.8) for cell in build_cells(sharpe))


def run_rule(cell: InsideCell, seed: tuple[int, ...], days: int = TRAINING) -> tuple[Timing, Timing]:
    """One run of a rule without skill: its timing, and the same by the closes alone."""
    generator = np.random.default_rng(seed)
    paths = cell.draw(generator, days)
    equity, position, fills = trade_days(cell.rule, paths, generator)
    bars = collect_bars(paths)
    return measure_timing(equity, position, bars, cash=CASH, fills=fills), measure_timing(equity, position, bars, cash=CASH)


def trade_days(rule: Rule, paths: Floats, generator: np.random.Generator) -> tuple[Floats, Floats, list[Fill]]:
    """Let a rule trade every day but the first; gives account and units at each close, and the fills."""
    account, equity, position = SteppedAccount(), np.full(len(paths), CASH), np.zeros(len(paths))
    for day in range(1, len(paths)):
        rule(account, day, paths[day], float(paths[day - 1, -1]), generator)
        equity[day], position[day] = account.value(float(paths[day, -1])), account.units
    return equity, position, account.fills


def collect_bars(paths: Floats) -> Bars:
    """The daily bars of these prices."""
    columns = {"open": paths[:, 0], "high": paths.max(axis=1), "low": paths.min(axis=1), "close": paths[:, -1]}
    return replace(to_bars(np.zeros(len(paths))), **columns, _hash=[])


def is_claimed(timing: Timing) -> bool:
    """True when one try with this timing is called better than luck."""
    return timing.gap is None and timing.compute_probability(1) < LUCK_LEVEL


def main() -> None:
    """Run every cell and print one line for each."""
    runs, first = (int(text) for text in (*sys.argv[1:3], *("300", "0")[len(sys.argv[1:3]) :]))
    console, began = Console(width=160), time.process_time()
    table = Table("Sharpe ratio of holding", "rule", '"better than luck"', "by the closes alone", "exposure")
    for number, (sharpe, cell) in enumerate(CELLS):
        found = [run_rule(cell, (number, first + run)) for run in range(runs)]
        said, closes = [one for one, _ in found if one.gap is None], [one for _, one in found if one.gap is None]
        table.add_row(
            f"{sharpe:+.1f}",
            cell.name,
            describe_share([is_claimed(one) for one in said]) if said else "no statement",
            describe_share([is_claimed(one) for one in closes]) if closes else "no statement",
            f"{np.mean([one.exposure for one in said]):+.2f}" if said else "",
        )
    console.print(table)
    console.print(f"{runs} runs of {TRAINING} days a row, one try each; {time.process_time() - began:.0f} s of processor time.")


if __name__ == "__main__":
    main()
