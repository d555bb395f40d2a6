"""Compare: its colors are the theme's, its curves begin together, its code and trades say what differs."""

import tomllib
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sqlalchemy import event
from streamlit.testing.v1 import AppTest

from core.domain.bars import LoadedBars
from core.domain.bars_request import BarsRequest
from core.domain.errors import InputError
from core.domain.run import Run
from core.report.build_comparison import build_comparison
from core.report.series_colors import SERIES
from core.services import Services
from core.services.comparisons import Comparisons
from pages.components import cached_queries, report_buttons
from pages.components.charts import downsample
from pages.components.code_difference import list_lines
from pages.components.compare_charts import (
    ComparedCurve,
    build_all_iterations,
    describe_over_time,
    extend_curve,
    find_shared_hold_out,
    find_stretches,
)
from pages.components.compare_details import compute_rolling_sharpe
from pages.components.theme_colors import QUIET, TEXT
from tests.pages.conftest import shown

Open = Callable[..., AppTest]
DAYS = np.arange(np.datetime64("2020-01-01"), np.datetime64("2021-01-01"))


def test_an_empty_history_leads_to_the_sample_and_not_to_an_empty_library(empty: Open) -> None:
    assert [link.proto.label for link in empty("compare").get("page_link") if "sample" in link.proto.label] == ["Run the sample first"]


def test_colors_of_participants_are_those_of_the_theme() -> None:
    theme = tomllib.loads((Path(__file__).resolve().parents[2] / ".streamlit" / "config.toml").read_text(encoding="utf-8"))["theme"]

    for dark, name in ((False, "light"), (True, "dark")):
        assert list(SERIES[dark]) == theme[name]["chartCategoricalColors"][:6]
        assert (TEXT[dark], QUIET[dark]) == (theme[name]["textColor"], theme[name]["grayColor"])


def curve(name: str, days: np.ndarray = DAYS) -> ComparedCurve:
    return ComparedCurve(name, "#123456", days, np.linspace(1, 2, len(days)), np.r_[0, np.ones(len(days) - 1)], np.full(len(days), np.nan))


def test_all_charts_share_one_axis_of_time() -> None:
    found = describe_over_time([curve("a"), curve("b", DAYS[30:])], log=True, dark=False)

    assert (found["first"], found["last"], found["trained"]) == (1577836800000, 1609372800000, 1609372800000)
    assert [each["sharpe"] for each in found["curves"]] == [[], []], "no Sharpe ratio before a year is full"
    assert [each["held"][0][0] for each in found["curves"]] == [1577923200000, 1580515200000], "from the second bar of each on"


def test_an_account_goes_on_over_the_hold_out_where_that_was_looked_at(furnished: Services, finished: Run) -> None:
    participants = furnished.comparisons.gather([f"{finished.id}:0", f"{finished.id}:1", f"{finished.id}:2"])
    held, run = find_shared_hold_out(participants), furnished.store.read_run(finished.id)
    drawn = {one.id: extend_curve(ComparedCurve(one.name, "#123456", one.bars.time, one.equity), one) for one in participants if one.bars}

    ends = {identity: len(each.whole[0]) - len(each.time) for identity, each in drawn.items()}
    looked = {f"{finished.id}:0", f"{finished.id}:{run.best}", f"hold:{finished.id}"}
    assert held is not None
    assert ends == {identity: len(held.moments) if identity in looked else 0 for identity in drawn}
    shown = describe_over_time(list(drawn.values()), log=False, dark=False)
    assert shown["holdOut"] == [shown["trained"], shown["last"]]


def test_the_moving_sharpe_ratio_of_bars_within_the_day_is_that_of_days(furnished: Services, finished: Run) -> None:
    whole, *_ = furnished.comparisons.gather([f"{finished.id}:1"])
    daily = compute_rolling_sharpe(whole)

    assert daily is not None
    assert np.isfinite(daily).any()
    assert compute_rolling_sharpe(replace(whole, daily=whole.daily[:300] if whole.daily is not None else None)) is None


def test_the_shortest_pauses_are_closed_where_there_are_too_many_stretches() -> None:
    position = np.array([1, 0, 1, 0, 0, 0, 1, 0, 0, 1.0])

    assert find_stretches(position, most=4) == [(0, 0), (2, 2), (6, 6), (9, 9)]
    assert find_stretches(position, most=2) == [(0, 2), (6, 9)]


def test_the_lowest_and_the_highest_value_of_each_stretch_are_kept() -> None:
    value = np.array([3.0, 1, 2, 9, 5, 5, np.nan, 4, 0, 7])

    assert list(downsample(value, 4)) == [0, 1, 3, 8, 9], "halves: 1 and 9 in the first, 0 and 7 in the second; the ends in any case"
    assert list(downsample(value, 10)) == list(range(10))


def test_circles_of_all_iterations_stand_where_their_figures_are(furnished: Services, finished: Run) -> None:
    iterations = furnished.store.list_iterations(finished.id)

    chart = build_all_iterations(iterations, {1: ("Iteration 1", "#123456")})

    drawn = {point["name"]: point["value"] for series in chart["series"] for point in series["data"]}
    told = {str(one.number): one.metrics for one in iterations if one.metrics}
    assert drawn.keys() == told.keys()
    assert drawn["1"] == [round(100 * told["1"].max_drawdown, 2), round(100 * told["1"].total_return, 2), told["1"].trades]
    assert [(series["name"], len(series["data"])) for series in chart["series"]] == [("Others", len(told) - 1), ("Iteration 1", 1)]


def test_a_page_that_is_drawn_again_takes_nothing_anew(open_screen: Open, finished: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    app = open_screen("compare", it=f"{finished.id}:0,{finished.id}:1")
    monkeypatch.setattr(Comparisons, "gather", forbid)
    monkeypatch.setattr(cached_queries, "build_comparison_of", forbid)

    app.run()

    assert not app.exception


def test_the_address_holds_every_choice_and_restores_it(open_screen: Open, finished: Run) -> None:
    one, other, written = (f"{finished.id}:{number}" for number in (1, 2, 0))
    app = open_screen("compare", it=f"{one},{other},{written}")
    chosen = next(box for box in app.selectbox if box.key == "compare_code_second")

    chosen.set_value(one).run()
    next(switch for switch in app.toggle if switch.label == "Small bars").set_value(False).run()

    kept = {name: "".join(value) for name, value in dict(app.query_params).items()}
    assert kept == {"it": f"{one},{other},{written}", "code": f"{written},{one}", "bars": "0"}
    again = open_screen("compare", **kept)
    assert next(box for box in again.selectbox if box.key == "compare_code_second").value == one
    assert not next(switch for switch in again.toggle if switch.label == "Small bars").value


def forbid(*args: object, **options: object) -> None:
    raise AssertionError("it was there already")


def test_a_changed_line_says_which_row_it_belongs_to() -> None:
    lines = list_lines("fast = 20,  # r1\nsame", "fast = 10,  # r1\nsame", {"r1": "Buy on the cross."})

    assert [(line["kind"], line["before"], line["after"], line["about"]) for line in lines] == [
        ("out", 1, None, "r1: Buy on the cross."),
        ("in", None, 1, "r1: Buy on the cross."),
        ("same", 2, 2, ""),
    ]


@pytest.mark.parametrize("line", ["fast = 10,  # r1", '    ("fast", 10),', "  'fast': 10,"])
def test_a_changed_number_says_what_it_was_worth(line: str) -> None:
    lines = list_lines("fast = 20", line, {}, {"fast": "taken back alone: 1.54"})

    assert [(one["kind"], one["about"]) for one in lines] == [("out", ""), ("in", "taken back alone: 1.54")]


def test_a_part_of_the_bars_is_measured_by_itself(furnished: Services, finished: Run) -> None:
    span = services_span(furnished, finished)

    whole = furnished.comparisons.gather([f"{finished.id}:1"])
    part = furnished.comparisons.gather([f"{finished.id}:1"], span=span)

    assert [one.kind.value for one in part] == ["iteration", "written", "market"]
    assert all(one.bars is not None and len(one.bars) < len(other.bars or ()) for one, other in zip(part, whole, strict=True))
    for one in part:
        assert one.equity is not None
        assert one.metrics is not None
        assert one.metrics.total_return == pytest.approx(one.equity[-1] / one.start_value - 1)
    assert part[0].assessment is None, "luck is judged on whole runs"


def test_position_fills_and_trades_of_a_part_are_those_of_its_bars(furnished: Services, finished: Run) -> None:
    whole, *_ = furnished.comparisons.gather([f"{finished.id}:0"])

    part, *_ = furnished.comparisons.narrow((whole,), services_span(furnished, finished))

    assert part.first > 0
    assert part.position is not None
    assert whole.position is not None
    assert list(part.position) == list(whole.position[part.first :])
    assert [fill.bar + part.first for fill in part.fills] == [fill.bar for fill in whole.fills if fill.bar >= part.first]
    assert all(trade.entry_bar >= part.first for trade in part.trades)
    assert 0 < len(part.trades) < len(whole.trades)


def test_what_has_no_bars_in_a_part_stands_beside_the_others_without_figures(furnished: Services, finished: Run) -> None:
    one, other, *rest = furnished.comparisons.gather([f"{finished.id}:1", f"{finished.id}:0"])
    assert one.bars is not None
    assert one.equity is not None
    early = replace(one, bars=one.bars.slice(0, 40), equity=one.equity[:40])

    part = furnished.comparisons.narrow((early, other, *rest), services_span(furnished, finished))

    assert [(each.outside, each.failed) for each in part] == [(True, False), (False, False), (False, False)]
    assert "No bars of Iteration 1 lie in this part, so there are no figures of training." in build_comparison(part).warnings


@contextmanager
def count_reads(services: Services) -> Iterator[Counter[str]]:
    """Count what is asked of the history and of the market: curves by their iteration, lists of iterations, bars by their request."""
    asked: Counter[str] = Counter()

    def note_query(_connection: Any, _cursor: Any, statement: str, values: Any, _context: Any, _many: bool) -> None:
        if "FROM curve" in statement:
            asked["curve {}:{}".format(*values)] += 1
        elif "FROM iteration" in statement and "ORDER BY" in statement:
            asked[f"iterations {values[0]}"] += 1

    market, engine = services.rooms.market, services.rooms.history._database._engine
    load = market.load

    def load_counted(request: BarsRequest) -> LoadedBars:
        asked[f"bars {request.symbol} {request.end}"] += 1
        return load(request)

    event.listen(engine, "before_cursor_execute", note_query)
    market.load = load_counted  # type: ignore[method-assign]
    try:
        yield asked
    finally:
        event.remove(engine, "before_cursor_execute", note_query)
        del market.load


def test_a_comparison_reads_each_iteration_once_and_says_of_it_what_is_said_alone(furnished: Services, finished: Run) -> None:
    with count_reads(furnished) as asked:
        found = furnished.comparisons.gather([f"{finished.id}:{number}" for number in (1, 2, 3)])

    curves = {f"curve {finished.id}:{number}": 1 for number in (0, 1, 2, 3)}
    bars = {f"bars {finished.plan.bars.symbol} {end}": 1 for end in (finished.plan.bars.end, found[0].bars.last.date())}  # type: ignore[union-attr]
    assert asked == {**curves, f"iterations {finished.id}": 1, **bars}
    iterations = [one for one in found if one.detail is not None]
    assert [one.assessment for one in iterations] == [furnished.runs.assess(one.run.id, one.detail.iteration.number) for one in iterations]  # type: ignore[union-attr]


def test_the_first_visit_of_compare_reads_each_iteration_and_the_bars_once(furnished: Services, open_screen: Open, finished: Run) -> None:
    with count_reads(furnished) as asked:
        open_screen("compare", it=f"{finished.id}:1,{finished.id}:2,{finished.id}:3")

    assert {name: count for name, count in asked.items() if name.startswith("curve")} == {
        f"curve {finished.id}:{number}": 1 for number in (0, 1, 2, 3)
    }
    assert {count for name, count in asked.items() if name.startswith("bars")} == {1}


def test_a_run_that_has_gone_on_is_read_anew_by_compare(furnished: Services, open_screen: Open, finished: Run) -> None:
    app = open_screen("compare", it=f"{finished.id}:1")
    with count_reads(furnished) as asked:
        app.run()
        assert not [name for name in asked if name.startswith("curve")]
        cached_queries.load_compared(finished.changed(iterations=finished.iterations + 1), 1)
    assert asked[f"curve {finished.id}:1"] == 1


def services_span(services: Services, run: Run) -> tuple[date, None]:
    first = services.workbench.load_training_bars(run.plan).first.date()
    return (first.replace(year=first.year + 1), None)


@pytest.mark.parametrize(
    ("identities", "words"),
    [
        ([], "Nothing to compare"),
        (["abc"], "names no iteration"),
        (["abc:x"], "names no iteration"),
        ([f"a:{number}" for number in range(7)], "are too many"),
        (["ffff:1"], "no run"),
        ([f"ffff:{'9' * 30}"], "names no iteration"),
        ([f"ffff:{'9' * 5_000}"], "names no iteration"),
    ],
)
def test_what_names_no_iterations_is_refused_in_words(furnished: Services, identities: list[str], words: str) -> None:
    with pytest.raises(InputError, match=words):
        furnished.comparisons.compare(identities)


@pytest.mark.parametrize("number", ["99", "9" * 30, "9" * 5_000, "-1", "1.0", "", "x"])
def test_an_address_with_a_number_of_no_iteration_says_so_and_shows_the_others(open_screen: Open, finished: Run, number: str) -> None:
    app = open_screen("compare", it=f"{finished.id}:{number},{finished.id}:1,{finished.id}:0")

    assert not app.exception
    assert [warning.value.count("names no iteration that is stored here") for warning in app.warning] == [1]
    assert "Iteration 1" in [option for box in app.selectbox for option in box.options]


def test_one_iteration_twice_is_one_column(furnished: Services, finished: Run) -> None:
    found = furnished.comparisons.compare([f"{finished.id}:1", f"{finished.id[:6]}:1", f"{finished.id}:01"])

    assert [one.name for one in found.columns] == ["Iteration 1", "As written", "Buy and hold"]


def test_a_part_without_bars_says_where_training_runs(open_screen: Open, finished: Run) -> None:
    app = open_screen("compare", **{"it": f"{finished.id}:0,{finished.id}:1", "from": "1990-01-01", "to": "1990-02-01"})

    assert not app.exception
    assert any("no two bars" in error.value for error in app.error)
    assert app.button(key="compare_back").label == "All training bars"
    assert "from" in app.query_params, "the address is the visitor's until they choose"


def test_an_address_that_names_too_many_or_one_twice_says_so(open_screen: Open, finished: Run) -> None:
    app = open_screen(
        "compare", it=",".join([f"{finished.id}:0", f"{finished.id}:00", *(f"{finished.id}:{number}" for number in range(1, 8))])
    )

    assert "is named twice in the address" in shown(app)
    assert "names 3 more than can be compared" in shown(app)


def test_one_choice_is_drawn_beside_what_it_is_set_against(open_screen: Open, finished: Run) -> None:
    app = open_screen("compare", it=f"{finished.id}:1")

    assert not app.exception
    assert "One iteration is chosen." in shown(app)


def test_a_report_is_made_of_the_chosen_iterations_and_not_of_what_stands_beside_them(
    furnished: Services, open_screen: Open, finished: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []
    monkeypatch.setattr(furnished.reports, "render_comparison", lambda identities, **rest: asked.extend(identities))
    monkeypatch.setattr(report_buttons, "draw_report_buttons", lambda render, **rest: render(True))

    open_screen("compare", it=f"{finished.id}:1,{finished.id}:2")

    assert asked == [f"{finished.id}:1", f"{finished.id}:2"]


def test_a_report_of_a_part_holds_the_figures_of_that_part_and_says_so(
    furnished: Services, open_screen: Open, finished: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    made: list[str] = []
    monkeypatch.setattr(report_buttons, "draw_report_buttons", lambda render, **rest: made.append(render(True)))
    first, last = services_span(furnished, finished)

    open_screen("compare", it=f"{finished.id}:1,{finished.id}:2", **{"from": f"{first}"})

    part = furnished.comparisons.compare([f"{finished.id}:1", f"{finished.id}:2"], span=(first, last))
    said = f"Figures of training are of the part from {first} to the end alone; luck is not judged on parts."
    assert said in made[0]
    assert said in part.warnings
    total = next(row for group in part.groups for row in group.rows if row.label == "Total return")
    assert all(cell.text in made[0] for cell in total.cells)


def test_an_iteration_named_twice_stands_once_and_is_said_to(furnished: Services, finished: Run) -> None:
    found = furnished.comparisons.compare([f"{finished.id}:1", f"{finished.id}:2", f"{finished.id}:1"])

    assert found.warnings[0] == f"{finished.id}:1 is named more than once, and stands here once."
    assert [one.kind.value for one in found.columns].count("iteration") == 2
