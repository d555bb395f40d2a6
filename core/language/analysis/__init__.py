"""Remarks on a workflow without running it: problems, units, free numbers, warm-up."""
