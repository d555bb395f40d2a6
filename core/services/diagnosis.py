"""What this installation is and whether its parts answer."""

import platform
from typing import Any
from urllib.parse import urlsplit

from core.domain.errors import StratloopError
from core.domain.run import BarsRequest
from core.services.assembly import Assembly

VERSION = "0.1.0"


class Diagnosis(Assembly):
    """What the settings screen and `doctor` ask for."""

    def versions(self) -> dict[str, str]:
        """This product, the interpreter, the system, and the libraries that figures and prices depend on."""
        packages = ("streamlit", "backtrader", "litellm", "pandas", "yfinance")
        own = _version("stratloop")
        system = f"{platform.system()} {platform.release()} {platform.machine()}"
        document = {"stratloop": VERSION if own == "missing" else own, "python": platform.python_version(), "system": system}
        return document | {package: _version(package) for package in packages}

    def database(self) -> str:
        """Where the history is, for people: a file, or a server without the name and password that are used there."""
        if not self.settings.database:
            return str(self.settings.home / "stratloop.db")
        parts = urlsplit(self.settings.database)
        return f"{parts.scheme}://{parts.hostname or ''}{parts.path}"

    def diagnosis(self) -> dict[str, Any]:
        """What `doctor` prints: versions, state folder, isolation, and whether each part answers. `ok` sums it up."""
        document: dict[str, Any] = {**self.versions(), "home": str(self.settings.home)}
        problems: list[str] = []
        for name, look in (("store", self._look_at_store), ("market", self._look_at_market), ("sandbox", self._look_at_sandbox)):
            try:
                document |= look()
            except StratloopError as error:
                problems.append(f"{name}: {error}")
        return document | {"problems": problems, "ok": not problems}

    def _look_at_store(self) -> dict[str, Any]:
        return {"runs": self.store.count()}

    def _look_at_market(self) -> dict[str, Any]:
        bars = self.market.bars(BarsRequest(symbol="AAPL"))
        return {"bundled_bars": f"AAPL {bars.first:%Y-%m-%d} to {bars.last:%Y-%m-%d}, {len(bars)} bars"}

    def _look_at_sandbox(self) -> dict[str, Any]:
        isolation = self.sandbox.isolation()
        return {"isolation_level": isolation.level, "isolation": isolation.detail, "open_probes": list(isolation.open_probes)}


def _version(package: str) -> str:
    from importlib.metadata import PackageNotFoundError, version

    try:
        return version(package)
    except PackageNotFoundError:
        return "missing"
