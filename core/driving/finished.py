"""Finished iterations of a run with what every turn asks of all of them, so that the two-hundredth turn costs as much as the fifth."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import islice

from core.domain.backtest import Outcome
from core.domain.iteration import Iteration, find_identity, outranks
from core.driving.candidate_pool import has_orders, has_result, hash_program


@dataclass(slots=True)
class _Sums:
    """Sums over iterations, one entry each: of it and of all before it. And where a program, or a log of orders, came first."""

    best: list[Iteration | None] = field(default_factory=list)
    usd: list[float | None] = field(default_factory=list)
    tries: list[int] = field(default_factory=list)
    """Different ones among those with a score."""
    highest: list[float | None] = field(default_factory=list)
    scored_loops: list[int] = field(default_factory=list)
    loops_at_gain: list[int] = field(default_factory=list)
    """Loops with a score up to that which raised the score last, this one included."""
    last_scored_loop: int | None = None
    programs: dict[str, int] = field(default_factory=dict)
    orders: dict[str, int] = field(default_factory=dict)
    tried: dict[str | int, int] = field(default_factory=dict)

    def add(self, one: Iteration) -> None:
        """Add the next iteration."""
        place = len(self.best)
        best = self.best[-1] if place else None
        self.best.append(one if one.score is not None and not one.awaits_confirmation and outranks(one, best) else best)
        usd = self.usd[-1] if place else 0.0
        self.usd.append(None if usd is None or one.cost.usd is None else usd + one.cost.usd)
        self._add_score(one, place)
        if has_result(one):
            self.programs.setdefault(hash_program(one.code), place)
        if has_orders(one):
            self.orders.setdefault(one.orders_hash, place)

    def _add_score(self, one: Iteration, place: int) -> None:
        highest = self.highest[-1] if place else None
        loops, at_gain = (self.scored_loops[-1], self.loops_at_gain[-1]) if place else (0, 0)
        if one.score is not None:
            self.tried.setdefault(find_identity(one), place)
            if one.loop != self.last_scored_loop:
                self.last_scored_loop, loops = one.loop, loops + 1
            if highest is None or one.score > highest:
                highest, at_gain = one.score, loops
        self.tries.append(len(self.tried))
        self.highest.append(highest)
        self.scored_loops.append(loops)
        self.loops_at_gain.append(at_gain)


class FinishedIterations(tuple[Iteration, ...]):
    """Finished iterations of a run, by number, loop after loop: a tuple whose sums are read off."""

    _sums: _Sums

    def __new__(cls, iterations: Iterable[Iteration] = ()) -> "FinishedIterations":
        """Sum up these, in their order."""
        made = super().__new__(cls, iterations)
        made._sums = _Sums()
        for one in made:
            made._sums.add(one)
        return made

    def followed_by(self, newer: Iterable[Iteration]) -> "FinishedIterations":
        """These and newer ones behind them. Only the newer ones are looked at, unless others have followed these already."""
        if len(self._sums.best) != len(self):
            return FinishedIterations((*self, *newer))
        made = super().__new__(FinishedIterations, (*self, *newer))
        made._sums = self._sums
        for one in islice(made, len(self), None):
            made._sums.add(one)
        return made

    def before(self, loop: int) -> "FinishedIterations":
        """Those of earlier loops."""
        count = len(self)
        while count and self[count - 1].loop >= loop:
            count -= 1
        if count == len(self):
            return self
        made = super().__new__(FinishedIterations, islice(self, count))
        made._sums = self._sums
        return made

    @property
    def best(self) -> Iteration | None:
        """The highest score of those that are sure not to read the future; the earlier one on a tie."""
        return self._sums.best[len(self) - 1] if self else None

    @property
    def usd(self) -> float | None:
        """US dollars of all calls; None as soon as one of them has no known price."""
        return self._sums.usd[len(self) - 1] if self else 0.0

    @property
    def scored_loops_without_gain(self) -> int:
        """Loops with a score since the last one that raised the best."""
        return self._sums.scored_loops[len(self) - 1] - self._sums.loops_at_gain[len(self) - 1] if self else 0

    def find_program(self, code: str) -> Iteration | None:
        """Find the first iteration of the same program whose result would be had again."""
        return self._find(self._sums.programs.get(hash_program(code)))

    def find_orders(self, orders_hash: str) -> Iteration | None:
        """Find the first iteration that placed the very same orders."""
        return self._find(self._sums.orders.get(orders_hash))

    def count_tries(self, *, joining: str = "") -> int:
        """Count the tries that could have been picked as best, as `count_tries` of the domain does."""
        known = self._sums.tries[len(self) - 1] if self else 0
        return known + bool(joining and self._find(self._sums.tried.get(joining)) is None)

    def _find(self, place: int | None) -> Iteration | None:
        return self[place] if place is not None and place < len(self) else None


def sum_up(iterations: Iterable[Iteration]) -> FinishedIterations:
    """The same iterations with their sums, which are there already where a loop brings them."""
    return iterations if isinstance(iterations, FinishedIterations) else FinishedIterations(iterations)


def find_same_program(code: str, done: Iterable[Iteration]) -> Iteration | None:
    """Find an earlier iteration of the same program, whose result would be had again."""
    return sum_up(done).find_program(code)


def find_duplicate(outcome: Outcome, done: Iterable[Iteration]) -> Iteration | None:
    """Find an earlier iteration that placed the very same orders; without any order there is nothing to compare."""
    if not outcome.orders.placed or not outcome.orders_hash:
        return None
    return sum_up(done).find_orders(outcome.orders_hash)
