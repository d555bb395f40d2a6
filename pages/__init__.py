"""The screens: drawing and widgets over `core.services`. No formulas, no files, no database."""
