"""A schedule for a car that told its needs."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from fractions import Fraction

import msgspec

from releve.domain.charging_needs import ChargingNeeds
from releve.domain.charging_profile import RateUnit
from releve.energy.composite import Composite, CompositePeriod
from releve.energy.plan import PriceLevel, plan
from releve.energy.supply import Supply

NOON = datetime(2026, 5, 4, 12, tzinfo=UTC)
AC = ChargingNeeds(
    evse=1,
    energy_transfer="AC_three_phase",
    energy_wh=Decimal(10_000),
    min_current_a=Decimal(6),
    max_current_a=Decimal(20),
)


def hours(n):
    return NOON + timedelta(hours=n)


def offer(*steps, length=24):
    periods = tuple(
        CompositePeriod(hours(h), None if a is None else Fraction(a), number_phases=3)
        for h, a in steps or [(0, 16)]
    )
    return Composite(1, RateUnit.AMPERE, NOON, length * 3600, periods)


def limits(schedule):
    return [(p.start_period // 3600, float(p.limit)) for p in schedule.periods]


def test_without_prices_it_may_charge_at_once_within_all_limits():
    one = plan(AC, offer((0, 16), (4, 32)), Supply(), [], NOON, None)
    assert limits(one) == [(0, 16), (4, 20)]  # the car's own maximum
    assert (one.start_schedule, one.unit, one.periods[0].number_phases) == (
        NOON,
        RateUnit.AMPERE,
        3,
    )
    assert one.sales_tariff is None


def test_the_cheapest_hours_that_suffice_are_chosen():
    levels = [PriceLevel(NOON, 3), PriceLevel(hours(6), 1), PriceLevel(hours(8), 2)]
    needs = msgspec.structs.replace(AC, departure_at=hours(10))
    one = plan(needs, offer(), Supply(), levels, NOON, None)
    # 11 kWh with the margin at 11.04 kW: the two cheap hours are enough; after departure nothing is withheld.
    assert limits(one) == [(0, 0), (6, 16), (8, 0), (10, 16)]
    entries = one.sales_tariff.sales_tariff_entry
    assert [(e.relative_time_interval.start // 3600, e.e_price_level) for e in entries] == [
        (0, 3),
        (6, 1),
        (8, 2),
    ]


def test_when_the_cheap_hours_do_not_suffice_dearer_ones_are_used():
    levels = [PriceLevel(NOON, 3), PriceLevel(hours(6), 1)]
    needs = msgspec.structs.replace(AC, departure_at=hours(7), energy_wh=Decimal(60_000))
    one = plan(needs, offer(), Supply(), levels, NOON, None)
    assert limits(one) == [(0, 16)]


def test_a_car_on_one_phase_and_one_with_dc():
    single = msgspec.structs.replace(AC, energy_transfer="AC_single_phase")
    assert plan(single, offer(), Supply(), [], NOON, None).periods[0].number_phases == 1
    direct = ChargingNeeds(
        evse=1, energy_transfer="DC", max_power_w=Decimal(7000), energy_wh=Decimal(1000)
    )
    one = plan(direct, offer(), Supply(direct=True), [], NOON, None)
    assert (one.unit, one.periods[0].limit, one.periods[0].number_phases) == (
        RateUnit.WATT,
        7000,
        None,
    )


def test_no_more_periods_than_the_car_takes():
    steps = [(h, 6 + h) for h in range(10)]
    one = plan(AC, offer(*steps), Supply(), [], NOON, 4)
    assert len(one.periods) == 4
    levels = [PriceLevel(hours(h), 1 + h % 3) for h in range(10)]
    assert plan(AC, offer(), Supply(), levels, NOON, 4).sales_tariff is None


def test_nothing_allowed_is_no_schedule():
    assert plan(AC, offer((0, 0)), Supply(), [], NOON, None) is None


def test_what_is_not_limited_is_offered_as_an_outlet_gives():
    free = msgspec.structs.replace(AC, max_current_a=None)
    assert limits(plan(free, offer((0, None)), Supply(), [], NOON, None)) == [(0, 32)]


def test_a_20_car_is_not_given_a_sales_tariff():
    needs = msgspec.structs.replace(AC, iso15118_20=True)
    levels = [PriceLevel(NOON, 3), PriceLevel(hours(6), 1)]
    assert plan(needs, offer(), Supply(), levels, NOON, None).sales_tariff is None
