"""One iteration as sheets of a workbook: typed cells, so that no spreadsheet has to guess what a number or a day is. Writes no file."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

import numpy as np

from core.domain.backtest import Fill, Trade
from core.domain.bars import Bars
from core.domain.iteration import IterationDetail
from core.domain.run import Run
from core.report.figures import TABLE_FIGURES, Form, choose_figures
from core.report.labels import RISK, TIMEFRAME, label_origin

MOST_ACCOUNT_ROWS = 100_000
"""Rows of the account from which on it is told at the last bar of each day."""

Cell = str | float | int | date | datetime | None


class CellForm(StrEnum):
    """Form in which a column is shown."""

    TEXT = "text"
    MOMENT = "moment"
    """A day, of intraday bars with its time: wall time of the exchange."""
    NUMBER = "number"
    MONEY = "money"
    PERCENT = "percent"
    """A fraction, shown as percent."""
    WHOLE = "whole"


@dataclass(frozen=True, slots=True)
class Sheet:
    """One sheet: a head, and rows of as many cells."""

    name: str
    head: tuple[str, ...]
    forms: tuple[CellForm, ...]
    """Form of each column."""
    rows: tuple[tuple[Cell, ...], ...]
    row_forms: tuple[CellForm, ...] = ()
    """Form of each row's numbers, where a sheet has one for each row; else those of the columns count."""


def build_result_sheets(run: Run, detail: IterationDetail, bars: Bars) -> tuple[Sheet, ...]:
    """Build the sheets of an iteration on the bars that it was measured on."""
    return (
        _build_figures(run, detail),
        _build_trades(detail.trades, bars),
        _build_orders(detail.fills, bars),
        *_build_account(run, detail, bars),
        _build_origin(run, detail, bars),
    )


def _build_figures(run: Run, detail: IterationDetail) -> Sheet:
    columns = (detail.iteration.metrics, run.benchmark)
    figures = choose_figures(TABLE_FIGURES, columns)
    return Sheet(
        "Figures",
        ("Figure", f"Iteration {detail.iteration.number}", "Buy and hold"),
        (CellForm.TEXT, CellForm.NUMBER, CellForm.NUMBER),
        tuple((figure.label, *(figure.read(metrics) for metrics in columns)) for figure in figures),
        tuple(_FORMS[figure.form] for figure in figures),
    )


_FORMS = {Form.PERCENT: CellForm.PERCENT, Form.RATIO: CellForm.NUMBER, Form.MONEY: CellForm.MONEY, Form.WHOLE: CellForm.WHOLE}


def _build_trades(trades: Sequence[Trade], bars: Bars) -> Sheet:
    money, number, moment, text = CellForm.MONEY, CellForm.NUMBER, CellForm.MOMENT, CellForm.TEXT
    return Sheet(
        "Trades",
        ("Instrument", "Side", "Entry", "Exit", "Units", "Entry price", "Exit price", "Move", "Profit", "Commission"),
        (text, text, moment, moment, number, number, number, CellForm.PERCENT, money, money),
        tuple(
            (
                trade.instrument or bars.instrument.symbol,
                "long" if trade.size > 0 else "short",
                _read_moment(bars, trade.entry_bar),
                None if trade.exit_bar is None else _read_moment(bars, trade.exit_bar),
                abs(trade.size),
                trade.entry_price,
                trade.exit_price,
                None if trade.exit_price is None else trade.move,
                trade.profit,
                trade.commission,
            )
            for trade in trades
        ),
    )


def _build_orders(fills: Sequence[Fill], bars: Bars) -> Sheet:
    return Sheet(
        "Orders",
        ("Filled", "Instrument", "Side", "Units", "Price", "Commission", "Order", "Type"),
        (
            CellForm.MOMENT,
            CellForm.TEXT,
            CellForm.TEXT,
            CellForm.NUMBER,
            CellForm.NUMBER,
            CellForm.MONEY,
            CellForm.WHOLE,
            CellForm.TEXT,
        ),
        tuple(
            (
                _read_moment(bars, fill.bar),
                fill.instrument or bars.instrument.symbol,
                "buy" if fill.size > 0 else "sell",
                abs(fill.size),
                fill.price,
                fill.commission,
                fill.order,
                fill.kind,
            )
            for fill in fills
        ),
    )


def _build_account(run: Run, detail: IterationDetail, bars: Bars) -> Iterator[Sheet]:
    """The account bar by bar, or day by day of very many bars; what is held beside it where that is of one instrument."""
    if len(detail.equity) != len(bars):
        return
    held = len(detail.position) == len(bars) and not bars.others and not bars.members
    chosen = np.arange(len(bars))
    if len(bars) > MOST_ACCOUNT_ROWS:
        days = bars.time.astype("datetime64[D]")
        chosen = np.flatnonzero(np.append(days[1:] != days[:-1], True))
    head, forms = ["Time", "Unit of the account" if run.plan.backtest.deposits else "Account"], [CellForm.MOMENT, CellForm.MONEY]
    columns = [detail.equity[chosen].tolist()]
    if held:
        head += ["Close", "Units held"]
        forms += [CellForm.NUMBER, CellForm.NUMBER]
        columns += [bars.close[chosen].tolist(), detail.position[chosen].tolist()]
    rows = zip([_read_moment(bars, int(bar)) for bar in chosen], *columns, strict=True)
    yield Sheet("Account", tuple(head), tuple(forms), tuple(rows))


def _build_origin(run: Run, detail: IterationDetail, bars: Bars) -> Sheet:
    plan = run.plan
    rows: tuple[tuple[Cell, ...], ...] = (
        ("Workflow", plan.workflow.name or "untitled"),
        ("Iteration", f"{run.id}:{detail.iteration.number}, {label_origin(detail.iteration)}"),
        ("Instrument", f"{plan.bars.label} {TIMEFRAME[bars.timeframe].lower()}"),
        ("Currency", bars.instrument.currency),
        ("Measured on", f"{bars.first.date()} to {bars.last.date()}, {len(bars)} bars"),
        ("Bars, hash", run.data_hash),
        ("Starting cash", f"{plan.backtest.cash:,.2f}"),
        ("Times", f"wall time of the exchange ({bars.instrument.zone})" if bars.timeframe.intraday else "days"),
        ("Note", RISK),
    )
    return Sheet("About", ("What", "Value"), (CellForm.TEXT, CellForm.TEXT), rows)


def _read_moment(bars: Bars, bar: int) -> Cell:
    """Read when a bar begins; None for one that is not there."""
    if not 0 <= bar < len(bars):
        return None
    moment: datetime = bars.time[bar].astype("datetime64[s]").item()
    return moment if bars.timeframe.intraday else moment.date()
