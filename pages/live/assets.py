"""The Perspective viewer's own files, served from the installed package: nothing is fetched from elsewhere."""

from functools import cache
from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from starlette.responses import Response
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

SCRIPT = "perspective-anywidget.js"
STYLE = "perspective-anywidget.css"
YEAR = 365 * 24 * 3600


class ImmutableFiles(StaticFiles):
    """Files that a browser may keep for a year: their address carries the version."""

    async def get_response(self, path: str, scope: Scope) -> Response:
        """The file, or a 404 that nobody keeps."""
        response = await super().get_response(path, scope)
        if response.status_code in (200, 304):
            response.headers["Cache-Control"] = f"public, max-age={YEAR}, immutable"
        return response


@cache
def find_folder() -> Path | None:
    """Find the folder of the viewer's files; None when Perspective is not installed, or is a version without them."""
    spec = find_spec("perspective")
    if spec is None or spec.origin is None:
        return None
    found = Path(spec.origin).parent / "widget" / "static"
    return found if (found / SCRIPT).is_file() and (found / STYLE).is_file() else None


@cache
def address() -> str:
    """Path below which the files are served."""
    try:
        return f"/live/perspective-{version('perspective-python')}"
    except PackageNotFoundError:
        return "/live/perspective-none"


def build_files_app() -> Any:
    """Build an application that serves the files; None when there are none."""
    found = find_folder()
    return ImmutableFiles(directory=found) if found is not None else None
