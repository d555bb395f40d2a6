"""Answers as servers, libraries and terminals hand them on, each with the program that has to come out of it."""

import json

from tests.prompts.answer_shapes import CODE, OTHER, fenced

_PIECES = [fenced(CODE)[at : at + 33] for at in range(0, len(fenced(CODE)), 33)]
_THOUGHT = [fenced(OTHER)[at : at + 33] for at in range(0, len(fenced(OTHER)), 33)]


def _write_rows(rows: list[dict[str, object]], before: str = "") -> str:
    return "".join(f"{before}{json.dumps(row)}\n{before and chr(10)}" for row in rows)


STREAMED: dict[str, str] = {
    "an object to each line": _write_rows([{"response": one, "done": False} for one in _PIECES]),
    "an object to each line, with thoughts": _write_rows(
        [{"message": {"content": "", "thinking": one}, "done": False} for one in _THOUGHT]
        + [{"message": {"content": one}, "done": False} for one in _PIECES]
    ),
    "a letter before each part": "".join(f"g:{json.dumps(one)}\n" for one in _THOUGHT)
    + "".join(f"0:{json.dumps(one)}\n" for one in _PIECES)
    + 'd:{"finishReason":"stop"}\n',
    "a message as a library prints it": f"content={fenced(CODE)!r} additional_kwargs={{}} id='run-1'",
    "events of which some are thoughts": _write_rows(
        [{"type": "response.reasoning_text.delta", "delta": one} for one in _THOUGHT]
        + [{"type": "response.output_text.delta", "delta": one} for one in _PIECES],
        "data: ",
    ),
    "parts of which one is a thought": json.dumps(
        {"candidates": [{"content": {"parts": [{"text": fenced(OTHER), "thought": True}, {"text": fenced(CODE)}]}}]}
    ),
    "lines that a terminal draws around": "╭─ s.py ─╮\n" + "".join(f"│ {row:<90} │\n" for row in CODE.splitlines()) + "╰────────╯\n",
    "lines that a terminal draws before": "".join(f"▌ {row}\n" for row in CODE.splitlines()),
}
