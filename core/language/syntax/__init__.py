"""From text to typed nodes and back: documents, expressions, spellings, timeframes. No check of meaning."""
