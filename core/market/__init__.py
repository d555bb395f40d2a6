"""The only door to bars: bundled, synthetic, uploaded, fetched; cleaned, adjusted, resampled. No figures, no charts."""

from core.market.crypto import make_ccxt_remote
from core.market.files import preview_file
from core.market.market import Market

__all__ = ["Market", "make_ccxt_remote", "preview_file"]
