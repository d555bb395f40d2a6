"""Runs that wait, and the servers that can begin them: some need a file, a key or an address that only one server has."""

from typing import TYPE_CHECKING

from core.domain.errors import StratloopError
from core.domain.run import ModelChoice, Run, RunKind

if TYPE_CHECKING:
    from core.services.rooms import Rooms


def is_portable(rooms: "Rooms", run_id: str) -> bool:
    """True when another server may begin a run that waits on this one."""
    try:
        run = rooms.history.read_run(run_id)
        if run.kind is RunKind.SESSION or not rooms.make_market(run.owner).is_found_elsewhere(run.plan.bars):
            return False
        return all(_is_shared_model(rooms, run, choice) for choice in _list_models(run))
    except StratloopError:
        return False


def can_begin(rooms: "Rooms", run_id: str) -> bool:
    """True when this server has what a run of another one needs: its bars, and the keys of its models."""
    from core.driving.run_context import prepare_bars

    try:
        run = rooms.history.read_run(run_id)
        prepare_bars(run.plan, rooms.make_market(run.owner))
        return all(_is_shared_model(rooms, run, choice) for choice in _list_models(run))
    except StratloopError:
        return False


def _list_models(run: Run) -> list[ModelChoice]:
    return [choice for choice in (run.plan.model, run.plan.escalation) if choice is not None]


def _is_shared_model(rooms: "Rooms", run: Run, choice: ModelChoice) -> bool:
    """True for the built-in model, and for a provider's own address with a key that is not in this process's memory alone."""
    from core.llm import BUILT_IN, describe_model
    from core.llm.keys import KeyPlace

    if choice.id == BUILT_IN:
        return True
    place = rooms.key_ring.of(run.owner).locate(describe_model(choice.id).provider)
    return not choice.api_base and place not in (None, KeyPlace.SESSION)
