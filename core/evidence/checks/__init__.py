"""Every check of one evaluated run. A check takes a case and gives a finding named like itself, or None.

Rules for a check: no date and no price in its text (the model may be working blind; bars are named by number), figures as
percentages a person can judge, one remedy. It is silent when what it needs is not there.
"""

from collections.abc import Callable

from core.domain.finding import Finding
from core.evidence.check_case import Case
from core.evidence.checks import activity, costs, curve, program, reference, scored, sizing, specification, trades

Check = Callable[[Case], Finding | None]

CHECKS: tuple[Check, ...] = (
    activity.look_ahead,
    activity.equity_mismatch,
    activity.ruined,
    activity.no_orders,
    activity.no_fills,
    activity.never_closed,
    sizing.one_unit,
    specification.wrong_side,
    specification.stop_not_kept,
    activity.few_trades,
    scored.constraint_broken,
    scored.objective_undefined,
    activity.margin_rejections,
    activity.engine_altered,
    costs.fees_eat_edge,
    reference.lost_money,
    curve.deep_drawdown,
    specification.drift,
    reference.worse_than_baseline,
    reference.worse_than_holding,
    costs.thin_edge,
    trades.few_carry_profit,
    curve.one_year_carries,
    curve.loses_in_turbulence,
    curve.needs_turbulence,
    trades.stops_too_tight,
    trades.gains_given_back,
    trades.small_winners,
    trades.losers_held_longer,
    trades.few_winners,
    trades.one_side_loses,
    trades.losing_streak,
    specification.late_orders,
    program.dates_in_code,
    program.prices_in_code,
    specification.rows_left_out,
    specification.row_never_true,
    activity.open_profit,
    activity.low_exposure,
    sizing.small_positions,
    sizing.over_invested,
    sizing.thin_volume,
    costs.high_turnover,
    curve.fades,
    curve.long_drawdown,
    curve.drawdowns_repeat,
    reference.implausible_sharpe,
    specification.many_parameters,
    reference.no_timing_shown,
    reference.uncertain_sharpe,
    reference.copy_of_holding,
    specification.parameter_at_bound,
    specification.row_always_true,
    trades.hasty_exits,
    activity.orders_lapsed,
    activity.orders_left,
    activity.always_invested,
    activity.late_start,
    activity.long_pause,
    sizing.empty_bars,
    reference.short_history,
    activity.unchecked_future,
    activity.talkative,
    activity.slow,
)
"""In the order of their weight: among findings of the same severity the earlier check speaks first."""
