"""The sockets' room stands without Streamlit, and the server starts without what only a socket needs."""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def _loaded_after(statement: str) -> set[str]:
    code = f"{statement}; import sys; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    return set(done.stdout.split())


def test_no_socket_needs_streamlit() -> None:
    names = [path.stem for path in (ROOT / "pages" / "live").glob("*.py") if path.stem != "__init__"]
    loaded = _loaded_after("; ".join(f"import pages.live.{name}" for name in names))
    assert "pages.live.perspective" in loaded
    assert not loaded & {"streamlit", "perspective", "pandas", "altair"}


def test_the_routes_cost_the_start_of_the_server_nothing() -> None:
    loaded = _loaded_after("from pages.live.routes import build_routes; build_routes()")
    assert not loaded & {"core.services", "sqlalchemy", "numpy", "perspective", "itsdangerous"}
