"""The verbs: propose, evaluate, drive, select, stop. Knows its neighbors only through `ports`."""
