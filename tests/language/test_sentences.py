"""Sentences that are read as a whole: who does what on which conditions, in whatever words, and nothing where a word is left."""

import pytest

from core.language import propose_workflow

BUYS = (
    "he buys when {}",
    "a long position is opened once {}",
    "the system enters long as soon as {}",
    "when {}, the author buys the stock",
    "Long entry: {}",
    "I'm only interested if {}",
)
SELLS = (
    "he sells when {}",
    "the position is closed as soon as {}",
    "I'm flat again when {}",
    "once {} we get out",
    "Long exit: {}",
    "the trader then leaves the position the first time {}",
)
SHORTS = (
    "the strategy goes short whenever {}",
    "if {} then short",
    "Short entry: {}",
    "short positions are opened when {}",
)


def read(text: str) -> list[str]:
    return [f"{each.row.section} {each.row.indicators[0]}" for each in propose_workflow(text).rows if each.words]


@pytest.mark.parametrize("told", BUYS)
def test_a_way_in_is_known_whoever_enters(told: str) -> None:
    assert read(f"{told.format('RSI(2) is below 10 and ADX is above 20')}.") == ["entry_long rsi(2) < 10", "entry_long adx(14) > 20"]


@pytest.mark.parametrize("told", SELLS)
def test_a_way_out_is_known_whoever_leaves(told: str) -> None:
    text = f"Buy when RSI(2) is below 10. {told.format('RSI(2) is above 70')}."

    assert read(text) == ["entry_long rsi(2) < 10", "exit_long rsi(2) > 70"]


@pytest.mark.parametrize("told", SHORTS)
def test_a_short_side_is_known_whoever_sells(told: str) -> None:
    assert read(f"{told.format('RSI(2) is above 90')}.") == ["entry_short rsi(2) > 90"]


SENTENCE = "When RSI(2) is below 10 and the ADX is above 20, the model buys the index while the close is above the 200 EMA"


@pytest.mark.parametrize("place", range(1, len(SENTENCE.split()) + 1, 2))
def test_a_word_that_is_not_understood_is_named_wherever_it_stands(place: int) -> None:
    words = SENTENCE.split()
    text = " ".join([*words[:place], "quixotic", *words[place:]])

    assert propose_workflow(f"{SENTENCE}.").unread == ()
    assert any("quixotic" in each for each in propose_workflow(f"{text}.").unread)


@pytest.mark.parametrize(
    ("text", "rows"),
    [
        ("When the RSI(2) is over 70, sell half.", ["risk partial_exit"]),
        ("Buy a hammer. It doesn't take trades when ADX is below 15.", ["entry_long hammer", "filter adx(14) >= 15"]),
        (
            "The model buys the index when its 3-month return is greater than zero and its close lies above the 200-day average. "
            "The position is closed as soon as one of the two conditions is no longer met.",
            ["entry_long roc(63) > 0", "entry_long close > sma(200)", "exit_long roc(63) <= 0", "exit_long close <= sma(200)"],
        ),
        (
            "Summary: the author waits until a stock makes a new 60-day high on volume at least 40% above its 50-day average. He buys.",
            ["entry_long close > highest(high, 60)[1]", "entry_long volume >= 1.4 * sma(volume, 50)"],
        ),
        (
            "Get long after two consecutive closes above the 50-day SMA and stay long unless there are two consecutive closes below it.",
            ["entry_long count(close > sma(50), 2) == 2", "exit_long count(close < sma(50), 2) == 2"],
        ),
        (
            "Parabolic: HMA(55) turns down: exit and go short.",
            [f"{side} hma(55) < hma(55)[1] and hma(55)[1] >= hma(55)[2]" for side in ("exit_long", "entry_short")],
        ),
    ],
)
def test_a_sentence_says_what_is_done_and_with_how_much(text: str, rows: list[str]) -> None:
    told = read(text)

    assert set(rows) <= set(told), told
    assert propose_workflow(text).unread in ((), ("Parabolic",))


@pytest.mark.parametrize(
    "text",
    [
        "Buy when RSI(2) is below 10. Somewhat grudgingly the committee sold off when the ADX is below 15.",
        "Buy when RSI(2) is below 10. Halfheartedly avoid the committee when the ADX is below 15.",
    ],
)
def test_a_condition_behind_an_order_that_is_not_understood_is_no_condition_of_the_order_before(text: str) -> None:
    proposal = propose_workflow(text)

    assert [each.row.indicators for each in proposal.rows if each.words] == [("rsi(2) < 10",)]
    assert any("ADX" in each for each in proposal.unread)


def test_a_level_behind_another_is_asked_for_as_well() -> None:
    assert read("Buy when price is above VWAP and the 9 EMA and RSI(2) is below 10.")[0] == "entry_long close > vwap and close > ema(9)"
    assert read("Buy when price is above VWAP and RSI(2) is below 10.") == ["entry_long close > vwap", "entry_long rsi(2) < 10"]


def test_it_is_the_line_that_a_price_comes_near() -> None:
    assert (
        read("Go long when the Hull MA (21) is rising and the price pulls back to within 0.5% of it.")[1]
        == "entry_long near(close, hma(21), 0.5)"
    )


@pytest.mark.parametrize(
    ("text", "never"),
    [
        ("If the first 15 minute bar closes below yesterday's close, buy the break of its high. Stop 5%.", "close < yesterday"),
        ("The RSI(5) must be below 30. Buy on the first close above the previous day's high after that. Stop 5%.", "yesterday.high"),
        ("Buy when RSI(2) is below 10. Occasionally somebody sells once RSI(2) is above 70, they claim. Stop 5%.", "rsi(2) > 70"),
    ],
)
def test_a_condition_of_one_bar_or_of_a_later_one_is_named(text: str, never: str) -> None:
    proposal = propose_workflow(text)

    assert not any(never in each.row.indicators[0] and each.row.section == "entry_long" for each in proposal.rows)


def test_something_that_is_said_before_a_colon_is_no_name() -> None:
    told = read("Friday close: if the week was down more than 2%, buy. Monday close: sell.")

    assert told == ["entry_long weekday == 4", 'entry_long tf("1w", roc(1) < -2)', "exit_long weekday == 0"]


def test_two_orders_of_one_sentence_have_conditions_of_their_own() -> None:
    told = read("If price touches the lower Bollinger band and the candle closes green then long, if RSI is over 70 then short.")

    assert told == ["entry_long low <= bbands(20, 2).lower", "entry_long close > open", "entry_short rsi(14) > 70"]


def test_another_ticker_than_the_one_that_is_bought_is_another_instrument() -> None:
    told = read("Whenever TLT is above its 50-day average and SPY closes below its 10-day low, purchase SPY.")

    assert told == ['entry_long other("TLT").close > other("TLT").sma(50)', "entry_long close < lowest(low, 10)[1]"]
