"""All that is said of a result, once: figures, assessment, labels. Pages, sockets, terminal, export and prompts read it."""
