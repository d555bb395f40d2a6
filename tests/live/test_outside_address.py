"""The server asks nobody on the internet for its own address."""

import pytest
from streamlit import net_util
from streamlit.web.server.server_util import is_url_from_allowed_origins

from pages.live.outside_address import leave_unasked


def test_a_page_of_elsewhere_is_refused_without_asking_the_internet(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []
    monkeypatch.setattr(net_util, "_make_blocking_http_get", lambda address, timeout: asked.append(address))
    monkeypatch.setattr(net_util, "get_external_ip", net_util.get_external_ip)

    leave_unasked(net_util)

    assert not is_url_from_allowed_origins("https://evil.example")
    assert net_util.get_external_ip() is None
    assert asked == []
