"""Other names for what the language knows: those of charting programs, of libraries, and of plain speech.

Text is `spelling`'s work, advice on names that mean nothing here that of `hints`.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from core.language.catalogue import CATALOGUE, Indicator, OutputLine
from core.language.catalogue.functions import FUNCTIONS
from core.language.syntax.nodes import BAR_BLENDS, BAR_FIELDS, CLOCK_CONDITIONS, CLOCK_OPERANDS, HISTORY_OPERANDS, POSITION_OPERANDS

KNOWN_NAMES = frozenset(
    {*BAR_FIELDS, *BAR_BLENDS, *POSITION_OPERANDS, *HISTORY_OPERANDS, *CLOCK_OPERANDS, *CLOCK_CONDITIONS, *CATALOGUE, *FUNCTIONS}
)
"""Every name that an operand may start with."""


def _index_aliases(lines: str) -> Mapping[str, str]:
    """`right: other other` a line, to other name -> right one."""
    pairs = (line.partition(":")[::2] for line in lines.strip().splitlines())
    return MappingProxyType({word: right.strip() for right, words in pairs for word in words.split()})


SYNONYMS = _index_aliases("""
    open: o opens opening_price open_price
    high: h high_price
    low: l low_price
    close: c closes closing_price close_price adj_close price last last_price
    volume: v vol
    hl2: median_price
    hlc3: typical_price
    sma: ma avg average mean mov simplemovingavg simplemovingaverage moving_average simple_moving_average moving_avg
    ema: ewma expavg expaverage movavgexponential exponential_moving_average xaverage
    wma: lwma linear_weighted_moving_average weighted_moving_average
    smma: rma wilder wilders wilders_average
    hma: hull hull_ma hull_moving_average
    vwma: volume_weighted_moving_average
    rsi: relative_strength_index
    stoch: stochastic stochastics sto
    stoch.k: slow_k slowk
    stoch.d: slow_d slowd
    bbands.percent_b: percent_b pct_b pctb
    bbands.width: bandwidth bb_width
    stochrsi: stoch_rsi stochastic_rsi
    williams_r: williams wpr willr percent_r williams_percent_r
    cci: commodity_channel_index
    roc: rate_of_change
    momentum: mom mtm
    macd.signal: macdsignal macdsig
    macd.histogram: macdhisto macdhist macd_histo macdhistogram macd_histogramm
    adx: average_directional_index
    plus_di: di_plus plusdi pdi diplus
    minus_di: di_minus minusdi mdi diminus
    psar: sar parabolic parabolic_sar
    ichimoku.tenkan: tenkan tenkan_sen conversion_line
    ichimoku.kijun: kijun kijun_sen base_line
    ichimoku.senkou_a: senkou_a senkou_span_a
    ichimoku.senkou_b: senkou_b senkou_span_b
    heikin_ashi: ha heikinashi heiken_ashi
    choppiness: chop choppiness_index
    aroon: aroon_indicator
    swing_high: pivot_high pivothigh swinghigh last_swing_high fractal_high
    swing_low: pivot_low pivotlow swinglow last_swing_low fractal_low
    atr: average_true_range
    natr: atrp atr_percent atr_pct percent_atr normalized_atr
    true_range: tr trange
    stddev: std stdev stdevp sd standard_deviation
    bbands: bb boll bollinger bollinger_band bollinger_bands bollingerbands
    keltner: kc keltner_channel keltner_channels
    donchian: dc donchian_channel donchian_channels
    highest: hh hhv highest_high rolling_max ts_max
    lowest: ll llv lowest_low rolling_min ts_min
    all_time_high: ath record_high alltimehigh
    all_time_low: atl record_low alltimelow
    highest_bar: highestbars hhvbars
    lowest_bar: lowestbars llvbars
    obv: on_balance_volume
    mfi: money_flow_index
    cmf: chaikin_money_flow
    relative_volume: rvol relvol rel_volume volume_ratio
    accumulation_distribution: adl accdist
    vwap: session_vwap volume_weighted_average_price
    today: current_day this_day
    yesterday: previous_day prev_day prior_day last_day previous_session prior_session
    last_week: previous_week prev_week prior_week
    last_month: previous_month prev_month prior_month
    yesterday.high: pdh yesterdays_high
    yesterday.low: pdl yesterdays_low
    yesterday.close: pdc yesterdays_close
    yesterday.open: yesterdays_open
    today.high: hod high_of_day day_high session_high daily_high
    today.low: lod low_of_day day_low session_low daily_low
    today.open: day_open session_open daily_open open_of_day
    gap: gap_percent gap_pct opening_gap overnight_gap
    opening_range: orb
    pivot_points: pivot pivots pivot_point floor_pivots
    zscore: z_score zs
    percent_rank: percentrank percentile_rank
    linear_regression: linreg
    slope: linreg_slope linear_regression_slope lr_slope
    correlation: correl corr
    sum: rolling_sum
    realised_volatility: realized_volatility historical_volatility hv
    inside_bar: inside_day inside
    piercing_line: piercing piercing_pattern
    dark_cloud_cover: dark_cloud
    bullish_engulfing: bull_engulfing engulfing_bull
    bearish_engulfing: bear_engulfing engulfing_bear
    outside_bar: outside_day
    narrow_range: nr
    crosses_above: crossover cross_over cross_above crossed_above crosses_over crossesabove crossabove cross_up
    crosses_below: crossunder cross_under cross_below crossed_below crosses_under crossesbelow crossbelow cross_down
    since: barssince bars_since
    value_when: valuewhen
    rising: isrising increasing
    falling: isfalling decreasing
    sqrt: squareroot
    log: ln
    entries_in_trade: number_of_entries entry_count units_held pyramid_count open_trades opentrades
    bars_in_trade: bars_held barsheld bars_in_position
    bars_since_entry: barssinceentry bars_since_last_entry
    bars_since_exit: barssinceexit bars_since_last_exit bars_since_last_trade
    losses_in_row: consecutive_losses losing_streak losses_in_a_row consecutive_losers
    wins_in_row: consecutive_wins winning_streak wins_in_a_row consecutive_winners
    trades_today: trades_of_day todays_trades trade_count_today
    position: market_position marketposition position_side
    equity: account_equity portfolio_value account_value net_liquidation
    open_profit: profit_pct profit_percent open_profit_percent unrealized_profit unrealized_pnl_percent trade_profit
    entry_price: entry avg_entry avg_entry_price average_entry_price position_avg_price
    highest_since_entry: high_since_entry
    lowest_since_entry: low_since_entry
    minute_of_day: time time_of_day
    minutes_to_close: minutes_until_close minutes_before_close minutes_left
    minutes_since_open: minutes_after_open minutes_from_open
    day: day_of_month dayofmonth
    date: trading_date current_date bar_date
    first_bar_of_week: week_start start_of_week new_week first_day_of_week
    first_bar_of_month: month_start start_of_month new_month
    first_bar_of_day: day_start start_of_day new_day
    first_trading_day_of_month: first_day_of_month
    last_trading_day_of_month: month_end end_of_month last_day_of_month
    trading_days_left: trading_days_left_in_month days_left_in_month
    atr_trailing_stop: atr_stop atr_trail atrtrailingstop ut_bot
""")
"""Another name to the right one, or to an output line of it. Only names that leave no doubt; the others have a hint."""

VOLUME_ALIASES = MappingProxyType(
    {
        word: name
        for name, words in {
            "sma": "volume_sma sma_volume volume_ma vol_sma vol_ma vma avgvol avg_vol avg_volume average_volume volume_average",
            "ema": "volume_ema",
        }.items()
        for word in words.split()
    }
)
"""Names that mean an indicator of volume."""

DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
MONTH_NAMES = "january february march april may june july august september october november december"
CONSTANTS: Mapping[str, float] = MappingProxyType(
    {name: float(number) for number, day in enumerate(DAYS) for name in (day, day[:3])}
    | {name: float(number) for number, month in enumerate(MONTH_NAMES.split(" "), start=1) for name in (month, month[:3])}
)
"""Weekdays and months by name, as `weekday` and `month` count them."""

DIRECTIONS: Mapping[str, int] = MappingProxyType(
    dict.fromkeys(("up", "bullish", "long", "green", "white", "rising", "upward", "uptrend"), 1)
    | dict.fromkeys(("down", "bearish", "short", "red", "black", "falling", "downward", "downtrend"), -1)
)
"""Words for the direction of a line."""

SIGN_WORDS: Mapping[str, str] = MappingProxyType({"positive": ">", "negative": "<", "zero": "==", "flat": "=="})
"""Words for where a value lies against zero."""

LINE_ALIASES: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "upper": ("up", "top", "high", "upper_band", "upperband", "hi"),
        "lower": ("down", "dn", "bot", "bottom", "low", "lower_band", "lowerband", "lo"),
        "mid": ("middle", "basis", "center", "centre", "middleband", "middle_band"),
        "histogram": ("hist", "histo", "osc", "diff"),
        "percent_b": ("pctb", "pct_b", "b"),
        "width": ("bandwidth", "bw"),
        "k": ("percent_k", "slow_k", "slowk", "fastk"),
        "d": ("percent_d", "slow_d", "slowd", "fastd"),
        "direction": ("dir", "trend"),
        "p": ("pivot", "pp"),
        "plus": ("vi_plus",),
        "minus": ("vi_minus",),
    }
)
"""Output line to other words for it, which count only where the indicator has no line of that word."""

FIRST_LINE_ALIASES = ("line", "main", "value")
"""Words for an indicator's first line."""

PARAM_ALIASES: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "period": ("length", "len", "window", "n", "timeperiod", "periods", "lookback", "bars", "span"),
        "deviations": ("stddev", "std", "stdev", "dev", "nbdev", "nbdevup", "mult", "multiplier", "sd", "devfactor"),
        "multiple": ("mult", "multiplier", "factor", "atr_multiplier"),
        "fast": ("fastperiod", "fast_period", "fastlength", "short"),
        "slow": ("slowperiod", "slow_period", "slowlength", "long"),
        "signal": ("signalperiod", "signal_period", "signallength", "smoothing"),
        "d": ("d_period", "slowd_period"),
        "smooth": ("smooth_k", "slowk_period", "slowing"),
        "minutes": ("period", "length", "duration"),
    }
)
"""Parameter to other words for it."""


@dataclass(frozen=True, slots=True)
class ResolvedName:
    """A name of the language with what another spelling said besides: a number, an output line, a series."""

    name: str
    number: float | None = None
    line: str = ""
    source: str = ""


def resolve_name(word: str) -> ResolvedName | None:
    """Resolve a name that somebody typed: itself, another name for it, with its period (`rsi14`) or its line (`bb_upper`) in it."""
    word = word.lower()
    if word in KNOWN_NAMES:
        return ResolvedName(word)
    if word in SYNONYMS:
        name, _, line = SYNONYMS[word].partition(".")
        return ResolvedName(name, line=line)
    if word in VOLUME_ALIASES:
        return ResolvedName(VOLUME_ALIASES[word], source="volume")
    return _with_period(word) or _with_line(word)


def _with_period(word: str) -> ResolvedName | None:
    found = re.fullmatch(r"([a-z_]+?)_?(\d{1,4})", word)
    if found is None:
        return None
    of_volume = VOLUME_ALIASES.get(found.group(1))
    base = CATALOGUE[of_volume] if of_volume else _indicator(found.group(1))
    return ResolvedName(base.name, number=float(found.group(2)), source="volume" if of_volume else "") if base and base.params else None


def _with_line(word: str) -> ResolvedName | None:
    parts = word.split("_")
    for place in range(len(parts) - 1, 0, -1):
        first, second = "_".join(parts[:place]), "_".join(parts[place:])
        for name, text in ((first, second), (second, first)):
            entry = _indicator(name)
            line = resolve_line(entry, text) if entry and len(entry.lines) > 1 else None
            if entry and line:
                return ResolvedName(entry.name, line=line.name)
    return None


def _indicator(word: str) -> Indicator | None:
    name = word if word in KNOWN_NAMES else SYNONYMS.get(word, "")
    return CATALOGUE.get(name)


def resolve_line(entry: Indicator, word: str) -> OutputLine | None:
    """Resolve a word to an output line: its own name, or another word for it."""
    word = word.lower()
    found = entry.line(word)
    names = [name for name, others in LINE_ALIASES.items() if word in others]
    other = next((line for name in names if (line := entry.line(name)) is not None), None)
    return found or other or (entry.lines[0] if word in FIRST_LINE_ALIASES else None)


def resolve_param(entry: Indicator, word: str) -> str:
    """Resolve a word to the parameter that it means; the word itself when it means none."""
    own = [param.name for param in entry.params]
    if word in own:
        return word
    return next((name for name, others in PARAM_ALIASES.items() if word.lower() in others and name in own), word)
