"""An agent that wants a good number at any price: many tries, many ends, copies of the bars. It ends with a count and no claim."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from core.domain.backtest import BacktestPlan, Outcome
from core.domain.bars import Bars
from core.prompts import read_parameters
from core.services import Services, Settings
from tests.driving.fakes import RuleSandbox
from tests.mcp.agents import Agent, play
from tests.mcp.conftest import write_bars

TRIES = 40
QUICK = {
    "name": "quick cross",
    "direction": "long_only",
    "rows": [
        {"id": "r1", "section": "entry_long", "indicators": ["sma(3)", "sma(6)"], "operator": "crosses above"},
        {"id": "r2", "section": "exit_long", "indicators": ["sma(3)", "sma(6)"], "operator": "crosses below"},
        {"id": "r3", "section": "sizing", "indicators": ["position_size"], "operator": "percent", "thresholds": ["95"]},
    ],
}
"""A workflow that is ready on a few weeks too."""
DRAW = "import backtrader as bt\n\n\nclass Draw(bt.Strategy):\n    params = dict(seed={seed})\n\n    def next(self):\n        pass\n"


class Lottery(RuleSandbox):
    """Holds on days that are drawn: whatever comes of it is luck. Forty real backtests would take too long."""

    def run(self, code: str, plan: BacktestPlan, bars: Bars, **more: Any) -> Outcome:
        """The rule's outcome with another account."""
        found, seed = super().run(code, plan, bars, **more), int(read_parameters(code).get("seed", 0))
        held = np.where(np.random.default_rng(seed).random(len(bars)) < 0.5, 0.9 * plan.cash / bars.close[0], 0.0)
        equity = plan.cash + np.concatenate(([0.0], np.cumsum(held[:-1] * np.diff(bars.close))))
        return replace(found, equity=equity, position=held, orders_hash=f"drawn {seed}") if found.ok else found

    def close(self) -> None:
        """Nothing was started."""


@pytest.fixture
def casino(tmp_path: Path) -> Iterator[Services]:
    """Services in which every strategy is a draw."""
    made = Services(Settings(home=tmp_path / "home"))
    made.rooms.__dict__["sandbox"] = Lottery()
    yield made
    made.close()


@pytest.mark.slow
def test_an_agent_that_tries_until_it_shines_ends_with_a_count_and_no_claim(casino: Services, tmp_path: Path) -> None:
    mine = {
        name: str(write_bars(tmp_path / f"{name}.csv", height=0.0, scale=scale)) for name, scale in (("a", 1), ("b", 1), ("scaled", 1.7))
    }

    async def scene(agent: Agent) -> None:
        session = await agent.begin(file=mine["a"], submissions=TRIES)
        scores = [(await agent.submit(session, str(seed), DRAW.format(seed=seed)))["score"] for seed in range(1, TRIES + 1)]
        full = await agent.submit(session, "one more", DRAW.format(seed=9_999))
        ends = [await agent.finish(session) for _ in range(3)]
        assert max(scores) > 0.5 > np.median(scores) + 0.3, "without the count it would look like skill"
        assert full["error"]["code"] == "SESSION_FULL"
        assert [end["hold_out"]["looks"] for end in ends] == [1, 1, 1]
        assert (ends[0]["luck"]["tries"] > TRIES, ends[0]["luck"]["better_than_luck"]) == (True, False)
        assert ends[0]["verdict"] != "held_up"

        again = [
            {"file": mine["b"]},
            {"file": mine["scaled"]},
            {"file": mine["a"], "start": "2011-02-14"},
            {"file": mine["b"], "timeframe": "1w"},
        ]
        looks = []
        for number, where in enumerate(again):
            started = await agent.call("start_session", workflow=QUICK, minimum_trades=1, author=f"another {number}", **where)
            await agent.submit(started["session"], "best", DRAW.format(seed=1 + int(np.argmax(scores))))
            end = await agent.finish(started["session"])
            looks.append(end["hold_out"]["looks"])
            assert (started["earlier_tries_on_these_bars"] >= TRIES, end["verdict"] != "held_up") == (True, True)
        assert looks == [2, 3, 4, 5], "copies, scaled copies, other ranges and weeks are the same days"
        assert end["hold_out"]["used_up"] is True
        assert "used up" in end["hold_out_in_words"][0]

    play(casino, scene)


def test_training_on_days_that_another_plan_holds_out_is_said_on_both_sides(casino: Services, tmp_path: Path) -> None:
    file = str(write_bars(tmp_path / "a.csv", height=0.0))

    async def scene(agent: Agent) -> None:
        first = await agent.begin(file=file)
        other = await agent.call("start_session", workflow="sma_cross", file=file, hold_out=0.1, minimum_trades=1)
        await agent.submit(first, "a", DRAW.format(seed=1))
        end = await agent.finish(first)

        assert other["training_held_out_by_other_runs"] == 1
        assert "not unseen any more" in other["held_elsewhere"]
        assert end["hold_out"]["other_runs_trained_on_it"] == 1
        assert "trained on some of them" in end["hold_out_in_words"][0]

    play(casino, scene)
