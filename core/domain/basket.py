"""A basket: several instruments that a program is run on one by one, and the equal-weight account of all of them.

The bars of a basket are its index: the mean of what a unit of money in each instrument became. Each instrument's own bars are among its
`others`, so that whatever reads one instrument's bars reads a basket's as well.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import replace
from functools import reduce
from itertools import takewhile
from typing import Any

import numpy as np

from core.domain.aligned_bars import align_bars, require_comparable
from core.domain.backtest import Certificate, CodeFault, Fill, MemberOutcome, OrderCounts, Outcome, OutcomeStatus, Stage, Trade, Verdict
from core.domain.bars import Bars, BoolArray, FloatArray, TimeArray
from core.domain.errors import InputError
from core.domain.instrument import normalize_currency
from core.domain.instrument_result import CurrencyRate

INDEX_START = 100.0
"""Value of a basket's index at the open of its first bar."""
NAMED_AT_MOST = 4
"""Instruments that stand in a basket's name."""


def build_basket(members: Sequence[Bars], further: Sequence[Bars] = ()) -> Bars:
    """Build the bars of a basket, on the union of all moments from the first one at which a member has a bar.

    Before an instrument's own first bar its first open stands for it, without a bar of its own: its share of the account lies in cash.
    Raises MarketDataError where the instruments cannot be brought together.
    """
    names = {one.instrument.symbol for one in members}
    require_comparable([*members, *(one for one in further if one.instrument.symbol not in names)])
    moments = reduce(np.union1d, [bars.time for bars in (*members, *further)])
    moments = moments[moments >= min(bars.time[0] for bars in members)]
    placed = [_place(bars, moments) for bars in members]
    beside = [_place(bars, moments) for bars in further]
    return replace(_build_index(placed), others=(*placed, *beside), members=len(placed))


def convert_members(members: Sequence[Bars], rates: Sequence[CurrencyRate]) -> tuple[Bars, ...]:
    """Convert the prices of each instrument to the currency of the first, by the rates that were stated. Raises InputError without one."""
    account = members[0].instrument.currency
    known = {normalize_currency(account): 1.0} | {one.currency: one.rate for one in rates}
    missing = [one for one in members if normalize_currency(one.instrument.currency) not in known]
    if missing:
        names = ", ".join(f"{one.instrument.symbol} in {one.instrument.currency}" for one in missing)
        example = missing[0].instrument.currency
        raise InputError(
            f"{members[0].instrument.symbol} is in {account}, and {names}: one account for all of them needs one currency.",
            hint=f"State what one {example} is worth in {account} (--rate {example}=RATE), or choose instruments of one currency.",
        )
    return tuple(_convert(one, known[normalize_currency(one.instrument.currency)], account) for one in members)


def _convert(bars: Bars, rate: float, currency: str) -> Bars:
    if normalize_currency(bars.instrument.currency) == normalize_currency(currency):
        return bars
    return replace(bars.scale(rate, 1.0), instrument=bars.instrument.changed(currency=currency, tick=None))


def list_members(bars: Bars) -> tuple[Bars, ...]:
    """List the bars that a program is run on: each member's own with the further instruments beside; of no basket, the bars themselves."""
    if not bars.members:
        return (bars,)
    further = tuple(takewhile(len, (one.drop_repeated() for one in bars.further)))
    members = (member.drop_repeated() for member in bars.others[: bars.members])
    return tuple(_set_beside(own, further) if len(own) else own for own in members)


def _set_beside(own: Bars, further: Sequence[Bars]) -> Bars:
    """A member's bars with the further instruments, in the same places for every member; where it is one of them, its own again."""
    symbol = own.instrument.symbol
    aligned = align_bars([own, *(one for one in further if one.instrument.symbol != symbol)])
    known = {one.instrument.symbol: one for one in aligned.others} | {symbol: replace(aligned, others=(), _hash=[])}
    return replace(aligned, others=tuple(known[one.instrument.symbol] for one in further), _hash=[])


def name_signal(symbol: str, row: str) -> str:
    """Name the signal of a row on one instrument of a basket."""
    return f"{symbol}\n{row}"


def join_outcomes(bars: Bars, found: Sequence[MemberOutcome]) -> Outcome:
    """Join the runs on each member into that of their equal-weight account: the mean of the accounts, from the same cash each.

    Sizes of fills and trades are those of the member's own account; positions are shares of it, as the account's value is. A member on
    which the code failed stays in cash. Without any that ran it is the first one's failure.
    """
    runs = [_require_finite(one) for one in found]
    good = [one for one in runs if one.outcome.ok]
    stopped = next((one.outcome for one in runs if one.outcome.status is OutcomeStatus.CANCELLED), None)
    if stopped is not None or not good:
        return replace(stopped or runs[0].outcome, members=tuple(runs))
    own_bars, count = list_members(bars), len(runs)
    equity, held = np.zeros(len(bars)), [np.zeros(len(bars)) for _ in bars.others]
    symbols = [other.instrument.symbol for other in bars.others]
    fills: list[Fill] = []
    trades: list[Trade] = []
    for place, (one, own) in enumerate(zip(runs, own_bars, strict=True)):
        rows = np.searchsorted(own.time, bars.time, side="right") - 1
        outcome, places = one.outcome, np.searchsorted(bars.time, own.time)
        equity += _spread(outcome.equity, rows, one.cash) if outcome.ok else np.full(len(bars), one.cash)
        held[place] += _spread(outcome.position, rows, 0.0) / count if outcome.ok else 0.0
        for other, position in zip(own.others, outcome.other_positions, strict=False):
            held[symbols.index(other.instrument.symbol)] += _spread(position, rows, 0.0) / count
        fills += [fill.changed(bar=int(places[fill.bar]), instrument=fill.instrument or one.symbol) for fill in outcome.fills]
        trades += [_move_trade(trade, places, one.symbol) for trade in outcome.trades]
    first = good[0].outcome
    return Outcome(
        status=OutcomeStatus.OK,
        stage=Stage.DONE,
        isolation_level=min(one.outcome.isolation_level for one in good),
        certificate=_join_certificates(runs),
        fills=tuple(sorted(fills, key=lambda fill: fill.bar)),
        trades=tuple(sorted(trades, key=lambda trade: trade.entry_bar)),
        orders=_add_counts([one.outcome.orders for one in runs]),
        equity=equity / count,
        position=np.zeros(len(bars)),
        other_positions=tuple(held),
        log="".join(f"[{one.symbol}]\n{one.outcome.log.rstrip()}\n" for one in runs if one.outcome.log.strip()),
        notes=tuple(dict.fromkeys(note for one in runs for note in one.outcome.notes)),
        early_reads=tuple(sorted({line for one in runs for line in one.outcome.early_reads})),
        signals={name_signal(one.symbol, row): signal for one in runs for row, signal in one.outcome.signals.items()},
        orders_hash=_hash_orders(runs),
        wall_seconds=sum(one.outcome.wall_seconds for one in runs),
        waited_seconds=0.0,
        code_ran=first.code_ran,
        members=tuple(runs),
    )


def trace_account(bars: Bars, done: Sequence[tuple[Bars, Outcome]], cash: float) -> FloatArray:
    """Trace the equal-weight account of those members that are done, on the basket's bars; one on which the code failed lies in cash."""
    equity = np.zeros(len(bars))
    for own, outcome in done:
        rows = np.searchsorted(own.time, bars.time, side="right") - 1
        usable = outcome.ok and bool(np.all(np.isfinite(outcome.equity)))
        equity += _spread(outcome.equity, rows, cash) if usable else np.full(len(bars), cash)
    return equity / max(1, len(done))


def scale_fills(fills: Sequence[Fill], trades: Sequence[Trade], count: int) -> tuple[tuple[Fill, ...], tuple[Trade, ...]]:
    """Scale fills and trades of `count` accounts to their share of the account of all of them; of one they stay as they are."""
    if count == 1:
        return tuple(fills), tuple(trades)
    return (
        tuple(fill.changed(size=fill.size / count, commission=fill.commission / count) for fill in fills),
        tuple(trade.changed(size=trade.size / count, profit=trade.profit / count, commission=trade.commission / count) for trade in trades),
    )


def trace_positions(fills: Sequence[Fill], bars: Bars) -> tuple[FloatArray, ...]:
    """Trace the positions in each of a basket's `others` out of the fills, as shares of the account of all."""
    found = []
    names = [one.instrument.symbol for one in bars.others]
    for place, symbol in enumerate(names):
        bought = np.zeros(len(bars))
        own = [fill for fill in fills if fill.instrument == symbol and names.index(symbol) == place]
        np.add.at(bought, [fill.bar for fill in own], [fill.size for fill in own])
        found.append(np.cumsum(bought) / bars.members)
    return tuple(found)


def _place(bars: Bars, moments: TimeArray) -> Bars:
    """The bars on the moments: their own where there is one, else the last close of before, or the first open before the first one."""
    rows = np.searchsorted(bars.time, moments, side="right") - 1
    known = np.maximum(rows, 0)
    present: BoolArray = (rows >= 0) & (bars.time[known] == moments)
    flat = np.where(rows >= 0, bars.close[known], bars.open[0])
    columns: dict[str, Any] = {name: np.where(present, getattr(bars, name)[known], flat) for name in ("open", "high", "low", "close")}
    volume = np.where(present, bars.volume[known], 0.0)
    return replace(bars, time=moments, **columns, volume=volume, present=present, others=(), members=0, _hash=[])


def _build_index(placed: Sequence[Bars]) -> Bars:
    """The mean of the instruments, each as a multiple of its first open; its volume is the sum of theirs."""
    columns: dict[str, Any] = {
        name: INDEX_START * np.mean([getattr(one, name) / one.open[0] for one in placed], axis=0)
        for name in ("open", "high", "low", "close")
    }
    first, instruments = placed[0], [one.instrument for one in placed]
    names = [one.symbol for one in instruments]
    more = f" and {len(names) - NAMED_AT_MOST} more" if len(names) > NAMED_AT_MOST else ""
    instrument = first.instrument.changed(
        symbol=", ".join(names[:NAMED_AT_MOST]) + more,
        name=f"Equal-weight account of {len(names)} instruments",
        days_per_year=max(one.days_per_year for one in instruments),
        fractional=all(one.fractional for one in instruments),
        shortable=all(one.shortable for one in instruments),
        tick=None,
    )
    volume = np.sum([one.volume for one in placed], axis=0)
    return replace(first, instrument=instrument, source="basket", **columns, volume=volume, present=None, _hash=[])


def _spread(column: FloatArray, rows: Any, before: float) -> FloatArray:
    """A column of one member on the basket's moments; `before` stands for what lies before its first bar."""
    if not len(column):
        return np.full(len(rows), before)
    found: FloatArray = np.where(rows >= 0, column[np.maximum(rows, 0)], before)
    return found


def _require_finite(one: MemberOutcome) -> MemberOutcome:
    """The run, as failed where a value of its account is not finite."""
    if not one.outcome.ok or bool(np.all(np.isfinite(one.outcome.equity))):
        return one
    fault = CodeFault(message="A value of the account is not a finite number.", hint="Limit the size of orders.")
    return replace(one, outcome=replace(one.outcome, status=OutcomeStatus.ERROR, stage=Stage.SCORE, error=fault, fills=(), trades=()))


def _move_trade(trade: Trade, places: Any, symbol: str) -> Trade:
    left = None if trade.exit_bar is None else int(places[trade.exit_bar])
    return trade.changed(entry_bar=int(places[trade.entry_bar]), exit_bar=left, instrument=trade.instrument or symbol)


def _join_certificates(runs: Sequence[MemberOutcome]) -> Certificate:
    """The weakest of the certificates: one instrument on which the future was read is enough."""
    order = (Verdict.LEAKED, Verdict.NOT_CHECKABLE, Verdict.CHECKED, Verdict.PROVED, Verdict.CLEAN)
    weakest = min((one for one in runs if one.outcome.ok), key=lambda one: order.index(one.outcome.certificate.verdict))
    leaked = next((one for one in runs if one.outcome.certificate.verdict is Verdict.LEAKED), None)
    told = (leaked or weakest).outcome.certificate
    named = f"{(leaked or weakest).symbol}: {told.checked}" if leaked and told.checked else told.checked
    checked = all(one.outcome.certificate.fills_checked for one in runs if one.outcome.ok)
    return told.changed(checked=named, fills_checked=checked, altered=any(one.outcome.certificate.altered for one in runs))


def _add_counts(counts: Sequence[OrderCounts]) -> OrderCounts:
    return OrderCounts(**{name: sum(getattr(one, name) for one in counts) for name in OrderCounts.model_fields})


def _hash_orders(runs: Sequence[MemberOutcome]) -> str:
    told = "\n".join(f"{one.symbol} {one.outcome.orders_hash if one.outcome.ok else one.outcome.status.value}" for one in runs)
    return hashlib.sha256(told.encode()).hexdigest()
