"""Paths of the screens, for links and switches between them. Screens know each other only through here."""

from pathlib import Path

FOLDER = Path(__file__).resolve().parent.parent


def screen(name: str) -> str:
    """Path of a screen, as `st.page_link` and `st.switch_page` take it.

    >>> Path(screen("builder")).name
    'builder.py'
    """
    return str(FOLDER / f"{name}.py")
