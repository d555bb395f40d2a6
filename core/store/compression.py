"""Long texts of the history, compressed against a text of their kind; short ones, and all of earlier versions, lie there as they are.

Iterations hold a prompt, an answer and a program, which are much alike from one to the next. A dictionary that ships with the product
carries what they share, so that a row needs no other row to be read. A dictionary never changes: a better one is a further file with a
mark of its own.
"""

import base64
import zlib
from functools import cache
from pathlib import Path

DICTIONARIES = {"~1": "1.txt"}
"""Dictionaries by the mark that texts begin with; JSON never begins with one."""
NEWEST = "~1"
LEAST = 200
"""Shorter texts are left alone: there is nothing to gain."""
WINDOW = 32_000
"""The most of a dictionary that is of use."""


@cache
def _load(mark: str) -> bytes:
    return (Path(__file__).parent / "dictionaries" / DICTIONARIES[mark]).read_bytes()[-WINDOW:]


def pack_text(text: str) -> str:
    """Compress a text for its column; the same text gives the same bytes, and `unpack_text` gives it back to the letter.

    >>> packed = pack_text("close above its average, " * 40)
    >>> len(packed) < 100, unpack_text(packed) == "close above its average, " * 40, pack_text("short")
    (True, True, 'short')
    """
    if len(text) < LEAST and not text.startswith(NEWEST[0]):
        return text
    press = zlib.compressobj(9, zdict=_load(NEWEST))
    packed = press.compress(text.encode("utf-8", "surrogatepass")) + press.flush()
    return NEWEST + base64.b64encode(packed).decode("ascii")


def unpack_text(stored: str) -> str:
    """Read what `pack_text` or an earlier version stored. Raises ValueError and zlib.error where it is damaged."""
    mark = stored[: len(NEWEST)]
    if mark not in DICTIONARIES:
        return stored
    press = zlib.decompressobj(zdict=_load(mark))
    text = press.decompress(base64.b64decode(stored[len(mark) :], validate=True)) + press.flush()
    if not press.eof:
        raise ValueError("it is cut off")
    return text.decode("utf-8", "surrogatepass")
