"""Posts, notes and English as a second language: the same rows as for the usual words, or words that are named."""

import pytest

from core.language import ProposedRow, propose_workflow

SAID = [
    (
        "I am buying when the price is going down 3 days consecutive and the volume is the double of average 20 days. "
        "I am selling after 5 days or if I have 4% of benefit, or if I lose 2%.",
        ["falling(close, 3)", "volume > 2 * sma(volume, 20)", "time_stop 5", "take_profit 4", "stop_loss 2"],
    ),
    ("Buy if rsi(2) < 10. Stop 50 bps, tp 100 bps.", ["rsi(2) < 10", "stop_loss 0.5", "take_profit 1"]),
    ("Buy if rsi(2) < 10; MAX HOLD = 10 DAYS", ["rsi(2) < 10", "time_stop 10"]),
    ("Buy if rsi(2) < 10; exit when rsi(2) > 70 or 15 bars elapsed", ["rsi(2) < 10", "rsi(2) > 70", "time_stop 15"]),
    ("Buy if rsi(2) < 10; sell 2 ATR below entry or when rsi(2) is above 70.", ["rsi(2) < 10", "stop_loss 2", "rsi(2) > 70"]),
    ("Short if rsi(2) > 95; cover 3% below the entry or when rsi(2) is under 30.", ["rsi(2) > 95", "take_profit 3", "rsi(2) < 30"]),
    (
        "Buy end of October, sell end of April.",
        ["month == 10 and last_trading_day_of_month", "month == 4 and last_trading_day_of_month"],
    ),
    (
        "Buy if the low is within 0.25% of the 50 day ema and the candle closes green. First target +2 ATR sell 50%, rest at 4 ATR.",
        ["near(low, ema(50), 0.25)", "close > open", "partial_exit 2 50"],
    ),
    (
        "Buy 100 shares at market open when yesterday was a hammer at the lower Bollinger band. Sell when price touches the middle band.",
        ["position_size 100", "hammer", "low <= bbands(20, 2).lower", "high >= bbands(20, 2).mid"],
    ),
    (
        "Go long at 9:45 if the price is above the high of the first 15 minutes, out at 15:55.",
        ["minute_of_day == time(9, 45)", "close > opening_range(15).high", "flat_at_close 15:55"],
    ),
    (
        "Price dips under EMA20 by at least 0.5%. Buy the close back over EMA20. Stop 2%.",
        ["sequence(close <= 0.995 * ema(20), crosses_above(close, ema(20)), within=10)", "stop_loss 2"],
    ),
]


@pytest.mark.parametrize(("text", "rows"), SAID)
def test_other_words_for_the_same_rules_are_read(text: str, rows: list[str]) -> None:
    assert [_say(each) for each in propose_workflow(text).rows if each.words][: len(rows)] == rows


def test_a_sale_at_the_close_with_a_condition_is_a_way_out_and_the_close_is_named() -> None:
    proposal = propose_workflow("Buy if ibs < 0.2. Sell at the close when close is in the top 30% of range.")

    assert [_say(each) for each in proposal.rows if each.words] == ["ibs < 0.2", "ibs > 0.7"]
    assert any("at the close" in piece for piece in proposal.unread)


def test_a_sale_with_a_stop_beside_a_purchase_with_one_is_a_short_sale() -> None:
    proposal = propose_workflow("If close crosses above ema(21) then BUY with SL 1%. If close crosses below ema(21) then SELL with SL 1%.")

    assert {each.row.section.value for each in proposal.rows if "crosses" in each.row.indicators[0]} == {"entry_long", "entry_short"}


def test_an_order_at_the_high_of_a_pattern_asks_for_the_pattern() -> None:
    proposal = propose_workflow("Short if it breaks the low of the inside bar. Stop 2%.")

    assert [_say(each) for each in proposal.rows if each.words] == ["stop_order low", "inside_bar", "stop_loss 2"]


def _say(each: ProposedRow) -> str:
    return " ".join([*each.row.indicators, *(each.row.thresholds if each.row.thresholds else [])])


LATER = [
    (
        "Buy the first pullback to the 20 EMA after a 20-day high. Stop 3%.",
        "sequence(close > highest(high, 20)[1], low <= ema(20) and close > ema(20), within=10)",
    ),
    ("Buy when price closes above the 20 EMA after MACD crosses above signal. Stop 3%.", "sequence(crosses_above(macd(12, 26, 9).macd"),
    ("Buy a bullish engulfing after three red candles. Stop 3%.", "(count(close < open, 3) == 3)[1]"),
]


@pytest.mark.parametrize(("text", "told"), LATER)
def test_what_is_told_behind_after_comes_first(text: str, told: str) -> None:
    assert any(each.row.indicators[0].startswith(told) for each in propose_workflow(text).rows)


@pytest.mark.parametrize(
    "text",
    [
        "If close > sma(200) buy when rsi(2) < 10, else short when rsi(2) > 90. Exit after 5 days.",
        "If close > sma(200): go long whenever rsi(2) < 10. Otherwise: go short whenever rsi(2) > 90. Exit after 5 days.",
    ],
)
def test_otherwise_asks_the_other_side_for_the_opposite(text: str) -> None:
    rows = [each.row for each in propose_workflow(text).rows]

    assert [row.indicators[0] for row in rows if row.section == "entry_long"] == ["close > sma(200)", "rsi(2) < 10"]
    assert [row.indicators[0] for row in rows if row.section == "entry_short"] == ["close <= sma(200)", "rsi(2) > 90"]


WHOLE = [
    (
        "Condition A: close crosses above EMA 50. Condition B: ADX over 20. Buy when A and B. Sell when close crosses below EMA 50.",
        ["crosses_above(close, ema(50))", "adx(14) > 20", "crosses_below(close, ema(50))"],
    ),
    (
        "Long if close > upper Donchian (24). Stop: lower Donchian(12).",
        ["close > donchian(24).upper", "stop_loss donchian(12).lower"],
    ),
    (
        "Buy on the 3rd last trading day of each month and sell on the 3rd trading day of the next one.",
        ["trading_days_left == 2", "trading_day_of_month == 3"],
    ),
    (
        "Close > 20 SMA for at least 5 days, then first close under the 10 SMA = buy. Exit: +5%, -3%.",
        ["count(close > sma(20), 5)[1] == 5", "close < sma(10)", "take_profit 5", "stop_loss 3"],
    ),
    ("Buy if rsi(2) < 10, only between 13h and 17h. Stop 2%.", ["rsi(2) < 10", "trading_hours 13:00 17:00", "stop_loss 2"]),
    (
        "Buy if price is above EMA200 (1h) and 50 SMA > 100 SMA > 200 SMA. Risk max 2% per trade. Stop 3%.",
        ['close > tf("1h", ema(200))', "sma(50) > sma(100)", "sma(100) > sma(200)", "risk_per_trade 2", "stop_loss 3"],
    ),
]


@pytest.mark.parametrize(("text", "rows"), WHOLE)
def test_what_is_named_by_letters_numbers_and_hours_is_read(text: str, rows: list[str]) -> None:
    assert [_say(each) for each in propose_workflow(text).rows if each.words] == rows


def test_each_of_two_orders_belongs_to_the_condition_before_it() -> None:
    text = "Open range: 9:30-10:00. If price breaks the high buy, if it breaks the low sell short. Close at 15:55."
    rows = [each.row for each in propose_workflow(text).rows]
    long, short = (next(row.indicators[0] for row in rows if row.section == section) for section in ("entry_long", "entry_short"))

    assert long.startswith("crosses_above(close, ")
    assert "highest_since" in long
    assert short.startswith("crosses_below(close, ")
    assert "lowest_since" in short


@pytest.mark.parametrize(
    ("text", "unread"),
    [
        ("Buy stop at high of XY7, target 2%, stop 1%.", "XY7"),
        ("Buy if rsi(2) < 10. Stop 2%. Max 10 positions.", "Max 10 positions"),
        ("If price breaks the high buy. Stop 2%.", "high"),
    ],
)
def test_an_order_at_the_high_of_what_is_not_known_is_named(text: str, unread: str) -> None:
    proposal = propose_workflow(text)

    assert any(unread in piece for piece in proposal.unread)
    assert not any(each.row.indicators[0] in ("stop_order", "pyramiding", "crosses_above(close, high)") for each in proposal.rows)


LONGER = [
    ("weekly MACD crosses above its signal", 'crosses_above(tf("1w", macd(12, 26, 9).macd), tf("1w", macd(12, 26, 9).signal))'),
    ("weekly RSI is above its 10 week average", 'tf("1w", rsi(14) > sma(rsi(14), 10))'),
    (
        "weekly MACD histogram ticks up",
        'tf("1w", macd(12, 26, 9).histogram > macd(12, 26, 9).histogram[1]'
        " and macd(12, 26, 9).histogram[1] <= macd(12, 26, 9).histogram[2])",
    ),
]


@pytest.mark.parametrize(("told", "expression"), LONGER)
def test_what_is_said_of_longer_bars_is_read_on_them_alone(told: str, expression: str) -> None:
    assert _say(propose_workflow(f"Buy when {told}. Sell after 5 days.").rows[0]) == expression


@pytest.mark.parametrize(("told", "expression"), [("ROC(126) > 10%", "roc(126) > 10"), ("12 month return > 10%", "roc(252) > 10")])
def test_a_sign_beside_a_percentage_keeps_its_side(told: str, expression: str) -> None:
    assert _say(propose_workflow(f"Buy when {told}. Sell after 5 days.").rows[0]) == expression


def test_a_second_part_that_is_bought_on_a_condition_of_its_own_is_named() -> None:
    proposal = propose_workflow(
        "Buy 50% of the equity when SMA(50) > SMA(200), buy the other 50% when RSI(14) < 40. Sell when SMA(50) < SMA(200)."
    )

    assert [_say(each) for each in proposal.rows if each.row.section == "entry_long"] == ["SMA(50) > SMA(200)"]
    assert any("RSI(14) < 40" in piece for piece in proposal.unread)


def test_a_sale_at_the_next_open_with_a_condition_is_a_way_out() -> None:
    proposal = propose_workflow(
        "Buy at the open if yesterday's close was above the 50-day average. Sell at the next open when close < sma(50)."
    )

    assert [_say(each) for each in proposal.rows if each.words] == ["close > sma(50)", "close < sma(50)"]
