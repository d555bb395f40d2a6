"""Units that a file says beside its numbers: of the volume, the currency, and whole numbers that stand for parts of a price."""

import json

import pytest
from export_files import CLOSES, DAYS, VOLUMES, as_json, prices, table

from core.domain.bars import Bars, Preview
from core.market.files import preview_file

PRICES = "Date,Open,High,Low,Close"


def read(content: bytes, name: str = "AAPL.csv") -> tuple[Preview, Bars]:
    preview = preview_file(content, name)
    assert preview.refused == ()
    assert preview.bars is not None
    assert preview.bars.close.tolist() == list(CLOSES)
    return preview, preview.bars


@pytest.mark.parametrize(
    ("header", "scale"),
    [
        ("Volume (mil.)", 1e6),
        ("Volumen (Mio. Stk.)", 1e6),
        ("Volume ('000)", 1e3),
        ("Volume (in thousands)", 1e3),
        ("Volume x 1000", 1e3),
        ("Volume in M shares", 1e6),
        ("Volume (100s)", 1e2),
        ("Volume (10^3)", 1e3),
    ],
)
def test_a_volume_is_multiplied_by_what_its_header_says_and_its_point_stays_a_point(header: str, scale: float) -> None:
    preview, bars = read(table(f"{PRICES},{header}", volume=lambda value: f"{value / scale:.3f}" if scale < 1e6 else f"{value / scale}"))
    assert bars.volume.tolist() == pytest.approx([float(volume) for volume in VOLUMES])
    assert f"volume multiplied by {scale:,.0f}, as '{header}' says" in preview.repaired


def test_mil_is_a_thousand_in_a_spanish_header() -> None:
    header = "Fecha,Apertura,Máximo,Mínimo,Cierre,Volumen (mil)"
    assert read(table(header, volume=lambda value: f"{value / 1000:.1f}"))[1].volume.tolist() == pytest.approx(list(map(float, VOLUMES)))


@pytest.mark.parametrize("header", ["Volume (USD)", "Volumen (Mio. €)", "Objem (mil. Kč)", "Volume ($m)"])
def test_money_is_no_volume(header: str) -> None:
    preview, bars = read(table(f"{PRICES},{header}"))
    assert not bars.volume.any()
    assert any("is money or a count of trades, no volume" in line for line in preview.understood)


def test_a_type_that_a_database_writes_is_no_currency() -> None:
    assert read(table(f"{PRICES},volume.$numberLong"))[1].volume.tolist() == list(map(float, VOLUMES))


def currency_of(content: bytes, name: str) -> tuple[str, tuple[str, ...]]:
    preview, bars = read(content, name)
    return bars.instrument.currency, preview.reading.questions


@pytest.mark.parametrize(
    "content",
    [
        table(f"{PRICES},Volume", before="My share\nCurrency,EUR\n\n"),
        table(f"{PRICES},Volume", before="# prices in EUR\n"),
        table("Date,Open (EUR),High (EUR),Low (EUR),Close (EUR),Volume"),
        table(f"{PRICES},Volume,Currency", order="DOHLCVS", extra="EUR"),
        table(f"{PRICES},Volume", number=lambda value: f"{value:.2f} €"),
        as_json(
            {
                "meta": {"currency": "EUR"},
                "bars": [dict(zip("tohlc", (str(day), *prices(place)), strict=True)) for place, day in enumerate(DAYS)],
            }
        ),
    ],
    ids=["above", "in words", "header", "column", "at the numbers", "beside JSON"],
)
def test_the_currency_that_a_file_says_is_that_of_an_instrument_nobody_knows(content: bytes) -> None:
    assert currency_of(content, "my share.json" if content.startswith(b"{") else "my share.csv")[0] == "EUR"


def test_another_currency_than_that_of_a_known_instrument_is_asked_about() -> None:
    currency, questions = currency_of(table(f"{PRICES},Volume", before="Currency: EUR\n"), "AAPL.US.csv")
    assert currency == "EUR"
    assert questions == ("AAPL is quoted in USD, and the file says EUR: is it this instrument?",)


@pytest.mark.parametrize(("said", "currency"), [("GBX", "GBp"), ("GBp", "GBp"), ("pence", "GBp"), ("GBP", "GBP")])
def test_pence_are_no_pounds(said: str, currency: str) -> None:
    found, questions = currency_of(table(f"{PRICES},Volume", before=f"Prices in {said}\n"), "VOD.L.csv")
    assert found == currency
    assert [("are the prices in whole units" in question) for question in questions] == [True] * (currency == "GBP")


def test_several_currencies_in_one_column_are_remarked_upon() -> None:
    rows = table(f"{PRICES},Volume,Currency", order="DOHLCVS", extra="EUR").decode().splitlines()
    rows[1] = rows[1].replace("EUR", "DEM").replace("DEM", "USD")
    preview, _ = read("\n".join(rows).encode())
    assert any("'Currency' says USD and EUR" in warning for warning in preview.warnings)


def in_cents(**beside: object) -> bytes:
    rows = [
        {
            "date": str(day),
            **{name: round(price * 100) for name, price in zip(("open", "high", "low", "close"), prices(place), strict=True)},
        }
        for place, day in enumerate(DAYS)
    ]
    return json.dumps({**beside, "bars": rows}).encode()


@pytest.mark.parametrize("beside", [{"pricescale": 100}, {"price_divisor": 100}, {"exponent": -2}])
def test_whole_prices_are_divided_by_what_stands_beside_them(beside: dict[str, int]) -> None:
    preview, _ = read(in_cents(**beside), "AAPL.json")
    assert "prices divided by 100, as the file says beside them" in preview.understood


def test_decimals_beside_whole_prices_are_remarked_upon() -> None:
    preview = preview_file(in_cents(decimals=2), "AAPL.json")
    assert preview.bars is not None
    assert preview.bars.close[0] == CLOSES[0] * 100
    assert any("speaks of 2 decimals, and every price is whole" in warning for warning in preview.warnings)


def test_billionths_are_told_by_names_within_other_names() -> None:
    rows = [
        {"hd": {"ts_event": f"{day}T00:00:00Z", "rtype": 35, "publisher_id": 1}}
        | {name: str(round(price * 1e9)) for name, price in zip(("open", "high", "low", "close"), prices(place), strict=True)}
        for place, day in enumerate(DAYS)
    ]
    read("\n".join(map(json.dumps, rows)).encode(), "ESH3.json")


def test_a_unit_behind_a_comma_leaves_the_name() -> None:
    content = table("Дата;Открытие;Макс.;Мин.;Закрытие;Объем, тыс. шт.", mark=";", volume=lambda value: f"{value / 1000}")
    assert read(content)[1].volume.tolist() == pytest.approx(list(map(float, VOLUMES)))


def test_a_price_that_stands_for_all_four_is_missing_once() -> None:
    rows = "".join(f"{day},{'N/E' if place < 1 else 'x' if place < 3 else CLOSES[place]}\n" for place, day in enumerate(DAYS))
    preview = preview_file(f"Fecha,Cierre\n{rows}".encode(), "USDMXN.csv")
    assert preview.bars is not None
    assert len(preview.bars.time) == len(DAYS) - 3


@pytest.mark.parametrize("before", ["", "Apple Inc.\nVolume in thousands of shares\n\n"], ids=["below the header", "above it"])
def test_units_in_a_line_of_their_own_count(before: str) -> None:
    units = "" if before else "\n,EUR,EUR,EUR,EUR,thousand shares"
    content = table(f"{PRICES},Volume{units}", before=before, volume=lambda value: f"{value / 1000}")
    _, bars = read(content, "my share.csv")
    assert bars.volume.tolist() == pytest.approx(list(map(float, VOLUMES)))
    assert bars.instrument.currency == ("USD" if before else "EUR")


def test_a_volume_of_money_by_the_line_of_units_is_none() -> None:
    preview, bars = read(table(f"{PRICES},Volume\n,USD,USD,USD,USD,USD"))
    assert not bars.volume.any()
    assert "the volume is money (USD)" in preview.understood


def test_a_dollar_sign_at_prices_in_pence_is_asked_about() -> None:
    questions = currency_of(table(f"{PRICES},Volume", number=lambda value: f"${value:.2f}"), "VOD.L.csv")[1]
    assert questions == ("VOD.L is quoted in GBp, and the numbers carry a $: is it this instrument?",)
