"""Joins the parts of an answer that was cut off at its length limit. Deciding to go on is the gateway's business."""

import re

LONGEST_OVERLAP = 200
"""Letters that a model may repeat at the seam."""
REPETITION_WINDOW = 2_400
LONGEST_REPETITION = 400
"""Letters of a piece that is said over and over."""

_FENCE = re.compile(r"^[ \t]*(?:```|~~~)", re.MULTILINE)
_OPENING = re.compile(r"\A\s*(?:```|~~~)[A-Za-z0-9]*[ \t]*\n")


def has_open_fence(text: str) -> bool:
    """True when a code block was begun and not ended."""
    return len(_FENCE.findall(text)) % 2 == 1


def needs_continuation(text: str) -> bool:
    """True when an answer that was cut off at its length needs more of itself: a code block is open, or no code has come at all."""
    return has_open_fence(text) or not _FENCE.search(text)


def repeats_itself(text: str) -> bool:
    """True when the end of a text says the same again and again: one piece of up to 400 letters fills it.

    >>> repeats_itself("x = 1\\n" + "self.buy()\\n" * 300), repeats_itself("\\n".join(f"a{n} = {n}" for n in range(500)))
    (True, False)
    """
    end = text[-REPETITION_WINDOW:]
    if len(end) < REPETITION_WINDOW or not end[-REPETITION_WINDOW // 2 :].strip():
        return len(end) == REPETITION_WINDOW
    mark = end[-40:]
    previous = end.rfind(mark, 0, len(end) - 1)
    period = len(end) - 40 - previous
    return previous >= 0 and period <= LONGEST_REPETITION and end[:-period] == end[period:]


def measure_overlap(before: str, after: str) -> int:
    """Letters at the start of `after` that repeat the end of `before`.

    >>> measure_overlap("x = 1\\ny = 2", "y = 2\\nz = 3")
    5
    """
    longest = min(LONGEST_OVERLAP, len(before), len(after))
    return next((size for size in range(longest, 0, -1) if before.endswith(after[:size])), 0)


class ContinuationJoiner:
    """Joins the pieces of a continuation to the text before, giving what is new in them; holds back until the repetition is over.

    One letter that happens to be the same is not a repetition: at least `SHORTEST_OVERLAP` letters have to agree.
    """

    SHORTEST_OVERLAP = 4

    def __init__(self, before: str) -> None:
        self._before = before
        self._held = ""
        self._done = not before

    def feed(self, piece: str) -> str:
        """Take a piece and give the part of it that can be shown already."""
        if self._done:
            return piece
        self._held += piece
        return self.finish() if len(self._held) >= LONGEST_OVERLAP + 40 else ""

    def finish(self) -> str:
        """Give what was held back, without the repetition and without a second opening of the same code block."""
        text, self._held, self._done = self._held, "", True
        if has_open_fence(self._before):
            text = _OPENING.sub("", text, count=1)
        size = measure_overlap(self._before, text)
        return text[size if size >= self.SHORTEST_OVERLAP else 0 :]
