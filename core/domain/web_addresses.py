"""Addresses of the web as every server of the product judges them: which names are this machine's own, which pages are a server's own."""

import ipaddress
import re
from urllib.parse import urlsplit

LOCAL_NAMES = frozenset({"localhost", "127.0.0.1", "::1"})
"""Host names under which only this machine itself is reached."""


def parse_host(host: str) -> str:
    """Parse the name out of a Host header, lower case, without port and brackets; empty when it cannot be one.

    >>> parse_host("LocalHost:8501"), parse_host("[::1]:8501"), parse_host("a@b"), parse_host("evil.test.")
    ('localhost', '::1', '', 'evil.test.')
    """
    if not host or re.search(r"[\s@/\\?#,]", host):
        return ""
    try:
        return (urlsplit(f"//{host}").hostname or "").lower()
    except ValueError:
        return ""


def is_same_origin(origin: str, host: str) -> bool:
    """True when a page came from the very host and port that it now asks; browsers cannot be made to lie about that.

    >>> is_same_origin("http://localhost:8501", "localhost:8501"), is_same_origin("http://localhost:9000", "localhost:8501")
    (True, False)
    """
    try:
        found = urlsplit(origin)
    except ValueError:
        return False
    return found.scheme in ("http", "https") and found.netloc.lower() == host.lower() != ""


def is_loopback(address: str) -> bool:
    """True for an address that only this machine reaches; also for the path of a Unix socket, and where nothing is known.

    >>> is_loopback("127.0.0.1"), is_loopback("::1"), is_loopback("0.0.0.0"), is_loopback("192.168.1.4"), is_loopback("/run/s.sock")
    (True, True, False, False, True)
    """
    if address in LOCAL_NAMES or not address or "/" in address:
        return True
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return False
    mapped = getattr(found, "ipv4_mapped", None)
    return (mapped or found).is_loopback
