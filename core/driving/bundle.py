"""A run as one file: plan, workflow, bars, answers, code, orders, curves, versions and what was said of it, so that others can check it.

Only what is inside decides: no key, no network and no history are needed to read one. Every file is named with its SHA-256 in the
manifest, so an edited one shows. Reading trusts nothing: sizes and names are bounded, arrays are plain numbers, documents are values.
"""

import hashlib
import io
import json
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import numpy as np
from pydantic import TypeAdapter, ValidationError

from core.domain.aligned_bars import align_bars
from core.domain.backtest import Fill, Trade
from core.domain.bars import PRICE_COLUMNS, Bars, FloatArray
from core.domain.basket import build_basket
from core.domain.errors import InputError
from core.domain.history import DocumentKind, UnreadableCause, UnreadableRowError
from core.domain.instrument import Instrument, Timeframe
from core.domain.iteration import Iteration, IterationDetail
from core.domain.run import Run
from core.driving.export import render_bars_csv
from core.driving.ports import DocumentReader

FORMAT = 2
"""Version of the format; a reader takes it and all earlier ones. Since 2 the manifest says of which version each kind of document is."""
DOCUMENTS_OF_1 = {DocumentKind.RUN: 3, DocumentKind.ITERATION: 3}
"""Versions of the documents in a bundle of format 1, which does not say them."""
KIND = "stratloop-bundle"
MOST_FILES = 20_000
MOST_BYTES = 1_000_000_000
"""Unpacked size that is read at most."""
LONGEST_PLAIN = 200_000_000
"""Size of one file inside at most."""
NO_ZIP = (zipfile.BadZipFile, zlib.error, EOFError, RuntimeError, OSError, ValueError)
"""Errors of `zipfile` on what is damaged, or packed in an unknown way or locked by a password (RuntimeError)."""

UNKNOWN_TO_US = frozenset({"extra_forbidden", "enum", "literal_error"})
"""Faults that a newer version explains: an unknown field, and a word that is none of the known ones."""
NEWER_HINT = "Use the version that made it, or newer."

_FILLS = TypeAdapter(tuple[Fill, ...])
_TRADES = TypeAdapter(tuple[Trade, ...])
README = """A run of Stratloop, to be checked by others.

    python -m core.cli replay THIS.zip

runs every program again on the bars inside and says whether all figures come out the same, to the last bit. No key and no network are
needed. `manifest.json` names the SHA-256 of each file; `run.json` is the plan and the result; `iterations` holds code, the author's
answer, orders and the account of each version; `bars` the prices.
"""


@dataclass(frozen=True, slots=True)
class Bundle:
    """A run with everything that it came from."""

    run: Run
    details: tuple[IterationDetail, ...]
    bars: Bars | None
    """Training bars with the hold-out behind them; None when only their hash was put in."""
    versions: Mapping[str, str]
    """Programs that it was made with."""
    edited: tuple[str, ...] = ()
    """Files that are not those the manifest names: `name: SHA-256 now, not SHA-256 then`."""

    @property
    def training(self) -> Bars | None:
        """The bars that the figures were measured on."""
        return None if self.bars is None else self.bars.slice(0, self.run.training_bars)

    @property
    def hold_out(self) -> Bars | None:
        """The bars behind them."""
        return None if self.bars is None else self.bars.slice(self.run.training_bars, len(self.bars))


def write_bundle(bundle: Bundle, *, documents: Mapping[DocumentKind, int], also: Mapping[str, str] | None = None) -> bytes:
    """Write a bundle as a zip; `documents` are the versions that its values are written in.

    `also` holds further texts by name, for people: a report, a verdict.
    """
    files = dict(_list_files(bundle)) | {name: text.encode() for name, text in (also or {}).items()}
    manifest = {
        "kind": KIND,
        "format": FORMAT,
        "run": bundle.run.id,
        "made": datetime.now(UTC).isoformat(timespec="seconds"),
        "versions": dict(bundle.versions),
        "documents": {kind.value: documents[kind] for kind in DOCUMENTS_OF_1},
        "bars": {
            "included": bundle.bars is not None,
            "hash": bundle.run.data_hash,
            "request": bundle.run.plan.bars.model_dump(mode="json"),
        },
        "files": {name: hashlib.sha256(data).hexdigest() for name, data in files.items()},
    }
    memory = io.BytesIO()
    with zipfile.ZipFile(memory, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("manifest.json", json.dumps(manifest, indent=1))
        for name, data in files.items():
            archive.writestr(name, data)
    return memory.getvalue()


def _list_files(bundle: Bundle) -> Iterator[tuple[str, bytes]]:
    yield "README.txt", README.encode()
    yield "run.json", bundle.run.model_dump_json(indent=1).encode()
    yield "workflow.json", bundle.run.plan.workflow.model_dump_json(indent=1).encode()
    whole = bundle.bars
    listed = () if whole is None else whole.others if whole.members else whole.instruments
    for number, bars in enumerate(listed):
        own = bars.drop_repeated()
        facts: dict[str, object] = {
            "instrument": own.instrument.model_dump(mode="json"),
            "timeframe": own.timeframe.value,
            "source": own.source,
        }
        if whole is not None and number < whole.members:
            facts["member"] = True
        yield f"bars/{number}.json", json.dumps(facts, indent=1).encode()
        yield f"bars/{number}.csv", render_bars_csv(own).encode()
    for detail in bundle.details:
        folder = f"iterations/{detail.iteration.number}"
        yield f"{folder}/iteration.json", detail.iteration.model_dump_json(indent=1).encode()
        yield f"{folder}/code.py", detail.iteration.code.encode()
        yield f"{folder}/answer.txt", detail.iteration.answer.encode()
        yield f"{folder}/fills.json", _FILLS.dump_json(detail.fills)
        yield f"{folder}/trades.json", _TRADES.dump_json(detail.trades)
        yield f"{folder}/equity.npy", _dump_array(detail.equity)
        yield f"{folder}/position.npy", _dump_array(detail.position)


def _dump_array(values: FloatArray) -> bytes:
    memory = io.BytesIO()
    np.save(memory, np.ascontiguousarray(values, dtype="<f8"), allow_pickle=False)
    return memory.getvalue()


@dataclass(frozen=True, slots=True)
class _Manifest:
    """Description of a bundle by itself."""

    names: Mapping[str, str]
    """SHA-256 of each file."""
    versions: Mapping[str, str]
    documents: Mapping[DocumentKind, int]


def read_bundle(data: bytes, read: DocumentReader) -> Bundle:
    """Read a bundle of this format or an earlier one; `read` lifts documents of earlier versions.

    Raises InputError for anything that is none, is cut short, too large, or of a newer version.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            files = _read_files(archive)
    except NO_ZIP as error:
        hint = "Get it once more: a download that broke off looks like this. A bundle is made with `export RUN -o FILE.zip`."
        raise InputError("This is not a whole zip file.", hint=hint) from error
    manifest = _read_manifest(files)
    edited = tuple(_find_edited(files, manifest.names))
    try:
        return _build_bundle(files, manifest, edited, read)
    except KeyError as error:
        if edited:
            raise _refuse_document(f"it lacks {error.args[0]}", manifest, edited, newer=False) from error
        raise InputError(f"The bundle lacks {error.args[0]}.", hint="Get it once more from whoever made it.") from error
    except UnreadableRowError as error:
        newer = error.row.cause is UnreadableCause.NEWER
        raise _refuse_document(f"{error.row.id}: {error.row.reason}", manifest, edited, newer=newer) from error
    except ValidationError as error:
        faults = error.errors()
        where = ".".join(str(part) for part in faults[0]["loc"])
        raise _refuse_document(
            f"{where}: {faults[0]['msg']}", manifest, edited, newer=all(fault["type"] in UNKNOWN_TO_US for fault in faults)
        ) from error
    except (ValueError, TypeError, AttributeError, LookupError, EOFError, RecursionError) as error:
        raise _refuse_document(str(error), manifest, edited, newer=False) from error


def _refuse_document(reason: str, manifest: _Manifest, edited: tuple[str, ...], *, newer: bool) -> InputError:
    """The error for a document that cannot be read: edited, of a newer version, or damaged."""
    if edited:
        return InputError(f"The bundle was edited since it was made ({edited[0]}), and cannot be read any more: {reason}.")
    if newer:
        made = manifest.versions.get("stratloop", "")
        return InputError(f"The bundle is of a newer version{f', Stratloop {made}' if made else ''}: {reason}.", hint=NEWER_HINT)
    return InputError(f"The bundle holds a document that cannot be read: {reason}.")


def _read_files(archive: zipfile.ZipFile) -> dict[str, bytes]:
    entries = [entry for entry in archive.infolist() if not entry.is_dir()]
    if len(entries) > MOST_FILES or sum(entry.file_size for entry in entries) > MOST_BYTES:
        raise InputError(f"The bundle is larger than {MOST_BYTES // 1_000_000:,} MB or {MOST_FILES:,} files.")
    if any(entry.file_size > LONGEST_PLAIN for entry in entries):
        raise InputError(f"A file in the bundle is larger than {LONGEST_PLAIN // 1_000_000:,} MB.")
    return {entry.filename: archive.read(entry) for entry in entries}


def _read_manifest(files: Mapping[str, bytes]) -> _Manifest:
    try:
        manifest = json.loads(files["manifest.json"])
        kind, version, names = manifest["kind"], int(manifest["format"]), dict(manifest["files"])
        said = {str(key): int(value) for key, value in dict(manifest.get("documents", {})).items()}
        versions = {str(key): str(value) for key, value in dict(manifest.get("versions", {})).items()}
    except (KeyError, TypeError, ValueError, RecursionError) as error:
        raise InputError(
            "This zip is no bundle: it has no manifest of one.", hint="A bundle is made with `export RUN -o FILE.zip`."
        ) from error
    if kind != KIND or version < 1:
        raise InputError("This zip is no bundle of Stratloop.", hint="A bundle is made with `export RUN -o FILE.zip`.")
    if version > FORMAT:
        raise InputError(f"The bundle is of format {version}; this program reads up to {FORMAT}.", hint=NEWER_HINT)
    return _Manifest(names, versions, {each: said.get(each.value, of_1) for each, of_1 in DOCUMENTS_OF_1.items()})


def _build_bundle(files: Mapping[str, bytes], manifest: _Manifest, edited: tuple[str, ...], read: DocumentReader) -> Bundle:
    numbers = sorted({int(name.split("/")[1]) for name in files if name.startswith("iterations/") and name.endswith("/iteration.json")})
    return Bundle(
        run=read(Run, DocumentKind.RUN, "run.json", files["run.json"], manifest.documents[DocumentKind.RUN]),
        details=tuple(_read_detail(files, number, manifest, read) for number in numbers),
        bars=_read_bars(files),
        versions=manifest.versions,
        edited=edited,
    )


def _find_edited(files: Mapping[str, bytes], names: Mapping[str, str]) -> Iterator[str]:
    for name, known in names.items():
        now = hashlib.sha256(files[name]).hexdigest() if name in files else "gone"
        if now != known:
            yield f"{name}: {now[:16]}, not {known[:16]}"
    for name in files.keys() - names.keys() - {"manifest.json"}:
        yield f"{name}: put in later"


def _read_detail(files: Mapping[str, bytes], number: int, manifest: _Manifest, read: DocumentReader) -> IterationDetail:
    folder = f"iterations/{number}"
    name = f"{folder}/iteration.json"
    iteration = read(Iteration, DocumentKind.ITERATION, name, files[name], manifest.documents[DocumentKind.ITERATION])
    return IterationDetail(
        iteration=iteration.changed(code=files[f"{folder}/code.py"].decode(), answer=files[f"{folder}/answer.txt"].decode()),
        equity=_load_array(files[f"{folder}/equity.npy"]),
        position=_load_array(files[f"{folder}/position.npy"]),
        fills=_FILLS.validate_json(files[f"{folder}/fills.json"]),
        trades=_TRADES.validate_json(files[f"{folder}/trades.json"]),
    )


def _load_array(data: bytes) -> FloatArray:
    found = np.load(io.BytesIO(data), allow_pickle=False)
    if found.ndim != 1 or found.dtype != np.dtype("<f8"):
        raise ValueError("an array of it is no column of numbers")
    column: FloatArray = found
    return column


def _read_bars(files: Mapping[str, bytes]) -> Bars | None:
    found: list[Bars] = []
    members = 0
    while f"bars/{len(found)}.csv" in files:
        number = len(found)
        facts = json.loads(files[f"bars/{number}.json"])
        members += facts.get("member") is True
        found.append(_parse_bars(files[f"bars/{number}.csv"].decode(), facts))
    if members:
        return build_basket(found[:members], found[members:])
    return align_bars(found) if found else None


def _parse_bars(text: str, facts: Mapping[str, object]) -> Bars:
    head, *lines = text.splitlines()
    if head != ",".join(("time", *PRICE_COLUMNS)):
        raise ValueError("its bars have another header")
    columns = list(zip(*(line.split(",") for line in lines), strict=True))
    prices: dict[str, Any] = {
        name: np.array([float(value) for value in column]) for name, column in zip(PRICE_COLUMNS, columns[1:], strict=True)
    }
    return Bars(
        instrument=Instrument.model_validate(facts["instrument"]),
        timeframe=Timeframe(str(facts["timeframe"])),
        time=np.array(columns[0], dtype="datetime64[s]"),
        source=str(facts["source"]),
        **prices,
    )
