"""Kinds of files that are no table of bars, told by their first bytes, and what to do with each. Nothing of them is opened."""

import zipfile

from core.domain.errors import MarketDataError

UNPACK, EXPORT = "Unpack it, and give the table itself.", "Save the table of bars as CSV or Parquet."
KINDS = (
    (0, b"\xd0\xcf\x11\xe0", "is in the old Excel format", "Save it as .xlsx or CSV."),
    (0, b"FEA1", "is a Feather file of the first version", "Save it as Feather of the second version, as Parquet or as CSV."),
    (0, b"SQLite format 3\x00", "is a database of SQLite", EXPORT),
    (0, b"\x89HDF\r\n", "is an HDF5 file", EXPORT),
    (0, b"\x93NUMPY", "is an array of NumPy without names", EXPORT),
    (0, b"\x80\x04\x95", "is a pickle, which could run a program", EXPORT),
    (0, b"\x80\x05\x95", "is a pickle, which could run a program", EXPORT),
    (0, b"RDX", "is a file of R", EXPORT),
    (0, b"X\n\x00\x00\x00", "is a file of R", EXPORT),
    (0, b"Obj\x01", "is an Avro file", EXPORT),
    (0, b"%PDF", "is a PDF document", EXPORT),
    (0, b"7z\xbc\xaf\x27\x1c", "is a 7z archive", UNPACK),
    (0, b"Rar!", "is a RAR archive", UNPACK),
    (0, b"\x28\xb5\x2f\xfd", "is packed with Zstandard", UNPACK),
)
"""Place of the bytes that tell a kind, these bytes, what it is and what to do."""
SHEETS = (
    ("content.xml", "an OpenDocument sheet"),
    ("Index/Document.iwa", "a sheet of Apple's Numbers"),
    ("xl/workbook.bin", "a binary workbook"),
)
"""Entries of a ZIP by which a sheet that cannot be read is told."""


def refuse_other_kinds(data: bytes, name: str) -> None:
    """Refuse bytes that are known to be something else. Raises MarketDataError."""
    for place, mark, what, remedy in KINDS:
        if data[place : place + len(mark)] == mark:
            raise MarketDataError(f"The file {name} {what}.", hint=remedy)


def refuse_other_sheets(packed: zipfile.ZipFile, name: str) -> None:
    """Refuse a packed sheet of another program. Raises MarketDataError."""
    entries = set(packed.namelist())
    for entry, what in SHEETS:
        if entry in entries:
            raise MarketDataError(f"The file {name} is {what}.", hint="Save it as .xlsx or CSV.")
