"""The spending ledger: every attempt reserves its worst case before it is sent, and is closed with the facts afterwards.

What is kept where is the store's business, behind `LedgerStore`. Days and months are those of UTC.
"""

import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Protocol

from core.domain.errors import BudgetError
from core.domain.history import ReadableRows
from core.domain.usage import Balance, BalanceState, LedgerRow, LedgerStatus, Spent, Usage, UsageSource
from core.domain.value import Value
from core.llm.pricing import compute_micros

_MILLION = 1_000_000

ABANDONED = "WorkerGone"
"""Name of the error in rows whose process died while the call was under way."""


class Caps(Value):
    """Limits that a user sets. None means no limit."""

    run_usd: float | None = None
    """For every run that brings no cap of its own."""
    day_usd: float | None = None
    month_usd: float | None = None
    run_tokens: int | None = None
    """The only cap that can hold for a model without a price."""
    own_day_usd: float | None = None
    """For the calls of one person, as are those of their month; an admin sets them, and the others hold beside them."""
    own_month_usd: float | None = None


class LedgerStore(Protocol):
    """Storage of the ledger's rows. Safe with several threads and processes."""

    def reserve(self, row: LedgerRow) -> int:
        """Write a pending row durably (it must survive a kill right afterwards) and give its id."""
        ...

    def close(self, row_id: int, row: LedgerRow) -> None:
        """Replace the pending row of that id by its final form, once; a row that is closed already is left alone."""
        ...

    def spent(self, *, run_id: str | None = None, since: datetime | None = None, owner: str | None = None) -> Spent:
        """Sum over the rows of one run, or over those started at or after a moment (UTC), or of one person; `sum_rows` says how."""
        ...

    def rows(
        self, *, run_id: str | None = None, since: datetime | None = None, limit: int = 1000, owner: str | None = None
    ) -> ReadableRows[LedgerRow]:
        """Rows with their ids, newest first."""
        ...


class SpendingLedger:
    """Caps over a store: reserves before a call, refuses what could go over a cap, closes after it."""

    def __init__(
        self,
        store: LedgerStore,
        *,
        caps: Callable[[], Caps] = Caps,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
        owner: str = "",
        private: bool = False,
    ) -> None:
        """`owner` is the person whose credits the calls take, empty for nobody's; a `private` book shows theirs alone."""
        self._store = store
        self._owner = owner
        self._shown: str | None = owner if private else None
        self._caps = caps
        self._clock = clock

    def now(self) -> datetime:
        """The ledger's time, UTC."""
        return self._clock()

    def reserve(self, row: LedgerRow, *, run_cap_usd: float | None = None) -> int:
        """Write the pending row and give its id. Raises BudgetError, with nothing sent, when a cap could be passed.

        The row is written first and the sums are read after it, so that of two calls that together would pass a cap
        at least one is refused, whatever process each runs in.
        """
        caps = self._caps()
        self.require_price(row.model, priced=row.price is not None, run_id=row.run_id, run_cap_usd=run_cap_usd)
        row = row.changed(owner=self._owner)
        row_id = self._store.reserve(row)
        problem = self._over(row, caps, run_cap_usd, extra=0)
        if problem is None:
            return row_id
        self._store.close(row_id, row.changed(status=LedgerStatus.REFUSED, ended=self.now(), usd_micros=0, error="BudgetError"))
        raise problem

    def close(self, row_id: int, row: LedgerRow) -> None:
        """Write the facts over the pending row."""
        self._store.close(row_id, row.changed(owner=self._owner))

    def settle_abandoned(self, run_id: str) -> int:
        """Close the pending rows of a run whose worker is dead, and give their number; ask only when nobody works on the run.

        The prompt was sent and counts at our estimate; how much of an answer came nobody knows, so the row is marked as estimated.
        """
        pending = [row for row in self._store.rows(run_id=run_id) if row.status is LedgerStatus.PENDING]
        for row in pending:
            if row.id is not None:
                self._store.close(row.id, _abandoned(row, self.now()))
        return len(pending)

    def check_overrun(self, row: LedgerRow, micros: int, tokens: int, *, run_cap_usd: float | None = None) -> BudgetError | None:
        """Find the error to stop a running answer with, once it costs more than its reserve and a cap is passed by that."""
        beyond, more = micros - row.reserved_micros, tokens - row.reserved_tokens
        if beyond <= 0 and more <= 0:
            return None
        return self._over(row, self._caps(), run_cap_usd, extra=max(0, beyond), extra_tokens=max(0, more))

    def balances(self, *, run_id: str | None = None, run_cap_usd: float | None = None) -> tuple[Balance, ...]:
        """Amount left of each cap: of the run when one is named, of the day, of the month."""
        caps = self._caps()
        day, month = self._periods()
        found = [("run", self._store.spent(run_id=run_id), run_cap_usd or caps.run_usd)] if run_id is not None else []
        for scope, since, limit in (("day", day, caps.day_usd), ("month", month, caps.month_usd)):
            shown = self._shown if limit is None else None  # a cap of the server is used up by everybody
            found.append((scope, self._store.spent(since=since, owner=shown), limit))
        own = (("own day", day, caps.own_day_usd), ("own month", month, caps.own_month_usd))
        found += [(scope, self._store.spent(since=since, owner=self._owner), cap) for scope, since, cap in own if cap is not None]
        return tuple(Balance(scope=scope, spent=spent, cap_usd=cap, state=classify_balance(spent, cap)) for scope, spent, cap in found)

    def rows(
        self, *, run_id: str | None = None, since: datetime | None = None, limit: int = 1000, owner: str | None = None
    ) -> ReadableRows[LedgerRow]:
        """Rows that are shown, newest first; of one person when one is named."""
        return self._store.rows(run_id=run_id, since=since, limit=limit, owner=owner if self._shown is None else self._shown)

    def _over(self, row: LedgerRow, caps: Caps, run_cap: float | None, *, extra: int, extra_tokens: int = 0) -> BudgetError | None:
        for limit in self._list_limits(row, caps, run_cap):
            if limit.usd is None and limit.tokens is None:
                continue
            spent = self._store.spent(run_id=limit.run_id, since=limit.since, owner=limit.owner)
            if limit.usd is not None and (row.reserved_micros or extra) and spent.usd_micros + extra > round(limit.usd * _MILLION):
                return _over_money(limit.scope, limit.usd, spent, row)
            if limit.tokens is not None and row.reserved_tokens and spent.tokens + extra_tokens > limit.tokens:
                return _over_tokens(limit.tokens, spent, row)
        return None

    def _list_limits(self, row: LedgerRow, caps: Caps, run_cap: float | None) -> list["_Limit"]:
        day, month = self._periods()
        of_run = [_Limit("this run", run_cap or caps.run_usd, caps.run_tokens, run_id=row.run_id)] if row.run_id else []
        return [
            *of_run,
            _Limit("this day", caps.day_usd, since=day),
            _Limit("this month", caps.month_usd, since=month),
            _Limit("your day", caps.own_day_usd, since=day, owner=self._owner),
            _Limit("your month", caps.own_month_usd, since=month, owner=self._owner),
        ]

    def require_price(self, model: str, *, priced: bool, run_id: str = "", run_cap_usd: float | None = None) -> None:
        """Raises BudgetError when a cap in money holds and the model's price is not known. Without a run, only days and months count."""
        caps = self._caps()
        own = (caps.own_day_usd, caps.own_month_usd)
        limits = [cap for cap in (run_cap_usd or caps.run_usd if run_id else None, caps.day_usd, caps.month_usd, *own) if cap is not None]
        if not priced and limits and not (run_id and caps.run_tokens):
            raise BudgetError(
                f"The price of {model} is not known, so the cap of ${min(limits):g} cannot be kept.",
                hint="Set its price on the credits screen, set a token cap for runs, or remove the budget.",
            )

    def _periods(self) -> tuple[datetime, datetime]:
        day = self.now().astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
        return day, day.replace(day=1)


@dataclass(frozen=True, slots=True)
class _Limit:
    """A cap and the rows that it is over."""

    scope: str
    """In words."""
    usd: float | None
    tokens: int | None = None
    run_id: str | None = None
    since: datetime | None = None
    owner: str | None = None


class MemoryLedgerStore:
    """Rows in memory, for a session without a database and for tests."""

    def __init__(self) -> None:
        self._rows: dict[int, LedgerRow] = {}
        self._lock = threading.Lock()

    def reserve(self, row: LedgerRow) -> int:
        """Keep a pending row."""
        with self._lock:
            row_id = len(self._rows) + 1
            self._rows[row_id] = row.changed(id=row_id)
            return row_id

    def close(self, row_id: int, row: LedgerRow) -> None:
        """Replace a pending row."""
        with self._lock:
            if self._rows[row_id].status is LedgerStatus.PENDING:
                self._rows[row_id] = row.changed(id=row_id)

    def spent(self, *, run_id: str | None = None, since: datetime | None = None, owner: str | None = None) -> Spent:
        """Sum over the rows asked for."""
        return sum_rows(self.rows(run_id=run_id, since=since, owner=owner, limit=len(self._rows)))

    def rows(
        self, *, run_id: str | None = None, since: datetime | None = None, limit: int = 1000, owner: str | None = None
    ) -> ReadableRows[LedgerRow]:
        """Rows, newest first."""
        with self._lock:
            kept = [
                row
                for row in reversed(self._rows.values())
                if run_id in (None, row.run_id) and owner in (None, row.owner) and (since is None or row.started >= since)
            ]
        return ReadableRows(kept[:limit])


def sum_rows(rows: tuple[LedgerRow, ...]) -> Spent:
    """Sum rows as a store's `spent` must: refused ones count nothing, pending ones their reserve."""
    sent = [row for row in rows if row.status is not LedgerStatus.REFUSED]
    pending = [row for row in sent if row.status is LedgerStatus.PENDING]
    return Spent(
        usd_micros=sum(row.counted_micros for row in sent),
        reserved_micros=sum(row.reserved_micros for row in pending),
        tokens=sum(row.counted_tokens for row in sent),
        calls=len(sent),
        unpriced=sum(row.price is None for row in sent),
        estimated=sum(row.usage.source == "estimated" for row in sent),
    )


def classify_balance(spent: Spent, cap_usd: float | None) -> BalanceState:
    """State of a cap: a quarter left is low, a tenth critical.

    >>> classify_balance(Spent(usd_micros=760_000), 1.0)
    <BalanceState.LOW: 'low'>
    """
    if cap_usd is None:
        return BalanceState.UNLIMITED
    cap = round(cap_usd * _MILLION)
    left = cap - spent.usd_micros
    if left <= 0:
        return BalanceState.EXHAUSTED
    return BalanceState.CRITICAL if left * 10 <= cap else BalanceState.LOW if left * 4 <= cap else BalanceState.FINE


def _abandoned(row: LedgerRow, now: datetime) -> LedgerRow:
    """The final form of a row whose end nobody saw."""
    free = not row.reserved_tokens
    tokens = row.prompt_tokens or row.reserved_tokens
    usage = Usage() if free else Usage(prompt_tokens=tokens, source=UsageSource.ESTIMATED)
    micros = 0 if free else None if row.price is None else min(compute_micros(usage, row.price), row.reserved_micros)
    return row.changed(status=LedgerStatus.ERROR, ended=now, usage=usage, usd_micros=micros, error=ABANDONED)


def _over_money(scope: str, cap: float, spent: Spent, row: LedgerRow) -> BudgetError:
    before = (spent.usd_micros - row.reserved_micros) / _MILLION
    return BudgetError(
        f"The cap of ${cap:g} for {scope} would be passed: ${before:.4f} is spent or reserved, "
        f"and the next call could cost up to ${row.reserved_micros / _MILLION:.4f}.",
        hint="Raise the cap, lower the longest answer, or choose a cheaper model.",
    )


def _over_tokens(cap: int, spent: Spent, row: LedgerRow) -> BudgetError:
    return BudgetError(
        f"The cap of {cap:,} tokens for this run would be passed: {spent.tokens - row.reserved_tokens:,} are used or reserved, "
        f"and the next call could take up to {row.reserved_tokens:,}.",
        hint="Raise the cap, or lower the longest answer.",
    )
