"""A finished run in words and lines: reasons on both sides, steps with deeds, tiles of evidence, iterations by rank."""

from datetime import UTC, datetime

import pytest

from core.domain.backtest import Certificate, Method, Verdict
from core.domain.decision import PairComparison, Selection, Worth
from core.domain.hold_out import HoldOut, HoldOutFigure
from core.domain.iteration import Iteration
from core.domain.run import Objective, Run, Status
from core.domain.study import Placebo, PlaceboKind, SensitivityMap, SensitivityPoint, Studies
from core.evidence import decide
from core.report.assessment import Assessment, assess
from core.report.evidence_tiles import Picture, TileState, list_tiles
from core.report.leaderboard import Standing, build_leaderboard
from core.report.reasons import Deed, describe_no_verdict, find_recommended, list_next_steps, list_reasons
from tests.driving.fakes import walk
from tests.report.test_report_assessment import BARS, TRIES, detail, iteration, metrics, run

WORTH = Worth(value=1.2, low=0.1, high=2.3, expected_gain=-0.18)
JUDGED = Selection(winner=2, worth=WORTH, decision=decide(0.6, 2), alike=1)
HELD = HoldOut(
    bars=100,
    first=datetime(2026, 1, 1, tzinfo=UTC),
    last=datetime(2026, 6, 1, tzinfo=UTC),
    best=HoldOutFigure(name="best", iteration=2, metrics=metrics(sharpe=0.3, trades=4)),
    baseline=HoldOutFigure(name="baseline", iteration=0, metrics=metrics(sharpe=0.9)),
    benchmark=HoldOutFigure(name="benchmark", metrics=metrics(sharpe=0.8)),
)


def found(studies: Studies | None = None, held: HoldOut | None = HELD) -> tuple[Assessment, Run]:
    finished = run(hold_out=held)
    return assess(finished, TRIES, detail(TRIES[2]), walk(BARS), selection=JUDGED, studies=studies), finished


def test_what_speaks_against_a_winner_is_told_beside_what_speaks_for_it() -> None:
    against = [reason.text for reason in list_reasons(*found(), TRIES) if not reason.speaks_for]

    assert against[:2] == ["Only 4 trades closed on the hold-out; 10 are needed", "Hold-out: Sharpe 0.30, buy and hold 0.80"]
    assert "About −0.18 to expect beyond the workflow" in against
    assert any(reason.speaks_for and "without any skill" in reason.text for reason in list_reasons(*found(), TRIES))


def test_what_the_look_speaks_against_is_not_the_one_to_take() -> None:
    behind = PairComparison(difference=-0.9, se=0.4, power=0.8, gain=1.0, detectable=1.0)
    traded = HELD.best.changed(metrics=HELD.best.metrics.changed(trades=30))
    taken = JUDGED.changed(decision=decide(0.01, 2))

    found = [
        assess(one, TRIES, detail(TRIES[2]), walk(BARS), selection=taken)
        for one in (run(hold_out=HELD), run(hold_out=HELD.changed(best=traded, comparison=behind)))
    ]

    assert [find_recommended(run(), each) for each in found] == [2, 0]


def test_every_step_has_a_deed_and_a_look_that_was_taken_is_not_asked_for_again() -> None:
    looked = Studies(
        placebo=Placebo(kind=PlaceboKind.LOOP, rounds=19, better=5, p=0.3),
        sensitivity=SensitivityMap(chosen=1.9, points=(), kept=0.9, fragile="", plateau=True),
    )

    fresh, later = (list_next_steps(*found(studies), at_edge=("fast = 10",)) for studies in (None, looked))

    assert [step.deed for step in fresh] == [Deed.RUN_AGAIN, Deed.COMPARE, Deed.LOOK_CLOSER, Deed.EDIT]
    assert [step.deed for step in later] == [Deed.RUN_AGAIN, Deed.COMPARE, Deed.EDIT]
    assert "fast = 10 stands at the end of the range" in later[-1].text


@pytest.mark.parametrize(("status", "deed"), [(Status.CANCELLED, Deed.GO_ON), (Status.COMPLETE, Deed.RUN_AGAIN)])
def test_a_run_that_was_cut_short_is_let_go_on(status: Status, deed: Deed) -> None:
    ended = run(status=status)
    said = assess(ended, TRIES, detail(TRIES[2]), walk(BARS), selection=JUDGED)

    assert said.verdict is not None
    assert said.verdict.rule == "not_looked_at"
    assert list_next_steps(said, ended)[0].deed is deed


@pytest.mark.parametrize(
    ("tries", "words"),
    [
        ((), "ended before its first result"),
        ((iteration(0, None),), "no version has a score"),
        ((iteration(0, None, error={"message": "name 'x' is not defined"}), iteration(1, None)), "1 of 2 programs stopped"),
    ],
)
def test_a_run_without_a_verdict_says_why(tries: tuple[Iteration, ...], words: str) -> None:
    assert words in describe_no_verdict(run(None), tries)
    assert describe_no_verdict(run(None, status=Status.RUNNING), tries) == ""


def test_tiles_wait_fill_and_tell_which_one_is_under_way() -> None:
    points = tuple(SensitivityPoint(parameter="fast", value=value, score=score) for value, score in ((9.0, 1.1), (11.0, 1.4)))
    around = Studies(sensitivity=SensitivityMap(chosen=1.9, points=points, kept=0.5, fragile="fast", plateau=False))

    tiles = {tile.name: tile for tile in list_tiles(*found(around), TRIES, running="placebo", done=3, total=19)}

    assert (tiles["Placebo"].state, tiles["Placebo"].figure) == (TileState.RUNNING, "3 of 19")
    assert (tiles["Neighbors"].state, tiles["Neighbors"].figure) == (TileState.AGAINST, "1.10 to 1.40")
    assert tiles["Hold-out"].state is TileState.FEW_DATA
    assert tiles["What paid"].state is TileState.WAITING


def test_the_placebo_shows_the_score_of_each_round_beside_the_real_one_and_counts_where_they_were_not_kept() -> None:
    counted = Placebo(kind=PlaceboKind.LOOP, rounds=3, better=1, p=0.5)
    kept = counted.changed(scores=(0.2, 0.4, 1.1), real=0.9)

    pictures = [{tile.name: tile for tile in list_tiles(*found(Studies(placebo=each)), TRIES)}["Placebo"] for each in (kept, counted)]

    assert [tile.picture for tile in pictures] == [Picture.SCORES, Picture.DOTS]
    assert [mark.value for mark in pictures[0].marks] == [0.2, 0.4, 1.1, 0.9]
    assert [mark.value for mark in pictures[1].marks] == [3, 1]


@pytest.mark.parametrize(
    ("verdict", "method", "words"),
    [(Verdict.CLEAN, Method.LOCK_STEP, "Run bar by bar"), (Verdict.PROVED, Method.PROVED, "Proved to read no later bar")],
)
def test_a_check_is_named_as_it_was_done(verdict: Verdict, method: Method, words: str) -> None:
    checked = Certificate(verdict=verdict, method=method, fills_checked=True)
    tries = tuple(one.changed(certificate=checked) for one in TRIES)

    tiles = {tile.name: tile for tile in list_tiles(*found(), tries)}

    assert tiles["True figures"].marks[0].name == words
    assert f"{words}, and every fill computed twice" in [reason.text for reason in list_reasons(*found(), tries)]


def test_a_hold_out_that_nobody_looked_at_is_locked() -> None:
    tiles = {tile.name: tile for tile in list_tiles(*found(held=None), TRIES)}

    assert tiles["Hold-out"].state is TileState.LOCKED


def test_the_leaderboard_ranks_by_score_with_the_worth_of_the_highest_and_the_error_of_the_others() -> None:
    said, finished = found()

    lines = build_leaderboard(finished, TRIES, said, {0: 0.5, 2: 0.4})

    assert [(line.number, line.rank) for line in lines] == [(2, 1), (0, 2), (1, None)]
    assert (lines[0].low, lines[0].high, lines[0].worth) == (0.1, 2.3, 1.2)
    assert (lines[1].low, lines[1].high) == pytest.approx((0.5 - 0.98, 0.5 + 0.98))
    assert lines[0].standings == (Standing.HIGHEST,)
    assert lines[1].standings == (Standing.RECOMMENDED, Standing.BASELINE)
    assert (lines[0].distance, lines[1].distance) == (pytest.approx(1.4), None)
    assert (lines[0].hold_out_sharpe, lines[2].looked_at) == (0.3, False)


def test_ranges_are_those_of_sharpe_ratios_alone() -> None:
    calmar = run(objective=Objective.CALMAR)

    assert all(line.low is None for line in build_leaderboard(calmar, TRIES, None, {0: 0.5, 2: 0.4}))
