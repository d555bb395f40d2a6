"""Authors' names for Backtrader's generated classes: `Lines_LineSeries_..._BollingerBands` is BollingerBands with lines mid, top, bot."""

from typing import Any


def classify(thing: Any) -> str:
    """Classify as `strategy`, `indicator`, `feed`, `line`, `params`, `order` or `broker`; anything else by its own class's name."""
    import backtrader as bt
    from backtrader.lineseries import Lines, LineSeries
    from backtrader.metabase import AutoInfoClass
    from backtrader.position import Position

    if isinstance(thing, AutoInfoClass):
        return "order" if "_OrderBase" in type(thing).__name__ else "params"  # an order asks its params for what it lacks
    if isinstance(thing, bt.BrokerBase):
        return "broker"
    if isinstance(thing, Lines):
        return _kind_of_class(_owner_class(thing))
    if isinstance(thing, LineSeries):
        return _kind_of_class(type(thing))
    if isinstance(thing, bt.LineBuffer):
        return "line"
    if isinstance(thing, Position):
        return "Position"
    return type(thing).__name__


def short_name(thing: Any) -> str:
    """The class's name as authors know it."""
    from backtrader.lineseries import Lines

    return str((_owner_class(thing) if isinstance(thing, Lines) else type(thing)).__name__)


def all_names(thing: Any) -> tuple[str, ...]:
    """The class's name and those it is an alias of or derives from: ADX is AverageDirectionalMovementIndex."""
    from backtrader.lineseries import Lines

    owner = _owner_class(thing) if isinstance(thing, Lines) else type(thing)
    return tuple(step.__name__ for step in owner.__mro__)


def lines_of(thing: Any) -> tuple[str, ...]:
    """Names of the lines of a feed or an indicator."""
    return tuple(name if isinstance(name, str) else name[0] for name in thing._getlines()) if hasattr(thing, "_getlines") else ()


def params_of(thing: Any) -> tuple[str, ...]:
    """Names of the parameters of a class, an object, or a set of params."""
    params = getattr(thing, "params", thing)
    return tuple(name for name in params._getkeys() if not name.startswith("_")) if hasattr(params, "_getkeys") else ()


def find_owner(thing: Any) -> Any | None:
    """The indicator that a line operation belongs to: itself, or the one that created it; None for a plain operation of the strategy."""
    import backtrader as bt

    for _ in range(8):
        if isinstance(thing, bt.Indicator):
            return thing
        thing = getattr(thing, "_owner", None)
    return None


def _owner_class(lines: Any) -> type:
    """The class whose lines these are: generated classes carry its name at the end and live in its module."""
    import sys

    name = type(lines).__name__
    for owner in vars(sys.modules[type(lines).__module__]).values():
        if isinstance(owner, type) and getattr(owner, "lines", None) is type(lines) and name.endswith(f"_{owner.__name__}"):
            return owner
    return _search_owner(type(lines))


def _search_owner(lines: type) -> type:
    import backtrader as bt

    waiting: list[type] = [bt.Indicator, bt.Strategy, bt.feed.AbstractDataBase]
    while waiting:
        owner = waiting.pop()
        if getattr(owner, "lines", None) is lines:
            return owner
        waiting.extend(owner.__subclasses__())
    return lines


def _kind_of_class(owner: type) -> str:
    import backtrader as bt

    if issubclass(owner, bt.Strategy):
        return "strategy"
    if issubclass(owner, bt.feed.AbstractDataBase):
        return "feed"
    return "indicator" if issubclass(owner, bt.Indicator) else owner.__name__
