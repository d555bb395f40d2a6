"""The other side of a condition: told by hand for each kind, and the same again when it is turned around twice."""

import pytest

from core.language.spoken.mirror import mirror

TURNED = (
    ("crosses_above(ema(9), ema(21))", "crosses_below(ema(9), ema(21))"),
    ("crosses_above(stoch(14, 3, 3).k, 20)", "crosses_below(stoch(14, 3, 3).k, 80)"),
    ("close > max(ichimoku.senkou_a, ichimoku.senkou_b)", "close < min(ichimoku.senkou_a, ichimoku.senkou_b)"),
    ('tf("1w", close > sma(40))', 'tf("1w", close < sma(40))'),
    ("count(close > open, 3) == 3", "count(close < open, 3) == 3"),
    ("between(rsi(14), 20, 40)", "between(rsi(14), 60, 80)"),
    ("swing_low(3, 3) - 1 * atr(14)", "swing_high(3, 3) + 1 * atr(14)"),
    ("close <= 0.98 * sma(20)", "close >= 1.02 * sma(20)"),
    ("williams_r(14) < -90", "williams_r(14) > -10"),
    ("atr_trailing_stop(14, 2).direction > 0", "atr_trailing_stop(14, 2).direction < 0"),
    ("low <= bbands(20, 2).lower and gap < -1", "high >= bbands(20, 2).upper and gap > 1"),
    ("crosses_above(plus_di(14), minus_di(14))", "crosses_below(plus_di(14), minus_di(14))"),
    ("aroon(25).up > aroon(25).down", "aroon(25).up < aroon(25).down"),
    ("hammer", "shooting_star"),
    ("adx(14) > 25", "adx(14) > 25"),
    ("bbands(20, 2).width <= lowest(bbands(20, 2).width, 120)", "bbands(20, 2).width <= lowest(bbands(20, 2).width, 120)"),
    ("abs(close - open) >= 0.6 * (high - low)", "abs(close - open) >= 0.6 * (high - low)"),
)


@pytest.mark.parametrize(("one", "other"), TURNED, ids=[one for one, _ in TURNED])
def test_a_condition_is_turned_around_and_back(one: str, other: str) -> None:
    assert mirror(one) == other
    assert mirror(other) == one


@pytest.mark.parametrize(
    "told", ["close > 100", "close > sma(50) or hammer", "min(open, close) - low >= 2 * abs(close - open)", "not hammer"]
)
def test_what_has_no_known_other_side_is_not_guessed(told: str) -> None:
    assert mirror(told) == ""
