"""Settings of the operating system, or of a container around us, that take isolation away, read from where the kernel keeps them."""

from pathlib import Path

from core.domain.isolation import Restriction

_SECCOMP_FILTERED = "Seccomp:\t2"


def find_restrictions(root: Path = Path("/")) -> tuple[Restriction, ...]:
    """Find what keeps isolation from being whole; `root` is the file system to look at. Says nothing of what cannot be read."""
    found = []
    if _read(root / "proc/sys/kernel/apparmor_restrict_unprivileged_userns") == "1":
        found.append(Restriction.APPARMOR)
    if _read(root / "proc/sys/kernel/unprivileged_userns_clone") == "0" or _read(root / "proc/sys/user/max_user_namespaces") == "0":
        found.append(Restriction.NAMESPACES_OFF)
    contained = any((root / name).exists() for name in (".dockerenv", "run/.containerenv"))
    if contained and _SECCOMP_FILTERED in _read(root / "proc/self/status"):
        found.append(Restriction.CONTAINER)
    modules = _read(root / "sys/kernel/security/lsm")
    if modules and "landlock" not in modules.split(","):
        found.append(Restriction.NO_LANDLOCK)
    return tuple(found)


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8", errors="replace").strip()
    except OSError:
        return ""
