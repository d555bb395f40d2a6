"""A loop on scripted answers, in a history of its own."""

import threading
from dataclasses import dataclass
from pathlib import Path

from core import language
from core.domain.bars_request import BarsRequest
from core.domain.errors import BudgetError, ProviderError
from core.domain.run import ModelChoice, Run, RunPlan
from core.driving.drive import drive
from core.driving.run_context import Ports
from core.store import Store
from tests.driving.fakes import RuleSandbox, ScriptedAnswers, SeededMarket

WORKFLOW = language.parse((Path(__file__).parents[2] / "data" / "workflows" / "sma_cross.json").read_bytes())


@dataclass
class LoopHarness:
    """A loop with its neighbors, ready to go."""

    parts: Ports
    store: Store
    model: ScriptedAnswers
    sandbox: RuleSandbox
    cancel: threading.Event

    def go(self, **changes: object) -> Run:
        """Carry a new run to its end."""
        changes = {"search": "climb", "workflow": WORKFLOW} | changes
        plan = RunPlan(bars=BarsRequest(symbol="WALK"), model=ModelChoice(id="test/model"), **changes)  # type: ignore[arg-type]
        return drive(self.store.create_run(plan).id, self.parts, cancel=self.cancel)


def build_harness(tmp_path: Path, *answers: str | ProviderError | BudgetError, usd: float | None = 0.01, bars: int = 400) -> LoopHarness:
    store, model, sandbox = Store.in_folder(tmp_path), ScriptedAnswers(answers, usd=usd), RuleSandbox()
    return LoopHarness(Ports(model, sandbox, SeededMarket(bars), store, outage_pauses=()), store, model, sandbox, threading.Event())
