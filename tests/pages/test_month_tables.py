"""Tables of monthly returns: the numbers that the browser draws, and what several columns of a comparison share."""

import numpy as np
import pytest

from core.report.comparison import Column, ParticipantKind
from pages.components.decision_table import describe_corner
from pages.components.month_tables import MonthlyAccount, build_month_table

DAYS = np.array(["2020-11-30", "2020-12-31", "2021-02-26"], dtype="datetime64[s]")


def test_months_without_bars_are_empty_and_the_year_counts_what_there_is() -> None:
    table = build_month_table(MonthlyAccount("One", "#123456", np.array([110.0, 99.0, 198.0]), DAYS, start_value=100.0))

    assert table["years"] == [2020, 2021]
    assert table["moves"] == [[None] * 10 + [10.0, -10.0], [None, 100.0] + [None] * 10]
    assert table["whole"] == [-1.0, 100.0]


def test_a_ruined_account_has_the_months_until_then() -> None:
    table = build_month_table(MonthlyAccount("One", "#123456", np.array([110.0, 0.0, 0.0]), DAYS, start_value=100.0))

    assert table["moves"][0][10:] == [10.0, -100.0]
    assert [len(row) for row in table["moves"]] == [12] * len(table["years"]) == [12] * len(table["whole"])


@pytest.mark.parametrize(
    ("assets", "models", "shared"),
    [
        (("AAPL", "AAPL", "AAPL"), ("a", "a", "compiler"), ("AAPL\na", "AAPL", "a")),
        (("AAPL", "MSFT", "AAPL"), ("a", "a", "compiler"), ("a", "", "a")),
        (("AAPL", "AAPL", "AAPL"), ("a", "b", "compiler"), ("AAPL", "AAPL", "")),
    ],
)
def test_the_corner_says_once_what_all_columns_share(
    assets: tuple[str, ...], models: tuple[str, ...], shared: tuple[str, str, str]
) -> None:
    kinds = (ParticipantKind.ITERATION, ParticipantKind.ITERATION, ParticipantKind.WRITTEN)
    named = enumerate(zip(kinds, assets, models, strict=True))
    columns = [Column(id=f"r:{place}", kind=kind, name="n", asset=asset, model=model) for place, (kind, asset, model) in named]

    assert describe_corner(columns) == shared
