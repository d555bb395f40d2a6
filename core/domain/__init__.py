"""Nouns and formulas: frozen values that every room above shares, and nothing that touches a file, a clock or a process."""
