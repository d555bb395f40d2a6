"""A probe in a winner's code that tells its indicators' values bar by bar: runs with a longer and a shorter history are held together.

A run tells of itself by flags, one a bar. So each value is written as bits, with as many digits as it takes to tell settled from unsettled.
"""

import ast
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.domain.bars import FloatArray
from core.prompts.answer_code import parse

MOST_LINES = 8
"""Lines of indicators that are told at most."""
DIGITS = 16
"""Binary digits of a value's mantissa."""
EXPONENTS = 8
"""Binary digits of its exponent."""
SHIFT = 2 ** (EXPONENTS - 1)
WIDTH = DIGITS + EXPONENTS + 2
"""Flags of one value: whether there is one, its sign, exponent, mantissa."""

_PROBE = """

class WarmUpProbe({base}):
    def prenext(self):
        super().prenext()
        self.tell_warm_up()

    def next(self):
        super().next()
        self.tell_warm_up()

    def tell_warm_up(self):
        if not hasattr(self, "warm_up_columns"):
            named = [(name, made) for name, made in vars(self).items() if isinstance(made, bt.Indicator)]
            self.warm_up_lines = [(f"{{name}}/{{at}}", line) for name, made in named for at, line in enumerate(made.lines)][:{most}]
            self.signals = {{f"{{name}}/{{bit}}": bytearray() for name, _ in self.warm_up_lines for bit in range({width})}}
            self.warm_up_columns = True
        bar = len(self.data) - 1
        for name, line in self.warm_up_lines:
            value = float(line[0]) if len(line) else math.nan
            known = value == value and abs(value) < 1e37
            mantissa, exponent = math.frexp(abs(value)) if known else (0.0, 0)
            number = int(mantissa * {scale}) | (min(max(exponent + {shift}, 0), {largest}) << {digits})
            number = (number << 2) | ((value < 0) << 1) | known
            for bit in range({width}):
                column = self.signals[f"{{name}}/{{bit}}"]
                column.extend(bytes(bar - len(column)))
                column.append(number >> bit & 1 if known else 0)
"""


def add_probe(code: str) -> str | None:
    """Add the probe to a program of one strategy class; None where there is none that it could be added to."""
    tree = parse(code)
    made: list[str] = []
    for node in tree.body if tree else ():
        if isinstance(node, ast.ClassDef) and any(_names_strategy(base, made) for base in node.bases):
            made.append(node.name)
    if not made:
        return None
    probe = _PROBE.format(
        base=made[-1],
        most=MOST_LINES,
        width=WIDTH,
        scale=2**DIGITS,
        shift=SHIFT,
        largest=2 * SHIFT - 1,
        digits=DIGITS,
    )
    return f"{code.rstrip()}\n\n\nimport math\n\nimport backtrader as bt\n{probe}"


def read_probe(flags: Mapping[str, NDArray[Any]]) -> dict[str, FloatArray]:
    """Read the values that a probe told: by name of the indicator and number of its line, NaN where there was none; shape (bars,)."""
    names = list(dict.fromkeys(name.rpartition("/")[0] for name in flags if name.count("/") == 2))
    return {name: _join([np.asarray(flags[f"{name}/{bit}"], dtype=np.int64) for bit in range(WIDTH)]) for name in names}


def _join(bits: Sequence[NDArray[np.int64]]) -> FloatArray:
    known, negative = bits[0] == 1, bits[1] == 1
    places = np.array(bits[2:])
    mantissa = (places[:DIGITS].T @ 2 ** np.arange(DIGITS)) / 2.0**DIGITS
    exponent = places[DIGITS:].T @ 2 ** np.arange(EXPONENTS) - SHIFT
    values: FloatArray = np.where(known, np.where(negative, -1.0, 1.0) * np.ldexp(mantissa, exponent), np.nan)
    return values


def _names_strategy(base: ast.expr, made: Sequence[str]) -> bool:
    name = ast.unparse(base).rpartition(".")[2]
    return name.endswith("Strategy") or name in made
