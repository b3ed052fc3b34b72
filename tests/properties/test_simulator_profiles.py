"""Charging limits: whatever is installed, no composite lies above any leading limit."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from releve.simulator.car import CAR_MODELS, MIN_CURRENT_A, Car
from releve.simulator.electrical import Offer, Supply, Unit, ac, dc
from releve.simulator.profiles.composite import (
    allowance,
    composite,
    station_composite,
    station_limits,
    tx_limit,
)
from releve.simulator.profiles.leading import leading
from releve.simulator.profiles.model import Kind, Period, Profile, Purpose, Recurrency, Schedule
from releve.simulator.profiles.sharing import share
from releve.simulator.profiles.store import ProfileRules, ProfileStore

NOW = datetime(2026, 5, 4, 13, 37, tzinfo=UTC)
SPAN_S = 3 * 86_400

supplies = st.sampled_from([ac(16), ac(32), ac(32, phases=1), dc(60), dc(180)])
moments = st.integers(-SPAN_S, SPAN_S).map(lambda s: NOW + timedelta(seconds=s))
limits = st.one_of(st.integers(-1, 70), st.floats(0, 70, allow_nan=False)).map(float)
watts = st.floats(0, 200_000, allow_nan=False)


@st.composite
def schedules(draw, kind):
    unit = draw(st.sampled_from(Unit))
    values = limits if unit is Unit.AMPERE else watts
    starts = [0, *sorted(draw(st.sets(st.integers(1, 2 * 86_400), max_size=6)))]
    phases = draw(st.sampled_from([None, 1, 3]))
    return Schedule(
        unit,
        tuple(Period(start, draw(values), phases) for start in starts),
        None if kind is Kind.RELATIVE else draw(moments),
        draw(st.none() | st.integers(1, 3 * 86_400)),
    )


@st.composite
def profiles(draw):
    purpose = draw(st.sampled_from(Purpose))
    kinds = [k for k in Kind if not (k is Kind.RELATIVE and purpose is Purpose.STATION_MAX)]
    kind = draw(st.sampled_from(kinds))
    wide = purpose in (Purpose.EXTERNAL, Purpose.STATION_MAX)
    evse = 0 if wide else 1 if purpose is Purpose.TX else draw(st.integers(0, 1))
    return Profile(
        id=draw(st.integers(1, 10_000)),
        evse=evse,
        stack_level=draw(st.integers(0, 5)),
        purpose=purpose,
        kind=kind,
        schedule=draw(schedules(kind)),
        installed_at=NOW,
        recurrency=draw(st.sampled_from(Recurrency)) if kind is Kind.RECURRING else None,
        valid_from=draw(st.none() | moments),
        valid_to=draw(st.none() | moments),
        transaction="t" if purpose is Purpose.TX else None,
    )


installed = st.lists(profiles(), max_size=6)
offsets = st.integers(0, 2 * 86_400)


def made_on_the_spot(some, supply, moment, origin):
    """(amperes per phase, watts) of the leading LocalGeneration profile, never below zero."""
    local = leading((p for p in some if p.purpose is Purpose.LOCAL_GENERATION), moment, origin)
    if local is None:
        return 0.0, 0.0
    whole = local.value
    if local.unit is Unit.AMPERE:
        whole = supply.watts(local.value, local.phases or 3)
    return max(0.0, local.current_a(supply)), max(0.0, whole)


@given(installed, supplies, offsets, moments)
def test_an_allowance_is_under_every_purposes_leading_limit(some, supply, offset, origin):
    moment = NOW + timedelta(seconds=offset)
    allowed = allowance(some, supply, moment, origin)

    assert 0 <= allowed.current_a <= supply.max_current_a
    made, made_w = made_on_the_spot(some, supply, moment, origin)
    without = [p for p in some if p.purpose is not Purpose.LOCAL_GENERATION]
    before_w = allowance(without, supply, moment, origin).power_w(supply)
    assert allowed.power_w(supply) <= (before_w + made_w) * (1 + 1e-9) + 1e-6  # K27
    found = [*station_limits(some, moment, origin)]
    own = tx_limit(some, moment, origin)
    for limit in [*found, *([own] if own else [])]:
        # K08.FR.04: what is made on the spot comes on top of the least limit
        assert allowed.current_a <= max(0.0, limit.current_a(supply)) + made + 1e-9
        if limit.value >= 0 and limit.unit is Unit.WATT:
            ceiling = limit.value + supply.watts(made, allowed.phases)
            assert allowed.power_w(supply) <= ceiling * (1 + 1e-9) + 1e-6


@given(installed, supplies, st.sampled_from(Unit), offsets, moments)
def test_a_composite_never_exceeds_the_allowance_of_any_second(some, supply, unit, offset, origin):
    duration = 2 * 86_400
    periods = composite(some, supply, unit, NOW, duration, origin)
    starts = [period.start_s for period in periods]

    assert starts[0] == 0
    assert starts == sorted(set(starts))
    assert all(start < duration for start in starts)
    current = max((p for p in periods if p.start_s <= offset), key=lambda p: p.start_s)
    allowed = allowance(some, supply, NOW + timedelta(seconds=offset), origin)
    ceiling = allowed.current_a if unit is Unit.AMPERE else allowed.power_w(supply)
    assert current.limit <= ceiling + 1e-4
    assert current.limit >= ceiling - 0.1001  # nor is anything given away


@given(installed, st.lists(supplies, min_size=1, max_size=3), offsets)
def test_the_station_stays_under_its_own_limits(some, each, offset):
    parts = [(some, supply, NOW) for supply in each]
    periods = station_composite(parts, Unit.AMPERE, NOW, 2 * 86_400)
    current = max((p for p in periods if p.start_s <= offset), key=lambda p: p.start_s)
    moment = NOW + timedelta(seconds=offset)
    for limit in station_limits(some, moment, NOW):
        for supply in each:
            most = max(made_on_the_spot(some, s, moment, NOW)[0] for s in each)
            assert current.limit <= max(0.0, limit.current_a(supply)) + most + 1e-4  # K04.FR.05


@given(installed, moments, moments)
def test_the_leading_limit_is_that_of_the_highest_level_that_speaks(some, moment, origin):
    found = leading(some, moment, origin)
    alone = [(p.stack_level, leading([p], moment, origin)) for p in some]
    speaking = [(level, limit) for level, limit in alone if limit is not None]
    if not speaking:
        assert found is None
    else:
        top = max(level for level, _ in speaking)
        assert found in [limit for level, limit in speaking if level == top]


@given(installed, st.booleans())
def test_what_is_installed_never_clashes(some, strict):
    rules = ProfileRules(strict_duplicates=strict, max_profiles=100, max_periods=100)
    store = ProfileStore(rules, {1: ac(32)})
    for profile in some:
        store.install(profile, {1: "t"})
    held = list(store)
    assert len({p.id for p in held}) == len(held)
    for one in held:
        for other in held:
            same = (one.purpose, one.stack_level, one.evse) == (
                other.purpose,
                other.stack_level,
                other.evse,
            )
            if one.id != other.id and same:
                assert strict
                assert not one.overlaps(other)


@given(st.floats(-5, 200), st.lists(st.one_of(st.just(0.0), st.floats(6, 63)), max_size=6))
def test_shares_meet_the_limit_the_wishes_and_the_six_amperes(limit_a, wishes_a):
    shares = share(limit_a, wishes_a)
    assert sum(shares) <= max(0.0, limit_a) + 1e-6
    for granted, wish in zip(shares, wishes_a, strict=True):
        assert granted == 0 or MIN_CURRENT_A - 1e-6 <= granted <= wish + 1e-9
    if limit_a >= sum(wishes_a):
        assert shares == pytest.approx(wishes_a)


@given(
    st.sampled_from(sorted(CAR_MODELS)),
    st.floats(0, 1),
    st.floats(0, 400),
    supplies,
    st.floats(1, 3600),
)
def test_a_car_never_takes_more_than_it_is_offered_and_never_overfills(
    name, soc, current_a, supply: Supply, seconds
):
    car = Car(CAR_MODELS[name], soc)
    offer = Offer(current_a, supply.phases, supply.voltage_v, supply.direct)
    drawn = car.draw(offer)
    assert 0 <= drawn.power_w <= offer.power_w + 1e-6
    assert drawn.current_a <= current_a + 1e-9
    assert drawn.phases <= supply.phases
    before = car.soc
    taken = car.charge(drawn.power_w * seconds / 3600, direct=supply.direct)
    assert 0 <= taken <= drawn.power_w * seconds / 3600 + 1e-9
    assert before <= car.soc <= 1
