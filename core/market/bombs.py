"""Files that are small on disk and vast in memory are refused before they are unpacked. Looks at sizes and outlines only."""

import io
import re
import struct
import zipfile
from typing import Any

MOST_COLUMNS = 1_000
MOST_ENTRIES = 1_000
"""Files in one archive."""
HARMLESS_BYTES = 20 * 1024 * 1024
MOST_RATIO = 100
"""Times its packed size that a file beyond `HARMLESS_BYTES` may unpack to; tables reach 5 to 20."""
LONGEST_TEXT = 1_000
"""Characters in a cell of a Parquet file."""
_CHUNK = 1 << 20
_END_OF_ARCHIVE = b"PK\x05\x06"
_FAR_COLUMN = re.compile(rb'r="(?:[A-Z]{4,}|[B-Z][A-Z]{2}|A[M-Z][A-Z]|AL[M-Z])\d')
"""A cell beyond column ALL, the thousandth."""
_FAR_DIMENSION = re.compile(rb'<dimension ref="[^"]*?(?:[A-Z]{4,}|[B-Z][A-Z]{2}|A[M-Z][A-Z]|AL[M-Z])\d')


def refuse_ratio(packed: int, unpacked: int) -> None:
    """Refuse data that unpacks to many times its size. Raises ValueError."""
    if unpacked > HARMLESS_BYTES and unpacked > MOST_RATIO * packed:
        raise ValueError(f"it unpacks to more than {MOST_RATIO} times its size")


def refuse_entries(data: bytes) -> None:
    """Refuse an archive of very many files, by what it says itself at its end. Raises ValueError."""
    place = data.rfind(_END_OF_ARCHIVE, max(0, len(data) - 66_000))
    entries = struct.unpack_from("<H", data, place + 10)[0] if 0 <= place <= len(data) - 12 else 0
    if entries > MOST_ENTRIES:
        raise ValueError(f"the archive holds more than {MOST_ENTRIES:,} files")


def refuse_archive(packed: zipfile.ZipFile, size: int) -> None:
    """Refuse an archive that unpacks to many times its size. Raises ValueError."""
    refuse_ratio(size, sum(entry.file_size for entry in packed.infolist()))


def refuse_wide_sheets(packed: zipfile.ZipFile) -> None:
    """Refuse a workbook with very many columns, by the outline of its sheets. Raises ValueError."""
    for entry in packed.infolist():
        if entry.filename.startswith("xl/worksheets/") and entry.filename.endswith(".xml"):
            with packed.open(entry) as sheet:
                _refuse_wide(sheet)


def _refuse_wide(sheet: Any) -> None:
    cells, left = 0, b""
    while chunk := sheet.read(_CHUNK):
        text = left + chunk
        if _FAR_COLUMN.search(text) or _FAR_DIMENSION.search(text):
            raise ValueError(f"a sheet has more than {MOST_COLUMNS:,} columns")
        for number, part in enumerate(text.split(b"</row>")):
            cells = part.count(b"<c ") + part.count(b"<c>") + (0 if number else cells)
            if cells > MOST_COLUMNS:
                raise ValueError(f"a sheet has more than {MOST_COLUMNS:,} columns")
        left = b""


def read_parquet(data: bytes, most_rows: int) -> Any:
    """Read a Parquet file as a frame, unless it is vast: too many rows or columns, nested ones, long texts repeated. Raises ValueError."""
    import pyarrow.parquet as parquet

    metadata = parquet.read_metadata(io.BytesIO(data))
    if metadata.num_rows > most_rows:
        raise ValueError(f"more than {most_rows:,} rows")
    if metadata.num_columns > MOST_COLUMNS:
        raise ValueError(f"more than {MOST_COLUMNS:,} columns")
    columns = [metadata.schema.column(place) for place in range(metadata.num_columns)]
    if any(column.max_repetition_level or "." in column.path for column in columns):
        raise ValueError("a column holds lists or tables")
    groups = (metadata.row_group(place) for place in range(metadata.num_row_groups))
    stored = sum(group.total_byte_size for group in groups)
    refuse_ratio(len(data), stored)
    refuse_ratio(len(data), metadata.num_rows * metadata.num_columns * 8)
    texts = [column.path for column in columns if column.physical_type in ("BYTE_ARRAY", "FIXED_LEN_BYTE_ARRAY")]
    table = parquet.ParquetFile(io.BytesIO(data), read_dictionary=texts).read()
    for name in texts:
        for part in table.column(name).chunks:
            words = getattr(part, "dictionary", part)
            if words.nbytes > LONGEST_TEXT * max(len(words), 1):
                raise ValueError(f"the column {name[:40]} holds very long texts")
    return table.to_pandas()
