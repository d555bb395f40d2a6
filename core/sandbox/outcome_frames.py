"""An outcome as bytes and back, between the trusted run monitor and the application: one JSON frame, then the arrays as raw frames."""

from collections.abc import Callable
from typing import Any

import numpy as np
from pydantic import TypeAdapter

from core.domain.backtest import Certificate, CodeFault, Fill, OrderCounts, Outcome, OutcomeStatus, Progress, Stage, Trade
from core.sandbox.frames import decode, encode, pack

_FILLS = TypeAdapter(tuple[Fill, ...])
_TRADES = TypeAdapter(tuple[Trade, ...])


def encode_progress(progress: Progress) -> bytes:
    """Encode a progress report as one frame that no head of an outcome can be mistaken for."""
    return encode({"progress": [progress.done, progress.total, progress.bars, progress.equity]})


def decode_progress(head: dict[str, Any]) -> Progress | None:
    """Decode a progress report; None when the document is something else."""
    if "progress" not in head:
        return None
    done, total, bars, equity = head["progress"]
    return Progress(done=done, total=total, bars=tuple(bars), equity=tuple(equity))


def encode_outcome(outcome: Outcome) -> bytes:
    """Encode an outcome as consecutive frames."""
    head = {
        "status": outcome.status.value,
        "stage": outcome.stage.value,
        "isolation_level": outcome.isolation_level,
        "certificate": outcome.certificate.model_dump(mode="json"),
        "error": outcome.error.model_dump(mode="json") if outcome.error else None,
        "orders": outcome.orders.model_dump(),
        "log": outcome.log,
        "notes": list(outcome.notes),
        "early_reads": list(outcome.early_reads),
        "signals": list(outcome.signals),
        "others": len(outcome.other_positions),
        "orders_hash": outcome.orders_hash,
        "wall_seconds": outcome.wall_seconds,
        "code_ran": outcome.code_ran,
    }
    columns = (outcome.equity, outcome.position, *outcome.other_positions)
    arrays = [*(column.tobytes() for column in columns), *(signal.tobytes() for signal in outcome.signals.values())]
    bodies = [_FILLS.dump_json(outcome.fills), _TRADES.dump_json(outcome.trades), *arrays]
    return b"".join([encode(head), *map(pack, bodies)])


def decode_outcome(head_body: bytes, next_body: Callable[[], bytes]) -> Outcome:
    """Decode an outcome; `next_body` delivers the frames that follow the head."""
    head: dict[str, Any] = decode(head_body)
    fills, trades = _FILLS.validate_json(next_body()), _TRADES.validate_json(next_body())
    equity, position, *others = (np.frombuffer(next_body(), dtype=np.float64) for _ in range(2 + head["others"]))
    signals = {row: np.frombuffer(next_body(), dtype=np.uint8) for row in head["signals"]}
    return Outcome(
        status=OutcomeStatus(head["status"]),
        stage=Stage(head["stage"]),
        isolation_level=head["isolation_level"],
        certificate=Certificate.model_validate(head["certificate"]),
        error=CodeFault.model_validate(head["error"]) if head["error"] else None,
        fills=fills,
        trades=trades,
        orders=OrderCounts.model_validate(head["orders"]),
        equity=equity,
        position=position,
        other_positions=tuple(others),
        log=head["log"],
        notes=tuple(head["notes"]),
        early_reads=tuple(head["early_reads"]),
        signals=signals,
        orders_hash=head["orders_hash"],
        wall_seconds=head["wall_seconds"],
        code_ran=head["code_ran"],
    )
