"""A profile is made to fit what the station takes, never allows more, and each change is told."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from releve.domain.charging_abilities import Abilities
from releve.domain.charging_profile import (
    ChargingProfile,
    ChargingSchedule,
    ChargingSchedulePeriod,
    Kind,
    LimitAtSoC,
    OperationMode,
    Purpose,
    RateUnit,
)
from releve.energy.adapt import adapt
from releve.energy.supply import Supply

NOON = datetime(2026, 5, 4, 12, tzinfo=UTC)
A, W = RateUnit.AMPERE, RateUnit.WATT


def profile(*limits, unit=A, kind=Kind.ABSOLUTE, purpose=Purpose.TX_DEFAULT, every=600, **about):
    periods = tuple(
        ChargingSchedulePeriod(start_period=n * every, limit=Decimal(str(v)))
        for n, v in enumerate(limits)
    )
    start = None if kind is Kind.RELATIVE else NOON
    schedule = ChargingSchedule(id=1, unit=unit, periods=periods, start_schedule=start)
    return ChargingProfile(id=1, purpose=purpose, kind=kind, schedules=(schedule,), **about)


def fit(one, supply=None, **able):
    return adapt(one, Abilities(**able), supply or Supply(), NOON, NOON - timedelta(hours=1))


def limits(adapted):
    return [p.limit for p in adapted.profile.schedule.periods]


def test_what_fits_goes_as_it_is():
    one = profile("8.1")
    assert fit(one, units=frozenset(RateUnit), max_periods=1).profile == one
    assert fit(one).changes == ()


def test_amperes_become_watts_and_back():
    found = fit(profile("8.1"), units=frozenset({W}))
    assert (limits(found), found.profile.schedule.unit) == ([Decimal("5589.0")], W)
    assert "from A to W" in found.changes[0]
    found = fit(profile(11_000, unit=W), units=frozenset({A}), decimals=1)
    assert limits(found) == [Decimal("15.9")]


def test_with_the_unit_all_that_counts_in_it_changes():
    one = profile(16)
    schedule = msgspec.structs.replace(
        one.schedule,
        min_charging_rate=Decimal(6),
        limit_at_soc=LimitAtSoC(soc=80, limit=Decimal(8)),
        periods=(
            ChargingSchedulePeriod(
                setpoint=Decimal(-10),
                discharge_limit=Decimal(-16),
                operation_mode=OperationMode.CENTRAL_SETPOINT,
                number_phases=1,
            ),
        ),
    )
    found = fit(msgspec.structs.replace(one, schedules=(schedule,)), units=frozenset({W}))
    new = found.profile.schedule
    assert (new.periods[0].setpoint, new.periods[0].discharge_limit) == (-2300, -3680)
    assert (new.min_charging_rate, new.limit_at_soc.limit) == (1380, 1840)


def test_whole_amperes_are_rounded_down():
    found = fit(profile("8.9", "16"), whole_amps=True)
    assert limits(found) == [8, 16]
    assert found.changes == ("Limits were rounded down to whole amperes.",)


def test_periods_are_joined_where_it_costs_least_and_never_upwards():
    found = fit(profile(16, "15.9", 6, 32), max_periods=3)
    assert limits(found) == [Decimal("15.9"), 6, 32]
    assert "4 periods became 3" in found.changes[0]


def test_the_stack_level_is_one_that_the_station_takes():
    assert fit(profile(6, stack_level=5), max_stack_level=3).profile.stack_level == 3
    assert fit(profile(6, stack_level=5), stack_levels=(0,)).profile.stack_level == 0
    assert fit(profile(6, stack_level=0), stack_levels=(1, 2)).profile.stack_level == 1
    assert fit(profile(6, stack_level=2), stack_levels=(1, 2)).changes == ()


def test_a_station_that_obeys_defaults_only():
    found = fit(profile(6, purpose=Purpose.TX, transaction_id="T"), tx_default_only=True)
    assert found.profile.purpose is Purpose.TX_DEFAULT
    assert found.profile.transaction_id is None
    assert "outlasts" in found.changes[0]
    assert (
        "TxDefaultProfile only"
        in fit(profile(6, purpose=Purpose.STATION_MAX), tx_default_only=True).refusal
    )


def test_another_kind_where_there_is_one():
    found = fit(profile(6, kind=Kind.RELATIVE), kinds=frozenset({Kind.ABSOLUTE}))
    assert found.profile.kind is Kind.ABSOLUTE
    assert found.profile.schedule.start_schedule == NOON - timedelta(hours=1)
    found = fit(profile(6), kinds=frozenset({Kind.RELATIVE}))
    assert (found.profile.kind, found.profile.schedule.start_schedule) == (Kind.RELATIVE, None)
    assert (
        "only profiles of kind Relative"
        in fit(profile(6, 8), kinds=frozenset({Kind.RELATIVE})).refusal
    )


values = st.decimals(0, 40, places=2)


@given(
    st.lists(values, min_size=1, max_size=12),
    st.sampled_from([A, W]),
    st.integers(1, 6),
    st.sampled_from([None, 1]),
    st.booleans(),
    st.sampled_from([1, 3]),
)
def test_no_moment_is_allowed_more_than_before(some, unit, most, decimals, whole, phases):
    one = profile(*some)
    supply = Supply(phases=phases)
    found = fit(
        one, supply, units=frozenset({unit}), max_periods=most, decimals=decimals, whole_amps=whole
    )
    schedule = found.profile.schedule
    assert len(schedule.periods) <= most
    assert schedule.periods[0].start_period == 0
    for n, before in enumerate(some):
        after = [p for p in schedule.periods if p.start_period <= n * 600][-1].limit
        assert after <= (before if unit is A else before * 690)
