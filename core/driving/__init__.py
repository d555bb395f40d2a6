"""The verbs: generate, evaluate, drive, select, stop. Knows its neighbours only through `ports`."""
