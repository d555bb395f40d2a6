"""Accounts that are kept as what cannot be foreseen of them: bit for bit, whatever they are; and what stands in the history for it."""

from dataclasses import replace

import numpy as np
import pytest
from sqlalchemy import text

from core.domain.backtest import Fill
from core.domain.history import UnreadableRowError
from core.store import Store
from core.store.account_columns import pack_account, unpack_account
from core.store.curves import pack_column, unpack_column
from tests.store.samples import detail, plan

BARS = 800
CLOSES = 100.0 * np.exp(np.cumsum(np.random.default_rng(3).normal(0.0, 0.01, BARS)))
FILLS = tuple(
    Fill(order=place, bar=bar, size=float(size), price=float(CLOSES[bar]) * 1.0001, commission=0.37)
    for place, (bar, size) in enumerate(((40, 70), (200, -70), (230, -31.5), (231, 63), (500, -31.5), (600, 12)))
)


def make_account(leverage: float = 1.0) -> np.ndarray:
    """The account as a broker adds it up: cash from fill to fill, and the worth of what is held."""
    cash, held, account = 10_000.0, 0.0, np.empty(BARS)
    for bar, close in enumerate(CLOSES.tolist()):
        for fill in FILLS:
            if fill.bar == bar:
                cash, held = cash - fill.size * fill.price / leverage - fill.commission, held + fill.size
        account[bar] = cash + (held * close) / leverage
    return account


ACCOUNTS = {
    "as its fills make it": make_account(),
    "with leverage": make_account(3.0),
    "of something else": np.random.default_rng(5).normal(0.0, 1e6, BARS),
    "below nothing, and nothing at all": np.where(np.arange(BARS) % 7, -CLOSES, 0.0),
    "without end": np.where(np.arange(BARS) == 9, np.inf, CLOSES),
    "of minus zero": np.full(BARS, -0.0),
}


@pytest.mark.parametrize("account", ACCOUNTS.values(), ids=ACCOUNTS.keys())
def test_an_account_comes_back_bit_for_bit(account: np.ndarray) -> None:
    packed = pack_account(account, FILLS, CLOSES)
    assert packed is not None
    assert unpack_account(packed, FILLS, CLOSES).tobytes() == account.tobytes()
    assert unpack_column(pack_column(account)).tobytes() == account.tobytes()


def test_an_account_that_its_fills_make_takes_next_to_no_room() -> None:
    packed = pack_account(make_account(), FILLS, CLOSES)
    assert packed is not None
    assert len(packed) < len(pack_column(make_account())) / 5


@pytest.mark.parametrize(("fills", "closes"), [(FILLS[1:], CLOSES), (FILLS, CLOSES + 1e-9), (FILLS, CLOSES[:-1])])
def test_an_account_with_other_facts_beside_it_is_refused(fills: tuple[Fill, ...], closes: np.ndarray) -> None:
    packed = pack_account(make_account(), FILLS, CLOSES)
    assert packed is not None
    with pytest.raises(ValueError, match="its"):
        unpack_account(packed, fills, closes)


def test_closes_of_other_bars_leave_the_account_as_it_is() -> None:
    assert pack_account(make_account(), FILLS, CLOSES[1:]) is None
    assert pack_account(np.empty(0), (), np.empty(0)) is None


def test_iterations_on_the_same_bars_share_their_closes(store: Store) -> None:
    run, account = store.create_run(plan()), make_account()
    heavy = [replace(detail(run, number), equity=account * (1 + number), fills=FILLS, closes=CLOSES) for number in range(3)]
    store.append(heavy[0])
    store.append_all(heavy[1:])
    assert all(store.read_detail(run.id, one.iteration.number).equity.tobytes() == one.equity.tobytes() for one in heavy)
    assert store.read_detail(run.id, 0).fills == FILLS
    with store._database.read() as session:
        assert session.connection().execute(text("SELECT count(*) FROM closes")).scalar_one() == 1
    assert store.list_unreadable() == ()


def test_a_history_that_lost_the_closes_says_which_curves_it_cannot_read(store: Store) -> None:
    run = store.create_run(plan())
    store.append(replace(detail(run, 0), equity=make_account(), fills=FILLS, closes=CLOSES))
    with store._database.write() as session:
        session.connection().execute(text("DELETE FROM closes"))
    with pytest.raises(UnreadableRowError, match="the closes of its bars are not there"):
        store.read_detail(run.id, 0)
    assert len(store.list_unreadable()) == 1
