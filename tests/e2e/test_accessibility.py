"""Screens on which a strategy is made can be used by everybody, and so can their menus and the editor."""

from collections.abc import Callable

import pytest

from tests.e2e.conftest import Served, Visit
from tests.e2e.every_screen import find_faults
from tests.e2e.keyboard import find_keyboard_faults, open_menu

pytestmark = pytest.mark.e2e

SCREENS = ("", "builder", "code", "market", "help?topic=models&section=money")


def test_every_screen_of_making_can_be_used_by_everybody_and_says_nothing_to_the_console(
    dashboard: Served, visit: Callable[..., Visit]
) -> None:
    assert find_faults(dashboard, visit, SCREENS) == {}


MENU_BUTTON = '[data-testid="stPopover"] button'


def test_a_menu_is_entered_and_left_with_the_keyboard(dashboard: Served, visit: Callable[..., Visit]) -> None:
    tab = visit(dashboard)
    tab.open("builder")
    tab.click("Start from this")
    open_menu(tab.page, MENU_BUTTON)
    tab.page.keyboard.press("Escape")
    tab.page.wait_for_function(f"() => document.activeElement.matches({MENU_BUTTON!r})")


def test_the_editor_is_left_with_the_keyboard(dashboard: Served, visit: Callable[..., Visit]) -> None:
    tab = visit(dashboard)
    tab.open("builder")
    tab.click("Start from this")
    tab.open("code")
    tab.click("Compile without a model")
    tab.page.wait_for_selector('iframe[src*="streamlit_ace"]')
    assert find_keyboard_faults(tab.page) == []
