"""Reading strategy code without running it: remarks for its author, and never the boundary. Pure text."""

from core.gate.causality import find_doubt
from core.gate.inspection import GateReport, inspect_code

__all__ = ["GateReport", "find_doubt", "inspect_code"]
