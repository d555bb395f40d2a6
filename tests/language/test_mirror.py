"""The other side of a condition: told by hand for each kind, and the same again when it is turned around twice."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

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
    "told",
    [
        *("close > sma(50) * 1.02", "close > sma(50) / 1.02", "close > low + 0.5 * (high - low)", "close - low > high - close"),
        *(
            "keltner(20, 2).upper < close * 1.01",
            "close > 100",
            "close > sma(50) or hammer",
            "min(open, close) - low >= 2 * abs(close - open)",
            "not hammer",
        ),
    ],
)
def test_what_has_no_known_other_side_is_not_guessed(told: str) -> None:
    assert mirror(told) == ""


PRICE = st.sampled_from(["open", "high", "low", "close"])
ADDED = st.sampled_from(["", " + 3", " - 2", " + 2 * atr(14)", " - atr(14)", " + 0.5 * (high - low)", " * 1.02", " - open"])
BARS = st.fixed_dictionaries({name: st.integers(90, 110) for name in ("open", "high", "low", "close")})


@given(PRICE, ADDED, st.sampled_from([">", "<", ">=", "<="]), PRICE, ADDED, BARS)
def test_a_sum_of_prices_says_of_a_falling_market_what_it_said_of_a_rising_one(
    one: str, plus: str, sign: str, other: str, more: str, bar: dict[str, int]
) -> None:
    told = f"{one}{plus} {sign} {other}{more}"
    turned = mirror(told)
    upside_down = {"open": -bar["open"], "close": -bar["close"], "high": -bar["low"], "low": -bar["high"]}

    if turned:
        assert evaluate(turned, upside_down) is evaluate(told, bar)
    assert turned or plus or more


def evaluate(told: str, bar: dict[str, int]) -> bool:
    """A condition on one bar whose average range is 5."""
    return bool(eval(told, {"__builtins__": {}, "atr": lambda length: 5}, bar))
