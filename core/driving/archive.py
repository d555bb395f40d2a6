"""The archive: the best version of each kind; a kind is how often it trades, how long it holds and what it looks at."""

import ast
import hashlib
import random
import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from functools import lru_cache

from core.domain.iteration import Iteration
from core.domain.python_syntax import parse_module_tree

TURNOVER_STEPS = (2.0, 6.0, 20.0)
"""Turnovers a year that divide versions."""
EXPOSURE_STEPS = (0.25, 0.5, 0.75)
"""Shares of time in the market that divide versions."""
RANK_POWER = 2.0
"""Weight of a rank: the second of the archive is started from about a quarter as often as the first."""
FAMILIES = {
    "trend": r"SMA|EMA|WMA|SMMA|DEMA|TEMA|HMA|ZLEMA|KAMA|MovingAverage|CrossOver|MACD|Aroon|ParabolicSAR|Directional|ADX|Vortex|TRIX|PPO",
    "swing": r"RSI|Stochastic|CCI|Williams|Momentum|ROC|PercentRank|Oscillator",
    "range": r"Bollinger|StdDev|ATR|TrueRange|Keltner|Donchian|Highest|Lowest",
    "volume": r"volume|OBV|MFI|VWAP",
    "time": r"datetime|weekday|month|hour",
}
"""Subjects that a version looks at, by the names in its code."""


@dataclass(frozen=True, slots=True)
class VersionKind:
    """One kind of version."""

    turnover: int
    exposure: int
    family: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Parent:
    """A version that was chosen to start from."""

    iteration: Iteration
    rank: int
    """Its place among the best of all kinds, the first is 1."""
    children: int
    """Times that its kind was started from."""
    kinds: int


def find_cell(iteration: Iteration) -> VersionKind | None:
    """Find the kind of a version; None where it has no figures."""
    metrics = iteration.metrics
    if metrics is None:
        return None
    turnover = sum((metrics.turnover or 0.0) >= step for step in TURNOVER_STEPS)
    exposure = sum((metrics.exposure or 0.0) >= step for step in EXPOSURE_STEPS)
    return VersionKind(turnover, exposure, find_families(iteration.code))


@lru_cache(maxsize=1024)
def find_families(code: str) -> tuple[str, ...]:
    """Find what code looks at, comments aside."""
    plain = re.sub(r"#.*", "", code)
    return tuple(name for name, words in FAMILIES.items() if re.search(words, plain))


def build_archive(done: Sequence[Iteration]) -> dict[VersionKind, Iteration]:
    """Build the archive of scored versions: the best of each kind, the earlier one on a tie."""
    best: dict[VersionKind, Iteration] = {}
    for one in done:
        cell = find_cell(one) if one.score is not None else None
        if cell is not None and (cell not in best or (one.score or 0.0) > (best[cell].score or 0.0)):
            best[cell] = one
    return best


def sample_parent(draw: random.Random, done: Sequence[Iteration], taken: Collection[int]) -> Parent | None:
    """Sample a version to start from, not a `taken` one if there is another: by rank, and by how few children its kind has."""
    parents = list_parents(done)
    if not parents:
        return None
    free = [parent for parent in parents if parent.iteration.number not in taken] or parents
    weights = [1.0 / parent.rank**RANK_POWER / (1.0 + 0.5 * parent.children) ** 0.5 for parent in free]
    return draw.choices(free, weights)[0]


def list_parents(done: Sequence[Iteration]) -> list[Parent]:
    """List the best version of each kind, the highest score first."""
    ranked = sorted(build_archive(done).values(), key=lambda one: (-(one.score or 0.0), one.number))
    cells = {one.number: find_cell(one) for one in done}
    children = [cells.get(one.parent) for one in done if one.parent is not None and one.number > 0]
    return [Parent(one, rank, children.count(find_cell(one)), len(ranked)) for rank, one in enumerate(ranked, 1)]


def find_parent(one: Iteration, done: Sequence[Iteration]) -> Parent | None:
    """Find a version among the best of their kinds; None where another of its kind is better."""
    return next((parent for parent in list_parents(done) if parent.iteration.number == one.number), None)


@lru_cache(maxsize=1024)
def hash_structure(code: str) -> str:
    """Hash what a program does, whatever the numbers in its `params`.

    >>> a = "class A(bt.Strategy):\\n    params = dict(n={})\\n    def next(self): self.buy()"
    >>> hash_structure(a.format(1)) == hash_structure(a.format(2)), hash_structure(a) == hash_structure(a.replace("buy", "sell"))
    (True, False)
    """
    try:
        tree = parse_module_tree(code)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return hashlib.sha256(code.encode("utf-8", "surrogatepass")).hexdigest()
    for node in ast.walk(tree):
        if isinstance(node, ast.Assign) and any(isinstance(target, ast.Name) and target.id == "params" for target in node.targets):
            for inner in ast.walk(node.value):
                if isinstance(inner, ast.Constant) and isinstance(inner.value, int | float) and not isinstance(inner.value, bool):
                    inner.value = 0
    return hashlib.sha256(ast.dump(tree).encode("utf-8", "surrogatepass")).hexdigest()
