"""The tables. A JSON document carries each value whole; the columns beside it are its version and those that are queried."""

from functools import partial
from typing import Any

from sqlalchemy import BigInteger, Column, Index, LargeBinary, Text
from sqlmodel import Field, SQLModel

from core.domain.history import DocumentKind
from core.store.documents import current_version


def _version(kind: DocumentKind) -> Any:
    """A column with the version that a new row's document is written in."""
    return Field(default_factory=partial(current_version, kind))


class RunTable(SQLModel, table=True):
    """One run; the only rows of the history that change, and only until the run is finished."""

    __tablename__ = "run"
    __table_args__ = (Index("place_of_owner", "owner", "placed"),)

    id: str = Field(primary_key=True)
    owner: str = Field(default="", index=True)
    created: float = Field(index=True)
    finished: float | None = None
    kind: str = Field(default="drive", index=True)
    status: str = Field(index=True)
    workflow: str
    symbol: str
    model: str
    document: str = Field(sa_column=Column(Text, nullable=False))
    document_version: int = _version(DocumentKind.RUN)
    cancel_requested: bool = False
    lease_owner: str | None = None
    lease_until: float = 0.0
    waits_since: float | None = None
    """Moment at which its server put it into the queue for a place; None while it does not wait there."""
    has_place: bool = False
    placed: float | None = None
    """Moment at which it was given a place last; it stays when the place is given back."""
    portable: bool = False
    """Another server than the one where it waits can begin it."""


class IterationTable(SQLModel, table=True):
    """One finished iteration; never updated, but for a certificate that is completed."""

    __tablename__ = "iteration"

    run_id: str = Field(primary_key=True, foreign_key="run.id")
    number: int = Field(primary_key=True)
    parent: int | None = None
    status: str
    score: float | None = Field(default=None, index=True)
    sharpe: float | None = None
    total_return: float | None = None
    max_drawdown: float | None = None
    trades: int | None = None
    code_hash: str = ""
    created: float
    document: str = Field(sa_column=Column(Text, nullable=False))
    document_version: int = _version(DocumentKind.ITERATION)


class CurveTable(SQLModel, table=True):
    """The heavy part of an iteration, compressed; kept apart so that lists stay fast."""

    __tablename__ = "curve"

    run_id: str = Field(primary_key=True)
    number: int = Field(primary_key=True)
    equity: bytes = Field(sa_column=Column(LargeBinary, nullable=False))
    position: bytes = Field(sa_column=Column(LargeBinary, nullable=False))
    facts: bytes = Field(sa_column=Column(LargeBinary, nullable=False))
    preview: bytes = Field(sa_column=Column(LargeBinary, nullable=False))
    document_version: int = _version(DocumentKind.CURVE)


class ClosesTable(SQLModel, table=True):
    """Closes that accounts were valued at, once for all iterations on the same bars; never changed."""

    __tablename__ = "closes"

    digest: str = Field(primary_key=True)
    data: bytes = Field(sa_column=Column(LargeBinary, nullable=False))


class EventTable(SQLModel, table=True):
    """The events of a run, in order; the live view replays them."""

    __tablename__ = "event"
    __table_args__ = (Index("event_of_run", "run_id", "seq"),)

    seq: int | None = Field(default=None, primary_key=True)
    run_id: str
    kind: str
    created: float
    data: str = Field(sa_column=Column(Text, nullable=False))
    document_version: int = _version(DocumentKind.EVENT)


class HoldOutEvaluationTable(SQLModel, table=True):
    """One evaluation of a run on its hold-out; one repeated after a kill, with the same iterations, is the same one."""

    __tablename__ = "look"

    run_id: str = Field(primary_key=True)
    iterations: int = Field(primary_key=True)
    created: float
    instrument: str = Field(index=True)
    timeframe: str
    first: float
    last: float
    fingerprint: str | None = Field(default=None, index=True)
    """Digest of the bars; None for looks of earlier versions."""


class FingerprintTable(SQLModel, table=True):
    """Fingerprint of bars that were used, whatever they were called."""

    __tablename__ = "fingerprint"

    digest: str = Field(primary_key=True)
    first: int
    """Days since 1970."""
    last: int
    data: bytes = Field(sa_column=Column(LargeBinary, nullable=False))


class TrainingTable(SQLModel, table=True):
    """The bars that a run was trained on."""

    __tablename__ = "training"

    run_id: str = Field(primary_key=True)
    fingerprint: str = Field(index=True)


class FurtherUseTable(SQLModel, table=True):
    """The bars of a further instrument that a run was trained on, or looked at with its first one."""

    __tablename__ = "further_use"

    run_id: str = Field(primary_key=True)
    iterations: int = Field(primary_key=True)
    """As in the look; -1 for the training."""
    fingerprint: str = Field(primary_key=True, index=True)


class WorkflowTable(SQLModel, table=True):
    """A saved workflow; each save of a person under the same name is a new version."""

    __tablename__ = "workflow"

    owner: str = Field(default="", primary_key=True)
    name: str = Field(primary_key=True)
    version: int = Field(primary_key=True)
    created: float
    tags: str = ""
    document: str = Field(sa_column=Column(Text, nullable=False))
    document_version: int = _version(DocumentKind.WORKFLOW)


class DraftTable(SQLModel, table=True):
    """Unsaved work of a screen, by key; overwritten as the user types."""

    __tablename__ = "draft"

    key: str = Field(primary_key=True)
    updated: float
    document: str = Field(sa_column=Column(Text, nullable=False))
    document_version: int = _version(DocumentKind.DRAFT)


class RevisionTable(SQLModel, table=True):
    """A state of the code editor: generated, edited or taken from an iteration."""

    __tablename__ = "revision"

    id: int | None = Field(default=None, primary_key=True)
    owner: str = ""
    created: float
    origin: str
    note: str = ""
    code: str = Field(sa_column=Column(Text, nullable=False))


class LedgerTable(SQLModel, table=True):
    """One attempt to call a model: reserved before the call, closed once after it. The columns are what sums are made of."""

    __tablename__ = "ledger"

    id: int | None = Field(default=None, primary_key=True)
    run_id: str = Field(index=True)
    owner: str = Field(default="", index=True)
    started: float = Field(index=True)
    status: str
    model: str
    counted_micros: int = 0
    pending_micros: int = 0
    counted_tokens: int = 0
    unpriced: int = 0
    estimated: int = 0
    sent: int = 1
    document: str = Field(sa_column=Column(Text, nullable=False))
    document_version: int = _version(DocumentKind.CALL)


class SettingTable(SQLModel, table=True):
    """A setting chosen on screen; never a key or a password."""

    __tablename__ = "setting"

    key: str = Field(primary_key=True)
    value: str = Field(sa_column=Column(Text, nullable=False))
    document_version: int = _version(DocumentKind.SETTING)


class ShareTable(SQLModel, table=True):
    """A run or a workflow that its owner shows to somebody, or to everybody."""

    __tablename__ = "share"

    kind: str = Field(primary_key=True)
    owner: str = Field(primary_key=True)
    subject: str = Field(primary_key=True)
    person: str = Field(primary_key=True)
    created: float


class SealedKeyTable(SQLModel, table=True):
    """A person's key of a provider, sealed with a secret that is not in the database."""

    __tablename__ = "sealed_key"

    owner: str = Field(primary_key=True)
    name: str = Field(primary_key=True)
    sealed: bytes = Field(sa_column=Column(LargeBinary, nullable=False))
    created: float


class ProcessorTimeTable(SQLModel, table=True):
    """Processor time that one server process gave to one person's backtests on one day of UTC."""

    __tablename__ = "processor_time"

    owner: str = Field(primary_key=True)
    day: str = Field(primary_key=True)
    worker: str = Field(primary_key=True)
    seconds: float


class UploadRoomTable(SQLModel, table=True):
    """Room that a person's uploads take in the home of one server."""

    __tablename__ = "upload_room"

    owner: str = Field(primary_key=True)
    home: str = Field(primary_key=True)
    bytes: int = Field(sa_column=Column(BigInteger, nullable=False))
