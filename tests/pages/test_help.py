"""Help: every guide is shown and found, links stay in the app, and each screen opens the guide that belongs to it."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from pages.components.guides import (
    FOLDER,
    SCREEN_GUIDES,
    TAB_GUIDES,
    TOPICS,
    GuidePlace,
    find_guide_place,
    find_sections,
    list_guides,
    name_section,
    read_guide,
    split_sections,
)
from tests.pages.conftest import shown

Open = Callable[..., AppTest]
FOR_BUILDERS = {"README", "architecture"}


def test_every_guide_for_users_is_in_the_app() -> None:
    assert {file.stem for file in FOLDER.glob("*.md")} - FOR_BUILDERS == set(TOPICS)


def test_links_between_guides_open_them_in_the_app_and_lead_nowhere_else() -> None:
    texts = [guide.text for guide in list_guides()]
    within = {target for text in texts for target in re.findall(r'<a href="([^"]+)" target="_self">', text)}
    assert "help?topic=driving" in within
    assert {target.partition("&")[0] for target in within} <= {f"help?topic={topic}" for topic in TOPICS}
    elsewhere = {target for text in texts for target in re.findall(r"\]\(([^)\s]+)\)", text)}
    assert {target for target in elsewhere if "://" not in target and not target.startswith("#")} == set()


def list_places(topic: str) -> list[str]:
    guide = read_guide(topic)
    return [name_section(heading) for heading, _ in split_sections(guide.text)] if guide else []


def test_a_search_finds_sections_with_every_word_and_those_named_so_first() -> None:
    found = find_sections("hold-out")
    assert found[0].heading.lower().find("hold-out") >= 0
    assert "hold-out" in found[0].excerpt.lower()
    assert find_sections("hold-out zzzz") == ()
    assert find_sections("  ") == ()


def test_unknown_topics_are_no_files() -> None:
    assert read_guide("../README") is None
    assert read_guide("architecture") is None


def test_each_screen_and_each_tab_opens_a_section_that_is_there() -> None:
    pages = {file.stem for file in (Path(FOLDER).parent / "pages").glob("*.py")} - {"__init__", "shell", "help"}
    assert set(SCREEN_GUIDES) == pages
    places = [*SCREEN_GUIDES.values(), *TAB_GUIDES.values()]
    assert {place for place in places if name_section(place.section) not in ["", *list_places(place.topic)]} == set()


@pytest.mark.parametrize("topic", TOPICS)
def test_sections_of_a_guide_have_names_of_their_own(topic: str) -> None:
    names = list_places(topic)
    assert len(names) == len(set(names))


@pytest.mark.parametrize(
    ("screen", "tab", "place"),
    [
        ("market", "Upload", GuidePlace("market-data", "Files")),
        ("market", "Bars", GuidePlace("market-data", "Where bars come from")),
        ("settings", None, GuidePlace("models", "Keys")),
        ("help", None, None),
    ],
)
def test_the_tab_that_is_open_decides_what_the_guide_says(screen: str, tab: str | None, place: GuidePlace | None) -> None:
    assert find_guide_place(screen, tab) == place


def test_the_guide_of_a_tab_stands_in_the_header(empty: Open) -> None:
    app = empty("settings")
    links = [element.proto.query_string for element in app.get("page_link")]
    assert "topic=models&section=keys" in links


@pytest.mark.parametrize(("topic", "words"), [("guide-code", "Compile without a model"), ("evidence", "luck"), ("nothing", "Execute")])
def test_a_guide_is_opened_by_the_address(empty: Open, topic: str, words: str) -> None:
    app = empty("help", topic=topic)
    assert words in shown(app)


def test_a_section_is_opened_by_a_click_and_stands_in_the_address(empty: Open) -> None:
    app = empty("help", topic="models")
    app.button(key="help_section_of_money").click().run()
    assert app.query_params == {"topic": "models", "section": "money"}
    assert "Every call reserves its worst case" in shown(app)


def test_what_is_looked_for_stands_in_the_place_of_the_guide(empty: Open) -> None:
    app = empty("help")
    app.text_input(key="help_search").set_value("patience").run()
    assert "patience" in shown(app).lower()
    app.text_input(key="help_search").set_value("qqqq").run()
    assert "No guide speaks of" in shown(app)
