"""Costs as the field says them, read from words: percent of value, per share, per contract, per order, a minimum, ticks, pips, money."""

import re
from typing import Any

from core.domain.backtest import BacktestPlan
from core.domain.costs import suggest_costs
from core.domain.errors import InputError
from core.domain.instrument import AssetClass, Instrument

EXAMPLE = "0.005 per share, min 1, spread 1 pip"
STANDARD_LOT = 100_000
"""Units of a currency pair that brokers call a lot."""
NUMBER = r"(?P<amount>\d*\.?\d+)"
COMMISSIONS = (
    (re.compile(rf"(?:commission )?{NUMBER} ?%(?: of (?:the )?value)?"), "commission", 0.01),
    (re.compile(rf"(?:commission )?{NUMBER} ?(?:bp|bps|basis points?)"), "commission", 0.0001),
    (re.compile(rf"(?:commission )?{NUMBER} ?(?:/|per |a |an )?(?P<unit>share|contract|unit|coin)s?"), "commission_per_unit", 1.0),
    (re.compile(rf"(?:commission )?{NUMBER} ?(?:/|per |a )(?P<unit>lot)"), "commission_per_unit", 1 / STANDARD_LOT),
    (re.compile(rf"(?:commission )?{NUMBER} ?(?:/|per |an |a )?(?:order|trade|execution|fill|side)"), "commission_per_order", 1.0),
    (re.compile(rf"(?:min|minimum|at least)\.? ?{NUMBER}"), "commission_minimum", 1.0),
)
SIGNS = {"$": ("D", "MXN", "ARS", "CLP", "COP"), "€": ("EUR",), "£": ("GBP", "EGP"), "¥": ("JPY", "CNY", "CNH")}
"""Signs of currencies, and how the codes of those end that are written with one."""
IMPACT = re.compile(rf"(?P<kind>spread|slippage) {NUMBER} ?(?P<unit>%|bps?|ticks?|pips?|points?|money|cents?)?")


def parse_costs(text: str, instrument: Instrument, plan: BacktestPlan) -> BacktestPlan:
    """Parse costs into a plan; what the text does not speak of stays as it is usual for the instrument. Raises InputError.

    A spread is paid by half on each side. A tick is the instrument's own, a pip 0.0001, or 0.01 where the price is in yen.

    >>> pair = Instrument(symbol="EURUSD", asset_class=AssetClass.FOREX, tick=0.00001)
    >>> parse_costs("spread 1 pip, slippage 2 ticks", pair, BacktestPlan()).slippage_price
    7e-05
    >>> found = parse_costs("$0.005/share, min $1", Instrument(symbol="X"), BacktestPlan())
    >>> found.commission, found.commission_per_unit, found.commission_minimum, found.slippage
    (0.0, 0.005, 1.0, 0.0005)
    """
    _require_own_currency(text, instrument)
    terms = [term.strip() for term in re.split(r"[,;+]| and ", re.sub(r"[$€£¥]", "", text.lower())) if term.strip()]
    usual = suggest_costs(instrument)
    said: dict[str, float] = {}
    impact: dict[str, tuple[float, bool]] = {}
    for term in terms:
        if found := IMPACT.fullmatch(term):
            impact[found["kind"]] = _read_impact(found, instrument)
            continue
        name, amount = _read_commission(term, instrument)
        said[name] = said.get(name, 0.0) + amount
    charged = any(name.startswith("commission") for name in said)
    values: dict[str, Any] = {"commission": 0.0 if charged else usual.commission, **said, **_join_impacts(impact, usual.slippage)}
    return plan.changed(**values, costs_said=text.strip())


def apply_usual_costs(plan: BacktestPlan, instrument: Instrument) -> BacktestPlan:
    """Apply the usual costs of an instrument's class to a plan."""
    usual = suggest_costs(instrument)
    return plan.changed(commission=usual.commission, slippage=usual.slippage)


def _require_own_currency(text: str, instrument: Instrument) -> None:
    """Require that a sign of a currency may be that of the account. Raises InputError."""
    own = instrument.currency.upper()
    other = next((sign for sign in text if sign in SIGNS and not own.endswith(SIGNS[sign])), None)
    if other is not None and own:
        raise InputError(
            f"{other} is not the currency of {instrument.symbol}: its account is in {instrument.currency}.",
            hint=f"Convert the amount, and say it in {instrument.currency} or without a sign.",
        )


def _read_commission(term: str, instrument: Instrument) -> tuple[str, float]:
    for pattern, name, factor in COMMISSIONS:
        if found := pattern.fullmatch(term):
            _require_known_size(found.groupdict().get("unit"), term, instrument)
            return name, float(found["amount"]) * factor
    raise InputError(f"'{term[:40]}' says no cost.", hint=f"Write for example: {EXAMPLE}; or 0.1%, 1 per order.")


def _require_known_size(unit: str | None, term: str, instrument: Instrument) -> None:
    """Require that it is known how many units of the instrument the amount is for. Raises InputError."""
    if unit == "contract" and instrument.asset_class is AssetClass.FUTURE:
        raise InputError(
            f"'{term[:40]}' cannot be charged: the multiplier of {instrument.symbol} is not known, a unit here is worth its price.",
            hint="Divide the amount by the multiplier and say it per unit: of a contract worth 50 times its price, 2.50 are 0.05 per unit.",
        )
    if unit == "lot" and instrument.asset_class is not AssetClass.FOREX:
        raise InputError(
            f"'{term[:40]}' cannot be charged: how many units of {instrument.symbol} a lot has is not known.",
            hint=f"Say the amount per unit. A lot of {STANDARD_LOT:,} is one of a currency pair.",
        )


def _read_impact(found: re.Match[str], instrument: Instrument) -> tuple[float, bool]:
    """Read an amount, and whether it is a fraction of the price."""
    amount, unit = float(found["amount"]), (found["unit"] or "money").rstrip("s")
    if unit in ("%", "bp"):
        return amount * (0.01 if unit == "%" else 0.0001), True
    if unit == "tick":
        if instrument.tick is None:
            raise InputError(f"The tick of {instrument.symbol} is not known.", hint="Say spread and slippage in money or percent.")
        return amount * instrument.tick, False
    if unit == "pip":
        if instrument.asset_class is not AssetClass.FOREX:
            raise InputError(f"{instrument.symbol} is no currency pair, so it has no pips.", hint="Say ticks, money or percent.")
        return amount * (0.01 if instrument.currency == "JPY" else 0.0001), False
    return amount * {"cent": 0.01}.get(unit, 1.0), False


def _join_impacts(impact: dict[str, tuple[float, bool]], usual: float) -> dict[str, float]:
    """Join half the spread and the slippage into the one field of a plan that fits their unit."""
    if not impact:
        return {"slippage": usual, "slippage_price": 0.0}
    if len({fraction for _, fraction in impact.values()}) > 1:
        raise InputError(
            "Spread and slippage are said in two kinds of units.", hint="Say both in percent, or both in ticks, pips or money."
        )
    total = round(impact.get("slippage", (0.0, True))[0] + impact.get("spread", (0.0, True))[0] / 2, 12)
    is_fraction = next(iter(impact.values()))[1]
    return {"slippage": total if is_fraction else 0.0, "slippage_price": 0.0 if is_fraction else total}
