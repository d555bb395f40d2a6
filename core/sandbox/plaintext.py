"""Text from strategies is hostile: it may move the cursor, turn the reading direction, hide letters or never end. It becomes plain here."""

import re
import unicodedata

_ESCAPES = re.compile(
    r"\x1b\[[0-?]*[ -/]*[@-~]"  # CSI: colors, cursor, clear screen
    r"|\x1b[\]PX^_].*?(?:\x07|\x1b\\|\x9c|$)"  # OSC and the other strings: titles, links, clipboard
    r"|\x1b[ -/]*[0-~]"  # two-character sequences
    r"|\x9b[0-?]*[ -/]*[@-~]",  # CSI as one character
    re.DOTALL,
)
_KEPT = {"\n", "\t"}
_UNSEEN = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}
"""Control, format (reading direction, zero width), surrogate, private, unassigned, line and paragraph separators."""
CUT = "… [cut]"


def sanitize(text: str, limit: int) -> str:
    """Sanitize `text`: no control sequences or invisible characters, at most `limit` characters long; the cut is marked.

    >>> sanitize("\\x1b[31mred\\x1b[0m \\u202eflow", 20)
    'red flow'
    >>> sanitize("abcdefghijkl", 10)
    'abc… [cut]'
    """
    text = text[: 8 * limit].replace("\r\n", "\n").replace("\r", "\n")
    text = _ESCAPES.sub("", text)
    text = "".join(letter for letter in text if letter in _KEPT or unicodedata.category(letter) not in _UNSEEN)
    return text if len(text) <= limit else text[: max(0, limit - len(CUT))] + CUT[:limit]
