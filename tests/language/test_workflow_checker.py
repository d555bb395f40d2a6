"""Everything the checker refuses or warns of, each with the row, the column and the remedy that it names."""

from typing import Any

import pytest
from operand_checks import check_operand
from workflow_runs import is_true, row, workflow

from core.domain.errors import Severity, WorkflowError
from core.domain.instrument import Instrument, Timeframe
from core.domain.workflow import Direction, Section
from core.language import check, completeness, find_completeness_gaps, require_valid

BUY = row("entry_long", "close", ">", "sma(20)", id="buy")
STOP = row("risk", "stop_loss", "percent", 5, id="stop")
SIZE = row("sizing", "position_size", "percent", 90, id="size")


def problems(*rows: dict[str, Any], direction: str = "long_only", **asked: Any) -> list[str]:
    """Severity, place and words of every problem."""
    return [f"{problem.severity}: {problem}" for problem in check(workflow(*rows, direction=direction), **asked)]


def only(*rows: dict[str, Any], direction: str = "long_only", **asked: Any) -> str:
    """The one problem that there must be."""
    found = problems(*rows, direction=direction, **asked)
    assert len(found) == 1, found
    return found[0]


def test_a_sound_workflow_has_no_problem() -> None:
    assert problems(BUY, STOP, SIZE) == []


def cell(text: str, section: Section = Section.ENTRY_LONG) -> str:
    """What is said about one operand as it is typed."""
    return " ".join(str(problem) for problem in check_operand(text, section))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("smaa(20)", "`smaa` is not known. Did you mean `sma`"),
        ("bbands(20, 2).uper", "`bbands` has no line `uper`. Did you mean `upper`"),
        ("close.x", "`close` has no output lines."),
        ("sma(20, 30, 40)", "`sma` takes 1 number, here are 3."),
        ("sma(0)", "`sma`: period is 0, outside its range. Write a whole number from 1 to 500."),
        ("sma(2.5)", "Write a whole number"),
        ("sma(peroid=20)", "`sma` has no parameter `peroid`. Did you mean `period`?"),
        ("sma(20, close)", "the series comes first, then the numbers. For example `sma(20)`."),
        ("atr(close, 14)", "`atr` takes no series, it reads whole bars."),
        ("close[-1]", "the future cannot be written. Write `close[1]` for one bar ago."),
        ("close[sma(3)]", "`sma(3)` is not a whole number of bars."),
        ("close[1:2]", "is not a whole number of bars."),
        ("close(1)", "`close` takes no parentheses."),
        ("crosses_above", "`crosses_above` is a function and needs operands."),
        ("crosses_above(close)", "`crosses_above` takes 2 operands, here are 1."),
        ("count(close, 3)", "`close` is a number, a condition is needed here."),
        ("sma(close > open, 3)", "`close > open` is true or false, a number is needed here."),
        ("since(close > open, 3, 4)", "`since` takes 1 operand, here are 3."),
        ("rising(close, 0)", "`0` is not a number of bars."),
        ("sequence(close > 1, close > 2, wihtin=3)", "`sequence` has no operand named `wihtin`."),
        ("close > open > low and high", "`high` is a number, a condition is needed here."),
        ("close & open", "Write `and` or `or` between conditions."),
        ("crosses above sma(50)", "Write `crosses_above(close, sma(20))`, or choose the operator."),
        ("sma(20", "the parentheses do not match."),
        ("__import__('os')", "`__import__` is not known."),
        ("(lambda: 1)()", "cannot be called."),
        ("[close for x in y]", "is not part of the language."),
        ("close > 'text'", "Write numbers without quotes."),
        ("1 / 0", "has no value. Do not divide by zero."),
        ("1e400", "the number is too large."),
        ("close ** volume", "a power needs a plain number"),
        ("20sma", "is neither a number nor a name."),
        ('tf("1x", close)', "`1x` is not a timeframe."),
        ("tf(close)", "`tf` takes a timeframe and an expression."),
        ("time(25, 0)", "`time` takes an hour and a minute."),
        ("", "the operand is empty."),
        ("+".join(["close"] * 200), "the operand has 1199 characters, 1000 are allowed."),
        ("not " * 60 + "close > 1", "nested too deeply"),
    ],
)
def test_a_cell_is_refused_in_words(text: str, said: str) -> None:
    assert said in cell(text)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("rsi(14) > close", "an oscillator from 0 to 100 is compared with a price."),
        ("volume > close", "a volume is compared with a price."),
        ("macd(12, 26, 9) > sma(50)", "a price difference is compared with a price."),
        ("rsi(14) > 120", "the threshold 120 is outside what the value can reach. It lies between 0 and 100."),
        ("hour == 25", "the threshold 25 is outside"),
        ("close < -1", "It is never below 0."),
        ("close > close", "a value is compared with itself."),
        ("between(rsi(14), 70, 30)", "the limits 70 and 30 are in the wrong order."),
        ("macd(26, 12, 9) > 0", "`macd`: fast is 26, but slow is 12."),
        ("sma(entry_price, 3) > 1", "`sma` cannot be taken of `entry_price`"),
        ("sma(hour, 3) > 1", "`sma` cannot be taken of `hour`"),
        ("sma(since(close > open), 3) > 1", "`sma` cannot be taken of `since`"),
        ('sma(tf("1w", close), 3) > 1', "the timeframe outside"),
        ('tf("1w", tf("1d", close)) > 1', "a timeframe stands inside another timeframe."),
        ('tf("1w", hour) > 1', "`hour` is a time of the run's own bars."),
        ('tf("1w", count(close > open, 3)) > 1', "`count` counts bars of the run."),
        ("entry_price > close", "`entry_price` exists only while a position is open."),
    ],
)
def test_a_comparison_that_makes_no_sense_is_refused(text: str, said: str) -> None:
    assert said in cell(text)


def test_what_can_be_compared_is_let_through() -> None:
    assert cell("sma > " + "(" * 60 + "close" + ")" * 60) == ""
    for text in (
        "close > sma(20) * 1.02",
        "atr(14) > close * 0.02",
        "close > 100",
        "open_profit > 5",
        "close < entry_price",
        "rsi(14) > rsi(14)[1]",
    ):
        assert cell(text, Section.EXIT_LONG) == ""


def test_cells_of_risk_rows_take_rule_names_times_and_prices() -> None:
    assert [cell(text, Section.RISK) for text in ("stop_loss", "15:45", "lowest(low, 5)", "2.5")] == [""] * 4
    assert "cannot be read" in cell("27:45", Section.RISK)


def test_what_is_missing_from_the_whole_is_named() -> None:
    assert "there is no entry row. Add a row to the section entry_long." in only(STOP, SIZE)
    assert "there is no entry row. Add a row to the section entry_short." in only(STOP, SIZE, direction="short_only")
    assert "nothing ends a long trade." in only(BUY, SIZE)
    short = row("entry_short", "close", "<", "sma(20)")
    assert "nothing ends a short trade." in only(short, SIZE, direction="long_short")
    assert problems(BUY, short, SIZE, direction="long_short") == []
    assert "warning: (rows): there is no sizing row: each entry uses 95% of equity." in only(BUY, STOP)


def test_a_row_of_the_wrong_side_is_refused() -> None:
    said = problems(BUY, STOP, SIZE, row("exit_short", "close", ">", 5, id="odd"))

    assert said == [
        "error: row odd (section): a short row in a workflow that is long only. Set the direction to long_short, or remove the row."
    ]


def test_a_problem_is_shown_at_its_own_cell() -> None:
    rows = [
        row("entry_long", "macd(26, 12, 9)", ">", 0, id="a"),
        row("entry_long", "close", ">", "macd(26, 12, 9).signal", id="b", group="B"),
        row("entry_long", "rsi(14)", ">", 120, id="c", group="C"),
        row("entry_long", "close", ">", 5, id="d", group="D", timeframe="1d"),
    ]

    found = {problem.row: problem.column for problem in reversed(check(workflow(*rows, STOP, SIZE), timeframe=Timeframe.D1))}

    assert found == {"a": "indicators", "b": "thresholds", "c": "thresholds", "d": "timeframe"}


def test_rules_need_what_they_are_measured_by() -> None:
    assert "`take_profit` needs the distance to a stop." in only(BUY, SIZE, row("risk", "take_profit", "r", 2))
    assert "`risk_per_trade` needs the distance to a stop." in only(
        BUY, row("risk", "time_stop", "bars", 5), row("sizing", "risk_per_trade", "percent", 1)
    )
    assert "there is more than one size." in only(BUY, STOP, SIZE, row("sizing", "kelly", "percent", 50))
    assert "`time_stop` is there twice." in only(BUY, SIZE, row("risk", "time_stop", "bars", 5), row("risk", "time_stop", "bars", 6))
    assert "`scale_out` needs exit rows." in only(BUY, STOP, SIZE, row("sizing", "scale_out", "count", 2))


@pytest.mark.parametrize(
    ("told", "said"),
    [
        (
            row("risk", "stop_loss", "bars", 5, id="x"),
            "row x (operator): `stop_loss` cannot be measured in `bars`. Choose `percent`, `atr`, `price`, `points`, `pips`.",
        ),
        (
            row("risk", "stop_los", "percent", 5, id="x"),
            "row x (indicators): `stop_los` is not a rule of the risk section. Did you mean `stop_loss`?",
        ),
        (
            row("risk", "stop_loss", "percent", id="x"),
            "row x (thresholds): `stop_loss` needs 1 threshold, here are 0. Write: percent of the entry price.",
        ),
        (
            row("risk", "stop_loss", "percent", 120, id="x"),
            "percent of the entry price: 120 is outside its range. Write a number above 0 to 99.",
        ),
        (row("risk", "time_stop", "bars", 2.5, id="x"), "bars in the trade: 2.5 is outside its range. Write a whole number"),
        (row("risk", "stop_loss", "percent", "atr(14)", id="x"), "a plain number is needed. Choose the measure `price` for an expression."),
        (row("risk", "flat_at_close", "time", "25:00", id="x"), "`25:00` is not a time. Write hours and minutes, for example `15:45`."),
        (row("risk", ["stop_loss", "take_profit"], "percent", 5, id="x"), "a rule row names exactly one rule."),
        (row("entry_long", [], ">", 5, id="x"), "row x (indicators): the row has no indicator."),
        (row("entry_long", "close", ">", id="x"), "row x (thresholds): there is nothing to compare with."),
        (row("entry_long", "close", "between", 5, id="x"), "`between` needs two thresholds, here are 1."),
        (row("entry_long", ["close", "open", "high"], ">", 5, 6, id="x"), "3 indicators and 2 thresholds do not pair up."),
        (row("entry_long", "close", "rising", "sma(3)", id="x"), "`rising` counts bars."),
        (row("entry_long", "close", "is true", id="x"), "`close` is a number, `is true` needs a condition."),
        (
            row("entry_long", "close > open", ">", 5, id="x"),
            "`close > open` is true or false, not a number. Choose the operator `is true` for it.",
        ),
        (row("entry_long", "close", ">", 5, id="x", timeframe="1y"), "row x (timeframe): `1y` is not a timeframe."),
    ],
)
def test_a_row_that_cannot_be_read_names_column_and_remedy(told: dict[str, Any], said: str) -> None:
    assert said in "\n".join(problems(BUY, SIZE, told))


def test_rows_that_can_never_be_true_together_are_refused() -> None:
    low, high = row("entry_long", "rsi(14)", "<", 30, id="low"), row("entry_long", "rsi(14)", ">", 70, id="high")

    said = only(low, high, STOP, SIZE)

    assert "row low (thresholds): together with row high this can never be true" in said
    assert "the 14-bar RSI would be above 70 and below 30." in said
    assert problems(low, high | {"group": "B"}, STOP, SIZE) == []
    assert problems(low, high | {"within": 5}, STOP, SIZE) == []


def test_contradictions_are_found_between_filters_crosses_and_pairs() -> None:
    crossing = row("entry_long", ["close", "sma(20)"], "crosses above")
    assert "can never be true" in only(row("filter", ["close", "sma(20)"], "<"), crossing, STOP, SIZE)
    assert "can never be true" in only(
        row("entry_long", "rsi(14)", "crosses above", 50), row("entry_long", "rsi(14)", "<=", 50), STOP, SIZE
    )
    assert "can never be true" in only(is_true("entry_long", "hour > 12 and hour < 10"), STOP, SIZE)
    assert "can never be true" in only(row("entry_long", "close", "<", 5), row("entry_long", "close", ">", 5, timeframe=None), STOP, SIZE)
    assert problems(row("filter", "close", ">", "sma(5)", timeframe="1w"), row("entry_long", "close", "<", "sma(5)"), STOP, SIZE) == []


def test_the_timeframe_of_the_run_is_taken_into_account() -> None:
    clock = is_true("filter", "hour < 12")
    assert "`hour` means nothing on daily bars" in only(clock, BUY, STOP, SIZE, timeframe=Timeframe.D1)
    assert problems(clock, BUY, STOP, SIZE, timeframe=Timeframe.M5) == []
    weekly = row("filter", "close", ">", "sma(5)", timeframe="1w")
    assert "the timeframe 1w is not longer than the run's own 1w." in only(weekly, BUY, STOP, SIZE, timeframe=Timeframe.W1)
    ranged = row("entry_long", "close", ">", "opening_range(30).high")
    assert "`opening_range` needs bars shorter than a day." in only(ranged, STOP, SIZE, timeframe=Timeframe.D1)
    flat = row("risk", "flat_at_close", "time", "15:55")
    assert "`flat_at_close` needs bars shorter than a day." in only(BUY, flat, SIZE, timeframe=Timeframe.D1)
    odd = row("filter", "close", ">", "sma(5)", timeframe="15m")
    assert "15-minute bars cannot be made of 10-minute bars." in only(odd, BUY, STOP, SIZE, timeframe=Timeframe.M10)


def test_days_in_words_are_bars_and_doubted_where_bars_are_no_days() -> None:
    told = (is_true("entry_long", "3 up days"), STOP, SIZE)

    assert problems(*told, timeframe=Timeframe.D1) == []
    assert "`3 up days` counts bars of the run, which are hourly bars and no days." in only(*told, timeframe=Timeframe.H1)


def test_a_time_between_two_times_and_a_range_in_one_cell_are_read() -> None:
    hours = row("filter", "time", "between", "10:00", "noon")
    span = row("entry_long", "rsi(14)", "between", "30 to 70")

    assert problems(hours, span, STOP, SIZE, timeframe=Timeframe.H1) == []


@pytest.mark.parametrize("amount", ["$1,000", "1000 €", "500 USD"])
def test_an_amount_of_money_is_no_percentage(amount: str) -> None:
    found = problems(BUY, STOP, row("sizing", "position_size", "percent", amount))

    assert "is an amount of money, but the row counts in percent" in found[0]
    assert problems(BUY, STOP, row("sizing", "position_size", "cash", amount)) == []


def test_a_warm_up_that_eats_the_bars_is_refused_or_doubted() -> None:
    slow = row("entry_long", "sma(sma(100), 50)", "crosses above", "close")

    assert "the first signal needs 150 bars, but there are only 120." in only(slow, STOP, SIZE, bars=120)
    assert "warning" in only(slow, STOP, SIZE, bars=200)
    assert problems(slow, STOP, SIZE, bars=1_000) == []
    weekly = row("entry_long", "close", ">", "sma(40)", timeframe="1w")
    assert "the first signal needs 205 bars" in only(weekly, STOP, SIZE, bars=150)


def test_doubts_are_warnings() -> None:
    assert "this says the same as row buy." in only(BUY, BUY | {"id": "again"}, STOP, SIZE)
    assert "no number of bars is given" in only(row("entry_long", "close", "rising"), STOP, SIZE)
    assert "row stop stops at 5%" in only(BUY, STOP, SIZE, is_true("exit_long", "open_profit < -8"))
    target = row("risk", "take_profit", "percent", 6, id="target")
    assert "row target takes the profit at 6" in only(BUY, STOP, SIZE, target, row("risk", "partial_exit", "percent", 8, 50))
    many = is_true("entry_long", " and ".join(f"close > sma({period}) * 1.0{period}" for period in (11, 12, 13, 14, 15, 16)))
    assert "free numbers" in only(many, STOP, SIZE)
    assert "the same on every bar" in only(is_true("entry_long", "1 < 2"), STOP, SIZE)


def test_errors_are_raised_and_warnings_are_given_back() -> None:
    assert [problem.severity for problem in require_valid(workflow(BUY, STOP))] == [Severity.WARNING]
    with pytest.raises(WorkflowError, match="nothing ends a long trade"):
        require_valid(workflow(BUY, SIZE))


def test_completeness_grows_with_what_is_said() -> None:
    steps = [(), (BUY,), (BUY, STOP), (BUY, STOP, SIZE)]

    scores = [completeness(workflow(*rows)) for rows in steps] + [completeness(workflow(BUY, STOP, SIZE, description="An idea."))]

    assert scores == sorted(scores)
    assert len(set(scores)) == 5
    assert scores[-1] == 1.0
    assert find_completeness_gaps(workflow(BUY, STOP, SIZE, description="An idea.")) == ()
    assert find_completeness_gaps(workflow())[0].startswith("No entry")


def test_a_table_of_both_sides_that_opens_one_is_not_complete() -> None:
    both = workflow(BUY, STOP, SIZE, direction=Direction.LONG_SHORT, description="An idea.")
    assert completeness(both) == 0.85
    assert find_completeness_gaps(both)[0].startswith("No short entry")


def test_days_of_a_market_around_the_clock_need_more_of_its_bars() -> None:
    told = workflow(is_true("entry_long", 'tf("1d", close > sma(20))'), STOP, SIZE)
    pair = Instrument(symbol="EURUSD", calendar="24/5", day_roll=1020)

    assert check(told, bars=300, timeframe=Timeframe.H1) == ()
    assert "the first signal needs 504 bars, but there are only 300." in str(
        check(told, bars=300, timeframe=Timeframe.H1, instrument=pair)[0]
    )
