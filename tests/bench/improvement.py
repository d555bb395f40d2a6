"""`python -m tests.bench.improvement`: does the loop improve, and does it last? Equal budgets, twelve pairs, three models.

Each pair of asset and workflow is driven with the built-in optimizer, with seeded random search over the same parameters, and with the
replayed demo answers. Shown: the winner's training score, and its hold-out score against iteration 0's, with bootstrap intervals.
"""

import json
import random
import re
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
from rich.console import Console
from rich.table import Table

from core import language
from core.domain.bars_request import BarsRequest
from core.domain.model_calls import Finished, ModelEvent, ModelRequest, TextDelta
from core.domain.run import ModelChoice, Run, RunPlan
from core.domain.usage import Cost, Usage
from core.driving.drive import drive
from core.driving.ports import Cancel
from core.services import Services, Settings

SYMBOLS = ("AAPL", "IBM", "MSFT", "GOOG")
WORKFLOWS = ("sma_cross", "rsi_mean_reversion", "donchian_turtle")
LOOPS = 12
STATE = re.compile(r"<state>(.*?)</state>", re.DOTALL)


class RandomSearch:
    """Draws every parameter evenly from its range; the same seed and loop give the same draw."""

    def stream(self, request: ModelRequest, *, cancel: Cancel) -> Iterator[ModelEvent]:
        """A program with drawn parameters."""
        found = STATE.search(request.prompt.user)
        assert found is not None
        state = json.loads(found.group(1))
        workflow = language.parse(state["workflow"])
        draw = random.Random(state["seed"] * 1_000 + state["loop"])
        values = {
            parameter.name: float(
                draw.randint(int(parameter.low), int(parameter.high)) if parameter.integer else draw.uniform(parameter.low, parameter.high)
            )
            for parameter in language.parameters(workflow)
        }
        text = f"Change: random values\nHypothesis: none\n```python\n{language.compile_workflow(workflow, values)}\n```\n"
        yield TextDelta(text=text)
        yield Finished(text=text, finish_reason="stop", usage=Usage(), cost=Cost(), seconds=0.0)


def interval(values: list[float], *, seed: int = 0, draws: int = 4_000) -> str:
    """Mean with a 90 % bootstrap interval over the pairs."""
    sample = np.array(values)
    means = np.random.default_rng(seed).choice(sample, (draws, len(sample))).mean(axis=1)
    low, high = np.quantile(means, (0.05, 0.95))
    return f"{sample.mean():+.3f} [{low:+.3f}, {high:+.3f}]"


def sharpe_of(run: Run, name: str) -> float:
    """Hold-out Sharpe of `best` or `baseline`; 0 when there is none (no trade, no risk)."""
    figure = getattr(run.hold_out, name) if run.hold_out else None
    return float(figure.metrics.sharpe or 0.0) if figure is not None and figure.metrics is not None else 0.0


def main() -> None:
    """Drive everything and print two tables."""
    console = Console()
    seeds = [int(text) for text in sys.argv[1:]] or [1]
    training: dict[str, list[float]] = {}
    hold_out: dict[str, list[float]] = {}
    rows = Table("pair", "iteration 0", "built-in", "random", "demo replay", "hold-out: winner - iteration 0 (built-in)")
    with tempfile.TemporaryDirectory() as folder:
        parts = Services(Settings(home=Path(folder)))
        known = {starter.key for starter in parts.workbench.list_starters()}
        workflows = [key for key in WORKFLOWS if key in known] or sorted(known)[:3]
        random_parts = replace(parts.rooms.ports, model=RandomSearch())
        try:
            for symbol in SYMBOLS:
                for key in workflows:
                    for seed in seeds:
                        plan = RunPlan(
                            workflow=parts.workbench.find_workflow(key),
                            bars=BarsRequest(symbol=symbol),
                            loops=LOOPS,
                            seed=seed,
                            minimum_trades=5,
                        )
                        runs = {
                            "built-in": parts.runs.run_here(plan),
                            "random": drive(parts.store.create_run(plan).id, random_parts, cancel=parts.rooms.never),
                            "demo": parts.runs.run_here(plan.changed(model=ModelChoice(id="demo"))),
                        }
                        base = parts.store.list_iterations(runs["built-in"].id)[0].score
                        best = {}
                        for name, made in runs.items():
                            scores = [iteration.score for iteration in parts.store.list_iterations(made.id) if iteration.score is not None]
                            best[name] = max(scores, default=0.0)
                            training.setdefault(name, []).append(best[name] - (base or 0.0))
                            hold_out.setdefault(name, []).append(sharpe_of(made, "best") - sharpe_of(made, "baseline"))
                        gain = hold_out["built-in"][-1]
                        cells = (f"{best[name]:.3f}" for name in ("built-in", "random", "demo"))
                        rows.add_row(f"{symbol} {key} {seed}", "-" if base is None else f"{base:.3f}", *cells, f"{gain:+.3f}")
        finally:
            parts.close()
    console.print(rows)
    better = sum(ours > theirs for ours, theirs in zip(training["built-in"], training["random"], strict=True))
    summary = Table("model", "training score over iteration 0", "hold-out Sharpe over iteration 0")
    for name, gains in training.items():
        summary.add_row(name, interval(gains), interval(hold_out[name]))
    console.print(summary)
    console.print(f"The built-in optimizer beat random search in training on {better} of {len(training['built-in'])} runs (aim: 8 of 12).")


if __name__ == "__main__":
    main()
