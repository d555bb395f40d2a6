"""Rows that are rules rather than conditions: size, risk, price orders. One table for menus, checker, explainer and compiler."""

from collections.abc import Mapping
from types import MappingProxyType

from core.domain.workflow import Measure, Section
from core.language.catalogue.risk_rules import RISK_RULES
from core.language.catalogue.rule import ENTRIES, EXITS, Rule, RuleForm, Slot, build_price_slot
from core.language.catalogue.sizing_rules import SIZING_RULES

__all__ = ["ENTRIES", "EXITS", "PRICE_ORDERS", "RULES", "Rule", "RuleForm", "Slot", "list_rules"]

ORDER_RULES = (
    Rule(
        "stop_order",
        "Stop order",
        "Entries wait for a price beyond the market, for `within` bars; exits rest at a price that is read anew on every close.",
        (*ENTRIES, *EXITS),
        {Measure.PRICE: RuleForm((build_price_slot("highest(high, 20)"),), "{verb} with a stop order at {price}{lasting}")},
        exits=True,
    ),
    Rule(
        "limit_order",
        "Limit order",
        "Entries wait for a better price, for `within` bars; exits rest at a price that is read anew on every close.",
        (*ENTRIES, *EXITS),
        {Measure.PRICE: RuleForm((build_price_slot("close * 0.99"),), "{verb} with a limit order at {price}{lasting}")},
        exits=True,
    ),
    Rule(
        "limit_on_open",
        "Limit on open",
        "For the next opening alone: filled at the open where that is at the price or better, never later in the bar; exits are asked for "
        "anew on every close.",
        (*ENTRIES, *EXITS),
        {Measure.PRICE: RuleForm((build_price_slot("close * 1.01"),), "{verb} at the next open if that is {bound} {price}{over}")},
        exits=True,
    ),
)
PRICE_ORDERS = tuple(rule.name for rule in ORDER_RULES)
"""Rules that carry a section out by an order at a price."""

RULES: Mapping[str, Rule] = MappingProxyType({rule.name: rule for rule in (*SIZING_RULES, *RISK_RULES, *ORDER_RULES)})
"""Every rule by its name in the indicators cell."""


def list_rules(section: Section) -> tuple[Rule, ...]:
    """List the rules that may stand in a section, in menu order."""
    return tuple(rule for rule in RULES.values() if section in rule.sections)
