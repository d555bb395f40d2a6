"""Several servers on one history: which runs travel between them, and limits that count over all of them."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from core.domain.bars_request import BarsRequest
from core.domain.errors import InputError
from core.domain.people import LOCAL, LimitError, Person, PersonLimits, Role
from core.domain.run import ModelChoice, RunKind, RunPlan
from core.services import Services, Settings
from core.services.limits import HOME_FILE, name_home
from core.services.permissions import set_identifier
from core.services.portable import can_begin, is_portable
from tests.services.test_belongings import BARS

ANN = Person(id="ann", name="ann", role=Role.ANALYST)


@pytest.fixture
def pair(tmp_path: Path) -> Iterator[tuple[Services, Services]]:
    """Two servers with homes of their own and one history, in front of both of which Ann sits."""
    settings = [Settings(home=tmp_path / name, database=str(tmp_path / "history.db"), secret="of both") for name in ("one", "two")]
    one, two = (Services(each) for each in settings)
    for parts in (one, two):
        parts.rooms.key_ring._server._use_keyring = False
        parts.rooms.key_ring._server._environment = {}
    set_identifier(lambda: ANN)
    yield one, two
    set_identifier(lambda: LOCAL)
    one.close()
    two.close()


def make(parts: Services, model: str = "built-in", *, api_base: str = "", kind: RunKind = RunKind.DRIVE, **bars: object) -> str:
    """A run of Ann's as a server makes it; gives its id."""
    request = parts.market.pin_uploads(BarsRequest(**(bars or {"symbol": "AAPL"})))
    plan = RunPlan(workflow=parts.workbench.find_workflow("sma_cross"), bars=request, model=ModelChoice(id=model, api_base=api_base))
    return parts.store.create_run(plan, kind=kind).id


def travels(pair: tuple[Services, Services], run_id: str) -> bool:
    """True when a run that waits on the first server may begin on the second one."""
    return is_portable(pair[0].rooms, run_id) and can_begin(pair[1].rooms, run_id)


def test_a_run_on_bars_that_ship_with_the_built_in_model_begins_anywhere(pair: tuple[Services, Services]) -> None:
    assert travels(pair, make(pair[0]))
    assert travels(pair, make(pair[0], symbol="AAPL", basket=({"symbol": "MSFT"},)))


def test_a_run_on_an_upload_and_a_session_stay_with_their_server(pair: tuple[Services, Services]) -> None:
    pair[0].workbench.keep_upload(BARS, "MINE.csv")

    assert not travels(pair, make(pair[0], symbol="MINE"))
    assert not travels(pair, make(pair[0], symbol="AAPL", basket=({"symbol": "MINE"},)))
    assert not travels(pair, make(pair[0], kind=RunKind.SESSION))


def test_a_key_for_the_session_and_an_address_of_ones_own_stay_with_their_server(pair: tuple[Services, Services]) -> None:
    pair[0].rooms.keys.enter("openai", "sk-session")
    assert not travels(pair, make(pair[0], "openai/gpt-4o-mini"))

    pair[0].rooms.keys.enter("openai", "sk-sealed", keep=True)
    assert travels(pair, make(pair[0], "openai/gpt-4o-mini"))
    assert not travels(pair, make(pair[0], "openai/gpt-4o-mini", api_base="http://127.0.0.1:9"))
    assert not travels(pair, make(pair[0], "ollama/llama3"))


def test_a_run_does_not_begin_where_its_key_or_its_bars_are_missing(pair: tuple[Services, Services]) -> None:
    pair[0].rooms.key_ring._server._environment = {"OPENAI_API_KEY": "sk-one"}
    run_id = make(pair[0], "openai/gpt-4o-mini")

    assert is_portable(pair[0].rooms, run_id)
    assert not can_begin(pair[1].rooms, run_id)
    assert not can_begin(pair[1].rooms, make(pair[0], symbol="NOSUCH"))
    assert not can_begin(pair[1].rooms, "00000000")


def test_uploads_on_one_server_count_on_the_other(pair: tuple[Services, Services]) -> None:
    one, two = pair
    one.rooms.limits.save("ann", PersonLimits(disk_mb=1.5 * len(BARS) / 1e6))
    one.workbench.keep_upload(BARS, "FIRST.csv")

    with pytest.raises(LimitError, match="MB are allowed on this server"):
        two.workbench.keep_upload(BARS, "SECOND.csv")

    one.workbench.remove_upload("FIRST.csv")
    two.workbench.keep_upload(BARS, "SECOND.csv")
    with pytest.raises(LimitError):
        one.workbench.keep_upload(BARS, "THIRD.csv")


def test_runs_at_once_count_over_both_servers(pair: tuple[Services, Services]) -> None:
    one, two = pair
    one.rooms.limits.save("ann", PersonLimits(runs=1))
    make(one)
    plan = RunPlan(workflow=two.workbench.find_workflow("sma_cross"), bars=BarsRequest(symbol="AAPL"))

    with pytest.raises(InputError, match="You have 1 run under way or waiting"):
        two.runs.start(plan)
    assert len(two.store.list_runs()) == 1


def test_a_home_keeps_its_name_and_two_homes_have_two(tmp_path: Path) -> None:
    first, second = tmp_path / "one", tmp_path / "two"

    assert name_home(first) == name_home(first) != name_home(second)
    assert (first / HOME_FILE).read_text() == name_home(first)
    assert [file.name for file in first.iterdir()] == [HOME_FILE], "nothing else is left behind"


def test_a_home_that_cannot_be_written_has_a_name_too(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")

    assert len(name_home(tmp_path / "file" / "home")) == 16
    assert name_home(tmp_path / "file" / "home") == name_home(tmp_path / "file" / "home")
