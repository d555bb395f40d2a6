"""Every check: it speaks on a run made for it, and says nothing on a sound one."""

import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from core.domain.finding import Finding
from core.domain.metrics import Metrics
from core.domain.run import Constraints, Objective
from core.domain.workflow import Direction, Operator, Parameter, Row, Section
from core.evidence import CheckContext, collect_findings, suppress_repeated
from core.evidence.checks import CHECKS
from tests.evidence.check_cases import (
    FIRES,
    WORKFLOW,
    coded,
    counted,
    falling,
    flags,
    slipped,
    sound,
    specified,
    with_metrics,
    with_trades,
)
from tests.evidence.evidence_samples import PLAN, bars, case, in_and_out, play, traded, walk

BY_NAME = {check.__name__: check for check in CHECKS}


@pytest.mark.parametrize("name", BY_NAME)
def test_a_check_speaks_on_its_own_case(name):
    found = BY_NAME[name](FIRES[name]())
    assert found is not None
    assert found.code == name
    assert found.severity in (1, 2, 3)
    assert len(found.message) < 200


def test_a_point_of_a_sweep_names_no_number_of_tries_because_nobody_knows_yet_which_points_count():
    shown = FIRES["no_timing_shown"]()
    found = BY_NAME["no_timing_shown"](replace(shown, context=replace(shown.context, swept=True)))
    assert found is not None
    assert "40" not in found.message
    assert "sweep" in found.message


@pytest.mark.parametrize("name", BY_NAME)
def test_a_check_is_silent_on_a_sound_run(name):
    assert BY_NAME[name](sound()) is None


@pytest.mark.parametrize("name", BY_NAME)
def test_a_check_survives_a_run_without_trades_and_a_run_of_one_bar(name):
    for prices in (walk(40), walk(1)):
        found = BY_NAME[name](case(prices, play(prices, []), context=CheckContext(workflow=WORKFLOW, signals={}, trials=5)))
        assert found is None or found.code in ("no_orders", "short_history")


@pytest.mark.parametrize("name", BY_NAME)
def test_a_finding_names_no_date_and_no_price(name):
    found = BY_NAME[name](FIRES[name]())
    text = f"{found.message} {found.sample} {found.fix}"
    assert not re.search(r"\b(19|20)\d\d-\d\d", text)
    assert "$" not in text


STOP = Parameter(name="stop_loss_percent", row="s1", default=8, low=4, high=16, integer=False)


@pytest.mark.parametrize(
    ("held", "context", "speaks"),
    [
        (60, {}, True),
        (18, {}, False),
        (30, {"parameters": (STOP,)}, False),
        (60, {"parameters": (STOP,)}, True),
        (30, {"parameters": (STOP,), "values": {"stop_loss_percent": 5.0}}, True),
        (60, {"is_workflow": True}, False),
    ],
    ids=["beyond", "on its way out", "within what the row allows", "beyond that", "beyond the program's own number", "the workflow itself"],
)
def test_a_stop_that_the_code_does_not_carry_out_is_told_by_what_it_held(held: int, context: dict, speaks: bool):
    assert (BY_NAME["stop_not_kept"](falling(in_and_out([10], held, 400.0), **context)) is not None) is speaks


def test_a_position_that_grew_in_steps_has_no_one_entry_to_measure_a_stop_from():
    assert BY_NAME["stop_not_kept"](falling([(10, 200.0), (20, 200.0), (70, -400.0)])) is None


def test_every_check_has_a_case_of_its_own_and_there_are_enough_of_them():
    assert set(FIRES) == set(BY_NAME)
    assert len(CHECKS) == len(BY_NAME) >= 25


def test_every_check_is_explained_in_the_guide():
    guide = (Path(__file__).parents[2] / "docs" / "evidence.md").read_text(encoding="utf-8")
    assert [name for name in BY_NAME if f"`{name}`" not in guide] == []


def test_the_worst_finding_comes_first_and_there_are_not_too_many():
    prices = walk(300)
    found = collect_findings(case(prices, play(prices, [(5, -1.0)]), context=CheckContext(workflow=WORKFLOW, minimum_trades=5, trials=50)))
    assert [finding.severity for finding in found] == sorted((finding.severity for finding in found), reverse=True)
    assert {"wrong_side", "never_closed"} <= {finding.code for finding in found[:3]}
    assert len(collect_findings(case(prices, play(prices, [(5, -1.0)])), cap=2)) == 2


def test_no_trade_is_explained_row_by_row():
    prices = walk(200)
    rows = (*WORKFLOW.rows, WORKFLOW.rows[0].changed(id="e2"))
    signals = {"e1": flags(*range(50, 120)), "e2": flags(), "x1": flags(9)}
    for same, whose in ((True, ""), (False, "the specification's rows with this code's numbers, ")):
        context = CheckContext(workflow=WORKFLOW.changed(rows=rows), signals=signals, is_workflow=same)
        found = collect_findings(case(prices, play(prices, []), context=context))
        assert found[0].code == "no_orders"
        assert found[0].sample == f"{whose}of 200 bars: row e1 on 70, row e2 on 0, all together on 0; without row e2 it would be 70"
        assert found[0].fix == "loosen row e2"


def test_where_no_single_row_holds_entries_back_the_two_that_do_are_named():
    prices, first = walk(200), WORKFLOW.rows[0]
    rows = (*WORKFLOW.rows, first.changed(id="e2"), first.changed(id="e3"))
    signals = {"e1": flags(*range(50, 120)), "e2": flags(3), "e3": flags(7, 8), "x1": flags(9)}
    found = collect_findings(case(prices, play(prices, []), context=CheckContext(workflow=WORKFLOW.changed(rows=rows), signals=signals)))
    assert found[0].fix == "no single row holds the entries back: loosen row e2 and row e3, which are rarely true together"


def test_code_that_sends_nothing_although_the_rows_ask_is_told_to_look_at_itself():
    found = BY_NAME["no_orders"](specified([], entry=flags(*range(50, 120))))
    said = "the rows ask for an entry on 70 bars: look at what holds the order back, such as "
    assert found.fix == f"{said}a condition of the code's own, a flag or a size of zero"
    assert BY_NAME["drift"](specified([], entry=flags(*range(50, 120, 2)))) is None, "code that does nothing has not drifted"


def test_no_order_after_an_early_read_names_its_line():
    quiet = specified([], entry=flags())
    found = BY_NAME["no_orders"](replace(quiet, outcome=replace(quiet.outcome, early_reads=(8, 11))))
    assert found.fix.startswith("in line 8, wait until there are enough bars")


def test_a_baseline_that_breaks_a_constraint_is_no_measure():
    base = Metrics(total_return=0.3, sharpe=0.9, max_drawdown=-0.4)
    kept = CheckContext(baseline=base, constraints=Constraints(max_drawdown=0.2))
    assert BY_NAME["worse_than_baseline"](replace(with_metrics(sharpe=0.4), context=kept)) is None


@pytest.mark.parametrize(
    ("entry", "hold", "fix"),
    [
        (range(50, 54), 60, "loosen row e1, which is true on the fewest bars"),
        (range(20, 190), 60, "entries are asked for on 170 bars, but a position lasts 60 bars: leave sooner"),
        (range(20, 190), 2, "entries are asked for on 170 bars and few come about"),
    ],
)
def test_few_trades_are_put_down_to_what_keeps_them_few(entry, hold, fix):
    found = BY_NAME["few_trades"](specified(in_and_out([21, 110], hold, 400.0), entry=flags(*entry), minimum_trades=5))
    assert found.fix.startswith(fix)


def test_signals_of_another_stretch_of_bars_are_not_used():
    prices = walk(120)
    context = CheckContext(workflow=WORKFLOW, signals={"e1": flags(9), "x1": flags()})
    found = collect_findings(case(prices, play(prices, []), context=context))
    assert [(each.code, each.sample) for each in found] == [("no_orders", "")]


def test_short_only_is_held_against_a_long_position():
    short = WORKFLOW.changed(direction=Direction.SHORT_ONLY)
    found = BY_NAME["wrong_side"](specified(in_and_out([5], 5, 400.0), workflow=short))
    assert found.sample == "on 5 bars, first on bar 5"


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ("a = '2008-09-15'\nb = datetime.datetime(2008, 9, 15)\nc = d.year > 2008", "line 1, line 2, line 3"),
        ("d.month == 9 and d.weekday() == 0", ""),
        ("x = dict(period=2000)\ny = range(1990)\nz = '20-day high'\nw = date(0)", ""),
        ("broken(", ""),
    ],
)
def test_a_year_in_the_code_is_told_from_a_month_and_a_period(text, lines):
    found = BY_NAME["dates_in_code"](coded(text))
    assert (found.sample if found else "") == lines


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ("if self.data.close[0] > 100.5: pass\nif 99.5 <= self.data_low[-1]: pass\nx = self.dataclose[0] < 101", "line 1, line 2, line 3"),
        (
            "class A(bt.Strategy):\n    params = dict(top=100.5)\n    def next(self):\n        return self.data.high[0] > self.p.top",
            "line 4",
        ),
        (
            "class A(bt.Strategy):\n    params = (('top', 100.5),)\n    def next(self):\n        return self.data.high[0] > self.p.top",
            "line 4",
        ),
        ("self.rsi[0] < 100.5 or len(self.data) > 100 or self.data.volume[0] > 100", ""),
        ("self.data.close[0] > 5_000 or self.data.close[0] > 0", ""),
        ("self.data.close[0] - self.data.open[0] > 100.5 or self.data.close[0] > self.sma[0]", ""),
        ("broken(", ""),
    ],
)
def test_a_fixed_price_is_told_from_a_level_of_an_indicator_and_a_distance(text, lines):
    found = BY_NAME["prices_in_code"](coded(text))
    assert (found.sample if found else "") == lines


def test_a_price_that_a_row_of_the_workflow_names_is_the_analysts():
    row = Row(id="e1", section=Section.ENTRY_LONG, indicators=("close",), operator=Operator.ABOVE, thresholds=("100.5",))
    own = coded("if self.data.close[0] > 100.5: pass")
    asked = replace(own, context=replace(own.context, workflow=WORKFLOW.changed(rows=(row,))))
    assert BY_NAME["prices_in_code"](asked) is None


FEES, LATE = Finding(code="fees_eat_edge", severity=2, message="m"), Finding(code="late_orders", severity=2, message="m")
NEVER = Finding(code="never_closed", severity=3, message="m")


def test_a_finding_that_was_said_three_times_in_a_row_is_muted():
    assert suppress_repeated((FEES, LATE), [(FEES,), (FEES, LATE), (FEES,)]) == (LATE,)
    assert suppress_repeated((FEES, LATE), [(FEES,), (LATE,), (FEES,)]) == (FEES, LATE)
    assert suppress_repeated((FEES,), [(FEES,), (FEES,)]) == (FEES,)


def test_a_muted_finding_stays_muted_until_it_was_gone_once():
    assert suppress_repeated((FEES,), [(FEES,)] * 7) == ()
    assert suppress_repeated((FEES,), [(FEES,)] * 7 + [()]) == (FEES,)


def test_what_spoils_the_result_is_never_muted():
    assert suppress_repeated((NEVER,), [(NEVER,)] * 9) == (NEVER,)


@pytest.mark.parametrize(
    ("constraints", "says", "fix"),
    [
        (Constraints(max_drawdown=0.1), "maximum drawdown 20.0%, at most 10.0% is allowed", "trade smaller"),
        (Constraints(minimum_exposure=0.5), "at least 50.0% is asked for", "enter more often"),
        (Constraints(maximum_exposure=0.01), "at most 1.0% is allowed", "stricter"),
    ],
)
def test_a_constraint_that_is_not_kept_is_named_with_its_own_remedy(constraints, says, fix):
    found = BY_NAME["constraint_broken"](
        replace(with_metrics(max_drawdown=-0.2, exposure=0.05), context=CheckContext(constraints=constraints))
    )
    assert says in found.message
    assert fix in found.fix


@pytest.mark.parametrize(
    ("net", "speaks"),
    [
        (-20.0, True),  # 10 commission and 50 slippage on 50,000: it earned 40 before them
        (5.0, False),  # it earns after costs
        (-70.0, False),  # it lost before costs: nothing that larger moves would mend
    ],
)
def test_an_edge_is_thin_when_it_is_there_before_costs_and_gone_after_them(net, speaks):
    found = BY_NAME["thin_edge"](slipped(traded([net] * 12, commission=10.0)))
    assert (found is not None) is speaks
    assert found is None or "earns 0.08% of its size; commission and slippage take 0.12%" in found.message


def test_commission_of_a_position_still_open_is_not_held_against_the_closed_trades():
    still_open = traded([0.0], commission=900.0)[0].changed(exit_bar=None)
    assert BY_NAME["fees_eat_edge"](with_trades((*traded([90.0] * 6, commission=10.0), still_open))) is None


@pytest.mark.parametrize(("rejected", "severity"), [(1, 1), (3, 2), (30, 3)])
def test_a_rejected_order_now_and_then_is_only_worth_knowing(rejected, severity):
    found = BY_NAME["margin_rejections"](counted(placed=47, filled=47 - rejected, margin_rejected=rejected))
    assert (found.severity, found.count) == (severity, 1)
    assert found.message == f"The account could not pay for {rejected} of 47 orders that came due"


def test_free_numbers_are_those_of_the_workflow_and_of_the_code_but_no_constants():
    free = tuple(Parameter(name=name, row="e1", default=20, low=2, high=200, integer=True) for name in ("fast", "slow", "stop", "exit"))
    values = {"fast": 9.0, "slow": 30.0, "stop": 2.0, "exit": 5.0, "reserve": 0.05}
    known = {"values": values, "parameters": free, "constants": frozenset({"reserve"})}
    few = traded([20.0] * 13)

    assert BY_NAME["many_parameters"](with_trades(few, trials=1, is_workflow=True, **known)) is None
    own, theirs = (BY_NAME["many_parameters"](with_trades(few, trials=5, is_workflow=same, **known)) for same in (True, False))
    assert own.message == theirs.message == "4 free numbers are chosen by 13 closed trades: so many can be made to fit any past"
    assert own.count == 1


def test_a_trailing_stop_that_is_replaced_on_every_bar_is_no_lapsed_order():
    assert BY_NAME["orders_lapsed"](counted(placed=591, filled=87, cancelled=502)) is None


def test_a_long_time_under_water_is_not_said_of_a_run_that_lost_anyway():
    assert BY_NAME["long_drawdown"](with_metrics(total_return=-0.3, max_drawdown=-0.4, max_drawdown_days=290.0, periods=300)) is None


def test_falling_behind_the_baseline_is_told_by_the_objective_of_the_run():
    base = Metrics(total_return=0.3, sharpe=0.9, calmar=0.5)
    other = with_metrics(total_return=0.5, sharpe=0.4, calmar=0.3)
    told = {
        objective: BY_NAME["worse_than_baseline"](replace(other, context=CheckContext(baseline=base, objective=objective)))
        for objective in (None, Objective.CALMAR, Objective.TOTAL_RETURN)
    }
    assert told[Objective.TOTAL_RETURN] is None
    assert told[Objective.CALMAR].message == "The workflow as it was written has a Calmar ratio of 0.50, this 0.30"
    assert told[None].message == "The workflow as it was written has a Sharpe ratio of 0.90, this 0.40"


def test_leverage_that_was_asked_for_is_not_held_against_a_position():
    doubled = case(walk(300), play(walk(300), in_and_out([5, 80], 50, 2_000.0)), PLAN.changed(leverage=3.0))
    assert BY_NAME["over_invested"](doubled) is None


def test_turnover_that_costs_nothing_is_nobodys_worry():
    free = PLAN.changed(commission=0.0)
    assert BY_NAME["high_turnover"](replace(with_metrics(turnover=200.0, years=2.0), plan=free)) is None


@pytest.mark.parametrize("name", ["small_winners", "losers_held_longer"])
def test_the_shape_of_trades_is_a_matter_of_style_where_they_earn(name):
    losing = FIRES[name]()
    earning = with_trades(traded([50.0, 50.0, 50.0, 50.0, -100.0] * 5, hold=[3, 3, 3, 3, 12] * 5))
    assert (BY_NAME[name](losing).severity, BY_NAME[name](earning).severity) == (2, 1)


def test_a_loss_larger_than_the_gain_beside_it_is_not_told_in_thousands_of_percent():
    assert BY_NAME["fees_eat_edge"](with_trades(traded([-99.0] * 6, commission=100.0))).message == (
        "Commission takes more than the trades earn before it"
    )
    assert (
        BY_NAME["few_carry_profit"](FIRES["few_carry_profit"]()).message == "Without its best 3 of 21 trades the strategy would have lost"
    )


def test_a_loss_comes_with_how_far_the_trades_were_ahead_before_it():
    falling = bars(np.linspace(100, 60, 300))
    found = BY_NAME["lost_money"](case(falling, play(falling, in_and_out(range(5, 105, 20), 10, 400.0))))
    assert found.sample == "the mean trade was ahead by 0.1% at its best and ended at -1.4%, before commission"
