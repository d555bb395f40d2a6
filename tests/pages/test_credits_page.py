"""The Credits screen: what was spent, how sure that is, and the limits."""

import csv
import io
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

import core.services
from core.domain.iteration import Iteration
from core.domain.run import Run
from core.domain.usage import LedgerRow, LedgerStatus, Price, Spent, Usage, UsageSource
from core.services import Services, Settings
from pages.components.spending_tables import CALLS, build_day_frame
from pages.components.spending_words import count_improvements
from tests.pages.conftest import _opener, shown
from tests.same_day import wait_for_day_that_lasts

Open = Callable[..., AppTest]
PRICE = Price(input=3, output=15, source="user")


def spend(
    services: Services, usd: float | None, *, model: str = "openai/some", run: str = "", pending: bool = False, estimated: bool = False
) -> None:
    """One call in the ledger; None is a call whose price nobody knows."""
    row = LedgerRow(
        run_id=run, provider="openai", model=model, started=datetime.now(UTC), price=None if usd is None else PRICE, reserved_micros=500_000
    )
    number = services.store.ledger.reserve(row if usd is not None else row.changed(reserved_micros=0))
    if not pending:
        usage = Usage(prompt_tokens=900, completion_tokens=100, source=UsageSource.ESTIMATED if estimated else UsageSource.PROVIDER)
        facts = {
            "status": LedgerStatus.OK,
            "ended": datetime.now(UTC),
            "usage": usage,
            "usd_micros": None if usd is None else round(usd * 1e6),
        }
        services.store.ledger.close(number, row.changed(**facts))


@pytest.fixture
def book(tmp_path: Path) -> Iterator[Services]:
    """Services with an empty ledger."""
    wait_for_day_that_lasts()
    services = Services(Settings(home=tmp_path))
    yield services
    services.close()


@pytest.fixture
def screen(book: Services, monkeypatch: pytest.MonkeyPatch) -> Callable[[], AppTest]:
    """The Credits screen over that ledger."""
    monkeypatch.setattr(core.services, "_services", book)
    opener = _opener(book, monkeypatch)
    return lambda: opener("credits")


def test_before_the_first_call_the_screen_says_that_everything_was_free(screen: Callable[[], AppTest]) -> None:
    app = screen()
    assert "Everything so far was free" in shown(app)
    assert not app.get("download_button")
    assert [metric.value for metric in app.metric] == ["$0", "$0"]


def test_free_calls_are_listed_and_called_free(screen: Callable[[], AppTest], book: Services) -> None:
    spend(book, 0.0, model="built-in")
    app = screen()
    assert app.metric[0].value == "Free"
    assert "Everything so far was free" in shown(app)
    assert app.dataframe[0].value["Spent"].tolist() == ["free"]


def test_all_free_calls_are_counted_and_not_the_newest_alone(screen: Callable[[], AppTest], book: Services) -> None:
    for _ in range(CALLS + 3):
        spend(book, 0.0, model="built-in")
    assert f"{CALLS + 3} calls of models that cost nothing" in shown(screen())


@pytest.mark.parametrize(("usd", "label"), [(0.5, "Fine"), (0.8, "Low"), (0.95, "Critical"), (1.0, "Exhausted")])
def test_a_balance_tells_its_state_against_the_limit(screen: Callable[[], AppTest], book: Services, usd: float, label: str) -> None:
    book.preferences.save_caps(day_usd=1.0)
    spend(book, usd)
    app = screen()
    assert any(label in markdown.value for markdown in app.markdown)
    assert any("No limit" in markdown.value for markdown in app.markdown)
    assert app.progress[0].value == round(usd * 100)


def test_an_unknown_price_is_never_shown_as_zero(screen: Callable[[], AppTest], book: Services) -> None:
    spend(book, None, model="openai/unheard-of")
    app = screen()
    assert app.metric[0].value == "Unknown"
    assert "1 call without a known price" in shown(app)
    assert app.dataframe[0].value["Credits"].tolist() == ["unknown"]
    app.session_state["credits_tab"] = "Calls"
    app.run()
    assert app.dataframe[0].value["Cost"].tolist() == ["unknown"]


def test_pending_and_estimated_calls_are_marked_and_the_reserve_counts(screen: Callable[[], AppTest], book: Services) -> None:
    spend(book, 0.25, pending=True)
    spend(book, 0.10, estimated=True)
    app = screen()
    assert app.metric[0].value == "$0.600"
    words = shown(app).replace("\\", "")
    assert "$0.500 reserved for calls under way" in words
    assert "tokens of 1 call estimated" in words
    app.session_state["credits_tab"] = "Calls"
    app.run()
    assert app.dataframe[0].value["Cost"].tolist() == ["$0.100", "up to $0.500"]
    assert app.dataframe[0].value["Tokens"].tolist()[0] == "~1,000"


def test_credits_stand_beside_dollars(screen: Callable[[], AppTest], book: Services) -> None:
    spend(book, 1.234)
    app = screen()
    assert app.metric[0].value == "$1.23"
    assert "1,234 credits" in shown(app).replace("\\", "")


def test_a_run_shows_what_each_improvement_cost(furnished: Services, finished: Run, open_screen: Open) -> None:
    spend(furnished, 0.6, run=finished.id)
    app = open_screen("credits")
    app.session_state["credits_tab"] = "By run"
    app.run()
    found = count_improvements(furnished.store.list_iterations(finished.id))
    table = app.dataframe[0].value
    rows = list(zip(table["Workflow"], table["Improvements"], table["For each"], strict=True))
    assert ("SMA cross", str(found), f"${0.6 / found:.3f}" if found else "—") in rows


def test_limits_change_with_the_button_and_not_before(screen: Callable[[], AppTest], book: Services) -> None:
    app = screen()
    app.number_input(key="credits_day_usd").set_value(2.5)
    app.run()
    assert book.preferences.read_caps().day_usd is None
    app.number_input(key="credits_day_usd").set_value(2.5)
    app.number_input(key="credits_run_tokens").set_value(40_000)
    app.button(key="credits_save_caps").click().run()
    assert not app.exception
    caps = book.preferences.read_caps()
    assert (caps.day_usd, caps.month_usd, caps.run_usd, caps.run_tokens) == (2.5, None, None, 40_000)


def test_the_table_for_a_spreadsheet_has_every_call(book: Services) -> None:
    spend(book, 0.1)
    spend(book, None, model="=cmd()")
    rows = list(csv.DictReader(io.StringIO(book.spending.export_csv())))
    assert [(row["model"], row["usd"]) for row in rows] == [("'=cmd()", ""), ("openai/some", "0.100000")]


def test_days_without_a_call_stand_in_the_chart_as_well() -> None:
    today = date(2024, 3, 10)
    lines = [("2024-03-10", Spent(usd_micros=10, calls=1)), ((today - timedelta(days=20)).isoformat(), Spent(usd_micros=5, calls=1))]
    frame = build_day_frame(lines, today)
    assert len(frame) == 21
    assert frame["usd"].tolist() == [5e-6, *[0.0] * 19, 1e-5]


def test_only_a_new_best_score_after_the_baseline_is_an_improvement(furnished: Services, finished: Run) -> None:
    base = furnished.store.list_iterations(finished.id)[0]

    def at(number: int, score: float | None) -> Iteration:
        return base.changed(number=number, score=score)

    assert count_improvements([at(0, 1.0), at(1, 0.9), at(2, None), at(3, 1.2), at(4, 1.2), at(5, 1.5)]) == 2
