"""When a profile applies: validity, duration, recurrence, delays, local time, offline time."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest

from releve.domain.charging_profile import (
    ChargingProfile,
    ChargingSchedule,
    ChargingSchedulePeriod,
    Kind,
    Purpose,
    Recurrency,
)
from releve.energy.course import Course, Frame, Installed, delayed_starts, shifts

NOON = datetime(2026, 5, 4, 12, tzinfo=UTC)
AMSTERDAM = ZoneInfo("Europe/Amsterdam")


def periods(*starts):
    return tuple(
        ChargingSchedulePeriod(start_period=s, limit=Decimal(n)) for n, s in enumerate(starts)
    )


def course(kind=Kind.ABSOLUTE, starts=(0,), zone=UTC, offline=None, delays=(), **about):
    schedule = {
        name: about.pop(name)
        for name in ("duration", "use_local_time", "start_schedule")
        if name in about
    }
    if kind in (Kind.ABSOLUTE, Kind.RECURRING):
        schedule.setdefault("start_schedule", NOON)
    profile = ChargingProfile(
        purpose=about.pop("purpose", Purpose.TX_DEFAULT),
        kind=kind,
        schedules=(ChargingSchedule(periods=periods(*starts), **schedule),),
        **about,
    )
    frame = Frame(NOON, zone, offline)
    return Course(Installed(1, profile, NOON, delays), frame)


def limit(one, seconds):
    found = one.at(NOON + timedelta(seconds=seconds))
    return None if found is None else int(found.limit)


def test_a_period_lasts_until_the_next_or_the_duration():
    one = course(starts=(0, 60), duration=100)  # K01.FR.12
    assert [limit(one, s) for s in (-1, 0, 59, 60, 99, 100)] == [None, 0, 0, 1, 1, None]


def test_a_period_past_the_duration_is_never_executed():
    one = course(starts=(0, 100), duration=100)  # K01.FR.11
    assert [limit(one, s) for s in (99, 100, 101)] == [0, None, None]


def test_validity_is_from_and_before():
    one = course(
        start_schedule=NOON - timedelta(hours=1),
        valid_from=NOON,
        valid_to=NOON + timedelta(minutes=1),
    )  # K01.FR.36, K01.FR.37
    assert [limit(one, s) for s in (-1, 0, 59, 60)] == [None, 0, 0, None]


def test_daily_is_every_24_hours_from_its_start_and_falls_silent_after_its_duration():
    one = course(Kind.RECURRING, recurrency=Recurrency.DAILY, duration=3600)  # K01.FR.13
    day = 86_400
    assert [limit(one, s) for s in (-1, 0, 3600, day, day + 3599, 9 * day)] == [
        None,
        0,
        None,
        0,
        0,
        0,
    ]


def test_weekly_is_every_seven_days():
    one = course(Kind.RECURRING, recurrency=Recurrency.WEEKLY, duration=60)
    assert limit(one, 6 * 86_400) is None
    assert limit(one, 7 * 86_400) == 0


def test_relative_counts_from_the_start_of_charging():
    one = course(Kind.RELATIVE, starts=(0, 60))  # K01.FR.42
    assert [limit(one, s) for s in (-1, 0, 60)] == [None, 0, 1]


def test_without_a_start_an_absolute_one_of_1_6_counts_from_the_start_of_charging():
    one = course(start_schedule=None, starts=(0, 60))
    assert [limit(one, s) for s in (0, 60)] == [0, 1]


def test_a_dynamic_one_ends_when_it_is_not_updated():
    one = course(Kind.DYNAMIC, duration=60)  # K28.FR.13
    assert [limit(one, s) for s in (0, 59, 60)] == [0, 0, None]
    later = course(Kind.DYNAMIC, duration=60, dyn_update_time=NOON + timedelta(seconds=50))
    assert limit(later, 100) == 0  # K28.FR.14


def test_offline_too_long_it_does_not_count():
    one = course(max_offline_duration=60, offline=NOON)  # K01.FR.101
    assert [limit(one, s) for s in (0, 59, 60)] == [0, 0, None]
    assert NOON + timedelta(seconds=60) in set(one.edges(NOON, NOON + timedelta(hours=1)))
    assert limit(course(max_offline_duration=60), 60) == 0
    assert limit(course(offline=NOON), 999) == 0  # K01.FR.103


@pytest.mark.parametrize(
    ("delays", "expected"),
    [
        ((), [0, 300, 600, 900]),
        ((0, 0, 0), [0, 300, 600, 900]),
        ((753, 123, 87), [0, 723, 987]),  # the example of the errata, K01.FR.97
        ((10, 0, 0), [0, 310, 600, 900]),
    ],
)
def test_random_delays_put_off_all_periods_but_the_first(delays, expected):
    schedule = ChargingSchedule(periods=periods(0, 300, 600, 900))
    assert [start for start, _ in delayed_starts(schedule, delays)] == expected


def test_local_time_follows_the_clock_of_the_station():
    """K01.FR.90: 17:00 is 17:00 in summer and in winter, whatever zone the text was written with."""
    one = course(
        Kind.RECURRING,
        zone=AMSTERDAM,
        recurrency=Recurrency.DAILY,
        duration=3600,
        use_local_time=True,
        start_schedule=datetime(2026, 1, 9, 17, tzinfo=UTC),
    )
    winter, summer = datetime(2026, 1, 20, 16, tzinfo=UTC), datetime(2026, 7, 20, 15, tzinfo=UTC)
    for at in (winter, summer):
        assert one.at(at) is not None
        assert one.at(at - timedelta(seconds=1)) is None
        assert one.at(at + timedelta(hours=1)) is None


def test_the_hour_that_comes_twice_is_executed_twice():
    """K01.FR.91: 02:30 local is reached twice on the last Sunday of October."""
    one = course(
        zone=AMSTERDAM,
        duration=600,
        use_local_time=True,
        start_schedule=datetime(2026, 10, 25, 2, 30, tzinfo=UTC),
    )
    first, second = (
        datetime(2026, 10, 25, 0, 30, tzinfo=UTC),
        datetime(2026, 10, 25, 1, 30, tzinfo=UTC),
    )
    assert one.at(first) is not None
    assert one.at(first + timedelta(minutes=20)) is None
    assert one.at(second) is not None
    edges = set(one.edges(first - timedelta(hours=2), second + timedelta(hours=2)))
    assert {first, second, datetime(2026, 10, 25, 1, tzinfo=UTC)} <= edges


def test_local_time_leaps_on_a_whole_second():
    found = list(
        shifts(
            AMSTERDAM, datetime(2026, 1, 1, 0, 17, 3, tzinfo=UTC), datetime(2027, 1, 1, tzinfo=UTC)
        )
    )
    assert found == [datetime(2026, 3, 29, 1, tzinfo=UTC), datetime(2026, 10, 25, 1, tzinfo=UTC)]
    assert list(shifts(UTC, NOON, NOON + timedelta(days=400))) == []


def test_a_schedule_at_the_end_of_time_has_no_more_edges():
    end = datetime(9999, 12, 31, 23, tzinfo=UTC)
    one = course(start_schedule=end, starts=(0, 7200))
    assert list(one.edges(end - timedelta(hours=1), end)) == []
