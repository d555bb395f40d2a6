"""What the guide says about limits, costs and counts is what the code does."""

from pathlib import Path

from core.domain.instrument import AssetClass, Timeframe
from core.market import Market
from core.market.instrument_classes import DEFAULT_COSTS, make_instrument
from core.market.yahoo import LOOKBACK_LIMITS

GUIDE = (Path(__file__).parents[2] / "docs" / "market-data.md").read_text(encoding="utf-8")


def test_the_guide_has_the_costs_of_every_class() -> None:
    for kind, costs in DEFAULT_COSTS.items():
        if kind is AssetClass.SYNTHETIC:
            continue
        (line,) = [line for line in GUIDE.splitlines() if line.startswith(f"| {kind.value} | ")]
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        facts = make_instrument("X", asset_class=kind)

        assert int(cells[1]) == facts.days_per_year
        assert [float(cell.rstrip(" %")) for cell in cells[2:5]] == [
            round(100 * cost, 6) for cost in (costs.commission, costs.spread, costs.slippage)
        ]
        assert [cell == "yes" for cell in cells[5:7]] == [facts.shortable, facts.fractional]


def test_the_guide_has_yahoos_limits_and_the_size_of_the_directory(tmp_path: Path) -> None:
    yahoo = Market(tmp_path)._yahoo.listings()

    assert f"directory of {len(yahoo):,} instruments" in GUIDE
    for timeframe in (Timeframe.M1, Timeframe.M15, Timeframe.H1):
        reach = LOOKBACK_LIMITS[timeframe]
        assert reach is not None
        assert f"{reach.days} days" in GUIDE
