"""Members of a pandas Series that models ask a Backtrader line for, in vain."""

PANDAS_MEMBERS = frozenset(
    ("iloc", "loc", "rolling", "shift", "values", "pct_change", "ewm", "mean", "iat", "to_numpy", "diff", "tail", "head")
)
INSTEAD_OF_PANDAS = "Use an indicator of bt.ind, or list(line.get(size=n))."
"""Advice for whoever used one."""
