"""The feeds of a run in the order in which the strategy sees them: instruments, and longer bars made of them. Imports Backtrader."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from core.backtest.bar_source import BarSource, MomentStream
from core.backtest.feed import make_feeds, to_backtrader_timeframe
from core.domain.instrument import Timeframe
from core.domain.longer_bars import UNKNOWN_HOURS, add_longer_bars

SCRIPT_FEEDS = "feeds"
"""Entry of the script's record: for each feed in order, the name of an instrument, or (timeframe, place of the instrument)."""


@dataclass(frozen=True, slots=True)
class LongerBars:
    """Longer bars of one of the run's instruments, as a feed."""

    frame: Timeframe
    place: int = 0
    name: str = ""
    """The name that a script gives to them."""


def add_feeds(cerebro: Any, source: BarSource, frames: Sequence[Timeframe], script: Mapping[str, Any]) -> tuple[Any, ...]:
    """Add every feed of the run; gives those of the instruments, which can be traded.

    Longer bars follow the first instrument, further instruments follow them; where a script says another order, it is the script's.
    """
    several = len(source.symbols) if isinstance(source, MomentStream) else 1
    names, layout = _read_layout(script, several, frames)
    feeds = make_feeds(source, names)
    add = _resample_as_stock if script.get("timeframes") else _add_longer_bars
    for part in layout:
        if isinstance(part, LongerBars):
            add(cerebro, source, feeds[part.place], part)
        else:
            cerebro.adddata(feeds[part])
    if isinstance(source, MomentStream):
        for symbol, feed in zip(source.symbols, feeds, strict=True):
            cerebro.datasbyname.setdefault(symbol, feed)
    return feeds


def _read_layout(script: Mapping[str, Any], several: int, frames: Sequence[Timeframe]) -> tuple[list[str], list[int | LongerBars]]:
    """The names that a script gives to its instruments, and all feeds in order: places of instruments, and longer bars."""
    said = script.get(SCRIPT_FEEDS, ())
    called = dict(script.get("longer_names", {}))
    names = [part for part in said if isinstance(part, str)] if isinstance(said, tuple) else []
    if several == 1 or not names:
        return names, [0, *(LongerBars(frame, name=called.get(frame.value, "")) for frame in frames), *range(1, several)]
    layout: list[int | LongerBars] = []
    places = iter(range(several))
    for part in said:
        place = next(places, None) if isinstance(part, str) else None
        if place is not None:
            layout.append(place)
        elif not isinstance(part, str) and 0 <= part[1] < several and Timeframe(part[0]) in frames:
            layout.append(LongerBars(Timeframe(part[0]), part[1], called.get(part[0], "")))
    return names, [*layout, *places]


def _name_longer(feed: Any, longer: LongerBars) -> str:
    return longer.name or longer.frame.value if longer.name or longer.place == 0 else f"{feed._name} {longer.frame.value}"


def _resample_as_stock(cerebro: Any, source: BarSource, feed: Any, longer: LongerBars) -> None:
    """A script that resamples its feed itself gets Backtrader's own longer bars, those of its figures elsewhere."""
    unit, number = to_backtrader_timeframe(longer.frame)
    inside, name = source.timeframe.minutes if longer.frame.intraday else 0, _name_longer(feed, longer)
    higher = cerebro.resampledata(feed, timeframe=unit, compression=number, name=name, adjbartime=False, boundoff=inside)
    higher._ffilters.clear()  # no unfinished bar, and no extra call, after the last one


def _add_longer_bars(cerebro: Any, source: BarSource, feed: Any, longer: LongerBars) -> None:
    hours = source.hours[longer.place] if longer.place < len(source.hours) else UNKNOWN_HOURS
    add_longer_bars(cerebro, feed, longer.frame.value, hours, _name_longer(feed, longer))
