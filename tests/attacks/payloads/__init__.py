"""Hostile strategies by category, as text: they are only ever run inside the sandbox, or (the harmless ones) inside throw-away namespaces."""

from itertools import chain

from tests.attacks.arena import Payload
from tests.attacks.payloads import engine, files, future, limits, network, objects, processes

ALL: tuple[Payload, ...] = tuple(
    chain(files.PAYLOADS, network.PAYLOADS, processes.PAYLOADS, objects.PAYLOADS, limits.PAYLOADS, engine.PAYLOADS, future.PAYLOADS)
)
