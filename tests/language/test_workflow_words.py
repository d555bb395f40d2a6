"""What is printed from a workflow: sentences, prompt, picture, parameters, funnel, and code that people can read."""

import ast
import re

import backtrader as bt
import numpy as np
import pytest
from workflow_runs import is_true, row, workflow

from core.domain.errors import WorkflowError
from core.domain.workflow import Section
from core.language import (
    CATALOGUE,
    RULES,
    build_funnel,
    compile_workflow,
    explain,
    explain_text,
    parameters,
    render_dot,
    render_specification,
)
from core.language.catalogue.functions import FUNCTIONS
from core.language.compiler.support import HELPERS
from core.language.syntax.expression import parse_expression
from core.language.syntax.nodes import CLOCK_OPERANDS, HISTORY_OPERANDS, POSITION_OPERANDS
from core.language.syntax.reader import to_condition
from core.language.syntax.wording import describe_node

CROSS = (
    row("filter", "close", ">", "sma(200)", id="trend"),
    row("entry_long", ["sma(20)", "sma(50)"], "crosses above", id="in", note="wait for the close"),
    row("entry_long", "rsi(14)", "<", 30, id="dip", group="B", within=3),
    row("exit_long", ["sma(20)", "sma(50)"], "crosses below", id="out"),
    row("sizing", "position_size", "percent", 95, id="size"),
    row("risk", "stop_loss", "atr", 2, id="stop"),
    row("risk", "take_profit", "percent", 9, id="off", enabled=False),
)
TOLD = workflow(*CROSS, description="Follow\nthe trend.")


def test_every_row_is_a_sentence() -> None:
    assert explain_text(TOLD).splitlines() == [
        "test",
        "Trades the long side only.",
        "Rows are read on the close of a bar; market orders fill at the next open.",
        "trend: Enter only while the close is above the 200-bar simple moving average.",
        "in: Buy when the 20-bar simple moving average crosses above the 50-bar simple moving average.",
        "dip: Or buy when the 14-bar RSI is below 30, on this bar or one of the 2 bars before.",
        "out: Sell the long position when the 20-bar simple moving average crosses below the 50-bar simple moving average.",
        "size: Put 95% of equity into each entry.",
        "stop: Stop the loss 2 times the 14-bar average true range from the entry price.",
        "off: Disabled: this row changes nothing.",
    ]


def test_a_row_that_cannot_be_read_does_not_hide_the_others() -> None:
    sentences = explain(workflow(row("entry_long", "smaa", ">", 1), row("exit_long", "close", "<", 5)))

    assert [sentence.text for sentence in sentences][2:] == [
        "Cannot be read yet: see the problem shown at the row.",
        "Sell the long position when the close is below 5.",
    ]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("close[1] > high[2]", "the close 1 bar ago is above the high 2 bars ago"),
        ("highest(high, 20)[1] * 0.98 < close", "the highest high of the 20 bars before this one times 0.98 is below the close"),
        ("macd(12, 26, 9).signal > 0", "the signal line of the MACD(12, 26, 9) is above 0"),
        ("rising(close, 3)", "the close has risen on each of the last 3 bars"),
        ("count(close > open, 5) >= 3", "on at least 3 of the last 5 bars the close is above the open"),
        ("count(close > open, 3) == 3", "on each of the last 3 bars the close is above the open"),
        ("count(close > open, 6)[1] == 0", "on none of the 6 bars before this one the close is above the open"),
        ("count(close > open, 5)[2] > 1", "on at least 2 of the 5 bars up to 2 bars ago the close is above the open"),
        (
            "count(close < open, 3) >= 2 and close > 9",
            "(on at least 2 of the last 3 bars the close is below the open) and the close is above 9",
        ),
        ('tf("4h", close > open) and close > 9', "(on 4-hour bars the close is above the open) and the close is above 9"),
        ("value_when(bars_in_trade == 1, low[1]) > close", "the low 1 bar before the bar of the fill is above the close"),
        ("highest_since(bars_in_trade == 1, close) > close", "the highest close since the fill is above the close"),
        ("lowest_since(hour == 9, rsi(2)) > 5", "the lowest value of the 2-bar RSI since the last bar on which the hour is 9 is above 5"),
        (
            "sum_since(hour == 9, 1 if close > 5 else 0) > 2",
            "the number of bars on which the close is above 5, since the last bar on which the hour is 9 is above 2",
        ),
        ("close[1][2] > close", "the close 3 bars ago is above the close"),
        ("minute_of_day != time(9, 45)", "the bar does not begin at 09:45"),
        ("between(minute_of_day, time(9, 0), time(10, 0))", "the bar begins between 09:00 and 10:00"),
        ("setup is B", "setup B opened the trade"),
        ("not (friday or close > 5)", "it is not the case that (the weekday is Friday or the close is above 5)"),
        ("since(hammer) < 4", "it is fewer than 4 bars since a hammer is seen"),
        ("inside_bar[1]", "an inside bar was seen 1 bar ago"),
        ("three_white_soldiers", "three white soldiers are seen"),
        ('tf("1w", close > sma(10))', "on weekly bars the close is above the 10-bar simple moving average"),
        ('close > tf("1d", high)', "the close is above the high (daily bars)"),
        ("weekday == 0 and hour >= 10", "the weekday is Monday and the hour is at or above 10"),
        ("minute_of_day < time(9, 45)", "the bar begins before 09:45"),
        ("not (close > open)", "it is not the case that (the close is above the open)"),
        ("sma(rsi(14), 5) > 50", "the 5-bar simple moving average of the 14-bar RSI is above 50"),
        ("between(rsi(14), 40, 60)", "the 14-bar RSI is between 40 and 60"),
        (
            "sequence(close > 1, close > 2, within=7)",
            "first the close is above 1, then the close is above 2 (each within 7 bars of the one before)",
        ),
        ("(close if close > open else open) > 5", "(the close if the close is above the open, else the open) is above 5"),
    ],
)
def test_expressions_in_words(text: str, said: str) -> None:
    node = parse_expression(text)

    assert describe_node(to_condition(node) or node) == said


def test_every_indicator_function_and_rule_can_be_said() -> None:
    for entry in CATALOGUE.values():
        for line in entry.lines:
            text = describe_node(parse_expression(f"{entry.name}.{line.name}" if len(entry.lines) > 1 else entry.name))
            assert text.startswith("the ")
            assert "{" not in text
    for signature in FUNCTIONS.values():
        assert describe_node(parse_expression(signature.example))
    for rule in RULES.values():
        for measure, form in rule.forms.items():
            told = workflow(row(rule.sections[0].value, rule.name, measure.value, *[slot.default for slot in form.slots], id="x"))
            assert explain(told)[2].text.endswith(".")


def test_sentences_say_what_a_row_has_named_by_its_name() -> None:
    told = workflow(
        row("define", "top", "==", "highest(high, 20)[1]"),
        row("define", "calm", "==", "close < top"),
        is_true("entry_long", "calm[1] and not calm and top > 3"),
        row("risk", "trailing_stop", "price", "top - 2"),
    )

    assert [sentence.text for sentence in explain(told)][2:] == [
        "Call it top: the highest high of the 20 bars before this one.",
        "Call it calm: the close is below top.",
        "Buy when calm holds as of 1 bar ago and calm does not hold and top is above 3.",
        "Trail the stop at top minus 2, read on every close and never moved back.",
    ]


def test_sentences_say_to_which_setup_a_row_belongs() -> None:
    told = workflow(
        is_true("entry_long", "close > 5"),
        is_true("entry_long", "close < 3", group="B"),
        row("sizing", "position_size", "percent", 50),
        row("sizing", "position_size", "percent", 20, group="B"),
        row("risk", "time_stop", "bars", 9),
    )

    assert [sentence.text for sentence in explain(told)][2:] == [
        "Setup A: buy when the close is above 5.",
        "Setup B: or buy when the close is below 3.",
        "For setup A: put 50% of equity into each entry.",
        "For setup B: put 20% of equity into each entry.",
        "Close the position after 9 bars.",
    ]


def test_an_opposite_signal_is_told_once_and_hours_of_two_rows_are_joined() -> None:
    told = workflow(
        is_true("entry_long", "close > 5"),
        is_true("entry_short", "close < 3"),
        row("risk", "on_opposite_signal", "choice", "close"),
        row("risk", "trading_hours", "time", "09:45", "11:30"),
        row("risk", "trading_hours", "time", "13:30", "15:30"),
        direction="long_short",
    )
    said = [sentence.text for sentence in explain(told)]

    assert said[0] == "Trades both sides."
    assert said[4:] == [
        "An entry signal of the other side closes the position and opens nothing.",
        "Enter only on bars that close from 09:45 until before 11:30.",
        "Or on bars that close from 13:30 until before 15:30.",
    ]


def test_the_prompt_is_a_specification_with_row_ids_and_ranges() -> None:
    assert render_specification(TOLD).splitlines()[:7] == [
        "Strategy: test",
        "Idea: Follow the trend.",
        "Trades the long side only.",
        "Rows are read on the close of a bar; market orders fill at the next open.",
        "Filters (all must allow an entry):",
        "- [trend] Enter only while the close is above the 200-bar simple moving average.",
        "Long entry:",
    ]
    assert "(note: wait for the close)" in render_specification(TOLD)
    assert "- entry_rsi_below = 30, 15 to 45, row dip" in render_specification(TOLD)
    assert "[off]" not in render_specification(TOLD)


def test_names_and_notes_cannot_break_out_of_their_line() -> None:
    told = workflow(*CROSS, name="one\n# two\u2028three", description="a\r\nb")

    assert "Strategy: one # two three\n" in render_specification(told)


def test_parameters_are_named_shared_and_kept_apart() -> None:
    found = {item.name: item for item in parameters(TOLD)}

    assert list(found)[:4] == ["sma_slow", "sma_fast", "sma_mid", "rsi_period"]
    assert found["sma_fast"].row == "in"
    assert found["sma_fast"].high < found["sma_mid"].low
    assert found["sma_mid"].high < found["sma_slow"].low
    assert (found["entry_rsi_below"].low, found["entry_rsi_below"].high) == (15, 45)
    assert found["stop_loss_atr"].default == 2
    assert not any(name.startswith("take_profit") for name in found)


def test_structure_is_not_a_parameter() -> None:
    told = workflow(is_true("entry_long", "macd(12, 26, 9) > 0 and (high + low) / 2 > close[3] and hour == 10 and weekday != 2"))

    assert [item.name for item in parameters(told)] == ["macd_fast", "macd_slow", "macd_signal"]


def test_values_replace_parameters_in_the_code_and_unknown_ones_are_refused() -> None:
    code = compile_workflow(TOLD, {"sma_fast": 11.6, "stop_loss_atr": 2.5})

    assert "sma_fast=12," in code
    assert "stop_loss_atr=2.5," in code
    with pytest.raises(WorkflowError, match="`sma_fats` is not a parameter of this workflow"):
        compile_workflow(TOLD, {"sma_fats": 3})
    with pytest.raises(WorkflowError, match=r"`sma_fast` cannot be 0\.2\. It goes from 10 to 31"):
        compile_workflow(TOLD, {"sma_fast": 0.2})


def test_compiled_code_is_one_strategy_commented_with_each_row() -> None:
    code = compile_workflow(TOLD)
    tree = ast.parse(code)

    assert [node.names[0].name for node in tree.body if isinstance(node, ast.Import)] == [
        "math",
        "backtrader",
    ]
    assert sum("bt.Strategy" in line for line in code.splitlines()) == 1
    for sentence in explain(TOLD):
        if sentence.row and not sentence.text.startswith("Disabled"):
            assert f"# {sentence.row} ({sentence.section}): {sentence.text}" in code
    assert "Cerebro" not in code
    assert "__main__" not in code


def test_only_helpers_and_classes_that_are_used_are_written() -> None:
    code = compile_workflow(TOLD)

    assert "class KAMA" not in code
    assert not any(f"def {name}(" in code for name in HELPERS)


def test_the_picture_holds_every_active_row_in_its_column() -> None:
    dot = render_dot(TOLD)

    assert dot.startswith("digraph workflow {")
    for title in ("Filters", "Entries", "Size", "Exits and risk"):
        assert f'label="{title}"' in dot
    assert dot.count("[label=") == 6
    assert dot.count("->") == 3
    assert "off" not in dot


def test_quotes_in_ids_do_not_break_the_picture() -> None:
    assert '"a \\"b\\" (A)' in render_dot(workflow(row("entry_long", "close", ">", 5, id='a "b"')))


def test_the_funnel_says_what_blocked_the_rest() -> None:
    told = workflow(
        row("entry_long", "close", ">", 5, id="a"), row("entry_long", "open", ">", 5, id="b"), row("exit_long", "close", "<", 5, id="c")
    )
    flags = {"a": [1, 1, 1, 0, 1], "b": [0, 1, 0, 0, 1], "c": [0, 0, 0, 1, 0]}

    steps = build_funnel({name: np.array(values, dtype=np.uint8) for name, values in flags.items()}, told)

    assert [(step.row, step.true, step.joint, step.blocked, step.bars) for step in steps] == [
        ("a", 4, 4, 0, 5),
        ("b", 2, 2, 2, 5),
        ("c", 1, 1, 4, 5),
    ]
    assert [step.section for step in steps] == [Section.ENTRY_LONG, Section.ENTRY_LONG, Section.EXIT_LONG]


def test_rows_of_any_id_get_their_own_variable() -> None:
    names = ["for", "self", "1a", "ü", "a b", "a-b", "entry", "print"]
    told = workflow(
        *[row("entry_long", "close", ">", number + 1, id=name) for number, name in enumerate(names)], row("risk", "time_stop", "bars", 2)
    )

    ast.parse(compile_workflow(told, signals=True))


def test_nothing_that_the_strategy_keeps_has_the_name_of_an_indicator() -> None:
    rows = [
        row(rule.sections[0].value, rule.name, measure.value, *["close" if slot.sort == "price" else slot.default for slot in form.slots])
        for rule in RULES.values()
        for measure, form in rule.forms.items()
    ]
    kept: set[str] = set()
    operands = " or ".join(f"{name} > 1" for name in (*POSITION_OPERANDS, *HISTORY_OPERANDS, *CLOCK_OPERANDS))
    for told in rows:
        base = [is_true("entry_long", "count(close > open, 3) > 1 and since(close > open) > 1", within=2), is_true("exit_long", operands)]
        stop = row("risk", "stop_loss", "percent", 5)
        try:
            code = compile_workflow(workflow(*base, stop, told), signals=True)
        except WorkflowError:
            code = compile_workflow(workflow(*base, told), signals=True)
        kept |= set(re.findall(r"self\.([a-z_]\w*)", code.split("(bt.Strategy)")[1]))
    made = {f"{name}{suffix}" for name in CATALOGUE for suffix in ("", "_fast", "_mid", "_slow", "_1", "_2", "_3", "_1d", "_1w")}

    assert "stop_at" in kept
    assert kept & made == set()
    assert set(dir(bt.Strategy)) & made == set()
