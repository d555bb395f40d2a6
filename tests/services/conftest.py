"""The product over an empty history of its own, once for the tests of a file."""

from collections.abc import Iterator

import pytest

from core.services import Services, Settings


@pytest.fixture(scope="module")
def parts(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Services]:
    made = Services(Settings(home=tmp_path_factory.mktemp("home")))
    yield made
    made.close()
