"""Candle patterns on tables made by hand: each is found on its last bar, and not when one price is moved."""

import pytest
from workflow_runs import table, values_of

FOUND = {
    "doji": [(10, 12, 8, 10.1)],
    "hammer": [(10, 10.6, 7, 10.5)],
    "shooting_star": [(10, 13.5, 9.9, 10.4)],
    "marubozu_up": [(10, 12.05, 9.95, 12)],
    "marubozu_down": [(12, 12.05, 9.95, 10)],
    "bullish_engulfing": [(11, 11.2, 9.8, 10), (9.9, 11.6, 9.8, 11.5)],
    "bearish_engulfing": [(10, 11.2, 9.8, 11), (11.1, 11.3, 9.4, 9.5)],
    "bullish_harami": [(12, 12.2, 9.8, 10), (10.5, 11.2, 10.4, 11)],
    "bearish_harami": [(10, 12.2, 9.8, 12), (11.5, 11.6, 10.4, 11)],
    "piercing_line": [(12, 12.1, 9.9, 10), (9.5, 11.6, 9.4, 11.5)],
    "dark_cloud_cover": [(10, 12.1, 9.9, 12), (12.5, 12.6, 10.4, 10.5)],
    "inside_bar": [(10, 13, 8, 11), (10, 12, 9, 11)],
    "outside_bar": [(10, 12, 9, 11), (10, 13, 8, 11)],
    "gap_up": [(10, 11, 9, 10), (12, 13, 11.5, 12)],
    "gap_down": [(10, 11, 9, 10), (8, 8.5, 7, 8)],
    "tweezer_bottom": [(11, 11.2, 9, 9.5), (9.4, 11, 9.02, 10.8)],
    "tweezer_top": [(10, 12, 9.8, 11.5), (11.6, 12.02, 10, 10.2)],
    "bullish_reversal": [(10, 11, 9, 10), (9.5, 11.5, 8.5, 11.2)],
    "bearish_reversal": [(10, 11, 9, 10), (10.5, 11.5, 8.5, 8.8)],
    "morning_star": [(14, 14.2, 9.8, 10), (9.6, 9.9, 9.2, 9.8), (10.2, 13.2, 10, 13)],
    "evening_star": [(10, 14.2, 9.8, 14), (14.4, 14.8, 14.1, 14.2), (13.8, 14, 10.8, 11)],
    "three_white_soldiers": [(10, 12.1, 9.9, 12), (11, 14.1, 10.9, 14), (13, 16.1, 12.9, 16)],
    "three_black_crows": [(16, 16.1, 13.9, 14), (15, 15.1, 11.9, 12), (13, 13.1, 9.9, 10)],
    "three_inside_up": [(12, 12.2, 9.8, 10), (10.5, 11.2, 10.4, 11), (11, 12.8, 10.9, 12.5)],
    "three_inside_down": [(10, 12.2, 9.8, 12), (11.5, 11.6, 10.4, 11), (11, 11.1, 9.2, 9.5)],
}
LEAD = [(10, 11, 9, 10.5)] * 3


@pytest.mark.parametrize("name", FOUND)
def test_a_pattern_is_found_on_its_last_bar(name: str) -> None:
    assert values_of(name, table([*LEAD, *FOUND[name]]))[-1] == 1


@pytest.mark.parametrize("name", sorted(FOUND.keys() - {"doji", "inside_bar", "outside_bar"}))
def test_a_pattern_turned_upside_down_is_not_found(name: str) -> None:
    turned = [tuple(30 - price for price in (opened, low, high, close)) for opened, high, low, close in FOUND[name]]

    assert values_of(name, table([*LEAD, *turned]))[-1] == 0


@pytest.mark.parametrize("name", FOUND)
def test_flat_bars_are_no_pattern_except_the_inside_bar(name: str) -> None:
    expected = 1 if name == "inside_bar" else 0

    assert values_of(name, table([(10, 10, 10, 10)] * 6))[-1] == expected


def test_a_tweezer_needs_nearly_the_same_low() -> None:
    bars = [(11, 11.2, 9, 9.5), (9.7, 11, 9.5, 10.8)]

    assert values_of("tweezer_bottom", table([*LEAD, *bars]))[-1] == 0
