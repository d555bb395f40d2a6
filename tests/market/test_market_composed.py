"""Files composed at random of every language, date, number, mark, encoding and order: what comes out is the series that went in."""

import random
from collections.abc import Callable
from datetime import date

import pytest
from export_files import CLOSES, DAYS, VOLUMES, days_of, instants, prices

from core.market import preview_file
from tests.effort import examples

HEADERS = (
    "Date Open High Low Close Volume",
    "Datum Eröffnung Hoch Tief Schlusskurs Stück",
    "Date Ouverture Haut Bas Clôture Volume",
    "Fecha Apertura Máximo Mínimo Cierre Volumen",
    "Data Apertura Massimo Minimo Chiusura Volume",
    "日付 始値 高値 安値 終値 出来高",
    "Дата Открытие Максимум Минимум Закрытие Объем",
    "Data Otwarcie Najwyższy Najniższy Zamknięcie Wolumen",
    "",
)
ENCODINGS = ("utf-8", "utf-8-sig", "utf-16", "cp1252", "cp1250", "cp1251", "cp932")
STAMPS: tuple[Callable[[date], str], ...] = (
    str,
    instants("UTC"),
    instants("UTC", unit=1000),
    lambda day: str((day - date(1899, 12, 30)).days),
    *(
        lambda day, form=form: day.strftime(form)  # type: ignore[misc]
        for form in (
            "%d/%m/%Y",
            "%m/%d/%Y",
            "%d.%m.%y",
            "%Y%m%d",
            "%d-%b-%Y",
            "%b %d, %Y",
            "%A, %B %d, %Y",
            "%Y-%j",
            "%y%m%d",
            "%Y-%m-%dT00:00:00Z",
        )
    ),
)
NUMBERS = {"plain": ("", "."), "comma": ("", ","), "english": (",", "."), "german": (".", ","), "blank": ("\xa0", ","), "swiss": ("'", ".")}


def write(value: float, marks: tuple[str, str], decimals: int) -> str:
    return f"{value:,.{decimals}f}".replace(",", "T").replace(".", marks[1]).replace("T", marks[0])


def compose(chance: random.Random) -> tuple[str, bytes]:
    """A file of the series in one dress, and the dress in words."""
    header, stamp, style = chance.choice(HEADERS), chance.choice(STAMPS), chance.choice(list(NUMBERS))
    mark, quoted, encoding = chance.choice(",;\t|"), chance.random() < 0.3, chance.choice(ENCODINGS)
    order = [0, *chance.sample(range(1, 6), 5)] if header and chance.random() < 0.5 else list(range(6))
    rows = [
        [stamp(day), *(write(price, NUMBERS[style], 2) for price in prices(place)), write(VOLUMES[place], NUMBERS[style], 0)]
        for place, day in enumerate(DAYS)
    ]
    rows = rows[:: chance.choice((1, -1))]
    lines = [[row[place] for place in order] for row in ([header.split()] if header else []) + rows]
    text = "".join(mark.join(f'"{cell}"' if quoted or mark in cell else cell for cell in line) + "\n" for line in lines)
    before = "made on 2025-05-01\n\n" if header and chance.random() < 0.2 else ""
    after = "\nSource: somebody, all rights reserved\n" if chance.random() < 0.2 else ""
    try:
        content = (before + text + after).encode(encoding)
    except UnicodeEncodeError:
        content = (before + text + after).encode()
    return f"{header[:12]} {rows[0][0]} {style} {mark!r} {order} {encoding}", content


@pytest.mark.parametrize("seed", range(examples(6)))
def test_a_file_in_any_dress_is_the_series_that_went_in(seed: int) -> None:
    chance = random.Random(seed)
    for dress, content in (compose(chance) for _ in range(10)):
        preview = preview_file(content, "AAPL.csv", today=date(2026, 1, 1))

        assert (dress, preview.refused) == (dress, ())
        assert preview.bars is not None
        assert (dress, tuple(str(day) for day in preview.bars.time.astype("datetime64[D]"))) == (dress, days_of())
        assert (dress, preview.bars.close.tolist()) == (dress, list(CLOSES))
        assert (dress, preview.bars.volume.tolist()) == (dress, list(VOLUMES))
