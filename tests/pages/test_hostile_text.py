"""Text of strategies, models and files is shown as text: no link, no icon, no image, no formatting comes of it."""

import re
from collections.abc import Callable
from datetime import UTC, datetime

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from core.domain.backtest import Certificate, CodeFault, Method, OutcomeStatus, Stage, Verdict
from core.domain.finding import Finding
from core.domain.iteration import Iteration, IterationDetail
from core.domain.run import Run, Status
from core.services import Services
from pages.components import formatting
from tests.pages.conftest import plan_of

Open = Callable[..., AppTest]
HOSTILE = "**bold** [link](http://evil.test) ![picture](http://evil.test/x.png) <img src=x> :material/delete: :red[alarm] $x^2$ `code`"
MARKS = ("[link", "[picture", "**bold", "<img", ":red[alarm", ":material/delete:", "$x", "`code")


@pytest.fixture
def hostile(furnished: Services) -> Run:
    """A finished run in which everything that others write is hostile."""
    plan = plan_of(furnished)
    run = furnished.store.create_run(plan.changed(workflow=plan.workflow.changed(name=HOSTILE)))
    iteration = Iteration(
        run_id=run.id,
        number=0,
        parent=None,
        status=OutcomeStatus.ERROR,
        stage=Stage.RUN,
        error=CodeFault(message=HOSTILE, line=3, hint=HOSTILE, kind=HOSTILE),
        change=HOSTILE,
        hypothesis=HOSTILE,
        model=f"someone/{HOSTILE}",
        code=f"# {HOSTILE}",
        answer=HOSTILE,
        findings=(Finding(code="x", severity=3, message=HOSTILE, fix=HOSTILE),),
        certificate=Certificate(verdict=Verdict.NOT_CHECKABLE, method=Method.FAST, checked=HOSTILE),
        isolation_level=2,
        log=HOSTILE,
        notes=(HOSTILE,),
        created=datetime.now(UTC),
    )
    furnished.store.append(IterationDetail(iteration=iteration, equity=np.empty(0), position=np.empty(0), fills=(), trades=()))
    furnished.store.save_run(furnished.store.read_run(run.id).changed(status=Status.FAILED, message=HOSTILE, iterations=1))
    return run


def live(part: str) -> str:
    """Markdown without the signs that a backslash has disarmed."""
    return re.sub(r"\\.", "?", part)


def rendered(app: AppTest) -> list[str]:
    """Everything on the screen in which Streamlit reads Markdown."""
    kinds = ("title", "header", "markdown", "caption", "error", "warning", "info", "success", "toast")
    parts = [str(part.value) for kind in kinds for part in getattr(app, kind)]
    parts += [
        str(part.label) for kind in ("button", "checkbox", "selectbox", "multiselect", "toggle", "metric") for part in getattr(app, kind)
    ]
    parts += [str(part.value) for part in app.page_link]
    parts += [str(option) for box in app.radio for option in box.options]
    return parts


@pytest.mark.parametrize("tab", ["Figures", "Price and trades", "Months", "Luck", "Code", "Log"])
def test_nothing_that_a_strategy_or_a_model_wrote_is_read_as_markdown(open_screen: Open, hostile: Run, tab: str) -> None:
    app = open_screen("library", run=hostile.id)
    app.session_state[f"library_closer_tabs_{hostile.id}_0"] = tab
    app.run()
    assert not app.exception
    for part in rendered(app):
        assert not any(mark in live(part) for mark in MARKS), part
    assert any("alarm" in part for part in rendered(app))  # it is there, as text


def test_the_same_holds_where_runs_are_listed_and_compared(open_screen: Open, hostile: Run) -> None:
    for screen, query in (("", {}), ("driving", {"run": hostile.id}), ("compare", {"it": f"{hostile.id}:0,{HOSTILE}"})):
        app = open_screen(screen, **query)
        for part in rendered(app):
            assert not any(mark in live(part) for mark in MARKS), part


def test_a_hostile_workflow_is_only_text_in_the_builder(empty: Open) -> None:
    app = empty("builder")
    app.button(key="builder_first_sma_cross").click().run()
    for key in ("builder_name", "builder_description", "builder_r1_note"):
        app.text_input(key=key).set_value(HOSTILE).run()
    app.multiselect(key="builder_r1_indicators").set_value([HOSTILE, "sma(20)"]).run()
    assert not app.exception
    for part in rendered(app):
        assert not any(mark in live(part) for mark in MARKS), part


@pytest.mark.parametrize(
    "text", ["http://evil.test", "HTTPS://evil.test/x", "www.evil.test", "me@evil.test", "xmpp:a@b.c", "see ftp://x.y now"]
)
def test_a_bare_address_in_foreign_text_is_no_link(text: str) -> None:
    shown = formatting.escape(text).replace("\\", "")
    assert re.search(r"(?i)https?://|www\.|[\w.+-]@\w|(mailto|xmpp|ftp):(?!\u2060)", shown) is None
