"""Sheets as a file for spreadsheets (.xlsx): numbers as numbers, days as days, and no text that is computed."""

import io
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import Any

from core.report.result_sheets import Cell, CellForm, Sheet

FIRST_YEAR = 1901
"""Spreadsheets count days from 1900 on, and count that year wrong: earlier days stand as text."""
SHOWN = {
    CellForm.NUMBER: "General",
    CellForm.MONEY: "#,##0.00",
    CellForm.PERCENT: "0.00%",
    CellForm.WHOLE: "#,##0",
}
WIDTHS = {CellForm.TEXT: 22, CellForm.MOMENT: 18}


def write_workbook(sheets: Iterable[Sheet]) -> bytes:
    """Write sheets into one file."""
    from openpyxl import Workbook

    book = Workbook(write_only=True)
    for sheet in sheets:
        _write_sheet(book.create_sheet(sheet.name), sheet)
    memory = io.BytesIO()
    book.save(memory)
    return memory.getvalue()


def _write_sheet(page: Any, sheet: Sheet) -> None:
    from openpyxl.styles import Font
    from openpyxl.utils import get_column_letter

    page.freeze_panes = "A2"
    for place, form in enumerate(sheet.forms, 1):
        page.column_dimensions[get_column_letter(place)].width = WIDTHS.get(form, 16)
    head = [_make_cell(page, text, CellForm.TEXT) for text in sheet.head]
    for cell in head:
        cell.font = Font(bold=True)
    page.append(head)
    for number, row in enumerate(sheet.rows):
        page.append([_make_cell(page, value, form) for value, form in zip(row, _choose_forms(sheet, number), strict=True)])


def _choose_forms(sheet: Sheet, number: int) -> Sequence[CellForm]:
    if not sheet.row_forms:
        return sheet.forms
    return [form if form is CellForm.TEXT else sheet.row_forms[number] for form in sheet.forms]


def _make_cell(page: Any, value: Cell, form: CellForm) -> Any:
    from openpyxl.cell import WriteOnlyCell
    from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE

    if isinstance(value, date) and value.year < FIRST_YEAR:
        value = value.isoformat()
    if isinstance(value, str):
        cell = WriteOnlyCell(page, ILLEGAL_CHARACTERS_RE.sub("", value))
        cell.data_type = "s"  # else what begins with an equals sign would be computed
        return cell
    cell = WriteOnlyCell(page, value)
    if isinstance(value, date):
        cell.number_format = "yyyy-mm-dd hh:mm" if isinstance(value, datetime) else "yyyy-mm-dd"
    elif form in SHOWN:
        cell.number_format = SHOWN[form]
    return cell
