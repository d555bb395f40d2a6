"""Help: every guide is shown and found, links stay in the app, and each screen opens the guide that belongs to it."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from pages.components.guides import FOLDER, SCREEN_TOPICS, TOPICS, find_sections, list_guides, read_guide
from tests.pages.conftest import shown

Open = Callable[..., AppTest]
FOR_BUILDERS = {"README", "architecture"}


def test_every_guide_for_users_is_in_the_app() -> None:
    assert {file.stem for file in FOLDER.glob("*.md")} - FOR_BUILDERS == set(TOPICS)


def test_links_between_guides_open_them_in_the_app_and_lead_nowhere_else() -> None:
    targets = [target for guide in list_guides() for target in re.findall(r"\]\(([^)\s]+)\)", guide.text)]
    assert "help?topic=driving" in targets
    assert {target for target in targets if "://" not in target and not target.startswith(("#", "help?topic="))} == set()


def test_a_search_finds_sections_with_every_word_and_those_named_so_first() -> None:
    found = find_sections("hold-out")
    assert found[0].heading.lower().find("hold-out") >= 0
    assert "hold-out" in found[0].excerpt.lower()
    assert find_sections("hold-out zzzz") == ()
    assert find_sections("  ") == ()


def test_unknown_topics_are_no_files() -> None:
    assert read_guide("../README") is None
    assert read_guide("architecture") is None


def test_each_screen_has_a_guide_of_its_own() -> None:
    pages = {file.stem for file in (Path(FOLDER).parent / "pages").glob("*.py")} - {"__init__", "shell", "help"}
    assert set(SCREEN_TOPICS) == pages
    assert set(SCREEN_TOPICS.values()) <= set(TOPICS)


@pytest.mark.parametrize(("topic", "words"), [("guide-code", "Compile without a model"), ("evidence", "luck"), ("nothing", "Execute")])
def test_a_guide_is_opened_by_the_address(empty: Open, topic: str, words: str) -> None:
    app = empty("help", topic=topic)
    assert words in shown(app)


def test_what_is_looked_for_stands_in_the_place_of_the_guide(empty: Open) -> None:
    app = empty("help")
    app.text_input(key="help_search").set_value("patience").run()
    assert "patience" in shown(app).lower()
    app.text_input(key="help_search").set_value("qqqq").run()
    assert "No guide speaks of" in shown(app)
