"""Choice of a basket's instruments before a run exists: those that cannot be used are named and left out, and never stop the others."""

from core.domain.bars import Bars
from core.domain.bars_request import BarsRequest
from core.domain.basket import list_members
from core.domain.errors import MarketDataError
from core.domain.instrument_result import LeftOut
from core.domain.run import RunPlan
from core.driving.ports import Market
from core.driving.run_context import MINIMUM_BARS, load_split_bars

FEWEST_HELD_OUT = 2
"""Bars of the hold-out that an instrument needs: bought on one, measured on the next."""


def choose_basket(plan: RunPlan, market: Market) -> RunPlan:
    """Choose those instruments of a plan's basket that can be used; the plan names the others with the reason.

    Raises InputError for one that is named twice, for too many, and for a currency without a rate; MarketDataError where none is left.
    """
    if not plan.bars.basket:
        return plan
    plan.bars.require_distinct()
    left_out: list[LeftOut] = []
    members = [one for one in plan.bars.members if _can_load(one, plan.bars, market, left_out)]
    while members:
        chosen = plan.changed(bars=plan.bars.choose_members(members), left_out=(*plan.left_out, *left_out))
        if len(members) == 1:
            return chosen
        short = _find_short(*load_split_bars(chosen.bars, plan.hold_out, market))
        if not short:
            return chosen
        left_out += [LeftOut(symbol=_name(members[place]), reason=reason) for place, reason in short.items()]
        members = [one for place, one in enumerate(members) if place not in short]
    raise MarketDataError(
        "None of the basket's instruments can be used: " + " ".join(f"{one.symbol}: {one.reason}" for one in left_out),
        hint="Choose instruments that have bars in the range of dates, or a longer range.",
    )


def _can_load(one: BarsRequest, whole: BarsRequest, market: Market, left_out: list[LeftOut]) -> bool:
    """True for an instrument whose bars can be had, also beside those that its program reads; the reason is noted for any other."""
    try:
        market.bars(one.changed(others=whole.others) if whole.others and one.subject not in {o.subject for o in whole.each[1:]} else one)
    except MarketDataError as error:
        left_out.append(LeftOut(symbol=_name(one), reason=str(error)))
        return False
    return True


def _find_short(training: Bars, hold_out: Bars) -> dict[int, str]:
    """Find the instruments with too few bars: place among the members and the reason."""
    found = {}
    kept, held = list_members(training), list_members(hold_out) if len(hold_out) else ()
    for place, own in enumerate(kept):
        if len(own) < MINIMUM_BARS:
            found[place] = f"It has {len(own)} training bars; {MINIMUM_BARS} are needed."
        elif held and len(held[place]) < FEWEST_HELD_OUT:
            found[place] = f"It has {len(held[place])} bars in the hold-out, so nothing could be measured there."
    return found


def _name(one: BarsRequest) -> str:
    return one.symbol or one.subject.removeprefix("file:")
