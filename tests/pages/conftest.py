"""Screens run by AppTest over the real services in a home of their own."""

import shutil
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

import core.services
from core.domain.bars_request import BarsRequest
from core.domain.run import ModelChoice, Run, RunPlan
from core.services import Services, Settings
from pages.components import kept_charts
from tests.quick_screens import installed_components_are_listed_once, scripts_are_compiled_once_and_waited_for_in_peace

__all__ = ["installed_components_are_listed_once", "scripts_are_compiled_once_and_waited_for_in_peace"]
SHELL = Path(__file__).resolve().parents[2] / "pages" / "shell.py"


@pytest.fixture(autouse=True)
def _charts_are_checked(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every chart that a test draws is held against Altair's schema, which the product leaves out."""
    monkeypatch.setattr(kept_charts, "CHECKS_SCHEMA", True)


@pytest.fixture(scope="session")
def furnished_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home with one finished run of three loops in its history."""
    home = tmp_path_factory.mktemp("furnished")
    services = Services(Settings(home=home))
    services.runs.run_here(plan_of(services, loops=3))
    services.close()
    return home


@pytest.fixture(scope="module")
def furnished(furnished_home: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Services]:
    """Services over a copy of that home, which the tests of a module may change."""
    home = tmp_path_factory.mktemp("home")
    shutil.copytree(furnished_home, home, dirs_exist_ok=True)
    services = Services(Settings(home=home))
    yield services
    services.close()


def plan_of(services: Services, **changes: object) -> RunPlan:
    """A small run on real prices."""
    plan = RunPlan(
        workflow=services.workbench.find_workflow("sma_cross"),
        bars=BarsRequest(symbol="AAPL", start=date(2006, 1, 1), end=date(2009, 12, 31)),
        model=ModelChoice(id="built-in"),
        loops=3,
        minimum_trades=1,
    )
    return plan.changed(**changes)


@pytest.fixture
def finished(furnished: Services) -> Run:
    """The run that is in the history."""
    return furnished.store.list_runs(limit=50)[-1]


@pytest.fixture
def open_screen(furnished: Services, monkeypatch: pytest.MonkeyPatch) -> Callable[..., AppTest]:
    """Opens a screen the way a browser does, through the shell, over the furnished services."""
    return _opener(furnished, monkeypatch)


@pytest.fixture
def empty(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., AppTest]]:
    """Opens a screen over a history in which nothing ever happened."""
    services = Services(Settings(home=tmp_path))
    yield _opener(services, monkeypatch)
    services.close()


def _opener(services: Services, monkeypatch: pytest.MonkeyPatch) -> Callable[..., AppTest]:
    monkeypatch.setattr(core.services, "_services", services)
    st.cache_data.clear()
    st.cache_resource.clear()

    def start(screen: str = "", **query: str) -> AppTest:
        app = AppTest.from_file(str(SHELL), default_timeout=240)
        for name, value in query.items():
            app.query_params[name] = value
        if screen:
            app.switch_page(f"{screen}.py")
        app.run()
        assert not app.exception, app.exception
        return app

    return start


def shown(app: AppTest) -> str:
    """Everything that can be read on a screen."""
    parts = [*app.title, *app.header, *app.markdown, *app.caption, *app.text, *app.error, *app.warning, *app.metric, *app.code]
    return "\n".join(str(part.value) for part in parts) + "\n".join(metric.label for metric in app.metric)
