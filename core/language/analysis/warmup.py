"""Number of bars that a workflow needs before its first signal."""

from core.domain.instrument import Instrument, Timeframe
from core.language.catalogue import CATALOGUE
from core.language.syntax.definition import Definition
from core.language.syntax.nodes import Call, Function, HigherTimeframe, Node, Number, Past, children
from core.language.syntax.timeframes import HIGHER_TIMEFRAMES

SESSION_MINUTES = 390
"""Length of a trading day that is assumed when intraday bars are counted into days: New York's."""
MINUTES_PER_DAY = 1440


def day_minutes(instrument: Instrument | None) -> int:
    """Length of an instrument's trading day; New York's where nobody knows."""
    if instrument is None:
        return SESSION_MINUTES
    if instrument.day_roll or instrument.calendar in ("24/5", "24/7"):
        return MINUTES_PER_DAY
    length = instrument.session_close - instrument.session_open
    return length if 0 < length < MINUTES_PER_DAY else SESSION_MINUTES


def bars_needed(node: Node, timeframe: Timeframe | None = None, day: int = SESSION_MINUTES) -> int:
    """Bars until the node has a value for the first time."""
    below = max((bars_needed(child, timeframe, day) for child in children(node)), default=1)
    if isinstance(node, Call):
        entry = CATALOGUE[node.indicator]
        names = (param.name for param in entry.params)
        return below + entry.bars_needed(dict(zip(names, node.arguments, strict=True))) - 1
    if isinstance(node, Past):
        return below + node.bars
    if isinstance(node, Function) and node.name in ("crosses_above", "crosses_below"):
        return below + 1
    if isinstance(node, Function) and node.name in ("rising", "falling"):
        bars = node.arguments[1]
        return below + (int(bars.value) if isinstance(bars, Number) else 1)
    if isinstance(node, HigherTimeframe):
        return (below + 1) * bars_per(node.timeframe, timeframe, day)
    return below


def bars_per(higher: str, timeframe: Timeframe | None, day: int = SESSION_MINUTES) -> int:
    """Bars of the run that make one bar of a higher timeframe, roughly; `day` is the length of a trading day in minutes."""
    own = timeframe.minutes if timeframe else Timeframe.D1.minutes
    minutes = HIGHER_TIMEFRAMES[higher]
    if minutes == HIGHER_TIMEFRAMES["1w"]:
        return 5 if own >= Timeframe.D1.minutes else 5 * max(1, day // own)
    if minutes == HIGHER_TIMEFRAMES["1d"]:
        return max(1, day // own)
    return max(1, minutes // own)


def warmup_bars(definition: Definition, timeframe: Timeframe | None = None, instrument: Instrument | None = None) -> int:
    """Bars before the first signal: nothing is traded until every indicator of every active row has a value."""
    found = [bars_needed(node, timeframe, day_minutes(instrument)) for node in definition.nodes()]
    found += [int(item.number("atr_period").value) + 1 for item in definition.instructions if "atr_period" in item.values]
    return max(found, default=1)
