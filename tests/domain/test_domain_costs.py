"""Starting values for commission and slippage, by hand."""

import pytest

from core.domain.costs import suggest_costs
from core.domain.instrument import AssetClass, Costs, Instrument
from core.market.instrument_classes import make_instrument


@pytest.mark.parametrize(
    ("asset_class", "commission", "slippage"),
    [
        (AssetClass.EQUITY, 0.001, 0.0005),
        (AssetClass.ETF, 0.0005, 0.00035),
        (AssetClass.FOREX, 0.0, 0.0001),
        (AssetClass.CRYPTO, 0.001, 0.00075),
        (AssetClass.FUTURE, 0.00002, 0.00015),
    ],
)
def test_half_the_spread_is_part_of_the_slippage(asset_class: AssetClass, commission: float, slippage: float) -> None:
    found = suggest_costs(make_instrument("EURUSD", asset_class=asset_class))

    assert (found.commission, found.slippage) == (commission, pytest.approx(slippage))


def test_a_tick_is_the_least_spread_of_a_cheap_share() -> None:
    share = Instrument(symbol="X", tick=0.01, costs=Costs(commission=0.001, spread=0.0002, slippage=0.0005))

    cheap, dear = suggest_costs(share, price=2.0), suggest_costs(share, price=200.0)

    assert (cheap.slippage, dear.slippage) == (0.003, 0.0006)
    assert "spread of 0.500% (one tick)" in cheap.basis


def test_nothing_is_suggested_that_a_plan_would_refuse() -> None:
    odd = Instrument(symbol="X", tick=1.0, costs=Costs())

    assert suggest_costs(odd, price=0.001).slippage < 0.5
    assert suggest_costs(odd, price=0.0).slippage == 0.0005
