"""Files that are small on disk and vast in memory are refused from their outline, never unpacked."""

import gzip
import io
import json
import tarfile
import tracemalloc
import zipfile

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as parquet
import pytest
from pyarrow import feather

from core.domain.errors import MarketDataError
from core.market.tables import read_table

RELATIONS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
CONTENT = '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"/>'


def zipped(**files: bytes | str) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in files.items():
            archive.writestr(name, text)
    return made.getvalue()


def workbook(sheet: str) -> bytes:
    return zipped(**{"[Content_Types].xml": CONTENT, "xl/worksheets/sheet1.xml": sheet})


def many_sheets(count: int) -> bytes:
    made = io.BytesIO()
    pd.DataFrame({"Date": ["2020-01-02"]}).to_excel(made)
    parts = {entry.filename: zipfile.ZipFile(made).read(entry) for entry in zipfile.ZipFile(made).infolist()}
    names = "".join(f'<sheet xmlns:r="{RELATIONS}" name="s{n}" sheetId="{n + 2}" r:id="rId1"/>' for n in range(count))
    parts["xl/workbook.xml"] = parts["xl/workbook.xml"].replace(b"</sheets>", f"{names}</sheets>".encode())
    return zipped(**parts)


def in_parquet(table: pa.Table) -> bytes:
    made = io.BytesIO()
    parquet.write_table(table, made, compression="zstd")
    return made.getvalue()


def in_feather(table: pa.Table) -> bytes:
    made = io.BytesIO()
    feather.write_feather(table, made, compression="zstd", chunksize=1 << 22)
    return made.getvalue()


TABLE = b"date,open,high,low,close,volume\n2020-01-02,1,2,1,2,5\n"
CELLS = "<c><v>1</v></c>" * 900
LAUGHS = '<!ENTITY e0 "ha">' + "".join(f'<!ENTITY e{n} "{f"&e{n - 1};" * 9}">' for n in range(1, 6))
COLUMNS = "".join(f'<c r="A{n}"/>' for n in range(1_200))
BOMBS = {
    "a ZIP of zeros": lambda: zipped(**{"bars.csv": b"0" * 60_000_000}),
    "a gzip of zeros": lambda: gzip.compress(b"0" * 60_000_000),
    "a ZIP in a ZIP": lambda: zipped(**{"bars.csv": zipped(**{"bars.csv": TABLE})}),
    "a ZIP of several in a ZIP": lambda: zipped(**{"bars.csv": zipped(**{"a.csv": TABLE, "b.csv": TABLE})}),
    "a ZIP in a ZIP in a ZIP": lambda: zipped(**{"a.csv": zipped(**{"b.txt": zipped(**{"c.csv": TABLE})})}),
    "very many files": lambda: zipped(**{f"{n}.csv": TABLE for n in range(1_500)}),
    "a sheet of a million columns": lambda: workbook('<sheetData><row r="1"><c r="BDWGN1"><v>1</v></c></row></sheetData>'),
    "a sheet that says so": lambda: workbook('<dimension ref="A1:XFD1048576"/><sheetData/>'),
    "a row of many cells": lambda: workbook(f"<sheetData><row>{COLUMNS}</row></sheetData>"),
    "far cells in single quotes": lambda: workbook("<sheetData>" + "<row r='1'><c r='XFD1'/></row>" * 9 + "</sheetData>"),
    "far cells in small letters": lambda: workbook('<sheetData><row r="1"><c r = "xfd1"/></row></sheetData>'),
    "far cells spelled by number": lambda: workbook('<sheetData><row r="1"><c r="&#88;FD1"/></row></sheetData>'),
    "many cells under a prefix": lambda: workbook(f'<x:w xmlns:x="x"><x:row>{"<x:c/>" * 1_200}</x:row></x:w>'),
    "a wide row far below another": lambda: workbook(f"<w><row>{CELLS}</row><row r='1048576'>{CELLS}</row></w>"),
    "a row beyond all rows": lambda: workbook('<w><row r="1"><c/></row><row r="999999999"><c/></row></w>'),
    "a sheet of empty rows": lambda: workbook(f"<w>{'<row/>' * 2_000_000}</w>"),
    "a sheet that defines its own text": lambda: workbook(f"<!DOCTYPE l [{LAUGHS}]><w><row><c><v>&e5;</v></c></row></w>"),
    "a workbook that names one sheet many times": lambda: many_sheets(400),
    "a JSON of sparse records": lambda: json.dumps([{f"k{n}": 1} for n in range(3_000)]).encode(),
    "a JSON of one long row": lambda: json.dumps([list(range(900)), *[[]] * 200_000]).encode(),
    "a JSON of sparse days": lambda: json.dumps({f"d{n}": {f"k{n}": 1} for n in range(3_000)}).encode(),
    "Parquet of long numbers": lambda: in_parquet(pa.table({"t": pa.array([1] * 2_700_000).cast(pa.decimal128(38, 0))})),
    "a text of many columns": lambda: (",".join(map(str, range(5_000))) + "\n").encode() * 3,
    "Parquet of many columns": lambda: in_parquet(pa.table({f"c{n}": [1.0] for n in range(1_500)})),
    "Parquet of one number, repeated": lambda: in_parquet(pa.table({f"c{n}": pa.array([1.0] * 3_000_000) for n in range(2)})),
    "Parquet of a long text, repeated": lambda: in_parquet(
        pa.table({"t": pa.DictionaryArray.from_arrays(pa.array([0] * 50_000, pa.int32()), ["x" * 200_000])})
    ),
    "Parquet of lists": lambda: in_parquet(pa.table({"t": pa.array([[1] * 100] * 10)})),
    "Feather of one number, repeated": lambda: in_feather(pa.table({"t": pa.array([1.0] * 3_000_000)})),
    "Feather of one text, repeated": lambda: in_feather(
        pa.table({"t": pa.DictionaryArray.from_arrays(pa.array([0] * 6_000_000, pa.int32()), ["x"])})
    ),
    "Feather of a long text, repeated": lambda: in_feather(
        pa.table({"t": pa.DictionaryArray.from_arrays(pa.array([0] * 50_000, pa.int32()), ["x" * 200_000])})
    ),
    "Feather of many columns": lambda: in_feather(pa.table({f"c{n}": [1.0] for n in range(1_500)})),
    "Feather of lists": lambda: in_feather(pa.table({"t": pa.array([[1] * 100] * 10)})),
    "a cut Feather file": lambda: in_feather(pa.table({"t": [1.0]}))[:-20],
}


@pytest.mark.parametrize("name", BOMBS)
def test_a_bomb_is_refused_in_words_and_little_memory(name: str) -> None:
    data = BOMBS[name]()
    tracemalloc.start()
    with pytest.raises(MarketDataError):
        read_table(data, "bars")
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 100_000_000


def test_honest_files_are_read_as_before() -> None:
    assert len(read_table(TABLE * 1, "bars.csv")) == 1
    assert len(read_table(zipped(**{"bars.csv": TABLE}), "bars.zip")) == 1
    frame = pd.DataFrame({"date": pd.date_range("2020-01-01", periods=50_000, freq="min"), "close": range(50_000), "name": "AAPL"})
    assert len(read_table(in_parquet(pa.Table.from_pandas(frame)), "bars.parquet")) == 50_000
    assert len(read_table(in_feather(pa.Table.from_pandas(frame)), "bars.feather")) == 50_000


def test_a_workbook_in_a_zip_is_read() -> None:
    made = io.BytesIO()
    pd.DataFrame({"Date": ["2020-01-02"], "Open": [1.0], "High": [2.0], "Low": [1.0], "Close": [1.5], "Volume": [5]}).to_excel(
        made, index=False
    )
    assert len(read_table(zipped(**{"bars.xlsx": made.getvalue()}), "bars.zip")) == 1


def test_bars_that_hardly_move_are_no_bomb() -> None:
    times = pd.date_range("2020-01-01", periods=60_000, freq="min")
    text = "date,open,high,low,close,volume\n" + "".join(f"{time:%Y-%m-%d %H:%M},1.1,1.1,1.1,1.1,0\n" for time in times)
    frame = pd.DataFrame({"date": times, **dict.fromkeys(("open", "high", "low", "close"), 1.1), "volume": 0})

    assert len(read_table(zipped(**{"bars.csv": text}), "bars.zip")) == 60_000
    assert len(read_table(gzip.compress(text.encode()), "bars.csv.gz")) == 60_000
    assert len(read_table(in_parquet(pa.Table.from_pandas(frame)), "bars.parquet")) == 60_000


def tarred(entries: int, **described: str) -> bytes:
    made = io.BytesIO()
    with tarfile.open(fileobj=made, mode="w", format=tarfile.PAX_FORMAT) as archive:
        for number in range(entries):
            entry = tarfile.TarInfo(f"{number}.csv")
            entry.pax_headers = described
            archive.addfile(entry)
    return made.getvalue()


def test_a_tar_of_very_many_files_or_with_long_descriptions_is_refused_before_it_is_opened() -> None:
    with pytest.raises(MarketDataError, match="holds more than 1,000 files"):
        read_table(tarred(1_001), "bars.tar")
    with pytest.raises(MarketDataError, match="describes a file at great length"):
        read_table(tarred(1, comment="x" * 100_000), "bars.tar")
    with pytest.raises(MarketDataError, match="cannot be read as a table"):
        read_table(tarred(1)[:124] + b"77777777777\0" + tarred(1)[136:], "bars.tar")


def test_names_over_very_many_columns_of_a_page_do_not_fill_the_memory() -> None:
    head = '<tr><th colspan="1000">Open</th></tr>' * 20_000
    page = f"<table>{head}<tr><th>Date</th><th>Open</th><th>High</th><th>Low</th><th>Close</th></tr></table>"

    tracemalloc.start()
    with pytest.raises(MarketDataError):
        read_table(page.encode(), "page.html")
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert most < 100_000_000
