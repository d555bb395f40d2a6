"""The judgment of a run's winner as one document: the figures behind its verdict, and nothing else."""

from typing import Any

from pydantic import SerializerFunctionWrapHandler, model_serializer

from core.domain.decision import Decision, Worth
from core.domain.study import ConformityDrift, Placebo, SensitivityMap, WalkForward, WarmUp, WhatPaid
from core.domain.value import Value
from core.report.assessment import Assessment, Luck
from core.report.basket_report import BasketReport


class HoldOutNumbers(Value):
    """The winner against the workflow on the hold-out; without a test, only its trades."""

    difference: float | None
    se: float | None
    power: float | None
    """Chance that a stretch this long recognizes a true gain of 1.0; of 0.2 for total returns."""
    trades: int


class Looks(Value):
    """Number of looks at these bars, and the level that this one is tested at."""

    number: int
    level: float


class Verification(Value):
    """Everything that speaks for or against a winner; what is not known, or was not asked for, is None."""

    verdict: str | None
    words: str
    luck: Luck | None
    worth: Worth | None
    decision: Decision | None
    hold_out: HoldOutNumbers | None
    looks: Looks | None
    placebo: Placebo | None
    walk_forward: WalkForward | None
    sensitivity: SensitivityMap | None
    what_paid: WhatPaid | None
    warm_up: WarmUp | None
    conformity: ConformityDrift | None
    basket: BasketReport | None = None
    """Result on each instrument of a basket; luck and worth are those of the account of all together. Left out for one instrument."""

    @model_serializer(mode="wrap")
    def _leave_out_basket(self, serialize: SerializerFunctionWrapHandler) -> dict[str, Any]:
        document: dict[str, Any] = serialize(self)
        return document if self.basket is not None else {name: value for name, value in document.items() if name != "basket"}


def build_verification(found: Assessment) -> Verification:
    """Build the document from an assessment."""
    judged, held, studies = found.selection, found.hold_out, found.studies
    pair = held.comparison if held else None
    return Verification(
        verdict=found.verdict.verdict.value if found.verdict else None,
        words=found.verdict.words if found.verdict else "",
        luck=found.luck,
        worth=judged.worth if judged else None,
        decision=judged.decision if judged else None,
        hold_out=HoldOutNumbers(
            difference=pair.difference if pair else None,
            se=pair.se if pair else None,
            power=pair.power if pair else None,
            trades=held.trades,
        )
        if held
        else None,
        looks=Looks(number=held.looks, level=held.level) if held else None,
        placebo=studies.placebo,
        walk_forward=studies.walk_forward,
        sensitivity=studies.sensitivity,
        what_paid=studies.what_paid,
        warm_up=studies.warm_up,
        conformity=studies.conformity,
        basket=found.basket,
    )
