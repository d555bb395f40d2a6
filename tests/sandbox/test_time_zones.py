"""The part of pytz that scripts use, on Python's own time zones."""

import datetime

import pytest

from core.sandbox.time_zones import make_pytz


def test_a_zone_tells_the_time_in_winter_and_in_summer() -> None:
    eastern = make_pytz()["timezone"]("US/Eastern")
    winter = eastern.localize(datetime.datetime(2024, 1, 15, 9, 30))
    assert winter.astimezone(datetime.UTC).hour == 14
    assert datetime.datetime(2024, 7, 15, 13, 30, tzinfo=datetime.UTC).astimezone(eastern).strftime("%H:%M %Z") == "09:30 EDT"
    assert eastern.normalize(winter + datetime.timedelta(days=182)).dst() == datetime.timedelta(hours=1)
    assert str(eastern) == eastern.zone == "US/Eastern"


def test_a_zone_that_does_not_exist_is_an_error_that_scripts_catch_by_name() -> None:
    pytz = make_pytz()
    with pytest.raises(pytz["UnknownTimeZoneError"]):
        pytz["timezone"]("Nowhere/Land")
