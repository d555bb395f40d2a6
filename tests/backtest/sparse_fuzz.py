"""`python -m tests.backtest.sparse_fuzz [count] [seed]`: random workflows in sparse passes and in whole ones: any difference is printed.

Compared to the last bit: orders, fills, trades, ends of orders, and the account at every close; each workflow with its own numbers and,
in the same passes, with others, after other workflows under other accounts. The tests run a few; this command runs as many as you like.
"""

import random
import sys
from collections import Counter
from collections.abc import Callable
from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import seed as start_at
from rich.console import Console

from core.backtest.one_pass import OnePass, ProvedPasses, UnfinishedPassError, run_one_pass
from core.domain.backtest import BacktestPlan
from core.domain.bars import Bars
from core.domain.errors import WorkflowError
from core.domain.instrument import Timeframe
from core.domain.workflow import Workflow
from core.language import compile_workflow, parameters
from tests.backtest.backtest_cases import walk
from tests.backtest.fuzz import PLANS

sys.path.append(str(Path(__file__).parents[1] / "language"))
from workflow_strategies import workflows

FRAMES = (Timeframe.D1, Timeframe.D1, Timeframe.M15, Timeframe.H1)
SERIES = 15
"""Series of bars of each kind: few, so that workflows meet the indicators of others on the same bars."""
_passes: dict[tuple[int, int, Timeframe], ProvedPasses] = {}
ways: Counter[str] = Counter()
"""How the programs went: for the command's last line."""


def find_difference(workflow: Workflow, draw: random.Random, count: int = 400) -> str:
    """Run a workflow both ways; the first difference in words, empty when there is none."""
    kind = (count, draw.randrange(SERIES), draw.choice(FRAMES))
    bars = walk(count, seed=kind[1], timeframe=kind[2])
    plan = draw.choice(PLANS)
    passes = _passes.setdefault(kind, ProvedPasses(plan, bars)).for_plan(plan)
    told = bars.instrument if draw.random() < 0.5 else None
    for turn in range(3):
        numbers = {} if turn == 0 else vary(workflow, draw)
        try:
            code = compile_workflow(workflow, numbers, instrument=told)
        except WorkflowError:
            continue
        if difference := compare(passes, code, plan, bars):
            return f"{difference}\n{code}"
    return ""


def vary(workflow: Workflow, draw: random.Random) -> dict[str, float]:
    """Other values of some of a workflow's numbers."""
    found = {}
    for one in parameters(workflow):
        if draw.random() < 0.5:
            low, high = sorted((max(one.low, one.default / 2), min(one.high, one.default * 2)))
            found[one.name] = float(draw.randint(int(low), max(int(low), int(high)))) if one.integer else draw.uniform(low, high)
    return found


def compare(passes: ProvedPasses, code: str, plan: BacktestPlan, bars: Bars) -> str:
    """Compare the sparse pass over a program with the whole one; the first difference in words."""
    whole, sparse = run_or_none(lambda: run_one_pass(code, plan, bars, signals=False)), passes.run_sparsely(code)
    ways["sparse" if sparse is not None else "left to the whole pass" if whole is not None else "failed"] += 1
    if sparse is None:
        return ""
    if whole is None:
        return "the whole pass did not come to its end"
    for name in ("fills", "trades", "orders", "states", "held_back"):
        if (one := getattr(sparse.result, name)) != (other := getattr(whole.result, name)):
            return f"{name}: {one} and {other}"
    for name in ("equity", "position", "cash"):
        if getattr(sparse.result, name).tobytes() != getattr(whole.result, name).tobytes():
            return f"{name} differs"
    if sparse.records != whole.records:
        return f"orders: {sparse.records} and {whole.records}"
    if (sparse.report.claimed_value, sparse.report.claimed_cash) != (whole.report.claimed_value, whole.report.claimed_cash):
        return "the account at the end differs"
    return "" if not (whole.report.notes or whole.report.early_reads) else f"the whole pass has a word to say: {whole.report.notes}"


def run_or_none(run: Callable[[], OnePass]) -> OnePass | None:
    """What a pass gives; None when it does not come to its end."""
    try:
        return run()
    except UnfinishedPassError:
        return None


def main(count: int, seed: int) -> int:
    """Run so many workflows."""
    wrong: list[str] = []

    @start_at(seed)
    @settings(max_examples=count, deadline=None, database=None, suppress_health_check=list(HealthCheck), print_blob=False)
    @given(workflows())
    def run(workflow: Workflow) -> None:
        difference = find_difference(workflow, random.Random(repr(workflow)))
        if difference and len(wrong) < 5:
            wrong.append(difference)

    run()
    Console().print("\n\n".join([*wrong, f"{len(wrong)} differences, {dict(ways)}"]), markup=False)
    return int(bool(wrong))


if __name__ == "__main__":
    sys.exit(main(*(int(number) for number in (*sys.argv[1:], *("200", "1")[len(sys.argv) - 1 :]))))
