"""Descriptions of a reader who wrote nothing of the language: read, said back, compiled, and counted in pandas from the English words.

The counts know nothing of the language: each is written from the description. `verdicts.txt` holds what the reader thought of the others.
"""

import sys
from collections import Counter
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from core.domain.bars_request import BarsRequest
from core.domain.errors import Severity
from core.language import check, compile_workflow, explain
from core.services import Services, Settings

HERE = Path(__file__).parent
sys.path[:0] = [str(HERE), str(HERE.parent / "language")]

from test_judged import read  # noqa: E402
from workflow_runs import run  # noqa: E402

TOLD = [block.strip().split("\n", 1) for block in (HERE / "third_reader.txt").read_text(encoding="utf-8").split("\n# ")[1:]]
VERDICTS = [line.split(" | ") for line in (HERE / "verdicts.txt").read_text(encoding="utf-8").splitlines() if not line.startswith("#")]
BARS = 1_000
Signals = dict[str, pd.Series]


def test_nine_of_ten_tables_are_said_in_full_by_the_verdict_of_a_reader_who_wrote_none() -> None:
    tables = [f"spoken {file.stem}" for file in sorted((HERE / "spoken").glob("*.json"))] + [f"judged {number}" for number in range(1, 101)]
    now = Counter(line[2] for line in VERDICTS)

    assert [line[0] for line in VERDICTS] == tables
    assert now["full"] >= 0.9 * len(tables)
    assert now["wrong"] == now["more"] == 0


@pytest.mark.parametrize(("head", "rows"), TOLD, ids=[head[:50] for head, _ in TOLD])
def test_a_description_of_the_third_reader_is_read_said_back_and_compiled(head: str, rows: str) -> None:
    told = read(rows)

    assert [problem for problem in check(told) if problem.severity is Severity.ERROR] == []
    assert not any("Cannot be read" in sentence.text for sentence in explain(told))
    assert "class " in compile_workflow(told)


def test_nine_of_ten_were_said_in_full_at_the_first_or_second_attempt() -> None:
    at = Counter(head.rsplit(" | ", 1)[1] for head, _ in TOLD)

    assert sum(at.values()) == 40
    assert at["first"] + at["second"] >= 36


def _smooth(values: pd.Series, bars: int) -> pd.Series:
    """Wilder's average, begun with a plain one."""
    out, first = np.full(len(values), np.nan), int(values.notna().to_numpy().argmax())
    out[first + bars - 1] = values.iloc[first : first + bars].mean()
    for at in range(first + bars, len(values)):
        out[at] = out[at - 1] + (values.iloc[at] - out[at - 1]) / bars
    return pd.Series(out, values.index)


def _rsi(close: pd.Series, bars: int) -> pd.Series:
    moved = close.diff()
    up, down = _smooth(moved.clip(lower=0), bars), _smooth(-moved.clip(upper=0), bars)
    return 100 * up / (up + down)


def _fell(values: pd.Series, bars: int) -> pd.Series:
    return (values.diff() < 0).rolling(bars).sum() == bars


def _breakout(bars: pd.DataFrame, days: int) -> pd.Series:
    return bars.close > bars.high.rolling(days).max().shift()


def count_connors_r3(bars: pd.DataFrame) -> Signals:
    rsi = _rsi(bars.close, 2)
    return {"r1": bars.close > bars.close.rolling(200).mean(), "r2": _fell(rsi, 3) & (rsi.shift(3) < 60) & (rsi < 10), "r3": rsi > 70}


def count_lonely_breakouts(bars: pd.DataFrame) -> Signals:
    made = _breakout(bars, 20)
    quiet = made.shift(fill_value=False).rolling(10, min_periods=1).sum() == 0
    return {"r2": made & quiet, "r3": bars.close < bars.low.rolling(10).min().shift()}


def count_steady_trend(bars: pd.DataFrame) -> Signals:
    average = bars.close.rolling(50).mean()
    over, under = (bars.close > average).rolling(5).sum() == 5, (bars.close < average).rolling(2).sum() == 2
    return {"r1": over, "r2": _fell(-average, 5) & (bars.close > bars.close.shift(100)), "r3": under}


def count_costly_streaks(bars: pd.DataFrame) -> Signals:
    streak, start, found = 0, float(bars.close.iloc[0]), []
    for before, close in zip(bars.close.shift(), bars.close, strict=True):
        streak = streak + 1 if close < before else 0
        start = start if streak else float(close)
        found.append(streak >= 4 and close < 0.94 * start)
    return {"r1": pd.Series(found, bars.index), "r2": bars.close > bars.close.shift()}


def count_nr4_inside(bars: pd.DataFrame) -> Signals:
    size = bars.high - bars.low
    narrow = (size < size.shift(1)) & (size < size.shift(2)) & (size < size.shift(3))
    inside = narrow & (bars.high <= bars.high.shift()) & (bars.low >= bars.low.shift())
    return {"r1": inside, "r3": inside}


def count_turnaround_tuesdays(bars: pd.DataFrame) -> Signals:
    place = (bars.close - bars.low) / (bars.high - bars.low)
    monday = pd.Series(bars.index.day_of_week == 0, bars.index)
    return {"r1": monday & (bars.close < bars.close.shift()) & (place < 0.3), "r2": bars.close > bars.high.shift()}


def count_window_dressing(bars: pd.DataFrame) -> Signals:
    month, one = bars.index.to_period("M"), pd.Series(1, bars.index)
    left = one.groupby(month).transform("size") - one.groupby(month).cumsum()
    begun = bars.open.groupby(bars.index.to_period("Q")).transform("first")
    return {"r2": (bars.index.month % 3 == 0) & (left == 5) & (bars.close > 1.1 * begun), "r3": one.groupby(month).cumsum() == 1}


def count_high_volume_reversals(bars: pd.DataFrame) -> Signals:
    loud = (bars.volume == bars.volume.rolling(50).max()) & (bars.close < bars.close.shift())
    return {"r1": loud.shift(fill_value=False) & (bars.close > bars.high.shift())}


def count_good_weeks(bars: pd.DataFrame) -> Signals:
    week = bars.index.to_period("W")
    weeks = bars.groupby(week).agg(open=("open", "first"), high=("high", "max"), low=("low", "min"), close=("close", "last")).shift()
    good = (weeks.close > weeks.open) & (weeks.close > (weeks.high + weeks.low) / 2)
    average = bars.close.rolling(5).mean()
    return {"r1": pd.Series(good.reindex(week).to_numpy(), bars.index), "r2": bars.close < average, "r3": bars.close > average}


def count_first_touches(bars: pd.DataFrame) -> Signals:
    fast, slow = bars.close.rolling(50).mean(), bars.close.rolling(200).mean()
    crossed, touched = (fast.shift() <= slow.shift()) & (fast > slow), bars.low <= fast
    since, touches, found = 10**6, 0, []
    for cross, touch in zip(crossed, touched, strict=True):
        since, touches = (0, int(touch)) if cross else (since + 1, touches + int(touch))
        found.append(bool(since <= 60 and touch and touches == 1))
    return {"r2": pd.Series(found, bars.index)}


def count_falls_of_two_deviations(bars: pd.DataFrame) -> Signals:
    moved = np.log(bars.close / bars.close.shift())
    return {"r1": _breakout(bars, 50), "r2": moved < -2 * moved.rolling(20).std().shift()}


def count_fridays(bars: pd.DataFrame) -> Signals:
    friday, average = pd.Series(bars.index.day_of_week == 4, bars.index), bars.close.rolling(200).mean()
    return {"r1": friday & (bars.close > 1.01 * average), "r2": friday & (bars.close < 0.99 * average)}


COUNTED = {
    "Connors R3": count_connors_r3,
    "Buy a 20-day high, but only": count_lonely_breakouts,
    "Price over a rising": count_steady_trend,
    "Four or more lower closes": count_costly_streaks,
    "NR4 and inside day": count_nr4_inside,
    "Window dressing": count_window_dressing,
    "Turnaround Tuesday": count_turnaround_tuesdays,
    "A down day on the highest volume": count_high_volume_reversals,
    "Only in weeks after one": count_good_weeks,
    "After a golden cross": count_first_touches,
    "Buy a 50-day high. Leave when a day falls": count_falls_of_two_deviations,
    "Look only at Friday's close": count_fridays,
}


def test_the_compiled_rows_are_true_on_the_bars_that_the_words_mean(tmp_path: Path) -> None:
    parts = Services(Settings(home=tmp_path))
    wrong, counted = {}, 0
    for words, count in COUNTED.items():
        head, rows = next((head, rows) for head, rows in TOLD if f"| {words}" in head)
        bars = parts.market.bars(BarsRequest(symbol=head.split()[1], timeframe="1d")).slice(0, BARS)
        columns = {name: getattr(bars, name) for name in ("open", "high", "low", "close", "volume")}
        frame = pd.DataFrame(columns, index=pd.DatetimeIndex(bars.time))
        signals = run(read(rows), frame, instrument=bars.instrument, signals=True).strategy.signals
        for row, expected in count(frame).items():
            seen = np.frombuffer(bytes(signals[row]), dtype=np.uint8)[300:].astype(bool)
            counted += int(seen.sum())
            if not np.array_equal(seen, expected.to_numpy()[300:].astype(bool)):
                wrong[words, row] = (int(seen.sum()), int(expected[300:].sum()))
    parts.close()

    assert wrong == {}
    assert counted > 1_000
