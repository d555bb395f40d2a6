"""A condition or a price as it is for the other side of the market: highs become lows, above becomes below, 30 becomes 70."""

import re

PAIRS = (
    ("crosses_above", "crosses_below"), ("rising", "falling"), ("highest", "lowest"), ("high", "low"), ("upper", "lower"),
    ("bullish_engulfing", "bearish_engulfing"), ("bullish_harami", "bearish_harami"),
    ("bullish_divergence", "bearish_divergence"), ("bullish_reversal", "bearish_reversal"), ("hammer", "shooting_star"),
    ("morning_star", "evening_star"), ("piercing_line", "dark_cloud_cover"), ("three_white_soldiers", "three_black_crows"),
    ("three_inside_up", "three_inside_down"), ("tweezer_bottom", "tweezer_top"), ("gap_up", "gap_down"), ("swing_high", "swing_low"),
    ("previous_swing_high", "previous_swing_low"), ("swing_high_line", "swing_low_line"), ("marubozu_up", "marubozu_down"),
    ("highest_since", "lowest_since"), ("highest_since_entry", "lowest_since_entry"), ("all_time_high", "all_time_low"),
    ("r1", "s1"), ("r2", "s2"), ("r3", "s3"), ("h3", "l3"), ("h4", "l4"), ("long", "short"), ("max", "min"),
)  # fmt: skip
"""Names that stand for each other. Those of which one is compared with the other (`plus_di` and `minus_di`) turn by the sign alone."""
OTHERS = {one: other for pair in PAIRS for one, other in (pair, pair[::-1])}
SIGNS = {">": "<", "<": ">", ">=": "<=", "<=": ">="}
TOPS = {
    "rsi": 100.0, "stoch": 100.0, "stochrsi": 100.0, "mfi": 100.0, "connors_rsi": 100.0, "ultimate_oscillator": 100.0, "ibs": 1.0,
    "williams_r": -100.0,
}  # fmt: skip
"""Oscillators with a top: the other side of 30 is as far from it."""
CENTERED = (
    "cci", "roc", "momentum", "macd", "ppo", "cmo", "tsi", "trix", "zscore", "gap", "slope", "cmf", "kst", "fisher",
    "awesome_oscillator", "supertrend", "atr_trailing_stop", "streak",
)  # fmt: skip
"""Values around zero: the other side of a number is its negative."""
ALIKE = (
    "adx", "atr", "natr", "volume", "relative_volume", "choppiness", "stddev", "hurst", "efficiency_ratio",
    "narrow_range", "inside_bar", "outside_bar", "doji", "abs", "near", "high - low",
)  # fmt: skip
CALENDAR = (
    "minute", "weekday", "month", "hour", "day", "date", "trading_day", "year", "first_", "last_trading", "last_profit",
    "losses_in_row", "wins_in_row", "bars_", "trades_",
)  # fmt: skip
"""These are the same on both sides."""


SHARE = r"([\d.]+) \* (?!atr|abs|\(high - low)"
"""So much of a price: 2% below is 2% above from the other side."""
ADDED = r"(?<= )[+-](?= (?:[\d.]+(?: \* atr\(\d+\))?|atr\(\d+\))(?:$|[ ,)]))"
"""The sign before what is added to a price: a number, or so many average ranges."""
CLOCK = re.compile(rf"\b(?:{'|'.join(CALENDAR)})\w* $")
SUM = re.compile(r" [*/+%-] ")


def mirror(expression: str) -> str:
    """Write a condition, or a price, for the other side; empty where it is not known what the other side of it is.

    >>> mirror("rsi(2) < 10"), mirror("close > highest(high, 20)[1]"), mirror("macd(12, 26, 9).macd > 0")
    ('rsi(2) > 90', 'close < lowest(low, 20)[1]', 'macd(12, 26, 9).macd < 0')
    >>> mirror("close > sma(50) + 2 * atr(14)"), mirror("close > sma(50) * 1.02"), mirror("close > low + 0.5 * (high - low)")
    ('close < sma(50) - 2 * atr(14)', '', '')
    >>> mirror("volume > 1.5 * sma(volume, 20)"), mirror("close < 0.98 * sma(50)"), mirror("adx(14) > 25")
    ('volume > 1.5 * sma(volume, 20)', 'close > 1.02 * sma(50)', 'adx(14) > 25')
    """
    parts = _split(expression.lower()) if "other(" not in expression else [""]
    told = [_mirror_one(part) for part in parts if part]
    return " and ".join(told) if told and all(told) else ""


def _split(expression: str) -> list[str]:
    """The parts between `and` that stand outside of parentheses."""
    parts, depth, start = [], 0, 0
    for match in re.finditer(r"[()]| and ", expression):
        depth += {"(": 1, ")": -1}.get(match.group(), 0)
        if match.group() == " and " and not depth:
            parts.append(expression[start : match.start()])
            start = match.end()
    return [*parts, expression[start:]]


def _mirror_one(told: str) -> str:
    if re.match(rf"[\d. *(]*(?:{'|'.join(ALIKE)})\b", told) or told.startswith(CALENDAR) or ".width" in told:
        return told
    if "abs(" in told:
        return ""
    if framed := re.fullmatch(r'tf\("(\w+)", (.+)\)', told):
        inner = mirror(framed[2])
        return f'tf("{framed[1]}", {inner})' if inner else ""
    shares = [float(share) for share in re.findall(SHARE, told)]
    if re.search(r" or |\bnot\b|\bif\b", told) or any(not 0.5 < share < 1.5 for share in shares):
        return ""
    if SUM.search(re.sub(SHARE, "", re.sub(rf" {ADDED}( [\d.]+ \*)?", "", told))):
        return ""  # other sums: whether they grow or shrink on the other side depends on what they say
    told = re.sub(SHARE, lambda match: f"{2 - float(match[1]):g} * ", told)
    crossing = re.fullmatch(r"(crosses_\w+)\((.+), (-?[\d.]+)\)", told)
    state = re.fullmatch(r"(.+) (>=|<=|>|<) (-?[\d.]+)", told)
    if crossing:
        number = _mirror_number(crossing[2], crossing[3])
        return f"{OTHERS[crossing[1]]}({_swap(crossing[2])}, {number})" if number else ""
    if state:
        number = _mirror_number(state[1], state[3])
        return f"{_swap(state[1])} {SIGNS[state[2]]} {number}" if number else ""
    if ranged := re.fullmatch(r"between\((.+), (-?[\d.]+), (-?[\d.]+)\)", told):
        low, high = _mirror_number(ranged[1], ranged[3]), _mirror_number(ranged[1], ranged[2])
        return f"between({_swap(ranged[1])}, {low}, {high})" if low and high else ""
    if counted := re.fullmatch(r"count\((.+), (\d+)\)((?:\[\d+\])?) (==|>=) (\d+)", told):
        inner = mirror(counted[1])
        return f"count({inner}, {counted[2]}){counted[3]} {counted[4]} {counted[5]}" if inner else ""
    if re.search(r"\b(?:count|sequence|since|sum_since)\(", told):
        return ""
    return _swap(told)


def _mirror_number(of: str, number: str) -> str:
    name = re.split(r"[(.\[]", of)[0]
    if name in TOPS:
        return f"{TOPS[name] - float(number):g}"
    if name in CENTERED:
        return number if float(number) == 0 else f"{-float(number):g}"
    return ""


def _swap(told: str) -> str:
    """Every name with its counterpart, every sign turned around, and what is added to a price taken from it; times stay.

    >>> _swap("value_when(minute_of_day >= time(9, 0), high)")
    'value_when(minute_of_day >= time(9, 0), low)'
    """
    words = re.sub(r"[a-z_][a-z_0-9]*", lambda match: OTHERS.get(match.group(), match.group()), told)
    turned = re.sub(
        r"(?<= )(?:>=|<=|>|<)(?= )", lambda match: match.group() if CLOCK.search(words[: match.start()]) else SIGNS[match.group()], words
    )
    return re.sub(ADDED, lambda match: "+" if match.group() == "-" else "-", turned)
