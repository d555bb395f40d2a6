"""Words of earlier versions are read as what they are called now, wherever a value comes from."""

import json

import pytest

from core.domain.backtest import Certificate, Stage
from core.domain.events import StageEvent, parse_body
from core.domain.finding import Finding

TOLD = {"verdict": "clean", "method": "lock_step", "ledger_checked": True}


@pytest.mark.parametrize("read", [Certificate.model_validate, lambda told: Certificate.model_validate_json(json.dumps(told))])
def test_a_certificate_that_speaks_of_a_ledger_says_that_the_fills_were_checked(read) -> None:
    certificate = read(TOLD)

    assert certificate.fills_checked
    assert "ledger" not in certificate.model_dump_json()


def test_a_stage_called_ledger_is_the_fill_audit() -> None:
    assert parse_body("stage", {"number": 4, "stage": "ledger"}) == StageEvent(number=4, stage=Stage.FILL_AUDIT)


def test_a_finding_of_the_second_ledger_is_one_of_the_account() -> None:
    found = Finding.model_validate_json('{"code": "ledger_mismatch", "severity": 3, "message": "m"}')

    assert found.code == "equity_mismatch"


def test_another_word_is_still_refused() -> None:
    with pytest.raises(ValueError, match="ledgers"):
        Certificate.model_validate(TOLD | {"ledgers": 1})
    with pytest.raises(ValueError, match="ledgers"):
        Stage("ledgers")
