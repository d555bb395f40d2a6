"""The self-test measures the level: each barrier that is switched off shows as the probe that it alone had kept shut."""

import pytest

from core.sandbox import Sandbox, selftest
from core.sandbox.host import ZygoteHost
from core.sandbox.host_choice import measure_isolation
from core.sandbox.lockdown import ALL_LAYERS, Layer
from tests.needs import need

OPENED = {
    Layer.NAMESPACES: ("parent", "stat"),
    Layer.LANDLOCK: ("root",),
    Layer.SECCOMP: ("execve", "executable_page", "namespace", "ptrace", "signal", "socket"),
    Layer.RLIMITS: ("memory",),
    Layer.CAPABILITIES: ("capabilities",),
    Layer.ENVIRONMENT: ("environment",),
}


def test_with_every_layer_nothing_is_open(isolated: Sandbox) -> None:
    need(isolated.isolation().level == 2, f"every layer; here these probes are open: {isolated.isolation().open_probes}")
    assert isolated.isolation().open_probes == ()
    assert isolated.isolation().detail.startswith("Isolated")


@pytest.mark.parametrize("layer", Layer)
def test_a_layer_that_is_switched_off_is_named_by_the_probe_it_kept_shut(layer: Layer, isolated: Sandbox) -> None:
    need(isolated.isolation().level == 2, "every layer, to take one away")
    host = ZygoteHost(ALL_LAYERS - {layer})
    try:
        found = measure_isolation(host)
    finally:
        host.close()
    assert set(OPENED[layer]) <= set(found.open_probes)
    assert found.level == (1 if layer in (Layer.NAMESPACES, Layer.LANDLOCK) else 0)


def test_without_any_layer_every_probe_gets_through(isolated: Sandbox) -> None:
    host = ZygoteHost(())
    try:
        found = set(measure_isolation(host).open_probes)
    finally:
        host.close()
    assert set(selftest.PROBES) - found <= {"capabilities", "namespace", "io_uring", "write"}  # these also depend on the system around


@pytest.mark.parametrize(("opened", "level"), [((), 2), (("stat",), 1), (("parent", "stat"), 1), (("read",), 0), (("stat", "socket"), 0)])
def test_the_level_follows_from_the_open_probes(opened: tuple[str, ...], level: int) -> None:
    found = selftest.assess_isolation(opened, 0.01)
    assert found.level == level
    assert all(name in found.detail for name in opened)
