"""Code of the browser's side: files of `pages/assets`, read for the components that are made of them."""

from pathlib import Path

ASSETS = Path(__file__).resolve().parent.parent / "assets"


def read_browser_code(*names: str) -> str:
    """Read files of the browser's side as one text."""
    return "\n".join((ASSETS / name).read_text(encoding="utf-8") for name in names)
