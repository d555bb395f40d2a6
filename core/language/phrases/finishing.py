"""Prices and sizes that are written out where all rows of a text are known, and alternatives that share conditions."""

import re
from collections.abc import Sequence
from dataclasses import replace

from core.domain.workflow import Measure, Operator, Section
from core.language.phrases import distances
from core.language.phrases.found import ProposedRow
from core.language.spoken.mirror import mirror

_NAME = re.compile(r"[a-z_]+|count\([a-z_]+, 1\)\[1\] == 1")
"""A pattern of bars, as a condition."""
CALENDAR = r"^(?:month|weekday|minute_of_day)\b"
REFUSED = re.compile(
    r"(?:\b(?:skip\w*|avoid\w*|nothing|aside|sit out|never|unless|not(?! more)|no(?! more)|except)|n['’]t)\b[^.;!?]*$", re.IGNORECASE
)


OF_THE_REST = re.compile(r"\b(?:rest|remainder|remaining|balance|other half|runner)\b", re.IGNORECASE)


def _is_of_a_year(each: ProposedRow) -> bool:
    return "sqrt(252) * realised_volatility" in each.row.indicators[0] and re.search(r"\bannual|\byear", each.words, re.IGNORECASE) is None


def start_trails(rows: Sequence[ProposedRow]) -> tuple[list[ProposedRow], list[str]]:
    """`Sell half at 20%, trail the rest by 10%`: the trail begins where the part leaves; where no row can say that, it is a remark."""
    parts = [each.row for each in rows if each.row.indicators == ("partial_exit",)]
    measures = {row.operator for row in parts}
    kept: list[ProposedRow] = []
    remarks = [f"`{each.words}` is read as volatility a year" for each in rows if _is_of_a_year(each)]
    for each in rows:
        row = each.row
        if row.indicators != ("trailing_stop",) or not OF_THE_REST.search(each.words) or not parts or "later|" in row.thresholds[0]:
            kept.append(each)
            continue
        start = max(parts, key=lambda part: float(part.thresholds[0]) if re.fullmatch(r"[\d.]+", part.thresholds[0]) else 0)
        amount = start.thresholds[0]
        if measures == {row.operator} and row.operator is Measure.PERCENT and len(row.thresholds) == 1:
            kept.append(replace(each, row=row.changed(thresholds=(*row.thresholds, amount))))
        elif measures <= {Measure.PERCENT, Measure.ATR} and len(measures) == 1 and "on close" not in row.thresholds:
            bars = next(iter(start.thresholds[2:]), "14") if start.operator is Measure.ATR else "14"
            level = row.thresholds[0]
            if row.operator in (Measure.PERCENT, Measure.ATR, Measure.POINTS):
                level = f"{row.operator.value}:{level}:{next(iter(row.thresholds[1:]), '14')}"
            told = f"{distances.LATER}{level}|{start.operator}:{amount}:{bars}"
            kept.append(replace(each, row=row.changed(operator=Measure.PRICE, thresholds=(told,))))
        else:
            kept.append(each)
            remarks.append(f"`{each.words}` trails the whole position from the entry on")
    return kept, remarks


def write_prices(rows: Sequence[ProposedRow]) -> list[ProposedRow]:
    """Write out the prices that depend on which sides are entered."""
    sections = {each.row.section for each in rows}
    shorts = Section.ENTRY_SHORT in sections
    longs = Section.ENTRY_LONG in sections or not shorts
    return [_write_price(each, longs=longs, shorts=shorts) for each in rows]


def _write_price(each: ProposedRow, *, longs: bool, shorts: bool) -> ProposedRow:
    row = each.row
    if not row.thresholds or not row.thresholds[0].startswith((distances.FAR, distances.LATER, distances.CHOICE)):
        return each
    price = distances.write_price(row.thresholds[0], row.indicators[0], longs=longs, shorts=shorts)
    return replace(each, row=row.changed(thresholds=(price,)))


CLOCK = re.compile(r"minute_of_day (?:==|>=) time\((\d+), (\d+)\)")


def sell_next_morning(rows: Sequence[ProposedRow]) -> list[ProposedRow]:
    """`Buy at 15:50, sell at 9:45`: a sale at an earlier time than the purchase is one of the next day, and keeps no purchase away."""
    entries = [each.row for each in rows if each.row.section in (Section.ENTRY_LONG, Section.ENTRY_SHORT)]
    times = [int(match[1]) * 60 + int(match[2]) for row in entries if (match := CLOCK.match(row.indicators[0]))]
    exits = {Section.EXIT_LONG if row.section is Section.ENTRY_LONG else Section.EXIT_SHORT for row in entries}
    kept: list[ProposedRow] = []
    for each in rows:
        flat = each.row.indicators == ("flat_at_close",) and each.row.operator is Measure.TIME
        hour, minute = map(int, each.row.thresholds[0].split(":")) if flat else (24, 0)
        if not times or hour * 60 + minute >= min(times):
            kept.append(each)
            continue
        for section in sorted(exits):
            group = chr(ord(max((one.row.group for one in rows if one.row.section is section), default="@")) + 1)
            told = f"minute_of_day == time({hour}, {minute})"
            row = each.row.changed(section=section, group=group, indicators=(told,), operator=Operator.IS_TRUE, thresholds=())
            kept.append(replace(each, row=row))
    return kept


AT_MOST = re.compile(r"(?:max(?:imum)?|at most|up to|(?:not|no|never) more than|capped at)\b", re.IGNORECASE)
SIZED = ("risk_per_trade", "volatility_target")


def cap_sizes(rows: Sequence[ProposedRow]) -> list[ProposedRow]:
    """`Risk 1% per trade, at most 20% of equity in one stock`: a share beside another size is the most that a position is worth."""
    sized = any(each.row.indicators[0] in SIZED for each in rows)
    return [
        replace(each, row=each.row.changed(section=Section.RISK, indicators=("max_exposure",)))
        if sized and each.row.indicators == ("position_size",) and each.row.operator is Measure.PERCENT and AT_MOST.match(each.words)
        else each
        for each in rows
    ]


def write_sizes(rows: Sequence[ProposedRow], resized: str) -> list[ProposedRow]:
    """`Halve the size if ...; normal size is 20% of equity`: the size that is told later is the usual one."""
    rows = cap_sizes(rows)
    places = [place for place, each in enumerate(rows) if each.row.indicators == ("position_size",)]
    if not resized or len(places) < 2 or re.fullmatch(r"[\d.]+", rows[places[1]].row.thresholds[0]) is None:
        return list(rows)
    share, condition = resized.split("|", 1)
    usual = rows[places[1]]
    told = f"{float(usual.row.thresholds[0]) * float(share):g} if {condition} else {usual.row.thresholds[0]}"
    kept = list(rows)
    kept[places[0]] = replace(usual, row=usual.row.changed(thresholds=(told,)))
    del kept[places[1]]
    return kept


def stop_both_sides(rows: Sequence[ProposedRow]) -> list[ProposedRow]:
    """`Stop 1 ATR beyond the average`, where both sides are entered: below it for the one, above it for the other."""
    sections = {each.row.section for each in rows}
    kept: list[ProposedRow] = []
    for each in rows:
        kept.append(each)
        priced = each.row.indicators == ("stop_loss",) and each.row.operator is Measure.PRICE
        told = mirror(each.row.thresholds[0]) if priced and re.search(r"\bbeyond\b|\b(?:other|opposite) (?:side|end)\b", each.words) else ""
        alone = sum(one.words == each.words and one.row.indicators == each.row.indicators for one in rows) == 1
        if alone and told and told != each.row.thresholds[0] and {Section.ENTRY_LONG, Section.ENTRY_SHORT} <= sections:
            kept.append(replace(each, row=each.row.changed(thresholds=(told, *each.row.thresholds[1:]))))
    return kept


def join_alternatives(text: str, rows: Sequence[ProposedRow]) -> list[ProposedRow]:
    """`Above the average and a hammer or a doji`: two patterns that `or` joins are one condition, beside which all others hold."""
    kept: list[ProposedRow] = []
    renamed: dict[tuple[Section, str], str] = {}
    for each in rows:
        row = each.row
        group = renamed.get((row.section, row.group), row.group)
        last = kept[-1] if kept else None
        if last is not None and _are_alternatives(text, last, each) and _has_others(rows, last, each):
            renamed[row.section, row.group] = last.row.group
            told = f"{last.row.indicators[0]} or {row.indicators[0]}"
            kept[-1] = replace(last, row=last.row.changed(indicators=(told,)), words=f"{last.words} or {each.words}")
        else:
            kept.append(each if group == row.group else replace(each, row=row.changed(group=group)))
    return kept


def _are_alternatives(text: str, one: ProposedRow, other: ProposedRow) -> bool:
    patterns = all(each.row.operator is Operator.IS_TRUE and _NAME.fullmatch(each.row.indicators[0]) for each in (one, other))
    apart = one.row.section is other.row.section and one.row.group != other.row.group
    words = rf"{re.escape(one.words)},? or (?:an? |the )?{re.escape(other.words)}"
    return patterns and apart and re.search(words, text) is not None


def _has_others(rows: Sequence[ProposedRow], one: ProposedRow, other: ProposedRow) -> bool:
    """Tell whether either of two alternatives stands beside further conditions."""
    beside = [each for each in rows if each.row.section is one.row.section and each.row.group in (one.row.group, other.row.group)]
    return len(beside) > 2


def enter_by_filters(text: str, rows: Sequence[ProposedRow]) -> list[ProposedRow]:
    """`Only buy when RSI is under 30`: conditions alone are the way in."""
    kept = []
    for each in rows:
        asked = each.row.section is Section.FILTER and not REFUSED.search(
            text[: each.place[0]] if each.place[0] >= 0 else text.split(each.words, maxsplit=1)[0]
        )
        bare = asked and not re.match(rf"{CALENDAR}|losses_in_row|minutes_", each.row.indicators[0])
        kept.append(replace(each, row=each.row.changed(section=Section.ENTRY_LONG)) if bare else each)
    return kept


SEVERAL = ("stop_loss", "take_profit", "trailing_stop", "partial_exit", "add_cash")
"""Rules that may stand in several rows: the tightest stop and the nearest target count."""


def drop_repeated(rows: Sequence[ProposedRow]) -> tuple[tuple[ProposedRow, ...], list[str]]:
    """Drop the rows that say what an earlier one says, and number the others; the words of those that contradict one are given, too."""
    kept: list[ProposedRow] = []
    lost: list[str] = []
    seen: set[tuple[object, ...]] = set()
    for each in rows:
        row = each.row
        rule = isinstance(row.operator, Measure)
        whole = (row.section, row.group, *row.indicators, *((row.operator, *row.thresholds) if rule else ()))
        single = (row.section, row.group, *row.indicators) if rule and row.indicators[0] not in SEVERAL else whole
        if single not in seen:
            kept.append(replace(each, row=row.changed(id=f"r{len(kept) + 1}")))
        elif whole not in seen:
            lost.append(each.words)
        seen |= {single, whole}
    return tuple(kept), lost
