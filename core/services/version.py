"""The version of this product, as it is kept with every iteration."""

from core.driving.versions import VERSION

__all__ = ["VERSION"]
