"""Bytes into text: byte order marks, UTF-16 without one, and the encodings of East Asia, Windows and DOS, told by the header they give."""

import re

from core.market.headers import find_role

CANDIDATES = (
    ("cp932", "Shift-JIS"),
    ("gb18030", "GBK"),
    ("big5", "Big5"),
    ("cp949", "Korean"),
    ("euc_jp", "EUC-JP"),
    ("cp874", "Windows-874"),
    ("cp1252", "Windows-1252"),
    ("cp1251", "Windows-1251"),
    ("cp1250", "Windows-1250"),
    ("cp1254", "Windows-1254"),
    ("cp1257", "Windows-1257"),
    ("cp1253", "Windows-1253"),
    ("cp1255", "Windows-1255"),
    ("cp1256", "Windows-1256"),
    ("koi8-r", "KOI8-R"),
    ("cp866", "DOS Cyrillic"),
    ("cp852", "DOS Central European"),
)
"""Encodings and what people call them; of those that name as many columns the first counts."""
MARKS = ((b"\xff\xfe\x00\x00", "utf-32"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"), (b"\xef\xbb\xbf", "utf-8-sig"))
SAMPLE_BYTES = 8192
CONTROLS = re.compile(r"[\x80-\x9f\ue000-\uf8ff]")
"""Signs that no text of prices holds: controls, and those of private use that Japanese makes of a blank of Windows."""


def decode(data: bytes) -> tuple[str, str]:
    """Decode a text file, with the name of its encoding. Raises ValueError for a binary file."""
    for mark, codec in MARKS:
        if data.startswith(mark):
            return data.decode(codec), codec.removesuffix("-sig").upper()
    head = data[:4096]
    zeros = head.count(b"\x00")
    if zeros > 4:
        for first, codec in ((1, "utf-16-le"), (0, "utf-16-be")):
            if zeros > len(head) * 0.3 and head[1 - first :: 2].count(b"\x00") < zeros * 0.05:
                return data.decode(codec), "UTF-16"
        raise ValueError("it is a binary file of an unknown kind")
    try:
        return data.decode("utf-8-sig"), "UTF-8"
    except UnicodeDecodeError:
        return _by_header(data)


def _by_header(data: bytes) -> tuple[str, str]:
    """The encoding in which the first lines name most columns; Windows-1252 where none does."""
    sample = data[:SAMPLE_BYTES]
    sample = sample[: sample.rfind(b"\n") + 1] or sample
    best = (0, "cp1252", "Windows-1252")
    for codec, shown in CANDIDATES:
        try:
            text = sample.decode(codec)
        except UnicodeDecodeError:
            continue
        if CONTROLS.search(text):  # a euro sign of Windows, read as what no text holds
            continue
        lines = text.splitlines()[:25]
        named = max((sum(bool(find_role(cell.strip(' "'))) for cell in _cells(line)) for line in lines), default=0)
        if named > best[0]:
            best = (named, codec, shown)
    return data.decode(best[1], errors="replace"), best[2]


def _cells(line: str) -> list[str]:
    delimiter = max(",;\t|", key=line.count)
    return line.split(delimiter)
