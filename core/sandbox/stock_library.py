"""A second copy of Backtrader that nobody has touched: programs that are handed out are proved on it, not on the one made faster."""

import importlib
import sys
from types import ModuleType

LIBRARY = "backtrader"
_stock: dict[str, ModuleType] = {}


def keep_stock() -> None:
    """Import every module of the library that is loaded once more and put it aside; afterwards there may be no file to import from."""
    working = _take_out()
    for name in sorted(working):
        importlib.import_module(name)
    _stock.update(_take_out())
    sys.modules.update(working)


def install_stock() -> None:
    """Let every import from here on find the copy that nobody has touched."""
    _take_out()
    sys.modules.update(_stock)


def _take_out() -> dict[str, ModuleType]:
    """Take all modules of the library out of the interpreter's table; a name that is there without a module stays."""
    names = [name for name, module in sys.modules.items() if name.partition(".")[0] == LIBRARY and module is not None]
    return {name: sys.modules.pop(name) for name in names}
