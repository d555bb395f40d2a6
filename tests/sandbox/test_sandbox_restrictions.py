"""What takes isolation away is named, with the remedy and the level with and without it."""

from pathlib import Path

import pytest

from core.domain.isolation import Restriction
from core.report.labels import RESTRICTION
from core.sandbox.restrictions import find_restrictions

SYSTEMS = {
    "Ubuntu": ({"proc/sys/kernel/apparmor_restrict_unprivileged_userns": "1\n"}, (Restriction.APPARMOR,)),
    "Ubuntu, released": ({"proc/sys/kernel/apparmor_restrict_unprivileged_userns": "0\n"}, ()),
    "hardened Debian": ({"proc/sys/kernel/unprivileged_userns_clone": "0\n"}, (Restriction.NAMESPACES_OFF,)),
    "none allowed": ({"proc/sys/user/max_user_namespaces": "0\n"}, (Restriction.NAMESPACES_OFF,)),
    "Docker": ({".dockerenv": "", "proc/self/status": "Name:\tpython\nSeccomp:\t2\n"}, (Restriction.CONTAINER,)),
    "Docker, unconfined": ({".dockerenv": "", "proc/self/status": "Seccomp:\t0\n"}, ()),
    "podman": ({"run/.containerenv": "", "proc/self/status": "Seccomp:\t2\n"}, (Restriction.CONTAINER,)),
    "no Landlock": ({"sys/kernel/security/lsm": "capability,yama,apparmor"}, (Restriction.NO_LANDLOCK,)),
    "with Landlock": ({"sys/kernel/security/lsm": "capability,landlock,yama"}, ()),
    "nothing to read": ({}, ()),
}


@pytest.mark.parametrize("system", SYSTEMS)
def test_settings_that_take_isolation_away_are_found(system: str, tmp_path: Path) -> None:
    files, expected = SYSTEMS[system]
    for name, text in files.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    assert find_restrictions(tmp_path) == expected


@pytest.mark.parametrize("restriction", Restriction)
def test_every_restriction_has_a_remedy_and_the_level_with_and_without_it(restriction: Restriction) -> None:
    assert all(words in RESTRICTION[restriction] for words in ("level is 2", "it is 1"))
