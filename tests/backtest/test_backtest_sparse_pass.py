"""A sparse pass makes the orders and the account of the whole one, to the bit, and leaves to that whatever it does not know."""

import ast
import random
from pathlib import Path

import numpy as np
import pytest
from backtest_cases import walk
from hypothesis import HealthCheck, given, settings
from sparse_fuzz import compare, find_difference, workflows
from test_backtest_plain_orders import PLANS

from core.backtest.bulk_audit import confirm_plain_orders
from core.backtest.direct_orders import DirectBroker
from core.backtest.fill_audit import audit
from core.backtest.one_pass import ProvedPasses
from core.backtest.orders import OrderAction, OrderKind, OrderRecord, find_openings, hash_log, to_canonical
from core.backtest.plain_broker import LIMIT, MARKET, STOP, NotPlainError, PlainMarket
from core.backtest.program_shape import UnknownProgramError, read_program
from core.backtest.quiet_paths import Rest, find_way
from core.backtest.replay import ReplayResult, replay, summarize_account
from core.domain.backtest import BacktestPlan, Side
from core.domain.deposits import Deposit, Rhythm
from core.domain.workflow import Workflow
from core.language import compile_workflow, parse
from tests.effort import examples

BARS, OPENING = walk(300), OrderKind.LIMIT_ON_OPEN
STARTERS = sorted((Path(__file__).parents[2] / "data" / "workflows").glob("*.json"))
LEFT = {"vwap_reversion", "opening_range_breakout"}
"""Starters for bars of minutes, which place no order on daily ones."""
CROSS = compile_workflow(parse(STARTERS[[file.stem for file in STARTERS].index("sma_cross")].read_text(encoding="utf-8")))


@pytest.mark.parametrize("file", STARTERS, ids=[file.stem for file in STARTERS])
def test_every_starter_is_passed_over_sparsely_with_the_account_of_the_whole_pass(file: Path) -> None:
    code = compile_workflow(parse(file.read_text(encoding="utf-8")))
    passes = ProvedPasses(BacktestPlan(), BARS)

    assert (done := passes.run_sparsely(code)) is not None
    assert compare(passes, code, BacktestPlan(), BARS) == ""
    assert audit(done.records, done.result, BacktestPlan(), BARS) == ()


@settings(max_examples=examples(18), deadline=None, suppress_health_check=list(HealthCheck), derandomize=True)
@given(workflows())
def test_random_workflows_have_the_account_of_the_whole_pass(workflow: Workflow) -> None:
    assert find_difference(workflow, random.Random(repr(workflow)), 200) == ""


def make_log(seed: int) -> list[OrderRecord]:
    """Random orders of every known type, some in groups, some taken back."""
    draw, log = random.Random(seed), list[OrderRecord]()
    for cycle in sorted(draw.choices(range(1, len(BARS) + 1), k=120)):
        number, placed = len(log), [one.id for one in log if one.action is OrderAction.PLACE]
        if placed and draw.random() < 0.2:
            log.append(OrderRecord(id=number, cycle=cycle, action=OrderAction.CANCEL, target=draw.choice(placed[-6:])))
            continue
        kind = draw.choice((OrderKind.MARKET, OrderKind.LIMIT, OrderKind.STOP, OPENING))
        price = None if kind is OrderKind.MARKET else float(BARS.close[cycle - 1]) * draw.uniform(0.97, 1.03)
        oco = draw.choice(placed[-4:]) if placed and kind is not OrderKind.MARKET and draw.random() < 0.4 else None
        log.append(
            OrderRecord(
                id=number, cycle=cycle, side=draw.choice(list(Side)), size=float(draw.randint(1, 60)), kind=kind, price=price, oco=oco
            )
        )
    return log


def play_directly(log: list[OrderRecord], plan: BacktestPlan) -> ReplayResult:
    """The log played by the direct broker, on the bars on which it asks for a turn and those of orders."""
    broker, left, turn = DirectBroker(plan, BARS, PlainMarket(BARS)), list(log), len(BARS)
    kinds = {OrderKind.MARKET: MARKET, OrderKind.LIMIT: LIMIT, OrderKind.STOP: STOP, OPENING: LIMIT}
    for bar in range(len(BARS)):
        broker.bar = bar
        if bar >= turn:
            broker.take_turn()
        while left and left[0].cycle == bar + 1:
            one = left.pop(0)
            orders = {order.ref: order for order in broker.placed}
            if one.action is OrderAction.CANCEL:
                broker.cancel(orders[one.target if one.target is not None else -1])
            else:
                broker.place(
                    one.side, one.size, one.price, kinds[one.kind], None if one.oco is None else orders[one.oco], one.kind is OPENING
                )
        turn = broker.find_turn()
    assert broker.records == log
    return summarize_account(broker.book, BARS, broker.read_states(), openings=find_openings(log), held_back=0)


@pytest.mark.parametrize("plan", PLANS.values(), ids=PLANS.keys())
def test_orders_of_a_program_make_the_account_of_the_simulator(plan: BacktestPlan) -> None:
    for seed in range(4):
        log = make_log(seed)
        played, told = play_directly(log, plan), replay(log, plan, BARS)
        assert (played.fills, played.trades, played.orders, played.states) == (told.fills, told.trades, told.orders, told.states)
        for name in ("equity", "position", "cash"):
            assert getattr(played, name).tobytes() == getattr(told, name).tobytes(), name


def test_an_order_of_another_kind_is_left_to_the_simulator() -> None:
    broker = DirectBroker(BacktestPlan(), BARS, PlainMarket(BARS))
    for size, price, kind in ((1, None, 5), (float("nan"), None, 0), (0, None, 0), (1, float("inf"), 3), (np.float64(1), None, 0)):
        with pytest.raises(NotPlainError):
            broker.place(Side.BUY, size, price, kind, None)


def test_limits_and_stops_that_stand_alone_are_confirmed_together_and_a_forged_figure_is_not() -> None:
    log, plan = [one.changed(oco=None) for one in make_log(1)], PLANS["leverage and slippage"]
    played = replay(log, plan, BARS)
    fills = {one.id: [fill for fill in played.fills if fill.order == one.id] for one in log}
    resting = [one for one in log if one.kind is not OrderKind.MARKET]
    confirmed = confirm_plain_orders(log, fills, played.states, plan, BARS)
    assert len(confirmed & {one.id for one in resting}) > 40

    for one in resting:
        if one.id in confirmed and (own := fills[one.id]):
            for forged in (
                {"price": own[0].price * 1.000001},
                {"bar": own[0].bar + 1},
                {"size": own[0].size + 1},
                {"commission": own[0].commission + 0.01},
            ):
                assert one.id not in confirm_plain_orders(log, fills | {one.id: [own[0].changed(**forged)]}, played.states, plan, BARS)
            assert one.id not in confirm_plain_orders(log, fills | {one.id: []}, played.states | {one.id: "accepted"}, plan, BARS)


def test_a_log_is_hashed_line_by_line() -> None:
    import hashlib

    log = [one.changed(price=float("nan")) if one.id % 7 == 0 and one.action is OrderAction.PLACE else one for one in make_log(2)]
    assert hash_log(log) == hashlib.sha256("".join(f"{to_canonical(one)}\n" for one in log).encode()).hexdigest()
    assert hash_log([]) == hashlib.sha256(b"").hexdigest()


def test_programs_that_differ_in_numbers_and_comments_share_their_shape() -> None:
    shape = read_program(CROSS)
    other = compile_workflow(
        parse(STARTERS[[file.stem for file in STARTERS].index("sma_cross")].read_text(encoding="utf-8")), {"sma_fast": 7}
    )

    assert other != CROSS
    assert shape.text.read_numbers(other) == {**(shape.text.read_numbers(CROSS) or {}), "sma_fast": 7}


@pytest.mark.parametrize(
    ("text", "other"),
    [
        ("self.ready <= 1", "self.ready <= 2"),
        ("sma_fast=20,  # r1", "sma_fast=__import__('os'),  # r1"),
        ("sma_fast=20,  # r1", "sma_fast=20,  # r1\r        x=1"),
        ("        # r3 (sizing)", "        self.close()  # r3 (sizing)"),
        ("        # r3 (sizing)", "        # r3 (sizing)\r        self.close()"),
    ],
)
def test_a_program_that_differs_in_anything_else_has_another_shape(text: str, other: str) -> None:
    assert text in CROSS
    assert read_program(CROSS).text.read_numbers(CROSS.replace(text, other, 1)) is None


def test_programs_of_other_shapes_share_the_indicators_that_say_the_same_and_no_others() -> None:
    """The third names another average by the same name, the fourth the same one with another body of a class that both have."""
    own = "class Level(bt.Indicator):\n    lines = ('level',)\n\n    def __init__(self):\n        self.lines.level = self.data + 0.0\n\n\n"
    named = CROSS.replace("SMACrossStrategy", "Another")
    codes = [CROSS, named, named.replace("self.sma_slow = bt.ind.SMA(", "self.sma_slow = bt.ind.EMA(")]
    levels = named.replace("class Another", own + "class Another").replace(
        "self.sma_slow = bt.ind.SMA(self.data", "self.sma_slow = Level(bt.ind.SMA(self.data"
    )
    levels = levels.replace("period=self.p.sma_slow)", "period=self.p.sma_slow))")
    codes += [levels, levels.replace("+ 0.0", "+ 3.0")]
    passes = ProvedPasses(BacktestPlan(), BARS)

    counts = []
    for code in codes:
        assert passes.run_sparsely(code) is not None
        assert compare(passes.for_plan(BacktestPlan(cash=5_000.0)), code, BacktestPlan(cash=5_000.0), BARS) == ""
        counts.append(len(passes._columns))

    assert counts == [2, 2, 3, 5, 7]


def test_a_comment_inside_a_text_is_part_of_the_text() -> None:
    code = CROSS.replace("        # r3 (sizing)", '        self.stop_at = """\n        # r3"""\n        # r4 (sizing)', 1)
    assert read_program(code).text.read_numbers(code.replace('# r3"""', '# other"""')) is None


@pytest.mark.parametrize(
    ("text", "other"),
    [
        ("import math", "import os"),
        ("self.stop_at = None", "self.stop_at = open('x')"),
        ("        self.leave()", "        exec('x')"),
        ("        self.leave()", "        self.env.runstop()"),
        ("        self.leave()", "        print(self)"),
        ("    def leave(self):", "    def prenext(self):\n        pass\n\n    def leave(self):"),
        ("        self.stop_at = None", "        self.__class__.x = None"),
        ("    params = dict(", "    timeframes = ('1w',)\n    params = dict("),
    ],
)
def test_a_program_with_anything_that_is_not_known_is_not_read(text: str, other: str) -> None:
    assert text in CROSS
    with pytest.raises(UnknownProgramError):
        read_program(CROSS.replace(text, other, 1))


def test_what_raises_on_the_way_is_left_to_the_whole_pass() -> None:
    passes = ProvedPasses(BacktestPlan(), BARS)
    assert passes.run_sparsely(CROSS.replace("math.floor(size)", "math.floor(size / 0)")) is None
    assert passes.run_sparsely(CROSS) is not None


def test_an_account_that_is_paid_into_is_left_to_the_whole_pass() -> None:
    paid = BacktestPlan(deposits=(Deposit(amount=500, every=Rhythm.MONTHLY),))
    assert ProvedPasses(paid, BARS).run_sparsely(CROSS) is None
    assert ProvedPasses(paid, BARS).run(CROSS, signals=False).result.equity[-1] > 500


NEXT = """
if self.position:
    if leaves or self.over:
        self.close()
    elif self.data.close[0] > self.level:
        self.sell(size=1)
elif goes:
    self.buy(size=1)
"""


@pytest.mark.parametrize(
    ("side", "goes", "leaves", "rest"),
    [(0, False, False, Rest.NOTHING), (0, True, False, Rest.ONCE), (1, False, True, Rest.ONCE), (1, False, False, Rest.EACH)],
)
def test_a_bar_asks_for_as_much_as_its_way_depends_on(side: int, goes: bool, leaves: bool, rest: Rest) -> None:
    way = find_way(ast.parse(NEXT).body, side, {"goes": goes, "leaves": leaves}, frozenset({"data", "broker"}))
    assert way.rest is rest


def test_bars_whose_ways_differ_have_other_marks() -> None:
    body = ast.parse(NEXT).body
    pairs = [(goes, leaves) for goes in (False, True) for leaves in (False, True)]
    ways = [find_way(body, 1, {"goes": goes, "leaves": leaves}, frozenset({"data"})) for goes, leaves in pairs]
    assert ways[0].marks == ways[2].marks
    assert ways[0].marks != ways[1].marks


@pytest.mark.parametrize(
    "code",
    [
        "class (",
        "",
        CROSS.replace("self.data.close[0]", "(1.0 / 0)"),
        CROSS.replace("def next(self):", "def next(self):\n        nobody.knows"),
    ],
    ids=["no program", "nothing", "it divides by nothing", "a name that is not there"],
)
def test_what_is_no_program_or_raises_is_left_to_the_whole_pass(code: str) -> None:
    assert code != CROSS
    assert ProvedPasses(BacktestPlan(), BARS).run_sparsely(code) is None


class FlawedPasses(ProvedPasses):
    """Passes with a flaw of their own."""

    def _run_known(self, *asked: object) -> None:
        raise AssertionError("a flaw")


def test_a_flaw_of_the_sparse_pass_is_not_hidden_by_a_slower_way() -> None:
    with pytest.raises(AssertionError, match="a flaw"):
        FlawedPasses(BacktestPlan(), BARS).run_sparsely(CROSS)
