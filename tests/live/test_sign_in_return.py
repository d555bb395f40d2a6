"""After a sign-in the address that was asked for is shown, and no address but this server's own."""

import pytest
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import PlainTextResponse, RedirectResponse, Response
from starlette.routing import Route
from starlette.testclient import TestClient

from pages.live.sign_in_return import COOKIE, SignInReturn

HTML = {"accept": "text/html"}


async def call_back(request: Request) -> Response:
    answer = RedirectResponse("/", 302)
    if "fails" not in request.query_params:
        answer.set_cookie("_streamlit_user", "somebody")
    return answer


async def show(request: Request) -> Response:
    return PlainTextResponse("page")


def browser(base: str = "") -> TestClient:
    routes = [Route("/oauth2callback", call_back), Route("/strat/oauth2callback", call_back), Route("/{path:path}", show)]
    app = Starlette(routes=routes, middleware=[Middleware(SignInReturn, base_path=base)])
    return TestClient(app, follow_redirects=False)


@pytest.mark.parametrize("address", ["/driving", "/library?run=ab12&tab=trades", "/compare?a=%C3%A9%26b"])
def test_the_link_that_was_opened_is_what_comes_after_the_sign_in(address: str) -> None:
    visitor = browser()
    visitor.get(address, headers=HTML)

    found = visitor.get("/oauth2callback?code=1")

    assert found.headers["location"] == address
    assert COOKIE not in visitor.cookies


def test_below_a_base_path_the_link_keeps_it() -> None:
    visitor = browser("/strat/")
    visitor.get("/strat/driving?x=1", headers=HTML)
    assert visitor.get("/strat/oauth2callback").headers["location"] == "/strat/driving?x=1"


def test_a_sign_in_that_failed_leads_where_it_led_and_keeps_the_link() -> None:
    visitor = browser()
    visitor.get("/driving", headers=HTML)
    assert visitor.get("/oauth2callback?fails=1").headers["location"] == "/"
    assert visitor.get("/oauth2callback").headers["location"] == "/driving"


@pytest.mark.parametrize(
    "address", ["//evil.test", "%2F%2Fevil.test", "/%5Cevil.test", "https://evil.test", "%2Fa%0D%0ASet-Cookie: x=1", "%"]
)
def test_no_cookie_leads_to_another_server(address: str) -> None:
    found = browser().get("/oauth2callback", headers={"cookie": f"{COOKIE}={address}"})
    assert found.headers["location"] == "/"


@pytest.mark.parametrize(("path", "headers"), [("/driving", {}), ("/_stcore/health", HTML), ("/", HTML), ("/auth/login", HTML)])
def test_what_is_no_screen_is_not_remembered(path: str, headers: dict[str, str]) -> None:
    visitor = browser()
    visitor.get(path, headers=headers)
    assert COOKIE not in visitor.cookies


def test_whoever_is_signed_in_gets_no_further_cookie() -> None:
    visitor = browser()
    visitor.cookies.set("_streamlit_user", "somebody")
    assert "set-cookie" not in visitor.get("/driving", headers=HTML).headers


@pytest.mark.parametrize("base", ["", "/strat"])
def test_a_sign_in_that_was_over_leads_back_to_the_screen_on_which_it_ended(base: str) -> None:
    visitor = browser(base)
    visitor.cookies.set("_streamlit_user", "somebody, twelve hours ago")

    visitor.get(f"{base}/auth/login", headers=HTML | {"referer": f"http://testserver{base}/builder?workflow=a%20b"})

    assert visitor.get(f"{base}/oauth2callback").headers["location"] == f"{base}/builder?workflow=a%20b"


@pytest.mark.parametrize(
    "referer", ["", "http://testserver/", "http://testserver", "http://testserver/oauth2callback?code=1", "http://[", "http://a//evil.test"]
)
def test_a_sign_in_from_no_screen_keeps_what_was_remembered(referer: str) -> None:
    visitor = browser()
    visitor.get("/driving", headers=HTML)
    visitor.get("/auth/login", headers=HTML | {"referer": referer})
    assert visitor.get("/oauth2callback").headers["location"] == "/driving"
