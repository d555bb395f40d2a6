"""The address under which the internet sees this machine: the server asks nobody for it.

Streamlit asks a service of Amazon for it where a server listens on every address, to print it, and where a page of somewhere else opens a
socket, to compare it. Nothing here needs it, and that a server was started is nobody's business.
"""

from types import ModuleType


def leave_unasked(net: ModuleType) -> None:
    """Let Streamlit's `net_util` know of no address on the internet, without asking."""
    net.get_external_ip = _know_none  # type: ignore[attr-defined]


def _know_none() -> None:
    return None
