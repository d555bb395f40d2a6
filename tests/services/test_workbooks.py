"""A workbook holds numbers as numbers, and the same ones as the history."""

import io
from datetime import date, datetime

import pytest
from openpyxl import load_workbook

from core.domain.bars_request import BarsRequest
from core.domain.errors import InputError
from core.domain.run import Run, RunPlan
from core.report.result_sheets import CellForm, Sheet
from core.services import Services
from core.services.workbooks import write_workbook


@pytest.fixture(scope="module")
def run(parts: Services) -> Run:
    bars = BarsRequest(symbol="AAPL", start=date(2006, 1, 1), end=date(2008, 12, 31))
    return parts.runs.run_here(RunPlan(workflow=parts.workbench.find_workflow("sma_cross"), bars=bars, loops=1, minimum_trades=1))


def same(expected: object) -> object:
    """The same number: a workbook keeps sixteen digits of it."""
    return pytest.approx(expected, rel=1e-15)


def read(data: bytes) -> dict[str, list[tuple[object, ...]]]:
    """The sheets as a spreadsheet has them."""
    return {sheet.title: list(sheet.iter_rows(values_only=True)) for sheet in load_workbook(io.BytesIO(data))}


def test_its_numbers_are_those_of_the_history(parts: Services, run: Run) -> None:
    sheets = read(parts.reports.render_workbook(run.id, 0))
    detail = parts.store.read_detail(run.id, 0)
    assert detail.iteration.metrics is not None

    figures = {row[0]: row[1] for row in sheets["Figures"]}
    assert figures["Sharpe ratio"] == same(detail.iteration.metrics.sharpe)
    assert [row[1] for row in sheets["Account"][1:]] == same(detail.equity.tolist())
    assert [row[8] for row in sheets["Trades"][1:]] == same([trade.profit for trade in detail.trades])
    assert [row[4] for row in sheets["Orders"][1:]] == same([fill.price for fill in detail.fills])
    assert isinstance(sheets["Trades"][1][2], datetime)


def test_profits_of_the_trades_come_to_the_gain_of_the_account(parts: Services, run: Run) -> None:
    sheets = read(parts.reports.render_workbook(run.id, 0))
    profits = sum(row[8] for row in sheets["Trades"][1:])
    assert sheets["Account"][-1][1] - run.plan.backtest.cash == pytest.approx(profits)


def test_an_iteration_that_is_not_there_is_said_to_be_none(parts: Services, run: Run) -> None:
    with pytest.raises(InputError, match="99"):
        parts.reports.render_workbook(run.id, 99)


def test_no_text_is_computed_and_no_sign_that_a_workbook_cannot_hold_spoils_it() -> None:
    sheet = Sheet("One", ("=A1", "b"), (CellForm.TEXT, CellForm.TEXT), (("=1+1", "a\x07b"), ("+2", "-3")))
    book = load_workbook(io.BytesIO(write_workbook([sheet])))
    assert [[cell.data_type for cell in row] for row in book["One"]] == [["s", "s"]] * 3
    assert read(write_workbook([sheet]))["One"][1] == ("=1+1", "ab")


def test_days_that_spreadsheets_cannot_count_stand_as_text() -> None:
    sheet = Sheet("One", ("day",), (CellForm.MOMENT,), ((date(1885, 2, 16),), (date(1985, 2, 16),)))
    assert read(write_workbook([sheet]))["One"][1:] == [("1885-02-16",), (datetime(1985, 2, 16),)]
