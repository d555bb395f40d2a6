"""Names of compared runs: by instrument where these differ, by the id where nothing else tells them apart."""

from datetime import UTC, datetime

from core.domain.bars_request import BarsRequest, FurtherInstrument
from core.domain.run import Run, RunPlan, Status
from core.domain.workflow import Workflow
from core.services.comparisons import name_runs


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
