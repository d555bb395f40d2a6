"""The only door to bars: bundled, synthetic, uploaded, fetched; cleaned, adjusted, resampled. No figures, no charts."""

from core.market.crypto import ccxt_remote
from core.market.files import load_file, preview_file
from core.market.market import Market

__all__ = ["Market", "ccxt_remote", "load_file", "preview_file"]
