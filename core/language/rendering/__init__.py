"""Workflows printed: in plain English, as text for a model, as a picture. Text out, nothing decided."""
