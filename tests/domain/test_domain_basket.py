"""A basket of instruments, by hand: its moments, its index, and the account of all of them."""

import numpy as np
import pytest

from core.domain.aligned_bars import align_bars
from core.domain.backtest import Certificate, CodeFault, Fill, MemberOutcome, Method, Outcome, OutcomeStatus, Stage, Trade, Verdict
from core.domain.bars import Bars
from core.domain.bars_request import BarsRequest, FurtherInstrument
from core.domain.basket import build_basket, convert_members, join_outcomes, list_members
from core.domain.errors import InputError, MarketDataError
from core.domain.instrument import Instrument, Timeframe
from core.domain.instrument_result import CurrencyRate

CLEAN = Certificate(verdict=Verdict.CLEAN, method=Method.LOCK_STEP)


def bars(symbol: str, days: list[int], *, price: float = 10.0, **about: str) -> Bars:
    """Bars on days of January 2024; the first opens at `price`, and each day adds as much to the close."""
    time = np.datetime64("2023-12-31", "s") + np.array(days) * np.timedelta64(86_400, "s")
    close = price * np.arange(1, len(days) + 1, dtype=np.float64)
    opening = np.concatenate(([price], close[:-1]))
    return Bars(Instrument(symbol=symbol, **about), Timeframe.D1, time, opening, close, opening, close, close * 10)


def run(symbol: str, equity: list[float], *, verdict: Verdict = Verdict.CLEAN, **facts: object) -> MemberOutcome:
    method = Method.LOCK_STEP if verdict is Verdict.CLEAN else Method.FAST
    told = Certificate(verdict=verdict, method=method)
    account = np.array(equity)
    outcome = Outcome(OutcomeStatus.OK, Stage.DONE, 2, told, equity=account, position=np.ones(len(account)), orders_hash=symbol, **facts)  # type: ignore[arg-type]
    return MemberOutcome(symbol, outcome, 100.0)


def test_an_instrument_that_begins_later_takes_no_day_from_the_others() -> None:
    basket = build_basket([bars("A", [1, 2, 3, 4]), bars("B", [3, 4])])
    assert [day.day for day in basket.time.astype(object)] == [1, 2, 3, 4]
    assert [len(own) for own in list_members(basket)] == [4, 2]
    assert basket.others[1].close.tolist() == [10, 10, 10, 20]


def test_the_index_is_the_mean_of_what_a_unit_of_money_became() -> None:
    basket = build_basket([bars("A", [1, 2]), bars("B", [1, 2], price=1000.0)])
    assert basket.close.tolist() == [100.0, 200.0]
    assert (basket.members, basket.instrument.symbol) == (2, "A, B")


def test_each_member_comes_back_bar_by_bar_as_it_has_them_alone() -> None:
    first, second = bars("A", [1, 2, 4]), bars("B", [2, 3, 4])
    assert [own.hash for own in list_members(build_basket([first, second]))] == [first.hash, second.hash]


def test_a_program_reads_further_instruments_beside_its_own_and_never_another_member() -> None:
    market = bars("SPY", [1, 2, 3])
    own = list_members(build_basket([bars("A", [1, 2, 3]), bars("SPY2", [1, 2, 3])], [market]))
    assert [[other.instrument.symbol for other in one.others] for one in own] == [["SPY"], ["SPY"]]


def test_the_account_of_all_is_the_mean_of_the_accounts_from_the_same_cash() -> None:
    basket = build_basket([bars("A", [1, 2, 3]), bars("B", [2, 3])])
    joined = join_outcomes(basket, [run("A", [100, 110, 120]), run("B", [100, 80])])
    assert joined.equity.tolist() == [100.0, 105.0, 100.0]
    assert [held.tolist() for held in joined.other_positions] == [[0.5, 0.5, 0.5], [0.0, 0.5, 0.5]]


def test_fills_and_trades_name_their_instrument_and_stand_on_the_common_bars() -> None:
    basket = build_basket([bars("A", [1, 2, 3]), bars("B", [2, 3])])
    fill = Fill(order=1, bar=0, size=3, price=10, commission=0)
    trade = Trade(entry_bar=0, exit_bar=1, size=3, entry_price=10, exit_price=11, profit=3, commission=0)
    joined = join_outcomes(basket, [run("A", [100, 100, 100]), run("B", [100, 103], fills=(fill,), trades=(trade,))])
    assert (joined.fills[0].bar, joined.fills[0].instrument, joined.fills[0].size) == (1, "B", 3)
    assert (joined.trades[0].entry_bar, joined.trades[0].exit_bar, joined.trades[0].instrument) == (1, 2, "B")


def test_code_that_fails_on_one_instrument_leaves_its_share_in_cash_and_the_others_as_they_are() -> None:
    basket = build_basket([bars("A", [1, 2]), bars("B", [1, 2])])
    failed = Outcome(OutcomeStatus.ERROR, Stage.RUN, 2, CLEAN, error=CodeFault(message="division by zero"))
    joined = join_outcomes(basket, [run("A", [100, 120]), MemberOutcome("B", failed, 100.0)])
    assert (joined.ok, joined.equity.tolist()) == (True, [100.0, 110.0])
    assert joined.members[1].outcome.error is not None


def test_code_that_fails_on_every_instrument_is_a_failure_of_the_whole() -> None:
    basket = build_basket([bars("A", [1, 2]), bars("B", [1, 2])])
    failed = Outcome(OutcomeStatus.ERROR, Stage.RUN, 2, CLEAN, error=CodeFault(message="division by zero"))
    joined = join_outcomes(basket, [MemberOutcome(name, failed, 100.0) for name in "AB"])
    assert joined.error is not None
    assert (joined.ok, joined.error.message) == (False, "division by zero")


def test_an_account_that_is_no_number_is_a_failure_of_that_instrument_alone() -> None:
    basket = build_basket([bars("A", [1, 2]), bars("B", [1, 2])])
    joined = join_outcomes(basket, [run("A", [100, 120]), run("B", [100, float("nan")])])
    assert joined.equity.tolist() == [100.0, 110.0]
    assert joined.members[1].outcome.status is OutcomeStatus.ERROR


def test_the_future_read_on_one_instrument_is_read_by_the_whole() -> None:
    basket = build_basket([bars("A", [1, 2]), bars("B", [1, 2])])
    joined = join_outcomes(basket, [run("A", [100, 120]), run("B", [100, 120], verdict=Verdict.LEAKED)])
    assert joined.certificate.verdict is Verdict.LEAKED


def test_prices_of_another_currency_are_converted_by_the_stated_rate_and_refused_without_one() -> None:
    members = [bars("A", [1, 2]), bars("SAP", [1, 2], currency="EUR")]
    converted = convert_members(members, [CurrencyRate(currency="EUR", rate=1.5)])
    assert (converted[1].close.tolist(), converted[1].instrument.currency) == ([15.0, 30.0], "USD")
    with pytest.raises(InputError, match="A is in USD, and SAP in EUR"):
        convert_members(members, [])


def test_pence_are_no_pounds_whatever_the_rate_of_either() -> None:
    members = [bars("A", [1, 2], currency="GBP"), bars("VODL", [100, 200], currency="GBp")]
    with pytest.raises(InputError, match="VODL in GBp"):
        convert_members(members, [CurrencyRate(currency="GBP", rate=1.0)])
    converted = convert_members(members, [CurrencyRate(currency="GBX", rate=0.01)])
    assert converted[1].close.tolist() == pytest.approx((members[1].close * 0.01).tolist())


def test_one_symbol_twice_is_refused_whatever_its_spelling() -> None:
    request = BarsRequest(symbol="AAPL", basket=(FurtherInstrument(symbol="MSFT"), FurtherInstrument(symbol="yahoo:aapl")))
    with pytest.raises(InputError, match="AAPL is in the basket twice"):
        request.require_distinct()
    with pytest.raises(MarketDataError, match="A is given twice"):
        build_basket([bars("A", [1, 2]), bars("A", [1, 2])])


def test_a_basket_is_other_bars_than_the_same_instruments_read_together() -> None:
    members = [bars("A", [1, 2]), bars("B", [1, 2])]
    basket = build_basket(members)
    assert basket.hash == build_basket(members).hash
    assert basket.slice(0, 1).members == 2
    assert basket.hash != align_bars(members).hash


def test_a_member_that_is_read_by_the_others_reads_itself_in_the_same_place() -> None:
    """`self.data1` is A for every member; on A it is A's own bars again, never the instrument that is named next."""
    market = bars("A", [1, 2, 3])
    own = list_members(build_basket([market, bars("B", [1, 2, 3])], [market, bars("C", [1, 2, 3])]))
    assert [[other.instrument.symbol for other in one.others] for one in own] == [["A", "C"], ["A", "C"]]
    assert own[0].others[0].close.tolist() == own[0].close.tolist()


def test_a_further_instrument_without_a_bar_gives_its_place_to_no_other() -> None:
    days = list(range(1, 5))
    basket = build_basket([bars("A", days), bars("B", days)], [bars("EARLY", [1, 2]), bars("C", days)])
    assert [len(own.others) for own in list_members(basket)] == [2, 2]
    assert [len(own.others) for own in list_members(basket.slice(2, 4))] == [0, 0]


def test_a_member_that_is_traded_as_a_further_instrument_too_is_held_once() -> None:
    members = [bars("A", [1, 2]), bars("B", [1, 2])]
    basket = build_basket(members, [members[1]])
    ones = np.ones(2)
    joined = join_outcomes(basket, [run(symbol, [100, 100], other_positions=(ones,)) for symbol in ("A", "B")])
    assert [held.tolist() for held in joined.other_positions] == [[0.5, 0.5], [1.5, 1.5], [0.0, 0.0]]
