"""The order log at the door: what is accepted, what is refused and in which words."""

import json
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.backtest.orders import LogCheck, OrderAction, OrderKind, OrderRecord, hash_log, parse_record, to_canonical
from core.domain.backtest import Side

GOOD: dict[str, object] = {"id": 0, "cycle": 1, "action": "place", "side": "buy", "size": 10}


def test_a_minimal_record_is_a_market_purchase() -> None:
    assert parse_record(GOOD) == OrderRecord(id=0, cycle=1, side=Side.BUY, size=10.0, kind=OrderKind.MARKET)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"id": -1}, "id: "),
        ({"id": 1.5}, "id: .*valid integer"),
        ({"id": True}, "id: .*valid integer"),
        ({"id": 2**60}, "id: .*less than or equal"),
        ({"cycle": 0}, "cycle: "),
        ({"cycle": "1"}, "cycle: .*valid integer"),
        ({"cycle": 1.0}, "cycle: .*valid integer"),
        ({"action": "steal"}, "action: "),
        ({"side": "both"}, "side: "),
        ({"size": 0}, "size must be above 0"),
        ({"size": 5e-324}, "size 4.94066e-324 is too small"),
        ({"size": -5}, "size: "),
        ({"size": "nan"}, "size: "),
        ({"size": float("inf")}, "size: "),
        ({"size": True}, "size: .*valid number"),
        ({"size": "10"}, "size: .*valid number"),
        ({"size": [10]}, "size: .*valid number"),
        ({"size": 10**400}, "size: "),
        ({"size": 1e16}, "size: "),
        ({"price": 1e19}, "price 1e\\+19 is out of range"),
        ({"price": "cheap"}, "price: .*valid number"),
        ({"kind": "historical"}, "kind: "),
        ({"transmit": 1}, "transmit: .*valid boolean"),
        ({"data": -1}, "data: "),
        ({"target": 0}, "only a cancel has a target"),
        ({"action": "cancel"}, "a cancel must name its target"),
        ({"profit": 1e9}, "profit: "),
    ],
)
def test_a_record_with_a_wrong_field_is_refused(change: dict[str, object], words: str) -> None:
    with pytest.raises(ValueError, match=words):
        parse_record(GOOD | change)


@pytest.mark.parametrize("raw", [None, 3, "order", [1, 2], True])
def test_what_is_no_object_is_refused(raw: object) -> None:
    with pytest.raises(ValueError, match="must be an object"):
        parse_record(raw)


@pytest.mark.parametrize(("word", "check"), [("nan", math.isnan), ("inf", math.isinf), ("-inf", math.isinf)])
def test_prices_may_be_what_json_cannot_write(word: str, check: object) -> None:
    record = parse_record(GOOD | {"price": word})
    assert callable(check)
    assert check(record.price)
    assert record.to_wire()["price"] == word


@given(
    st.builds(
        OrderRecord,
        id=st.integers(0, 10**6),
        cycle=st.integers(1, 10**6),
        side=st.sampled_from(Side),
        kind=st.sampled_from(OrderKind),
        size=st.floats(1e-9, 1e15),
        price=st.none() | st.floats(-1e18, 1e18) | st.just(math.nan) | st.just(math.inf),
        limit_price=st.none() | st.floats(-1e18, 1e18),
        valid=st.none() | st.floats(0, 1e6),
        oco=st.none() | st.integers(0, 9),
        parent=st.none() | st.integers(0, 9),
        transmit=st.booleans(),
        trail_amount=st.none() | st.floats(0, 1e6),
        trail_percent=st.none() | st.floats(0, 1),
    )
)
def test_a_record_survives_the_wire(record: OrderRecord) -> None:
    again = parse_record(json.loads(json.dumps(record.to_wire(), allow_nan=False)))
    assert to_canonical(again) == to_canonical(record)


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
        lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    )
)
def test_any_json_is_parsed_or_refused(raw: object) -> None:
    outcome = "parsed"
    try:
        parse_record(raw)
    except ValueError:
        outcome = "refused"
    assert outcome == "refused"


def check_log(records: list[OrderRecord], *, cycles: int, most: int = 100) -> None:
    check = LogCheck(most=most, cycles=cycles)
    for record in records:
        check.add(record)


def place(number: int, cycle: int = 1, **more: object) -> OrderRecord:
    return OrderRecord(**({"id": number, "cycle": cycle, "size": 1.0} | more))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("log", "words"),
    [
        ([place(1)], "has id 1"),
        ([place(0), place(0)], "has id 0"),
        ([place(0, 5), place(1, 4)], "placed on bar 4, before the record ahead of it"),
        ([place(0, 11)], "there are only 10 bars"),
        ([place(0, oco=0)], "names oco 0, which is not an earlier order"),
        ([place(0), place(1, parent=7)], "names parent 7"),
        ([place(0), place(1, 2, action=OrderAction.CANCEL, target=1)], "names target 1"),
        ([place(0), place(1, 2, action=OrderAction.CANCEL, target=0), place(2, 2, oco=1)], "names oco 1"),
        ([place(number) for number in range(4)], "more than 3 order records"),
    ],
)
def test_a_log_that_cannot_have_happened_is_refused(log: list[OrderRecord], words: str) -> None:
    with pytest.raises(ValueError, match=words):
        check_log(log, most=3, cycles=10)


def test_a_log_in_order_passes() -> None:
    check_log([place(0), place(1, oco=0), place(2, 3, action=OrderAction.CANCEL, target=0)], cycles=3)


def test_the_hash_is_that_of_what_was_done() -> None:
    log = [place(0, price=math.nan), place(1)]
    assert hash_log(log) == hash_log([record.changed() for record in log])
    assert hash_log(log) != hash_log([place(0), place(1)])


@pytest.mark.parametrize(("instruments", "data"), [(1, 1), (2, 2)])
def test_an_order_for_an_instrument_that_the_run_does_not_have_is_refused(instruments: int, data: int) -> None:
    with pytest.raises(ValueError, match=f"data {data} cannot be traded; the run has {instruments} instruments"):
        LogCheck(instruments=instruments).add(OrderRecord(id=0, cycle=1, size=1.0, data=data))
