"""Money that is paid in: its days, the value per unit, and the return of the money, by hand and by property."""

from datetime import date

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.domain.backtest import BacktestPlan
from core.domain.deposits import Deposit, DepositCalendar, PaidAccount, Rhythm, find_deposits, money_weighted, pay_into
from core.domain.metrics import Metrics, cagr, compute_metrics

DAYS = st.lists(st.integers(0, 900), min_size=2, max_size=60, unique=True).map(sorted)
DEPOSITS = st.lists(st.builds(Deposit, amount=st.sampled_from([0.1, 33.3, 500.0]), every=st.sampled_from(Rhythm)), min_size=1, max_size=3)


def test_each_rhythm_pays_at_the_first_bar_of_a_new_one_and_never_on_the_first_bar() -> None:
    days = [
        "2023-12-29",
        "2024-01-01",
        "2024-01-05",
        "2024-01-08",
        "2024-02-02",
        "2024-04-30",
        "2024-05-01",
    ]  # the 1st and the 8th are Mondays
    time = np.array(days, dtype="datetime64[s]")

    paid = {every: np.flatnonzero(find_deposits(time, [Deposit(amount=1, every=every)])).tolist() for every in Rhythm}

    assert paid == {Rhythm.WEEKLY: [1, 3, 4, 5], Rhythm.MONTHLY: [1, 4, 5, 6], Rhythm.QUARTERLY: [1, 5], Rhythm.YEARLY: [1]}


@settings(max_examples=100, deadline=None, derandomize=True)
@given(DAYS, DEPOSITS)
def test_what_is_told_day_by_day_is_what_all_bars_together_say(days: list[int], deposits: list[Deposit]) -> None:
    calendar, first = DepositCalendar(deposits), date(2023, 11, 20)
    time = np.datetime64(first, "s") + np.array(days) * np.timedelta64(86_400, "s")

    told = [calendar.find_amount(first.toordinal() + day) for day in days for _ in range(2)][::2]

    assert told == find_deposits(time, deposits).tolist()


def test_a_part_of_the_bars_knows_by_the_bars_before_it_whether_it_begins_with_a_deposit() -> None:
    time = np.array(["2024-01-31", "2024-02-01", "2024-02-02"], dtype="datetime64[s]")
    monthly = [Deposit(amount=500, every=Rhythm.MONTHLY)]

    assert find_deposits(time[1:], monthly).tolist() == [0, 0]
    assert find_deposits(time[1:], monthly, before=time[:1]).tolist() == [500, 0]


def test_units_and_their_value_by_hand() -> None:
    # 1000 at the start; worth 1100, then 100 come: 0.0909 units at 1100; worth 1320 of 1.0909 units: 1210 each; 660 come: 0.5454 units
    account = PaidAccount(np.array([1_000.0, 1_200.0, 1_320.0, 1_980.0, 990.0]), np.array([0.0, 100.0, 0.0, 660.0, 0.0]), 1_000.0)

    assert account.unit_value.tolist() == pytest.approx([1_000, 1_100, 1_210, 1_210, 605])
    assert (1_000 / (account.scale * 1_000)).tolist() == pytest.approx([1, 12 / 11, 12 / 11, 18 / 11, 18 / 11])


def test_an_account_that_is_lost_before_a_deposit_stays_lost() -> None:
    account = PaidAccount(np.array([-5.0, 500.0, 700.0]), np.array([0.0, 505.0, 0.0]), 100.0)

    assert account.unit_value.tolist() == [-5.0, 0.0, 0.0]


@settings(max_examples=100, deadline=None, derandomize=True)
@given(st.lists(st.tuples(st.floats(0.5, 2.0), st.sampled_from([0.0, 0.0, 50.0, 1e4])), min_size=1, max_size=30), st.booleans())
def test_deposits_never_change_the_value_per_unit_of_what_is_always_in_the_market_or_always_in_cash(
    steps: list[tuple[float, float]], invested: bool
) -> None:
    moves, paid = np.array([move if invested else 1.0 for move, _ in steps]), np.array([amount for _, amount in steps])
    value, worth = np.empty(len(steps)), 1_000.0
    for bar, (move, amount) in enumerate(zip(moves, paid, strict=True)):
        value[bar] = worth = worth * move + amount

    curve = 1_000.0 * np.cumprod(moves)

    assert PaidAccount(value, paid, 1_000.0).unit_value == pytest.approx(curve, rel=1e-9)
    assert pay_into(curve, paid, 1_000.0).value == pytest.approx(value, rel=1e-9)


def test_the_return_of_the_money_by_hand() -> None:
    # 100 for two years and 100 for one year at 10 %: 121 + 110
    account = PaidAccount(np.array([100.0, 210.0, 231.0]), np.array([0.0, 100.0, 0.0]), 100.0)
    assert money_weighted(account, np.array([0.0, 1.0, 2.0])) == pytest.approx(0.10)


@pytest.mark.parametrize("final", [50.0, 100.0, 180.0])
def test_without_deposits_the_return_of_the_money_is_the_growth_a_year(final: float) -> None:
    value = np.append(np.full(299, 100.0), final)
    account = PaidAccount(value, np.zeros(300), 100.0)

    found = money_weighted(account, np.arange(1, 301) / 252)

    assert found == pytest.approx(cagr(value, start_value=100.0, periods_per_year=252), abs=1e-12)


@pytest.mark.parametrize(("value", "paid", "expected"), [([0.0, 0.0], [0.0, 50.0], -1.0), ([100.0, 40.0], [0.0, 50.0], None)])
def test_a_ruin_is_minus_one_and_where_no_rate_leads_there_is_none(value: list[float], paid: list[float], expected: float | None) -> None:
    assert money_weighted(PaidAccount(np.array(value), np.array(paid), 100.0), np.array([1.0, 2.0])) == expected


def test_money_stands_beside_the_figures_of_a_unit() -> None:
    account = PaidAccount(np.array([1_000.0, 1_200.0, 1_320.0]), np.array([0.0, 100.0, 0.0]), 1_000.0)
    time = np.array(["2024-01-30", "2024-02-01", "2024-02-02"], dtype="datetime64[s]")
    facts = {"position": np.ones(3), "trades": (), "fills": (), "time": time, "periods_per_year": 252, "intraday": False}

    found = compute_metrics(account.unit_value, start_value=1_000.0, paid=account, **facts)  # type: ignore[arg-type]

    assert (found.total_return, found.final_value, found.paid_in, found.profit) == pytest.approx((0.21, 1_320, 100, 220))


def test_documents_without_deposits_are_what_they_always_were() -> None:
    plan, figures = BacktestPlan(), Metrics(total_return=0.1)

    assert "deposits" not in plan.model_dump_json()
    assert not {"paid_in", "profit", "money_weighted"} & figures.model_dump().keys()
    paid = plan.changed(deposits=(Deposit(amount=500, every=Rhythm.MONTHLY),))
    assert BacktestPlan.model_validate_json(paid.model_dump_json()) == paid
