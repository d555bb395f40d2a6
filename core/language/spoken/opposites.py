"""The opposite of a condition."""

import re


def negate(expression: str) -> str:
    """Write the opposite of a condition.

    >>> negate("rsi(14) > 70"), negate("hammer"), negate("weekday == 4"), negate("a < 1 and b > 2")
    ('rsi(14) <= 70', 'not hammer', 'weekday != 4', 'not (a < 1 and b > 2)')
    """
    opposite = {">": "<=", "<": ">=", ">=": "<", "<=": ">", "==": "!=", "!=": "=="}
    parts = re.fullmatch(r"([^<>=!]+) (>=|<=|>|<|==|!=) ([^<>=!]+)", expression)
    if parts and not re.search(r"\b(?:and|or|not)\b", expression):
        return f"{parts[1]} {opposite[parts[2]]} {parts[3]}"
    return f"not {expression}" if re.fullmatch(r"\w+(?:\([^()]*\))?", expression) else f"not ({expression})"
