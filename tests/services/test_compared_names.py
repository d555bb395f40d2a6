"""Names of compared runs and markets: by instrument and timeframe where these differ, by years or the id where nothing else does."""

from datetime import UTC, date, datetime

from core.domain.bars_request import BarsRequest, FurtherInstrument
from core.domain.instrument import Timeframe
from core.domain.run import Run, RunPlan, Status
from core.domain.workflow import Workflow
from core.services.compared_names import name_markets, name_runs


def make(identity: str, symbol: str, *further: str, workflow: str = "cross") -> Run:
    bars = BarsRequest(symbol=symbol, basket=tuple(FurtherInstrument(symbol=name) for name in further))
    plan = RunPlan(workflow=Workflow(name=workflow), bars=bars)
    return Run(id=identity, plan=plan, status=Status.COMPLETE, created=datetime(2026, 1, 1, tzinfo=UTC))


def test_one_run_needs_no_name() -> None:
    one = make("aaaa1111", "AAPL")
    assert name_runs([one, one]) == {}


def test_runs_on_one_instrument_are_told_apart_by_their_ids() -> None:
    found = name_runs([make("aaaa1111", "AAPL"), make("bbbb1111", "yahoo:aapl"), make("cccc1111", "AAPL", workflow="turn")])
    assert list(found.values()) == ["cross aaaa", "cross bbbb", "turn"]


def test_a_basket_and_runs_on_its_instruments_are_named_by_them() -> None:
    found = name_runs([make("aaaa1111", "AAPL", "MSFT", "IBM"), make("bbbb1111", "AAPL"), make("cccc1111", "MSFT")])
    assert list(found.values()) == ["cross AAPL + 2", "cross AAPL", "cross MSFT"]


def test_two_baskets_that_begin_with_one_instrument_keep_their_ids() -> None:
    found = name_runs([make("aaaa1111", "AAPL", "MSFT"), make("bbbb1111", "AAPL", "IBM"), make("cccc1111", "IBM")])
    assert list(found.values()) == ["cross AAPL + 1 aaaa", "cross AAPL + 1 bbbb", "cross IBM"]


def test_runs_without_a_workflows_name_are_called_by_their_instruments() -> None:
    found = name_runs([make("aaaa1111", "AAPL", workflow=""), make("bbbb1111", "MSFT", workflow="")])
    assert list(found.values()) == ["AAPL", "MSFT"]


def on(run: Run, timeframe: Timeframe = Timeframe.D1, years: tuple[int, int] | None = None) -> Run:
    days = {"start": date(years[0], 1, 1), "end": date(years[1], 12, 31)} if years else {}
    return run.changed(plan=run.plan.changed(bars=run.plan.bars.changed(timeframe=timeframe, **days)))


def test_runs_of_different_timeframes_are_told_apart_by_these() -> None:
    found = name_runs([on(make("aaaa1111", "AAPL")), on(make("bbbb1111", "AAPL"), Timeframe.W1)])
    assert list(found.values()) == ["cross daily", "cross weekly"]


def test_markets_are_told_apart_in_as_few_words_as_do() -> None:
    one, other = make("aaaa1111", "AAPL"), make("bbbb1111", "MSFT")
    early, late = on(one, years=(2001, 2005)), on(one, years=(2005, 2010))
    keys = (("x", "a"), ("y", "a"))

    told = [
        list(name_markets(dict(zip(keys, runs, strict=False))).values())
        for runs in ([one], [one, other], [one, on(one, Timeframe.W1)], [early, late], [early, early.changed(id="bbbb1111")])
    ]

    assert told == [
        ["Buy and hold"],
        ["Buy and hold AAPL", "Buy and hold MSFT"],
        ["Buy and hold daily", "Buy and hold weekly"],
        ["Buy and hold 2001 to 2005", "Buy and hold 2005 to 2010"],
        ["Buy and hold 2001 to 2005 aaaa", "Buy and hold 2001 to 2005 bbbb"],
    ]
