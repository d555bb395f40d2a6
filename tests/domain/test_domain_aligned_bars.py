"""Several instruments on common moments, by hand."""

import numpy as np
import pytest

from core.domain.aligned_bars import align_bars, describe_alignment
from core.domain.bars import Bars
from core.domain.errors import MarketDataError
from core.domain.fingerprint import compute_fingerprint
from core.domain.instrument import Instrument, Timeframe


def bars(symbol: str, days: list[int], *, frame: Timeframe = Timeframe.D1, **about: str) -> Bars:
    """Bars on days of January 2024; each closes at its day, and opens half below."""
    close = np.array(days, dtype=np.float64)
    time = np.datetime64("2023-12-31", "s") + close.astype(np.int64) * np.timedelta64(86_400, "s")
    return Bars(Instrument(symbol=symbol, **about), frame, time, close - 0.5, close, close - 1, close, close * 10)


def test_moments_are_the_union_from_the_first_day_on_which_each_has_a_bar() -> None:
    joined = align_bars([bars("A", [1, 2, 4, 5]), bars("B", [2, 3, 4, 6])])
    second = joined.others[0]
    assert [day.day for day in joined.time.astype(object)] == [2, 3, 4, 5, 6]
    assert joined.close.tolist() == [2, 2, 4, 5, 5]
    assert joined.open.tolist() == [1.5, 2, 3.5, 4.5, 5]
    assert joined.volume.tolist() == [20, 0, 40, 50, 0]
    assert joined.present is not None
    assert second.present is not None
    assert (joined.present.tolist(), second.present.tolist()) == ([1, 0, 1, 1, 0], [1, 1, 1, 0, 1])


def test_the_fingerprint_of_several_is_that_of_the_first_alone() -> None:
    first = bars("A", [1, 2, 4, 5])
    joined = align_bars([first, bars("B", [1, 2, 3, 6])])
    assert compute_fingerprint(joined).digest == compute_fingerprint(first).digest


def test_one_instrument_alone_stays_as_it_is() -> None:
    alone = bars("A", [1, 2])
    assert align_bars([alone]) is alone


def test_an_instruments_own_bars_come_back_as_they_were() -> None:
    second = bars("B", [2, 3, 4, 6])
    assert align_bars([bars("A", [1, 2, 4, 5]), second]).others[0].drop_repeated().hash == second.hash


def test_the_hash_covers_every_instrument_and_where_it_has_bars() -> None:
    first = bars("A", [1, 2, 3])
    hashes = {align_bars([first, other]).hash for other in (bars("B", [1, 2, 3]), bars("B", [1, 3]), bars("B", [1, 2, 4]))}
    assert len(hashes | {first.hash}) == 4


def test_parts_of_several_instruments_join_again() -> None:
    joined = align_bars([bars("A", [1, 2, 4, 5]), bars("B", [1, 2, 3, 6])])
    training, hold_out = joined.split(0.5)
    assert (len(training), len(hold_out.others[0])) == (3, 3)
    assert training.concat(hold_out).hash == joined.hash


@pytest.mark.parametrize(
    ("others", "words"),
    [
        ([bars("A", [1])], "A is given twice"),
        ([bars("B", [3])], "no moment at which each of them has a bar"),
        ([bars("B", [1], frame=Timeframe.W1)], "bars of one length"),
    ],
)
def test_what_cannot_be_run_together_is_refused_with_the_reason(others: list[Bars], words: str) -> None:
    with pytest.raises(MarketDataError, match=words):
        align_bars([bars("A", [1, 2]), *others])


def test_bars_within_a_day_are_of_one_time_zone() -> None:
    hours = {"frame": Timeframe.H1}
    with pytest.raises(MarketDataError, match="in one time zone only"):
        align_bars([bars("A", [1, 2], **hours), bars("B", [1, 2], zone="Asia/Tokyo", **hours)])


def test_missing_bars_and_currencies_are_said() -> None:
    joined = align_bars([bars("A", [1, 2, 3]), bars("B", [1, 3], currency="EUR")])
    said = " ".join(describe_alignment(joined))
    assert "A and B were run together: 3 moments from 2024-01-01 to 2024-01-03" in said
    assert "B has no bar at 1 of them" in said
    assert "EUR and USD" in said
    assert describe_alignment(bars("A", [1])) == ()
