"""The catalogue of indicators, one file a subject: the one table that menus, checker, prompt and compiler read."""

from collections.abc import Mapping
from types import MappingProxyType

from core.language.catalogue.averages import AVERAGES
from core.language.catalogue.indicator import Indicator, OutputLine, Param, Unit
from core.language.catalogue.momentum import MOMENTUM
from core.language.catalogue.oscillators import OSCILLATORS
from core.language.catalogue.patterns import PATTERNS
from core.language.catalogue.session import SESSION
from core.language.catalogue.statistics import STATISTICS
from core.language.catalogue.swings import SWINGS
from core.language.catalogue.trend import TREND
from core.language.catalogue.volatility import VOLATILITY
from core.language.catalogue.volume import VOLUME

INDICATOR_GROUPS = (AVERAGES, OSCILLATORS, MOMENTUM, TREND, SWINGS, VOLATILITY, VOLUME, SESSION, STATISTICS, PATTERNS)

CATALOGUE: Mapping[str, Indicator] = MappingProxyType({name: entry for group in INDICATOR_GROUPS for name, entry in group.entries.items()})
"""Every indicator by its name in the language."""

CLASSES: Mapping[str, str] = MappingProxyType({name: source for group in INDICATOR_GROUPS for name, source in group.classes.items()})
"""Python source of every indicator class that Backtrader lacks or gets wrong on flat bars."""

__all__ = ["CATALOGUE", "CLASSES", "INDICATOR_GROUPS", "Indicator", "OutputLine", "Param", "Unit"]
