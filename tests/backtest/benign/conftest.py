"""These files are strategies under test, not tests."""

collect_ignore_glob = ["*.py"]
