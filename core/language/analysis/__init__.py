"""What can be said about a workflow without running it: problems, units, free numbers, warm-up."""
