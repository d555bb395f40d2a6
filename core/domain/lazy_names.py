"""Names that a package offers and imports only when one is asked for, so that a verb pays for what it uses."""

from collections.abc import Callable, Mapping
from importlib import import_module


def offer_lazily(package: str, places: Mapping[str, tuple[str, ...]]) -> Callable[[str], object]:
    """Make the `__getattr__` of a package: `places` maps each of its modules, by its path below the package, to the names from there.

    A name that was asked for is kept, so that the second time is an ordinary attribute. Raises AttributeError for any other.
    """
    homes = {name: f"{package}.{module}" for module, names in places.items() for name in names}

    def find(name: str) -> object:
        if name not in homes:
            raise AttributeError(f"module {package!r} has no attribute {name!r}")
        found: object = getattr(import_module(homes[name]), name)
        setattr(import_module(package), name, found)
        return found

    return find
