"""Readings that are kept: they say what a new one would say, and are read anew wherever that is not so."""

import json
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from core.domain.bars_request import BarsRequest
from core.domain.instrument import AssetClass, Instrument, Timeframe
from core.domain.readings import Corrections
from core.market import Market
from core.market.files import FileCache
from core.market.instrument_classes import make_instrument
from core.market.kept_readings import SMALLEST, KeptReadings, find_release
from core.market.price_series import COLUMNS
from core.market.reading import Occasion, Reading, read_bars
from core.market.reading_memory import ReadingMemory, hash_data
from core.market.series_file import read_series, write_series
from tests.market.test_market_files import ACCEPTED, PLAIN

TEXT = PLAIN.encode()
SYMBOL = make_instrument("SAMPLE", "Sample Inc.")
ASKED = Occasion("SAMPLE.csv")


@pytest.fixture
def kept(tmp_path: Path) -> KeptReadings:
    return KeptReadings(tmp_path / "readings", smallest=0)


def list_files(folder: Path) -> list[Path]:
    return sorted((folder / "readings").glob("*.parquet"))


def describe(reading: Reading) -> list[object]:
    """Everything of a reading, arrays by their bytes."""
    assert reading.fetched is not None
    fetched, series = reading.fetched, reading.fetched.series
    words = [reading.understood, reading.refused, reading.repaired, reading.facts, fetched.instrument, fetched.timeframe, fetched.repaired]
    return [*words, fetched.warnings, fetched.reading, *(getattr(series, name).tobytes() for name in COLUMNS), series.time.dtype]


def put_a_mark(folder: Path) -> None:
    """Change what is kept, so that whoever reads it is told from whoever reads the text; sealed as if it had been read so."""
    (path,) = list_files(folder)
    series, about = read_series(path)
    from core.market.kept_readings import _seal

    marked = series.with_factor(np.full(len(series), 0.5))
    write_series(path, marked, {**about, "seal": _seal(about["words"], marked)})


def is_marked(reading: Reading) -> bool:
    assert reading.fetched is not None
    return bool((reading.fetched.series.factor == 0.5).all())


@pytest.mark.parametrize("name", ACCEPTED)
def test_what_is_kept_says_what_a_new_reading_says(kept: KeptReadings, tmp_path: Path, name: str) -> None:
    data, occasion = ACCEPTED[name].encode(), Occasion("sample.csv", "label", memory=ReadingMemory(tmp_path / "said.json"))
    first, second = kept.read(data, occasion), kept.read(data, occasion)

    assert len(list_files(tmp_path)) == 1
    assert describe(second) == describe(first) == describe(read_bars(data, occasion))


def test_another_process_reads_what_is_kept_and_not_the_text(kept: KeptReadings, tmp_path: Path) -> None:
    kept.read(TEXT, ASKED)
    put_a_mark(tmp_path)

    assert is_marked(KeptReadings(tmp_path / "readings", smallest=0).read(TEXT, ASKED))


def ways_to_differ() -> Iterator[tuple[str, bytes, Occasion, str]]:
    yield "other bytes", TEXT.replace(b"10.5,100", b"10.6,100"), ASKED, ""
    yield "another name", TEXT, Occasion("AAPL.csv"), ""
    yield "another label", TEXT, Occasion("SAMPLE.csv", "MINE"), ""
    yield "another release", TEXT, ASKED, "2"
    yield "an instrument that was said", TEXT, Occasion("SAMPLE.csv", instrument=SYMBOL), ""
    yield "a correction", TEXT, Occasion("SAMPLE.csv", corrections=Corrections(asset_class=AssetClass.CRYPTO)), ""


@pytest.mark.parametrize(
    ("data", "occasion", "release"), [each[1:] for each in ways_to_differ()], ids=[each[0] for each in ways_to_differ()]
)
def test_what_was_read_otherwise_is_read_anew(kept: KeptReadings, tmp_path: Path, data: bytes, occasion: Occasion, release: str) -> None:
    kept.read(TEXT, ASKED)
    put_a_mark(tmp_path)

    found = KeptReadings(tmp_path / "readings", smallest=0, release=release).read(data, occasion)

    assert not is_marked(found)
    assert describe(found) == describe(read_bars(data, occasion))


def test_a_name_that_stands_for_another_instrument_by_now_is_read_anew(kept: KeptReadings, tmp_path: Path) -> None:
    known: dict[str, Instrument] = {}
    occasion = Occasion("SAMPLE.csv", lookup=known.get)
    before = kept.read(TEXT, occasion)
    put_a_mark(tmp_path)
    assert is_marked(kept.read(TEXT, occasion))

    known["SAMPLE"] = SYMBOL
    after = kept.read(TEXT, occasion)

    assert before.fetched is not None
    assert after.fetched is not None
    assert (before.fetched.instrument.name, after.fetched.instrument) == ("", SYMBOL)
    assert not is_marked(after)


@pytest.mark.parametrize("said", [Corrections(asset_class=AssetClass.CRYPTO), Corrections(columns=(("close", "Open"), ("open", "Close")))])
def test_what_somebody_says_of_a_file_afterwards_counts_and_forgotten_counts_no_more(
    kept: KeptReadings, tmp_path: Path, said: Corrections
) -> None:
    memory = ReadingMemory(tmp_path / "said.json")
    occasion = Occasion("SAMPLE.csv", memory=memory)
    plain = describe(kept.read(TEXT, occasion))
    headers = kept.read(TEXT, occasion).facts.headers

    memory.remember(hash_data(TEXT), headers, said)
    corrected = describe(kept.read(TEXT, occasion))
    memory.forget(hash_data(TEXT), headers)

    assert corrected == describe(read_bars(TEXT, Occasion("SAMPLE.csv", corrections=said)))
    assert describe(kept.read(TEXT, occasion)) == plain != corrected


def test_a_damaged_file_is_never_taken_for_the_bars(kept: KeptReadings, tmp_path: Path) -> None:
    right = describe(kept.read(TEXT, ASKED))
    (path,) = list_files(tmp_path)
    whole = path.read_bytes()
    damaged = [*(_flip(whole, place) for place in range(0, len(whole), 257)), whole[: len(whole) // 2], b"PAR1", b""]

    for each in damaged:
        path.write_bytes(each)
        assert describe(kept.read(TEXT, ASKED)) == right
    assert path.read_bytes() == whole, "what was damaged is replaced"


def _flip(whole: bytes, place: int) -> bytes:
    return whole[:place] + bytes([whole[place] ^ 0x15]) + whole[place + 1 :]


@pytest.mark.parametrize("words", ["[]", "{}", '{"facts": 1}', "not JSON"])
def test_words_of_another_kind_are_as_if_they_were_not_there(kept: KeptReadings, tmp_path: Path, words: str) -> None:
    from core.market.kept_readings import _seal

    right = describe(kept.read(TEXT, ASKED))
    (path,) = list_files(tmp_path)
    series, _ = read_series(path)
    write_series(path, series, {"words": words, "seal": _seal(words, series)})

    assert describe(kept.read(TEXT, ASKED)) == right


def test_a_file_that_is_refused_and_a_small_one_are_not_kept(tmp_path: Path) -> None:
    kept = KeptReadings(tmp_path / "readings", smallest=len(TEXT))
    refused = kept.read(TEXT.replace(b"11,9,10.5", b"11,9,99.9"), ASKED)

    kept.read(TEXT[:-1], ASKED)
    assert refused.refused
    assert not (tmp_path / "readings").exists()
    kept.read(TEXT, ASKED)
    assert len(list_files(tmp_path)) == 1


def test_what_was_not_used_for_the_longest_time_goes_first(tmp_path: Path) -> None:
    texts = [TEXT.replace(b"10.5,100", f"10.5,{number}".encode()) for number in range(4)]
    KeptReadings(tmp_path / "readings", smallest=0).read(texts[0], ASKED)
    (first,) = list_files(tmp_path)
    kept = KeptReadings(tmp_path / "readings", smallest=0, most_bytes=round(2.5 * first.stat().st_size))

    for text in (texts[1], texts[0], texts[2]):  # the first one is used again before the third is kept
        kept.read(text, ASKED)

    assert {path.name.partition("-")[0] for path in list_files(tmp_path)} == {hash_data(texts[0]), hash_data(texts[2])}


def test_where_nothing_can_be_kept_the_text_is_read_each_time(tmp_path: Path) -> None:
    (tmp_path / "readings").write_text("a file stands where the folder should be")
    kept = KeptReadings(tmp_path / "readings", smallest=0)

    assert describe(kept.read(TEXT, ASKED)) == describe(kept.read(TEXT, ASKED)) == describe(read_bars(TEXT, ASKED))


def test_a_market_keeps_the_reading_of_a_large_upload_and_forgets_it_with_the_file(tmp_path: Path) -> None:
    days = np.busday_offset("1970-01-01", np.arange(12_000), roll="forward")
    text = "Date,Open,High,Low,Close,Volume\n" + "".join(f"{day},10,11,9,10.{number % 10},{number}\n" for number, day in enumerate(days))
    assert len(text) > SMALLEST
    path = Market(tmp_path).keep_upload(text.encode(), "LARGE.csv")
    request = BarsRequest(symbol="LARGE", timeframe=Timeframe.D1)

    first, second = Market(tmp_path).load(request), Market(tmp_path).load(request)

    assert (first.bars.hash, first.warnings, first.reading) == (second.bars.hash, second.warnings, second.reading)
    assert len(list(tmp_path.glob("cache/readings/*.parquet"))) == 1
    Market(tmp_path).kept_readings.forget(path)
    assert not list(tmp_path.glob("cache/readings/*"))


def test_a_file_of_before_is_kept_when_it_is_read_next(kept: KeptReadings, tmp_path: Path) -> None:
    (tmp_path / "old.csv").write_bytes(TEXT)

    FileCache(kept=kept).fetch(tmp_path / "old.csv")

    assert [path.name.partition("-")[0] for path in list_files(tmp_path)] == [hash_data(TEXT)]


def test_the_release_is_named_by_everything_that_reads() -> None:
    from core.market import kept_readings

    named = {path.name for path in kept_readings.READERS}
    assert {"reading.py", "tables.py", "timestamps.py", "cleaning.py", "file_naming.py", "instrument_classes.py", "readings.py"} <= named
    assert find_release() == find_release()
    assert json.dumps(find_release()).isascii()
