"""`python -m tests.bench.search`: does the archive find more than hill climbing for the same money, and does it last?

A scripted model answers both: asked for a kind of change it draws one from a fixed menu, on which some entries help where there is an edge,
some do nothing and some harm. It changes structure only, and when it is asked for anything (as hill climbing asks) it draws from the whole
menu, numbers included. Twelve pairs of asset and workflow, and bars with a planted edge. Shown: training score and hold-out Sharpe
ratio over iteration 0, with 90 % bootstrap intervals over the pairs.
"""

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

from core.domain.bars_request import BarsRequest
from core.domain.model_calls import Finished, ModelEvent, ModelRequest, TextDelta
from core.domain.run import ModelChoice, Run, RunPlan
from core.domain.search import SearchMethod
from core.domain.usage import Cost, Usage, UsageSource
from core.driving.drive import drive
from core.driving.ports import Cancel
from core.services import Services, Settings
from tests.bench.improvement import SYMBOLS, WORKFLOWS, interval, sharpe_of

CALLS = 10
"""Calls that each search may pay for; what costs no call is free, as it is for users."""
PLANTED = 3
"""Sets of bars with an edge that is known to be there."""
USD = 0.01
"""Price of a call of the scripted model."""
MENU: dict[str, tuple[str, ...]] = {
    "entry": ("cross", "breakout", "pullback", "always"),
    "exit": ("cross", "trail", "time", "next_bar"),
    "filter": ("none", "trend", "calm", "odd_days"),
    "size": ("full", "volatility", "tiny"),
}
"""Parts of a program, each with what can stand there: good, useless and harmful ones."""
START = {"entry": "cross", "exit": "cross", "filter": "none", "size": "full"}
NUMBERS = {"fast": 20, "slow": 60, "days": 20, "stop": 3.0}
ASKED = {
    "when a position is opened": "entry",
    "when or how a position is closed": "exit",
    "one filter that keeps": "filter",
    "how large positions are": "size",
    "Take out the one condition": "simplify",
    "Take over from <inspiration>": "cross",
    "Think of a way to trade": "afresh",
}
"""Words of an order, and what they ask for."""
ENTRY = {
    "cross": "self.fast[0] > self.slow[0]",
    "breakout": "self.data.close[0] > self.high[-1]",
    "pullback": "self.data.close[0] > self.slow[0] and self.data.close[0] < self.fast[0]",
    "always": "True",
}
EXIT = {
    "cross": "self.fast[0] < self.slow[0]",
    "trail": "self.data.close[0] < self.top - self.p.stop * self.atr[0]",
    "time": "len(self) - self.since >= self.p.days",
    "next_bar": "True",
}
FILTER = {
    "none": "True",
    "trend": "self.data.close[0] > self.long[0]",
    "calm": "self.atr[0] < 1.2 * self.usual[0]",
    "odd_days": "len(self) % 2 == 1",
}
SIZE = {"full": "0.95", "volatility": "min(0.95, 0.01 * self.data.close[0] / max(self.atr[0], 1e-9))", "tiny": "0.05"}


def write_program(parts: dict[str, str], numbers: dict[str, float]) -> str:
    """Write a program of these parts and numbers; its first line says which."""
    params = ", ".join(f"{name}={value:g}" for name, value in numbers.items())
    return f"""# parts: {" ".join(f"{name}={value}" for name, value in parts.items())}
import backtrader as bt


class Scripted(bt.Strategy):
    params = dict({params})

    def __init__(self):
        self.fast = bt.ind.SMA(self.data.close, period=int(self.p.fast))
        self.slow = bt.ind.SMA(self.data.close, period=int(self.p.slow))
        self.long = bt.ind.SMA(self.data.close, period=150)
        self.high = bt.ind.Highest(self.data.high, period=int(self.p.fast))
        self.atr = bt.ind.ATR(self.data, period=14)
        self.usual = bt.ind.SMA(self.atr, period=100)
        self.top, self.since = 0.0, 0

    def next(self):
        if not self.position:
            if {ENTRY[parts["entry"]]} and {FILTER[parts["filter"]]}:
                self.order_target_percent(target={SIZE[parts["size"]]})
                self.top, self.since = self.data.close[0], len(self)
            return
        self.top = max(self.top, self.data.close[0])
        if {EXIT[parts["exit"]]}:
            self.close()
"""


class ScriptedModel:
    """Draws from the menu what it is asked for; the same seed and iteration give the same draw."""

    def stream(self, request: ModelRequest, *, cancel: Cancel) -> Iterator[ModelEvent]:
        """One program."""
        user = request.prompt.user
        draw = random.Random(f"{request.seed}/{request.loop}")
        program, best, inspiration = (_find(user, tag) for tag in ("program", "best", "inspiration"))
        start = _read(best if "```" in best and "program above" not in best else f"{best}\n{program}")
        other = _read(inspiration)
        parts, numbers = start or (dict(START), dict(NUMBERS))
        asked = next((what for words, what in ASKED.items() if words in user), "anything")
        parts, numbers, change = _change(draw, asked, parts, numbers, other[0] if other else None)
        text = f"Change: {change}\nHypothesis: it may help\n```python\n{write_program(parts, numbers)}```\n"
        yield TextDelta(text=text)
        usage = Usage(prompt_tokens=request.prompt.tokens, completion_tokens=len(text) // 4, source=UsageSource.PROVIDER)
        yield Finished(text=text, finish_reason="stop", usage=usage, cost=Cost(usd=USD, price_source="user"), seconds=0.0)


def _change(
    draw: random.Random, asked: str, parts: dict[str, str], numbers: dict[str, float], other: dict[str, str] | None
) -> tuple[dict[str, str], dict[str, float], str]:
    if asked == "anything":
        asked = draw.choice([*MENU, "numbers"])
    if asked == "numbers":
        name = draw.choice(list(numbers))
        return parts, numbers | {name: max(2, round(numbers[name] * draw.uniform(0.5, 2.0)))}, f"another {name}"
    if asked == "afresh":
        return {name: draw.choice(menu) for name, menu in MENU.items()}, dict(NUMBERS), "another way"
    part = draw.choice(list(MENU)) if asked in ("simplify", "cross") else asked
    if asked == "simplify":
        return parts | {part: START[part]}, numbers, f"the plain {part}"
    if asked == "cross" and other:
        return parts | {part: other.get(part, parts[part])}, numbers, f"the other's {part}"
    return parts | {part: draw.choice([one for one in MENU[part] if one != parts[part]])}, numbers, f"another {part}"


def _find(user: str, tag: str) -> str:
    """A section of the prompt, without the lines that a difference takes out."""
    found = re.search(rf"^<{tag}>(.*?)^</{tag}>", user, re.DOTALL | re.MULTILINE)
    return "\n".join(line for line in found[1].split("\n") if not line.startswith("-")) if found else ""


def _read(text: str) -> tuple[dict[str, str], dict[str, float]] | None:
    """Parts and numbers of a program that is quoted; None where it is none of ours."""
    line, params = re.search(r"# parts: (.*)", text), re.search(r"params = dict\((.*?)\)", text)
    if line is None:
        return None
    numbers = {name: float(value) for name, value in re.findall(r"(\w+)=([\d.]+)", params[1])} if params else dict(NUMBERS)
    return dict(pair.split("=") for pair in line[1].split()), numbers


def plant_bars(folder: Path, seed: int) -> Path:
    """Write daily bars whose drift keeps its sign for months: to be in the market only while it rises is an edge that lasts."""
    draw = np.random.default_rng(seed)
    drift = np.concatenate([np.full(draw.integers(60, 160), side * 0.0012) for _ in range(12) for side in (1, -1)])[:2_000]
    close = 100 * np.cumprod(1 + drift + draw.normal(0, 0.009, len(drift)))
    opening = np.concatenate(([100.0], close[:-1]))
    days = np.busday_offset("2003-01-06", np.arange(len(drift)), roll="forward")
    rows = [
        f"{day},{first:.4f},{max(first, last) * 1.003:.4f},{min(first, last) * 0.997:.4f},{last:.4f},1000000"
        for day, first, last in zip(days, opening, close, strict=True)
    ]
    path = folder / f"planted{seed}.csv"
    path.write_text("\n".join(["Date,Open,High,Low,Close,Volume", *rows]))
    return path


def drive_both(parts: Services, plan: RunPlan) -> dict[str, Run]:
    """Drive a plan with both searches."""
    ports = replace(parts.rooms.ports, model=ScriptedModel())
    return {
        method.value: drive(parts.store.create_run(plan.changed(search=method)).id, ports, cancel=parts.rooms.never)
        for method in (SearchMethod.CLIMB, SearchMethod.ARCHIVE)
    }


def main() -> None:
    """Drive everything and print two tables."""
    console, seed = Console(), int(sys.argv[1]) if len(sys.argv) > 1 else 1
    most = int(sys.argv[2]) if len(sys.argv) > 2 else len(SYMBOLS) * len(WORKFLOWS)
    training: dict[tuple[str, str], list[float]] = {}
    hold_out: dict[tuple[str, str], list[float]] = {}
    spent: dict[str, float] = {}
    with tempfile.TemporaryDirectory() as folder:
        parts = Services(Settings(home=Path(folder)))
        requests = [("pairs", BarsRequest(symbol=symbol), key) for key in WORKFLOWS for symbol in SYMBOLS][:most]
        requests += [("planted", BarsRequest(path=str(plant_bars(Path(folder), number))), "sma_cross") for number in range(PLANTED)]
        try:
            for group, bars, key in requests:
                workflow = parts.workbench.find_workflow(key)
                plan = RunPlan(
                    workflow=workflow, bars=bars, model=ModelChoice(id="scripted/model"), loops=4 * CALLS, budget_usd=CALLS * USD, seed=seed
                )
                for name, run in drive_both(parts, plan).items():
                    done = parts.store.list_iterations(run.id)
                    scores = [one.score for one in done if one.score is not None]
                    training.setdefault((group, name), []).append(max(scores, default=0.0) - (done[0].score or 0.0))
                    hold_out.setdefault((group, name), []).append(sharpe_of(run, "best") - sharpe_of(run, "baseline"))
                    spent[name] = spent.get(name, 0.0) + (run.cost_usd or 0.0)
                console.print(f"{group} {bars.subject} {key}: " + ", ".join(f"{name} {training[group, name][-1]:+.3f}" for name in spent))
        finally:
            parts.close()
    summary = Table("bars", "search", "training score over iteration 0", "hold-out Sharpe over iteration 0", "paid")
    for (group, name), gains in training.items():
        summary.add_row(f"{group} ({len(gains)})", name, interval(gains), interval(hold_out[group, name]), f"${spent[name]:.2f} in all")
    console.print(summary)
    for group in ("pairs", "planted"):
        gaps = [ours - theirs for ours, theirs in zip(training[group, "archive"], training[group, "climb"], strict=True)]
        console.print(
            f"{group}: archive minus climb in training {interval(gaps)}, better on {sum(gap > 0 for gap in gaps)} of {len(gaps)}."
        )


if __name__ == "__main__":
    main()
