"""The same verbs from a terminal. With `--json` exactly one JSON document goes to standard output; everything else to standard error.

Exit codes: 0 done, 1 the strategy or the run failed, 2 bad input.
"""
