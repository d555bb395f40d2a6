"""Work on real worker processes of this machine: the same figures, every result once, an end when asked, and no keys."""

import threading
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from core.cluster import Cluster, read_address
from core.domain.backtest import OutcomeStatus, Progress
from core.domain.errors import SandboxUnavailableError
from core.driving.fan_out import Evaluations, LocalEvaluations, evaluate_all
from core.driving.remote import RemoteEvaluations, RemoteSandbox
from core.sandbox import Sandbox
from core.services.cluster_work import NAMES
from tests.cluster.processes import wait_for
from tests.driving.evaluations_contract import BARS, NEVER, PLAN, EvaluationsContract, build_code, build_tasks
from tests.driving.fakes import walk

WORKS = "tests.cluster.works"
PATIENCE = 300


@pytest.fixture(scope="module")
def cluster() -> Iterator[Cluster]:
    """Two worker processes for all tests of this module."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("OPENAI_API_KEY", "secret")
        cluster = Cluster(read_address("local:2"), describe="core.services.cluster_work:describe", find_level=lambda: 0)
        assert cluster.width == 2
    yield cluster
    cluster.close()


class TestRemoteEvaluations(EvaluationsContract):
    @pytest.fixture
    def places(self, cluster: Cluster) -> Evaluations:
        return RemoteEvaluations(cluster, NAMES)


def test_figures_and_orders_are_the_same_to_the_bit_on_workers_and_here(cluster: Cluster) -> None:
    tasks = [replace(task, bars=bars) for bars in (BARS, walk(300, seed=2)) for task in build_tasks(3)]
    with Sandbox() as sandbox:
        here = evaluate_all(tasks, LocalEvaluations(sandbox), cancel=NEVER)
    there = evaluate_all(tasks, RemoteEvaluations(cluster, NAMES), cancel=NEVER)

    assert here is not None
    assert there is not None
    for mine, theirs in zip(here, there, strict=True):
        assert mine.evaluation is not None
        assert theirs.evaluation is not None
        assert theirs.evaluation.metrics == mine.evaluation.metrics
        assert theirs.evaluation.equity.tobytes() == mine.evaluation.equity.tobytes()
        assert theirs.outcome.orders_hash == mine.outcome.orders_hash


def test_one_run_is_told_as_it_goes_and_gives_the_facts(cluster: Cluster) -> None:
    told: list[Progress] = []

    outcome = RemoteSandbox(cluster, NAMES).run(build_code(3), PLAN, walk(4_000), cancel=NEVER, watch=told.append)

    assert (outcome.status, len(outcome.equity)) == (OutcomeStatus.OK, 4_000)
    assert [one.done for one in told] == sorted({one.done for one in told})


def test_the_workers_have_no_key_of_the_server(cluster: Cluster) -> None:
    names = cluster.send(f"{WORKS}:list_names", b"", {}).result.result(PATIENCE).decode().split()

    assert "PATH" in names
    assert [name for name in names if name.endswith("_API_KEY")] == []


def test_data_reach_a_worker_once(cluster: Cluster) -> None:
    """With data of its own: what is taken back while its data are on their way drops them on arrival, and they travel again."""
    tasks = [replace(task, bars=walk(300, seed=77)) for task in build_tasks(24)]
    before = list_arrivals(cluster)
    evaluate_all(tasks, RemoteEvaluations(cluster, NAMES), cancel=NEVER)

    arrived = {address: keys - before.get(address, Counter()) for address, keys in list_arrivals(cluster).items()}

    assert sum(keys.total() for keys in arrived.values()) > 0
    assert [key for keys in arrived.values() for key, times in keys.items() if times > 1] == []


def list_arrivals(cluster: Cluster) -> dict[str, Counter[str]]:
    """Data that each worker got from another place so far, with how often they came."""
    found: dict[str, Counter[str]] = {}
    while len(found) < cluster.width:
        for job in [cluster.send(f"{WORKS}:list_arrivals", b"", {}) for _ in range(2 * cluster.width)]:
            address, *keys = job.result.result(PATIENCE).decode().split()
            found[address] = Counter(key for key in keys if key.startswith("data-"))
    return found


def test_work_that_is_taken_back_ends_where_it_runs(cluster: Cluster, tmp_path: Path) -> None:
    begun = threading.Event()
    job = cluster.send(f"{WORKS}:wait_for_stop", str(tmp_path / "left").encode(), {}, lambda said: begun.set())
    assert begun.wait(PATIENCE)

    job.cancel()

    assert job.result.cancelled()
    after = [cluster.send(f"{WORKS}:list_names", b"", {}) for _ in range(4)]
    assert all(one.result.result(PATIENCE) for one in after), "no worker is held up by what nobody waits for"
    wait_for(lambda: (tmp_path / "left").exists())


def test_code_that_never_ends_leaves_the_worker_free_once_it_is_cancelled(cluster: Cluster) -> None:
    stop = threading.Event()
    endless = build_code(1).replace("if not self.position", "while True: pass\n        if not self.position")
    threading.Timer(0.3, stop.set).start()

    outcome = RemoteSandbox(cluster, NAMES).run(endless, PLAN, BARS, cancel=stop)

    assert outcome.status is OutcomeStatus.CANCELLED
    assert evaluate_all(build_tasks(4), RemoteEvaluations(cluster, NAMES), cancel=NEVER) is not None


def test_work_is_taken_back_and_sent_anew_in_order_when_its_connection_was_left(cluster: Cluster, tmp_path: Path) -> None:
    scheduler = cluster._host.address if cluster._host else ""
    second = Cluster(read_address(scheduler), describe="core.services.cluster_work:describe", find_level=lambda: 0)
    begun = threading.Event()
    job = second.send(f"{WORKS}:wait_for_stop", str(tmp_path / "left").encode(), {}, lambda said: begun.set())
    assert begun.wait(PATIENCE)
    link = second._link
    assert link is not None
    link.close()

    job.cancel()

    for thread in threading.enumerate():
        if thread.name == "cluster-cancel":
            thread.join(PATIENCE)
    with pytest.raises(ConnectionError):
        link.submit("key", f"{WORKS}:list_names", (), {}, "topic")
    assert b"PATH" in second.send(f"{WORKS}:list_names", b"", {}).result.result(PATIENCE)
    second.close()


def test_work_whose_worker_died_is_done_by_another(cluster: Cluster, tmp_path: Path) -> None:
    assert cluster.send(f"{WORKS}:die_once", str(tmp_path / "begun").encode(), {}).result.result(PATIENCE) == b"done"


def test_workers_below_the_required_isolation_get_no_work_and_are_named(cluster: Cluster) -> None:
    address = next(iter(cluster.describe().workers)).address
    scheduler = cluster._host.address if cluster._host else ""
    strict = Cluster(read_address(scheduler), describe="core.services.cluster_work:describe", find_level=lambda: 3, wait_seconds=1)

    with pytest.raises(SandboxUnavailableError, match="3 is required") as refused:
        strict.send(f"{WORKS}:list_names", b"", {})

    assert address in str(refused.value)
    strict.close()


def test_a_scheduler_that_goes_is_made_again_and_the_work_with_it(cluster: Cluster, tmp_path: Path) -> None:
    begun, again = threading.Event(), threading.Event()
    job = cluster.send(
        f"{WORKS}:wait_for_stop", str(tmp_path / "left").encode(), {}, lambda said: (again if begun.is_set() else begun).set()
    )
    assert begun.wait(PATIENCE)

    cluster._host._process.kill()  # type: ignore[union-attr]

    assert again.wait(PATIENCE)
    job.cancel()
