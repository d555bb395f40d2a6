"""What a child in lock-step says is held against the bars that it was shown: leaps count, and none can be made that were not declared."""

import json
from typing import Any

import pytest

from core.backtest.bar_source import to_rows
from core.backtest.wide_rows import LEAP_HEAD, end_row, take_columns
from core.domain.bars import Bars
from core.sandbox.bar_rows import BarRows
from core.sandbox.child_protocol import CapturedLog, ChildOutput, RefusedError, collect_output
from core.sandbox.frames import FrameError, encode_bars
from tests.backtest.backtest_cases import walk

NEXT = "next bar"
DECLARE = {"blocks": []}
LEAP = {"until": '["<",["line",4,0],["number",0]]', "numbers": [0.0], "bounds": None}
DONE = {"done": {}}


class Words:
    """A child that says what it is told to say, and keeps what it is sent."""

    def __init__(self, words: list[Any]) -> None:
        self.log = CapturedLog(0)
        self.sent: list[bytes] = []
        self._words = [b"[]" if word == NEXT else json.dumps(word).encode() for word in words]

    def send(self, data: bytes, deadline: float) -> None:
        self.sent.append(data)

    def receive(self, deadline: float) -> bytes | None:
        return self._words.pop(0) if self._words else None


def place(cycle: int, number: int = 0) -> dict[str, Any]:
    return {"orders": [{"id": number, "cycle": cycle, "action": "place", "size": 1.0}]}


def listen(words: list[Any], bars: Bars) -> tuple[ChildOutput, list[bytes]]:
    child: Any = Words(words)
    output = ChildOutput()
    collect_output(child, output, rows=BarRows(encode_bars(bars), 1), most_orders=9, deadline=1e12)
    return output, child.sent


def test_the_bars_of_a_leap_are_shown_and_can_be_ordered_on_no_more() -> None:
    bars = walk(700, seed=2)
    output, sent = listen([NEXT, DECLARE, NEXT, LEAP, place(2 + 512 - 1), DONE], bars)

    count = LEAP_HEAD.unpack(sent[2][:8])[0]
    assert count == -511, "the first stretch that is computed, less the bar that was asked for alone"
    assert output.shown == 513
    assert [record.cycle for record in output.records] == [513]
    for cycle in (2, 100, 512, 514):
        with pytest.raises(RefusedError, match="513 bars had been shown"):
            listen([NEXT, DECLARE, NEXT, LEAP, place(cycle), DONE], bars)


def test_a_leap_ends_on_the_first_bar_that_meets_its_condition() -> None:
    bars = walk(400, seed=2)
    closes = [row[4] for row in to_rows(bars)]
    level = min(closes[:200]) + 1e-9
    first = next(place for place, close in enumerate(closes) if place >= 2 and close < level)
    output, sent = listen([NEXT, DECLARE, NEXT, {**LEAP, "numbers": [level]}, DONE], bars)

    assert LEAP_HEAD.unpack(sent[2][:8])[0] == first - 1
    assert output.shown == first + 1
    assert len(sent[2]) == 8 + 56 * (first - 1)


def test_behind_the_last_bar_a_leap_finds_the_end() -> None:
    output, sent = listen([NEXT, DECLARE, LEAP, LEAP, DONE], walk(40, seed=2))

    assert output.shown == 40
    assert sent[-1] == LEAP_HEAD.pack(1) + end_row(0)


def test_bars_are_handed_out_once_more_as_far_as_they_were_shown() -> None:
    """In two parts, since so many are not sent at once; what comes again is what came, and no bar behind it is computed."""
    bars, sma = walk(2_000, seed=2), ["average", [4], [], 5, []]
    shown, again = [NEXT] * 900, {"again": "bars"}
    first = [NEXT] * 10 + [{"blocks": [sma]}]
    output, sent = listen([*first, *shown, again, again, DONE], bars)

    assert output.shown == 910
    assert [LEAP_HEAD.unpack(part[:8])[0] for part in sent[-2:]] == [768, 132], "48 kB in bars of eight numbers"
    assert b"".join(part[8:] for part in sent[-2:]) == b"".join(sent[10:-2])
    with pytest.raises(FrameError, match="not handed out"):
        listen([*first, *shown, again, again, again], bars)


def test_a_leap_s_bars_come_again_as_well() -> None:
    _, sent = listen([NEXT, DECLARE, NEXT, LEAP, {"again": "bars"}, DONE], walk(400, seed=2))

    assert LEAP_HEAD.unpack(sent[2][:8])[0] < 0, "the condition was met on no bar of it"
    assert sent[-1][8:] == sent[1] + take_columns(sent[2][8:], 56).T.tobytes()


@pytest.mark.parametrize(
    "words",
    [
        [{"again": "bars"}],
        [NEXT, {"again": "bars"}],
        [NEXT, DECLARE, {"again": "bars"}],
        [NEXT, DECLARE, NEXT, {"again": "prices"}],
        [LEAP],
        [NEXT, LEAP],
        [NEXT, DECLARE, DECLARE],
        [NEXT, DECLARE, {"until": "[]"}],
        [NEXT, DECLARE, {**LEAP, "more": 1}],
        [NEXT, DECLARE, {**LEAP, "until": ["never"]}],
        [NEXT, DECLARE, {**LEAP, "until": '["line",4,0]'}],
        [NEXT, DECLARE, {**LEAP, "numbers": [[]]}],
        [NEXT, DECLARE, {**LEAP, "numbers": []}],
        [NEXT, DECLARE, {**LEAP, "bounds": [1.0, 2.0]}],
    ],
)
def test_a_leap_that_cannot_be_ends_the_run(words: list[Any]) -> None:
    with pytest.raises(FrameError):
        listen(words, walk(40, seed=2))
