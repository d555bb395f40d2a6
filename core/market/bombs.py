"""Files that are small on disk and vast in memory are refused before they are unpacked. Looks at sizes and outlines only."""

import io
import re
import struct
import zipfile
from collections.abc import Iterator
from typing import Any, BinaryIO
from xml.parsers import expat

MOST_COLUMNS = 1_000
MOST_ENTRIES = 1_000
"""Files in one archive."""
MOST_SHEETS = 50
HARMLESS_BYTES = 2 * 1024 * 1024
HARMLESS_COLUMN_BYTES = 20 * 1024 * 1024
"""The same for columns of plain numbers, which cost no more in memory than they say."""
MOST_RATIO = 100
"""Times its packed size that a file beyond `HARMLESS_BYTES` may unpack to; tables reach 5 to 20."""
MOST_COLUMN_RATIO = 30
"""The same for Parquet, whose columns of prices reach 2 to 6."""
HARMLESS_CELLS = 1_000_000
MOST_EMPTY = 20
"""Times its filled cells that the rectangle of a sheet may have."""
LONGEST_TEXT = 1_000
"""Characters in a cell of a Parquet file."""
_CHUNK = 1 << 18
_DICTIONARY = 2
"""Kind of a message of Arrow that holds the texts of a column."""
LONGEST_DESCRIPTION = 64 * 1024
"""Bytes that a tar may say about one of its files."""
_BLOCK = 512
_END_OF_ARCHIVE = b"PK\x05\x06"
_PLACE = re.compile(r"([A-Za-z]+)(\d+)")


def refuse_ratio(packed: int, unpacked: int, *, most: int = MOST_RATIO, harmless: int = HARMLESS_BYTES) -> None:
    """Refuse data that unpacks to many times its size. Raises ValueError."""
    if unpacked > harmless and unpacked > most * packed:
        raise ValueError(f"it unpacks to more than {most} times its size")


def refuse_entries(data: bytes) -> None:
    """Refuse an archive of very many files, by what it says itself at its end. Raises ValueError."""
    place = data.rfind(_END_OF_ARCHIVE, max(0, len(data) - 66_000))
    entries = struct.unpack_from("<H", data, place + 10)[0] if 0 <= place <= len(data) - 12 else 0
    if entries > MOST_ENTRIES:
        raise ValueError(f"the archive holds more than {MOST_ENTRIES:,} files")


def refuse_tar(data: bytes) -> None:
    """Refuse a tar of very many entries, or with long descriptions of one, by a walk over its headers. Raises ValueError."""
    place = entries = 0
    while place + _BLOCK <= len(data) and (head := data[place : place + _BLOCK]).strip(b"\0"):
        size = int(head[124:136].strip(b"\0 ") or b"0", 8)
        entries += 1
        if size < 0 or entries > MOST_ENTRIES:
            raise ValueError(f"the archive holds more than {MOST_ENTRIES:,} files")
        if head[156:157] in (b"x", b"g", b"X", b"L", b"K") and size > LONGEST_DESCRIPTION:
            raise ValueError("the archive describes a file at great length")
        place += _BLOCK * (1 + -(-size // _BLOCK))


def refuse_archive(packed: zipfile.ZipFile, size: int) -> None:
    """Refuse an archive that unpacks to many times its size. Raises ValueError."""
    refuse_ratio(size, sum(entry.file_size for entry in packed.infolist()))


def refuse_vast_sheets(packed: zipfile.ZipFile) -> None:
    """Refuse a workbook whose sheets are vast, or whose parts define texts of their own, by a walk over its parts. Raises ValueError."""
    for entry in packed.infolist():
        with packed.open(entry) as part:
            if part.read(64).lstrip(b"\xef\xbb\xbf \t\r\n").startswith((b"<", b"\xff\xfe", b"\xfe\xff")):
                part.seek(0)
                _SheetOutline().walk(part)


def refuse_empty_table(rows: int, columns: int, cells: int) -> None:
    """Refuse a table of very many columns, or one that is nearly empty and vast, by the number of its filled cells. Raises ValueError."""
    if columns > MOST_COLUMNS:
        raise ValueError(f"more than {MOST_COLUMNS:,} columns")
    if rows * columns > max(HARMLESS_CELLS, MOST_EMPTY * cells):
        raise ValueError("it is nearly empty and vast")


def refuse_many_sheets(names: list[str], packed: zipfile.ZipFile) -> None:
    """Refuse a workbook that names very many sheets, or one part as several of them. Raises ValueError."""
    if len(names) > min(MOST_SHEETS, len(packed.infolist())):
        raise ValueError(f"the workbook has more than {MOST_SHEETS} sheets")


class _SheetOutline:
    """Rows and columns of one part of a workbook, counted as they go by; nothing of it is kept."""

    def __init__(self) -> None:
        self.row = self.column = self.last_row = self.last_column = self.cells = 0

    def walk(self, part: Any) -> None:
        """Read a part to its end. Raises ValueError where it is vast."""
        reader = expat.ParserCreate(namespace_separator=" ")
        reader.EntityDeclHandler = self._refuse_entity
        reader.StartElementHandler = self._begin
        try:
            for chunk in _list_chunks(part):
                reader.Parse(chunk)
            reader.Parse(b"", True)
        except expat.ExpatError as problem:
            raise ValueError(f"a part of the workbook is damaged: {problem}") from problem

    def _begin(self, name: str, attributes: dict[str, str]) -> None:
        kind = name.rpartition(" ")[2]
        if kind == "c":
            self._count(attributes.get("r", ""))
        elif kind == "row":
            told = attributes.get("r", "")
            self.row, self.column = int(told) if told.isdigit() else self.row + 1, 0
            self.last_row = max(self.last_row, self.row)
        elif kind == "dimension":
            refuse_empty_table(1, max(_column_of(each) for each in attributes.get("ref", "").split(":")), 0)

    def _count(self, place: str) -> None:
        self.cells += 1
        self.column = _column_of(place) or self.column + 1
        self.last_column = max(self.last_column, self.column)
        refuse_empty_table(self.last_row, self.last_column, self.cells)

    @staticmethod
    def _refuse_entity(*_: object) -> None:
        raise ValueError("a part of the workbook defines texts of its own")


def _list_chunks(part: BinaryIO) -> Iterator[bytes]:
    while chunk := part.read(_CHUNK):
        yield chunk


def _column_of(place: str) -> int:
    """Number of a cell's column, 1 for A; 0 where the place names none.

    >>> _column_of("A1"), _column_of("al1000"), _column_of("")
    (1, 38, 0)
    """
    found = _PLACE.fullmatch(place.replace("$", ""))
    if found is None:
        return 0
    number = 0
    for letter in found.group(1).upper()[:8]:
        number = number * 26 + ord(letter) - 64
    return number


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
    plain = metadata.num_rows * metadata.num_columns * 8
    refuse_ratio(len(data), max(stored, plain), most=MOST_COLUMN_RATIO, harmless=HARMLESS_COLUMN_BYTES)
    texts = [column.path for column in columns if column.physical_type in ("BYTE_ARRAY", "FIXED_LEN_BYTE_ARRAY")]
    table = parquet.ParquetFile(io.BytesIO(data), read_dictionary=texts).read()
    _refuse_long_texts(table, texts)
    return table.to_pandas()


def read_feather(data: bytes, most_rows: int) -> Any:
    """Read a Feather file as a frame, under the limits of a Parquet one. Raises ValueError."""
    import pyarrow
    from pyarrow import ipc

    source = pyarrow.py_buffer(data)
    rows = unpacked = 0
    with ipc.open_file(source) as reader:
        if len(reader.schema) > MOST_COLUMNS:
            raise ValueError(f"more than {MOST_COLUMNS:,} columns")
        if strange := next((field for field in reader.schema if not _is_plain(field.type)), None):
            raise ValueError(f"the column {strange.name[:40]} holds values of the kind {str(strange.type)[:40]}")
        texts = [field.name for field in reader.schema if not pyarrow.types.is_primitive(field.type)]
        for message in ipc.MessageReader.open_stream(source.slice(8)):
            if message.type != "schema":
                try:
                    count, size = _sizes_of(memoryview(message.metadata), memoryview(message.body or b""))
                except struct.error as problem:
                    raise ValueError("its outline is damaged") from problem
                rows, unpacked = rows + count, unpacked + size
                refuse_ratio(len(data), unpacked, most=MOST_COLUMN_RATIO, harmless=HARMLESS_COLUMN_BYTES)
        if rows > most_rows:
            raise ValueError(f"more than {most_rows:,} rows")
        table = reader.read_all()
        table.validate(full=True)  # texts and numbers in a damaged dictionary would be read from elsewhere
    _refuse_long_texts(table, texts)
    return table.to_pandas()


def _is_plain(kind: Any) -> bool:
    """True for numbers, moments and texts, also those that lie in a dictionary."""
    from pyarrow import types

    kind = kind.value_type if types.is_dictionary(kind) else kind
    return bool(types.is_primitive(kind) or types.is_decimal(kind) or types.is_string(kind) or types.is_large_string(kind))


def _sizes_of(about: memoryview, body: memoryview) -> tuple[int, int]:
    """Rows of a message of Arrow, and bytes that its buffers unpack to, as its outline and the first bytes of each buffer say."""
    kind, message = about[_field(about, _follow(about, 0), 1)], _field(about, _follow(about, 0), 2)
    batch = _follow(about, message)
    if kind == _DICTIONARY:
        batch = _follow(about, _field(about, batch, 1))
    buffers, packed = _field(about, batch, 2), _field(about, batch, 3)
    rows = struct.unpack_from("<q", about, place)[0] if (place := _field(about, batch, 0)) else 0
    if not buffers or not packed:
        return rows, len(body)
    listed, size = _follow(about, buffers), 0
    for number in range(struct.unpack_from("<I", about, listed)[0]):
        start, length = struct.unpack_from("<qq", about, listed + 4 + 16 * number)
        whole = struct.unpack_from("<q", body, start)[0] if length >= 8 else 0
        size += max(whole, length)
    return rows, size


def _field(about: memoryview, table: int, number: int) -> int:
    """Place of a field of a table; 0 where it is left out."""
    outline = table - int(struct.unpack_from("<i", about, table)[0])
    if 4 + 2 * number >= struct.unpack_from("<H", about, outline)[0]:
        return 0
    offset = int(struct.unpack_from("<H", about, outline + 4 + 2 * number)[0])
    return table + offset if offset else 0


def _follow(about: memoryview, place: int) -> int:
    return place + int(struct.unpack_from("<I", about, place)[0])


def _refuse_long_texts(table: Any, names: list[str]) -> None:
    """Refuse texts that are much longer than a name. Raises ValueError."""
    for name in names:
        for part in table.column(name).chunks:
            words = getattr(part, "dictionary", part)
            if words.nbytes > LONGEST_TEXT * max(len(words), 1):
                raise ValueError(f"the column {name[:40]} holds very long texts")
