"""Stops and targets of two distances (`the nearer of 10% or 4 ATR`), and trails that begin at a gain (`once up 5%, trail 3%`)."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from core.domain.workflow import Measure, Section
from core.language.phrases.rule_words import RuleText, find_level, find_range_bars, read_measure

FAR, LATER, CHOICE = "far|", "later|", "choice|"
"""Marks of prices that depend on the side which is traded; they are written out where all rows are known."""
_UNIT = (
    r"(?:%|percent|atrs?(?: ?\(\d+\))?|n\b|(?:times|[x*]) ?(?:the )?(?:\d+[- ](?:day|bar|period) )?atrs?(?: ?\(\d+\))?|average true ranges?"
    r"|pips?|points?|r\b|times (?:the )?risk)"
)


def put_reach(name: int) -> str:
    """Words for a distance, with a number of its own for its groups."""
    return rf"\+?(?P<amount{name}>\d+(?:\.\d+)?) ?(?P<unit{name}>{_UNIT})"


KIND = (
    r"(?P<kind>(?:(?:initial|hard|fixed|protective|first) )?stops?(?:[- ]loss)?|sl|(?:take[- ]profits?|profit target|target"
    r"|tp)(?: (?:price|level))?"
    r"|trail(?:ing)?(?: stop| the stop)?)"
)
_NEAR = r"nearer|nearest|closer|closest|tighter|tightest|smaller|smallest|lesser|less|lower|min(?:imum)?|first"
_FAR = r"farther|further|farthest|furthest|wider|widest|larger|largest|greater|bigger|max(?:imum)?|looser|higher|more"
SET = r"(?: ?(?:is|are|at|of|goes|placed|set|to|with|by|:|=|using))*,?"
_EITHER = re.compile(
    rf"\b{KIND}{SET} (?:the )?(?:(?P<far>{_FAR})|{_NEAR})(?: one)? (?:of|between|among)(?: the)? {put_reach(1)}"
    rf"(?: (?:below|above|from) (?:the )?entry)?(?:,| and| or)+ {put_reach(2)}(?: (?:below|above|from) (?:the )?entry)?"
    rf"|\b{KIND.replace('?P<kind>', '?P<kind2>')}{SET} {put_reach(3)}(?: (?:below|above|from) (?:the )?entry)? or {put_reach(4)}"
    rf"(?: (?:below|above|from) (?:the )?entry)?,? whichever (?:one )?(?:is|comes|gets hit)(?: the)? (?:(?P<far2>{_FAR})|{_NEAR})",
    re.IGNORECASE,
)
STATE = (
    r"(?:(?:is|has|are|am|'s|'m|been|gone|reached|reaches|exceeds?|exceeded|gained|gains|moved|moves|made|shows?|hits?|goes|gets"
    r"|rises|risen|run|runs"
    r"|above|over|more than|at least|an?|of|up|ahead|in profit|profits?|gain|by|about|to|in (?:my|our|your) favou?r|the|my|our"
    r"|your|trade|position"
    r"|price|stock|open|it|i|we|you) ?)*"
)
BEHIND_GAIN = r"(?: (?:in|of|profits?|gain|up|my|our|favou?r|ahead|move|open))*"
NOT_LATER = (
    r"(?!(?: (?:of|the|my|it|position|trade|shares|contracts|off|out|profits?)\b)*"
    rf" (?:at|after|when|once|if|as soon as|@) {STATE}\+?\d)"
)
"""Behind a stop that moves: where its own gain is told behind it, the one before it is that of something else."""
_WHEN = (
    r"(?:only |but only |and only )?(?:once|after|when|as soon as|from|if|(?:trailing stop(?:[- ]loss)?:? )?activat(?:e[sd]?|ing)"
    r"(?: it)?(?: at| after| once| when)?)"
)
_TRAIL = (
    r"(?:(?:use|add|set|switch to|apply|start|begin|then|i|we|you|and|an?|the) )*(?:trail(?:ing)?)(?: (?:the |a |my |it "
    r"|your )?stops?(?:[- ]loss)?)?"
)
_HOW = r"(?: (?:of|at|by|it|with|an?|the|that|using|behind|under|below|above|over|on))*"
_LEVEL = r"(?P<level{0}>[a-z0-9][^.,;:]{{2,60}}?)"
_TRAILS = (
    re.compile(
        rf"\b{_WHEN} {STATE}{put_reach(1)}{BEHIND_GAIN},? (?:then )?{_TRAIL}{_HOW} {put_reach(2)}(?: trail(?:ing)?)?(?: stop)?",
        re.IGNORECASE,
    ),
    re.compile(
        rf"\b{_TRAIL}{_HOW} {put_reach(2)}(?: stop)?,?(?: (?:that|which|and|but|it))*(?: (?:starts?|begins?|kicks? in|activates?"
        rf"|activated|is active|starting"
        rf"|beginning|only|works))* {_WHEN.replace('from', 'from|at')} {STATE}{put_reach(1)}{BEHIND_GAIN}",
        re.IGNORECASE,
    ),
    re.compile(rf"\b{_WHEN} {STATE}{put_reach(1)}{BEHIND_GAIN},? (?:then )?{_TRAIL}{_HOW} {_LEVEL.format('')}(?=[.,;:]|$)", re.IGNORECASE),
    re.compile(rf"\b{_TRAIL}{_HOW} {_LEVEL.format('')},? {_WHEN} {STATE}{put_reach(1)}{BEHIND_GAIN}", re.IGNORECASE),
)
"""Trails that begin at a gain: at a distance or at a level, which is told before or behind."""


@dataclass(frozen=True, slots=True)
class Distance:
    """The distance of a price from another one."""

    measure: Measure
    amount: str
    bars: str = "14"

    @property
    def text(self) -> str:
        return f"{self.measure.value}:{self.amount}:{self.bars}"


def read_distance(match: re.Match[str], name: str) -> Distance | None:
    """Read the distance of a number; None where the match has none there."""
    amount, unit = match[f"amount{name}"], match[f"unit{name}"]
    if amount is None:
        return None
    return Distance(read_measure(unit), amount, *find_range_bars(unit))


def find_distances(text: str) -> Iterator[tuple[int, int, tuple[RuleText, ...]]]:
    """Find stops and targets of two distances, and trails that begin at a gain: their place and the rows that they mean."""
    for match in _EITHER.finditer(text):
        if rules := _read_either(match):
            yield match.start(), match.end(), rules
    taken: list[tuple[int, int]] = []
    for pattern in _TRAILS:
        for match in pattern.finditer(text):
            rule = _read_trail(match)
            if rule is not None and all(match.end() <= start or match.start() >= end for start, end in taken):
                taken.append(match.span())
                yield match.start(), match.end(), (rule,)


def _cells(distance: Distance) -> tuple[str, ...]:
    return (distance.amount, distance.bars) if distance.measure is Measure.ATR and distance.bars != "14" else (distance.amount,)


def _read_either(match: re.Match[str]) -> tuple[RuleText, ...]:
    first, second = (read_distance(match, one) or read_distance(match, other) for one, other in (("1", "3"), ("2", "4")))
    kind = (match["kind"] or match["kind2"]).lower()
    rule = "trailing_stop" if kind.startswith("trail") else "stop_loss" if re.search(r"stop|sl", kind) else "take_profit"
    if first is None or second is None or (rule == "stop_loss" and Measure.R in (first.measure, second.measure)):
        return ()
    if not (match["far"] or match["far2"]):
        return tuple((Section.RISK, rule, one.measure, _cells(one)) for one in (first, second))
    measures = {first.measure, second.measure}
    if rule == "trailing_stop" or not measures <= {Measure.PERCENT, Measure.ATR, Measure.POINTS}:
        return ()
    return ((Section.RISK, rule, Measure.PRICE, (f"{FAR}{first.text}|{second.text}",)),)


def _read_trail(match: re.Match[str]) -> RuleText | None:
    start, level = read_distance(match, "1"), match.groupdict().get("level")
    if start is None:
        return None
    if level is None:
        trail = read_distance(match, "2")
        if trail is None:
            return None
        if trail.measure is start.measure:
            bars = (trail.bars,) if trail.measure is Measure.ATR else ()
            return Section.RISK, "trailing_stop", trail.measure, (trail.amount, *bars, start.amount)
        told = trail.text
    else:
        told = find_level(re.sub(r"^(?:a |an |the )?stop (?:at|below|under|above) ", "", level))
    if not told or Measure.R in (start.measure,) or told.startswith(("r:", "pips:")) or start.measure is Measure.PIPS:
        return None
    return Section.RISK, "trailing_stop", Measure.PRICE, (f"{LATER}{told}|{start.text}",)


def write_price(cell: str, rule: str, *, longs: bool, shorts: bool) -> str:
    """Write out a marked price for the sides that are traded.

    >>> write_price("far|percent:3:14|atr:1.5:14", "stop_loss", longs=True, shorts=False)
    'min(0.97 * entry_price, entry_price - 1.5 * atr(14))'
    >>> write_price("later|atr:2.5:14|percent:5:14", "trailing_stop", longs=True, shorts=False)
    'highest_since_entry - 2.5 * atr(14) if highest_since_entry >= 1.05 * entry_price else 0'
    """
    if longs and shorts:
        one, other = (_write_side(cell, rule, short=short) for short in (False, True))
        return f"({one}) if position > 0 else ({other})"
    return _write_side(cell, rule, short=shorts)


def _write_side(cell: str, rule: str, *, short: bool) -> str:
    mark, first, second, *asked = cell.split("|")
    best = "lowest_since_entry" if short else "highest_since_entry"
    if f"{mark}|" == LATER:
        level = _write_away(first, best, up=short) if ":" in first else first
        return f"{level} if {best} {'<=' if short else '>='} {_write_away(second, 'entry_price', up=not short)} else 0"
    up = (rule == "take_profit") != short
    if asked:
        return f"{_write_away(first, 'entry_price', up=up)} if {asked[0]} else {_write_away(second, 'entry_price', up=up)}"
    return f"{'max' if up else 'min'}({_write_away(first, 'entry_price', up=up)}, {_write_away(second, 'entry_price', up=up)})"


def _write_away(distance: str, base: str, *, up: bool) -> str:
    measure, amount, bars = distance.split(":")
    number = float(amount)
    if measure == Measure.PERCENT:
        return f"{1 + (1 if up else -1) * number / 100:g} * {base}"
    step = f"{number:g} * atr({bars})" if measure == Measure.ATR else f"{number:g}"
    return f"{base} {'+' if up else '-'} {step}"
