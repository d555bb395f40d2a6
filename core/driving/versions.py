"""Versions of the programs that a result depends on: kept with every iteration, printed by `doctor`, packed into bundles."""

import platform
from functools import cache

from core.domain.version import VERSION

PACKAGES = ("streamlit", "backtrader", "litellm", "numpy", "pandas", "yfinance")


@cache
def list_versions() -> dict[str, str]:
    """List this product, the interpreter, the system, and the libraries that figures and prices depend on."""
    own = _read_version("stratloop")
    system = f"{platform.system()} {platform.release()} {platform.machine()}"
    document = {"stratloop": VERSION if own == "missing" else own, "python": platform.python_version(), "system": system}
    return document | {package: _read_version(package) for package in PACKAGES}


def _read_version(package: str) -> str:
    from importlib.metadata import PackageNotFoundError, version

    try:
        return version(package)
    except PackageNotFoundError:
        return "missing"
