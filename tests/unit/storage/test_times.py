"""Times survive the way into a column and back, to the microsecond."""

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from releve.storage.times import micros, midnight_us, moment


@given(st.datetimes(timezones=st.just(UTC)))
def test_every_time_comes_back(at):
    assert moment(micros(at)) == at
    assert -(1 << 63) <= micros(at) < 1 << 63


@given(st.datetimes(timezones=st.just(UTC)), st.datetimes(timezones=st.just(UTC)))
def test_order_is_kept(a, b):
    assert (a < b) == (micros(a) < micros(b))


def test_other_zones_mean_the_same_moment():
    at = datetime(2026, 3, 1, 12, tzinfo=timezone(timedelta(hours=5, minutes=30)))
    assert moment(micros(at)) == at
    assert moment(micros(at)).tzinfo is UTC


def test_none_stays_none():
    assert micros(None) is None
    assert moment(None) is None


def test_a_time_without_zone_is_a_mistake():
    with pytest.raises(TypeError):
        micros(datetime(2026, 3, 1))  # noqa: DTZ001


def test_midnight():
    assert moment(midnight_us(datetime(2026, 3, 1, 23, 59, 59, 999999, tzinfo=UTC))) == datetime(
        2026, 3, 1, tzinfo=UTC
    )
