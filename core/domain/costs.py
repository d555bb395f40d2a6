"""Suggested costs for an instrument: starting values that the analyst may change. The figures come with the instrument."""

from core.domain.instrument import AssetClass, Instrument
from core.domain.value import Value

ASSET_CLASS_PHRASES = {
    AssetClass.EQUITY: "shares",
    AssetClass.ETF: "exchange-traded funds",
    AssetClass.INDEX: "an index, traded through a fund or a contract",
    AssetClass.FOREX: "currency pairs",
    AssetClass.CRYPTO: "coins",
    AssetClass.FUTURE: "futures",
    AssetClass.SYNTHETIC: "this made-up instrument",
}


class SuggestedCosts(Value):
    """Starting values for `BacktestPlan.commission` and `BacktestPlan.slippage`."""

    commission: float
    """Fraction of the traded value, each side."""
    slippage: float
    """Fraction of the price, each side: half the spread and what an order moves the price beyond it."""
    basis: str
    """Origin of the two, as one sentence for a form."""


def suggest_costs(instrument: Instrument, *, price: float | None = None) -> SuggestedCosts:
    """Suggest costs for an instrument: its usual commission, and as slippage half its usual spread plus what lies beyond it.

    With `price`, in the instrument's currency, half a tick counts where that is more than half the usual spread: nobody quotes closer, and
    on a share of 2 dollars a cent is half a percent. Never below the instrument's own `costs`; fractions, rounded to a hundredth of a
    basis point.
    Source: `Instrument.costs`, set by class in `core.market.instrument_classes`, where their sources stand. A spread is paid once for
    a round trip, half on each side: Harris, Trading and Exchanges (2003), chapter 14.

    >>> from core.domain.instrument import Costs
    >>> pair = Instrument(symbol="EURUSD", asset_class=AssetClass.FOREX, costs=Costs(commission=0, spread=0.0001, slippage=0.00005))
    >>> found = suggest_costs(pair)
    >>> found.commission, found.slippage
    (0.0, 0.0001)
    >>> found.basis
    'Usual for currency pairs: no commission, half of a spread of 0.010% and 0.005% beyond it a side.'
    """
    costs = instrument.costs
    spread, by_tick = costs.spread, False
    if price is not None and price > 0 and instrument.tick is not None:
        by_tick = instrument.tick / price > spread
        spread = max(spread, instrument.tick / price)
    commission = f"{costs.commission:.3%} commission" if costs.commission else "no commission"
    quoted = f"{spread:.3%}" + (" (one tick)" if by_tick else "")
    beyond = f"{costs.slippage:.3%}"
    phrase = ASSET_CLASS_PHRASES[instrument.asset_class]
    return SuggestedCosts(
        commission=costs.commission,
        slippage=min(round(costs.slippage + spread / 2, 6), 0.499),
        basis=f"Usual for {phrase}: {commission}, half of a spread of {quoted} and {beyond} beyond it a side.",
    )
