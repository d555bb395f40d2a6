"""The browser's side of the live view on its own: it words values as the rest of the product does, and keeps a run's state right."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Page

from core.domain.usage import Cost
from core.report.number_format import format_dollars, format_duration, format_percent, format_ratio
from pages.components.browser_code import read_browser_code

pytestmark = pytest.mark.e2e

DATA = {"status": "queued", "loops": 10, "budget": None, "objective": "sharpe"}


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """An empty page that knows the functions of the live view."""
    opened = browser.new_page()
    opened.add_script_tag(content=read_browser_code("live_state.js", "live_charts.js"))
    yield opened
    opened.close()


def _state(page: Page, *messages: dict[str, Any]) -> dict[str, Any]:
    script = """([data, messages]) => {
      const state = freshState(data);
      for (const message of messages) take(state, message);
      return JSON.stringify({...state, open: [...state.open], done: [...state.done], texts: [...state.texts], growing: [...state.growing]});
    }"""
    found: dict[str, Any] = json.loads(page.evaluate(script, [DATA, list(messages)]))
    return found


def _stage(number: int, stage: str, at: int) -> dict[str, Any]:
    return {"kind": "stage", "number": number, "loop": number, "stage": stage, "at": at, "seq": at}


def test_values_read_as_everywhere_else(page: Page) -> None:
    ratios = [1.4159, None, -0.004, 0.0, -1.5, 123.456]
    assert page.evaluate("values => values.map(ratio)", ratios) == [format_ratio(value) for value in ratios]
    shares = [-0.0871, None, 0.349, 0.0, -0.0004, 12.3456]
    assert page.evaluate("values => values.map(percent)", shares) == [format_percent(value) for value in shares]
    amounts = [0.0421, 1.5, 0.00012, 0.0, 12.345]
    assert page.evaluate("values => values.map(dollars)", amounts) == [format_dollars(value) for value in amounts]
    times = [0.21, 75.0, 4000.0, 59.94]
    assert page.evaluate("values => values.map(value => seconds(value * 1000))", times) == [format_duration(value) for value in times]


def test_an_unknown_price_makes_the_sum_unknown(page: Page) -> None:
    paid, free, unknown = Cost(usd=0.01, price_source="user"), Cost(), Cost(usd=None, price_source="unpriced")
    for costs in ([paid, paid], [free, free], [paid, unknown], [paid, free]):
        calls = [{"usd": cost.usd, "free": cost.price_source == "free", "tokens": 1} for cost in costs]
        sum_ = page.evaluate("spent", calls)
        assert sum_["unknown"] is any(cost.usd is None for cost in costs)
        assert sum_["free"] is all(cost.price_source == "free" for cost in costs)
        assert sum_["usd"] == pytest.approx(sum(cost.usd or 0.0 for cost in costs))


def test_the_best_is_the_highest_score_and_the_earlier_one_on_a_tie(page: Page) -> None:
    scores = [0.5, None, 0.9, 0.9, 0.1]
    assert page.evaluate("scores => bestOf(scores.map((score, number) => ({score, number}))).number", scores) == 2
    assert page.evaluate("bestOf([{score: null, number: 0}])") is None


def test_the_small_curve_of_a_figure_ends_at_the_number_on_show(page: Page) -> None:
    scores, failed = [None, 0.5, 0.9, 0.2, 0.9], [False, False, False, True, False]
    ended = page.evaluate(
        "([scores, failed]) => traceBest(scores.map((score, number) => ({score, number, failed: failed[number]}))).map(one => one.number)",
        [scores, failed],
    )
    assert ended == [0, 1, 2, 2]
    assert page.evaluate("traceBest([{score: null, number: 0, failed: false}]).at(-1).number") == 0
    assert page.evaluate("spark([1, 2], 'Sharpe ratio').getAttribute('aria-label')") == "Sharpe ratio"


def test_elapsed_time_runs_from_the_first_stage_of_a_loop(page: Page) -> None:
    state = _state(page, _stage(1, "generate", 1000), _stage(1, "run", 5000))
    assert [one["began"] for _, one in state["open"]] == [1000]
    again = _state(page, _stage(1, "generate", 1000), _stage(1, "run", 5000), _stage(1, "generate", 9000))
    assert [one["began"] for _, one in again["open"]] == [9000]


def test_answers_written_side_by_side_do_not_mix(page: Page) -> None:
    texts = [{"kind": "text", "number": number, "text": text} for number, text in ((1, "a"), (2, "x"), (1, "b"), (2, "y"))]
    state = _state(page, _stage(1, "generate", 1), _stage(2, "generate", 2), *texts)
    assert dict(state["texts"]) == {1: "ab", 2: "xy"}
    assert state["shown"] == 1


def _progress(number: int, bars: list[int], seq: int) -> dict[str, Any]:
    return {
        "kind": "progress",
        "number": number,
        "done": bars[-1] + 1,
        "total": 9,
        "bars": bars,
        "equity": [100 + bar for bar in bars],
        "seq": seq,
    }


def test_a_curve_grows_and_gives_way_to_the_finished_one(page: Page) -> None:
    reports = [_stage(1, "run", 1), _progress(1, [0, 2], 2), _progress(1, [5], 3)]
    assert dict(_state(page, *reports)["growing"]) == {1: {"done": 6, "total": 9, "bars": [0, 2, 5], "values": [100, 102, 105]}}
    over = {"kind": "iteration", "number": 1, "verdict": "scored", "change": "", "seq": 4}
    assert _state(page, *reports, over)["growing"] == []


def test_a_backtest_that_is_begun_again_grows_from_its_first_bar(page: Page) -> None:
    state = _state(page, _stage(1, "run", 1), _progress(1, [0, 2], 2), _stage(1, "run", 3), _progress(1, [0], 4))
    assert dict(state["growing"])[1]["bars"] == [0]
    stopped = _state(page, _stage(1, "run", 1), _progress(1, [0, 2], 2), {"kind": "status", "status": "cancelled", "seq": 3})
    assert stopped["growing"] == []


def test_a_growing_curve_has_no_value_where_it_has_not_come_yet(page: Page) -> None:
    curve = {"values": [100, 102, 105], "shares": [0, 0.25, 0.625]}
    assert page.evaluate("curve => [0, 0.3, 0.625, 0.9].map(share => valueAt(curve, share))", curve) == [100, 102, 105, None]
    assert page.evaluate("valueAt({values: [1, 2, 3]}, 0.5)") == 2


def test_a_call_that_is_tried_again_starts_its_text_afresh(page: Page) -> None:
    texts = [{"kind": "text", "number": 1, "text": "broken"}, {"kind": "text", "number": 1, "text": "", "afresh": True}]
    state = _state(page, _stage(1, "generate", 1), *texts, {"kind": "text", "number": 1, "text": "whole"})
    assert dict(state["texts"]) == {1: "whole"}


def test_a_wish_changes_loops_and_budget(page: Page) -> None:
    commands = [{"kind": "steer", "wish": "loops", "text": "25"}, {"kind": "steer", "wish": "budget", "text": "1.5"}]
    state = _state(page, *commands)
    assert (state["loops"], state["budget"]) == (25, 1.5)


def test_a_kind_that_is_not_known_changes_nothing_but_the_place(page: Page) -> None:
    state = _state(page, {"kind": "from a newer server", "seq": 7})
    assert state["cursor"] == 7
    assert state["log"] == []


@pytest.mark.parametrize(("low", "high"), [(0, 1), (-0.2, 1.7), (99_000, 812_345), (5, 5), (-3, -1)])
def test_an_axis_has_a_few_round_marks_inside_its_range(page: Page, low: float, high: float) -> None:
    marks = page.evaluate("([low, high]) => ticks(low, high, 5)", [low, high])
    assert 1 <= len(marks) <= 8
    assert all(low - 1e-9 <= mark <= high + 1e-9 for mark in marks)
    assert marks == sorted(set(marks))
