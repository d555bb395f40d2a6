"""The checker's parts, one file a question. `core.language.checker` asks them all; nothing is compiled here."""
