"""Hypothesis generators of valid workflows: operands, conditions, rows, rules. Everything that comes out passes the checker."""

from typing import Any

from hypothesis import assume
from hypothesis import strategies as st
from hypothesis.strategies import DrawFn, SearchStrategy

from core.domain.errors import Severity
from core.domain.workflow import Workflow
from core.language import CATALOGUE, RULES, check, parse
from core.language.catalogue import Indicator, Unit

LONGEST = 12
"""Longest period that is generated, so that a few hundred bars are enough."""
SLOW = ("hurst", "connors_rsi", "kst", "ichimoku")
SMALL = sorted(name for name in CATALOGUE if name not in SLOW)


@st.composite
def arguments(draw: DrawFn, entry: Indicator) -> str:
    """Numbers within the parameters' ranges, short and in order."""
    values = []
    for param in entry.params:
        low, high = param.low, min(param.high, max(param.low + 3, float(LONGEST)))
        value = (
            draw(st.integers(int(low), int(high)))
            if param.integer
            else draw(st.floats(low, min(high, 3.0), allow_nan=False).map(lambda x: round(x, 2)))
        )
        values.append(max(value, low))
    names = [param.name for param in entry.params]
    for place, name in enumerate(entry.ordered[1:], start=1):
        before = names.index(entry.ordered[place - 1])
        values[names.index(name)] = max(values[names.index(name)], values[before] + 1)
    return ", ".join(f"{value:g}" for value in values)


@st.composite
def indicator(draw: DrawFn, kinds: tuple[Unit, ...] | None = None) -> str:
    """An output line of an indicator, of certain kinds when given."""
    entry = CATALOGUE[draw(st.sampled_from(SMALL))]
    lines = [line for line in entry.lines if kinds is None or line.unit in kinds]
    assume(lines)
    numbers = draw(arguments(entry))
    source = draw(st.sampled_from(("", "close", "high", "hl2", "sma(close, 3)", "close - open"))) if len(entry.sources) == 1 else ""
    inside = ", ".join(part for part in (source, numbers) if part)
    line = draw(st.sampled_from(lines))
    return f"{entry.name}({inside})" + (f".{line.name}" if len(entry.lines) > 1 else "")


PRICES = st.sampled_from(("close", "open", "high", "low", "close[1]", "hlc3", "(high + low) / 2", "high[2]"))
LEVELS = st.one_of(
    PRICES,
    st.builds("{}({})".format, st.sampled_from(("sma", "ema", "wma", "highest", "lowest", "kama", "median")), st.integers(2, LONGEST)),
    st.builds("{} * {}".format, PRICES, st.sampled_from(("0.99", "1.01"))),
    st.builds("{} + {} * atr(5)".format, PRICES, st.sampled_from(("0.5", "-1"))),
    st.sampled_from(('tf("1w", close)', 'tf("1mo", close)')),
    st.just("(sma(5) if close > open else ema(5))"),
)
BOUNDED = st.one_of(
    st.builds(
        "{}({})".format, st.sampled_from(("rsi", "mfi", "cmo", "stoch", "adx", "percent_rank", "williams_r")), st.integers(2, LONGEST)
    ).map(lambda text: text + ".k" if text.startswith("stoch") else text),
    st.just("ibs * 100 + 0"),
)


def comparisons() -> SearchStrategy[str]:
    """Conditions that compare values of one kind."""
    sign = st.sampled_from(("<", ">", "<=", ">="))
    return st.one_of(
        st.builds("{} {} {}".format, LEVELS, sign, LEVELS).filter(
            lambda text: len({part.strip() for part in text.replace("=", "").replace("<", ">").split(">")}) > 1
        ),
        st.builds("crosses_above({}, {})".format, PRICES, st.sampled_from(("sma(7)", "ema(9)", "vwap", "keltner(5, 1, 5).upper"))),
        st.builds("rising({}, {})".format, LEVELS, st.integers(1, 3)),
        st.builds("{} > {}".format, indicator((Unit.RATIO, Unit.PERCENT, Unit.DISTANCE)), st.sampled_from(("0", "0.1"))),
        indicator((Unit.FLAG,)),
        st.sampled_from(
            ("weekday == 1", "month <= 6", "bar_of_month > 3", "day != 13", "volume > sma(volume, 5)", "since(close > open) < 3")
        ),
        st.sampled_from(("not (last_profit < 0)", "losses_in_row < 3", "bars_since_exit > 2", "sum_since(weekday == 0, volume) > 5")),
        st.sampled_from(
            ("first_bar_of_week", "trading_days_left > 2", "date > 2015-02-01", "position == 0", "trades_today < 2", "equity > 0")
        ),
    )


CONDITIONS = st.recursive(
    comparisons(),
    lambda inner: st.one_of(
        st.builds("({}) and ({})".format, inner, inner),
        st.builds("({}) or ({})".format, inner, inner),
        st.builds("not ({})".format, inner),
        st.builds("count({}, {}) >= 1".format, inner, st.integers(2, 5)),
        st.builds("sequence({}, {}, within=4)".format, inner, inner),
        st.builds("close > value_when({}, close)".format, inner),
        st.builds("({})[1]".format, inner),
    ),
    max_leaves=3,
)
POSITION = st.sampled_from(
    (
        "open_profit > 4",
        "bars_in_trade >= 6",
        "close < entry_price * 0.97",
        "crosses_below(close, highest_since_entry - 2 * atr(5))",
        "close > lowest_since_entry * 1.05",
        "last_entry_price > close * 1.1",
    )
)


def cells(section: str, condition: str, group: str, within: int) -> dict[str, Any]:
    return {"section": section, "indicators": [condition], "operator": "is true", "group": group, "within": within}


def condition_rows(section: str, *, most: int = 2) -> SearchStrategy[list[dict[str, Any]]]:
    """Rows of one section."""
    source = st.one_of(CONDITIONS, POSITION) if section.startswith("exit") else CONDITIONS
    one = st.builds(cells, st.just(section), source, st.sampled_from("AAB"), st.sampled_from((1, 1, 1, 3)))
    return st.lists(one, min_size=1, max_size=most)


@st.composite
def rule_row(draw: DrawFn, name: str) -> dict[str, Any]:
    """A sizing or risk row with numbers near its defaults."""
    rule = RULES[name]
    measure = draw(st.sampled_from(sorted(rule.forms)))
    thresholds = []
    for slot in rule.forms[measure].slots:
        if slot.optional and draw(st.booleans()):
            break
        factor = draw(st.sampled_from((0.5, 1.0, 2.0))) if slot.sort == "number" else 1.0
        if slot.sort != "number" or slot.default == "0":
            thresholds.append(slot.default)
            continue
        value = float(slot.default) * factor
        value = max(1.0, round(value)) if slot.integer else value
        thresholds.append(f"{min(max(value, slot.low), slot.high):g}")
    return {"section": rule.sections[0].value, "indicators": [name], "operator": measure.value, "thresholds": thresholds}


SIZES = ("position_size", "risk_per_trade", "volatility_target", "kelly")
MODIFIERS = ("pyramiding", "scale_out", "max_leverage", "lot_size", "rebalance")
STOPS = ("stop_loss", "trailing_stop")
OTHERS = (
    "take_profit",
    "break_even",
    "partial_exit",
    "time_stop",
    "drawdown_halt",
    "max_trades_per_day",
    "max_losses_per_day",
    "cool_down",
    "daily_loss_limit",
    "daily_profit_target",
    "max_exposure",
    "stops",
    "on_opposite_signal",
    "no_entries_on",
    "exits_block_entries",
)


INTRADAY = st.sampled_from(
    (
        "minute_of_day >= time(11, 0)",
        "bar_of_day > 2",
        "minutes_to_close > 30",
        "minutes_since_open < 120",
        "close > vwap",
        "close > opening_range(30).high",
        "crosses_above(close, yesterday.close)",
        "gap > 0",
        'tf("1h", close > open)',
        'close > tf("1d", sma(2))',
        'crosses_below(close, tf("30m", ema(4)))',
    )
)
INTRADAY_RULES = ("trading_hours", "flat_at_close", "max_trades_per_day")


PRICE_ORDERS = (("stop_order", "high"), ("limit_order", "low"), ("stop_order", "close"), ("limit_on_open", "close * 1.001"))


def order_row(section: str, name: str, price: str) -> dict[str, Any]:
    """A row that carries its section out by an order at a price."""
    within = 1 if name == "limit_on_open" else 2
    return {"section": section, "indicators": [name], "operator": "price", "thresholds": [price], "within": within}


@st.composite
def workflows(draw: DrawFn, *, intraday: bool = False) -> Workflow:
    """A workflow without errors, on daily bars or on bars of some minutes."""
    direction = draw(st.sampled_from(("long_only", "long_only", "short_only", "long_short")))
    sides = {"long_only": ["long"], "short_only": ["short"], "long_short": ["long", "short"]}[direction]
    rows: list[dict[str, Any]] = []
    for side in sides:
        rows += draw(condition_rows(f"entry_{side}"))
        rows += draw(condition_rows(f"exit_{side}"))
        if draw(st.integers(0, 4)) == 0:
            rows.append(order_row(f"entry_{side}", *draw(st.sampled_from(PRICE_ORDERS))))
        if draw(st.integers(0, 7)) == 0:
            rows.append(order_row(f"exit_{side}", "limit_on_open", "close * 1.005" if side == "long" else "close * 0.995"))
    if draw(st.booleans()):
        rows += draw(condition_rows("filter", most=1))
    if intraday:
        rows.append({"section": f"entry_{sides[0]}", "indicators": [draw(INTRADAY)], "operator": "is true"})
    names = [draw(st.sampled_from(SIZES)), draw(st.sampled_from(STOPS))]
    names += draw(st.lists(st.sampled_from(MODIFIERS), max_size=2, unique=True)) + draw(
        st.lists(st.sampled_from(OTHERS), max_size=3, unique=True)
    )
    names += draw(st.lists(st.sampled_from(INTRADAY_RULES), max_size=2, unique=True)) if intraday else []
    rows += [draw(rule_row(name)) for name in dict.fromkeys(names)]
    document = {"name": draw(st.sampled_from(("Test", 'Ärger """ \\ 7', "x"))), "direction": direction}
    told = parse(document | {"rows": [{"id": f"r{number}"} | row for number, row in enumerate(rows, start=1)]})
    assume(not any(problem.severity is Severity.ERROR for problem in check(told)))
    return told
