"""Stops and targets of one side: `stop 2% for longs, 3% for shorts`, `long when A, stop 2 ATR; short when B, stop 5%`."""

import re
from collections.abc import Sequence
from dataclasses import replace

from core.domain.workflow import Measure, Section
from core.language.phrases.found import Found, ProposedRow

RULES = ("stop_loss", "take_profit", "trailing_stop")
BEHIND = re.compile(r" ?\(?(?:for|on) (?:the |my |all )?(?P<side>long|short|buy|sell)s?(?: (?:trades|positions|side))?\b", re.IGNORECASE)
BEFORE = re.compile(
    r"\b(?:for|on) (?:the |my |all )?(?P<side>long|short)s?(?: (?:trades|positions|side))?(?: (?:use|is|the|an?))*[:,]? *$", re.I
)
WITH = re.compile(r"\bwith (?:an? |the )?$", re.IGNORECASE)
ENDS = re.compile(r"[.;!?](?:\s|$)")
NEAR = re.compile(r"(?:lowest|highest|low|high|swing_low|swing_high)\b|opening_range|yesterday|last_week|pivot_points")
"""Prices that lie on one side of an entry by themselves: on the other one they count for nothing."""


def put_on_sides(text: str, rows: Sequence[ProposedRow]) -> tuple[list[ProposedRow], list[str]]:
    """Write stops and targets that are told for one side as prices of that side, and name those that no price can say."""
    entries = {each.row.section for each in rows} & {Section.ENTRY_LONG, Section.ENTRY_SHORT}
    if len(entries) < 2:
        only = {"long" if Section.ENTRY_LONG in entries else "short"} if entries else {"long", "short"}
        other = [each for each in rows if each.row.indicators[0] in RULES and {each.one_side} - {*only, ""}]
        return [each for each in rows if each not in other], [each.words for each in other]
    kept: list[ProposedRow] = list(rows)
    lost: list[str] = []
    for rule in RULES:
        told = [each for each in kept if each.row.indicators == (rule,)]
        sides = {each.row.id: side for each in told if (side := _find_side(text, rows, each, told))}
        mine = [each for each in told if each.row.id in sides and not NEAR.match(each.row.thresholds[0])]
        if not mine:
            continue
        prices = [(sides[each.row.id], _write(each, rule, short=sides[each.row.id] == "short")) for each in mine]
        sized = any(each.row.indicators == ("risk_per_trade",) or each.row.operator is Measure.R for each in rows)
        kept = [each for each in kept if each not in mine]
        count = len({side for side, _ in prices})
        if any(not price for _, price in prices) or count < len(prices) or (sized and rule == "stop_loss" and count < 2):
            lost += dict.fromkeys(f"{each.words} (of one side)" for each in mine)
            continue
        long, short = (next((price for side, price in prices if side == name), "0") for name in ("long", "short"))
        row = mine[0].row.changed(operator=Measure.PRICE, thresholds=(f"({long}) if position > 0 else ({short})",))
        words = " ... ".join(dict.fromkeys(each.words for each in mine))
        kept.append(replace(mine[0], row=row, words=words))
    return kept, lost


def read_one_side(text: str, phrase: Found) -> Found:
    """Read the side that words right beside a rule name: `stop 2% for longs`, `for shorts: 3%`."""
    if phrase.rule is None or phrase.rule[1] not in RULES:
        return phrase
    told = BEHIND.match(text, phrase.end)
    before = None if told else BEFORE.search(text[: phrase.start])
    name = (told or before or {"side": ""})["side"].lower()
    one_side = {"buy": "long", "sell": "short"}.get(name, name)
    return replace(phrase, end=told.end() if told else phrase.end, start=before.start() if before else phrase.start, one_side=one_side)


def _find_side(text: str, rows: Sequence[ProposedRow], each: ProposedRow, told: Sequence[ProposedRow]) -> str:
    """Find the side of a rule: named beside it, or that of its sentence where the other side has one of its own, or it is told `with`."""
    if each.one_side or each.row.operator is Measure.PRICE:
        return each.one_side
    mine = _find_sentence(text, rows, each)
    others = {
        side for one in told if one is not each and (side := _find_sentence(text, rows, one)) and one.row.thresholds != each.row.thresholds
    }
    return mine if mine and (others - {mine} or WITH.search(text[: each.place[0]])) else ""


def _find_sentence(text: str, rows: Sequence[ProposedRow], each: ProposedRow) -> str:
    """Find the side whose conditions stand before a rule in its sentence; empty where both or none do."""
    start = each.place[0]
    begun = start - len(ENDS.split(text[:start])[-1]) if start >= 0 else start
    sections = {one.row.section for one in rows if begun <= one.place[0] < start} & {Section.ENTRY_LONG, Section.ENTRY_SHORT}
    return {Section.ENTRY_LONG: "long", Section.ENTRY_SHORT: "short"}[sections.pop()] if len(sections) == 1 else ""


def _write(each: ProposedRow, rule: str, *, short: bool) -> str:
    """Write the price of a rule for one side; empty where no price can say it."""
    row, cells = each.row, each.row.thresholds
    number = float(cells[0]) if re.fullmatch(r"[\d.]+", cells[0]) else 0.0
    up = (rule == "take_profit") != short
    base = "entry_price" if rule != "trailing_stop" else "lowest_since_entry" if short else "highest_since_entry"
    if row.operator is Measure.PERCENT and number and len(cells) == 1:
        return f"{1 + (1 if up else -1) * number / 100:g} * {base}"
    if row.operator is Measure.ATR and number and all(cell.isdigit() for cell in cells[1:2]) and len(cells) < 3:
        return f"{base} {'+' if up else '-'} {number:g} * atr({cells[1] if len(cells) > 1 else 14})"
    return f"{base} {'+' if up else '-'} {number:g}" if row.operator is Measure.POINTS and number and len(cells) == 1 else ""
