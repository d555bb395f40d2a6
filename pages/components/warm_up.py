"""Loading of what the screens need before anybody asks for it, and its removal from the sight of the garbage collector."""

import gc
import importlib
import pkgutil

import pages.components

LIBRARIES = ("altair", "pandas", "pandas.io.formats.style", "pyarrow", "numpy", "rich")
"""Libraries that screens draw with; the rooms load their own."""


def load_screens() -> None:
    """Import whatever the screens import, so that no visitor waits for it."""
    for name in LIBRARIES:
        importlib.import_module(name)
    for module in pkgutil.iter_modules(pages.components.__path__, f"{pages.components.__name__}."):
        importlib.import_module(module.name)


def settle_heap() -> int:
    """Take everything that is loaded for good out of the collector's sight; gives the number of objects.

    After each drawing of a screen Streamlit collects the whole heap. With the libraries in it that is half a million objects, and
    takes longer than the drawing itself. Garbage that is there now is collected first, or it would stay for ever; what sessions make
    later is collected as before.
    """
    gc.collect()
    gc.freeze()
    return gc.get_freeze_count()
