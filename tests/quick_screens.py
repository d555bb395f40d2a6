"""Screens run by AppTest without looking through all that is installed each time: what a server does once when it starts."""

import functools
from collections.abc import Iterator

import pytest
from streamlit.components.v2 import manifest_scanner


@pytest.fixture(scope="session", autouse=True)
def installed_components_are_listed_once() -> Iterator[None]:
    """Keep what the first screen found; reading the metadata of some two hundred packages takes longer than most screens."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(manifest_scanner, "scan_component_manifests", functools.cache(manifest_scanner.scan_component_manifests))
        yield
