"""The Perspective viewer's server: the curves of one run, growing with it, for whoever may see that run, and gone afterwards."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import numpy as np
import pytest
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import ClientConnection

from core.domain.bars_request import BarsRequest
from core.domain.run import Run, Status
from pages.live import assets
from pages.live.perspective import HOLDING, TABLE, to_column_times
from pages.live.routes import CURVES, LiveSockets, build_live_routes
from pages.live.tokens import TokenScope
from tests.live.conftest import PLAN, Served, eventually, finished
from tests.needs import need


@pytest.fixture(autouse=True)
def _installed() -> None:
    need(assets.find_folder() is not None, "perspective-python with the viewer's files")


@contextmanager
def viewer(served: Served, run: Run) -> Iterator[Any]:
    """A Perspective client at the other end of the socket, as the browser's is."""
    import perspective

    line = served.open(run.id, path=CURVES, use=TokenScope.CURVES).socket
    client = perspective.Client(lambda request: line.send(bytes(request)), lambda: None)
    thread = threading.Thread(target=_listen, args=(line, client))
    thread.start()
    yield client
    line.close()
    thread.join(timeout=300)


def _listen(line: ClientConnection, client: Any) -> None:
    try:
        for message in line:
            client.handle_response(message)
    except ConnectionClosed:
        return


def _curves(client: Any) -> list[str]:
    view = client.open_table(TABLE).view(group_by=["curve"], columns=[])
    names = [row["__ROW_PATH__"][0] for row in view.to_json() if row["__ROW_PATH__"]]
    view.delete()
    return names


def _count(client: Any, name: str) -> int:
    return len(client.open_table(TABLE).view(filter=[["curve", "==", name]], columns=["equity"]).to_json())


def test_a_viewer_sees_finished_iterations_and_the_market(served: Served) -> None:
    run = served.parts.store.create_run(PLAN)
    served.parts.store.append(finished(run, 0))
    served.parts.store.append(finished(run, 1))
    with viewer(served, run) as client:
        eventually(lambda: _curves(client) == ["Best: 0", HOLDING, "No. 1"])
        assert client.get_hosted_table_names() == [TABLE]


def test_candidates_that_are_ready_in_another_order_all_arrive(served: Served) -> None:
    run = served.parts.store.create_run(PLAN.changed(candidates=2))
    served.parts.store.append(finished(run, 0))
    with viewer(served, run) as client:
        eventually(lambda: len(_curves(client)) == 2)
        served.parts.store.append(finished(run, 2))
        eventually(lambda: _curves(client) == ["Best: 0", HOLDING, "No. 2"])
        served.parts.store.append(finished(run, 1))
        eventually(lambda: _curves(client) == ["Best: 0", HOLDING, "No. 1", "No. 2"])


def test_the_mark_of_the_best_goes_along_with_it_and_follows_the_run_in_the_end(served: Served) -> None:
    run = served.parts.store.create_run(PLAN)
    with viewer(served, run) as client:
        for number, sharpe in enumerate((0.5, 1.5, 1.0)):
            served.parts.store.append(finished(run, number, sharpe=sharpe))
        eventually(lambda: _curves(client) == ["Best: 1", HOLDING, "No. 0", "No. 2"])
        served.parts.store.save_run(run.changed(status=Status.COMPLETE, best=2, message="The highest score could not be confirmed."))
        eventually(lambda: _curves(client) == ["Best: 2", HOLDING, "No. 0", "No. 1"])
        renamed, never = (_count(client, name) for name in ("No. 1", "No. 0"))
        assert renamed == never > 0


def test_the_table_grows_while_it_is_viewed(served: Served) -> None:
    run = served.parts.store.create_run(PLAN)
    with viewer(served, run) as client, viewer(served, run) as other:
        eventually(lambda: _curves(client) == [HOLDING])
        assert len(served.live.table_pool) == 1
        served.parts.store.append(finished(run, 0))
        for one in (client, other):
            eventually(lambda one=one: _curves(one) == ["Best: 0", HOLDING])


def test_the_hold_out_is_not_in_it(served: Served) -> None:
    run = served.parts.store.create_run(PLAN)
    whole = served.parts.market.bars(PLAN.bars)
    training, held = whole.split(PLAN.hold_out)
    with viewer(served, run) as client:
        rows = client.open_table(TABLE).view(columns=["time"]).to_json()
    days = [datetime.fromtimestamp(row["time"] / 1000, UTC).date() for row in rows]
    assert days[0] == training.first.date()
    assert days[-1] == training.last.date() < held.first.date()


def test_drawdown_is_measured_from_the_peak_and_the_starting_cash(served: Served) -> None:
    run = served.parts.store.create_run(PLAN)
    cash = PLAN.backtest.cash
    served.parts.store.append(finished(run, 0, equity=lambda _: np.array([cash * 0.9, cash * 1.2, cash * 0.6])))
    with viewer(served, run) as client:
        eventually(lambda: "Best: 0" in _curves(client))
        view = client.open_table(TABLE).view(filter=[["curve", "==", "Best: 0"]], columns=["drawdown"])
        assert [row["drawdown"] for row in view.to_json()] == pytest.approx([-0.1])


def test_the_table_is_gone_after_the_last_viewer(served: Served) -> None:
    run = served.parts.store.create_run(PLAN)
    with viewer(served, run) as client:
        with viewer(served, run) as other:
            _curves(other)
        eventually(lambda: _curves(client) == [HOLDING])
        assert len(served.live.table_pool) == 1
    eventually(lambda: len(served.live.table_pool) == 0 and len(served.live.feeds) == 0)


def test_a_viewer_of_one_run_cannot_see_another(served: Served) -> None:
    one, other = served.parts.store.create_run(PLAN), served.parts.store.create_run(PLAN)
    served.parts.store.append(finished(other, 0))
    with viewer(served, one) as client, viewer(served, other) as elsewhere:
        eventually(lambda: _curves(elsewhere) == ["Best: 0", HOLDING])
        assert _curves(client) == [HOLDING]


@pytest.mark.parametrize("request_", [b"", b"x" * 2_000_000, "text"], ids=["empty", "too long", "text"])
def test_what_no_viewer_sends_ends_its_own_socket_only(served: Served, request_: bytes | str) -> None:
    run = served.parts.store.create_run(PLAN)
    with viewer(served, run) as client:
        _curves(client)
        bad = served.open(run.id, path=CURVES, use=TokenScope.CURVES).socket
        bad.send(request_)
        with pytest.raises(ConnectionClosed):
            bad.recv(timeout=300)
        assert _curves(client) == [HOLDING]


def test_garbage_is_answered_with_an_error(served: Served) -> None:
    run = served.parts.store.create_run(PLAN)
    line = served.open(run.id, path=CURVES, use=TokenScope.CURVES).socket
    line.send(b"garbage")
    assert b"Unhandled request" in line.recv(timeout=300)  # type: ignore[operator]


def test_a_browser_that_vanishes_leaves_no_traceback(served: Served, caplog: pytest.LogCaptureFixture) -> None:
    run = served.parts.store.create_run(PLAN)
    with viewer(served, run) as client:
        _curves(client)
        client.open_table(TABLE).view().on_update(lambda *_: None)
        line = served.open(run.id, path=CURVES, use=TokenScope.CURVES).socket
        line.socket.close()
        served.parts.store.append(finished(run, 0))
        eventually(lambda: "Best: 0" in _curves(client))
    eventually(lambda: len(served.live.table_pool) == 0)
    assert [record for record in caplog.records if record.levelname == "ERROR"] == []


def test_bars_that_cannot_be_had_are_said_in_words(served: Served) -> None:
    run = served.parts.store.create_run(PLAN.changed(bars=BarsRequest(path="/nowhere/bars.csv")))
    line = served.open(run.id, path=CURVES, use=TokenScope.CURVES).socket
    with pytest.raises(ConnectionClosed) as end:
        line.recv(timeout=300)
    assert end.value.rcvd is not None
    assert end.value.rcvd.code == 1011
    assert "bars.csv" in end.value.rcvd.reason


def test_the_viewers_files_come_from_here_and_are_kept(served: Served) -> None:
    base = f"http://127.0.0.1:{served.port}"
    for name in (assets.SCRIPT, assets.STYLE):
        answer = httpx.get(f"{base}{assets.address()}/{name}", trust_env=False, timeout=300)
        assert answer.status_code == 200
        assert "immutable" in answer.headers["cache-control"]
        assert "max-age=31536000" in answer.headers["cache-control"]
    missing = httpx.get(f"{base}{assets.address()}/none.js", trust_env=False, timeout=300)
    assert (missing.status_code, missing.headers.get("cache-control")) == (404, None)
    outside = httpx.get(f"{base}{assets.address()}/%2e%2e/__init__.py", trust_env=False, timeout=300)
    assert outside.status_code == 404


def test_without_perspective_there_is_no_such_route(served: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pages.live.assets.find_folder", lambda: None)
    paths = [getattr(route, "path", "") for route in build_live_routes(LiveSockets(lambda: served.parts))]
    assert not [path for path in paths if CURVES in path or "perspective" in path]
    assert paths


def test_intraday_times_are_wall_times() -> None:
    times = np.array(["2024-03-08T09:30", "2024-03-11T09:30"], dtype="datetime64[s]")
    assert to_column_times(times, intraday=True) == ["2024-03-08 09:30", "2024-03-11 09:30"]
    assert to_column_times(times.astype("datetime64[D]"), intraday=False) == [1709856000000, 1710115200000]


def test_the_file_names_fit_the_installed_package() -> None:
    found = assets.find_folder()
    assert isinstance(found, Path)
    assert assets.address().startswith("/live/perspective-5.")
