"""Where a station's schedule differs from ours, and what counts as no difference."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from fractions import Fraction

from releve.domain.charging_profile import (
    ChargingProfile,
    ChargingSchedule,
    ChargingSchedulePeriod,
    Purpose,
    RateUnit,
)
from releve.energy.compare import differences, uncertain_spans
from releve.energy.composite import Composite, CompositePeriod
from releve.energy.course import Frame, Installed
from releve.energy.supply import Supply
from releve.energy.within import excess

NOON = datetime(2026, 5, 4, 12, tzinfo=UTC)
A, W = RateUnit.AMPERE, RateUnit.WATT


def at(seconds):
    return NOON + timedelta(seconds=seconds)


def schedule(*steps, unit=A, begin=NOON, duration=3600, profiles=(1,), **more):
    periods = tuple(
        CompositePeriod(
            begin + timedelta(seconds=s),
            None if v is None else Fraction(str(v)),
            profiles=profiles,
            **more,
        )
        for s, v in steps
    )
    return Composite(1, unit, begin, duration, periods)


def found(ours, theirs, spans=()):
    return [
        (d.start - NOON, d.end - NOON, d.ours, d.theirs)
        for d in differences(ours, theirs, Supply(), spans)
    ]


def test_the_same_is_no_difference():
    ours = schedule((0, 16), (600, 8))
    assert found(ours, schedule((0, 16), (600, 8))) == []
    assert found(ours, schedule((0, "15.9"), (600, 8))) == []  # rounding
    assert found(ours, schedule((0, 16), (603, 8), begin=at(1))) == []  # its clock


def test_a_difference_has_its_span_and_both_limits():
    ours, theirs = schedule((0, 16), (600, 8)), schedule((0, 16), (600, 12), (900, 8))
    assert found(ours, theirs) == [(timedelta(seconds=600), timedelta(seconds=900), 8, 12)]
    one = differences(ours, theirs, Supply())[0]
    assert one.above
    assert not differences(theirs, ours, Supply())[0].above


def test_where_we_limit_nothing_the_station_is_right():
    ours = schedule((0, None), profiles=())
    assert found(ours, schedule((0, 32))) == []
    assert found(schedule((0, None), profiles=(1,)), schedule((0, 32))) != []


def test_schedules_that_do_not_meet_do_not_differ():
    assert found(schedule((0, 16)), schedule((0, 6), begin=at(4000))) == []


def test_random_delays_are_the_stations_own():
    ours, theirs = schedule((0, 16), (600, 8)), schedule((0, 16), (700, 8))
    assert found(ours, theirs) != []
    assert found(ours, theirs, [(at(600), at(900))]) == []
    periods = (
        ChargingSchedulePeriod(limit=Decimal(16)),
        ChargingSchedulePeriod(start_period=600, limit=Decimal(8)),
    )
    profile = ChargingProfile(
        purpose=Purpose.TX_DEFAULT,
        schedules=(ChargingSchedule(periods=periods, start_schedule=NOON, randomized_delay=300),),
    )
    spans = uncertain_spans([Installed(1, profile, NOON)], Frame(NOON), NOON, at(3600))
    assert (at(600), at(900)) in spans
    assert uncertain_spans([Installed(1, profile, NOON, (5,))], Frame(NOON), NOON, at(9)) == []


def test_setpoints_are_compared_too():
    assert found(schedule((0, 16), setpoint=Fraction(10)), schedule((0, 16))) != []


# --- the car's own plan ----------------------------------------------------------------------------------------------


def plan(*steps, unit=A, duration=None, **more):
    periods = tuple(
        ChargingSchedulePeriod(start_period=s, limit=Decimal(str(v)), **more) for s, v in steps
    )
    return ChargingSchedule(id=1, unit=unit, periods=periods, duration=duration)


def test_a_plan_below_the_offer_is_fine():
    offer = schedule((0, 16), (600, 8))
    assert excess(plan((0, 16), (600, 8)), NOON, offer) is None
    assert excess(plan((0, 6)), NOON, offer) is None
    assert excess(plan((0, 16), duration=600), NOON, offer) is None
    assert excess(plan((0, 99)), NOON, schedule((0, None))) is None


def test_the_first_excess_is_told():
    offer = schedule((0, 16), (600, 8))
    one = excess(plan((0, 16)), NOON, offer)
    assert (one.moment, one.planned, one.allowed) == (at(600), 16, 8)
    late = excess(plan((0, 16), (700, 4)), NOON, offer)
    assert late.moment == at(600)
    assert excess(plan((0, 17)), NOON, offer).moment == NOON


def test_phases_are_looked_at_one_by_one():
    offer = schedule((0, 16), limit_l2=Fraction(10), limit_l3=Fraction(10))
    assert excess(plan((0, 16), limit_l2=Decimal(11)), NOON, offer).planned == 11
    assert excess(plan((0, 16), limit_l2=Decimal(10), limit_l3=Decimal(9)), NOON, offer) is None
