"""The verbs: generate, evaluate, drive, select, stop. Knows its neighbors only through `ports`."""
