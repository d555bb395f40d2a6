"""Ports of this machine for servers that tests start as processes of their own, which cannot be handed a socket that listens."""

import itertools
import random
import socket

LOWEST, HIGHEST = 11_000, 32_000
"""Below those that systems give to whoever asks for any port: one that is free now is not given away before its server has it."""


def find_free_ports(count: int) -> list[int]:
    """Find different ports of loopback that nobody uses, and that nobody else gets by chance."""
    drawn = random.SystemRandom().sample(range(LOWEST, HIGHEST), 1_000)
    return list(itertools.islice(filter(_is_free, drawn), count))


def find_free_port() -> int:
    """Find one port of loopback as `find_free_ports` does."""
    return find_free_ports(1)[0]


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # what has just ended there may be waiting for stragglers
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True
