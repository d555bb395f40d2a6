"""A zygote that says what each run monitor used of the processor, with its child and its own fork. Otherwise it is the application's."""

import os
import resource
import signal
import socket
import struct
from typing import NoReturn

from core.sandbox import lockdown, zygote
from core.sandbox.lockdown import Layer

SECONDS = struct.Struct("<dq")
"""What a run used, and the process that says so."""


def main(usual: int, rest: int, wanted: list[str], report: int) -> None:
    """Serve as the zygotes do; `report` is told the processor seconds of each run."""
    begin_run = zygote._become_run_monitor

    def count_run(control: socket.socket, descriptors: list[int], way: bytes, layers: frozenset[Layer], address_space: int) -> NoReturn:
        """Between zygote and run monitor: a process that does nothing but wait, so that the kernel adds up what was used."""
        lockdown.die_with_parent()
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        pid = os.fork()
        if pid == 0:
            os.close(report)
            begin_run(control, descriptors, way, layers, address_space)
        for descriptor in (control.fileno(), *descriptors):
            os.close(descriptor)
        os.waitpid(pid, 0)
        used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
        os.write(report, SECONDS.pack(sum(one.ru_utime + one.ru_stime for one in used), os.getpid()))
        os._exit(0)

    zygote._become_run_monitor = count_run
    zygote.main(usual, rest, wanted)
