"""An exported file runs with plain Backtrader, on its own, and comes to the measured value."""

import csv
import io
import os
import subprocess
import sys
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import numpy as np
import pytest

from core.backtest.bar_source import BarStream, MomentStream
from core.backtest.one_pass import ProvedPasses
from core.backtest.orders import parse_record
from core.backtest.replay import replay as replay_orders
from core.backtest.strategy_runner import run_strategy
from core.domain.aligned_bars import align_bars
from core.domain.backtest import BacktestPlan, OutcomeStatus, Stage
from core.domain.bars import Bars
from core.domain.bars_request import BarsRequest
from core.domain.basket import build_basket
from core.domain.deposits import Deposit, Rhythm
from core.domain.errors import InputError
from core.domain.instrument import Instrument, Timeframe
from core.domain.iteration import Iteration, IterationDetail
from core.domain.metrics import Metrics
from core.domain.run import Run, RunPlan, Status
from core.domain.workflow import Workflow
from core.driving.export import Export, ExportProof, export_iteration, find_strategy_name, render_bars_csv
from core.language import compile_workflow
from core.report.assessment import assess
from tests.driving.fakes import walk

CODE = """from __future__ import annotations
import backtrader as bt


class Base(bt.Strategy):
    pass


class Weekly(Base):
    timeframes = ("1w",)

    def next(self):
        if len(self.datas[1]) == 3 and not self.position:
            self.buy(size=100)
"""


PROOF = ExportProof(final=12_345.67, versions={"backtrader": "1.9.78.123", "python": "3.11.7"}, day=date(2026, 1, 2))


MONEY = BacktestPlan(cash=50_000, slippage=0.01)


def exported(code: str = CODE, *, name: str = "winner", bars: Bars | None = None, money: BacktestPlan = MONEY) -> Export:
    plan = RunPlan(workflow=Workflow(name='Cross "quoted"\nname'), bars=BarsRequest(symbol="WALK"), backtest=money)
    run = Run(id="abcd1234", plan=plan, status=Status.COMPLETE, iterations=3, created=datetime(2026, 1, 1, tzinfo=UTC))
    metrics = Metrics(total_return=0.1, sharpe=1.0, final_value=12_345.67)
    iteration = Iteration(
        run_id=run.id,
        number=2,
        parent=0,
        status=OutcomeStatus.OK,
        stage=Stage.DONE,
        model="built-in",
        code=code,
        metrics=metrics,
        created=run.created,
    )
    detail = IterationDetail(iteration=iteration, equity=np.empty(0), position=np.empty(0), fills=(), trades=())
    return export_iteration(run, detail, code, bars or walk(60), assess(run, (iteration,), detail), name=name, proof=PROOF)


def test_the_file_runs_alone_with_plain_backtrader(tmp_path: Path) -> None:
    made = exported()
    (tmp_path / "winner.py").write_text(made.code)
    (tmp_path / "winner.csv").write_text(made.bars)

    done = subprocess.run([sys.executable, "winner.py"], cwd=tmp_path, capture_output=True, text=True, check=False)

    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("final value ")
    assert "(Stratloop measured 12345.67)" in done.stdout
    assert float(done.stdout.split()[2]) != 50_000.0


def test_what_a_script_says_about_its_run_goes_with_the_file(tmp_path: Path) -> None:
    made = exported(
        "import backtrader as bt\nclass S(bt.Strategy):\n    params = dict(at=0)\n    def next(self):\n"
        "        if len(self) == self.p.at and self.analyzers.mine.get_analysis() is not None: self.buy()\n"
        "SCRIPT_RUN = {'strategy': S, 'parameters': {'at': 5}, 'sizer': bt.sizers.FixedSize, 'sizer_parameters': {'stake': 7}, "
        "'analyzers': (((bt.analyzers.DrawDown,), {'_name': 'mine'}),)}\n"
    )
    (tmp_path / "winner.py").write_text(made.code)
    (tmp_path / "winner.csv").write_text(made.bars)

    done = subprocess.run([sys.executable, "winner.py"], cwd=tmp_path, capture_output=True, text=True, check=False)

    assert done.returncode == 0, done.stderr
    assert float(done.stdout.split()[2]) != 50_000.0


def test_a_program_that_walks_over_a_set_of_words_ends_the_same_way_each_time(tmp_path: Path) -> None:
    made = exported(
        "import backtrader as bt\nclass S(bt.Strategy):\n    def next(self):\n"
        "        word = next(iter({'one', 'three', 'fifteen'}))\n        if len(self) == len(word): self.buy(size=100)\n"
    )
    (tmp_path / "winner.py").write_text(made.code)
    (tmp_path / "winner.csv").write_text(made.bars)

    said = set()
    for seed in ("0", "1", "2"):
        given = os.environ | {"PYTHONHASHSEED": seed}
        said.add(subprocess.run([sys.executable, "winner.py"], cwd=tmp_path, env=given, capture_output=True, text=True, check=True).stdout)

    assert len(said) == 1
    assert "subprocess" not in exported().code, "only where the order of a set can matter"


def test_the_header_says_what_it_was_measured_on() -> None:
    code = exported().code

    assert "run abcd1234, iteration 2, written by the built-in optimizer (not an AI model)" in code
    assert walk(60).hash in code
    assert "Proved: on 2026-01-02 this program was run in a fresh process" in code
    assert "Sharpe ratio 1.00, max drawdown 0.0%, total return 10.0%" in code
    assert "0 tries of this run" in code
    assert "not investment advice" in " ".join(line.removeprefix("# ") for line in code.splitlines()[:14])


def test_a_name_with_quotes_and_line_breaks_cannot_become_code(tmp_path: Path) -> None:
    compile(exported().code, "winner.py", "exec")


def test_bars_come_back_from_csv_bit_for_bit() -> None:
    bars = walk(60)

    rows = list(csv.DictReader(io.StringIO(render_bars_csv(bars))))

    assert [float(row["close"]) for row in rows] == bars.close.tolist()


def test_the_strategy_that_runs_is_the_last_one_in_the_file() -> None:
    assert find_strategy_name(CODE) == "Weekly"
    with pytest.raises(InputError, match="no strategy"):
        find_strategy_name("x = 1")
    with pytest.raises(InputError, match="parse"):
        find_strategy_name("class (")


def test_an_iteration_without_figures_is_not_exported() -> None:
    run = Run(
        id="a",
        plan=RunPlan(workflow=Workflow(name="w"), bars=BarsRequest()),
        status=Status.COMPLETE,
        created=datetime(2026, 1, 1, tzinfo=UTC),
    )
    iteration = Iteration(
        run_id="a", number=1, parent=0, status=OutcomeStatus.ERROR, stage=Stage.RUN, model="m", created=datetime(2026, 1, 1, tzinfo=UTC)
    )
    empty = np.empty(0)

    with pytest.raises(InputError, match="no figures"):
        export_iteration(run, IterationDetail(iteration, empty, empty, (), ()), CODE, walk(40), assess(run, (iteration,)))


OPENINGS = Workflow.model_validate(
    {
        "name": "Openings",
        "direction": "long_short",
        "rows": [
            {"id": "r1", "section": "entry_long", "indicators": ["limit_on_open"], "operator": "price", "thresholds": ["sma(3)"]},
            {"id": "r2", "section": "entry_short", "indicators": ["limit_on_open"], "operator": "price", "thresholds": ["sma(3) * 1.01"]},
            {"id": "r3", "section": "exit_long", "indicators": ["limit_on_open"], "operator": "price", "thresholds": ["high * 1.001"]},
            {"id": "r4", "section": "exit_short", "indicators": ["limit_on_open"], "operator": "price", "thresholds": ["low * 0.999"]},
            {"id": "r5", "section": "risk", "indicators": ["stop_loss"], "operator": "percent", "thresholds": ["2"]},
            {"id": "r6", "section": "risk", "indicators": ["take_profit"], "operator": "percent", "thresholds": ["1"]},
        ],
    }
)


@pytest.mark.parametrize("deposits", [(), (Deposit(amount=777.7, every=Rhythm.MONTHLY),)])
def test_orders_for_the_opening_come_to_the_measured_value_to_the_last_bit(tmp_path: Path, deposits: tuple[Deposit, ...]) -> None:
    code, bars, plan = compile_workflow(OPENINGS), walk(250), MONEY.changed(deposits=deposits, slippage=0.0)
    done = ProvedPasses(plan, bars).run(code, signals=False)
    counts, kinds = done.result.orders, {fill.kind for fill in done.result.fills}
    assert counts.missed_open > 10
    assert kinds >= {"limit_on_open", "stop", "limit"}

    made = exported(code, name="openings", bars=bars, money=plan)
    (tmp_path / "openings.py").write_text(made.code.replace("getvalue():.2f}", "getvalue()!r}"))
    (tmp_path / "openings.csv").write_text(made.bars)
    said = subprocess.run([sys.executable, "openings.py"], cwd=tmp_path, capture_output=True, text=True, check=False)

    assert said.returncode == 0, said.stderr
    assert float(said.stdout.split()[2]) == done.result.final_value


def test_amounts_of_costs_go_into_the_program() -> None:
    from core.driving.export_brokers import render_costs

    plain, flat = BacktestPlan(), BacktestPlan(slippage=0.0, slippage_price=0.01, commission_per_unit=0.005, commission_minimum=1.0)

    assert render_costs(plain) == ""
    assert "abs(size) * 0.005 + 0.0, 1.0)" in render_costs(flat)
    assert "set_slippage_fixed(0.01" in render_costs(flat)


PAIR = """
import backtrader as bt


class Pair(bt.Strategy):
    timeframes = ("1w",)

    def next(self):
        if len(self) == 12:
            self.buy(size=10)
            self.buy(data=self.getdatabyname("OTHER"), size=10, exectype=bt.Order.Limit, price=1000.0)
"""


def test_several_instruments_go_into_one_file_of_bars_and_come_to_the_measured_value(tmp_path: Path) -> None:
    """Compared with the platform's own replay; the second instrument has no bar on the day after the order."""
    first = walk(60)
    kept = np.arange(60) != 12
    columns = {name: getattr(first, name)[kept] for name in ("time", "open", "high", "low", "close", "volume")}
    bars = align_bars([first, replace(first, instrument=Instrument(symbol="OTHER"), **columns)])
    records: list[dict[str, object]] = []
    plan = BacktestPlan(cash=50_000, slippage=0.01)
    assert run_strategy(PAIR, plan, MomentStream.from_bars(bars), records.append, signals=False).fault is None
    measured = replay_orders([parse_record(record) for record in records], plan, bars).final_value

    made = exported(PAIR, bars=bars)
    (tmp_path / "winner.py").write_text(made.code)
    (tmp_path / "winner.csv").write_text(made.bars)
    done = subprocess.run([sys.executable, "winner.py"], cwd=tmp_path, capture_output=True, text=True, check=False)

    assert done.returncode == 0, done.stderr
    assert float(done.stdout.split()[2]) == pytest.approx(measured, abs=0.01)
    assert measured != 50_000.0


HOURLY = """
import backtrader as bt


class Hourly(bt.Strategy):
    timeframes = ("1h", "4h")

    def next(self):
        up = self.data1.close[0] > self.data1.open[0]
        if up and not self.position and self.data2.close[0] > self.data2.open[0]:
            self.buy(size=10)
        elif not up and self.position:
            self.close()
"""


@pytest.mark.parametrize("hours", [{"session_open": 570, "session_close": 960}, {"day_roll": 1080}], ids=["half past nine", "evening"])
def test_longer_bars_of_an_exported_program_count_from_the_sessions_open_too(tmp_path: Path, hours: dict[str, int]) -> None:
    instrument = Instrument(symbol="H", **hours)
    begins, length = (hours["day_roll"] - 1440, 1380) if "day_roll" in hours else (570, 390)
    minutes = np.concatenate([day * 1440 + np.arange(begins, begins + length, 15) for day in range(5)])
    time = np.datetime64("2024-03-04", "s") + minutes.astype("timedelta64[m]").astype("timedelta64[s]")
    bars = replace(walk(len(time)), instrument=instrument, timeframe=Timeframe.M15, time=time)
    records: list[dict[str, object]] = []
    plan = BacktestPlan(cash=50_000, slippage=0.01)
    assert run_strategy(HOURLY, plan, BarStream.from_bars(bars), records.append, signals=False).fault is None

    made = exported(HOURLY, bars=bars)
    (tmp_path / "winner.py").write_text(made.code)
    (tmp_path / "winner.csv").write_text(made.bars)
    done = subprocess.run([sys.executable, "winner.py"], cwd=tmp_path, capture_output=True, text=True, check=False)

    measured = replay_orders([parse_record(record) for record in records], plan, bars).final_value
    assert float(done.stdout.split()[2]) == pytest.approx(measured, abs=0.01), done.stderr
    assert len(records) > 4


BASKET_CODE = """import backtrader as bt


class Hold(bt.Strategy):
    def next(self):
        if len(self) == 3:
            self.buy(size=100)
        if len(self) == 5 and self.data.close[0] > 0 and self.data._name == "BAD":
            raise ZeroDivisionError("division by zero")
"""


def test_the_file_of_a_basket_runs_on_each_instrument_and_prints_the_mean_of_the_accounts(tmp_path: Path) -> None:
    members = [replace(walk(60, seed=seed), instrument=Instrument(symbol=symbol)) for seed, symbol in ((1, "A"), (2, "B,C"), (3, "BAD"))]
    made = exported(BASKET_CODE, bars=build_basket(members))
    (tmp_path / "winner.py").write_text(made.code)
    (tmp_path / "winner.csv").write_text(made.bars)

    said = subprocess.run([sys.executable, str(tmp_path / "winner.py")], capture_output=True, text=True, check=True).stdout.splitlines()

    price = [one.open[3] * 1.01 for one in members]
    finals = [50_000 - 100 * paid * 1.001 + 100 * one.close[-1] for paid, one in zip(price[:2], members[:2], strict=True)]
    assert [line.split()[0] for line in said] == ["A", "B,C", "BAD", "final"]
    assert "failed: ZeroDivisionError" in said[2]
    assert float(said[3].split()[2]) == pytest.approx((sum(finals) + 50_000) / 3, abs=60)
