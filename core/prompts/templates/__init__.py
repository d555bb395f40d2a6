"""Fixed text of the prompts. Changing a word here changes every prompt's hash, and the snapshots say so."""
