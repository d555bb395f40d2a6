"""Advice in place of names that the language does not know: what to write instead, or which name was meant."""

import re
from collections.abc import Mapping, Sequence
from functools import lru_cache
from types import MappingProxyType

from core.language.syntax.missing import suggest_missing
from core.language.syntax.nodes import BAR_FIELDS
from core.language.syntax.slips import find_typos, format_suggestion
from core.language.syntax.synonyms import KNOWN_NAMES, SYNONYMS, VOLUME_ALIASES

_PROFILE = "Volume by price is not in the bars. Near to it are `vwap`, and `pivot_points.p` of the day before."
_LEARNING = "Fitted models (machine learning) cannot be written in the table: generated or hand-written code can hold one."
_ORDER_FLOW = "Order flow is not in the bars. Near to it are `obv`, `cmf(20)`, and `volume if close > open else -volume`."
_CLOUD = (
    "The cloud lies between `ichimoku.senkou_a` and `ichimoku.senkou_b`: above it is `close > max(ichimoku.senkou_a, ichimoku.senkou_b)`."
)
_BEFORE = "Write `{0}[1]` for the bar before, or `yesterday.{0}` for the day before."
HINTS: Mapping[str, str] = MappingProxyType(
    {
        f"{before}_{price}": _BEFORE.format(price)
        for before in ("prev", "previous", "prior", "last")
        for price in BAR_FIELDS
        if price != "volume"
    }
    | dict.fromkeys(("prev_volume", "previous_volume", "prior_volume", "last_volume"), "Write `volume[1]` for the bar before.")
    | {
        "crosses": "Write `crosses_above(close, sma(20))`, or choose the operator.",
        "signal": "Write the line of its indicator: `macd.signal`.",
        "cross": "Write `crosses_above(a, b)` or `crosses_below(a, b)`.",
        "ref": "Write `close[1]` for one bar ago.",
        "shift": "Write `close[1]` for one bar ago.",
        "lag": "Write `close[1]` for one bar ago.",
        "delay": "Write `close[1]` for one bar ago.",
        "offset": "Write `close[1]` for one bar ago.",
        "change": "Write `close - close[1]`, or `roc(1)` for percent.",
        "chg": "Write `close - close[1]`, or `roc(1)` for percent.",
        "pct_change": "Write `roc(close, {1})`: the change in percent.",
        "pctchange": "Write `roc(close, {1})`: the change in percent.",
        "percent_change": "Write `roc(close, {1})`: the change in percent.",
        "poc": _PROFILE,
        "vpoc": _PROFILE,
        "vah": _PROFILE,
        "val": _PROFILE,
        "value_area": _PROFILE,
        "value_area_high": _PROFILE,
        "value_area_low": _PROFILE,
        "volume_profile": _PROFILE,
        **dict.fromkeys(("cloud", "kumo", "ichimoku_cloud"), _CLOUD),
        **dict.fromkeys(("prev", "previous", "prior"), "Write `close[1]` for one bar ago."),
        "ima": "Write `sma(20)`, or `ema(20)`, and `sma(20)[1]` for one bar ago.",
        "irsi": "Write `rsi(14)`, and `rsi(14)[1]` for one bar ago.",
        "ihigh": "Write `high[1]` for one bar ago.",
        "ilow": "Write `low[1]` for one bar ago.",
        "iclose": "Write `close[1]` for one bar ago.",
        "iopen": "Write `open[1]` for one bar ago.",
        "bbandtop": "Write `bbands(20, 2).upper`.",
        "bbandbot": "Write `bbands(20, 2).lower`.",
        "rank": "Write `percent_rank(close, 100)`: the share of the last bars below, 0 to 100.",
        "chikou": "The lagging span is this close against the prices of 26 bars before: write `close > close[26]`.",
        "chikou_span": "The lagging span is this close against the prices of 26 bars before: write `close > close[26]`.",
        "lagging_span": "The lagging span is this close against the prices of 26 bars before: write `close > close[26]`.",
        "predict": _LEARNING,
        "prediction": _LEARNING,
        "model": _LEARNING,
        "machine_learning": _LEARNING,
        "ml": _LEARNING,
        "neural_network": _LEARNING,
        "random_forest": _LEARNING,
        "xgboost": _LEARNING,
        "order_flow": _ORDER_FLOW,
        "orderflow": _ORDER_FLOW,
        "delta": _ORDER_FLOW,
        "cumulative_delta": _ORDER_FLOW,
        "cvd": _ORDER_FLOW,
        "imbalance": _ORDER_FLOW,
        "footprint": _ORDER_FLOW,
        "open_interest": _ORDER_FLOW,
        "harami": "Write `bullish_harami` or `bearish_harami`.",
        "tweezer": "Write `tweezer_bottom` or `tweezer_top`.",
        "marubozu": "Write `marubozu_up` or `marubozu_down`.",
        "earnings": "Dates of events are not in the bars: name the days in a `no_entries_on` row.",
        "news": "Dates of events are not in the bars: name the days in a `no_entries_on` row.",
        "pe_ratio": "Fundamentals are not in the bars: the table reads prices, volume and time.",
        "market_cap": "Fundamentals are not in the bars: the table reads prices, volume and time.",
        "returns": "Write `roc(1)` for percent, or `log_return(1)`.",
        "daily_return": "Write `roc(1)` for percent, or `log_return(1)`.",
        "day_change": "Write `100 * (close / yesterday.close - 1)` for percent.",
        "daily_change": "Write `100 * (close / yesterday.close - 1)` for percent.",
        "nz": "Leave it out: a value that does not exist makes a comparison false.",
        "na": "Leave it out: a value that does not exist makes a comparison false.",
        "isnan": "Leave it out: a value that does not exist makes a comparison false.",
        "dayofweek": "Write `weekday`: Monday is 0, so `weekday == 4` or `weekday == friday`.",
        "day_of_week": "Write `weekday`: Monday is 0, so `weekday == 4` or `weekday == friday`.",
        "trendline": "Write `swing_high_line(5, 3)` or `swing_low_line(5, 3)`: the line through the last two swings.",
        "trend_line": "Write `swing_high_line(5, 3)` or `swing_low_line(5, 3)`: the line through the last two swings.",
        "bid": "There is no order book: write `close`.",
        "ask": "There is no order book: write `close`.",
        "consecutive": "Write `count(close > open, 3) == 3` for three bars in a row, or `streak`.",
        "profit": "Write `open_profit` (percent), or `open_r` (multiples of the initial risk).",
        "pnl": "Write `open_profit` (percent), or `open_r` (multiples of the initial risk).",
        "unrealized_pnl": "Write `open_profit` (percent), or `open_r` (multiples of the initial risk).",
        "position_size": "It is a rule of the sizing section.",
        "stop": "Write `stop_price`; the stop itself is a `stop_loss` row of the risk section.",
        "percentile": "Write `percent_rank(close, 100)`: the share of the last bars below, 0 to 100.",
        "median_range": "Write `median(high - low, 20)`.",
        "range": "Write `high - low`, or `true_range`.",
        "bar_range": "Write `high - low`, or `true_range`.",
        "body": "Write `abs(close - open)`.",
        "upper_wick": "Write `high - max(open, close)`.",
        "lower_wick": "Write `min(open, close) - low`.",
        "upper_band": "Write `bbands(20, 2).upper`, `keltner(20, 2, 10).upper` or `donchian(20).upper`.",
        "lower_band": "Write `bbands(20, 2).lower`, `keltner(20, 2, 10).lower` or `donchian(20).lower`.",
        "kumo_top": "Write `max(ichimoku.senkou_a, ichimoku.senkou_b)`.",
        "kumo_bottom": "Write `min(ichimoku.senkou_a, ichimoku.senkou_b)`.",
        "di": "Write `plus_di(14)` or `minus_di(14)`.",
        "dmi": "Write `adx(14)`, `plus_di(14)` or `minus_di(14)`.",
        "cum": "Write `sum(volume, 20)`, or `sum_since(bar_of_day == 1, volume)`.",
        "cumsum": "Write `sum(volume, 20)`, or `sum_since(bar_of_day == 1, volume)`.",
        "pinbar": "Write `hammer` or `shooting_star`.",
        "pin_bar": "Write `hammer` or `shooting_star`.",
        "premarket_high": "Write `value_when(minute_of_day == time(9, 30), today.high[1])`, where the bars hold the hours before the open.",
        "true": "Leave the cell out, or write a condition such as `close > 0`.",
        "false": "Disable the row instead.",
        "r1": "Write `pivot_points.r1`.",
        "r2": "Write `pivot_points.r2`.",
        "s1": "Write `pivot_points.s1`.",
        "s2": "Write `pivot_points.s2`.",
        "bar_index": "Write `bar_of_day` or `bar_of_month`.",
        "floor": "Take it out: numbers need not be whole.",
        "round": "Take it out: numbers need not be whole.",
        "exp": "Write a power such as `2.718 ** 2`.",
        "security": 'Write `tf("1d", close)` for a longer timeframe, `other("SPY").close` for another symbol.',
        "request": 'Write `tf("1d", close)` for a longer timeframe, `other("SPY").close` for another symbol.',
        "spy": 'Write `other("SPY").close` for another symbol.',
        "vix": 'Write `other("^VIX").close`, or `natr(14)` of this one.',
    }
)
"""Advice in place of names that could mean several things, or nothing here."""


def suggest_name(word: str, numbers: Sequence[str] = ()) -> str:
    """Suggest what to write instead of a name that is not known; empty when nothing is meant by it. `numbers` were typed behind it."""
    if missing := suggest_missing(word.lower()):
        return missing
    if found := HINTS.get(word.lower()):
        return re.sub(r"\{(\d+)\}", lambda usual: numbers[0] if numbers else usual.group(1), found)
    near = _find_names_like(word.lower())
    right = dict.fromkeys(
        SYNONYMS.get(name) or (f"{VOLUME_ALIASES[name]}(volume, 20)" if name in VOLUME_ALIASES else name) for name in near
    )
    return format_suggestion(list(right)[:2])


@lru_cache(maxsize=4_096)
def _find_names_like(word: str) -> tuple[str, ...]:
    """The names of the language that a word was meant to be; kept, because menus ask for every beginning of every entry."""
    return tuple(find_typos(word, sorted({*KNOWN_NAMES, *SYNONYMS, *VOLUME_ALIASES})))
