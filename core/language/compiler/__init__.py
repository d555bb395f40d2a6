"""From a workflow to Backtrader source. Text out only: nothing is executed here, and Backtrader is not needed."""

from core.language.compiler.strategy import compile_workflow

__all__ = ["compile_workflow"]
