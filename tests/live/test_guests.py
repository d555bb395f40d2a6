"""Links let one browser in, once; whoever is in may do what the link said, until the time is over or somebody sends them away."""

from dataclasses import dataclass

import pytest
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route, WebSocketRoute
from starlette.testclient import TestClient
from starlette.websockets import WebSocket, WebSocketDisconnect

from core.domain.people import Role
from pages.live.door import Door
from pages.live.guests import COOKIE, GUEST_SECONDS, LINK_SECONDS, Guests, build_guest_routes

HERE = "http://localhost:8501"
SAME = {"origin": HERE}


@dataclass
class Clock:
    """A clock that stands still until somebody moves it."""

    now: float = 1_000_000.0

    def __call__(self) -> float:
        return self.now


async def answer(request: Request) -> Response:
    return PlainTextResponse("secret")


async def accept(socket: WebSocket) -> None:
    await socket.accept()
    await socket.close()


def browser(guests: Guests, base_url: str = HERE) -> TestClient:
    """A browser with a jar of its own in front of a shared server."""
    routes = [*build_guest_routes(guests), Route("/{path:path}", answer), WebSocketRoute("/{path:path}", accept)]
    door = Middleware(Door, hosts=tuple, has_login=lambda: False, guests=guests)
    return TestClient(Starlette(routes=routes, middleware=[door]), base_url=base_url, follow_redirects=False)


def come_in(visitor: TestClient, link: str, path: str = "/share") -> int:
    return visitor.post(path, data={"link": link}, headers={"origin": str(visitor.base_url).rstrip("/")}).status_code


def test_a_link_lets_the_first_browser_in_and_nobody_after_it() -> None:
    guests = Guests()
    link = guests.make_link(Role.VIEWER)
    first, second = browser(guests), browser(guests)

    assert "Come in" in first.get(f"/share?link={link}").text
    assert (come_in(first, link), come_in(second, link)) == (303, 403)
    assert (first.get("/").text, second.get("/").status_code) == ("secret", 403)
    assert "used before" in second.get(f"/share?link={link}").text


def test_looking_at_a_link_does_not_use_it_up() -> None:
    guests = Guests()
    link = guests.make_link(Role.VIEWER)
    for _ in range(3):
        browser(guests).get(f"/share?link={link}")
    assert come_in(browser(guests), link) == 303


@pytest.mark.parametrize("path", ["/", "/driving", "/_stcore/stream", "/live/runs/1", "/media/x.png", "/share/x", "/sharex"])
def test_without_a_link_nothing_is_answered_once_the_server_is_closed(path: str) -> None:
    guests = Guests()
    guests.close()
    visitor = browser(guests)

    assert visitor.get(path).status_code == 403
    with pytest.raises(WebSocketDisconnect), visitor.websocket_connect(path, headers=SAME):
        pass


def test_a_server_that_nobody_shared_asks_for_nothing() -> None:
    assert browser(Guests()).get("/").text == "secret"


@pytest.mark.parametrize("cookie", ["", "x", "a=b", f"{COOKIE}=", f"{COOKIE}=guess", f"{COOKIE}=\x01\x02", f'{COOKIE}="; {COOKIE}=x'])
def test_a_cookie_that_was_made_up_opens_nothing(cookie: str) -> None:
    guests = Guests()
    guests.make_link(Role.ADMIN)
    assert browser(guests).get("/", headers={"cookie": cookie}).status_code == 403


def test_links_and_visits_end_by_themselves() -> None:
    clock = Clock()
    guests = Guests(clock)
    late, soon = guests.make_link(Role.VIEWER), guests.make_link(Role.VIEWER)
    visitor = browser(guests)
    come_in(visitor, soon)

    clock.now += GUEST_SECONDS + 1
    assert (visitor.get("/").status_code, guests.list_inside()) == (403, ())
    clock.now += LINK_SECONDS
    assert come_in(browser(guests), late) == 403


def test_a_guest_whose_time_is_over_is_told_so_and_comes_back_as_the_same_one_with_a_new_link() -> None:
    clock = Clock()
    guests = Guests(clock)
    visitor, stranger = browser(guests), browser(guests)
    come_in(visitor, guests.make_link(Role.ANALYST))
    before = guests.list_inside()[0].id
    clock.now += GUEST_SECONDS + 1

    over = visitor.get("/driving?run=x")
    assert (over.status_code, "Your time here is over: a link counts for 8 hours" in over.text) == (403, True)
    assert "time here is over" not in stranger.get("/").text
    with pytest.raises(WebSocketDisconnect), visitor.websocket_connect("/_stcore/stream", headers=SAME):
        pass

    come_in(visitor, guests.make_link(Role.VIEWER))
    assert [(guest.id, guest.role) for guest in guests.list_inside()] == [(before, Role.VIEWER)]
    assert visitor.get("/").text == "secret"


def test_whoever_was_sent_away_and_whoever_was_the_operator_come_back_as_somebody_else() -> None:
    guests = Guests()
    visitor, operator = browser(guests), browser(guests)
    come_in(visitor, guests.make_link(Role.ANALYST))
    sent = guests.list_inside()[0].id
    guests.send_away(sent)
    come_in(operator, guests.make_link(Role.ADMIN, operator=True))

    for each in (visitor, operator):
        come_in(each, guests.make_link(Role.VIEWER))

    assert sent not in [guest.id for guest in guests.list_inside()]
    assert all(guest.person.id.startswith("guest-") for guest in guests.list_inside())


def test_whoever_is_sent_away_is_answered_no_more() -> None:
    guests = Guests()
    visitors = [browser(guests), browser(guests)]
    for visitor in visitors:
        come_in(visitor, guests.make_link(Role.ANALYST))

    guests.send_away(guests.list_inside()[0].id)

    assert [visitor.get("/").status_code for visitor in visitors] == [403, 200]


def test_the_cookie_is_out_of_reach_of_scripts_and_of_other_sites_and_leads_home() -> None:
    guests = Guests()
    found = browser(guests).post("/strat/share", data={"link": guests.make_link(Role.VIEWER)}, headers=SAME)

    cookie = found.headers["set-cookie"].lower()
    assert found.headers["location"] == "/strat/"
    assert all(word in cookie for word in ("httponly", "samesite=lax", "path=/strat/"))


def test_a_foreign_page_cannot_use_a_link_up() -> None:
    guests = Guests()
    link = guests.make_link(Role.VIEWER)
    found = browser(guests).post("/share", data={"link": link}, headers={"origin": "http://evil.test"})
    assert (found.status_code, guests.is_open(link)) == (403, True)


def test_what_a_link_says_is_no_markup() -> None:
    guests = Guests()
    guests.make_link(Role.VIEWER)
    assert "<script>" not in browser(guests).get("/share?link=<script>alert(1)</script>").text


def test_a_shared_server_is_reached_by_its_number_from_another_machine() -> None:
    guests = Guests()
    visitor = browser(guests, "http://10.0.0.7:8501")
    assert come_in(visitor, guests.make_link(Role.VIEWER)) == 303
    assert visitor.get("/").text == "secret"


def test_the_operator_works_on_the_drafts_of_this_machine_and_a_guest_on_their_own() -> None:
    guests = Guests()
    for operator in (True, False):
        guests.let_in(guests.make_link(Role.ADMIN, operator=operator))
    own, other = (guest.person.id for guest in guests.list_inside())
    assert (own, other.startswith("guest-")) == ("", True)
