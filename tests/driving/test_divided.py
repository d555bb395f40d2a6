"""Training bars as they were had on their last day: what the future did to adjusted prices is in none of them."""

from datetime import date
from pathlib import Path

import numpy as np
import pytest

from core.domain.bars import Bars
from core.domain.bars_request import BarsRequest, FurtherInstrument
from core.domain.instrument import Timeframe
from core.driving.run_context import load_split_bars
from core.market import Market

HOLD_OUT = 0.25


def file_of(folder: Path, closes: list[float], adjusted: list[float]) -> BarsRequest:
    """Forty business days as a file with an adjusted close."""
    days = np.busday_offset("2024-01-01", np.arange(len(closes)), roll="forward")
    rows = [f"{day},{c},{c},{c},{c},{a},1000" for day, c, a in zip(days, closes, adjusted, strict=True)]
    path = folder / "bars.csv"
    path.write_text("\n".join(["Date,Open,High,Low,Close,Adj Close,Volume", *rows]) + "\n")
    return BarsRequest(symbol="X", path=str(path), timeframe=Timeframe.D1)


def parts_of(folder: Path, closes: list[float], adjusted: list[float]) -> tuple[Bars, Bars]:
    folder.mkdir(exist_ok=True)
    return load_split_bars(file_of(folder, closes, adjusted), HOLD_OUT, Market(folder))


def test_a_split_of_the_hold_out_is_not_in_the_training_prices(tmp_path: Path) -> None:
    plain = [100.0 + n for n in range(40)]
    halved = plain[:35] + [price / 2 for price in plain[35:]]
    later_split = [price / 2 for price in plain[:35]] + halved[35:]

    known, _ = parts_of(tmp_path / "a", plain, plain)
    training, hold_out = parts_of(tmp_path / "b", halved, later_split)

    assert (training.hash, len(training)) == (known.hash, 30)
    assert training.close.tolist() == plain[:30]
    assert hold_out.close == pytest.approx(plain[30:]), "the hold-out goes on in the measure of the training bars"
    assert hold_out.volume == pytest.approx([1000.0] * 5 + [500.0] * 5), "a new share is half an old one"


def test_a_dividend_of_the_hold_out_is_not_in_the_training_prices(tmp_path: Path) -> None:
    plain = [100.0 + n for n in range(40)]
    paid = [price * 0.99 for price in plain[:35]] + plain[35:]

    training, hold_out = parts_of(tmp_path / "a", plain, paid)

    assert training.close == pytest.approx(plain[:30], rel=1e-12)
    assert hold_out.close[:5] == pytest.approx(plain[30:35])
    assert hold_out.close[5:] == pytest.approx([price / 0.99 for price in plain[35:]]), "total return goes on"


def test_real_training_prices_are_what_was_traded_on_their_last_day(tmp_path: Path) -> None:
    request = BarsRequest(symbol="AAPL", start=date(2003, 1, 1), end=date(2010, 12, 31))
    market = Market(tmp_path)

    training, hold_out = load_split_bars(request, 0.3, market)

    raw = market.bars(request.changed(adjusted=False))
    assert training.close[-1] == pytest.approx(raw.close[len(training) - 1])
    assert len(training) + len(hold_out) == len(raw)
    whole = market.bars(request)
    steps = np.diff(np.log(np.concatenate((training.close, hold_out.close))))
    assert steps == pytest.approx(np.diff(np.log(whole.close)), abs=1e-9), "returns are the same in every measure"


@pytest.mark.parametrize(("symbol", "timeframe"), [("AAPL", Timeframe.W1), ("SYN-1M", Timeframe.M5), ("SYN-FX", Timeframe.M15)])
def test_every_length_of_bar_is_divided(tmp_path: Path, symbol: str, timeframe: Timeframe) -> None:
    request = BarsRequest(symbol=symbol, timeframe=timeframe)
    market = Market(tmp_path)

    training, hold_out = load_split_bars(request, HOLD_OUT, market)

    whole = market.bars(request)
    assert training.concat(hold_out).time.tolist() == whole.time.tolist()
    assert training.last < hold_out.first


def test_several_instruments_are_cut_at_one_moment_each_in_its_own_measure(tmp_path: Path) -> None:
    """A later split of the second one is in neither's training prices."""
    plain = [100.0 + n for n in range(40)]
    halved = plain[:35] + [price / 2 for price in plain[35:]]
    later_split = [price / 2 for price in plain[:35]] + halved[35:]
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()
    first, second = file_of(tmp_path / "a", plain, plain), file_of(tmp_path / "b", halved, later_split)

    request = first.changed(others=(FurtherInstrument(symbol="Y", path=second.path),))
    training, hold_out = load_split_bars(request, HOLD_OUT, Market(tmp_path))

    assert training.others[0].close.tolist() == training.close.tolist() == plain[:30]
    assert hold_out.others[0].close == pytest.approx(plain[30:])
    assert training.last < hold_out.first


def test_a_plan_of_old_has_one_instrument() -> None:
    old = BarsRequest(symbol="AAPL").model_dump(mode="json", exclude={"others"})
    assert [one.symbol for one in BarsRequest.model_validate(old).each] == ["AAPL"]
