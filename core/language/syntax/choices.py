"""Aliases that a document may use for operators, sections, measures and rules, resolved to the table's own words."""

from collections.abc import Mapping
from types import MappingProxyType

from core.domain.workflow import Direction, Join, Measure, Operator, Section
from core.language.catalogue.rules import RULES
from core.language.spoken.scanner import Scanner
from core.language.spoken.verbs import read_side, read_verb
from core.language.syntax.timeframes import resolve_timeframe


def _index_aliases(table: Mapping[str, str]) -> Mapping[str, str]:
    """`right: "other, other"` to other name -> right one."""
    return MappingProxyType({word: right for right, words in table.items() for word in words.split(", ")})


OPERATOR_ALIASES = _index_aliases(
    {
        ">": "above, is above, greater than, is greater than, gt, over",
        "<": "before, until, below, is below, less than, is less than, lt, under",
        ">=": "≥, =>, after, from, at least, gte, ge, greater or equal",
        "<=": "≤, =<, at most, lte, le, less or equal",
        "==": "=, equals, eq, is, is equal to, equal to, is exactly",
        "crosses above": "cross above, crossed above, crossing above, crosses over, cross over, crossover, cross up, crosses up",
        "crosses below": "cross below, crossed below, crossing below, crosses under, cross under, crossunder, cross down, crosses down",
        "rising": "is rising, rises, increasing, rises for bars, going up, goes up, turns up, up",
        "falling": "is falling, falls, decreasing, falls for bars, going down, goes down, turns down, down",
        "is true": "true, holds, when, is true (formula), happens, occurs",
        "between": "inside, in range, is between, from to",
        "outside": "out of range, is outside, outside of, not between",
        "percent": "%, pct, percentage",
        "units": "unit, shares, contracts, lots",
        "cash": "money, dollars, amount",
        "atr": "atrs, atr multiple, times atr, x atr, average true range, average true ranges",
        "r": "r multiple, risk multiple, times risk (r), times risk",
        "bars": "bar, candles, periods",
        "count": "number, times per day",
        "points": "point, pts, price points, price units",
        "pips": "pip",
        "choice": "as, choose",
        "dates": "date, days",
        "on": "yes, switch, enabled",
    }
)
SECTION_ALIASES = _index_aliases(
    {
        "entry_long": "entry long, long entry, long_entry, buy, enter_long",
        "exit_long": "exit long, long exit, long_exit, close_long",
        "entry_short": "entry short, short entry, short_entry, sell_short, short, enter_short",
        "exit_short": "exit short, short exit, short_exit, cover, buy_to_cover, close_short",
        "define": "defines, definition, definitions, names, variables, let",
        "filter": "filters, regime",
        "sizing": "size, position sizing, position_sizing",
        "risk": "risk management, risk_management, stops",
    }
)
DIRECTION_ALIASES = _index_aliases(
    {
        "long_only": "long only, long, longs",
        "short_only": "short only, short, shorts",
        "long_short": "long short, both, long_and_short, long and short, short_long",
    }
)
JOIN_ALIASES = _index_aliases({"all": "and, every", "any": "or, some, either", "none": "not, neither, nor"})
RULE_ALIASES = _index_aliases(
    {
        "stop_loss": "stop, sl, stoploss, initial_stop, protective_stop",
        "take_profit": "tp, target, profit_target, takeprofit, price_target",
        "trailing_stop": "trailing, trail, trailing_stop_loss, trailstop",
        "break_even": "breakeven, break_even_stop, break_even_move",
        "partial_exit": "partial, partial_take_profit, scale_out_target",
        "time_stop": "time_exit, max_bars, max_holding, max_hold, exit_after_bars",
        "position_size": "size, positionsize, order_size",
        "risk_per_trade": "risk, fixed_fractional, risk_percent, percent_risk",
        "volatility_target": "vol_target, volatility_targeting, target_volatility",
        "kelly": "kelly_fraction, fractional_kelly",
        "pyramiding": "pyramid, max_entries, scale_in",
        "drawdown_halt": "max_drawdown, drawdown_stop, drawdown_limit",
        "daily_loss_limit": "max_daily_loss, daily_loss",
        "cool_down": "cooldown",
        "flat_at_close": "flat_at_session_end, close_at_end_of_day, exit_at_close, eod_exit",
        "trading_hours": "session, hours, time_window",
        "stops": "which_stop, stop_choice, stops_choice",
        "on_opposite_signal": "opposite_signal, opposite, reverse_signal, on_reverse_signal",
        "no_entries_on": "no_trading_on, no_trades_on, skip_days, blackout, blackout_days, event_days, holidays",
        "hold_to_end": "no_exit, never_exit, buy_and_hold, hold_forever",
        "rebalance": "rebalancing",
        "add_cash": "addcash, cash_in, deposit, deposits, monthly_deposit, contribution, contributions, monthly_contribution, pay_in",
        "stop_order": "stop_entry, entry_stop, buy_stop, sell_stop",
        "limit_order": "limit_entry, entry_limit, buy_limit, sell_limit",
        "limit_on_open": "loo, limit_at_open, limit_at_the_open, limit_on_the_open, open_limit, opening_limit, limit_on_opening",
    }
)

CHOICES: Mapping[str, tuple[tuple[str, ...], Mapping[str, str]]] = MappingProxyType(
    {
        "operator": ((*Operator, *Measure), OPERATOR_ALIASES),
        "section": (tuple(Section), SECTION_ALIASES),
        "direction": (tuple(Direction), DIRECTION_ALIASES),
        "join": (tuple(Join), JOIN_ALIASES),
    }
)
"""Column to the words that it knows and other spellings of them."""


def resolve_choice(column: str, value: object) -> object:
    """Resolve an alias to the word that a column knows; a text that means none stays as it is.

    >>> resolve_choice("operator", "Crosses_Above"), resolve_choice("section", "entry-long"), resolve_choice("join", "maybe")
    ('crosses above', 'entry_long', 'maybe')
    """
    known, others = CHOICES[column]
    if not isinstance(value, str):
        return value
    found = _resolve(value, known, others)
    return (_read_operator(value) or found) if column == "operator" and found not in known else found


def _read_operator(text: str) -> str:
    """The operator that words say: a crossing where something moves through, a sign where it stands; empty for any others."""
    scan = Scanner(" ".join(text.lower().replace("_", " ").split()))
    verb, side = read_verb(scan), read_side(scan)
    if side is None or not scan.is_done():
        return ""
    if verb.crossing or verb.moving or verb.down or side == "through":
        below = side in ("<", "<=") or (side == "through" and verb.down)
        return "" if verb.negative else Operator.CROSSES_BELOW if below else Operator.CROSSES_ABOVE
    return {">": "<=", "<": ">=", ">=": "<", "<=": ">"}[side] if verb.negative else side


def _resolve(text: str, known: tuple[str, ...], others: Mapping[str, str]) -> str:
    if text in known:
        return text
    plain = " ".join(text.lower().replace("_", " ").replace("-", " ").split())
    for word in (plain, plain.replace(" ", "_")):
        if word in known:
            return word
        if word in others:
            return others[word]
    return text


WORD_ALIASES = _index_aliases(
    {
        "on close": "close only, at close, at the close, on the close, closing basis, on closing basis, end of bar",
        "at fill": "at the fill, from fill, on fill, from the fill",
        "renew": "renewed, renewing, restart, reset, extend",
        "tightest": "tight, nearest, closest",
        "widest": "wide, loosest, farthest, furthest",
        "reverse": "reverses, flip, turn, turn around",
        "close": "closes, exit, flat",
        "ignore": "ignores, nothing, hold, keep",
        "weekly": "every week, each week, a week, per week, week",
        "monthly": "every month, each month, a month, per month, month",
        "quarterly": "every quarter, each quarter, a quarter, per quarter, quarter",
        "yearly": "every year, each year, a year, per year, year, annually, annual",
    }
)
"""Other words for those that stand in the cells of a rule."""


def resolve_word(text: str) -> str:
    """Resolve an alias to the word that a rule's cell knows; any other text becomes plain small letters without underscores.

    >>> resolve_word("On_Close"), resolve_word("loosest")
    ('on close', 'widest')
    """
    plain = " ".join(text.lower().replace("_", " ").replace("-", " ").split())
    return WORD_ALIASES.get(plain, plain)


def resolve_rule(text: str) -> str:
    """Resolve an alias to the rule that a sizing or risk row means; a text that means none stays as it is."""
    return _resolve(text.strip(), tuple(RULES), RULE_ALIASES)


def resolve_row_timeframe(value: object) -> object:
    """Resolve the timeframe that a row means; None for an empty text."""
    if not isinstance(value, str):
        return value
    return resolve_timeframe(value) if value.strip() else None
