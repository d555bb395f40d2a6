"""A savings plan through the loop: its rows become the plan's, every program is paid alike, the exported one comes to the same money."""

import subprocess
import sys
import threading
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from core import language
from core.backtest.one_pass import run_one_pass
from core.domain.backtest import BacktestPlan, Outcome
from core.domain.bars import Bars
from core.domain.bars_request import BarsRequest, FurtherInstrument
from core.domain.deposits import Deposit, Rhythm, find_deposits
from core.domain.errors import InputError
from core.domain.run import ModelChoice, Objective, Run, RunPlan, Status
from core.driving.deposits import settle_deposits
from core.driving.drive import drive
from core.driving.evaluate import evaluate_code
from core.driving.export import export_iteration
from core.driving.run_context import Ports, load_split_bars
from core.report.assessment import assess
from core.sandbox.outcomes import build_proved_outcome
from core.store import Store
from tests.driving.fakes import RuleSandbox, ScriptedAnswers, SeededMarket, walk

CELLS: tuple[dict[str, Any], ...] = (
    {"section": "entry_long", "indicators": ["close > sma(5)"], "operator": "is true"},
    {"section": "exit_long", "indicators": ["close < sma(5)"], "operator": "is true"},
    {"section": "sizing", "indicators": ["position_size"], "operator": "percent", "thresholds": ["90"]},
    {"section": "sizing", "indicators": ["add_cash"], "operator": "cash", "thresholds": ["700", "monthly"]},
)
WORKFLOW = language.parse({"name": "Saving", "rows": [{"id": f"r{place}", **cells} for place, cells in enumerate(CELLS)]})
MONTHLY = (Deposit(amount=700, every=Rhythm.MONTHLY),)
PLAN = RunPlan(workflow=WORKFLOW, bars=BarsRequest(symbol="WALK"), backtest=BacktestPlan(cash=5_000), model=ModelChoice(id="test/model"))


class RealAccount(RuleSandbox):
    """Runs programs, with the platform's own account."""

    def run(self, code: str, plan: BacktestPlan, bars: Bars, **more: Any) -> Outcome:
        if not more.get("signals"):
            self.ran.append((code, bars))
        done = run_one_pass(code, plan, bars, signals=bool(more.get("signals")))
        return build_proved_outcome({"code": code}, plan, bars, done, time.monotonic())


def finish(folder: Path, *answers: str) -> tuple[Run, Ports]:
    store = Store.in_folder(folder)
    ports = Ports(ScriptedAnswers(answers, usd=0.0), RealAccount(), SeededMarket(600), store, outage_pauses=())
    plan = settle_deposits(PLAN).changed(loops=len(answers), hold_out=0.4, minimum_trades=1)
    return drive(store.create_run(plan).id, ports, cancel=threading.Event()), ports


def answer(size: int) -> str:
    """The workflow's own program with another size."""
    code = language.compile_workflow(WORKFLOW).replace("position_size_percent=90.0", f"position_size_percent={size}.0")
    return f"CHANGE: size\nHYPOTHESIS: none\n```python\n{code}\n```"


def test_rows_that_pay_in_are_the_plans_and_a_plan_without_them_stays_as_it_is() -> None:
    bare = PLAN.changed(workflow=WORKFLOW.changed(rows=WORKFLOW.rows[:-1]))

    assert settle_deposits(PLAN).backtest.deposits == MONTHLY
    assert settle_deposits(bare) is bare
    assert settle_deposits(settle_deposits(PLAN).changed(workflow=bare.workflow)).backtest.deposits == ()


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"bars": BarsRequest(symbol="A", basket=(FurtherInstrument(symbol="B"),))}, "basket cannot be paid into"),
        ({"bars": BarsRequest(symbol="A", others=(FurtherInstrument(symbol="B"),))}, "trades one instrument"),
        ({"objective": Objective.FORMULA, "formula": "final_value / 2"}, "names final_value"),
    ],
)
def test_what_cannot_be_measured_right_beside_deposits_is_refused(changes: dict[str, Any], words: str) -> None:
    with pytest.raises(InputError, match=words):
        settle_deposits(PLAN.changed(**changes))


def test_a_loop_pays_into_every_account_alike_and_goes_on_over_the_hold_out(tmp_path: Path) -> None:
    run, ports = finish(tmp_path, answer(40), answer(40))
    training, held = load_split_bars(run.plan.bars, run.plan.hold_out, ports.market)
    months = [
        int((find_deposits(part.time, MONTHLY, before=before) > 0).sum()) for part, before in ((training, None), (held, training.time))
    ]
    stored = [one for one in ports.history.list_iterations(run.id) if one.metrics is not None]

    assert len(stored) >= 2
    assert {one.metrics.paid_in for one in stored if one.metrics} == {700.0 * months[0]}
    for one in stored:
        detail, found = ports.history.read_detail(run.id, one.number), one.metrics
        assert found is not None
        assert found.total_return == pytest.approx(detail.equity[-1] / 5_000 - 1)
        again = evaluate_code(one.code, run.plan.backtest, training, sandbox=ports.sandbox, cancel=threading.Event()).evaluation
        assert again is not None
        assert again.metrics.final_value == pytest.approx(found.final_value, rel=1e-12)
    assert run.hold_out is not None
    figures = [run.hold_out.best, run.hold_out.baseline, run.hold_out.benchmark, run.hold_out.cash]
    assert {figure.metrics.paid_in for figure in figures if figure and figure.metrics} == {700.0 * months[1]}
    assert run.hold_out.cash is not None
    assert run.hold_out.cash.metrics is not None
    assert run.hold_out.cash.metrics.total_return == 0.0


def test_the_prompt_tells_that_the_platform_pays_in(tmp_path: Path) -> None:
    run, ports = finish(tmp_path, answer(40))

    prompt = ports.history.read_detail(run.id, 1).iteration.prompt

    assert "The platform pays into the account: 700 paid in each month" in prompt
    assert "never calls add_cash()" in prompt


def test_the_exported_program_comes_to_the_measured_money_with_plain_backtrader(tmp_path: Path) -> None:
    run, ports = finish(tmp_path)
    detail = ports.history.read_detail(run.id, 0)
    training, _ = load_split_bars(run.plan.bars, run.plan.hold_out, ports.market)
    metrics = detail.iteration.metrics
    assert metrics is not None
    assert metrics.profit is not None
    done = run.changed(status=Status.COMPLETE, finished=datetime(2026, 1, 1, tzinfo=UTC))
    made = export_iteration(done, detail, detail.iteration.code, training, assess(done, (detail.iteration,), detail), name="saving")
    (tmp_path / "saving.py").write_text(made.code.replace("getvalue():.2f}", "getvalue()!r}"))
    (tmp_path / "saving.csv").write_text(made.bars)

    said = subprocess.run([sys.executable, "saving.py"], cwd=tmp_path, capture_output=True, text=True, check=False)

    assert said.returncode == 0, said.stderr
    assert float(said.stdout.split()[2]) == metrics.final_value, "to the last bit"


def test_half_of_the_money_is_half_of_each_deposit() -> None:
    half = settle_deposits(PLAN).backtest.halve()

    assert (half.cash, [one.amount for one in half.deposits]) == (2_500, [350])
    assert np.array_equal(find_deposits(walk(90).time, half.deposits) * 2, find_deposits(walk(90).time, MONTHLY))
