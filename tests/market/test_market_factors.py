"""A factor or the ratios of splits beside the prices: the prices tell whether they are adjusted, and by what."""

from collections.abc import Callable

import pytest
from export_files import CLOSES, DAYS, VOLUMES, days_of, prices

from core.domain.bars import Preview
from core.market import preview_file

SPLIT = 6


def read(header: str, cell: Callable[[int], object], *, raw: bool = True, newest_first: bool = False) -> Preview:
    """Bars of which those before a split of four for one are four times as high, or not, with one more column."""
    rows = []
    for place, day in enumerate(DAYS):
        times = 4 if raw and place < SPLIT else 1
        rows.append([day, *(price * times for price in prices(place)), VOLUMES[place] / times, cell(place)])
    text = "".join(",".join(map(str, row)) + "\n" for row in (rows[::-1] if newest_first else rows))
    return preview_file(f"Date,Open,High,Low,Close,Volume,{header}\n{text}".encode(), "AAPL.csv")


RAW: dict[str, tuple[str, Callable[[int], object]]] = {
    "a factor that grows": ("adj_factor", lambda place: 1.5 if place < SPLIT else 6.0),
    "a factor that falls": ("cfacpr", lambda place: 4 if place < SPLIT else 1),
    "the split on its day": ("Stock Splits", lambda place: 4.0 if place == SPLIT else 0.0),
    "the split in words": ("Split Ratio", lambda place: "4:1" if place == SPLIT else ""),
    "ones without a split": ("splitFactor", lambda place: 4.0 if place == SPLIT else 1.0),
}


@pytest.mark.parametrize("title", RAW)
def test_prices_that_jump_where_the_factor_steps_are_adjusted_by_it(title: str) -> None:
    header, cell = RAW[title]
    found, turned = read(header, cell), read(header, cell, newest_first=True)

    assert found.bars is not None
    assert turned.bars is not None
    assert found.bars.close.tolist() == turned.bars.close.tolist() == pytest.approx(list(CLOSES))
    assert found.bars.volume.tolist() == pytest.approx(list(VOLUMES))
    assert f"'{header}' used to adjust all prices, which jump where it steps" in found.understood


@pytest.mark.parametrize("title", RAW)
def test_prices_that_go_on_are_adjusted_already(title: str) -> None:
    header, cell = RAW[title]
    found = read(header, cell, raw=False)

    assert found.bars is not None
    assert [str(day) for day in found.bars.time.astype("datetime64[D]")] == list(days_of())
    assert found.bars.close.tolist() == list(CLOSES)
    assert f"the prices are adjusted for the steps of '{header}' already" in found.understood


def test_a_factor_of_which_nothing_tells_how_it_is_meant_is_left_and_that_is_said() -> None:
    dividends = read("adj_factor", lambda place: 1 if place < SPLIT else 1.01, raw=False)
    elsewhere = read("adj_factor", lambda place: 1 if place < SPLIT else 2, raw=True)
    words = read("split", lambda place: "train" if place < SPLIT else "test", raw=False)

    assert "'adj_factor' is not used: nothing tells whether the prices are adjusted by it already" in dividends.warnings
    assert any("'adj_factor' is not used: the prices neither jump" in line for line in elsewhere.warnings)
    assert "'split' is not used: it holds more than positive numbers" in words.warnings
    assert all(found.bars is not None for found in (dividends, elsewhere, words))


def test_a_factor_that_never_steps_is_not_worth_a_word() -> None:
    found = read("factor", lambda place: 1.0, raw=False)

    assert not any("factor" in line for line in found.warnings)
    assert not any("factor'" in line and "columns" not in line for line in found.understood)


def test_an_adjusted_close_counts_before_a_factor() -> None:
    rows = "".join(f"{day},{','.join(map(str, prices(place)))},{CLOSES[place] / 2},{place + 1}\n" for place, day in enumerate(DAYS))
    found = preview_file(f"Date,Open,High,Low,Close,Adj Close,adj_factor\n{rows}".encode(), "AAPL.csv")

    assert "adjusted close used to adjust all prices" in found.understood
    assert found.bars is not None
    assert found.bars.close.tolist() == list(CLOSES)


ASIDE: dict[str, tuple[str, Callable[[int], object], str]] = {
    "a flag": ("Adjusted", lambda _: 1, "'Adjusted' is no price and left aside: the prices are as they stand"),
    "words": ("Adjusted", lambda _: "true", "'Adjusted' holds no numbers and is left aside: the prices are as they stand"),
    "half of them": (
        "Adj Close",
        lambda place: "" if place < 6 else 0.9 * CLOSES[place],
        "'Adj Close' is missing on 6 rows and left aside: the prices are as they stand",
    ),
}


@pytest.mark.parametrize("title", ASIDE)
def test_an_adjusted_close_that_is_none_leaves_the_prices_as_they_are_and_is_said(title: str) -> None:
    header, cell, said = ASIDE[title]
    preview = read(header, cell, raw=False)

    assert preview.bars is not None
    assert preview.bars.close.tolist() == list(CLOSES)
    assert said in preview.warnings


def test_a_missing_adjusted_close_is_adjusted_as_the_row_before() -> None:
    adjusted = [close / (2 if place < 6 else 1) for place, close in enumerate(CLOSES)]
    whole, gap = (
        read("Adj Close", lambda place: adjusted[place], raw=False),
        read("Adj Close", lambda at: adjusted[at] if at != 3 else "", raw=False),
    )

    assert whole.bars is not None
    assert gap.bars is not None
    assert gap.bars.close.tolist() == pytest.approx(whole.bars.close.tolist())


def test_an_adjusted_close_without_a_name_is_no_volume() -> None:
    rows = "".join(
        f"{day},{','.join(map(str, prices(place)))},{0.95 * CLOSES[place]:.6f},{VOLUMES[place]}\n" for place, day in enumerate(DAYS)
    )
    bars = preview_file(rows.encode(), "AAPL.csv").bars

    assert bars is not None
    assert bars.volume.tolist() == [float(volume) for volume in VOLUMES]
