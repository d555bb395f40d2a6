"""A server for several people: a link for each browser, and a sign-in at a real provider that leads back to where it began."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.e2e.conftest import Served, Visit, write_login
from tests.ports import find_free_port

pytestmark = pytest.mark.e2e


def read_links(log: Path) -> dict[str, str]:
    """The links that the server printed, by role."""
    return dict(re.findall(r"\((admin|viewer|analyst)\):\s+http://[^/]+(/\S+)", log.read_text()))


def come_in(tab: Visit, link: str) -> None:
    tab.page.goto(tab.url + link)
    tab.page.get_by_role("button", name="Come in").click()
    tab.settle()


def test_a_viewer_comes_in_by_a_link_looks_at_everything_and_changes_nothing(
    serve: Callable[..., Served], visit: Callable[..., Visit], tmp_path: Path
) -> None:
    served = serve(tmp_path / "home", "--share")
    links = read_links(tmp_path / "server.log")
    stranger, guest, operator = visit(served), visit(served), visit(served)

    assert "Ask whoever runs it" in stranger.page.goto(served.url).text()  # type: ignore[union-attr]
    come_in(operator, links["admin"])
    come_in(guest, links["viewer"])
    expect(guest.page.get_by_text("You look as a viewer")).to_be_visible()

    guest.open("driving?asset=AAPL")
    guest.page.get_by_role("button", name=re.compile("^Execute")).first.click()
    guest.settle()
    guest.page.get_by_text("This needs the role analyst").first.wait_for()
    assert guest.page.goto(f"{served.url}{links['viewer']}").status == 403  # type: ignore[union-attr]

    operator.open("settings?tab=People")
    operator.page.get_by_role("tab", name="People").click()
    operator.settle()
    rows = operator.page.get_by_role("button", name="Send away", exact=True)
    rows.first.wait_for()
    before = rows.count()
    operator.click("Send away")
    expect(rows).to_have_count(before - 1)
    assert guest.page.goto(served.url).status == 403  # type: ignore[union-attr]


def test_a_sign_in_leads_back_to_the_link_that_was_opened_and_the_person_is_known(
    serve: Callable[..., Served], visit: Callable[..., Visit], provider: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    port = find_free_port()
    write_login(tmp_path, provider, f"http://127.0.0.1:{port}/oauth2callback")
    monkeypatch.setenv("STRATLOOP_ADMINS", "ann@firm.example")
    tab = visit(serve(tmp_path / "home", port=port))
    tab.page.route(re.compile("^https://"), lambda route: route.abort())  # the provider's page asks for a style sheet of others

    tab.open("library?filter=x")
    tab.page.get_by_role("button", name="Sign in").click()
    tab.page.wait_for_url(f"{provider}/**")
    tab.page.get_by_role("button", name=re.compile("ann")).first.click()
    tab.page.wait_for_url("**/library?filter=x")
    tab.settle()
    expect(tab.page.get_by_role("heading", name="Library")).to_be_visible()

    tab.open("settings")
    tab.page.get_by_role("tab", name="People").click()
    tab.settle()
    tab.page.get_by_text("admin, named by STRATLOOP_ADMINS").wait_for()
    tab.page.get_by_role("button", name="Sign out").wait_for()
