"""Healthy files with injuries, and a plain reading of each by pandas: what a file says when nobody interprets it.

Run over as many files as wanted:  python -m tests.market.mutated_files 3000
"""

import io
import random
import sys
from dataclasses import dataclass

import numpy as np

from core.domain.bars import Preview
from core.market import preview_file

INJURIES = (
    "",
    "abc",
    "nan",
    "-",
    "1,5",
    "1.2.3",
    "12:61",
    "NULL",
    "n/a",
    "9" * 25,
    "1e999",
    "0",
    "-3",
    "#REF!",
    "\N{SNOWMAN}",
    "7 7",
    "0x1F",
    "1_000",
)
HEADERS = (
    "Date,Open,High,Low,Close,Volume",
    "timestamp,open,high,low,close,volume",
    "Datum,Eröffnung,Hoch,Tief,Schluss,Volumen",
    "<DATE>,<OPEN>,<HIGH>,<LOW>,<CLOSE>,<VOL>",
)


@dataclass(frozen=True)
class Mutated:
    """A file and the lines that were left as they were."""

    data: bytes
    intraday: bool
    unix: bool


def mutate(seed: int) -> Mutated:
    """A file of one of several kinds with none to five injuries to its rows."""
    chance = random.Random(seed)
    intraday, unix = chance.random() < 0.4, chance.random() < 0.25
    count, price = chance.randint(12, 60), chance.uniform(1, 2000)
    start = np.datetime64("2023-01-02T00:00:00") + np.timedelta64(chance.randint(0, 300) * 7, "D")
    lines = []
    for number in range(count):
        offset = (
            np.timedelta64(number * 5, "m") + np.timedelta64(570, "m") if intraday else np.timedelta64(number // 5 * 7 + number % 5, "D")
        )
        moment = start + offset
        price = max(0.5, price * (1 + chance.uniform(-0.02, 0.02)))
        opening, close = round(price, 2), round(price * (1 + chance.uniform(-0.01, 0.01)), 2)
        stamp = str(moment.astype(np.int64)) if unix else str(moment).replace("T", " ") if intraday else str(moment)[:10]
        high, low = max(opening, close) + 0.25, min(opening, close) - 0.25
        lines.append(f"{stamp},{opening:.2f},{high:.2f},{low:.2f},{close:.2f},{chance.randint(0, 99_999)}")
    for _ in range(chance.randint(0, 5)):
        injure(chance, lines)
    return Mutated("\n".join([chance.choice(HEADERS), *lines, ""]).encode(), intraday, unix)


def injure(chance: random.Random, lines: list[str]) -> None:
    """One injury, as editors, spreadsheets and broken downloads make them."""
    place = chance.randrange(len(lines))
    cells = lines[place].split(",")
    match chance.randrange(9):
        case 0:
            cells[chance.randrange(len(cells))] = chance.choice(INJURIES)
            lines[place] = ",".join(cells)
        case 1:
            lines.insert(place, lines[chance.randrange(len(lines))])
        case 2:
            del lines[place]
            lines.append(chance.choice(("", "Total,,,,,1", ",,,,,")))
        case 3:
            lines.reverse()
        case 4:
            chance.shuffle(lines)
        case 5:
            lines[place] = ",".join([cells[0], *["0"] * 5])
        case 6:
            lines[place] += chance.choice((",", ",7", ",,,,"))
        case 7:
            lines[place] = lines[place][: chance.randrange(len(lines[place]) + 1)]
        case 8:
            cells[1:5] = chance.sample(cells[1:5], len(cells[1:5]))
            lines[place] = ",".join(cells)


def read_plainly(mutated: Mutated) -> dict[str, set[tuple[float, float]]]:
    """Close and volume of every row that pandas reads as numbers, by the moment that stands in the row."""
    import pandas

    names = ["stamp", "open", "high", "low", "close", "volume", *(f"spare {number}" for number in range(20))]
    frame = pandas.read_csv(io.BytesIO(mutated.data), header=None, names=names, skiprows=1, dtype=str, keep_default_na=False)
    numbers = {name: pandas.to_numeric(frame[name], errors="coerce") for name in names[1:6]}
    if mutated.unix:
        moments = pandas.to_datetime(pandas.to_numeric(frame["stamp"], errors="coerce"), unit="s", errors="coerce")
    else:
        moments = pandas.to_datetime(frame["stamp"], errors="coerce", format="%Y-%m-%d %H:%M:%S" if mutated.intraday else "%Y-%m-%d")
    found: dict[str, set[tuple[float, float]]] = {}
    for moment, close, volume in zip(moments, numbers["close"], numbers["volume"], strict=True):
        if not pandas.isna(moment):
            found.setdefault(str(np.datetime64(moment, "s")), set()).add((float(close), float(np.nan_to_num(volume))))
    return found


def find_silent_change(seed: int) -> str:
    """The first bar that the plain reading does not hold, or a row that is missing without a word; empty when there is none."""
    mutated = mutate(seed)
    preview = preview_file(mutated.data, f"mutated_{seed}.csv")
    plain = read_plainly(mutated)
    if preview.bars is None:
        return "" if preview.refused else f"{seed}: neither bars nor reasons"
    bars = preview.bars
    for moment, close, volume in zip(bars.time, bars.close, bars.volume, strict=True):
        if (float(close), float(volume)) not in plain.get(str(moment), set()):
            return f"{seed}: {moment} closes at {close} with volume {volume}; the file says {plain.get(str(moment))}"
    missing = len(plain) - len(bars)
    return f"{seed}: {missing} rows are gone and nothing is said" if missing > 0 and not _told(preview) else ""


def _told(preview: Preview) -> bool:
    return bool(preview.repaired)


if __name__ == "__main__":
    wanted = int(sys.argv[1]) if len(sys.argv) > 1 else 3000
    wrong = [text for seed in range(wanted) if (text := find_silent_change(seed))]
    print("\n".join(wrong[:20]) or f"{wanted} files: no traceback, no silent change")  # noqa: T201
    sys.exit(bool(wrong))
