"""Numbered steps from an older database to this version's, run by Alembic; a released step is never edited."""
