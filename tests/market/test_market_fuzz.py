"""Broken files, a thousand in a thorough run: each is either used whole and clean, or refused in words. No other outcome exists."""

import gzip
import io
import random
from collections import Counter
from datetime import date

import numpy as np

from core.domain.bars import Preview
from core.market import preview_file
from tests.effort import examples

GARBAGE = (
    "",
    "abc",
    "nan",
    "inf",
    "-1",
    "0",
    "1e999",
    "1,5",
    "1.2.3",
    "=1+1",
    "\x00",
    "\N{SNOWMAN}",
    '"',
    "''",
    "9" * 40,
    "-inf",
    "2020-13-45",
    "12:61",
    "NULL",
)


def healthy(random_: random.Random) -> str:
    """A file as people have them, one of several kinds."""
    kind = random_.choice(("daily", "minutes", "yahoo", "metatrader", "offsets", "german"))
    rows, price = [], 100.0
    for number in range(random_.randint(2, 60)):
        price *= 1 + random_.uniform(-0.01, 0.01)
        o, c = price, price * (1 + random_.uniform(-0.005, 0.005))
        cells = [f"{o:.2f}", f"{max(o, c) + 0.1:.2f}", f"{min(o, c) - 0.1:.2f}", f"{c:.2f}", str(random_.randint(0, 9999))]
        day = np.datetime64("2020-01-06") + number
        minute = f"{9 + number // 60:02}:{number % 60:02}"
        stamps = {
            "daily": f"{day}",
            "yahoo": f"{day}",
            "minutes": f"2020-01-06 {minute}:00",
            "metatrader": f"2020.01.06,{minute}",
            "offsets": f"2020-01-06T{minute}:00+01:00",
            "german": f"{str(day)[8:]}.{str(day)[5:7]}.{str(day)[:4]}",
        }
        rows.append(f"{stamps[kind]},{','.join(cells)}")
    text = "\n".join(rows) + "\n"
    if kind == "yahoo":
        return "Price,Open,High,Low,Close,Volume\nTicker,X,X,X,X,X\nDate,,,,,\n" + text
    if kind == "metatrader":
        return "<DATE>,<TIME>,<OPEN>,<HIGH>,<LOW>,<CLOSE>,<VOL>\n" + text
    if kind == "german":
        return "Datum;Eröffnung;Hoch;Tief;Schluss;Volumen\n" + "\n".join(_german(row) for row in rows)
    return "Date,Open,High,Low,Close,Volume\n" + text


def _german(row: str) -> str:
    day, *cells = row.split(",")
    return ";".join([day, *(cell.replace(".", ",") for cell in cells)])


def broken(random_: random.Random) -> bytes:
    """One to four injuries of a healthy file, the last of them perhaps to its bytes."""
    lines = healthy(random_).split("\n")
    for _ in range(random_.randint(1, 3)):
        _injure(random_, lines)
    data = "\n".join(lines).encode("utf-8", errors="replace")
    injury = random_.randrange(12)
    if injury == 0:
        data = data[: random_.randrange(len(data) + 1)]
    elif injury == 1:
        places = bytearray(data)
        for _ in range(random_.randint(1, 20)):
            places[random_.randrange(len(places))] = random_.randrange(256)
        data = bytes(places)
    elif injury == 2:
        data = data.decode("utf-8").encode("utf-16")[random_.randrange(2) :]
    elif injury == 3:
        data = gzip.compress(data)[: random_.randint(10, 400)]
    elif injury == 4:
        data = random_.choice((b"PAR1", b"PK\x03\x04", b"\x1f\x8b", b"\xd0\xcf\x11\xe0")) + data
    return data


def _injure(random_: random.Random, lines: list[str]) -> None:
    place = random_.randrange(len(lines))
    cells = lines[place].split(",")
    match random_.randrange(10):
        case 0:
            del lines[place]
            lines.append("")
        case 1:
            lines.insert(place, lines[random_.randrange(len(lines))])
        case 2:
            cells[random_.randrange(len(cells))] = random_.choice(GARBAGE)
            lines[place] = ",".join(cells)
        case 3:
            random_.shuffle(cells)
            lines[place] = ",".join(cells)
        case 4:
            lines[place] = lines[place] + random_.choice((",", ",,,,", ",7", ';"'))
        case 5:
            random_.shuffle(lines)
        case 6:
            lines[place] = lines[place].replace(",", random_.choice((";", "\t", "", " ")))
        case 7:
            lines[place] = random_.choice(("<html>", "#comment", "Total,,,,", "2020-01-06", ",,,,,,", "NaN,NaN,NaN,NaN,NaN,NaN"))
        case 8:
            column, garbage = random_.randrange(6), random_.choice(GARBAGE)
            for row in range(1, len(lines)):
                parts = lines[row].split(",")
                if column < len(parts):
                    parts[column] = garbage if random_.random() < 0.5 else parts[column]
                    lines[row] = ",".join(parts)
        case 9:
            lines[place] = lines[place].replace("2020", random_.choice(("0000", "9999", "2999", "20", "-1")))


def assert_whole_or_refused(preview: Preview) -> None:
    assert (preview.bars is None) == bool(preview.refused)
    bars = preview.bars
    if bars is None:
        assert all(reason.strip() for reason in preview.refused)
        return
    prices = np.stack([bars.open, bars.high, bars.low, bars.close])
    assert len(bars) >= 1
    assert np.isfinite(prices).all()
    assert (prices > 0).all()
    assert (bars.high == prices.max(axis=0)).all()
    assert (bars.low == prices.min(axis=0)).all()
    assert (np.diff(bars.time.astype(np.int64)) > 0).all()
    assert np.isfinite(bars.volume).all()
    assert (bars.volume >= 0).all()


def test_broken_files_are_used_whole_or_refused_in_words() -> None:
    outcomes: Counter[bool] = Counter()
    count = examples(1_000)
    for seed in range(count):
        preview = preview_file(broken(random.Random(seed)), f"broken-{seed}.csv", today=date(2024, 1, 1))
        assert_whole_or_refused(preview)
        outcomes[preview.usable] += 1

    assert min(outcomes.values()) > count / 10


def test_broken_excel_and_parquet_files_are_used_whole_or_refused_in_words() -> None:
    import pandas

    text = "Date,Open,High,Low,Close,Volume\n2020-01-06,10,11,9,10,1\n2020-01-07,10,11,9,10,1\n2020-01-08,10,11,9,10,1\n"
    frame = pandas.read_csv(io.StringIO(text), parse_dates=["Date"])
    sheet, columns = io.BytesIO(), io.BytesIO()
    frame.to_excel(sheet, index=False)
    frame.to_parquet(columns)
    random_ = random.Random(1)
    for original in (sheet.getvalue(), columns.getvalue()):
        for _ in range(40):
            places = bytearray(original[: random_.randint(len(original) // 2, len(original))])
            for _ in range(random_.randint(0, 8)):
                places[random_.randrange(len(places))] = random_.randrange(256)
            assert_whole_or_refused(preview_file(bytes(places), "broken"))
