"""Every code that can reach a person has its words."""

from enum import StrEnum

import pytest

from core.domain.backtest import OutcomeStatus, Stage, Verdict
from core.domain.instrument import Timeframe
from core.domain.run import BUNDLED_MODELS, Objective, RunKind, Status, StopReason
from core.report import labels
from core.report.verdict import Conclusion

TABLES: tuple[tuple[type[StrEnum], object], ...] = (
    (Status, labels.STATUS),
    (StopReason, labels.STOP_REASON),
    (RunKind, labels.KIND),
    (Objective, labels.OBJECTIVE),
    (Timeframe, labels.TIMEFRAME),
    (Stage, labels.STAGE),
    (OutcomeStatus, labels.OUTCOME),
    (Verdict, labels.VERDICT),
    (Conclusion, labels.CONCLUSION),
)


@pytest.mark.parametrize(("names", "table"), TABLES)
def test_every_member_has_its_words(names: type[StrEnum], table: dict[StrEnum, str]) -> None:
    assert set(table) == set(names)


def test_what_ships_in_place_of_a_model_says_that_it_is_none() -> None:
    bundled = [model_id for model_id in BUNDLED_MODELS if "/" not in model_id]

    assert all("not a" in labels.label_model(model_id) for model_id in bundled)
    assert labels.label_author("built-in") == "the built-in optimizer (not an AI model)"
