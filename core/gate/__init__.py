"""Reading strategy code without running it: remarks for its author, and never the boundary. Pure text."""

from core.gate.inspection import GateReport, inspect_code

__all__ = ["GateReport", "inspect_code"]
