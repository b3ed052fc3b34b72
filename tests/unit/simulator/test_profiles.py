"""Which limit leads, and what the composite of all purposes is: tables after the specification's examples."""

import pytest

from releve.simulator.electrical import Unit, ac, dc
from releve.simulator.profiles.composite import allowance, composite, station_composite
from releve.simulator.profiles.leading import Limit, leading
from releve.simulator.profiles.model import Kind, Purpose, Recurrency
from tests.unit.simulator.profile_makers import T0, at, profile

HOUR = 3600
DAY = 24 * HOUR
# 1.6, 3.13.7: 11 kW, but 6 kW between 08:00 and 20:00, every day.
OFFICE_HOURS = profile(
    (0, 11_000),
    (8 * HOUR, 6_000),
    (20 * HOUR, 11_000),
    kind=Kind.RECURRING,
    recurrency=Recurrency.DAILY,
    duration_s=DAY,
    unit=Unit.WATT,
)


def value(profiles, moment, origin=T0):
    limit = leading(profiles, moment, origin)
    return None if limit is None else limit.value


@pytest.mark.parametrize(
    ("hours", "expected"),
    [
        (0, 11_000),
        (7.99, 11_000),
        (8, 6_000),
        (19.99, 6_000),
        (20, 11_000),
        (32, 6_000),
        (24 * 40 + 9, 6_000),
    ],
)
def test_the_example_of_the_specification(hours, expected):
    assert value([OFFICE_HOURS], at(hours)) == expected


def test_a_recurring_schedule_does_not_apply_before_its_start():
    assert value([OFFICE_HOURS], at(-1)) is None


@pytest.mark.parametrize(("hours", "expected"), [(1, 10), (3, None), (24 + 1, 10), (24 + 3, None)])
def test_a_schedule_shorter_than_its_recurrence_leaves_a_gap(hours, expected):
    short = profile((0, 10), kind=Kind.RECURRING, recurrency=Recurrency.DAILY, duration_s=2 * HOUR)
    assert value([short], at(hours)) == expected


def test_what_outlasts_the_recurrence_is_not_executed():
    long = profile(
        (0, 10),
        (30 * HOUR, 20),
        kind=Kind.RECURRING,
        recurrency=Recurrency.DAILY,
        duration_s=3 * DAY,
    )
    assert value([long], at(31)) == 10


def test_a_week_is_seven_days_from_the_start():
    weekend = profile(
        (0, 6), (5 * DAY, 32), kind=Kind.RECURRING, recurrency=Recurrency.WEEKLY, duration_s=7 * DAY
    )
    assert [value([weekend], at(24 * day + 1)) for day in (0, 4, 5, 6, 7, 12)] == [
        6,
        6,
        32,
        32,
        6,
        32,
    ]


def test_the_higher_level_leads_while_it_has_something_to_say():
    low = profile((0, 10), level=0)
    high = profile((0, 16), level=3, id=2, start=at(1), duration_s=HOUR)

    assert [value([low, high], at(h)) for h in (0.5, 1, 1.99, 2)] == [10, 16, 16, 10]


def test_without_a_duration_the_highest_level_never_lets_go():
    low = profile((0, 10), level=0)
    high = profile((0, 16), level=1, id=2)

    assert value([low, high], at(1000)) == 16


@pytest.mark.parametrize(("hours", "expected"), [(0.99, None), (1, 10), (1.99, 10), (2, None)])
def test_validity_begins_with_valid_from_and_ends_before_valid_to(hours, expected):
    assert value([profile((0, 10), valid_from=at(1), valid_to=at(2))], at(hours)) == expected


def test_a_profile_of_the_evse_stands_before_that_of_the_station_on_one_level():
    both = [profile((0, 10), evse=0), profile((0, 20), evse=1, id=2)]
    assert value(both, at(1)) == value(list(reversed(both)), at(1)) == 20


def test_a_relative_schedule_counts_from_the_closing_of_the_power_path():
    ramp = profile((0, 32), (600, 16), kind=Kind.RELATIVE, duration_s=1200)
    origin = at(5)

    assert [value([ramp], at(5, s), origin) for s in (-1, 0, 599, 600, 1199, 1200)] == [
        None,
        32,
        32,
        16,
        16,
        None,
    ]


@pytest.mark.parametrize(
    ("limit", "supply", "amperes"),
    [
        (Limit(16, Unit.AMPERE), ac(32), 16),  # K01.FR.51: per phase
        (Limit(11_040, Unit.WATT), ac(32), 16),  # K01.FR.49: three phases unless it says otherwise
        (Limit(3_680, Unit.WATT, phases=1), ac(32), 16),
        (Limit(11_040, Unit.WATT), ac(32, phases=1), 16),  # the limit's phases, not the outlet's
        (Limit(60_000, Unit.WATT), dc(120), 60_000 / 690),
    ],
)
def test_watts_become_amperes_per_phase(limit, supply, amperes):
    assert limit.current_a(supply) == pytest.approx(amperes)


def test_a_one_phase_outlet_under_a_three_phase_limit_in_watts_gets_a_third():
    assert Limit(11_040, Unit.WATT).power_w(ac(32, phases=1)) == 11_040
    allowed = allowance([profile((0, 11_040), unit=Unit.WATT)], ac(32, phases=1), at(1), T0)
    assert allowed.power_w(ac(32, phases=1)) == 3_680


def test_of_several_purposes_the_least_holds_and_a_tx_profile_replaces_the_default():
    installed = [
        profile((0, 20), purpose=Purpose.TX_DEFAULT, id=1),
        profile((0, 25), purpose=Purpose.TX, id=2, evse=1, transaction="t"),
        profile((0, 22), purpose=Purpose.STATION_MAX, id=3),
    ]
    assert allowance(installed, ac(32), at(1), T0).current_a == 22
    installed.append(profile((0, 13), purpose=Purpose.EXTERNAL, id=4))
    assert allowance(installed, ac(32), at(1), T0).current_a == 13


def test_where_a_tx_profile_is_silent_the_default_applies_again():
    installed = [
        profile((0, 10), purpose=Purpose.TX_DEFAULT, id=1),
        profile((0, 25), purpose=Purpose.TX, id=2, evse=1, transaction="t", duration_s=HOUR),
    ]
    assert allowance(installed, ac(32), at(0.5), T0).current_a == 25
    assert allowance(installed, ac(32), at(1.5), T0).current_a == 10


def test_a_limit_of_minus_one_means_nothing_at_all():
    assert allowance([profile((0, -1))], ac(32), at(1), T0).current_a == 0


def steps(periods):
    return [(each.start_s, each.limit) for each in periods]


def test_a_composite_has_a_period_for_each_change():
    installed = [
        profile((0, 20), (HOUR, 10), (2 * HOUR, 20), id=1),
        profile((0, 16), purpose=Purpose.STATION_MAX, id=2, valid_from=at(0.5)),
    ]
    found = composite(installed, ac(32), Unit.AMPERE, T0, 3 * HOUR, T0)

    assert steps(found) == [(0, 20), (1800, 16), (3600, 10), (7200, 16)]


def test_a_composite_fills_gaps_with_what_the_outlet_can_do():
    short = profile((0, 10), duration_s=600, start=at(0, 600))

    assert steps(composite([short], ac(32), Unit.AMPERE, T0, HOUR, T0)) == [
        (0, 32),
        (600, 10),
        (1200, 32),
    ]


def test_a_composite_in_watts_counts_the_phases():
    found = composite([profile((0, 10))], ac(32), Unit.WATT, T0, 600, T0)
    assert [(each.limit, each.phases) for each in found] == [(6_900, 3)]


def test_a_recurring_profile_wraps_inside_a_composite():
    found = composite([OFFICE_HOURS], ac(32), Unit.WATT, at(18), 20 * HOUR, T0)
    assert steps(found) == [(0, 6_000), (2 * HOUR, 11_000), (14 * HOUR, 6_000)]


def test_limits_are_never_rounded_up():
    found = composite([profile((0, 10.19))], ac(32), Unit.AMPERE, T0, 60, T0)
    assert found[0].limit == 10.1


def test_the_station_may_take_what_its_evses_may_under_its_own_limit():
    default = profile((0, 20), id=1)
    cap = profile((0, 64), (HOUR, 30), purpose=Purpose.STATION_MAX, id=2)
    parts = [([default, cap], ac(32), T0), ([default, cap], ac(32), T0)]

    assert steps(station_composite(parts, Unit.AMPERE, T0, 2 * HOUR)) == [(0, 40), (HOUR, 30)]
