"""The choice of the processes that a sandbox runs its code in, by what this machine can hold in."""

import os
import socket
import threading
import time

from core.domain.backtest import BacktestPlan
from core.domain.errors import SandboxUnavailableError
from core.domain.isolation import Isolation
from core.sandbox import lockdown, selftest
from core.sandbox.client import AnswerOverdueError, Host, SandboxRequest, send_request
from core.sandbox.restrictions import find_restrictions

FORCED_LEVEL = "STRATLOOP_SANDBOX_LEVEL"
"""Environment variable; `0` makes this machine behave like one without isolation."""
_SELF_TEST_SECONDS = 30.0


def choose_host() -> tuple[Host, Isolation]:
    """Choose the best host of this machine, and give it with what its self-test found. Raises SandboxUnavailableError."""
    forced = os.environ.get(FORCED_LEVEL) == "0"
    if forced or not lockdown.detect_processor():
        return _build_spawned_host(kernel=not forced), selftest.assume_no_isolation()
    from core.sandbox.host import ZygoteHost

    zygote = ZygoteHost()
    try:
        found = measure_isolation(zygote)
    except SandboxUnavailableError:
        zygote.close()
        raise
    if found.level > 0:
        return zygote, found
    zygote.close()
    return _build_spawned_host(kernel=True), found


def measure_isolation(host: Host) -> Isolation:
    """Measure isolation by the self-test. Raises SandboxUnavailableError when that cannot be done: what is unknown is not promised."""
    started = time.monotonic()
    with socket.create_server(("127.0.0.1", 0)) as listener:
        plan = BacktestPlan().model_dump(mode="json")
        request = {"kind": "probe", "plan": plan, "port": listener.getsockname()[1], "lock_step": True}
        try:
            answer = send_request(host, SandboxRequest(request, {}, None, threading.Event(), _SELF_TEST_SECONDS))
        except (AnswerOverdueError, EOFError):
            raise SandboxUnavailableError("The sandbox's self-test did not finish, so its isolation is unknown.") from None
    if answer["opened"] is None:
        said = answer["log"].strip()[:300]
        hint = f"Usual reasons are few open files (`ulimit -n`), little memory and few processes.{f' It said: {said}' if said else ''}"
        raise SandboxUnavailableError("The sandbox's self-test failed, so its isolation is unknown.", hint=hint)
    found = selftest.assess_isolation(answer["opened"], time.monotonic() - started)
    return found if found.level == 2 else found.changed(restrictions=find_restrictions())


def _build_spawned_host(*, kernel: bool) -> Host:
    from core.sandbox.spawned import SpawnedHost

    return SpawnedHost(kernel=kernel)
