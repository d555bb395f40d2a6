"""Candles of a chart in JSON: a series of prices beside the moments of its axis, or with them, and the volume of another series."""

from typing import Any

from core.market.headers import find_role

CANDLES = ("candlestick", "k", "ohlc")
ON_AXIS = ("date", "open", "close", "low", "high")
"""Order of the prices where the moments stand on the axis, as in ECharts."""
WITH_MOMENT = ("date", "open", "high", "low", "close")
"""Order of what each row holds where it begins with its moment, as in Highcharts."""


def read_chart(node: dict[str, Any]) -> tuple[list[str], list[list[str]]] | None:
    """Names and rows of the one series of candles in a chart's options; None where there is none, or several.

    >>> read_chart({"xAxis": {"data": ["2023-01-03"]}, "series": [{"type": "candlestick", "data": [["1", "2", "0", "3"]]}]})
    (['date', 'open', 'close', 'low', 'high'], [['2023-01-03', '1', '2', '0', '3']])
    """
    every = [each for each in _list(node.get("series")) if isinstance(each, dict) and isinstance(each.get("data"), list)]
    candles = [each for each in every if str(each.get("type", "")).lower() in CANDLES]
    if len(candles) != 1:
        return None
    cells = [_value(row) for row in candles[0]["data"]]
    if not cells or not all(isinstance(row, list) and len(row) in (4, 5) and not _is_nested(row) for row in cells):
        return None
    axis: list[Any] = next(
        (each["data"] for each in _list(node.get("xAxis")) if isinstance(each, dict) and isinstance(each.get("data"), list)), []
    )
    moments = [str(_value(moment)) for moment in axis]
    if len(moments) == len(cells):
        names, rows = list(ON_AXIS), [[moment, *map(_write, row[-4:])] for moment, row in zip(moments, cells, strict=True)]
    elif all(len(row) == len(WITH_MOMENT) for row in cells):
        names, rows = list(WITH_MOMENT), [[*map(_write, row)] for row in cells]
    else:
        return None
    volumes = [each["data"] for each in every if find_role(str(each.get("name", ""))) == "volume"]
    if len(volumes) == 1 and (beside := _read_volume(volumes[0], [row[0] for row in rows])):
        return [*names, "volume"], [[*row, volume] for row, volume in zip(rows, beside, strict=True)]
    return names, rows


def _read_volume(data: list[Any], moments: list[str]) -> list[str]:
    """The volume of each moment: by its own moment where pairs hold one, else in the same order; empty where neither fits."""
    cells = [_value(cell) for cell in data]
    if not all(isinstance(cell, list) and len(cell) >= 2 for cell in cells):
        return [_write(cell) for cell in cells] if len(cells) == len(moments) and not _is_nested(cells) else []
    by_moment = {_write(cell[0]): _write(cell[1]) for cell in cells}
    if set(by_moment) & set(moments):
        return [by_moment.get(moment, "") for moment in moments]
    counted = [_write(cell[0]) for cell in cells] == [str(place) for place in range(len(moments))]
    return [_write(cell[1]) for cell in cells] if counted else []


def _list(node: Any) -> list[Any]:
    return node if isinstance(node, list) else [node]


def _value(cell: Any) -> Any:
    """The value of a cell that carries its style too."""
    return cell.get("value") if isinstance(cell, dict) and "value" in cell else cell


def _is_nested(row: list[Any]) -> bool:
    return any(isinstance(cell, dict | list) for cell in row)


def _write(cell: Any) -> str:
    return "" if cell is None else str(cell)
