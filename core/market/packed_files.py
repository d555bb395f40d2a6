"""Files inside a ZIP or a tar: which of them may be tables, and the one that is meant. Nothing is written to disk."""

import io
import tarfile
import zipfile
from collections.abc import Sequence
from pathlib import PurePosixPath

from core.market import bombs
from core.market.table import choose_table

TABLE_ENDINGS = (".csv", ".txt", ".tsv", ".json", ".jsonl", ".html", ".xls", ".xlsx", ".parquet", ".feather", ".prn", ".asc", ".gz")
ZIP, TAR = b"PK\x03\x04", b"ustar"
TAR_PLACE = 257
"""Place of the bytes that tell a tar."""


def is_tar(data: bytes) -> bool:
    """True for the bytes of a tar."""
    return data[TAR_PLACE : TAR_PLACE + len(TAR)] == TAR


def list_tables(names: Sequence[str]) -> list[str]:
    """Packed files that may be tables; a data file beside its readme counts alone."""
    kept = [name for name in names if not name.endswith("/") and "__MACOSX" not in name]
    kept = [name for name in kept if not PurePosixPath(name).name.startswith(".") and name.lower().endswith(TABLE_ENDINGS)]
    return [name for name in kept if not name.lower().endswith(".txt")] or kept


def choose_packed(kind: str, names: Sequence[str], chosen: str) -> tuple[str, tuple[str, ...], str]:
    """The packed file that is meant, those it was chosen from, and what is chosen inside it. Raises ValueError or SeveralTablesError."""
    found = list_tables(names)
    if not found:
        raise ValueError(f"the {kind} holds no table")
    if len(found) == 1:
        named = chosen in (found[0], PurePosixPath(found[0]).name)
        return found[0], (chosen,) if named else (), "" if named else chosen
    return choose_table(f"the {kind} holds {{}} tables", found, chosen), tuple(found), ""


def unpack_zip(packed: zipfile.ZipFile, chosen: str) -> tuple[str, bytes, tuple[str, ...], str]:
    """Name and bytes of the file that is meant, those it was chosen from, and what is chosen inside it. Raises ValueError."""
    meant, choices, inside = choose_packed("ZIP", packed.namelist(), chosen)
    data = packed.read(meant)
    if (data[:4] == ZIP and not meant.lower().endswith(".xlsx")) or is_tar(data):
        raise ValueError("the ZIP holds another archive: unpack it")
    return meant, data, choices, inside


def unpack_tar(data: bytes, chosen: str, most_bytes: int) -> tuple[str, bytes, tuple[str, ...], str]:
    """As `unpack_zip`, for a tar. Raises ValueError."""
    bombs.refuse_tar(data)
    with tarfile.open(fileobj=io.BytesIO(data), mode="r:") as packed:
        files = {entry.name: entry for entry in packed if entry.isreg() and not entry.issparse()}
        meant, choices, inside = choose_packed("tar", list(files), chosen)
        if files[meant].size > most_bytes:
            raise ValueError("unpacks to more than is allowed")
        stream = packed.extractfile(files[meant])
        content = stream.read() if stream else b""
    if (content[:4] == ZIP and not meant.lower().endswith(".xlsx")) or is_tar(content):
        raise ValueError("the tar holds another archive: unpack it")
    return meant, content, choices, inside
