"""Settings from the environment: what nearly is one is refused, and a switch is read as it is said."""

import re
from pathlib import Path

import pytest

from core.domain.errors import InputError
from core.services import Settings
from core.services.settings import NAMES

GUIDE = (Path(__file__).resolve().parents[2] / "docs" / "settings.md").read_text(encoding="utf-8")


def test_the_known_names_are_those_of_the_guide() -> None:
    assert set(NAMES) == set(re.findall(r"^\| `(STRATLOOP_[A-Z_]+)`", GUIDE, re.MULTILINE))


@pytest.mark.parametrize("name", ["DATABSE", "DATABASE_URL", "HOST", "ADMIN", "SECRETS", "WORKER", "ALLOW_UNISOLATE", "DATA_BASE"])
def test_a_name_that_is_nearly_a_setting_is_refused(name: str) -> None:
    with pytest.raises(InputError, match=f"no setting STRATLOOP_{name}"):
        Settings.from_environment({f"STRATLOOP_{name}": "1"})


@pytest.mark.parametrize("name", ["BENCH", "CHROMIUM", "REQUIRE_ALL", "THOROUGH", "UPDATE_SNAPSHOTS", "LICENSE"])
def test_a_name_that_no_setting_resembles_is_somebody_elses(name: str) -> None:
    assert Settings.from_environment({f"STRATLOOP_{name}": "1"}) == Settings.from_environment({})


@pytest.mark.parametrize(("said", "taken"), [("", True), ("1", True), ("Yes", True), ("0", False), ("false", False), (" off ", False)])
def test_a_switch_is_read_as_people_say_it(said: str, taken: bool) -> None:
    assert Settings.from_environment({"STRATLOOP_LOOK_CLOSER": said}).look_closer is taken


@pytest.mark.parametrize("name", ["LOOK_CLOSER", "ALLOW_UNISOLATED", "CLUSTER_TRUST_NETWORK"])
def test_a_switch_that_says_neither_is_refused(name: str) -> None:
    with pytest.raises(InputError, match=r"1 \(on\) or 0 \(off\)"):
        Settings.from_environment({f"STRATLOOP_{name}": "maybe"})


@pytest.mark.parametrize("said", ["https://lab.example", "lab.example/app", "lab.example other.example"])
def test_hosts_that_no_browser_would_name_are_refused(said: str) -> None:
    with pytest.raises(InputError, match="STRATLOOP_HOSTS"):
        Settings.from_environment({"STRATLOOP_HOSTS": said})
    assert Settings.from_environment({"STRATLOOP_HOSTS": "lab.example, other.example:8501"}).hosts == ("lab.example", "other.example:8501")
