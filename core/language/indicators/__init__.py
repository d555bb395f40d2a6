"""The catalogue of indicators, one file a subject: the one table that menus, checker, prompt and compiler read."""

from collections.abc import Mapping
from types import MappingProxyType

from core.language.indicators.averages import AVERAGES
from core.language.indicators.base import Indicator, Kind, Line, Param
from core.language.indicators.oscillators import OSCILLATORS
from core.language.indicators.patterns import PATTERNS
from core.language.indicators.session import SESSION
from core.language.indicators.statistics import STATISTICS
from core.language.indicators.trend import TREND
from core.language.indicators.volatility import VOLATILITY
from core.language.indicators.volume import VOLUME

SHELVES = (AVERAGES, OSCILLATORS, TREND, VOLATILITY, VOLUME, SESSION, STATISTICS, PATTERNS)

CATALOGUE: Mapping[str, Indicator] = MappingProxyType({name: entry for shelf in SHELVES for name, entry in shelf.entries.items()})
"""Every indicator by its name in the language."""

CLASSES: Mapping[str, str] = MappingProxyType({name: source for shelf in SHELVES for name, source in shelf.classes.items()})
"""Python source of every indicator class that Backtrader lacks or gets wrong on flat bars."""

__all__ = ["CATALOGUE", "CLASSES", "Indicator", "Kind", "Line", "Param"]
