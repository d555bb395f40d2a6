"""For every check a run on which it has to speak, and a run on which none has."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from core.domain.backtest import Certificate, Method, OrderCounts, Trade, Verdict
from core.domain.metrics import Metrics
from core.domain.run import Constraints, Objective
from core.domain.workflow import Measure, Operator, Parameter, Row, Section, Workflow
from core.evidence import Case, CheckContext
from tests.evidence.evidence_samples import PLAN, bars, case, in_and_out, play, traded, walk

WORKFLOW = Workflow(
    name="test",
    rows=(
        Row(id="e1", section=Section.ENTRY_LONG, indicators=("close", "sma(5)"), operator=Operator.ABOVE),
        Row(id="x1", section=Section.EXIT_LONG, indicators=("close", "sma(5)"), operator=Operator.BELOW),
    ),
)


KEPT = CheckContext(
    minimum_trades=5,
    constraints=Constraints(max_drawdown=0.5, minimum_exposure=0.1),
    objective=Objective.SHARPE,
    values={"fast": 10.0, "slow": 30.0},
    trials=2,
)


def sound() -> Case:
    """Five years of a rising, calm market, ridden for 20 of every 40 bars, most of them won; nothing to complain about."""
    generator = np.random.default_rng(8)
    phase = (np.arange(1_260) % 40) < 20
    steps = np.where(phase, 0.0035, -0.0012) + generator.normal(0, 0.009, 1_260)
    prices = bars(100 * np.exp(np.cumsum(steps)))
    entries = list(range(40, 1_240, 40))
    orders = [order for entry in entries for order in ((entry, 700.0), (entry + 20, -700.0))]
    plan = PLAN.changed(cash=160_000.0)
    return case(prices, play(prices, orders, plan), plan, KEPT)


def counted(**counts: int) -> Case:
    prices = walk(300)
    return case(prices, play(prices, in_and_out([5, 50, 100], 5, 400.0), orders=OrderCounts(**counts)))


def certified(**facts: object) -> Case:
    certificate = Certificate(**{"verdict": Verdict.CLEAN, "method": Method.FAST if "verdict" in facts else Method.LOCK_STEP, **facts})
    return replace(counted(placed=6, filled=6), outcome=replace(counted().outcome, certificate=certificate))


def coded(text: str) -> Case:
    base = counted(placed=6, filled=6)
    return replace(base, outcome=replace(base.outcome, code_ran=text))


def with_trades(trades: tuple[Trade, ...], prices=None, **context: object) -> Case:
    base = case(prices or walk(1_500), play(prices or walk(1_500), []), context=CheckContext(**context))
    metrics = base.metrics.changed(trades=len(trades), costs=sum(trade.commission for trade in trades))
    return replace(base, evaluation=replace(base.evaluation, trades=trades, metrics=metrics))


def slipped(trades: tuple[Trade, ...]) -> Case:
    """The trades under 0.05 % slippage for each side, which their prices have in them already."""
    return replace(with_trades(trades), plan=PLAN.changed(slippage=0.0005))


def with_metrics(**figures: object) -> Case:
    base = counted(placed=6, filled=6)
    return replace(base, evaluation=replace(base.evaluation, metrics=base.metrics.changed(**figures)))


def with_equity(equity: np.ndarray, *, trades: int = 12) -> Case:
    prices = walk(len(equity), deviation=0.01)
    outcome = replace(play(prices, in_and_out(range(5, 5 + 20 * trades, 20), 5, 400.0)), equity=equity)
    return case(prices, outcome)


def specified(orders: list, *, entry: np.ndarray | None = None, leave: np.ndarray | None = None, **context: object) -> Case:
    prices = walk(200)
    none = np.zeros(200, dtype=np.uint8)
    signals = {"e1": none if entry is None else entry, "x1": none if leave is None else leave}
    return case(prices, play(prices, orders), context=CheckContext(**{"workflow": WORKFLOW, "signals": signals, **context}))


STOPPED = WORKFLOW.changed(
    rows=(*WORKFLOW.rows, Row(id="s1", section=Section.RISK, indicators=("stop_loss",), operator=Measure.PERCENT, thresholds=("8",)))
)


def falling(orders: list, **context: object) -> Case:
    """A market that loses half a percent on every bar, and a workflow that stops a loss at 8 %."""
    prices = bars(100 * 0.995 ** np.arange(120))
    return case(prices, play(prices, orders), context=CheckContext(**{"workflow": STOPPED, **context}))


def flags(*places: int) -> np.ndarray:
    found = np.zeros(200, dtype=np.uint8)
    found[list(places)] = 1
    return found


def ridden(steps: np.ndarray, held: np.ndarray, size: float = 600.0) -> Case:
    """A market with these log returns, owned on the bars of `held`."""
    prices = bars(100 * np.exp(np.cumsum(steps)))
    edges = np.flatnonzero(np.diff(held.astype(int))) + 1
    orders = [(int(bar), size if held[bar] else -size) for bar in edges]
    return case(prices, play(prices, orders))


def zigzag(pattern: list[float], repeats: int) -> np.ndarray:
    return np.tile(np.array(pattern, dtype=float), repeats)


SWING = np.where(np.arange(1_000) % 2 == 0, 0.02, -0.02)
NOISE = np.random.default_rng(3).normal(0, 0.01, 1_000)
LEAD = np.concatenate((np.full(200, 100_000.0), np.linspace(100_000, 130_000, 400), np.linspace(130_000, 129_000, 600)))
ONE_YEAR = np.concatenate((np.full(300, 100_000.0), np.linspace(100_000, 130_000, 150), np.linspace(130_000, 129_500, 600)))

FIRES: dict[str, Callable[[], Case]] = {
    "look_ahead": lambda: certified(verdict=Verdict.LEAKED, bar=3, line=9),
    "unchecked_future": lambda: certified(verdict=Verdict.NOT_CHECKABLE),
    "engine_altered": lambda: certified(altered=True),
    "equity_mismatch": lambda: with_equity(np.linspace(100_000, 150_000, 300)),
    "ruined": lambda: with_equity(np.linspace(100_000, -5_000, 300)),
    "no_orders": lambda: specified([], entry=flags()),
    "no_fills": lambda: replace(counted(), evaluation=replace(counted(placed=9, margin_rejected=9).evaluation, fills=(), trades=())),
    "never_closed": lambda: case(walk(300), play(walk(300), [(5, 400.0)])),
    "few_trades": lambda: with_trades(traded([50.0, 20.0]), minimum_trades=5),
    "constraint_broken": lambda: replace(with_metrics(max_drawdown=-0.2), context=CheckContext(constraints=Constraints(max_drawdown=0.1))),
    "objective_undefined": lambda: replace(with_metrics(sortino=None), context=CheckContext(objective=Objective.SORTINO)),
    "margin_rejections": lambda: counted(placed=10, filled=6, margin_rejected=4),
    "orders_lapsed": lambda: counted(placed=40, filled=4, expired=16, cancelled=20),
    "orders_left": lambda: counted(placed=20, filled=6, open_at_end=14),
    "open_profit": lambda: case(
        bars(np.linspace(100, 180, 300)), play(bars(np.linspace(100, 180, 300)), [(5, 500.0), (9, -500.0), (20, 500.0)])
    ),
    "low_exposure": lambda: case(walk(1_000), play(walk(1_000), in_and_out([5, 500], 3, 400.0))),
    "always_invested": lambda: case(walk(300), play(walk(300), [(1, 400.0)])),
    "late_start": lambda: case(walk(300), play(walk(300), in_and_out([150, 200], 5, 400.0))),
    "long_pause": lambda: case(walk(600), play(walk(600), in_and_out([5, 20, 560], 5, 400.0))),
    "talkative": lambda: replace(counted(), outcome=replace(counted().outcome, log="x" * 65_536)),
    "slow": lambda: replace(counted(), outcome=replace(counted().outcome, wall_seconds=29.0)),
    "one_unit": lambda: case(walk(300), play(walk(300), in_and_out(range(5, 200, 20), 8, 1.0))),
    "small_positions": lambda: case(walk(300), play(walk(300), in_and_out(range(5, 200, 20), 8, 20.0))),
    "over_invested": lambda: case(walk(300), play(walk(300), in_and_out([5, 80], 50, 2_000.0))),
    "thin_volume": lambda: case(
        thin := replace(walk(300), volume=np.full(300, 900.0), _hash=[]), play(thin, in_and_out([5, 80], 50, 400.0))
    ),
    "empty_bars": lambda: case(
        empty := replace(walk(300), volume=np.where(np.arange(300) < 200, 0.0, 1e6), _hash=[]),
        play(empty, in_and_out([5, 50, 90], 5, 400.0)),
    ),
    "fees_eat_edge": lambda: with_trades(traded([5.0] * 6, commission=100.0)),
    "thin_edge": lambda: slipped(traded([-20.0] * 12, commission=10.0)),
    "high_turnover": lambda: with_metrics(turnover=200.0, years=2.0),
    "few_carry_profit": lambda: with_trades(traded([3_000.0, 2_500.0, 2_000.0, *[10.0, -15.0] * 9])),
    "losing_streak": lambda: with_trades(traded([*[40.0, 40.0, -30.0] * 12, *[-30.0] * 9])),
    "small_winners": lambda: with_trades(traded([50.0, -150.0] * 5)),
    "few_winners": lambda: with_trades(traded([*[50.0] * 2, *[-40.0] * 8])),
    "losers_held_longer": lambda: with_trades(traded([50.0, -50.0] * 5, hold=[3, 12] * 5)),
    "hasty_exits": lambda: with_trades(traded([5.0] * 9, hold=1)),
    "gains_given_back": lambda: with_trades(traded([20.0] * 9, hold=5), bars(zigzag([100, 104, 108, 104, 101, 100], 50))),
    "stops_too_tight": lambda: with_trades(traded([-900.0] * 9, hold=2), bars(zigzag([100, 99, 98, 103], 60))),
    "one_side_loses": lambda: with_trades((*traded([50.0] * 6), *(trade.changed(size=-500.0) for trade in traded([-40.0] * 6)))),
    "deep_drawdown": lambda: with_metrics(max_drawdown=-0.5),
    "long_drawdown": lambda: with_metrics(total_return=0.1, max_drawdown=-0.2, max_drawdown_days=200.0, periods=300),
    "drawdowns_repeat": lambda: with_equity(100_000 * np.tile(np.concatenate((np.linspace(1, 0.8, 40), np.linspace(0.81, 1.01, 40))), 5)),
    "loses_in_turbulence": lambda: ridden(
        np.where(np.arange(1_000) % 300 < 200, 0.003 + 0.1 * NOISE, -0.004 + SWING), np.arange(1_000) % 20 >= 6, 300.0
    ),
    "needs_turbulence": lambda: ridden(
        np.where(np.arange(1_000) % 300 < 200, -0.002 + 0.1 * NOISE, 0.006 + SWING), np.arange(1_000) % 20 >= 6, 300.0
    ),
    "fades": lambda: with_equity(LEAD),
    "one_year_carries": lambda: with_equity(ONE_YEAR),
    "lost_money": lambda: case(falling := bars(np.linspace(100, 60, 300)), play(falling, in_and_out([5, 80], 50, 400.0))),
    "worse_than_holding": lambda: case(
        rising := bars(100 * np.exp(np.linspace(0, 1, 300) + NOISE[:300])), play(rising, in_and_out(range(5, 250, 20), 3, 400.0))
    ),
    "copy_of_holding": lambda: case(walk(300), play(walk(300), [(2, 900.0)])),
    "worse_than_baseline": lambda: replace(with_metrics(sharpe=0.4), context=CheckContext(baseline=Metrics(total_return=0.3, sharpe=0.9))),
    "no_timing_shown": lambda: case(
        up := walk(400, drift=0.002), play(up, in_and_out(range(5, 380, 20), 10, 400.0)), context=CheckContext(trials=40)
    ),
    "uncertain_sharpe": lambda: case(up := walk(400, drift=0.0014), play(up, in_and_out(range(5, 380, 20), 10, 400.0))),
    "implausible_sharpe": lambda: with_metrics(sharpe=6.0, years=2.0),
    "short_history": lambda: with_metrics(sharpe=1.0, years=0.4, periods=100),
    "dates_in_code": lambda: coded("if self.data.datetime.date(0) < datetime.date(2008, 9, 15):\n    x = 1"),
    "prices_in_code": lambda: coded("if self.data.close[0] > 100.5:\n    self.buy()"),
    "wrong_side": lambda: specified([(5, -400.0), (20, 400.0)]),
    "drift": lambda: specified(in_and_out([50, 90, 130], 10, 400.0), entry=flags(9, 19, 29, 39), leave=flags(14, 24)),
    "late_orders": lambda: specified(
        in_and_out([12, 32, 52, 72, 92, 112], 5, 400.0),
        entry=flags(*(place for start in range(9, 110, 20) for place in range(start, start + 4))),
        leave=flags(*range(16, 130, 20)),
    ),
    "rows_left_out": lambda: replace(coded("# e1: enter\nx = 1"), context=CheckContext(workflow=WORKFLOW)),
    "stop_not_kept": lambda: falling(in_and_out([10], 60, 400.0)),
    "row_never_true": lambda: specified(in_and_out([10], 5, 400.0), entry=flags(9)),
    "row_always_true": lambda: specified(in_and_out([10], 5, 400.0), entry=np.ones(200, dtype=np.uint8), leave=flags(14)),
    "many_parameters": lambda: with_trades(traded([20.0] * 20), values={f"p{number}": 1.0 for number in range(12)}, trials=2),
    "parameter_at_bound": lambda: with_trades(
        traded([20.0] * 20),
        values={"fast": 200.0},
        parameters=(Parameter(name="fast", row="e1", default=20, low=2, high=200, integer=True),),
    ),
}
