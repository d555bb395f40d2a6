"""A deep link on a fresh process goes through the shell: `pages/` beside the script would be served without it."""

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.e2e.conftest import ROOT, Served, Visit

pytestmark = pytest.mark.e2e


def test_a_deep_link_on_a_fresh_process_passes_the_shell(serve: Callable[[], Served], visit: Callable[..., Visit]) -> None:
    tab = visit(serve())
    tab.open("driving")
    expect(tab.page.get_by_role("heading", name="LLM driving")).to_be_visible()
    expect(tab.page.get_by_role("link", name="Library")).to_be_visible()  # the shell's navigation
    assert tab.page.title() == "LLM driving · Stratloop"


def test_a_deep_link_on_a_fresh_process_meets_the_access_gate_first(
    serve: Callable[..., Served], visit: Callable[..., Visit], tmp_path: Path
) -> None:
    secrets = tmp_path / ".streamlit" / "secrets.toml"
    secrets.parent.mkdir()
    secrets.write_text(
        '[auth]\nredirect_uri = "http://127.0.0.1/oauth2callback"\ncookie_secret = "only-for-this-test"\nclient_id = "test"\n'
        'client_secret = "test"\nserver_metadata_url = "http://127.0.0.1:9/.well-known/openid-configuration"\n'
    )
    tab = visit(serve())
    for screen in ("driving", "builder", "shell", "words", ""):
        tab.open(screen)
        expect(tab.page.get_by_role("button", name="Sign in"), screen).to_be_visible()
        assert tab.page.get_by_role("button", name="Execute").count() == 0, screen


def test_the_script_that_runs_has_no_pages_folder_beside_it() -> None:
    assert not (ROOT / "pages" / "pages").exists()
    assert 'ROOT / "pages" / "shell.py"' in (ROOT / "app.py").read_text()
