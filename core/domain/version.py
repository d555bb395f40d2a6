"""The version of this product: the one place where it stands, which even the shortest verb may read."""

VERSION = "0.1.0"
