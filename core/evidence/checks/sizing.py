"""Checks of how much is traded: too little to matter, more than the account, more than the market."""

import numpy as np

from core.domain.finding import Finding
from core.evidence.check_case import Case


def one_unit(case: Case) -> Finding | None:
    """Every order is one unit, Backtrader's default, and that is next to nothing."""
    fills = case.evaluation.fills
    if not fills or any(abs(fill.size) != 1.0 for fill in fills) or _typical_share(case) > 0.05:
        return None
    return Finding(
        code="one_unit",
        severity=3,
        message=f"Every order is for one unit, {_typical_share(case):.2%} of the account: the result is cash",
        count=len(fills),
        fix="size orders, for example self.order_target_percent(target=0.95)",
    )


def small_positions(case: Case) -> Finding | None:
    """Positions are a small part of the account."""
    share = _typical_share(case)
    if not case.evaluation.fills or share >= 0.05 or all(abs(fill.size) == 1.0 for fill in case.evaluation.fills):
        return None
    return Finding(
        code="small_positions",
        severity=2,
        message=f"A typical position is {share:.1%} of the account: costs and cash decide the result",
        fix="raise the size, as far as the risk rows allow",
    )


def over_invested(case: Case) -> Finding | None:
    """The position was worth more than the account."""
    share = case.held_value / np.maximum(case.evaluation.equity, 1e-9)
    worst = int(np.argmax(share)) if len(share) else 0
    allowed = 1.05 * case.plan.leverage
    if not len(share) or share[worst] <= allowed:
        return None
    return Finding(
        code="over_invested",
        severity=2 if share[worst] <= 1.5 * case.plan.leverage else 3,
        message=f"The position was worth up to {share[worst]:.1f} times the account, and {case.plan.leverage:g} times is allowed",
        sample=f"on {np.count_nonzero(share > allowed)} bars, most on bar {worst}",
        fix="cap the size; check that orders do not add up while one is still waiting",
    )


def thin_volume(case: Case) -> Finding | None:
    """Orders are large against the bar's volume."""
    volumes = np.array([case.bars.find_instrument(fill.instrument).volume[fill.bar] for fill in case.evaluation.fills])
    sizes = np.array([abs(fill.size) for fill in case.evaluation.fills])
    traded = volumes > 0
    large = sizes[traded] > 0.1 * volumes[traded]
    if not traded.any() or np.mean(large) < 0.1:
        return None
    return Finding(
        code="thin_volume",
        severity=2,
        message="Orders take more than a tenth of the bar's volume: such fills would move the price",
        count=int(np.count_nonzero(large)),
        fix="trade smaller, or only when volume is high",
    )


def empty_bars(case: Case) -> Finding | None:
    """Fills on bars on which nothing was traded."""
    volumes = {fill.instrument: case.bars.find_instrument(fill.instrument).volume for fill in case.evaluation.fills}
    known = {instrument for instrument, volume in volumes.items() if np.any(volume > 0)}
    empty = [fill.bar for fill in case.evaluation.fills if fill.instrument in known and volumes[fill.instrument][fill.bar] <= 0]
    if len(empty) < max(3, 0.05 * len(case.evaluation.fills)):
        return None
    return Finding(
        code="empty_bars",
        severity=1,
        message="Orders were filled on bars without any volume: nobody would have traded with you",
        count=len(empty),
        sample=f"bar {empty[0]}",
        fix="trade in the busy hours only",
    )


def _typical_share(case: Case) -> float:
    values = case.held_value
    held = values > 0
    if not held.any():
        return 0.0
    return float(np.median(values[held] / np.maximum(case.evaluation.equity[held], 1e-9)))
