"""The shell: what stands between a visitor and the screens."""

import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

import core.services
from core.domain.isolation import Isolation
from core.services import Services, Settings
from core.services.installation import Installation
from pages.components import frame
from tests.pages.conftest import SHELL, shown

Open = Callable[..., AppTest]


def opened_over(services: Services, monkeypatch: pytest.MonkeyPatch) -> AppTest:
    """The dashboard over these services."""
    monkeypatch.setattr(core.services, "_services", services)
    return AppTest.from_file(str(SHELL), default_timeout=240).run()


def test_a_history_of_a_newer_version_is_said_and_left_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    Services(Settings(home=tmp_path)).store.close()
    with sqlite3.connect(tmp_path / "stratloop.db") as database:
        database.execute("update alembic_version set version_num = '9999'")
    before = (tmp_path / "stratloop.db").read_bytes()
    app = opened_over(Services(Settings(home=tmp_path)), monkeypatch)
    assert "The history cannot be opened" in shown(app)
    assert "newer version" in app.error[0].value
    assert app.button(key="shell_retry")
    assert not app.title  # no screen behind it
    assert (tmp_path / "stratloop.db").read_bytes() == before


def test_a_history_that_is_no_database_is_said_in_words(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "stratloop.db").write_bytes(b"this is not a database, it is a text of more than one hundred bytes " * 4)
    app = opened_over(Services(Settings(home=tmp_path)), monkeypatch)
    assert "The history cannot be opened" in shown(app)
    assert not app.exception


def test_a_home_that_cannot_be_made_is_said_in_words(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").write_text("in the way")
    app = opened_over(Services(Settings(home=tmp_path / "file" / "home")), monkeypatch)
    assert "The history cannot be opened" in shown(app)
    assert "STRATLOOP\\_HOME" in app.error[0].value


class Unisolated(Installation):
    """An installation on a machine that isolates nothing."""

    def known_isolation(self) -> Isolation:
        return Isolation(level=0, detail="No kernel barrier is there.")


def test_a_sandbox_that_cannot_isolate_says_so_on_every_screen(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    services = Services(Settings(home=tmp_path))
    services.installation = Unisolated(services.rooms)
    app = opened_over(services, monkeypatch)
    for screen in ("home.py", "library.py"):
        app.switch_page(screen).run()
        assert "run only code that you trust" in app.warning[0].value
        assert "No kernel barrier" in app.warning[0].value


def test_a_fault_of_our_own_shows_an_id_and_writes_the_details_down(empty: Open) -> None:
    app = empty()
    home = core.services.services().settings.home

    def script() -> None:
        from pages.components.frame import report_bug

        report_bug(ZeroDivisionError("in a screen"))

    shown_app = AppTest.from_function(script).run()
    number = shown_app.error[0].value.split("number ")[1].split(")")[0].replace("\\", "")
    assert number in (home / "logs" / "errors.log").read_text()
    assert "ZeroDivisionError" not in shown_app.error[0].value
    assert app.title


def test_an_expected_failure_of_a_screen_is_words_and_not_a_traceback() -> None:
    def script() -> None:
        from core.domain.errors import MarketDataError
        from pages.components.frame import show_errors

        with show_errors():
            raise MarketDataError("No bars of **X**.", hint="Try Y.")

    app = AppTest.from_function(script).run()
    assert "No bars of \\*\\*X\\*\\*" in app.error[0].value
    assert frame.log.name == "stratloop"
