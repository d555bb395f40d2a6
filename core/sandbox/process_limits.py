"""Limits of level 0: what Python itself can refuse where the kernel cannot help. They stop accidents, not attackers.

Three of them: an import filter for the strategy's own imports, an audit hook that refuses every event which computing does not
need, and the resource limits that the operating system has. Never used as the boundary on Linux.
"""

import builtins
import math
import os
import sys
import threading
import time
from collections.abc import Mapping, Sequence
from typing import Any

from core.backtest.strategy_module import MODULE
from core.gate.importable import MODULES, STAND_INS
from core.sandbox import lockdown
from core.sandbox.lockdown import Layer
from core.sandbox.plain_script import MAIN

ALLOWED_EVENTS = frozenset(
    {
        "import", "compile", "exec", "code.__new__", "function.__new__", "builtins.id", "sys._getframe", "array.__new__",
        "object.__getattr__", "object.__setattr__", "object.__delattr__", "sys.unraisablehook", "sys.excepthook", "gc.get_objects",
        "pickle.find_class", "time.sleep", "marshal.loads",
    }
)  # fmt: skip
"""Audit events that plain computing raises; every other one (files, sockets, processes, raw memory) is refused."""
_REFUSED_MODULES = frozenset(
    {"os", "sys", "io", "builtins", "ctypes", "socket", "mmap", "resource", "signal", "threading", "pathlib", "gc", "inspect", "linecache"}
)
_OUR_OWN = frozenset({"__future__", "strategy"})
_OF_PROGRAMS = frozenset({"argparse", "csv", "io"})
"""Modules that the part of a program needs which reads its bars; what they could open is refused all the same."""


def enclose(*, cpu_seconds: int, memory_bytes: int, kernel: bool) -> None:
    """Put the limits in place, for good. With `kernel`, add whatever layers this kernel has, short of an own root."""
    os.environ.clear()
    _limit_resources(cpu_seconds=cpu_seconds, memory_bytes=memory_bytes)
    if kernel:
        layers = lockdown.detect_layers() - {Layer.NAMESPACES, Layer.RLIMITS}  # the limits are set above
        lockdown.confine(layers, cpu_seconds=cpu_seconds, memory_bytes=memory_bytes)
    _filter_imports()
    sys.addaudithook(_refuse_event)


def end_with_parent(starter: int) -> None:
    """Leave when the process `starter`, which started this one, is gone. Must be called before `enclose`, which allows no thread.

    It is named by whoever it is: one that ended before this process had come so far would be another one by now.
    """
    parent = os.getppid() if sys.platform == "win32" else starter  # there a launcher may stand between the two

    def watch() -> None:
        while os.getppid() == parent:
            time.sleep(0.5)
        os._exit(1)

    threading.Thread(target=watch, daemon=True).start()


def _refuse_event(event: str, arguments: tuple[object, ...]) -> None:
    if event not in ALLOWED_EVENTS:
        raise PermissionError(1, f"not allowed in a strategy: {event}")


def _filter_imports() -> None:
    """Strategies may import what is loaded and harmless; libraries keep importing among themselves."""
    original = builtins.__import__
    allowed = ({name.partition(".")[0] for name in MODULES} | set(STAND_INS) | _OUR_OWN) - _REFUSED_MODULES

    def filtered(
        name: str,
        globals: Mapping[str, Any] | None = None,
        locals: Mapping[str, Any] | None = None,
        fromlist: Sequence[str] | None = (),
        level: int = 0,
    ) -> Any:
        asked_by = (globals or {}).get("__name__")
        more = _OF_PROGRAMS if asked_by == MAIN else frozenset()
        if asked_by in (MODULE, MAIN) and name.partition(".")[0] not in allowed | more:
            raise ImportError(f"{name} cannot be imported in a strategy", name=name)
        return original(name, globals, locals, fromlist or (), level)

    builtins.__import__ = filtered
    sys.path.clear()
    sys.path_importer_cache.clear()


def _limit_resources(*, cpu_seconds: int, memory_bytes: int) -> None:
    try:
        import resource
    except ImportError:
        return  # Windows has none of them; the run monitor's clock remains
    used = math.ceil(time.process_time())  # the imports; the limit counts from the start of the process
    wanted = {"RLIMIT_CPU": used + cpu_seconds, "RLIMIT_FSIZE": 0, "RLIMIT_CORE": 0, "RLIMIT_NOFILE": 64}
    if sys.platform == "linux":
        wanted["RLIMIT_AS"] = memory_bytes
    for name, limit in wanted.items():
        kind = getattr(resource, name)
        hard = resource.getrlimit(kind)[1]
        most = sys.maxsize if hard == resource.RLIM_INFINITY else hard
        soft = min(limit, most)
        later = 1 if name == "RLIMIT_CPU" else 0  # first the signal that says why, then the one that cannot be caught
        resource.setrlimit(kind, (soft, min(soft + later, most)))
