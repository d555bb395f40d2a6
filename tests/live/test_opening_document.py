"""The first document of a visit says where its server is, so that the browser looks for it nowhere else."""

import pytest
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.responses import HTMLResponse, JSONResponse
from starlette.routing import Route
from starlette.testclient import TestClient

from pages.live.opening_document import OpeningDocument

PAGE = "<html><head><title>Streamlit</title></head><body>é</body></html>"


def visit(base_path: str, path: str, accept: str = "text/html") -> tuple[str, int]:
    """What comes back, and its stated length."""
    routes = [
        Route("/builder", lambda request: HTMLResponse(PAGE)),
        Route("/data", lambda request: JSONResponse({"head": "<head>"})),
    ]
    app = Starlette(routes=routes, middleware=[Middleware(OpeningDocument, base_path=base_path)])
    answer = TestClient(app).get(path, headers={"accept": accept})
    assert answer.status_code == 200
    return answer.text, int(answer.headers["content-length"]) - len(answer.content)


@pytest.mark.parametrize(("base_path", "told"), [("", 'origin + ""'), ("/desk/", 'origin + "/desk"')])
def test_the_document_tells_the_address_below_which_everything_is_served(base_path: str, told: str) -> None:
    text, missing = visit(base_path, "/builder")
    assert told in text
    assert "<title>Stratloop</title>" in text
    assert missing == 0


@pytest.mark.parametrize(("path", "accept"), [("/data", "text/html"), ("/builder", "*/*")])
def test_nothing_else_is_changed(path: str, accept: str) -> None:
    text, missing = visit("", path, accept)
    assert "BACKEND_BASE_URL" not in text
    assert missing == 0
