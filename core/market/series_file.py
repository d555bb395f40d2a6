"""A series as a Parquet file with words about it: raw columns, to the last bit, put in place whole or not at all."""

import json
import os
import time
import uuid
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np

from core.market.price_series import COLUMNS, PriceSeries

REPLACE_TRIES = 5
DAMAGED = (OSError, ValueError, KeyError, TypeError, NotImplementedError, MemoryError)
"""Errors of reading a file in which bytes are other than they were written.

Pyarrow's own derive from these: of an encoding or a type that it does not know (NotImplementedError, TypeError), of a length for which
there is no memory (MemoryError). A file without words about it is a TypeError.
"""


def read_series(path: Path) -> tuple[PriceSeries, dict[str, Any]]:
    """Read a series and the words about it. Raises one of `DAMAGED` for a file that is damaged or of another kind."""
    import pyarrow
    import pyarrow.parquet as parquet

    with pyarrow.OSFile(str(path)) as stream:  # opened once: by its name it could be replaced between two looks
        table = parquet.ParquetFile(stream).read()
    about: dict[str, Any] = json.loads(table.schema.metadata[b"stratloop"])
    columns = {name: np.asarray(table.column(name).to_numpy()) for name in table.column_names}
    columns["time"] = columns["time"].view("datetime64[s]")
    columns.setdefault("factor", np.ones(len(table)))
    for column in columns.values():
        column.setflags(write=False)
    return PriceSeries(*(columns[name] for name in COLUMNS)), about


def write_series(path: Path, series: PriceSeries, about: Mapping[str, Any]) -> None:
    """Write a series and words about it, replacing what was there in one step. Raises OSError."""
    part = path.with_name(f".{path.name}.{os.getpid()}-{uuid.uuid4().hex}.part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        _write(part, series, about)
        _replace(part, path)
    finally:
        with suppress(OSError):
            part.unlink()


def _write(path: Path, series: PriceSeries, about: Mapping[str, Any]) -> None:
    import pyarrow
    import pyarrow.parquet as parquet

    plain = bool((series.factor == 1).all())
    names = [name for name in COLUMNS if not (plain and name == "factor")]
    arrays = [pyarrow.array(getattr(series, name).astype("<i8") if name == "time" else getattr(series, name)) for name in names]
    table = pyarrow.table(arrays, names=names).replace_schema_metadata({"stratloop": json.dumps(about)})
    with path.open("wb") as stream:
        parquet.write_table(
            table,
            stream,
            compression="zstd",
            use_dictionary=False,
            column_encoding={name: "DELTA_BINARY_PACKED" if name == "time" else "PLAIN" for name in names},
            write_statistics=False,
        )
        stream.flush()
        os.fsync(stream.fileno())


def _replace(part: Path, path: Path) -> None:
    """Put the new file in place; Windows refuses while somebody reads the old one, so try a few times."""
    for attempt in range(REPLACE_TRIES):
        try:
            part.replace(path)
        except PermissionError:
            if attempt == REPLACE_TRIES - 1:
                raise
            time.sleep(0.02 * 2**attempt)
        else:
            return
