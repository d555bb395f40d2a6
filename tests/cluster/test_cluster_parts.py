"""Addresses, workers that are refused, and the request to stop: without a cluster."""

import subprocess
import sys
import threading
from pathlib import Path
from types import SimpleNamespace
from typing import ClassVar

import pytest

from core.cluster import Cluster, ClusterWorker, read_address
from core.cluster.cluster import MOST_SENDINGS, Job, _translate
from core.cluster.link import Link, judge_worker
from core.cluster.local_host import build_environment
from core.cluster.passport import write_passport
from core.cluster.worker_side import StopOnRelease
from core.domain.errors import InputError, RunKilledError, SandboxUnavailableError
from core.services import Services, Settings


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("local", "from 1 to"),
        ("local:0", "from 1 to"),
        ("local:9999", "from 1 to"),
        ("local:two", "from 1 to"),
        ("scheduler:8786", "cannot be read"),
        ("tcp://127.0.0.1", "cannot be read"),
        ("tcp://127.0.0.1:port", "cannot be read"),
        ("http://127.0.0.1:8786", "cannot be read"),
        ("tcp://scheduler:8786", "runs any code"),
        ("tcp://10.0.0.7:8786", "runs any code"),
        ("tls://scheduler:8786", "needs certificates"),
        ("tcp://[::1:8786", "cannot be read"),
    ],
)
def test_an_address_that_cannot_be_meant_or_trusted_is_refused_in_words(text: str, said: str) -> None:
    with pytest.raises(InputError, match=said):
        read_address(text)


def test_certificates_that_are_missing_are_named(tmp_path: Path) -> None:
    (tmp_path / "ca.pem").touch()
    (tmp_path / "cert.pem").touch()

    with pytest.raises(InputError, match=r"no key\.pem"):
        read_address("tls://scheduler:8786", certificates=tmp_path)


def test_a_network_that_is_trusted_needs_no_certificates() -> None:
    assert read_address("tcp://scheduler:8786", trust_network=True).text == "tcp://scheduler:8786"


def test_a_scheduler_that_is_not_there_is_said_with_its_address() -> None:
    cluster = Cluster(read_address("tcp://127.0.0.1:9"), describe="", find_level=lambda: 0)

    with pytest.raises(SandboxUnavailableError, match=r"answers at tcp://127\.0\.0\.1:9"):
        cluster.send("", b"", {})

    assert "take STRATLOOP_CLUSTER away" in cluster.describe().problem


def test_work_that_took_every_worker_with_it_is_the_machines_fault_and_other_errors_keep_their_words() -> None:
    class KilledWorker(Exception):  # noqa: N818 - named by Dask
        """As Dask names it."""

    assert isinstance(_translate(KilledWorker()), RunKilledError)
    assert "again and again" in str(_translate(KilledWorker()))
    assert "KeyError: 'x'" in str(_translate(KeyError("x")))


def test_work_under_which_workers_ended_has_a_second_chance_and_no_third() -> None:
    killer = type("KilledWorker", (Exception,), {})()
    cluster = Cluster(read_address("local:1"), describe="", find_level=lambda: 0)
    job = Job("work", b"", {}, None)
    job.remote = SimpleNamespace(status="error", exception=lambda timeout: killer)  # type: ignore[assignment]
    cluster._jobs[job.key] = job

    job.sendings = 1
    cluster._settle(job, job.remote)
    assert not job.result.done()

    job.sendings = 2
    cluster._settle(job, job.remote)
    assert isinstance(job.result.exception(), RunKilledError)


class Joined:
    """A connection with so many workers that were accepted; some were there before."""

    def __init__(self, *addresses: str) -> None:
        self.workers = {address: ClusterWorker(address=address, threads=1) for address in addresses}
        self.accepted, self.width, self.alive, self.had_workers = frozenset(addresses), len(addresses), True, True

    def meet_workers(self) -> None:
        """Nobody new."""

    def close(self) -> None:
        """Nothing is held."""


class Restarted(Cluster):
    """A cluster of this machine whose connections are given."""

    links: ClassVar[list[Joined]] = []

    def _connect(self) -> Link:
        return self.links.pop(0)  # type: ignore[return-value]


@pytest.mark.parametrize(
    ("links", "width"), [([Joined(), Joined("tcp://new")], 1), ([Joined("tcp://there")], 1), ([Joined(), Joined()], 0)]
)
def test_workers_of_this_machine_that_are_gone_for_good_are_started_anew_once(links: list[Joined], width: int) -> None:
    made = Restarted(read_address("local:1"), describe="", find_level=lambda: 0, wait_seconds=0.1)
    made.links[:] = links

    if width:
        assert made.width == width
    else:
        with pytest.raises(SandboxUnavailableError, match="do not start"):
            assert made.width
    assert made.links == []


class Hasty(Joined):
    """A connection over which work is taken back at the moment it is sent, and whose first meetings fail."""

    def __init__(self, failures: int = 0) -> None:
        super().__init__("tcp://there")
        self.failures, self.sent, self.while_sending = failures, list[SimpleNamespace](), lambda: None

    def meet_workers(self) -> None:
        """Raise what nobody foresaw, so many times."""
        self.failures -= 1
        if self.failures >= 0:
            raise ValueError("nobody foresaw this")

    def submit(self, *_: object) -> SimpleNamespace:
        """A task that is on its way until somebody takes it back."""
        taken = threading.Event()
        self.sent.append(SimpleNamespace(status="pending", add_done_callback=lambda _: None, cancel=taken.set, taken=taken))
        self.while_sending()
        return self.sent[-1]


def test_work_that_is_cancelled_while_it_is_sent_again_is_taken_back_where_it_runs() -> None:
    link, cluster = Hasty(), Restarted(read_address("local:1"), describe="", find_level=lambda: 0)
    cluster._link = link  # type: ignore[assignment]
    job = Job("work", b"", {}, None)
    link.while_sending = job.cancel

    cluster._submit(job)

    assert link.sent[0].taken.wait(300)


def test_work_that_was_cancelled_before_it_is_given_up_ends_no_thread() -> None:
    cluster = Restarted(read_address("local:1"), describe="", find_level=lambda: 0)
    cluster._link = Hasty()  # type: ignore[assignment]
    job = Job("work", b"", {}, None)
    job.sendings = MOST_SENDINGS
    job.cancel()

    cluster._submit(job)

    assert job.result.cancelled()


def test_what_nobody_foresaw_does_not_end_the_watch_over_what_is_on_its_way(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("core.cluster.cluster.TICK_SECONDS", 0.01)
    link, cluster = Hasty(), Restarted(read_address("local:1"), describe="", find_level=lambda: 0)
    cluster._link = link  # type: ignore[assignment]
    cluster.send("work", b"", {})
    again = threading.Event()

    link.failures, link.while_sending = 2, again.set
    link.sent[0].status = "lost"

    assert again.wait(300)
    cluster.close()


OURS = write_passport()


@pytest.mark.parametrize(
    ("told", "why"),
    [
        (OURS | {"level": 2}, ""),
        (OURS | {"level": 2, "source": "other"}, "another state of the product's code"),
        (OURS | {"level": 2, "numpy": "1.0"}, "numpy 1.0"),
        (OURS | {"level": 2, "machine": "riscv"}, "machine riscv"),
        (OURS | {"level": 1, "detail": "no namespaces"}, "2 is required. no namespaces"),
        (OURS | {"level": None}, "level unknown"),
        ({"level": 2}, "version unknown"),
        (ModuleNotFoundError("core"), "does not have this product"),
    ],
)
def test_a_worker_gets_work_only_if_it_would_compute_the_same_in_the_same_isolation(told: object, why: str) -> None:
    worker = judge_worker("tcp://w", 1, told, OURS, 2)  # type: ignore[arg-type]

    assert why in worker.refused
    assert bool(worker.refused) == bool(why)


def test_a_task_that_is_taken_back_is_asked_to_stop_and_a_finished_one_is_forgotten() -> None:
    plugin = StopOnRelease()
    plugin.transition("one", "ready", "executing")
    plugin.transition("two", "ready", "executing")
    one, two = plugin.find_stop("one"), plugin.find_stop("two")

    plugin.transition("one", "executing", "released")

    assert (one.is_set(), two.is_set()) == (True, False)
    assert plugin.find_stop("one").is_set(), "taken back before it came to ask"


def test_everything_is_asked_to_stop_once_the_scheduler_is_gone() -> None:
    stream = SimpleNamespace(comm=SimpleNamespace(closed=lambda: True))
    plugin = StopOnRelease()
    plugin._worker = SimpleNamespace(batched_stream=stream)  # type: ignore[assignment]
    plugin.transition("one", "ready", "executing")

    plugin._look()

    assert plugin.find_stop("one").is_set()


def test_the_environment_of_workers_is_what_a_program_needs() -> None:
    theirs = build_environment({"PATH": "/bin", "OPENAI_API_KEY": "k", "STRATLOOP_DATABASE": "postgresql://u:p@h/d", "LC_ALL": "C"})

    assert theirs == {"PATH": "/bin", "LC_ALL": "C"}


def test_without_the_setting_nothing_of_dask_is_imported() -> None:
    names = "[name for name in sys.modules if name in ('dask', 'distributed')]"
    script = f"import sys; from core.services import Services; Services().rooms.ports; print({names})"

    said = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)

    assert said.stdout.strip() == "[]"


def test_a_cluster_that_cannot_be_meant_stops_the_start_and_not_the_first_run() -> None:
    for name, value in (("STRATLOOP_CLUSTER", "scheduler"), ("STRATLOOP_CLUSTER_ISOLATION", "high")):
        with pytest.raises(InputError):
            Settings.from_environment({name: value})

    made = Settings.from_environment({"STRATLOOP_CLUSTER": "tcp://scheduler:8786", "STRATLOOP_CLUSTER_TRUST_NETWORK": "1"})

    assert made.read_cluster() is not None


def test_a_scheduler_that_is_not_there_is_said_in_settings_and_doctor(tmp_path: Path) -> None:
    parts = Services(Settings(home=tmp_path, cluster="tcp://127.0.0.1:9"))

    state = parts.installation.describe_cluster()
    problems = parts.installation.diagnose()["problems"]

    assert state is not None
    assert "No scheduler of a cluster answers" in state.problem
    assert [one for one in problems if one.startswith("cluster: ")]
    parts.close()
