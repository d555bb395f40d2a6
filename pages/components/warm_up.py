"""Loading of what the screens need before anybody asks for it, and its removal from the sight of the garbage collector."""

import gc
import importlib
import pkgutil
import threading
import time

import pages.components

LIBRARIES = ("altair", "pandas", "pandas.io.formats.style", "pyarrow", "numpy", "rich")
"""Libraries that screens draw with; the rooms load their own."""
SECONDS_BETWEEN_COLLECTIONS = 5.0
LONG_COLLECTION = 0.02
"""Seconds of the processor; objects that are in the collector's sight cost about one millionth each."""
SECONDS_BETWEEN_SETTLINGS = 900.0
"""A session that was alive when the heap was taken out of sight is garbage for so long at most."""


def load_screens() -> None:
    """Import whatever the screens import, so that no visitor waits for it."""
    for name in LIBRARIES:
        importlib.import_module(name)
    for module in pkgutil.iter_modules(pages.components.__path__, f"{pages.components.__name__}."):
        importlib.import_module(module.name)


def settle_heap() -> int:
    """Take everything that is alive out of the collector's sight; gives the number of objects.

    Libraries and what is kept for all sessions are several hundred thousand objects, and looking through them takes longer than drawing
    a screen. Garbage among them, and what became garbage since the last time, is collected first, or it would stay for ever.
    """
    gc.unfreeze()
    gc.collect()
    gc.freeze()
    return gc.get_freeze_count()


def collect_garbage() -> None:
    """Collect what drawing left behind. Where that took long, screens have loaded more that stays: it is taken out of sight too."""
    began = time.thread_time()
    gc.collect()
    if time.thread_time() - began > LONG_COLLECTION:
        gc.freeze()


def keep_heap_small(closing: threading.Event) -> None:
    """Collect in the background until the server closes, so that no click waits for it (`runner.postScriptGC` is off)."""
    settled = time.monotonic()
    while not closing.wait(SECONDS_BETWEEN_COLLECTIONS):
        young, *older = gc.get_count()
        if young < gc.get_threshold()[0] and not any(older):  # nothing was drawn
            continue
        if time.monotonic() - settled > SECONDS_BETWEEN_SETTLINGS:
            settle_heap()
            settled = time.monotonic()
        else:
            collect_garbage()
