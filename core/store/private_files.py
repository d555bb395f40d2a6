"""Files and folders that only their owner may read. Where a system knows no such thing, they stay as they are."""

import os
from contextlib import suppress
from pathlib import Path

FOLDER, FILE = 0o700, 0o600


def make_private_folder(folder: Path) -> None:
    """Make a folder that only its owner may enter; one that exists is closed to others. Raises OSError when it cannot be made."""
    folder.mkdir(mode=FOLDER, parents=True, exist_ok=True)
    _close(folder, FOLDER)


def make_private_file(file: Path) -> None:
    """Make an empty file that only its owner may read; one that exists is closed to others, with its journals. Quiet when it cannot."""
    with suppress(OSError):
        os.close(os.open(file, os.O_CREAT | os.O_RDWR, FILE))
    for each in (file, *(file.with_name(f"{file.name}{ending}") for ending in ("-wal", "-shm", "-journal"))):
        _close(each, FILE)


def _close(path: Path, mode: int) -> None:
    with suppress(OSError):
        if path.stat().st_mode & 0o077:
            path.chmod(mode)
